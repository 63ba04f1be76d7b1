/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records on their way into the roll-ups. Each table here is bounded; one that is full is
 * written as runs of the same transaction and begins anew, so that a key may have several
 * rows, which whoever reads joins.
 */
#ifndef DWELL_STORE_ROLLUP_H
#define DWELL_STORE_ROLLUP_H

#include "store/hours.h"
#include "store/pairs.h"
#include "store/seen.h"

/* Which segments the roll-ups count: {"seq": N}, all up to N. */
#define ROLLUP_NOTE "journal/rolled"

struct rollup {
	struct run_writer *writer; /* borrowed */
	const char *root;          /* of the memory; borrowed */
	struct journal_plan *plan; /* of the transaction; borrowed */
	uint32_t *seq;             /* of its next files; borrowed */
	struct pairs pairs;
	struct seen seen;
	struct hours hours;
	bool levels; /* pairs were written to the levels by this transaction */
	char sensor[RUN_SENSOR_MAX + 1]; /* of the first record; "" before */
};

/* Nothing rolled up. seq grows with each run that is written before the end. */
void rollup_init(struct rollup *r, const char *root, struct run_writer *writer,
    struct journal_plan *plan, uint32_t *seq, const struct hash_key *key);

/* Add a record of any type; those that are in no roll-up are passed over. Negative with
 * *e set. */
int rollup_put(
    struct rollup *r, enum record_type type, const void *record, struct error *e);

/* Add a pair-day that a run of the tail had. */
int rollup_put_day(struct rollup *r, const struct pair_day *day, struct error *e);

/* Write all that is left: many pair-days to the levels, few to the tail. */
int rollup_finish(struct rollup *r, struct error *e);

/* Forget all and free the memory. */
void rollup_reset(struct rollup *r);

/* Read the note in the memory at root; 0 when there is none. Negative with *e set. */
int rollup_noted(const char *root, uint32_t *seq, struct error *e);

/* Make the note of seq part of a transaction. */
int rollup_note(
    const char *root, struct journal_plan *plan, uint32_t seq, struct error *e);

#endif
