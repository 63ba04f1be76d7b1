/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beacons that keep working hours, with jitter, beside people who come back to a site a
 * few times a day; and one that comes at one time of day, on some days only.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "world.h"

#define HOUR 3600.0

static bool working(double t)
{
	double hour = fmod(t / HOUR, 24), day = fmod(floor(t / DAY) + 3, 7);
	return hour >= 8 && hour < 18 && day < 5;
}

/* What else a host does: work. */
static void work(struct memory *w, const char *host, unsigned i)
{
	char name[32];
	struct peer p = {host, "198.51.100.80", name, "tcp", "tls", 443, 800, 60000, 2};
	snprintf(name, sizeof(name), "news%u.example", i % 5);
	habit(w, &p, 40.0 * i, 0.5);
	p.dst = "198.51.100.81";
	snprintf(name, sizeof(name), "office%u.example", i % 3);
	habit(w, &p, 70.0 * i, 0.3);
}

/* Check-ins in working hours only, from day 45 on. */
static void gated(struct memory *w, const struct peer *p, double period, double jitter)
{
	for (double t = BEGIN + 45 * DAY; t < BEGIN + 120 * DAY;
	     t += period * (1 - jitter * random_unit(&w->seed))) {
		if (working(t))
			talk_exactly(w, p, t);
	}
}

/* A person who comes back to a site now and then: never the same twice. */
static void person(struct memory *w, struct peer p, double a_day)
{
	for (double t = BEGIN + 45 * DAY; t < BEGIN + 120 * DAY;
	     t -= DAY / a_day / 3 * log(random_unit(&w->seed))) {
		p.out = 400 + (uint64_t)(5000 * random_unit(&w->seed));
		p.in = 3000 + (uint64_t)(90000 * random_unit(&w->seed));
		if (working(t))
			talk_exactly(w, &p, t);
	}
}

static enum confidence told(const struct memory *w, const char *peer, bool *found)
{
	enum confidence best = CONFIDENCE_LOW;
	*found = false;
	for (size_t i = 0; i < w->count; i++) {
		const struct finding *f = &w->findings[i];
		if (!str_equal(f->peer, str_of(peer)))
			continue;
		*found = true;
		best = f->confidence > best ? f->confidence : best;
	}
	return best;
}

static void test_working_hours(void **state)
{
	(void)state;
	static const double periods[] = {6, 8, 12, 24};
	static const double jitters[] = {0.25, 0.5, 0.99};
	struct memory w;
	char host[16], peer[16];
	bool found;
	world_begin(&w, 31);
	for (unsigned i = 0; i < 24; i++) {
		snprintf(host, sizeof(host), "10.0.2.%u", i + 1);
		snprintf(peer, sizeof(peer), "203.0.113.%u", i + 1);
		struct peer p = {host, peer, NULL, "tcp", "tls", 443, 900, 700, 2};
		work(&w, host, i);
		if (i < 12)
			gated(&w, &p, periods[i % 4] * HOUR, jitters[i / 4]);
		else
			person(&w, p, 0.5 + 0.3 * (i - 12));
	}
	memory_detect(&w);
	unsigned recall = 0;
	for (unsigned i = 0; i < 24; i++) {
		snprintf(peer, sizeof(peer), "203.0.113.%u", i + 1);
		enum confidence c = told(&w, peer, &found);
		if (i < 12)
			recall += found && c >= CONFIDENCE_MEDIUM;
		else /* people: at most a mention */
			assert_true(!found || c == CONFIDENCE_LOW);
	}
	/* Those that check in on most days; one of 24 h with jitter of 99 % may not. */
	assert_true(recall >= 11);
	for (size_t i = 0; i < w.count; i++) {
		if (memory_fact(&w.findings[i], FACT_KEY_FEW_A_DAY) == NULL)
			continue;
		assert_int_equal(w.findings[i].confidence, CONFIDENCE_MEDIUM);
		assert_non_null(memory_fact(&w.findings[i], FACT_KEY_NO_RHYTHM));
	}
	memory_end(&w);
}

/* Each of the four has to hold: a name, another size, or an early peer, and it is none.
 */
static void test_needs_all(void **state)
{
	(void)state;
	struct memory w;
	bool found;
	world_begin(&w, 32);
	for (unsigned i = 0; i < 6; i++) {
		char host[16];
		snprintf(host, sizeof(host), "10.0.2.%u", i + 1);
		work(&w, host, i);
	}
	struct peer named = {
	    "10.0.2.1", "203.0.113.1", "a.example", "tcp", "tls", 443, 900, 700, 2};
	gated(&w, &named, 8 * HOUR, 0.5);
	struct peer early = {
	    "10.0.2.2", "203.0.113.2", NULL, "tcp", "tls", 443, 900, 700, 2};
	talk_exactly(&w, &early, BEGIN + 600);
	gated(&w, &early, 8 * HOUR, 0.5);
	struct peer common = {NULL, "203.0.113.3", NULL, "tcp", "tls", 443, 900, 700, 2};
	static const char *const hosts[] = {"10.0.2.3", "10.0.2.4", "10.0.2.5"};
	for (unsigned i = 0; i < 3; i++) {
		common.src = hosts[i];
		gated(&w, &common, 8 * HOUR, 0.5);
	}
	memory_detect(&w);
	for (size_t i = 0; i < w.count; i++)
		assert_null(memory_fact(&w.findings[i], FACT_KEY_FEW_A_DAY));
	told(&w, "203.0.113.3", &found);
	memory_end(&w);
}

/* At a quarter past two, on half of the days, give or take ten minutes. */
static void test_time_of_day(void **state)
{
	(void)state;
	struct memory w;
	world_begin(&w, 33);
	for (unsigned i = 0; i < 6; i++) {
		char host[16];
		snprintf(host, sizeof(host), "10.0.2.%u", i + 1);
		work(&w, host, i);
	}
	struct peer p = {
	    "10.0.2.1", "203.0.113.9", "drop.example", "tcp", "tls", 443, 9000, 700, 2};
	for (unsigned day = 50; day < 110; day++) {
		if (random_unit(&w.seed) < 0.3)
			talk(&w, &p,
			    BEGIN + day * DAY + 2.25 * HOUR +
				1200 * (random_unit(&w.seed) - 0.5));
	}
	memory_detect(&w);
	const struct finding *f = find(&w, "clockwork", "203.0.113.9");
	if (f == NULL)
		f = find(&w, "clockwork", "drop.example");
	assert_non_null(f);
	const struct fact *t = memory_fact(f, FACT_KEY_TIME_OF_DAY);
	if (t != NULL) {
		assert_true(fabs(t->value[0] - 2.25 * HOUR) < 600);
		assert_true(t->value[1] < 1000);
		assert_int_not_equal(f->confidence, CONFIDENCE_HIGH);
	}
	memory_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_working_hours),
	    cmocka_unit_test(test_needs_all),
	    cmocka_unit_test(test_time_of_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
