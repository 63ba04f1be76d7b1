/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT 3.1, 3.1.1, 5.0: packets after the standards of OASIS. */
#include "proto/db/mq.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 2883);
}

static void connect(struct play *p, size_t step)
{
	m.n = 0;
	put_hex(&m, "10 2c 0004 4d515454 04 c6 003c 0005 6465762d31"); /* "dev-1" */
	put_hex(&m, "0004 77696c6c 0003 627965 0003 626f62 0005 746f707379");
	m.b[1] = (uint8_t)(m.n - 2);
	send_msg(p, 0, &m, step);
}

static void whole_conversation(void **state)
{
	(void)state;
	for (size_t step = 1; step < 100; step *= 5) {
		struct play *p = start();
		connect(p, step);
		send_cut(p, 1, "20 02 00 00", step);
		send_cut(p, 0, "82 0d 0007 0003 612f23 01 0002 622f 02", step);
		send_cut(p, 1, "90 04 0007 01 80", step);
		send_cut(p, 0, "31 07 0003 612f62 6869", step);
		send_cut(p, 1, "3a 09 0003 612f62 0009 6869", step);
		send_cut(p, 0, "40 02 0009", step);
		send_cut(p, 0, "34 07 0003 612f63 000a", step);
		send_cut(p, 1, "50 02 000a", step);
		send_cut(p, 0, "62 02 000a", step);
		send_cut(p, 1, "70 02 000a", step);
		send_cut(p, 0, "a2 07 000b 0003 612f23", step);
		send_cut(p, 1, "b0 02 000b", step);
		send_cut(p, 0, "c000", step);
		send_cut(p, 1, "d000", step);
		send_cut(p, 0, "e000", step);
		play_close(p);
		play_assert(p, "\"protocol\":\"mqtt\",\"user\":\"bob\",\"mechanism\":"
			       "\"password\",\"success\":true,\"status\":\"accepted\","
			       "\"client\":\"dev-1\"");
		play_assert(p, "\"command\":\"connect\",\"from_src\":true,\"version\":"
			       "\"3.1.1\",\"client_id\":\"dev-1\"");
		play_assert(p, "\"codes\":[0],\"complete\":true,\"status\":\"accepted\","
			       "\"will_topic\":\"will\",\"payload_bytes\":3");
		play_assert(p, "\"id\":7,\"topics\":[\"a/#\",\"b/\"],\"qos\":[1,2],"
			       "\"codes\":[1,128],\"complete\":true");
		play_assert(p,
		    "\"topics\":[\"a/b\"],\"qos\":[0],\"codes\":[],\"retain\":"
		    "true,\"dup\":false,\"complete\":true,\"payload_bytes\":2");
		play_assert(p, "\"from_src\":false,\"id\":9,\"topics\":[\"a/b\"],\"qos\":"
			       "[1],\"codes\":[],\"retain\":false,\"dup\":true,"
			       "\"complete\":true,\"payload_bytes\":2");
		play_assert(p, "\"id\":10,\"topics\":[\"a/c\"],\"qos\":[2]");
		play_assert(p, "\"command\":\"unsubscribe\",\"from_src\":true,\"id\":11,"
			       "\"topics\":[\"a/#\"]");
		play_assert(p, "\"command\":\"disconnect\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		assert_int_equal(p->records[RECORD_MQ], 7);
		play_assert(p, "\"service\":\"mqtt\"");
		play_end(p);
	}
}

static void version_five(void **state)
{
	(void)state;
	struct play *p = start();
	say(p, 0, "10 16 0004 4d515454 05 02 003c 09 15 0003 666f6f 2100 14 0000");
	say(p, 1, "20 0a 00 8c 07 12 0002 7a7a 24 01");
	say(p, 0, "30 0c 0003 612f62 03 230002 6869 6a"); /* the alias 2 is a/b */
	say(p, 0, "30 08 0000 03 230002 6869");
	say(p, 0, "32 09 0000 0005 03 230003 00"); /* nobody knows 3 */
	say(p, 1, "40 03 0005 10");
	say(p, 0, "34 09 0000 0006 03 230099 00"); /* over the limit */
	say(p, 1, "50 03 0006 97");
	say(p, 1, "e0 02 8e 00");
	play_close(p);
	play_assert(p, "\"mechanism\":\"foo\",\"success\":false,\"status\":"
		       "\"bad authentication method\"");
	play_assert(p, "\"version\":\"5.0\",\"client_id\":\"zz\",\"topics\":[],\"qos\":"
		       "[],\"codes\":[140],\"complete\":true,\"status\":"
		       "\"bad authentication method\"");
	assert_int_equal(play_count(p, "\"topics\":[\"a/b\"]"), 2);
	play_assert(p, "\"id\":5,\"topics\":[],\"qos\":[1],\"codes\":[16]");
	play_assert(
	    p, "\"codes\":[151],\"retain\":false,\"dup\":false,\"complete\":false");
	play_assert(p, "\"command\":\"disconnect\",\"from_src\":false");
	play_assert(p, "\"codes\":[142],\"status\":\"session taken over\"");
	assert_int_equal(play_counters(p, "mqtt")->over_limit, 1);
	play_end(p);
}

static void limits(void **state)
{
	(void)state;
	struct play *p = start();
	connect(p, 1000);
	for (int i = 0; i < MQ_WAITING_MAX + 1;
	     i++) { /* one waits already: the connect */
		char text[64];
		snprintf(text, sizeof(text), "32 05 0001 61 %04x", i);
		say(p, 0, text);
	}
	assert_int_equal(play_counters(p, "mqtt")->over_limit, 2);
	m.n = 0;
	put_hex(&m, "82 00 0007");
	for (int i = 0; i < MQ_TOPICS_MAX + 2; i++)
		put_hex(&m, "0000 01");
	m.b[1] = (uint8_t)(m.n - 2);
	send_msg(p, 0, &m, 0);
	assert_int_equal(play_counters(p, "mqtt")->over_limit, 5);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 10);
	play_send(p, 0, "in the middle", 13);
	say(p, 0, "30 05 0001 62 6869 30 05 0001 62 6869");
	play_close(p);
	assert_int_equal(play_count(p, "\"topics\":[\"b\"]"), 2);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 2883,
	    "10 16 0004 4d515454 05 02 003c 09 15 0003 666f6f 2100 14 0000 82 0d 0007 "
	    "0003 612f23 01 0002 622f 02");
	play_close(p);
	play_end(p);
	p = start(); /* no MQTT */
	say(p, 0, "10 20 0004 4d515455 04 0000000000");
	play_close(p);
	assert_int_equal(play_count(p, "\"service\""), 0);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_conversation),
	    cmocka_unit_test(version_five),
	    cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
