/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State and history, against what the documentation of Zeek's conn.log says of each
 * value, and sizes by RFC 9293's sequence numbers.
 */
#include "flow_lab.h"

static void normal(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "PA", 101, 501, "hello");
	seg(l, 1, "A", 501, 106, "");
	seg(l, 1, "PA", 501, 106, "world!");
	seg(l, 0, "A", 106, 507, "");
	seg(l, 0, "FA", 106, 507, "");
	seg(l, 1, "FA", 507, 107, "");
	seg(l, 0, "A", 107, 508, "");
	expect(l, "SF", "ShADadFf");
	const struct flow *f = &l->closed[0].f;
	assert_int_equal(f->side[0].bytes, 5);
	assert_int_equal(f->side[1].bytes, 6);
	assert_int_equal(f->side[0].packets, 6);
	assert_int_equal(f->side[1].packets, 4);
	assert_int_equal(f->side[0].ip_bytes, 6 * 40 + 5);
	assert_int_equal(f->side[1].ip_bytes, 4 * 40 + 6);
	/* The last acknowledgement is no longer part of the duration. */
	assert_int_equal(moment_diff(f->first, f->last), 8 * NS_PER_MS);
	assert_int_equal(l->closed[0].why, FLOW_INPUT_END);
	assert_string_equal(l->text, "0<hello>1<world!>");
	lab_free(l);
}

static void attempts(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	expect(l, "S0", "S");
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	seg(l, 1, "RA", 0, 101, "");
	expect(l, "REJ", "Sr");
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	seg(l, 0, "R", 101, 0, "");
	expect(l, "RSTOS0", "SR");
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	seg(l, 0, "FA", 101, 0, "");
	expect(l, "SH", "SF");
	lab_free(l);
}

static void established(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	expect(l, "S1", "ShA");
	lab_free(l);
	l = lab_new(NULL);
	shake(l);
	seg(l, 0, "FA", 101, 501, "");
	expect(l, "S2", "ShAF");
	lab_free(l);
	l = lab_new(NULL);
	shake(l);
	seg(l, 1, "FA", 501, 101, "");
	expect(l, "S3", "ShAf");
	lab_free(l);
	l = lab_new(NULL);
	shake(l);
	seg(l, 0, "R", 101, 0, "");
	expect(l, "RSTO", "ShAR");
	lab_free(l);
	l = lab_new(NULL);
	shake(l);
	seg(l, 1, "R", 501, 0, "");
	expect(l, "RSTR", "ShAr");
	lab_free(l);
}

/* Only the responder's half was captured, or the middle of both. */
static void halves(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 1, "SA", 500, 101,
	    ""); /* from port 80: the server, so the sides are turned */
	seg(l, 1, "RA", 501, 101, "");
	expect(l, "RSTRH", "^hr");
	assert_int_equal(l->closed[0].f.port[1], 80);
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 1, "SA", 500, 101, "");
	seg(l, 1, "FA", 501, 101, "");
	expect(l, "SHR", "^hf");
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 1, "PA", 501, 101, "tail");
	seg(l, 0, "A", 101, 505, "");
	expect(l, "OTH", "^dA");
	assert_int_equal(l->closed[0].f.side[1].bytes, 4);
	assert_string_equal(l->text, "1<tail>");
	lab_free(l);
}

/* The capture has the SYN-ACK before its SYN (two taps):
 * one connection, rightly turned. */
static void reversed_handshake(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	l->client_port = 50001;
	struct packet p = lab_segment(l, 1, "SA", 500, 101, "");
	p.src_port = 50000; /* no port to guess by */
	lab_put(l, &p);
	p = lab_segment(l, 0, "S", 100, 0, "");
	p.dst_port = 50000;
	lab_put(l, &p);
	const struct lab_closed *c = only(l);
	assert_string_equal(c->state, "S1");
	assert_int_equal(c->f.port[0], 50001);
	assert_int_equal(c->f.side[0].packets, 1);
	assert_int_equal(c->f.side[1].packets, 1);
	assert_int_equal(c->history[0], '^');
	lab_free(l);
}

static void logarithmic_letters(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	for (int i = 0; i < 101; i++) /* the first is new, 100 are repeated */
		seg(l, 0, "A", 101, 501, "x");
	expect(l, "S1", "ShADTTT");
	lab_free(l);
	l = lab_new(NULL);
	shake(l);
	for (int i = 0; i < 10; i++) {
		struct packet p = lab_segment(l, 1, "A", 501, 101, "");
		p.window = 0;
		lab_put(l, &p);
	}
	expect(l, "S1", "ShAaww");
	lab_free(l);
}

