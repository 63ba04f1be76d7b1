/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing runs. Whoever has sorted rows fills columns a chunk at a time; they go into a
 * Parquet file of the transaction, which the journal moves to its folder.
 */
#ifndef DWELL_STORE_RUN_WRITE_H
#define DWELL_STORE_RUN_WRITE_H

#include <duckdb.h>
#include <stdbool.h>

#include "base/str.h"
#include "engine/runs.h"
#include "parquet/parquet.h"
#include "store/journal.h"
#include "store/suffix.h"

#define RUN_PART_ROWS  1000000          /* rows of a part; the run goes on in the next */
#define RUN_GROUP_ROWS 61440            /* rows of a row group */
#define RUN_PARTS_MAX  RUN_PART_REPEATS /* parts of a run */
#define RUN_SENSOR_MAX 32 /* characters of a sensor's name that a file name carries */

/* The columns of a chunk that is being filled. */
struct run_columns {
	size_t count;
	void *data[ROLLUP_FIELDS_MAX]; /* by kind: int64_t, int32_t, duckdb_string_t */
	uint64_t *validity[ROLLUP_FIELDS_MAX]; /* NULL until something is absent */
	uint64_t *room[ROLLUP_FIELDS_MAX];     /* for validity */
};

/* Mark row i of a column absent. */
void run_absent(struct run_columns *c, size_t column, size_t i);

/* Whether row i of a column is absent; and making it present again. */
static inline bool run_is_absent(const struct run_columns *c, size_t column, size_t i)
{
	return c->validity[column] != NULL &&
	       (c->validity[column][i / 64] >> i % 64 & 1) == 0;
}

static inline void run_present(struct run_columns *c, size_t column, size_t i)
{
	c->validity[column][i / 64] |= UINT64_C(1) << i % 64;
}

/* Put a string, or absent (see stage_text_absent), to row i of a column. */
static inline void run_string(
    struct run_columns *c, size_t column, size_t i, duckdb_string_t t)
{
	if (t.value.inlined.length == UINT32_MAX) {
		run_absent(c, column, i);
		t = (duckdb_string_t){0};
	}
	((duckdb_string_t *)c->data[column])[i] = t;
}

/* Put a whole number to row i of a column of times, counts or masks. */
static inline void run_int(struct run_columns *c, size_t column, size_t i, int64_t v)
{
	((int64_t *)c->data[column])[i] = v;
}

/* Whence rows come: fill at most room rows; 0 at the end, negative on failure. */
struct run_source {
	int (*fill)(void *ctx, struct run_columns *c, size_t room);
	void *ctx;
};

/* Columns that pair-days, -months and -years do not share, in a chunk of all three
 * (run_write_levels); else its columns are those of pair-years. */
enum {
	RUN_LEVELS_HOURS = COLUMN_pair_year_dec + 1,
	RUN_LEVELS_DAYS,
	RUN_LEVELS_DAY,   /* its start */
	RUN_LEVELS_MONTH, /* its start */
	RUN_LEVELS_COLUMNS
};

enum { RUN_LEVELS = 3 }; /* pair-days, pair-months, pair-years */

struct run_writer {
	struct parquet_writer *file; /* owned; NULL before the first run */
	struct parquet_writer *followers[RUN_LEVELS - 1]; /* owned; NULL before they are
							     needed */
	struct suffix_memo suffixes;                      /* of names that were written */
	char *target;             /* where every file is written first; owned */
	struct run_columns chunk; /* its arrays are owned */
};

/* Make ready to write. Negative with *e set; run_writer_fini is due in
 * either case. */
int run_writer_init(struct run_writer *w, const char *target, struct error *e);
void run_writer_fini(struct run_writer *w);

/* Where a run goes. */
struct run_place {
	const char *root;          /* of the memory */
	struct journal_plan *plan; /* of the transaction */
	const char *folder;        /* of the run, relative to the memory */
	const char *sensor;        /* for the names of files */
	uint32_t seq;
	bool repeats; /* rows of equal keys may follow each other */
};

/* Write all that the source has as the parts of one run; none when it has nothing.
 * Negative with *e set; a source that failed has set its own error. */
int run_write(struct run_writer *w, enum rollup_type type, const struct run_source *from,
    const struct run_place *place, struct error *e);

/* Write all that the source has, at most RUN_PART_ROWS, as a run of pair-days, one of
 * pair-months and one of pair-years, which have these rows alike: what columns of theirs
 * are the same is put together once. Negative with *e set, as above. */
int run_write_levels(struct run_writer *w, const struct run_source *from,
    const struct run_place places[static RUN_LEVELS], struct error *e);

/* A sensor's name as file names carry it: letters that every system takes. */
void run_sensor(struct str sensor, char out[static RUN_SENSOR_MAX + 1]);

#endif
