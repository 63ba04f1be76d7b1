/* SPDX-License-Identifier: Apache-2.0 */
/* SOCKS 4, 4a and 5, and what is carried behind it. */
#include "play.h"

#define GET     "474554202f20485454502f312e310d0a486f73743a20610d0a0d0a"
#define GRANTED "05000001c0a8001f0a80"

static void test_logon(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 9999);
	play_hex(p, 0, "0502");
	play_hex(p, 0, "0002");
	play_hex(p, 1, "0502");
	play_hex(p, 0, "0103626f6206736563726574");
	play_hex(p, 1, "0100");
	play_hex(p, 0, "050100030b7777772e4f534e2e636f6d0050");
	play_hex(p, 1, GRANTED);
	play_hex(p, 0, GET);
	play_close(p);
	play_assert(p,
	    "\"version\":5,\"method\":\"password\",\"user\":\"bob\",\"command\":"
	    "\"connect\",\"status\":\"succeeded\",\"request_name\":\"www.osn.com\","
	    "\"request_port\":80,\"bound_ip\":\"192.168.0.31\",\"bound_port\":2688");
	play_assert(p, "\"service\":\"socks,http\"");
	assert_int_equal(play_count(p, "secret"), 0);
	assert_int_equal(p->records[RECORD_HTTP], 1);
	play_end(p);
}

static void test_refused(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 1080);
	play_hex(p, 0, "0502000205010004");
	play_hex(p, 1, "050005010004");
	play_hex(p, 0, "20010db80000000000000000000000010016");
	play_close(p);
	play_assert(p, "\"request_ip\":\"2001:db8::1\",\"request_port\":22");
	play_flow(p, IP_PROTO_TCP, 1080);
	play_hex(p, 0, "05020002");
	play_hex(p, 1, "0502");
	play_hex(p, 0, "0103626f620178");
	play_hex(p, 1, "0101");
	play_close(p);
	play_assert(
	    p, "\"user\":\"bob\",\"status\":\"connection not allowed by ruleset\"");
	play_flow(p, IP_PROTO_TCP, 1080);
	play_hex(p, 0, "050101");
	play_hex(p, 1, "0501");
	play_close(p);
	play_assert(p, "\"method\":\"gssapi\"");
	assert_int_equal(play_counters(p, "socks")->unsupported, 1);
	play_end(p);
}

static void test_four(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 1080);
	play_hex(p, 0, "0401005000000001616e6e6100");
	play_hex(p, 0, "4558414d504c4500");
	play_hex(p, 1, "005a00500a000009");
	play_hex(p, 0, GET);
	play_close(p);
	play_assert(p,
	    "\"version\":4,\"user\":\"anna\",\"command\":\"connect\",\"status\":"
	    "\"succeeded\",\"request_name\":\"example\",\"request_port\":80,"
	    "\"bound_ip\":\"10.0.0.9\",\"bound_port\":80");
	play_assert(p, "\"service\":\"socks,http\"");
	play_flow(p, IP_PROTO_TCP, 1080);
	play_hex(p, 0, "040200150a00000100");
	play_hex(p, 1,
	    "005a0015"
	    "0a000002"
	    "005a0015"
	    "0a000003"
	    "3232302046545020");
	play_close(p);
	play_assert(p, "\"command\":\"bind\",\"status\":\"succeeded\"");
	play_flow(p, IP_PROTO_TCP, 1080);
	play_hex(p, 0, "040100150a00000100");
	play_hex(p, 1, "005d000000000000");
	play_close(p);
	play_assert(p, "could not confirm");
	play_end(p);
}

static void test_others(void **state)
{
	(void)state;
	static const char *const others[] = {"05000b0310000000480000000100000000",
	    "05030001020304", "050a", "0403", "0401005001020304ff00", "0502ff"};
	struct play *p = play_start(IP_PROTO_TCP, 135);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		play_hex(p, 0, others[i]);
		play_close(p);
		play_flow(p, IP_PROTO_TCP, 135);
	}
	assert_int_equal(p->records[RECORD_SOCKS], 0);
	play_close(p);
	play_end(p);
}

/* More than is held of a side, and an address of no type. */
static void test_limit(void **state)
{
	(void)state;
	char many[1100] = {0};
	struct play *p = play_start(IP_PROTO_TCP, 1080);
	play_hex(p, 0, "050100");
	play_hex(p, 0, "0501");
	play_send(p, 0, many, sizeof(many));
	assert_int_equal(play_counters(p, "socks")->over_limit, 1);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 1080);
	play_hex(p, 0, "050100");
	play_hex(p, 1, "0500");
	play_hex(p, 0, "0501000901020304");
	assert_int_equal(play_counters(p, "socks")->malformed, 1);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 1080);
	play_cuts(p, IP_PROTO_TCP, 1080, "0502000205010004" GRANTED);
	play_cuts(p, IP_PROTO_TCP, 1080, "0401005000000001616e6e610062626200");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_logon),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_four),
	    cmocka_unit_test(test_others),
	    cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests_name("socks", tests, NULL, NULL);
}
