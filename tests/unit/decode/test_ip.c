/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 and IPv6 headers: lengths that contradict
 * one another, options, extensions, fragments. */
#include "frame_text.h"

__attribute__((noinline)) static struct packet good(const char *text, uint32_t cut)
{
	struct packet p;
	assert_int_equal(text_decode(LINKTYPE_RAW, text, cut, &p), DECODE_OK);
	return p;
}

static enum decode_outcome outcome(const char *text, uint32_t cut)
{
	struct packet p;
	return text_decode(LINKTYPE_RAW, text, cut, &p);
}

static void assert_addr(struct addr a, const char *text)
{
	char got[ADDR_TEXT_MAX];
	addr_text(&a, got);
	assert_string_equal(got, text);
}

static void test_ipv4(void **state)
{
	(void)state;
	struct packet p = good(UDP4, 0);
	assert_addr(p.src, "10.0.0.1");
	assert_addr(p.dst, "10.0.0.2");
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.ip_id, 1);
	assert_int_equal(p.ip_bytes, 31);
	assert_int_equal(p.wire, 31);
	/* Any bit wrong is a wrong header checksum, and nothing else. */
	p = good("4500001f00010000411166cb0a0000010a000002 03e80035000b5e4f 686921", 0);
	assert_int_equal(p.marks, PACKET_BAD_IP_CHECKSUM);
	assert_int_equal(p.src_port, 1000);
}

