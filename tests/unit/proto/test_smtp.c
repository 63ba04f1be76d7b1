/* SPDX-License-Identifier: Apache-2.0 */
/* Dialogues by hand: whole, in single bytes, pipelined, in chunks, into TLS. */
#include "play.h"

#include "proto/mail/smtp_mail.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static struct play *greeted(void)
{
	struct play *p = play_start(IP_PROTO_TCP, 2526); /* on any port */
	say(p, 1, "220 mx.example ESMTP ready\r\n");
	say(p, 0, "EHLO pc.example\r\n");
	say(p, 1, "250-mx.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
	return p;
}

static void test_mail(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "AUTH LOGIN\r\n");
	say(p, 1, "334 VXNlcm5hbWU6\r\n");
	say(p, 0, "bXlzZWxm\r\n");
	say(p, 1, "334 UGFzc3dvcmQ6\r\n");
	say(p, 0, "c2VjcmV0c2VjcmV0\r\n");
	say(p, 1, "235 welcome\r\n");
	say(p, 0, "mail FROM:<me@a.example> SIZE=100\r\n");
	say(p, 1, "250 ok\r\n");
	say(p, 0, "RCPT TO:<you@b.example>\r\nRCPT TO: they@c.example\r\n");
	say(p, 1, "250 ok\r\n250 ok\r\n");
	say(p, 0, "DATA\r\n");
	say(p, 1, "354 go on\r\n");
	say(p, 0,
	    "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: Me <me@a.example>\r\n"
	    "To: you@b.example\r\nSubject: a long\r\n\tstory\r\n"
	    "Message-ID: <1@a.example>\r\nX-Mailer: m 1.0\r\n\r\n"
	    "Subject: not this\r\n..\r\n.\r\n");
	say(p, 1, "250 kept as 7\r\n");
	say(p, 0, "QUIT\r\n");
	say(p, 1, "221 bye\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	play_assert(p, "\"service\":\"smtp\"");
	play_assert(p, "\"trans_depth\":1");
	play_assert(p, "\"helo\":\"pc.example\"");
	play_assert(p, "\"mailfrom\":\"me@a.example\"");
	play_assert(p, "\"rcptto\":[\"you@b.example\",\"they@c.example\"]");
	play_assert(p, "\"header_from\":\"Me <me@a.example>\"");
	play_assert(p, "\"subject\":\"a long story\"");
	play_assert(p, "\"msg_id\":\"<1@a.example>\"");
	play_assert(p, "\"user_agent\":\"m 1.0\"");
	play_assert(p, "\"last_reply\":\"250 kept as 7\"");
	play_assert(p, "\"tls\":false");
	assert_int_equal(play_count(p, "c2VjcmV0"), 0);
	assert_int_equal(play_count(p, "secret"), 0);
	assert_int_equal(p->records[RECORD_LOGIN], 1);
	play_assert(p,
	    "\"protocol\":\"smtp\",\"user\":\"myself\",\"mechanism\":\"login\","
	    "\"success\":true,\"status\":\"235 welcome\",\"client\":\"pc.example\"");
	play_end(p);
}

/* All of both sides at once, and byte by byte: the same row. */
static void test_pipelined(void **state)
{
	(void)state;
	static const char client[] = "HELO a\r\nMAIL FROM:<x@a>\r\nRCPT "
				     "TO:<y@b>\r\nDATA\r\nSubject: s\r\n\r\nb\r\n.\r\n"
				     "MAIL FROM:<z@a>\r\nQUIT\r\n";
	static const char server[] = "220 m SMTP\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n"
				     "250 e\r\n250 f\r\n221 g\r\n";
	struct play *p = play_start(IP_PROTO_TCP, 25);
	for (size_t i = 0; i < sizeof(client) - 1; i++)
		play_send(p, 0, client + i, 1);
	for (size_t i = 0; i < sizeof(server) - 1; i++)
		play_send(p, 1, server + i, 1);
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 2);
	play_assert(p, "\"mailfrom\":\"x@a\"");
	play_assert(p, "\"subject\":\"s\"");
	play_assert(p, "\"trans_depth\":2");
	play_end(p);
}

