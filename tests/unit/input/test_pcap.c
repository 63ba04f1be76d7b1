/* SPDX-License-Identifier: Apache-2.0 */
/* Classic captures: every magic number in both byte orders, old versions, damage. */
#include "make.h"

static void check_variant(uint32_t magic, bool big, unsigned header, uint32_t unit)
{
	struct blob b = {.big = big};
	struct run r;
	pcap_head(&b, magic, LINKTYPE_LINUX_SLL);
	put32(&b, 1700000000);
	put32(&b, 123456);
	put32(&b, 5);
	put32(&b, 1500);
	put(&b, "\0\0\0\0\0\0\0\0", header - 16);
	put(&b, "first", 5);
	put32(&b, 4294967295U);
	put32(&b, 999999);
	put32(&b, 0);
	put32(&b, 0);
	put(&b, "\0\0\0\0\0\0\0\0", header - 16);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 2);
	const struct frame *f = r.seen.v;
	assert_memory_equal(f[0].data, "first", 5);
	assert_int_equal(f[0].captured, 5);
	assert_int_equal(f[0].wire, 1500);
	assert_int_equal(f[0].ts.ns, 1700000000000000000 + 123456 * (int64_t)unit);
	assert_int_equal(f[0].offset, 24);
	assert_int_equal(f[0].link, LINKTYPE_LINUX_SLL);
	assert_int_equal(f[0].fcs, 0);
	assert_int_equal(f[1].captured, 0);
	assert_int_equal(f[1].ts.ns, 4294967295000000000 + 999999 * (int64_t)unit);
	assert_int_equal(f[1].offset, 24 + header + 5);
	assert_int_equal(r.seen.issue_count, 0);
	const struct input_source *s = input_source(r.in, 0);
	assert_string_equal(s->format, "pcap");
	assert_true(s->complete && s->usable && !s->skipped);
	assert_int_equal(s->bytes, b.n);
	assert_int_equal(s->size, b.n);
	assert_int_equal(s->frames, 2);
	assert_int_equal(s->first.ns, f[0].ts.ns);
	run_end(&r);
	blob_free(&b);
}

static void variants(void **state)
{
	(void)state;
	for (int big = 0; big < 2; big++) {
		check_variant(0xa1b2c3d4, big, 16, 1000);
		check_variant(0xa1b23c4d, big, 16, 1);
		check_variant(0xa1b2cd34, big, 24, 1000);
		check_variant(0xa12b3c4d, big, 16, 1000);
	}
}

static void check_lengths(unsigned minor, uint32_t first, uint32_t second)
{
	struct blob b = {0};
	struct run r;
	put32(&b, 0xa1b2c3d4);
	put16(&b, 2);
	put16(&b, minor);
	put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 16);
	put64(&b, 1);
	put32(&b, first);
	put32(&b, second);
	put(&b, "abc", 3);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.seen.v[0].captured, 3);
	assert_int_equal(r.seen.v[0].wire, 60);
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
	blob_free(&b);
}

static void old_versions_swap_lengths(void **state)
{
	(void)state;
	check_lengths(4, 3, 60);
	check_lengths(3, 3, 60);
	check_lengths(3, 60, 3);
	check_lengths(2, 60, 3);
}

static void frame_check_sequence(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	/* Two 16-bit words of it, said to be there. */
	pcap_head(&b, 0xa1b2c3d4, 0x24000000 | LINKTYPE_ETHERNET);
	pcap_frame(&b, 1, 0, "abcdefgh", 8);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.v[0].fcs, 4);
	assert_int_equal(r.seen.v[0].link, LINKTYPE_ETHERNET);
	run_end(&r);
	blob_free(&b);
}

static void wire_is_never_below_captured(void **state)
{
	(void)state;
	struct blob b = {0};
	struct run r;
	pcap_head(&b, 0xa1b2c3d4, 1);
	put64(&b, 1);
	put32(&b, 4);
	put32(&b, 2);
	put32(&b, 0);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.seen.v[0].wire, 4);
	run_end(&r);
	blob_free(&b);
}

/* Cut after each byte: the whole frames before the cut,
 * and one line that names the place. */
static void truncation(void **state)
{
	(void)state;
	const uint32_t seconds[] = {10, 11, 12};
	struct blob b = pcap_at(seconds, 3);
	for (size_t n = 0; n <= b.n; n++) {
		struct run r;
		run_bytes(&r, b.p, n);
		bool border = n >= 24 && (n - 24) % 20 == 0;
		assert_int_equal(r.seen.n, n < 24 ? 0 : (n - 24) / 20);
		assert_int_equal(r.seen.issue_count, border ? 0 : 1);
		if (n >= 1 && n < 4)
			assert_int_equal(r.seen.issues[INPUT_UNSUPPORTED], 1);
		else if (!border)
			assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
		if (!border && n > 24)
			assert_int_equal(r.seen.last.offset, 24 + (n - 24) / 20 * 20);
		if (n >= 24)
			assert_int_equal(input_source(r.in, 0)->complete, border);
		run_end(&r);
	}
	blob_free(&b);
}

