/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sorted run being read, each row with a code that says how its key differs from that
 * of the row before (offset-value coding: Conner 1977; Do and Graefe, "Robust and
 * efficient sorting with offset-value coding", 2023):
 *
 *     columns left (8) · bytes left of the column, from 4095 down (12) · what follows
 * (44)
 *
 * Of two rows that are coded against the same row before them, the one with the smaller
 * code is the smaller, and the code of the greater, less the bytes that their values
 * share, is also that against the smaller. Only rows of equal codes are compared.
 */
#ifndef DWELL_STORE_RUN_STREAM_H
#define DWELL_STORE_RUN_STREAM_H

#include "engine/engine.h"
#include "engine/runs.h"

#define RUN_CHUNK_ROWS_MAX 2048        /* of the engine's chunks */
#define RUN_CODE_EQUAL     UINT64_C(0) /* the key is that of the row before */
#define RUN_CODE_END       UINT64_MAX  /* there is no row */

/* The columns of a set, and which of them make its key. */
struct run_layout {
	const struct rollup_info *info;
	size_t key[ROLLUP_FIELDS_MAX];   /* columns of the key, in the order of the set */
	size_t width[ROLLUP_FIELDS_MAX]; /* bytes of a value of each column */
};

/* A chunk of rows; texts are in it. */
struct run_view {
	struct run_view *older; /* of a list of views that are still in use */
	duckdb_data_chunk chunk;
	size_t n;
	const void *data[ROLLUP_FIELDS_MAX];
	const uint64_t *validity[ROLLUP_FIELDS_MAX]; /* NULL: nothing is absent */
};

/* A row, by where its values lie. */
struct run_row {
	const struct run_view *view;
	size_t at;
};

struct run_stream {
	const struct run_layout *layout; /* borrowed */
	duckdb_connection conn;
	duckdb_prepared_statement statement;
	duckdb_result result;
	bool has_result;
	struct run_view *view; /* NULL: none yet, or no more; owned */
	size_t row;
	uint64_t code;                      /* of the row */
	uint64_t codes[RUN_CHUNK_ROWS_MAX]; /* of all rows of the view */
	struct run_view *spent;             /* earlier views, owned */
};

/* How the rows of a set lie. */
struct run_layout run_layout_of(enum run_set set);

static inline bool run_row_lacks(struct run_row r, size_t column)
{
	const uint64_t *v = r.view->validity[column];
	return v != NULL && (v[r.at / 64] >> r.at % 64 & 1) == 0;
}

/* Start to read what the statement sql gives, in order of the key, and go to its first
 * row. The layout is borrowed. Negative with *e set; run_stream_close is due in either
 * case. */
int run_stream_open(struct run_stream *s, const struct run_layout *layout,
    struct engine *engine, const char *sql, struct error *e);

/* Go to the next row; at the end the code is RUN_CODE_END. Negative with *e set. */
int run_stream_next(struct run_stream *s, struct error *e);

/* Free the views behind which the stream is. */
void run_stream_forget(struct run_stream *s);

void run_stream_close(struct run_stream *s);

/* The code of row y against row x; RUN_CODE_EQUAL when their keys are equal. Columns of
 * the key before the one numbered from are known to be equal. *order is negative when x
 * is the smaller. */
uint64_t run_code(const struct run_layout *l, struct run_row x, struct run_row y,
    size_t from, int *order);

/* The column of the key in which a row differs from the one it is coded against. */
static inline size_t run_code_column(const struct run_layout *l, uint64_t code)
{
	return l->info->key_count - (size_t)(code >> 56);
}

/* The code of a row against the smaller one of two, when both codes, which differ, are
 * against the same row. */
uint64_t run_code_behind(
    const struct run_layout *l, struct run_row r, uint64_t code, uint64_t smaller);

#endif
