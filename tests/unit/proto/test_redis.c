/* SPDX-License-Identifier: Apache-2.0 */
/* Redis: RESP 2 and 3. */
#include "proto/db/db.h"
#include "proto/db/redis_read.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 6380);
}

/* A command of words with blanks between. */
static void ask(struct play *p, const char *words, size_t step)
{
	char text[64];
	int n = 1;
	for (const char *c = words; *c != '\0'; c++)
		n += *c == ' ';
	m.n = 0;
	snprintf(text, sizeof(text), "*%d\r\n", n);
	put_text(&m, text);
	while (n-- > 0) {
		size_t length = strcspn(words, " ");
		snprintf(text, sizeof(text), "$%zu\r\n", length);
		put_text(&m, text);
		put(&m, words, length);
		put_text(&m, "\r\n");
		words += length + 1;
	}
	send_msg(p, 0, &m, step);
}

static void say_text(struct play *p, int side, const char *text, size_t step)
{
	m.n = 0;
	put_text(&m, text);
	send_msg(p, side, &m, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 1; step < 100; step *= 4) {
		struct play *p = start();
		ask(p, "AUTH bob topsy", step);
		say_text(p, 1, "+OK\r\n", step);
		ask(p, "set k value", step);
		ask(p, "GET k", step);
		ask(p, "LRANGE l 0 -1", step);
		ask(p, "HGETALL h", step);
		say_text(p, 1, "+OK\r\n$5\r\nva\r\nu\r\n", step);
		say_text(p, 1, "*2\r\n*1\r\n:5\r\n$-1\r\n", step);
		say_text(p, 1, "|1\r\n+a\r\n:1\r\n%1\r\n+f\r\n_\r\n", step);
		ask(p, "NO such", step);
		say_text(p, 1, "-ERR unknown command\r\n", step);
		ask(p, "CONFIG SET maxmemory 5 RequirePass topsy", step);
		say_text(p, 1, "+OK\r\n", step);
		ask(p, "ACL SETUSER bob on >topsy ~*", step);
		say_text(p, 1, "+OK\r\n", step);
		ask(p, "MIGRATE h 6379 k 0 5 AUTH2 bob topsy", step);
		say_text(p, 1, "+OK\r\n", step);
		ask(p, "HELLO 3 AUTH al topsy", step);
		say_text(p, 1,
		    "%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$3\r\n"
		    "7.2\r\n",
		    step);
		play_close(p);
		play_assert(
		    p, "\"user\":\"bob\",\"mechanism\":\"password\",\"success\":true");
		play_assert(p,
		    "\"user\":\"al\",\"mechanism\":\"password\",\"success\":true,"
		    "\"server\":\"7.2\"");
		play_assert(p, "\"command\":\"AUTH\",\"argument\":\"REDACTED REDACTED\"");
		play_assert(p,
		    "\"command\":\"SET\",\"argument\":\"value\",\"object\":\"k\","
		    "\"success\":true,\"response\":\"OK\"");
		play_assert(p, "\"command\":\"GET\",\"object\":\"k\",\"success\":true,"
			       "\"rows\":1");
		play_assert(p, "\"command\":\"LRANGE\",\"argument\":\"0 -1\",\"object\":"
			       "\"l\",\"success\":true,\"rows\":2");
		play_assert(p,
		    "\"command\":\"HGETALL\",\"object\":\"h\",\"success\":true,"
		    "\"rows\":1");
		play_assert(p, "\"success\":false,\"code\":\"ERR\",\"response\":"
			       "\"ERR unknown command\"");
		play_assert(p, "\"argument\":\"SET maxmemory 5 RequirePass REDACTED\"");
		play_assert(p, "\"argument\":\"SETUSER bob on REDACTED ~*\"");
		play_assert(p, "\"argument\":\"h 6379 k 0 5 AUTH2 REDACTED REDACTED\"");
		play_assert(p, "\"argument\":\"3 AUTH REDACTED REDACTED\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		play_assert(p, "\"service\":\"redis\"");
		play_end(p);
	}
}

