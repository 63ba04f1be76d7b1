/* SPDX-License-Identifier: Apache-2.0 */
/* AMQP 0-9-1 and 1.0. */
#include "proto/db/amqp.h"
#include "win_play.h"

static struct msg m;

static struct play *start(void)
{
	return play_start(IP_PROTO_TCP, 5673);
}

static void put_be(uint64_t v, int bytes)
{
	while (bytes-- > 0) {
		uint8_t byte = (uint8_t)(v >> 8 * bytes);
		put(&m, &byte, 1);
	}
}

static void put_short(const char *text)
{
	put_be(strlen(text), 1);
	put_text(&m, text);
}

/* Send what m holds as a frame of 0-9-1. */
static void frame(struct play *p, int side, unsigned type, unsigned channel, size_t step)
{
	static struct msg content;
	content = m;
	m.n = 0;
	put_be(type, 1);
	put_be(channel, 2);
	put_be(content.n, 4);
	put(&m, content.b, content.n);
	put_be(0xce, 1);
	send_msg(p, side, &m, step);
	m.n = 0;
}

static void put_method(unsigned class, unsigned method)
{
	m.n = 0;
	put_be(class, 2);
	put_be(method, 2);
}

/* A table of product and version. */
static void put_program(const char *product, const char *version)
{
	size_t n = 8 + 1 + 4 + strlen(product) + 8 + 1 + 4 + strlen(version) + 4;
	put_be(n, 4);
	put_text(&m, "\1xt");
	put_be(1, 1);
	put_text(&m, "\7productS");
	put_be(strlen(product), 4);
	put_text(&m, product);
	put_text(&m, "\7versionS");
	put_be(strlen(version), 4);
	put_text(&m, version);
}

static void log_on(struct play *p, size_t step)
{
	static const uint8_t header[] = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
	play_send(p, 0, header, sizeof(header));
	put_method(10, 10);
	put_be(9, 2);
	put_program("Rabbit", "3.8");
	put_be(5, 4);
	put_text(&m, "PLAIN");
	frame(p, 1, 1, 0, step);
	put_method(10, 11);
	put_program("pika", "1.0");
	put_short("PLAIN");
	put_be(10, 4);
	put(&m, "\0bob\0topsy", 10);
	put_short("en_US");
	frame(p, 0, 1, 0, step);
	put_method(10, 30);
	put_be(0, 8);
	frame(p, 1, 1, 0, step);
	put_method(10, 40);
	put_short("/sales");
	frame(p, 0, 1, 0, step);
	put_method(10, 41);
	put_short("");
	frame(p, 1, 1, 0, step);
}

static void put_header(uint64_t size)
{
	m.n = 0;
	put_be(60, 2);
	put_be(0, 2);
	put_be(size, 8);
	put_be(0, 2);
}

