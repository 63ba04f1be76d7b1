/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a run's file and the rows under them, in a file beside it, so that a
 * question opens only runs that hold what it asks for, and needs no engine to read them:
 * SENSOR-SEQ-PART.keys beside SENSOR-SEQ-PART.parquet. A key is what the rows are sorted
 * by first: of pairs src_ip or dst_ip, of seen the kind, a zero byte, and sort.
 *
 *     ┌──────┬──────┬──────┬───────┬──┬───────────┐   rows: key by key (keys_rows.h)
 *     │ head │ rows │ sums │ block │… │ directory │   sums: what these come to, where
 *     └──────┴──────┴──────┴───────┴──┴───────────┘   that is shorter (keys_sums.h)
 *     block: keys in order, each as the bytes it shares with the one before, the rest,
 * and the bytes of its rows and sums; directory: first and last key, and the first key,
 *     bytes, digest, rows and sums of each block
 *
 * Of days and months, of which few files are read, only the first and last key are kept.
 * The head has the size of the run and a digest of its end, where Parquet says what is in
 * it: keys that belong to another file are not believed. All of it is derived: a run
 * without keys is read itself, and store_tidy makes them anew.
 */
#ifndef DWELL_STORE_KEYS_H
#define DWELL_STORE_KEYS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"
#include "engine/runs.h"
#include "store/keys_rows.h"
#include "store/keys_sums.h"

#define KEYS_SUFFIX     ".keys"
#define KEYS_TEXT_MAX   2048  /* bytes of a key; where one is longer none is listed */
#define KEYS_BLOCK      16384 /* bytes from which on a block is full */
#define KEYS_BLOCKS_MAX (1U << 20)  /* of a file */
#define KEYS_DIR_MAX    (64U << 20) /* bytes of a directory */
#define KEYS_RUN_END    4096        /* bytes at the end of a run that the digest is of */
#define KEYS_GAP        32768       /* bytes that cost less to read than to leave out */
#define KEYS_FETCH      131072      /* bytes that the system fetches at a time */
#define KEYS_TAIL       32768       /* bytes at the end, in which most directories lie */
#define KEYS_WINDOW     (1U << 20)  /* bytes of rows that are read at once */
#define KEYS_SUM_GAP                                                                     \
	8192 /* bytes between sums that cost less to read than to leave out */

/* The path of the keys of a run's file, of any prefix. Negative with *e set. */
int keys_path(const char *run, char out[static PATH_MAX], struct error *e);

/* Whether all keys of a set are listed, not only the first and last. */
bool keys_are_listed(enum run_set set);

/* ---- writing ---- */

struct keys_writer;

enum keys_depth { KEYS_ENDS, KEYS_ALL, KEYS_ROWS };

/* Write keys to a new file at path: the first and last, all, or all with their rows. NULL
 * with *e set. */
struct keys_writer *keys_writer_new(
    const char *path, enum keys_depth depth, struct error *e);

/* Add the next key, in order; repeated ones are one. kind is NULL but for seen. */
void keys_put(struct keys_writer *w, const struct str *kind, struct str key);

/* Whether rows of seen are put: addresses of pairs are counted there, and nobody asks for
 * domains but by their names. */
bool keys_has_rows(struct str kind, struct str via);

/* Add the next row under the key that was put last. The text of its peer says what its
 * address is. One that has no form leaves the file without rows. */
void keys_put_row(struct keys_writer *w, const struct keys_row *row);

/* Finish the file, which belongs to the run at path; the writer is freed in any case.
 * Negative with *e set. */
int keys_finish(struct keys_writer *w, const char *run, struct error *e);

/* Drop the file and free the writer; NULL is fine. */
void keys_drop(struct keys_writer *w);

/* ---- reading ---- */

struct keys_block {
	uint64_t offset;
	uint64_t rows_at; /* among the rows */
	uint64_t sums_at; /* among the sums */
	uint32_t bytes, digest;
	struct str first; /* borrowed from the directory */
};

struct keys {
	int fd;
	bool listed, with_rows;
	uint64_t rows;   /* bytes of them */
	uint64_t sums;   /* bytes of what they come to, behind them */
	uint64_t count;  /* of keys listed */
	char *directory; /* owned */
	struct str first, last;
	struct keys_block *blocks; /* owned */
	size_t block_count;
};

#define KEYS_NONE ((struct keys){.fd = -1})

/* Say that the keys of the run at path are opened soon: the disk may fetch what that
 * takes of several together. */
void keys_soon(const char *run);

/* Open the keys of the run at path. 1: they are there; 0: there are none (no such file);
 * negative with *e set: they are damaged or not of that run, or, where the run itself is
 * damaged, *run_bad. */
int keys_open(struct keys *k, const char *run, bool *run_bad, struct error *e);

/* Whether the run may have keys in [from, to); an absent to: to the end. */
bool keys_reach(const struct keys *k, struct str from, struct str to);

/* Where the rows of a key are, among the rows, and its sums, among the sums. */
struct keys_place {
	uint64_t at, bytes;
	uint64_t sum_at, sum_bytes; /* sum_bytes 0: there are none */
};

/* Visit the listed keys in [from, to) in order, until visit gives other than 0. That, or
 * negative with *e set where the file is damaged (visit sets it when it is negative); a
 * block that is not what was written is found before any of its keys is visited. */
struct keys_visit {
	int (*visit)(
	    void *ctx, struct str key, const struct keys_place *rows, struct error *e);
	void *ctx;
	struct str *broken; /* set to the first key of such a block; NULL is fine */
};
int keys_walk(const struct keys *k, struct str from, struct str to,
    const struct keys_visit *v, struct error *e);

/* The same of those of the sorted n texts that are listed behind prefix; blocks without
 * any are not read. */
int keys_join(const struct keys *k, struct str prefix, const struct str *texts, size_t n,
    const struct keys_visit *v, struct error *e);

/* Say that the rows at these places, in order, are read next: the disk may fetch them
 * together. */
void keys_rows_soon(const struct keys *k, const struct keys_place *places, size_t n);

/* The same of the sums of those that have any, and of the rows of the others. */
void keys_sums_soon(const struct keys *k, const struct keys_place *places, size_t n);

/* What reading rows needs; zeroed at first. */
struct keys_window {
	uint8_t *bytes; /* KEYS_WINDOW; owned */
	uint64_t at;    /* where they are from */
	size_t n;
	int fd; /* of the file that they are from, while it is open */
	struct keys_decoder decoder;
};

/* Make ready to read the rows at a place: all are seen to be whole. Negative with *e set:
 * they are damaged. */
int keys_rows_check(const struct keys *k, const struct keys_place *place,
    struct keys_window *w, struct error *e);

/* Visit these rows, until visit gives other than 0: that; negative with *e set. */
struct keys_row_visit {
	int (*visit)(void *ctx, const struct keys_row *row, struct error *e);
	void *ctx;
};
int keys_rows_walk(const struct keys *k, const struct keys_place *place,
    struct keys_window *w, const struct keys_row_visit *v, struct error *e);

/* Read the sums at the first of n places, in order, of which the others are read next.
 * False: there are none, or they are damaged. */
bool keys_sums_take(const struct keys *k, const struct keys_place *places, size_t n,
    struct keys_window *w, struct keys_sum *sum);

/* Free what it owns. */
void keys_window_free(struct keys_window *w);

/* Close it; KEYS_NONE is fine. */
void keys_close(struct keys *k);

#endif
