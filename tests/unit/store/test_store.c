/* SPDX-License-Identifier: Apache-2.0 */
/* Records in, the same records out; transactions; what the memory remembers of itself. */
#include "store_lab.h"

#include <math.h>

#include "parquet/parquet.h"
#include "store/memory.h"

/* ---- round trip ---- */

/* The query's one row must read as this JSON array. */
static void assert_row(struct store *s, const char *sql, const char *json)
{
	struct error e = {0};
	struct arena a;
	arena_init(&a, 1 << 20);
	struct store_rows *r = store_query(s, sql, &e);
	if (r == NULL)
		fail_msg("%s: %s", sql, e.text);
	assert_true(store_next(r));
	struct str line = STR("");
	for (size_t i = 0; i < store_columns(r); i++)
		line = str_format(&a, "%.*s%s%.*s", STR_ARG(line), i > 0 ? " " : "",
		    STR_ARG(store_json(r, i, &a)));
	line = str_format(&a, "%.*s", STR_ARG(line));
	assert_string_equal(line.p, json);
	assert_false(store_next(r));
	store_rows_free(r);
	arena_fini(&a);
}

static void put_full_rows(struct store *s)
{
	static const struct str answers[] = {{"a", 1}, {"", 0},
	    {"text longer than twelve bytes, \xc3\xa9\xe6\xbc\xa2", 36}};
	static const int64_t ttls[] = {0, INT64_MAX, 300};
	struct record_sink sink = store_sink(s);
	struct dns_record d;
	record_clear(RECORD_DNS, &d);
	d.ts = moment_from(1700000000, 123456789);
	d.src_ip = lab_v4(10, 1, 2, 3);
	assert_true(addr_parse("2001:db8::1", &d.dst_ip));
	d.src_port = 65535;
	d.rtt = 0.0000015;
	d.query = STR("xn--bcher-kva.example");
	d.aa = 1;
	d.tc = 0;
	d.id = 0;
	d.answers = (struct str_list){answers, 3};
	d.ttls = (struct int_list){ttls, 3};
	d.answer_bytes = UINT64_MAX;
	record_put(&sink, RECORD_DNS, &d);
	record_clear(RECORD_DNS, &d);
	d.ts = moment_from(1700000001, 0);
	record_put(&sink, RECORD_DNS, &d);
}

/* Absent is NULL, an empty list is not,
 * counts beyond the signed range stay at its end. */
static void every_kind_comes_back(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	put_full_rows(s);
	lab_commit(s);
	assert_row(s,
	    "SELECT ts, src_ip, dst_ip, src_port, rtt, query, aa, tc, rd, id, ttls, "
	    "answer_bytes,"
	    " day FROM dns WHERE ts < '2023-11-14 22:13:21'",
	    "\"2023-11-14T22:13:20.123456Z\" \"10.1.2.3\" \"2001:db8::1\" 65535 0.000002"
	    " \"xn--bcher-kva.example\" true false null 0 [0,9223372036854775807,300]"
	    " 9223372036854775807 \"2023-11-14\"");
	assert_row(s, "SELECT answers FROM dns WHERE len(answers) > 0",
	    "[\"a\",\"\",\"text longer than twelve bytes, \xc3\xa9\xe6\xbc\xa2\"]");
	assert_row(s,
	    "SELECT src_ip, rtt, query, aa, id, answers, ttls, src_port, answer_bytes, "
	    "source"
	    " FROM dns WHERE src_ip IS NULL",
	    "null null null null null [] [] 0 0 null");
	store_close(s);
	lab_done(path);
}

/* Every column of every table, set to something,
 * one row each; read back by its documented type. */
static void every_table_takes_a_row(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (int t = 0; t < RECORD_TYPES; t++) {
		_Alignas(max_align_t) char record[4096];
		assert_true(record_info((enum record_type)t)->size <= sizeof(record));
		record_clear((enum record_type)t, record);
		record_put(&sink, (enum record_type)t, record);
	}
	lab_commit(s);
	for (int t = 0; t < RECORD_TYPES; t++) {
		char sql[128];
		const struct record_info *info = record_info((enum record_type)t);
		snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", info->table);
		assert_int_equal(lab_number(s, sql), 1);
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM duckdb_columns() WHERE table_name = '%s'",
		    info->table);
		bool by_day = t != RECORD_FINDING && t != RECORD_CASE;
		assert_int_equal(lab_number(s, sql), (int64_t)info->field_count + by_day);
	}
	/* A row without a time has no day, and is found all the same. */
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn WHERE day IS NULL"), 1);
	store_close(s);
	lab_done(path);
}

