/* SPDX-License-Identifier: Apache-2.0 */
/* Rows to connections: who opened, what belongs together, what the state is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "input/netflow_join.h"

#define KEPT 32

struct lab {
	struct netflow_join *j;
	struct conn_record conn[KEPT];
	size_t count;
	struct arena scratch;
};

static void keep(void *ctx, const struct netflow_conn *c)
{
	struct lab *l = ctx;
	if (l->count < KEPT)
		netflow_conn_record(c, &l->scratch, &l->conn[l->count]);
	l->count++;
}

static int start_with(void **state, size_t max)
{
	struct lab *l = calloc(1, sizeof(*l));
	arena_init(&l->scratch, 65536);
	l->j = netflow_join_new(max, keep, l);
	*state = l;
	return 0;
}

static int start(void **state)
{
	return start_with(state, 1000);
}

static int start_small(void **state)
{
	return start_with(state, 4);
}

static int stop(void **state)
{
	struct lab *l = *state;
	netflow_join_free(l->j);
	arena_fini(&l->scratch);
	free(l);
	return 0;
}

/* A row of TCP from client port 40000 to 443 (back: the other way), ms after some time.
 */
static struct netflow_row row(bool back, int64_t first_ms, int64_t last_ms, uint8_t flags)
{
	static const uint8_t ip[2][4] = {{10, 0, 0, 1}, {192, 0, 2, 7}};
	struct netflow_row r = {.vlan = -1,
	    .addr = {addr_from_v4(ip[back]), addr_from_v4(ip[!back])},
	    .port = {back ? 443 : 40000, back ? 40000 : 443},
	    .proto = NETFLOW_PROTO_TCP,
	    .marks = NETFLOW_HAS_FLAGS,
	    .flags = {flags},
	    .packets = {4},
	    .bytes = {1000},
	    .first = {1700000000 * NS_PER_S + first_ms * NS_PER_MS},
	    .last = {1700000000 * NS_PER_S + last_ms * NS_PER_MS}};
	r.seen = moment_add(r.last, NS_PER_S);
	return r;
}

static void put(struct lab *l, struct netflow_row r)
{
	netflow_join_put(l->j, &r);
}

static const struct conn_record *only(struct lab *l)
{
	netflow_join_finish(l->j);
	assert_int_equal(l->count, 1);
	return &l->conn[0];
}

static void is_client(const struct conn_record *r)
{
	assert_int_equal(r->src_port, 40000);
	assert_int_equal(r->dst_port, 443);
}

static void state_is(const struct conn_record *r, const char *state)
{
	assert_true(str_equal(r->state, str_of(state)));
}

/* The answer is exported first; the side that began earlier opened it. */
static void test_directions(void **state)
{
	struct lab *l = *state;
	struct netflow_row answer = row(true, 20, 900, 0x1b);
	answer.bytes[0] = 5000;
	put(l, answer);
	put(l, row(false, 0, 1000, 0x1b));
	const struct conn_record *r = only(l);
	is_client(r);
	state_is(r, "SF");
	assert_int_equal(r->src_ip_bytes, 1000);
	assert_int_equal(r->src_bytes, 1000 - 4 * 40);
	assert_int_equal(r->dst_ip_bytes, 5000);
	assert_true(fabs(r->duration - 1.0) < 1e-9);
	assert_true(str_equal(r->proto, STR("tcp")));
}

static void test_same_start_goes_by_port(void **state)
{
	struct lab *l = *state;
	put(l, row(true, 0, 900, 0x1b));
	put(l, row(false, 0, 900, 0x1b));
	is_client(only(l));
}

/* Slices of a long connection, cut each minute, are one; after silence it is another. */
static void test_slices(void **state)
{
	struct lab *l = *state;
	for (int i = 0; i < 30; i++)
		put(l, row(false, i * 60000, i * 60000 + 59000, i == 0 ? 0x02 : 0x18));
	put(l, row(false, 30 * 60000 + 301000, 30 * 60000 + 302000, 0x18));
	netflow_join_finish(l->j);
	assert_int_equal(l->count, 2);
	assert_int_equal(l->conn[0].src_packets, 120);
	assert_true(l->conn[0].duration > 1798);
}

/* Ended, and a SYN from the same ports later: a new connection. */
static void test_ports_again(void **state)
{
	struct lab *l = *state;
	put(l, row(false, 0, 100, 0x1b));
	put(l, row(true, 1, 101, 0x1b));
	put(l, row(false, 5000, 5100, 0x1b));
	put(l, row(true, 5001, 5101, 0x1b));
	netflow_join_finish(l->j);
	assert_int_equal(l->count, 2);
	assert_int_equal(l->conn[1].dst_packets, 4);
}

