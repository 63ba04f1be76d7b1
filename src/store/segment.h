/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments: immutable Parquet files. DuckDB pulls the staged rows through a table
 * function (staged_conn(), …) that hands out columns straight from the stage, so no row
 * is copied into a DuckDB table first.
 */
#ifndef DWELL_STORE_SEGMENT_H
#define DWELL_STORE_SEGMENT_H

#include <stdbool.h>

#include "engine/engine.h"
#include "store/batch.h"

/* The rows of a batch that the table function of one record type gives next. */
struct segment_feed {
	enum record_type type;
	const struct batch *batch; /* NULL: nothing to give */
	size_t next, end;          /* in batch->rows */
	duckdb_prepared_statement copy;
};

struct segment_writer {
	struct engine *engine; /* borrowed */
	char *target;          /* where every COPY writes; owned */
	struct segment_feed feeds[RECORD_TYPES];
};

/* Make ready to write; every segment appears at target first.
 * The writer must not move. */
int segment_writer_init(
    struct segment_writer *w, struct engine *engine, const char *target, struct error *e);
void segment_writer_fini(struct segment_writer *w);

/* Write rows [from, end) of the batch, of a stage of that type, to the target. */
int segment_write(struct segment_writer *w, enum record_type type, const struct batch *b,
    size_t from, size_t end, struct error *e);

/* The SQL type of a kind of field. */
const char *segment_sql_type(enum field_kind kind);

/* The same as DuckDB numbers it; of a list its elements'. */
duckdb_type segment_duckdb_type(enum field_kind kind);

/* Whether the file begins and ends as Parquet does;
 * else false with *e set and the file named. */
bool segment_is_whole(const char *path, struct error *e);

#endif
