/* SPDX-License-Identifier: Apache-2.0 */
/* What reaches the sink: every byte of the stream
 * once and in order, whatever the network does. */
#include "flow_lab.h"

static void reordered(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 107, 501, "ghi");
	seg(l, 0, "A", 104, 501, "def");
	seg(l, 0, "A", 101, 501, "abc");
	assert_string_equal(l->text, "0<abc>0<def>0<ghi>");
	seg(l, 1, "A", 501, 110, "");
	assert_int_equal(only(l)->f.side[0].missed, 0);
	assert_int_equal(flow_table_counters(l->t)->segments_held, 2);
	assert_int_equal(l->events_n, 0);
	lab_free(l);
}

static void overlaps_first_wins(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 103, 501, "CD");
	seg(l, 0, "A", 106, 501, "FG");
	seg(l, 0, "A", 102, 501, "bxdef"); /* [102..107): x and f are not what is held */
	assert_int_equal(l->events_n, 1);
	seg(l, 0, "A", 101, 501, "a");
	assert_string_equal(l->text, "0<a>0<b>0<CD>0<e>0<FG>");
	lab_free(l);
}

/* The piece that fills the hole also covers what is held behind it. */
static void filling_piece_overlaps(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 104, 501, "DEF");
	seg(l, 0, "A", 101, 501, "abcdefgh");
	assert_string_equal(l->text, "0<abc>0<DEF>0<gh>");
	assert_int_equal(l->events_n, 1);
	lab_free(l);
}

static void retransmissions(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 101, 501, "abc");
	seg(l, 0, "A", 101, 501, "abc");
	seg(l, 0, "A", 101, 501, "abcdef"); /* repacketised */
	seg(l, 0, "A", 102, 501, "bcd");
	assert_string_equal(l->text, "0<abc>0<def>");
	assert_int_equal(l->events_n, 0);
	assert_int_equal(only(l)->f.side[0].bytes, 6);
	lab_free(l);
}

/* The race of an injected answer: it comes first, the true one a moment later. */
static void injected(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "PA", 101, 501, "GET / HTTP/1.1\r\n\r\n");
	struct packet p =
	    lab_segment(l, 1, "FPA", 501, 119, "HTTP/1.1 302 Found\r\n\r\n");
	p.ttl = 200;
	p.ip_id = 1;
	lab_put(l, &p);
	l->clock += 0.049;
	p = lab_segment(
	    l, 1, "PA", 501, 119, "HTTP/1.1 200 OK\r\n\r\nwelcome to this site");
	p.ttl = 54;
	p.ip_id = 9;
	p.offset = 4711;
	lab_put(l, &p);
	assert_int_equal(l->events_n, 1);
	const struct flow_event *e = &l->events[0];
	assert_int_equal(e->kind, FLOW_TCP_OVERLAP);
	assert_int_equal(e->side, 1);
	assert_int_equal(e->seq, 501);
	assert_int_equal(e->other_seq, 501);
	assert_int_equal(e->length, 22);
	assert_int_equal(e->since_other, 50 * NS_PER_MS);
	assert_int_equal(e->other.ttl, 200);
	assert_int_equal(e->other.ip_id, 1);
	assert_int_equal(e->offset, 4711);
	assert_int_equal(flow_table_counters(l->t)->overlaps, 1);
	lab_free(l);
}

/* Options as most stacks write them, TSval 4711; and the same behind an MSS, as in a SYN.
 */
static const uint8_t stamped[] = {1, 1, 8, 10, 0, 0, 18, 103, 0, 0, 0, 0};
static const uint8_t syn_stamped[] = {
    2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 18, 102, 0, 0, 0, 0, 1, 3, 3, 7};

/* What the handshake said of the side stays known, and so does whose identification an
 * injector copied. */
static void conflict_is_described(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	for (int side = 0; side < 2; side++) {
		struct packet p = side == 0 ? lab_segment(l, 0, "S", 100, 0, "")
					    : lab_segment(l, 1, "SA", 500, 101, "");
		p.tcp_options = syn_stamped;
		p.tcp_options_len = sizeof(syn_stamped);
		p.ttl = 54;
		lab_put(l, &p);
	}
	struct packet p = lab_segment(l, 0, "PA", 101, 501, "GET / HTTP/1.1\r\n\r\n");
	p.ip_id = 0x25ab;
	lab_put(l, &p);
	p = lab_segment(l, 1, "FPA", 501, 119, "HTTP/1.1 302");
	p.ttl = 64;
	p.ip_id = 0x25ab;
	p.window = 8192;
	p.marks = PACKET_BAD_CHECKSUM;
	lab_put(l, &p);
	p = lab_segment(l, 1, "A", 501, 119, "HTTP/1.1 200 OK");
	p.ttl = 54;
	p.tcp_options = stamped;
	p.tcp_options_len = sizeof(stamped);
	lab_put(l, &p);
	assert_int_equal(l->events_n, 1);
	const struct flow_event *e = &l->events[0];
	assert_int_equal(e->kind, FLOW_TCP_OVERLAP);
	assert_int_equal(e->syn_ttl, 54);
	assert_true(e->syn_timestamp);
	assert_int_equal(e->reflected, 2);
	assert_int_equal(e->other_length, 12);
	assert_int_equal(e->look.marks, LOOK_TIMESTAMP);
	assert_int_equal(e->look.timestamp, 4711);
	assert_int_equal(e->look.ttl, 54);
	assert_int_equal(e->other.marks, LOOK_BAD_CHECKSUM);
	assert_int_equal(e->other.window, 8192);
	assert_int_equal(e->other.tcp_flags, TCP_FIN | TCP_PSH | TCP_ACK);
	lab_free(l);
}

