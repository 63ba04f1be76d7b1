/* SPDX-License-Identifier: Apache-2.0 */
/* Queries: only reading is let through, rows stream, values of any type come out right,
 * and what the engine skips by statistics and Bloom filters never changes an answer. */
#include "record/rollup.h"
#include "store_lab.h"

#include <dirent.h>
#include <math.h>
#include <sys/resource.h>

static struct store *lab_memory(char **path, int rows, int days)
{
	*path = lab_folder();
	struct store *s = lab_open(*path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, rows, days, 1);
	lab_put_conns(s, rows, days, 7);
	lab_commit(s);
	store_close(s);
	return lab_open(*path, STORE_READ);
}

static int entries(const char *path)
{
	int n = 0;
	DIR *d = opendir(path);
	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void refused(struct store *s, const char *sql)
{
	struct error e = {0};
	struct store_rows *r = store_query(s, sql, &e);
	if (r != NULL)
		fail_msg("not refused: %s", sql);
	if (e.code != ERR_USAGE)
		fail_msg("%s: code %d: %s", sql, e.code, e.text);
}

/* %s is the memory's folder. */
static const char *const forbidden[] = {
    "COPY conn TO '%s/x.csv'",
    "COPY (SELECT 1) TO '%s/x.parquet'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '%s/x.csv'",
    "EXPLAIN (ANALYZE) COPY (SELECT 1) TO '%s/x.csv'",
    "EXPORT DATABASE '%s/x'",
    "/* a /* b */ SELECT */ EXPORT DATABASE '%s/x'",
    "EXPLAIN ANALYZE /* c */ EXPORT DATABASE '%s/x'",
    "WITH x AS (SELECT 1) EXPORT DATABASE '%s/x'",
    "ATTACH '%s/x.db'",
    "SELECT 1; COPY conn TO '%s/x.csv'",
    "SELECT * FROM query('COPY conn TO ''%s/x.csv''')",
    "SELECT * FROM enable_logging(storage='file', storage_path='%s/log')",
    "SELECT * FROM \"Enable_Logging\"(storage='file', storage_path='%s/log')",
    "SELECT * FROM query('FROM enable_' || 'logging()')",
    "SELECT * FROM \"query\" /* x */ ('FROM enable_' || 'logging()')",
    "SELECT * FROM U&\"enable\\005flogging\"()",
    "CREATE TABLE t (a INT)",
    "INSERT INTO conn SELECT * FROM conn",
    "DELETE FROM conn",
    "DROP VIEW conn",
    "SET threads = 8",
    "RESET lock_configuration",
    "PRAGMA threads = 8",
    "PRAGMA enable_profiling",
    "CALL pragma_version()",
    "INSTALL httpfs",
    "LOAD httpfs",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "PREPARE p AS SELECT 1",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('%s/dwell.json')", /* the secret */
    "SELECT * FROM '%s/dwell.json'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_csv('%s/../x')",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELEC 1",
    "SELECT nothing FROM conn",
    "SELECT * FROM nothing",
    "SELECT 'x'::INT FROM conn",
    "",
    "-- only a comment",
    ";",
};

static void only_reading_is_allowed(void **state)
{
	(void)state;
	char *path;
	struct store *s = lab_memory(&path, 10, 1);
	int before = entries(path);
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		const char *hole = strstr(forbidden[i], "%s");
		char *sql;
		int head =
		    hole != NULL ? (int)(hole - forbidden[i]) : (int)strlen(forbidden[i]);
		assert_true(asprintf(&sql, "%.*s%s%s", head, forbidden[i],
				hole ? path : "", hole ? hole + 2 : "") >= 0);
		refused(s, sql);
		free(sql);
	}
	assert_int_equal(entries(path), before);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 20);
	store_close(s);
	lab_done(path);
}

