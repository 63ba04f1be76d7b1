/* SPDX-License-Identifier: Apache-2.0 */
/* Transport headers, their checksums, and what is kept when they are cut off or wrong. */
#include "frame_text.h"

#define IP4(total, proto) "4500" total "0001000040" proto "00000a0000010a000002"

__attribute__((noinline)) static struct packet good(const char *text, uint32_t cut)
{
	struct packet p;
	assert_int_equal(text_decode(LINKTYPE_RAW, text, cut, &p), DECODE_OK);
	p.marks &= (uint8_t)~PACKET_BAD_IP_CHECKSUM;
	return p;
}

static void test_tcp(void **state)
{
	(void)state;
	struct text_frame t;
	struct packet p;
	text_make(&t, LINKTYPE_RAW, TCP4);
	assert_int_equal(decode_frame(&t.f, &p), DECODE_OK);
	assert_int_equal(p.src_port, 1000);
	assert_int_equal(p.dst_port, 80);
	assert_int_equal(p.seq, 1);
	assert_int_equal(p.ack, 2);
	assert_int_equal(p.tcp_flags, TCP_ACK | TCP_PSH);
	assert_int_equal(p.window, 1000);
	assert_int_equal(p.tcp_options_len, 8);
	assert_memory_equal(p.tcp_options, "\2\4\5\xb4\1\1\4\2", 8);
	assert_int_equal(p.length, 5);
	assert_memory_equal(p.payload, "hello", 5);
	assert_int_equal(p.marks, 0);
	t.bytes[t.f.captured - 1] ^= 1;
	assert_int_equal(decode_frame(&t.f, &p), DECODE_OK);
	assert_int_equal(p.marks, PACKET_BAD_CHECKSUM);
	free(t.bytes);
}

#define TCP_FIXED(offset) "03e800500000000100000002" offset "1803e8230d0007"