/* Not clean by mistake: what is no UTF-8 must not cost the transaction. */
static void bytes_that_are_no_text_are_escaped(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	struct conn_record r = lab_conn(0, 1, 1);
	r.server_name = STR("a\xff");
	r.ja3 = STR("overlong \xc0\xaf and surrogate \xed\xa0\x80");
	r.ja4 = STR("fine: \xf0\x9f\x98\x80");
	r.history = STR("cut \xe2\x82");
	record_put(&sink, RECORD_CONN, &r);
	lab_commit(s);
	assert_row(s, "SELECT server_name, ja3, ja4, history FROM conn",
	    "\"a\\\\xff\" \"overlong \\\\xc0\\\\xaf and surrogate \\\\xed\\\\xa0\\\\x80\""
	    " \"fine: \xf0\x9f\x98\x80\" \"cut \\\\xe2\\\\x82\"");
	store_close(s);
	lab_done(path);
}

/* One text over the limit is refused as such, and the memory stays as it was. */
static void a_text_over_the_limit_fails_the_transaction(void **state)
{
	(void)state;
	const size_t n = (16U << 20) + 1; /* STAGE_TEXT_MAX and one more */
	char *path = lab_folder(), *text = malloc(n);
	assert_non_null(text);
	memset(text, 'x', n);
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	struct conn_record r = lab_conn(0, 1, 1);
	r.server_name = (struct str){text, n};
	record_put(&sink, RECORD_CONN, &r);
	struct error e = {0};
	assert_true(store_failed(s, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(store_commit(s, &e), -1);
	store_abort(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 0);
	lab_begin(s);
	lab_put_conns(s, 10, 1, 1);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 10);
	store_close(s);
	free(text);
	lab_done(path);
}

/* A segment of a dwell that knew two columns of conn, in another order. */
static void write_old_segment(const char *memory)
{
	static const struct parquet_field fields[] = {
	    {"src_ip", PARQUET_TEXT, false}, {"ts", PARQUET_TIME, false}};
	static const struct str ip = {"10.9.9.9", 8};
	static const int64_t ts = 1700000000000000;
	char path[PATH_MAX];
	struct error e = {0};
	snprintf(path, sizeof(path), "%s/conn/old-00000001.parquet", memory);
	struct parquet_writer *w = parquet_new(1024, false);
	assert_non_null(w);
	assert_int_equal(parquet_begin(w, path, fields, 2, &e), 0);
	parquet_texts(w, 0, &ip, 0, 1);
	parquet_ints(w, 1, &ts, 0, 1);
	assert_int_equal(parquet_rows(w, 1, &e), 0);
	assert_int_equal(parquet_end(w, &e), 0);
	parquet_free(w);
}

/* Whether a segment has today's columns is told by its bytes; one that has not is read
 * all the same, and what it lacks is NULL. */
static void segments_with_other_columns_are_read(void **state)
{
	(void)state;
	char name[] = "conn/old-00000001.parquet", *old[] = {name};
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct conn_record c;
	lab_begin(s);
	record_clear(RECORD_CONN, &c);
	c.ts = moment_from(1700000000, 0);
	c.src_ip = lab_v4(10, 1, 2, 3);
	c.src_port = 7;
	struct record_sink sink = store_sink(s);
	record_put(&sink, RECORD_CONN, &c);
	lab_commit(s);
	assert_int_equal(s->catalog.tables[RECORD_CONN].n, 1);
	assert_true(segments_are_current(
	    RECORD_CONN, s->path, s->catalog.tables[RECORD_CONN].paths, 1));
	assert_false(segments_are_current(
	    RECORD_DNS, s->path, s->catalog.tables[RECORD_CONN].paths, 1));
	write_old_segment(s->path);
	assert_false(segments_are_current(RECORD_CONN, s->path, old, 1));
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_row(s,
	    "SELECT list(src_ip || ':' || coalesce(src_port, 0) || ' ' || day ORDER BY "
	    "src_ip) FROM conn",
	    "[\"10.1.2.3:7 2023-11-14\",\"10.9.9.9:0 2023-11-14\"]");
	store_close(s);
	lab_done(path);
}

/* ---- transactions ---- */

static void an_empty_memory_can_be_queried(void **state)
{
	(void)state;
	char *path = lab_folder();
	store_close(lab_open(path, STORE_WRITE));
	struct store *s = lab_open(path, STORE_READ);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM cases WHERE rank = 1"), 0);
	assert_int_equal(
	    lab_number(s,
		"SELECT count(*) FROM dns, unnest(answers) WHERE ts > now()::TIMESTAMP"),
	    0);
	store_close(s);
	lab_done(path);
}

static void abort_leaves_nothing_and_commits_add_up(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 300, 3, 1);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 0);
	store_abort(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 0);
	for (uint8_t i = 1; i <= 3; i++) {
		lab_begin(s);
		lab_put_conns(s, 300, 3, i);
		lab_commit(s);
		assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 300 * i);
	}
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_int_equal(
	    lab_number(s, "SELECT count(DISTINCT (src_ip, ts)) FROM conn"), 900);
	assert_int_equal(
	    lab_number(s, "SELECT count(*) FROM conn WHERE day = '2023-11-15'"), 300);
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT day) FROM conn"), 3);
	store_close(s);
	lab_done(path);
}

