/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small segments are joined: rows stay what they were, readers at work keep their files,
 * and a kill at any moment leaves each row once.
 */
#include "store_lab.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "store/memory.h"
#include "store/retain.h"

#define DAYS       40 /* one scan each */
#define DAY_CONNS  20
#define BUSY_CONNS 5000 /* enough for a segment of a day */
#define KILLS      24
/* More bytes of rows than one merge takes, in few bytes of files. */
#define ALIKE_SCANS 10
#define ALIKE_ROWS  90000

static size_t files_of(struct store *s, enum record_type type)
{
	struct error e = {0};
	if (memory_reload(s, &e) < 0 || catalog_list(&s->catalog, type, s->path, &e) < 0)
		fail_msg("%s", e.text);
	return s->catalog.tables[type].n;
}

static void put_day(struct store *s, int day, int n)
{
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (int i = 0; i < n; i++) {
		struct conn_record r = lab_conn(day, i, (uint8_t)(1 + i % 9));
		r.src_bytes = (uint64_t)(day * 1000 + i);
		record_put(&sink, RECORD_CONN, &r);
		struct smtp_record m;
		record_clear(RECORD_SMTP, &m);
		m.ts = r.ts;
		m.src_ip = r.src_ip;
		m.sensor = r.sensor;
		record_put(&sink, RECORD_SMTP, &m);
	}
	lab_commit(s);
}

static void roll_all(struct store *s)
{
	struct error e = {0};
	int done = 1;
	while (done > 0)
		done = memory_roll(s, true, &e);
	if (done < 0)
		fail_msg("%s", e.text);
}

static void join_all(struct store *s)
{
	struct error e = {0};
	int done = 1;
	while (done > 0)
		done = memory_join(s, &e);
	if (done < 0)
		fail_msg("%s", e.text);
}

/* What any reader may see: rows, their sum and their count by day. */
static int64_t rows_of(struct store *s)
{
	return lab_number(
	    s, "SELECT (bit_xor(hash(c::VARCHAR)) >> 2)::BIGINT FROM conn AS c");
}

static void joined_rows_are_the_same(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	for (int day = 0; day < DAYS; day++)
		put_day(s, day, DAY_CONNS);
	int64_t before = rows_of(s);
	/* What waits for the roll-ups is joined apart, and waits still. */
	join_all(s);
	assert_true(files_of(s, RECORD_CONN) < 8);
	assert_true(s->catalog.unrolled.of[RECORD_CONN].n > 0);
	assert_true(files_of(s, RECORD_SMTP) < 8);
	roll_all(s);
	join_all(s);
	assert_true(files_of(s, RECORD_CONN) < 8);
	assert_int_equal(s->catalog.merged.n, 0);
	assert_int_equal(rows_of(s), before);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), DAYS * DAY_CONNS);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM smtp"), DAYS * DAY_CONNS);
	/* The roll-ups count each row once, still. */
	assert_int_equal(lab_number(s, "SELECT sum(connections)::BIGINT FROM pair_month"),
	    DAYS * DAY_CONNS);
	/* Nothing is left to do. */
	struct error e = {0};
	assert_int_equal(memory_join(s, &e), 0);
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_int_equal(rows_of(s), before);
	store_close(s);
	lab_done(path);
}

/* Minutes that are all alike take next to no bytes in a file, and as many in memory as
 * others: what has too many of them stays as it is. */
static void rows_that_are_alike_are_too_many(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct error e = {0};
	for (int day = 0; day < ALIKE_SCANS; day++) {
		lab_begin(s);
		struct record_sink sink = store_sink(s);
		struct watch_record r;
		record_clear(RECORD_WATCH, &r);
		r.sensor = STR("alike");
		for (int i = 0; i < ALIKE_ROWS; i++) {
			r.ts = moment_from(1700000000 + i / 1000, 0);
			record_put(&sink, RECORD_WATCH, &r);
		}
		lab_commit(s);
	}
	join_all(s);
	assert_true(files_of(s, RECORD_WATCH) > 1);
	assert_int_equal(memory_join(s, &e), 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM watch"),
	    (int64_t)ALIKE_SCANS * ALIKE_ROWS);
	store_close(s);
	lab_done(path);
}