static void test_tcp_cut(void **state)
{
	(void)state;
	struct packet p = good(IP4("0028", "06") "03e8005000000001", 12);
	assert_int_equal(
	    p.marks, PACKET_TRUNCATED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	assert_int_equal(p.src_port, 0);
	assert_int_equal(p.captured, 8);
	assert_int_equal(p.length, 20);
	/* Half of the options are there, the payload is known by its length. */
	p = good(IP4("0034", "06") TCP_FIXED("70") "020405b4", 8);
	assert_int_equal(p.marks, PACKET_TRUNCATED | PACKET_NO_CHECKSUM);
	assert_int_equal(p.tcp_options_len, 4);
	assert_int_equal(p.urgent, 7);
	assert_int_equal(p.captured, 0);
	assert_int_equal(p.length, 4);
	/* All of the packet is header. */
	p = good(IP4("0028", "06") TCP_FIXED("50"), 0);
	assert_int_equal(p.src_port, 1000);
	assert_null(p.tcp_options);
	assert_int_equal(p.length, 0);
	/* Data offsets below the least header and past the packet. */
	p = good(IP4("0028", "06") TCP_FIXED("40"), 0);
	assert_int_equal(p.marks, PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	assert_int_equal(p.length, 20);
	p = good(IP4("0028", "06") TCP_FIXED("60"), 0);
	assert_int_equal(p.marks, PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
}

static void test_udp(void **state)
{
	(void)state;
	/* No checksum was sent. */
	struct packet p = good(IP4("001f", "11") "03e80035000b0000 686921", 0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM);
	/* Shorter than IP says: a trailer. Longer:
	 * not to be believed. Below its header: no UDP. */
	p = good(IP4("001f", "11") "03e8003500090000 686921", 0);
	assert_int_equal(p.length, 1);
	p = good(IP4("001f", "11") "03e80035ffff0000 686921", 0);
	assert_int_equal(p.length, 3);
	p = good(IP4("001f", "11") "03e8003500070000 686921", 0);
	assert_int_equal(p.marks, PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	assert_int_equal(p.length, 11);
	p = good(IP4("001f", "11") "03e8003500", 6);
	assert_int_equal(
	    p.marks, PACKET_TRUNCATED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	p = good("4500001f00010000401166cb0a0000010a000002 03e80035000b5e50 686921", 0);
	assert_int_equal(p.marks, PACKET_BAD_CHECKSUM);
}

static void test_icmp(void **state)
{
	(void)state;
	struct packet p =
	    good("4500002000010000400166da0a0000010a000002 0800210412340001 61626364", 0);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.src_port, 8);
	assert_int_equal(p.dst_port, 0);
	assert_int_equal(p.seq, 0x12340001);
	assert_int_equal(p.length, 4);
	p = good("60000000000c3a40" ADDR6 "8000a8ba12340001 61626364", 0);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.src_port, 128);
	p = good("60000000000c3a40" ADDR6 "8000a8bb12340001 61626364", 0);
	assert_int_equal(p.marks, PACKET_BAD_CHECKSUM);
	p = good(IP4("001c", "01") "0b01f4fe00000000", 0);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.dst_port, 1);
	assert_int_equal(p.length, 0);
	p = good(IP4("0018", "01") "03010000", 0);
	assert_int_equal(p.marks, PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
}

static void test_sctp(void **state)
{
	(void)state;
	struct packet p = good("45000028000100004084664f0a0000010a000002"
			       "0b590b5a00000007246aee64 0a000008 61626364",
	    0);
	assert_int_equal(p.marks, 0);
	assert_int_equal(p.src_port, 2905);
	assert_int_equal(p.dst_port, 2906);
	assert_int_equal(p.length, 8);
	p = good("45000028000100004084664f0a0000010a000002"
		 "0b590b5a00000007246aee64 0a000008 61626365",
	    0);
	assert_int_equal(p.marks, PACKET_BAD_CHECKSUM);
	p = good(IP4("0018", "84") "0b590b5a", 0);
	assert_int_equal(p.marks, PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
}

/* What is no transport of ours is a payload of its IP protocol, with no ports to miss. */
static void test_other(void **state)
{
	(void)state;
	struct packet p = good(IP4("001c", "2f") "0000080045000000", 0);
	assert_int_equal(p.proto, IP_PROTO_GRE);
	assert_int_equal(p.length, 8);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM | PACKET_TUNNEL);
	p = good(IP4("001c", "59") "0000080045000000", 0);
	assert_int_equal(p.marks, PACKET_NO_CHECKSUM);
}

/* A datagram rebuilt from fragments: options of IPv6 come before its transport. */
static void test_rebuilt(void **state)
{
	(void)state;
	struct text_frame t;
	text_make(&t, LINKTYPE_RAW, "1100010400000000 03e80035000b724f 686921");
	struct packet p = {.proto = 60, .src = {{[15] = 1}}, .dst = {{[15] = 2}}};
	assert_int_equal(decode_transport(&p, t.bytes, 19, 19), DECODE_OK);
	assert_int_equal(p.proto, IP_PROTO_UDP);
	assert_int_equal(p.dst_port, 53);
	assert_int_equal(p.marks, 0);
	assert_memory_equal(p.payload, "hi!", 3);
	p = (struct packet){.proto = 60, .src = {{[15] = 1}}, .dst = {{[15] = 2}}};
	assert_int_equal(decode_transport(&p, t.bytes, 17, 19), DECODE_OK);
	assert_int_equal(p.marks, PACKET_TRUNCATED | PACKET_NO_CHECKSUM);
	assert_int_equal(p.captured, 1);
	assert_int_equal(p.length, 3);
	free(t.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tcp),
	    cmocka_unit_test(test_tcp_cut),
	    cmocka_unit_test(test_udp),
	    cmocka_unit_test(test_icmp),
	    cmocka_unit_test(test_sctp),
	    cmocka_unit_test(test_other),
	    cmocka_unit_test(test_rebuilt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
