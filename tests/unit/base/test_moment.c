/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar against the C library's timegm and gmtime; arithmetic at its ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "base/moment.h"

static void calendar(void **state)
{
	(void)state;
	for (int64_t day = -800000; day <= 800000; day += 13) {
		time_t t = (time_t)(day * 86400);
		struct tm tm;
		assert_non_null(gmtime_r(&t, &tm));
		int year;
		unsigned month, mday;
		civil_from_days(day, &year, &month, &mday);
		assert_int_equal(year, tm.tm_year + 1900);
		assert_int_equal(month, tm.tm_mon + 1);
		assert_int_equal(mday, tm.tm_mday);
		assert_int_equal(days_from_civil(year, month, mday), day);
	}
}

static void check_text(int64_t seconds, int64_t ns, const char *want)
{
	char text[MOMENT_TEXT_MAX];
	assert_int_equal(moment_text(moment_from(seconds, ns), text), strlen(want));
	assert_string_equal(text, want);
}

static void text(void **state)
{
	(void)state;
	check_text(0, 0, "1970-01-01T00:00:00.000000Z");
	check_text(951782400, 123456789, "2000-02-29T00:00:00.123456Z");
	check_text(1700000000, 999999999, "2023-11-14T22:13:20.999999Z");
	check_text(4294967295, 0, "2106-02-07T06:28:15.000000Z");
	check_text(-1, 999999999, "1969-12-31T23:59:59.999999Z");
	char out[MOMENT_TEXT_MAX];
	moment_text_minute(moment_from(1700000000, 0), out);
	assert_string_equal(out, "2023-11-14 22:13");
	moment_text_day(moment_from(1700000000, 0), out);
	assert_string_equal(out, "2023-11-14");
	/* The ends of the type fit into the buffer. */
	assert_true(moment_text((struct moment){INT64_MAX}, out) < MOMENT_TEXT_MAX);
	assert_true(moment_text((struct moment){INT64_MIN}, out) < MOMENT_TEXT_MAX);
}

static void rounding(void **state)
{
	(void)state;
	assert_int_equal(moment_us((struct moment){1999}), 1);
	assert_int_equal(moment_us((struct moment){-1}), -1);
	assert_int_equal(moment_us((struct moment){-1000}), -1);
	assert_int_equal(moment_us((struct moment){-1001}), -2);
	assert_int_equal(moment_day((struct moment){-1}), -1);
	assert_int_equal(moment_day((struct moment){NS_PER_DAY}), 1);
	assert_int_equal(moment_from_us(-1500001).ns, -1500001000);
	assert_int_equal(moment_us(moment_from_us(1700000000123456)), 1700000000123456);
}

static void saturation(void **state)
{
	(void)state;
	struct moment most = {INT64_MAX}, least = {INT64_MIN + 1};
	assert_int_equal(moment_from(INT64_MAX, 0).ns, INT64_MAX);
	assert_int_equal(moment_from(INT64_MIN, 0).ns, INT64_MIN + 1);
	assert_int_equal(moment_from(9223372036, 999999999).ns, INT64_MAX);
	assert_int_equal(moment_add(most, 1).ns, INT64_MAX);
	assert_int_equal(moment_add(least, -5).ns, INT64_MIN + 1);
	assert_int_equal(moment_add((struct moment){5}, -7).ns, -2);
	assert_int_equal(moment_diff(least, most), INT64_MAX);
	assert_int_equal(moment_diff(most, least), INT64_MIN + 1);
	assert_int_equal(moment_diff((struct moment){5}, (struct moment){3}), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calendar),
	    cmocka_unit_test(text),
	    cmocka_unit_test(rounding),
	    cmocka_unit_test(saturation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
