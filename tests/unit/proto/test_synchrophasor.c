/* SPDX-License-Identifier: Apache-2.0 */
/* Frames after IEEE C37.118.2; their check sums were computed by a program in Python. */
#include "ot_play.h"

#define SCFG "aa41001200075f5e1000000000000005e6c5"
#define SCFG_R                                                                           \
	"aa31002e00075f5e10000000000000000000000000000000000000000000000000000000"       \
	"0000000000000000d100"
#define SON    "aa41001200075f5e10000000000000029622"
#define SDATA  "aa01002400075f5e100000000000000000000000000000000000000000000000000077e1"
#define SDATA8 "aa01002400085f5e100000000000000000000000000000000000000000000000000072c6"
#define SHDR   "aa11001300075f5e100000000000504d555c50"

static void frames(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 4711);
	send_cut(p, 0, SCFG, 5);
	send_cut(p, 1, SCFG_R, 7);
	play_assert(p, "\"protocol\":\"synchrophasor\",\"from_src\":true,\"unit\":7,"
		       "\"function\":\"send_configuration_2\",\"function_code\":5,"
		       "\"operation\":\"discovery\",\"status\":\"ok\"");
	say(p, 0, SON);
	play_assert(p, "\"function\":\"turn_on_transmission\",\"function_code\":2,"
		       "\"operation\":\"control\"");
	say(p, 1, SHDR);
	play_assert(p, "\"from_src\":false,\"unit\":7,\"function\":\"header\","
		       "\"function_code\":1,\"operation\":\"report\"");
	for (int i = 0; i < 10; i++)
		say(p, 1, SDATA);
	assert_int_equal(p->records[RECORD_OT], 3);
	say(p, 1, SDATA8); /* of another device */
	assert_int_equal(p->records[RECORD_OT], 4);
	play_assert(p, "\"unit\":7,\"function\":\"data\",\"function_code\":0,"
		       "\"operation\":\"report\",\"count\":10,\"request_bytes\":360");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 5);
	play_assert(p, "\"unit\":8,\"function\":\"data\"");
	play_end(p);
}

static void hours(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4712);
	for (int i = 0; i < 4; i++) {
		say(p, 1, SDATA);
		p->flow.last = moment_add(p->flow.last, 1800 * NS_PER_S);
	}
	assert_int_equal(p->records[RECORD_OT], 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 2);
	play_end(p);
}

/* A wrong check sum does not begin a flow, and inside one it is counted. */
static void check_sums(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "aa41 0012 0007 5f5e1000 00000000 0002 0000",
	    "aa60 0010",
	    "aa40 0010",
	    "aa41 000f",
	};
	none_of(IP_PROTO_UDP, 4712, texts, COUNT_OF(texts));
	struct play *p = play_start(IP_PROTO_UDP, 4712);
	say(p, 0, SON);
	say(p, 0, texts[0]);
	assert_int_equal(counters_of(p, "synchrophasor")->malformed, 1);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames),
	    cmocka_unit_test(hours),
	    cmocka_unit_test(check_sums),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
