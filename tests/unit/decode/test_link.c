/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a link may carry the same UDP packet, and what is no IP. */
#include "frame_text.h"

#define SNAP "aaaa03000000 0800"
#define WIFI "0000 000000000000 000000000000 000000000000 0000" /* after the control */

static enum decode_outcome outcome(uint16_t link, const char *text)
{
	struct packet p;
	return text_decode(link, text, 0, &p);
}

static void test_ethernet(void **state)
{
	(void)state;
	assert_udp(1, ETH "0800" UDP4);
	assert_udp(1, ETH "86dd" UDP6);
	/* Padding to the least frame is no payload. */
	assert_udp(1, ETH "0800" UDP4 "0000000000000000000000000000");
	/* IEEE 802.3 with SNAP; the length 39 leaves the padding out. */
	assert_udp(1, ETH "0027" SNAP UDP4 "00000000");
	/* IEEE 802.1H, and IP straight on LLC. */
	assert_udp(1, ETH "0027 aaaa030000f8 0800" UDP4);
	assert_udp(1, ETH "0022 060603" UDP4);
	assert_int_equal(outcome(1, ETH "0806 0001"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "88cc 0207"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "0026 424203 0000"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "0022 064203" UDP4), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "0027 aaaa03000100 0800" UDP4), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "0027 aaaa0300000c 2000"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "88e5 00"), DECODE_UNSUPPORTED);
	assert_int_equal(outcome(1, ETH "08"), DECODE_MALFORMED);
	assert_int_equal(outcome(147, ETH "0800" UDP4), DECODE_UNSUPPORTED);
}

static void test_vlan(void **state)
{
	(void)state;
	struct packet p;
	assert_udp(1, ETH "8100 2064 0800" UDP4);
	assert_udp(1, ETH "8100 0064 0027" SNAP UDP4);
	assert_int_equal(text_decode(1, ETH "0800" UDP4, 0, &p), DECODE_OK);
	assert_int_equal(p.vlan, -1);
	assert_int_equal(text_decode(1, ETH "8100 2064 0800" UDP4, 0, &p), DECODE_OK);
	assert_int_equal(p.vlan, 100);
	assert_int_equal(p.vlan_inner, -1);
	assert_int_equal(
	    text_decode(1, ETH "88a8 001e 8100 0064 86dd" UDP6, 0, &p), DECODE_OK);
	assert_int_equal(p.vlan, 30);
	assert_int_equal(p.vlan_inner, 100);
	/* Of three tags the outer two are kept; id 0 is a priority without a VLAN. */
	assert_int_equal(
	    text_decode(1, ETH "9100 0fff 8100 0000 8100 0003 0800" UDP4, 0, &p),
	    DECODE_OK);
	assert_int_equal(p.vlan, 4095);
	assert_int_equal(p.vlan_inner, 0);
	/* Priority first. */
	assert_int_equal(
	    text_decode(1, ETH "8100 e000 8100 0009 0800" UDP4, 0, &p), DECODE_OK);
	assert_int_equal(p.vlan, 0);
	assert_int_equal(p.vlan_inner, 9);
	assert_udp(1, ETH "8926 00010002 0800" UDP4);
	assert_udp(1, ETH "8909 01010001 0007 0800" UDP4);
	assert_udp(1, ETH "893f 000000000001 0800" UDP4);
	assert_udp(1, ETH "88a8 0001 88e7 00000539" ETH "8100 0007 0800" UDP4);
	assert_udp(1, ETH "8903 4020" ETH "8100 0007 0800" UDP4);
	assert_int_equal(outcome(1, ETH "8100 00"), DECODE_MALFORMED);
	assert_int_equal(text_decode(1, ETH "8100 00", 60, &p), DECODE_TRUNCATED);
}

