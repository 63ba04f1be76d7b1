/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL: packets after its client/server protocol; what the databases share. */
#include "proto/db/db.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 3306);
}

/* Send all that m holds as a packet. */
static void packet(struct play *p, int side, uint8_t sequence, size_t step)
{
	static struct msg out;
	out.n = 0;
	put_le(&out, m.n, 3);
	put_le(&out, sequence, 1);
	put(&out, m.b, m.n);
	send_msg(p, side, &out, step);
	m.n = 0;
}

static void hex(struct play *p, int side, uint8_t sequence, const char *bytes)
{
	put_hex(&m, bytes);
	packet(p, side, sequence, 0);
}

static void greet(struct play *p, size_t step)
{
	put_le(&m, 10, 1);
	put(&m, "8.0.1", 6);
	put_hex(&m, "01000000 3132333435363738 00 ffff 21 0200 ffff 15");
	put_zeros(&m, 10);
	put(&m, "123456789012", 13);
	put(&m, "caching_sha2_password", 22);
	packet(p, 1, 0, step);
}

/* A client with these capabilities. */
static void answer(struct play *p, uint32_t capabilities, size_t step)
{
	put_le(&m, capabilities, 4);
	put_hex(&m, "00000001 21");
	put_zeros(&m, 23);
	put(&m, "bob", 4);
	put_hex(&m, "03 746f70"); /* "top" */
	if ((capabilities & 1 << 3) != 0)
		put(&m, "sales", 6);
	if ((capabilities & 1 << 19) != 0)
		put(&m, "mysql_native_password", 22);
	if ((capabilities & 1 << 20) != 0) {
		put_hex(&m, "1c 0c");
		put_text(&m, "program_name");
		put_hex(&m, "0e");
		put_text(&m, "sales-importer");
	}
	packet(p, 0, 1, step);
}

static void query(struct play *p, const char *text, size_t step)
{
	put_le(&m, 3, 1);
	put_text(&m, text);
	packet(p, 0, 0, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 7; step < 300; step *= 6) {
		struct play *p = start();
		greet(p, step);
		answer(p, 0x18a288, step);         /* 4.1, database, plugin, attributes */
		hex(p, 1, 2, "fe 61626300 3132");  /* switch to "abc" */
		hex(p, 0, 3, "03 73656372657421"); /* looks like a query, is a proof */
		hex(p, 1, 4, "00 00 00 0200 0000");
		query(p, "SELECT 1", step);
		hex(p, 1, 1, "02");
		hex(p, 1, 2, "03 646566 00");
		hex(p, 1, 3, "03 646566 01");
		hex(p, 1, 4, "fe 0000 0200");
		for (uint8_t i = 0; i < 3; i++)
			hex(p, 1, (uint8_t)(5 + i), "0131 0132");
		hex(p, 1, 8, "fe 0000 0a00"); /* another result follows */
		hex(p, 1, 9, "00 04 00 0200 0000");
		hex(p, 0, 0, "01");
		play_close(p);
		play_assert(p, "\"protocol\":\"mysql\",\"user\":\"bob\",\"mechanism\":"
			       "\"abc\",\"success\":true,\"client\":\"sales-importer\","
			       "\"server\":\"8.0.1\",\"target\":\"sales\"");
		play_assert(p, "\"command\":\"query\",\"argument\":\"SELECT 1\","
			       "\"success\":true,\"rows\":7");
		play_assert(p, "\"command\":\"quit\"");
		play_assert(p, "\"service\":\"mysql\"");
		assert_int_equal(play_count(p, "secret"), 0);
		assert_int_equal(p->records[RECORD_DB], 2);
		play_end(p);
	}
}

static void results(void **state)
{
	(void)state;
	struct play *p = start();
	greet(p, 0);
	answer(p, 0x0108a200, 0); /* without EOF behind the columns */
	hex(p, 1, 2, "00 00 00 0200 0000");
	query(p, "show tables", 0);
	hex(p, 1, 1, "01");
	hex(p, 1, 2, "03 646566 00");
	hex(p, 1, 3, "0161");
	hex(p, 1, 4, "fe 00 00 0200 0000");
	query(p, "drop table t", 0);
	hex(p, 1, 1, "ff 1f04 2334323030 30 6e6f");
	hex(p, 0, 0, "16 73656c656374"); /* prepare "select" */
	hex(p, 1, 1, "00 09000000 0100 0100 00 0000");
	hex(p, 1, 2, "03 646566");
	hex(p, 1, 3, "03 646566");
	hex(p, 0, 0, "17 09000000 00 01000000");
	hex(p, 1, 1, "00 01 00 0200 0000");
	hex(p, 0, 0, "19 09000000"); /* closed: no answer */
	query(p, "load data local infile 'x'", 0);
	hex(p, 1, 1, "fb 2f657463");
	hex(p, 0, 2, "03 6869");
	hex(p, 0, 3, "");
	hex(p, 1, 4, "00 02 00 0200 0000");
	hex(p, 0, 0, "04 74616200 25"); /* fields of "tab" */
	hex(p, 1, 1, "03 646566");
	hex(p, 1, 2, "fe 0000 0200");
	hex(p, 0, 0, "09");
	hex(p, 1, 1, "5570");                           /* statistics */
	hex(p, 0, 0, "11 616c00 02 7a7a 6462 00 2100"); /* change user */
	hex(p, 1, 1, "ff 1504 2332383030 30 6e6f6e6f");
	play_close(p);
	play_assert(p, "\"argument\":\"show tables\",\"success\":true,\"rows\":1,");
	play_assert(p,
	    "\"argument\":\"drop table t\",\"success\":false,\"code\":\"1055\","
	    "\"response\":\"no\"");
	play_assert(p, "\"command\":\"stmt_prepare\",\"argument\":\"select\",\"object\":"
		       "\"9\",\"success\":true");
	play_assert(p, "\"command\":\"stmt_execute\",\"object\":\"9\",\"success\":true,"
		       "\"rows\":1");
	play_assert(p, "\"object\":\"/etc\",\"success\":true,\"rows\":2");
	play_assert(
	    p, "\"command\":\"field_list\",\"argument\":\"tab\",\"success\":true");
	play_assert(p, "\"command\":\"statistics\",\"success\":true");
	play_assert(p, "\"user\":\"al\",\"success\":false,\"status\":\"nono\"");
	play_assert(
	    p, "\"command\":\"change_user\",\"argument\":\"al\",\"success\":false");
	play_end(p);
}

