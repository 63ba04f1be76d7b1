/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows into a Parquet file, a column at a time. Only what tables of ours need is written:
 * flat columns and lists, all optional; dictionaries, differences and runs; pages packed
 * by zstd; least and greatest values; Bloom filters. Everything that reads Parquet reads
 * it (parquet-format 2.9).
 *
 *     "PAR1" | row group: column, column, … filters | … | what is where | length | "PAR1"
 */
#ifndef DWELL_PARQUET_PARQUET_H
#define DWELL_PARQUET_PARQUET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define PARQUET_COLUMNS_MAX 64    /* of a file */
#define PARQUET_PAGE_ROWS   20480 /* of a page, which readers hold in memory whole */
#define PARQUET_AT_ONCE     64    /* values that are put at a time: bits of a mask */
#define PARQUET_COPIES                                                                   \
	(4 << 20) /* bytes of copied texts after which a row group ends                  \
		   */

enum parquet_kind {
	PARQUET_TIME,    /* microseconds since 1970, UTC */
	PARQUET_DECIMAL, /* DECIMAL(18,6): millionths */
	PARQUET_REAL,    /* the bits of a double */
	PARQUET_INT32,
	PARQUET_INT64,
	PARQUET_FLAG,
	PARQUET_TEXT, /* UTF-8 */
};

struct parquet_field {
	const char *name; /* borrowed for as long as the writer lives */
	enum parquet_kind kind;
	bool list; /* of such values, of which none is absent; the list never is */
};

struct parquet_writer;

/*
 * A writer for one file after another, which keeps its buffers; row groups have up to
 * group_rows rows. With copies it copies the texts that it has to keep, else they are
 * borrowed until the file is finished. NULL without memory.
 */
struct parquet_writer *parquet_new(size_t group_rows, bool copies);
void parquet_free(struct parquet_writer *w);

/* Begin the file at path, which is replaced, with n columns (borrowed until it is
 * finished). Negative with *e set. */
int parquet_begin(struct parquet_writer *w, const char *path,
    const struct parquet_field *fields, size_t n, struct error *e);

/*
 * Put the next values of a column, at most PARQUET_AT_ONCE; bit i of absent: value i is
 * NULL. Failures show in parquet_rows.
 */
void parquet_ints(
    struct parquet_writer *w, size_t column, const int64_t *v, uint64_t absent, size_t n);
void parquet_texts(struct parquet_writer *w, size_t column, const struct str *v,
    uint64_t absent, size_t n);

/* The next row of a list has n values: put them next. */
void parquet_list(struct parquet_writer *w, size_t column, size_t n);

/* All columns have n more rows, n <= PARQUET_AT_ONCE. Negative with *e set: the file is
 * of no use. */
int parquet_rows(struct parquet_writer *w, size_t n, struct error *e);

#define PARQUET_FOLLOWERS_MAX 2
#define PARQUET_OWN           SIZE_MAX /* a column that follows none */

/*
 * Let the file that follower has begun have the same rows as leader's, which was begun
 * before: its column i is leader's column of[i], whose bytes are written to both, or
 * PARQUET_OWN. The values of those of its own are put before parquet_rows is called of
 * leader, which makes row groups of both; leader is finished first.
 */
void parquet_follow(
    struct parquet_writer *follower, struct parquet_writer *leader, const size_t *of);

/* Finish the file, and close it; no fsync. Negative with *e set: it is of no use. */
int parquet_end(struct parquet_writer *w, struct error *e);

/* Forget the file that was begun. */
void parquet_drop(struct parquet_writer *w);

#endif
