/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging small segments: few files are left, with the same rows, in order; roll-ups,
 * hunts and retention see nothing new; readers at work keep their files.
 */
#include "store_lab.h"

#include <dirent.h>
#include <glob.h>
#include <math.h>

#include "record/wire.h"
#include "store/live.h"
#include "store/memory.h"
#include "sys/path.h"

/* How many files match, below the memory. */
static size_t files(const char *path, const char *pattern)
{
	char *full;
	glob_t found;
	assert_true(asprintf(&full, "%s/%s", path, pattern) > 0);
	int status = glob(full, 0, NULL, &found);
	assert_true(status == 0 || status == GLOB_NOMATCH);
	size_t n = status == 0 ? found.gl_pathc : 0;
	globfree(&found);
	free(full);
	return n;
}

/* Open it to be written live, with a small journal. */
static struct store *open_live(const char *path)
{
	struct error e = {0};
	const struct policy small = {.disk = 32U << 20}, none = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	assert_int_equal(store_set_policy(s, &small, &e), 0);
	assert_int_equal(store_live(s, &e), 0);
	assert_int_equal(store_set_policy(s, &none, &e), 0);
	return s;
}

static void tidy(struct store *s)
{
	struct error e = {0};
	if (store_tidy(s, &e) < 0)
		fail_msg("tidy: %s", e.text);
}

/* A record of that type in which every field has a value that n decides, or is absent. */
static void fill(enum record_type type, uint64_t n, union wire_record *r,
    struct str texts[static 2], char text[static 32])
{
	const struct record_info *info = record_info(type);
	static const int64_t numbers[] = {-1, 7, INT64_MAX};
	record_clear(type, r);
	snprintf(text, 32, "text of row %llu", (unsigned long long)n);
	texts[0] = str_of(text);
	texts[1] = STR("ä");
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		void *at = (char *)r + f->offset;
		bool absent = (n + i) % 3 == 0 && strcmp(f->name, "ts") != 0;
		if (absent)
			continue;
		if (f->kind == FIELD_TIME)
			*(field_TIME *)at =
			    moment_from(LAB_DAY * 86400LL + (int64_t)(n % 80000), 1000);
		else if (f->kind == FIELD_SECONDS || f->kind == FIELD_REAL)
			*(double *)at = (double)n / 64;
		else if (f->kind == FIELD_IP)
			*(field_IP *)at = lab_v4(10, (uint8_t)i, 0, (uint8_t)n);
		else if (f->kind == FIELD_PORT)
			*(field_PORT *)at = (field_PORT)(n + i);
		else if (f->kind == FIELD_COUNT)
			*(field_COUNT *)at = n % 5 == 0 ? INT64_MAX : n;
		else if (f->kind == FIELD_INT)
			*(field_INT *)at = (int64_t)(n * i);
		else if (f->kind == FIELD_FLAG)
			*(field_FLAG *)at = (field_FLAG)(n % 2);
		else if (f->kind == FIELD_TEXT)
			*(field_TEXT *)at = n % 2 == 0 ? texts[0] : texts[1];
		else if (f->kind == FIELD_TEXTS)
			*(field_TEXTS *)at = (field_TEXTS){texts, 1 + n % 2};
		else
			*(field_INTS *)at = (field_INTS){numbers, n % 4};
	}
}

/* One number for all rows of a table, whatever their order. */
static int64_t table_hash(struct store *s, enum record_type type)
{
	char sql[128];
	snprintf(sql, sizeof(sql),
	    "SELECT CAST(sum(hash(t)%%1000003) AS BIGINT) FROM (SELECT * FROM %s) t",
	    record_info(type)->table);
	return lab_number(s, sql);
}

#define COMMITS 30

