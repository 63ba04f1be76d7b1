/* SPDX-License-Identifier: Apache-2.0 */
/* IKE, WireGuard and OpenVPN: openings made by hand. */
#include "play.h"

// clang-format off
#define IKE_2 \
	"aabbccddeeff0011000000000000000021202208000000000000005a2200000c000000" \
	"0000000000280000100013000011111111111111112b00001422222222222222222222" \
	"2222222222220000000e7374726f6e675377616e"
#define IKE_2_ANSWER \
	"aabbccddeeff001101020304050607082120222000000000000000280000000c000000" \
	"0000000000"
#define IKE_1 \
	"aabbccddeeff0011000000000000000001100400000000000000004c0500000c000000" \
	"00000000000d0000100100000076706e2d7573657200000014afcad71368a1f1c96b86" \
	"96fc77570100"
#define IKE_MANY \
	"aabbccddeeff001100000000000000002b202208000000000000010c2b00000600ff2b" \
	"00000601ff2b00000602ff2b00000603ff2b00000604ff2b00000605ff2b00000606ff" \
	"2b00000607ff2b00000608ff2b00000609ff2b0000060aff2b0000060bff2b0000060c" \
	"ff2b0000060dff2b0000060eff2b0000060fff2b00000610ff2b00000611ff2b000006" \
	"12ff2b00000613ff2b00000614ff2b00000615ff2b00000616ff2b00000617ff2b0000" \
	"0618ff2b00000619ff2b0000061aff2b0000061bff2b0000061cff2b0000061dff2b00" \
	"00061eff2b0000061fff2b00000620ff2b00000621ff2b00000622ff2b00000623ff2b" \
	"00000624ff2b00000625ff2b00000626ff2b00000627ff"
#define IKE_DAMAGED \
	"aabbccddeeff001100000000000000002b20220800000000000000200000ffff"
#define WG_INITIATION \
	"0100000011223344ababababababababababababababababababababababababababab" \
	"ababababababababababababababababababababababababababababababababababab" \
	"ababababababababababababababababababababababababababababababababababab" \
	"ababababababababababababababababababababababababababababababababababab" \
	"abababababababab"
#define WG_RESPONSE \
	"020000005566778811223344cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd" \
	"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd" \
	"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
#define WG_DATA \
	"04000000556677880000000000000000eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee" \
	"eeeeeeeeeeeeeeeeeeeeeeeeee"
#define OPENVPN_CLIENT \
	"3801020304050607080000000000"
#define OPENVPN_SERVER \
	"4011121314151617180100000000010203040506070800000000"
#define OPENVPN_AUTH \
	"3801020304050607087777777777777777777777777777777777777777000000010000" \
	"00010000000000"
#define OPENVPN_AUTH_SERVER \
	"4011121314151617186666666666666666666666666666666666666666000000010000" \
	"00010100000000010203040506070800000000"
// clang-format on

static void test_ike(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 500);
	play_hex(p, 0, IKE_2);
	play_hex(p, 1, IKE_2_ANSWER);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p,
	    "\"kind\":\"ike\",\"version\":\"2.0\",\"exchange\":\"IKE_SA_INIT\","
	    "\"client_id\":\"aabbccddeeff0011\",\"server_id\":\"0102030405060708\","
	    "\"key_group\":19,\"vendor_ids\":[\"strongSwan\"],\"messages\":2");
	play_flow(p, IP_PROTO_UDP, 4500);
	play_hex(p, 0, "00000000" IKE_1);
	play_hex(p, 1, "ff");                                   /* keep-alive */
	play_hex(p, 1, "12345678 00000001 abcdefabcdefabcdef"); /* ESP */
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p, "\"version\":\"1.0\",\"exchange\":\"aggressive\"");
	play_assert(p, "\"identity\":\"vpn-user\"");
	play_assert(p, "\"messages\":3");
	play_flow(p, IP_PROTO_UDP, 500);
	play_hex(p, 0, IKE_MANY);
	assert_int_equal(play_counters(p, "ike")->over_limit, 17);
	play_hex(p, 0, IKE_DAMAGED);
	assert_int_equal(play_counters(p, "ike")->malformed, 1);
	play_close(p);
	play_end(p);
}

static void test_wireguard(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 9999);
	play_hex(p, 0, WG_INITIATION);
	play_hex(p, 1, WG_RESPONSE);
	play_hex(p, 0, WG_DATA);
	play_hex(p, 0, "ff");
	assert_int_equal(play_counters(p, "wireguard")->malformed, 1);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p,
	    "\"kind\":\"wireguard\",\"exchange\":\"initiation\",\"client_id\":"
	    "\"11223344\",\"server_id\":\"55667788\",\"vendor_ids\":[],\"messages\":3");
	play_flow(p, IP_PROTO_UDP, 4444);
	play_hex(p, 0, WG_DATA); /* could be anything */
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_VPN], 1);
	play_flow(p, IP_PROTO_UDP, 51820);
	play_hex(p, 0, WG_DATA);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_VPN], 2);
	play_flow(p, IP_PROTO_UDP, 51820);
	play_close(p);
	play_end(p);
}

static void test_openvpn(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1194);
	play_hex(p, 0, OPENVPN_CLIENT);
	play_hex(p, 1, OPENVPN_SERVER);
	play_hex(p, 0, "2001");
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p,
	    "\"kind\":\"openvpn\",\"version\":\"2\",\"exchange\":\"reset,answered\","
	    "\"client_id\":\"0102030405060708\",\"server_id\":\"1112131415161718\"");
	play_flow(p, IP_PROTO_UDP, 443);
	play_hex(p, 0, OPENVPN_AUTH);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_VPN], 1); /* alone it proves nothing */
	play_flow(p, IP_PROTO_UDP, 443);
	play_hex(p, 0, OPENVPN_AUTH);
	play_hex(p, 1, OPENVPN_AUTH_SERVER);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_VPN], 2);
	play_flow(p, IP_PROTO_TCP, 443);
	play_hex(p, 0, "000e" OPENVPN_CLIENT);
	play_hex(p, 1, "001a" OPENVPN_SERVER);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	assert_int_equal(p->records[RECORD_VPN], 3);
	play_flow(p, IP_PROTO_UDP, 443);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 500);
	play_cuts(p, IP_PROTO_UDP, 500, IKE_2);
	play_cuts(p, IP_PROTO_UDP, 51820, WG_INITIATION);
	play_cuts(p, IP_PROTO_UDP, 1194, OPENVPN_SERVER);
	play_cuts(p, IP_PROTO_TCP, 1194, "000e" OPENVPN_CLIENT);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ike),
	    cmocka_unit_test(test_wireguard),
	    cmocka_unit_test(test_openvpn),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("vpn", tests, NULL, NULL);
}
