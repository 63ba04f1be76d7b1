/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory: a folder of immutable Parquet segments that anybody can read. One writer at
 * a time, any number of readers, no lock to wait for. DuckDB stays behind this header.
 *
 * A transaction stages segments aside; commit makes them durable,
 * then visible, all or nothing: after kill -9 at any moment the
 * memory is as before the transaction, or as after it.
 */
#ifndef DWELL_STORE_STORE_H
#define DWELL_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crew.h"
#include "base/error.h"
#include "base/moment.h"
#include "base/str.h"
#include "record/record.h"
#include "store/policy.h"

#define STORE_SECRET_BYTES 192

enum store_mode {
	STORE_READ,  /* must exist */
	STORE_WRITE, /* created when missing; refused while another writer lives */
};

struct store;

/* Make the folder of a memory where there is none yet; store_open makes what is in it.
 * Negative with *e set, also when something else is there. */
int store_make(const char *path, struct error *e);

/* Open the memory in folder path. NULL with *e set; unfinished transactions are finished
 * or undone first (STORE_WRITE only). */
struct store *store_open(const char *path, enum store_mode mode, struct error *e);

/* Open for writing, where the query engine may hold so many bytes (0: the default).
 * NULL with *e set. */
struct store *store_open_within(const char *path, size_t engine, struct error *e);

/* Open for reading, and for writing files into a folder outside (absolute, borrowed):
 * store/export.h. NULL with *e set. */
struct store *store_open_export(const char *path, const char *folder, struct error *e);

/* Open it for reading by one who asks for little and waits: the engine uses two threads,
 * which take more memory where many rows are grouped. */
struct store *store_open_ask(const char *path, struct error *e);

/* Let a crew (borrowed; NULL: none) write rows while others are put, and wait for them
 * together. What is written does not depend on it. Without an open transaction. */
void store_use(struct store *s, struct crew *crew);

/* That crew; NULL: none. */
struct crew *store_crew(const struct store *s);

/* Close the memory; a transaction that is open is dropped. NULL is fine. */
void store_close(struct store *s);

/* The secret under which this memory identifies inputs:
 * STORE_SECRET_BYTES bytes, borrowed. */
const uint8_t *store_secret(const struct store *s);

/* Home networks as last set (borrowed; n may be 0),
 * and setting them for this and later runs. */
const struct net *store_home(const struct store *s, size_t *n);
int store_set_home(struct store *s, const struct net *nets, size_t n, struct error *e);

/* How long detail is kept, as last set, and setting it for this and later runs. */
const struct policy *store_policy(const struct store *s);
int store_set_policy(struct store *s, const struct policy *policy, struct error *e);

/* Who hears of what decays. */
struct decay_sink {
	void (*removed)(void *ctx, const struct decay_record *row);
	void *ctx;
};

/*
 * Apply the policy to a memory that is open for writing, without a transaction; now is
 * the time of day. The sink (may be NULL) hears of each row of the table decay once it is
 * committed. *over becomes the number of bytes by which the disk's budget is still passed
 * when no detail is left that may go. Negative with *e set; what was committed before
 * stays.
 */
int store_retain(struct store *s, struct moment now, const struct decay_sink *sink,
    uint64_t *over, struct error *e);

/* What the memory holds of one table or roll-up. */
struct store_usage {
	const char *table; /* static */
	bool detail;       /* may decay */
	uint64_t files, bytes;
	double daily; /* bytes that a day adds: mean of the last STORE_USAGE_DAYS days, of
			 the whole record for what is kept in one piece */
};

#define STORE_USAGE_DAYS 30
#define STORE_USAGE_MAX  64 /* tables and roll-ups there may be */

/* The memory as a whole. */
struct store_size {
	struct store_usage tables[STORE_USAGE_MAX];
	size_t n;
	uint64_t bytes;      /* of the whole folder */
	uint64_t disk_free;  /* bytes that its file system has left for us */
	int64_t first, last; /* days since 1970-01-01 of which there are roll-ups; last <
				first: there are none */
};

/* Measure it. Negative with *e set. */
int store_measure(struct store *s, struct store_size *size, struct error *e);

/* An input that was read into this memory. */
struct store_input {
	uint64_t prefix[2], whole[2]; /* digests: see input/input.h */
	uint64_t bytes, frames;
	const char *name; /* borrowed */
};

