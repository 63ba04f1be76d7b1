/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of retention as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "store/policy.h"

static void spans_are_days_weeks_months_and_years(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool right;
		unsigned days;
	} cases[] = {
	    {"90d", true, 90},
	    {"12w", true, 84},
	    {"6m", true, 180},
	    {"5y", true, 1825},
	    {"all", true, 0},
	    {"200y", true, 73000},
	    {"201y", false, 0},
	    {"0d", false, 0},
	    {"", false, 0},
	    {"d", false, 0},
	    {"90", false, 0},
	    {"-1d", false, 0},
	    {"1.5y", false, 0},
	    {"90D", false, 0},
	    {"90dd", false, 0},
	    {" 90d", false, 0},
	    {"99999999999999999999d", false, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned days = 12345;
		if (policy_parse_span(cases[i].text, &days) != cases[i].right)
			fail_msg("'%s'", cases[i].text);
		if (cases[i].right)
			assert_int_equal(days, cases[i].days);
	}
}

static void sizes_are_powers_of_1024(void **state)
{
	(void)state;
	uint64_t n;
	assert_true(policy_parse_size("500G", &n) && n == 500ULL << 30);
	assert_true(policy_parse_size("500GiB", &n) && n == 500ULL << 30);
	assert_true(policy_parse_size("2T", &n) && n == 2ULL << 40);
	assert_true(policy_parse_size("1048576", &n) && n == 1 << 20);
	assert_true(policy_parse_size("all", &n) && n == 0);
	static const char *const wrong[] = {"", "G", "500g", "500GB", "1K", "0", "-5G",
	    "99999999999999999T", "999999999999999999T", "5 G"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (policy_parse_size(wrong[i], &n))
			fail_msg("'%s'", wrong[i]);
	}
	char text[POLICY_RULE_TEXT];
	policy_size_text(500ULL << 30, text);
	assert_string_equal(text, "500G");
	policy_size_text(1048577, text);
	assert_string_equal(text, "1048577");
}

static void rules_are_written_as_they_are_read(void **state)
{
	(void)state;
	static const char *const right[][2] = {
	    {"10.9.0.0/16=30d", "10.9.0.0/16=30d"},
	    {"10.9.0.0/16,dns=7d", "10.9.0.0/16,dns=7d"},
	    {"*,http=4w", "*,http=28d"},
	    {"*=1y", "*=365d"},
	    {"fd00::/8,tls=9d", "fd00::/8,tls=9d"},
	    {"192.0.2.1=1d", "192.0.2.1/32=1d"},
	    {"0.0.0.0/0=2d", "0.0.0.0/0=2d"},
	};
	static const char *const wrong[] = {"", "=", "10.0.0.0/8", "10.0.0.0/8=", "=30d",
	    "10.0.0.0/33=1d", "x=1d", "*,=1d", "*,DNS=1d", "*,a;b=1d", "*,dns=1d,x",
	    "10.0.0.0/8,0123456789012345678901234567890123456789=1d"};
	struct policy_rule rule;
	char text[POLICY_RULE_TEXT];
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		if (!policy_parse_rule(right[i][0], &rule))
			fail_msg("'%s'", right[i][0]);
		policy_rule_text(&rule, text);
		assert_string_equal(text, right[i][1]);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (policy_parse_rule(wrong[i], &rule))
			fail_msg("'%s'", wrong[i]);
	}
}

static void set(struct policy *p, const char *text)
{
	struct policy_rule rule;
	assert_true(policy_parse_rule(text, &rule));
	assert_true(policy_set(p, &rule));
}

static void a_rule_replaces_one_about_the_same(void **state)
{
	(void)state;
	struct policy p = {0};
	assert_true(policy_is_empty(&p));
	set(&p, "*=90d");
	set(&p, "10.0.0.0/8=30d");
	set(&p, "10.0.0.0/8,dns=7d");
	set(&p, "10.0.0.0/8=20d");
	assert_int_equal(p.n, 3);
	assert_int_equal(p.rules[1].days, 20);
	assert_int_equal(policy_conn_days(&p), 90);
	set(&p, "*=all");
	assert_int_equal(p.n, 2);
	assert_int_equal(policy_conn_days(&p), 0);
	assert_string_equal(p.rules[1].proto, "dns");
	set(&p, "172.16.0.0/12=all");
	assert_int_equal(p.n, 2);
}

static void there_is_a_limit_of_rules(void **state)
{
	(void)state;
	struct policy p = {0};
	struct policy_rule rule;
	char text[POLICY_RULE_TEXT];
	for (int i = 0; i < POLICY_RULES_MAX; i++) {
		snprintf(text, sizeof(text), "10.%d.0.0/16=1d", i);
		set(&p, text);
	}
	assert_true(policy_parse_rule("11.0.0.0/8=1d", &rule));
	assert_false(policy_set(&p, &rule));
	set(&p, "10.5.0.0/16=9d");
	assert_int_equal(p.rules[5].days, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(spans_are_days_weeks_months_and_years),
	    cmocka_unit_test(sizes_are_powers_of_1024),
	    cmocka_unit_test(rules_are_written_as_they_are_read),
	    cmocka_unit_test(a_rule_replaces_one_about_the_same),
	    cmocka_unit_test(there_is_a_limit_of_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
