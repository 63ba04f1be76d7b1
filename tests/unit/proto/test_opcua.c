/* SPDX-License-Identifier: Apache-2.0 */
/* Messages after IEC 62541-6 (OPC UA binary). */
#include "ot_play.h"

#define HEL                                                                              \
	"48454c46320000000000000000000100000001000000000000000000120000006f70632e"       \
	"7463703a2f2f706c633a34383430"
#define ACK "41434b461c0000000000000000000100000001000000000000000000"
#define OPN                                                                              \
	"4f504e4681000000000000002f000000687474703a2f2f6f7063666f756e646174696f6e"       \
	"2e6f72672f55412f5365637572697479506f6c696379234e6f6e65ffffffffffffffff01"       \
	"000000010000000100be01000000000000000000000100000000000000ffffffffe80300"       \
	"000000000000000000000000000000000000000000"
#define OPN_R                                                                            \
	"4f504e466b000000090000002f000000687474703a2f2f6f7063666f756e646174696f6e"       \
	"2e6f72672f55412f5365637572697479506f6c696379234e6f6e65ffffffffffffffff01"       \
	"000000010000000100c1010000000000000000010000000000000000ffffffff000000"
#define UAREAD                                                                           \
	"4d5347467800000009000000010000003500000003000000010077020000000000000000"       \
	"00000100000000000000ffffffffe8030000000000000000000000000003000000020000"       \
	"000302000a00000054616e6b2e4c6576656c0d000000ffffffff0000ffffffff00550d00"       \
	"0000ffffffff0000ffffffff"
#define UAREAD_R                                                                         \
	"4d534746340000000900000001000000350000000300000001007a020000000000000000"       \
	"010000000000000000ffffffff000000"
#define UAWRITE                                                                          \
	"4d53474652000000090000000100000036000000040000000100a1020000000000000000"       \
	"00000100000000000000ffffffffe803000000000001000000020100393000000d000000"       \
	"ffffffff0000ffffffff"
#define UAWRITE_F                                                                        \
	"4d534746340000000900000001000000360000000400000001008d010000000000000000"       \
	"0100000000001f8000ffffffff000000"
#define UAWRITE2                                                                         \
	"4d5347465a000000090000000100000036000000140000000100a1020000000000000000"       \
	"00000100000000000000ffffffffe803000000000001000000020100393000000d000000"       \
	"ffffffff050a0000c03f0011223344556677"
#define UAREAD1                                                                          \
	"4d5347465e00000009000000010000003900000015000000010077020000000000000000"       \
	"00000100000000000000ffffffffe8030000000000000000000000000003000000010000"       \
	"00020100393000000d000000ffffffff0000ffffffff"
#define UAREAD1_R                                                                        \
	"4d5347463e0000000900000001000000350000001500000001007a020000000000000000"       \
	"010000000000000000ffffffff000000010000000106d6ffffff"
#define UACALL                                                                           \
	"4d5347464e000000090000000100000037000000050000000100c8020000000000000000"       \
	"00000100000000000000ffffffffe8030000000000010000000102070005010002000000"       \
	"aabb00000000"
#define UABROWSE                                                                         \
	"4d534746650000000900000001000000380000000600000001000f020000000000000000"       \
	"00000100000000000000ffffffffe8030000000000000000000000000000000000000000"       \
	"0000000100000000550000000000000000000000000000000000000000"
#define UALATER                                                                          \
	"4d5347463900000009000000010000003c0000000a0000000100b02f0000000000000000"       \
	"00000100000000000000ffffffffe8030000000000"
#define UALATER_R                                                                        \
	"4d5347463400000009000000010000003c0000000a0000000100b12f0000000000000000"       \
	"010000000000000000ffffffff000000"
#define UAENC                                                                            \
	"4d5347463800000009000000010000003a0000000800000003ff91919191919191919191"       \
	"9191919191919191919191919191919191919191"
#define UAENC2                                                                           \
	"4d5347463d00000009000000010000003a00000008000000021234999999999191919191"       \
	"91919191919191919191919191919191919191919191919191"
#define UAC1                                                                             \
	"4d5347436a00000009000000010000003900000007000000010077020000000000000000"       \
	"00000100000000000000ffffffffe8030000000000000000000000000003000000010000"       \
	"00040100000102030405060708090a0b0c0d0e0f02000000ffffffff0000ffffffff"
