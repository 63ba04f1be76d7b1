/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: messages of protocol 3, after its manual. */
#include "proto/db/db.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 5432);
}

static void put_be32(uint32_t v)
{
	uint8_t b[4] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	put(&m, b, 4);
}

/* Send a message with that content; zeros in it are written as '|'. */
static void say_text(struct play *p, int side, char type, const char *text, size_t step)
{
	m.n = 0;
	if (type != 0)
		put(&m, &type, 1);
	put_be32((uint32_t)strlen(text) + 4);
	for (; *text != '\0'; text++)
		put(&m, *text == '|' ? "" : text, 1);
	send_msg(p, side, &m, step);
}

static void no_beginning(struct play *p)
{
	say_text(p, 0, 0, "\xff\xff\xff", 0);
}

static void log_on(struct play *p, size_t step)
{
	m.n = 0;
	put_be32(8 + 40);
	put_be32(3 << 16);
	put(&m, "user\0bob\0database\0sales\0application_name\0x\0", 43);
	m.b[3] = (uint8_t)m.n;
	send_msg(p, 0, &m, step);
	m.n = 0;
	put_hex(&m, "52 00000017 0000000a 534352414d2d5348412d32353600 00");
	send_msg(p, 1, &m, step);
	say_text(p, 0, 'p', "SCRAM-SHA-256|||| n,,n=,r=topsy", step);
	m.n = 0;
	put_hex(&m, "52 00000008 00000000");
	send_msg(p, 1, &m, step);
	say_text(p, 1, 'S', "server_version|16.1|", step);
	say_text(p, 1, 'Z', "I", step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 1; step < 300; step *= 13) {
		struct play *p = start();
		play_hex(p, 0, "00000008 04d2162f");
		play_hex(p, 1, "4e"); /* no TLS */
		log_on(p, step);
		say_text(p, 0, 'Q', "ALTER ROLE a PASSWORD 'topsy'; SHOW b|", step);
		say_text(p, 1, 'C', "ALTER ROLE|", step);
		say_text(p, 1, 'T', "||", step);
		say_text(p, 1, 'D', "||", step);
		say_text(p, 1, 'C', "SHOW|", step);
		say_text(p, 1, 'Z', "I", step);
		say_text(p, 0, 'Q', "INSERT|", step);
		say_text(p, 1, 'C', "INSERT 0 12|", step);
		say_text(p, 1, 'C', "COPY 30|", step);
		say_text(p, 1, 'Z', "I", step);
		say_text(p, 0, 'X', "", step);
		play_close(p);
		play_assert(p, "\"user\":\"bob\",\"mechanism\":\"scram-sha-256\","
			       "\"success\":true,\"client\":\"x\",\"server\":\"16.1\","
			       "\"target\":\"sales\",\"encrypted\":false");
		play_assert(p, "\"argument\":\"ALTER ROLE a PASSWORD 'REDACTED'; SHOW "
			       "b\",\"success\":true,\"rows\":1");
		play_assert(p, "\"argument\":\"INSERT\",\"success\":true,\"rows\":42");
		play_assert(p, "\"service\":\"postgresql\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		assert_int_equal(p->records[RECORD_DB], 2);
		play_end(p);
	}
}

static void pipelined(void **state)
{
	(void)state;
	struct play *p = start();
	log_on(p, 1000);
	say_text(p, 0, 'P', "st|SELECT 1|||", 1000);
	say_text(p, 0, 'B', "|st|||||||", 1000);
	say_text(p, 0, 'E', "|||||", 1000);
	say_text(p, 0, 'S', "", 1000);
	say_text(p, 0, 'P', "|SELECT 2|||", 1000);
	say_text(p, 0, 'E', "po|||||", 1000);
	say_text(p, 0, 'S', "", 1000);
	say_text(p, 0, 'F', "\1\1\1\1||", 1000);
	say_text(p, 1, '1', "", 1000);
	say_text(p, 1, '2', "", 1000);
	say_text(p, 1, 'C', "SELECT 7|", 1000);
	say_text(p, 1, 'Z', "I", 1000);
	say_text(p, 1, 'E', "SERROR|C42P01|Mno table||", 1000);
	say_text(p, 1, 'Z', "I", 1000);
	say_text(p, 1, 'V', "||||", 1000);
	play_close(p);
	play_assert(p, "\"command\":\"parse\",\"argument\":\"SELECT 1\",\"object\":"
		       "\"st\",\"success\":true");
	play_assert(
	    p, "\"command\":\"execute\",\"object\":\"st\",\"success\":true,\"rows\":7");
	play_assert(p, "\"argument\":\"SELECT 2\",\"success\":false,\"code\":\"42P01\","
		       "\"response\":\"no table\"");
	play_assert(p, "\"command\":\"execute\",\"object\":\"po\",\"request_bytes\"");
	play_assert(p,
	    "\"command\":\"function_call\",\"object\":\"16843009\",\"success\":"
	    "true");
	play_end(p);
}

static void logons_that_end_early(void **state)
{
	(void)state;
	struct play *p = start(); /* TLS */
	play_hex(p, 0, "00000008 04d2162f");
	play_hex(p, 1, "53");
	play_hex(p, 0, "16030100050100000100");
	play_close(p);
	play_assert(p, "\"protocol\":\"postgresql\",\"encrypted\":true");
	play_end(p);
	p = start(); /* encrypted by GSSAPI */
	play_hex(p, 0, "00000008 04d21630");
	play_hex(p, 1, "47");
	play_close(p);
	assert_int_equal(play_counters(p, "postgresql")->unsupported, 1);
	play_end(p);
	p = start(); /* refused */
	play_hex(p, 0, "00000012 00030000 75736572 00 626f6200 00");
	play_hex(p, 1, "52 00000008 00000003");
	say_text(p, 0, 'p', "topsy|", 1000);
	say_text(p, 1, 'E', "C28P01|Mwrong||", 1000);
	play_close(p);
	play_assert(p, "\"user\":\"bob\",\"mechanism\":\"password\",\"success\":false,"
		       "\"status\":\"wrong\"");
	assert_int_equal(play_count(p, "topsy"), 0);
	play_end(p);
	p = start(); /* cancel */
	play_hex(p, 0, "00000010 04d2162e 00000001 00000002");
	play_close(p);
	play_assert(p, "\"command\":\"cancel\"");
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = start();
	say_text(p, 0, 'Q', "SELECT 3|", 1000); /* from the middle on */
	p->sink.gap(p->sink.ctx, &p->flow, 1, 9);
	play_assert(p, "\"argument\":\"SELECT 3\",\"request_bytes\"");
	play_send(p, 1, "rest of a row", 13);
	say_text(p, 0, 'Q', "SELECT 4|", 1000);
	say_text(p, 1, 'C', "SELECT 1|", 1000);
	say_text(p, 1, 'Z', "I", 1000);
	play_assert(p, "\"argument\":\"SELECT 4\",\"success\":true,\"rows\":1");
	for (int i = 0; i < DB_WAITING_MAX + 2; i++)
		say_text(p, 0, 'P', "|SELECT 5|", 1000);
	assert_int_equal(play_counters(p, "postgresql")->over_limit, 2);
	for (int i = 0; i < 20; i++) /* no messages */
		play_send(p, 0, "Q\xff\xff\xff\xff zzzzzz", 12);
	play_close(p);
	assert_true(play_counters(p, "postgresql")->malformed > 0);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 5432,
	    "00000012 00030000 75736572 00 626f6200 00 51 00000006 6100 45 00000008 "
	    "4361 0000");
	play_close(p);
	play_end(p);
	no_beginning(p = start());
	play_close(p);
	assert_int_equal(play_count(p, "\"service\""), 0);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(pipelined),
	    cmocka_unit_test(logons_that_end_early),
	    cmocka_unit_test(gaps_and_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
