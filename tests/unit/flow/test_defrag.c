/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fragments made by hand: bytes of a datagram are numbered,
 * so that what was joined can be read off. The sizes of what
 * Zeek counts are those of a capture of IKE over fragments.
 */
#include "flow/defrag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (1 << 20)

/* Bytes [begin, end) of a datagram whose i-th byte is i * 7 + salt. */
struct part {
	uint32_t begin, end;
	bool more;
	uint8_t salt;
	uint16_t id;
	int64_t seconds;
};

static uint8_t byte_at(uint32_t i, uint8_t salt)
{
	return (uint8_t)(i * 7 + salt);
}

static struct packet packet_of(const struct part *part, uint8_t *bytes)
{
	for (uint32_t i = part->begin; i < part->end; i++)
		bytes[i - part->begin] = byte_at(i, part->salt);
	uint32_t n = part->end - part->begin;
	struct packet p = {
	    .ts = moment_from(1000 + part->seconds, 0),
	    .src = addr_from_v4((const uint8_t[]){10, 0, 0, 1}),
	    .dst = addr_from_v4((const uint8_t[]){10, 0, 0, 2}),
	    .proto = IP_PROTO_GRE, /* its payload is the whole datagram */
	    .ttl = 64,
	    .marks = PACKET_FRAGMENT | PACKET_NO_CHECKSUM,
	    .ip_id = part->id,
	    .ip_bytes = n + 20,
	    .wire = n + 34,
	    .payload = bytes,
	    .captured = n,
	    .length = n,
	    .more_fragments = part->more,
	    .fragment_offset = (uint16_t)part->begin,
	    .vlan = -1,
	    .vlan_inner = -1,
	    .offset = part->begin,
	};
	return p;
}

/* Add a part, its first `captured` bytes on an exact-size copy. */
static void add_cut(
    struct defrag *d, struct part part, uint32_t captured, struct defrag_result *r)
{
	static uint8_t all[70000];
	struct packet p = packet_of(&part, all);
	if (captured < p.captured)
		p.captured = captured;
	uint8_t *exact = malloc(p.captured > 0 ? p.captured : 1);
	assert_non_null(exact);
	memcpy(exact, all, p.captured);
	p.payload = exact;
	defrag_add(d, &p, r);
	free(exact);
	assert_true(r->events <= DEFRAG_EVENTS_MAX);
}

static void add(struct defrag *d, struct part part, struct defrag_result *r)
{
	add_cut(d, part, UINT32_MAX, r);
}

static void assert_whole(const struct defrag_result *r, uint32_t length, uint8_t salt)
{
	assert_true(r->complete);
	assert_int_equal(r->whole.length, length);
	assert_int_equal(r->whole.captured, length);
	assert_int_equal(r->whole.marks & PACKET_REASSEMBLED, PACKET_REASSEMBLED);
	assert_int_equal(r->whole.marks & PACKET_FRAGMENT, 0);
	for (uint32_t i = 0; i < length; i++)
		assert_int_equal(r->whole.payload[i], byte_at(i, salt));
}

static struct defrag *fresh(void)
{
	struct defrag *d = defrag_new(ROOM);
	assert_non_null(d);
	return d;
}

/* Zeek counts 1460+1460+620 bytes in three IP packets as one of 3500. */
static void test_in_order(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	size_t empty = defrag_held(d);
	struct defrag_result r;
	add(d, (struct part){0, 1440, true, 0, 1, 0}, &r);
	assert_false(r.complete);
	add(d, (struct part){1440, 2880, true, 0, 1, 1}, &r);
	assert_false(r.complete);
	add(d, (struct part){2880, 3480, false, 0, 1, 2}, &r);
	assert_whole(&r, 3480, 0);
	assert_int_equal(r.whole.ip_bytes, 3500);
	assert_int_equal(r.whole.wire, 3480 + 3 * 34);
	assert_int_equal(r.whole.offset, 2880);
	assert_int_equal(r.whole.ts.ns, moment_from(1002, 0).ns);
	assert_int_equal(r.events, 0);
	assert_int_equal(defrag_held(d), empty);
	assert_int_equal(defrag_counters(d)->fragments, 3);
	assert_int_equal(defrag_counters(d)->datagrams, 1);
	assert_int_equal(defrag_counters(d)->dropped, 0);
	defrag_free(d);
}

