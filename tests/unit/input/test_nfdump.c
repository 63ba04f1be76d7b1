/* SPDX-License-Identifier: Apache-2.0 */
/* Records of nfdump made by hand, and compressed bytes as their formats' papers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/nfdump.h"

struct out {
	uint8_t b[512];
	size_t n;
};

static void le(struct out *o, uint64_t value, size_t n)
{
	for (size_t i = 0; i < n; i++, value >>= 8)
		o->b[o->n++] = (uint8_t)value;
}

static void set_size(struct out *o)
{
	o->b[2] = (uint8_t)o->n;
	o->b[3] = (uint8_t)(o->n >> 8);
}

static enum nfdump_result read_one(
    const struct out *o, struct nfdump_maps *m, struct netflow_row *row)
{
	uint8_t *copy = memcpy(malloc(o->n), o->b, o->n);
	enum nfdump_result r = nfdump_record(bytes_over(copy, o->n), m, row);
	free(copy);
	return r;
}

static void put_map(struct out *o, uint16_t id, const uint16_t *extensions, size_t n)
{
	*o = (struct out){0};
	le(o, 2, 2);
	le(o, 0, 2);
	le(o, id, 2);
	le(o, 0, 2);
	for (size_t i = 0; i < n; i++)
		le(o, extensions[i], 2);
	le(o, 0, 2);
	set_size(o);
}

static void put_common(struct out *o, uint16_t map)
{
	*o = (struct out){0};
	le(o, 10, 2);
	le(o, 0, 2);
	le(o, 2, 2); /* packets of 64 bits */
	le(o, map, 2);
	le(o, 250, 2);
	le(o, 750, 2);
	le(o, 1700000000, 4);
	le(o, 1700000001, 4);
	le(o, 0x00061b00, 4); /* status, flags, protocol, tos */
	le(o, 40000, 2);
	le(o, 443, 2);
	le(o, 3, 2);
	le(o, 0, 2);
	le(o, 0x0a000001, 4);
	le(o, 0xc0000207, 4);
	le(o, 5, 8);
	le(o, 500, 4);
	le(o, 77, 2); /* VLANs */
	le(o, 78, 2);
	le(o, 4, 4); /* packets out */
	set_size(o);
}

static void test_layout_1(void **state)
{
	static const uint16_t extensions[] = {13, 14};
	struct nfdump_maps m = {.by_id = calloc(65536, sizeof(uint32_t))};
	struct netflow_row r;
	struct out o;
	(void)state;
	put_common(&o, 9);
	assert_int_equal(read_one(&o, &m, &r), NFDUMP_NO_MAP);
	put_map(&o, 9, extensions, 2);
	assert_int_equal(read_one(&o, &m, &r), NFDUMP_OTHER);
	put_common(&o, 9);
	assert_int_equal(read_one(&o, &m, &r), NFDUMP_ROW);
	assert_int_equal(r.addr[0].b[12], 10);
	assert_int_equal(r.addr[1].b[15], 7);
	assert_int_equal(r.port[1], 443);
	assert_int_equal(r.packets[0], 5);
	assert_int_equal(r.bytes[0], 500);
	assert_int_equal(r.out_packets, 4);
	assert_int_equal(r.vlan, 77);
	assert_int_equal(r.flags[0], 0x1b);
	assert_int_equal(r.exporter, 3);
	assert_true(r.first.ns == moment_from(1700000000, 250 * NS_PER_MS).ns);
	o.n -= 6; /* the extensions do not fit */
	assert_int_equal(read_one(&o, &m, &r), NFDUMP_BROKEN);
	free(m.v);
	free(m.by_id);
}

static void test_maps_limit(void **state)
{
	static const uint16_t extensions[] = {13};
	struct nfdump_maps m = {.by_id = calloc(65536, sizeof(uint32_t))};
	struct netflow_row r;
	struct out o;
	(void)state;
	for (uint32_t i = 0; i <= NFDUMP_MAPS_MAX; i++) {
		put_map(&o, (uint16_t)i, extensions, 1);
		assert_int_equal(read_one(&o, &m, &r),
		    i < NFDUMP_MAPS_MAX ? NFDUMP_OTHER : NFDUMP_TOO_MANY);
	}
	uint16_t many[NFDUMP_MAP_MAX + 1];
	for (size_t i = 0; i <= NFDUMP_MAP_MAX; i++)
		many[i] = 13;
	put_map(&o, 1, many, NFDUMP_MAP_MAX + 1);
	assert_int_equal(read_one(&o, &m, &r), NFDUMP_BROKEN);
	free(m.v);
	free(m.by_id);
}

