/* SPDX-License-Identifier: Apache-2.0 */
/* Records on their way into the memory: staged,
 * written as segments aside, then committed. */
#ifndef DWELL_STORE_TRANSACTION_H
#define DWELL_STORE_TRANSACTION_H

#include <stdbool.h>

#include "engine/stage.h"
#include "record/record.h"
#include "store/catalog.h"
#include "store/inputs.h"
#include "store/journal.h"
#include "store/press.h"

#define TRANSACTION_STAGED_MAX (24U << 20) /* bytes held; then a table is written */

struct transaction {
	bool open;
	bool failed;
	struct error error;     /* when failed */
	const char *root;       /* the memory's folder; borrowed */
	struct press press;     /* takes the rows of tables that are full */
	uint32_t seq;           /* of the next segments */
	bool replaces_findings; /* a finding or case was put, or it was asked for */
	struct stage stages[RECORD_TYPES];
	size_t staged; /* bytes in all stages */
	size_t inputs_before;
	struct journal_plan plan;
	struct same *same; /* NULL: rows are taken as they come; borrowed */
	const char *kind;  /* of log, of the row put last (static); NULL: packets */
	bool any;          /* a row was put that may be the same as another */
	unsigned turns;    /* times that rows of another kind followed */
	size_t others;     /* moves of the plan before this are of other kinds */
	bool live;         /* see settle in transaction.c */
	uint64_t held; /* number in the journal of records that it holds; 0: none new */
};

void transaction_init(
    struct transaction *t, const char *root, struct segment_writer *writer);

/* Start; seq is greater than any in the memory. */
int transaction_begin(
    struct transaction *t, uint32_t seq, const struct inputs *inputs, struct error *e);

/* A record_sink's put; ctx is the transaction. */
void transaction_put(void *ctx, enum record_type type, const void *record);

/* Write what is staged and commit. On failure everything is as it was. Inputs are as they
 * are in the memory's list; the catalogue says which segments findings replace. */
int transaction_commit(struct transaction *t, const struct inputs *inputs,
    const struct catalog *catalog, struct error *e);

/* Drop it, when open. */
void transaction_abort(struct transaction *t);

/* Free what it owns. */
void transaction_fini(struct transaction *t);

#endif
