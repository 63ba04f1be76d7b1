/* SPDX-License-Identifier: Apache-2.0 */
/* Files as another program reads them: the engine, and by number of row. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <duckdb.h>

#include "parquet/parquet.h"

#define GROUP_ROWS 30720

/* The columns: values are made from the number of their row, so that a question in SQL
 * can say what they must be. */
enum {
	TIME,
	DECIMAL,
	REAL,
	PORT,
	COUNT,
	FLAG,
	TEXT,
	UNIQUE,
	NOTHING,
	TEXTS,
	INTS,
	FIELDS
};

static const struct parquet_field fields[FIELDS] = {{"t", PARQUET_TIME, false},
    {"d", PARQUET_DECIMAL, false}, {"r", PARQUET_REAL, false},
    {"p", PARQUET_INT32, false}, {"c", PARQUET_INT64, false}, {"f", PARQUET_FLAG, false},
    {"s", PARQUET_TEXT, false}, {"u", PARQUET_TEXT, false}, {"n", PARQUET_TEXT, false},
    {"l", PARQUET_TEXT, true}, {"i", PARQUET_INT64, true}};

/* What a row must be; i is its number. */
static const char differs[] =
    "NOT (t = make_timestamp(1700000000000000 + i * 1000003) "
    "AND d IS NOT DISTINCT FROM CASE WHEN i % 7 <> 0 THEN (i % 1000)::DECIMAL(18,6) / 8 "
    "END "
    "AND r IS NOT DISTINCT FROM CASE WHEN i % 3 <> 0 THEN i / 3.0 - 100 END "
    "AND p = i % 65536 AND c = CASE WHEN i % 2 = 0 THEN 0 ELSE i * i * 1000 END "
    "AND f IS NOT DISTINCT FROM CASE WHEN i % 5 <> 0 THEN i % 2 = 1 END "
    "AND s IS NOT DISTINCT FROM CASE WHEN i % 11 <> 0 THEN 'value ' || (i % 300) END "
    "AND u = 'https://example.com/' || i AND n IS NULL "
    "AND l = list_transform(range(i % 4), x -> 'e' || (i + x)) "
    "AND i2 = list_transform(range(i % 3), x -> i * x))";

struct lab {
	char folder[64], file[96];
	struct parquet_writer *w;
	bool copies;
	char (*texts)[32]; /* of all rows; of the last ones where they are copied */
	char (*elements)[16];
};

static void put_batch(struct lab *lab, int64_t first, size_t n)
{
	int64_t v[FIELDS][PARQUET_AT_ONCE];
	struct str s[2][PARQUET_AT_ONCE];
	uint64_t absent[FIELDS] = {[NOTHING] = UINT64_MAX};
	for (size_t k = 0; k < n; k++) {
		int64_t i = first + (int64_t)k;
		double real = (double)i / 3.0 - 100;
		int64_t at = lab->copies ? (int64_t)k : i;
		char *text = lab->texts[2 * at], *link = lab->texts[2 * at + 1];
		v[TIME][k] = 1700000000000000 + i * 1000003;
		v[DECIMAL][k] = i % 1000 * 125000;
		memcpy(&v[REAL][k], &real, sizeof(real));
		v[PORT][k] = i % 65536;
		v[COUNT][k] = i % 2 == 0 ? 0 : i * i * 1000;
		v[FLAG][k] = i % 2;
		absent[DECIMAL] |= (uint64_t)(i % 7 == 0) << k;
		absent[REAL] |= (uint64_t)(i % 3 == 0) << k;
		absent[FLAG] |= (uint64_t)(i % 5 == 0) << k;
		absent[TEXT] |= (uint64_t)(i % 11 == 0) << k;
		s[0][k] = (struct str){
		    text, (size_t)snprintf(text, 32, "value %d", (int)(i % 300))};
		s[1][k] = (struct str){
		    link, (size_t)snprintf(link, 32, "https://example.com/%d", (int)i)};
	}
	for (size_t c = TIME; c <= FLAG; c++)
		parquet_ints(lab->w, c, v[c], absent[c], n);
	parquet_texts(lab->w, TEXT, s[0], absent[TEXT], n);
	parquet_texts(lab->w, UNIQUE, s[1], 0, n);
	parquet_texts(lab->w, NOTHING, s[1], absent[NOTHING] >> (64 - n), n);
}

