/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of watch of several readers become one a minute; what nobody watched has none. */
#include "cmd/watch/minute_sum.h"
#include "watch_rows.h"

#define MINUTE (60 * NS_PER_S)

static struct watch_record row(int64_t minute, uint64_t packets)
{
	struct watch_record r;
	record_clear(RECORD_WATCH, &r);
	r.ts.ns = minute * MINUTE;
	r.packets = packets;
	r.shed = 1;
	r.evicted = 2;
	return r;
}

static void test_readers_are_summed(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 1, &sink);
	for (int reader = 0; reader < 3; reader++) {
		struct watch_record a = row(7, 10), b = row(8, 1);
		minute_sum_put(&s, &a);
		minute_sum_put(&s, &b);
	}
	minute_sum_flush(&s, (struct moment){8 * MINUTE});
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].ts.ns, 7 * MINUTE);
	assert_int_equal(rows.v[0].packets, 30);
	assert_int_equal(rows.v[0].shed, 3);
	assert_int_equal(rows.v[0].evicted, 6);
	assert_true(str_equal(rows.v[0].sensor, STR("here")));
	minute_sum_step(&s, (struct moment){8 * MINUTE + 5});
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.v[1].packets, 3);
	assert_int_equal(rows.v[1].clock_steps, 1);
}

static void test_too_many_minutes(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 1, &sink);
	for (int64_t m = 0; m < MINUTE_SUM_OPEN + 2; m++) {
		struct watch_record r = row(m, 1);
		minute_sum_put(&s, &r);
	}
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.v[1].ts.ns, MINUTE);
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, MINUTE_SUM_OPEN + 2);
}

/* Two interfaces: one of them down is still watching, both is not. */
static void test_blind_minutes(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 2, &sink);
	for (int second = 0; second < 60; second++) {
		minute_sum_down(&s, (struct moment){second * NS_PER_S});
		minute_sum_down(&s, (struct moment){MINUTE + second * NS_PER_S});
		minute_sum_down(&s, (struct moment){MINUTE + second * NS_PER_S});
	}
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].ts.ns, 0);
	assert_int_equal(rows.v[0].down, 60);
}

/* A minute in which a reader fell has a row, even where nothing was seen. */
static void test_falls_are_told(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 1, &sink);
	for (int second = 0; second < 60; second++)
		minute_sum_down(&s, (struct moment){second * NS_PER_S});
	minute_sum_fell(&s, (struct moment){5 * NS_PER_S});
	minute_sum_fell(&s, (struct moment){7 * NS_PER_S});
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].fell, 2);
}

/* Nobody watched from second 50 of one minute to second 5.5 of the third after it. */
static void test_time_without_a_watch(void **state)
{
	(void)state;
	struct rows rows = {0};
	const struct record_sink sink = {put, &rows};
	struct minute_sum s;
	minute_sum_init(&s, "here", 2, &sink);
	struct moment since = {7 * MINUTE + 50 * NS_PER_S};
	minute_sum_unwatched(
	    &s, since, (struct moment){10 * MINUTE + 5 * NS_PER_S + NS_PER_S / 2});
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.v[0].ts.ns, 7 * MINUTE);
	assert_int_equal(rows.v[0].down, 2 * 10);
	assert_int_equal(rows.v[1].ts.ns, 10 * MINUTE);
	assert_int_equal(rows.v[1].down, 2 * 6);
	rows.n = 0;
	minute_sum_unwatched(&s, since, moment_add(since, 3 * NS_PER_S));
	minute_sum_unwatched(&s, since, since);
	minute_sum_flush(&s, (struct moment){INT64_MAX});
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].down, 2 * 3);
	/* A reader's last moments of a minute that this watch has not seen. */
	rows.n = 0;
	struct watch_record empty = row(9, 0), last = row(9, 4);
	struct moment now = {10 * MINUTE + NS_PER_S / 10};
	minute_sum_unwatched(&s, (struct moment){10 * MINUTE}, now);
	minute_sum_put(&s, &empty);
	minute_sum_flush(&s, (struct moment){10 * MINUTE});
	assert_int_equal(rows.n, 0);
	minute_sum_put(&s, &last);
	minute_sum_flush(&s, (struct moment){10 * MINUTE});
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].packets, 4);
	assert_int_equal(rows.v[0].down, 2 * 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_readers_are_summed),
	    cmocka_unit_test(test_too_many_minutes),
	    cmocka_unit_test(test_blind_minutes),
	    cmocka_unit_test(test_falls_are_told),
	    cmocka_unit_test(test_time_without_a_watch),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