static void reading_in_all_its_forms_works(void **state)
{
	(void)state;
	static const char *const allowed[] = {"SELECT 1", " -- c\n SELECT 1;",
	    "FROM conn", "VALUES (1)", "WITH x AS (SELECT 1) SELECT * FROM x",
	    "DESCRIBE conn", "DESC conn", "SHOW TABLES", "SUMMARIZE conn",
	    "EXPLAIN SELECT 1", "EXPLAIN ANALYZE FROM conn", "PRAGMA table_info('conn')",
	    "SELECT column_name FROM information_schema.columns",
	    "SELECT * FROM query_table('co' || 'nn')", "select * from CONN",
	    "SELECT query, count(query) FROM dns RIGHT JOIN conn USING (ts) GROUP BY "
	    "query"};
	char *path;
	struct error e = {0};
	struct store *s = lab_memory(&path, 10, 1);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		struct store_rows *r = store_query(s, allowed[i], &e);
		if (r == NULL)
			fail_msg("%s: %s", allowed[i], e.text);
		assert_true(store_next(r));
		store_rows_free(r);
	}
	/* Three roll-ups of pairs have a second view, in the order of dst; and there are
	 * the views hosts, peers, names and mute. */
	assert_int_equal(lab_number(s, "SELECT count(*) FROM (SHOW TABLES)"),
	    RECORD_TYPES + ROLLUP_TYPES + 3 + 4);
	store_close(s);
	lab_done(path);
}

static void several_queries_stream_side_by_side(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct store *s = lab_memory(&path, 5000, 2);
	struct store_rows *a = store_query(s, "SELECT source_offset FROM conn", &e);
	struct store_rows *b = store_query(s, "SELECT i FROM range(10000) t(i)", &e);
	assert_non_null(a);
	assert_non_null(b);
	int64_t n = 0, sum = 0;
	while (store_next(a)) {
		assert_true(store_next(b));
		assert_int_equal(store_int(b, 0), n++);
		sum += store_int(a, 0);
	}
	assert_false(store_next(b));
	assert_false(store_next(b));
	assert_int_equal(n, 10000);
	assert_int_equal(sum, 4 * (2499LL * 2500 / 2));
	store_rows_free(a);
	store_rows_free(b);
	store_close(s);
	lab_done(path);
}

/* A result of 800 MB must not be held: rows stream. */
static void memory_does_not_grow_with_rows(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct rusage before, after;
	struct store *s = lab_memory(&path, 10, 1);
	getrusage(RUSAGE_SELF, &before);
	struct store_rows *r = store_query(s,
	    "SELECT i, 'some text that is not inline ' || i FROM range(20000000) t(i)",
	    &e);
	assert_non_null(r);
	int64_t n = 0;
	while (n < 3000000 && store_next(r))
		n++;
	assert_int_equal(n, 3000000);
	store_rows_free(r);
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 40000);
	store_close(s);
	lab_done(path);
}

static void parameters_are_texts(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct store *s = lab_memory(&path, 10, 1);
	const struct str params[2] = {STR("10.0.0.7"), STR("'; DROP VIEW conn --")};
	struct store_rows *r = store_query_with(s,
	    "SELECT count(*) FROM conn WHERE src_ip = $1 AND state <> $2", params, 2, &e);
	assert_non_null(r);
	assert_true(store_next(r));
	assert_int_equal(store_int(r, 0), 10);
	store_rows_free(r);
	assert_null(store_query_with(s, "SELECT $1, $2, $3", params, 2, &e));
	assert_int_equal(e.code, ERR_USAGE);
	store_close(s);
	lab_done(path);
}