/* DECODE_DEPTH_MAX tags are read, one more is over the limit. */
static void test_depth(void **state)
{
	(void)state;
	char text[1024] = ETH "8100";
	for (int i = 1; i < DECODE_DEPTH_MAX; i++)
		strncat(text, "00018100", sizeof(text) - strlen(text) - 1);
	char more[1024];
	snprintf(more, sizeof(more), "%s00018100", text);
	strncat(text, "00010800" UDP4, sizeof(text) - strlen(text) - 1);
	strncat(more, "00010800" UDP4, sizeof(more) - strlen(more) - 1);
	assert_udp(1, text);
	assert_int_equal(outcome(1, more), DECODE_OVER_LIMIT);
	char labels[1024] = ETH "8847";
	for (int i = 0; i <= DECODE_DEPTH_MAX; i++)
		strncat(labels, "00001040", sizeof(labels) - strlen(labels) - 1);
	assert_int_equal(outcome(1, labels), DECODE_OVER_LIMIT);
}

static void test_mpls(void **state)
{
	(void)state;
	assert_udp(1, ETH "8847 00010140" UDP4);
	assert_udp(1, ETH "8848 00010040 00002140" UDP6);
	/* Pseudowires: with a control word, without, and what can not be one. */
	assert_udp(1, ETH "8847 00010140 00000000" ETH "0800" UDP4);
	assert_udp(1, ETH "8847 00010140" ETH "8100 0005 0800" UDP4);
	assert_udp(1, ETH "8847 00010140 400000000001 020000000002 0800" UDP4);
	assert_int_equal(
	    outcome(1, ETH "8847 00010140 00000000" ETH), DECODE_UNSUPPORTED);
	assert_udp(1, ETH "6558" ETH "0800" UDP4);
	assert_udp(1, ETH "894f 0fc40101 00000101 0000000000000000" UDP4);
	assert_udp(1, ETH "894f 0fc20103 00000101" ETH "0800" UDP4);
	assert_int_equal(outcome(1, ETH "894f 0fc10101 00000101" UDP4), DECODE_MALFORMED);
	assert_int_equal(outcome(1, ETH "8847 00010140"), DECODE_MALFORMED);
}

static void test_ppp(void **state)
{
	(void)state;
	assert_udp(LINKTYPE_PPP, "0021" UDP4);
	assert_udp(LINKTYPE_PPP, "ff03 0021" UDP4);
	assert_udp(LINKTYPE_PPP, "ff03 21" UDP4);
	assert_udp(LINKTYPE_PPP_HDLC, "ff03 0057" UDP6);
	assert_udp(LINKTYPE_PPP_HDLC, "0f00 0800" UDP4);
	assert_udp(LINKTYPE_PPP, "0281 00010140" UDP4);
	assert_udp(LINKTYPE_PPP_ETHER, "11 00 0001 0021 0021" UDP4 "0000");
	assert_udp(1, ETH "8864 11 00 0001 0021 0021" UDP4 "000000000000");
	assert_udp(LINKTYPE_C_HDLC, "0f00 0800" UDP4);
	assert_udp(LINKTYPE_C_HDLC, "8f00 86dd" UDP6);
	assert_int_equal(outcome(LINKTYPE_PPP, "ff03 c021 01010004"), DECODE_NOT_IP);
	assert_int_equal(outcome(LINKTYPE_PPP, "ff03 003d c0000001"), DECODE_UNSUPPORTED);
	assert_int_equal(outcome(LINKTYPE_PPP, "ff03 002d 00"), DECODE_UNSUPPORTED);
	assert_int_equal(outcome(LINKTYPE_PPP, "ff03 00"), DECODE_MALFORMED);
	assert_int_equal(outcome(LINKTYPE_C_HDLC, "8f00 8035 00000000"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "8863 1109 0000 0000"), DECODE_NOT_IP);
	assert_int_equal(outcome(1, ETH "8864 2100 0001 0021 0021"), DECODE_MALFORMED);
}

