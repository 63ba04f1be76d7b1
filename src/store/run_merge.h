/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many sorted runs as one: DuckDB streams each in its order, a tree of losers gives the
 * least row, and rows of the same key are joined by the rules of the roll-up. Rows are
 * chosen first; then their values are moved a column at a time. Memory does not grow with
 * the runs' length.
 *
 *     run ─▶ chunk, codes ─┐
 *     run ─▶ chunk, codes ─┼─▶ tree ─▶ choice of rows ─▶ columns: a run_source
 *     run ─▶ chunk, codes ─┘
 */
#ifndef DWELL_STORE_RUN_MERGE_H
#define DWELL_STORE_RUN_MERGE_H

#include "engine/engine.h"
#include "store/run_write.h"

#define RUN_MERGE_MAX 8 /* runs merged at once; a power of two */

struct run_merge;

/* The parts of one run, in order, relative to the memory's folder. Borrowed. */
struct run_files {
	char *const *files;
	size_t count;
};

/* Start on n runs of a set of the memory at folder; what runs points to is borrowed for
 * the call. NULL with *e set. */
struct run_merge *run_merge_new(struct engine *engine, enum run_set set,
    const char *folder, const struct run_files *runs, size_t n, struct error *e);

/* The joined rows; valid until run_merge_free. */
struct run_source run_merge_source(struct run_merge *m);

/* Rows that went in so far. */
uint64_t run_merge_rows(const struct run_merge *m);

/* Whether a run could not be read. */
bool run_merge_failed(const struct run_merge *m, struct error *e);

/* Free it; NULL is fine. */
void run_merge_free(struct run_merge *m);

#endif
