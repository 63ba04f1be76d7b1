/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/dictionary.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 256
#define KEPT_SLOTS  4096 /* more of them are given back when the dictionary is emptied */
#define MIX_A       UINT64_C(0x9e3779b97f4a7c15) /* odd numbers with irregular bits */
#define MIX_B       UINT64_C(0xd1b54a32d192ed03)

/* ---- hashes ---- */

/* The product of both, folded. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two words that together have all bytes of a text of up to 16. */
static inline uint64_t hash_short(const char *p, size_t n)
{
	uint64_t a, b;
	if (n >= 8) {
		a = dictionary_word(p, 8);
		b = dictionary_word(p + n - 8, 8);
	} else if (n >= 4) {
		a = dictionary_word(p, 4);
		b = dictionary_word(p + n - 4, 4);
	} else {
		a = n > 0 ? (unsigned char)p[0] : 0;
		b = n > 0
			? (uint64_t)(unsigned char)p[n / 2] << 8 | (unsigned char)p[n - 1]
			: 0;
	}
	return mix(a ^ MIX_A, b ^ MIX_B ^ n);
}

static inline uint32_t hash_text(struct str s)
{
	uint64_t h = MIX_A;
	const char *p = s.p;
	size_t n = s.n;
	for (; n > 16; n -= 16, p += 16)
		h = mix(dictionary_word(p, 8) ^ h, dictionary_word(p + 8, 8) ^ MIX_B);
	h = mix(h ^ hash_short(p, n), MIX_B);
	return (uint32_t)(h >> 32);
}

static inline uint32_t hash_int(int64_t v)
{
	return (uint32_t)(mix((uint64_t)v ^ MIX_A, MIX_B) >> 32);
}

/* ---- room ---- */

static void place(struct dictionary *d, uint64_t slot)
{
	size_t at = (slot >> 32) & d->mask;
	while (d->slots[at] != 0)
		at = (at + 1) & d->mask;
	d->slots[at] = slot;
}

static bool more_slots(struct dictionary *d)
{
	uint64_t *old = d->slots;
	size_t had = d->mask == 0 ? 0 : d->mask + 1, n = had == 0 ? FIRST_SLOTS : 2 * had;
	uint64_t *slots = calloc(n, sizeof(*slots));
	if (slots == NULL)
		return false;
	d->slots = slots;
	d->mask = n - 1;
	for (size_t i = 0; i < had; i++) {
		if (old[i] != 0)
			place(d, old[i]);
	}
	free(old);
	return true;
}

/* Take in a value of size bytes, which the caller then writes, in a free slot; slots stay
 * at most half full as long as there is memory. */
static uint32_t add(struct dictionary *d, size_t at, uint32_t hash, size_t size)
{
	if (d->n == DICTIONARY_MAX)
		return DICTIONARY_NONE;
	if (d->n == d->room) {
		size_t room = d->room == 0 ? FIRST_SLOTS / 2 : 2 * (size_t)d->room;
		void *p = realloc(d->ints, room * size);
		if (p == NULL)
			return DICTIONARY_NONE;
		d->ints = p;
		d->room = (uint32_t)room;
	}
	d->slots[at] = (uint64_t)hash << 32 | ++d->n;
	if (2 * (size_t)d->n > d->mask)
		(void)more_slots(d);
	return d->n - 1;
}

/* ---- looking up ---- */

uint32_t dictionary_text(struct dictionary *d, struct str text)
{
	uint32_t hash = hash_text(text);
	if (d->mask == 0 && !more_slots(d))
		return DICTIONARY_NONE;
	size_t at = hash & d->mask;
	for (int i = 0; i < DICTIONARY_STEPS_MAX; i++, at = (at + 1) & d->mask) {
		uint64_t slot = d->slots[at];
		if (slot == 0) {
			uint32_t added = add(d, at, hash, sizeof(*d->texts));
			if (added != DICTIONARY_NONE)
				d->texts[added] = text;
			return added;
		}
		uint32_t number = (uint32_t)slot - 1;
		if (slot >> 32 == hash && dictionary_same(d->texts[number], text))
			return number;
	}
	return DICTIONARY_NONE;
}

uint32_t dictionary_int(struct dictionary *d, int64_t v)
{
	uint32_t hash = hash_int(v);
	if (d->mask == 0 && !more_slots(d))
		return DICTIONARY_NONE;
	size_t at = hash & d->mask;
	for (int i = 0; i < DICTIONARY_STEPS_MAX; i++, at = (at + 1) & d->mask) {
		uint64_t slot = d->slots[at];
		if (slot == 0) {
			uint32_t added = add(d, at, hash, sizeof(*d->ints));
			if (added != DICTIONARY_NONE)
				d->ints[added] = v;
			return added;
		}
		uint32_t number = (uint32_t)slot - 1;
		if (d->ints[number] == v)
			return number;
	}
	return DICTIONARY_NONE;
}

void dictionary_empty(struct dictionary *d)
{
	if (d->mask >= KEPT_SLOTS) { /* a smaller one may follow: not all of it again */
		free(d->slots);
		d->slots = NULL;
		d->mask = 0;
	}
	if (d->mask > 0 && d->n > 0)
		memset(d->slots, 0, (d->mask + 1) * sizeof(*d->slots));
	d->n = 0;
}

void dictionary_free(struct dictionary *d)
{
	free(d->slots);
	free(d->ints);
	*d = (struct dictionary){0};
}