/* Texts of lists: as many as there are; "e" and a number. */
static void put_lists(struct lab *lab, int64_t first, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		int64_t i = first + (int64_t)k, numbers[2] = {0, i};
		struct str list[3];
		for (int64_t x = 0; x < i % 4; x++) {
			char *p = lab->elements[(lab->copies ? 0 : i * 3) + x];
			list[x] =
			    (struct str){p, (size_t)snprintf(p, 16, "e%d", (int)(i + x))};
		}
		parquet_list(lab->w, TEXTS, (size_t)(i % 4));
		parquet_texts(lab->w, TEXTS, list, 0, (size_t)(i % 4));
		parquet_list(lab->w, INTS, (size_t)(i % 3));
		parquet_ints(lab->w, INTS, numbers, 0, (size_t)(i % 3));
	}
}

static void write_rows(struct lab *lab, size_t n)
{
	struct error e = {0};
	size_t kept = lab->copies ? PARQUET_AT_ONCE : n + 1;
	lab->elements = calloc(3 * kept, sizeof(*lab->elements));
	lab->texts = calloc(2 * kept, sizeof(*lab->texts));
	assert_non_null(lab->elements);
	assert_int_equal(parquet_begin(lab->w, lab->file, fields, FIELDS, &e), 0);
	for (size_t i = 0; i < n; i += PARQUET_AT_ONCE) {
		size_t part = n - i < PARQUET_AT_ONCE ? n - i : PARQUET_AT_ONCE;
		put_batch(lab, (int64_t)i, part);
		put_lists(lab, (int64_t)i, part);
		assert_int_equal(parquet_rows(lab->w, part, &e), 0);
	}
	assert_int_equal(parquet_end(lab->w, &e), 0);
	free(lab->texts);
	free(lab->elements);
}

/* The one number that a query gives; $ stands for the file. */
static int64_t ask(const struct lab *lab, const char *sql)
{
	duckdb_database db;
	duckdb_connection conn;
	duckdb_result r;
	char text[4096];
	size_t n = 0;
	for (; *sql != '\0' && n + sizeof(lab->file) < sizeof(text); sql++) {
		if (*sql == '$')
			n += (size_t)snprintf(
			    text + n, sizeof(text) - n, "'%s'", lab->file);
		else
			text[n++] = *sql;
	}
	text[n] = '\0';
	assert_int_equal(duckdb_open(NULL, &db), DuckDBSuccess);
	assert_int_equal(duckdb_connect(db, &conn), DuckDBSuccess);
	if (duckdb_query(conn, text, &r) == DuckDBError)
		fail_msg("%s: %s", text, duckdb_result_error(&r));
	int64_t v = duckdb_value_int64(&r, 0, 0);
	duckdb_destroy_result(&r);
	duckdb_disconnect(&conn);
	duckdb_close(&db);
	return v;
}

static int start(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	snprintf(lab->folder, sizeof(lab->folder), "%s/dwell-parquet-XXXXXX", P_tmpdir);
	assert_non_null(mkdtemp(lab->folder));
	snprintf(lab->file, sizeof(lab->file), "%s/f.parquet", lab->folder);
	lab->w = parquet_new(GROUP_ROWS, false);
	*state = lab;
	return lab->w == NULL;
}

/* The same with a writer that copies. */
static int start_copying(void **state)
{
	start(state);
	struct lab *lab = *state;
	parquet_free(lab->w);
	lab->w = parquet_new(2 * GROUP_ROWS, true);
	lab->copies = true;
	return lab->w == NULL;
}

