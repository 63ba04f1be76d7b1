/* SPDX-License-Identifier: Apache-2.0 */
/* Telnet and the r-services: logons by dialogue. */
#include "play.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static void test_logons(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 2323);
	play_hex(p, 1, "fffd18 fffd23 fffd27");
	play_hex(p, 0, "fffb18 fffb23 fffe27");
	play_hex(p, 1, "fffa1801fff0");
	play_hex(p, 0, "fffa18007674313030fff0 fffa2300686572653a30fff0");
	say(p, 1, "\r\nUnix of mine\r\n\r\nlo");
	say(p, 1, "gin: ");
	say(p, 0, "a");
	say(p, 1, "a");
	say(p, 0, "nnx\x7f");
	say(p, 0, "a\r");
	play_send(p, 0, "", 1);
	say(p, 1, "\r\nPassword: ");
	say(p, 0, "secret\r\n");
	say(p, 1, "\r\nLogin incorrect\r\nlogin: ");
	say(p, 0, "bert\r\n");
	say(p, 1, "bert\r\nPassword: ");
	say(p, 0, "secret2\r\n");
	say(p, 1, "\r\nhost$ ");
	say(p, 0, "ls\r\n");
	play_assert(p,
	    "\"protocol\":\"telnet\",\"user\":\"anna\",\"mechanism\":\"password\","
	    "\"success\":false,\"status\":\"Login incorrect\",\"client\":\"here:0\","
	    "\"server\":\"Unix of mine\",\"target\":\"vt100\"");
	play_assert(p, "\"user\":\"bert\",\"mechanism\":\"password\",\"success\":true");
	assert_int_equal(play_count(p, "secret"), 0);
	play_close(p);
	assert_int_equal(p->records[RECORD_LOGIN], 2);
	play_assert(p, "\"service\":\"telnet\"");
	play_end(p);
}

static void test_environment_and_tls(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 23);
	play_hex(p, 0, "fffa2700 0055534552 01726f6f74 fff0");
	say(p, 1, "Welcome\r\n# ");
	play_close(p);
	play_assert(p, "\"user\":\"root\",\"success\":true,\"status\":\"Welcome\"");
	play_flow(p, IP_PROTO_TCP, 23);
	play_hex(p, 1, "fffd2e");
	play_hex(p, 0, "fffb2e fffa2e01fff0");
	play_hex(p, 1, "fffa2e01fff0");
	play_close(p);
	play_assert(p, "\"encrypted\":true");
	play_flow(p, IP_PROTO_TCP, 23);
	say(p, 1, "Password required, but none set\r\n");
	play_close(p);
	play_assert(p, "\"server\":\"Password required, but none set\"");
	play_end(p);
}

/* Long lines, long subnegotiations, many attempts, gaps. */
static void test_limits(void **state)
{
	(void)state;
	char many[2000];
	memset(many, 'x', sizeof(many));
	struct play *p = play_start(IP_PROTO_TCP, 23);
	say(p, 1, "hello ");
	play_send(p, 1, many, sizeof(many));
	say(p, 1, " login: ");
	play_send(p, 0, many, sizeof(many));
	play_hex(p, 0, "0d0a fffa18");
	play_send(p, 0, many, sizeof(many));
	play_hex(p, 0, "fff0");
	assert_int_equal(play_counters(p, "telnet")->over_limit, 1);
	for (int i = 0; i < 300; i++) {
		say(p, 1, "\r\nlogin: ");
		say(p, 0, "u\r\n");
		say(p, 1, "\r\nfailed\r\n");
	}
	assert_true(play_counters(p, "telnet")->over_limit > 40);
	assert_int_equal(p->records[RECORD_LOGIN], 256);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 5);
	assert_int_equal(play_counters(p, "telnet")->truncated, 1);
	play_close(p);
	play_flow(p, IP_PROTO_TCP, 5555);
	play_cuts(p, IP_PROTO_TCP, 5555,
	    "fffd18 fffa1801fff0 fffa2700 0055534552 01726f6f74 fff0 0d0a6c6f67696e3a20");
	play_close(p);
	play_end(p);
}

static void test_r_services(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 513);
	play_hex(p, 0, "00");
	play_send(p, 0, "anna\0root\0xterm/38400\0", 22);
	play_hex(p, 1, "00");
	say(p, 1, "Password: ");
	say(p, 0, "secret\r");
	say(p, 1, "\r\nLast login: today\r\n");
	play_close(p);
	play_assert(p,
	    "\"protocol\":\"rlogin\",\"user\":\"root\",\"mechanism\":\"password\","
	    "\"success\":true,\"status\":\"Last login: today\",\"client\":\"anna\","
	    "\"target\":\"xterm/38400\"");
	play_flow(p, IP_PROTO_TCP, 514);
	play_send(p, 0, "1022\0", 5);
	play_send(p, 0, "anna\0root\0id\0", 13);
	play_hex(p, 1, "00");
	play_close(p);
	play_assert(p, "\"protocol\":\"rsh\",\"user\":\"root\",\"mechanism\":\"host\","
		       "\"success\":true,\"client\":\"anna\",\"target\":\"id\"");
	play_flow(p, IP_PROTO_TCP, 512);
	play_send(p, 0, "0\0root\0secret\0id\0", 17);
	play_hex(p, 1, "014e6f0a");
	play_close(p);
	play_assert(p,
	    "\"protocol\":\"rexec\",\"user\":\"root\",\"mechanism\":"
	    "\"password\",\"success\":false,\"status\":\"No\",\"target\":\"id\"");
	assert_int_equal(play_count(p, "secret"), 0);
	char many[300];
	memset(many, 'x', sizeof(many));
	play_flow(p, IP_PROTO_TCP, 512);
	play_hex(p, 0, "3000");
	play_send(p, 0, many, sizeof(many));
	assert_int_equal(play_counters(p, "rexec")->over_limit, 1);
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_logons),
	    cmocka_unit_test(test_environment_and_tls),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_r_services),
	};
	return cmocka_run_group_tests_name("telnet", tests, NULL, NULL);
}
