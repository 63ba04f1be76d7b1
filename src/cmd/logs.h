/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The logs among the inputs of a scan, into the memory: group by group, as many groups in
 * a transaction as make some rows. Killed at any moment, the groups of the transactions
 * before are kept, and the same command run again reads the rest.
 */
#ifndef DWELL_CMD_LOGS_H
#define DWELL_CMD_LOGS_H

#include <stdbool.h>

#include "base/error.h"
#include "input/csv.h"
#include "input/input.h"
#include "store/store.h"

#define LOGS_ROWS_A_COMMIT 2000000 /* a transaction that has more ends with its group */

struct logs {
	struct store *store;     /* borrowed */
	struct input *input;     /* borrowed; planned */
	const char *sensor;      /* borrowed */
	bool (*stop)(void *ctx); /* asked now and then; true ends the reading */
	void *ctx;
	/* what it did */
	uint64_t files, entries, rows, connections, transactions;
	uint64_t known; /* streams whose bytes turned out to be known: nothing added */
};

/* The map that --csv-map gives: the text of one, or a file that holds it. NULL with *e
 * set. */
struct csv_map *logs_csv_map(const char *value, struct error *e);

/* Read all logs that are not skipped. Negative with *e set; what was committed stays. */
int logs_run(struct logs *l, struct error *e);

#endif
