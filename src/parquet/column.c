/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/column.h"

#include <stdlib.h>

#include "base/size.h"
#include "parquet/bloom.h"
#include "parquet/encode.h"
#include "parquet/thrift.h"

#define TRIED_MIN                                                                        \
	1024           /* values after which a dictionary that is too long is given up   \
			*/
#define PACKED_MIN 100 /* bytes of pages that are worth to be compressed */
#define BOUND_MAX  256 /* bytes of a text that statistics hold */
#define WORTH_PERCENT                                                                    \
	95               /* of its bytes that differences may keep to be worth packing   \
			  */
#define FEW          256 /* values with which a dictionary is always best */
#define TIMES_MIN    3   /* times that a text comes on average to be worth an entry */
#define THERE        1   /* definition level of a value; of an empty list */
#define ELEMENT      3   /* definition level of a list's element */
#define TEXT_INTS    (sizeof(struct str) / sizeof(int64_t)) /* in the place of a text */
#define LEVELS_MIN   1024 /* that there is room for at first */
#define PAGE_DATA    0
#define PAGE_ENTRIES 2 /* of a dictionary */

_Static_assert(PARQUET_PAGE_ROWS % 64 == 0, "pages begin with a word of what is there");

size_t column_width(enum parquet_kind kind)
{
	return kind == PARQUET_TEXT    ? 0
	       : kind == PARQUET_FLAG  ? 1
	       : kind == PARQUET_INT32 ? 4
				       : 8;
}

/* ---- what came ---- */

/* Room for n more. */
static bool levels_room(struct column *c, struct levels *l, size_t n)
{
	size_t room = size_max(l->room, LEVELS_MIN);
	if (n <= l->room - l->n)
		return true;
	while (room - l->n < n)
		room *= 2;
	uint32_t *v = realloc(l->v, room * sizeof(*v));
	if (v == NULL) {
		c->failed = true;
		return false;
	}
	l->v = v;
	l->room = room;
	return true;
}

static bool values_room(struct column *c, size_t n)
{
	size_t size =
	    c->field.kind == PARQUET_TEXT ? sizeof(*c->texts) : sizeof(*c->ints);
	size_t room = size_max(c->room, PARQUET_AT_ONCE);
	if (n <= c->room)
		return true;
	while (room < n)
		room *= 2;
	void *v = realloc(c->ints, room * size);
	if (v == NULL) {
		c->failed = true;
		return false;
	}
	c->ints = v;
	c->room = room;
	return true;
}

/* The dictionary has not helped: its numbers become the values that they stand for. */
static void go_plain(struct column *c)
{
	const struct dictionary *d = &c->dictionary;
	if (!values_room(c, c->count + PARQUET_AT_ONCE))
		return;
	for (size_t i = 0; i < c->count; i++) {
		if (c->field.kind == PARQUET_TEXT)
			c->texts[i] = d->texts[c->numbers.v[i]];
		else
			c->ints[i] = d->ints[c->numbers.v[i]];
	}
	c->plain = true;
	c->numbers.n = 0;
	dictionary_empty(&c->dictionary);
}

/* The next n of bits are those of word, of which no others are set. */
static void put_bits(uint64_t *bits, size_t at, uint64_t word, size_t n)
{
	size_t shift = at % 64;
	bits[at / 64] |= word << shift;
	if (shift + n > 64)
		bits[at / 64 + 1] |= word >> (64 - shift);
}

/* Room for which of so many values are there; what is new says none. */
static bool bits_room(struct column *c, size_t n)
{
	size_t words = n / 64 + 1, room = size_max(c->present_room, PARQUET_AT_ONCE);
	if (words <= c->present_room)
		return true;
	while (room < words)
		room *= 2;
	uint64_t *present = realloc(c->present, room * sizeof(*present));
	if (present == NULL) {
		c->failed = true;
		return false;
	}
	memset(present + c->present_room, 0, (room - c->present_room) * sizeof(*present));
	c->present = present;
	c->present_room = room;
	return true;
}

/* Which of the next n values are there; before the first that is not, all were. */
static bool define(struct column *c, uint64_t absent, size_t n)
{
	if (c->field.list || n == 0)
		return true;
	if (absent != 0 || c->absent > 0) {
		if (!bits_room(c, c->rows + n))
			return false;
		for (size_t i = 0; c->absent == 0 && i < c->rows; i += 64)
			put_bits(c->present, i,
			    UINT64_MAX >> (64 - size_min(64, c->rows - i)),
			    size_min(64, c->rows - i));
		put_bits(c->present, c->rows, ~absent & UINT64_MAX >> (64 - n), n);
		c->absent += (size_t)__builtin_popcountll(absent);
	}
	c->rows += n;
	return true;
}

