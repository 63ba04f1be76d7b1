/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A view for each table and each roll-up, over what the catalogue lists. Each has all its
 * columns even when there are no files, or only older ones.
 *
 * A view of a roll-up gives one row a key. Rows of a folder with a single run are handed
 * on as they are; only where several runs, or the tail, may share keys are they grouped.
 * The engine pushes what a query says of key columns through the grouping to the files.
 */
#ifndef DWELL_STORE_VIEWS_H
#define DWELL_STORE_VIEWS_H

#include "store/catalog.h"
#include "store/engine.h"

/* View number i is that of list number i of the catalogue. */
#define VIEWS CATALOG_LISTS

/* Whether the text has the name as a whole word, or may get at tables without naming them. */
bool views_named(const char *sql, const char *name);

/* Say which views the text needs. A text that may
 * get at tables without naming them needs all. */
void views_wanted(const char *sql, bool wanted[static VIEWS]);

/* Make a view; its lists (and the tail's, for pairs) are listed. Negative with *e set. */
int views_make(const struct catalog *c, size_t i, const char *folder,
    struct engine *engine, struct error *e);

/* Drop the views that made says are there: the catalogue has changed. */
int views_drop(struct engine *engine, bool made[static VIEWS], struct error *e);

/* Whether a view counts the tail in. */
bool views_need_tail(size_t i);

#endif