static void damage_keeps_what_was_before(void **state)
{
	(void)state;
	const uint32_t seconds[] = {10, 11};
	struct blob b = pcap_at(seconds, 2);
	struct run r;
	size_t place = b.n;
	put64(&b, 12);
	put32(&b, 262145); /* one more than the limit */
	put32(&b, 262145);
	put_noise(&b, 300000, 1);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 2);
	assert_int_equal(r.seen.issues[INPUT_MALFORMED], 1);
	assert_int_equal(r.seen.last.offset, place);
	assert_non_null(strstr(r.seen.reason, "262145"));
	assert_string_equal(r.seen.path, at("one"));
	assert_int_equal(input_issues(r.in, INPUT_MALFORMED), 1);
	/* Its bytes were read to the end, so its digest covers them all. */
	assert_int_equal(input_source(r.in, 0)->bytes, b.n);
	assert_false(input_source(r.in, 0)->complete);
	run_end(&r);
	blob_free(&b);
}

static void largest_frame(void **state)
{
	(void)state;
	struct blob b = {0}, noise = {0};
	struct run r;
	put_noise(&noise, 262144, 5);
	pcap_head(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 5; i++) {
		pcap_frame(&b, i, 0, noise.p, 262144);
		pcap_frame(&b, i, 1, noise.p, i);
	}
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 10);
	assert_int_equal(r.seen.issue_count, 0);
	for (size_t i = 0; i < 10; i += 2)
		assert_memory_equal(r.seen.v[i].data, noise.p, 262144);
	run_end(&r);
	blob_free(&noise);
	blob_free(&b);
}

/* Frames of all sizes over many window borders come out as they went in. */
static void many_windows(void **state)
{
	(void)state;
	struct blob b = {0}, sent = {0};
	struct run r;
	pcap_head(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t n = i * 7919 % 257;
		size_t from = sent.n;
		put_noise(&sent, n, i);
		pcap_frame(&b, i, 0, sent.p + from, n);
	}
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.n, 20000);
	assert_int_equal(r.seen.bytes.n, sent.n);
	assert_memory_equal(r.seen.bytes.p, sent.p, sent.n);
	assert_int_equal(r.seen.most, FRAME_BATCH_MAX);
	assert_true(r.seen.batches < 20000 / FRAME_BATCH_MAX + 60);
	uint64_t offset = 24;
	for (uint32_t i = 0; i < 20000; i++) {
		assert_int_equal(r.seen.v[i].offset, offset);
		offset += 16 + r.seen.v[i].captured;
	}
	run_end(&r);
	blob_free(&sent);
	blob_free(&b);
}

static void empty_and_unknown(void **state)
{
	(void)state;
	struct run r;
	run_bytes(&r, "", 0);
	assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
	assert_non_null(strstr(r.seen.reason, "empty"));
	assert_false(input_source(r.in, 0)->usable);
	run_end(&r);
	run_bytes(&r, "hello, world\n", 13);
	assert_int_equal(r.seen.issues[INPUT_UNSUPPORTED], 1);
	run_end(&r);
	run_bytes(&r, "BZh91AY&SY", 10);
	assert_non_null(strstr(r.seen.reason, "bzip2"));
	run_end(&r);
	struct blob b = {0};
	put32(&b, 0xa1b2c3d4);
	put16(&b, 9);
	put(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.issues[INPUT_UNSUPPORTED], 1);
	assert_non_null(strstr(r.seen.reason, "9.0"));
	run_end(&r);
	blob_free(&b);
}

static void link_names(void **state)
{
	(void)state;
	assert_string_equal(linktype_name(LINKTYPE_ETHERNET), "Ethernet");
	assert_string_equal(linktype_name(LINKTYPE_LINUX_SLL2), "Linux cooked 2");
	assert_string_equal(linktype_name(12345), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(variants),
	    cmocka_unit_test(old_versions_swap_lengths),
	    cmocka_unit_test(frame_check_sequence),
	    cmocka_unit_test(wire_is_never_below_captured),
	    cmocka_unit_test(truncation),
	    cmocka_unit_test(damage_keeps_what_was_before),
	    cmocka_unit_test(largest_frame),
	    cmocka_unit_test(many_windows),
	    cmocka_unit_test(empty_and_unknown),
	    cmocka_unit_test(link_names),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
