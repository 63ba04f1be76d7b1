/* SPDX-License-Identifier: Apache-2.0 */
/* Reports over real memories: which connections a
 * finding selects, hostile names, nothing at all. */
#include "report/evidence.h"
#include "report/read.h"

#include "../store/store_lab.h"
#include "report/report.h"

static const char *const hostile[] = {
    "plain.example",
    "it's",
    "\" OR 1=1 --",
    "'; DROP TABLE conn; --",
    "$(touch x)`id`\\!",
    "<script>alert(1)</script>",
    "案件\xe2\x80\xae.example", /* with a direction override */
    "back\\slash",
    "' || chr(39) || '",
};

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static void put(struct store *s, int second, struct addr src, struct addr dst,
    uint16_t port, struct str name)
{
	struct record_sink sink = store_sink(s);
	struct conn_record r = lab_conn(second / 86400, second % 86400, 1);
	r.src_ip = src;
	r.dst_ip = dst;
	r.dst_port = port;
	r.server_name = name;
	record_put(&sink, RECORD_CONN, &r);
}

static struct addr host(void)
{
	return lab_v4(10, 0, 0, 1);
}

static struct finding about(
    const char *detector, enum direction d, const char *peer, uint16_t port)
{
	return (struct finding){.detector = detector,
	    .direction = d,
	    .host = host(),
	    .peer = str_of(peer),
	    .peer_port = port,
	    .proto = STR("tcp")};
}

static int64_t selected(struct store *s, const struct finding *f)
{
	struct arena a;
	arena_init(&a, 1u << 16);
	struct str where = evidence_condition(f, &a);
	struct str sql = str_format(
	    &a, "SELECT count(*) FROM %s WHERE %.*s", evidence_table(f), STR_ARG(where));
	int64_t n = lab_number(s, sql.p);
	arena_fini(&a);
	return n;
}

static void conditions(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct addr peer = lab_v4(203, 0, 113, 5), other = lab_v4(203, 0, 113, 6);
	struct addr outside = lab_v4(198, 51, 100, 7), many = lab_v4(203, 0, 113, 9);
	struct str none = {0};
	lab_begin(s);
	for (int i = 0; i < 5; i++)
		put(s, i, host(), peer, 443, none);
	put(s, 5, host(), peer, 80, none); /* another port of the same peer */
	for (int i = 0; i < 4; i++)
		put(s, 10 + i, host(), other, i < 3 ? 443 : 8443, STR("c2.example"));
	for (int i = 0; i < 3; i++)
		put(s, 20 + i, outside, host(), 22, none);
	put(s, 30, host(), outside, 22, none); /* the other way round */
	for (uint8_t i = 0; i < 6; i++)
		put(s, 40 + i, lab_v4(10, 0, 0, i), many, 8080, none);
	lab_commit(s);
	struct finding f = about("clockwork", DIRECTION_OUTBOUND, "203.0.113.5", 443);
	assert_int_equal(selected(s, &f), 5);
	f = about("clockwork", DIRECTION_OUTBOUND, "c2.example", 443);
	assert_int_equal(selected(s, &f), 4); /* a name over all its ports */
	f = about("presence", DIRECTION_OUTBOUND, "c2.example", 443);
	assert_int_equal(selected(s, &f), 3); /* a channel to one port */
	f = about("clockwork", DIRECTION_INBOUND, "198.51.100.7", 22);
	assert_int_equal(selected(s, &f), 3);
	f = about("clockwork", DIRECTION_INTERNAL, "198.51.100.7", 22);
	assert_int_equal(selected(s, &f), 1);
	f = about("clockwork", DIRECTION_OUTBOUND, "203.0.113.9", 8080);
	assert_int_equal(selected(s, &f), 1);
	finding_add_fact(&f, FACT_KEY_SHARED_RHYTHM, 6, 0, 0);
	assert_int_equal(selected(s, &f), 6); /* over all hosts */
	f = about("clockwork", DIRECTION_OUTBOUND, "203.0.113.0/24", 443);
	finding_add_text_fact(&f, FACT_KEY_SAME_NET, f.peer);
	assert_int_equal(selected(s, &f), 8);
	f = about("clockwork", DIRECTION_OUTBOUND, "example", 443);
	finding_add_text_fact(&f, FACT_KEY_SAME_DOMAIN, f.peer);
	assert_int_equal(selected(s, &f), 4);
	f = about("clockwork", DIRECTION_OUTBOUND, "size:0/0", 443);
	finding_add_fact(&f, FACT_KEY_SAME_TEMPLATE, 0, 0, 0);
	assert_int_equal(selected(s, &f), 8);
	f = about("clockwork", DIRECTION_OUTBOUND, "c2.example", 443);
	finding_add_fact(&f, FACT_KEY_ONE_TEMPLATE, 0, 0, 0);
	assert_int_equal(selected(s, &f), 3);
	f = about("clockwork", DIRECTION_OUTBOUND, "c2.example", 53);
	finding_add_text_fact(&f, FACT_KEY_ONLY_ASKED, f.peer);
	assert_int_equal(selected(s, &f), 0);
	finding_add_text_fact(&f, FACT_KEY_SAME_PRINT, f.peer);
	f.facts[0].key = FACT_KEY_RHYTHM;
	assert_int_equal(selected(s, &f), 0);
	store_close(s);
	lab_done(path);
}

