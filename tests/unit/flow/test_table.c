/* SPDX-License-Identifier: Apache-2.0 */
/* Finding flows, naming their sides, bounds and the order in which flows end. */
#include "flow_lab.h"

static void both_directions_meet(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int i = 0; i < 3; i++) {
		struct packet p = lab_packet(l, i % 2, IP_PROTO_UDP);
		p.payload = (const uint8_t *)"datagram";
		p.captured = p.length = 8;
		p.ip_bytes = 36;
		lab_put(l, &p);
	}
	const struct lab_closed *c = only(l);
	assert_string_equal(c->state, "SF");
	assert_string_equal(c->history, "Dd");
	assert_int_equal(c->f.side[0].packets, 2);
	assert_int_equal(c->f.side[1].packets, 1);
	assert_int_equal(c->f.side[0].bytes, 16);
	assert_int_equal(c->f.side[1].ip_bytes, 36);
	assert_string_equal(l->text, "0<datagram>1<datagram>0<datagram>");
	lab_free(l);
}

static void answer_first(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_packet(l, 1, IP_PROTO_UDP);
	p.src_port = 53;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_string_equal(c->state, "SHR");
	assert_string_equal(c->history, "^d");
	assert_int_equal(c->f.port[1], 53);
	lab_free(l);
	/* What is sent to everybody is no answer. */
	l = lab_new(NULL);
	static const uint8_t all[4] = {255, 255, 255, 255};
	p = lab_packet(l, 1, IP_PROTO_UDP);
	p.src_port = 67;
	p.dst = addr_from_v4(all);
	lab_put(l, &p);
	assert_string_equal(only(l)->state, "S0");
	lab_free(l);
}

static void icmp_pairs(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_packet(l, 0, IP_PROTO_ICMP);
	p.src_port = 8; /* echo request, and its reply */
	p.dst_port = 0;
	p.length = p.captured = 0;
	lab_put(l, &p);
	p = lab_packet(l, 1, IP_PROTO_ICMP);
	p.src_port = 0;
	p.dst_port = 0;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_int_equal(c->f.port[0], 8);
	assert_int_equal(c->f.port[1], 0);
	assert_int_equal(c->f.side[0].packets, 1);
	assert_int_equal(c->f.side[1].packets, 1);
	assert_string_equal(c->state, "OTH");
	assert_string_equal(c->history, "");
	lab_free(l);
	/* Errors have no counterpart:
	 * each direction is its own flow, type and code its ports. */
	l = lab_new(NULL);
	for (int side = 0; side < 2; side++) {
		p = lab_packet(l, side, IP_PROTO_ICMP);
		p.src_port = 3;
		p.dst_port = 3;
		lab_put(l, &p);
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2);
	assert_int_equal(l->closed[0].f.port[0], 3);
	assert_int_equal(l->closed[0].f.port[1], 3);
	lab_free(l);
}

static void cut_headers_keep_the_flow(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_packet(l, 0, IP_PROTO_TCP);
	p.src_port = p.dst_port = 0;
	p.marks = PACKET_NO_PORTS;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_string_equal(c->state, "OTH");
	assert_int_equal(c->f.side[0].packets, 1);
	lab_free(l);
}

static void udp_from(struct lab *l, int port, int side)
{
	l->client_port = port;
	struct packet p = lab_packet(l, side, IP_PROTO_UDP);
	lab_put(l, &p);
}

static void evicts_what_says_least(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.flows = 64;
	struct lab *l = lab_new(&limits);
	for (int i = 0; i < 32; i++) { /* conversations */
		udp_from(l, 1000 + i, 0);
		udp_from(l, 1000 + i, 1);
	}
	for (int i = 0; i < 500; i++) /* probes */
		udp_from(l, 30000 + i, 0);
	const struct flow_counters *n = flow_table_counters(l->t);
	assert_int_equal(n->flows, 532);
	assert_int_equal(n->evicted, 532 - 64);
	for (unsigned i = 0; i < l->closed_n; i++) {
		assert_int_equal(l->closed[i].why, FLOW_EVICTED);
		assert_int_equal(
		    l->closed[i].f.port[0], 30000 + i); /* the oldest first */
	}
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 532);
	for (unsigned i = 468; i < 500; i++)
		assert_int_equal(l->closed[i].f.port[0], 1000 + i - 468);
	lab_free(l);
}

