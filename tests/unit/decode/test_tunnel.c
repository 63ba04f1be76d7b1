/* SPDX-License-Identifier: Apache-2.0 */
/* Every tunnel around the same UDP packet; what is none; tunnels in tunnels. */
#include "frame_text.h"

#include "decode/tunnel.h"

/* Outer headers without a checksum that anybody looks at: protocol, then total length. */
#define OUTER4(proto, length) "4500" length "0000000040" proto "0000 c0000201 c0000202"
#define OUTER_GRE             OUTER4("2f", "0000")
/* UDP from port 50000 to dst; a length of 0 is all there is. */
#define OUTER_UDP(dst) OUTER4("11", "0000") "c350" dst "0000 0000"

/* The first packet inside the text, which begins with an IP header. */
static enum decode_outcome inside(
    const char *text, struct tunnel_header *h, struct packet *inner)
{
	struct text_frame t;
	struct packet outer;
	text_make(&t, LINKTYPE_RAW, text);
	assert_int_equal(decode_frame(&t.f, &outer), DECODE_OK);
	memset(inner, 0xaa, sizeof(*inner));
	*h = (struct tunnel_header){.kind = TUNNEL_NONE};
	enum decode_outcome outcome = DECODE_UNSUPPORTED;
	if (outer.marks & PACKET_TUNNEL)
		outcome = tunnel_decode(&outer, h, inner);
	free(t.bytes);
	return outcome;
}

static void assert_carries(const char *text, enum tunnel_kind kind, int64_t id)
{
	struct tunnel_header h;
	struct packet p;
	assert_int_equal(inside(text, &h, &p), DECODE_OK);
	assert_int_equal(h.kind, kind);
	assert_int_equal(h.id, id);
	assert_int_equal(p.proto, IP_PROTO_UDP);
	assert_int_equal(p.src_port, 1000);
	assert_int_equal(p.dst_port, 53);
	assert_int_equal(p.length, 3);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.level, 1);
}

/* Marked or not, nothing is in it that is believed. */
static void assert_none(const char *text)
{
	struct tunnel_header h;
	struct packet p;
	assert_int_not_equal(inside(text, &h, &p), DECODE_OK);
	assert_int_equal(h.kind, TUNNEL_NONE);
}

static void assert_empty(const char *text, enum tunnel_kind kind, enum decode_outcome o)
{
	struct tunnel_header h;
	struct packet p;
	assert_int_equal(inside(text, &h, &p), o);
	assert_int_equal(h.kind, kind);
}

static void test_ip(void **state)
{
	(void)state;
	assert_carries(OUTER4("04", "0000") UDP4, TUNNEL_IP, -1);
	assert_carries(OUTER4("29", "0000") UDP6, TUNNEL_IP, -1);
	assert_carries(OUTER4("5e", "0000") UDP4, TUNNEL_IP, -1);
	assert_carries("60000000 0033 2940" ADDR6 UDP6, TUNNEL_IP, -1);
	assert_carries("60000000 001f 0440" ADDR6 UDP4, TUNNEL_IP, -1);
	assert_empty(OUTER4("04", "0000") "50", TUNNEL_IP, DECODE_MALFORMED);
	/* 6to4 comes back another way. */
	struct tunnel_header h;
	struct packet p;
	assert_int_equal(inside(OUTER4("29", "0000") "60000000 0000 3b40"
						     "2002c000020100000000000000000001"
						     "20010db8000000000000000000000001",
			     &h, &p),
	    DECODE_OK);
	assert_int_equal(h.space, 0);
}

