/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which segments there are, found by looking: the folders are the
 * catalogue. Each table becomes a view over its segments that has
 * all columns even when there is none, or only older ones.
 */
#ifndef DWELL_STORE_CATALOG_H
#define DWELL_STORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"
#include "store/engine.h"

#define CATALOG_SEGMENTS_MAX 4000000 /* segments that one table may have */

struct catalog_table {
	char **paths; /* relative to the memory's folder, sorted; owned */
	size_t n, room;
};

struct catalog {
	struct catalog_table tables[RECORD_TYPES];
	uint32_t seq; /* the greatest in any segment's name; 0: none */
};

/* Whether the rows of a table are kept in folders by day. */
bool catalog_by_day(enum record_type type);

/* List the segments of the memory in folder;
 * negative with *e set, and an empty catalogue. */
int catalog_load(struct catalog *c, const char *folder, struct error *e);

/* Look at the ends of every segment; negative,
 * with the file named, when one is damaged. */
int catalog_check(const struct catalog *c, const char *folder, struct error *e);

/* Read all of every segment; negative, with the file named, when one is damaged. */
int catalog_check_deeply(
    const struct catalog *c, const char *folder, duckdb_connection conn, struct error *e);

/* Make each table whose name the SQL text holds a view of that name, unless made says it
 * is there. A text that may get at tables without naming them makes all. */
int catalog_views(const struct catalog *c, const char *folder, struct engine *engine,
    const char *sql, bool made[static RECORD_TYPES], struct error *e);

/* Drop the views that made says are there: the catalogue has changed. */
int catalog_drop_views(
    struct engine *engine, bool made[static RECORD_TYPES], struct error *e);

/* Free the list; it is empty then. */
void catalog_free(struct catalog *c);

#endif
