/* SPDX-License-Identifier: Apache-2.0 */
/* Findings: identifiers, names, facts to JSON and back, the row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "finding/finding.h"

static struct finding example(void)
{
	struct finding f = {.detector = "clockwork", .peer_port = 443};
	f.host.b[15] = 7;
	f.peer = STR("sync.example");
	f.proto = STR("tcp");
	return f;
}

static void test_identify(void **state)
{
	(void)state;
	struct finding a = example(), b = example();
	finding_identify(&a);
	b.score = 99; /* what was measured does not change who it is about */
	b.events = 5;
	finding_identify(&b);
	assert_string_equal(a.id, b.id);
	assert_int_equal(strlen(a.id), 17);
	b.peer_port = 444;
	finding_identify(&b);
	assert_string_not_equal(a.id, b.id);
	b = example();
	b.direction = DIRECTION_INBOUND;
	finding_identify(&b);
	assert_string_not_equal(a.id, b.id);
	/* Texts do not run together. */
	a.proto = STR("tcps");
	a.peer = STR("ync.example");
	b = example();
	finding_identify(&a);
	finding_identify(&b);
	assert_string_not_equal(a.id, b.id);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		enum direction d;
		enum since_kind k;
		enum confidence c;
		assert_true(
		    direction_from_name(str_of(direction_name((enum direction)i)), &d));
		assert_true(since_kind_from_name(
		    str_of(since_kind_name((enum since_kind)i)), &k));
		assert_true(confidence_from_name(
		    str_of(confidence_name((enum confidence)i)), &c));
		assert_int_equal(d, i);
		assert_int_equal(k, i);
		assert_int_equal(c, i);
	}
	enum confidence c;
	assert_false(confidence_from_name(STR("certain"), &c));
	assert_false(confidence_from_name((struct str){NULL, 0}, &c));
}

static void test_facts(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
	struct finding f = example();
	finding_add_fact(&f, FACT_KEY_RHYTHM, 14400, 0.25, 40);
	finding_add_text_fact(
	    &f, FACT_KEY_USUAL_SERVICE, STR("a \"quoted\" \xe6\x97\xb6"));
	finding_add_fact(&f, FACT_KEY_NO_NAME, 0, 0, 0);
	finding_add_fact(&f, FACT_KEY_OLDER, 1700000000123456.0, 0, 0);
	struct str json = facts_to_json(f.facts, f.fact_count, &a);
	const char *expect =
	    "[{\"key\":\"rhythm\",\"values\":[14400,0.25,40]},"
	    "{\"key\":\"usual_service\",\"text\":\"a \\\"quoted\\\" \xe6\x97\xb6\"},"
	    "{\"key\":\"no_name\"},"
	    "{\"key\":\"older\",\"values\":[1700000000123456]}]";
	assert_true(str_equal(json, str_of(expect)));
	struct fact back[FACTS_MAX];
	assert_int_equal(facts_from_json(json, back, &a), 4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(back[i].key, f.facts[i].key);
		for (size_t j = 0; j < 3; j++)
			assert_true(fabs(back[i].value[j] - f.facts[i].value[j]) < 1e-9);
	}
	assert_true(str_equal(back[1].text, f.facts[1].text));
	arena_fini(&a);
}

static void test_facts_from_elsewhere(void **state)
{
	(void)state;
	struct arena a;
	struct fact v[FACTS_MAX];
	arena_init(&a, 1 << 20);
	static const char *const none[] = {"", "{", "{}", "[]", "[1,2]", "[{\"key\":7}]",
	    "[{\"key\":\"from_next_year\",\"values\":[1]}]", "null", "\"rhythm\""};
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(facts_from_json(str_of(none[i]), v, &a), 0);
	/* Missing values are 0, wrong ones not a number. */
	assert_int_equal(
	    facts_from_json(STR("[{\"key\":\"rhythm\",\"values\":[5,\"x\"]}]"), v, &a),
	    1);
	assert_true(
	    v[0].value[0] > 4.9 && isnan(v[0].value[1]) && fabs(v[0].value[2]) < 1e-9);
	/* A memory may come from elsewhere: its text is made clean like all other. */
	assert_int_equal(
	    facts_from_json(
		STR("[{\"key\":\"usual_service\",\"text\":\"n\\u001b[1mtp\"}]"), v, &a),
	    1);
	assert_int_equal(v[0].key, FACT_KEY_USUAL_SERVICE);
	assert_true(v[0].text.n > 0 && memchr(v[0].text.p, 0x1b, v[0].text.n) == NULL);
	arena_fini(&a);
}

static void test_limit(void **state)
{
	(void)state;
	struct finding f = example();
	for (int i = 0; i < FACTS_MAX + 5; i++)
		finding_add_fact(&f, FACT_KEY_NO_NAME, 0, 0, 0);
	assert_int_equal(f.fact_count, FACTS_MAX);
}

static void test_record(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 20);
	struct finding f = example();
	struct finding_record r;
	f.attack[0] = "T1071";
	f.attack[1] = "T1029";
	f.since_kind = SINCE_ONSET;
	f.confidence = CONFIDENCE_HIGH;
	finding_identify(&f);
	finding_to_record(&f, STR("It ticks."), &a, &r);
	assert_true(str_equal(r.id, str_of(f.id)));
	assert_int_equal(r.attack.n, 2);
	assert_true(str_equal(r.attack.v[1], STR("T1029")));
	assert_true(str_equal(r.since_kind, STR("onset")));
	assert_true(str_equal(r.confidence, STR("high")));
	assert_true(str_equal(r.summary, STR("It ticks.")));
	assert_true(str_equal(r.facts, STR("[]")));
	assert_int_equal(r.peer_port, 443);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_identify),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_facts_from_elsewhere),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_record),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
