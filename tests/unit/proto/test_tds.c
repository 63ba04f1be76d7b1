/* SPDX-License-Identifier: Apache-2.0 */
/* TDS: packets after MS-TDS. */
#include "proto/db/db.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 1433);
}

/* Send all that m holds as a packet. */
static void packet(struct play *p, int side, uint8_t type, bool last, size_t step)
{
	static struct msg out;
	size_t n = m.n + 8;
	uint8_t head[8] = {type, last, (uint8_t)(n >> 8), (uint8_t)n, 0, 0, 1, 0};
	out.n = 0;
	put(&out, head, 8);
	put(&out, m.b, m.n);
	m.n = 0;
	send_msg(p, side, &out, step);
}

static void hex(struct play *p, int side, uint8_t type, const char *bytes)
{
	put_hex(&m, bytes);
	packet(p, side, type, true, 0);
}

static void prelogin(struct play *p)
{
	hex(p, 0, 18, "00 000b 0006 01 0011 0001 ff 0f0007d0 0000 02");
	hex(p, 1, 4, "00 000b 0006 01 0011 0001 ff 0f0007d0 0000 02");
}

/* Texts behind the fixed part of a LOGIN7, as the pairs of offset and length say. */
static void login(struct play *p, const char *user, bool sspi, size_t step)
{
	const char *texts[] = {
	    "HOST1", user, "topsy", "App", "srv", "", "lib", "", "sales"};
	static struct msg tail;
	tail.n = 0;
	put_zeros(&m, 36);
	for (size_t i = 0; i < 9; i++) {
		put_le(&m, 94 + tail.n, 2);
		put_le(&m, strlen(texts[i]), 2);
		put_utf16(&tail, texts[i]);
	}
	put_zeros(&m, 6);
	put_le(&m, 94 + tail.n, 2);
	if (sspi)
		put_ntlm(&tail, 1, "");
	put_le(&m, sspi ? tail.n + 94 - (m.b[78] | (size_t)m.b[79] << 8) : 0, 2);
	put_zeros(&m, 12);
	put(&m, tail.b, tail.n);
	set_le16(&m, 0, m.n);
	packet(p, 0, 16, true, step);
}

static void put_error(uint32_t number, const char *text)
{
	put_le(&m, 0xaa, 1);
	put_le(&m, 4 + 2 + 2 + 2 * strlen(text), 2);
	put_le(&m, number, 4);
	put_hex(&m, "01 0e");
	put_le(&m, strlen(text), 2);
	put_utf16(&m, text);
}

static void acknowledged(struct play *p, size_t step)
{
	put_hex(&m, "e3 0300 01 00 00"); /* environment */
	put_hex(&m, "ad 0c00 01 74000004 01 5300 0f 00 07d0");
	put_hex(&m, "fd 0000 0000 0000000000000000");
	packet(p, 1, 4, true, step);
}

static void batch(struct play *p, const char *text, size_t step)
{
	put_hex(&m, "16000000 12000000 0200 0000000000000000 01000000");
	put_utf16(&m, text);
	packet(p, 0, 1, true, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 5; step < 400; step *= 9) {
		struct play *p = start();
		prelogin(p);
		login(p, "bob", false, step);
		acknowledged(p, step);
		batch(p, "select 1", step);
		put_hex(&m, "81 0100 00000000 0000 38 00 d1 01000000 fd 1000 c100");
		put_hex(&m, "0500000000000000");
		packet(p, 1, 4, true, step);
		batch(p, "drop x", step);
		put_error(3701, "no x");
		put_hex(&m, "fd 0200 c700 0000000000000000");
		packet(p, 1, 4, true, step);
		play_close(p);
		play_assert(p, "\"user\":\"bob\",\"mechanism\":\"password\",\"success\":"
			       "true,\"client\":\"App on HOST1\",\"server\":\"S "
			       "15.0.2000\",\"target\":\"sales\",\"encrypted\":false");
		play_assert(p, "\"command\":\"batch\",\"argument\":\"select 1\","
			       "\"success\":true,\"rows\":5");
		play_assert(p, "\"argument\":\"drop x\",\"success\":false,\"code\":"
			       "\"3701\",\"response\":\"no x\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		play_assert(p, "\"service\":\"tds\"");
		play_end(p);
	}
}