/* Every order of five parts, each once more than needed, gives the same datagram. */
static void test_orders(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	for (uint32_t order = 0; order < 120; order++) {
		uint32_t left[5] = {0, 1, 2, 3, 4}, rest = order;
		for (uint32_t n = 5; n > 0; n--) {
			uint32_t pick = rest % n, k = left[pick];
			rest /= n;
			memmove(
			    left + pick, left + pick + 1, (n - pick - 1) * sizeof(*left));
			add(d,
			    (struct part){
				k * 16, k * 16 + 16, k < 4, 3, (uint16_t)order, 0},
			    &r);
			assert_int_equal(r.events, 0);
			assert_true(r.complete == (n == 1));
		}
		assert_whole(&r, 80, 3);
	}
	defrag_free(d);
}

static void test_apart(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){0, 16, true, 1, 1, 0}, &r);
	add(d, (struct part){0, 16, true, 2, 2, 0}, &r);
	add(d, (struct part){16, 20, false, 2, 2, 0}, &r);
	assert_whole(&r, 20, 2);
	add(d, (struct part){16, 24, false, 1, 1, 0}, &r);
	assert_whole(&r, 24, 1);
	/* Another protocol is another datagram in IPv4, and the same one in IPv6. */
	uint8_t b[16];
	for (int v6 = 0; v6 < 2; v6++) {
		struct packet p = packet_of(&(struct part){0, 8, true, 0, 9, 0}, b);
		struct packet q = packet_of(&(struct part){8, 16, false, 0, 9, 0}, b);
		q.proto = IP_PROTO_UDP;
		if (v6)
			p.src.b[0] = q.src.b[0] = 0xfe;
		defrag_add(d, &p, &r);
		defrag_add(d, &q, &r);
		assert_true(r.complete == (v6 == 1));
	}
	/* The fragment header of IPv6 is not counted: 20 + 16, less its 8. */
	assert_int_equal(r.whole.ip_bytes, 28);
	assert_int_equal(r.whole.proto, IP_PROTO_GRE);
	defrag_free(d);
}

/* The transport is read from the joined bytes. */
static void test_transport(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	static const uint8_t udp[19] = "\x03\xe8\x00\x35\x00\x13\x00\x00hello world";
	struct part part = {0, 8, true, 0, 1, 0};
	uint8_t b[19];
	struct packet p = packet_of(&part, b), q = p;
	p.proto = q.proto = IP_PROTO_UDP;
	p.payload = udp;
	q.payload = udp + 8;
	q.captured = q.length = 11;
	q.more_fragments = false;
	q.fragment_offset = 8;
	q.ttl = 1;
	defrag_add(d, &q, &r);
	defrag_add(d, &p, &r);
	assert_true(r.complete);
	assert_int_equal(r.whole.src_port, 1000);
	assert_int_equal(r.whole.dst_port, 53);
	assert_int_equal(r.whole.ttl, 64);
	assert_int_equal(r.whole.length, 11);
	assert_memory_equal(r.whole.payload, "hello world", 11);
	assert_int_equal(r.whole.marks, PACKET_REASSEMBLED | PACKET_NO_CHECKSUM);
	defrag_free(d);
}

/* Repeated bytes are no contradiction; other bytes are, once, and the first ones stay. */
static void test_overlap(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){16, 32, true, 0, 1, 0}, &r);
	add(d, (struct part){16, 32, true, 0, 1, 0}, &r);
	assert_int_equal(r.events, 0);
	add(d, (struct part){8, 40, true, 5, 1, 2},
	    &r); /* fills both sides, 16 bytes differ */
	assert_int_equal(r.events, 1);
	assert_int_equal(r.event[0].kind, FLOW_FRAGMENT_OVERLAP);
	assert_int_equal(r.event[0].length, 16);
	assert_int_equal(r.event[0].since_other, 2 * NS_PER_S);
	assert_int_equal(r.event[0].other.ip_id, 1);
	assert_int_equal(r.event[0].other.ttl, 64);
	add(d, (struct part){16, 32, true, 9, 1, 2}, &r);
	assert_int_equal(r.events, 0);
	add(d, (struct part){40, 48, false, 0, 1, 2}, &r);
	add(d, (struct part){0, 8, true, 0, 1, 2}, &r);
	assert_true(r.complete);
	assert_int_equal(r.whole.payload[8], byte_at(8, 5));
	assert_int_equal(r.whole.payload[16], byte_at(16, 0));
	assert_int_equal(r.whole.payload[31], byte_at(31, 0));
	assert_int_equal(r.whole.payload[32], byte_at(32, 5));
	assert_int_equal(r.whole.payload[40], byte_at(40, 0));
	assert_int_equal(defrag_counters(d)->overlaps, 1);
	defrag_free(d);
}

