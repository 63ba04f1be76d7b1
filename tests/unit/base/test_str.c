/* SPDX-License-Identifier: Apache-2.0 */
/* Clean text: valid UTF-8 (RFC 3629) stays, anything else becomes \xNN. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/quote.h"
#include "base/str.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 16);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void check(struct str s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p, want, s.n);
}

static void clean(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		const char *out;
	} rows[] = {
	    {"plain text ~", "plain text ~"}, {"caf\xc3\xa9", "caf\xc3\xa9"},
	    {"\xe4\xb8\xad\xe6\x96\x87", "\xe4\xb8\xad\xe6\x96\x87"},
	    {"\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9"}, {"a\r\nb\x7f", "a\\x0d\\x0ab\\x7f"},
	    {"\xc3", "\\xc3"},                            /* ends inside a sequence */
	    {"\xc0\xaf", "\\xc0\\xaf"},                   /* longer than needed */
	    {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},          /* longer than needed */
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* a surrogate */
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
	    {"\xf5", "\\xf5"},
	    {"\x80"
	     "a",
		"\\x80"
		"a"},
	    {"\xc2\x85", "\\xc2\\x85"}, /* C1 control: next line */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(str_clean(&arena, rows[i].in, strlen(rows[i].in)), rows[i].out);
	const char *same = "borrowed";
	assert_ptr_equal(str_clean(&arena, same, 8).p, same);
	check(str_clean(&arena, "a\0b", 3), "a\\x00b");
	struct str empty = str_clean(&arena, NULL, 0);
	assert_non_null(empty.p);
	assert_int_equal(empty.n, 0);
}

static void lower(void **state)
{
	(void)state;
	check(str_clean_lower(&arena, "WWW.Example.COM", 15), "www.example.com");
	/* Only ASCII letters: the bytes of UTF-8 stay as they are. */
	check(str_clean_lower(&arena,
		  "\xc3\x89"
		  "A[",
		  4),
	    "\xc3\x89"
	    "a[");
	check(str_clean_lower(&arena, "A\x01", 2), "a\\x01");
}

static void over_the_limit(void **state)
{
	(void)state;
	struct arena small;
	arena_init(&small, 16);
	assert_null(str_clean(&small, "\x01", 1).p);
	assert_null(str_clean_lower(&small, "A", 1).p);
	assert_null(str_format(&small, "%d", 1).p);
	assert_null(str_hex(&small, (const uint8_t *)"a", 1).p);
	assert_null(str_copy(&small, STR("a")).p);
	assert_int_equal(small.refused, 5);
	arena_fini(&small);
}

static void order_and_making(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("aa")) < 0);
	assert_true(str_cmp(STR("b"), STR("aa")) > 0);
	assert_true(str_cmp(STR("\x80"), STR("a")) > 0);
	assert_int_equal(str_cmp(STR(""), (struct str){0}), 0);
	assert_true(str_equal(STR("x"), str_of("x")));
	assert_false(str_equal(STR("x"), STR("xy")));
	assert_null(str_of(NULL).p);
	assert_null(str_copy(&arena, (struct str){0}).p);
	check(str_hex(&arena, (const uint8_t[]){0x00, 0x9f, 0xff}, 3), "009fff");
	check(str_format(&arena, "%s:%u", "host", 443U), "host:443");
}

/* Bytes are looked at eight at a time: each value at each place of each length. */
static void at_any_place(void **state)
{
	(void)state;
	char in[21], want[24];
	for (size_t n = 1; n < sizeof(in); n++) {
		for (size_t at = 0; at < n; at++) {
			for (unsigned c = 0; c < 256; c++) {
				memset(in, '~', n);
				in[at] = (char)c;
				bool plain = c >= ' ' && c <= '~';
				struct str got = str_clean(&arena, in, n);
				assert_int_equal(got.n, plain ? n : n + 3);
				snprintf(want, sizeof(want), "\\x%02x", c);
				assert_memory_equal(
				    got.p + at, plain ? in + at : want, plain ? 1 : 4);
				got = str_clean_lower(&arena, in, n);
				char low = c >= 'A' && c <= 'Z' ? (char)(c + 32) : in[at];
				assert_int_equal(got.p[at], plain ? low : '\\');
			}
			arena_reset(&arena);
		}
	}
}

static void addresses(void **state)
{
	(void)state;
	struct addr a;
	static const uint8_t four[4] = {192, 0, 2, 7};
	const struct addr expected = addr_from_v4(four);
	assert_true(
	    str_addr((struct str){"192.0.2.77", 9}, &a)); /* its length, not a NUL */
	assert_true(addr_equal(&a, &expected));
	assert_true(str_addr(STR("2001:db8::1"), &a));
	assert_false(str_addr((struct str){0}, &a));
	assert_true(addr_is_unset(&a));
	assert_false(str_addr(STR("example.org"), &a));
	assert_false(
	    str_addr(STR("0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"), &a));
}

static void characters(void **state)
{
	(void)state;
	static const struct {
		uint32_t c;
		const char *utf8;
	} cases[] = {{0x7f, "\x7f"}, {0x80, "\xc2\x80"}, {0x7ff, "\xdf\xbf"},
	    {0x800, "\xe0\xa0\x80"}, {0xffff, "\xef\xbf\xbf"},
	    {0x10000, "\xf0\x90\x80\x80"}, {0x10ffff, "\xf4\x8f\xbf\xbf"}};
	char out[4];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].utf8);
		assert_int_equal(str_put_utf8(out, cases[i].c), n);
		assert_memory_equal(out, cases[i].utf8, n);
	}
}

static void cut_between_characters(void **state)
{
	(void)state;
	assert_true(str_equal(str_cut(STR("abc"), 3), STR("abc")));
	assert_true(str_equal(str_cut(STR("abc"), 2), STR("ab")));
	assert_true(str_equal(str_cut(STR("a\xe2\x82\xac"), 3), STR("a")));
	assert_true(str_equal(str_cut(STR("\x80\x80\x80\x80\x80"), 4),
	    STR("\x80\x80\x80\x80"))); /* no character at all */
}

static void trimmed(void **state)
{
	(void)state;
	assert_true(str_equal(str_trim(STR(" \ta b\t "), " \t"), STR("a b")));
	assert_true(str_equal(str_trim(STR("\ra "), " "), STR("\ra")));
	assert_true(str_equal(str_trim(STR("\0a\0"), " "), STR("\0a\0")));
	assert_int_equal(str_trim(STR("  "), " ").n, 0);
	assert_null(str_trim((struct str){0}, " ").p);
}

static void quoted(void **state)
{
	(void)state;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	assert_non_null(out);
	quote_sql(out, STR("it's '\0'"));
	quote_sql(out, (struct str){0});
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "'it''s '''''''");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(clean, setup, teardown),
	    cmocka_unit_test_setup_teardown(lower, setup, teardown),
	    cmocka_unit_test_setup_teardown(over_the_limit, setup, teardown),
	    cmocka_unit_test_setup_teardown(order_and_making, setup, teardown),
	    cmocka_unit_test_setup_teardown(at_any_place, setup, teardown),
	    cmocka_unit_test(addresses),
	    cmocka_unit_test(characters),
	    cmocka_unit_test(cut_between_characters),
	    cmocka_unit_test(trimmed),
	    cmocka_unit_test(quoted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
