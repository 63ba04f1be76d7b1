/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/timing/activity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS     3600000LL
#define MARKS       (ACTIVITY_HOURS + 1) /* starts of a week's hours, and its end */
#define PRIOR       0.5f /* series: what a rate is drawn to 1 by while little is known */
#define OLD_WEEKS   4    /* a new week weighs 1/4 once as many were seen */
#define FLAT_FACTOR 2.0

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

void activity_fini(struct activity *a)
{
	free(a->count);
	free(a->sum);
	*a = (struct activity){.weeks = 0};
}

void activity_clear(struct activity *a)
{
	a->weeks = 0;
	activity_begin(a);
}

static bool make_room(struct activity *a, size_t weeks)
{
	if (weeks <= a->room)
		return true;
	size_t room = a->room < 8 ? 8 : a->room;
	while (room < weeks)
		room *= 2;
	uint16_t *count = realloc(a->count, room * ACTIVITY_HOURS * sizeof(*count));
	if (count != NULL)
		a->count = count;
	double *sum = realloc(a->sum, room * MARKS * sizeof(*sum));
	if (sum != NULL)
		a->sum = sum;
	if (count == NULL || sum == NULL)
		return false;
	a->room = room;
	return true;
}

/* The week of an hour as an index, held inside what is kept. */
static size_t week_index(const struct activity *a, int64_t hour)
{
	int64_t week = floor_div(hour, ACTIVITY_HOURS) - a->first_week;
	return week < 0                     ? 0
	       : week >= ACTIVITY_WEEKS_MAX ? ACTIVITY_WEEKS_MAX - 1
					    : (size_t)week;
}

static size_t hour_of_week(int64_t hour)
{
	return (size_t)(hour - floor_div(hour, ACTIVITY_HOURS) * ACTIVITY_HOURS);
}

bool activity_count(struct activity *a, int64_t hour, uint64_t n)
{
	if (a->weeks == 0)
		a->first_week = floor_div(hour, ACTIVITY_HOURS);
	size_t week = week_index(a, hour);
	if (week >= a->weeks) {
		if (!make_room(a, week + 1))
			return false;
		memset(a->count + a->weeks * ACTIVITY_HOURS, 0,
		    (week + 1 - a->weeks) * ACTIVITY_HOURS * sizeof(*a->count));
		a->weeks = week + 1;
	}
	uint16_t *c = &a->count[week * ACTIVITY_HOURS + hour_of_week(hour)];
	*c = n > (uint64_t)(UINT16_MAX - *c) ? UINT16_MAX : (uint16_t)(*c + n);
	return true;
}

static bool even(const double *sum, size_t n)
{
	double mean = 0;
	for (size_t i = 0; i < n; i++)
		mean += sum[i] / (double)n;
	for (size_t i = 0; i < n; i++) {
		if (sum[i] > FLAT_FACTOR * mean || sum[i] * FLAT_FACTOR < mean)
			return false;
	}
	return true;
}

bool activity_flat(const struct activity *a)
{
	double by_hour[24] = {0}, by_day[7] = {0};
	if (a->weeks < 2)
		return true;
	for (size_t i = 0; i < a->weeks * ACTIVITY_HOURS; i++) {
		by_hour[i % 24] += a->count[i];
		by_day[i % ACTIVITY_HOURS / 24] += a->count[i];
	}
	return even(by_hour, 24) && even(by_day, 7);
}

void activity_begin(struct activity *a)
{
	memset(a->mean, 0, sizeof(a->mean));
	memset(a->own, 0, sizeof(a->own));
	a->known = 0;
}

/* The rates of week w from the mean of the weeks before it, summed up. */
static void set_rates(struct activity *a, size_t w)
{
	double *sum = a->sum + w * MARKS;
	float mean = 0;
	for (size_t h = 0; h < ACTIVITY_HOURS; h++)
		mean += a->mean[h] / ACTIVITY_HOURS;
	sum[0] = w > 0 ? sum[-1] : 0;
	for (size_t h = 0; h < ACTIVITY_HOURS; h++) {
		double r = (double)((a->mean[h] + PRIOR) / (mean + PRIOR));
		sum[h + 1] = sum[h] + 3600 * fmax(r, ACTIVITY_FLOOR);
	}
}

/* Week w - 1 is over: what it says about the host without the series in work. */
static void learn(struct activity *a, size_t w)
{
	const uint16_t *count = a->count + (w - 1) * ACTIVITY_HOURS;
	float weight = 1.0f / (float)(w < OLD_WEEKS ? w : OLD_WEEKS);
	for (size_t h = 0; h < ACTIVITY_HOURS; h++) {
		float others = w - 1 < a->weeks ? (float)count[h] - (float)a->own[h] : 0;
		a->mean[h] += weight * (fmaxf(others, 0) - a->mean[h]);
	}
	memset(a->own, 0, sizeof(a->own));
}

void activity_own(struct activity *a, int64_t hour)
{
	size_t week = week_index(a, hour);
	if (week >= a->weeks)
		week = a->weeks > 0 ? a->weeks - 1 : 0;
	while (a->known <= week && a->known < a->weeks) {
		if (a->known > 0)
			learn(a, a->known);
		set_rates(a, a->known);
		a->known++;
	}
	a->own[hour_of_week(hour)] = 1;
}

double activity_rate(const struct activity *a, int64_t ms)
{
	int64_t hour = floor_div(ms, HOUR_MS);
	size_t week = week_index(a, hour);
	if (a->known == 0)
		return 1;
	if (week >= a->known)
		week = a->known - 1;
	const double *sum = a->sum + week * MARKS + hour_of_week(hour);
	return (sum[1] - sum[0]) / 3600;
}

/* Own seconds from the begin of all weeks to a moment. */
static double own_time(const struct activity *a, int64_t ms)
{
	int64_t hour = floor_div(ms, HOUR_MS);
	size_t week = week_index(a, hour);
	if (week >= a->known)
		week = a->known - 1;
	const double *sum = a->sum + week * MARKS + hour_of_week(hour);
	return sum[0] +
	       (sum[1] - sum[0]) * (double)(ms - hour * HOUR_MS) / (double)HOUR_MS;
}

double activity_elapsed(void *activity, int64_t from_ms, int64_t to_ms)
{
	const struct activity *a = activity;
	if (a->known == 0)
		return (double)(to_ms - from_ms) / 1000;
	return own_time(a, to_ms) - own_time(a, from_ms);
}