static void test_gre(void **state)
{
	(void)state;
	assert_carries(OUTER_GRE "0000 0800" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 86dd" UDP6, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "8000 0800 12340000" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "3000 0800 00000007 00000001" UDP4, TUNNEL_GRE, 7);
	/* A source route of one hop, then the one that ends it. */
	assert_carries(OUTER_GRE "4000 0800 00000000 00000004 0a000009 00000000" UDP4,
	    TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 6558" ETH "8100 0005 0800" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 8847 00010140" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 883e" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 883e 00000000" UDP4, TUNNEL_GRE, -1);
	assert_carries(OUTER_GRE "0000 8909 0800 0101 00010000" UDP4, TUNNEL_GRE, -1);
	assert_carries(
	    OUTER_GRE "2000 6558 00138801" ETH "0800" UDP4, TUNNEL_NVGRE, 5000);
	assert_carries(
	    OUTER_GRE "3001 880b 00230007 00000001 ff03 0021" UDP4, TUNNEL_PPTP, 7);
	assert_carries(OUTER_GRE "3081 880b 00230007 00000001 00000000 ff03 0021" UDP4,
	    TUNNEL_PPTP, 7);
	assert_empty(OUTER_GRE "2081 880b 00000007 00000000", TUNNEL_PPTP, DECODE_NOT_IP);
	assert_empty(OUTER_GRE "0000 2001 0000", TUNNEL_GRE, DECODE_NOT_IP);
	assert_empty(OUTER_GRE "0000 0100 0000", TUNNEL_GRE, DECODE_NOT_IP);
	assert_empty(OUTER_GRE "0002 0800" UDP4, TUNNEL_GRE, DECODE_MALFORMED);
	assert_empty(OUTER_GRE "0000 08", TUNNEL_GRE, DECODE_MALFORMED);
}

static void test_erspan(void **state)
{
	(void)state;
	assert_carries(OUTER_GRE "0000 88be" ETH "0800" UDP4, TUNNEL_ERSPAN, -1);
	assert_carries(OUTER_GRE "1000 88be 00000001 10010064 00000000" ETH "0800" UDP4,
	    TUNNEL_ERSPAN, 100);
	assert_carries(OUTER_GRE "1000 22eb 00000001 20010064 00000000 00000000" ETH
				 "0800" UDP4,
	    TUNNEL_ERSPAN, 100);
	/* With a sub-header, and with IP instead of a frame. */
	assert_carries(OUTER_GRE "1000 22eb 00000001 20010064 00000000 00000001"
				 "0000000000000000" ETH "0800" UDP4,
	    TUNNEL_ERSPAN, 100);
	assert_carries(OUTER_GRE "1000 22eb 00000001 20010064 00000000 00000800" UDP4,
	    TUNNEL_ERSPAN, 100);
}

static void test_vxlan_geneve(void **state)
{
	(void)state;
	assert_carries(
	    OUTER_UDP("12b5") "08000000 00002a00" ETH "0800" UDP4, TUNNEL_VXLAN, 42);
	assert_carries(
	    OUTER_UDP("2118") "88000001 00002a00" ETH "86dd" UDP6, TUNNEL_VXLAN, 42);
	assert_carries(OUTER_UDP("12b6") "0c000001 00002a00" UDP4, TUNNEL_VXLAN, 42);
	assert_carries(
	    OUTER_UDP("12b6") "0c000003 00002a00" ETH "0800" UDP4, TUNNEL_VXLAN, 42);
	/* A network service header of type 1 with 16 bytes of context. */
	assert_carries(OUTER_UDP("12b6") "0c000004 00002a00 00060101 00000101"
					 "00000000000000000000000000000000" UDP4,
	    TUNNEL_VXLAN, 42);
	assert_none(OUTER_UDP("12b5") "00000000 00002a00" ETH "0800" UDP4);
	assert_none(OUTER_UDP("12b5") "08000000 00002a00 68656c6c6f");
	assert_none(OUTER_UDP("12b5") "08000000 00002a00" ETH "0800 55");
	assert_empty(OUTER_UDP("12b5") "08000000 00002a00" ETH "0806 0001", TUNNEL_VXLAN,
	    DECODE_NOT_IP);
	assert_carries(
	    OUTER_UDP("17c1") "00006558 00002a00" ETH "0800" UDP4, TUNNEL_GENEVE, 42);
	assert_carries(OUTER_UDP("17c1") "02400800 00002a00 01020301 aabbccdd" UDP4,
	    TUNNEL_GENEVE, 42);
	assert_none(OUTER_UDP("17c1") "02400800 00002a00 01020302 aabbccdd" UDP4);
	assert_none(OUTER_UDP("17c1") "40006558 00002a00" ETH "0800" UDP4);
	assert_none(OUTER_UDP("17c1") "00001234 00002a00" UDP4);
}

static void test_mobile(void **state)
{
	(void)state;
	assert_carries(OUTER_UDP("0868") "30ff001f 00000001" UDP4, TUNNEL_GTPV1, 1);
	assert_carries(
	    OUTER_UDP("0868") "32ff0023 00000001 00010000" UDP4, TUNNEL_GTPV1, 1);
	/* An extension of 4 bytes, as 5G has it. */
	assert_carries(OUTER_UDP("0868") "34ff0027 00000001 00000085 01100900" UDP4,
	    TUNNEL_GTPV1, 1);
	assert_none(OUTER_UDP("0868") "34ff0027 00000001 00000085 00100900" UDP4);
	assert_none(OUTER_UDP("0868") "30ff0020 00000001" UDP4); /* the length is wrong */
	assert_none(OUTER_UDP("0868") "3001001f 00000001" UDP4); /* an echo request */
	assert_none(OUTER_UDP("0868") "20ff001f 00000001" UDP4); /* GTP' */
}

static void test_teredo(void **state)
{
	(void)state;
	const char *peer = "60000000000b1140 20010000000000000000000000000001"
			   "00000000000000000000000000000002 03e80035000b0000 686921";
	char text[1024];
	struct tunnel_header h;
	struct packet p;
	assert_carries(OUTER_UDP("0dd8") UDP6, TUNNEL_TEREDO, -1);
	assert_carries(
	    OUTER_UDP("0dd8") "0001 0000 0000000000000000 00" UDP6, TUNNEL_TEREDO, -1);
	assert_carries(OUTER_UDP("0dd8") "0000 1234 c0000201" UDP6, TUNNEL_TEREDO, -1);
	assert_carries(
	    OUTER_UDP("0dd8") UDP6 "00000000", TUNNEL_TEREDO, -1); /* trailers */
	assert_none(OUTER_UDP("0dd8") "0001 0000 00000000");
	/* Between peers, on any port: only a Teredo address that fills the datagram. */
	snprintf(text, sizeof(text), OUTER_UDP("1234") "%s", peer);
	assert_int_equal(inside(text, &h, &p), DECODE_OK);
	assert_int_equal(h.kind, TUNNEL_TEREDO);
	assert_none(OUTER_UDP("1234") UDP6);
	strncat(text, "00", sizeof(text) - strlen(text) - 1);
	assert_none(text);
}

static void test_links(void **state)
{
	(void)state;
	assert_carries(OUTER4("61", "0000") "3000" ETH "0800" UDP4, TUNNEL_ETHERIP, -1);
	assert_carries(OUTER4("89", "0000") "00010140" UDP4, TUNNEL_MPLS, -1);
	assert_carries(OUTER_UDP("19eb") "00010140" UDP4, TUNNEL_MPLS, -1);
	assert_carries(OUTER_UDP("1292") "0000 0800" UDP4, TUNNEL_GRE, -1);
	/* L2TP version 2: bare, then with all that is optional. */
	assert_carries(
	    OUTER_UDP("06a5") "0002 00010002 ff03 0021" UDP4, TUNNEL_L2TP, 0x10002);
	assert_carries(
	    OUTER_UDP("06a5") "4a02 0033 00010002 00000000 0002 0000 ff03 0021" UDP4,
	    TUNNEL_L2TP, 0x10002);
	assert_none(OUTER_UDP("06a5") "c802 000c 00010000 00000000"); /* control */
	assert_none(OUTER_UDP("06a5") "4002 0030 00010002 ff03 0021" UDP4);
	/* Version 3: with a cookie of 4 bytes, and over UDP. */
	assert_carries(OUTER4("73", "0000") "00000005" ETH "0800" UDP4, TUNNEL_L2TP, 5);
	assert_carries(
	    OUTER4("73", "0000") "00000005 aabbccdd" ETH "0800" UDP4, TUNNEL_L2TP, 5);
	assert_carries(
	    OUTER_UDP("06a5") "0003 0000 00000005" ETH "0800" UDP4, TUNNEL_L2TP, 5);
	assert_empty(OUTER4("73", "0000") "00000000 c803", TUNNEL_NONE, DECODE_NOT_IP);
	assert_carries(
	    OUTER_UDP("13d0") "42210129 00000000 00010203040506070809aabbccddeeff"
			      "0011223300112233" UDP6,
	    TUNNEL_AYIYA, -1);
	assert_carries(
	    OUTER_UDP("9090") "01000001 00 0a0101 01" ETH "0800" UDP4, TUNNEL_TZSP, -1);
	assert_none(OUTER_UDP("9090") "01000001 00 0a01");
	assert_carries(
	    OUTER_UDP("147f") "00100000 00000000" ETH "0800" UDP4, TUNNEL_CAPWAP, -1);
	/* The radio's own frame, its 16-bit fields exchanged. */
	assert_carries(OUTER_UDP("147f") "00100300 00000000 0801 0000" ETH
					 "000000000000 0000 aaaa03000000 0800" UDP4,
	    TUNNEL_CAPWAP, -1);
	assert_carries(OUTER_UDP("147f") "00100300 00000000 0108 0000" ETH
					 "000000000000 0150 aaaa03000000 0800" UDP4,
	    TUNNEL_CAPWAP, -1);
}

/* TUNNEL_DEPTH_MAX tunnels are opened, one more stays closed. */
static void test_depth(void **state)
{
	(void)state;
	char text[4096] = "";
	for (int i = 0; i <= TUNNEL_DEPTH_MAX; i++)
		strncat(text, OUTER4("04", "0000"), sizeof(text) - strlen(text) - 1);
	strncat(text, UDP4, sizeof(text) - strlen(text) - 1);
	struct text_frame t;
	struct packet p[TUNNEL_DEPTH_MAX + 2];
	struct tunnel_header h;
	text_make(&t, LINKTYPE_RAW, text);
	assert_int_equal(decode_frame(&t.f, &p[0]), DECODE_OK);
	for (int i = 0; i < TUNNEL_DEPTH_MAX; i++) {
		assert_int_equal(tunnel_decode(&p[i], &h, &p[i + 1]), DECODE_OK);
		assert_int_equal(p[i + 1].level, i + 1);
	}
	assert_true(p[TUNNEL_DEPTH_MAX].marks & PACKET_TUNNEL);
	assert_int_equal(
	    tunnel_decode(&p[TUNNEL_DEPTH_MAX], &h, &p[TUNNEL_DEPTH_MAX + 1]),
	    DECODE_OVER_LIMIT);
	assert_int_equal(h.kind, TUNNEL_NONE);
	free(t.bytes);
}

/* Every cut of a few of them: nothing is read behind the end. */
static void test_cut(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    OUTER_GRE
	    "f000 0800 00000000 00000004 00000001 00000004 0a000009 00000000" UDP4,
	    OUTER_GRE "3081 880b 00230007 00000001 00000000 ff03 0021" UDP4,
	    OUTER_GRE "1000 22eb 00000001 20010064 00000000 00000001 0000000000000000" ETH
		      "0800" UDP4,
	    OUTER_UDP("17c1") "02400800 00002a00 01020301 aabbccdd" UDP4,
	    OUTER_UDP("06a5") "4a02 0033 00010002 00000000 0002 0000 ff03 0021" UDP4,
	    OUTER_UDP("147f") "00100300 00000000 0108 0000" ETH
			      "000000000000 0150 aaaa03000000 0800" UDP4,
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct text_frame t;
		text_make(&t, LINKTYPE_RAW, texts[i]);
		for (uint32_t n = 20; n < t.f.captured; n++) {
			uint8_t *copy = malloc(n);
			assert_non_null(copy);
			memcpy(copy, t.bytes, n);
			struct frame f = t.f;
			f.data = copy;
			f.captured = n;
			struct packet outer, inner;
			struct tunnel_header h;
			if (decode_frame(&f, &outer) == DECODE_OK &&
			    (outer.marks & PACKET_TUNNEL) &&
			    tunnel_decode(&outer, &h, &inner) == DECODE_OK)
				assert_true(inner.captured <= inner.length);
			free(copy);
		}
		free(t.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ip),
	    cmocka_unit_test(test_gre),
	    cmocka_unit_test(test_erspan),
	    cmocka_unit_test(test_vxlan_geneve),
	    cmocka_unit_test(test_mobile),
	    cmocka_unit_test(test_teredo),
	    cmocka_unit_test(test_links),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
