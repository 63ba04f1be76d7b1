/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed captures, written by the libraries' own compressors: members and frames in a
 * row, cut at every byte, damaged, over the limits on memory and on expansion.
 */
#include <lzma.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include "make.h"

typedef void compressor(struct blob *out, const void *p, size_t n);

static void gzip(struct blob *out, const void *p, size_t n)
{
	z_stream z = {0};
	uint8_t *room = malloc(n + 1000);
	assert_non_null(room);
	assert_int_equal(
	    deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = room;
	z.avail_out = (uInt)n + 1000;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	put(out, room, z.total_out);
	deflateEnd(&z);
	free(room);
}

static void zstd(struct blob *out, const void *p, size_t n)
{
	size_t most = ZSTD_compressBound(n);
	uint8_t *room = malloc(most);
	assert_non_null(room);
	size_t got = ZSTD_compress(room, most, p, n, 3);
	assert_false(ZSTD_isError(got));
	put(out, room, got);
	free(room);
}

static void xz(struct blob *out, const void *p, size_t n)
{
	lzma_stream x = LZMA_STREAM_INIT;
	size_t most = lzma_stream_buffer_bound(n);
	uint8_t *room = malloc(most);
	assert_non_null(room);
	assert_int_equal(lzma_easy_encoder(&x, 1, LZMA_CHECK_CRC32), LZMA_OK);
	x.next_in = p;
	x.avail_in = n;
	x.next_out = room;
	x.avail_out = most;
	assert_int_equal(lzma_code(&x, LZMA_FINISH), LZMA_STREAM_END);
	put(out, room, x.total_out);
	lzma_end(&x);
	free(room);
}

static const struct {
	const char *format;
	compressor *compress;
} codecs[] = {{"pcap+gzip", gzip}, {"pcap+zstd", zstd}, {"pcap+xz", xz}};

#define CODECS (sizeof(codecs) / sizeof(codecs[0]))

/* A capture of n frames of noise. */
static struct blob capture(uint32_t n)
{
	struct blob b = {0}, noise = {0};
	put_noise(&noise, 700, 9);
	pcap_head(&b, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < n; i++)
		pcap_frame(&b, i, 0, noise.p + i % 100, i * 31 % 600);
	blob_free(&noise);
	return b;
}

static void check_digest(const struct input_source *s, const void *p, size_t n)
{
	size_t head = n < INPUT_PREFIX_BYTES ? n : INPUT_PREFIX_BYTES;
	XXH128_hash_t all = XXH3_128bits_withSecret(p, n, secret, sizeof(secret));
	XXH128_hash_t first = XXH3_128bits_withSecret(p, head, secret, sizeof(secret));
	assert_true(s->whole.high == all.high64 && s->whole.low == all.low64);
	assert_true(s->prefix.high == first.high64 && s->prefix.low == first.low64);
}

static void whole_files(void **state)
{
	(void)state;
	static const uint32_t counts[] = {0, 1, 100, 5000};
	for (size_t k = 0; k < 4 * CODECS; k++) {
		struct blob plain = capture(counts[k / CODECS]), packed = {0};
		struct run r;
		codecs[k % CODECS].compress(&packed, plain.p, plain.n);
		run_bytes(&r, packed.p, packed.n);
		const struct input_source *s = input_source(r.in, 0);
		assert_int_equal(r.seen.issue_count, 0);
		assert_int_equal(r.seen.n, counts[k / CODECS]);
		assert_string_equal(s->format, codecs[k % CODECS].format);
		assert_int_equal(s->bytes, plain.n);
		assert_int_equal(s->size, packed.n);
		assert_true(s->complete);
		check_digest(s, plain.p, plain.n);
		run_end(&r);
		blob_free(&plain);
		blob_free(&packed);
	}
}

/* Two members in a row, cut in the middle of a record, are one capture. */
static void members_in_a_row(void **state)
{
	(void)state;
	for (size_t k = 0; k < CODECS; k++) {
		struct blob plain = capture(1000), packed = {0};
		struct run r;
		codecs[k].compress(&packed, plain.p, 100001);
		codecs[k].compress(&packed, plain.p, 0);
		codecs[k].compress(&packed, plain.p + 100001, plain.n - 100001);
		run_bytes(&r, packed.p, packed.n);
		assert_int_equal(r.seen.issue_count, 0);
		assert_int_equal(r.seen.n, 1000);
		check_digest(input_source(r.in, 0), plain.p, plain.n);
		run_end(&r);
		blob_free(&plain);
		blob_free(&packed);
	}
}

static void cut_anywhere(void **state)
{
	(void)state;
	for (size_t k = 0; k < CODECS; k++) {
		struct blob plain = capture(8), packed = {0};
		codecs[k].compress(&packed, plain.p, plain.n);
		for (size_t n = 1; n < packed.n; n++) {
			struct run r;
			run_bytes(&r, packed.p, n);
			/* The checksum at the end may be cut off alone:
			 * all frames are there. */
			assert_true(r.seen.n <= 8);
			assert_int_equal(r.seen.issue_count, 1);
			if (n > 12)
				assert_int_equal(r.seen.issues[INPUT_TRUNCATED], 1);
			run_end(&r);
		}
		blob_free(&plain);
		blob_free(&packed);
	}
}

static void damage_inside(void **state)
{
	(void)state;
	for (size_t k = 0; k < CODECS; k++) {
		struct blob plain = capture(5000), packed = {0};
		struct run r;
		codecs[k].compress(&packed, plain.p, plain.n);
		packed.p[packed.n - 3] ^= 0x55; /* in the last checksum or the footer */
		run_bytes(&r, packed.p, packed.n);
		assert_int_equal(r.seen.issue_count, 1);
		assert_int_equal(r.seen.issues[INPUT_MALFORMED], 1);
		assert_false(input_source(r.in, 0)->complete);
		run_end(&r);
		packed.p[packed.n / 2] ^= 0x55;
		run_bytes(&r, packed.p, packed.n);
		assert_int_equal(r.seen.issue_count, 1);
		assert_true(r.seen.n < 5000);
		run_end(&r);
		blob_free(&plain);
		blob_free(&packed);
	}
}

static void after_the_end(void **state)
{
	(void)state;
	struct blob plain = capture(3), packed = {0};
	struct run r;
	gzip(&packed, plain.p, plain.n);
	size_t n = packed.n;
	for (unsigned i = 0; i < 100000; i++)
		put8(&packed, 0); /* padding of a tape block */
	run_bytes(&r, packed.p, packed.n);
	assert_int_equal(r.seen.issue_count, 0);
	assert_int_equal(r.seen.n, 3);
	run_end(&r);
	packed.n = n;
	put(&packed, "more", 4);
	run_bytes(&r, packed.p, packed.n);
	assert_int_equal(r.seen.n, 3);
	assert_int_equal(r.seen.issues[INPUT_MALFORMED], 1);
	assert_non_null(strstr(r.seen.reason, "follow"));
	run_end(&r);
	blob_free(&plain);
	blob_free(&packed);
}

static void skippable_zstd_frame_first(void **state)
{
	(void)state;
	struct blob plain = capture(3), packed = {0};
	struct run r;
	put32(&packed, 0x184d2a53);
	put32(&packed, 5);
	put(&packed, "hello", 5);
	zstd(&packed, plain.p, plain.n);
	run_bytes(&r, packed.p, packed.n);
	assert_int_equal(r.seen.n, 3);
	assert_int_equal(r.seen.issue_count, 0);
	run_end(&r);
	blob_free(&plain);
	blob_free(&packed);
}

/* Frame header (RFC 8878, 3.1.1.1):
 * no single segment, window descriptor with exponent e. */
static void check_window(unsigned exponent, bool too_large)
{
	struct blob b = {0};
	struct run r;
	put32(&b, 0xfd2fb528);
	put8(&b, 0);
	put8(&b, exponent << 3);
	put_int(&b, 1 | 4 << 3, 3); /* the last block, raw, 4 bytes */
	put(&b, "\xd4\xc3\xb2\xa1", 4);
	run_bytes(&r, b.p, b.n);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], too_large);
	assert_int_equal(r.seen.issues[INPUT_TRUNCATED], !too_large);
	run_end(&r);
	blob_free(&b);
}