/* Make ready to take n values. */
static bool take(struct column *c, uint64_t absent, size_t n)
{
	if (c->failed || !define(c, absent, n))
		return false;
	return c->plain ? values_room(c, c->count + n) : levels_room(c, &c->numbers, n);
}

static void try_plain(struct column *c)
{
	if (!c->plain && c->count >= TRIED_MIN && c->dictionary.n > c->count / 2)
		go_plain(c);
}

/* Which of the n values are there. */
static uint64_t there(uint64_t absent, size_t n)
{
	return n == 0 ? 0 : ~absent & UINT64_MAX >> (64 - n);
}

/* Take values as numbers in the dictionary while it lasts; which are left. */
static uint64_t number_ints(struct column *c, const int64_t *v, uint64_t left)
{
	uint32_t *to = c->numbers.v;
	uint32_t last = c->last;
	size_t count = c->count;
	for (; left != 0; left &= left - 1) {
		int64_t value = v[__builtin_ctzll(left)];
		if (last == DICTIONARY_NONE || c->dictionary.ints[last] != value)
			last = dictionary_int(&c->dictionary, value);
		if (last == DICTIONARY_NONE)
			break;
		to[count++] = last;
	}
	c->last = last;
	c->count = c->numbers.n = count;
	return left;
}

void column_ints(struct column *c, const int64_t *v, uint64_t absent, size_t n)
{
	if (!take(c, absent, n))
		return;
	uint64_t left = there(absent, n);
	if (!c->plain) {
		left = number_ints(c, v, left);
		if (left != 0)
			go_plain(c);
	}
	for (; left != 0 && !c->failed; left &= left - 1)
		c->ints[c->count++] = v[__builtin_ctzll(left)];
	try_plain(c);
}

/* The text as it is kept. */
static struct str keep(struct column *c, struct str text)
{
	if (c->copies == NULL || text.n == 0)
		return text;
	const char *p = arena_copy(&c->copies->arena, text.p, text.n);
	c->copies->bytes += text.n;
	c->failed |= p == NULL;
	return (struct str){p, text.n};
}

/* The number of a text that is not the last; none: there can be no dictionary. */
static uint32_t number_of(struct column *c, struct str text)
{
	uint32_t before = c->dictionary.n, number = dictionary_text(&c->dictionary, text);
	if (number != DICTIONARY_NONE && c->dictionary.n > before)
		c->dictionary.texts[number] = keep(c, text);
	return number;
}

/* As number_ints. */
static uint64_t number_texts(struct column *c, const struct str *v, uint64_t left)
{
	uint32_t *to = c->numbers.v;
	uint32_t last = c->last;
	size_t count = c->count;
	for (; left != 0; left &= left - 1) {
		const struct str *text = &v[__builtin_ctzll(left)];
		if (last == DICTIONARY_NONE ||
		    !dictionary_same(c->dictionary.texts[last], *text))
			last = number_of(c, *text);
		if (last == DICTIONARY_NONE)
			break;
		to[count++] = last;
	}
	c->last = last;
	c->count = c->numbers.n = count;
	return left;
}

/* Put a text where there is no dictionary; rows of one text often follow each other. */
static void put_plain(struct column *c, struct str text)
{
	bool again = c->count > 0 && dictionary_same(c->texts[c->count - 1], text);
	c->texts[c->count] = again ? c->texts[c->count - 1] : keep(c, text);
	c->count++;
}

void column_texts(struct column *c, const struct str *v, uint64_t absent, size_t n)
{
	if (!take(c, absent, n))
		return;
	uint64_t left = there(absent, n);
	if (!c->plain) {
		left = number_texts(c, v, left);
		if (left != 0)
			go_plain(c);
	}
	for (; left != 0 && !c->failed; left &= left - 1)
		put_plain(c, v[__builtin_ctzll(left)]);
	try_plain(c);
}

void column_list(struct column *c, size_t n)
{
	size_t levels = n > 0 ? n : 1;
	if (c->failed || !levels_room(c, &c->definition, levels) ||
	    !levels_room(c, &c->repetition, levels))
		return;
	for (size_t i = 0; i < levels; i++) {
		c->definition.v[c->definition.n++] = n > 0 ? ELEMENT : THERE;
		c->repetition.v[c->repetition.n++] = i > 0;
	}
	c->rows += levels;
}

