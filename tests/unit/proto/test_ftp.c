/* SPDX-License-Identifier: Apache-2.0 */
/* Dialogues by hand: transfers both ways with their data connections, into TLS, cut,
 * pipelined and over the limits. */
#include "play.h"

#include "proto/mail/ftp.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static struct play *logged_on(void)
{
	struct play *p = play_start(IP_PROTO_TCP, 2121); /* on any port */
	say(p, 1, "220-Welcome\r\n220 to an FTP server\r\n");
	say(p, 0, "USER jane\r\n");
	say(p, 1, "331 password\r\n");
	say(p, 0, "PASS s3cret\r\n");
	say(p, 1, "230 in\r\n");
	return p;
}

/* Another flow beside the one of p, which goes on afterwards. */
static void data_connection(struct play *p, uint16_t from, uint16_t to, bool passive)
{
	struct conn control = p->conn;
	static const uint8_t a[4] = {10, 0, 0, 1}, b[4] = {10, 0, 0, 2};
	p->flow.addr[0] = addr_from_v4(passive ? a : b);
	p->flow.addr[1] = addr_from_v4(passive ? b : a);
	p->flow.port[0] = from;
	p->flow.port[1] = to;
	p->flow.user = NULL;
	p->sink.open(p->sink.ctx, &p->flow);
	say(p, 1, "GET / HTTP/1.1\r\n"); /* whatever it looks like */
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	say(p, 1, "1234");
	p->sink.close(p->sink.ctx, &p->flow, FLOW_CLOSED);
	control.f.last = p->flow.last;
	p->conn = control;
}

static void test_passive(void **state)
{
	(void)state;
	struct play *p = logged_on();
	say(p, 0, "PWD\r\n");
	say(p, 1, "257 \"/home/jane\" is it\r\n");
	say(p, 0, "CWD ../joe/./docs\r\n");
	say(p, 1, "250 ok\r\n");
	say(p, 0, "TYPE I\r\n");
	say(p, 1, "200 ok\r\n");
	say(p, 0, "PASV\r\n");
	say(p, 1, "227 Entering Passive Mode (10,0,0,2,7,208).\r\n");
	say(p, 0, "RETR plan.pdf\r\n");
	say(p, 1, "150 Opening (1234 bytes).\r\n");
	data_connection(p, 40001, 2000, true);
	say(p, 1, "226 done\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_LOGIN], 1);
	play_assert(p, "\"service\":\"ftp-data\"");
	play_assert(p, "\"service\":\"ftp\"");
	play_assert(
	    p, "\"mechanism\":\"password\",\"success\":true,\"status\":\"230 in\"");
	play_assert(p, "\"server\":\"to an FTP server\"");
	play_assert(p, "\"user\":\"jane\",\"command\":\"RETR\",\"arg\":\"plan.pdf\","
		       "\"cwd\":\"/home/joe/docs\",\"mode\":\"image\","
		       "\"mime_type\":\"text/plain\",\"file_size\":1234,"
		       "\"data_bytes\":120,\"reply_code\":226,\"reply_msg\":\"done\","
		       "\"data_passive\":true,\"data_src_ip\":\"10.0.0.1\","
		       "\"data_dst_ip\":\"10.0.0.2\",\"data_dst_port\":2000");
	assert_int_equal(play_count(p, "s3cret"), 0);
	assert_int_equal(play_count(p, "\"table\":\"http\""), 0);
	play_end(p);
}

/* The server opens it, and the client's address is another one behind NAT. */
static void test_active(void **state)
{
	(void)state;
	struct play *p = logged_on();
	say(p, 0, "PORT 192,168,1,5,7,208\r\n");
	say(p, 1, "200 ok\r\n");
	say(p, 0, "SIZE a\r\n");
	say(p, 1, "213 77\r\n");
	say(p, 0, "STOR a\r\n");
	say(p, 1, "150 go\r\n");
	data_connection(p, 20, 2000, false);
	say(p, 1, "226 done\r\n");
	say(p, 0, "EPRT |1|10.0.0.1|2001|\r\nNLST\r\n");
	say(p, 1, "200 ok\r\n150 go\r\n");
	data_connection(p, 20, 2001, false);
	say(p, 1, "226-many\r\n lines\r\n226 done\r\n");
	play_close(p);
	assert_int_equal(play_count(p, "\"service\":\"ftp-data\""), 2);
	play_assert(p, "\"command\":\"STOR\",\"arg\":\"a\",\"mime_type\":\"text/plain\","
		       "\"file_size\":77,\"data_bytes\":120");
	play_assert(p, "\"data_dst_ip\":\"192.168.1.5\"");
	play_assert(
	    p, "\"command\":\"NLST\",\"mime_type\":\"text/plain\",\"data_bytes\":120");
	play_end(p);
}

static void test_tls(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 21);
	say(p, 1, "220 hello\r\n");
	say(p, 0, "AUTH TLS\r\n");
	say(p, 1, "234 go ahead\r\n");
	say(p, 0, "\x16\x03\x01 not a hello of any length");
	play_close(p);
	assert_int_equal(p->records[RECORD_LOGIN], 1);
	play_assert(p, "\"encrypted\":true");
	play_end(p);
}

