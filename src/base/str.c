/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/size.h"

static const char hex_digits[16] = "0123456789abcdef";

int str_cmp(struct str a, struct str b)
{
	size_t n = size_min(a.n, b.n);
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;
	if (c != 0)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

static bool is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/* Bytes of the valid UTF-8 sequence of two or
 * more bytes at p, or 0 (RFC 3629, 4; no C1). */
static size_t utf8_length(const uint8_t *p, size_t n)
{
	if (n >= 2 && p[0] >= 0xc2 && p[0] <= 0xdf && is_continuation(p[1]))
		return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : 2;
	if (n >= 3 && (p[0] & 0xf0) == 0xe0 && is_continuation(p[1]) &&
	    is_continuation(p[2])) {
		bool overlong = p[0] == 0xe0 && p[1] < 0xa0;
		bool surrogate = p[0] == 0xed && p[1] >= 0xa0;
		return overlong || surrogate ? 0 : 3;
	}
	if (n >= 4 && p[0] >= 0xf0 && p[0] <= 0xf4 && is_continuation(p[1]) &&
	    is_continuation(p[2]) && is_continuation(p[3])) {
		bool overlong = p[0] == 0xf0 && p[1] < 0x90;
		bool beyond = p[0] == 0xf4 && p[1] >= 0x90;
		return overlong || beyond ? 0 : 4;
	}
	return 0;
}

static bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte)) /* of the eight of a word */

static uint64_t load_word(const uint8_t *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return word;
}

/* Whether all eight bytes are plain: none has its top bit, is less than ' ', or DEL. */
static bool is_plain_word(uint64_t w)
{
	uint64_t del = w ^ EACH(0x7f);
	return ((w | (w - EACH(0x20)) | (del - EACH(1))) & EACH(0x80)) == 0;
}

/* How many of the n bytes at p are plain before one that is not; often by words. */
static size_t plain_run(const uint8_t *p, size_t n)
{
	size_t i = 0;
	while (n - i >= sizeof(uint64_t) && is_plain_word(load_word(p + i)))
		i += sizeof(uint64_t);
	if (n - i < sizeof(uint64_t) && n >= sizeof(uint64_t) &&
	    is_plain_word(load_word(p + n - sizeof(uint64_t))))
		return n;
	while (i < n && is_plain(p[i]))
		i++;
	return i;
}

/* The length of the clean form of the n bytes at p. */
static size_t clean_length(const uint8_t *p, size_t n)
{
	size_t i = plain_run(p, n), out = i;
	while (i < n) {
		size_t step = utf8_length(p + i, n - i);
		out += step > 0 ? step : 4;
		i += step > 0 ? step : 1;
		size_t plain = plain_run(p + i, n - i);
		out += plain;
		i += plain;
	}
	return out;
}

static void clean_write(char *o, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t step = is_plain(p[i]) ? 1 : utf8_length(p + i, n - i);
		if (step > 0) {
			memcpy(o, p + i, step);
			o += step;
			i += step;
			continue;
		}
		*o++ = '\\';
		*o++ = 'x';
		*o++ = hex_digits[p[i] >> 4];
		*o++ = hex_digits[p[i] & 15];
		i++;
	}
}

struct str str_clean(struct arena *a, const void *p, size_t n)
{
	if (n == 0)
		return STR("");
	size_t clean = clean_length(p, n);
	if (clean == n)
		return (struct str){p, n};
	char *o = arena_alloc(a, clean);
	if (o == NULL)
		return (struct str){0};
	clean_write(o, p, n);
	return (struct str){o, clean};
}

/* Whether one of the eight bytes is in A-Z. */
static bool has_upper(uint64_t w)
{
	uint64_t low = w & EACH(0x7f);
	return (((low + EACH(0x80 - 'A')) ^ (low + EACH(0x7f - 'Z'))) & ~w &
		   EACH(0x80)) != 0;
}

struct str str_clean_lower(struct arena *a, const void *p, size_t n)
{
	const uint8_t *b = p;
	size_t upper = 0;
	while (n - upper >= sizeof(uint64_t) && !has_upper(load_word(b + upper)))
		upper += sizeof(uint64_t);
	while (upper < n && !(b[upper] >= 'A' && b[upper] <= 'Z'))
		upper++;
	if (upper == n)
		return str_clean(a, p, n);
	uint8_t *low = arena_copy(a, p, n);
	if (low == NULL)
		return (struct str){0};
	for (size_t i = upper; i < n; i++) {
		if (low[i] >= 'A' && low[i] <= 'Z')
			low[i] |= 0x20;
	}
	return str_clean(a, low, n);
}

#define FORMAT_BYTES 512 /* texts of up to so many are formatted once, not twice */

struct str str_format(struct arena *a, const char *format, ...)
{
	char text[FORMAT_BYTES];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	bool whole = n >= 0 && (size_t)n < sizeof(text);
	char *o = n < 0   ? NULL
		  : whole ? arena_copy(a, text, (size_t)n + 1)
			  : arena_alloc(a, (size_t)n + 1);
	if (o == NULL || whole)
		return (struct str){o, o != NULL ? (size_t)n : 0};
	va_start(args, format);
	vsnprintf(o, (size_t)n + 1, format, args);
	va_end(args);
	return (struct str){o, (size_t)n};
}

struct str str_copy(struct arena *a, struct str s)
{
	if (s.p == NULL)
		return s;
	char *o = arena_copy(a, s.p, s.n);
	return o != NULL ? (struct str){o, s.n} : (struct str){0};
}

bool str_addr(struct str s, struct addr *a)
{
	char text[ADDR_TEXT_MAX];
	*a = (struct addr){0};
	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	if (addr_parse_v4(s.p, s.n, a))
		return true;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	return addr_parse(text, a);
}

struct str str_hex(struct arena *a, const uint8_t *p, size_t n)
{
	size_t out;
	char *o = size_mul(n, 2, &out) ? arena_alloc(a, out) : NULL;
	if (o == NULL)
		return (struct str){0};
	for (size_t i = 0; i < n; i++) {
		o[2 * i] = hex_digits[p[i] >> 4];
		o[2 * i + 1] = hex_digits[p[i] & 15];
	}
	return (struct str){o, out};
}

int str_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t str_put_utf8(char *o, uint32_t c)
{
	if (c < 0x80) {
		o[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		o[0] = (char)(0xc0 | c >> 6);
		o[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		o[0] = (char)(0xe0 | c >> 12);
		o[1] = (char)(0x80 | (c >> 6 & 0x3f));
		o[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	o[0] = (char)(0xf0 | c >> 18);
	o[1] = (char)(0x80 | (c >> 12 & 0x3f));
	o[2] = (char)(0x80 | (c >> 6 & 0x3f));
	o[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

struct str str_trim(struct str s, const char *blanks)
{
	while (s.n > 0 && is_one_of(s.p[0], blanks)) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_one_of(s.p[s.n - 1], blanks))
		s.n--;
	return s;
}

struct str str_cut(struct str s, size_t n)
{
	if (s.n <= n)
		return s;
	size_t end = n;
	while (end > 0 && n - end < 4 && ((uint8_t)s.p[end] & 0xc0) == 0x80)
		end--;
	return (struct str){s.p, n - end < 4 ? end : n};
}
