/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers, times, addresses, texts and lists of log lines; JSON; maps of CSV files. */
#include "make.h"

#include <math.h>

#include "input/csv.h"
#include "input/json.h"
#include "input/log_time.h"
#include "input/log_value.h"
#include "input/log_words.h"

static struct arena arena;

static struct log_value cell(const char *text, enum value_form form)
{
	return (struct log_value){text, (uint32_t)strlen(text), (uint8_t)form, ','};
}

static int64_t micro(const char *text)
{
	struct log_value v = cell(text, VALUE_PLAIN);
	struct moment m = cell_time(&v);
	return m.ns == MOMENT_NONE.ns ? INT64_MIN : moment_us(m);
}

/* date -u -d … +%s.%6N */
static void times_are_exact_to_the_microsecond(void **state)
{
	(void)state;
	assert_int_equal(micro("1517336042.090842"), 1517336042090842);
	assert_int_equal(micro("1517336042"), 1517336042000000);
	assert_int_equal(micro("1.5173360420908e9"), 1517336042090800);
	assert_int_equal(micro("0.0000005"), 1); /* the nearest */
	assert_int_equal(micro("-1.25"), -1250000);
	assert_int_equal(micro("2021-06-06T15:59:46.457984+0200"), 1622987986457984);
	assert_int_equal(micro("2021-06-06T13:59:46.457984Z"), 1622987986457984);
	assert_int_equal(micro("2021-06-06 13:59:46.457984"), 1622987986457984);
	assert_int_equal(micro("2021-06-06T10:29:46-03:30"), 1622987986000000);
	assert_int_equal(micro("2020-02-29"), 1582934400000000);
	assert_int_equal(micro("1969-12-31T23:59:59Z"), -1000000);
}

