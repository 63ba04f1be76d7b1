/* SPDX-License-Identifier: Apache-2.0 */
/* The short way of decoding beside the long one: every field of every packet equal. */
#include "frame_text.h"

#include "decode/unwrap.h"

#define IPV4 ETH "0800"
#define IPV6 ETH "86dd"

/* TCP4 in IPv6. */
#define TCP6                                                                             \
	"6000000000210640" ADDR6                                                         \
	"03e800500000000100000002 701803e8 370d0000 020405b401010402 68656c6c6f"

/* A UDP packet with a payload long enough for the short way. */
#define UDP4_LONG                                                                        \
	"4500002c00014000401126be0a0000010a000002 03e800350018af5e"                      \
	"000102030405060708090a0b0c0d0e0f"

static const char *const frames[] = {
    IPV4 TCP4,
    IPV4 TCP4 "0000", /* padded by the link */
    IPV4 UDP4_LONG,
    IPV4 UDP4_LONG "00000000",
    IPV4 UDP4 "000000000000000000000000",
    IPV6 TCP6,
    IPV6 TCP6 "0000", /* padded by the link */
    IPV6 UDP6,
    IPV6 UDP6 "00000000",
};

static void check(const struct frame *f)
{
	struct packet a, b;
	memset(&a, 0x55, sizeof(a));
	memset(&b, 0x55, sizeof(b));
	enum decode_outcome outcome = decode_frame(f, &a);
	assert_int_equal(outcome, frame_decode(f, &b));
	if (outcome == DECODE_OK)
		assert_memory_equal(&a, &b, sizeof(a));
}

/* A copy of exactly the bytes captured, so that nothing can be read behind them. */
static void check_cut(const struct text_frame *t, uint32_t captured)
{
	uint8_t *copy = malloc(captured > 0 ? captured : 1);
	assert_non_null(copy);
	memcpy(copy, t->bytes, captured);
	struct frame f = t->f;
	f.data = copy;
	f.captured = captured;
	check(&f);
	f.wire = captured;
	check(&f);
	free(copy);
}

static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct text_frame t;
		text_make(&t, LINKTYPE_ETHERNET, frames[i]);
		for (uint32_t n = 0; n <= t.f.captured; n++)
			check_cut(&t, n);
		t.f.fcs = 4;
		check(&t.f);
		free(t.bytes);
	}
}

/* Every byte of every frame in turn takes every value. */
static void test_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct text_frame t;
		text_make(&t, LINKTYPE_ETHERNET, frames[i]);
		for (uint32_t at = 0; at < t.f.captured; at++) {
			uint8_t was = t.bytes[at];
			for (unsigned v = 0; v < 256; v++) {
				t.bytes[at] = (uint8_t)v;
				check(&t.f);
			}
			t.bytes[at] = was;
		}
		free(t.bytes);
	}
}

static bool takes_short_way(const char *text)
{
	struct text_frame t;
	struct packet p = {0};
	text_make(&t, LINKTYPE_ETHERNET, text);
	bool usual = usual_decode(&t.f, &p);
	free(t.bytes);
	return usual;
}

static void test_which_way(void **state)
{
	(void)state;
	assert_true(takes_short_way(IPV4 TCP4));
	assert_true(takes_short_way(IPV4 UDP4_LONG));
	assert_true(takes_short_way(IPV6 UDP6));
	assert_true(takes_short_way(IPV6 UDP6 "0000000000000000"));
	assert_true(takes_short_way(IPV6 TCP6));
	assert_false(takes_short_way(ETH "8100 0001 0800" TCP4));
	/* A fragment; options; a length that the frame does not have. */
	assert_false(takes_short_way(IPV4 "4500003500012000400646c00a0000010a000002"
					  "03e800500000000100000002501803e8230d0000"));
	assert_false(takes_short_way(IPV4 "46000035000100004006 65c00a0000010a000002"
					  "0101010103e80050000000010000000250180000"));
	assert_false(takes_short_way(IPV4 "4500013500010000400665c00a0000010a000002"
					  "03e800500000000100000002501803e8230d0000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_changed),
	    cmocka_unit_test(test_which_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
