/* SPDX-License-Identifier: Apache-2.0 */
/* STUN and TURN: messages made by hand. */
#include "play.h"

// clang-format off
#define REQUEST \
	"000100182112a4420102030405060708090a0b0c00060006616c3a626f620000802200" \
	"056c69622031000000"
#define RESPONSE \
	"010100142112a4420102030405060708090a0b0c00200008000131f3ea12d54b802200" \
	"0473727600"
#define ALLOCATED \
	"010300182112a4420102030405060708090a0b0c001600080001329ae721c045001200" \
	"0800012113e112a643"
#define REFUSED \
	"011300342112a4420102030405060708090a0b0c000900070000040177686f00001400" \
	"0b6578616d706c652e6f726700000100140002005020010db800000000000000000000" \
	"0007"
#define DTLS_RECORD \
	"16fefd0000000000000000000c0e0000000000000000000000"
// clang-format on

static void test_flow(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 3478);
	play_hex(p, 0, REQUEST);
	play_hex(p, 1, RESPONSE);
	play_hex(p, 1, ALLOCATED);
	play_hex(p, 1, REFUSED);
	play_hex(p, 0, "80000000");  /* media between them */
	play_hex(p, 0, DTLS_RECORD); /* the rest is DTLS */
	play_assert(p, "\"method\":\"binding\",\"messages\":4,\"username\":\"al:bob\","
		       "\"realm\":\"example.org\",\"client_software\":\"lib "
		       "1\",\"server_software\":\"srv\",\"mapped_addr\":\"203.0.113.9\","
		       "\"mapped_port\":4321,\"relayed_addr\":\"198.51.100.7\",\"relayed_"
		       "port\":5000,\"peer_addr\":\"192.0.2.1\",\"error\":401");
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p, "\"service\":\"stun\"");
	play_flow(p, IP_PROTO_UDP, 3478);
	play_close(p);
	play_end(p);
}

static void test_ipv6_and_damage(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 3478);
	play_hex(p, 1, REFUSED);
	play_hex(p, 1, "000100082112a4420102030405060708090a0b0c 0006 0009 61616161");
	assert_int_equal(play_counters(p, "stun")->malformed, 1);
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	play_assert(p, "\"mapped_addr\":\"2001:db8::7\",\"mapped_port\":80");
	play_flow(p, IP_PROTO_UDP, 3478);
	play_close(p);
	play_end(p);
}

static void test_cuts(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 3478);
	play_cuts(p, IP_PROTO_UDP, 3478, RESPONSE);
	play_cuts(p, IP_PROTO_UDP, 3478, REFUSED);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_flow),
	    cmocka_unit_test(test_ipv6_and_damage),
	    cmocka_unit_test(test_cuts),
	};
	return cmocka_run_group_tests_name("stun", tests, NULL, NULL);
}
