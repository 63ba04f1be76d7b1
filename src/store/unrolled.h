/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments that no roll-up counts yet. A commit only notes its segments here, which costs
 * nothing; once there are enough, store_tidy reads them back and rolls them up (roll.h).
 * Until then the views of the roll-ups take these segments' rows in as they are.
 *
 *     journal/rolled    {"seq": N, "tables": ["conn", ...],
 *                        "unrolled": ["conn/day=.../SENSOR-SEQ.parquet", ...]}
 *
 * N is the greatest SEQ of any segment of these tables that the note knows of; of other
 * tables nothing is rolled up yet. A note without tables knows those of format 1; a
 * memory of an older dwell has no note: nothing of it is rolled up.
 */
#ifndef DWELL_STORE_UNROLLED_H
#define DWELL_STORE_UNROLLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"
#include "store/journal.h"

#define UNROLLED_NOTE "journal/rolled"

/* Paths relative to the memory. */
struct path_list {
	char **paths; /* owned */
	size_t n, room;
};

struct unrolled {
	struct path_list of[RECORD_TYPES];
	uint32_t seq; /* 0: there is no note */
	bool knows[RECORD_TYPES];
	bool loaded;
};

/* Append a copy of a path. Negative with *e set. */
int path_list_add(struct path_list *l, const char *path, struct error *e);

/* Free the paths; the list is empty then. */
void path_list_free(struct path_list *l);

/* Whether the roll-ups count rows of that type. */
bool unrolled_counts(enum record_type type);

/* Read the note of the memory at root. Negative with *e set. */
int unrolled_load(struct unrolled *u, const char *root, struct error *e);

/* Make a note, without what the plan removes and with what it moves to tables that count,
 * part of the transaction. A file that replaces one counts as that did. */
int unrolled_note(const struct unrolled *u, const char *root, struct journal_plan *plan,
    uint32_t seq, struct error *e);

/* Free what it owns. */
void unrolled_free(struct unrolled *u);

#endif
