/* SPDX-License-Identifier: Apache-2.0 */
/* The second clock: learned from the past alone,
 * from the other series alone; own time adds up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/timing/activity.h"

#define WEEK0   (2800 * 168LL) /* hours since 1970 at the begin of a week */
#define HOUR_MS 3600000LL

/* Weeks in which the host is busy from 8 to 18: n series an hour. */
static void office(struct activity *a, unsigned weeks, unsigned n)
{
	for (unsigned w = 0; w < weeks; w++) {
		for (unsigned h = 0; h < 168; h++) {
			if (h % 24 >= 8 && h % 24 < 18)
				assert_true(activity_count(a, WEEK0 + w * 168 + h, n));
		}
	}
}

static void test_rate(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0};
	office(&a, 4, 20);
	assert_false(activity_flat(&a));
	activity_begin(&a);
	activity_own(&a, WEEK0 + 10); /* the first week knows nothing: flat */
	assert_true(fabs(activity_rate(&a, (WEEK0 + 3) * HOUR_MS) - 1) < 1e-9);
	activity_own(&a, WEEK0 + 168 + 10);
	double day = activity_rate(&a, (WEEK0 + 168 + 12) * HOUR_MS);
	double night = activity_rate(&a, (WEEK0 + 168 + 3) * HOUR_MS);
	assert_true(day > 2 && night < 0.1 && night >= ACTIVITY_FLOOR);
	activity_fini(&a);
}

/* The rate of a week does not depend on that week, nor on anything later. */
static void test_causal(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0}, b = {.weeks = 0};
	office(&a, 2, 20);
	office(&b, 2, 20);
	assert_true(activity_count(&b, WEEK0 + 168 + 3, 500));
	assert_true(activity_count(&b, WEEK0 + 5 * 168 + 3, 500));
	activity_begin(&a);
	activity_begin(&b);
	activity_own(&a, WEEK0 + 168 + 5);
	activity_own(&b, WEEK0 + 168 + 5);
	for (int64_t h = 0; h < 168; h++)
		assert_true(fabs(activity_rate(&a, (WEEK0 + 168 + h) * HOUR_MS) -
				 activity_rate(&b, (WEEK0 + 168 + h) * HOUR_MS)) < 1e-12);
	activity_fini(&a);
	activity_fini(&b);
}

/* A host whose only nightly series is the one being tested is quiet at night. */
static void test_own_left_out(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0};
	office(&a, 3, 20);
	for (int64_t w = 0; w < 3; w++)
		assert_true(activity_count(&a, WEEK0 + w * 168 + 3, 1));
	activity_begin(&a);
	for (int64_t w = 0; w < 3; w++)
		activity_own(&a, WEEK0 + w * 168 + 3);
	double own = activity_rate(&a, (WEEK0 + 2 * 168 + 3) * HOUR_MS);
	double empty = activity_rate(&a, (WEEK0 + 2 * 168 + 4) * HOUR_MS);
	assert_true(fabs(own - empty) < 1e-6);
	activity_fini(&a);
}

/* Own time is additive, equals the integral of the rate, and goes on across weeks. */
static void test_elapsed(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0};
	office(&a, 4, 20);
	activity_begin(&a);
	for (int64_t w = 0; w < 4; w++)
		activity_own(&a, WEEK0 + w * 168);
	int64_t from = (WEEK0 + 160) * HOUR_MS + 1234567,
		to = (WEEK0 + 360) * HOUR_MS + 7654321;
	double sum = 0;
	for (int64_t t = from; t < to; t += 60000) {
		int64_t end = t + 60000 < to ? t + 60000 : to;
		sum += activity_elapsed(&a, t, end);
	}
	double whole = activity_elapsed(&a, from, to);
	assert_true(fabs(sum - whole) < 1e-3);
	double integral = 0;
	for (int64_t t = from; t < to; t += 10000)
		integral += activity_rate(&a, t) * 10;
	assert_true(fabs(integral / whole - 1) < 1e-3);
	/* A whole flat week is a week. */
	double week = activity_elapsed(&a, WEEK0 * HOUR_MS, (WEEK0 + 168) * HOUR_MS);
	assert_true(fabs(week - 604800) < 1e-3);
	activity_fini(&a);
}

static void test_flat(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0};
	assert_true(activity_flat(&a));
	office(&a, 1, 20);
	assert_true(activity_flat(&a)); /* less than two weeks say nothing */
	activity_clear(&a);
	for (int64_t h = 0; h < 5 * 168; h++)
		assert_true(activity_count(&a, WEEK0 + h, (uint64_t)(5 + h % 3)));
	assert_true(activity_flat(&a)); /* a server that never sleeps */
	activity_fini(&a);
}

/* Limits: 40 years of weeks, and counts that stop at their largest. */
static void test_limits(void **state)
{
	(void)state;
	struct activity a = {.weeks = 0};
	assert_true(activity_count(&a, 100, UINT64_MAX));
	assert_int_equal(a.count[100], UINT16_MAX);
	assert_true(activity_count(&a, INT64_C(1) << 40, 3));
	assert_int_equal(a.weeks, ACTIVITY_WEEKS_MAX);
	activity_begin(&a);
	activity_own(&a, INT64_C(1) << 40);
	assert_true(activity_rate(&a, 5000) > 0);
	activity_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rate),
	    cmocka_unit_test(test_causal),
	    cmocka_unit_test(test_own_left_out),
	    cmocka_unit_test(test_elapsed),
	    cmocka_unit_test(test_flat),
	    cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
