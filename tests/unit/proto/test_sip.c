/* SPDX-License-Identifier: Apache-2.0 */
/* SIP: a call made by hand. */
#include "play.h"

// clang-format off
#define INVITE \
	"494e56495445207369703a626f62406578616d706c652e636f6d205349502f322e300d" \
	"0a5669613a205349502f322e302f5544502031302e302e302e313a353036303b627261" \
	"6e63683d310d0a663a20416c203c7369703a616c406578616d706c652e636f6d3e0d0a" \
	"546f3a203c7369703a626f62406578616d706c652e636f6d3e0d0a6d3a203c7369703a" \
	"616c4031302e302e302e313e0d0a43616c6c2d49443a20373740780d0a435365713a20" \
	"3120494e564954450d0a557365722d4167656e743a2070686f6e6520310d0a41757468" \
	"6f72697a6174696f6e3a2044696765737420757365726e616d653d22616c222c207265" \
	"616c6d3d2278220d0a436f6e74656e742d547970653a206170706c69636174696f6e2f" \
	"7364700d0a436f6e74656e742d4c656e6774683a20340d0a0d0a763d300a"
#define ANSWER \
	"5349502f322e302034303120556e617574686f72697a65640d0a763a205349502f322e" \
	"302f5544502031302e302e302e313a353036300d0a435365713a203120494e56495445" \
	"0d0a5365727665723a207062780d0a6c3a20300d0a0d0a"
// clang-format on

static void test_call(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 5060);
	play_hex(p, 0, INVITE);
	play_assert(
	    p, "\"from_src\":true,\"method\":\"INVITE\",\"uri\":\"sip:bob@example.com\"");
	play_assert(p,
	    "\"from_uri\":\"Al "
	    "<sip:al@example.com>\",\"to_uri\":\"<sip:bob@example.com>\",\"contact\":"
	    "\"<sip:al@10.0.0.1>\",\"call_id\":\"77@x\",\"seq\":\"1 "
	    "INVITE\",\"path\":\"SIP/2.0/UDP 10.0.0.1:5060\",\"user_agent\":\"phone "
	    "1\",\"username\":\"al\",\"content_type\":\"application/"
	    "sdp\",\"body_bytes\":4");
	play_hex(p, 1, ANSWER);
	play_assert(p, "\"from_src\":false,\"method\":\"INVITE\",\"status_code\":401,"
		       "\"status_msg\":\"Unauthorized\"");
	play_assert(p, "\"user_agent\":\"pbx\"");
	play_hex(p, 0, "0d0a0d0a");
	play_hex(p, 0, "4142432078");
	assert_int_equal(play_counters(p, "sip")->malformed, 1);
	assert_int_equal(play_counters(p, "sip")->understood, 2);
	play_close(p);
	play_end(p);
}

static void test_limit_of_headers(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4444);
	char text[2000] = "OPTIONS sip:x SIP/2.0\r\n";
	for (int i = 0; i < 130; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "a: b\r\n");
	play_send(p, 0, text, strlen(text));
	assert_int_equal(play_counters(p, "sip")->over_limit, 1);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 5060);
	play_cuts(p, IP_PROTO_UDP, 5060, INVITE);
	play_cuts(p, IP_PROTO_UDP, 5060, ANSWER);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_call),
	    cmocka_unit_test(test_limit_of_headers),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("sip", tests, NULL, NULL);
}