static void zero_nine(void **state)
{
	(void)state;
	for (size_t step = 3; step < 200; step *= 8) {
		struct play *p = start();
		log_on(p, step);
		put_method(50, 10);
		put_be(0, 2);
		put_short("q1");
		put_be(0, 5);
		frame(p, 0, 1, 1, step);
		put_method(60, 40);
		put_be(0, 2);
		put_short("ex");
		put_short("a.b");
		put_be(0, 1);
		frame(p, 0, 1, 1, step);
		put_header(70000);
		frame(p, 0, 2, 1, step);
		put_text(&m, "body, which is not kept");
		frame(p, 0, 3, 1, step);
		put_method(60, 60);
		put_short("tag");
		put_zeros(&m, 9);
		put_short("ex");
		put_short("c.d");
		frame(p, 1, 1, 2, step);
		put_header(5);
		frame(p, 1, 2, 2, step);
		frame(p, 0, 8, 0, step);
		put_method(20, 40);
		put_be(404, 2);
		put_short("NOT_FOUND");
		frame(p, 1, 1, 1, step);
		play_close(p);
		play_assert(p, "\"protocol\":\"amqp\",\"user\":\"bob\",\"mechanism\":"
			       "\"plain\",\"success\":true,\"client\":\"pika 1.0\","
			       "\"server\":\"Rabbit 3.8\",\"target\":\"/sales\"");
		play_assert(p, "\"command\":\"queue.declare\",\"from_src\":true,\"id\":1,"
			       "\"topics\":[],\"object\":\"q1\"");
		play_assert(p, "\"command\":\"basic.publish\",\"from_src\":true,\"id\":1,"
			       "\"topics\":[\"a.b\"],\"object\":\"ex\",\"qos\":[],"
			       "\"codes\":[],\"payload_bytes\":70000");
		play_assert(p,
		    "\"command\":\"basic.deliver\",\"from_src\":false,\"id\":2,"
		    "\"topics\":[\"c.d\"],\"object\":\"ex\"");
		play_assert(p, "\"command\":\"channel.close\",\"from_src\":false");
		play_assert(p, "\"codes\":[404],\"status\":\"NOT_FOUND\"");
		play_assert(p, "\"service\":\"amqp\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		play_end(p);
	}
}

static void one(void **state)
{
	(void)state;
	for (size_t step = 2; step < 200; step *= 9) {
		struct play *p = start();
		send_cut(p, 0, "414d515003010000", step);
		send_cut(p, 1, "414d515003010000", step);
		send_cut(p, 0,
		    "00000021 02 01 0000 005341 c014 02 a305 504c41494e a00a 00 "
		    "626f62 00 746f707379",
		    step);
		send_cut(p, 1, "00000010 02 01 0000 005344 c003 01 5000", step);
		send_cut(p, 0, "414d515000010000", step);
		send_cut(p, 0, "00000014 02 00 0000 005310 c007 02 a10163 a10168", step);
		send_cut(p, 1, "00000011 02 00 0000 005310 c004 01 a10173", step);
		/* the link "l" to the address "a", then two bytes to it */
		send_cut(p, 0,
		    "0000001f 02 00 0001 005312 c012 07 a1016c 43 42 40 40 40 "
		    "005329 c004 01 a10161",
		    step);
		send_cut(p, 0, "00000011 02 00 0001 005314 c002 01 43 6869", step);
		send_cut(p, 0, "00000008 02 00 0000", step);
		send_cut(p, 1,
		    "0000001a 02 00 0000 005318 c00d 01 00531d c007 02 a30165 "
		    "a10177",
		    step);
		play_close(p);
		play_assert(p,
		    "\"user\":\"bob\",\"mechanism\":\"plain\",\"success\":true,"
		    "\"client\":\"c\",\"server\":\"s\",\"target\":\"h\"");
		play_assert(p,
		    "\"command\":\"open\",\"from_src\":true,\"version\":\"1.0\","
		    "\"client_id\":\"c\"");
		play_assert(p, "\"command\":\"attach\",\"from_src\":true,\"id\":1,"
			       "\"topics\":[\"a\"],\"object\":\"l\"");
		play_assert(p, "\"command\":\"transfer\",\"from_src\":true,\"id\":1,"
			       "\"topics\":[\"a\"],\"qos\":[],\"codes\":[],"
			       "\"payload_bytes\":2");
		play_assert(p, "\"command\":\"close\",\"from_src\":false");
		play_assert(p, "\"status\":\"e: w\"");
		assert_int_equal(play_count(p, "topsy"), 0);
		play_end(p);
	}
}

static void logons_that_end_early(void **state)
{
	(void)state;
	struct play *p = start(); /* TLS */
	say(p, 0, "414d515002010000");
	say(p, 1, "414d515002010000");
	say(p, 0, "16030100050100000100");
	play_close(p);
	play_assert(p, "\"protocol\":\"amqp\",\"encrypted\":true");
	play_end(p);
	p = start(); /* refused by 1.0 */
	say(p, 0, "414d515003010000");
	say(p, 0, "00000018 02 01 0000 005341 c00b 01 a308 45585445524e414c");
	say(p, 1, "00000010 02 01 0000 005344 c003 01 5001");
	play_close(p);
	play_assert(p, "\"mechanism\":\"external\",\"success\":false");
	play_end(p);
	p = start(); /* refused by 0-9-1 */
	say(p, 0, "414d515000000901");
	put_method(10, 11);
	put_be(0, 4);
	put_short("AMQPLAIN");
	put_be(15, 4);
	put_text(&m, "\5LOGINS");
	put_be(3, 4);
	put_text(&m, "alx");
	frame(p, 0, 1, 0, 0);
	put_method(10, 50);
	put_be(403, 2);
	put_short("ACCESS_REFUSED");
	frame(p, 1, 1, 0, 0);
	play_close(p);
	play_assert(p, "\"user\":\"alx\",\"mechanism\":\"amqplain\",\"success\":false,"
		       "\"status\":\"ACCESS_REFUSED\"");
	play_end(p);
}

static void gaps_and_limits(void **state)
{
	(void)state;
	struct play *p = start();
	log_on(p, 0);
	for (int i = 0; i < MQ_WAITING_MAX + 1; i++) {
		put_method(60, 40);
		put_be(0, 2);
		put_short("ex");
		put_short("k");
		put_be(0, 1);
		frame(p, 0, 1, 1, 0);
	}
	assert_int_equal(play_counters(p, "amqp")->over_limit, 1);
	p->sink.gap(p->sink.ctx, &p->flow, 0, 10);
	play_send(p, 0, "in the middle", 13);
	put_method(50, 30);
	put_be(0, 2);
	put_short("after");
	frame(p, 0, 1, 1, 0);
	play_assert(p,
	    "\"command\":\"queue.purge\",\"from_src\":true,\"id\":1,\"topics\":"
	    "[],\"object\":\"after\"");
	play_close(p);
	play_end(p);
	p = start();
	say(p, 0, "414d515000010000");
	for (int i = 0; i < AMQP_LINKS_MAX + 2; i++) {
		char text[128];
		snprintf(text, sizeof(text),
		    "00000020 02 00 0001 005312 c013 07 a1016c 52%02x 42 40 40 40 005329 "
		    "c004 01 a10161",
		    i);
		say(p, 0, text);
	}
	assert_int_equal(play_counters(p, "amqp")->over_limit, 2);
	play_close(p);
	play_end(p);
	play_cuts(p = start(), IP_PROTO_TCP, 5672,
	    "01 0001 00000014 000a000b 00000000 05 504c41494e 00000001 00 0000 ce");
	play_close(p);
	play_end(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zero_nine),
	    cmocka_unit_test(one),
	    cmocka_unit_test(logons_that_end_early),
	    cmocka_unit_test(gaps_and_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
