/* SPDX-License-Identifier: Apache-2.0 */
/* Frames after IEC 61850-8-1, annex A. */
#include "link_play.h"

#define GOOSE                                                                            \
	"010ccd01000100a0f4082f7788b80001004b000000006141800f4c44302f4c4c4e302447"       \
	"4f24676362810207d082024453830269648408000000000000000085010586010a870101"       \
	"8801018901008a0102ab06830100830101"
#define GOOSE_TAGGED                                                                     \
	"010ccd01000100a0f4082f7781008005892f1234000188b80001004b000000006141800f"       \
	"4c44302f4c4c4e3024474f24676362810207d08202445383026964840800000000000000"       \
	"0085010586010a8701018801018901008a0102ab06830100830101000000000000"
#define GOOSE_PART                                                                       \
	"010ccd01000100a0f4082f7788b80001001e000000006114800f4c44302f4c4c4e302447"       \
	"4f2467636286010a"
#define GOOSE_LONG                                                                       \
	"010ccd01000100a0f4082f7788b800010190000000006141800f4c44302f4c4c4e302447"       \
	"4f24676362810207d082024453830269648408000000000000000085010586010a870101"       \
	"8801018901008a0102ab06830100830101"

static void frames(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1);
	frame(p, GOOSE);
	frame(p, GOOSE_TAGGED); /* of VLAN and HSR, padded */
	assert_int_equal(play_count(p, "\"src_mac\":\"00:a0:f4:08:2f:77\",\"dst_mac\":"
				       "\"01:0c:cd:01:00:01\",\"protocol\":\"goose\","
				       "\"from_src\":true,\"id\":10,\"unit\":1,"
				       "\"function\":\"goose\",\"operation\":\"report\","
				       "\"object\":\"data_set\",\"count\":2,"
				       "\"detail\":\"LD0/LLN0$GO$gcb state=5 test\""),
	    2);
	assert_int_equal(counters_of(p, "goose")->understood, 2);
	play_close(p);
	play_end(p);
}

static void damaged(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1);
	frame(p, GOOSE_PART); /* without a state */
	assert_int_equal(counters_of(p, "goose")->malformed, 1);
	frame(p, GOOSE_LONG); /* longer than its frame */
	assert_int_equal(counters_of(p, "goose")->malformed, 2);
	assert_true(frame_cut(p, GOOSE, 20));
	assert_int_equal(counters_of(p, "goose")->truncated, 1);
	assert_int_equal(p->records[RECORD_OT], 1);
	assert_false(frame_cut(p, "010ccd01000100a0f4082f7788b9 0001", 0));
	assert_false(frame_cut(p,
	    "010ccd01000100a0f4082f77 8100 0001 8100 0001 8100 0001 "
	    "8100 0001 8100 0001 88b8 0001",
	    0));
	assert_false(frame_cut(p, "010ccd01000100a0f408", 0));
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(frames),
	    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
