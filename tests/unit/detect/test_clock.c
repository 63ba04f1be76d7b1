/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sketch against what its definition says, computed here again in long double with
 * libm's logarithms; against the law of its null; and against beacons whose date and
 * period are known.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "detect/clock.h"

/* One scale by the book: dead time d, own time = integral of a stepwise a(t). */
struct reference {
	int64_t last;
	bool started;
	unsigned i;
	long double sw, so, lw[5], lo[5], best;
	unsigned run_w[5], run_o[5]; /* gaps since that level was 0 */
	bool full_w[5], full_o[5];   /* has been saturated since then */
};

static const double jitter[5] = {0.02, 0.08, 0.25, 0.38, 0};
static const double shares[5] = {0.04, 0.04, 0.1, 0.75, 0.07};

static long double tri(long double x, long double c, long double w)
{
	long double d = fabsl(x - c);
	return d < w ? (1 - d / w) / w : 0;
}

static long double box(long double x, long double c, long double b)
{
	return fabsl(x - c) < b ? 0.5L / b : 0;
}

static long double alternative(unsigned a, long double x, unsigned i)
{
	if (a == 4)
		return x < 2 ? 0.5L : 0;
	long double w = fminl(0.99L, 1.5L * (long double)jitter[a] * sqrtl(1 + 1.0L / i));
	long double h =
	    0.9L * tri(x, 1, w) + 0.073L * tri(x, 2, w) + 0.027L * tri(x, 3, w);
	long double b = 0.62L * sqrtl(1 + 1.0L / i);
	if (a != 3)
		return h;
	return 0.5L * h + 0.5L * (0.9L * box(x, 1, b) + 0.073L * box(x, 2, b) +
				     0.027L * box(x, 3, b));
}

static void reference_gap(
    struct reference *r, long double g, long double go, long double rate)
{
	if (r->i > 0) {
		long double i = r->i, xw = g * i / r->sw, xo = go * i / r->so;
		long double fw = powl(1 + xw / i, -(i + 1)) * i / r->sw;
		long double fo = powl(1 + xo / i, -(i + 1)) * rate * i / r->so;
		for (unsigned a = 0; a < 5; a++) {
			long double q = 0.97L * alternative(a, xw, r->i) * i / r->sw +
					0.015L * fw + 0.015L * fo;
			r->lw[a] = fmaxl(0, r->lw[a] + logl(q) - logl(fw));
			r->lo[a] = fmaxl(0, r->lo[a] + logl(q) - logl(fo));
			r->best = fmaxl(
			    r->best, fminl(r->lw[a], r->lo[a]) + logl(5 * shares[a]));
			r->run_w[a] = r->lw[a] > 0 ? r->run_w[a] + 1 : 0;
			r->run_o[a] = r->lo[a] > 0 ? r->run_o[a] + 1 : 0;
			r->full_w[a] = r->lw[a] > 250 || (r->full_w[a] && r->lw[a] > 0);
			r->full_o[a] = r->lo[a] > 250 || (r->full_o[a] && r->lo[a] > 0);
		}
		bool full = r->i == CLOCK_BLOCK, fits = xw <= 2.2L && xw >= 0.33L;
		if (full || !fits) {
			r->i = 0;
			r->sw = r->so = 0;
			if (!full)
				return;
		}
	}
	r->i++;
	r->sw += g;
	r->so += go;
}

/* Own time that runs fast by day (12 of 24 h) and slow by night. */
#define DAY_MS 86400000
#define FAST   1.9
#define SLOW   0.1

static double own_seconds(int64_t ms)
{
	int64_t day = ms / DAY_MS, rest = ms % DAY_MS;
	double half = rest < DAY_MS / 2
			  ? (double)rest * FAST
			  : DAY_MS / 2 * FAST + (double)(rest - DAY_MS / 2) * SLOW;
	return (double)day * 86400 + half / 1000;
}

static double own_elapsed(void *ctx, int64_t from, int64_t to)
{
	(void)ctx;
	return own_seconds(to) - own_seconds(from);
}

static double own_rate(int64_t ms)
{
	return ms % DAY_MS < DAY_MS / 2 ? FAST : SLOW;
}

static const int64_t dead[CLOCK_SCALES] = {
    500, 8000, 60000, 480000, 3600000, 14400000, 51840000, 345600000};