static void test_loop(void **state)
{
	(void)state;
	static const char *const ipv6[] = {"0000000a", "0a000000", "00000017", "17000000",
	    "00000018", "18000000", "0000001c", "1c000000", "0000001e", "1e000000"};
	assert_udp(LINKTYPE_NULL, "02000000" UDP4);
	assert_udp(LINKTYPE_NULL, "00000002" UDP4);
	assert_udp(LINKTYPE_LOOP, "00000002" UDP4);
	for (size_t i = 0; i < sizeof(ipv6) / sizeof(ipv6[0]); i++) {
		char text[512];
		snprintf(text, sizeof(text), "%s" UDP6, ipv6[i]);
		assert_udp(LINKTYPE_NULL, text);
	}
	assert_int_equal(outcome(LINKTYPE_NULL, "07000000" UDP4), DECODE_NOT_IP);
	assert_udp(LINKTYPE_RAW, UDP4);
	assert_udp(LINKTYPE_RAW, UDP6);
	assert_udp(LINKTYPE_RAW_BSD, UDP6);
	assert_udp(LINKTYPE_RAW_OPENBSD, UDP4);
	assert_udp(LINKTYPE_IPV4, UDP4);
	assert_udp(LINKTYPE_IPV6, UDP6);
	assert_int_equal(outcome(LINKTYPE_IPV6, UDP4), DECODE_MALFORMED);
	assert_int_equal(outcome(LINKTYPE_IPV4, UDP6), DECODE_MALFORMED);
	assert_int_equal(outcome(LINKTYPE_RAW, ""), DECODE_MALFORMED);
}

static void test_cooked(void **state)
{
	(void)state;
	assert_udp(LINKTYPE_LINUX_SLL, "0000 0001 0006 0200000000010000 0800" UDP4);
	assert_udp(LINKTYPE_LINUX_SLL, "0000 0001 0006 0200000000010000 0004" SNAP UDP4);
	assert_udp(
	    LINKTYPE_LINUX_SLL, "0000 0001 0006 0200000000010000 8100 0005 86dd" UDP6);
	assert_udp(
	    LINKTYPE_LINUX_SLL2, "86dd 0000 00000003 0001 00 06 0200000000010000" UDP6);
	assert_int_equal(
	    outcome(LINKTYPE_LINUX_SLL, "0000 0001 0006 0200000000010000 0806"),
	    DECODE_NOT_IP);
	/* Netlink: the protocol is no EtherType. */
	assert_int_equal(
	    outcome(LINKTYPE_LINUX_SLL, "0000 0338 0000 0000000000000000 0800" UDP4),
	    DECODE_NOT_IP);
}

static void test_wifi(void **state)
{
	(void)state;
	assert_udp(105, "0801" WIFI SNAP UDP4);
	assert_udp(105, "0803" WIFI "000000000000" SNAP UDP4);
	assert_udp(105, "8801" WIFI "0000" SNAP UDP4);
	assert_udp(105, "8881" WIFI "0000 00000000" SNAP UDP4);
	/* One packet in an A-MSDU, padded to 4 bytes; two are not read. */
	assert_udp(105, "8801" WIFI "8000" ETH "0027" SNAP UDP4 "000000");
	assert_int_equal(outcome(105, "8801" WIFI "8000" ETH "0027" SNAP UDP4 "00" ETH
				      "0027" SNAP UDP4),
	    DECODE_UNSUPPORTED);
	/* Beacon, acknowledgement, null function, encrypted, second piece. */
	assert_int_equal(outcome(105, "8000" WIFI), DECODE_NOT_IP);
	assert_int_equal(outcome(105, "d400 0000 000000000000"), DECODE_NOT_IP);
	assert_int_equal(outcome(105, "4801" WIFI), DECODE_NOT_IP);
	assert_int_equal(outcome(105, "0841" WIFI SNAP UDP4), DECODE_NOT_IP);
	assert_int_equal(
	    outcome(
		105, "0801 0000 000000000000 000000000000 000000000000 0100" SNAP UDP4),
	    DECODE_UNSUPPORTED);
}

static void test_radiotap(void **state)
{
	(void)state;
	assert_udp(127, "0000 0800 00000000 0801" WIFI SNAP UDP4);
	/* Flags first: FCS, then FCS and padding after a header of 26 bytes. */
	assert_udp(127, "0000 0900 02000000 10 0801" WIFI SNAP UDP4 "deadbeef");
	assert_udp(
	    127, "0000 0900 02000000 30 8801" WIFI "0000 0000" SNAP UDP4 "deadbeef");
	/* TSFT is aligned to 8 and comes before the flags; a second presence word. */
	assert_udp(127, "0000 1900 03000080 00000000 00000000 0000000000000000 10"
			"0801" WIFI SNAP UDP4 "deadbeef");
	/* The FCS was wrong. */
	assert_int_equal(
	    outcome(127, "0000 0900 02000000 50 0801" WIFI SNAP UDP4 "deadbeef"),
	    DECODE_MALFORMED);
	assert_int_equal(outcome(127, "0000 0400 00000000"), DECODE_MALFORMED);
	assert_int_equal(outcome(127, "0000 ff00 00000000"), DECODE_MALFORMED);
}

