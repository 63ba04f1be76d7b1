/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When flows end by themselves. The spans are those of Zeek's
 * documentation: 5 s for an unanswered SYN and after an end, 5
 * minutes for TCP, 1 minute for the rest, 1 hour for logins.
 */
#include "flow_lab.h"

/* A packet of another flow, to let time pass. */
static void tick(struct lab *l, double at)
{
	int port = l->client_port;
	l->clock = at;
	l->client_port = 65000;
	struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
	p.dst_port = 9999;
	lab_put(l, &p);
	l->client_port = port;
}

static void datagrams(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
	lab_put(l, &p);
	tick(l, 1059.9);
	assert_int_equal(l->closed_n, 0);
	tick(l, 1062);
	assert_int_equal(l->closed_n, 1);
	assert_int_equal(l->closed[0].why, FLOW_TIMED_OUT);
	assert_int_equal(flow_table_counters(l->t)->timed_out, 1);
	lab_free(l);
}

/* The span counts from packet to packet,
 * to the microsecond, wherever the wheel stands. */
static void exact_for_its_own_packets(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	static const double at[] = {1000, 1059.999999, 1119.999998, 1179.999998};
	for (size_t i = 0; i < 4; i++) {
		l->clock = at[i];
		struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2); /* only the last gap has a whole minute */
	assert_int_equal(l->closed[0].f.side[0].packets, 3);
	lab_free(l);
}

static void unanswered(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	l->clock = 1003;
	seg(l, 0, "S", 100, 0, "");
	l->clock = 1007; /* the third attempt is a new connection */
	seg(l, 0, "S", 100, 0, "");
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2);
	assert_int_equal(l->closed[0].f.side[0].packets, 2);
	assert_string_equal(l->closed[0].state, "S0");
	lab_free(l);
}

static void streams(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	l->clock = 1200;
	seg(l, 0, "A", 101, 501, "still here");
	l->clock = 1499;
	seg(l, 1, "A", 501, 111, "");
	tick(l, 1798);
	assert_int_equal(l->closed_n, 0);
	tick(l, 1801);
	assert_int_equal(l->closed_n, 1);
	lab_free(l);
}

static void logins(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_segment(l, 0, "S", 100, 0, "");
	p.dst_port = 22;
	lab_put(l, &p);
	p = lab_segment(l, 1, "SA", 500, 101, "");
	p.src_port = 22;
	lab_put(l, &p);
	p = lab_segment(l, 0, "A", 101, 501, "");
	p.dst_port = 22;
	lab_put(l, &p);
	for (double at = 1600; at < 4500; at += 500) {
		tick(l, at);
		for (unsigned i = 0; i < l->closed_n; i++)
			assert_int_equal(l->closed[i].f.proto, IP_PROTO_UDP);
	}
	tick(l, 4700);
	assert_int_equal(l->closed[l->closed_n - 1].f.proto, IP_PROTO_TCP);
	lab_free(l);
}

static void after_the_end(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "FA", 101, 501, "");
	seg(l, 1, "FA", 501, 102, "");
	seg(l, 0, "A", 102, 502, "");
	l->clock = 1004;
	seg(l, 1, "A", 502, 102, ""); /* a straggler belongs to it */
	tick(l, 1007);
	assert_int_equal(l->closed_n, 1);
	assert_int_equal(l->closed[0].why, FLOW_CLOSED);
	assert_int_equal(l->closed[0].f.side[1].packets, 3);
	lab_free(l);
}

/* Questions at an idle server: each exchange of DNS is a flow, not each minute. */
static void names(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int i = 0; i < 3; i++) {
		l->clock = 1000 + i * 15;
		struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
		p.dst_port = 53;
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 3);
	lab_free(l);
}

/* A late packet counts as new for its flow, which keeps the packet's own time; where all
 * are late, the one before them was early. */
static void clock_goes_back(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	tick(l, 5000);
	for (int i = 0; i < 5; i++) {
		l->clock = 1000 + i;
		struct packet p = lab_packet(l, i % 2, IP_PROTO_UDP);
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2);
	assert_int_equal(l->closed[1].f.side[0].packets, 3);
	assert_int_equal(moment_us(l->closed[1].f.first), 1000000000);
	assert_int_equal(moment_us(l->closed[1].f.last), 1004000000);
	assert_int_equal(flow_table_counters(l->t)->clock_back, 1);
	lab_free(l);
}