/* Teardrop: a second fragment inside the first,
 * which ends the datagram before its end. */
static void test_teardrop(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){0, 40, true, 0, 1, 0}, &r);
	add(d, (struct part){24, 28, false, 0, 1, 0}, &r);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.event[0].kind, FLOW_FRAGMENT_OVERLAP);
	assert_int_equal(r.event[0].length, 12);
	assert_false(r.complete);
	/* The true end is still accepted; a second one, further on, is not. */
	add(d, (struct part){48, 56, false, 0, 1, 0}, &r);
	add(d, (struct part){56, 64, false, 0, 1, 0}, &r);
	add(d, (struct part){56, 64, true, 0, 1, 0}, &r);
	assert_int_equal(r.events, 0);
	add(d, (struct part){40, 48, true, 0, 1, 0}, &r);
	assert_whole(&r, 56, 0);
	assert_int_equal(defrag_counters(d)->dropped, 3);
	defrag_free(d);
}

/* Ping of death: past 65535 bytes; the longest datagram there is comes through. */
static void test_length(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){0, 1480, true, 0, 1, 0}, &r);
	add(d, (struct part){65528, 65536, false, 0, 1, 0}, &r);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.event[0].kind, FLOW_FRAGMENT_LIMIT);
	assert_int_equal(r.event[0].length, 65536);
	add(d, (struct part){1480, 1488, true, 0, 1, 0}, &r);
	assert_int_equal(r.events, 0);
	assert_int_equal(defrag_counters(d)->over_limit, 1);
	assert_int_equal(defrag_counters(d)->dropped, 3);
	for (uint32_t at = 0; at < 65528; at += 8192 - 8)
		add(d,
		    (struct part){
			at, at + 8192 - 8 < 65528 ? at + 8192 - 8 : 65528, true, 4, 2, 0},
		    &r);
	add(d, (struct part){65528, 65535, false, 4, 2, 0}, &r);
	assert_whole(&r, 65535, 4);
	defrag_free(d);
}

/* DEFRAG_PIECES_MAX pieces with holes between them are held, one more is not. */
static void test_pieces(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	size_t empty = defrag_held(d);
	for (uint32_t i = 0; i < DEFRAG_PIECES_MAX; i++) {
		add(d, (struct part){i * 16, i * 16 + 8, true, 0, 1, 0}, &r);
		assert_int_equal(r.events, 0);
	}
	size_t full = defrag_held(d);
	assert_true(full > empty + DEFRAG_PIECES_MAX * 8);
	add(d,
	    (struct part){
		DEFRAG_PIECES_MAX * 16, DEFRAG_PIECES_MAX * 16 + 8, true, 0, 1, 0},
	    &r);
	assert_int_equal(r.events, 1);
	assert_int_equal(r.event[0].kind, FLOW_FRAGMENT_LIMIT);
	assert_true(defrag_held(d) < empty + 1024);
	add(d, (struct part){8, 16, true, 0, 1, 0}, &r);
	assert_int_equal(r.events, 0);
	assert_int_equal(defrag_counters(d)->dropped, DEFRAG_PIECES_MAX + 2);
	/* One fragment over 128 pieces fills all the holes between them. */
	for (uint32_t i = 0; i < DEFRAG_PIECES_MAX / 2; i++)
		add(d, (struct part){i * 16 + 8, i * 16 + 16, true, 0, 2, 0}, &r);
	add(d, (struct part){0, DEFRAG_PIECES_MAX * 8, false, 0, 2, 0}, &r);
	assert_whole(&r, DEFRAG_PIECES_MAX * 8, 0);
	defrag_free(d);
}

/* Tiny fragments of endless datagrams:
 * never over the limit, the oldest go, few events. */
static void test_flood(void **state)
{
	(void)state;
	size_t max = 200000;
	struct defrag *d = defrag_new(max);
	struct defrag_result r;
	assert_non_null(d);
	size_t events = 0;
	for (uint32_t i = 0; i < 20000; i++) {
		add(d, (struct part){8, 16, true, 0, (uint16_t)i, i / 5000}, &r);
		assert_true(defrag_held(d) <= max);
		events += r.events;
	}
	assert_int_equal(events, 4); /* one a second */
	const struct defrag_counters *c = defrag_counters(d);
	assert_true(c->evicted > 19000);
	assert_int_equal(c->evicted, c->dropped);
	/* The youngest is still there. */
	add(d, (struct part){16, 24, false, 0, 19999, 4}, &r);
	add(d, (struct part){0, 8, true, 0, 19999, 4}, &r);
	assert_whole(&r, 24, 0);
	defrag_free(d);
	/* Without room for even one, nothing is held and nothing breaks. */
	d = defrag_new(0);
	assert_non_null(d);
	add(d, (struct part){0, 8, true, 0, 1, 0}, &r);
	assert_int_equal(r.events, 1);
	assert_int_equal(defrag_counters(d)->dropped, 1);
	defrag_free(d);
}

