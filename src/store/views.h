/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A view for each table and each roll-up, over what the catalogue lists. Each has all its
 * columns even when there are no files, or only older ones.
 *
 * A view of a roll-up gives one row a key. Rows of a folder with a single run are handed
 * on as they are; only where several runs, or segments that are not rolled up, may
 * share keys are they grouped.
 * The engine pushes what a query says of key columns through the grouping to the files.
 */
#ifndef DWELL_STORE_VIEWS_H
#define DWELL_STORE_VIEWS_H

#include "engine/engine.h"
#include "engine/sql.h"
#include "store/catalog.h"

/* View number i is that of list number i of the catalogue; after them come the roll-ups
 * once more, not grouped, for whoever joins the rows of a key himself: grouping takes
 * memory by the rows ("seen_parts"). */
#define VIEWS (CATALOG_LISTS + RUN_SETS)

/* The list of the catalogue that a view reads. */
static inline size_t views_list(size_t i)
{
	return i < CATALOG_LISTS ? i : i - CATALOG_LISTS + RECORD_TYPES;
}

/* Whether the text has the name as a whole word, or may get at tables without naming
 * them. */
bool views_named(const char *sql, const char *name);

/* Say which views the text needs. A text that may
 * get at tables without naming them needs all. */
void views_wanted(const char *sql, bool wanted[static VIEWS]);

/* Make a view; what it reads is listed and counted. Negative with *e set. */
int views_make(const struct catalog *c, size_t i, const char *folder,
    struct engine *engine, struct error *e);

/* Drop the views that made says are there: the catalogue has changed. */
int views_drop(struct engine *engine, bool made[static VIEWS], struct error *e);

/* Mark the types of records of which a list's view takes in what is not rolled up. */
void views_tail(size_t list, bool tail[static RECORD_TYPES]);

/* ---- parts of views, for this folder ---- */

/* Put a query for the rows of segments, with all columns of their type. */
int views_put_rows(struct sql *sql, enum record_type type, char *const *paths, size_t n,
    const char *folder, struct error *e);

/* Put a query for the rows of a set of runs, joined with what is not rolled up. */
int views_put_rollup(struct sql *sql, const struct catalog *c, enum run_set set,
    const char *folder, struct error *e);

/* The same, but a key may have several rows. */
int views_put_parts(struct sql *sql, const struct catalog *c, enum run_set set,
    const char *folder, struct error *e);

/* Mark the types of records that a roll-up counts. */
void views_tail_of(enum rollup_type type, bool tail[static RECORD_TYPES]);

/* Whether there is anything that is not rolled up. */
bool views_has_tail(const struct catalog *c, enum rollup_type type);

/* Put a query for what is not rolled up, in the shape of a roll-up, not grouped. */
int views_put_tail(struct sql *sql, const struct catalog *c, enum rollup_type type,
    const char *folder, struct error *e);

/* Put a query without rows that has the columns of a roll-up. */
void views_put_no_runs(struct sql *sql, const struct rollup_info *info);

/* Put a file of a list that read_parquet reads, and end the list; by_name: its files may
 * have different columns. */
int views_put_file(
    struct sql *sql, bool first, const char *folder, const char *path, struct error *e);
void views_end_files(struct sql *sql, bool by_name);

#endif
