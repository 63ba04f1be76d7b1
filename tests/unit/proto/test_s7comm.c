/* SPDX-License-Identifier: Apache-2.0 */
/* ISO transport (RFC 1006, RFC 905), S7comm and S7comm-plus. */
#include "ot_play.h"
#include "proto/ot/ot_iso.h"

#define CONNECT "0300 0016 11 e0 0000 0007 00 c1020100 c2020102 c0010a"
#define ACCEPT  "0300 0016 11 d0 0007 0001 00 c0010a c1020100 c2020102"
#define SETUP   "0300 0019 02f080 32 01 0000 0100 0008 0000 f0 00 0001 0001 01e0"
#define READ                                                                             \
	"0300 001f 02f080 32 01 0000 0200 000e 0000 04 01 12 0a 10 02 0008 0001 84 "     \
	"000050"

static void jobs(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
	    {CONNECT, ACCEPT,
		"\"protocol\":\"s7comm\",\"from_src\":true,\"id\":7,"
		"\"function\":\"cotp_connect\",\"operation\":\"session\","
		"\"detail\":\"src_tsap=0100 dst_tsap=0102\",\"status\":\"ok\""},
	    {SETUP,
		"0300 001b 02f080 32 03 0000 0100 0008 0000 0000 f0 00 0001 0001 00f0",
		"\"id\":256,\"function\":\"setup_communication\","
		"\"function_code\":240,\"operation\":\"session\",\"status\":\"ok\""},
	    {READ, "0300 0016 02f080 32 03 0000 0200 0002 0001 0000 04 01 0a",
		"\"function\":\"read_variable\",\"function_code\":4,"
		"\"operation\":\"read\",\"object\":\"data_block\",\"address\":10,"
		"\"count\":8,\"detail\":\"db=1\","
		"\"status\":\"object_does_not_exist\""},
	    {"0300 0024 02f080 32 01 0000 0300 000e 0005 05 01 12 0a 10 01 0001 0000 83 "
	     "000321 00 03 0001 01",
		"0300 0016 02f080 32 03 0000 0300 0002 0001 0000 05 01 ff",
		"\"operation\":\"write\",\"object\":\"flag\",\"address\":100,"
		"\"count\":1,\"value\":\"on\",\"status\":\"ok\""},
	    {"0300 0021 02f080 32 01 0000 0400 0010 0000 29 0000000000 09 "
	     "505f50524f4752414d",
		"0300 0013 02f080 32 02 0000 0400 0000 0000 8104",
		"\"function\":\"plc_stop\",\"function_code\":41,\"operation\":\"mode\","
		"\"detail\":\"P_PROGRAM error=0x8104\","
		"\"status\":\"application_relationship\""},
	    {"0300 0027 02f080 32 01 0000 0500 0016 0000 28 000000000000fd 0002 4550 09 "
	     "505f50524f4752414d",
		NULL,
		"\"function\":\"plc_control\",\"function_code\":40,"
		"\"operation\":\"mode\",\"detail\":\"P_PROGRAM EP\""},
	    {"0300 0023 02f080 32 01 0000 0600 0012 0000 1a 00 0100 00000000 09 "
	     "5f30413030303031 50",
		NULL,
		"\"function\":\"request_download\",\"function_code\":26,"
		"\"operation\":\"program\",\"object\":\"block\","
		"\"detail\":\"_0A00001P\""},
	    {"0300 0021 02f080 32 07 0000 0700 0008 0008 000112 04 11 44 01 00 ff 09 "
	     "0004 "
	     "0011 0000",
		"0300 0021 02f080 32 07 0000 0700 000c 0004 000112 08 12 84 01 01 0000 "
		"0000 "
		"ff 09 0000",
		"\"function\":\"cpu_functions\",\"function_code\":4,"
		"\"operation\":\"discovery\",\"detail\":\"read_szl 0x0011\","
		"\"status\":\"ok\""},
	};
	for (size_t step = 8; step < 60; step += 5) {
		struct play *p = play_start(IP_PROTO_TCP, 1102);
		play_pairs(p, pairs, COUNT_OF(pairs), step);
		play_assert(p, "\"service\":\"s7comm\"");
		play_end(p);
	}
}

