/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of rows whose keys are hard to tell apart (absent, empty, beginnings of each
 * other, equal but for one byte far behind) against a sort that compares whole keys.
 */
#include "store_lab.h"

#include "engine/stage.h"
#include "store/memory.h"
#include "store/run_merge.h"

#define RUNS  RUN_MERGE_MAX
#define ROWS  3000 /* of a run: more than a chunk of the engine */
#define CHUNK 2048

#define FOLDER "pair/year/by_src"

struct row {
	const char *texts[4]; /* src_ip, dst_ip, proto, server_name; NULL: absent */
	int32_t port;
	int64_t ts, v; /* v: every number of the row */
};

static const char *const words[] = {NULL, "", "a", "ab", "abc", "abd", "abcdefgh",
    "abcdefgi", "10.0.0.1", "10.0.0.10", "10.0.0.2", "a name that is not kept inline a",
    "a name that is not kept inline b", "a name that is not kept inline"};

static const size_t text_columns[] = {COLUMN_pair_year_src_ip, COLUMN_pair_year_dst_ip,
    COLUMN_pair_year_proto, COLUMN_pair_year_server_name};

static uint64_t state = 1;

static unsigned below(unsigned n)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % n;
}

static int compare_texts(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* In the order of the key's columns. */
static int compare(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int order = compare_texts(a->texts[0], b->texts[0]);
	order = order != 0 ? order : compare_texts(a->texts[1], b->texts[1]);
	order = order != 0 ? order : (a->port > b->port) - (a->port < b->port);
	order = order != 0 ? order : compare_texts(a->texts[2], b->texts[2]);
	order = order != 0 ? order : compare_texts(a->texts[3], b->texts[3]);
	return order != 0 ? order : (a->ts > b->ts) - (a->ts < b->ts);
}

static void make(struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < 4; k++)
			rows[i].texts[k] = words[below(sizeof(words) / sizeof(*words))];
		rows[i].port = (int32_t)below(3) - 1;
		rows[i].ts = (int64_t)below(3) - 1;
		rows[i].v = (int64_t)below(1000);
	}
	qsort(rows, n, sizeof(*rows), compare);
}

/* ---- writing runs ---- */

struct feed {
	const struct row *rows;
	size_t n, next;
};

static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct feed *f = ctx;
	size_t i = 0;
	for (; i < room && f->next < f->n; i++) {
		const struct row *r = &f->rows[f->next++];
		for (size_t k = COLUMN_pair_year_ts; k < pair_year_COLUMNS; k++)
			run_int(c, k, i, r->v);
		for (size_t k = 0; k < 4; k++) {
			duckdb_string_t t = {.value.inlined.length = UINT32_MAX};
			if (r->texts[k] != NULL)
				t = stage_string(r->texts[k], strlen(r->texts[k]));
			run_string(c, text_columns[k], i, t);
		}
		((int32_t *)c->data[COLUMN_pair_year_dst_port])[i] = r->port;
		run_int(c, COLUMN_pair_year_ts, i, r->ts);
	}
	return (int)i;
}

/* Write runs number 1 to RUNS. */
static void write_runs(struct store *s, struct row rows[RUNS][ROWS])
{
	struct journal_plan plan;
	struct error e = {0};
	assert_int_equal(journal_begin(&plan, s->path, 1, &e), 0);
	for (uint32_t i = 0; i < RUNS; i++) {
		struct feed f = {rows[i], ROWS, 0};
		struct run_source source = {fill, &f};
		struct run_place place = {s->path, &plan, FOLDER, "test", i + 1};
		assert_int_equal(
		    run_write(&s->runs, ROLLUP_PAIR_YEAR, &source, &place, &e), 0);
	}
	assert_int_equal(journal_commit(&plan, s->path, &e), 0);
	journal_drop(&plan, s->path);
}

static struct run_merge *start(struct store *s, char names[RUNS][64], struct error *e)
{
	struct run_files runs[RUNS];
	char *paths[RUNS];
	for (int i = 0; i < RUNS; i++) {
		snprintf(names[i], 64, FOLDER "/test-%08d-0000.parquet", i + 1);
		paths[i] = names[i];
		runs[i] = (struct run_files){&paths[i], 1};
	}
	return run_merge_new(&s->engine, RUNS_PAIR_YEAR, s->path, runs, RUNS, e);
}

