/* SPDX-License-Identifier: Apache-2.0 */
/* Packets out of a pipe: in parts, of both byte orders, more than the buffer holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/piped.h"

static const uint8_t head_little[24] = {
    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, [16] = 0, 0, 4, 0, 1, 0, 0, 0};
static const uint8_t head_big_ns[24] = {
    0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4, [16] = 0, 4, 0, 0, 0, 0, 0, 101};

struct pair {
	struct piped *p;
	int to;
};

static struct pair make(void)
{
	struct error e;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct pair x = {piped_from(ends[0], &e), ends[1]};
	assert_non_null(x.p);
	return x;
}

static void put(const struct pair *x, const void *bytes, size_t n)
{
	assert_int_equal(write(x->to, bytes, n), n);
}

/* A packet of n bytes of that value at second s. */
static void put_packet(const struct pair *x, uint8_t s, uint8_t value, uint8_t n)
{
	uint8_t b[16 + 255] = {s, [4] = 5, [8] = n, [12] = n};
	memset(b + 16, value, n);
	put(x, b, 16 + (size_t)n);
}

static const struct moment ever = {INT64_MAX};

static void in_parts(void **state)
{
	(void)state;
	struct pair x = make();
	struct frame f[4];
	const char *why;
	assert_int_equal(piped_next(x.p).ns, MOMENT_NONE.ns);
	put(&x, head_little, 10);
	assert_int_equal(piped_next(x.p).ns, MOMENT_NONE.ns);
	put(&x, head_little + 10, 14);
	const uint8_t record[] = {
	    7, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0xaa, 0xbb};
	for (size_t i = 0; i < sizeof(record); i++) {
		assert_int_equal(piped_take(x.p, f, 4, ever, 3), 0);
		put(&x, record + i, 1);
	}
	assert_int_equal(piped_take(x.p, f, 4, ever, 3), 1);
	assert_int_equal(f[0].ts.ns, 7 * NS_PER_S + 3000);
	assert_int_equal(f[0].captured, 2);
	assert_int_equal(f[0].wire, 9);
	assert_int_equal(f[0].data[1], 0xbb);
	assert_int_equal(f[0].link, 1);
	assert_int_equal(f[0].source, 3);
	assert_int_equal(f[0].offset, 24);
	piped_release(x.p);
	assert_false(piped_over(x.p, &why));
	close(x.to);
	assert_int_equal(piped_take(x.p, f, 4, ever, 3), 0);
	assert_true(piped_over(x.p, &why));
	assert_null(why);
	piped_close(x.p);
}

static void until_and_resume(void **state)
{
	(void)state;
	struct pair x = make();
	struct frame f[4];
	put(&x, head_little, 24);
	for (uint8_t s = 1; s < 5; s++)
		put_packet(&x, s, s, 10);
	const struct moment two = moment_from(2, 999999999);
	assert_int_equal(piped_take(x.p, f, 4, two, 0), 2);
	/* Its reader falls over these two: the next goes on behind them. */
	assert_int_equal(piped_resume(x.p), 2);
	assert_int_equal(piped_take(x.p, f, 4, ever, 0), 2);
	assert_int_equal(f[0].data[0], 3);
	piped_release(x.p);
	assert_int_equal(piped_resume(x.p), 0);
	/* Another writer, of the other byte order. */
	put(&x, head_big_ns, 24);
	const uint8_t record[] = {0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0x45};
	put(&x, record, sizeof(record));
	assert_int_equal(piped_take(x.p, f, 4, ever, 0), 1);
	assert_int_equal(f[0].ts.ns, 9 * NS_PER_S + 4);
	assert_int_equal(f[0].link, 101);
	piped_stop(x.p);
	piped_release(x.p);
	put(&x, record, sizeof(record));
	assert_int_equal(piped_take(x.p, f, 4, ever, 0), 0);
	close(x.to);
	piped_close(x.p);
}

/* Much more than the buffer holds, in packets that do not divide it. */
static void goes_round(void **state)
{
	(void)state;
	struct pair x = make();
	struct frame f[64];
	uint64_t taken = 0;
	put(&x, head_little, 24);
	for (int i = 0; i < 120000; i++) {
		put_packet(&x, 1, (uint8_t)i, 201);
		if (i % 64 != 63)
			continue;
		for (size_t n; (n = piped_take(x.p, f, 64, ever, 0)) > 0;) {
			for (size_t k = 0; k < n; k++)
				assert_int_equal(f[k].data[200], (uint8_t)taken++);
			piped_release(x.p);
		}
	}
	assert_int_equal(taken, 120000);
	close(x.to);
	piped_close(x.p);
}

static void damaged(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why;
	} cases[] = {
	    {"no capture, but long enough to be one", 37, "format of pcap"},
	    {"\n\r\r\n0000000000000000000000000000", 32, "pcapng"},
	    {"\xd4\xc3\xb2\xa1\2\0\4", 7, "inside a header"},
	    {"\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0"
	     "\1\0\0\0\0\0\0\0\5\0\0\0\5\0\0\0ab",
		42, "inside a packet"},
	    {"\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0"
	     "\1\0\0\0\0\0\0\0\1\0\x10\0\5\0\0\0ab",
		42, "too large"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair x = make();
		struct frame f[4];
		const char *why;
		put(&x, cases[i].bytes, cases[i].n);
		close(x.to);
		assert_int_equal(piped_take(x.p, f, 4, ever, 0), 0);
		assert_true(piped_over(x.p, &why));
		assert_non_null(why);
		assert_non_null(strstr(why, cases[i].why));
		piped_close(x.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_parts),
	    cmocka_unit_test(until_and_resume),
	    cmocka_unit_test(goes_round),
	    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
