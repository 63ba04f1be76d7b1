/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define BLOCK_BYTES 8192 /* payload of an ordinary block; larger ones stand alone */

struct arena_block {
	struct arena_block *next;
	size_t size; /* payload bytes */
	alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){.limit = limit};
}

static struct arena_block *block_new(struct arena *a, size_t payload)
{
	size_t bytes, held;
	if (!size_add(sizeof(struct arena_block), payload, &bytes) ||
	    !size_add(a->held, bytes, &held) || held > a->limit)
		return NULL;
	struct arena_block *b = malloc(bytes);
	if (b == NULL)
		return NULL;
	b->size = payload;
	b->next = a->head;
	a->head = b;
	a->held = held;
	a->used = 0;
	return b;
}

/* n bytes of the arena as they are. */
static void *take(struct arena *a, size_t n)
{
	size_t rounded;
	if (!size_add(n, alignof(max_align_t) - 1, &rounded)) {
		a->refused++;
		return NULL;
	}
	rounded &= ~(alignof(max_align_t) - 1);
	if (a->head == NULL || rounded > a->head->size - a->used) {
		if (block_new(a, size_max(rounded, BLOCK_BYTES)) == NULL) {
			a->refused++;
			return NULL;
		}
	}
	void *p = a->head->data + a->used;
	a->used += rounded;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p = take(a, n);
	return p != NULL ? memset(p, 0, n) : NULL;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
	void *copy = take(a, n);
	if (copy != NULL && n > 0)
		memcpy(copy, p, n);
	return copy;
}

void arena_reset(struct arena *a)
{
	if (a->head == NULL)
		return;
	struct arena_block *b = a->head;
	while (b->next != NULL) {
		struct arena_block *next = b->next;
		a->held -= sizeof(*b) + b->size;
		free(b);
		b = next;
	}
	a->head = b;
	a->used = 0;
	a->refused = 0;
}

void arena_fini(struct arena *a)
{
	for (struct arena_block *b = a->head, *next; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){.limit = a->limit};
}