/* ---- pages ---- */

/* What of a column goes into a page. */
struct part {
	size_t from, rows;   /* levels */
	size_t first, count; /* values */
};

/* Which values are there, as levels of one bit. */
static void put_present(struct out *o, const struct column *c, const struct part *t)
{
	if (c->absent == 0 || c->count == 0) {
		out_varint(o, (uint64_t)t->rows << 1);
		out_u8(o, c->absent == 0 ? THERE : 0);
		return;
	}
	size_t groups = (t->rows + 7) / 8;
	out_varint(o, groups << 1 | 1);
	out_put(o, (const uint8_t *)c->present + t->from / 8, groups);
}

/* The levels of lists, each kind behind its length; of other columns which are there. */
static void put_levels(struct out *o, const struct column *c, const struct part *t,
    const struct levels *l, unsigned width)
{
	size_t at = o->n;
	out_le(o, 0, 4);
	if (l != NULL)
		encode_runs(o, l->v, l->n, width);
	else
		put_present(o, c, t);
	if (o->failed)
		return;
	uint32_t n = (uint32_t)(o->n - at - 4);
	for (size_t i = 0; i < 4; i++)
		o->p[at + i] = (uint8_t)(n >> 8 * i);
}

static unsigned number_width(const struct column *c)
{
	return c->dictionary.n > 1 ? encode_bits(c->dictionary.n - 1) : 1;
}

static void put_values(struct pages *p, const struct column *c, const struct part *t)
{
	struct out *o = &p->raw;
	if (!c->plain) {
		out_u8(o, (uint8_t)number_width(c));
		encode_runs(o, c->numbers.v + t->first, t->count, number_width(c));
	} else if (c->field.kind == PARQUET_TEXT) {
		encode_texts(o, c->texts + t->first, t->count, &p->packed);
	} else if (c->field.kind == PARQUET_FLAG) {
		encode_flags(o, c->ints + t->first, t->count);
	} else if (c->field.kind == PARQUET_REAL) {
		encode_plain(o, c->ints + t->first, t->count, 8);
	} else {
		encode_deltas(o, c->ints + t->first, t->count);
	}
}

static enum parquet_encoding encoding_of(const struct column *c)
{
	if (!c->plain)
		return ENCODING_DICTIONARY;
	if (c->field.kind == PARQUET_TEXT)
		return ENCODING_DELTA_TEXTS;
	return c->field.kind == PARQUET_FLAG || c->field.kind == PARQUET_REAL
		   ? ENCODING_PLAIN
		   : ENCODING_DELTA;
}

static void put_entries(struct out *o, const struct column *c)
{
	const struct dictionary *d = &c->dictionary;
	if (c->field.kind == PARQUET_TEXT)
		encode_plain_texts(o, d->texts, d->n);
	else
		encode_plain(o, d->ints, d->n, column_width(c->field.kind));
}

/* The head of a page of n values. */
static void put_head(struct out *o, int type, const size_t bytes[static 2], size_t n,
    enum parquet_encoding encoding)
{
	int last = 0, inner = 0;
	thrift_int(o, &last, 1, THRIFT_I32, type);
	thrift_int(o, &last, 2, THRIFT_I32, (int64_t)bytes[0]);
	thrift_int(o, &last, 3, THRIFT_I32, (int64_t)bytes[1]);
	thrift_field(o, &last, type == PAGE_DATA ? 5 : 7, THRIFT_STRUCT);
	thrift_int(o, &inner, 1, THRIFT_I32, (int64_t)n);
	thrift_int(o, &inner, 2, THRIFT_I32, encoding);
	if (type == PAGE_DATA) {
		thrift_int(o, &inner, 3, THRIFT_I32, ENCODING_RLE);
		thrift_int(o, &inner, 4, THRIFT_I32, ENCODING_RLE);
	}
	thrift_end(o);
	thrift_end(o);
}

/* Compress raw bytes into p->packed: how many there are; 0: they stay as they are. Of
 * differences, packed as they are, the first page says whether it is of any use. */
