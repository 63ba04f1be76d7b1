/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The different values of a column, numbered as they come. Values come from outside, and
 * the hash has no key, as it must be quick: who made values collide would gain nothing,
 * since a value that is not found within DICTIONARY_STEPS_MAX ends the dictionary.
 */
#ifndef DWELL_PARQUET_DICTIONARY_H
#define DWELL_PARQUET_DICTIONARY_H

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

/* The number of a value, which is added when it is new; DICTIONARY_NONE: no more has room
 * (or memory), and the dictionary must not be asked again until it is emptied. */
uint32_t dictionary_text(struct dictionary *d, struct str text);
uint32_t dictionary_int(struct dictionary *d, int64_t v);

/* Forget all values, keeping the memory. */
void dictionary_empty(struct dictionary *d);
void dictionary_free(struct dictionary *d);

#endif
