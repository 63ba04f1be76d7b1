/* SPDX-License-Identifier: Apache-2.0 */
/* Machines in the middle: what fits in time and size, what only seems to, and proxies. */
#include <math.h>

#include "memory.h"

#include "../../random.h"
#include "detect/inside/join.h"

#define DAY   86400.0
#define HOST  "10.0.0.5"
#define INNER "10.0.0.77"
#define OUTER "203.0.113.8"

static void leg(struct memory *m, double at, const char *src, const char *dst,
    uint16_t port, uint64_t out, uint64_t in, double seconds)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = port,
			   .out = out,
			   .in = in,
			   .seconds = seconds});
}

/* A week and more of a machine that serves ten others and fetches things for itself. */
static void server(struct memory *m, uint64_t *seed)
{
	for (int i = 0; i < 400; i++) {
		char src[24];
		double at = i * 2000 + random_unit(seed) * 900;
		snprintf(src, sizeof(src), "10.0.1.%d", i % 10 + 1);
		leg(m, at, src, HOST, 80, 900, 5000 + random_next(seed) % 60000, 2);
		leg(m, at + random_unit(seed) * 1500, HOST, "198.51.100.9", 443, 1200,
		    5000 + random_next(seed) % 60000, 3);
	}
}

static void test_pivot(void **state)
{
	(void)state;
	struct memory m;
	uint64_t seed = 7;
	memory_begin(&m);
	server(&m, &seed);
	for (int i = 0; i < 6; i++) {
		double at = 8 * DAY + i * 3000 + random_unit(&seed) * 600;
		uint64_t out = 20000 + random_next(&seed) % 90000;
		uint64_t in = 200000 + random_next(&seed) % 900000;
		leg(&m, at, OUTER, HOST, 4444, out, in, 120);
		leg(&m, at + 0.2, HOST, INNER, 3389, out + 30, in - 12, 119.5);
	}
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "relay", HOST, 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_true(str_equal(f->peer, STR(OUTER)));
	assert_int_equal(f->peer_port, 4444);
	assert_int_equal(f->confidence, CONFIDENCE_HIGH);
	assert_int_equal(f->events, 6);
	const struct fact *fact = memory_fact(f, FACT_KEY_RELAYED);
	assert_true(fact != NULL && fact->value[0] == 6 && fact->value[1] < 0.1);
	fact = memory_fact(f, FACT_KEY_RELAY_TO);
	assert_true(fact != NULL && str_equal(fact->text, STR(INNER ":3389")));
	fact = memory_fact(f, FACT_KEY_RELAY_NEW);
	assert_true(fact != NULL && fact->value[0] > 7 * DAY);
	assert_null(memory_find(&m, "relay", HOST, 1)); /* what it serves and fetches */
	memory_end(&m);
}

/* One long connection through, in a capture of an hour: told, with low confidence. */
static void test_one(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	leg(&m, 100, INNER, HOST, 8080, 1000000, 30000000, 1800);
	leg(&m, 100.5, HOST, OUTER, 22, 1000400, 30002000, 1799);
	leg(&m, 400, INNER, HOST, 8080, 9000, 30000, 8);
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "relay", HOST, 0);
	assert_non_null(f);
	assert_true(str_equal(f->peer, STR(OUTER)));
	assert_int_equal(f->confidence, CONFIDENCE_LOW);
	memory_end(&m);
}

/* A proxy of twenty says so; it is told with low confidence. */
static void test_gateway(void **state)
{
	(void)state;
	struct memory m;
	uint64_t seed = 9;
	memory_begin(&m);
	for (int i = 0; i < 200; i++) {
		char src[24];
		double at = i * 500 + random_unit(&seed) * 100;
		uint64_t in = 20000 + random_next(&seed) % 900000;
		snprintf(src, sizeof(src), "10.0.1.%d", i % 20 + 1);
		leg(&m, at, src, HOST, 3128, 5000, in, 10);
		leg(&m, at + 0.1, HOST, OUTER, 443, 5000, in, 9.8);
	}
	memory_detect(&m);
	const struct finding *f;
	size_t n = 0;
	for (; (f = memory_find(&m, "relay", HOST, n)) != NULL; n++) {
		assert_int_equal(f->confidence, CONFIDENCE_LOW);
		assert_non_null(memory_fact(f, FACT_KEY_RELAY_USERS));
	}
	assert_true(n > 0);
	memory_end(&m);
}

