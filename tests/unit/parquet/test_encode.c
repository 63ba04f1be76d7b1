/* SPDX-License-Identifier: Apache-2.0 */
/* The encodings against a reader of their own that is as plain as the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parquet/dictionary.h"
#include "parquet/encode.h"

#define MANY 5000

/* ---- a reader ---- */

struct in {
	const uint8_t *p;
	size_t bit, bits;
};

static uint64_t bits_of(struct in *in, unsigned width)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < width; i++, in->bit++) {
		assert_true(in->bit < in->bits);
		v |= (uint64_t)(in->p[in->bit / 8] >> in->bit % 8 & 1) << i;
	}
	return v;
}

static uint64_t varint_of(struct in *in)
{
	uint64_t v = 0, byte;
	for (unsigned shift = 0;; shift += 7) {
		byte = bits_of(in, 8);
		v |= (byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
}

static int64_t zigzag_of(struct in *in)
{
	uint64_t v = varint_of(in);
	return (int64_t)(v >> 1 ^ (0 - (v & 1)));
}

static void read_runs(struct in *in, uint32_t *v, size_t n, unsigned width)
{
	for (size_t i = 0; i < n;) {
		uint64_t head = varint_of(in);
		size_t count = head & 1 ? (head >> 1) * 8 : head >> 1;
		uint64_t value = head & 1 ? 0 : bits_of(in, (width + 7) / 8 * 8);
		assert_true(count > 0);
		for (size_t k = 0; k < count; k++) {
			uint64_t one = head & 1 ? bits_of(in, width) : value;
			if (i < n)
				v[i++] = (uint32_t)one;
			else
				assert_int_equal(one, 0);
		}
	}
}

static void read_deltas(struct in *in, int64_t *v, size_t n)
{
	size_t block = varint_of(in), minis = varint_of(in), at = 1;
	assert_int_equal(block % 128, 0);
	assert_int_equal(block / minis % 32, 0);
	assert_int_equal(varint_of(in), n);
	int64_t first = zigzag_of(in);
	if (n > 0)
		v[0] = first;
	while (at < n) {
		uint64_t least = (uint64_t)zigzag_of(in);
		uint8_t widths[64];
		for (size_t m = 0; m < minis; m++)
			widths[m] = (uint8_t)bits_of(in, 8);
		for (size_t i = 0; i < block; i++) {
			uint64_t more = bits_of(in, widths[i / (block / minis)]);
			if (at < n) {
				v[at] = (int64_t)((uint64_t)v[at - 1] + least + more);
				at++;
			}
		}
	}
}

static struct in in_of(const struct out *o)
{
	assert_false(o->failed);
	return (struct in){o->p, 0, o->n * 8};
}

/* ---- runs ---- */

static void hold_runs(const uint32_t *v, size_t n, unsigned width)
{
	struct out o = {0};
	uint32_t *back = calloc(n + 1, sizeof(*back));
	encode_runs(&o, v, n, width);
	struct in in = in_of(&o);
	read_runs(&in, back, n, width);
	assert_int_equal(in.bit, in.bits);
	assert_memory_equal(back, v, n * sizeof(*v));
	free(back);
	out_free(&o);
}

static void runs_come_back(void **state)
{
	static uint32_t v[MANY];
	(void)state;
	for (unsigned width = 1; width <= 32; width++) {
		uint32_t mask = (uint32_t)((UINT64_C(1) << width) - 1), x = 12345;
		for (size_t i = 0; i < MANY; i++) {
			x = x * 1664525 + 1013904223;
			/* runs of 1 to some 60 in some places, none in others */
			v[i] = i > 0 && (i / 700 % 2 == 0 ? x >> 26 != 0 : x >> 31 != 0)
				   ? v[i - 1]
				   : x >> 3 & mask;
		}
		for (size_t n = 0; n < 40; n++)
			hold_runs(v + n, n, width);
		hold_runs(v, MANY, width);
	}
}

static void equal_values_are_one_run(void **state)
{
	uint32_t v[MANY] = {0};
	struct out o = {0};
	(void)state;
	encode_runs(&o, v, MANY, 1);
	assert_int_equal(o.n, 3);
	out_free(&o);
}

/* ---- differences ---- */

static void hold_deltas(const int64_t *v, size_t n)
{
	struct out o = {0};
	int64_t *back = calloc(n + 1, sizeof(*back));
	encode_deltas(&o, v, n);
	struct in in = in_of(&o);
	read_deltas(&in, back, n);
	assert_int_equal(in.bit, in.bits);
	assert_memory_equal(back, v, n * sizeof(*v));
	free(back);
	out_free(&o);
}

static void differences_come_back(void **state)
{
	static const int64_t odd[] = {
	    0, INT64_MIN, INT64_MAX, -1, INT64_MIN, 1, INT64_MAX, INT64_MAX, 0};
	static int64_t v[MANY];
	(void)state;
	hold_deltas(odd, sizeof(odd) / sizeof(*odd));
	for (unsigned width = 0; width < 64; width++) {
		uint64_t x = 88172645463325252U + width;
		for (size_t i = 0; i < MANY; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			v[i] = (int64_t)(x >> width) - (width % 3 == 0 ? 1000 : 0);
		}
		for (size_t n = 0; n <= 300; n += 43)
			hold_deltas(v, n);
		hold_deltas(v, 1024);
		hold_deltas(v, 1025);
		hold_deltas(v, MANY);
	}
}

/* What a text shares with the one before is written once. */
static void texts_share_what_they_begin_with(void **state)
{
	static const struct str v[] = {STR("one"), STR("one more"), STR(""), STR("three"),
	    STR("three"), STR("thread of 17 byte"), STR("thread of 17 bytes")};
	enum { N = sizeof(v) / sizeof(*v) };
	int64_t same[N], more[N];
	char text[32];
	struct out o = {0}, room = {0};
	(void)state;
	encode_texts(&o, v, N, &room);
	struct in in = in_of(&o);
	read_deltas(&in, same, N);
	read_deltas(&in, more, N);
	assert_int_equal(same[4], 5);
	assert_int_equal(same[6], 17);
	const char *p = (const char *)o.p + in.bit / 8;
	for (size_t i = 0; i < N; i++) {
		memcpy(text + same[i], p, (size_t)more[i]);
		p += more[i];
		assert_int_equal(same[i] + more[i], v[i].n);
		assert_memory_equal(text, v[i].p, v[i].n);
	}
	assert_ptr_equal(p, o.p + o.n);
	out_free(&o);
	out_free(&room);
}

/* ---- plain ---- */

static void plain_values_are_as_they_are(void **state)
{
	static const int64_t v[] = {1, -2, 0x0102030405060708};
	static const uint8_t four[] = {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 8, 7, 6, 5};
	static const int64_t flags[] = {1, 0, 0, 1, 1, 1, 1, 1, 0, 1};
	static const uint8_t bits[] = {0xf9, 0x02};
	struct out o = {0};
	(void)state;
	encode_plain(&o, v, 3, 4);
	assert_int_equal(o.n, sizeof(four));
	assert_memory_equal(o.p, four, sizeof(four));
	o.n = 0;
	encode_flags(&o, flags, 10);
	assert_int_equal(o.n, 2);
	assert_memory_equal(o.p, bits, 2);
	out_free(&o);
}

/* ---- dictionaries ---- */

static void dictionaries_number_and_end(void **state)
{
	struct dictionary d = {0};
	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int64_t i = 0; i < DICTIONARY_MAX; i++) {
			assert_int_equal(dictionary_int(&d, i * i), i);
			assert_int_equal(dictionary_int(&d, i / 2 * (i / 2)), i / 2);
		}
		assert_int_equal(dictionary_int(&d, -1), DICTIONARY_NONE);
		dictionary_empty(&d);
	}
	dictionary_free(&d);
}

