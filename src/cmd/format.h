/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a query for people and programs:
 * table, CSV (RFC 4180), JSON (one object a line). */
#ifndef DWELL_CMD_FORMAT_H
#define DWELL_CMD_FORMAT_H

#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/store.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

/* Where rows come from, one after the other. Texts in the arena, or static. */
struct format_source {
	size_t columns;
	const char *(*name)(void *ctx, size_t column);
	bool (*number)(void *ctx, size_t column); /* shown flush right */
	bool (*next)(void *ctx);                  /* go to the next row; false: no more */
	/* A cell of the row as text (absent: NULL), and as a JSON value. */
	struct str (*show)(void *ctx, size_t column, struct arena *a);
	struct str (*json)(void *ctx, size_t column, struct arena *a);
	void *ctx;
};

/* Write all rows of a source to out. Negative with *e set when out can not be written or
 * a row is too long. */
int format_source(
    const struct format_source *s, enum format f, FILE *out, struct error *e);

/* Write all rows to out. Negative with *e set when
 * reading them fails or out can not be written. */
int format_rows(struct store_rows *r, enum format f, FILE *out, struct error *e);

#endif
