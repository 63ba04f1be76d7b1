/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments: immutable Parquet files. The columns of staged rows go straight into our own
 * writer (parquet/parquet.h), which takes a fifth of the time that the engine's takes.
 */
#ifndef DWELL_STORE_SEGMENT_H
#define DWELL_STORE_SEGMENT_H

#include <stdbool.h>

#include "engine/engine.h"
#include "parquet/parquet.h"
#include "store/batch.h"

struct segment_writer {
	struct parquet_writer *parquet; /* owned */
	char *target;                   /* where every segment appears first; owned */
};

/* Make ready to write; every segment appears at target first. Negative with *e set. */
int segment_writer_init(struct segment_writer *w, const char *target, struct error *e);
void segment_writer_fini(struct segment_writer *w);

/* Let segments appear there from now on. Negative with *e set. */
int segment_writer_aim(struct segment_writer *w, const char *target, struct error *e);

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

/* Whether each of n segments of a type, relative to folder, has just the columns that the
 * type has now, in their order. False, too, when that can not be told. */
bool segments_are_current(
    enum record_type type, const char *folder, char *const *paths, size_t n);

#endif
