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

struct rollup {
	struct run_writer *writer; /* borrowed */
	const char *root;          /* of the memory; borrowed */
	struct journal_plan *plan; /* of the transaction; borrowed */
	uint32_t *seq;             /* of its next files; borrowed */
	struct pairs pairs;
	struct seen seen;
	struct hours hours;
	char sensor[RUN_SENSOR_MAX + 1]; /* of the first record; "" before */
};

/* Nothing rolled up. seq grows with each run that is written before the end. */
void rollup_init(struct rollup *r, const char *root, struct run_writer *writer,
    struct journal_plan *plan, uint32_t *seq, const struct hash_key *key);

/* Add a record of any type; those that are in no roll-up are passed over. Negative with
 * *e set. */
int rollup_put(
    struct rollup *r, enum record_type type, const void *record, struct error *e);

/* Write all that is left. Negative with *e set. */
int rollup_finish(struct rollup *r, struct error *e);

/* Forget all and free the memory. */
void rollup_reset(struct rollup *r);

#endif
