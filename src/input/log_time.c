/* SPDX-License-Identifier: Apache-2.0 */
#include "input/log_time.h"

#include <stdint.h>
#include <string.h>

/* What is left of the text, and the parts found so far. */
struct reading {
	const char *p;
	size_t n;
	bool bad;
	int year;
	unsigned month, day, hour, minute, second;
	int64_t nano;
	int64_t zone;  /* seconds east of UTC */
	int64_t epoch; /* seconds since 1970, when has_epoch */
	bool has_epoch;
};

/* A number of exactly least to most digits. */
static unsigned digits(struct reading *r, size_t least, size_t most)
{
	unsigned value = 0;
	size_t i = 0;
	for (; i < most && i < r->n && r->p[i] >= '0' && r->p[i] <= '9'; i++)
		value = 10 * value + (unsigned)(r->p[i] - '0');
	if (i < least)
		r->bad = true;
	r->p += i;
	r->n -= i;
	return value;
}

static bool take(struct reading *r, char c)
{
	if (r->n == 0 || r->p[0] != c)
		return false;
	r->p++;
	r->n--;
	return true;
}

static void expect(struct reading *r, char c)
{
	if (!take(r, c))
		r->bad = true;
}

static void fraction(struct reading *r)
{
	int64_t unit = 100000000;
	for (; r->n > 0 && r->p[0] >= '0' && r->p[0] <= '9'; r->p++, r->n--) {
		r->nano += unit * (r->p[0] - '0');
		unit /= 10;
	}
}

/* Z, +hhmm, +hh:mm, +hh. */
static void zone(struct reading *r)
{
	if (take(r, 'Z') || take(r, 'z'))
		return;
	bool west = r->n > 0 && r->p[0] == '-';
	if (!west && (r->n == 0 || r->p[0] != '+')) {
		r->bad = true;
		return;
	}
	r->p++;
	r->n--;
	int64_t hours = digits(r, 2, 2), minutes = 0;
	take(r, ':');
	if (r->n > 0 && r->p[0] >= '0' && r->p[0] <= '9')
		minutes = digits(r, 2, 2);
	r->zone = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
}

static unsigned month_days(int year, unsigned month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29U : days[month - 1];
}

static struct moment finish(const struct reading *r)
{
	int64_t micro = (r->nano + 500) / 1000 * NS_PER_US;
	if (r->bad || r->n > 0)
		return MOMENT_NONE;
	if (r->has_epoch)
		return moment_from(r->epoch, micro);
	if (r->month < 1 || r->month > 12 || r->day < 1 ||
	    r->day > month_days(r->year, r->month) || r->hour > 24 || r->minute > 59 ||
	    r->second > 60)
		return MOMENT_NONE;
	int64_t days = days_from_civil(r->year, r->month, r->day);
	int64_t seconds =
	    days * 86400 + r->hour * INT64_C(3600) + r->minute * INT64_C(60) + r->second;
	return moment_from(seconds - r->zone, micro);
}

struct moment time_iso(const char *p, size_t n)
{
	struct reading r = {.p = p, .n = n};
	r.year = (int)digits(&r, 4, 4);
	expect(&r, '-');
	r.month = digits(&r, 2, 2);
	expect(&r, '-');
	r.day = digits(&r, 2, 2);
	if (!r.bad && r.n == 0)
		return finish(&r);
	if (!take(&r, 'T') && !take(&r, 't'))
		expect(&r, ' ');
	r.hour = digits(&r, 2, 2);
	expect(&r, ':');
	r.minute = digits(&r, 2, 2);
	if (take(&r, ':'))
		r.second = digits(&r, 2, 2);
	if (take(&r, '.') || take(&r, ','))
		fraction(&r);
	if (r.n > 0)
		zone(&r);
	return finish(&r);
}

static void month_name(struct reading *r)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	for (unsigned i = 0; r->n >= 3 && i < 12; i++) {
		if (strncasecmp(r->p, names + 3 * (size_t)i, 3) == 0) {
			r->month = i + 1;
			r->p += 3;
			r->n -= 3;
			return;
		}
	}
	r->bad = true;
}

static void epoch(struct reading *r, int64_t unit)
{
	int64_t value = 0;
	size_t i = 0;
	bool negative = take(r, '-');
	for (; i < 18 && i < r->n && r->p[i] >= '0' && r->p[i] <= '9'; i++)
		value = 10 * value + (r->p[i] - '0');
	r->bad = r->bad || i == 0;
	r->p += i;
	r->n -= i;
	value = negative ? -value : value;
	r->has_epoch = true;
	r->epoch = value / unit;
	r->nano = value % unit * (NS_PER_S / unit);
	if (take(r, '.'))
		fraction(r);
}

static bool part(struct reading *r, char what)
{
	switch (what) {
	case 'Y':
		r->year = (int)digits(r, 4, 4);
		return true;
	case 'y':
		r->year = (int)digits(r, 2, 2);
		r->year += r->year < 69 ? 2000 : 1900; /* POSIX */
		return true;
	case 'm':
		r->month = digits(r, 1, 2);
		return true;
	case 'b':
		month_name(r);
		return true;
	case 'd':
		r->day = digits(r, 1, 2);
		return true;
	case 'H':
		r->hour = digits(r, 1, 2);
		return true;
	case 'M':
		r->minute = digits(r, 2, 2);
		return true;
	case 'S':
		r->second = digits(r, 2, 2);
		if (take(r, '.'))
			fraction(r);
		return true;
	case 'f':
		fraction(r);
		return true;
	case 'z':
		zone(r);
		return true;
	case 's':
		epoch(r, 1);
		return true;
	case 'L':
		epoch(r, 1000);
		return true;
	default:
		return false;
	}
}

struct moment time_by(const char *pattern, const char *p, size_t n)
{
	struct reading r = {.p = p, .n = n, .month = 1, .day = 1, .year = 1970};
	for (const char *c = pattern; *c != '\0' && !r.bad; c++) {
		if (*c != '%')
			expect(&r, *c);
		else if (*++c == '\0' || !part(&r, *c))
			return MOMENT_NONE;
	}
	return finish(&r);
}

bool time_pattern_good(const char *pattern)
{
	for (const char *c = pattern; *c != '\0'; c++) {
		if (*c == '%' && (*++c == '\0' || strchr("YymbdHMSfzsL", *c) == NULL))
			return false;
	}
	return *pattern != '\0';
}
