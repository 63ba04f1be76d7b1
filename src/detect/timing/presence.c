/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presence: a channel that is simply always there. One connection of 12 hours or more, or
 * of 6 that is kept open by less than 200 bytes a minute; or a pair that is connected, or
 * connected again within 10 minutes, in at least 9 of 10 watched hours over at least
 * three days; and either few hosts use that peer, or it came late in the host's life.
 * Hours are counted by the calendar, so that a channel that is cut every few minutes and
 * comes back counts as much as one that never ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define LONG_SECONDS  (12 * 3600.0) /* B1 */
#define SHORT_SECONDS 3600.0        /* in a memory of hours: open nearly all that time */
#define ALIVE_SECONDS (6 * 3600.0)  /* B1: kept open so long … */
#define ALIVE_BYTES   200.0         /* … by fewer bytes a minute */
#define KEPT          1u            /* of a suspect's tag: nothing longer is told of it */
#define PRESENT_SHARE 0.9           /* B1 */
#define PRESENT_HOURS 72            /* B1: three days */
#define AGAIN_US      600000000LL   /* B1: 10 minutes */
#define US_PER_HOUR   3600000000LL
#define US_PER_DAY    (24 * US_PER_HOUR)
#define SPAN_MAX_US   (400000LL * US_PER_HOUR) /* one connection: 45 years */

struct watch {
	const struct detection *d;
	struct suspects suspects;
	struct series_stats stats;
	int64_t covered; /* µs: until here they were connected */
	int64_t counted; /* last hour that was counted */
	int64_t day;     /* whose hours were counted one by one: below */
	uint32_t day_hours;
	uint64_t hours;
	double longest;
	uint64_t longest_out, longest_in;
	bool no_memory;
};

static void watch_begin(void *ctx, const struct series_key *key)
{
	struct watch *w = ctx;
	(void)key;
	w->stats = (struct series_stats){.events = 0};
	w->covered = w->counted = w->day = INT64_MIN;
	w->hours = w->longest_out = w->longest_in = 0;
	w->longest = 0;
}

static int64_t hour_of(int64_t us)
{
	return us / US_PER_HOUR - (us % US_PER_HOUR < 0);
}

/* Hours from one moment to another that were not counted yet. */
static void count_hours(struct watch *w, int64_t from, int64_t to)
{
	int64_t first = hour_of(from), last = hour_of(to);
	if (w->counted != INT64_MIN && first <= w->counted)
		first = w->counted + 1;
	if (last < first)
		return;
	w->hours += (uint64_t)(last - first) + 1;
	w->counted = last;
}

/* A day whose connections have decayed says itself in which hours they were connected. */
static void count_day(struct watch *w, const struct series_event *v)
{
	int64_t day = v->ts / US_PER_DAY - (v->ts % US_PER_DAY < 0);
	uint32_t hours = v->day->hours;
	if (day != w->day)
		w->day_hours = 0;
	for (unsigned h = 0; h < 24; h++) {
		bool before = day != w->day && w->counted != INT64_MIN &&
			      day * 24 + h <= w->counted;
		w->hours += !before && (hours & ~w->day_hours) >> h & 1;
	}
	w->day = day;
	w->day_hours |= hours;
	for (unsigned h = 0; h < 24; h++) {
		if (hours >> h & 1 && day * 24 + h > w->counted)
			w->counted = day * 24 + h;
	}
	if (v->day->last > w->covered)
		w->covered = v->day->last;
}

static void watch_event(void *ctx, const struct series_event *v)
{
	struct watch *w = ctx;
	int64_t end = v->ts + (int64_t)fmin(v->seconds * 1e6, (double)SPAN_MAX_US);
	stats_add(&w->stats, v);
	if (v->day != NULL && !v->failed)
		count_day(w, v);
	if (v->day != NULL || !v->start || v->failed)
		return; /* knocking is not being there */
	bool again = w->covered != INT64_MIN && v->ts - w->covered <= AGAIN_US;
	count_hours(w, again && w->covered < v->ts ? w->covered : v->ts, end);
	if (end > w->covered)
		w->covered = end;
	if (v->seconds > w->longest) {
		w->longest = v->seconds;
		w->longest_out = v->out;
		w->longest_in = v->in;
	}
}

/* Bytes a minute of a connection that is kept open and hardly used, both ways; 0: of one
 * that is used, or silent, or short. */