/* Whether an input with this prefix digest,
 * or this whole digest, was committed before. */
bool store_knows_prefix(const struct store *s, const uint64_t prefix[static 2]);
bool store_knows_whole(const struct store *s, const uint64_t whole[static 2]);

/* Start a transaction. */
int store_begin(struct store *s, struct error *e);

/* Where the transaction's records go; valid until it ends. */
struct record_sink store_sink(struct store *s);

/* Say that this transaction holds all findings
 * and cases there are, even when it has none. */
void store_replace_findings(struct store *s);

/* Whether the sink has failed; the transaction can then only be aborted. */
bool store_failed(const struct store *s, struct error *e);

/* Note an input as read by this transaction. */
int store_add_input(struct store *s, const struct store_input *in, struct error *e);

/* Make all of it durable and visible, or (negative) leave everything as it was. Findings
 * and cases put in a transaction replace all earlier ones; the other tables grow. */
int store_commit(struct store *s, struct error *e);

/* Drop the transaction. */
void store_abort(struct store *s);

/*
 * Keep the memory quick: roll up what commits brought, once that is enough, and merge
 * runs of roll-ups, each in a transaction of its own. Due after commits; without an open
 * transaction. The step does one of these: 1: done, and more may be due; 0: nothing is
 * due. Negative with *e set, and the memory as before that step.
 */
int store_tidy(struct store *s, struct error *e);
int store_tidy_step(struct store *s, struct error *e);

/* Reading. All tables of record/tables.h are views of their name, empty ones included. */
struct store_rows;

enum store_type {
	STORE_BOOL,
	STORE_INT,   /* store_int */
	STORE_UINT,  /* store_uint */
	STORE_REAL,  /* store_real */
	STORE_TIME,  /* store_time */
	STORE_TEXT,  /* store_text */
	STORE_OTHER, /* lists and everything else: store_show */
};

/*
 * Run one SQL statement that reads. Rows stream: memory does not grow with their number.
 * NULL with *e set (ERR_USAGE when the SQL is wrong). Several may be open at once, and of
 * a memory that is open for writing, several threads may ask; this and store_sum alone.
 */
struct store_rows *store_query(struct store *s, const char *sql, struct error *e);

/* The same with text parameters for $1, $2, … */
struct store_rows *store_query_with(struct store *s, const char *sql,
    const struct str *params, size_t n, struct error *e);

/*
 * The same for a statement of our own that begins with SELECT or WITH and sums up: where
 * little is read its rows are held rather than streamed, which spares the engine planning
 * it twice, and no view is made for it. Texts in it that are not ours: none.
 */
struct store_rows *store_sum(struct store *s, const char *sql, struct error *e);

/* Step to the next row; false at the end or on failure (store_rows_failed tells). */
bool store_next(struct store_rows *r);
bool store_rows_failed(const struct store_rows *r, struct error *e);

/* How many columns the rows have. */
size_t store_columns(const struct store_rows *r);
const char *store_column_name(const struct store_rows *r, size_t column);
enum store_type store_column_type(const struct store_rows *r, size_t column);

/* Values of the current row. A NULL gives 0, NaN, MOMENT_NONE or an absent text. */
bool store_is_null(const struct store_rows *r, size_t column);
bool store_bool(const struct store_rows *r, size_t column);
int64_t store_int(
    const struct store_rows *r, size_t column); /* any whole type, saturating */
uint64_t store_uint(
    const struct store_rows *r, size_t column); /* any whole type, saturating */
double store_real(const struct store_rows *r, size_t column); /* any number */
struct moment store_time(const struct store_rows *r, size_t column);
struct str store_text(
    const struct store_rows *r, size_t column); /* valid until store_next */

/* Any value as text for people and CSV (times ISO 8601,
 * lists as JSON); absent for NULL. */
struct str store_show(const struct store_rows *r, size_t column, struct arena *a);

/* Any value as JSON (null, true, 12, "text", ["a"]). */
struct str store_json(const struct store_rows *r, size_t column, struct arena *a);

/* Free the result; NULL is fine. */
void store_rows_free(struct store_rows *r);

/* Free a result whose rows were read: 0, or negative with *e set when reading failed. */
int store_rows_end(struct store_rows *r, struct error *e);

#endif
