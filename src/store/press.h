/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Staged rows of a table become segments in the folder of their transaction: put in
 * order, parted by span, written. With a crew that is done aside while more rows are
 * staged, several tables at a time; what comes of it does not depend on that:
 *
 *     sort          each table by itself
 *     share out     in the order in which tables were put: numbers of files, where they
 *                   go, whether there are too many
 *     write         each table by itself
 */
#ifndef DWELL_STORE_PRESS_H
#define DWELL_STORE_PRESS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/crew.h"
#include "base/hash.h"
#include "engine/stage.h"
#include "store/batch.h"
#include "store/journal.h"
#include "store/segment.h"

#define PRESS_SEGMENTS_MAX 32768 /* by day; further days share a folder */
#define PRESS_WAITING_MAX  1 /* tables that wait or are in work, beyond one a worker */

/* The folder of rows that have no day of their own. */
#define PRESS_NO_DAY "day=NULL"

struct press {
	const char *root;              /* the memory's folder; borrowed */
	struct journal_plan *plan;     /* of the transaction; borrowed */
	struct segment_writer *writer; /* of worker 0; borrowed */
	struct crew *crew;             /* NULL: none; borrowed */
	struct hash_key key;
	struct segment_writer others[CREW_MAX]; /* of the others; from 1 on */
	pthread_mutex_t lock;                   /* of what follows, and of the plan */
	pthread_cond_t next;                    /* turn has grown */
	uint64_t put, turn;                     /* tables so far: put, shared out */
	bool failed;
	struct error error; /* the first failure, in the order of tables */
	uint64_t failure;   /* its table */
};

/* What is put with a table. */
struct press_order {
	enum record_type type;
	enum batch_span coarsest; /* that its segments may have */
	uint32_t seq;
};

/* Make ready; all is borrowed for as long as it lives. */
void press_init(struct press *p, const char *root, struct journal_plan *plan,
    struct segment_writer *writer);

/* Take that crew from here on; NULL: none. No table is in work. */
void press_use(struct press *p, struct crew *crew);

/* Take all rows out of the stage, to be written as segments of the plan. Negative with *e
 * set, here or at a later call: the plan is of no use. */
int press_put(
    struct press *p, const struct press_order *order, struct stage *s, struct error *e);

/* Wait until all that was put is written. As press_put. */
int press_wait(struct press *p, struct error *e);

/* The same, and forget how it went. */
void press_end(struct press *p);

/* Free what it owns; nothing is in work. */
void press_fini(struct press *p);

#endif