/* More than is held in memory at once: written in several parts, visible as one. */
static void a_large_transaction_is_written_in_parts(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 250000, 2, 1);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 250000);
	assert_int_equal(lab_number(s, "SELECT sum(source_offset) FROM conn"),
	    2 * (124999LL * 125000 / 2));
	store_close(s);
	lab_done(path);
}

static void a_transaction_is_open_once(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	assert_int_equal(store_commit(s, &e), -1);
	lab_begin(s);
	assert_int_equal(store_begin(s, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	lab_commit(s); /* of nothing */
	store_abort(s);
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_int_equal(store_begin(s, &e), -1);
	store_close(s);
	lab_done(path);
}

static void put_finding(struct store *s, const char *id)
{
	struct record_sink sink = store_sink(s);
	struct finding_record f;
	record_clear(RECORD_FINDING, &f);
	f.id = str_of(id);
	record_put(&sink, RECORD_FINDING, &f);
}

static void findings_replace_all_earlier_ones(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	put_finding(s, "a");
	put_finding(s, "b");
	struct record_sink sink = store_sink(s);
	struct case_record c;
	record_clear(RECORD_CASE, &c);
	record_put(&sink, RECORD_CASE, &c);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 2);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM cases"), 1);
	lab_begin(s);
	lab_put_conns(s, 5, 1, 1);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 2);
	lab_begin(s);
	put_finding(s, "c");
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding WHERE id = 'c'"), 1);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 1);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM cases"), 0);
	lab_begin(s);
	store_replace_findings(s);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM finding"), 0);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 5);
	store_close(s);
	lab_done(path);
}

/* ---- who may open it ---- */

static void a_second_writer_is_refused_and_readers_are_not(void **state)
{
	(void)state;
	char *path = lab_folder();
	lab_refused(path, STORE_READ, ERR_USAGE, "no memory");
	struct store *s = lab_open(path, STORE_WRITE);
	lab_refused(path, STORE_WRITE, ERR_SYSTEM, "lock");
	struct store *reader = lab_open(path, STORE_READ);
	lab_begin(s);
	lab_put_conns(s, 30, 3, 1);
	assert_int_equal(lab_number(reader, "SELECT count(*) FROM conn"), 0);
	lab_commit(s);
	assert_int_equal(lab_number(reader, "SELECT count(*) FROM conn"), 30);
	lab_begin(s);
	put_finding(s, "a");
	lab_commit(s);
	assert_int_equal(lab_number(reader, "SELECT count(*) FROM finding"), 1);
	lab_begin(s);
	put_finding(s, "b");
	lab_commit(s);
	assert_int_equal(
	    lab_number(reader, "SELECT count(*) FROM finding WHERE id = 'b'"), 1);
	store_close(s);
	s = lab_open(path, STORE_WRITE);
	store_close(s);
	store_close(reader);
	lab_done(path);
}