static void reference_add(struct reference *r, int64_t d, int64_t ms, bool paced)
{
	if (r->started && ms - r->last < d)
		return;
	if (r->started) {
		int64_t from = r->last + d;
		long double g = fmaxl((ms - from) / 1000.0L, 0.001L);
		long double go = paced ? own_elapsed(NULL, from, ms) : (double)g;
		reference_gap(r, g, fmaxl(go, 0.001L), paced ? own_rate(ms) : 1);
	}
	r->started = true;
	r->last = ms;
}

/* Mixed traffic: beacons of changing period and jitter, bursts, Poisson stretches. */
static int64_t next_ms(int64_t t, uint64_t *seed, unsigned n)
{
	static const double period[] = {5, 63, 600, 3600, 40000, 90000, 700000};
	double mean = period[(n / 60) % 7];
	double gap = (n / 60) % 2 == 0 ? mean * (1 + 0.3 * (random_unit(seed) - 0.5))
				       : -mean * log(random_unit(seed));
	if (random_unit(seed) < 0.2)
		gap = 0.3 * random_unit(seed);
	return t + (int64_t)(gap * 1000);
}

static void check_against_reference(bool paced)
{
	uint64_t seed = 20260101;
	struct reference r[CLOCK_SCALES] = {0};
	struct clock c;
	clock_init(&c);
	int64_t t = 1600000000000;
	long double best = 0;
	for (unsigned n = 0; n < 20000; n++) {
		struct clock_pace pace = {own_elapsed, NULL, own_rate(t)};
		clock_add(&c, t, paced ? &pace : NULL, NULL);
		for (unsigned k = 0; k < CLOCK_SCALES; k++) {
			reference_add(&r[k], dead[k], t, paced);
			best = fmaxl(best, r[k].best);
			for (unsigned a = 0; a < 5; a++) {
				double w = c.scale[k].level_wall[a] / 256.0;
				double o = c.scale[k].level_own[a] / 256.0;
				/* Never above;
				 * below by at most 1/256 + margin for each gap. */
				assert_true(w <= (double)r[k].lw[a]);
				assert_true(o <= (double)r[k].lo[a]);
				assert_true(r[k].full_w[a] || (double)r[k].lw[a] - w <=
								  0.0047 * r[k].run_w[a]);
				assert_true(r[k].full_o[a] || (double)r[k].lo[a] - o <=
								  0.0047 * r[k].run_o[a]);
			}
		}
		t = next_ms(t, &seed, n);
	}
	assert_true(best > 30);
	assert_true(clock_score(&c) <= (double)((best - logl(40)) / logl(10)));
	assert_true(
	    clock_score(&c) >= (double)((fminl(best, 250) - logl(40)) / logl(10)) - 0.5);
}

static void test_reference_wall(void **state)
{
	(void)state;
	check_against_reference(false);
}

static void test_reference_own(void **state)
{
	(void)state;
	check_against_reference(true);
}

/* 10^5 gap updates of Poisson traffic:
 * S >= 4 at most a few times (10 expected at worst). */
static void test_null(void **state)
{
	(void)state;
	uint64_t seed = 7;
	unsigned alarms = 0, updates = 0;
	while (updates < 300000) {
		struct clock c;
		clock_init(&c);
		double t = 1.6e9, mean = exp(random_unit(&seed) * 10);
		unsigned tested = 0;
		while (tested < 3000) {
			t -= mean * log(random_unit(&seed));
			tested += clock_add(&c, (int64_t)(t * 1000), NULL, NULL);
			if (t > 4e9)
				break;
		}
		updates += tested;
		alarms += clock_score(&c) >= 4;
	}
	assert_in_range(alarms, 0, updates / 10000);
}

static unsigned events_to(double s, double period, double jit, double miss, uint64_t seed)
{
	struct clock c;
	clock_init(&c);
	double t = 1.6e9;
	for (unsigned n = 1; n < 2000; n++) {
		do
			t += period * (1 - jit * random_unit(&seed));
		while (random_unit(&seed) < miss);
		clock_add(&c, (int64_t)(t * 1000), NULL, NULL);
		if (clock_score(&c) >= s)
			return n;
	}
	return 2000;
}

