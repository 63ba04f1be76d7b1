/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_join.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS ((size_t)2 * LOG_JOIN_MAX)

void log_join_init(struct log_join *j)
{
	*j = (struct log_join){.key = hash_key_random()};
	arena_init(&j->young.arena, LOG_JOIN_BYTES);
	arena_init(&j->old.arena, LOG_JOIN_BYTES);
}

uint64_t log_join_key(const struct log_join *j, const void *p, size_t n)
{
	return hash_bytes(&j->key, p, n);
}

/* The slot of a key: of its item, or empty. */
static uint32_t *probe(const struct log_generation *g, uint64_t key)
{
	uint32_t i = (uint32_t)(key % SLOTS);
	while (g->slots[i] != 0 && g->items[g->slots[i] - 1].key != key)
		i = (i + 1) % SLOTS;
	return &g->slots[i];
}

static void *entry_of(const struct log_generation *g, uint64_t key)
{
	uint32_t slot = g->used > 0 ? *probe(g, key) : 0;
	return slot != 0 ? g->items[slot - 1].entry : NULL;
}

void *log_join_find(const struct log_join *j, uint64_t key)
{
	void *entry = entry_of(&j->young, key);
	return entry != NULL ? entry : entry_of(&j->old, key);
}

static void empty(struct log_join *j, struct log_generation *g)
{
	for (uint32_t i = 0; i < g->used && j->forget != NULL; i++)
		j->forget(j->ctx, g->items[i].entry);
	if (g->used > 0)
		memset(g->slots, 0, SLOTS * sizeof(*g->slots));
	j->dropped += g->used;
	g->used = 0;
	arena_reset(&g->arena);
}

static void grow_older(struct log_join *j)
{
	struct log_generation g = j->old;
	empty(j, &g);
	j->old = j->young;
	j->young = g;
}

static void *place(struct log_join *j, uint64_t key, size_t size)
{
	struct log_generation *g = &j->young;
	if (g->slots == NULL)
		g->slots = calloc(SLOTS, sizeof(*g->slots));
	if (g->items == NULL)
		g->items = malloc(LOG_JOIN_MAX * sizeof(*g->items));
	if (g->slots == NULL || g->items == NULL || g->used >= LOG_JOIN_MAX)
		return NULL;
	void *entry = arena_alloc(&g->arena, size);
	if (entry == NULL)
		return NULL;
	g->items[g->used] = (struct log_join_item){key, entry};
	g->used++;
	*probe(g, key) = g->used;
	return entry;
}

void *log_join_add(struct log_join *j, uint64_t key, size_t size)
{
	void *entry = log_join_find(j, key);
	if (entry == NULL)
		entry = place(j, key, size);
	if (entry == NULL) {
		grow_older(j);
		entry = place(j, key, size);
	}
	return entry;
}

struct str log_join_text(struct log_join *j, struct str s)
{
	return str_copy(&j->young.arena, s);
}

void log_join_fini(struct log_join *j)
{
	empty(j, &j->old);
	empty(j, &j->young);
	free(j->old.items);
	free(j->old.slots);
	free(j->young.items);
	free(j->young.slots);
	arena_fini(&j->old.arena);
	arena_fini(&j->young.arena);
}