/* ---- connections inside others ---- */

static void secret(struct memory *m, double at, const char *src, const char *dst,
    uint64_t out, uint64_t in, double seconds)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = src,
			   .dst = dst,
			   .port = 22,
			   .service = "ssh",
			   .out = out,
			   .in = in,
			   .seconds = seconds});
}

static void fetch(struct memory *m, double at, const char *dst, uint64_t in)
{
	memory_conn(m, (struct memory_conn){.at = at,
			   .src = HOST,
			   .dst = dst,
			   .port = 80,
			   .service = "http",
			   .out = 100,
			   .in = in,
			   .seconds = 1});
}

/* What is fetched inside leaves through a connection that the host holds (-R), or that
 * somebody outside does (-D); of one, after a week, and of several. */
static void test_tunnels(void **state)
{
	(void)state;
	for (int in = 0; in < 2; in++) {
		for (int times = 1; times <= 4; times += 3) {
			struct memory m;
			uint64_t seed = 11;
			memory_begin(&m);
			server(&m, &seed);
			for (int i = 0; i < times; i++) {
				double at = 8.5 * DAY + i * 40000;
				uint64_t sum = 60000 + 20000 + 30000;
				fetch(&m, at + 10, INNER, 60000);
				fetch(&m, at + 20, "10.0.0.78", 20000);
				fetch(&m, at + 50, INNER, 30000);
				if (in == 0)
					secret(&m, at, HOST, OUTER, sum + 4500, 4000, 90);
				else
					secret(&m, at, OUTER, HOST, 4000, sum + 4500, 90);
			}
			memory_detect(&m);
			const struct finding *f = memory_find(&m, "relay", HOST, 0);
			assert_non_null(f);
			assert_null(memory_find(&m, "relay", HOST, 1));
			assert_true(str_equal(f->peer, STR(OUTER)));
			assert_int_equal(f->direction,
			    in == 0 ? DIRECTION_OUTBOUND : DIRECTION_INBOUND);
			assert_int_equal(f->bytes_out, times * 114500);
			assert_true(f->confidence >= CONFIDENCE_MEDIUM || times == 1);
			const struct fact *fact = memory_fact(f, FACT_KEY_TUNNELLED);
			assert_true(fact != NULL && fact->value[0] == 3 * times);
			fact = memory_fact(f, FACT_KEY_TUNNEL_PEERS);
			assert_true(fact != NULL && fact->value[1] == 2 &&
				    str_equal(fact->text, STR(INNER)));
			memory_end(&m);
		}
	}
}

/* Less than what is fetched, more than encryption adds, or half of it outside the
 * connection's life: an administrator's session on a machine that does its work. */
static void test_no_tunnels(void **state)
{
	(void)state;
	static const struct {
		uint64_t out, in;
		double seconds;
	} cases[] = {
	    {70000, 4000, 90}, {140000, 4000, 90}, {94500, 90000, 90}, {94500, 4000, 15}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct memory m;
		uint64_t seed = 13;
		memory_begin(&m);
		server(&m, &seed);
		fetch(&m, 8.5 * DAY + 10, INNER, 60000);
		fetch(&m, 8.5 * DAY + 20, INNER, 30000);
		secret(&m, 8.5 * DAY, HOST, OUTER, cases[i].out, cases[i].in,
		    cases[i].seconds);
		memory_detect(&m);
		assert_null(memory_find(&m, "relay", HOST, 0));
		memory_end(&m);
	}
}

