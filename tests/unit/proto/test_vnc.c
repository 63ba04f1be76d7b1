/* SPDX-License-Identifier: Apache-2.0 */
/* VNC: versions, security, the screen. */
#include "play.h"

#define V3      "524642203030332e3030330a"
#define V7      "524642203030332e3030370a"
#define V8      "524642203030332e3030380a"
#define RANDOM  "000102030405060708090a0b0c0d0e0f"
#define SCREEN_ "04000300 20180001 00ff00ff00ff 100800 000000 00000004 64657369"

static void test_password(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 5999);
	play_hex(p, 1, V8);
	play_hex(p, 0, V8);
	play_hex(p, 1, "021302");
	play_hex(p, 0, "02");
	play_hex(p, 1, RANDOM);
	play_hex(p, 0, RANDOM);
	play_hex(p, 1, "00000000");
	play_hex(p, 0, "01");
	play_hex(p, 1, SCREEN_);
	play_close(p);
	play_assert(p,
	    "\"protocol\":\"rfb\",\"mechanism\":\"vnc\",\"success\":true,\"status\":"
	    "\"shared, 1024x768\",\"client\":\"RFB 003.008\",\"server\":\"RFB "
	    "003.008\",\"target\":\"desi\"");
	play_assert(p, "\"service\":\"rfb\"");
	play_end(p);
}

static void test_others(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 5900);
	play_hex(p, 1, V3);
	play_hex(p, 0, V3);
	play_hex(p, 1, "00000001");
	play_hex(p, 0, "00");
	play_close(p);
	play_assert(p, "\"mechanism\":\"none\",\"status\":\"exclusive\"");
	play_flow(p, IP_PROTO_TCP, 5900);
	play_hex(p, 1, V8);
	play_hex(p, 0, V8);
	play_hex(p, 1, "0102");
	play_hex(p, 0, "02");
	play_hex(p, 1, RANDOM);
	play_hex(p, 0, RANDOM);
	play_hex(p, 1, "00000001 00000003 626164");
	play_close(p);
	play_assert(p, "\"success\":false,\"status\":\"bad\"");
	play_flow(p, IP_PROTO_TCP, 5900); /* Apple's */
	play_hex(p, 1, V8);
	play_hex(p, 0, V8);
	play_hex(p, 1, "011e");
	play_hex(p, 0, "1e");
	play_hex(p, 1, "0002 0004 01020304 05060708");
	char sealed[132] = {0};
	play_send(p, 0, sealed, sizeof(sealed));
	play_hex(p, 1, "00000000");
	play_close(p);
	play_assert(p, "\"mechanism\":\"ard\",\"success\":true");
	play_flow(p, IP_PROTO_TCP, 5900);
	play_hex(p, 1, V7);
	play_hex(p, 0, V7);
	play_hex(p, 1, "0112");
	play_hex(p, 0, "12 160301");
	play_close(p);
	play_assert(p, "\"mechanism\":\"tls\",\"client\":\"RFB 003.007\",\"server\":"
		       "\"RFB 003.007\",\"encrypted\":true");
	play_flow(p, IP_PROTO_TCP, 5900);
	play_hex(p, 1, V7);
	play_hex(p, 0, V7);
	play_hex(p, 1, "0113");
	play_hex(p, 0, "13");
	play_close(p);
	play_assert(p, "\"mechanism\":\"vencrypt\"");
	assert_int_equal(play_counters(p, "rfb")->unsupported, 1);
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	char many[9000];
	memset(many, 'x', sizeof(many));
	struct play *p = play_start(IP_PROTO_TCP, 5900);
	play_hex(p, 1, V7);
	play_hex(p, 0, V7);
	play_send(p, 0, many, sizeof(many));
	assert_int_equal(play_counters(p, "rfb")->over_limit, 1);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 5900);
	play_hex(p, 1, V7);
	play_hex(p, 0, V7);
	play_hex(p, 1, "00 00100000");
	play_send(p, 1, many, 4096);
	assert_true(play_counters(p, "rfb")->over_limit >= 2);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 5900);
	play_hex(p, 1, V7);
	play_hex(p, 0, "474554202f20");
	play_hex(p, 0, "485454502f31");
	assert_int_equal(play_counters(p, "rfb")->malformed, 1);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 5900);
	play_cuts(p, IP_PROTO_TCP, 5900, V3 "00000001 01" SCREEN_);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_password),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("vnc", tests, NULL, NULL);
}
