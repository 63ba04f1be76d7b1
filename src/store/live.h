/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory that is written while packets come in. What is put goes into a journal first
 * (store/rowlog.h) and counts as kept once that is durable; commits follow when they can:
 *
 *     put ─▶ journal ──── store_live_sync: kept, whatever happens
 *       └──▶ transaction ─ store_commit: to be read; the journal forgets it
 *
 * After a failed commit (a full disk) the rows wait in the journal; the next transaction
 * begins with them. After a kill or a power cut the next writer, whoever it is, commits
 * them before it does anything else. In the memory each row then is once.
 */
#ifndef DWELL_STORE_LIVE_H
#define DWELL_STORE_LIVE_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct store_live_counts {
	uint64_t put;  /* records */
	uint64_t lost; /* of these: neither the journal nor a commit could take them */
	uint64_t replayed; /* put again from the journal, by a transaction */
};

/*
 * Begin: without an open transaction, in a memory that is open for writing, until it is
 * closed. Sinks that store_sink gives from now on also take records while no transaction
 * is open. Negative with *e set: no room for the journal.
 */
int store_live(struct store *s, struct error *e);

/* Make what was put until now durable. Negative with *e set: not all of it is, which the
 * next commit makes good, or else *counts says what is lost. */
int store_live_sync(struct store *s, struct error *e);

/* What was counted; zeros before store_live. */
struct store_live_counts store_live_counted(const struct store *s);

#endif
