/* SPDX-License-Identifier: Apache-2.0 */
/* An open memory, as the files of this folder see it. Outside it is store/store.h. */
#ifndef DWELL_STORE_MEMORY_H
#define DWELL_STORE_MEMORY_H

#include <limits.h>
#include <pthread.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/sql.h"
#include "store/catalog.h"
#include "store/config.h"
#include "store/inputs.h"
#include "store/live.h"
#include "store/macros.h"
#include "store/rowlog.h"
#include "store/run_write.h"
#include "store/segment.h"
#include "store/store.h"
#include "store/transaction.h"
#include "store/views.h"

#define MEMORY_READERS "journal/readers" /* locked while rows are open */

struct store {
	enum store_mode mode;
	char path[PATH_MAX]; /* of the memory's folder; absolute */
	int lock;            /* the writer's; -1: none */
	struct config config;
	struct inputs inputs;
	struct catalog catalog;
	struct timespec looked; /* change time of journal/ when the catalogue was read */
	struct engine engine;
	struct macros *macros; /* functions of the engine */
	const char *also;      /* folder that an export is written to; NULL: none */
	bool asks;             /* see store_open_ask */
	char engine_limit[24]; /* see store_open_within; "": the default */
	bool viewed[VIEWS];    /* whose view is made */
	int readers_lock;      /* shared, while rows are open; -1: none */
	size_t rows_open;      /* of a reader */
	struct segment_writer writer;
	struct run_writer runs;
	int keys_set; /* up to which runs were looked at for their keys (keys_make.c) */
	size_t keys_at;
	struct path_list apart; /* segments too large to be merged, as far as is known */
	uint64_t merged_rows;   /* that went into merges; for measuring */
	struct transaction transaction;
	pthread_mutex_t asking; /* held while what a query reads is listed, and views
				   made: several threads may ask */
	struct rowlog rows;     /* what no commit holds yet, while live */
	bool live;              /* see store/live.h */
	uint64_t unlogged; /* records of the transaction that the journal did not take */
	struct store_live_counts live_counts;
};

/* Make the views that a query needs, of what is committed now. Negative with *e set, to a
 * text of the engine when *engine_said. */
int memory_views(struct store *s, const char *sql, bool *engine_said, struct error *e);

#define MEMORY_LITTLE (4U << 20) /* bytes of files of which any summary fits memory */

/* The same without views of tables: they are put as a WITH clause, up to its last
 * element, for a statement that reads each of them once and is then gone. Nothing is put
 * where there is none. *little: the files that it reads are little. */
int memory_with(
    struct store *s, const char *sql, struct sql *with, bool *little, struct error *e);

/* List the runs of a set, and what no run counts, as committed now, without looking at
 * the files. Negative with *e set. */
int memory_list_runs(struct store *s, enum run_set set, struct error *e);

/* Say that files are being read, so that none that is listed goes away, until as many
 * calls of memory_release. */
void memory_hold(struct store *s);
void memory_release(struct store *s);

/* A SEQ greater than any in the memory, which is open for writing. */
uint32_t memory_next_seq(const struct store *s);

/* Read the catalogue and the inputs anew, after a commit of a writer. */
int memory_reload(struct store *s, struct error *e);

/* Roll up some of what is not, when there is enough of it, or in any case (all). 1: did,
 * and there may be more; 0: there is not; negative with *e set. */
int memory_roll(struct store *s, bool all, struct error *e);

/* Merge some runs of one folder, when there are enough of a size. As memory_roll. */
int memory_merge(struct store *s, struct error *e);

/* Join small segments of one table, where there are enough of a size, or of quiet days
 * that are over; remove what others have taken the place of. As memory_roll. */
int memory_join(struct store *s, struct error *e);

/* Make the keys of some runs that have none that can be used. As memory_roll. */
int memory_keys(struct store *s, struct error *e);

/* A list of the current row, its elements borrowed from the row, in the arena; empty for
 * NULL and other types. False: no memory. */
bool memory_texts(
    const struct store_rows *r, size_t column, struct arena *a, struct str_list *out);
bool memory_ints(
    const struct store_rows *r, size_t column, struct arena *a, struct int_list *out);

/* live.c: the sink of a live memory; ctx is the store. */
void memory_put(void *ctx, enum record_type type, const void *record);

/* Put what waits in the journal of records into the transaction that has just begun.
 * Negative with *e set. */
int memory_replay(struct store *s, struct error *e);

/* Before a commit: what of the journal it holds. After it: it does, or it was dropped. */
void memory_number(struct store *s);
void memory_committed(struct store *s);
void memory_dropped(struct store *s);

/* A commit was finished late: what it holds is read. Negative with *e set. */
int memory_hold_again(struct store *s, struct error *e);

/* Note the number in the plan of a transaction. Negative with *e set. */
int memory_plan_held(
    struct journal_plan *plan, const char *root, uint64_t number, struct error *e);

/* Up to which number commits hold the journal; 0: none does. Negative with *e set. */
int memory_held(struct store *s, uint64_t *held, struct error *e);

/* On opening: commit what a live writer left behind. Negative with *e set. */
int memory_take_waiting(struct store *s, struct error *e);

/* On closing: the journal goes when nothing waits in it. */
void memory_end_live(struct store *s);

/* Run a statement of our own that reads the views which tables names. Values in it may be
 * any text; those of store_query would be taken for names of tables. As store_query. */
struct store_rows *memory_query(
    struct store *s, const char *tables, const char *sql, struct error *e);

#endif