static int stop(void **state)
{
	struct lab *lab = *state;
	parquet_free(lab->w);
	unlink(lab->file);
	rmdir(lab->folder);
	free(lab);
	return 0;
}

/* Sizes around those of masks, blocks and row groups. */
static void rows_come_back(void **state)
{
	static const size_t sizes[] = {1, 2, 63, 64, 65, 1025, 30720, 30721, 70000};
	char sql[2048];
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FILTER (%s) FROM (SELECT * RENAME (i AS i2), "
	    "file_row_number "
	    "AS i FROM read_parquet($, file_row_number=true))",
	    differs);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		write_rows(*state, sizes[i]);
		assert_int_equal(ask(*state, "SELECT count(*) FROM $"), sizes[i]);
		assert_int_equal(ask(*state, sql), 0);
	}
	int64_t groups =
	    ask(*state, "SELECT count(DISTINCT row_group_id) FROM parquet_metadata($)");
	assert_int_equal(groups, ((struct lab *)*state)->copies ? 2 : 3);
}

/* Copied texts end a row group before it is full. */
static void copies_are_bounded(void **state)
{
	struct lab *lab = *state;
	struct error e = {0};
	static char text[PARQUET_COPIES / 100];
	assert_int_equal(parquet_begin(lab->w, lab->file, &fields[TEXT], 1, &e), 0);
	for (int i = 0; i < 250; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		text[i % 7] = (char)('a' + i / 10);
		const struct str v = {text, sizeof(text)};
		parquet_texts(lab->w, 0, &v, 0, 1);
		assert_int_equal(parquet_rows(lab->w, 1, &e), 0);
	}
	assert_int_equal(parquet_end(lab->w, &e), 0);
	assert_int_equal(ask(lab, "SELECT count(*) FROM $"), 250);
	assert_true(ask(lab, "SELECT count(*) FROM parquet_metadata($)") >= 3);
}

/* What is skipped by least and greatest values, and by filters, has nothing of it. */
static void what_is_skipped_is_not_there(void **state)
{
	write_rows(*state, 70000);
	for (int i = 0; i < 300; i += 23) {
		char sql[160];
		snprintf(
		    sql, sizeof(sql), "SELECT count(*) FROM $ WHERE s = 'value %d'", i);
		int64_t found = ask(*state, sql);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM $ WHERE s || '' = 'value %d'", i);
		assert_int_equal(found, ask(*state, sql));
		assert_true(found > 0);
	}
	assert_int_equal(ask(*state, "SELECT count(*) FROM $ WHERE s = 'value 77x'"), 0);
	assert_int_equal(
	    ask(*state,
		"SELECT count(*) FROM $ WHERE t > make_timestamp(1700000000000000 "
		"+ 69998 * 1000003::BIGINT)"),
	    1);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FROM $ WHERE c = 69999::BIGINT*69999*1000"), 1);
	assert_true(ask(*state, "SELECT count(bloom_filter_offset) FROM "
				"parquet_metadata($)") > 0);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FILTER (bloom_filter_excludes) FROM "
			"parquet_bloom_probe($, 's', 'value 299')"),
	    0);
	assert_true(ask(*state, "SELECT count(*) FILTER (bloom_filter_excludes) FROM "
				"parquet_bloom_probe($, 's', 'value 299x')") > 0);
}

static void statistics_say_what_is_there(void **state)
{
	write_rows(*state, 1000);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FROM parquet_metadata($) WHERE "
			"path_in_schema = 's' AND stats_min_value = 'value 0' AND "
			"stats_max_value = 'value 99' AND stats_null_count = 91"),
	    1);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FROM parquet_metadata($) WHERE "
			"path_in_schema = 'd' AND stats_min_value = '0.125000' "
			"AND stats_max_value = '124.875000'"),
	    1);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FROM parquet_metadata($) WHERE "
			"path_in_schema = 'n' AND stats_min_value IS NULL AND "
			"stats_null_count = num_values"),
	    1);
}