static void zstd_window_limit(void **state)
{
	(void)state;
	check_window(17, false); /* 2^(10 + 17): 128 MiB */
	check_window(18, true);
}

/*
 * The size of the dictionary stands in the block header (The .xz
 * File Format, 3.1): after the stream header of 12 bytes: size,
 * flags, filter 0x21, 1 byte of properties: the dictionary.
 */
static struct blob xz_with_dictionary(uint8_t coded, uint32_t frames)
{
	struct blob plain = capture(frames), packed = {0};
	xz(&packed, plain.p, plain.n);
	uint8_t *head = packed.p + 12;
	size_t size = (head[0] + 1U) * 4;
	assert_int_equal(head[2], 0x21);
	head[4] = coded;
	uint32_t crc = lzma_crc32(head, size - 4, 0);
	for (unsigned i = 0; i < 4; i++)
		head[size - 4 + i] = (uint8_t)(crc >> 8 * i);
	blob_free(&plain);
	return packed;
}

static void check_dictionary(uint8_t coded, bool too_large)
{
	struct blob packed = xz_with_dictionary(coded, 3);
	struct run r;
	run_bytes(&r, packed.p, packed.n);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], too_large);
	assert_int_equal(r.seen.n, too_large ? 0 : 3);
	run_end(&r);
	blob_free(&packed);
}

