/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows in an order given by two words, sorted by their digits from the least to the
 * greatest (LSD radix sort: stable, linear, no comparison). Texts are sorted by their
 * first 16 bytes in this way, and compared only where these are equal.
 */
#ifndef DWELL_BASE_PLACES_H
#define DWELL_BASE_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct place {
	uint64_t a, b; /* the order: a, then b */
	uint32_t row;  /* whose place it is */
	int32_t part;
};

/* Sort n places by a, then b; room is for n more, and its contents do not matter. */
void places_sort(struct place *v, struct place *room, size_t n);

/* Sort by part, keeping the order within each. */
void places_sort_parts(struct place *v, struct place *room, size_t n);

/* Set ranks[i], from 1, to the place of text i among the n texts that get gives, in order
 * of bytes; equal texts do not occur. Negative without memory. */
int places_rank(struct str (*get)(const void *ctx, uint32_t i), const void *ctx,
    uint32_t n, uint32_t *ranks);

#endif