/* ---- reading what came out ---- */

/* The columns of a chunk, that the caller frees. */
static void chunk_start(struct run_columns *c)
{
	*c = (struct run_columns){.count = pair_year_COLUMNS};
	for (size_t k = 0; k < c->count; k++) {
		c->data[k] = calloc(CHUNK, sizeof(duckdb_string_t));
		c->room[k] = calloc(CHUNK / 8, 1);
	}
}

static void chunk_free(struct run_columns *c)
{
	for (size_t k = 0; k < c->count; k++) {
		free(c->data[k]);
		free(c->room[k]);
	}
}

static void same_row(struct run_columns *c, size_t i, const struct row *r, int64_t sum)
{
	for (size_t k = 0; k < 4; k++) {
		size_t column = text_columns[k];
		assert_int_equal(run_is_absent(c, column, i), r->texts[k] == NULL);
		if (r->texts[k] == NULL)
			continue;
		struct str t = stage_str((duckdb_string_t *)c->data[column] + i);
		assert_true(str_equal(t, str_of(r->texts[k])));
	}
	assert_int_equal(((int32_t *)c->data[COLUMN_pair_year_dst_port])[i], r->port);
	assert_int_equal(((int64_t *)c->data[COLUMN_pair_year_ts])[i], r->ts);
	assert_int_equal(((int64_t *)c->data[COLUMN_pair_year_connections])[i], sum);
}

/* Take the rows of the next key from all; how many they are. */
static size_t take(const struct row *all, size_t n, int64_t *sum)
{
	size_t k = 0;
	for (*sum = 0; k < n && compare(&all[0], &all[k]) == 0; k++)
		*sum += all[k].v;
	return k;
}

static void merging_is_sorting_and_summing(void **unused)
{
	static struct row rows[RUNS][ROWS], all[RUNS * ROWS];
	char *path = lab_folder(), names[RUNS][64];
	struct store *s = lab_open(path, STORE_WRITE);
	struct error e = {0};
	struct run_columns c;
	(void)unused;
	for (size_t i = 0; i < RUNS; i++) {
		make(rows[i], ROWS);
		memcpy(all + i * ROWS, rows[i], sizeof(rows[i]));
	}
	qsort(all, RUNS * ROWS, sizeof(*all), compare);
	write_runs(s, rows);
	struct run_merge *m = start(s, names, &e);
	assert_non_null(m);
	chunk_start(&c);
	struct run_source source = run_merge_source(m);
	size_t at = 0, out = 0;
	for (int n; (n = source.fill(source.ctx, &c, 100 + below(CHUNK - 100))) > 0;) {
		for (size_t i = 0; i < (size_t)n; i++, out++) {
			int64_t sum;
			size_t first = at;
			at += take(all + at, RUNS * ROWS - at, &sum);
			assert_true(first < at);
			same_row(&c, i, &all[first], sum);
		}
		memset(c.validity, 0, sizeof(c.validity));
	}
	assert_false(run_merge_failed(m, &e));
	assert_int_equal(at, RUNS * ROWS);
	assert_int_equal(run_merge_rows(m), RUNS * ROWS);
	assert_in_range(out, ROWS, RUNS * ROWS - 1);
	chunk_free(&c);
	run_merge_free(m);
	store_close(s);
	lab_done(path);
}

static void a_run_out_of_order_is_refused(void **unused)
{
	static struct row rows[RUNS][ROWS];
	char *path = lab_folder(), names[RUNS][64];
	struct store *s = lab_open(path, STORE_WRITE);
	struct error e = {0};
	(void)unused;
	for (size_t i = 0; i < RUNS; i++)
		make(rows[i], ROWS);
	struct row first = rows[3][0];
	rows[3][0] = rows[3][ROWS - 1];
	rows[3][ROWS - 1] = first;
	write_runs(s, rows);
	assert_null(start(s, names, &e));
	assert_int_equal(e.code, ERR_MEMORY);
	assert_non_null(strstr(e.text, "not in order"));
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(merging_is_sorting_and_summing),
	    cmocka_unit_test(a_run_out_of_order_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
