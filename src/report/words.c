/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct unit {
	double seconds;
	const char *one[LANGUAGES], *many[LANGUAGES], *per[LANGUAGES];
};

static const struct unit units[] = {
    {365.25 * 86400, {" year", " 年"}, {" years", " 年"}, {"year", "年"}},
    {86400, {" day", " 天"}, {" days", " 天"}, {"day", "天"}},
    {3600, {" h", " 小时"}, {" h", " 小时"}, {"hour", "小时"}},
    {60, {" min", " 分钟"}, {" min", " 分钟"}, {"minute", "分钟"}},
    {1, {" s", " 秒"}, {" s", " 秒"}, {"second", "秒"}},
};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* A second unit is worth saying only beside a small count of the first. */
#define SECOND_UNIT_BELOW 10

/* A span in at most two units. */
struct parts {
	const struct unit *large, *small;
	double first, rest;
};

static struct parts split(double seconds)
{
	size_t i = 0;
	while (i + 1 < UNITS && seconds < units[i].seconds)
		i++;
	struct parts s = {.large = &units[i], .small = &units[i]};
	if (i + 1 == UNITS) {
		s.first = round(seconds);
	} else {
		s.small = &units[i + 1];
		s.first = floor(seconds / s.large->seconds);
		s.rest = round((seconds - s.first * s.large->seconds) / s.small->seconds);
		if (s.first >= SECOND_UNIT_BELOW) {
			s.first = round(seconds / s.large->seconds);
			s.rest = 0;
		} else if (s.rest * s.small->seconds >= s.large->seconds) {
			s.first++;
			s.rest = 0;
		}
	}
	/* What was rounded up to a whole larger unit is called by it. */
	if (s.rest < 1 && i > 0 && s.first * s.large->seconds >= units[i - 1].seconds) {
		s.large = &units[i - 1];
		s.first = 1;
	}
	return s;
}

static const char *unit_name(const struct unit *u, double n, enum language l)
{
	return n < 1.5 ? u->one[l] : u->many[l];
}

struct str words_span(double seconds, enum language l, struct arena *a)
{
	if (!(seconds >= 0))
		seconds = 0;
	if (seconds < 0.9995)
		return str_format(
		    a, l == LANGUAGE_ZH ? "%.0f 毫秒" : "%.0f ms", seconds * 1000);
	if (seconds < 9.95)
		return str_format(a, "%.2g%s", seconds, units[UNITS - 1].many[l]);
	struct parts s = split(seconds);
	if (s.rest < 1)
		return str_format(a, "%.0f%s", s.first, unit_name(s.large, s.first, l));
	return str_format(a, "%.0f%s %.0f%s", s.first, unit_name(s.large, s.first, l),
	    s.rest, unit_name(s.small, s.rest, l));
}

struct str words_per(double seconds, enum language l, struct arena *a)
{
	if (seconds >= 0.975 && seconds < 1.05)
		return str_of(units[UNITS - 1].per[l]);
	if (seconds >= 9.95) {
		struct parts s = split(seconds);
		if (s.first < 1.5 && s.rest < 1)
			return str_of(s.large->per[l]);
	}
	struct str span = words_span(seconds, l, a);
	return str_format(a, l == LANGUAGE_ZH ? " %.*s" : "%.*s", STR_ARG(span));
}

struct str words_bytes(double bytes, struct arena *a)
{
	static const char *const names[] = {"B", "kB", "MB", "GB", "TB", "PB"};
	size_t i = 0;
	if (!(bytes >= 0))
		bytes = 0;
	while (i + 1 < sizeof(names) / sizeof(names[0]) && bytes >= 999.5) {
		bytes /= 1000;
		i++;
	}
	return str_format(
	    a, i > 0 && bytes < 99.95 ? "%.1f %s" : "%.0f %s", bytes, names[i]);
}

struct str words_count(double n, struct arena *a)
{
	char digits[32], out[48];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64,
	    n > 0 && n < 1e18 ? (uint64_t)(n + 0.5) : (uint64_t)0);
	size_t o = 0;
	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[o++] = ',';
		out[o++] = digits[i];
	}
	return str_copy(a, (struct str){out, o});
}

