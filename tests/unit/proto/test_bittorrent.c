/* SPDX-License-Identifier: Apache-2.0 */
/* BitTorrent: peers over TCP and uTP, the hash table, a tracker. */
#include "play.h"

#define GREETING "13426974546f7272656e742070726f746f636f6c 0000000000100005"
#define HASH     "000102030405060708090a0b0c0d0e0f10111213"
#define PEER     "2d5452333030302d 303132333435363738396162"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static void test_peers(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6881);
	play_hex(p, 0, "1342697454");
	play_hex(p, 0, "6f7272656e742070726f746f636f6c 0000000000100005" HASH PEER);
	play_hex(p, 1, GREETING HASH PEER "0000000102");
	play_close(p);
	assert_int_equal(p->records[RECORD_BITTORRENT], 2);
	play_assert(p,
	    "\"proto\":\"tcp\",\"kind\":\"peer\",\"from_client\":true,\"message\":"
	    "\"handshake\",\"info_hash\":\"000102030405060708090a0b0c0d0e0f10111213\","
	    "\"peer_id\":\"2d5452333030302d303132333435363738396162\",\"client\":"
	    "\"Transmission 3000\"");
	play_assert(p, "\"service\":\"bittorrent\"");
	play_flow(p, IP_PROTO_UDP, 6881); /* uTP */
	play_hex(p, 0, "4100 1234 00000001 00000000 00100000 0001 0000");
	play_hex(p, 1, "2100 1234 00000002 00000001 00100000 0001 0001");
	play_hex(
	    p, 0, "0100 1235 00000003 00000001 00100000 0002 0001" GREETING HASH PEER);
	play_close(p);
	play_assert(p, "\"proto\":\"udp\",\"kind\":\"peer\"");
	play_end(p);
}

static void test_hash_table(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 6881);
	say(p, 0,
	    "d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e"
	    "1:q9:get_peers1:t2:aa1:v4:LT121:y1:qe");
	say(p, 1,
	    "d1:rd2:id20:abcdefghij01234567896:valuesl6:abcdef6:ghijklee"
	    "1:t2:aa1:y1:re");
	say(p, 1, "d1:eli201e5:wronge1:t2:ab1:y1:ee");
	play_assert(p, "\"kind\":\"dht\",\"from_client\":true,\"message\":\"get_peers\","
		       "\"transaction\":\"6161\",\"info_hash\":"
		       "\"6d6e6f707172737475767778797a313233343536\"");
	play_assert(p, "\"message\":\"response\"");
	play_assert(p, "\"peers\":2");
	play_assert(p, "\"error\":\"201 wrong\"");
	say(p, 0, "d1:t2:aae");
	say(p, 0, "d1:ad2:id99:abc");
	say(p, 0, "di9999999999999999999ei1ee");
	assert_int_equal(play_counters(p, "bittorrent")->malformed, 3);
	play_close(p);
	play_end(p);
}

static void test_tracker(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 1337);
	play_hex(p, 0, "0000041727101980 00000000 00000007");
	play_hex(p, 1, "00000000 00000007 0102030405060708");
	play_hex(p, 0,
	    "0102030405060708 00000001 00000008" HASH PEER
	    "0000000000000000 0000000000000000 0000000000000000 00000002"
	    "00000000 00000000 ffffffff 1ae1");
	play_hex(p, 1, "00000001 00000008 00000708 00000001 00000002 0a0000011ae1");
	play_hex(p, 1, "00000003 00000009 6e6f");
	play_assert(
	    p, "\"kind\":\"tracker\",\"from_client\":true,\"message\":\"announce\"");
	play_assert(p, "\"port\":6881");
	play_assert(p, "\"peers\":1");
	play_assert(p, "\"error\":\"no\"");
	play_close(p);
	assert_int_equal(p->records[RECORD_BITTORRENT], 5);
	play_end(p);
}

/* Long lists, extensions without end, what is none of it, cuts. */
static void test_limits(void **state)
{
	(void)state;
	static char many[40000];
	size_t n = (size_t)snprintf(many, sizeof(many), "d1:rd2:id2:ab6:valuesl");
	for (int i = 0; i < 5000; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, "1:x");
	n += (size_t)snprintf(many + n, sizeof(many) - n, "ee1:t1:a1:y1:re");
	struct play *p = play_start(IP_PROTO_UDP, 6881);
	play_send(p, 0, many, n);
	play_assert(p, "\"peers\":4096");
	memset(many, 'l', sizeof(many));
	many[0] = 'd';
	play_send(p, 0, many, sizeof(many)); /* a depth that costs nothing */
	play_hex(p, 0,
	    "4101 1234 00000001 00000000 00100000 0001 0000"
	    "01000100010001000100010001000100");
	assert_int_equal(play_counters(p, "bittorrent")->malformed, 2);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 6881);
	play_hex(p, 0, GREETING HASH PEER);
	play_hex(p, 1, "474554202f20485454502f312e310d0a" HASH HASH HASH);
	assert_int_equal(play_counters(p, "bittorrent")->malformed, 3);
	play_cuts(p, IP_PROTO_TCP, 6881, GREETING HASH PEER);
	play_cuts(p, IP_PROTO_UDP, 6881,
	    "64313a65 6c69323031 65353a77726f6e6765 313a74323a6162 313a79313a6565");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_peers),
	    cmocka_unit_test(test_hash_table),
	    cmocka_unit_test(test_tracker),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests_name("bittorrent", tests, NULL, NULL);
}
