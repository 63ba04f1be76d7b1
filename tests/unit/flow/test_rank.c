/* SPDX-License-Identifier: Apache-2.0 */
/* Floods against a full table: what was there before them stays, whole, and every flow
 * that goes is counted and told. */
#include "flow_lab.h"

#define LIMIT     256
#define WITNESSES 8
#define FLOOD     20000

/* What comes out, without the lab's list of flows. */
struct tally {
	struct flow_table *t;
	double clock;
	unsigned opened, closed, evicted;
	unsigned whole, cut; /* witnesses: closed with all they said, or before */
};

static void tally_open(void *ctx, struct flow *f)
{
	struct tally *l = ctx;
	(void)f;
	l->opened++;
}

static void tally_close(void *ctx, struct flow *f, enum flow_close why)
{
	struct tally *l = ctx;
	l->closed++;
	l->evicted += why == FLOW_EVICTED;
	if (f->port[1] != 9999)
		return;
	bool whole = f->side[0].packets == 2 + 20 && f->side[0].bytes == 20 * 5 &&
		     f->side[1].packets == 1 && why != FLOW_EVICTED;
	l->whole += whole;
	l->cut += !whole;
}

static struct packet between(struct tally *l, uint32_t a, unsigned a_port, uint32_t b,
    unsigned b_port, uint8_t proto)
{
	uint8_t from[4] = {
	    (uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
	uint8_t to[4] = {
	    (uint8_t)(b >> 24), (uint8_t)(b >> 16), (uint8_t)(b >> 8), (uint8_t)b};
	struct packet p = {.proto = proto, .ttl = 64, .vlan = -1, .vlan_inner = -1};
	p.ts = moment_from_us((int64_t)(l->clock * 1e6 + 0.5));
	p.src = addr_from_v4(from);
	p.dst = addr_from_v4(to);
	p.src_port = (uint16_t)a_port;
	p.dst_port = (uint16_t)b_port;
	p.ip_bytes = 40;
	p.window = 1000;
	return p;
}

static void say(struct tally *l, struct packet *p, unsigned flags, uint32_t seq,
    uint32_t ack, const char *data)
{
	p->tcp_flags = (uint8_t)flags;
	p->seq = seq;
	p->ack = ack;
	p->payload = (const uint8_t *)data;
	p->captured = p->length = (uint32_t)strlen(data);
	flow_table_packets(l->t, p, 1);
	l->clock += 1e-5;
}

enum { SYN = TCP_SYN, SYNACK = TCP_SYN | TCP_ACK, DATA = TCP_ACK };

static void shake_hands(
    struct tally *l, uint32_t a, unsigned a_port, uint32_t b, unsigned b_port)
{
	struct packet p = between(l, a, a_port, b, b_port, IP_PROTO_TCP);
	struct packet q = between(l, b, b_port, a, a_port, IP_PROTO_TCP);
	say(l, &p, SYN, 99, 0, "");
	say(l, &q, SYNACK, 499, 100, "");
	say(l, &p, DATA, 100, 500, "");
}

static void witnesses(struct tally *l, unsigned beat)
{
	for (unsigned i = 0; i < WITNESSES; i++) {
		if (beat == 0)
			shake_hands(l, 0x0a000001 + i, 4000, 0x0a010001, 9999);
		struct packet p =
		    between(l, 0x0a000001 + i, 4000, 0x0a010001, 9999, IP_PROTO_TCP);
		say(l, &p, DATA, 100 + 5 * beat, 500, "hello");
	}
}

enum kind { PROBES, HALF_OPEN, OPENED, SAYING, DATAGRAMS, EXCHANGES, KINDS };

static void flood_one(struct tally *l, enum kind kind, uint32_t i)
{
	uint32_t from = 0x20000000 + i, to = 0x0a010001;
	if (kind >= DATAGRAMS) {
		struct packet p = between(l, from, 7000, to, 7001, IP_PROTO_UDP);
		struct packet q = between(l, to, 7001, from, 7000, IP_PROTO_UDP);
		say(l, &p, 0, 0, 0, "a");
		if (kind == EXCHANGES)
			say(l, &q, 0, 0, 0, "b");
		return;
	}
	struct packet p = between(l, from, 4000, to, 80, IP_PROTO_TCP);
	struct packet q = between(l, to, 80, from, 4000, IP_PROTO_TCP);
	say(l, &p, SYN, 99, 0, "");
	if (kind >= HALF_OPEN)
		say(l, &q, SYNACK, 499, 100, "");
	if (kind >= OPENED)
		say(l, &p, DATA, 100, 500, "");
	if (kind >= SAYING)
		say(l, &p, DATA, 100, 500, "GET");
}

static void flood(enum kind kind)
{
	struct flow_limits limits = flow_limits_default;
	limits.flows = LIMIT;
	struct tally l = {.clock = 1000};
	const struct flow_sink sink = {
	    .open = tally_open, .close = tally_close, .ctx = &l};
	l.t = flow_table_new(&limits, &sink);
	unsigned beat = 0;
	for (; beat < 4; beat++) {
		witnesses(&l, beat);
		l.clock += 30;
	}
	for (uint32_t i = 0; i < FLOOD; i++) {
		flood_one(&l, kind, i);
		if (i % (FLOOD / 15) == 0)
			witnesses(&l, beat++);
		assert_true(l.opened - l.closed <= LIMIT);
	}
	for (; beat < 20; beat++)
		witnesses(&l, beat);
	assert_int_equal(l.cut + l.whole, 0);
	const struct flow_counters *n = flow_table_counters(l.t);
	assert_int_equal(n->evicted, FLOOD + WITNESSES - LIMIT);
	assert_int_equal(l.evicted, n->evicted);
	flow_table_finish(l.t);
	assert_int_equal(l.opened, FLOOD + WITNESSES);
	assert_int_equal(l.closed, FLOOD + WITNESSES);
	assert_int_equal(l.whole, WITNESSES);
	assert_int_equal(l.cut, 0);
	flow_table_free(l.t);
}

static void probes(void **state)
{
	(void)state;
	flood(PROBES);
}

static void half_open(void **state)
{
	(void)state;
	flood(HALF_OPEN);
}

static void opened_in_silence(void **state)
{
	(void)state;
	flood(OPENED);
}

static void opened_with_a_word(void **state)
{
	(void)state;
	flood(SAYING);
}

static void datagrams(void **state)
{
	(void)state;
	flood(DATAGRAMS);
}

static void exchanges(void **state)
{
	(void)state;
	flood(EXCHANGES);
}

/* One of each rank, the last to come first to go: what says more goes later. */
static void by_rank(void **state)
{
	(void)state;
	struct flow_limits limits = flow_limits_default;
	limits.flows = 16;
	struct lab *l = lab_new(&limits);
	l->client_port = 1; /* data, and a minute */
	shake(l);
	seg(l, 0, "A", 101, 501, "x");
	l->clock += 61;
	seg(l, 0, "A", 102, 501, "y");
	l->client_port = 2; /* data */
	shake(l);
	seg(l, 0, "A", 101, 501, "x");
	l->client_port = 3; /* open */
	shake(l);
	l->client_port = 4; /* a probe */
	seg(l, 0, "S", 100, 0, "");
	for (int i = 0; i < 12; i++) { /* data, later */
		l->client_port = 100 + i;
		shake(l);
		seg(l, 0, "A", 101, 501, "x");
	}
	l->client_port = 1000;
	for (unsigned k = 0; k < 3; k++, l->client_port++) {
		shake(l);
		seg(l, 0, "A", 101, 501, "x");
		assert_int_equal(l->closed_n, k + 1);
		assert_int_equal(l->closed[k].f.port[0], 4 - k);
	}
	lab_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(probes),
	    cmocka_unit_test(half_open),
	    cmocka_unit_test(opened_in_silence),
	    cmocka_unit_test(opened_with_a_word),
	    cmocka_unit_test(datagrams),
	    cmocka_unit_test(exchanges),
	    cmocka_unit_test(by_rank),
	};
	return cmocka_run_group_tests_name("flow/rank", tests, NULL, NULL);
}
