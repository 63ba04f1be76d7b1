/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a series in days, through the sketch: which days tell a moment; that
 * nothing is made up where they do not; that chance stays chance at every rate, and that
 * clocks of a day and longer are found.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../random.h"
#include "detect/replay.h"

#define HOUR  3600000000LL
#define DAY   (24 * HOUR)
#define BEGIN (17000 * DAY)

/* A day with its first packet at us. */
static unsigned give(
    struct replay *r, int64_t us, uint64_t connections, uint32_t hours, int64_t last)
{
	struct past_day d = {.connections = connections, .hours = hours, .last = last};
	struct series_event v = {.day = &d, .ts = us, .start = true};
	return replay_add(r, &v, NULL);
}

static unsigned at(struct replay *r, int64_t us)
{
	struct series_event v = {.ts = us, .start = true};
	return replay_add(r, &v, NULL);
}

static bool started(const struct replay *r, unsigned scale)
{
	return r->clock.scale[scale].started;
}

static void test_which_days_tell_a_moment(void **state)
{
	(void)state;
	struct replay r;
	replay_begin(&r);
	int64_t t = BEGIN + 5 * HOUR + 7;
	give(&r, t, 1, 1u << 5, t);
	for (unsigned k = 0; k < CLOCK_SCALES; k++)
		assert_int_equal(started(&r, k), k >= CLOCK_COARSE);
	assert_int_equal(r.clock.scale[4].last_s, (uint32_t)(t / 1000000));
	/* One connection that lasts for hours is still one. */
	t += 2 * DAY;
	give(&r, t, 1, 7u << 5, t + 2 * HOUR);
	assert_int_equal(r.clock.scale[6].last_s, (uint32_t)(t / 1000000));
	/* Many within an hour: the first of them. */
	t += 2 * DAY;
	give(&r, t, 9, 1u << 5, t + HOUR / 2);
	assert_int_equal(r.clock.scale[6].last_s, (uint32_t)(t / 1000000));
	/* Days on which none began say nothing. */
	give(&r, BEGIN + 5 * DAY, 0, 0xffffff, t + DAY);
	assert_true(started(&r, 6));
	/* Several hours: a break. */
	t += 2 * DAY;
	give(&r, t, 2, 5u << 5, t + 2 * HOUR);
	for (unsigned k = 0; k < CLOCK_SCALES; k++)
		assert_false(started(&r, k));
	/* Nothing that lies among them starts anew; what comes later does. */
	give(&r, t + HOUR, 1, 1u << 6, t + HOUR);
	assert_false(started(&r, 4));
	give(&r, t + 3 * HOUR, 1, 1u << 8, t + 3 * HOUR);
	assert_true(started(&r, 4));
	/* Reached by a connection from before: its first packet is not told. */
	t = BEGIN + 8 * DAY;
	give(&r, t, 1, 1, t + HOUR / 2);
	assert_false(started(&r, 4));
	give(&r, t + 2 * HOUR, 1, 4, t + 2 * HOUR);
	assert_true(started(&r, 4));
}

/* Of several in an hour, a scale that does not take the first might take another. */
static void test_more_behind_it(void **state)
{
	(void)state;
	struct replay r;
	replay_begin(&r);
	int64_t t = BEGIN + 23 * HOUR + HOUR / 2;
	give(&r, t, 1, 1u << 23, t);
	give(&r, t + HOUR / 2 + 1, 2, 1, t + HOUR);
	assert_false(started(&r, 4));
	assert_false(started(&r, 7));
	replay_begin(&r);
	give(&r, t, 1, 1u << 23, t);
	give(&r, t + HOUR / 2 + 1, 1, 1, t + HOUR / 2 + 1); /* it alone: swallowed */
	assert_true(started(&r, 4));
	assert_int_equal(r.clock.scale[4].last_s, (uint32_t)(t / 1000000));
}

/* From days to connections and back: fine scales hear of connections alone. */
static void test_horizon(void **state)
{
	(void)state;
	struct replay r;
	replay_begin(&r);
	int64_t t = BEGIN + HOUR + 1;
	for (int i = 0; i < 30; i++, t += DAY)
		give(&r, t, 1, 2, t);
	double days = clock_score(&r.clock);
	assert_true(days > 6);
	assert_false(started(&r, 0));
	for (int i = 0; i < 10; i++, t += DAY)
		at(&r, t);
	assert_true(started(&r, 0));
	assert_true(clock_score(&r.clock) > days); /* the run goes on */
	assert_true(r.clock.peak_onset_s <= (BEGIN + 3 * DAY) / 1000000);
	give(&r, t, 1, 2, t);
	assert_false(started(&r, 0));
	assert_true(started(&r, 6));
}

/* A series rolled up as store/pairs.c does. */
struct rolled {
	struct replay replay;
	struct past_day day;
	int64_t first, number;
};

static unsigned flush(struct rolled *r)
{
	struct series_event v = {.day = &r->day, .ts = r->first, .start = true};
	return r->day.connections > 0 ? replay_add(&r->replay, &v, NULL) : 0;
}

static unsigned roll(struct rolled *r, int64_t us)
{
	unsigned tested = 0;
	if (us / DAY != r->number) {
		tested = flush(r);
		r->day = (struct past_day){.connections = 0};
		r->number = us / DAY;
		r->first = us;
	}
	r->day.connections++;
	r->day.hours |= 1u << us % DAY / HOUR;
	r->day.last = us;
	return tested;
}

static void test_null(void **state)
{
	(void)state;
	static const double days[] = {0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 7, 30};
	uint64_t seed = 7;
	double updates = 0;
	unsigned alarms3 = 0, alarms4 = 0;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		for (unsigned n = 0; n < 400; n++) {
			struct rolled r = {.number = -1};
			replay_begin(&r.replay);
			double t = 0;
			for (unsigned k = 0; k < 1000; k++) {
				t -= days[i] * (double)DAY * log(random_unit(&seed));
				updates += roll(&r, BEGIN / 2 + (int64_t)t);
			}
			updates += flush(&r);
			alarms3 += clock_score(&r.replay.clock) >= 3;
			alarms4 += clock_score(&r.replay.clock) >= 4;
		}
	}
	assert_true(updates > 500000);
	assert_true(alarms3 <= updates / 1e3);
	assert_true(alarms4 <= updates / 1e4);
}

/* Periods of a day and longer, 20 % jitter, five years: found, each time. */
static void test_beacons(void **state)
{
	(void)state;
	static const double days[] = {1, 2, 7, 30.4, 90};
	uint64_t seed = 8;
	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
		for (unsigned n = 0; n < 20; n++) {
			struct rolled r = {.number = -1};
			replay_begin(&r.replay);
			for (double t = 1; t < 1826;
			     t += days[i] * (1 + 0.2 * (2 * random_unit(&seed) - 1)))
				roll(&r, BEGIN + (int64_t)(t * (double)DAY));
			flush(&r);
			assert_true(clock_score(&r.replay.clock) >= 6);
			double period = clock_period(&r.replay.clock) / 86400;
			assert_true(fabs(period / days[i] - 1) < 0.15);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_which_days_tell_a_moment),
	    cmocka_unit_test(test_more_behind_it),
	    cmocka_unit_test(test_horizon),
	    cmocka_unit_test(test_null),
	    cmocka_unit_test(test_beacons),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