static void test_proxies(void **state)
{
	(void)state;
	struct memory m;
	memory_begin(&m);
	for (int i = 0; i < 5; i++) {
		struct socks_record r;
		record_clear(RECORD_SOCKS, &r);
		r.ts = moment_from_us((int64_t)((MEMORY_BEGIN + i) * 1e6));
		assert_true(addr_parse(OUTER, &r.src_ip) && addr_parse(HOST, &r.dst_ip) &&
			    addr_parse(INNER, &r.request_ip));
		r.dst_port = 1080;
		r.request_port = 445;
		r.status = STR("succeeded");
		r.source = STR("test");
		record_put(&m.sink, RECORD_SOCKS, &r);
	}
	memory_conn(&m, (struct memory_conn){.src = OUTER,
			    .dst = HOST,
			    .port = 1080,
			    .service = "socks",
			    .out = 900,
			    .in = 900,
			    .seconds = 9});
	memory_detect(&m);
	const struct finding *f = memory_find(&m, "relay", HOST, 0);
	assert_non_null(f);
	assert_int_equal(f->direction, DIRECTION_INBOUND);
	assert_int_equal(f->confidence, CONFIDENCE_MEDIUM);
	const struct fact *fact = memory_fact(f, FACT_KEY_PROXY_TARGET);
	assert_true(fact != NULL && str_equal(fact->text, STR(INNER ":445")));
	memory_end(&m);
}

/*
 * Nothing goes through: sizes, times and peers of legs in and out have nothing to do with
 * each other. Of a hundred such machines hardly one is told.
 */
static void test_chance(void **state)
{
	(void)state;
	struct join *j = malloc(sizeof(*j));
	struct leg *v = calloc(400, sizeof(*v));
	uint64_t seed = 11;
	unsigned odd = 0;
	assert_non_null(j);
	assert_non_null(v);
	for (int world = 0; world < 100; world++) {
		int64_t at = 0;
		for (size_t i = 0; i < 400; i++) {
			at += (int64_t)(random_exponential(&seed, 30) * 1e6);
			v[i] = (struct leg){.ts = at,
			    .seconds = random_exponential(&seed, 5),
			    .forth = 1000 + random_next(&seed) % 3000,
			    .back = 5000 + random_next(&seed) % 20000,
			    .in = random_unit(&seed) < 0.5,
			    .port = 80};
			v[i].peer.b[15] =
			    (uint8_t)(1 + random_next(&seed) % 3 + (v[i].in ? 0 : 10));
		}
		assert_true(join_legs(j, v, 400));
		for (size_t i = 0; i < j->n; i++) {
			double mean = j->v[i].by_chance;
			odd += (double)j->v[i].n > mean + 5 * sqrt(mean) + 5;
		}
	}
	assert_true(odd <= 2);
	free(v);
	free(j);
}

/* A machine that joins more pairs of peers than are counted. */
static void test_limit(void **state)
{
	(void)state;
	struct join *j = malloc(sizeof(*j));
	struct leg *v = calloc(2 * (JOIN_PAIRS + 4), sizeof(*v));
	assert_non_null(j);
	assert_non_null(v);
	for (size_t i = 0; i < JOIN_PAIRS + 4; i++) {
		for (size_t k = 0; k < 2; k++) {
			struct leg *x = &v[2 * i + k];
			*x = (struct leg){.ts = (int64_t)(i * 20 + k) * 1000000,
			    .seconds = 5,
			    .forth = 9000,
			    .back = 9000,
			    .in = k == 0};
			x->peer.b[14] = (uint8_t)(1 + i / 250);
			x->peer.b[15] = (uint8_t)(1 + i % 250);
			x->peer.b[10] = (uint8_t)k;
		}
	}
	assert_true(join_legs(j, v, 2 * (JOIN_PAIRS + 4)));
	assert_int_equal(j->n, JOIN_PAIRS);
	assert_int_equal(j->dropped, 4);
	free(v);
	free(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_pivot),
	    cmocka_unit_test(test_one),
	    cmocka_unit_test(test_gateway),
	    cmocka_unit_test(test_tunnels),
	    cmocka_unit_test(test_no_tunnels),
	    cmocka_unit_test(test_proxies),
	    cmocka_unit_test(test_chance),
	    cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