/* SQL expression, how it shows, how it is in JSON. */
static const char *const values[][3] = {
    {"NULL", NULL, "null"},
    {"true", "true", "true"},
    {"(-128)::TINYINT", "-128", "-128"},
    {"18446744073709551615::UBIGINT", "18446744073709551615", "18446744073709551615"},
    {"(-170141183460469231731687303715884105727)::HUGEINT - 1",
	"-170141183460469231731687303715884105728",
	"-170141183460469231731687303715884105728"},
    {"0.1::DOUBLE", "0.1", "0.1"},
    {"1e300::DOUBLE", "1e+300", "1e+300"},
    {"(1/3)::DOUBLE", "0.3333333333333333", "0.3333333333333333"},
    {"0.1::FLOAT", "0.1", "0.1"},
    {"'nan'::DOUBLE", "nan", "null"},
    {"-0.05::DECIMAL(5,3)", "-0.050", "-0.050"},
    {"12.50::DECIMAL(30,2)", "12.50", "12.50"},
    {"7::DECIMAL(4,0)", "7", "7"},
    {"'a\"b'", "a\"b", "\"a\\\"b\""},
    {"DATE '2024-02-29'", "2024-02-29", "\"2024-02-29\""},
    {"TIMESTAMP '2024-02-29 23:59:59.000001'", "2024-02-29T23:59:59.000001Z",
	"\"2024-02-29T23:59:59.000001Z\""},
    {"TIMESTAMP_S '1969-12-31 23:59:59'", "1969-12-31T23:59:59.000000Z",
	"\"1969-12-31T23:59:59.000000Z\""},
    {"TIMESTAMP '4000-01-01'", "4000-01-01T00:00:00.000000Z",
	"\"4000-01-01T00:00:00.000000Z\""},
    {"TIMESTAMP 'infinity'", "infinity", "\"infinity\""},
    {"TIME '01:02:03'", "01:02:03.000000", "\"01:02:03.000000\""},
    {"INTERVAL '1 month 2 days -3 hours'", "1 months 2 days -03:00:00.000000",
	"\"1 months 2 days -03:00:00.000000\""},
    {"'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID",
	"6ba7b810-9dad-11d1-80b4-00c04fd430c8",
	"\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\""},
    {"'\\xAA\\x00'::BLOB", "aa00", "\"aa00\""},
    {"'b'::ENUM('a','b')", "b", "\"b\""},
    {"[1, NULL, 3]", "[1,null,3]", "[1,null,3]"},
    {"[[], ['x']]", "[[],[\"x\"]]", "[[],[\"x\"]]"},
    {"[1, 2]::INT[2]", "[1,2]", "[1,2]"},
    {"{'a': 1, 'b': ['x']}", "{\"a\":1,\"b\":[\"x\"]}", "{\"a\":1,\"b\":[\"x\"]}"},
    {"MAP {'k': 1}", "[{\"key\":\"k\",\"value\":1}]", "[{\"key\":\"k\",\"value\":1}]"},
};

static void assert_text(const char *sql, struct str is, const char *should)
{
	if (should == NULL) {
		assert_null(is.p);
		return;
	}
	if (!str_equal(is, str_of(should)))
		fail_msg("%s: '%.*s' instead of '%s'", sql, STR_ARG(is), should);
}

static void values_of_every_type_are_shown(void **state)
{
	(void)state;
	char *path;
	struct arena a;
	struct store *s = lab_memory(&path, 1, 1);
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char sql[256];
		struct error e = {0};
		snprintf(sql, sizeof(sql), "SELECT %s", values[i][0]);
		struct store_rows *r = store_query(s, sql, &e);
		if (r == NULL)
			fail_msg("%s: %s", sql, e.text);
		assert_true(store_next(r));
		assert_text(sql, store_show(r, 0, &a), values[i][1]);
		assert_text(sql, store_json(r, 0, &a), values[i][2]);
		store_rows_free(r);
	}
	refused(s, "SELECT '101'::BIT");
	arena_fini(&a);
	store_close(s);
	lab_done(path);
}

/* The getters convert and saturate, and give their type's nothing for NULL. */
static void getters_convert(void **state)
{
	(void)state;
	char *path;
	struct error e = {0};
	struct store *s = lab_memory(&path, 1, 1);
	struct store_rows *r = store_query(s,
	    "SELECT sum(i) AS total, 18446744073709551615::UBIGINT, (-5)::BIGINT, "
	    "2.5::DECIMAL(4,1),"
	    " TIMESTAMP '1970-01-01 00:00:01', 'text', true, NULL::BIGINT, NULL::DOUBLE,"
	    " NULL::TIMESTAMP, NULL::VARCHAR, 1e30::HUGEINT, DATE '1970-01-02'"
	    " FROM range(4) t(i)",
	    &e);
	assert_non_null(r);
	assert_true(store_next(r));
	assert_int_equal(store_columns(r), 13);
	assert_string_equal(store_column_name(r, 0), "total");
	assert_int_equal(store_column_type(r, 0), STORE_INT);
	assert_int_equal(store_int(r, 0), 6);
	assert_int_equal(store_column_type(r, 1), STORE_UINT);
	assert_true(store_uint(r, 1) == UINT64_MAX);
	assert_true(store_int(r, 1) == INT64_MAX);
	assert_int_equal(store_uint(r, 2), 0);
	assert_int_equal(store_column_type(r, 3), STORE_REAL);
	assert_true(fabs(store_real(r, 3) - 2.5) < 1e-12);
	assert_true(fabs(store_real(r, 0) - 6) < 1e-12);
	assert_int_equal(store_column_type(r, 4), STORE_TIME);
	assert_true(store_time(r, 4).ns == NS_PER_S);
	assert_int_equal(store_column_type(r, 5), STORE_TEXT);
	assert_true(str_equal(store_text(r, 5), STR("text")));
	assert_int_equal(store_column_type(r, 6), STORE_BOOL);
	assert_true(store_bool(r, 6));
	assert_true(store_is_null(r, 7));
	assert_int_equal(store_int(r, 7), 0);
	assert_true(isnan(store_real(r, 8)));
	assert_true(store_time(r, 9).ns == MOMENT_NONE.ns);
	assert_null(store_text(r, 10).p);
	assert_true(store_int(r, 11) == INT64_MAX);
	assert_true(store_time(r, 12).ns == NS_PER_DAY);
	store_rows_free(r);
	store_close(s);
	lab_done(path);
}

