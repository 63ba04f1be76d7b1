/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after IEC 60870-5-104 and 60870-5-101. */
#include "ot_play.h"

#define START       "680407000000"
#define STARTED     "68040b000000"
#define INTERROGATE "680e00000000 64 01 06 05 0100 000000 14"
#define CONFIRM     "680e00000200 64 01 07 05 0100 000000 14"

static void commands(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
	    {START, STARTED,
		"\"protocol\":\"iec104\",\"from_src\":true,\"function\":\"startdt\","
		"\"operation\":\"session\",\"status\":\"ok\""},
	    {INTERROGATE, CONFIRM,
		"\"unit\":1,\"origin\":5,\"function\":\"c_ic_na_1\","
		"\"function_code\":100,\"operation\":\"read\","
		"\"object\":\"information_object\",\"address\":0,\"count\":1,"
		"\"detail\":\"activation activation_confirmation\",\"status\":\"ok\""},
	    {"680e02000200 2d 01 06 00 0200 881300 81",
		"680e02000400 2d 01 47 00 0200 881300 81",
		"\"function\":\"c_sc_na_1\",\"function_code\":45,"
		"\"operation\":\"control\",\"object\":\"information_object\","
		"\"address\":5000,\"count\":1,\"value\":\"on\",\"detail\":\"activation "
		"select "
		"activation_confirmation\",\"status\":\"negative\""},
	    {"681204000400 32 01 06 00 0200 010000 0000c03f 00",
		"681204000600 32 01 2f 00 0200 010000 0000c03f 00",
		"\"function\":\"c_se_nc_1\",\"function_code\":50,\"operation\":\"write\","
		"\"object\":\"information_object\",\"address\":1,\"count\":1,"
		"\"value\":\"1.5\",\"detail\":\"activation unknown_object_address\","
		"\"status\":\"unknown_object_address\""},
	    {"680e06000600 69 01 06 00 0200 000000 01", NULL,
		"\"function\":\"c_rp_na_1\",\"function_code\":105,\"operation\":\"mode\","
		"\"object\":\"information_object\",\"address\":0,\"count\":1,"
		"\"detail\":\"activation qualifier=1\""},
	    {"680443000000", "680483000000",
		"\"function\":\"testfr\",\"operation\":\"session\",\"status\":\"ok\""},
	    {"680e08000600 2e 01 06 00 0200 020000 02", NULL,
		"\"value\":\"on\",\"detail\":\"activation\""},
	    {"680e0a000600 2f 01 08 00 0200 020000 01", NULL,
		"\"value\":\"lower\",\"detail\":\"deactivation\""},
	    {"68100c000600 30 01 06 00 0200 020000 feff 00", NULL,
		"\"value\":\"-2\",\"detail\":\"activation\""},
	};
	for (size_t step = 1; step < 30; step += 4) {
		struct play *p = play_start(IP_PROTO_TCP, 5555);
		play_pairs(p, pairs, COUNT_OF(pairs), step);
		play_assert(p, "\"service\":\"iec104\"");
		play_end(p);
	}
}

static void reports(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 2404);
	/* Three single points in sequence from address 7, asked for by a group. */
	say(p, 1, "681000000000 01 83 15 00 0a00 070000 01 00 01");
	play_assert(p,
	    "\"from_src\":false,\"unit\":10,\"origin\":0,"
	    "\"function\":\"m_sp_na_1\",\"function_code\":1,"
	    "\"operation\":\"report\",\"object\":\"information_object\","
	    "\"address\":7,\"count\":3,\"detail\":\"interrogated_by_group_1\"");
	say(p, 1, "680e02000000 01 01 03 00 0a00 080000 01 680401000200");
	play_assert(p, "\"detail\":\"spontaneous\"");
	say(p, 1, "680e04000000 01 01 26 00 0a00 080000 01");
	play_assert(p, "\"detail\":\"requested_by_group_1_counter\"");
	say(p, 1, "680e06000000 01 01 30 00 0a00 080000 01");
	play_assert(p, "\"detail\":\"cause=48\"");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 4);
	assert_int_equal(counters_of(p, "iec104")->understood, 5);
	play_end(p);
}

/* One measured value with three times, and another value: what differs are the times. */
static void values(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "681900000000 24 01 03 00 0a00 080000 0000c03f00 01020304050607",
	    "681900000000 24 01 03 00 0a00 080000 0000c03f00 11121314151617",
	    "681900000000 24 01 03 00 0a00 080000 0000c03f00 21222324252627",
	    "681900000000 24 01 03 00 0a00 080000 0000c0bf00 01020304050607",
	};
	struct play *p = play_start(IP_PROTO_TCP, 2404);
	long long digests[COUNT_OF(texts)];
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		say(p, 1, texts[i]);
	play_assert(p, "\"value\":\"1.5\",\"detail\":\"spontaneous\"");
	play_assert(p, "\"value\":\"-1.5\"");
	const char *at = p->text;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		at = strstr(at, "\"digest\":");
		assert_non_null(at);
		at += 9;
		digests[i] = atoll(at);
	}
	assert_true(digests[0] == digests[1] && digests[1] == digests[2]);
	assert_true(digests[0] != digests[3] && digests[3] > 0);
	play_close(p);
	play_end(p);
}

static void not_iec104(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "6803000000",
	    "680407010000",
	    "680409000000",
	    "680f00000000 64 01 06 05 0100 000000 14 00", /* longer than its object */
	    "680e00000000 c8 01 06 05 0100 000000 14",    /* no such type */
	    "680e00000000 64 01 00 05 0100 000000 14",    /* no such cause */
	    "680e00000100 64 01 06 05 0100 000000 14",
	    "680401000100",
	};
	none_of(IP_PROTO_TCP, 5555, texts, COUNT_OF(texts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(commands),
	    cmocka_unit_test(reports),
	    cmocka_unit_test(values),
	    cmocka_unit_test(not_iec104),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
