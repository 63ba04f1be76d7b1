/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hosts with one rhythm to one peer are one finding, and who differs is told beside it;
 * a rhythm that was shortened for a while says when; one that ended says so; one that
 * nobody answers says so.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

#define AGENT "agent.vendor.example"
#define HOST  "10.0.0.5"

static void talk_as(
    struct memory *w, const struct peer *p, double t, const char *ja4, uint64_t out)
{
	struct conn_record r;
	record_clear(RECORD_CONN, &r);
	r.ts = moment_from_us((int64_t)(t * 1e6));
	r.duration = p->seconds;
	assert_true(addr_parse(p->src, &r.src_ip) && addr_parse(p->dst, &r.dst_ip));
	r.dst_port = p->port;
	r.proto = str_of(p->proto);
	r.service = str_of(p->service);
	r.server_name = str_of(p->name);
	r.ja4 = str_of(ja4);
	r.src_bytes = out;
	r.dst_bytes = 700;
	r.state = STR("SF");
	r.sensor = r.source = STR("test");
	record_put(&w->sink, RECORD_CONN, &r);
}

/* Ten hosts run the vendor's agent; the eleventh says the same, but is another program,
 * the twelfth sends other sizes, the thirteenth comes at other times. */
static void fleet(struct memory *w)
{
	char src[16];
	struct peer p = {src, "198.51.100.9", AGENT, "tcp", "tls", 443, 0, 0, 1};
	for (unsigned i = 0; i < 13; i++) {
		snprintf(src, sizeof(src), "10.0.0.%u", i + 10);
		double period = i == 12 ? 5000 : 3600;
		for (double t = BEGIN + i * 60; t < BEGIN + 20 * DAY;
		     t += period * (0.99 + 0.02 * random_unit(&w->seed)))
			talk_as(w, &p, t, i == 10 ? "t13d_odd" : "t13d_agent",
			    i == 11 ? 5000 : 640);
	}
}

static size_t count_of(const struct memory *w, const char *peer)
{
	size_t n = 0;
	for (size_t i = 0; i < w->count; i++)
		n += str_equal(w->findings[i].peer, str_of(peer)) &&
		     strcmp(w->findings[i].detector, "clockwork") == 0;
	return n;
}

static __attribute__((noinline)) const struct finding *of_host(
    const struct memory *w, const char *host)
{
	struct addr a;
	addr_parse(host, &a);
	for (size_t i = 0; i < w->count; i++) {
		if (addr_equal(&w->findings[i].host, &a))
			return &w->findings[i];
	}
	return NULL;
}

static void test_fleet(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 21);
	fleet(&w);
	memory_detect(&w);
	assert_int_equal(count_of(&w, AGENT), 4);
	const struct finding *all = of_host(&w, "10.0.0.10");
	assert_non_null(all);
	const struct fact *f = memory_fact(all, FACT_KEY_FLEET_HOSTS);
	assert_non_null(f);
	assert_true(f->value[0] > 9.5 && f->value[0] < 10.5);
	assert_int_equal(memcmp(f->text.p, "10.0.0.10, 10.0.0.11, ", 22), 0);
	assert_int_equal(all->confidence, CONFIDENCE_LOW);
	assert_true(all->events > 10 * 470);
	const struct finding *odd = of_host(&w, "10.0.0.20");
	assert_non_null(odd);
	f = memory_fact(odd, FACT_KEY_ODD_PRINT);
	assert_non_null(f);
	assert_true(str_equal(f->text, STR("t13d_agent")));
	assert_int_equal(odd->confidence, CONFIDENCE_MEDIUM);
	odd = of_host(&w, "10.0.0.21");
	assert_non_null(odd);
	assert_non_null(memory_fact(odd, FACT_KEY_ODD_SIZE));
	assert_int_equal(odd->confidence, CONFIDENCE_MEDIUM);
	odd = of_host(&w, "10.0.0.22");
	assert_non_null(odd);
	f = memory_fact(odd, FACT_KEY_ODD_PERIOD);
	assert_non_null(f);
	assert_true(fabs(f->value[1] - 3600) < 60);
	memory_end(&w);
}

