/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after the specification of EtherNet/IP (ODVA, volumes 1 and 2). */
#include "ot_play.h"

#define REGISTER   "65000400000000000000000000000000000000000000000001000000"
#define REGISTERED "65000400070000000000000000000000000000000000000001000000"
#define LIST       "630000000000000000000000000000000000000000000000"
#define LISTED                                                                           \
	"63002e00000000000000000000000000000000000000000001000c002800010000000000"       \
	"00000000000000000000000001000c003a00040330008e4d520006313735362d4103"
#define GET                                                                              \
	"6f0018000100000000000000636f6e746578743100000000000000000500020000000000"       \
	"b20008000e03200124013007"
#define GOT                                                                              \
	"6f0016000100000000000000636f6e746578743100000000000000000500020000000000"       \
	"b20006008e0000000123"
#define GET_ERROR                                                                        \
	"6f0014000100000000000000636f6e746578743100000000000000000500020000000000"       \
	"b20004008e001600"
#define WRITE_TAG                                                                        \
	"6f0030000100000000000000636f6e746578743100000000000000000500020000000000"       \
	"b2002000520220062401059912004d049105546167313100c40001000500000001000100"
#define WROTE                                                                            \
	"6f0014000100000000000000636f6e746578743100000000000000000500020000000000"       \
	"b2000400cd000000"
#define MULTI                                                                            \
	"70002e0001000000000000000000000000000000000000000000000005000200a1000400"       \
	"44332211b1001a0005000a0220022401020006000c000302206b24050302206b2406"
#define MULTI_R                                                                          \
	"70001c0001000000000000000000000000000000000000000000000005000200a1000400"       \
	"88776655b100080005008a001e000200"
#define RESET                                                                            \
	"70001d0001000000000000000000000000000000000000000000000005000200a1000400"       \
	"44332211b1000900060005022001240100"
#define FOPEN                                                                            \
	"6f003a000100000000000000636f6e746578743200000000000000000500020000000000"       \
	"b2002a005402200624010000000000000000000000000000000000000000000000000000"       \
	"00000000000000000000"
#define UNREG "660000000100000000000000000000000000000000000000"
#define IO    "02000280080003064b005b953f00b1000600a587e80f0300"

static const struct pair all[] = {
    {REGISTER, REGISTERED,
	"\"protocol\":\"enip\",\"from_src\":true,\"function\":\"register_session\","
	"\"function_code\":101,\"operation\":\"session\",\"status\":\"ok\""},
    {LIST, LISTED,
	"\"function\":\"list_identity\",\"function_code\":99,\"operation\":\"discovery\","
	"\"detail\":\"1756-A\",\"status\":\"ok\""},
    {GET, GOT,
	"\"protocol\":\"cip\",\"from_src\":true,\"function\":\"get_attribute_single\","
	"\"function_code\":14,\"operation\":\"read\",\"object\":\"identity\",\"address\":"
	"1,\"detail\":\"attribute=7\",\"status\":\"ok\""},
    {GET, GET_ERROR, "\"detail\":\"attribute=7\",\"status\":\"object_does_not_exist\""},
    {WRITE_TAG, WROTE,
	"\"function\":\"write_tag\",\"function_code\":77,\"operation\":\"write\","
	"\"object\":\"tag\",\"value\":\"5\",\"detail\":\"Tag11\",\"status\":\"ok\""},
    {MULTI, MULTI_R,
	"\"id\":5,\"unit\":287454020,\"function\":\"multiple_service_packet\",\"function_"
	"code\":10,\"operation\":\"read\",\"object\":\"message_router\",\"address\":1,"
	"\"count\":2,\"detail\":\"get_attribute_list\",\"status\":\"embedded_service_"
	"error\""},
    {RESET, NULL,
	"\"id\":6,\"unit\":287454020,\"function\":\"reset\",\"function_code\":5,"
	"\"operation\":\"mode\",\"object\":\"identity\""},
    {FOPEN, NULL,
	"\"function\":\"forward_open\",\"function_code\":84,\"operation\":\"session\","
	"\"object\":\"connection_manager\""},
    {UNREG, NULL, "\"function\":\"unregister_session\""},
};

static void messages(void **state)
{
	(void)state;
	for (size_t step = 6; step < 100; step += 20) {
		struct play *p = play_start(IP_PROTO_TCP, 44818);
		play_pairs(p, all, COUNT_OF(all), step);
		play_assert(p, "\"service\":\"enip,cip\"");
		play_end(p);
	}
	struct play *p = play_start(IP_PROTO_TCP, 4711);
	play_pairs(p, all + 2, COUNT_OF(all) - 2, HEX_MAX);
	play_end(p);
}

/* Cyclic data: a row an hour and side. */
static void cyclic(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 2222);
	for (int i = 0; i < 5; i++)
		say(p, i % 2, IO);
	p->flow.last = moment_add(p->flow.last, 3600 * NS_PER_S);
	assert_int_equal(p->records[RECORD_OT], 0);
	say(p, 0, IO);
	assert_int_equal(p->records[RECORD_OT], 1);
	play_assert(p,
	    "\"proto\":\"udp\",\"protocol\":\"cip\",\"from_src\":true,"
	    "\"unit\":4916739,\"function\":\"io_data\",\"operation\":\"report\","
	    "\"object\":\"connection\",\"count\":3,\"request_bytes\":72");
	say(p, 1, "0200 0280 0800");
	assert_int_equal(counters_of(p, "cip_io")->malformed, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 3);
	play_end(p);
}

static void not_enip(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "6500 0400 00000000 00000000 0000000000000000 00000001 01000000", /* options
									       */
	    "6500 0500 00000000 00000000 0000000000000000 00000000 0100000000",
	    "6500 0400 00000000 00000099 0000000000000000 00000000 01000000", /* status */
	    "6700 0400 00000000 00000000 0000000000000000 00000000 01000000",
	    "0000 0000 00000000 00000000 0000000000000000 00000000",
	};
	none_of(IP_PROTO_TCP, 4711, texts, COUNT_OF(texts));
}

/* A path that ends early, a message too short, items that lie. */
static void damaged(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 44818);
	say(p, 0, REGISTER);
	say(p, 0,
	    "6f00 1300 01000000 00000000 0000000000000000 00000000 00000000 0500 0200 "
	    "0000 0000 b200 0300 0e 09 20");
	assert_int_equal(counters_of(p, "enip")->malformed, 1);
	say(p, 0,
	    "6f00 1000 01000000 00000000 0000000000000000 00000000 00000000 0500 ffff "
	    "0000 0000 b200 ff00");
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 2);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages),
	    cmocka_unit_test(cyclic),
	    cmocka_unit_test(not_enip),
	    cmocka_unit_test(damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
