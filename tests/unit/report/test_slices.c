/* SPDX-License-Identifier: Apache-2.0 */
/* Time in equal slices: all of it, never too many,
 * also at the ends of what a moment holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/slices.h"

static void holds(struct moment from, struct moment to)
{
	struct slices s = slices_of(from, to);
	assert_in_range(s.n, 1, SLICES_MAX);
	assert_true(s.width > 0);
	assert_true(s.from.ns <= from.ns);
	assert_int_equal(slices_index(&s, from), 0);
	assert_in_range(slices_index(&s, to), 0, s.n - 1);
	assert_true(slices_end(&s).ns > s.from.ns);
	assert_true(slices_place(&s, from) >= 0 && slices_place(&s, to) <= 1);
}

static void spans(void **state)
{
	(void)state;
	struct moment begin = moment_from(1754007000, 0); /* 2025-08-01T00:10:00Z */
	static const int64_t seconds[] = {
	    0, 1, 59, 7200, 86400, 440 * 86400LL, 50 * 366 * 86400LL};
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++)
		holds(begin, moment_add(begin, seconds[i] * NS_PER_S));
	holds((struct moment){INT64_MIN + 1}, (struct moment){INT64_MAX});
	holds((struct moment){INT64_MIN + 1}, (struct moment){0});
	holds(moment_from(-5, 0), moment_from(5, 0));
}

static void whole_days(void **state)
{
	(void)state;
	/* 440 days: 110 slices of 4 days, from the midnight of the first day. */
	struct moment begin = moment_from(1754007000, 0);
	struct slices s = slices_of(begin, moment_add(begin, 439 * NS_PER_DAY));
	assert_int_equal(s.width, 4 * NS_PER_DAY);
	assert_int_equal(s.n, 110);
	assert_int_equal(s.from.ns, moment_from(1754006400, 0).ns);
	assert_int_equal(slices_index(&s, moment_add(s.from, 4 * NS_PER_DAY)), 1);
	assert_int_equal(slices_index(&s, moment_add(s.from, 4 * NS_PER_DAY - 1)), 0);
	assert_true(slices_place(&s, moment_add(s.from, 220 * NS_PER_DAY)) == 0.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spans), cmocka_unit_test(whole_days)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
