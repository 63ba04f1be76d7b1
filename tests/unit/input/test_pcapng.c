/* SPDX-License-Identifier: Apache-2.0 */
/* pcapng: sections, interfaces with their clocks,
 * all kinds of packets, statistics, damage. */
#include "make.h"

#define MICRO 1700000000000000U /* a time in microseconds */

/* ---- blocks ---- */

/* Begin a block; block_end fills in its two lengths. */
static size_t block_begin(struct blob *b, uint32_t type)
{
	size_t start = b->n;
	put32(b, type);
	put32(b, 0);
	return start;
}

static void block_end(struct blob *b, size_t start)
{
	while (b->n % 4 != start % 4)
		put8(b, 0);
	put32(b, b->n - start + 4);
	memcpy(b->p + start + 4, b->p + b->n - 4, 4);
}

static void option(struct blob *b, uint16_t code, const void *p, uint16_t n)
{
	put16(b, code);
	put16(b, n);
	put(b, p, n);
	put(b, "\0\0\0", -(size_t)n & 3);
}

static void option64(struct blob *b, uint16_t code, uint64_t v)
{
	put16(b, code);
	put16(b, 8);
	put64(b, v);
}

static void section(struct blob *b)
{
	size_t start = block_begin(b, 0x0a0d0d0a);
	put32(b, 0x1a2b3c4d);
	put16(b, 1);
	put16(b, 0);
	put64(b, UINT64_MAX);
	option(b, 4, "test", 4);
	put32(b, 0);
	block_end(b, start);
}

/* An interface; resolution 0: not said. */
static void interface(
    struct blob *b, uint16_t link, uint32_t snapshot, uint8_t resolution)
{
	size_t start = block_begin(b, 1);
	put16(b, link);
	put16(b, 0);
	put32(b, snapshot);
	option(b, 2, "eth0", 4);
	if (resolution != 0)
		option(b, 9, &resolution, 1);
	put32(b, 0);
	block_end(b, start);
}

static void enhanced(
    struct blob *b, uint32_t interface_id, uint64_t time, const char *text)
{
	size_t start = block_begin(b, 6);
	put32(b, interface_id);
	put32(b, time >> 32);
	put32(b, time & 0xffffffff);
	put32(b, strlen(text));
	put32(b, strlen(text) + 100);
	put(b, text, strlen(text));
	block_end(b, start);
}

static void check_frame(const struct run *r, size_t i, const char *text, int64_t ns)
{
	assert_true(i < r->seen.n);
	const struct frame *f = &r->seen.v[i];
	assert_int_equal(f->captured, strlen(text));
	assert_memory_equal(f->data, text, strlen(text));
	assert_int_equal(f->ts.ns, ns);
}

/* ---- tests ---- */

static void sections_and_orders(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	for (unsigned i = 0; i < 3; i++) {
		b.big = i == 1;
		section(&b);
		interface(&b, LINKTYPE_RAW, 0, 0);
		interface(&b, LINKTYPE_ETHERNET, 0, 9);
		enhanced(&b, 0, MICRO + i, "one");
		enhanced(&b, 1, MICRO * 1000 + i, "four");
	}
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(r.seen.n, 6);
	for (size_t i = 0; i < 3; i++) {
		check_frame(&r, 2 * i, "one", (int64_t)(MICRO + i) * 1000);
		check_frame(&r, 2 * i + 1, "four", (int64_t)(MICRO * 1000 + i));
		assert_int_equal(r.seen.v[2 * i].link, LINKTYPE_RAW);
		assert_int_equal(r.seen.v[2 * i + 1].link, LINKTYPE_ETHERNET);
		assert_int_equal(r.seen.v[2 * i].wire, 103);
	}
	assert_string_equal(input_source(r.in, 0)->format, "pcapng");
	run_end(&r);
	blob_free(&b);
}