static void test_ipv4_lengths(void **state)
{
	(void)state;
	assert_int_equal(
	    outcome("4500001f00010000401166cb0a0000010a0000", 0), DECODE_MALFORMED);
	assert_int_equal(
	    outcome("4500001f00010000401166cb0a0000010a0000", 9), DECODE_TRUNCATED);
	assert_int_equal(
	    outcome("4400001f00010000401166cb0a0000010a000002", 0), DECODE_MALFORMED);
	assert_int_equal(
	    outcome("4500001300010000401166cb0a0000010a000002", 0), DECODE_MALFORMED);
	assert_int_equal(
	    outcome("5500001f00010000401166cb0a0000010a000002", 0), DECODE_MALFORMED);
	/* Options cut off: the connection is kept. */
	struct packet p = good("4600002400010000401100000a0000010a000002 01", 15);
	assert_int_equal(
	    p.marks, PACKET_TRUNCATED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	assert_int_equal(p.captured, 0);
	assert_int_equal(p.length, 12);
	/* Total length 0, before segmentation: all of the frame. */
	p = good("4500000000010000401100000a0000010a000002 03e8003500090000 68", 0);
	assert_int_equal(p.ip_bytes, 29);
	assert_int_equal(p.length, 1);
	/* The snap length cut 100 bytes off,
	 * 90 of them payload: the rest is a trailer. */
	p = good("4500007600010000401100000a0000010a000002 03e8003500620000 6869", 98);
	assert_int_equal(p.captured, 2);
	assert_int_equal(p.length, 90);
	assert_int_equal(
	    p.marks & ~PACKET_BAD_IP_CHECKSUM, PACKET_TRUNCATED | PACKET_NO_CHECKSUM);
}

static void test_ipv4_options(void **state)
{
	(void)state;
	/* Router alert; the transport's checksum
	 * is tested as ever (and is right here). */
	struct packet p = good(
	    "46000023000100004011d0c50a0000010a000002 94040000 03e80035000b5e4f 686921",
	    0);
	assert_int_equal(p.marks & ~PACKET_BAD_IP_CHECKSUM, 0);
	/* Loose source route behind a NOP: the true destination is in the option. */
	p = good("4700002700010000401100000a0000010a000002 01830704 0a000003"
		 "03e80035000b0001 686921",
	    0);
	assert_int_equal(p.marks & ~PACKET_BAD_IP_CHECKSUM, PACKET_NO_CHECKSUM);
	/* The same behind an option of two bytes and one of four. */
	p = good("4800002b00010000401100000a0000010a000002 0902 94040000 8307040a0000"
		 "03e80035000b0001 686921",
	    0);
	assert_int_equal(p.marks & ~PACKET_BAD_IP_CHECKSUM, PACKET_NO_CHECKSUM);
	/* An option without length, and one that reaches past the header. */
	p = good(
	    "46000023000100004011d0c50a0000010a000002 94000000 03e80035000b5e4f 686921",
	    0);
	assert_int_equal(p.dst_port, 53);
	p = good(
	    "46000023000100004011d0c50a0000010a000002 94ff8307 03e80035000b5e4f 686921",
	    0);
	assert_int_equal(p.marks & PACKET_BAD_CHECKSUM, 0);
}

static void test_ipv4_fragment(void **state)
{
	(void)state;
	struct packet p =
	    good("4500001f12342001401100000a0000010a000002 0001020304050607 08090a", 0);
	assert_int_equal(p.marks & PACKET_FRAGMENT, PACKET_FRAGMENT);
	assert_true(p.more_fragments);
	assert_int_equal(p.fragment_offset, 8);
	assert_int_equal(p.ip_id, 0x1234);
	assert_int_equal(p.length, 11);
	assert_int_equal(p.src_port, 0);
	p = good("4500001c12341fff401100000a0000010a000002 0001020304050607", 0);
	assert_false(p.more_fragments);
	assert_int_equal(p.fragment_offset, 65528);
	/* DF alone is no fragment. */
	p = good("4500001f00014000401126cb0a0000010a000002 03e80035000b5e4f 686921", 0);
	assert_int_equal(p.marks, 0);
}

static void test_ipv6(void **state)
{
	(void)state;
	struct packet p = good(UDP6, 0);
	assert_addr(p.src, "::1");
	assert_addr(p.dst, "::2");
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.ip_bytes, 51);
	assert_int_equal(outcome("60000000000b1140"
				 "00000000000000000000000000000001",
			     0),
	    DECODE_MALFORMED);
	assert_int_equal(outcome("60000000000b1140"
				 "00000000000000000000000000000001",
			     27),
	    DECODE_TRUNCATED);
	/* Payload length 0: a jumbogram, unless nothing follows. */
	p = good("6000000000001140" ADDR6 "03e8003500000000 686921", 0);
	assert_int_equal(p.ip_bytes, 51);
	assert_int_equal(p.length, 3);
	p = good("6000000000003b40" ADDR6 "00000000", 0);
	assert_int_equal(p.proto, 59);
	assert_int_equal(p.length, 0);
	assert_int_equal(p.ip_bytes, 40);
}

#define UDP6_BODY "03e80035000b724f 686921"

static void test_ipv6_extensions(void **state)
{
	(void)state;
	/* Hop-by-hop, destination options,
	 * authentication (24 bytes), atomic fragment, UDP. */
	struct packet p =
	    good("60000000003b0040" ADDR6 "3c00050200000000 3300010400000000"
		 "2c04000000000001000000020000000000000000aabbccdd"
		 "1100000000000009" UDP6_BODY,
		0);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.proto, IP_PROTO_UDP);
	assert_int_equal(p.ip_id, 9);
	assert_int_equal(p.dst_port, 53);
	/* A routing header with segments left,
	 * and a home address: no checksum can be tested. */
	p = good("6000000000232b40" ADDR6 "1102000100000000"
		 "00000000000000000000000000000003"
		 "03e80035000b0001 686921",
	    0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM);
	p = good("6000000000233c40" ADDR6 "1102 0102 0000 c910"
		 "00000000000000000000000000000003"
		 "03e80035000b0001 686921",
	    0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM);
	/* The same home address behind one byte of padding and an option of four. */
	p = good("60000000002b3c40" ADDR6 "1103 00 05020000 01020000 00 c910 00 00"
		 "0000000000000000000000000003 0100 03e80035000b0001 686921",
	    0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM);
	p = good("6000000000232b40" ADDR6 "1102000000000000"
		 "00000000000000000000000000000003" UDP6_BODY,
	    0);
	assert_int_equal(p.marks, 0);
	/* Mobility ends the chain; so does what is cut off. */
	p = good("6000000000088740" ADDR6 "3b00000000000000", 0);
	assert_int_equal(p.proto, 135);
	assert_int_equal(p.length, 8);
	p = good("6000000000103c40" ADDR6 "1101000000000000", 8);
	assert_int_equal(p.proto, 60);
	assert_int_equal(
	    p.marks, PACKET_TRUNCATED | PACKET_NO_CHECKSUM | PACKET_NO_PORTS);
	p = good("6000000000083c40" ADDR6 "1101000000000000", 0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM | PACKET_NO_PORTS);
	/* AH in IPv4; the numbers of IPv6 extensions are transports there. */
	p = good(
	    "4500002f00010000403300000a0000010a000002 110200000000000100000002 00000000"
	    "03e80035000b5e4f 686921",
	    0);
	assert_int_equal(p.marks, PACKET_BAD_IP_CHECKSUM);
	assert_int_equal(p.dst_port, 53);
	p = good("4500001c00010000403c00000a0000010a000002 1100000000000000", 0);
	assert_int_equal(p.proto, 60);
	assert_int_equal(p.length, 8);
}