/* A frame check sequence that the capture says
 * is there is on the wire, and no payload. */
static void test_fcs(void **state)
{
	(void)state;
	struct text_frame t;
	struct packet p;
	text_make(
	    &t, LINKTYPE_RAW, "450000000001000040fd0000 0a0000010a000002 0102 deadbeef");
	t.f.fcs = 4;
	assert_int_equal(decode_frame(&t.f, &p), DECODE_OK);
	assert_int_equal(p.captured, 2);
	assert_int_equal(p.length, 2);
	assert_int_equal(p.wire, 26);
	t.f.captured = 24; /* half of it was cut off */
	assert_int_equal(decode_frame(&t.f, &p), DECODE_OK);
	assert_int_equal(p.captured, 2);
	assert_int_equal(p.marks & PACKET_TRUNCATED, 0);
	free(t.bytes);
}

/* The UDP packets at the top, with IP lengths that are one or six too long: what a link
 * header says of its payload's length holds. */
static void test_bound(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    ETH "8864 1100 0001 0021 0021 4500002500010000401166c50a0000010a000002"
		"03e80035000b5e4f 686921 000000000000",
	    ETH "0027" SNAP "4500002000010000401166ca0a0000010a000002"
		"03e80035000b5e4f 686921 0000",
	    ETH "8864 1100 0001 0035 0057 6000000000111140" ADDR6
		"03e80035000b724f 686921 000000000000",
	};
	static const uint32_t ip_bytes[] = {37, 32, 57};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct packet p;
		assert_int_equal(text_decode(1, texts[i], 0, &p), DECODE_OK);
		assert_int_equal(p.captured, 3);
		assert_int_equal(p.length, 3);
		assert_int_equal(p.ip_bytes, ip_bytes[i]);
		assert_int_equal(p.marks & (PACKET_TRUNCATED | PACKET_NO_PORTS), 0);
	}
	struct packet p;
	/* A PPPoE length that ends within the IP header, and within its options. */
	assert_int_equal(
	    outcome(1, ETH "8864 1100 0001 0018 0021 4600002300010000401165c5"
			   "0a0000010a000002 01010101 03e80035000b5e4f 686921"),
	    DECODE_MALFORMED);
	assert_int_equal(
	    outcome(1, ETH "8864 1100 0001 000c 0021" UDP4), DECODE_MALFORMED);
	/* What a snap length cut off is still known, … */
	assert_int_equal(
	    text_decode(1, ETH "8864 1100 0001 0021 0021" UDP4, 0, &p), DECODE_OK);
	assert_int_equal(p.length, 3);
	assert_int_equal(text_decode(1,
			     ETH "8864 1100 0001 0121 0021 4500011f00010000401165cb"
				 "0a0000010a000002 03e80035010b0000",
			     0, &p),
	    DECODE_OK);
	assert_int_equal(p.length, 259);
	assert_int_equal(p.captured, 0);
	/* … and a frame's own length is no bound: some tools set it to what they left. */
	assert_int_equal(text_decode(1,
			     ETH "0800 4500011f00010000401165cb"
				 "0a0000010a000002 03e80035010b0000",
			     0, &p),
	    DECODE_OK);
	assert_int_equal(p.length, 259);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ethernet),
	    cmocka_unit_test(test_vlan),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_mpls),
	    cmocka_unit_test(test_ppp),
	    cmocka_unit_test(test_loop),
	    cmocka_unit_test(test_cooked),
	    cmocka_unit_test(test_wifi),
	    cmocka_unit_test(test_radiotap),
	    cmocka_unit_test(test_fcs),
	    cmocka_unit_test(test_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