/* Decoders that are open together have a limit too: the third of 65 MiB has to wait. */
static void decoders_share_a_limit(void **state)
{
	(void)state;
	struct run r;
	char name[8] = "xz0";
	run_begin(&r);
	for (uint32_t i = 0; i < 3; i++) {
		struct blob packed = xz_with_dictionary(28, 500 + i);
		name[2] = (char)('0' + i);
		write_file(name, packed.p, packed.n);
		input_add(r.in, at(name));
		blob_free(&packed);
	}
	input_plan(r.in);
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.n, 500 + 501 + 502);
	assert_int_equal(r.seen.issue_count, 1);
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	assert_non_null(strstr(r.seen.reason, "late"));
	run_end(&r);
}

static void xz_memory_limit(void **state)
{
	(void)state;
	check_dictionary(28, false); /* 64 MiB: what "xz -9" writes */
	check_dictionary(29, true);  /* 96 MiB */
}

/* A header and records of zeros: a valid capture, but a few KB of file make 150 MB. */
static void bomb(void **state)
{
	(void)state;
	size_t n = 150U << 20;
	uint8_t *plain = calloc(1, n);
	assert_non_null(plain);
	struct blob head = {0}, packed = {0};
	pcap_head(&head, 0xa1b2c3d4, 1);
	memcpy(plain, head.p, head.n);
	zstd(&packed, plain, n);
	free(plain);
	write_file("one", packed.p, packed.n);
	struct run r;
	run_begin(&r);
	input_add(r.in, at("one"));
	input_plan(r.in);
	/* Count only: the frames are empty. */
	assert_true(run_sources(&r));
	assert_int_equal(r.seen.issues[INPUT_OVER_LIMIT], 1);
	assert_non_null(strstr(r.seen.reason, "expands"));
	assert_true(input_source(r.in, 0)->bytes < 100U << 20);
	run_end(&r);
	blob_free(&head);
	blob_free(&packed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_files),
	    cmocka_unit_test(members_in_a_row),
	    cmocka_unit_test(cut_anywhere),
	    cmocka_unit_test(damage_inside),
	    cmocka_unit_test(after_the_end),
	    cmocka_unit_test(skippable_zstd_frame_first),
	    cmocka_unit_test(zstd_window_limit),
	    cmocka_unit_test(xz_memory_limit),
	    cmocka_unit_test(decoders_share_a_limit),
	    cmocka_unit_test(bomb),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