static void test_refused(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 21);
	say(p, 1, "220 hello\r\n");
	say(p, 0, "USER a\r\nPASS b\r\nUSER anonymous\r\nSITE PSWD old new\r\n");
	say(p, 1, "331 p\r\n530 no\r\n230 guest\r\n");
	say(p, 1, "421 good bye\r\n");
	say(p, 0, "USER z\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_LOGIN], 3);
	play_assert(p, "\"user\":\"a\",\"mechanism\":\"password\",\"success\":false,"
		       "\"status\":\"530 no\"");
	play_assert(p, "\"success\":true,\"status\":\"230 guest\"");
	play_assert(p, "\"user\":\"z\",\"server\":\"hello\"");
	assert_int_equal(play_count(p, "old"), 0);
	play_end(p);
}

/* What is missing takes no reply to another command's row. */
static void test_gap(void **state)
{
	(void)state;
	struct play *p = logged_on();
	say(p, 0, "MDTM x\r\n");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	say(p, 1, "half a line\r\n");
	say(p, 0, "NOOP\r\n");
	say(p, 1, "200 zzz\r\n");
	play_close(p);
	play_assert(p, "\"command\":\"MDTM\",\"arg\":\"x\"");
	play_assert(p, "\"reply_code\":200,\"reply_msg\":\"zzz\"");
	assert_int_equal(play_counters(p, "ftp")->truncated, 1);
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	struct play *p = logged_on();
	char line[4096];
	memset(line, 'a', sizeof(line));
	memcpy(line, "CWD /", 5);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	for (int i = 0; i < 30; i++) {
		play_send(p, 0, line, sizeof(line));
		say(p, 1, "250 ok\r\n");
	}
	for (int i = 0; i < 30; i++)
		say(p, 0, "NOOP\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "ftp")->over_limit, 10);
	assert_int_equal(play_count(p, "\"command\":\"NOOP\""), 30);
	assert_true(p->text_n < 40 * 4096);
	play_end(p);
}

static void test_not_ftp(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6667);
	say(p, 0, "USER a b c :d e\r\n"); /* IRC */
	play_close(p);
	assert_int_equal(play_count(p, "\"ftp\""), 0);
	play_end(p);
	p = logged_on();
	for (int i = 0; i < 100; i++)
		say(p, 1, "what is this\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "ftp")->malformed, 1);
	play_end(p);
}

static void test_ends(void **state)
{
	(void)state;
	struct addr a;
	uint16_t port;
	char text[ADDR_TEXT_MAX];
	assert_true(ftp_ends_port(STR("mode 2 (1,2,3,4, 0,21)"), &a, &port));
	addr_text(&a, text);
	assert_string_equal(text, "1.2.3.4");
	assert_int_equal(port, 21);
	assert_true(ftp_ends_port(STR("=10,20,30,40,255,255"), &a, &port));
	assert_false(ftp_ends_port(STR("1,2,3,4,0,0"), &a, &port));
	assert_false(ftp_ends_port(STR("1,2,3,256,0,1"), &a, &port));
	assert_false(ftp_ends_port(STR("1,2,3,4,5"), &a, &port));
	assert_false(ftp_ends_port(STR(""), &a, &port));
	assert_true(ftp_ends_extended(STR("|2|2001:db8::1|65535|"), &a, &port));
	addr_text(&a, text);
	assert_string_equal(text, "2001:db8::1");
	assert_int_equal(port, 65535);
	assert_true(ftp_ends_extended(STR("passive (!!!99!)"), &a, &port));
	assert_true(addr_is_unset(&a));
	assert_false(ftp_ends_extended(STR("(|||65536|)"), &a, &port));
	assert_false(ftp_ends_extended(STR("|1|x|1|"), &a, &port));
	assert_false(ftp_ends_extended(STR("(|||1"), &a, &port));
	assert_false(ftp_ends_extended(STR("("), &a, &port));
}

static void go(const char *from, const char *step, const char *wanted)
{
	char path[8];
	size_t n = strlen(from);
	memcpy(path, from, n);
	n = ftp_path(path, n, sizeof(path), str_of(step));
	assert_int_equal(n, strlen(wanted));
	assert_memory_equal(path, wanted, n);
}

static void test_path(void **state)
{
	(void)state;
	go("", "a", "a");
	go("a", "b//c/", "a/b/c");
	go("/a", "..", "/");
	go("/a", "../..", "/");
	go("/a/b", "../c", "/a/c");
	go("/a", "/x/./y", "/x/y");
	go("a", "..", "");
	go("/a", "toolongforit", "/a");
	go("/", "1234567", "/1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_passive),
	    cmocka_unit_test(test_active),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_not_ftp),
	    cmocka_unit_test(test_ends),
	    cmocka_unit_test(test_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