static size_t compress(struct pages *p, struct chunk *chunk, const uint8_t *raw, size_t n)
{
	size_t room = ZSTD_compressBound(n);
	p->packed.n = 0;
	if (!chunk->compressed || !out_room(&p->packed, room))
		return 0;
	size_t packed = ZSTD_compress2(p->zstd, p->packed.p, room, raw, n);
	if (ZSTD_isError(packed)) {
		p->packed.failed = true;
		return 0;
	}
	if (!chunk->tried && chunk->encoding == ENCODING_DELTA)
		chunk->compressed = packed < n * WORTH_PERCENT / 100;
	chunk->tried = true;
	return chunk->compressed ? packed : 0;
}

/* Write raw bytes [from, end) as a page of n values. */
static void put_page(struct pages *p, struct chunk *chunk, int type,
    const size_t range[static 2], size_t n)
{
	size_t raw = range[1] - range[0], at = p->file->n;
	const uint8_t *body = p->raw.p + range[0];
	size_t packed = compress(p, chunk, body, raw);
	if (packed > 0)
		body = p->packed.p;
	size_t bytes[2] = {raw, packed > 0 ? packed : raw};
	put_head(p->file, type, bytes, n,
	    type == PAGE_DATA ? chunk->encoding : ENCODING_PLAIN);
	size_t head = p->file->n - at;
	out_put(p->file, body, bytes[1]);
	chunk->plain_bytes += (int64_t)(head + bytes[0]);
	chunk->bytes += (int64_t)(head + bytes[1]);
}

/* How many of rows [from, from + n) have a value; from is a multiple of 64. */
static size_t count_present(const struct column *c, size_t from, size_t n)
{
	size_t count = 0;
	for (size_t i = 0; i < n; i += 64)
		count += (size_t)__builtin_popcountll(
		    c->present[(from + i) / 64] &
		    UINT64_MAX >> (64 - size_min(64, n - i)));
	return count;
}

/* What is in the next page; lists are in one, since a row's values stay together. */
static struct part next_part(const struct column *c, const struct part *before)
{
	struct part t = {
	    .from = before->from + before->rows, .first = before->first + before->count};
	t.rows = c->field.list ? c->rows : size_min(c->rows - t.from, PARQUET_PAGE_ROWS);
	t.count = c->field.list    ? c->count
		  : c->absent == 0 ? t.rows
				   : count_present(c, t.from, t.rows);
	return t;
}

static void put_part(struct pages *p, const struct column *c, const struct part *t)
{
	if (c->field.list)
		put_levels(&p->raw, c, t, &c->repetition, 1);
	put_levels(&p->raw, c, t, c->field.list ? &c->definition : NULL, 2);
	put_values(p, c, t);
}

static void write_pages(struct column *c, struct pages *p, struct chunk *chunk)
{
	struct part none = {0}, t = next_part(c, &none);
	p->raw.n = 0;
	if (!c->plain)
		put_entries(&p->raw, c);
	size_t entries[2] = {0, p->raw.n}, values[2] = {p->raw.n, 0};
	put_part(p, c, &t);
	values[1] = p->raw.n;
	chunk->encoding = encoding_of(c);
	chunk->compressed = p->raw.n >= PACKED_MIN;
	if (!p->raw.failed && !c->plain) {
		chunk->dictionary_at = p->base + (int64_t)p->file->n;
		put_page(p, chunk, PAGE_ENTRIES, entries, c->dictionary.n);
	}
	chunk->data_at = p->base + (int64_t)p->file->n;
	while (!p->raw.failed) {
		put_page(p, chunk, PAGE_DATA, values, t.rows);
		if (t.from + t.rows == c->rows)
			break;
		t = next_part(c, &t);
		p->raw.n = values[0] = 0;
		put_part(p, c, &t);
		values[1] = p->raw.n;
	}
}

/* ---- least and greatest ---- */

static void text_bounds(struct chunk *chunk, const struct str *v, size_t n)
{
	struct str least = v[0], greatest = v[0];
	for (size_t i = 1; i < n; i++) {
		if (str_cmp(v[i], least) < 0)
			least = v[i];
		else if (str_cmp(v[i], greatest) > 0)
			greatest = v[i];
	}
	if (least.n > BOUND_MAX || greatest.n > BOUND_MAX)
		return;
	out_put(&chunk->least, least.p, least.n);
	out_put(&chunk->greatest, greatest.p, greatest.n);
	chunk->has_bounds = true;
}

static inline double real_of(int64_t v)
{
	double real;
	memcpy(&real, &v, sizeof(real));
	return real;
}

static inline bool is_less(int64_t a, int64_t b, bool real)
{
	return real ? real_of(a) < real_of(b) : a < b;
}

