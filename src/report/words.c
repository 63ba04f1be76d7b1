/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct unit {
	double seconds;
	const char *one[LANGUAGES], *many[LANGUAGES];
};

static const struct unit units[] = {
    {365.25 * 86400, {" year", " 年"}, {" years", " 年"}},
    {86400, {" day", " 天"}, {" days", " 天"}},
    {3600, {" h", " 小时"}, {" h", " 小时"}},
    {60, {" min", " 分钟"}, {" min", " 分钟"}},
    {1, {" s", " 秒"}, {" s", " 秒"}},
};

#define UNITS (sizeof(units) / sizeof(units[0]))

/* A second unit is worth saying only beside a small count of the first. */
#define SECOND_UNIT_BELOW 10

struct str words_span(double seconds, enum language l, struct arena *a)
{
	if (!(seconds >= 0))
		seconds = 0;
	if (seconds < 1)
		return str_format(a, l == LANGUAGE_ZH ? "%.0f 毫秒" : "%.0f ms", seconds * 1000);
	if (seconds < 10)
		return str_format(a, "%.1f%s", seconds, units[UNITS - 1].many[l]);
	size_t i = 0;
	while (i + 1 < UNITS && seconds < units[i].seconds)
		i++;
	const struct unit *large = &units[i];
	if (i + 1 == UNITS)
		return str_format(a, "%.0f%s", seconds, large->many[l]);
	const struct unit *small = &units[i + 1];
	double first = floor(seconds / large->seconds);
	double rest = round((seconds - first * large->seconds) / small->seconds);
	if (rest * small->seconds >= large->seconds) {
		first++;
		rest = 0;
	}
	if (first >= SECOND_UNIT_BELOW || rest < 1) {
		first = round(seconds / large->seconds);
		return str_format(a, "%.0f%s", first, first < 1.5 ? large->one[l] : large->many[l]);
	}
	return str_format(a, "%.0f%s %.0f%s", first, first < 1.5 ? large->one[l] : large->many[l],
	    rest, rest < 1.5 ? small->one[l] : small->many[l]);
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
	return str_format(a, i > 0 && bytes < 99.95 ? "%.1f %s" : "%.0f %s", bytes, names[i]);
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
		return STR("0 %");
	if (percent >= 100)
		return STR("100 %");
	if (percent < 0.1)
		return STR("<0.1 %");
	if (percent < 10 || percent > 99)
		return str_format(a, "%.1f %%", fmin(percent, 99.9));
	return str_format(a, "%.0f %%", percent);
}

struct str words_time(struct moment m, struct arena *a)
{
	char text[MOMENT_TEXT_MAX];
	size_t n = moment_text_minute(m, text);
	return str_copy(a, (struct str){text, n});
}

/* The slot whose name stands between braces at p (after the opening one), or NULL. */
static const struct slot *slot_at(const char *p, size_t length, const struct slot *slots, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(slots[i].name) == length && memcmp(slots[i].name, p, length) == 0)
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

struct str words_fill(const char *template, const struct slot *slots, size_t n, struct arena *a)
{
	size_t length = fill(NULL, template, slots, n);
	char *out = arena_alloc(a, length);
	if (out == NULL)
		return (struct str){0};
	fill(out, template, slots, n);
	return (struct str){out, length};
}