static void odd_flags(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "SF", 100, 0, "");
	seg(l, 0, "FR", 101, 0, "");
	seg(l, 0, "", 102, 0, "");
	seg(l, 0, "FPU", 102, 0, "");
	flow_table_finish(l->t);
	assert_int_equal(l->closed[0].history[0], 'Q');
	assert_int_equal(l->closed[0].history[1], 'I');
	assert_int_equal(l->events_n, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(l->events[i].kind, FLOW_BAD_FLAGS);
	lab_free(l);
}

static void syn_anomalies(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "early");
	struct packet p = lab_segment(l, 1, "SA", 500, 106, "");
	p.ttl = 50;
	p.ip_id = 77;
	lab_put(l, &p);
	seg(l, 1, "SA", 500, 106, ""); /* a plain retransmission says nothing */
	p = lab_segment(l, 1, "SA", 9000, 106, "");
	lab_put(l, &p);
	flow_table_finish(l->t);
	assert_int_equal(l->events_n, 2);
	assert_int_equal(l->events[0].kind, FLOW_SYN_DATA);
	assert_int_equal(l->events[0].length, 5);
	assert_int_equal(l->events[1].kind, FLOW_DUPLICATE_SYNACK);
	assert_int_equal(l->events[1].seq, 9000);
	assert_int_equal(l->events[1].other_seq, 500);
	assert_int_equal(l->events[1].other.ttl, 50);
	assert_int_equal(l->events[1].other.ip_id, 77);
	assert_int_equal(l->events[1].since_other, 2 * NS_PER_MS);
	assert_string_equal(l->text, "0<early>");
	lab_free(l);
}

/* Of a first SYN alone: a RST or a SYN-ACK has a reason for its number. */
static void odd_headers(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "S", 100, 7, "");
	seg(l, 1, "SA", 500, 101, "");
	struct packet p = lab_segment(l, 0, "S", 100, 0, "");
	p.urgent = 1;
	lab_put(l, &p);
	p.tcp_flags |= TCP_URG;
	lab_put(l, &p);
	seg(l, 0, "R", 101, 9, "");
	p = lab_segment(l, 0, "A", 101, 501, "");
	p.odd_options = 40;
	lab_put(l, &p);
	flow_table_finish(l->t);
	assert_int_equal(l->events_n, 3);
	assert_int_equal(l->events[0].kind, FLOW_ODD_HEADER);
	assert_int_equal(l->events[1].kind, FLOW_ODD_HEADER);
	assert_int_equal(l->events[2].kind, FLOW_ODD_OPTIONS);
	assert_int_equal(l->events[2].length, 40);
	lab_free(l);
}

static void events_are_bounded(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int i = 0; i < 1000; i++)
		seg(l, 0, "SF", 100, 0, "");
	flow_table_finish(l->t);
	assert_true(l->events_n > 0 && l->events_n <= 64 * l->closed_n);
	lab_free(l);
}

static void reuse(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "FA", 101, 501, "");
	seg(l, 1, "FA", 501, 102, "");
	seg(l, 0, "S", 7000, 0, ""); /* the same ports again */
	flow_table_finish(l->t);
	assert_int_equal(l->closed_n, 2);
	assert_string_equal(l->closed[0].state, "SF");
	assert_string_equal(l->closed[1].state, "S0");
	lab_free(l);
	l = lab_new(NULL);
	seg(l, 0, "S", 100, 0, "");
	seg(l, 0, "S", 100, 0, ""); /* a retransmission is not */
	expect(l, "S0", "S");
	lab_free(l);
}

/* More than 4 GB: the numbers wrap, the size does not. */
static void size_wraps(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	seg(l, 0, "S", 4294967000U, 0, "");
	seg(l, 1, "SA", 500, 4294967001U, "");
	seg(l, 0, "A", 4294967001U, 501, "");
	uint32_t seq = 4294967001U;
	static const uint8_t big[65000];
	uint64_t sent = 0;
	while (sent < 5000000000ULL) {
		struct packet p = lab_segment(l, 0, "A", seq, 501, "");
		p.payload = big;
		p.captured = 0; /* a short snapshot length */
		p.length = sizeof(big);
		lab_put(l, &p);
		seq += (uint32_t)sizeof(big);
		sent += sizeof(big);
		if (sent % (10 * sizeof(big)) == 0)
			seg(l, 1, "A", 501, seq, "");
	}
	const struct lab_closed *c = only(l);
	assert_true(c->f.side[0].bytes == sent);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(normal),
	    cmocka_unit_test(attempts),
	    cmocka_unit_test(established),
	    cmocka_unit_test(halves),
	    cmocka_unit_test(reversed_handshake),
	    cmocka_unit_test(logarithmic_letters),
	    cmocka_unit_test(odd_flags),
	    cmocka_unit_test(syn_anomalies),
	    cmocka_unit_test(odd_headers),
	    cmocka_unit_test(events_are_bounded),
	    cmocka_unit_test(reuse),
	    cmocka_unit_test(size_wraps),
	};
	return cmocka_run_group_tests_name("flow/tcp", tests, NULL, NULL);
}