static void int_bounds(
    struct chunk *chunk, const int64_t *v, size_t n, enum parquet_kind kind)
{
	int64_t least = v[0], greatest = v[0];
	bool real = kind == PARQUET_REAL;
	for (size_t i = 1; i < n; i++) {
		least = is_less(v[i], least, real) ? v[i] : least;
		greatest = is_less(greatest, v[i], real) ? v[i] : greatest;
	}
	size_t width = column_width(kind);
	out_le(&chunk->least, (uint64_t)least, width);
	out_le(&chunk->greatest, (uint64_t)greatest, width);
	chunk->has_bounds = true;
}

static void find_bounds(const struct column *c, struct chunk *chunk)
{
	const struct dictionary *d = &c->dictionary;
	size_t n = c->plain ? c->count : d->n;
	if (n == 0 || c->field.list)
		return;
	if (c->field.kind == PARQUET_TEXT)
		text_bounds(chunk, c->plain ? c->texts : d->texts, n);
	else
		int_bounds(chunk, c->plain ? c->ints : d->ints, n, c->field.kind);
}

/* ---- all of it ---- */

/*
 * Whether the values take less in a dictionary than without: of texts, whether each comes
 * three times; of more than a few numbers, by what differences take, of which compression
 * takes nothing while it takes about a quarter off numbers of entries.
 */
static bool is_worth(const struct column *c, struct pages *p)
{
	const struct dictionary *d = &c->dictionary;
	if (c->count == 0 || d->n <= FEW || c->field.kind == PARQUET_TEXT)
		return c->count > 0 && (d->n <= FEW || d->n < c->count / TIMES_MIN);
	size_t width = column_width(c->field.kind);
	size_t coded = d->n * width + c->count * number_width(c) / 8;
	p->packed.n = 0;
	if (!out_room(&p->packed, c->count * sizeof(int64_t)))
		return true;
	int64_t *v = (int64_t *)(void *)p->packed.p;
	for (size_t i = 0; i < c->count; i++)
		v[i] = d->ints[c->numbers.v[i]];
	p->raw.n = 0;
	encode_deltas(&p->raw, v, c->count);
	return coded / 4 * 3 < p->raw.n;
}

int column_write(struct column *c, struct pages *p, struct chunk *chunk)
{
	*chunk = (struct chunk){.values = (int64_t)c->rows, .absent = (int64_t)c->absent};
	if (!c->plain && !is_worth(c, p))
		go_plain(c);
	if (c->failed)
		return -1;
	write_pages(c, p, chunk);
	find_bounds(c, chunk);
	bool texts = c->field.kind == PARQUET_TEXT && !c->field.list;
	if (texts && c->dictionary.n > 1) {
		size_t at = p->filters.n;
		bloom_put(&p->filters, &c->dictionary);
		chunk->bloom_at = (int64_t)at + 1;
		chunk->bloom_bytes = (int64_t)(p->filters.n - at);
	}
	column_empty(c);
	return p->raw.failed || p->packed.failed || p->filters.failed ||
		       p->file->failed || chunk->least.failed || chunk->greatest.failed
		   ? -1
		   : 0;
}

void column_empty(struct column *c)
{
	if (c->absent > 0)
		memset(c->present, 0, (c->rows / 64 + 1) * sizeof(*c->present));
	c->rows = c->count = c->absent = 0;
	c->last = DICTIONARY_NONE;
	c->failed = false;
	c->numbers.n = c->definition.n = c->repetition.n = 0;
	dictionary_empty(&c->dictionary);
	c->plain = c->field.kind == PARQUET_REAL || c->field.kind == PARQUET_FLAG;
}

void column_of(struct column *c, const struct parquet_field *field)
{
	bool texts = c->field.kind == PARQUET_TEXT;
	column_empty(c);
	if (texts && field->kind != PARQUET_TEXT) {
		c->room *= TEXT_INTS;
		c->dictionary.room *= TEXT_INTS;
	} else if (!texts && field->kind == PARQUET_TEXT) {
		c->room /= TEXT_INTS;
		c->dictionary.room /= TEXT_INTS;
	}
	c->field = *field;
	column_empty(c);
}

void column_free(struct column *c)
{
	dictionary_free(&c->dictionary);
	free(c->numbers.v);
	free(c->present);
	free(c->definition.v);
	free(c->repetition.v);
	free(c->ints);
	*c = (struct column){.last = DICTIONARY_NONE};
}
