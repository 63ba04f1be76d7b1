/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/reader.h"

struct scan {
	const char *p;
	size_t left;
};

/* n digits as a number; false when there are fewer. */
static bool digits(struct scan *s, size_t n, int *out)
{
	int v = 0;
	if (s->left < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += n;
	s->left -= n;
	*out = v;
	return true;
}

static bool mark(struct scan *s, const char *marks)
{
	if (s->left == 0 || strchr(marks, *s->p) == NULL || *s->p == '\0')
		return false;
	s->p++;
	s->left--;
	return true;
}

/* "+02:00", "-0530", "Z" or nothing, in seconds east of UTC. */
static bool zone(struct scan *s, int *seconds)
{
	int hours = 0, minutes = 0;
	*seconds = 0;
	if (s->left == 0 || (mark(s, "Zz") && s->left == 0))
		return true;
	if (s->left == 4 && memcmp(s->p, " UTC", 4) == 0)
		return true;
	int sign = *s->p == '-' ? -1 : 1;
	if (!mark(s, "+-") || !digits(s, 2, &hours))
		return false;
	mark(s, ":");
	if (s->left > 0 && !digits(s, 2, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return s->left == 0 && hours < 24 && minutes < 60;
}

/* The digits after the point as nanoseconds. */
static void fraction(struct scan *s, int64_t *ns)
{
	int64_t unit = NS_PER_S / 10;
	for (; s->left > 0 && *s->p >= '0' && *s->p <= '9'; s->p++, s->left--) {
		*ns += unit * (*s->p - '0');
		unit /= 10;
	}
}

static bool seconds_since_1970(struct str text, struct moment *when)
{
	int64_t v = 0;
	if (text.n == 0 || text.n > 11)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		v = v * 10 + (text.p[i] - '0');
	}
	*when = moment_from(v, 0);
	return true;
}

bool feed_when(struct str text, struct moment *when)
{
	static const int days[12] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, hour = 0, minute = 0, second = 0, east = 0;
	int64_t ns = 0;
	text = feed_trim(text);
	if (seconds_since_1970(text, when))
		return true;
	struct scan s = {text.p, text.n};
	if (!digits(&s, 4, &year) || !mark(&s, "-/") || !digits(&s, 2, &month) ||
	    !mark(&s, "-/") || !digits(&s, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	if (mark(&s, "Tt ")) {
		if (!digits(&s, 2, &hour) || !mark(&s, ":") || !digits(&s, 2, &minute))
			return false;
		if (mark(&s, ":") && !digits(&s, 2, &second))
			return false;
		if (mark(&s, "."))
			fraction(&s, &ns);
	}
	if (!zone(&s, &east) || hour > 24 || minute > 59 || second > 60)
		return false;
	int64_t day_s = days_from_civil(year, (unsigned)month, (unsigned)day) * 86400;
	int of_day = hour * 3600 + minute * 60 + second - east;
	*when = moment_from(day_s + of_day, ns);
	return true;
}
