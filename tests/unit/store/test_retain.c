/* SPDX-License-Identifier: Apache-2.0 */
/* Detail decays by the policy, roll-ups stay, and what went is said. */
#include "store_lab.h"

#define DAYS 10 /* of record, from LAB_DAY */

/* As if it were the noon of a day of the record, or later. */
static struct moment noon(int day)
{
	return moment_from((LAB_DAY + (int64_t)day) * 86400 + 43200, 0);
}

static void put_dns(struct record_sink *sink, int day, uint8_t host)
{
	struct dns_record r;
	record_clear(RECORD_DNS, &r);
	r.ts = moment_from((LAB_DAY + (int64_t)day) * 86400 + 60, 0);
	r.src_ip = lab_v4(10, 0, 0, host);
	r.dst_ip = lab_v4(10, 0, 0, 53);
	r.proto = STR("udp");
	r.query = STR("www.example.com");
	r.sensor = STR("hq");
	record_put(sink, RECORD_DNS, &r);
}

/* A memory of DAYS days: a day has `rows` connections of host 1, 3 of host 2, and a DNS
 * question of each. */
static struct store *fill(const char *path, int rows)
{
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, rows * DAYS, DAYS, 1);
	lab_put_conns(s, 3 * DAYS, DAYS, 2);
	struct record_sink sink = store_sink(s);
	for (int day = 0; day < DAYS; day++) {
		put_dns(&sink, day, 1);
		put_dns(&sink, day, 2);
	}
	lab_commit(s);
	return s;
}

static void keep(struct store *s, const char *rule, uint64_t disk)
{
	struct error e = {0};
	struct policy p = *store_policy(s);
	struct policy_rule r;
	if (rule != NULL) {
		assert_true(policy_parse_rule(rule, &r));
		assert_true(policy_set(&p, &r));
	}
	p.disk = disk;
	if (store_set_policy(s, &p, &e) < 0)
		fail_msg("%s", e.text);
}

struct heard {
	uint64_t rows, times;
};

static void hear(void *ctx, const struct decay_record *row)
{
	struct heard *h = ctx;
	h->rows += row->row_count;
	h->times++;
}

static struct heard retain(struct store *s, struct moment now)
{
	struct heard h = {0};
	struct decay_sink sink = {hear, &h};
	struct error e = {0};
	uint64_t over;
	if (store_retain(s, now, &sink, &over, &e) < 0)
		fail_msg("%s", e.text);
	return h;
}

static void check_old_rows_go(int rows)
{
	char *path = lab_folder();
	struct store *s = fill(path, rows);
	int64_t pairs = lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_year");
	int64_t seen = lab_number(s, "SELECT sum(count)::BIGINT FROM seen");
	keep(s, "*=4d", 0);
	struct heard h = retain(s, noon(DAYS + 1000));
	/* 10 days are there; 4 are kept, counted from the newest record. */
	assert_int_equal(h.rows, 6 * (rows + 3 + 2));
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 4 * (rows + 3));
	assert_int_equal(lab_number(s, "SELECT count(*) FROM dns"), 8);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE ts < '2023-11-20'"), 0);
	assert_int_equal(
	    lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_year"), pairs);
	assert_int_equal(lab_number(s, "SELECT sum(count)::BIGINT FROM seen"), seen);
	assert_int_equal(
	    lab_number(s, "SELECT sum(row_count)::BIGINT FROM decay"), (int64_t)h.rows);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM decay WHERE why ="
				       " '--keep-conn 4d' AND span_end = '2023-11-20'"),
	    2);
	/* Once more changes nothing. */
	h = retain(s, noon(DAYS + 1000));
	assert_int_equal(h.times, 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 4 * (rows + 3));
	store_close(s);
	/* The policy is remembered. */
	s = lab_open(path, STORE_READ);
	assert_int_equal(policy_conn_days(store_policy(s)), 4);
	store_close(s);
	lab_done(path);
}

/* Few rows share a segment of a month or a year: it is written anew. */
static void old_rows_of_small_segments_go(void **state)
{
	(void)state;
	check_old_rows_go(5);
}

/* Many rows have segments by day: these go as they are. */
static void old_segments_go(void **state)
{
	(void)state;
	check_old_rows_go(5000);
}

