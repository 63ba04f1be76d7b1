/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that others have taken the place of: their rows are in those now. Each stays
 * until no reader is at work that may have it on its list:
 *
 *     journal/merged    names them, one a line, so that nobody else counts them
 *     journal/readers   each reader holds a shared lock on it while it has rows open
 */
#ifndef DWELL_STORE_REPLACED_H
#define DWELL_STORE_REPLACED_H

#include "store/memory.h"
#include "store/run_merge.h"

/* Note, as part of the transaction, that beside what is noted already these n lists of
 * files are not to be counted any more. Negative with *e set. */
int replaced_note(struct store *s, struct journal_plan *plan,
    const struct run_files *lists, size_t n, struct error *e);

/* Remove what is noted, in a transaction of its own, when nobody reads. Negative with *e
 * set. */
int replaced_sweep(struct store *s, struct error *e);

#endif