static void check_clock(uint8_t resolution, uint64_t units, int64_t offset, int64_t ns)
{
	for (int big = 0; big < 2; big++) {
		struct blob b = {.big = big};
		struct run r;
		section(&b);
		size_t start = block_begin(&b, 1);
		put16(&b, 1);
		put16(&b, 0);
		put32(&b, 0);
		option(&b, 9, &resolution, 1);
		if (offset != 0)
			option64(&b, 14, (uint64_t)offset);
		put32(&b, 0);
		block_end(&b, start);
		enhanced(&b, 0, units, "t");
		run_bytes(&r, b.p, b.n);
		assert_int_equal(r.seen.issue_count, 0);
		check_frame(&r, 0, "t", ns);
		run_end(&r);
		blob_free(&b);
	}
}

static void clocks(void **state)
{
	(void)state;
	check_clock(0, 1700000000, 0, 1700000000000000000);
	check_clock(3, 1700000000123, 0, 1700000000123000000);
	check_clock(9, 1700000000123456789, 0, 1700000000123456789);
	check_clock(12, 1700000000123456, 0, 1700000000123);
	check_clock(18, 1500000000000000000, 0, 1500000000);
	check_clock(19, 10000000000000000000U, 0, 1000000000);
	check_clock(0x80, 1700000000, 0, 1700000000000000000);
	check_clock(0x80 | 10, 1700000000ULL * 1024 + 512, 0, 1700000000500000000);
	check_clock(0x80 | 20, (1700000000ULL << 20) + (1 << 18), 0, 1700000000250000000);
	check_clock(0x80 | 63, 3ULL << 62, 0, 1500000000);
	check_clock(0x80 | 64, 1ULL << 63, 0, 500000000);
	check_clock(6, 1000000, 1700000000, 1700000001000000000);
	check_clock(6, 5000000, -3, 2000000000);
	/* Out of range: the ends of time, not a wrap. */
	check_clock(0, UINT64_MAX, 0, INT64_MAX);
	check_clock(6, UINT64_MAX, 0, INT64_MAX);
	check_clock(6, 0, INT64_MIN, INT64_MIN + 1);
}

static void simple_and_old_packets(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct blob b = {.big = big};
		struct run r;
		section(&b);
		interface(&b, LINKTYPE_ETHERNET, 4, 0);
		size_t start =
		    block_begin(&b, 3); /* no time yet: the beginning of time */
		put32(&b, 3);
		put(&b, "abc", 3);
		block_end(&b, start);
		start = block_begin(&b, 2);
		put16(&b, 0);
		put16(&b, 7); /* drops */
		put32(&b, MICRO >> 32);
		put32(&b, MICRO & 0xffffffff);
		put32(&b, 2);
		put32(&b, 9);
		put(&b, "de", 2);
		option(&b, 1, "comment", 7);
		block_end(&b, start);
		start = block_begin(&b, 3);
		put32(&b,
		    1500); /* on the wire; the snapshot length of the interface cuts it */
		put(&b, "fghi", 4);
		block_end(&b, start);
		run_bytes(&r, b.p, b.n);
		assert_int_equal(r.seen.issue_count, 0);
		assert_int_equal(r.seen.n, 3);
		check_frame(&r, 0, "abc", 0);
		check_frame(&r, 1, "de", (int64_t)MICRO * 1000);
		check_frame(&r, 2, "fghi", (int64_t)MICRO * 1000);
		assert_int_equal(r.seen.v[1].wire, 9);
		assert_int_equal(r.seen.v[2].wire, 1500);
		assert_int_equal(input_source(r.in, 0)->drops, 7);
		run_end(&r);
		blob_free(&b);
	}
}

static void statistics(
    struct blob *b, uint32_t id, uint64_t by_interface, uint64_t by_system)
{
	size_t start = block_begin(b, 5);
	put32(b, id);
	put64(b, 0);
	option64(b, 4, 1000);
	option64(b, 5, by_interface);
	option64(b, 7, by_system);
	put32(b, 0);
	block_end(b, start);
}