static void what_is_no_time_is_absent(void **state)
{
	static const char *const bad[] = {"", "-", "x", "12x", "2021-13-01", "2021-02-30",
	    "2021-06-06T25:00:00", "2021-06-06T10", "2021-06-06T10:00:00+", "1.2.3",
	    "nan"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(micro(bad[i]) == INT64_MIN);
	/* Far beyond what can be held: the last moment, not a wrapped one. */
	assert_true(micro("99999999999999999999") > 0);
}

static void times_by_a_pattern(void **state)
{
	(void)state;
	struct moment m = time_by("%Y/%m/%d %H:%M:%S", "2018/09/27 22:40:52.362768", 26);
	assert_int_equal(moment_us(m), 1538088052362768);
	m = time_by("%d/%b/%y %H:%M:%S %z", "27/Sep/18 22:40:52 +0100", 24);
	assert_int_equal(moment_us(m), 1538084452000000);
	m = time_by("%L", "1538088052362", 13);
	assert_int_equal(moment_us(m), 1538088052362000);
	assert_int_equal(time_by("%Y", "18", 2).ns, MOMENT_NONE.ns);
	assert_int_equal(time_by("%Y-%m-%d", "2018-09-27x", 11).ns, MOMENT_NONE.ns);
	assert_true(time_pattern_good("%Y-%m-%dT%H:%M:%S%z"));
	assert_false(time_pattern_good("%Q"));
	assert_false(time_pattern_good("%"));
	assert_false(time_pattern_good(""));
}

static void numbers(void **state)
{
	(void)state;
	struct log_value v = cell("18446744073709551615", VALUE_TSV);
	assert_true(cell_count(&v) == UINT64_MAX);
	v = cell("18446744073709551616", VALUE_TSV);
	assert_true(cell_count(&v) == UINT64_MAX); /* saturates */
	v = cell("-5", VALUE_NUMBER);
	assert_true(cell_count(&v) == 0);
	assert_true(cell_int(&v) == -1);
	v = cell("65536", VALUE_NUMBER);
	assert_int_equal(cell_port(&v), 0);
	v = cell("3.000158", VALUE_TSV);
	assert_true(fabs(cell_seconds(&v) - 3.000158) < 1e-12);
	v = cell("x", VALUE_TSV);
	assert_true(isnan(cell_seconds(&v)));
	v = cell("T", VALUE_TSV);
	assert_int_equal(cell_flag(&v), 1);
	v = cell("maybe", VALUE_TSV);
	assert_int_equal(cell_flag(&v), -1);
}

static void check_addr(const char *text, const char *expected)
{
	struct log_value v = cell(text, VALUE_TSV);
	char out[ADDR_TEXT_MAX];
	struct addr a;
	assert_int_equal(cell_addr(&v, &a), expected != NULL);
	if (expected == NULL)
		return;
	addr_text(&a, out);
	assert_string_equal(out, expected);
}

static void addresses(void **state)
{
	(void)state;
	check_addr("10.55.182.100", "10.55.182.100");
	check_addr("255.255.255.255", "255.255.255.255");
	check_addr("2001:0DB8::0001", "2001:db8::1");
	check_addr("fe80::1%eth0", "fe80::1");
	check_addr("::ffff:192.0.2.1", "192.0.2.1");
	check_addr("256.1.1.1", NULL);
	check_addr("1.2.3", NULL);
	check_addr("1.2.3.4.5", NULL);
	check_addr("", NULL);
	check_addr("host.example", NULL);
}

static void check_text(struct log_value v, const char *expected)
{
	struct str s = cell_text(&v, &arena);
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void texts_are_unescaped_and_clean(void **state)
{
	(void)state;
	check_text(cell("a\\x2cb\\\\c", VALUE_TSV), "a,b\\c");
	check_text(cell("\\xc3\\xa9", VALUE_TSV), "\xc3\xa9");
	check_text(cell("\\x00\\xff", VALUE_TSV), "\\x00\\xff");
	check_text(cell("\\x0", VALUE_TSV), "\\x0");
	check_text(cell("a\\u00e9\\n\\\"\\/", VALUE_ESCAPED), "a\xc3\xa9\\x0a\"/");
	check_text(cell("\\ud83d\\ude00", VALUE_ESCAPED), "\xf0\x9f\x98\x80");
	check_text(cell("\\ud83d", VALUE_ESCAPED), "\\xed\\xa0\\xbd"); /* half a pair */
	check_text(cell("\\q\\u12", VALUE_ESCAPED), "\\q\\u12");
}

static void lists(void **state)
{
	(void)state;
	struct log_value v = cell("a,b\\x2cc,", VALUE_TSV);
	struct str_list l = cell_texts(&v, &arena);
	assert_int_equal(l.n, 3);
	assert_memory_equal(l.v[1].p, "b,c", 3);
	assert_int_equal(l.v[2].n, 0);
	v = cell("", VALUE_TSV); /* (empty) */
	assert_int_equal(cell_texts(&v, &arena).n, 0);
	v = cell("[ \"x\" , \"y\\n\",3 ]", VALUE_ARRAY);
	l = cell_texts(&v, &arena);
	assert_int_equal(l.n, 3);
	assert_memory_equal(l.v[1].p, "y\\x0a", 5);
	v = cell("60.000000,5.5", VALUE_TSV);
	struct int_list n = cell_whole(&v, &arena);
	assert_int_equal(n.n, 2);
	assert_int_equal(n.v[1], 5);
	char many[4 * VALUE_LIST_MAX];
	memset(many, ',', sizeof(many));
	struct log_value long_list = {many, sizeof(many), VALUE_TSV, ','};
	assert_int_equal(cell_texts(&long_list, &arena).n, VALUE_LIST_MAX);
}

static void members_are_picked_by_path(void **state)
{
	(void)state;
	struct json_tree t;
	struct log_value v[4] = {{0}};
	json_tree_init(&t);
	assert_true(json_tree_add(&t, "a.b", 0, false));
	assert_true(json_tree_add(&t, "a.b", 1, true));
	assert_true(json_tree_add(&t, "c", 2, true));
	assert_true(json_tree_add(&t, "d", 3, true));
	static const char text[] =
	    "{\"x\":[{\"c\":1},\"]\"],\"a\":{\"b\":\"in\\\\\",\"q\":{}},"
	    "\"a.b\":\"out\",\"c\":null,\"d\":tru}";
	assert_false(json_pick(&t, text, sizeof(text) - 1, v)); /* tru */
	static const char good[] =
	    " {\"x\":[{\"c\":1},\"]\"], \"a\":{\"b\":\"in\\\\\",\"q\":{}},"
	    "\"a.b\" : \"out\",\"c\":null,\"d\":-1.5e3} ";
	memset(v, 0, sizeof(v));
	assert_true(json_pick(&t, good, sizeof(good) - 1, v));
	assert_true(cell_is(&v[0], STR("in\\\\")));
	assert_int_equal(v[0].form, VALUE_ESCAPED);
	assert_true(cell_is(&v[1], STR("out")));
	assert_int_equal(v[2].form, VALUE_ABSENT);
	assert_int_equal(v[3].form, VALUE_NUMBER);
}

static void what_is_no_json_object_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{", "{\"a\"}", "{\"a\":}",
	    "{\"a\":1", "{\"a\":1}x", "{\"a\":\"b}", "{\"a\":[1}", "{\"a\":1,}", "{a:1}",
	    "\"a\"", "{\"a\":1 \"b\":2}", "{\"a\":\"\\"};
	(void)state;
	struct json_tree t;
	struct log_value v[1] = {{0}};
	json_tree_init(&t);
	json_tree_add(&t, "b", 0, true);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_pick(&t, bad[i], strlen(bad[i]), v));
	/* Brackets without end, deeper than the limit. */
	char deep[2 * JSON_DEPTH_MAX + 16] = "{\"a\":";
	memset(deep + 5, '[', JSON_DEPTH_MAX + 1);
	memset(deep + 6 + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX + 1);
	deep[7 + 2 * JSON_DEPTH_MAX] = '}';
	assert_false(json_pick(&t, deep, 8 + 2 * JSON_DEPTH_MAX, v));
	assert_true(json_pick(&t, "{\"a\":[[[]]]}", 12, v));
}

static void a_tree_has_a_limit(void **state)
{
	(void)state;
	static char names[JSON_NODES_MAX][8];
	struct json_tree t;
	json_tree_init(&t);
	for (int i = 0; i < JSON_NODES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		assert_int_equal(
		    json_tree_add(&t, names[i], 0, true), i < JSON_NODES_MAX - 1);
	}
}

static void words(void **state)
{
	(void)state;
	struct log_value v = cell("http,ssl", VALUE_TSV);
	assert_true(str_equal(log_services(&v, &arena), STR("http,tls")));
	v = cell("failed", VALUE_STRING);
	assert_null(log_services(&v, &arena).p);
	assert_true(str_equal(log_host(STR("a.example:8080")), STR("a.example")));
	assert_true(str_equal(log_host(STR("[2001:db8::1]:80")), STR("2001:db8::1")));
	assert_true(str_equal(log_host(STR("2001:db8::1")), STR("2001:db8::1")));
	assert_true(
	    str_equal(log_dns_answer(STR("TXT 3 abc TXT 2 de"), &arena), STR("abc de")));
	assert_true(
	    str_equal(log_dns_answer(STR("TXT 9 abc"), &arena), STR("TXT 9 abc")));
	assert_true(str_equal(
	    log_dn(STR("C=US, O=A, Inc., CN=x"), &arena), STR("CN=x,O=A\\, Inc.,C=US")));
	assert_true(str_equal(log_hex(STR("0a:FF"), true, &arena), STR("0AFF")));
	assert_null(log_hex(STR("0a:xx"), true, &arena).p);
}

static void maps_say_what_is_wrong_with_them(void **state)
{
	static const char *const bad[] = {"", "kind=conn", "ts",
	    "ts=", "kind=nothing,ts=t", "ts=t,nothing=x", "ts=t,ts_format=%Q", "src_ip=a",
	    "ts=t,source=x"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error e = {0};
		assert_null(csv_map_new(bad[i], &e));
		assert_int_equal(e.code, ERR_USAGE);
		assert_true(e.text[0] != '\0');
	}
	struct error e = {0};
	struct csv_map *m =
	    csv_map_new("# a comment, with a comma\n ts = T "
			"\nkind=http\nts_format=%s\nhost=h,method=\"GET\"",
		&e);
	assert_non_null(m);
	assert_int_equal(m->type, RECORD_HTTP);
	assert_int_equal(m->count, 3);
	assert_true(str_equal(m->items[0].column, STR("T")));
	assert_true(m->items[2].constant);
	csv_map_free(m);
	char many[CSV_TEXT_MAX] = "ts=t";
	size_t n = 4;
	for (int i = 0; i < CSV_ITEMS_MAX; i++)
		n += (size_t)snprintf(many + n, sizeof(many) - n, ",proto=p");
	assert_null(csv_map_new(many, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_exact_to_the_microsecond),
	    cmocka_unit_test(what_is_no_time_is_absent),
	    cmocka_unit_test(times_by_a_pattern),
	    cmocka_unit_test(numbers),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(texts_are_unescaped_and_clean),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(members_are_picked_by_path),
	    cmocka_unit_test(what_is_no_json_object_is_refused),
	    cmocka_unit_test(a_tree_has_a_limit),
	    cmocka_unit_test(words),
	    cmocka_unit_test(maps_say_what_is_wrong_with_them),
	};
	arena_init(&arena, 16U << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	return failed;
}
