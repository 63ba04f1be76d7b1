/* SPDX-License-Identifier: Apache-2.0 */
/* Values of DuckDB's vectors as numbers, text and JSON. */
#ifndef DWELL_STORE_VALUE_H
#define DWELL_STORE_VALUE_H

#include <duckdb.h>
#include <stdbool.h>
#include <stdio.h>

#include "store/store.h"

#define VALUE_DEPTH_MAX 16 /* lists in lists that are shown */

/* A column of a chunk; vector, data and validity change with each chunk. */
struct value_column {
	duckdb_logical_type logical; /* owned by whoever made it */
	duckdb_type type;
	duckdb_vector vector;
	void *data;
	uint64_t *validity; /* NULL: nothing is absent */
};

/* A column of that type (taken over), without a chunk. */
struct value_column value_column_of(duckdb_logical_type logical);

/* Point the column at a vector. */
void value_column_set(struct value_column *c, duckdb_vector vector);

/* How a type is read, and whether it can be shown at all. */
enum store_type value_store_type(duckdb_type type);
bool value_is_shown(duckdb_type type);

/* Whether the value of a row is NULL. */
static inline bool value_is_null(const struct value_column *c, size_t row)
{
	return c->validity != NULL && (c->validity[row / 64] >> row % 64 & 1) == 0;
}

/* Any whole number, saturating; 0 for other types. */
int64_t value_int(const struct value_column *c, size_t row);
uint64_t value_uint(const struct value_column *c, size_t row);

/* Any number; NaN for other types. */
double value_real(const struct value_column *c, size_t row);

/* Any point in time, saturating; MOMENT_NONE for other types. */
struct moment value_time(const struct value_column *c, size_t row);

/* Write any value, not NULL, as text for people. */
void value_show(FILE *out, const struct value_column *c, size_t row);

/* Write any value as JSON. */
void value_json(FILE *out, const struct value_column *c, size_t row, int depth);

#endif