static void drops(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	section(&b);
	interface(&b, 1, 0, 0);
	interface(&b, 1, 0, 0);
	/* Interface 0 has statistics, which count from the start;
	 * what packets say is in them. */
	size_t start = block_begin(&b, 6);
	put32(&b, 0);
	put64(&b, 0);
	put32(&b, 3);
	put32(&b, 3);
	put(&b, "xyz", 4);
	option64(&b, 4, 11);
	put32(&b, 0);
	block_end(&b, start);
	statistics(&b, 0, 5, 1);
	statistics(&b, 0, 8, 2);
	section(&b);
	interface(&b, 1, 0, 0);
	start = block_begin(&b, 6);
	put32(&b, 0);
	put64(&b, 0);
	put32(&b, 4);
	put32(&b, 4);
	put(&b, "wxyz", 4);
	option64(&b, 4, 100); /* of an interface without statistics: counts */
	put32(&b, 0);
	block_end(&b, start);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(r.seen.n, 2);
	assert_int_equal(input_source(r.in, 0)->drops, 8 + 2 + 100);
	run_end(&r);
	blob_free(&b);
}

static void unknown_blocks_are_skipped(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	section(&b);
	interface(&b, 1, 0, 0);
	static const size_t sizes[] = {0, 4, 1000, 300000, 2000000};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t start = block_begin(&b, 0x80000001);
		put_noise(&b, sizes[i], 3);
		block_end(&b, start);
		enhanced(&b, 0, MICRO + i, "after");
	}
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(r.seen.n, 5);
	for (size_t i = 0; i < 5; i++)
		check_frame(&r, i, "after", (int64_t)(MICRO + i) * 1000);
	run_end(&r);
	blob_free(&b);
}

static void fcs_length(void **state)
{
	(void)state;
	static const uint8_t said[] = {4, 32, 16, 0, 77}, want[] = {4, 4, 2, 0, 0};
	for (size_t i = 0; i < sizeof(said); i++) {
		struct blob b = {0};
		struct run r;
		section(&b);
		size_t start = block_begin(&b, 1);
		put16(&b, 1);
		put16(&b, 0);
		put32(&b, 0);
		option(&b, 13, &said[i], 1);
		block_end(&b, start);
		enhanced(&b, 0, 0, "12345678");
		run_bytes(&r, b.p, b.n);
		assert_int_equal(r.seen.v[0].fcs, want[i]);
		run_end(&r);
		blob_free(&b);
	}
}

static void truncation(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		struct blob b = {.big = big};
		size_t border[4];
		section(&b);
		border[0] = b.n;
		interface(&b, 1, 0, 0);
		border[1] = b.n;
		enhanced(&b, 0, MICRO, "first");
		border[2] = b.n;
		enhanced(&b, 0, MICRO, "second");
		border[3] = b.n;
		for (size_t n = 0; n <= b.n; n++) {
			struct run r;
			run_bytes(&r, b.p, n);
			bool whole = n == border[0] || n == border[1] || n == border[2] ||
				     n == border[3];
			assert_int_equal(r.seen.n, (n >= border[2]) + (n >= border[3]));
			assert_int_equal(r.seen.issue_count, whole ? 0 : 1);
			if (!whole && n >= 12)
				assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
			run_end(&r);
		}
		blob_free(&b);
	}
}

/* A good packet, then what is in bad: the packet is kept, the issue names its place. */
static void check_damage(
    const struct blob *bad, enum input_outcome outcome, const char *word)
{
	struct blob b = {0};
	struct run r;
	section(&b);
	interface(&b, 1, 0, 0);
	enhanced(&b, 0, MICRO, "kept");
	size_t place = b.n;
	put(&b, bad->p, bad->n);
	enhanced(&b, 0, MICRO, "lost");
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.seen.issue_count, 1);
	assert_int_equal(r.seen.issues[outcome], 1);
	assert_int_equal(r.seen.last.offset, place);
	assert_non_null(strstr(r.seen.reason, word));
	assert_int_equal(input_source(r.in, 0)->bytes, b.n);
	run_end(&r);
	blob_free(&b);
}