static void every_column_of_every_table_comes_through(void **state)
{
	(void)state;
	char *path = lab_quick_folder(), text[32], folder[PATH_MAX];
	int64_t before[RECORD_TYPES];
	struct str texts[2];
	union wire_record r;
	struct store *s = open_live(path);
	for (uint64_t i = 0; i < COMMITS; i++) {
		lab_begin(s);
		struct record_sink sink = store_sink(s);
		for (int t = 0; t < RECORD_TYPES; t++) {
			for (uint64_t k = 0;
			     k < 20 && catalog_by_day((enum record_type)t); k++) {
				fill((enum record_type)t, i * 20 + k, &r, texts, text);
				record_put(&sink, (enum record_type)t, &r);
			}
		}
		lab_commit(s);
	}
	for (int t = 0; t < RECORD_TYPES; t++)
		before[t] = table_hash(s, (enum record_type)t);
	assert_true(files(path, "*/day=*/*.parquet") > 500);
	tidy(s);
	for (int t = 0; t < RECORD_TYPES; t++) {
		const char *table = record_info((enum record_type)t)->table;
		snprintf(folder, sizeof(folder), "%s/*/*.parquet", table);
		if (files(path, folder) > 8)
			fail_msg("%s has %zu files", table, files(path, folder));
		if (table_hash(s, (enum record_type)t) != before[t])
			fail_msg("rows of %s are not the same", table);
	}
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), COMMITS * 20);
	assert_int_equal(store_live_counted(s).lost, 0);
	store_close(s);
	s = lab_open(path, STORE_WRITE);
	assert_int_equal(table_hash(s, RECORD_DNS), before[RECORD_DNS]);
	store_close(s);
	lab_done(path);
}

/* ---- a day of a live memory ---- */

/* n commits of a few connections each, from second *at on, with a step of tidying after
 * each of them. */
static void live_commits(struct store *s, int n, int day, int64_t *at)
{
	struct error e = {0};
	for (int i = 0; i < n; i++) {
		lab_begin(s);
		struct record_sink sink = store_sink(s);
		for (int k = 0; k < 5; k++, ++*at) {
			struct conn_record r = lab_conn(day, *at % 86400, 1);
			r.src_bytes = (uint64_t)*at;
			record_put(&sink, RECORD_CONN, &r);
		}
		lab_commit(s);
		if (store_tidy_step(s, &e) < 0)
			fail_msg("step: %s", e.text);
	}
}

static void a_day_of_commits_leaves_few_files(void **state)
{
	(void)state;
	char *path = lab_quick_folder();
	int64_t at = 0;
	struct store *s = open_live(path);
	live_commits(s, 600, 0, &at);
	size_t during = files(path, "conn/*/*.parquet");
	assert_true(during <= 40);
	live_commits(s, 1, 1, &at); /* the day is over */
	tidy(s);
	assert_true(files(path, "conn/day=2023-11-14/*.parquet") <= 3);
	assert_int_equal(files(path, "journal/merged"), 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), at);
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT src_bytes) FROM conn"), at);
	assert_int_equal(lab_number(s, "SELECT sum(connections) FROM pair_day"), at);
	print_message("# %zu files while 600 commits were made\n", during);
	store_close(s);
	lab_done(path);
}

/* Whoever remembers the number up to which he has looked finds nothing newer. */
static void what_was_merged_is_not_new(void **state)
{
	(void)state;
	char *path = lab_quick_folder();
	struct error e = {0};
	int64_t at = 0;
	uint32_t seq;
	struct store *s = open_live(path);
	for (int i = 0; i < 20; i++) {
		lab_begin(s);
		lab_put_conns(s, 5, 1, 1);
		lab_commit(s);
	}
	seq = s->catalog.seq;
	assert_int_equal(seq, 20);
	/* Counted by the roll-ups, then merged: it stays counted. */
	assert_int_equal(memory_roll(s, true, &e), 1);
	tidy(s);
	assert_true(files(path, "conn/*/*.parquet") < 8);
	for (size_t i = 0; i < s->catalog.tables[RECORD_CONN].n; i++) {
		const char *file = s->catalog.tables[RECORD_CONN].paths[i];
		assert_true(path_seq(strrchr(file, '/') + 1, SEGMENT_SUFFIX) <= seq);
	}
	assert_int_equal(s->catalog.unrolled.of[RECORD_CONN].n, 0);
	assert_int_equal(lab_number(s, "SELECT sum(connections) FROM pair_day"), 100);
	live_commits(s, 20, 0, &at);
	assert_int_equal(lab_number(s, "SELECT sum(connections) FROM pair_day"), 200);
	store_close(s);
	lab_done(path);
}