/* Two hosts are no fleet. */
static void test_two(void **state)
{
	(void)state;
	struct memory w;
	char src[16];
	world_begin(&w, 22);
	struct peer p = {src, "198.51.100.9", AGENT, "tcp", "tls", 443, 640, 700, 1};
	for (unsigned i = 0; i < 2; i++) {
		snprintf(src, sizeof(src), "10.0.0.%u", i + 10);
		rhythm(&w, &p, 60 * i, 3600, 0.02);
	}
	memory_detect(&w);
	assert_int_equal(count_of(&w, AGENT), 2);
	memory_end(&w);
}

static const struct peer implant = {
    HOST, "203.0.113.77", NULL, "tcp", "tls", 443, 900, 700, 1.5};

/* An hour's sleep; three evenings of work at ten seconds. */
static void test_short_sleep(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 23);
	double day = BEGIN + 20 * DAY;
	for (double t = BEGIN + 10 * DAY; t < BEGIN + 60 * DAY;) {
		bool work = (t > day && t < day + 1800) ||
			    (t > day + DAY && t < day + DAY + 5400) ||
			    (t > day + 9 * DAY && t < day + 9 * DAY + 1800);
		talk(&w, &implant, t);
		t += (work ? 10 : 3600) * (1 - 0.2 * random_unit(&w.seed));
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", implant.dst);
	assert_non_null(f);
	assert_true(fabs(f->facts[0].value[0] - 3240) < 300); /* not the ten seconds */
	const struct fact *s = memory_fact(f, FACT_KEY_SHORT_SLEEP);
	assert_non_null(s);
	assert_true(fabs(s->value[0] - 9) < 1.5);
	assert_true(fabs(s->value[1] / 1e6 - day - DAY) < 3700);
	assert_true(fabs(s->value[2] / 1e6 - day - DAY - 5400) < 3700);
	s = memory_fact(f, FACT_KEY_SHORT_SLEEPS);
	assert_non_null(s);
	assert_true(fabs(s->value[0] - 3) < 0.1 || fabs(s->value[0] - 2) < 0.1);
	memory_end(&w);
}

/* Bursts of a check-in are no shortened sleep. */
static void test_bursts(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 24);
	for (double t = BEGIN; t < BEGIN + 40 * DAY;
	     t += 3600 * (1 - 0.2 * random_unit(&w.seed))) {
		for (unsigned i = 0; i < 8; i++)
			talk(&w, &implant, t + i * random_unit(&w.seed));
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", implant.dst);
	assert_non_null(f);
	assert_null(memory_fact(f, FACT_KEY_SHORT_SLEEP));
	memory_end(&w);
}

/* It stops, two months before the memory ends; and nobody answered it. */
static void test_dead_and_stopped(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 25);
	struct peer p = implant;
	p.out = p.in = 0;
	for (double t = BEGIN + 10 * DAY; t < BEGIN + 60 * DAY;
	     t += 7200 * (1 - 0.2 * random_unit(&w.seed)))
		fail_at(&w, &p, t);
	struct peer other = {
	    "10.0.0.6", "198.51.100.1", "www.shop.example", "tcp", "tls", 443, 1, 1, 1};
	habit(&w, &other, 0, 1);
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", implant.dst);
	assert_non_null(f);
	const struct fact *s = memory_fact(f, FACT_KEY_FAILING);
	assert_non_null(s);
	assert_true(s->value[0] > 0.99);
	s = memory_fact(f, FACT_KEY_STOPPED);
	assert_non_null(s);
	assert_true(fabs(s->value[0] / 1e6 - BEGIN - 60 * DAY) < 8000);
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fleet),
	    cmocka_unit_test(test_two),
	    cmocka_unit_test(test_short_sleep),
	    cmocka_unit_test(test_bursts),
	    cmocka_unit_test(test_dead_and_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