struct str words_share(double share, struct arena *a)
{
	double percent = share * 100;
	if (!(percent > 0))
		return STR("0%");
	if (percent >= 100)
		return STR("100%");
	if (percent < 0.1)
		return STR("<0.1%");
	if (percent < 9.95)
		return str_format(a, "%.2g%%", percent);
	if (percent > 99)
		return str_format(a, "%.3g%%", fmin(percent, 99.9));
	return str_format(a, "%.0f%%", percent);
}

struct str words_real(double v, struct arena *a)
{
	if (!isfinite(v))
		return STR("?");
	return str_format(a, fabs(v) >= 10 ? "%.1f" : "%.3g", v);
}

struct str words_time(struct moment m, struct arena *a)
{
	char text[MOMENT_TEXT_MAX];
	if (m.ns == MOMENT_NONE.ns)
		return STR("?");
	size_t n = moment_text_minute(m, text);
	return str_copy(a, (struct str){text, n});
}

size_t words_decode(const char *text, size_t left, uint32_t *code)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
				 : 4;
	if (n == 0 || p[0] > 0xf4 || left < n)
		return 0;
	*code = n == 1 ? p[0] : p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3fU);
	}
	return n;
}

size_t words_hidden(const char *p, size_t left, uint32_t *code)
{
	/* Unicode's Cc, Cf and Default_Ignorable_Code_Point,
	 * as far as names can hold them. */
	static const struct {
		uint32_t first, last;
	} hidden[] = {{0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f},
	    {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
	    {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
	    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
	    {0xe0000, 0xe0fff}};
	size_t n = left > 0 ? words_decode(p, left, code) : 0;
	for (size_t i = 0; n > 0 && i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (*code >= hidden[i].first && *code <= hidden[i].last)
			return n;
	}
	return 0;
}

#define HIDDEN_MAX 12 /* bytes of a hidden character written out, its NUL included */

struct str words_visible(struct str text, struct arena *a)
{
	uint32_t code;
	size_t found = 0, o = 0;
	for (size_t i = 0; i < text.n; i++)
		found += words_hidden(text.p + i, text.n - i, &code) > 0;
	if (found == 0)
		return text;
	size_t room = text.n + found * HIDDEN_MAX;
	char *out = arena_alloc(a, room);
	if (out == NULL)
		return (struct str){0};
	for (size_t i = 0; i < text.n;) {
		size_t n = words_hidden(text.p + i, text.n - i, &code);
		if (n > 0)
			o += (size_t)snprintf(out + o, room - o, "\\u%04" PRIx32, code);
		else
			out[o++] = text.p[i];
		i += n > 0 ? n : 1;
	}
	return (struct str){out, o};
}

/* The slot whose name stands between braces at p (after the opening one), or NULL. */
static const struct slot *slot_at(
    const char *p, size_t length, const struct slot *slots, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(slots[i].name) == length &&
		    memcmp(slots[i].name, p, length) == 0)
			return &slots[i];
	}
	return NULL;
}

/* Write the filled template to out (NULL: only measure); the length. */
static size_t fill(char *out, const char *template, const struct slot *slots, size_t n)
{
	size_t o = 0;
	for (const char *p = template; *p != '\0';) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const struct slot *slot =
		    end != NULL ? slot_at(p + 1, (size_t)(end - p - 1), slots, n) : NULL;
		if (slot != NULL) {
			if (out != NULL && slot->text.n > 0)
				memcpy(out + o, slot->text.p, slot->text.n);
			o += slot->text.n;
			p = end + 1;
			continue;
		}
		if (out != NULL)
			out[o] = *p;
		o++;
		p++;
	}
	return o;
}

struct str words_fill(
    const char *template, const struct slot *slots, size_t n, struct arena *a)
{
	size_t length = fill(NULL, template, slots, n);
	char *out = arena_alloc(a, length);
	if (out == NULL)
		return (struct str){0};
	fill(out, template, slots, n);
	return (struct str){out, length};
}