static void a_folder_of_something_else_is_left_alone(void **state)
{
	(void)state;
	char *path = lab_folder(), *file;
	assert_true(asprintf(&file, "%s/letter.txt", path) > 0);
	assert_int_equal(file_replace(file, "x", 1, NULL), 0);
	lab_refused(path, STORE_WRITE, ERR_USAGE, "not empty");
	free(file);
	lab_done(path);
}

static void names_with_quotes_work_and_wildcards_are_refused(void **state)
{
	(void)state;
	char *path = lab_folder(), *odd;
	assert_true(asprintf(&odd, "%s/a 'q' \"d\" {x,y} %%s \xc3\xa9", path) > 0);
	struct store *s = lab_open(odd, STORE_WRITE);
	lab_begin(s);
	lab_put_conns(s, 30, 3, 1);
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(*) FROM conn"), 30);
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT day) FROM conn"), 3);
	store_close(s);
	free(odd);
	assert_true(asprintf(&odd, "%s/a[1]", path) > 0);
	lab_refused(odd, STORE_WRITE, ERR_USAGE, "[");
	free(odd);
	lab_done(path);
}

/* ---- what it remembers ---- */

static void inputs_are_known_after_their_commit(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct store_input in = {{1, 2}, {3, UINT64_MAX}, UINT64_MAX, 7, "na\"me\xff\n"};
	struct store *s = lab_open(path, STORE_WRITE);
	assert_int_equal(store_add_input(s, &in, &e), -1);
	lab_begin(s);
	assert_int_equal(store_add_input(s, &in, &e), 0);
	assert_false(store_knows_whole(s, in.whole));
	store_abort(s);
	assert_false(store_knows_whole(s, in.whole));
	lab_begin(s);
	assert_int_equal(store_add_input(s, &in, &e), 0);
	lab_commit(s);
	assert_true(store_knows_whole(s, in.whole));
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_true(store_knows_prefix(s, in.prefix));
	assert_true(store_knows_whole(s, in.whole));
	assert_false(store_knows_prefix(s, in.whole));
	assert_false(store_knows_whole(s, in.prefix));
	store_close(s);
	lab_done(path);
}

/* Over the limit of registry files they become one; none is forgotten on the way. */
static void many_inputs_are_gathered(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct store *s = lab_open(path, STORE_WRITE);
	for (uint64_t i = 0; i < 70; i++) {
		struct store_input in = {{i, 1}, {i, 2}, i, i, "x"};
		lab_begin(s);
		assert_int_equal(store_add_input(s, &in, &e), 0);
		lab_commit(s);
	}
	store_close(s);
	s = lab_open(path, STORE_READ);
	for (uint64_t i = 0; i < 70; i++) {
		const uint64_t whole[2] = {i, 2};
		assert_true(store_knows_whole(s, whole));
	}
	char *folder;
	assert_true(asprintf(&folder, "%s/journal/inputs/00000001.jsonl", path) > 0);
	assert_false(file_exists(folder));
	free(folder);
	store_close(s);
	lab_done(path);
}

static void secret_and_home_stay(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct error e = {0};
	struct net nets[3];
	assert_true(net_parse("10.0.0.0/8", &nets[0]));
	assert_true(net_parse("2001:db8::/32", &nets[1]));
	assert_true(net_parse("192.0.2.7", &nets[2]));
	struct store *s = lab_open(path, STORE_WRITE);
	uint8_t secret[STORE_SECRET_BYTES];
	size_t n;
	memcpy(secret, store_secret(s), sizeof(secret));
	store_home(s, &n);
	assert_int_equal(n, 0);
	assert_int_equal(store_set_home(s, nets, 3, &e), 0);
	store_close(s);
	s = lab_open(path, STORE_READ);
	assert_memory_equal(secret, store_secret(s), sizeof(secret));
	const struct net *home = store_home(s, &n);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(home[i].bits, nets[i].bits);
		assert_true(addr_equal(&home[i].addr, &nets[i].addr));
	}
	assert_int_equal(store_set_home(s, nets, 1, &e), -1);
	store_close(s);
	lab_done(path);
}

