/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/places.h"

#define ROOM_FIRST 1024
#define ROOM_LEFT  4096 /* of texts and of words' bytes / 64, below which few more fit */

void words_init(struct words *w, const struct hash_key *key)
{
	*w = (struct words){.key = *key, .limit = WORDS_MAX};
	arena_init(&w->text, WORDS_BYTES_MAX);
}

static uint64_t *slot_of(const struct words *w, struct str text, uint64_t hash)
{
	size_t at = hash >> 32 & w->mask;
	for (; w->slots[at] != 0; at = (at + 1) & w->mask) {
		if (w->slots[at] >> 32 == hash >> 32 &&
		    str_equal(words_text(w, (uint32_t)w->slots[at]), text))
			break;
	}
	return &w->slots[at];
}

static int grow(struct words *w)
{
	uint32_t room = w->room == 0 ? ROOM_FIRST : w->room * 2;
	size_t mask = (size_t)room * 2 - 1;
	struct word *v = realloc(w->v, room * sizeof(*v));
	if (v == NULL)
		return -1;
	w->v = v;
	uint64_t *slots = calloc(mask + 1, sizeof(*slots));
	if (slots == NULL)
		return -1;
	for (size_t i = 0; w->slots != NULL && i <= w->mask; i++) {
		size_t at = w->slots[i] >> 32 & mask;
		while (w->slots[i] != 0 && slots[at] != 0)
			at = (at + 1) & mask;
		if (w->slots[i] != 0)
			slots[at] = w->slots[i];
	}
	free(w->slots);
	w->slots = slots;
	w->room = room;
	w->mask = mask;
	return 0;
}

static bool is_ascii(struct str s)
{
	uint64_t all = 0, word;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&word, s.p + i, 8);
		all |= word;
	}
	for (; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* At most WORD_MAX bytes that end between two characters. */
static struct str cut(struct words *w, struct str text)
{
	if (text.n <= WORD_MAX)
		return text;
	w->cut++;
	text.n = WORD_MAX;
	while (text.n > WORD_MAX - 4 && ((unsigned char)text.p[text.n] & 0xc0) == 0x80)
		text.n--;
	return text;
}

static uint32_t put_clean(struct words *w, struct str text)
{
	if (w->n == w->room && (w->n >= w->limit || grow(w) < 0))
		return WORDS_FULL;
	uint64_t hash = hash_bytes(&w->key, text.p, text.n);
	uint64_t *slot = slot_of(w, text, hash);
	if (*slot != 0)
		return (uint32_t)*slot;
	const char *copy = text.n > 0 ? arena_copy(&w->text, text.p, text.n) : "";
	if (copy == NULL)
		return WORDS_FULL;
	w->v[w->n++] = (struct word){.p = copy, .n = (uint32_t)text.n};
	*slot = hash >> 32 << 32 | w->n;
	return w->n;
}

uint32_t words_put(struct words *w, struct str text)
{
	if (text.p == NULL)
		return 0;
	text = cut(w, text);
	if (is_ascii(text))
		return put_clean(w, text);
	struct arena scratch;
	arena_init(&scratch, 65536);
	struct str clean = str_clean(&scratch, text.p, text.n);
	uint32_t number = clean.p != NULL ? put_clean(w, cut(w, clean)) : WORDS_FULL;
	arena_fini(&scratch);
	return number;
}

bool words_nearly_full(const struct words *w)
{
	return w->n > WORDS_MAX - ROOM_LEFT ||
	       w->text.held > WORDS_BYTES_MAX - (size_t)ROOM_LEFT * 64;
}

void words_widen(struct words *w)
{
	w->limit = (size_t)WORDS_MAX * 2;
	w->text.limit = (size_t)WORDS_BYTES_MAX * 2;
}

static struct str text_at(const void *ctx, uint32_t i)
{
	return words_text(ctx, i + 1);
}

int words_rank(struct words *w)
{
	uint32_t *ranks = malloc((w->n + 1) * sizeof(*ranks));
	int status = ranks != NULL ? places_rank(text_at, w, w->n, ranks) : -1;
	for (uint32_t i = 0; i < w->n && status == 0; i++)
		w->v[i].rank = ranks[i];
	free(ranks);
	return status;
}

void words_empty(struct words *w)
{
	if (w->n > 0)
		memset(w->slots, 0, (w->mask + 1) * sizeof(*w->slots));
	w->n = 0;
	w->limit = WORDS_MAX;
	arena_reset(&w->text);
	w->text.limit = WORDS_BYTES_MAX;
}

void words_reset(struct words *w)
{
	free(w->v);
	free(w->slots);
	arena_fini(&w->text);
	words_init(w, &w->key);
}