static double kept_alive(double seconds, uint64_t out, uint64_t in)
{
	double rate = seconds > 0 ? ((double)out + (double)in) * 60 / seconds : 0;
	bool alive = seconds >= ALIVE_SECONDS && out > 0 && in > 0;
	return alive && rate < ALIVE_BYTES ? rate : 0;
}

static void watch_end(void *ctx, const struct series_key *key)
{
	struct watch *w = ctx;
	const struct context *c = w->d->context;
	bool long_time = w->hours >= PRESENT_HOURS;
	bool long_one =
	    w->longest >= LONG_SECONDS ||
	    (w->longest >= SHORT_SECONDS &&
		w->longest >= PRESENT_SHARE * (double)(c->last - c->first) / 1e6);
	bool kept = kept_alive(w->longest, w->longest_out, w->longest_in) > 0;
	double among =
	    (double)context_hours(w->d->context, w->stats.first, w->stats.last);
	bool present = long_time && (double)w->hours >= PRESENT_SHARE * among;
	if (!long_one && !present && !kept)
		return;
	struct suspect *v = suspects_add(&w->suspects, key, (double)w->hours);
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	v->stats = w->stats;
	v->tag = !present && !long_one ? KEPT : 0;
	v->hours = w->hours;
	v->longest = w->longest;
	v->longest_out = w->longest_out;
	v->longest_in = w->longest_in;
}

/* The rule's second half. With fewer than three hosts every peer is used by few. */
static bool odd(const struct suspect *v, const void *ctx)
{
	const struct context *c = ctx;
	return v->peer_hosts <= 2 || !weigh_common(c, v) ||
	       v->stats.first - v->host_first >= 30 * US_PER_DAY;
}

static enum confidence confidence(const struct context *c, const struct suspect *v)
{
	double days = (double)(v->stats.last - v->stats.first) / 86400e6;
	bool explained = weigh_common(c, v) || weigh_service(v).n > 0 || v->clients > 2;
	if (explained || v->finding.direction != DIRECTION_OUTBOUND || v->hours < 12 ||
	    v->tag == KEPT)
		return CONFIDENCE_LOW;
	if (days >= 3 && weigh_marks(c, v) >= (weigh_rare(c, v) ? 2 : 3))
		return CONFIDENCE_HIGH;
	return CONFIDENCE_MEDIUM;
}

static void emit(const struct watch *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	const struct context *c = w->d->context;
	double among = (double)context_hours(c, v->stats.first, v->stats.last);
	f->detector = "presence";
	f->attack[0] = "T1071"; /* application layer protocol */
	f->attack[1] = "T1572"; /* protocol tunneling */
	struct str name = stats_name(&v->stats);
	if (v->projection == SERIES_ADDRESS && name.n > 0)
		f->peer = name; /* as clockwork calls the same peer */
	context_date(c, v);
	finding_add_fact(f, FACT_KEY_PRESENCE, fmin(1, (double)v->hours / among), among,
	    (double)v->stats.days);
	if (v->longest >= SHORT_SECONDS)
		finding_add_fact(f, FACT_KEY_LONG_CHANNEL, v->longest,
		    (double)v->longest_out, (double)v->longest_in);
	double alive = kept_alive(v->longest, v->longest_out, v->longest_in);
	if (alive > 0)
		finding_add_fact(f, FACT_KEY_KEPT_ALIVE, alive, 0, 0);
	weigh_facts(c, v);
	f->confidence = confidence(c, v);
	finding_identify(f);
	w->d->sink->put(w->d->sink->ctx, f);
}

static int run(const struct detection *d, struct error *e)
{
	struct watch *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	w->d = d;
	suspects_init(&w->suspects);
	const struct series_visitor visitor = {watch_begin, watch_event, watch_end, w};
	const struct series_query query = {SERIES_ADDRESS, true, SERIES_LASTING, NULL};
	int result = series_read(d->source, &query, &visitor, e);
	if (result == 0 && w->no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = context_fill(d->source, w->suspects.v, w->suspects.n, e);
	if (result == 0) {
		suspects_filter(&w->suspects, odd, d->context);
		suspects_sort(&w->suspects);
		weigh_rank(d->context, w->suspects.v, w->suspects.n);
		for (size_t i = 0; i < w->suspects.n; i++)
			emit(w, &w->suspects.v[i]);
	}
	suspects_fini(&w->suspects);
	free(w);
	return result;
}

static const struct detector_state state[] = {
    {"series in work", sizeof(struct watch), 1},
    {"suspects", sizeof(struct suspect), SUSPECTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_presence = {"presence",
    "connections that never end, and peers that are there hour after hour, day after day",
    run, state};