static void a_clock_that_ran_ahead_empties_nothing(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = fill(path, 5);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	struct conn_record r = lab_conn(30 * 365, 0, 9);
	record_put(&sink, RECORD_CONN, &r);
	lab_commit(s);
	keep(s, "*=10d", 0);
	struct heard h = retain(s, noon(DAYS - 1));
	assert_int_equal(h.times, 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 8 * DAYS + 1);
	store_close(s);
	lab_done(path);
}

static void rules_speak_of_networks_and_protocols(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = fill(path, 5);
	keep(s, "10.0.0.2/32=3d", 0);
	keep(s, "*,dns=5d", 0);
	struct heard h = retain(s, noon(DAYS));
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE src_ip = '10.0.0.2'"), 9);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE src_ip = '10.0.0.1'"), 50);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM dns WHERE src_ip = '10.0.0.1'"), 5);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM dns WHERE src_ip = '10.0.0.2'"), 3);
	assert_int_equal(h.rows, 7 * 3 + 5 + 7);
	/* What comes late is thinned out as well. */
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	put_dns(&sink, 0, 2);
	put_dns(&sink, 0, 7);
	put_dns(&sink, 9, 7);
	lab_commit(s);
	h = retain(s, noon(DAYS));
	assert_int_equal(h.rows, 2);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM dns"), 9);
	/* A day later a day more goes, for a rule as for the other. */
	lab_begin(s);
	sink = store_sink(s);
	put_dns(&sink, 10, 7);
	struct conn_record c = lab_conn(10, 0, 7);
	record_put(&sink, RECORD_CONN, &c);
	lab_commit(s);
	h = retain(s, noon(DAYS + 1));
	assert_int_equal(h.rows, 3 + 1 + 1);
	store_close(s);
	lab_done(path);
}

#define NOISY_ROWS 80000 /* a day: they do not compress, so the memory has some size */

static struct store *fill_noisy(const char *path)
{
	struct store *s = lab_open(path, STORE_WRITE);
	uint64_t noise = 1;
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (int i = 0; i < NOISY_ROWS * DAYS; i++) {
		struct conn_record r = lab_conn(i % DAYS, i / DAYS, 1);
		noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
		r.src_bytes = noise >> 24;
		r.dst_bytes = noise >> 4;
		r.missed_bytes = noise * 3 >> 2;
		record_put(&sink, RECORD_CONN, &r);
	}
	lab_commit(s);
	return s;
}

static void over_the_budget_the_oldest_days_go(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = fill_noisy(path);
	struct store_size size;
	struct error e = {0};
	assert_int_equal(store_measure(s, &size, &e), 0);
	assert_int_equal(size.first, LAB_DAY);
	assert_int_equal(size.last, LAB_DAY + DAYS - 1);
	keep(s, NULL, size.bytes / 2);
	uint64_t over = 1;
	struct heard h = {0};
	struct decay_sink sink = {hear, &h};
	assert_int_equal(store_retain(s, noon(DAYS), &sink, &over, &e), 0);
	assert_int_equal(store_measure(s, &size, &e), 0);
	assert_true(size.bytes <= store_policy(s)->disk && over == 0);
	assert_true(h.rows > 0);
	/* Whole days, the oldest first; the newest stays. */
	int64_t left = lab_number(s, "SELECT count(*) FROM conn");
	assert_true(left > 0 && left % NOISY_ROWS == 0);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE ts >= '2023-11-23'"),
	    NOISY_ROWS);
	assert_int_equal(lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_year"),
	    NOISY_ROWS * DAYS);
	store_close(s);
	lab_done(path);
}

static void the_newest_day_and_the_roll_ups_stay_over_any_budget(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = fill_noisy(path);
	keep(s, NULL, POLICY_DISK_MIN);
	uint64_t over = 0;
	struct error e = {0};
	assert_int_equal(store_retain(s, noon(DAYS), NULL, &over, &e), 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), NOISY_ROWS);
	assert_true(over > 0);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(old_rows_of_small_segments_go),
	    cmocka_unit_test(old_segments_go),
	    cmocka_unit_test(a_clock_that_ran_ahead_empties_nothing),
	    cmocka_unit_test(rules_speak_of_networks_and_protocols),
	    cmocka_unit_test(over_the_budget_the_oldest_days_go),
	    cmocka_unit_test(the_newest_day_and_the_roll_ups_stay_over_any_budget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