static void texts_that_are_alike_differ(void **state)
{
	char all[600][40];
	struct dictionary d = {0};
	(void)state;
	for (size_t i = 0; i < 600; i++) {
		/* all lengths to 39; texts of a length differ in one byte */
		size_t n = i % 40;
		memset(all[i], 'a', sizeof(all[i]));
		if (n > 0)
			all[i][i / 40 % n] = (char)('b' + i / 40);
	}
	uint32_t numbers[600];
	for (size_t i = 0; i < 600; i++)
		numbers[i] = dictionary_text(&d, (struct str){all[i], i % 40});
	for (size_t i = 0; i < 600; i++) {
		struct str text = {all[i], i % 40};
		assert_int_equal(dictionary_text(&d, text), numbers[i]);
		assert_true(str_equal(d.texts[numbers[i]], text));
	}
	/* of length 0 there is one, of 1 and more fifteen each */
	assert_int_equal(d.n, 1 + 39 * 15);
	dictionary_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_come_back),
	    cmocka_unit_test(equal_values_are_one_run),
	    cmocka_unit_test(differences_come_back),
	    cmocka_unit_test(texts_share_what_they_begin_with),
	    cmocka_unit_test(plain_values_are_as_they_are),
	    cmocka_unit_test(dictionaries_number_and_end),
	    cmocka_unit_test(texts_that_are_alike_differ),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