/* With conversations only, the one that was silent for longest of the oldest goes. */
static void evicts_the_silent(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.flows = 16;
	struct lab *l = lab_new(&limits);
	for (int i = 0; i < 16; i++) {
		udp_from(l, 1000 + i, 0);
		udp_from(l, 1000 + i, 1);
	}
	udp_from(l, 1000, 0); /* the oldest speaks again */
	udp_from(l, 3000, 0);
	assert_int_equal(l->closed_n, 1);
	assert_int_equal(l->closed[0].f.port[0], 1001);
	lab_free(l);
}

static void finish_is_oldest_first(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int i = 0; i < 300; i++)
		udp_from(l, 1000 + i * 7 % 300, i % 3 == 0);
	for (int i = 0; i < 300; i += 2) /* some become conversations */
		udp_from(l, 1000 + i, 1);
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 300);
	for (unsigned i = 1; i < 300; i++)
		assert_true(
		    moment_diff(l->closed[i - 1].f.first, l->closed[i].f.first) > 0);
	assert_int_equal(flow_table_counters(l->t)->closed, 300);
	lab_free(l);
}

/* The hash key is random:
 * two tables must nevertheless say the same, evictions included. */
static void key_does_not_matter(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.flows = 100;
	static struct lab_closed first[2000];
	unsigned n = 0;
	for (int round = 0; round < 2; round++) {
		struct lab *l = lab_new(&limits);
		uint32_t x = 1;
		for (int i = 0; i < 3000; i++) {
			x = x * 1664525 + 1013904223;
			udp_from(l, 1000 + (int)(x >> 24) * 3, (x >> 9) % 3 == 0);
		}
		flow_table_finish(l->t);
		if (round == 0) {
			n = l->closed_n;
			assert_true(n > 300 && n <= 2000);
			memcpy(first, l->closed, n * sizeof(*first));
		} else {
			assert_int_equal(n, l->closed_n);
			for (unsigned i = 0; i < n; i++)
				assert_int_equal(
				    first[i].f.port[0], l->closed[i].f.port[0]);
		}
		lab_free(l);
	}
}

static void source_of_the_first_packet(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
	p.source = 3;
	p.offset = 24;
	p.vlan = 12;
	lab_put(l, &p);
	p.offset = 99;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_int_equal(c->f.source, 3);
	assert_int_equal(c->f.offset, 24);
	assert_int_equal(c->f.vlan, 12);
	lab_free(l);
}

/* Two fragments are one datagram of a flow. */
static void fragments_join(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	static const uint8_t udp[24] = {0x30, 0x39, 0, 80, 0, 24, 0, 0, 'a', 'b', 'c',
	    'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'};
	struct packet p = lab_packet(l, 0, IP_PROTO_UDP);
	p.src_port = p.dst_port = 0;
	p.marks = PACKET_FRAGMENT;
	p.ip_id = 7;
	p.payload = udp + 16;
	p.captured = p.length = 8;
	p.fragment_offset = 16;
	p.ip_bytes = 28;
	lab_put(l, &p);
	p.payload = udp;
	p.captured = p.length = 16;
	p.fragment_offset = 0;
	p.more_fragments = true;
	p.ip_bytes = 36;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_int_equal(c->f.port[0], 12345);
	assert_int_equal(c->f.side[0].packets, 1);
	assert_int_equal(c->f.side[0].ip_bytes, 44);
	assert_string_equal(l->text, "0<abcdefghijklmnop>");
	assert_int_equal(flow_table_counters(l->t)->datagrams, 1);
	assert_int_equal(flow_table_counters(l->t)->fragments, 2);
	lab_free(l);
}

/* Freed without finish: nothing may leak (the sanitizers look). */
static void free_in_the_middle(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 301, 501, "held");
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_directions_meet),
	    cmocka_unit_test(answer_first),
	    cmocka_unit_test(icmp_pairs),
	    cmocka_unit_test(cut_headers_keep_the_flow),
	    cmocka_unit_test(evicts_what_says_least),
	    cmocka_unit_test(evicts_the_silent),
	    cmocka_unit_test(finish_is_oldest_first),
	    cmocka_unit_test(key_does_not_matter),
	    cmocka_unit_test(source_of_the_first_packet),
	    cmocka_unit_test(fragments_join),
	    cmocka_unit_test(free_in_the_middle),
	};
	return cmocka_run_group_tests_name("flow/table", tests, NULL, NULL);
}
