/* SPDX-License-Identifier: Apache-2.0 */
#include "base/moment.h"

#include <stdio.h>

/*
 * Both calendar functions count from 0000-03-01 in eras of 400 years
 * (146,097 days), so that the leap day is the last of its year.
 */
void civil_from_days(int64_t days, int *year, unsigned *month, unsigned *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned doe = (unsigned)(days - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;
	*day = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = (int)((int64_t)yoe + era * 400 + (*month <= 2));
}

int64_t days_from_civil(int year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

struct clock_face {
	int year;
	unsigned month, day, hour, minute, second, us;
};

static struct clock_face face_of(struct moment m)
{
	struct clock_face f;
	int64_t day = moment_day(m);
	int64_t us = moment_us(m) - day * (NS_PER_DAY / NS_PER_US);
	civil_from_days(day, &f.year, &f.month, &f.day);
	f.hour = (unsigned)(us / 3600000000LL);
	f.minute = (unsigned)(us / 60000000LL % 60);
	f.second = (unsigned)(us / 1000000LL % 60);
	f.us = (unsigned)(us % 1000000LL);
	return f;
}

static size_t written(int n)
{
	return n < 0 ? 0 : (size_t)n;
}

size_t moment_text(struct moment m, char out[static MOMENT_TEXT_MAX])
{
	struct clock_face f = face_of(m);
	return written(
	    snprintf(out, MOMENT_TEXT_MAX, "%04d-%02u-%02uT%02u:%02u:%02u.%06uZ", f.year,
		f.month, f.day, f.hour, f.minute, f.second, f.us));
}

size_t moment_text_minute(struct moment m, char out[static MOMENT_TEXT_MAX])
{
	struct clock_face f = face_of(m);
	return written(snprintf(out, MOMENT_TEXT_MAX, "%04d-%02u-%02u %02u:%02u", f.year,
	    f.month, f.day, f.hour, f.minute));
}

size_t moment_text_day(struct moment m, char out[static MOMENT_TEXT_MAX])
{
	struct clock_face f = face_of(m);
	return written(
	    snprintf(out, MOMENT_TEXT_MAX, "%04d-%02u-%02u", f.year, f.month, f.day));
}