static void shake_hands(struct lab *l)
{
	shake(l);
	seg(l, 0, "PA", 101, 501, "GET /");
}

/* Who sends on after its own RST did not send that RST. */
static void data_after_forged_reset(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake_hands(l);
	struct packet p = lab_segment(l, 1, "RA", 501, 106, "");
	p.ttl = 99;
	lab_put(l, &p);
	seg(l, 1, "PA", 501, 106, "the true answer");
	seg(l, 1, "PA", 516, 106, "and its rest"); /* said once */
	assert_int_equal(l->events_n, 1);
	const struct flow_event *e = &l->events[0];
	assert_int_equal(e->kind, FLOW_DATA_AFTER_END);
	assert_int_equal(e->other_seq, 501);
	assert_int_equal(e->other.ttl, 99);
	assert_int_equal(e->look.ttl, 64);
	assert_int_equal(e->other.tcp_flags, TCP_RST | TCP_ACK);
	assert_int_equal(e->since_other, NS_PER_MS);
	lab_free(l);
}

/* Late copies of what came before the end are ordinary; what lies beyond a FIN is not. */
static void data_around_fin(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake_hands(l);
	seg(l, 1, "PA", 501, 106, "all of it");
	seg(l, 1, "FA", 510, 106, "");
	seg(l, 1, "PA", 501, 106, "all of it");
	assert_int_equal(l->events_n, 0);
	seg(l, 1, "PA", 510, 106, "no, more");
	assert_int_equal(l->events_n, 1);
	assert_int_equal(l->events[0].kind, FLOW_DATA_AFTER_END);
	lab_free(l);
}

static void keep_alive_is_no_conflict(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 101, 501, "abc");
	seg(l, 1, "A", 501, 104, "");
	seg(l, 0, "A", 103, 501, "?"); /* one old byte, of any value */
	seg(l, 0, "A", 103, 501, "");
	assert_int_equal(l->events_n, 0);
	assert_string_equal(l->text, "0<abc>");
	lab_free(l);
}

static void lost_in_capture(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 1, "A", 501, 101, "abc");
	seg(l, 1, "A", 510, 101, "xyz"); /* [504..510) was not captured */
	assert_string_equal(l->text, "1<abc>");
	seg(l, 0, "A", 101, 513, ""); /* but it was received */
	assert_string_equal(l->text, "1<abc>1[6]1<xyz>");
	const struct lab_closed *c = only(l);
	assert_int_equal(c->f.side[1].missed, 6);
	assert_string_equal(c->history, "ShAdg");
	assert_int_equal(c->f.side[1].bytes, 12);
	lab_free(l);
}

/* At the end what is held comes out with its hole, which nobody has confirmed. */
static void held_at_end(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 1, "A", 510, 101, "xyz");
	const struct lab_closed *c = only(l);
	assert_string_equal(l->text, "1[9]1<xyz>");
	assert_int_equal(c->f.side[1].missed, 0);
	lab_free(l);
}

static void wraps_around(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	uint32_t c = 4294967290U;
	seg(l, 0, "S", c, 0, "");
	seg(l, 1, "SA", 4294967295U, c + 1, "");
	seg(l, 0, "A", c + 1, 0, "");
	seg(l, 0, "A", c + 11, 0, "klmno");
	seg(l, 0, "A", c + 1, 0, "abcdefghij");
	seg(l, 1, "A", 0, c + 16, "pong");
	seg(l, 0, "A", c + 16, 4, "pqr");
	assert_string_equal(l->text, "0<abcdefghij>0<klmno>1<pong>0<pqr>");
	const struct lab_closed *k = only(l);
	assert_int_equal(k->f.side[0].bytes, 18);
	assert_int_equal(k->f.side[1].bytes, 4);
	assert_int_equal(k->f.side[0].missed + k->f.side[1].missed, 0);
	lab_free(l);
}

