/* SPDX-License-Identifier: Apache-2.0 */
/* Frames after IEEE 1815; their check sums were computed by a program in Python. */
#include "ot_play.h"
#include "proto/ot/dnp3_objects.h"

#define READ     "056414c404000300c717 c0c1013c02063c03063c04063c01067a6f"
#define RESPONSE "056413440300040086f9 c0c18190000202280100010000009676"
#define SEGMENT1 "05640bc404000300e42b 45c702500100a628"
#define SEGMENT2 "056409c404000300530d 86070700e82c"

static void requests(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
	    {READ, RESPONSE,
		"\"protocol\":\"dnp3\",\"from_src\":true,\"id\":1,\"unit\":4,"
		"\"origin\":3,\"function\":\"read\",\"function_code\":1,"
		"\"operation\":\"read\",\"object\":\"class_data\","
		"\"detail\":\"g60v2 g60v3 g60v4 g60v1 iin=36864\",\"status\":\"ok\""},
	    {"05641ac404000300c2e6c1c2030c012801000a000301f4010000b6d40000000000ffff",
		"05641c440300040064bdc1c28100000c012801000a000301f4011ca900000000000002"
		"4393",
		"\"function\":\"select\",\"function_code\":3,"
		"\"operation\":\"control\",\"object\":\"control_relay_output_block\","
		"\"address\":10,\"count\":1,"
		"\"value\":\"latch_on\",\"detail\":\"g12v1 count=1 on=500 off=0 iin=0\","
		"\"status\":\"no_select\""},
	    {"056412c4040003001e7cc3c50529022801000200f6ff00bfab", NULL,
		"\"function\":\"direct_operate\",\"function_code\":5,"
		"\"operation\":\"control\",\"object\":\"analog_output_block\","
		"\"address\":2,\"count\":1,\"value\":\"-10\",\"detail\":\"g41v2\""},
	    {"056408c404000300b4b8c4c60d53cc", "05640a44030004007caec4c68100015846",
		"\"function\":\"cold_restart\",\"function_code\":13,"
		"\"operation\":\"mode\",\"detail\":\"iin=1\","
		"\"status\":\"no_func_code_support\""},
	    {"056405c904000300b620", "0564050b030004007f66",
		"\"unit\":4,\"origin\":3,\"function\":\"request_link_status\","
		"\"operation\":\"session\",\"status\":\"ok\""},
	    {SEGMENT1 SEGMENT2, NULL,
		"\"function\":\"write\",\"function_code\":2,\"operation\":\"write\","
		"\"object\":\"time_and_date\",\"count\":7,\"detail\":\"g80v1\""},
	};
	for (size_t step = 1; step < 60; step += 7) {
		struct play *p = play_start(IP_PROTO_TCP, 4711);
		static struct pair some[COUNT_OF(pairs)];
		memcpy(some, pairs, sizeof(pairs));
		some[5].wanted = "\"function\":\"write\",\"function_code\":2";
		play_pairs(p, some, COUNT_OF(some), step);
		play_assert(p, "\"service\":\"dnp3\"");
		play_end(p);
	}
}

/* What an outstation tells by itself: asked from its side. */
static void unsolicited(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 20000);
	say(p, 1, "0564124403000400614c c2f182100002012801000300812a43");
	play_assert(p, "\"proto\":\"udp\",\"protocol\":\"dnp3\",\"from_src\":false,"
		       "\"id\":1,\"unit\":4,\"origin\":3,"
		       "\"function\":\"unsolicited_response\",\"function_code\":130,"
		       "\"operation\":\"report\",\"object\":\"binary_input_event\"");
	play_assert(p, "\"count\":1,\"detail\":\"g2v1 iin=4096\"");
	say(p, 0, "056408c404000300b4b8c5d1000d9d");
	play_assert(p, "\"function\":\"confirm\"");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 2);
	play_end(p);
}

/* Segments out of order, without a begin, and too many. */
static void segments(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 20000);
	say(p, 0, SEGMENT2);
	assert_int_equal(counters_of(p, "dnp3")->truncated, 1);
	say(p, 0, SEGMENT1 "056409c404000300530d8a070700ec05");
	assert_int_equal(counters_of(p, "dnp3")->truncated, 2);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 0);
	play_end(p);
}

/* A block whose check sum is wrong: the message is lost, not the connection. */
static void bad_block(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 20000);
	say(p, 0, "056408c404000300b4b8c4c60d53cd" READ);
	assert_int_equal(counters_of(p, "dnp3")->malformed, 1);
	assert_int_equal(counters_of(p, "dnp3")->understood, 1);
	play_close(p);
	play_end(p);
}

static void not_dnp3(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "056414c404000300c718", /* check sum */
	    "056404c404000300c717", /* too short */
	    "0565",
	};
	none_of(IP_PROTO_TCP, 20000, texts, COUNT_OF(texts));
}

/* Requests whose objects end early, or are of kinds unknown, keep what was read. */
static void odd_objects(void **state)
{
	(void)state;
	struct ot_message m = ot_message("dnp3");
	uint8_t b[HEX_MAX];
	dnp3_objects_asked(&m, 1, bytes_over(b, unhex("1e0200", b)));
	assert_null(m.object);
	dnp3_objects_asked(&m, 1, bytes_over(b, unhex("1e0201 0500 0700 ff ff 0f", b)));
	assert_string_equal(m.object, "analog_input");
	assert_int_equal(m.address, 5);
	assert_int_equal(m.count, 3);
	m = ot_message("dnp3");
	char many[DNP3_HEADERS_MAX * 9 + 9] = "";
	for (size_t i = 0; i <= DNP3_HEADERS_MAX; i++)
		snprintf(many + i * 6, 7, "140006");
	dnp3_objects_asked(&m, 1, bytes_over(b, unhex(many, b)));
	assert_int_equal(m.detail_n, DNP3_HEADERS_MAX * 6 - 1);
	m = ot_message("dnp3");
	dnp3_objects_answered(
	    &m, bytes_over(b, unhex("2903280100 0500 0000803f 04", b)), false);
	assert_string_equal(m.status, "not_supported");
	m = ot_message("dnp3");
	dnp3_objects_asked(&m, 5, bytes_over(b, unhex("2903170107 0000c03f 00", b)));
	assert_int_equal(m.address, 7);
	assert_memory_equal(m.detail, "g41v3", 5);
	assert_string_equal(m.value, "1.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests),
	    cmocka_unit_test(unsolicited),
	    cmocka_unit_test(segments),
	    cmocka_unit_test(bad_block),
	    cmocka_unit_test(not_dnp3),
	    cmocka_unit_test(odd_objects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
