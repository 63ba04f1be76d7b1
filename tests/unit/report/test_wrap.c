/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a terminal: words stay whole,
 * CJK counts two columns and keeps its punctuation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/wrap.h"

static void prints(const char *text, size_t indent, size_t width, const char *wanted)
{
	char *got = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&got, &n);
	assert_non_null(out);
	wrap_print(out, str_of(text), indent, width);
	fclose(out);
	assert_string_equal(got, wanted);
	free(got);
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(wrap_columns(STR("abc")), 3);
	assert_int_equal(wrap_columns(STR("案件 a")), 6);
	assert_int_equal(wrap_columns(STR("（，")), 4);
	assert_int_equal(wrap_columns(STR("±é")), 2);
	assert_int_equal(wrap_columns((struct str){0}), 0);
}

static void words_stay_whole(void **state)
{
	(void)state;
	/* 22 columns */
	prints("a line that is exactly here", 0, 22, "a line that is exactly\nhere\n");
	prints("a line that is exactlyy here", 0, 22, "a line that is\nexactlyy here\n");
	prints("one two three four five six", 2, 24, "one two three four\n  five six\n");
	prints("", 0, 40, "\n");
}

static void long_words_are_cut(void **state)
{
	(void)state;
	prints("0123456789012345678901234", 0, 20, "01234567890123456789\n01234\n");
}

static void chinese_breaks_between_characters(void **state)
{
	(void)state;
	/* ten characters of two columns in 20; the full stop may not begin a line */
	prints("一二三四五六七八九十甲", 0, 20, "一二三四五六七八九十\n甲\n");
	prints("一二三四五六七八九十。", 0, 20, "一二三四五六七八九\n十。\n");
	prints("一二三四五六七八九（乙）", 0, 20, "一二三四五六七八九\n（乙）\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(columns),
	    cmocka_unit_test(words_stay_whole), cmocka_unit_test(long_words_are_cut),
	    cmocka_unit_test(chinese_breaks_between_characters)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