static void damage(void **state)
{
	(void)state;
	struct blob b = {0};
	enhanced(&b, 1, 0, "no such interface");
	check_damage(&b, INPUT_MALFORMED, "not described");
	b.n = 0;
	enhanced(&b, 0, 0, "longer than its block");
	b.p[20] = 200;
	check_damage(&b, INPUT_MALFORMED, "longer than its block");
	b.n = 0;
	enhanced(&b, 0, 0, "lengths differ");
	b.p[b.n - 4] ^= 4;
	check_damage(&b, INPUT_MALFORMED, "two lengths");
	static const uint32_t lengths[] = {0, 8, 13, (16 << 20) + 4, 0xfffffffc};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		b.n = 0;
		put32(&b, 99);
		put32(&b, lengths[i]);
		check_damage(&b, INPUT_MALFORMED, "length");
	}
	b.n = 0;
	put32(&b, 6);
	put32(&b, 327680 + 4); /* one word more than fits */
	check_damage(&b, INPUT_OVER_LIMIT, "327684");
	b.n = 0;
	size_t start = block_begin(&b, 0x0a0d0d0a);
	put32(&b, 0xdeadbeef);
	put64(&b, 0);
	put64(&b, 0);
	block_end(&b, start);
	check_damage(&b, INPUT_MALFORMED, "byte order");
	b.n = 0;
	start = block_begin(&b, 0x0a0d0d0a);
	put32(&b, 0x1a2b3c4d);
	put16(&b, 2);
	put16(&b, 0);
	put64(&b, 0);
	block_end(&b, start);
	check_damage(&b, INPUT_UNSUPPORTED, "version 2.0");
	b.n = 0;
	start = block_begin(&b, 1);
	put64(&b, 0);
	put16(&b, 9);
	put16(&b, 500); /* an option that leaves the block */
	block_end(&b, start);
	check_damage(&b, INPUT_MALFORMED, "interface");
	b.n = 0;
	start = block_begin(&b, 5);
	put32(&b, 3);
	put64(&b, 0);
	block_end(&b, start);
	check_damage(&b, INPUT_MALFORMED, "statistics");
	for (uint32_t type = 2; type <= 6; type++) {
		if (type == 4)
			continue;
		b.n = 0;
		start = block_begin(&b, type);
		block_end(&b, start);
		check_damage(
		    &b, INPUT_MALFORMED, type == 5 ? "statistics" : "ends too early");
	}
	blob_free(&b);
}

/* Broken options of a packet say nothing about the packet, which is whole. */
static void packet_options_do_not_matter(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	section(&b);
	interface(&b, 1, 0, 0);
	size_t start = block_begin(&b, 6);
	put32(&b, 0);
	put64(&b, 0);
	put32(&b, 4);
	put32(&b, 4);
	put(&b, "data", 4);
	put16(&b, 4);
	put16(&b, 60000);
	put32(&b, 0);
	block_end(&b, start);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
	blob_free(&b);
}

static void too_many_interfaces(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	section(&b);
	for (unsigned i = 0; i < 65537; i++) {
		size_t start = block_begin(&b, 1);
		put64(&b, 1);
		block_end(&b, start);
		if (i == 65535)
			enhanced(&b, 65535, MICRO, "last");
	}
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	run_end(&r);
	blob_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sections_and_orders),
	    cmocka_unit_test(clocks),
	    cmocka_unit_test(simple_and_old_packets),
	    cmocka_unit_test(drops),
	    cmocka_unit_test(unknown_blocks_are_skipped),
	    cmocka_unit_test(fcs_length),
	    cmocka_unit_test(truncation),
	    cmocka_unit_test(damage),
	    cmocka_unit_test(packet_options_do_not_matter),
	    cmocka_unit_test(too_many_interfaces),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
