/* SPDX-License-Identifier: Apache-2.0 */
/* A C function as a scalar function of SQL: it gets a chunk of rows and fills a vector.
 */
#ifndef DWELL_ENGINE_SCALAR_H
#define DWELL_ENGINE_SCALAR_H

#include <duckdb.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define SCALAR_PARAMS_MAX 6

struct scalar {
	const char *name;
	duckdb_type params[SCALAR_PARAMS_MAX]; /* DUCKDB_TYPE_INVALID ends the list */
	duckdb_type result;
	duckdb_scalar_function_t run;
};

/* Make it known to all connections of the engine that conn belongs to. Functions of one
 * name that differ in their parameters are given together. extra is borrowed and must
 * outlive the engine. Negative with *e set. */
int scalar_register(duckdb_connection conn, const struct scalar *v, size_t n, void *extra,
    struct error *e);

/* A column of the rows that a function gets. */
struct scalar_column {
	const void *data;
	const uint64_t *validity; /* NULL: nothing is absent */
};

struct scalar_column scalar_column(duckdb_data_chunk rows, size_t column);

static inline bool scalar_is_null(const struct scalar_column *c, size_t row)
{
	return c->validity != NULL && (c->validity[row / 64] >> row % 64 & 1) == 0;
}

/* The text of a row; absent for NULL. Borrowed until the function returns. */
struct str scalar_text(const struct scalar_column *c, size_t row);

/* Set a row of the result to a text, NULL for an absent one; or to NULL. */
void scalar_put_text(duckdb_vector out, size_t row, struct str s);
void scalar_put_null(duckdb_vector out, size_t row);

#endif
