/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The different values of a column, numbered as they come. Values come from outside, and
 * the hash has no key, as it must be quick: who made values collide would gain nothing,
 * since a value that is not found within DICTIONARY_STEPS_MAX ends the dictionary.
 */
#ifndef DWELL_PARQUET_DICTIONARY_H
#define DWELL_PARQUET_DICTIONARY_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

#define DICTIONARY_MAX       20480      /* values; then there is no dictionary */
#define DICTIONARY_STEPS_MAX 32         /* places that a value is looked for in */
#define DICTIONARY_NONE      UINT32_MAX /* no number: the dictionary has ended */

struct dictionary {
	uint64_t *slots; /* hash << 32 | 1 + number; 0: free; owned */
	size_t mask;     /* of slots; 0: there are none */
	uint32_t n;
	uint32_t room;
	union {
		struct str *texts; /* borrowed texts; owned array */
		int64_t *ints;     /* owned */
	};
};

/* n bytes as a number; n is known where this is inlined. */
static inline uint64_t dictionary_word(const char *p, size_t n)
{
	uint64_t v = 0;
	memcpy(&v, p, n);
	return v;
}

/* As str_equal, without a call where a text is short or the very same. */
static inline bool dictionary_same(struct str a, struct str b)
{
	size_t n = a.n;
	if (n != b.n || n > 16)
		return n == b.n && (a.p == b.p || memcmp(a.p, b.p, n) == 0);
	if (n >= 8)
		return ((dictionary_word(a.p, 8) ^ dictionary_word(b.p, 8)) |
			   (dictionary_word(a.p + n - 8, 8) ^
			       dictionary_word(b.p + n - 8, 8))) == 0;
	if (n >= 4)
		return ((dictionary_word(a.p, 4) ^ dictionary_word(b.p, 4)) |
			   (dictionary_word(a.p + n - 4, 4) ^
			       dictionary_word(b.p + n - 4, 4))) == 0;
	if (n == 0)
		return true;
	assert(a.p != NULL && b.p != NULL); /* no text with bytes is without them */
	return a.p[0] == b.p[0] && a.p[n / 2] == b.p[n / 2] && a.p[n - 1] == b.p[n - 1];
}

/* The number of a value, which is added when it is new; DICTIONARY_NONE: no more has room
 * (or memory), and the dictionary must not be asked again until it is emptied. */
uint32_t dictionary_text(struct dictionary *d, struct str text);
uint32_t dictionary_int(struct dictionary *d, int64_t v);

/* Forget all values, keeping memory that is not much. */
void dictionary_empty(struct dictionary *d);
void dictionary_free(struct dictionary *d);

#endif
