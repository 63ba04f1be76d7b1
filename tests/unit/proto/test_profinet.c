/* SPDX-License-Identifier: Apache-2.0 */
/* Calls after IEC 61158-6-10 (PROFINET) in DCE/RPC 1.1 without connection. */
#include "ot_play.h"

#define PN_CONNECT                                                                       \
	"0400200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000010000000000ffff"       \
	"ffff53000000000000000000000000000000000000000000000000000101003a01000000"       \
	"000000000000000000000000000000000000000000000000000000000000000000000000"       \
	"0000000000000000000000000005706c632d31"
#define PN_CONNECT_R                                                                     \
	"0402200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000010000000000ffff"       \
	"ffff1400000000000000000000000000000000000000000000000000"
#define PN_READ                                                                          \
	"0400200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000020000000200ffff"       \
	"ffff44000000000000000000000000000000000000000000000000000009003c01000000"       \
	"0000000000000000000000000000000000000000000100020000aff00000008000000000"       \
	"00000000"
#define PN_READ_E                                                                        \
	"0402200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000020000000200ffff"       \
	"ffff14000000000000b080de00000000000000000000000000000000"
#define PN_WRITE                                                                         \
	"040020000000000000000000000000000000000000000000dea000016c9711d1827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000000000001000000030003ffff"       \
	"ffff00440000000000000000000000000000000000000000000000000008003c01000000"       \
	"000000000000000000000000000000000000000000010002000080000000000400000000"       \
	"00000000"
#define PN_WRITE_F                                                                       \
	"040320000000000000000000000000000000000000000000dea000016c9711d1827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000000000001000000030003ffff"       \
	"ffff00040000000000000000"
#define PN_CONTROL                                                                       \
	"0400200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000040000000400ffff"       \
	"ffff32000000000000000000000000000000000000000000000000000110001c01000000"       \
	"00000000000000000000000000000000000000000001"
#define PN_RELEASE                                                                       \
	"0400200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000050000000100ffff"       \
	"ffff1400000000000000000000000000000000000000000000000000"
#define PN_FRAG                                                                          \
	"0400200010000000000000000000000000000000000000000100a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000060000000300ffff"       \
	"ffff1400010000000000000000000000000000000000000000000000"
#define PN_NOT                                                                           \
	"0400200010000000000000000000000000000000000000000900a0de976cd111827100a0"       \
	"2442df7d00112233445566778899aabbccddeeff0000000001000000020000000200ffff"       \
	"ffff44000000000000000000000000000000000000000000000000000009003c01000000"       \
	"0000000000000000000000000000000000000000000100020000aff00000008000000000"       \
	"00000000"

static const struct pair all[] = {
    {PN_CONNECT, PN_CONNECT_R,
	"\"proto\":\"udp\",\"protocol\":\"profinet\",\"from_src\":true,\"function\":"
	"\"connect\",\"function_code\":0,\"operation\":\"session\",\"detail\":\"plc-1\","
	"\"status\":\"ok\""},
    {PN_READ, PN_READ_E,
	"\"function\":\"read\",\"function_code\":2,\"operation\":\"read\",\"object\":"
	"\"record\",\"address\":45040,\"count\":128,\"detail\":\"slot=1 subslot=2 "
	"error=0xde80b000\",\"status\":\"error\""},
    {PN_WRITE, PN_WRITE_F,
	"\"function\":\"write\",\"function_code\":3,\"operation\":\"write\",\"object\":"
	"\"record\",\"address\":32768,\"count\":4,\"detail\":\"slot=1 "
	"subslot=2\",\"status\":\"fault\""},
    {PN_CONTROL, NULL,
	"\"function\":\"control\",\"function_code\":4,\"operation\":\"session\","
	"\"detail\":\"parameter_end\""},
    {PN_RELEASE, NULL, "\"function\":\"release\",\"function_code\":1"},
};

static void calls(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 4711);
	play_pairs(p, all, COUNT_OF(all), HEX_MAX);
	play_assert(p, "\"service\":\"profinet\"");
	play_end(p);
}

static void odd_calls(void **state)
{
	(void)state;
	static const char *const texts[] = {PN_NOT, "0400 2000 10"};
	none_of(IP_PROTO_UDP, 34964, texts, COUNT_OF(texts));
	struct play *p = play_start(IP_PROTO_UDP, 34964);
	say(p, 0, PN_CONNECT);
	say(p, 0, PN_FRAG); /* not the first fragment: no row of its own */
	say(p, 0, PN_NOT);
	assert_int_equal(counters_of(p, "profinet")->malformed, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_OT], 1);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls),
	    cmocka_unit_test(odd_calls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