/* A FIN before its data does not end the connection until the data is there. */
static void end_waits_for_data(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "FA", 106, 501, "");
	seg(l, 1, "FA", 501, 101, "");
	l->clock += 1;
	seg(l, 0, "A", 101, 502, "hello");
	assert_string_equal(l->text, "0<hello>");
	assert_string_equal(only(l)->state, "SF");
	lab_free(l);
}

static void data_after_reset(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 0, "A", 101, 501, "abc");
	seg(l, 1, "R", 501, 0, "ignored"); /* no part of the stream (RFC 9293, 3.5.2) */
	seg(l, 0, "A", 104, 501, "def");
	assert_string_equal(l->text, "0<abc>0<def>");
	assert_string_equal(only(l)->state, "RSTR");
	lab_free(l);
}

static void cut_by_snapshot(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	struct packet p = lab_segment(l, 0, "A", 101, 501, "abcdef");
	p.captured = 2;
	p.marks = PACKET_TRUNCATED;
	lab_put(l, &p);
	seg(l, 0, "A", 107, 501, "ghi");
	assert_string_equal(l->text, "0<ab>0<ghi>");
	assert_int_equal(only(l)->f.side[0].bytes, 9);
	lab_free(l);
}

/* Only one direction was captured, with a hole: the stream goes on all the same. */
static void one_direction(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	static char kilobyte[1025];
	memset(kilobyte, 'k', sizeof(kilobyte) - 1);
	seg(l, 0, "S", 100, 0, "");
	for (uint32_t i = 0; i < 64; i++)
		if (i != 5)
			seg(l, 0, "A", 101 + i * 1024, 501, kilobyte);
	assert_true(l->bytes[0] > 40 * 1024);
	flow_table_finish(l->t);
	assert_int_equal(l->bytes[0], 63 * 1024);
	assert_int_equal(l->gaps[0], 1024);
	lab_free(l);
}

static void limits_of_one_flow(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.reassembly_flow = 4096;
	struct lab *l = lab_new(&limits);
	shake(l);
	seg(l, 0, "A", 101, 501, "start");
	seg(l, 1, "A", 501, 106, "");
	static char half[513];
	memset(half, 'h', sizeof(half) - 1);
	for (uint32_t i = 0; i < 100; i++)
		seg(l, 0, "A", 2000 + i * 512, 501, half);
	assert_true(l->gaps[0] >= 2000 - 106);
	assert_int_equal(l->bytes[0], 5 + 100 * 512);
	lab_free(l);
}

static void limit_of_all_flows(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.reassembly_bytes = 3000;
	struct lab *l = lab_new(&limits);
	for (int i = 0; i < 50; i++) {
		l->client_port = 40000 + i;
		shake(l);
		seg(l, 0, "A", 201, 501, "behind a hole");
	}
	const struct flow_counters *n = flow_table_counters(l->t);
	assert_true(n->segments_held > 10);
	assert_true(n->segments_dropped > 10);
	assert_int_equal(n->segments_held + n->segments_dropped, 50);
	flow_table_finish(l->t);
	assert_int_equal(l->bytes[0], n->segments_held * strlen("behind a hole"));
	lab_free(l);
}

static void limit_of_segments(void **state)
{
	(void)state;
	struct lab *l = lab_new(NULL);
	shake(l);
	seg(l, 1, "A", 501, 102, "");
	/* Backwards, so that each is inserted in front of all others. */
	for (uint32_t i = 5000; i > 0; i--)
		seg(l, 0, "A", 200 + i * 2, 501, "z");
	assert_true(flow_table_counters(l->t)->segments_held <= 5000);
	flow_table_finish(l->t);
	assert_true(l->bytes[0] >= 2048);
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reordered),
	    cmocka_unit_test(overlaps_first_wins),
	    cmocka_unit_test(filling_piece_overlaps),
	    cmocka_unit_test(retransmissions),
	    cmocka_unit_test(injected),
	    cmocka_unit_test(conflict_is_described),
	    cmocka_unit_test(data_after_forged_reset),
	    cmocka_unit_test(data_around_fin),
	    cmocka_unit_test(keep_alive_is_no_conflict),
	    cmocka_unit_test(lost_in_capture),
	    cmocka_unit_test(held_at_end),
	    cmocka_unit_test(wraps_around),
	    cmocka_unit_test(end_waits_for_data),
	    cmocka_unit_test(data_after_reset),
	    cmocka_unit_test(cut_by_snapshot),
	    cmocka_unit_test(one_direction),
	    cmocka_unit_test(limits_of_one_flow),
	    cmocka_unit_test(limit_of_all_flows),
	    cmocka_unit_test(limit_of_segments),
	};
	return cmocka_run_group_tests_name("flow/reassembly", tests, NULL, NULL);
}
