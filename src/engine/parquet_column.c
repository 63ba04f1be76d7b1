/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/parquet_column.h"

#include <stdlib.h>

#include "engine/parquet_encode.h"
#include "engine/stage.h"

#define SLOTS_FIRST 1024   /* of a dictionary */
#define SLOTS_MAX   131072 /* twice the entries it may hold, or more */
#define LOOKS_MAX   16     /* slots that are looked at for one value */
#define NUMBERS_MAX 8192   /* entries of a dictionary of numbers */
#define FEW         256    /* entries with which a dictionary is always best */
#define HASH        UINT64_C(0x9e3779b97f4a7c15)

_Static_assert(PARQUET_GROUP_ROWS * 2 <= SLOTS_MAX, "an entry a row finds a slot");
_Static_assert(PARQUET_GROUP_ROWS % 64 == 0, "presence is kept in whole words");

/* ---- dictionaries ---- */

static uint32_t mix(uint64_t h)
{
	h *= HASH;
	return (uint32_t)(h >> 32);
}

static uint32_t hash_text(struct str s)
{
	uint64_t h = s.n, word = 0;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&word, s.p + i, 8);
		h = (h ^ word) * HASH;
		h ^= h >> 32;
	}
	word = 0;
	for (; i < s.n; i++)
		word = word << 8 | (unsigned char)s.p[i];
	return mix(h ^ word);
}

static struct str entry_text(const struct dictionary *d, uint32_t i)
{
	uint32_t from = i > 0 ? d->ends[i - 1] : 0;
	return (struct str){(const char *)d->bytes.p + from, d->ends[i] - from};
}

/* Twice the slots. Without memory it stays as it is and entries are found less often. */
static void grow(struct dictionary *d)
{
	size_t n = (d->mask + 1) * 2;
	uint64_t *slots = n <= SLOTS_MAX ? calloc(n, sizeof(*slots)) : NULL;
	if (slots == NULL)
		return;
	for (size_t i = 0; i <= d->mask; i++) {
		size_t at = d->slots[i] >> 32 & (n - 1);
		while (d->slots[i] != 0 && slots[at] != 0)
			at = (at + 1) & (n - 1);
		if (d->slots[i] != 0)
			slots[at] = d->slots[i];
	}
	free(d->slots);
	d->slots = slots;
	d->mask = n - 1;
}

/* Note the entry that is about to be made in the slot, when that is free. */
static void note_entry(struct dictionary *d, size_t slot, uint32_t hash)
{
	d->n++;
	if (d->slots[slot] == 0)
		d->slots[slot] = (uint64_t)hash << 32 | d->n;
	if (d->n * 2 > d->mask)
		grow(d);
}

/* The number of a text, which is added when it is not found soon. */
static uint32_t text_number(struct dictionary *d, struct str s)
{
	uint32_t hash = hash_text(s);
	size_t at = hash & d->mask;
	for (size_t looks = 0; d->slots[at] != 0 && looks < LOOKS_MAX; looks++) {
		uint32_t i = (uint32_t)d->slots[at] - 1;
		if (d->slots[at] >> 32 == hash && str_equal(entry_text(d, i), s))
			return i;
		at = (at + 1) & d->mask;
	}
	out_put(&d->bytes, s.p, s.n);
	d->ends[d->n] = (uint32_t)d->bytes.n;
	note_entry(d, at, hash);
	return d->n - 1;
}

/* The same of a number; NUMBERS_MAX when there are too many. */
static uint32_t number_number(struct dictionary *d, int64_t v)
{
	uint32_t hash = mix((uint64_t)v ^ (uint64_t)v >> 32);
	size_t at = hash & d->mask;
	for (size_t looks = 0; d->slots[at] != 0 && looks < LOOKS_MAX; looks++) {
		uint32_t i = (uint32_t)d->slots[at] - 1;
		if (d->numbers[i] == v)
			return i;
		at = (at + 1) & d->mask;
	}
	if (d->n == NUMBERS_MAX)
		return NUMBERS_MAX;
	d->numbers[d->n] = v;
	note_entry(d, at, hash);
	return d->n - 1;
}

static void empty_dictionary(struct dictionary *d)
{
	if (d->n > 0)
		memset(d->slots, 0, (d->mask + 1) * sizeof(*d->slots));
	d->n = 0;
	d->bytes.n = 0;
}

/* Memory for n values at *p, when there is none yet; false without. */
static bool provide(void *p, size_t n, size_t bytes)
{
	void **at = p;
	if (*at == NULL)
		*at = calloc(n, bytes);
	return *at != NULL;
}

