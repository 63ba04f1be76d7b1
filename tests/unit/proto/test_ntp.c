/* SPDX-License-Identifier: Apache-2.0 */
/* NTP: messages made by hand. */
#include "play.h"

// clang-format off
#define CLIENT \
	"230006ec00010000000080004750530000000000000000000000000000000000000000" \
	"0000000000c50204ec80000000"
#define SERVER \
	"240206ec00000100000002000a000001c50204ec00000000c50204ec80000000000000" \
	"0140000000c50204ed000000000104001c000000000000000000000000000000000000" \
	"000000000000"
#define CONTROL \
	"160200010000000000000000"
#define MONLIST \
	"1700032a00000000"
// clang-format on

static void test_time(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 123);
	play_hex(p, 0, CLIENT);
	play_assert(p, "\"from_src\":true,\"version\":4,\"mode\":3,\"stratum\":0,"
		       "\"poll\":64.000000");
	play_assert(
	    p, "\"root_delay\":1.000000,\"root_disp\":0.500000,\"ref_id\":\"GPS\"");
	play_assert(p, "\"xmt_time\":\"2004-09-27T03:18:04.500000Z\",\"num_exts\":0");
	play_hex(p, 1, SERVER);
	play_assert(
	    p, "\"ref_id\":\"10.0.0.1\",\"ref_time\":\"2004-09-27T03:18:04.000000Z\"");
	play_assert(p, "\"rec_time\":\"2036-02-07T06:28:17.250000Z\"");
	play_assert(p, "\"num_exts\":1");
	assert_int_equal(play_counters(p, "ntp")->understood, 2);
	play_close(p);
	play_end(p);
}

static void test_management(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 123);
	play_hex(p, 0, CONTROL);
	play_assert(p, "\"mode\":6,\"opcode\":2");
	play_hex(p, 0, MONLIST);
	play_assert(p, "\"mode\":7,\"opcode\":42");
	play_hex(p, 0, "2300");
	play_hex(p, 0, "e3");
	assert_int_equal(play_counters(p, "ntp")->malformed, 2);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_flow(p, IP_PROTO_UDP, 1234);
	play_hex(p, 0, CLIENT); /* a port tells it, nothing else */
	assert_int_equal(p->records[RECORD_NTP], 2);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 123);
	play_cuts(p, IP_PROTO_UDP, 123, SERVER);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_management),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("ntp", tests, NULL, NULL);
}
