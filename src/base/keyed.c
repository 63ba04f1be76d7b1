/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keyed.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024

void keyed_init(
    struct keyed *k, size_t row_bytes, size_t key_bytes, const struct hash_key *key)
{
	*k = (struct keyed){.row_bytes = row_bytes, .key_bytes = key_bytes, .key = *key};
}

/* The slot of the key: that of its row, or the free one where it belongs. */
static uint64_t *slot_of(const struct keyed *k, const void *key, uint64_t hash)
{
	size_t at = hash >> 32 & k->mask;
	for (; k->slots[at] != 0; at = (at + 1) & k->mask) {
		uint32_t row = (uint32_t)k->slots[at] - 1;
		if (k->slots[at] >> 32 == hash >> 32 &&
		    memcmp(keyed_row(k, row), key, k->key_bytes) == 0)
			break;
	}
	return &k->slots[at];
}

/* Twice the rows, and slots for twice as many again. */
static int grow(struct keyed *k)
{
	uint32_t room = k->room == 0 ? ROOM_FIRST : k->room * 2;
	size_t mask = (size_t)room * 2 - 1;
	unsigned char *rows = realloc(k->rows, room * k->row_bytes);
	if (rows == NULL)
		return -1;
	k->rows = rows;
	uint64_t *slots = calloc(mask + 1, sizeof(*slots));
	if (slots == NULL)
		return -1;
	for (size_t i = 0; k->slots != NULL && i <= k->mask; i++) {
		size_t at = k->slots[i] >> 32 & mask;
		while (k->slots[i] != 0 && slots[at] != 0)
			at = (at + 1) & mask;
		if (k->slots[i] != 0)
			slots[at] = k->slots[i];
	}
	free(k->slots);
	k->slots = slots;
	k->room = room;
	k->mask = mask;
	return 0;
}

void *keyed_put(struct keyed *k, const void *key, bool *made)
{
	*made = false;
	if (k->n == k->room && grow(k) < 0)
		return NULL;
	uint64_t hash = hash_bytes(&k->key, key, k->key_bytes);
	uint64_t *slot = slot_of(k, key, hash);
	if (*slot != 0)
		return keyed_row(k, (uint32_t)*slot - 1);
	unsigned char *row = keyed_row(k, k->n);
	memcpy(row, key, k->key_bytes);
	memset(row + k->key_bytes, 0, k->row_bytes - k->key_bytes);
	*slot = hash >> 32 << 32 | ++k->n;
	*made = true;
	return row;
}

/* Nothing was put behind the newest row in its chain, so its slot can just be freed. */
void keyed_undo(struct keyed *k)
{
	const unsigned char *row = keyed_row(k, k->n - 1);
	*slot_of(k, row, hash_bytes(&k->key, row, k->key_bytes)) = 0;
	k->n--;
}

void *keyed_find(const struct keyed *k, const void *key)
{
	if (k->n == 0)
		return NULL;
	uint64_t slot = *slot_of(k, key, hash_bytes(&k->key, key, k->key_bytes));
	return slot != 0 ? keyed_row(k, (uint32_t)slot - 1) : NULL;
}

void keyed_empty(struct keyed *k)
{
	if (k->n > 0)
		memset(k->slots, 0, (k->mask + 1) * sizeof(*k->slots));
	k->n = 0;
}

void keyed_reset(struct keyed *k)
{
	free(k->rows);
	free(k->slots);
	keyed_init(k, k->row_bytes, k->key_bytes, &k->key);
}
