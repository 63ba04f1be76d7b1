/* SPDX-License-Identifier: Apache-2.0 */
/* What same.c finds and same_write.c carries out. */
#ifndef DWELL_STORE_SAME_MATCH_H
#define DWELL_STORE_SAME_MATCH_H

#include <limits.h>

#include "base/arena.h"
#include "base/keyed.h"
#include "engine/stage.h"
#include "store/memory.h"
#include "store/same.h"

#define SAME_KEYS_MAX 3
#define SAME_PACKETS  STR("packets")

/* Where a table has what rows are compared by. */
struct same_table {
	enum record_type type;
	bool spans; /* rows have a duration; one may be the same as several */
	size_t src_ip, src_port, dst_ip, dst_port, source_kind, sensor, source;
	size_t keys[SAME_KEYS_MAX]; /* texts that must be equal */
	size_t key_count;
	const char *key_names; /* as SQL, joined by ',' */
	const char *counted;   /* columns that roll-ups count, ' ' around each */
};

/* The table of a type; NULL: its rows are never settled. */
const struct same_table *same_table(enum record_type type);

/* A staged row. */
struct same_fresh {
	uint64_t hash;       /* of its endpoints, in whichever direction */
	int64_t first, last; /* microseconds since 1970 */
	uint32_t row;        /* in the stage */
	uint8_t rank;
	bool swapped;        /* src is the greater endpoint */
	bool claimed;        /* another row is the same already */
	bool dropped;        /* the memory's row stays */
	int64_t from, until; /* seen by better rows of the memory */
};

/* A segment that has rows of that time. */
struct same_place {
	char *path;  /* relative to the memory; owned */
	char *file;  /* where it is now, absolute; owned */
	size_t move; /* of the plan that brings it; SIZE_MAX: committed before */
	bool rolled; /* roll-ups count its rows as they are */
	bool found;  /* some are the same as staged ones */
	bool asked;  /* its end is to be read */
};

/* A row of a place that is the same as a staged one. */
struct same_match {
	int64_t row, first, last;
	uint32_t place, fresh; /* UINT32_MAX: taken back */
	uint8_t rank;
	bool swapped;
};

/* A row of the place in work, and its matches [from, end). */
struct same_patch {
	int64_t row;
	size_t from, end;
	bool gone; /* staged rows take its place */
};

struct same {
	struct store *store;
	const struct same_table *table;
	struct stage *stage;
	struct same_fresh *fresh; /* by hash, then by first */
	int64_t *firsts;          /* of all, in order */
	size_t n;
	int64_t from, until, longest;
	uint64_t who;       /* kind and sensor of all staged rows; 0: they differ */
	struct keyed facts; /* of segments */
	struct same_place *places;
	size_t place_count, place_room;
	struct same_match *matches;
	size_t match_count, match_room;
	struct same_patch *patches; /* of the place in work */
	size_t patch_count, patch_room;
	bool place_rolled; /* of the place in work */
	struct arena scratch;
	struct hash_key key;
	unsigned files; /* written: a number for names */
	struct same_counts counts;
};

/* Make the functions known by which segments are written anew. Negative with *e set. */
int same_register(struct same *m, struct error *e);

/* The kind whose numbers a row has: the first of its kinds. */
struct str same_first_kind(struct str kinds);

/* A number for a kind, as same_first_kind gives it, and a sensor; never 0. */
uint64_t same_who(const struct same *m, struct str kind, struct str sensor);

/* No facts known. */
void same_facts_init(struct same *m);

/* Leave out the places of which no row can be the same. Negative with *e set. */
int same_facts(struct same *m, struct error *e);

/* Begin the text of a table's rows of the n places from a place on, with columns
 * filename and file_row_number; those that no segment has are NULL. */
int same_put_rows(struct sql *sql, const struct same *m, size_t place, size_t n);

/* Carry out what the matches say of one place. Negative with *e set. */
int same_write(
    struct same *m, struct transaction *t, struct same_place *p, struct error *e);

/* Whether [from, until], seen by better rows, is all of [first, last]. */
static inline bool same_covers(int64_t from, int64_t until, int64_t first, int64_t last)
{
	return from <= first + SAME_SLACK_US && until >= last - SAME_SLACK_US;
}

/* A text of a staged row. */
struct str same_staged(const struct same *m, uint32_t row, size_t offset);

#endif
