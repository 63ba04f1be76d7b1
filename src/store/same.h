/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same connection seen by two sources is one row with both sources named
 * (doc/decisions/same.md has the rule). Rows are settled in pieces, just before they are
 * written: those staged against those that the memory has.
 *
 *     stage ─▶ index by endpoints and time ◀─ rows of segments of the same time
 *                      │
 *         the poorer of two goes: out of the stage, or
 *         out of its segment, which is written anew in the same transaction
 *
 * So all of it is part of the one commit: cut short, nothing has happened.
 */
#ifndef DWELL_STORE_SAME_H
#define DWELL_STORE_SAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "record/record.h"

#define SAME_SLACK_US      2000000 /* that clocks of two sources may differ */
#define SAME_REACH_DAYS    7       /* before its rows that segments are looked at */
#define SAME_TURNS_MAX     16 /* kinds of logs in turn that one transaction keeps apart */
#define SAME_STEPS_MAX     64 /* rows with the same endpoints compared with one row */
#define SAME_MATCHES_MAX   500000 /* pairs of rows held; further ones stay two rows */
#define SAME_FILES_AT_ONCE 256    /* segments that one question names */
#define SAME_SOURCES_MAX   8      /* sources that a row names */

struct store;
struct transaction;
struct same;

/* What it needs for a memory that is open for writing: functions of its engine. NULL with
 * *e set. It must outlive the engine. */
struct same *same_new(struct store *s, struct error *e);
void same_free(struct same *m);

/* Whether rows of a type are ever settled. */
bool same_settles(enum record_type type);

/* The kind of log that a record comes from, absent for packets; NULL where the type's
 * rows are never settled. */
const struct str *same_kind(enum record_type type, const void *record);

/* Whether there is nothing in the memory, or of another kind in the transaction, that
 * rows of a type could be the same as: same_settle changes nothing then. */
bool same_alone(const struct same *m, const struct transaction *t, enum record_type type);

/* How good the numbers of a kind are: 0 is best. */
unsigned same_rank(struct str kind);

/*
 * Settle the staged rows of a type, before they are put in order. Rows that the memory
 * has already leave the stage; segments whose rows get poorer company are written anew as
 * part of the transaction's plan. Negative with *e set.
 */
int same_settle(
    struct same *m, struct transaction *t, enum record_type type, struct error *e);

/* Rows so far: left out of what came, and taken out of the memory. */
struct same_counts {
	uint64_t dropped, replaced, over_limit;
};
const struct same_counts *same_counted(const struct same *m);

#endif
