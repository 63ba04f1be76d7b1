/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts, each kept once and known by a number from 1. Number 0 is the absent text. Ranks
 * give their order by bytes, once all are in.
 */
#ifndef DWELL_BASE_WORDS_H
#define DWELL_BASE_WORDS_H

#include "base/hash.h"
#include "base/str.h"

#define WORDS_MAX       262144     /* texts held */
#define WORDS_BYTES_MAX (8U << 20) /* bytes of them */
#define WORD_MAX        1024       /* bytes of one; longer ones are cut */
#define WORDS_FULL      UINT32_MAX /* no number: at a limit, or without memory */

struct word {
	const char *p;
	uint32_t n;
	uint32_t rank; /* from 1, after words_rank */
	uint32_t note; /* of the owner's; 0 at first */
};

struct words {
	struct word *v;  /* owned */
	uint64_t *slots; /* hash << 32 | number; 0: free; owned */
	size_t mask;
	uint32_t n, room;
	struct arena text;
	struct hash_key key;
	uint32_t limit; /* of texts */
	uint64_t cut;   /* texts that were too long */
};

/* No texts. */
void words_init(struct words *w, const struct hash_key *key);

/* The number of a text, which is added when it is new. What is no clean UTF-8 is cleaned.
 */
uint32_t words_put(struct words *w, struct str text);

/* The word of a number that is not 0. */
static inline struct word *words_at(const struct words *w, uint32_t number)
{
	return &w->v[number - 1];
}

/* The text of a number. */
static inline struct str words_text(const struct words *w, uint32_t number)
{
	if (number == 0)
		return (struct str){0};
	return (struct str){words_at(w, number)->p, words_at(w, number)->n};
}

/* Whether few more texts fit: time to write and forget them. */
bool words_nearly_full(const struct words *w);

/* Allow twice as many, for what is made of the texts when they are written. */
void words_widen(struct words *w);

/* Give every word its rank; negative without memory. */
int words_rank(struct words *w);

/* The rank of a number: 0 for absent. */
static inline uint32_t words_rank_of(const struct words *w, uint32_t number)
{
	return number == 0 ? 0 : words_at(w, number)->rank;
}

/* Forget all, keeping most of the memory for the next ones. */
void words_empty(struct words *w);

/* Forget all and free their memory. */
void words_reset(struct words *w);

#endif
