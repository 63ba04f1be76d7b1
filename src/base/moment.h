/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment of capture time: nanoseconds since 1970-01-01 UTC, as the capture says
 * them. A type of its own, so that it can not be mixed with wall-clock time,
 * durations or seconds. Nothing below cmd/ reads a clock: time is an argument.
 */
#ifndef DWELL_BASE_MOMENT_H
#define DWELL_BASE_MOMENT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US   1000LL
#define NS_PER_MS   1000000LL
#define NS_PER_S    1000000000LL
#define NS_PER_DAY  (86400LL * NS_PER_S)
#define MOMENT_NONE ((struct moment){INT64_MIN})

#define MOMENT_TEXT_MAX 36 /* bytes of a moment as text, its NUL included */

struct moment {
	int64_t ns;
};

/* Saturating: a moment from a hostile file must not overflow. */
static inline struct moment moment_from(int64_t seconds, int64_t nanoseconds)
{
	int64_t ns;
	if (__builtin_mul_overflow(seconds, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, nanoseconds, &ns))
		ns = seconds < 0 ? INT64_MIN + 1 : INT64_MAX;
	return (struct moment){ns};
}

/* Nanoseconds from a to b, saturating. */
static inline int64_t moment_diff(struct moment a, struct moment b)
{
	int64_t d;
	if (__builtin_sub_overflow(b.ns, a.ns, &d))
		d = b.ns < a.ns ? INT64_MIN + 1 : INT64_MAX;
	return d;
}

/* The moment ns nanoseconds later, saturating. */
static inline struct moment moment_add(struct moment a, int64_t ns)
{
	struct moment m;
	if (__builtin_add_overflow(a.ns, ns, &m.ns))
		m.ns = ns < 0 ? INT64_MIN + 1 : INT64_MAX;
	return m;
}

/* Microseconds since 1970, rounded down: the unit of every stored time. */
static inline int64_t moment_us(struct moment m)
{
	return m.ns / NS_PER_US - (m.ns % NS_PER_US < 0);
}

/* Of microseconds since 1970. */
static inline struct moment moment_from_us(int64_t us)
{
	return moment_from(us / 1000000, us % 1000000 * NS_PER_US);
}

/* Whole days since 1970-01-01, rounded down. */
static inline int64_t moment_day(struct moment m)
{
	return m.ns / NS_PER_DAY - (m.ns % NS_PER_DAY < 0);
}

/* Year, month, day of a count of days since 1970-01-01 (proleptic Gregorian, UTC). */
void civil_from_days(int64_t days, int *year, unsigned *month, unsigned *day);

/* The count of days since 1970-01-01 of a date. */
int64_t days_from_civil(int year, unsigned month, unsigned day);

/* Write "YYYY-MM-DDTHH:MM:SS.uuuuuuZ"; the length without NUL. */
size_t moment_text(struct moment m, char out[static MOMENT_TEXT_MAX]);

/* Write "YYYY-MM-DD HH:MM" for people; the length without NUL. */
size_t moment_text_minute(struct moment m, char out[static MOMENT_TEXT_MAX]);

/* Write "YYYY-MM-DD"; the length without NUL. */
size_t moment_text_day(struct moment m, char out[static MOMENT_TEXT_MAX]);

#endif
