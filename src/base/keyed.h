/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of one size in an array, found by the bytes they begin with: the key. Open
 * addressing by 32 bits of a keyed hash, which lie beside the row's number, so that a
 * look at a row that is not the one is rare and a table that grows hashes nothing again.
 */
#ifndef DWELL_BASE_KEYED_H
#define DWELL_BASE_KEYED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct keyed {
	unsigned char *rows; /* owned */
	uint64_t *slots;     /* hash << 32 | 1 + row; 0: free; owned */
	size_t mask;         /* of slots */
	size_t row_bytes, key_bytes;
	uint32_t n, room;
	struct hash_key key;
};

/* An empty table of rows of row_bytes that begin with a key of key_bytes. */
void keyed_init(
    struct keyed *k, size_t row_bytes, size_t key_bytes, const struct hash_key *key);

/* The row with that key; a new one, all zero behind the key, when there is none (then
 * *made). It stays where it is until the next call. NULL without memory. */
void *keyed_put(struct keyed *k, const void *key, bool *made);

/* Take back the row that was made last. */
void keyed_undo(struct keyed *k);

/* The row with that key; NULL when there is none. */
void *keyed_find(const struct keyed *k, const void *key);

/* Row number i. */
static inline void *keyed_row(const struct keyed *k, uint32_t i)
{
	return k->rows + (size_t)i * k->row_bytes;
}

/* Forget all rows, keeping the memory for the next ones. */
void keyed_empty(struct keyed *k);

/* Forget all rows and free their memory. */
void keyed_reset(struct keyed *k);

#endif
