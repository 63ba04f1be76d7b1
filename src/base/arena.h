/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A region that is freed as a whole: one for each lifetime (a packet, a
 * flow, a query). Memory from it is never freed alone. It has a limit;
 * when that is reached arena_alloc gives NULL and the caller treats its
 * input as over the limit, which is an outcome, not an error.
 */
#ifndef DWELL_BASE_ARENA_H
#define DWELL_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block, owned; NULL while empty */
	size_t used;              /* bytes handed out from head */
	size_t held;              /* bytes held from malloc, all blocks */
	size_t limit;             /* held never exceeds this */
	size_t refused;           /* allocations refused because of the limit */
};

/* Start an empty arena that never holds more than limit bytes. */
void arena_init(struct arena *a, size_t limit);

/* n zeroed bytes, aligned for any type,
 * valid until reset or fini; NULL over the limit. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy of the n bytes at p; NULL over the limit. */
void *arena_copy(struct arena *a, const void *p, size_t n);

/* Take back all memory at once, keeping one block for reuse. */
void arena_reset(struct arena *a);

/* Free everything; the arena may be initialised again. */
void arena_fini(struct arena *a);

#endif
