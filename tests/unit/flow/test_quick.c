/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quick way beside the long one. TCP connections at random: most of what they send as
 * it should be, the rest lost, repeated, early, or something else; and datagrams with
 * pauses around the time-outs. Once as it comes, once with every connection made unsteady
 * before every packet.
 */
#include "flow_lab.h"

#include "flow/conn.h"

#define TRIALS   500
#define SEGMENTS 60
#define PORTS    4 /* that datagrams come from */

/* Numbers at random, the same in every run. */
static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33) % below;
}

struct sides {
	uint32_t next[2]; /* number of the next byte of each side */
	uint32_t got[2];  /* and what of it the other one has */
};

static const char *flags_of(uint64_t *seed)
{
	static const char *const rare[] = {"FA", "RA", "R", "SA", "S", "", "FPA", "P"};
	return draw(seed, 40) > 0 ? "A" : rare[draw(seed, 8)];
}

static struct packet some_segment(struct lab *l, struct sides *s, uint64_t *seed)
{
	static const char bytes[] = "the quick brown fox jumps over the lazy dog";
	int side = (int)draw(seed, 2);
	uint32_t n = draw(seed, 2) * draw(seed, 12);
	uint32_t seq = s->next[side], ack = s->got[!side];
	if (draw(seed, 16) == 0)
		seq += draw(seed, 25) - 12;
	if (draw(seed, 16) == 0)
		ack += draw(seed, 25) - 12;
	struct packet p = lab_segment(l, side, flags_of(seed), seq, ack, "");
	p.payload = (const uint8_t *)bytes + draw(seed, 8);
	p.length = n;
	p.captured = draw(seed, 30) == 0 ? n / 2 : n;
	p.window = (uint16_t)(draw(seed, 30) > 0);
	if (seq == s->next[side] || draw(seed, 2) == 0)
		s->next[side] = seq + n;
	if (draw(seed, 20) > 0) /* else it is lost after the capture */
		s->got[side] = s->next[side];
	return p;
}

static bool make_unsteady(struct lab *l)
{
	bool any = false;
	for (uint32_t i = 0; i < l->t->conn_high; i++) {
		any |= (l->t->conns[i].flags & CONN_STEADY) != 0;
		l->t->conns[i].flags &= (uint8_t)~CONN_STEADY;
	}
	return any;
}

static void compare(struct lab *a, struct lab *b)
{
	flow_table_finish(a->t);
	flow_table_finish(b->t);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->opened, b->opened);
	assert_int_equal(a->events_n, b->events_n);
	assert_int_equal(a->closed_n, b->closed_n);
	for (unsigned i = 0; i < a->closed_n; i++) {
		const struct lab_closed *x = &a->closed[i], *y = &b->closed[i];
		assert_string_equal(x->state, y->state);
		assert_string_equal(x->history, y->history);
		assert_int_equal(x->f.last.ns, y->f.last.ns);
		assert_memory_equal(x->f.side, y->f.side, sizeof(x->f.side));
	}
}

/* One connection; whether the quick way could be taken. */
static bool trial(uint64_t seed)
{
	const struct flow_limits small = {
	    .flows = 16, .reassembly_bytes = 4000, .reassembly_flow = 4000};
	struct lab *a = lab_new(&small), *b = lab_new(&small);
	struct sides s = {{101, 501}, {101, 501}};
	bool steady = false;
	if (draw(&seed, 3) == 0) /* the numbers wrap soon */
		s.next[0] = s.got[0] = 0U - draw(&seed, 60);
	if (draw(&seed, 3) > 0) {
		seg(a, 0, "S", s.next[0] - 1, 0, "");
		seg(a, 1, "SA", s.next[1] - 1, s.next[0], "");
		seg(b, 0, "S", s.next[0] - 1, 0, "");
		seg(b, 1, "SA", s.next[1] - 1, s.next[0], "");
	}
	for (int i = 0; i < SEGMENTS; i++) {
		struct packet p = some_segment(a, &s, &seed);
		steady |= make_unsteady(b);
		lab_put(a, &p);
		lab_put(b, &p);
	}
	compare(a, b);
	lab_free(a);
	lab_free(b);
	return steady;
}

static void test_both_ways(void **state)
{
	(void)state;
	unsigned steady = 0;
	for (uint64_t i = 0; i < TRIALS; i++)
		steady += trial(i);
	assert_true(steady > TRIALS / 2);
}

static struct packet some_datagram(struct lab *l, uint64_t *seed)
{
	static const uint8_t kinds[] = {IP_PROTO_UDP, IP_PROTO_UDP, IP_PROTO_ICMP};
	static const uint8_t bytes[12];
	int side = (int)draw(seed, 2);
	struct packet p = lab_packet(l, side, kinds[draw(seed, 3)]);
	uint16_t client = (uint16_t)(40000 + draw(seed, PORTS));
	uint16_t server = draw(seed, 2) > 0 ? 53 : 443; /* 53: DNS has its own time-out */
	p.src_port = side == 0 ? client : server;
	p.dst_port = side == 0 ? server : client;
	if (p.proto == IP_PROTO_ICMP) {
		p.src_port = side == 0 ? 8 : 0;
		p.dst_port = 0;
	}
	p.payload = bytes;
	p.captured = p.length = draw(seed, sizeof(bytes));
	p.ip_bytes += p.length;
	return p;
}

static void test_datagrams(void **state)
{
	(void)state;
	static const double pauses[] = {0, 0, 0, 0, 0.5, 5, 9, 20, 59.9995, 60, 70, -30};
	unsigned steady = 0;
	for (uint64_t i = 0; i < TRIALS; i++) {
		uint64_t seed = i;
		struct lab *a = lab_new(NULL), *b = lab_new(NULL);
		for (int k = 0; k < SEGMENTS; k++) {
			struct packet p = some_datagram(a, &seed);
			steady += make_unsteady(b);
			lab_put(a, &p);
			lab_put(b, &p);
			a->clock += pauses[draw(&seed, sizeof(pauses) / sizeof(*pauses))];
		}
		compare(a, b);
		lab_free(a);
		lab_free(b);
	}
	assert_true(steady > TRIALS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_ways),
	    cmocka_unit_test(test_datagrams),
	};
	return cmocka_run_group_tests_name("flow/quick", tests, NULL, NULL);
}