/* Days of their own become months, and full ones stay. */
static void days_become_months(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	for (int day = 0; day < 12; day++)
		put_day(s, day, BUSY_CONNS);
	int64_t before = rows_of(s);
	roll_all(s);
	join_all(s);
	assert_int_equal(rows_of(s), before);
	bool month = false;
	for (size_t i = 0; i < s->catalog.tables[RECORD_CONN].n; i++) {
		int64_t from, end;
		const char *name = s->catalog.tables[RECORD_CONN].paths[i];
		assert_true(retain_span(name, &from, &end));
		month = month || strstr(name, "/month=2023-11/hq.") != NULL;
	}
	assert_true(month);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn WHERE day = DATE "
				       "'2023-11-16'"),
	    BUSY_CONNS);
	store_close(s);
	lab_done(path);
}

static void a_reader_keeps_its_files(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	for (int day = 0; day < 10; day++)
		put_day(s, day, DAY_CONNS);
	roll_all(s);
	struct store *reader = lab_open(path, STORE_READ);
	struct store_rows *r = store_query(reader, "SELECT src_bytes FROM conn", &e);
	assert_non_null(r);
	join_all(s);
	assert_int_equal(s->catalog.merged.n, 20); /* of conn and smtp */
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 10 * DAY_CONNS);
	int n = 0;
	while (store_next(r))
		n++;
	assert_int_equal(store_rows_end(r, &e), 0);
	assert_int_equal(n, 10 * DAY_CONNS);
	assert_int_equal(lab_number(reader, "SELECT count(*) FROM conn"), 10 * DAY_CONNS);
	join_all(s);
	assert_int_equal(store_tidy(s, &e), 0);
	assert_int_equal(s->catalog.merged.n, 0);
	store_close(reader);
	store_close(s);
	lab_done(path);
}

/* ---- kill -9 ---- */

static _Noreturn void toil(const char *path, int day, int ready)
{
	struct error e = {0};
	struct store *s = store_open(path, STORE_WRITE, &e);
	if (s == NULL || write(ready, "s", 1) != 1)
		_exit(3);
	for (;; day += 8) {
		for (int i = 0; i < 8; i++)
			put_day(s, day + i, DAY_CONNS);
		int done = 1;
		while (done > 0)
			done = memory_roll(s, true, &e);
		while (done >= 0 && (done = memory_join(s, &e)) > 0)
			continue;
		if (done < 0)
			_exit(4);
		(void)!write(ready, "c", 1);
	}
}

static long now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Let a child toil for ns from its start, or (negative) one round. How long it took. */
static long kill_after(const char *path, int day, long ns)
{
	int ready[2], status;
	char c;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		toil(path, day, ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	long start = now_ns();
	if (ns < 0)
		assert_int_equal(read(ready[0], &c, 1), 1);
	else
		nanosleep(&(struct timespec){ns / 1000000000, ns % 1000000000}, NULL);
	long took = now_ns() - start;
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(ready[0]);
	return took;
}

static void killed_at_any_moment_each_row_is_there_once(void **state)
{
	(void)state;
	unsigned seed = 5;
	char *path = lab_folder();
	long round = kill_after(path, 0, -1);
	int64_t before = 0;
	for (int i = 1; i <= KILLS; i++) {
		double part = (double)rand_r(&seed) / RAND_MAX * 1.5;
		kill_after(path, i * 100, (long)(part * (double)round));
		struct store *s = lab_open(path, i % 4 == 0 ? STORE_WRITE : STORE_READ);
		int64_t rows = lab_number(s, "SELECT count(*) FROM conn");
		assert_int_equal(rows % DAY_CONNS, 0);
		assert_true(rows >= before);
		assert_int_equal(lab_number(s, "SELECT count(*) FROM smtp"), rows);
		assert_int_equal(
		    lab_number(s, "SELECT count(DISTINCT (src_bytes, ts)) FROM conn"),
		    rows);
		assert_int_equal(
		    lab_number(
			s, "SELECT coalesce(sum(connections),0)::BIGINT FROM pair_month"),
		    rows);
		before = rows;
		store_close(s);
	}
	assert_true(before > 0);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(joined_rows_are_the_same),
	    cmocka_unit_test(rows_that_are_alike_are_too_many),
	    cmocka_unit_test(days_become_months),
	    cmocka_unit_test(a_reader_keeps_its_files),
	    cmocka_unit_test(killed_at_any_moment_each_row_is_there_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
