/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of watch: one for each minute in which something was seen, whatever the times. */
#include "cmd/minutes.h"
#include "watch_rows.h"

static void frame_at(struct minutes *m, int64_t ns)
{
	const struct frame f = {.ts = {ns}, .wire = 60};
	minutes_frame(m, &f, DECODE_NOT_IP, NULL);
	assert_true(minutes_holds(m, f.ts));
}

static void test_a_row_a_minute(void **state)
{
	(void)state;
	struct rows r = {0};
	const struct record_sink sink = {put, &r};
	struct minutes m = {0};
	minutes_init(&m, "here", &sink);
	frame_at(&m, 60 * NS_PER_S);
	frame_at(&m, 120 * NS_PER_S - 1);
	assert_false(minutes_holds(&m, (struct moment){120 * NS_PER_S}));
	frame_at(&m, 120 * NS_PER_S);
	frame_at(&m, -1); /* the last minute of 1969 */
	minutes_finish(&m);
	assert_int_equal(r.n, 3);
	assert_int_equal(r.v[0].ts.ns, 60 * NS_PER_S);
	assert_int_equal(r.v[0].packets, 2);
	assert_int_equal(r.v[1].packets, 1);
	assert_int_equal(r.v[2].ts.ns, -60 * NS_PER_S);
	assert_int_equal(r.v[2].clock_steps, 1);
}

/* From one end of the range to the other, as a hostile pcapng's time offsets make it. */
static void test_absurd_times(void **state)
{
	(void)state;
	struct rows r = {0};
	const struct record_sink sink = {put, &r};
	struct minutes m = {0};
	static const int64_t at[] = {
	    INT64_MIN + 1, INT64_MAX, INT64_MIN + 1, 0, INT64_MAX - 1};
	minutes_init(&m, "here", &sink);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		frame_at(&m, at[i]);
	minutes_finish(&m);
	assert_int_equal(r.n, 5);
	assert_int_equal(r.v[2].clock_steps, 1);
	assert_int_equal(r.v[4].clock_steps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_row_a_minute),
	    cmocka_unit_test(test_absurd_times),
	};
	return cmocka_run_group_tests_name("cmd/minutes", tests, NULL, NULL);
}
