/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_join.h"

#include <stdlib.h>

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

static struct log_join_slot *probe(const struct log_generation *g, uint64_t key)
{
	uint32_t i = (uint32_t)(key % SLOTS);
	while (g->slots[i].entry != NULL && g->slots[i].key != key)
		i = (i + 1) % SLOTS;
	return &g->slots[i];
}

void *log_join_find(const struct log_join *j, uint64_t key)
{
	void *entry = j->young.used > 0 ? probe(&j->young, key)->entry : NULL;
	if (entry == NULL && j->old.used > 0)
		entry = probe(&j->old, key)->entry;
	return entry;
}

static void empty(struct log_join *j, struct log_generation *g)
{
	for (uint32_t i = 0; g->used > 0 && i < SLOTS; i++) {
		if (g->slots[i].entry == NULL)
			continue;
		if (j->forget != NULL)
			j->forget(j->ctx, g->slots[i].entry);
		g->slots[i].entry = NULL;
		g->used--;
		j->dropped++;
	}
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
	if (g->slots == NULL || g->used >= LOG_JOIN_MAX)
		return NULL;
	struct log_join_slot *slot = probe(g, key);
	slot->entry = arena_alloc(&g->arena, size);
	slot->key = key;
	g->used += slot->entry != NULL;
	return slot->entry;
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
	if (j->old.slots != NULL)
		empty(j, &j->old);
	if (j->young.slots != NULL)
		empty(j, &j->young);
	free(j->old.slots);
	free(j->young.slots);
	arena_fini(&j->old.arena);
	arena_fini(&j->young.arena);
}