/* Where the server is not seen, an authentication ends with the next command. */
static void test_one_side(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 25);
	say(p, 0, "EHLO a\r\nAUTH PLAIN\r\nAHRpbQB0YW5zdGFhZg==\r\nMAIL FROM:<x@a>\r\n");
	say(p, 0, "RCPT TO:<y@b>\r\n");
	play_close(p);
	play_assert(p, "\"mailfrom\":\"x@a\"");
	play_assert(p, "\"user\":\"tim\",\"mechanism\":\"plain\"");
	play_end(p);
}

static void test_refused(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "250 ok\r\n550 nobody\r\n503 no recipients\r\n");
	say(p, 0, "RSET\r\n");
	say(p, 1, "250 ok\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	play_assert(p, "\"mail_bytes\":0");
	play_end(p);
}

static void test_chunks(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0,
	    "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 14\r\nSubject: one\r\nBDAT 9 "
	    "LAST\r\n");
	say(p, 0, "\r\nthe end");
	say(p, 1, "250 ok\r\n250 ok\r\n250 14 bytes\r\n250 all\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	play_assert(p, "\"subject\":\"one\"");
	play_assert(p, "\"last_reply\":\"250 all\"");
	play_end(p);
}

static void test_starttls(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "STARTTLS\r\n");
	say(p, 1, "220 go ahead\r\n");
	say(p, 0, "\x16\x03\x01 not a hello of any length");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	play_assert(p, "\"tls\":true");
	play_end(p);
}

static void test_gap(void **state)
{
	(void)state;
	struct play *p = greeted();
	say(p, 0, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
	say(p, 1, "250 ok\r\n250 ok\r\n354 go\r\n");
	say(p, 0, "Subject: s\r\n\r\nbody");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 1000);
	say(p, 0, "rest\r\n.\r\n");
	say(p, 1, "250 kept\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	play_assert(p, "\"last_reply\":\"250 kept\"");
	assert_int_equal(play_counters(p, "smtp")->truncated, 1);
	play_end(p);
}

/* Over the limits: the mail is still a row. */
static void test_limits(void **state)
{
	(void)state;
	struct play *p = greeted();
	char line[8192];
	say(p, 0, "MAIL FROM:<a@b>\r\n");
	for (int i = 0; i <= SMTP_RCPT_MAX; i++)
		say(p, 0, "RCPT TO:<c@d>\r\n");
	say(p, 0, "DATA\r\n");
	for (int i = 0; i < 40; i++) {
		memset(line, 'x', sizeof(line));
		memcpy(line, i == 0 ? "Subject: " : " ", i == 0 ? 9 : 1);
		memcpy(line + sizeof(line) - 2, "\r\n", 2);
		play_send(p, 0, line, sizeof(line));
	}
	say(p, 0, "\r\n.\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 1);
	assert_true(play_counters(p, "smtp")->over_limit > 0);
	play_end(p);
}

static void test_not_smtp(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 21);
	say(p, 1, "220 ftp.example FTP server ready\r\n");
	say(p, 0, "USER anonymous\r\n");
	play_close(p);
	assert_int_equal(play_count(p, "smtp"), 0);
	play_end(p);
	p = greeted();
	for (int i = 0; i < 100; i++)
		say(p, 1, "what is this\r\n");
	say(p, 0, "MAIL FROM:<a@b>\r\n");
	play_close(p);
	assert_int_equal(p->records[RECORD_SMTP], 0);
	assert_int_equal(play_counters(p, "smtp")->malformed, 1);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mail),
	    cmocka_unit_test(test_pipelined),
	    cmocka_unit_test(test_one_side),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_chunks),
	    cmocka_unit_test(test_starttls),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_not_smtp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