static void test_layout_2(void **state)
{
	struct out o = {0};
	struct netflow_row r;
	(void)state;
	le(&o, 11, 2);
	le(&o, 0, 2);
	le(&o, 2, 2);
	le(&o, 0, 2);
	le(&o, 1, 2);
	le(&o, 2, 1); /* sampled */
	le(&o, 0, 1);
	le(&o, 1, 2);
	le(&o, 4 + 48, 2);
	le(&o, 1700000000250, 8);
	le(&o, 1700000001750, 8);
	le(&o, 1700000009000, 8);
	le(&o, 6, 8);
	le(&o, 600, 8);
	le(&o, 0, 2);
	le(&o, 0x0800, 2); /* an echo */
	le(&o, 1, 1);
	le(&o, 0, 5);
	o.n -= 2;
	le(&o, 3, 2);
	le(&o, 4 + 32, 2);
	for (int i = 0; i < 2; i++) {
		le(&o, 0x2001000000000000, 8);
		le(&o, 1 + (uint64_t)i, 8);
	}
	set_size(&o);
	assert_int_equal(read_one(&o, NULL, &r), NFDUMP_ROW);
	assert_int_equal(r.addr[1].b[0], 0x20);
	assert_int_equal(r.addr[1].b[15], 2);
	assert_int_equal(r.port[0], 8);
	assert_int_equal(r.port[1], 0);
	assert_int_equal(r.packets[0], 6);
	assert_true((r.marks & NETFLOW_SAMPLED) != 0);
	assert_true(r.seen.ns == moment_from(1700000009, 0).ns);
}

static void unpacks(
    enum nfdump_compression how, const void *p, size_t n, const char *text)
{
	uint8_t out[256];
	ptrdiff_t got = nfdump_unpack(how, p, n, out, sizeof(out));
	assert_int_equal(got, (int)strlen(text));
	assert_memory_equal(out, text, strlen(text));
	/* Less room, or a byte less of it: damaged, never beyond. */
	assert_true(nfdump_unpack(how, p, n, out, strlen(text) - 1) < 0);
	for (size_t i = 0; i < n; i++)
		assert_true(nfdump_unpack(how, p, i, out, sizeof(out)) <=
			    (ptrdiff_t)strlen(text));
}

/* The block format: 3 literals, a copy of 9 from 3 back, 5 literals at the end. */
static void test_lz4(void **state)
{
	static const uint8_t block[] = "\x35"
				       "abc\x03\x00\x50"
				       "12345";
	static const uint8_t far_back[] = "\x14"
					  "a\x02\x00\x10"
					  "b";
	uint8_t out[64];
	(void)state;
	unpacks(NFDUMP_LZ4, block, sizeof(block) - 1, "abcabcabcabc12345");
	assert_true(nfdump_unpack_lz4(far_back, sizeof(far_back) - 1, out, 64) < 0);
	assert_true(nfdump_unpack_lz4(block, 0, out, 64) < 0);
}

/* 4 literals at the start (21); a copy of 6 from 4 back (001LLLLL with L = 4, D = 3, one
 * literal after it); a copy of 3 from 1 back (01LDDDSS); the end. */
static void test_lzo(void **state)
{
	static const uint8_t stream[] = {
	    21, 'a', 'b', 'c', 'd', 0x24, 3 << 2 | 1, 0, 'x', 0x40, 0, 0x11, 0, 0};
	static const uint8_t far_back[] = {
	    21, 'a', 'b', 'c', 'd', 0x24, 9 << 2, 0, 0x11, 0, 0};
	uint8_t out[64];
	(void)state;
	unpacks(NFDUMP_LZO, stream, sizeof(stream), "abcdabcdabxxxx");
	assert_true(nfdump_unpack_lzo(far_back, sizeof(far_back), out, 64) < 0);
	assert_true(nfdump_unpack_lzo(stream, sizeof(stream) - 1, out, 64) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_layout_1),
	    cmocka_unit_test(test_maps_limit), cmocka_unit_test(test_layout_2),
	    cmocka_unit_test(test_lz4), cmocka_unit_test(test_lzo)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
