/* SPDX-License-Identifier: Apache-2.0 */
#include "base/places.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS 11
#define DIGITS     (1U << DIGIT_BITS)

/* Which of the three words of a place a digit is of. */
enum word { WORD_B, WORD_A, WORD_PART };

static uint64_t word_of(const struct place *p, enum word word)
{
	if (word == WORD_PART)
		return (uint32_t)p->part ^ UINT32_C(0x80000000);
	return word == WORD_A ? p->a : p->b;
}

static void sort_digit(
    const struct place *from, struct place *to, size_t n, enum word word, unsigned shift)
{
	uint32_t at[DIGITS] = {0};
	uint32_t sum = 0;
	for (size_t i = 0; i < n; i++)
		at[word_of(&from[i], word) >> shift & (DIGITS - 1)]++;
	for (size_t d = 0; d < DIGITS; d++) {
		uint32_t count = at[d];
		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[word_of(&from[i], word) >> shift & (DIGITS - 1)]++] = from[i];
}

/* Sort by the digits of a word in which the places differ; where the result is. */
static struct place *sort_word(
    struct place *from, struct place *to, size_t n, enum word word)
{
	uint64_t differ = 0;
	for (size_t i = 1; i < n; i++)
		differ |= word_of(&from[i], word) ^ word_of(&from[0], word);
	for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
		if ((differ >> shift & (DIGITS - 1)) == 0)
			continue;
		sort_digit(from, to, n, word, shift);
		struct place *swap = from;
		from = to;
		to = swap;
	}
	return from;
}

static void settle(struct place *v, const struct place *result, size_t n)
{
	if (result != v)
		memcpy(v, result, n * sizeof(*v));
}

void places_sort(struct place *v, struct place *room, size_t n)
{
	if (n < 2)
		return;
	struct place *by_b = sort_word(v, room, n, WORD_B);
	settle(v, sort_word(by_b, by_b == v ? room : v, n, WORD_A), n);
}

void places_sort_parts(struct place *v, struct place *room, size_t n)
{
	if (n > 1)
		settle(v, sort_word(v, room, n, WORD_PART), n);
}

/* ---- texts ---- */

/* Eight bytes of a text from at, so that numbers compare as the texts do. */
static uint64_t prefix(struct str s, size_t at)
{
	uint64_t v = 0;
	for (size_t i = at; i < at + 8; i++)
		v = v << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	return v;
}

struct texts {
	struct str (*get)(const void *ctx, uint32_t i);
	const void *ctx;
};

static int by_text(const void *x, const void *y, void *ctx)
{
	const struct texts *t = ctx;
	const struct place *p = x, *q = y;
	return str_cmp(t->get(t->ctx, p->row), t->get(t->ctx, q->row));
}

int places_rank(struct str (*get)(const void *ctx, uint32_t i), const void *ctx,
    uint32_t n, uint32_t *ranks)
{
	struct texts texts = {get, ctx};
	struct place *v = malloc(((size_t)n * 2 + 1) * sizeof(*v));
	if (v == NULL)
		return -1;
	for (uint32_t i = 0; i < n; i++) {
		struct str s = get(ctx, i);
		v[i] = (struct place){prefix(s, 0), prefix(s, 8), i, 0};
	}
	places_sort(v, v + n, n);
	for (size_t from = 0, end; from < n; from = end) {
		for (end = from + 1;
		     end < n && v[end].a == v[from].a && v[end].b == v[from].b;)
			end++;
		if (end - from > 1)
			qsort_r(v + from, end - from, sizeof(*v), by_text, &texts);
	}
	for (uint32_t i = 0; i < n; i++)
		ranks[v[i].row] = i + 1;
	free(v);
	return 0;
}
