/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes Parquet files of flat columns: what the roll-ups are, in less than half the time
 * that the engine's COPY takes, which matters where every connection makes eight rows.
 *
 *     rows ─▶ a row group in columns ─▶ pages (coded, zstd) ─▶ file ─▶ its end: where all
 * lies
 *
 * Every column may be absent; files are as readable as those of the engine, with least
 * and greatest of each column of a row group. The same rows give the same bytes.
 */
#ifndef DWELL_ENGINE_PARQUET_H
#define DWELL_ENGINE_PARQUET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PARQUET_COLUMNS_MAX 32        /* of a file */
#define PARQUET_GROUP_ROWS  61440     /* of a row group */
#define PARQUET_PAGE_ROWS   20480     /* of a page, which readers hold in memory whole */
#define PARQUET_GROUP_BYTES (4 << 20) /* of distinct texts of a column, or it ends */
#define PARQUET_CODED_MIN   3         /* times a text occurs on average to be coded */
#define PARQUET_TEXT_MAX    256       /* bytes of a least or greatest that is noted */

enum parquet_kind {
	PARQUET_TEXT, /* of UTF-8; in memory duckdb_string_t */
	PARQUET_INT,  /* int32_t */
	PARQUET_LONG, /* int64_t */
	PARQUET_TIME, /* int64_t: microseconds since 1970-01-01 without a zone, as
			 TIMESTAMP */
};

struct parquet_field {
	const char *name;
	enum parquet_kind kind;
};

/* Values of a column; borrowed. */
struct parquet_values {
	const void *data;
	const uint64_t *validity; /* a bit a row, 1: present; NULL: all are */
};

struct parquet;

/* A writer, for one file at a time. NULL without memory. */
struct parquet *parquet_new(void);

/* Start a file with n columns; the fields are borrowed until its end. Negative with *e
 * set. */
int parquet_start(struct parquet *p, const char *path, const struct parquet_field *fields,
    size_t n, struct error *e);

/* Put n rows, at most PARQUET_PAGE_ROWS: values[i] is of column i. Negative with *e set.
 */
int parquet_put(
    struct parquet *p, const struct parquet_values *values, size_t n, struct error *e);

/* Write the rest and the end, and close the file, which nothing has synced. Negative with
 * *e set. */
int parquet_end(struct parquet *p, struct error *e);

/* Close a file that is of no use any more. */
void parquet_abandon(struct parquet *p);

/* Free the writer; NULL is fine. */
void parquet_free(struct parquet *p);

#endif
