/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/shared/utf16.h"

static void check(const char *bytes, size_t n, const char *wanted)
{
	struct arena a;
	arena_init(&a, 1 << 16);
	struct str s = utf16_text(&a, bytes_over(bytes, n));
	assert_int_equal(s.n, strlen(wanted));
	assert_memory_equal(s.p, wanted, s.n);
	arena_fini(&a);
}

static void texts(void **state)
{
	(void)state;
	check("a\0b\0", 4, "ab");
	check("a\0b\0\0\0c\0", 8, "ab");
	check("a\0b", 3, "a");
	check("", 0, "");
	check("\xe9\0\xac\x20", 4, "\xc3\xa9\xe2\x82\xac");
	check("\x3d\xd8\0\xde", 4, "\xf0\x9f\x98\x80");             /* a pair */
	check("\x3d\xd8x\0\0\xde", 6, "\xef\xbf\xbdx\xef\xbf\xbd"); /* halves alone */
	check("\7\0", 2, "\\x07");
}

static void pieces(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, 1 << 16);
	struct bytes b = bytes_over("a\0\0\0b\0", 6);
	assert_true(str_equal(utf16_take(&a, &b), STR("a")));
	assert_true(str_equal(utf16_take(&a, &b), STR("b")));
	assert_int_equal(b.left, 0);
	b = bytes_over("ab\0c", 4);
	assert_true(str_equal(oem_take(&a, &b), STR("ab")));
	assert_true(str_equal(oem_take(&a, &b), STR("c")));
	arena_fini(&a);
	arena_init(&a, 16); /* over the limit it is absent */
	assert_null(utf16_text(&a, bytes_over("a\0b\0", 4)).p);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(pieces),
	};
	return cmocka_run_group_tests_name("proto/utf16", tests, NULL, NULL);
}