static void goes_over_to_tls(void **state)
{
	(void)state;
	struct play *p = start();
	greet(p, 0);
	hex(p, 0, 1,
	    "00aa0800 00000001 21 00000000 00000000 00000000 00000000 00000000 000000");
	play_hex(p, 0, "16030100050100000100");
	play_close(p);
	play_assert(p, "\"server\":\"8.0.1\",\"encrypted\":true");
	play_end(p);
	p = start(); /* refused before any word */
	hex(p, 1, 0, "ff 6a04 486f7374");
	play_close(p);
	play_assert(p, "\"success\":false,\"status\":\"Host\"");
	play_end(p);
	p = start(); /* both can compress */
	greet(p, 0);
	answer(p, 0x8220, 0);
	hex(p, 1, 2, "00 00 00 0200 0000");
	assert_int_equal(play_counters(p, "mysql")->unsupported, 1);
	play_close(p);
	play_end(p);
}

static void gaps(void **state)
{
	(void)state;
	struct play *p = start();
	query(p, "select 2", 0); /* from the middle on */
	hex(p, 1, 1, "01");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 100);
	play_assert(p, "\"argument\":\"select 2\",\"rows\":0");
	hex(p, 1, 9, "0131"); /* a row, of which nothing is known */
	query(p, "select 3", 0);
	hex(p, 1, 1, "00 05 00 0200 0000");
	play_assert(p, "\"argument\":\"select 3\",\"success\":true,\"rows\":5");
	/* a long statement is read at its beginning; a gap in the rest does no harm */
	put_le(&m, 3, 1);
	for (int i = 0; i < 20000; i++)
		put_text(&m, "x");
	static struct msg out;
	out.n = 0;
	put_le(&out, m.n, 3);
	put_le(&out, 0, 1);
	put(&out, m.b, m.n);
	m.n = 0;
	play_send(p, 0, out.b, 10000);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 5);
	play_send(p, 0, out.b + 10005, out.n - 10005);
	hex(p, 1, 1, "00 06 00 0200 0000");
	play_assert(p, "\"success\":true,\"rows\":6");
	assert_int_equal(play_counters(p, "mysql")->truncated, 1);
	play_close(p);
	play_end(p);
}

static void limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (int i = 0; i < DB_WAITING_MAX + 3; i++)
		query(p, "select 4", 0);
	assert_int_equal(play_counters(p, "mysql")->over_limit, 3);
	assert_int_equal(p->records[RECORD_DB], 3);
	play_close(p);
	assert_int_equal(p->records[RECORD_DB], DB_WAITING_MAX + 3);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 3306,
	    "21000000 0a 382e302e3100 01000000 3132333435363738 00 ffff 21 0200 ffff "
	    "15 00000000000000000000");
	play_close(p);
	play_end(p);
}

static void check_redacted(const char *sql, const char *wanted)
{
	struct arena a;
	arena_init(&a, 1 << 20);
	struct str s = db_redact(&a, str_of(sql));
	if (!str_equal(s, str_of(wanted)))
		fail_msg("%.*s, not %s", STR_ARG(s), wanted);
	arena_fini(&a);
}

static void passwords_are_taken_out(void **state)
{
	(void)state;
	check_redacted("SELECT 'a' FROM b", "SELECT 'a' FROM b");
	check_redacted("CREATE USER 'a'@'b' IDENTIFIED BY 'it''s'",
	    "CREATE USER 'a'@'b' IDENTIFIED BY 'REDACTED'");
	check_redacted("alter role x with Password 'y'; select 'z'",
	    "alter role x with Password 'REDACTED'; select 'z'");
	check_redacted("SET PASSWORD = \"q\\\"r\"", "SET PASSWORD = 'REDACTED'");
	check_redacted("CREATE LOGIN l WITH PASSWORD = 0x0200ab HASHED",
	    "CREATE LOGIN l WITH PASSWORD = 'REDACTED' HASHED");
	check_redacted("UPDATE \"u\" SET \"password_hash\" = $t$a'b$t$ WHERE id = 7",
	    "UPDATE \"u\" SET \"password_hash\" = 'REDACTED' WHERE id = 7");
	check_redacted("UPDATE u SET `pwd` = 'cut", "UPDATE u SET `pwd` = 'REDACTED'");
	/* where quotes can not be trusted, the rest goes */
	check_redacted("-- don't\nALTER USER a PASSWORD 'leak'", "-- don'REDACTED'");
	check_redacted(
	    "SELECT 'C:\\', 1 ; ALTER USER a PASSWORD 'leak'", "SELECT 'REDACTED'");
	check_redacted("", "");
	check_redacted("$", "$");
	check_redacted("'", "'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(results),
	    cmocka_unit_test(goes_over_to_tls),
	    cmocka_unit_test(gaps),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(passwords_are_taken_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
