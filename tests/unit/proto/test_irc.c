/* SPDX-License-Identifier: Apache-2.0 */
/* Chats by hand: who comes, where to, files offered, into TLS, cut, over limits. */
#include "play.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static void test_comes(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6667);
	say(p, 1, ":irc.example NOTICE * :*** Looking up your hostname\r\n");
	say(p, 0, "PASS s3cret\r\nNICK anna\r\n");
	say(p, 0, "USER an 0 * :Anna N.\r\n    NICK  ann\r\n");
	say(p, 1, ":irc.example 001 ann :Welcome\r\n:irc.example 433 ann\r\n");
	say(p, 0, "JOIN #a,&b s3cret\r\njoin :#c\r\n");
	say(p, 0, "PRIVMSG NickServ :IDENTIFY s3cret\r\nOPER ann s3cret\r\n");
	play_close(p);
	play_assert(p, "\"service\":\"irc\"");
	assert_int_equal(p->records[RECORD_IRC], 6);
	play_assert(p, "\"command\":\"NICK\",\"value\":\"anna\"");
	play_assert(p, "\"nick\":\"anna\",\"command\":\"USER\",\"value\":\"an\","
		       "\"addl\":\"0 * :Anna N.\"");
	play_assert(p, "\"nick\":\"anna\",\"user\":\"an\",\"command\":\"NICK\","
		       "\"value\":\"ann\"");
	play_assert(p, "\"nick\":\"ann\",\"user\":\"an\",\"command\":\"JOIN\","
		       "\"value\":\"#a\"");
	play_assert(p, "\"value\":\"&b\"");
	play_assert(p, "\"value\":\"#c\"");
	assert_int_equal(play_count(p, "s3cret"), 0);
	assert_int_equal(play_counters(p, "irc")->understood, 11);
	play_end(p);
}

static void test_files(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 7000);
	say(p, 0,
	    "NICK a\r\nPRIVMSG b :\001DCC SEND \"a b.exe\" 167772161 5555 12\001\r\n");
	say(p, 0, "PRIVMSG b :\001DCC SEND c 2001:db8::1 0\001\r\n");
	say(p, 0, "PRIVMSG b :\001DCC SEND d 1 70000\001\r\n"); /* no such port */
	say(p, 0, "PRIVMSG b :\001DCC CHAT chat 1 2\001\r\n");
	say(p, 0, "PRIVMSG b :DCC is text\r\nPRIVMSG b\r\nPRIVMSG\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_IRC], 3);
	play_assert(p, "\"command\":\"DCC\",\"dcc_file_name\":\"a b.exe\","
		       "\"dcc_file_size\":12,\"dcc_ip\":\"10.0.0.1\",\"dcc_port\":5555");
	play_assert(
	    p, "\"dcc_file_name\":\"c\",\"dcc_ip\":\"2001:db8::1\",\"dcc_port\":0");
	play_end(p);
}

static void test_tls(void **state)
{
	(void)state;
	static const uint8_t hello[] = {
	    22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, [43] = 0, 0xc0, 0x2f, 0};
	struct play *p = play_start(IP_PROTO_TCP, 6667);
	say(p, 0, "STARTTLS\r\n");
	say(p, 1, ":irc.example 670 * :STARTTLS successful\r\n");
	play_send(p, 1, hello, sizeof(hello));
	play_close(p);
	play_assert(p, "\"service\":\"ssl,irc\"");
	assert_int_equal(p->records[RECORD_TLS], 1);
	play_end(p);
}

/* Other protocols have these words, too. */
static void test_probe(void **state)
{
	(void)state;
	static const struct {
		uint16_t port;
		bool irc;
		int side;
		const char *text;
	} first[] = {
	    {7000, true, 0, "NICK a\r\n"},
	    {7000, true, 0, "USER a b c :d\r\n"},
	    {7000, false, 0, "USER anna\r\n"},
	    {6667, true, 0, "USER anna\r\n"},
	    {7000, false, 0, "PASS x\r\nQUIT\r\n"},
	    {6667, true, 0, "PASS x\r\n"},
	    {7000, true, 0, "CAP LS 302\r\n"},
	    {7000, true, 0, "CAP REQ :a.example/tags\r\n"},
	    {7000, true, 0, "JOIN #a\r\n"},
	    {7000, false, 0, "NICK\1x\2\r\n"},
	    {7000, false, 0, "NOTHING of it\r\n"},
	    {7000, true, 1, ":a.example NOTICE AUTH :x\r\n"},
	    {7000, true, 1, ":a.example 001 x :y\r\n"},
	    {7000, false, 1, ":a.example says\r\n"},
	    {6667, false, 0, "GET / HTTP/1.1\r\n\r\n"},
	    {6667, false, 0, "\r\n"},
	};
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct play *p = play_start(IP_PROTO_TCP, first[i].port);
		say(p, first[i].side, first[i].text);
		play_close(p);
		if ((play_count(p, "\"service\":\"irc\"") > 0) != first[i].irc)
			fail_msg("%s", first[i].text);
		play_end(p);
	}
	struct play *p = play_start(IP_PROTO_TCP, 7000); /* byte by byte */
	for (const char *c = "NICK ann\r\n"; *c != 0; c++)
		play_send(p, 0, c, 1);
	play_close(p);
	play_assert(p, "\"value\":\"ann\"");
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6667);
	for (int i = 0; i < 1025; i++)
		say(p, 0, "NICK a\r\n");
	assert_int_equal(p->records[RECORD_IRC], 1024);
	assert_int_equal(play_counters(p, "irc")->over_limit, 1);
	play_close(p);
	play_end(p);

	p = play_start(IP_PROTO_TCP, 6667);
	say(p, 0, "JOIN #a");
	for (int i = 0; i < 32; i++)
		say(p, 0, ",#b");
	say(p, 0, "\r\n");
	assert_int_equal(p->records[RECORD_IRC], 32);
	assert_int_equal(play_counters(p, "irc")->over_limit, 1);
	play_close(p);
	play_end(p);

	p = play_start(IP_PROTO_TCP, 6667);
	say(p, 0, "NICK a\r\n");
	for (int i = 0; i < 17; i++)
		say(p, 0, "12 34\r\n");
	assert_int_equal(play_counters(p, "irc")->malformed, 1);
	say(p, 0, "NICK b\r\n"); /* it is not read any more */
	assert_int_equal(p->records[RECORD_IRC], 1);
	play_close(p);
	play_end(p);
}

/* Bytes that are missing: the rest of their line is no command. */
static void test_gap(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6667);
	say(p, 0, "NICK a\r\nJOI");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 100);
	say(p, 0, "NICK no\r\nNICK b\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_IRC], 2);
	assert_int_equal(play_count(p, "\"no\""), 0);
	assert_int_equal(play_counters(p, "irc")->truncated, 1);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_comes),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_probe),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_gap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