static void hostile_names_are_data(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	for (size_t i = 0; i < HOSTILE; i++) {
		for (size_t j = 0; j <= i; j++)
			put(s, (int)(100 * i + j), host(), lab_v4(203, 0, 113, 5), 443,
			    str_of(hostile[i]));
	}
	lab_commit(s);
	for (size_t i = 0; i < HOSTILE; i++) {
		struct finding f =
		    about("clockwork", DIRECTION_OUTBOUND, hostile[i], 443);
		assert_int_equal(selected(s, &f), i + 1);
		struct arena a;
		arena_init(&a, 1u << 16);
		struct str where = evidence_condition(&f, &a);
		/* Nothing that a shell takes for anything between double quotes. */
		for (size_t k = 0; k < where.n; k++)
			assert_null(memchr("\"$`\\!\n", where.p[k], 6));
		arena_fini(&a);
	}
	store_close(s);
	lab_done(path);
}

static void memory_argument(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1u << 16);
	struct finding f = about("clockwork", DIRECTION_OUTBOUND, "c2.example", 443);
	assert_int_equal(evidence_memory_argument(NULL, &a).n, 0);
	assert_true(str_equal(evidence_memory_argument("a/b.c", &a), STR(" -m a/b.c")));
	assert_true(str_equal(evidence_memory_argument("a b", &a), STR(" -m 'a b'")));
	assert_true(
	    str_equal(evidence_memory_argument("it's", &a), STR(" -m 'it'\\''s'")));
	assert_true(str_equal(evidence_query_line(&f, "hq", &a),
	    STR("dwell query -m hq \"SELECT * FROM conn WHERE src_ip = '10.0.0.1' AND "
		"server_name = 'c2.example' ORDER BY ts\"")));
	arena_fini(&a);
}

/* A report as text. */
static char *report_of(struct store *s, enum language l,
    int (*report)(struct store *, const struct report_options *, FILE *, struct error *))
{
	const struct report_options o = {.language = l};
	struct error e = {0};
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	if (report(s, &o, out, &e) < 0)
		fail_msg("%s", e.text);
	fclose(out);
	return text;
}

static void has(char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("no '%s' in:\n%s", wanted, text);
	free(text);
}

