/* SPDX-License-Identifier: Apache-2.0 */
/* Frames after IEC 61158-6-10 (PROFINET DCP). */
#include "link_play.h"

#define DCP_ID                                                                           \
	"010ccd01000100a0f4082f778892fefe0500000000070001000a02020005706c632d3100"       \
	"00000000000000000000"
#define DCP_ID_R                                                                         \
	"010ccd01000100a0f4082f778892feff0501000000070001001e020200070000706c632d"       \
	"31000102000e000100000000000000000000000000000000000000000000"
#define DCP_SET                                                                          \
	"010ccd01000100a0f4082f778892fefd040000000007000100120102000e00010a000009"       \
	"ffffff000000000000000000000000000000"
#define DCP_SET_R                                                                        \
	"010ccd01000100a0f4082f778892fefd0401000000070001000805040003010200000000"       \
	"0000000000000000"
#define DCP_RESET                                                                        \
	"010ccd01000100a0f4082f778892fefd0400000000070001000605050002000000000000"       \
	"000000000000"
#define DCP_GET                                                                          \
	"010ccd01000100a0f4082f778892fefd0300000000070001000402020102000000000000"       \
	"00000000"
#define DCP_NO                                                                           \
	"010ccd01000100a0f4082f778892fefd0405000000070001000805040003020201000000"       \
	"0000000000000000"
#define DCP_BAD "010ccd01000100a0f4082f778892fefe050000000007000100ff0202"
#define DCP_SIGNAL                                                                       \
	"010ccd01000100a0f4082f778892fefd0400000000070001000805030004000001000000"       \
	"0000000000000000"
#define ALARM                                                                            \
	"010ccd01000100a0f4082f778892fc010000000000000000000000000000000000000000"       \
	"0000000000000000000000000000000000000000"
#define CYCLIC                                                                           \
	"010ccd01000100a0f4082f77889280000000000000000000000000000000000000000000"       \
	"0000000000000000000000000000000000000000"

static void frames(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1);
	frame(p, DCP_ID);
	play_assert(p,
	    "\"protocol\":\"profinet\",\"from_src\":true,\"id\":7,\"function\":\"dcp_"
	    "identify\",\"function_code\":5,\"operation\":\"discovery\",\"object\":"
	    "\"name_of_station\",\"address\":514,\"detail\":\"plc-1\",\"request_bytes\"");
	frame(p, DCP_ID_R);
	play_assert(p, "\"detail\":\"plc-1\",\"status\":\"ok\"");
	frame(p, DCP_SET);
	play_assert(p, "\"function\":\"dcp_set\",\"function_code\":4,\"operation\":"
		       "\"write\",\"object\":\"ip_parameter\",\"address\":258,\"detail\":"
		       "\"10.0.0.9\",\"request_bytes\"");
	frame(p, DCP_SET_R);
	play_assert(p,
	    "\"function\":\"dcp_set\",\"function_code\":4,\"operation\":\"write\","
	    "\"object\":\"ip_parameter\",\"address\":258,\"status\":\"ok\"");
	frame(p, DCP_RESET);
	play_assert(p, "\"operation\":\"mode\",\"object\":\"factory_reset\"");
	frame(p, DCP_GET);
	play_assert(p, "\"function\":\"dcp_get\",\"function_code\":3,\"operation\":"
		       "\"discovery\",\"object\":\"name_of_station\"");
	frame(p, DCP_NO);
	play_assert(
	    p, "\"object\":\"name_of_station\",\"address\":514,\"status\":\"error\"");
	frame(p, DCP_SIGNAL);
	play_assert(p, "\"operation\":\"control\",\"object\":\"signal\"");
	frame(p, ALARM);
	play_assert(p, "\"function\":\"alarm_high\",\"operation\":\"report\"");
	frame(p, CYCLIC);
	frame(p, DCP_BAD);
	assert_int_equal(counters_of(p, "pn_dcp")->malformed, 1);
	assert_true(frame_cut(p, DCP_ID, 14));
	assert_int_equal(counters_of(p, "pn_dcp")->truncated, 1);
	assert_int_equal(p->records[RECORD_OT], 9);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