static void answers_out_of_order(void **state)
{
	(void)state;
	struct play *p = start();
	ask(p, "SUBSCRIBE a b", 1000);
	say_text(p, 1, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n", 1000);
	say_text(p, 1, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n", 1000);
	say_text(p, 1, ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n", 1000);
	assert_int_equal(p->records[RECORD_DB], 1);
	ask(p, "CLIENT REPLY SKIP", 1000);
	ask(p, "INCR a", 1000);
	ask(p, "CLIENT REPLY OFF", 1000);
	ask(p, "INCR b", 1000);
	ask(p, "CLIENT REPLY ON", 1000);
	ask(p, "MONITOR", 1000);
	say_text(
	    p, 1, "+OK\r\n+OK\r\n+1.5 [0 a] \"GET\"\r\n>2\r\n+invalidate\r\n_\r\n", 1000);
	say_text(p, 0, "PING\r\nECHO  hi\r\n", 1000);
	say_text(p, 1, "+PONG\r\n$2\r\nhi\r\n", 1000);
	play_close(p);
	play_assert(p, "\"command\":\"INCR\",\"object\":\"a\",\"request_bytes\"");
	play_assert(p, "\"command\":\"INCR\",\"object\":\"b\",\"request_bytes\"");
	play_assert(p, "\"argument\":\"REPLY ON\",\"success\":true");
	play_assert(p, "\"command\":\"MONITOR\",\"success\":true");
	play_assert(p, "\"command\":\"PING\",\"success\":true,\"response\":\"PONG\"");
	play_assert(p, "\"command\":\"ECHO\",\"argument\":\"hi\",\"success\":true");
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (int i = 0; i < DB_WAITING_MAX + 2; i++)
		ask(p, i == 2 ? "GET third" : "GET k", 1000);
	assert_int_equal(play_counters(p, "redis")->over_limit, 2);
	say_text(p, 1, "$-1\r\n$-1\r\n$1\r\nx\r\n", 1000); /* the first two are owed */
	play_assert(p, "\"object\":\"third\",\"success\":true,\"rows\":1");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 10);
	assert_int_equal(p->records[RECORD_DB], DB_WAITING_MAX + 2);
	say_text(p, 1, "the rest of a text\r\n", 1000);
	ask(p, "GET after", 1000);
	say_text(p, 1, "+fine\r\n", 1000);
	play_assert(p, "\"object\":\"after\",\"success\":true");
	/* a text of which a part is missing */
	say_text(p, 0, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5000\r\nabc", 1000);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 4990);
	say_text(p, 0, "1234567\r\n", 1000);
	say_text(p, 1, "+OK\r\n", 1000);
	play_assert(p, "\"command\":\"SET\",\"argument\":\"abc1234567\"");
	/* more texts and more bytes than are kept */
	m.n = 0;
	put_text(&m, "*4000\r\n");
	for (int i = 0; i < 4000; i++)
		put_text(&m, "$4\r\nDEL1\r\n");
	send_msg(p, 0, &m, 700);
	say_text(p, 1, ":4\r\n", 1000);
	play_assert(p, "\"command\":\"DEL1\",\"argument\":\"DEL1 DEL1");
	for (int i = 0; i < 10; i++)
		say_text(p, 0, "*1\r\n!x\r\n", 1000);
	play_close(p);
	assert_true(play_counters(p, "redis")->malformed > 0);
	play_end(p);
	p = start(); /* no end of lists in lists */
	ask(p, "GET k", 1000);
	for (int i = 0; i < 1000; i++)
		say_text(p, 1, "*2147483648\r\n", 1000);
	play_close(p);
	assert_int_equal(p->records[RECORD_DB], 1);
	play_end(p);
	play_cuts(
	    p = start(), IP_PROTO_TCP, 6379, "2a320d0a24330d0a4745540d0a24310d0a610d0a");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(answers_out_of_order),
	    cmocka_unit_test(gaps_and_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