static void a_newer_or_damaged_memory_is_named(void **state)
{
	(void)state;
	static const char newer[] = "{\"format\": 99, \"secret\": \"\", \"home\": []}";
	char *path = lab_folder(), *file;
	store_close(lab_open(path, STORE_WRITE));
	assert_true(asprintf(&file, "%s/dwell.json", path) > 0);
	assert_int_equal(file_replace(file, newer, sizeof(newer) - 1, NULL), 0);
	lab_refused(path, STORE_READ, ERR_MEMORY, "newer");
	lab_refused(path, STORE_WRITE, ERR_MEMORY, "newer");
	assert_int_equal(file_replace(file, "{\"format\": 1", 12, NULL), 0);
	lab_refused(path, STORE_READ, ERR_MEMORY, "dwell.json");
	free(file);
	lab_done(path);
}

/* Days with few rows share a segment, by month or by year; busy days have their own. */
/* Times at both ends of what a moment holds: from a hostile pcapng's time offsets. */
static void absurd_times_are_kept(void **state)
{
	(void)state;
	static const int64_t at[] = {INT64_MIN + 1, -1, INT64_MAX};
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct watch_record r;
	lab_begin(s);
	struct record_sink sink = store_sink(s);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		record_clear(RECORD_WATCH, &r);
		r.ts.ns = at[i];
		record_put(&sink, RECORD_WATCH, &r);
	}
	lab_commit(s);
	assert_int_equal(lab_number(s, "SELECT count(DISTINCT ts) FROM watch"), 3);
	store_close(s);
	lab_done(path);
}

static void small_days_share_a_segment(void **state)
{
	(void)state;
	static const struct {
		int rows, days;
		const char *folder;
	} sizes[] = {{12000, 2, "conn/day=2023-11-15"}, {9000, 16, "conn/month=2023-11"},
	    {300, 40, "conn/year=2023"}};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *path = lab_folder(), *folder;
		struct store *s = lab_open(path, STORE_WRITE);
		lab_begin(s);
		lab_put_conns(s, sizes[i].rows, sizes[i].days, 1);
		lab_commit(s);
		assert_true(asprintf(&folder, "%s/%s", path, sizes[i].folder) > 0);
		assert_true(file_exists(folder));
		assert_int_equal(
		    lab_number(s, "SELECT count(*) FROM conn"), sizes[i].rows);
		assert_int_equal(
		    lab_number(s, "SELECT count(DISTINCT day) FROM conn"), sizes[i].days);
		store_close(s);
		free(folder);
		lab_done(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(absurd_times_are_kept),
	    cmocka_unit_test(small_days_share_a_segment),
	    cmocka_unit_test(every_kind_comes_back),
	    cmocka_unit_test(segments_with_other_columns_are_read),
	    cmocka_unit_test(every_table_takes_a_row),
	    cmocka_unit_test(bytes_that_are_no_text_are_escaped),
	    cmocka_unit_test(a_text_over_the_limit_fails_the_transaction),
	    cmocka_unit_test(an_empty_memory_can_be_queried),
	    cmocka_unit_test(abort_leaves_nothing_and_commits_add_up),
	    cmocka_unit_test(a_large_transaction_is_written_in_parts),
	    cmocka_unit_test(a_transaction_is_open_once),
	    cmocka_unit_test(findings_replace_all_earlier_ones),
	    cmocka_unit_test(a_second_writer_is_refused_and_readers_are_not),
	    cmocka_unit_test(a_folder_of_something_else_is_left_alone),
	    cmocka_unit_test(names_with_quotes_work_and_wildcards_are_refused),
	    cmocka_unit_test(inputs_are_known_after_their_commit),
	    cmocka_unit_test(many_inputs_are_gathered),
	    cmocka_unit_test(secret_and_home_stay),
	    cmocka_unit_test(a_newer_or_damaged_memory_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
