/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/dispatch/held.h"

#include <stdlib.h>
#include <string.h>

/* A block that waits would hide from the sanitizer who still uses it. */
#if defined(__SANITIZE_ADDRESS__)
#define SPARE_N 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SPARE_N 0
#endif
#endif
#ifndef SPARE_N
#define SPARE_N HELD_SPARE_N
#endif

struct held_block {
	struct held_block *next;
};

/* The place of the spare blocks for n bytes; HELD_SIZES and more: there are none. */
static size_t size_of(size_t n)
{
	return (n - 1) / HELD_STEP;
}

void *held_alloc(struct held *h, size_t n)
{
	if (n > h->limit - h->n) {
		h->refused++;
		return NULL;
	}
	size_t size = size_of(n);
	struct held_block *b = size < HELD_SIZES ? h->spare[size] : NULL;
	if (b != NULL) {
		h->spare[size] = b->next;
		h->spare_n[size]--;
		memset(b, 0, n);
	} else {
		b = calloc(1, size < HELD_SIZES ? (size + 1) * HELD_STEP : n);
	}
	if (b != NULL)
		h->n += n;
	return b;
}

void held_free(struct held *h, void *p, size_t n)
{
	if (p == NULL)
		return;
	size_t size = size_of(n);
	h->n -= n;
	if (size >= HELD_SIZES || h->spare_n[size] == SPARE_N) {
		free(p);
		return;
	}
	struct held_block *b = p;
	b->next = h->spare[size];
	h->spare[size] = b;
	h->spare_n[size]++;
}

void held_fini(struct held *h)
{
	for (size_t i = 0; i < HELD_SIZES; i++) {
		for (struct held_block *b = h->spare[i], *next; b != NULL; b = next) {
			next = b->next;
			free(b);
		}
		h->spare[i] = NULL;
		h->spare_n[i] = 0;
	}
}
