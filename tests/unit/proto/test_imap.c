/* SPDX-License-Identifier: Apache-2.0 */
/* Dialogues by hand: folders, literals in pieces, logons, into TLS, cut, over limits. */
#include "play.h"

#include "proto/mail/imap.h"

static void say(struct play *p, int side, const char *text)
{
	play_send(p, side, text, strlen(text));
}

static struct play *logged_on(void)
{
	struct play *p = play_start(IP_PROTO_TCP, 1430); /* on any port */
	say(p, 1, "* OK [CAPABILITY IMAP4rev1] mail ready\r\n");
	say(p, 0, "a ID (\"name\" \"reader\" \"version\" \"1.2\")\r\n");
	say(p, 1, "* ID NIL\r\na OK\r\n");
	say(p, 0, "b LOGIN jane \"s3 cret\"\r\n");
	say(p, 1, "b OK [CAPABILITY x] done\r\n");
	return p;
}

static void test_folders(void **state)
{
	(void)state;
	struct play *p = logged_on();
	say(p, 0, "c SELECT INBOX\r\n");
	say(p, 1, "* FLAGS ()\r\n* 3 EXISTS\r\n* 0 RECENT\r\nc OK [READ-WRITE]\r\n");
	say(p, 0, "k UID FETCH 1:* (FLAGS BODY.PEEK[HEADER])\r\n");
	say(p, 1, "* 1 FETCH (FLAGS () BODY[HEADER] {4}\r\na: b)\r\nk OK\r\n");
	say(p, 0, "e FETCH 1,2 BODY[]\r\nf IDLE\r\nDONE\r\n");
	say(p, 1, "* 1 FETCH (UID 7 BODY[] {10}\r\n0123\r\n6789)\r\n");
	say(p, 1, "* 2 FETCH (RFC822 {5}\r\n12345 BODY[TEXT]<0> {3}\r\nabc)\r\ne OK\r\n");
	say(p, 0, "g EXPUNGE\r\n");
	say(p, 1, "f OK\r\n* 3 EXPUNGE\r\n* 3 EXPUNGE\r\ng OK\r\n");
	say(p, 0, "h EXAMINE {6}\r\n");
	say(p, 1, "+ go\r\n");
	say(p, 0, "Sent \"\r\n");
	say(p, 1, "* 9 EXISTS\r\nh OK\r\n");
	say(p, 0, "i APPEND Sent () {8+}\r\n12345678\r\n");
	say(p, 1, "i OK\r\n");
	play_close(p);
	play_assert(p, "\"service\":\"imap\"");
	play_assert(p, "\"user\":\"jane\",\"mechanism\":\"password\",\"success\":true,"
		       "\"status\":\"OK [CAPABILITY x] done\",\"client\":\"reader 1.2\"");
	play_assert(p,
	    "\"folder\":\"INBOX\",\"read_only\":false,\"messages\":3,\"commands\":4,"
	    "\"fetched\":2,\"fetched_bytes\":18,\"stored\":0,\"stored_bytes\":0,"
	    "\"deleted\":2");
	play_assert(p, "\"read_only\":true,\"messages\":9,\"commands\":2,\"fetched\":0");
	play_assert(p, "\"stored\":1,\"stored_bytes\":8");
	assert_int_equal(p->records[RECORD_MAILBOX], 2);
	assert_int_equal(play_count(p, "s3"), 0);
	play_end(p);
}

/* Byte by byte, the name in a literal, and the password too. */
static void test_literals(void **state)
{
	(void)state;
	static const char client[] = "a LOGIN {6+}\r\nj\"a\\ne {3}\r\nxyz\r\n";
	struct play *p = play_start(IP_PROTO_TCP, 143);
	for (size_t i = 0; i < sizeof(client) - 1; i++)
		play_send(p, 0, client + i, 1);
	say(p, 1, "a NO [AUTHENTICATIONFAILED] no\r\n");
	play_close(p);
	play_assert(p, "\"success\":false");
	play_assert(p, "\"user\":\"j\\\\\\\"a\\\\\\\\ne\"");
	assert_int_equal(play_count(p, "xyz"), 0);
	play_end(p);
}

static void test_authenticate(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 143);
	say(p, 1, "* OK ready\r\n");
	say(p, 0, "a AUTHENTICATE PLAIN\r\n");
	say(p, 1, "+ \r\n");
	say(p, 0, "AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
	say(p, 1, "a OK in\r\n");
	say(p, 0, "b LIST \"\" *\r\n");
	say(p, 1, "* LIST () \"/\" INBOX\r\nb OK\r\n");
	play_close(p);
	play_assert(p, "\"user\":\"tim\",\"mechanism\":\"plain\",\"success\":true");
	play_assert(p, "\"user\":\"tim\",\"commands\":1");
	play_end(p);
}

static void test_starttls(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 143);
	say(p, 1, "* OK ready\r\n");
	say(p, 0, "a STARTTLS\r\n");
	say(p, 1, "a OK go\r\n");
	say(p, 0, "\x16\x03\x01 not a hello of any length");
	play_close(p);
	play_assert(p, "\"encrypted\":true");
	play_end(p);
	p = logged_on();
	say(p, 0, "z COMPRESS DEFLATE\r\n");
	say(p, 1, "z OK\r\n");
	say(p, 0, "\x01\x02\x03\x04\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "imap")->unsupported, 1);
	play_end(p);
}

/* Bytes missing from a mail are bytes of it; from a line, the line. */
static void test_gap(void **state)
{
	(void)state;
	struct play *p = logged_on();
	say(p, 0, "c SELECT x\r\nk FETCH 1 BODY[1]\r\n");
	say(p, 1, "c OK\r\n* 1 FETCH (BODY[1] {1000}\r\nab");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 990);
	say(p, 1, "12345678)\r\n* 2 FE");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	say(p, 1, "k OK\r\n");
	play_close(p);
	play_assert(p, "\"fetched\":1,\"fetched_bytes\":1000");
	assert_int_equal(play_counters(p, "imap")->truncated, 2);
	play_end(p);
}

static void test_limits(void **state)
{
	(void)state;
	struct play *p = logged_on();
	char line[3 * IMAP_TEXT_MAX];
	memset(line, '{', sizeof(line));
	for (int i = 0; i < 40; i++)
		say(p, 0, "a NOOP\r\n");
	memcpy(line, "b SELECT ", 9);
	memcpy(line + sizeof(line) - 2, "\r\n", 2);
	play_send(p, 0, line, sizeof(line));
	say(p, 1, "b OK\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "imap")->over_limit, 9);
	assert_int_equal(p->records[RECORD_MAILBOX], 1);
	play_end(p);
	p = logged_on();
	for (int i = 0; i < 20; i++)
		say(p, 1, "what is this\r\n");
	play_close(p);
	assert_int_equal(play_counters(p, "imap")->malformed, 1);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_folders),
	    cmocka_unit_test(test_literals),
	    cmocka_unit_test(test_authenticate),
	    cmocka_unit_test(test_starttls),
	    cmocka_unit_test(test_gap),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
