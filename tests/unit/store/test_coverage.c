/* SPDX-License-Identifier: Apache-2.0 */
/* What was watched of a span: counted by hand, and the same whichever way it is asked. */
#include "store/coverage.h"

#include "store_lab.h"

static struct moment at(int day, int hour, int minute)
{
	return moment_from(
	    (LAB_DAY + (int64_t)day) * 86400 + hour * 3600 + minute * 60, 0);
}

static void put_minute(struct store *s, struct moment ts, uint64_t drops, uint64_t steps)
{
	struct watch_record r;
	struct record_sink sink = store_sink(s);
	record_clear(RECORD_WATCH, &r);
	r.ts = ts;
	r.sensor = STR("hq");
	r.kind = STR("packets");
	r.packets = 10;
	r.bytes = 1000;
	r.drops = drops;
	r.connections = 4;
	r.one_way = 1;
	r.clock_steps = steps;
	r.shed = 2 * drops;
	r.down = drops;
	r.fell = steps;
	record_put(&sink, RECORD_WATCH, &r);
}

/* Day 0: 08:00 to 09:59 whole, then 13:30 alone; day 2: 00:00 to 00:09. */
static struct store *filled(const char *path)
{
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	for (int m = 0; m < 120; m++)
		put_minute(s, at(0, 8 + m / 60, m % 60), m == 5 ? 30 : 0, m == 7);
	put_minute(s, at(0, 13, 30), 0, 0);
	for (int m = 0; m < 10; m++)
		put_minute(s, at(2, 0, m), 0, 0);
	lab_commit(s);
	return s;
}

static void counts_by_hand(void **state)
{
	char *path = lab_folder();
	struct store *s = filled(path);
	struct coverage_index index;
	struct coverage c;
	struct error e = {0};
	(void)state;
	assert_int_equal(coverage_index_read(s, &index, &e), 0);
	/* From 08:30 to 13:30, the minute of the end included. */
	coverage_of(&index, at(0, 8, 30), moment_add(at(0, 13, 30), 7 * NS_PER_S), &c);
	assert_int_equal(c.minutes, 5 * 60 + 1);
	assert_int_equal(c.watched, 90 + 1);
	assert_int_equal(c.hours, 6);
	assert_int_equal(c.hours_watched, 3);
	assert_int_equal(c.gaps_all, 1);
	assert_int_equal(c.gap_minutes, 210);
	assert_int_equal(c.gaps[0].from.ns, at(0, 10, 0).ns);
	assert_int_equal(c.gaps[0].to.ns, at(0, 13, 30).ns);
	/* What is counted by the hour is that of the whole hours. */
	assert_int_equal(c.drops, 30);
	assert_int_equal(c.clock_steps, 1);
	assert_int_equal(c.shed, 60);
	assert_int_equal(c.down, 30);
	assert_int_equal(c.fell, 1);
	assert_int_equal(c.connections, 121 * 4);
	assert_int_equal(c.one_way, 121);
	/* Nothing at all in the night; then the rest, with a gap of a day and more. */
	coverage_of(&index, at(0, 20, 0), at(1, 4, 0), &c);
	assert_int_equal(c.watched, 0);
	assert_int_equal(c.minutes, 8 * 60 + 1);
	coverage_of(&index, at(0, 13, 30), at(2, 0, 9), &c);
	assert_int_equal(c.watched, 11);
	assert_int_equal(c.gaps_all, 1);
	assert_int_equal(c.gap_minutes, 24 * 60 + 10 * 60 + 29);
	/* One moment is one minute; nothing is nothing. */
	coverage_of(&index, at(0, 8, 0), at(0, 8, 0), &c);
	assert_int_equal(c.minutes, 1);
	assert_int_equal(c.watched, 1);
	coverage_of(&index, MOMENT_NONE, at(0, 8, 0), &c);
	assert_int_equal(c.minutes, 0);
	coverage_of(&index, at(0, 9, 0), at(0, 8, 0), &c);
	assert_int_equal(c.minutes, 0);
	coverage_index_free(&index);
	store_close(s);
	lab_done(path);
}

/* Every span of whole hours, asked both ways. */
static void both_ways_agree(void **state)
{
	char *path = lab_folder();
	struct store *s = filled(path);
	struct coverage_index index;
	struct error e = {0};
	(void)state;
	assert_int_equal(coverage_index_read(s, &index, &e), 0);
	for (int from = 0; from < 52; from += 3) {
		for (int to = from + 1; to < 56; to += 5) {
			struct coverage a, b;
			struct moment end = at(0, to, 0);
			assert_int_equal(
			    coverage_read(s, at(0, from, 0), end, NULL, &a, &e), 0);
			coverage_of(&index, at(0, from, 0), moment_add(end, -1), &b);
			assert_int_equal(a.minutes, b.minutes);
			assert_int_equal(a.watched, b.watched);
			assert_int_equal(a.hours, b.hours);
			assert_int_equal(a.hours_watched, b.hours_watched);
			assert_int_equal(a.gaps_all, b.gaps_all);
			assert_int_equal(a.gap_minutes, b.gap_minutes);
			assert_int_equal(a.drops, b.drops);
			assert_int_equal(a.connections, b.connections);
		}
	}
	coverage_index_free(&index);
	store_close(s);
	lab_done(path);
}

static void an_empty_memory_was_not_watched(void **state)
{
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct coverage_index index;
	struct coverage c;
	struct error e = {0};
	(void)state;
	assert_int_equal(coverage_index_read(s, &index, &e), 0);
	coverage_of(&index, at(0, 0, 0), at(1, 0, 0), &c);
	assert_int_equal(c.watched, 0);
	assert_int_equal(c.minutes, 1441);
	coverage_index_free(&index);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(counts_by_hand),
	    cmocka_unit_test(both_ways_agree),
	    cmocka_unit_test(an_empty_memory_was_not_watched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