static int start_dictionary(struct dictionary *d, bool texts)
{
	if (!provide(&d->slots, SLOTS_FIRST, sizeof(*d->slots)))
		return -1;
	if (d->mask == 0)
		d->mask = SLOTS_FIRST - 1;
	empty_dictionary(d);
	if (texts)
		return provide(&d->ends, PARQUET_GROUP_ROWS, sizeof(*d->ends)) &&
			       provide(&d->texts, PARQUET_GROUP_ROWS, sizeof(*d->texts))
			   ? 0
			   : -1;
	return provide(&d->numbers, NUMBERS_MAX, sizeof(*d->numbers)) ? 0 : -1;
}

/* ---- taking rows ---- */

void column_reset(struct parquet_column *c)
{
	c->rows = c->n = 0;
	c->sparse = false;
	empty_dictionary(&c->dictionary);
}

int column_start(struct parquet_column *c, enum parquet_kind kind)
{
	bool texts = kind == PARQUET_TEXT;
	c->kind = kind;
	if (!provide(&c->present, PARQUET_GROUP_ROWS / 64, sizeof(*c->present)) ||
	    !provide(&c->codes, PARQUET_GROUP_ROWS, sizeof(*c->codes)) ||
	    (!texts && !provide(&c->numbers, PARQUET_GROUP_ROWS, sizeof(*c->numbers))) ||
	    start_dictionary(&c->dictionary, texts) < 0)
		return -1;
	column_reset(c);
	return 0;
}

static inline bool is_present(const struct parquet_values *v, size_t i)
{
	return v->validity == NULL || (v->validity[i / 64] >> i % 64 & 1) != 0;
}

static void put_texts(struct parquet_column *c, const struct parquet_values *v, size_t n)
{
	const duckdb_string_t *data = v->data;
	const duckdb_string_t *before = NULL;
	uint32_t number = 0;
	for (size_t i = 0; i < n; i++) {
		if (!is_present(v, i))
			continue;
		if (before == NULL || memcmp(before, &data[i], sizeof(*data)) != 0)
			number = text_number(&c->dictionary, stage_str(&data[i]));
		before = &data[i];
		c->codes[c->n++] = number;
	}
}

static void put_numbers(
    struct parquet_column *c, const struct parquet_values *v, size_t n)
{
	int64_t *to = c->numbers + c->n;
	const int32_t *narrow = v->data;
	const int64_t *wide = v->data;
	if (v->validity == NULL && c->kind != PARQUET_INT) {
		memcpy(to, wide, n * sizeof(*to));
		c->n += n;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (is_present(v, i))
			*to++ = c->kind == PARQUET_INT ? narrow[i] : wide[i];
	}
	c->n = (size_t)(to - c->numbers);
}

/* Presence is kept from the first chunk on in which something may be absent. */
static void put_presence(
    struct parquet_column *c, const struct parquet_values *v, size_t n)
{
	if (!c->sparse)
		memset(c->present, 0xff, PARQUET_GROUP_ROWS / 8);
	c->sparse = true;
	for (size_t i = 0; i < n; i++) {
		size_t at = c->rows + i;
		if (!is_present(v, i))
			c->present[at / 64] &= ~(UINT64_C(1) << at % 64);
	}
}

int column_put(struct parquet_column *c, const struct parquet_values *v, size_t n)
{
	if (v->validity != NULL)
		put_presence(c, v, n);
	if (c->kind == PARQUET_TEXT)
		put_texts(c, v, n);
	else
		put_numbers(c, v, n);
	c->rows += n;
	return c->dictionary.bytes.failed ? -1 : 0;
}

/* ---- how it is written ---- */

static unsigned width_of(const struct parquet_column *c)
{
	return c->dictionary.n > 1 ? bits_of(c->dictionary.n - 1) : 1;
}

static void bound_numbers(struct parquet_column *c)
{
	c->least = INT64_MAX;
	c->greatest = INT64_MIN;
	for (size_t i = 0; i < c->n; i++) {
		c->least = c->numbers[i] < c->least ? c->numbers[i] : c->least;
		c->greatest = c->numbers[i] > c->greatest ? c->numbers[i] : c->greatest;
	}
}

/* Give each number its entry; false when they are too many. */
static bool code_numbers(struct parquet_column *c)
{
	int64_t before = 0;
	uint32_t number = NUMBERS_MAX;
	for (size_t i = 0; i < c->n; i++) {
		if (number == NUMBERS_MAX || c->numbers[i] != before)
			number = number_number(&c->dictionary, c->numbers[i]);
		if (number == NUMBERS_MAX)
			return false;
		before = c->numbers[i];
		c->codes[i] = number;
	}
	return true;
}