/* Options that nobody assigned and padding that is not zero, as bytes of their values. */
static void test_ipv6_odd_options(void **state)
{
	(void)state;
	struct packet p = good("60000000001b3c40" ADDR6
			       "1101 1004 01020304 0106 0000 00000000" UDP6_BODY,
	    0);
	assert_int_equal(p.odd_options, 4);
	p = good("60000000001b0040" ADDR6
		 "1101 0502 0000 0108 736563726574 2121" UDP6_BODY,
	    0);
	assert_int_equal(p.odd_options, 8);
	assert_int_equal(p.dst_port, 53);
	p = good("60000000001b3c40" ADDR6
		 "1101 0502 0000 0108 000000000000 0000" UDP6_BODY,
	    0);
	assert_int_equal(p.odd_options, 0);
	/* An option that is longer than its header says nothing. */
	p = good("6000000000133c40" ADDR6 "1100 1009 01020304" UDP6_BODY, 0);
	assert_int_equal(p.odd_options, 0);
}

static void test_ipv6_fragment(void **state)
{
	(void)state;
	struct packet p =
	    good("6000000000102c40" ADDR6 "11000009 00000007 0001020304050607", 0);
	assert_int_equal(p.marks, PACKET_FRAGMENT | PACKET_NO_CHECKSUM);
	assert_true(p.more_fragments);
	assert_int_equal(p.fragment_offset, 8);
	assert_int_equal(p.ip_id, 7);
	assert_int_equal(p.length, 8);
	assert_int_equal(p.proto, IP_PROTO_UDP);
}

static void test_ipv6_depth(void **state)
{
	(void)state;
	char text[2048] = "6000000001003c40" ADDR6;
	for (int i = 1; i < DECODE_DEPTH_MAX; i++)
		strncat(text, "3c00010400000000", sizeof(text) - strlen(text) - 1);
	char more[2048];
	snprintf(more, sizeof(more), "%s3c00010400000000 1100010400000000", text);
	strncat(text, "3b00010400000000", sizeof(text) - strlen(text) - 1);
	assert_int_equal(good(text, 200).proto, 59);
	assert_int_equal(outcome(more, 200), DECODE_OVER_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ipv4),
	    cmocka_unit_test(test_ipv4_lengths),
	    cmocka_unit_test(test_ipv4_options),
	    cmocka_unit_test(test_ipv4_fragment),
	    cmocka_unit_test(test_ipv6),
	    cmocka_unit_test(test_ipv6_extensions),
	    cmocka_unit_test(test_ipv6_odd_options),
	    cmocka_unit_test(test_ipv6_fragment),
	    cmocka_unit_test(test_ipv6_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
