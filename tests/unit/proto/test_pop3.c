/* SPDX-License-Identifier: Apache-2.0 */
/* Dialogues by hand: every way to log on, mails fetched, into TLS, cut, over limits. */
#include "play.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static struct play *greeted(void)
{
	struct play *p = play_start(IP_PROTO_TCP, 1100); /* on any port */
	say(p, 1, "+OK POP3 ready <1896.697170952@a.example>\r\n");
	return p;
}

static void test_mails(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "CAPA\r\n");
	say(p, 1, "+OK\r\nTOP\r\nSASL PLAIN\r\n.\r\n");
	say(p, 0, "USER jane\r\n");
	say(p, 1, "+OK\r\n");
	say(p, 0, "PASS s3cret\r\n");
	say(p, 1, "+OK logged on\r\n");
	say(p, 0, "STAT\r\nLIST\r\nUIDL\r\nLIST 1\r\n");
	say(p, 1,
	    "+OK 2 300\r\n+OK\r\n1 100\r\n2 200\r\n.\r\n+OK\r\n1 a\r\n.\r\n+OK 1 "
	    "100\r\n");
	say(p, 0, "RETR 1\r\n");
	say(p, 1, "+OK 12\r\nSubject: x\r\n\r\n..\r\n");
	say(p, 1, ".\r\n");
	say(p, 0, "RETR 9\r\nDELE 1\r\nDELE 7\r\nQUIT\r\n");
	say(p, 1, "-ERR none\r\n+OK\r\n-ERR\r\n+OK bye\r\n");
	play_close(p);
	play_assert(p, "\"service\":\"pop3\"");
	play_assert(p, "\"user\":\"jane\",\"mechanism\":\"password\",\"success\":true,"
		       "\"status\":\"+OK logged on\"");
	play_assert(p, "\"messages\":2,\"commands\":8,\"fetched\":1,\"fetched_bytes\":18,"
		       "\"stored\":0,\"stored_bytes\":0,\"deleted\":1");
	assert_int_equal(play_count(p, "s3cret"), 0);
	play_end(p);
}

static void logon(
    const char *client, const char *challenge, const char *more, const char *mechanism)
{
	struct play *p = greeted();
	say(p, 0, client);
	if (challenge != NULL)
		say(p, 1, challenge);
	if (more != NULL)
		say(p, 0, more);
	say(p, 1, "-ERR no\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_LOGIN], 1);
	assert_int_equal(p->records[RECORD_MAILBOX], 0);
	play_assert(p, "\"user\":\"tim\"");
	play_assert(p, mechanism);
	play_assert(p, "\"success\":false,\"status\":\"-ERR no\"");
	assert_int_equal(play_count(p, "tanstaaf"), 0);
	play_end(p);
}

static void test_mechanisms(void **state)
{
	(void)state;
	logon("APOP tim c4c9334bac560ecc979e58001b3e22fb\r\n", NULL, NULL, "\"apop\"");
	logon("AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n", NULL, NULL, "\"plain\"");
	logon(
	    "AUTH PLAIN\r\n", "+ \r\n", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n", "\"plain\"");
	logon("AUTH LOGIN\r\n", "+ VXNlcm5hbWU6\r\n",
	    "dGlt\r\ndGFuc3RhYWZ0YW5zdGFhZg==\r\n", "\"login\"");
	logon("AUTH CRAM-MD5\r\n", "+ PDE4OTYuNj4=\r\n",
	    "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n", "\"cram-md5\"");
	logon("AUTH SCRAM-SHA-256\r\n", "+ \r\n", "bixhPSxuPXRpbSxyPXJPcHJOR2Z3\r\n",
	    "\"scram-sha-256\"");
	logon("AUTH XOAUTH2 dXNlcj10aW0BYXV0aD1CZWFyZXIgdGFuc3RhYWYBAQ==\r\n", NULL, NULL,
	    "\"xoauth2\"");
	logon("AUTH DIGEST-MD5\r\n", "+ cmVhbG09\r\n",
	    "dXNlcm5hbWU9InRpbSIscmVhbG09IngiCg==\r\n", "\"digest-md5\"");
	logon("USER tim\r\n", NULL, NULL, "\"user\":\"tim\",\"success\"");
}

static void test_stls(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "STLS\r\n");
	say(p, 1, "+OK begin\r\n");
	say(p, 0, "\x16\x03\x01 not a hello of any length");
	play_close(p);
	play_assert(p, "\"encrypted\":true");
	play_end(p);
}

/* Bytes missing from a mail are bytes of it, and its end is found again. */
static void test_gap(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "RETR 1\r\nRETR 2\r\nSTAT\r\n");
	say(p, 1, "+OK\r\nhalf");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 1000);
	say(p, 1, "rest\r\n.\r\n+OK\r\nx");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 1000);
	say(p, 1, "+OK 5 10\r\n");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 10);
	play_close(p);
	play_assert(p, "\"fetched\":2,\"fetched_bytes\":2006");
	assert_int_equal(play_counters(p, "pop3")->truncated, 3);
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	struct play *p = greeted();
	for (int i = 0; i < 200; i++)
		say(p, 0, "NOOP\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "pop3")->over_limit, 1);
	play_end(p);
	p = greeted();
	for (int i = 0; i < 20; i++)
		say(p, 0, "what is this\r\n");
	say(p, 0, "USER a\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "pop3")->malformed, 1);
	assert_int_equal(p->records[RECORD_LOGIN], 0);
	play_end(p);
}

static void test_redis(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 6379);
	say(p, 1, "+OK\r\n+PONG\r\n");
	play_close(p);
	assert_int_equal(play_count(p, "pop3"), 0);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mails),
	    cmocka_unit_test(test_mechanisms),
	    cmocka_unit_test(test_stls),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_redis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