static void a_reader_at_work_keeps_its_files(void **state)
{
	(void)state;
	char *path = lab_quick_folder();
	struct error e = {0};
	struct store *s = open_live(path);
	for (int i = 0; i < 20; i++) {
		lab_begin(s);
		lab_put_conns(s, 500, 1, 1);
		lab_commit(s);
	}
	struct store *reader = lab_open(path, STORE_READ);
	struct store_rows *rows = store_query(reader, "SELECT ts FROM conn", &e);
	assert_non_null(rows);
	assert_true(store_next(rows));
	tidy(s);
	assert_int_equal(files(path, "journal/merged"), 1);
	assert_true(files(path, "conn/*/*.parquet") > 20); /* old and new */
	struct store *later = lab_open(path, STORE_READ);
	assert_int_equal(lab_number(later, "SELECT count(*) FROM conn"), 10000);
	store_close(later);
	int64_t n = 1;
	while (store_next(rows))
		n++;
	assert_false(store_rows_failed(rows, &e));
	assert_int_equal(n, 10000);
	store_rows_free(rows);
	tidy(s);
	assert_int_equal(files(path, "journal/merged"), 0);
	assert_true(files(path, "conn/*/*.parquet") < 20);
	/* The reader finds the new files by itself. */
	assert_int_equal(lab_number(reader, "SELECT count(*) FROM conn"), 10000);
	store_close(reader);
	store_close(s);
	lab_done(path);
}

/* ---- months ---- */

static void quiet_days_of_a_past_month_become_one_file(void **state)
{
	(void)state;
	char *path = lab_quick_folder();
	struct error e = {0};
	uint64_t over;
	int64_t at = 0;
	struct store *s = open_live(path);
	for (int day = 17; day < 48; day++) /* the whole of December, by day */
		live_commits(s, 3, day, &at);
	tidy(s);
	assert_int_equal(files(path, "conn/day=2023-12-*/*.parquet"), 30 + 3);
	live_commits(s, 1, 48, &at); /* the first of January */
	assert_true(memory_roll(s, true, &e) >= 0);
	tidy(s);
	assert_int_equal(files(path, "conn/day=2023-12-*"), 0);
	assert_int_equal(files(path, "conn/month=2023-12/*.parquet"), 1);
	assert_int_equal(files(path, "conn/day=2024-01-01/*.parquet"), 1);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), at);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE \"day\"='2023-12-05'"), 15);
	assert_int_equal(lab_number(s, "SELECT sum(connections) FROM pair_day"), at);
	/* Retention by day goes on as before. */
	struct policy policy = {.n = 1, .rules = {{.everyone = true, .days = 10}}};
	assert_int_equal(store_set_policy(s, &policy, &e), 0);
	struct moment now = moment_from((LAB_DAY + 48) * 86400LL + 4000, 0);
	if (store_retain(s, now, NULL, &over, &e) < 0)
		fail_msg("retain: %s", e.text);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 9 * 15 + 5);
	tidy(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 9 * 15 + 5);
	store_close(s);
	lab_done(path);
}

/* Columns of a later dwell are not thrown away by merging. */
static void what_has_unknown_columns_is_left_alone(void **state)
{
	(void)state;
	char *path = lab_quick_folder(), *command;
	struct error e = {0};
	struct store *s = open_live(path);
	for (int i = 0; i < 20; i++) {
		lab_begin(s);
		lab_put_conns(s, 5, 1, 1);
		lab_commit(s);
	}
	size_t n = files(path, "conn/*/*.parquet");
	assert_int_equal(n, 20);
	assert_true(
	    asprintf(&command,
		"COPY (SELECT *, 'later' AS of_later FROM read_parquet('%s/conn/"
		"day=2023-11-14/hq-00000003.parquet',hive_partitioning=false)) TO "
		"'%s/conn/day=2023-11-14/hq-00000004.parquet' (FORMAT parquet)",
		path, path) > 0);
	assert_int_equal(engine_run(&s->engine, command, &e), 0);
	tidy(s);
	tidy(s);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE of_later='later'"), 5);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 100);
	assert_int_equal(files(path, "conn/*/hq-00000004.parquet"), 1);
	assert_true(files(path, "conn/*/*.parquet") < n);
	free(command);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_column_of_every_table_comes_through),
	    cmocka_unit_test(a_day_of_commits_leaves_few_files),
	    cmocka_unit_test(what_was_merged_is_not_new),
	    cmocka_unit_test(a_reader_at_work_keeps_its_files),
	    cmocka_unit_test(quiet_days_of_a_past_month_become_one_file),
	    cmocka_unit_test(what_has_unknown_columns_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