/* How many rows of conn meet a condition, in which each %d stands for n. */
static int64_t count_where(struct store *s, const char *where, int n)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);
	assert_non_null(out);
	fputs("SELECT count(*) FROM conn WHERE ", out);
	for (const char *hole; (hole = strstr(where, "%d")) != NULL; where = hole + 2)
		fprintf(out, "%.*s%d", (int)(hole - where), where, n);
	fprintf(out, "%s", where);
	fclose(out);
	int64_t count = lab_number(s, sql);
	free(sql);
	return count;
}

/* The same question, once so that the engine can
 * skip row groups, once so that it can not. */
static void skipping_changes_no_answer(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {
	    {"src_ip = '10.0.0.%d'", "src_ip || '' = '10.0.0.%d'"},
	    {"dst_ip = '198.51.100.%d'", "dst_ip || '' = '198.51.100.%d'"},
	    {"dst_ip IN ('198.51.100.%d', 'x')",
		"list_contains(['198.51.100.%d', 'x'], dst_ip)"},
	    {"source_offset = %d", "source_offset + 0 = %d"},
	    {"source_offset BETWEEN %d AND 40",
		"source_offset + 0 >= %d AND source_offset + 0 <= 40"},
	    {"server_name = 'host%d'", "concat(server_name) = 'host%d'"},
	    {"epoch(ts) < 1699920000 + 1000 * %d",
		"ts < make_timestamp((1699920000 + 1000 * %d) * 1000000::BIGINT)"},
	    {"day < DATE '2023-11-14' + %d",
		"ts < TIMESTAMP '2023-11-14' + INTERVAL 1 DAY * %d"},
	};
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	for (int part = 0; part < 3; part++) {
		lab_begin(s);
		struct record_sink sink = store_sink(s);
		for (int i = 0; i < 3000; i++) {
			char name[24];
			struct conn_record r = lab_conn(i % 3, i, (uint8_t)(i * 7 % 50));
			snprintf(name, sizeof(name), "host%d", i % 90);
			r.server_name = i % 5 == 0 ? (struct str){0} : str_of(name);
			record_put(&sink, RECORD_CONN, &r);
		}
		lab_commit(s);
	}
	int64_t found = 0;
	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		for (int i = 0; i < 60; i += 3) {
			int64_t fast = count_where(s, pairs[p][0], i);
			int64_t slow = count_where(s, pairs[p][1], i);
			if (fast != slow)
				fail_msg("%s (%d): %d and %d", pairs[p][0], i, (int)fast,
				    (int)slow);
			found += fast;
		}
	}
	assert_true(found > 10000);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_reading_is_allowed),
	    cmocka_unit_test(reading_in_all_its_forms_works),
	    cmocka_unit_test(several_queries_stream_side_by_side),
	    cmocka_unit_test(memory_does_not_grow_with_rows),
	    cmocka_unit_test(parameters_are_texts),
	    cmocka_unit_test(values_of_every_type_are_shown),
	    cmocka_unit_test(getters_convert),
	    cmocka_unit_test(skipping_changes_no_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