#define UAC2                                                                             \
	"4d5347462c00000009000000010000003900000007000000aaaaaaaaaaaaaaaaaaaaaaaa"       \
	"aaaaaaaaaaaaaaaa"
#define UACLO                                                                            \
	"434c4f463900000009000000010000005a000000280000000100c4010000000000000000"       \
	"00000100000000000000ffffffffe8030000000000"
#define UAERR "455252461000000000007d80ffffffff"
#define UARHE "52484546200000000500000075726e3a610b0000006f70632e7463703a2f2f61"

static const struct pair all[] = {
    {HEL, ACK,
	"\"protocol\":\"opcua\",\"from_src\":true,\"function\":\"hello\",\"operation\":"
	"\"session\",\"detail\":\"opc.tcp://plc:4840\",\"status\":\"ok\""},
    {OPN, OPN_R,
	"\"id\":1,\"unit\":9,\"function\":\"open_secure_channel\",\"function_code\":446,"
	"\"operation\":\"session\",\"detail\":\"None\",\"status\":\"ok\""},
    {UAREAD, UAREAD_R,
	"\"id\":3,\"unit\":9,\"function\":\"read\",\"function_code\":631,\"operation\":"
	"\"read\",\"object\":\"node\",\"count\":2,\"detail\":\"ns=2;s=Tank.Level\","
	"\"status\":\"ok\""},
    {UAWRITE, UAWRITE_F,
	"\"id\":4,\"unit\":9,\"function\":\"write\",\"function_code\":673,\"operation\":"
	"\"write\",\"object\":\"node\",\"count\":1,\"detail\":\"ns=1;i=12345\","
	"\"status\":\"bad_user_access_denied\""},
    {UAWRITE2, NULL,
	"\"object\":\"node\",\"count\":1,\"value\":\"1.5\",\"detail\":\"ns=1;i=12345\""},
    {UAREAD1, UAREAD1_R,
	"\"object\":\"node\",\"count\":1,\"value\":\"-42\",\"detail\":\"ns=1;i=12345\","
	"\"status\":\"ok\""},
    {UACALL, NULL,
	"\"function\":\"call\",\"function_code\":712,\"operation\":\"control\","
	"\"object\":\"node\",\"count\":1,\"detail\":\"ns=2;i=7 method ns=1;b=aabb\""},
    {UABROWSE, NULL,
	"\"function\":\"browse\",\"function_code\":527,\"operation\":\"discovery\","
	"\"object\":\"node\",\"count\":1,\"detail\":\"i=85\""},
    {UALATER, UALATER_R,
	"\"function\":\"find_servers_on_network\",\"function_code\":12208,\"operation\":"
	"\"discovery\",\"status\":\"ok\""},
    {UAC1 UAC2, NULL,
	"\"detail\":\"ns=1;g=000102030405060708090a0b0c0d0e0f attribute=2\""},
    {UAENC2, UAENC2,
	"\"id\":8,\"unit\":9,\"function\":\"encrypted\",\"operation\":\"other\",\"rtt\""},
    {UACLO, NULL, "\"function\":\"close_secure_channel\""},
    {UARHE, NULL, "\"function\":\"reverse_hello\""},
};

static void messages(void **state)
{
	(void)state;
	for (size_t step = 4; step < 200; step += 49) {
		struct play *p = play_start(IP_PROTO_TCP, 4711);
		play_pairs(p, all, COUNT_OF(all), step);
		play_assert(p, "\"service\":\"opcua\"");
		play_end(p);
	}
}

static void refused(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 4840);
	say(p, 0, HEL);
	say(p, 1, UAERR);
	play_assert(p, "\"function\":\"hello\",\"operation\":\"session\","
		       "\"detail\":\"opc.tcp://plc:4840\","
		       "\"status\":\"bad_tcp_server_too_busy\"");
	say(p, 0, UAENC); /* a node id of no known form */
	assert_int_equal(counters_of(p, "opcua")->malformed, 1);
	lose(p, 0, 9);
	say(p, 0, UAC2);
	play_close(p);
	play_end(p);
}

static void not_opcua(void **state)
{
	(void)state;
	static const char *const texts[] = {
	    "48454c47 20000000",
	    "48454c46 07000000",
	    "48454c46 00001000",
	    "47455420",
	};
	none_of(IP_PROTO_TCP, 4840, texts, COUNT_OF(texts));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(not_opcua),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
