/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which segments and runs there are, found by looking: the folders are the catalogue.
 * A table is looked for when it is first needed, since a memory of years has thousands of
 * folders and most questions name few tables.
 */
#ifndef DWELL_STORE_CATALOG_H
#define DWELL_STORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/engine.h"
#include "engine/runs.h"
#include "record/record.h"
#include "store/unrolled.h"

#define CATALOG_SEGMENTS_MAX 4000000 /* segments that one table may have */

/* The list of what merges have replaced, relative to the memory, and its limit. */
#define CATALOG_MERGED     "journal/merged"
#define CATALOG_MERGED_MAX (64U << 20)

/* Tables of records, then sets of runs: list number RECORD_TYPES + set. */
#define CATALOG_LISTS (RECORD_TYPES + RUN_SETS)

struct catalog_table {
	char **paths; /* relative to the memory's folder, sorted; owned */
	size_t n, room;
	bool listed, checked; /* checked: the ends of its files were looked at */
};

struct catalog {
	struct catalog_table tables[CATALOG_LISTS];
	struct catalog_table
	    merged;                 /* files that a merge has replaced: not for reading */
	struct unrolled unrolled;   /* segments that no run counts */
	bool counted[RECORD_TYPES]; /* whose unrolled ones are known */
	uint32_t seq;               /* the greatest in any name listed; 0: none */
};

/* Whether the rows of a table are kept in folders by day. */
bool catalog_by_day(enum record_type type);

/* The runs of a set, once listed. */
static inline const struct catalog_table *catalog_runs(
    const struct catalog *c, enum run_set set)
{
	return &c->tables[RECORD_TYPES + (size_t)set];
}

/* List list number i of the memory in folder, unless it is listed. Negative with *e set.
 */
int catalog_list(struct catalog *c, size_t i, const char *folder, struct error *e);

/* Find the segments of a type that no run counts, from the note; where there is none they
 * are all, and a table that is listed shows those newer than the note. Negative with *e
 * set. */
int catalog_count_unrolled(
    struct catalog *c, enum record_type type, const char *folder, struct error *e);

/* Look at the ends of these; negative, with the file named, when one is damaged. */
int catalog_check_unrolled(
    const struct catalog *c, enum record_type type, const char *folder, struct error *e);

/* List everything; negative with *e set, and an empty catalogue. */
int catalog_load(struct catalog *c, const char *folder, struct error *e);

/* Look at the ends of every file of list i; negative,
 * with the file named, when one is damaged. */
int catalog_check(const struct catalog *c, size_t i, const char *folder, struct error *e);

/* Read all of every file listed; negative, with the file named, when one is damaged. */
int catalog_check_deeply(
    const struct catalog *c, const char *folder, duckdb_connection conn, struct error *e);

/* Free the lists; the catalogue is empty then. */
void catalog_free(struct catalog *c);

#endif