/* Numbers with few values are coded; with more, when that is shorter than differences:
 * compression takes about a quarter off codes and nothing off packed differences. */
static void settle_numbers(struct parquet_column *c, struct out *room)
{
	bound_numbers(c);
	c->coded = code_numbers(c);
	if (!c->coded || c->dictionary.n <= FEW)
		return;
	room->n = 0;
	encode_delta(room, c->numbers, c->n);
	size_t entry = c->kind == PARQUET_INT ? sizeof(int32_t) : sizeof(int64_t);
	size_t coded = c->dictionary.n * entry + c->n * width_of(c) / 8;
	c->coded = coded / 4 * 3 < room->n;
}

static void settle_texts(struct parquet_column *c)
{
	struct dictionary *d = &c->dictionary;
	struct str least = {0}, greatest = {0};
	for (uint32_t i = 0; i < d->n; i++) {
		d->texts[i] = entry_text(d, i);
		if (i == 0 || str_cmp(d->texts[i], least) < 0)
			least = d->texts[i];
		if (i == 0 || str_cmp(d->texts[i], greatest) > 0)
			greatest = d->texts[i];
	}
	c->least_text = least;
	c->greatest_text = greatest;
	c->coded = d->n <= FEW || d->n < c->n / PARQUET_CODED_MIN;
}

int column_settle(struct parquet_column *c, struct out *room)
{
	if (c->kind == PARQUET_TEXT)
		settle_texts(c);
	else
		settle_numbers(c, room);
	return room->failed ? -1 : 0;
}

/* ---- pages ---- */

static void put_plain(const struct parquet_column *c, struct out *o, uint32_t i)
{
	const struct dictionary *d = &c->dictionary;
	if (c->kind == PARQUET_TEXT) {
		uint32_t n = (uint32_t)d->texts[i].n;
		out_put(o, &n, sizeof(n));
		out_put(o, d->texts[i].p, n);
	} else if (c->kind == PARQUET_INT) {
		int32_t narrow = (int32_t)d->numbers[i];
		out_put(o, &narrow, sizeof(narrow));
	} else {
		out_put(o, &d->numbers[i], sizeof(d->numbers[i]));
	}
}

void column_put_dictionary(const struct parquet_column *c, struct out *o)
{
	for (uint32_t i = 0; i < c->dictionary.n; i++)
		put_plain(c, o, i);
}

/* Put which of the rows are present, with the bytes that takes in front; how many are. */
static size_t put_levels(const struct parquet_column *c, size_t from, size_t end,
    struct out *o, struct out *room)
{
	size_t at = o->n, n = 0;
	uint32_t length = 0;
	out_put(o, &length, sizeof(length));
	if (c->n == c->rows) {
		out_varint(o, (end - from) << 1);
		out_byte(o, 1);
		n = end - from;
	} else if (out_reserve(room, (end - from) * sizeof(uint32_t))) {
		uint32_t *levels = (uint32_t *)(void *)room->p;
		for (size_t i = from; i < end; i++) {
			levels[i - from] = c->present[i / 64] >> i % 64 & 1;
			n += levels[i - from];
		}
		encode_hybrid(o, levels, end - from, 1);
	}
	if (o->failed)
		return 0;
	length = (uint32_t)(o->n - at - sizeof(length));
	memcpy(o->p + at, &length, sizeof(length));
	return n;
}

void column_put_page(const struct parquet_column *c, size_t from, size_t end,
    size_t *value, struct out *o, struct out *room)
{
	room->n = 0;
	size_t n = put_levels(c, from, end, o, room), at = *value;
	*value += n;
	if (c->coded) {
		out_byte(o, (uint8_t)width_of(c));
		encode_hybrid(o, c->codes + at, n, width_of(c));
	} else if (c->kind == PARQUET_TEXT) {
		encode_delta_texts(o, c->dictionary.texts, c->codes + at, n, room);
	} else {
		encode_delta(o, c->numbers + at, n);
	}
}

void column_free(struct parquet_column *c)
{
	free(c->numbers);
	free(c->codes);
	free(c->present);
	free(c->dictionary.slots);
	free(c->dictionary.ends);
	free(c->dictionary.texts);
	free(c->dictionary.numbers);
	out_free(&c->dictionary.bytes);
	*c = (struct parquet_column){0};
}