static void calls(void **state)
{
	(void)state;
	struct play *p = start();
	/* sp_prepexec: handle, names of parameters, statement */
	put_hex(&m, "ffff 0d00 0000 00 01 26 04 00 00 00 e7 401f 0904d00034 ffff");
	put_hex(&m, "00 00 e7 401f 0904d00034 0400 6100 6200");
	packet(p, 0, 3, true, 0);
	put_hex(&m, "81 ffff ff 1100 c100 0300000000000000 79 00000000");
	put_hex(&m, "ac 0000 00 01 00000000 0000 26 04 04 01000000");
	put_hex(&m, "fe 0000 e000 0000000000000000");
	packet(p, 1, 4, true, 0);
	/* sp_executesql with a long text in chunks */
	put_hex(&m, "ffff 0a00 0000 00 00 e7 ffff 0904d00034 0400000000000000 04000000");
	put_hex(&m, "6300 6400 00000000");
	packet(p, 0, 3, true, 0);
	hex(p, 1, 4, "fd 1000 c100 0200000000000000");
	/* by name, in two packets; the answer in two, too */
	put_hex(&m, "0200 7000 7100 0000");
	packet(p, 0, 3, false, 0);
	hex(p, 0, 3, "00000000");
	put_hex(&m, "81 ffff fd 10");
	packet(p, 1, 4, false, 0);
	hex(p, 1, 4, "00 c100 09000000 00000000");
	hex(p, 0, 6, "");
	hex(p, 1, 4, "fd 2000 0000 00000000");
	play_close(p);
	play_assert(p, "\"command\":\"call\",\"argument\":\"ab\",\"object\":"
		       "\"sp_prepexec\",\"success\":true,\"rows\":3");
	play_assert(p,
	    "\"argument\":\"cd\",\"object\":\"sp_executesql\",\"success\":true,"
	    "\"rows\":2");
	play_assert(p, "\"object\":\"pq\",\"success\":true,\"rows\":9");
	play_assert(p, "\"command\":\"attention\",\"success\":true");
	play_end(p);
}

static void logons(void **state)
{
	(void)state;
	struct play *p = start(); /* NTLM */
	login(p, "", true, 1000);
	put_hex(&m, "ed 0000");
	put_ntlm(&m, 2, "");
	set_le16(&m, 1, m.n - 3);
	packet(p, 1, 4, true, 0);
	put_ntlm(&m, 3, "al");
	packet(p, 0, 17, true, 0);
	put_error(18456, "failed");
	put_hex(&m, "fd 0200 0000 0000000000000000");
	packet(p, 1, 4, true, 0);
	play_close(p);
	play_assert(p, "\"user\":\"DOM\\\\al\",\"mechanism\":\"ntlm\",\"success\":false,"
		       "\"status\":\"failed\"");
	assert_int_equal(p->records[RECORD_NTLM], 1);
	play_end(p);
	p = start(); /* TLS for the logon only */
	prelogin(p);
	hex(p, 0, 18, "16030100050100000100");
	hex(p, 1, 18, "16030300050200000100");
	play_hex(p, 0, "1703030004 01020304");
	acknowledged(p, 1000);
	batch(p, "select 2", 1000);
	play_close(p);
	play_assert(p, "\"success\":true,\"server\":\"S 15.0.2000\",\"encrypted\":true");
	play_assert(p, "\"argument\":\"select 2\"");
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = start();
	for (int i = 0; i < DB_WAITING_MAX + 1; i++)
		batch(p, "select 3", 1000);
	assert_int_equal(play_counters(p, "tds")->over_limit, 1);
	p->sink.gap(p->sink.ctx, &p->flow, 1, 7);
	assert_int_equal(p->records[RECORD_DB], DB_WAITING_MAX + 1);
	batch(p, "select 4", 1000);
	hex(p, 1, 4, "fd 1000 c100 0200000000000000");
	play_assert(p, "\"argument\":\"select 4\",\"success\":true,\"rows\":2");
	for (int i = 0; i < 20; i++)
		play_send(p, 0, "no packet at all", 16);
	play_close(p);
	assert_true(play_counters(p, "tds")->malformed > 0);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 1433,
	    "0301004800000100 ffff 0d00 0000 00 01 26 04 00 00 00 e7 401f 0904d00034 "
	    "ffff 00 00 e7 401f 0904d00034 0400 6100 6200 "
	    "00000000000000000000000000000000");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(calls),
	    cmocka_unit_test(logons),
	    cmocka_unit_test(gaps_and_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
