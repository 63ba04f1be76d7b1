/* SPDX-License-Identifier: Apache-2.0 */
/* Memcached: lines and binary messages, over TCP and UDP. */
#include "proto/db/db.h"
#include "win_play.h"

static void say_text(struct play *p, int side, const char *text, size_t step)
{
	static struct msg m;
	m.n = 0;
	put_text(&m, text);
	send_msg(p, side, &m, step);
}

static void lines(void **state)
{
	(void)state;
	for (size_t step = 2; step < 100; step *= 6) {
		struct play *p = play_start(IP_PROTO_TCP, 11311);
		say_text(p, 0, "set k 0 60 9\r\nget x\r\nab\r\n", step);
		say_text(p, 1, "STORED\r\n", step);
		say_text(
		    p, 0, "get a b\r\nadd q 0 0 1 noreply\r\nx\r\nincr n 2\r\n", step);
		say_text(
		    p, 1, "VALUE a 0 5\r\nEND\r\n\r\nVALUE b 0 1\r\nx\r\nEND\r\n", step);
		say_text(p, 1, "NOT_FOUND\r\n", step);
		say_text(p, 0, "stats\r\ndelete k\r\nquit\r\n", step);
		say_text(p, 1, "STAT pid 5\r\nSTAT up 6\r\nEND\r\n", step);
		say_text(p, 1, "SERVER_ERROR out of memory\r\n", step);
		play_close(p);
		play_assert(p, "\"command\":\"set\",\"argument\":\"0 60 9\",\"object\":"
			       "\"k\",\"success\":true,\"response\":\"STORED\"");
		play_assert(p,
		    "\"command\":\"get\",\"argument\":\"a b\",\"success\":true,"
		    "\"rows\":2");
		play_assert(p, "\"command\":\"add\",\"argument\":\"0 0 1 noreply\"");
		play_assert(
		    p, "\"object\":\"n\",\"success\":false,\"code\":\"NOT_FOUND\"");
		play_assert(p, "\"command\":\"stats\",\"success\":true,\"rows\":2");
		play_assert(p, "\"object\":\"k\",\"success\":false,\"code\":"
			       "\"SERVER_ERROR\",\"response\":\"SERVER_ERROR out of "
			       "memory\"");
		play_assert(p, "\"command\":\"quit\"");
		play_assert(p, "\"service\":\"memcached\"");
		assert_int_equal(p->records[RECORD_DB], 7);
		play_end(p);
	}
}

static void binary(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 11211);
	/* quiet get of "a", then of "b" */
	play_hex(p, 0,
	    "80 0d 0001 00 00 0000 00000001 00000007 0000000000000000 61"
	    "80 0c 0001 00 00 0000 00000001 00000008 0000000000000000 62");
	play_hex(p, 1, "81 0c 0000 00 00 0001 00000002 00000008 0000000000000000 6e6f");
	play_hex(p, 0,
	    "80 21 0005 00 00 0000 0000000f 00000009 0000000000000000"
	    "504c41494e 00 626f62 00 746f707379");
	play_hex(p, 1, "81 21 0000 00 00 0000 00000000 00000009 0000000000000000");
	play_close(p);
	play_assert(p, "\"command\":\"getkq\",\"object\":\"a\",\"request_bytes\":25");
	play_assert(p, "\"command\":\"getk\",\"object\":\"b\",\"success\":false,\"code\":"
		       "\"1\",\"response\":\"no\"");
	play_assert(p, "\"user\":\"bob\",\"mechanism\":\"plain\",\"success\":true");
	assert_int_equal(play_count(p, "topsy"), 0);
	play_end(p);
}

static void datagrams(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_UDP, 11211);
	play_hex(p, 0, "0001 0000 0001 0000 73746174730d0a");
	play_hex(p, 1, "0001 0000 0002 0000 5354415420612062 0d0a 53");
	play_hex(p, 1, "0001 0001 0002 0000 544154");
	play_hex(p, 1, "0001 0001 0002 0001 00");
	play_close(p);
	play_assert(
	    p, "\"proto\":\"udp\",\"protocol\":\"memcached\",\"command\":\"stats\"");
	assert_int_equal(play_counters(p, "memcached")->malformed, 1);
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = play_start(IP_PROTO_TCP, 11211);
	for (int i = 0; i < DB_WAITING_MAX + 2; i++)
		say_text(p, 0, i == 2 ? "get third\r\n" : "get k\r\n", 1000);
	assert_int_equal(play_counters(p, "memcached")->over_limit, 2);
	say_text(p, 1, "VALUE k 0 1\r\nx\r\nEND\r\nEND\r\nEND\r\n", 1000);
	play_assert(p, "\"argument\":\"third\",\"success\":true,\"rows\":0");
	p->sink.gap(p->sink.ctx, &p->flow, 1, 5);
	say_text(p, 0, "set k 0 0 100\r\nabc", 1000);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 90);
	say_text(p, 0, "1234567\r\n", 1000);
	say_text(p, 1, "STORED\r\n", 1000);
	play_assert(p, "\"command\":\"set\",\"argument\":\"0 0 100\",\"object\":\"k\","
		       "\"success\":true");
	p->sink.gap(p->sink.ctx, &p->flow, 0, 90);
	say_text(p, 0, "something else\r\n", 1000);
	say_text(p, 0, "version\r\n", 1000);
	say_text(p, 1, "VERSION 1.6\r\n", 1000);
	play_assert(p, "\"command\":\"version\",\"success\":true,\"response\":"
		       "\"VERSION 1.6\"");
	for (int i = 0; i < 20; i++)
		say_text(p, 0, "what is that\r\n", 1000);
	play_close(p);
	assert_int_equal(play_counters(p, "memcached")->malformed, 1);
	play_end(p);
	play_cuts(p = play_start(IP_PROTO_TCP, 11211), IP_PROTO_TCP, 11211,
	    "80 21 0005 00 00 0000 0000000f 00000009 0000000000000000 504c41494e 00 "
	    "626f62 "
	    "00 746f707379");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines),
	    cmocka_unit_test(binary),
	    cmocka_unit_test(datagrams),
	    cmocka_unit_test(gaps_and_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
