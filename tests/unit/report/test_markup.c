/* SPDX-License-Identifier: Apache-2.0 */
/* Text from the wire in HTML: nothing of it becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/markup.h"

static void becomes(struct str text, const char *wanted)
{
	char *got = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&got, &n);
	assert_non_null(out);
	markup_text(out, text);
	fclose(out);
	assert_string_equal(got, wanted);
	free(got);
}

static void markup_is_text(void **state)
{
	(void)state;
	becomes(STR("<script>alert('x')</script>"),
	    "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
	becomes(STR("\" onload=\"x"), "&quot; onload=&quot;x");
	becomes(STR("&lt;"), "&amp;lt;");
	becomes(STR("案件 €"), "案件 €");
	becomes((struct str){0}, "");
}

static void hidden_is_shown(void **state)
{
	(void)state;
	becomes(STR("a\xe2\x80\xaegpj.exe"), "a\\u202egpj.exe");
	becomes(STR("\xef\xbb\xbf\x01\x7f\n"), "\\ufeff\\u0001\\u007f\\u000a");
	becomes(STR("\xe2\x80"), "\xe2\x80"); /* a character cut short */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(markup_is_text), cmocka_unit_test(hidden_is_shown)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