static void test_states(void **state)
{
	struct lab *l = *state;
	static const struct {
		uint8_t src, dst;
		const char *state;
	} cases[] = {{0x02, 0, "S0"}, {0x02, 0x14, "REJ"}, {0x1a, 0x1a, "S1"},
	    {0x1b, 0x1a, "S2"}, {0x1a, 0x1b, "S3"}, {0x1e, 0x1a, "RSTO"},
	    {0x1a, 0x1e, "RSTR"}, {0x06, 0, "RSTOS0"}, {0x03, 0, "SH"},
	    {0x18, 0x18, "OTH"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t at = (int64_t)i * 1000000;
		put(l, row(false, at, at + 100, cases[i].src));
		if (cases[i].dst != 0)
			put(l, row(true, at + 1, at + 100, cases[i].dst));
	}
	netflow_join_finish(l->j);
	assert_int_equal(l->count, sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < l->count; i++)
		state_is(&l->conn[i], cases[i].state);
}

/* One direction alone, from a server's port and without its SYN: the other side opened.
 */
static void test_answer_alone(void **state)
{
	struct lab *l = *state;
	put(l, row(true, 0, 100, 0x18));
	const struct conn_record *r = only(l);
	is_client(r);
	assert_int_equal(r->src_packets, 0);
	assert_int_equal(r->dst_packets, 4);
}

static void test_echo(void **state)
{
	struct lab *l = *state;
	struct netflow_row ask = row(false, 5, 100, 0), answer = row(true, 5, 100, 0);
	ask.proto = answer.proto = NETFLOW_PROTO_ICMP;
	ask.port[0] = 8;
	answer.port[0] = ask.port[1] = answer.port[1] = 0;
	put(l, answer);
	put(l, ask);
	const struct conn_record *r = only(l);
	assert_int_equal(r->src_port, 8);
	assert_int_equal(r->src_ip.b[12], 10);
	assert_int_equal(r->dst_packets, 4);
}

/* OUT counts stand for the way back only where that was not exported itself. */
static void test_out(void **state)
{
	struct lab *l = *state;
	struct netflow_row r = row(false, 0, 100, 0x1b);
	r.out_packets = 7;
	r.out_bytes = 700;
	put(l, r);
	assert_int_equal(only(l)->dst_packets, 7);
	l->count = 0;
	put(l, r);
	put(l, row(true, 1, 90, 0x1b));
	assert_int_equal(only(l)->dst_packets, 4);
}

static void test_given_in_time(void **state)
{
	struct lab *l = *state;
	put(l, row(false, 0, 100, 0x1b));
	struct moment later = {1700000000 * NS_PER_S + 30 * NS_PER_S};
	netflow_join_tick(l->j, later);
	assert_int_equal(l->count, 0);
	netflow_join_tick(l->j, moment_add(later, NETFLOW_WAIT_ENDED));
	assert_int_equal(l->count, 1);
}

static void test_full(void **state)
{
	struct lab *l = *state;
	for (uint16_t i = 0; i < 10; i++) {
		struct netflow_row r = row(false, 0, 100, 0x18);
		r.port[0] = (uint16_t)(50000 + i);
		put(l, r);
	}
	assert_int_equal(l->count, 6);
	assert_int_equal(netflow_join_counters(l->j)->evicted, 6);
	assert_int_equal(l->conn[0].src_port, 50000);
	netflow_join_finish(l->j);
	assert_int_equal(l->count, 10);
}

/* The index grows, and entries leave it in any order: all are found again. */
static void test_many(void **state)
{
	struct lab *l = *state;
	netflow_join_free(l->j);
	l->j = netflow_join_new(20000, keep, l);
	for (int back = 0; back < 2; back++) {
		for (uint32_t i = 0; i < 15000; i++) {
			struct netflow_row r = row(back == 1, back, 100, 0x1b);
			r.port[back] = (uint16_t)(40000 + i);
			put(l, r);
		}
	}
	assert_int_equal(netflow_join_counters(l->j)->joined, 15000);
	netflow_join_finish(l->j);
	assert_int_equal(l->count, 15000);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(test_##name, start, stop)
	const struct CMUnitTest tests[] = {T(directions), T(same_start_goes_by_port),
	    T(slices), T(ports_again), T(states), T(answer_alone), T(echo), T(out),
	    T(given_in_time),
	    cmocka_unit_test_setup_teardown(test_full, start_small, stop), T(many)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
