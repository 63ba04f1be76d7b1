/* SPDX-License-Identifier: Apache-2.0 */
/* Syslog: messages made by hand. */
#include "play.h"

// clang-format off
#define MESSAGE \
	"3c33343e4f63742031312032323a31343a3135206d796d616368696e652073753a2066" \
	"61696c6564"
// clang-format on

static void test_message(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 514);
	play_hex(p, 0, MESSAGE);
	play_assert(p, "\"facility\":\"AUTH\",\"severity\":\"CRIT\",\"message\":\"Oct 11 "
		       "22:14:15 mymachine su: failed\"");
	play_send(p, 0, "<192>x", 6);
	play_send(p, 0, "<1234>", 6);
	assert_int_equal(play_counters(p, "syslog")->malformed, 2);
	char text[3000];
	memset(text, 65, sizeof(text));
	memcpy(text, "<0>", 3);
	play_send(p, 0, text, sizeof(text));
	assert_int_equal(play_counters(p, "syslog")->over_limit, 1);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_flow(p, IP_PROTO_UDP, 4444);
	play_send(p, 0, "<1>\0\1\2\3\4\5\6", 10); /* no text */
	assert_int_equal(p->records[RECORD_SYSLOG], 2);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_flow(p, IP_PROTO_UDP, 4444);
	play_hex(p, 0, MESSAGE);
	assert_int_equal(p->records[RECORD_SYSLOG], 3);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 514);
	play_cuts(p, IP_PROTO_UDP, 514, MESSAGE);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_message),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("syslog", tests, NULL, NULL);
}