static void empty_memory(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	struct error e = {0};
	const struct report_options o = {.language = LANGUAGE_EN};
	has(report_of(s, LANGUAGE_EN, report_cases_text), "The memory is empty");
	has(report_of(s, LANGUAGE_ZH, report_cases_text), "记忆库是空的");
	has(report_of(s, LANGUAGE_EN, report_html), "The memory is empty");
	char *json = report_of(s, LANGUAGE_EN, report_cases_json);
	assert_string_equal(json, "");
	free(json);
	FILE *nowhere = fopen("/dev/null", "w");
	assert_non_null(nowhere);
	assert_int_equal(report_show_text(s, "c0", &o, nowhere, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(report_show_json(s, "' OR true --", &o, nowhere, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	fclose(nowhere);
	store_close(s);
	lab_done(path);
}

/* A memory with one connection and no case;
 * then with cases whose peers are hostile names. */
static void put_case(struct store *s, size_t i)
{
	struct arena a;
	struct record_sink sink = store_sink(s);
	struct finding f = about("clockwork", DIRECTION_OUTBOUND, hostile[i], 443);
	const struct finding *list[] = {&f};
	arena_init(&a, 1u << 16);
	f.host = lab_v4(10, 0, 0, (uint8_t)(i + 1));
	f.first_seen = f.last_seen = f.since = moment_from(LAB_DAY * 86400, 0);
	f.events = 1;
	finding_add_fact(&f, FACT_KEY_RHYTHM, 3600, 0.1, 40);
	finding_add_text_fact(&f, FACT_KEY_USUAL_SERVICE, str_of(hostile[i]));
	finding_identify(&f);
	struct dwell_case c = {.rank = i + 1,
	    .host = f.host,
	    .since = f.since,
	    .last_seen = f.last_seen,
	    .findings = list,
	    .finding_count = 1};
	snprintf(c.id, sizeof(c.id), "c%zu", i);
	struct finding_record fr;
	struct case_record cr;
	finding_to_record(&f, STR("x"), &a, &fr);
	record_put(&sink, RECORD_FINDING, &fr);
	case_to_record(&c, STR("x"), &a, &cr);
	record_put(&sink, RECORD_CASE, &cr);
	arena_fini(&a);
}

static void hostile_names_on_the_page(void **state)
{
	(void)state;
	char *path = lab_folder();
	struct store *s = lab_open(path, STORE_WRITE);
	lab_begin(s);
	put(s, 0, host(), lab_v4(203, 0, 113, 5), 443, STR("plain.example"));
	lab_commit(s);
	has(report_of(s, LANGUAGE_EN, report_cases_text), "No cases");
	has(report_of(s, LANGUAGE_EN, report_html), "No cases");
	lab_begin(s);
	store_replace_findings(s);
	for (size_t i = 0; i < HOSTILE; i++)
		put_case(s, i);
	lab_commit(s);
	char *page = report_of(s, LANGUAGE_EN, report_html);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "\xe2\x80\xae"));
	assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
	has(page, "it&#39;s");
	char *text = report_of(s, LANGUAGE_ZH, report_cases_text);
	assert_null(strstr(text, "\xe2\x80\xae"));
	has(text, "案件\\u202e.example");
	struct arena a;
	struct case_list cases;
	struct error e = {0};
	arena_init(&a, 1u << 20);
	assert_int_equal(
	    read_cases(s, &(struct report_options){.most = 3}, &a, &cases, &e), 0);
	assert_int_equal(cases.n, 3);
	assert_int_equal(cases.all, HOSTILE);
	for (size_t i = 0; i < cases.n; i++) {
		const struct dwell_case *c = &cases.v[i];
		assert_int_equal(c->rank, i + 1);
		assert_int_equal(c->finding_count, 1);
		assert_true(str_equal(c->findings[0]->peer, str_of(hostile[i])));
	}
	arena_fini(&a);
	store_close(s);
	lab_done(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(conditions),
	    cmocka_unit_test(hostile_names_are_data), cmocka_unit_test(memory_argument),
	    cmocka_unit_test(empty_memory), cmocka_unit_test(hostile_names_on_the_page)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
