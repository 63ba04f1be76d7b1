/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS: a handshake made by hand, in fragments and out of order. */
#include "play.h"

// clang-format off
#define HELLO_1 \
	"16feff000000000000000000490100003d000000000000003dfefd0707070707070707" \
	"07070707070707070707070707070707070707070707070700000002c02b0100001100" \
	"00000d000b0000086e6f64652e636f6d"
#define VERIFY \
	"16feff00000000000000000013030000070000000000000007feff04aabbccdd"
#define HELLO_2B \
	"16feff0000000000000002001b01000041000100003200000f000d000b0000086e6f64" \
	"652e636f6d"
#define HELLO_2A \
	"16feff0000000000000001004801000041000100000000003cfefd0707070707070707" \
	"0707070707070707070707070707070707070707070707070004aabbccdd0002c02b01" \
	"0000110000000d000b0000086e6f64"
#define SERVER \
	"16fefd00000000000000010032020000260001000000000026fefd0909090909090909" \
	"09090909090909090909090909090909090909090909090900c02b0016fefd00000000" \
	"00000002000c0e0000000002000000000000"
#define CHANGE \
	"14fefd000000000000000300010116fefd000100000000000000280000000000000000" \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define ALERT \
	"15fefd000000000000000300020228"
#define BAD \
	"16feff0000000000000000001401000010000000000c0000080000000000000000"
// clang-format on

static void test_handshake(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4433);
	play_hex(p, 0, HELLO_1);
	play_hex(p, 1, VERIFY);
	play_hex(p, 0, HELLO_2B);
	play_hex(p, 0, HELLO_2A);
	play_hex(p, 1, SERVER);
	play_hex(p, 0, CHANGE);
	assert_int_equal(p->records[RECORD_TLS], 0);
	play_hex(p, 1, SERVER); /* again: nothing new */
	play_hex(p, 1, CHANGE);
	assert_int_equal(p->records[RECORD_TLS], 1); /* done */
	play_hex(p, 1, BAD);
	play_close(p);
	play_assert(p, "\"version\":\"DTLSv12\",\"client_version\":\"DTLSv12\","
		       "\"cipher\":\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\"");
	play_assert(p, "\"sni\":\"node.com\"");
	play_assert(p, "\"established\":true");
	play_assert(p, "\"ja4\":\"dd2d010100_");
	play_assert(p, "\"service\":\"dtls\"");
	play_assert(p, "\"server_name\":\"node.com\"");
	assert_int_equal(play_counters(p, "dtls")->understood, 3);
	assert_int_equal(play_counters(p, "dtls")->malformed, 0);
	play_end(p);
}

static void test_alert(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 9999);
	play_hex(p, 0, HELLO_1);
	play_hex(p, 1, ALERT);
	play_close(p);
	play_assert(p, "\"alert\":\"handshake_failure\"");
	play_assert(p, "\"established\":false");
	play_end(p);
}

/* A fragment behind the end of its message ends its side; so does a flood of messages. */
static void test_damage_and_limits(void **state)
{
	(void)state;
	char text[200];
	struct play *p = play_start(IP_PROTO_UDP, 4433);
	play_hex(p, 0, BAD);
	assert_int_equal(play_counters(p, "dtls")->malformed, 1);
	play_assert(p, "what=bad handshake message");
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 4433);
	for (int i = 0; i < 65; i++) {
		snprintf(text, sizeof(text),
		    "16fefd0000%012x000c0e000000%04x000000000000", i, i);
		play_hex(p, 0, text);
	}
	assert_int_equal(play_counters(p, "dtls")->over_limit, 1);
	for (int i = 0; i < 200; i++)
		play_hex(p, 1, ALERT);
	assert_int_equal(play_counters(p, "dtls")->over_limit, 2);
	play_close(p);
	play_flow(p, IP_PROTO_UDP, 4433); /* more separate fragments than are held */
	for (int i = 0; i < 70; i++) {
		snprintf(text, sizeof(text),
		    "16fefd0000%012x000d0b0010000000%06x000001aa", i, 2 * i + 1);
		play_hex(p, 0, text);
	}
	assert_int_equal(play_counters(p, "dtls")->over_limit, 3);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4433);
	play_cuts(p, IP_PROTO_UDP, 4433, HELLO_1);
	play_cuts(p, IP_PROTO_UDP, 4433, SERVER);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_handshake),
	    cmocka_unit_test(test_alert),
	    cmocka_unit_test(test_damage_and_limits),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("dtls", tests, NULL, NULL);
}
