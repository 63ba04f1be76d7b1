/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/replay.h"

#define DAY_US 86400000000LL

void replay_begin(struct replay *r)
{
	clock_init(&r->clock);
	r->onsets = (struct clock_onsets){0};
	r->unknown = INT64_MIN;
}

/* Whether all that was active in the hours of a day lies in one of them. */
static bool one_hour(uint32_t hours)
{
	return (hours & (hours - 1)) == 0;
}

static unsigned add_day(
    struct replay *r, const struct series_event *v, const struct clock_pace *pace)
{
	const struct past_day *d = v->day;
	int64_t day = v->ts / DAY_US - (v->ts % DAY_US < 0);
	if (d->connections == 0)
		return 0;
	if (v->ts >= r->unknown && v->ts > day * DAY_US &&
	    (d->connections == 1 || one_hour(d->hours)))
		return clock_add_day(
		    &r->clock, v->ts / 1000, d->connections > 1, pace, &r->onsets);
	int64_t end = d->last < (day + 1) * DAY_US ? d->last + 1 : (day + 1) * DAY_US;
	r->unknown = end > r->unknown ? end : r->unknown;
	clock_break(&r->clock);
	return 0;
}

unsigned replay_add(
    struct replay *r, const struct series_event *v, const struct clock_pace *pace)
{
	if (v->day != NULL)
		return add_day(r, v, pace);
	if (v->ts < r->unknown) {
		clock_break(&r->clock);
		return 0;
	}
	return clock_add(&r->clock, v->ts / 1000, pace, &r->onsets);
}