static void no_rows_are_a_file_too(void **state)
{
	write_rows(*state, 0);
	assert_int_equal(ask(*state, "SELECT count(*) FROM $"), 0);
	assert_int_equal(
	    ask(*state, "SELECT count(*) FROM (DESCRIBE SELECT * FROM $)"), FIELDS);
}

/* A text too long for statistics has none, and is whole. */
static void long_texts_have_no_bounds(void **state)
{
	struct lab *lab = *state;
	struct error e = {0};
	static char text[300000];
	memset(text, 'x', sizeof(text));
	const struct str v[2] = {{text, 3}, {text, sizeof(text)}};
	assert_int_equal(parquet_begin(lab->w, lab->file, &fields[TEXT], 1, &e), 0);
	parquet_texts(lab->w, 0, v, 0, 2);
	assert_int_equal(parquet_rows(lab->w, 2, &e), 0);
	assert_int_equal(parquet_end(lab->w, &e), 0);
	assert_int_equal(ask(lab, "SELECT count(*) FROM parquet_metadata($) WHERE "
				  "stats_max_value IS NULL"),
	    1);
	assert_int_equal(ask(lab, "SELECT max(length(s)) FROM $"), sizeof(text));
}

static void the_extremes_come_back(void **state)
{
	struct lab *lab = *state;
	struct error e = {0};
	const int64_t v[] = {INT64_MAX, INT64_MIN, 0, -1, INT64_MAX, INT64_MIN};
	assert_int_equal(parquet_begin(lab->w, lab->file, &fields[COUNT], 1, &e), 0);
	parquet_ints(lab->w, 0, v, 0, 6);
	assert_int_equal(parquet_rows(lab->w, 6, &e), 0);
	assert_int_equal(parquet_end(lab->w, &e), 0);
	assert_int_equal(
	    ask(lab, "SELECT count(*) FROM $ WHERE c = 9223372036854775807"), 2);
	assert_int_equal(ask(lab, "SELECT min(c) FROM $"), INT64_MIN);
}

static void what_can_not_be_written_is_said(void **state)
{
	struct lab *lab = *state;
	struct error e = {0};
	struct parquet_field many[PARQUET_COLUMNS_MAX + 1] = {0};
	assert_int_equal(
	    parquet_begin(lab->w, lab->file, many, PARQUET_COLUMNS_MAX + 1, &e), -1);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(
	    parquet_begin(lab->w, "/nowhere/of/all/f.parquet", fields, 1, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_int_equal(parquet_begin(lab->w, "/dev/full", fields, 1, &e), 0);
	assert_int_equal(parquet_end(lab->w, &e), -1);
	assert_int_equal(e.code, ERR_SYSTEM);
	assert_non_null(strstr(e.text, "/dev/full"));
	write_rows(lab, 10);
	assert_int_equal(ask(lab, "SELECT count(*) FROM $"), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(rows_come_back, start, stop),
	    cmocka_unit_test_setup_teardown(rows_come_back, start_copying, stop),
	    cmocka_unit_test_setup_teardown(copies_are_bounded, start_copying, stop),
	    cmocka_unit_test_setup_teardown(what_is_skipped_is_not_there, start, stop),
	    cmocka_unit_test_setup_teardown(statistics_say_what_is_there, start, stop),
	    cmocka_unit_test_setup_teardown(no_rows_are_a_file_too, start, stop),
	    cmocka_unit_test_setup_teardown(long_texts_have_no_bounds, start, stop),
	    cmocka_unit_test_setup_teardown(the_extremes_come_back, start, stop),
	    cmocka_unit_test_setup_teardown(what_can_not_be_written_is_said, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
