/* SPDX-License-Identifier: Apache-2.0 */
/* Values in words, against texts written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/words.h"

static struct arena arena;

static void is(struct str got, const char *wanted)
{
	if (!str_equal(got, str_of(wanted)))
		fail_msg("'%.*s' instead of '%s'", STR_ARG(got), wanted);
}

static void spans(void **state)
{
	(void)state;
	static const struct {
		double seconds;
		const char *en, *zh;
	} rows[] = {
	    {0, "0 ms", "0 毫秒"},
	    {0.0125, "12 ms", "12 毫秒"},
	    {0.9999, "1 s", "1 秒"},
	    {1.5, "1.5 s", "1.5 秒"},
	    {36, "36 s", "36 秒"},
	    {59.7, "1 min", "1 分钟"},
	    {60, "1 min", "1 分钟"},
	    {90, "1 min 30 s", "1 分钟 30 秒"},
	    {3600, "1 h", "1 小时"},
	    {3599.9, "1 h", "1 小时"},
	    {4 * 3600 + 30 * 60, "4 h 30 min", "4 小时 30 分钟"},
	    {23 * 3600 + 59 * 60 + 40, "1 day", "1 天"},
	    {86400, "1 day", "1 天"},
	    {86400 + 3600, "1 day 1 h", "1 天 1 小时"},
	    {14.2 * 86400, "14 days", "14 天"},
	    {(365.25 + 75) * 86400, "1 year 75 days", "1 年 75 天"},
	    {2 * 365.25 * 86400, "2 years", "2 年"},
	    {14 * 365.25 * 86400, "14 years", "14 年"},
	    {-5, "0 ms", "0 毫秒"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		is(words_span(rows[i].seconds, LANGUAGE_EN, &arena), rows[i].en);
		is(words_span(rows[i].seconds, LANGUAGE_ZH, &arena), rows[i].zh);
	}
}

static void after_every(void **state)
{
	(void)state;
	is(words_per(86400, LANGUAGE_EN, &arena), "day");
	is(words_per(86400, LANGUAGE_ZH, &arena), "天");
	is(words_per(3600, LANGUAGE_EN, &arena), "hour");
	is(words_per(60, LANGUAGE_EN, &arena), "minute");
	is(words_per(1, LANGUAGE_EN, &arena), "second");
	is(words_per(365.25 * 86400, LANGUAGE_EN, &arena), "year");
	is(words_per(4 * 86400, LANGUAGE_EN, &arena), "4 days");
	is(words_per(4 * 86400, LANGUAGE_ZH, &arena), " 4 天");
	is(words_per(86400 + 7200, LANGUAGE_EN, &arena), "1 day 2 h");
}

static void sizes(void **state)
{
	(void)state;
	is(words_bytes(0, &arena), "0 B");
	is(words_bytes(812, &arena), "812 B");
	is(words_bytes(999, &arena), "999 B");
	is(words_bytes(5249, &arena), "5.2 kB");
	is(words_bytes(174240, &arena), "174 kB");
	is(words_bytes(999600, &arena), "1.0 MB");
	is(words_bytes(1.3e9, &arena), "1.3 GB");
	is(words_bytes(2e15, &arena), "2.0 PB");
}

static void counts(void **state)
{
	(void)state;
	is(words_count(0, &arena), "0");
	is(words_count(999, &arena), "999");
	is(words_count(1000, &arena), "1,000");
	is(words_count(12345678, &arena), "12,345,678");
	is(words_count(-3, &arena), "0");
}

static void shares(void **state)
{
	(void)state;
	is(words_share(0, &arena), "0%");
	is(words_share(1, &arena), "100%");
	is(words_share(0.12, &arena), "12%");
	is(words_share(0.08, &arena), "8%");
	is(words_share(0.004, &arena), "0.4%");
	is(words_share(0.0181, &arena), "1.8%");
	is(words_share(0.00001, &arena), "<0.1%");
	is(words_share(0.99999, &arena), "99.9%"); /* never up to 100 */
	is(words_share(0.994, &arena), "99.4%");
}

static void times(void **state)
{
	(void)state;
	/* 1757812620 is 2025-09-14T01:17:00Z by date(1) */
	is(words_time(moment_from(1757812620, 0), &arena), "2025-09-14 01:17");
	is(words_time(MOMENT_NONE, &arena), "?");
}

static void hostile_text(void **state)
{
	(void)state;
	is(words_visible(STR("plain.example"), &arena), "plain.example");
	is(words_visible(STR("案件"), &arena), "案件");
	/* U+202E right-to-left override, U+200B zero width, U+E0041 tag, ESC, U+0085 */
	is(words_visible(STR("a\xe2\x80\xae"
			     "b"),
	       &arena),
	    "a\\u202eb");
	is(words_visible(STR("\xe2\x80\x8b"), &arena), "\\u200b");
	is(words_visible(STR("\xf3\xa0\x81\x81"), &arena), "\\ue0041");
	is(words_visible(STR("\033[2J"), &arena), "\\u001b[2J");
	is(words_visible(STR("\xc2\x85"), &arena), "\\u0085");
	/* cut short in the middle of a character:
	 * kept as it is, nothing is read beyond */
	is(words_visible(STR("x\xe2\x80"), &arena), "x\xe2\x80");
}

static void templates(void **state)
{
	(void)state;
	const struct slot slots[] = {{"a", STR("one")}, {"b", STR("{a}")}, {"none", {0}}};
	is(words_fill("{a}-{b}-{c}-{none}{", slots, 3, &arena), "one-{a}-{c}-{");
	is(words_fill("", slots, 3, &arena), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(spans),
	    cmocka_unit_test(after_every), cmocka_unit_test(sizes),
	    cmocka_unit_test(counts), cmocka_unit_test(shares), cmocka_unit_test(times),
	    cmocka_unit_test(hostile_text), cmocka_unit_test(templates)};
	arena_init(&arena, 1u << 20);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&arena);
	return failed;
}
