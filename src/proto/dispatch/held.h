/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of all flows' analyses and parser states, under one limit. Flows come and go
 * by the thousand with states of few sizes, so some blocks of each size wait for the next
 * flow: it finds them in the cache, and the heap is not asked.
 */
#ifndef DWELL_PROTO_HELD_H
#define DWELL_PROTO_HELD_H

#include <stddef.h>
#include <stdint.h>

#define HELD_STEP    64 /* sizes that share their spare blocks differ by less */
#define HELD_SIZES   96 /* such sizes; larger blocks go back to the heap at once */
#define HELD_SPARE_N 32 /* blocks of a size that wait */

struct held_block;

struct held {
	size_t n;         /* bytes in use, of whatever kind; the owner may add its own */
	size_t limit;     /* of n */
	uint64_t refused; /* times that n was at the limit */
	struct held_block *spare[HELD_SIZES]; /* owned */
	unsigned spare_n[HELD_SIZES];
};

/* n > 0 zeroed bytes; NULL over the limit or without memory. */
void *held_alloc(struct held *h, size_t n);

/* Give back what held_alloc(h, n) gave; p may be NULL. */
void held_free(struct held *h, void *p, size_t n);

/* Free the blocks that wait. */
void held_fini(struct held *h);

#endif
