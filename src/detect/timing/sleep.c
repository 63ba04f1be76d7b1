/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sleep changes: an operator shortens the sleep of an implant to work with it, and
 * lengthens it again. The series of each suspect once more, with its period T known:
 *
 *     |     |     |     |     |||||||||||||||||||||     |     |     |
 *     |<-T->|                 |<- gaps < T / 4 ->|
 *
 * A stretch of short gaps counts when it is clockwork itself, at a third of T or less;
 * bursts of one check-in are not. Where the better rhythm is the short one, as it has
 * more check-ins, and the series spends most of its time in a longer one, that is the
 * rhythm of the series, and the short ones are its stretches.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/timing/clockwork.h"

#define SHORT_SHARE  0.25 /* of T: gaps of a stretch are below */
#define LONG_FACTOR  3.0  /* times T: gaps of a longer rhythm are above */
#define STRETCH_GAPS 20   /* A6.9: what every jitter up to 50 % has shown by then */
#define SLOW_GAPS    8    /* a block of clock.h */
#define SLEEP_DECADES                                                                    \
	3.0 /* of a stretch by itself; that the series is clockwork is known */

struct run {
	struct clock clock;
	struct clock_onsets onsets;
	int64_t from, to; /* ms */
	uint64_t gaps;
};

struct sleeper {
	struct test *t;
	struct suspect *v; /* in work; NULL: none */
	int64_t last;      /* ms */
	bool started;
	struct run brief, fast, slow; /* gaps < T / 4; <= 3 T; > 3 T */
	struct sleep awake, at_pace;  /* stretches of brief gaps; of gaps at T */
	double slow_ms, fast_ms;
};

static void run_begin(struct run *r, int64_t ms)
{
	clock_init(&r->clock);
	r->onsets = (struct clock_onsets){0};
	clock_add(&r->clock, ms, NULL, &r->onsets);
	r->from = r->to = ms;
	r->gaps = 0;
}

static void run_add(struct run *r, int64_t last, int64_t ms)
{
	if (r->gaps == 0)
		run_begin(r, last);
	clock_add(&r->clock, ms, NULL, &r->onsets);
	r->to = ms;
	r->gaps++;
}

/* A stretch is over. */
static void run_end(struct run *r, struct sleep *s, double longest_period)
{
	double period = clock_period(&r->clock);
	bool counts = r->gaps >= STRETCH_GAPS && period <= longest_period &&
		      clock_score(&r->clock) >= SLEEP_DECADES;
	r->gaps = 0;
	if (!counts)
		return;
	s->stretches++;
	s->seconds += (double)(r->to - r->from) / 1000;
	if (r->to - r->from > s->to - s->from) {
		s->from = r->from;
		s->to = r->to;
		s->period = period;
	}
}

static void sleeper_begin(void *ctx, const struct series_key *key)
{
	struct sleeper *s = ctx;
	s->v = suspects_find(&s->t->suspects, key);
	if (s->v != NULL && s->v->finding.direction != DIRECTION_OUTBOUND)
		s->v = NULL;
	s->started = false;
	s->awake = s->at_pace = (struct sleep){.stretches = 0};
	s->brief.gaps = s->fast.gaps = s->slow.gaps = 0;
	clock_init(&s->slow.clock);
	s->slow_ms = s->fast_ms = 0;
}

/* The slow rhythm keeps its peak over all its stretches: only its levels break. */
static void slow_add(struct sleeper *s, int64_t ms)
{
	if (s->slow.gaps++ == 0)
		clock_add(&s->slow.clock, s->last, NULL, &s->slow.onsets);
	clock_add(&s->slow.clock, ms, NULL, &s->slow.onsets);
}

static void sleeper_event(void *ctx, const struct series_event *e)
{
	struct sleeper *s = ctx;
	int64_t ms = e->ts / 1000;
	if (s->v == NULL || !e->start || e->day != NULL)
		return;
	if (!s->started) {
		s->started = true;
		s->last = ms;
		return;
	}
	double gap = (double)(ms - s->last), t = s->v->period * 1000;
	if (gap < SHORT_SHARE * t)
		run_add(&s->brief, s->last, ms);
	else
		run_end(&s->brief, &s->awake, s->v->period / LONG_FACTOR);
	if (gap <= LONG_FACTOR * t) {
		run_add(&s->fast, s->last, ms);
		s->fast_ms += gap;
		if (s->slow.gaps > 0)
			clock_break(&s->slow.clock);
		s->slow.gaps = 0;
	} else {
		run_end(&s->fast, &s->at_pace, 2 * s->v->period);
		s->slow_ms += gap;
		slow_add(s, ms);
	}
	s->last = ms;
}

static void sleeper_end(void *ctx, const struct series_key *key)
{
	struct sleeper *s = ctx;
	const struct clock *slow = &s->slow.clock;
	struct suspect *v = s->v;
	(void)key;
	if (v == NULL)
		return;
	run_end(&s->brief, &s->awake, v->period / LONG_FACTOR);
	run_end(&s->fast, &s->at_pace, 2 * v->period);
	v->awake = s->awake;
	if (clock_score(slow) < SLEEP_DECADES || slow->peak_gaps < SLOW_GAPS ||
	    clock_period(slow) < LONG_FACTOR * v->period || s->slow_ms <= s->fast_ms ||
	    s->at_pace.stretches == 0)
		return;
	v->awake = s->at_pace;
	v->awake.period = v->period;
	v->period = clock_period(slow);
	v->jitter = clock_jitter(slow);
	v->gaps = slow->peak_gaps;
	v->onset = slow->peak_onset_s;
}

int sleep_find(struct test *t, struct error *e)
{
	static const enum projection projections[] = {SERIES_ADDRESS, SERIES_NAME};
	struct sleeper *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	const struct series_visitor visitor = {
	    sleeper_begin, sleeper_event, sleeper_end, s};
	int result = 0;
	s->t = t;
	suspects_sort_by_key(&t->suspects);
	for (size_t i = 0; result == 0 && i < 2; i++) {
		char *hosts;
		if (clockwork_hosts(&t->suspects, projections[i], &hosts) < 0)
			result = error_set(e, ERR_SYSTEM, "no memory left");
		const struct series_query q = {projections[i], false, SERIES_FIVE, hosts};
		if (result == 0 && hosts != NULL)
			result = series_read(t->d->source, &q, &visitor, e);
		free(hosts);
	}
	free(s);
	return result;
}
