/* SPDX-License-Identifier: Apache-2.0 */
/* RDP: messages after MS-RDPBCGR, 2.2.1. */
#include "win_play.h"

#define CONFIRM_OLD "0300 000b 06 d0 0000 1234 00"

static struct msg m;

static struct play *start(uint16_t port)
{
	return play_start(IP_PROTO_TCP, port);
}

/* A connection request with a cookie of that length. */
static void request(struct play *p, size_t cookie, size_t step)
{
	m.n = 0;
	put_hex(&m, "0300 0000 00 e0 0000 0000 00");
	put_text(&m, "Cookie: mstshash=");
	for (size_t i = 0; i < cookie; i++)
		put_text(&m, "e");
	put_hex(&m, "0d0a 01 00 0800 0b000000");
	m.b[3] = (uint8_t)m.n;
	m.b[4] = (uint8_t)(m.n - 5);
	send_msg(p, 0, &m, step);
}

static void to_tls(void **state)
{
	(void)state;
	for (size_t step = 4; step < 60; step += 9) {
		struct play *p = start(3390);
		request(p, 3, step);
		say(p, 1, "0300 0013 0e d0 0000 1234 00 02 1f 0800 08000000");
		assert_int_equal(p->records[RECORD_RDP], 1);
		play_assert(p, "\"cookie\":\"eee\",\"requested_security\":"
			       "\"SSL,HYBRID,HYBRID_EX\",\"security_protocol\":"
			       "\"HYBRID_EX\",\"result\":\"encrypted\"");
		play_close(p);
		play_assert(p, "\"service\":\"rdp");
		play_end(p);
	}
}

static void refused(void **state)
{
	(void)state;
	struct play *p = start(3389);
	request(p, 3, 0);
	say(p, 1, "0300 0013 0e d0 0000 1234 00 03 00 0800 02000000");
	play_close(p);
	play_assert(p, "\"result\":\"SSL_NOT_ALLOWED_BY_SERVER\"");
	play_end(p);
}

/* A block of user data: type, length, content of m. */
static void block(struct msg *to, unsigned type)
{
	put_le(to, type, 2);
	put_le(to, m.n + 4, 2);
	put(to, m.b, m.n);
	m.n = 0;
}

static void send_connect(struct play *p, int side, const char *begin, const char *key,
    const struct msg *blocks, size_t step)
{
	m.n = 0;
	put_hex(&m, "0300 0000 02f080");
	put_hex(&m, begin);
	put_text(&m, key);
	uint8_t n[2] = {(uint8_t)(0x80 | blocks->n >> 8), (uint8_t)blocks->n};
	put(&m, n, 2);
	put(&m, blocks->b, blocks->n);
	m.b[2] = (uint8_t)(m.n >> 8);
	m.b[3] = (uint8_t)m.n;
	send_msg(p, side, &m, step);
}

static void own_security(void **state)
{
	(void)state;
	static struct msg blocks;
	for (size_t step = 5; step < 1000; step = step * 4) {
		struct play *p = start(3389);
		say(p, 0, "0300 000b 06 e0 0000 0000 00");
		say(p, 1, CONFIRM_OLD);
		blocks.n = m.n = 0;
		put_hex(&m, "04000800 8004 6003 01ca 03aa 09040000 280a0000");
		put_utf16(&m, "HOST");
		put_zeros(&m, 24 + 12 + 64);
		put_hex(&m, "01ca 0100 00000000 1000 0700 0000");
		put_utf16(&m, "55274-OEM");
		put_zeros(&m, 64 - 18);
		block(&blocks, 0xc001);
		put_hex(
		    &m, "02000000 7264706472000000 00000080 636c697072647200 000000c0");
		block(&blocks, 0xc003);
		send_connect(p, 0, "7f658201000401010401010101ff", "Duca", &blocks, step);
		blocks.n = m.n = 0;
		put_hex(&m, "02000000 03000000 04000000 0c000000 01020304 01000000 "
			    "0102030405060708");
		block(&blocks, 0x0c02);
		send_connect(p, 1, "7f66820100 0a0100 020100", "McDn", &blocks, step);
		assert_int_equal(p->records[RECORD_RDP], 1);
		play_assert(p,
		    "\"security_protocol\":\"RDP\",\"result\":\"Success\","
		    "\"client_channels\":[\"rdpdr\",\"cliprdr\"],"
		    "\"keyboard_layout\":\"English - United States\","
		    "\"client_build\":\"RDP 5.1\",\"client_name\":\"HOST\","
		    "\"client_dig_product_id\":\"55274-OEM\","
		    "\"desktop_width\":1152,\"desktop_height\":864,"
		    "\"requested_color_depth\":\"16bit\",\"cert_type\":\"RSA\","
		    "\"cert_count\":1,\"cert_permanent\":true,"
		    "\"encryption_level\":\"High\",\"encryption_method\":"
		    "\"128bit\"");
		play_close(p);
		play_end(p);
	}
}

static void limits_and_nonsense(void **state)
{
	(void)state;
	static struct msg blocks;
	struct play *p = start(3389);
	blocks.n = m.n = 0;
	put_hex(&m, "ffffffff");
	for (int i = 0; i < 40; i++)
		put_hex(&m, "6100000000000000 00000000");
	block(&blocks, 0xc003);
	say(p, 0, "0300 000b 06 e0 0000 0000 00");
	say(p, 1, CONFIRM_OLD);
	send_connect(p, 0, "7f658201000401010401010101ff", "Duca", &blocks, 0);
	play_close(p);
	assert_int_equal(play_count(p, "\"a\""), 31);
	play_end(p);
	p = start(3389); /* blocks that contradict their lengths, packets that are none */
	say(p, 0, "0300 000b 06 e0 0000 0000 00");
	blocks.n = 0;
	put_hex(&blocks, "01c0 ffff 00000000");
	send_connect(p, 0, "7f658201000401010401010101ff", "Duca", &blocks, 0);
	assert_int_equal(counters_of(p, "rdp")->malformed, 1);
	say(p, 0, "0300 0008 02 99 00 00");
	assert_int_equal(counters_of(p, "rdp")->malformed, 2);
	say(p, 0, "170301");
	play_close(p);
	assert_int_equal(p->records[RECORD_RDP], 1);
	play_end(p);
	p = start(102); /* a request without a sign of RDP is another's on its port */
	say(p, 0, "0300 000b 06 e0 0000 0000 00");
	play_close(p);
	assert_int_equal(p->records[RECORD_RDP], 0);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(to_tls),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(own_security),
	    cmocka_unit_test(limits_and_nonsense),
	};
	return cmocka_run_group_tests_name("proto/rdp", tests, NULL, NULL);
}