static void test_timeout(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){0, 8, true, 0, 1, 0}, &r);
	add(d, (struct part){8, 16, false, 0, 1, 30}, &r);
	assert_whole(&r, 16, 0);
	add(d, (struct part){0, 8, true, 0, 2, 0}, &r);
	add(d, (struct part){8, 16, false, 0, 2, 31}, &r);
	assert_false(r.complete);
	assert_int_equal(defrag_counters(d)->timed_out, 1);
	assert_int_equal(defrag_counters(d)->dropped, 1);
	/* A clock that was set back does not join what is an hour apart. */
	add(d, (struct part){0, 8, true, 0, 2, -3600}, &r);
	assert_false(r.complete);
	assert_int_equal(defrag_counters(d)->timed_out, 2);
	defrag_free(d);
}

/* What the snap length cut off is missing from there on, but counted. */
static void test_snap(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add_cut(d, (struct part){0, 1480, true, 0, 1, 0}, 48, &r);
	add_cut(d, (struct part){1480, 2000, false, 0, 1, 0}, 48, &r);
	assert_true(r.complete);
	assert_int_equal(r.whole.length, 2000);
	assert_int_equal(r.whole.captured, 48);
	assert_int_equal(r.whole.payload[47], byte_at(47, 0));
	assert_int_equal(r.whole.marks & PACKET_TRUNCATED, PACKET_TRUNCATED);
	/* No contradiction where one of the two copies is cut off. */
	add_cut(d, (struct part){0, 64, true, 0, 2, 0}, 16, &r);
	add_cut(d, (struct part){0, 64, true, 0, 2, 0}, 64, &r);
	assert_int_equal(r.events, 0);
	add_cut(d, (struct part){0, 64, true, 1, 2, 0}, 24, &r);
	assert_int_equal(r.event[0].length, 16);
	defrag_free(d);
}

/* All fragments but the last are cut to a multiple of 8; one of no bytes is dropped. */
static void test_odd_lengths(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	add(d, (struct part){0, 21, true, 0, 1, 0}, &r);
	add(d, (struct part){16, 19, false, 0, 1, 0}, &r);
	assert_whole(&r, 19, 0);
	add(d, (struct part){8, 15, true, 0, 2, 0}, &r);
	add(d, (struct part){8, 8, false, 0, 2, 0}, &r);
	assert_int_equal(defrag_counters(d)->dropped, 2);
	assert_int_equal(r.events, 0);
	defrag_free(d);
}

/* A fragment header inside the joined bytes is not followed. */
static void test_nested(void **state)
{
	(void)state;
	struct defrag *d = fresh();
	struct defrag_result r;
	static const uint8_t inner[16] = {17, 0, 0, 1, 0, 0, 0, 5};
	uint8_t b[16];
	struct packet p = packet_of(&(struct part){0, 8, true, 0, 1, 0}, b), q = p;
	p.src.b[0] = q.src.b[0] = 0xfe;
	p.proto = q.proto = 44;
	p.payload = inner;
	q.payload = inner + 8;
	q.fragment_offset = 8;
	q.more_fragments = false;
	defrag_add(d, &p, &r);
	defrag_add(d, &q, &r);
	assert_true(r.complete);
	assert_int_equal(
	    r.whole.marks, PACKET_REASSEMBLED | PACKET_NO_PORTS | PACKET_NO_CHECKSUM);
	assert_int_equal(r.whole.length, 16);
	defrag_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_in_order),
	    cmocka_unit_test(test_orders),
	    cmocka_unit_test(test_apart),
	    cmocka_unit_test(test_transport),
	    cmocka_unit_test(test_overlap),
	    cmocka_unit_test(test_teardrop),
	    cmocka_unit_test(test_length),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_timeout),
	    cmocka_unit_test(test_snap),
	    cmocka_unit_test(test_odd_lengths),
	    cmocka_unit_test(test_nested),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