/* A damaged time in one frame ends no other flow, and time-outs go on after it. */
static void one_leap(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	for (int i = 0; i < 3; i++) {
		double right = l->clock;
		tick(l, 2e9); /* 2033 */
		l->clock = right + 1;
		seg(l, 0, "A", 101, 501, "");
	}
	assert_int_equal(flow_table_counters(l->t)->clock_back, 3);
	for (unsigned i = 0; i < l->closed_n; i++)
		assert_int_equal(l->closed[i].f.proto, IP_PROTO_UDP);
	tick(l, 1290);
	unsigned before = l->closed_n;
	tick(l, 1305); /* five minutes after its last packet */
	assert_int_equal(l->closed_n, before + 1);
	assert_int_equal(l->closed[before].f.proto, IP_PROTO_TCP);
	assert_int_equal(l->closed[before].f.side[0].packets, 5);
	assert_int_equal(l->closed[before].why, FLOW_TIMED_OUT);
	lab_free(l);
}

/* A pause in the capture is a leap too: the packet after it begins a new flow, and with
 * the next packet all that is silent ends. */
static void capture_pauses(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int day = 0; day < 4; day++) {
		l->clock = 1000 + day * 86400.0;
		struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
		lab_put(l, &p);
	}
	assert_int_equal(l->closed_n, 3);
	tick(l, 1030 + 3 * 86400.0);
	tick(l, 1062 + 3 * 86400.0);
	assert_int_equal(l->closed_n, 4);
	lab_free(l);
}

/* Where many frames have a time far ahead, time-outs go on when the clock is right again.
 */
static void set_back(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	tick(l, 2e9);
	tick(l, 2e9 + 1);
	l->client_port = 40001;
	for (int i = 0; i < 16; i++)
		tick(l, 1000 + i);
	for (int i = 0; i < 3; i++) {
		l->clock = 1100 + i * 100;
		struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 4);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(l->closed[i].f.side[0].packets, 1);
	lab_free(l);
}

/* Each time the clock is set back it takes twice as many packets, so that a file whose
 * times jump to and fro does not make every flow be looked at all the time. */
static void to_and_fro(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int i = 0; i < 40 * 17; i++) {
		struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
		p.ts = moment_from(i / 17 % 2 == 0 ? 1000 : 2000000000, i);
		p.src_port = (uint16_t)(1 + i);
		lab_put(l, &p);
	}
	/* Set back once, at the 16th; from then on the 17 of each turn are too few. */
	assert_int_equal(flow_table_counters(l->t)->clock_back, 16 + 18 * 17);
	lab_free(l);
}

/* Times of a hostile file, from one end of the range to the other. */
static void absurd_times(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	static const int64_t at[] = {0, INT64_MIN + 1, INT64_MAX, 1, INT64_MAX - 1, -5};
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
			struct packet p = lab_segment(l, 0, "S", 100, 0, "");
			p.ts.ns = at[i];
			lab_put(l, &p);
			p = lab_packet(l, 0, IP_PROTO_UDP);
			p.dst_port = 53;
			p.ts.ns = at[i];
			lab_put(l, &p);
		}
	flow_table_finish(l->t);
	assert_true(l->closed_n >= 2);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(datagrams),
	    cmocka_unit_test(exact_for_its_own_packets),
	    cmocka_unit_test(unanswered),
	    cmocka_unit_test(streams),
	    cmocka_unit_test(logins),
	    cmocka_unit_test(after_the_end),
	    cmocka_unit_test(names),
	    cmocka_unit_test(clock_goes_back),
	    cmocka_unit_test(one_leap),
	    cmocka_unit_test(capture_pauses),
	    cmocka_unit_test(set_back),
	    cmocka_unit_test(to_and_fro),
	    cmocka_unit_test(absurd_times),
	};
	return cmocka_run_group_tests_name("flow/timer", tests, NULL, NULL);
}