static void plus(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
	    {"0300 001d 02f080 72 01 000e 31 0000 04ca 0000 0001 00000120 36 "
	     "72 01 0000",
		"0300 001d 02f080 72 01 000e 32 0000 04ca 0000 0001 36 11 0287 22 01 "
		"72 01 0000",
		"\"protocol\":\"s7comm_plus\",\"from_src\":true,\"id\":1,"
		"\"function\":\"create_object\",\"function_code\":1226,"
		"\"operation\":\"program\",\"status\":\"ok\""},
	    {"0300 0020 02f080 72 03 0011 02 aabb 31 0000 0542 0000 0002 00000387 34 "
	     "72 03 0000",
		NULL, "\"function\":\"set_multi_variables\",\"function_code\":1346"},
	    /* Without a trailer: what follows continues it. */
	    {"0300 0015 02f080 72 02 000a 31 0000 054c 0000 0003 34"
	     "0300 0011 02f080 72 02 0002 3131 72 02 0000",
		NULL, "\"function\":\"get_multi_variables\""},
	};
	struct play *p = play_start(IP_PROTO_TCP, 102);
	play_pairs(p, pairs, COUNT_OF(pairs), HEX_MAX);
	play_assert(p, "\"service\":\"s7comm,s7comm_plus\"");
	play_end(p);
	p = play_start(IP_PROTO_TCP, 102);
	say(p, 1, "0300 0014 02f080 72 01 0005 33 0000 1234 72 01 0000");
	play_assert(p, "\"from_src\":false,\"function\":\"notification\","
		       "\"operation\":\"report\"");
	play_close(p);
	play_end(p);
}

/* A message in three data TPDUs; and one that grows over the limit. */
static void in_parts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 102);
	say(p, 0, "0300 0013 02f000 32 01 0000 0200 000e 0000 04 01");
	say(p, 0, "0300 000e 02f000 12 0a 10 02 0008 00");
	say(p, 0, "0300 000c 02f080 01 84 000050");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 1);
	play_assert(p, "\"object\":\"data_block\",\"address\":10,\"count\":8");
	play_end(p);
	p = play_start(IP_PROTO_TCP, 102);
	say(p, 0, READ);
	static uint8_t big[60000] = {3, 0, 60000 >> 8, 60000 & 255, 2, 0xf0, 0};
	for (unsigned i = 0; i <= ISO_MESSAGE_MAX / 60000; i++)
		play_send(p, 0, big, sizeof(big));
	assert_int_equal(counters_of(p, "s7comm")->over_limit, 1);
	big[6] = 0x80; /* the last part of it; what follows is read */
	play_send(p, 0, big, sizeof(big));
	say(p, 0, SETUP);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 2);
	play_end(p);
}

static void not_s7comm(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "0300 0016 11 e0 0000 0007 00 c1020100 c2020102 c0010a", /* goes no further */
	    "0300 0019 02f080 33 01 0000 0100 0008 0000 f0 00 0001 0001 01e0",
	    "0300 0019 02f080 32 01 0000 0100 0009 0000 f0 00 0001 0001 01e0",
	    "0300 0019 02f080 32 05 0000 0100 0008 0000 f0 00 0001 0001 01e0",
	    "0300 0019 02a080 32 01 0000 0100 0008 0000 f0 00 0001 0001 01e0",
	    "0300 0006 02f0",
	    "0301",
	};
	none_of(IP_PROTO_TCP, 1102, texts + 1, COUNT_OF(texts) - 1);
	none_of(IP_PROTO_TCP, 1102, texts, 1);
}

static void tpdus(void **state)
{
	(void)state;
	uint8_t b[HEX_MAX];
	struct tpdu t;
	assert_true(tpkt_read(bytes_over(b, unhex(CONNECT, b)), &t));
	assert_int_equal(t.code, COTP_CR);
	assert_int_equal(t.src_ref, 7);
	struct bytes tsap = tpdu_parameter(&t, COTP_DST_TSAP);
	assert_int_equal(tsap.left, 2);
	assert_memory_equal(tsap.pos, "\1\2", 2);
	assert_true(tpdu_parameter(&t, 0x99).bad);
	assert_false(tpkt_read(bytes_over(b, unhex("0300 0008 ff e0 0000", b)), &t));
	assert_false(tpkt_read(bytes_over(b, unhex("0300 0008 03 e0 0000", b)), &t));
	assert_int_equal(tpkt_length(bytes_over(b, unhex("0300", b))), 0);
	assert_int_equal(tpkt_length(bytes_over(b, unhex("0300 0004", b))), -1);
	assert_int_equal(tpkt_first_data(bytes_over(b, unhex(CONNECT SETUP, b)), &t), 1);
	assert_int_equal(t.data.left, 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jobs),
	    cmocka_unit_test(plus),
	    cmocka_unit_test(in_parts),
	    cmocka_unit_test(not_s7comm),
	    cmocka_unit_test(tpdus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
