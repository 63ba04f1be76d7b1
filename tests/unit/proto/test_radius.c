/* SPDX-License-Identifier: Apache-2.0 */
/* RADIUS: logons made by hand. */
#include "play.h"

// clang-format off
#define REQUEST \
	"0105003e000000000000000000000000000000000106616e6e611f1330302d31312d32" \
	"322d33332d34342d353504060a000002200661702d314d05313167"
#define ACCEPT \
	"0205002e0000000000000000000000000000000008060a00002a120977656c636f6d65" \
	"420b3139322e302e322e39"
#define DAMAGED \
	"01060016000000000000000000000000000000000101"
// clang-format on

static void test_logon(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1812);
	play_hex(p, 0, REQUEST);
	play_hex(p, 1, ACCEPT);
	play_assert(p,
	    "\"id\":5,\"request\":\"access\",\"username\":\"anna\",\"mac\":\"00-11-22-"
	    "33-44-55\",\"framed_addr\":\"10.0.0.42\",\"tunnel_client\":\"192.0.2.9\","
	    "\"connect_info\":\"11g\",\"nas\":\"ap-1\",\"nas_addr\":\"10.0.0.2\","
	    "\"reply_msg\":\"welcome\",\"result\":\"success\",\"ttl\":0.001000");
	assert_int_equal(play_counters(p, "radius")->understood, 2);
	play_close(p);
	play_end(p);
}

static void test_damage_and_limit(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1812);
	play_hex(p, 0, DAMAGED);
	play_hex(p, 0, "010700ff");
	assert_int_equal(play_counters(p, "radius")->malformed, 2);
	char text[100];
	for (int i = 0; i < 9; i++) { /* more that wait than there is room for */
		snprintf(text, sizeof(text), "04%02x0014%032d", i + 10, 0);
		play_hex(p, 0, text);
	}
	assert_int_equal(play_counters(p, "radius")->over_limit, 2);
	assert_int_equal(p->records[RECORD_RADIUS], 2);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_RADIUS], 10);
	play_assert(p, "\"request\":\"accounting\",\"result\":\"unknown\"");
	play_flow(p, IP_PROTO_UDP, 1812);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1812);
	play_cuts(p, IP_PROTO_UDP, 1812, REQUEST);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_logon),
	    cmocka_unit_test(test_damage_and_limit),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("radius", tests, NULL, NULL);
}