static void test_beacons(void **state)
{
	(void)state;
	static const double period[] = {5, 60, 600, 3600, 21600, 86400, 604800, 2592000};
	for (size_t i = 0; i < sizeof(period) / sizeof(*period); i++) {
		assert_in_range(events_to(6, period[i], 0, 0, i + 1), 5, 12);
		assert_in_range(events_to(6, period[i], 0.1, 0, i + 1), 5, 25);
		assert_in_range(events_to(6, period[i], 0.25, 0.1, i + 1), 5, 60);
	}
}

static void test_onset_and_period(void **state)
{
	(void)state;
	uint64_t seed = 3;
	struct clock c;
	struct clock_onsets o = {0};
	clock_init(&c);
	double t = 1.6e9;
	for (unsigned n = 0; n < 200; n++) {
		t -= 30000 * log(random_unit(&seed)); /* a person, for months */
		clock_add(&c, (int64_t)(t * 1000), NULL, &o);
	}
	double began = t;
	for (unsigned n = 0; n < 60; n++) {
		t += 14400 * (1 + 0.2 * (random_unit(&seed) - 0.5));
		clock_add(&c, (int64_t)(t * 1000), NULL, &o);
	}
	assert_true(clock_score(&c) > 10);
	assert_true(fabs(clock_period(&c) - 14400) < 600);
	/* 400 such series: nine tenths lie between 3 periods early and 9 late. */
	assert_true(fabs((double)c.peak_onset_s - began) < 10 * 14400);
	assert_true(clock_jitter(&c) <= 0.25);
	assert_true(fabs((double)c.peak_last_s - t) < 2);
}

static void test_edges(void **state)
{
	(void)state;
	struct clock c;
	clock_init(&c);
	assert_int_equal(clock_add(&c, -5, NULL, NULL), 0);
	assert_int_equal(clock_add(&c, INT64_MAX, NULL, NULL), 0);
	assert_int_equal(c.scale[0].started, 0);
	for (unsigned n = 0; n < 1000; n++)
		clock_add(
		    &c, 1000000, NULL, NULL); /* all at once: a burst is one event */
	clock_add(&c, 999999, NULL, NULL); /* and time that goes back changes nothing */
	assert_int_equal(c.updates, 0);
	for (unsigned n = 0; n < 100000; n++) /* S is saturated, never wrapped */
		clock_add(&c, 2000000 + (int64_t)n * 60000, NULL, NULL);
	assert_true(clock_score(&c) > 100);
	assert_int_equal(c.peak_gaps, 65535);
}

static void test_save_and_join(void **state)
{
	(void)state;
	struct clock a, b, whole;
	uint8_t bytes[CLOCK_BYTES];
	clock_init(&a);
	clock_init(&b);
	clock_init(&whole);
	for (int64_t n = 0; n < 30; n++) {
		clock_add(&a, 1600000000000 + n * 3600000, NULL, NULL);
		clock_add(&whole, 1600000000000 + n * 3600000, NULL, NULL);
	}
	struct clock back;
	clock_save(&a, bytes);
	assert_true(clock_load(&back, bytes));
	for (int64_t n = 30; n < 60;
	     n++) { /* a loaded sketch goes on as if nothing had been */
		clock_add(&back, 1600000000000 + n * 3600000, NULL, NULL);
		clock_add(&whole, 1600000000000 + n * 3600000, NULL, NULL);
		clock_add(&b, 1600000000000 + n * 3600000, NULL, NULL);
	}
	assert_memory_equal(&back, &whole, sizeof(whole));
	double alone = fmax(clock_score(&a), clock_score(&b));
	clock_join(
	    &a, &b); /* chunks: never more than the whole, never less than the best */
	assert_true(clock_score(&a) <= clock_score(&whole));
	assert_true(clock_score(&a) >= alone);
	memset(bytes, 0xff, sizeof(bytes));
	assert_false(clock_load(&back, bytes));
	/* A block that holds no gaps has no sum; no interval is e^200 seconds. */
	clock_init(&a);
	a.scale[3].sum_own = -5;
	clock_save(&a, bytes);
	assert_false(clock_load(&back, bytes));
	clock_init(&a);
	a.scale[0].mean_log = 200;
	clock_save(&a, bytes);
	assert_false(clock_load(&back, bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reference_wall),
	    cmocka_unit_test(test_reference_own),
	    cmocka_unit_test(test_null),
	    cmocka_unit_test(test_beacons),
	    cmocka_unit_test(test_onset_and_period),
	    cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_save_and_join),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
