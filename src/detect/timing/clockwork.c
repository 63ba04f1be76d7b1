/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clockwork: every series of the memory through the sketch of clock.h, in four
 * projections. A series is a suspect when its score reaches s* = log10(N / alpha), N the
 * gaps tested per day over all series, alpha the false alarms that the user accepts per
 * day (a memory shorter than a day counts as one). Whether the clockwork is welcome is
 * another question: weigh.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/timing/clockwork.h"

#define HOUR_US 3600000000LL
#define DAY_US  (24 * HOUR_US)

/* Where connections have decayed the days that are left of them count, if there more is
 * tested a day: a threshold over all days would be lower for no reason but the decay. */
double clockwork_threshold(const struct test *t)
{
	double per_day = fmax(t->updates / context_days(t->d->context),
	    t->recent / context_days_left(t->d->context));
	return log10(fmax(per_day, 1) / t->d->source->options->false_alarms_per_day);
}

static void start_series(struct test *t)
{
	replay_begin(&t->replay);
	t->stats = (struct series_stats){.events = 0};
	habit_begin(&t->habit);
	t->peers.n = 0;
	t->peers.shown[0] = '\0';
}

static void keep_result(struct test *t, struct suspect *v)
{
	v->stats = t->stats;
	v->peers = t->peers.n;
	if (t->peers.n > 0)
		v->first_peers = str_copy(&t->into->texts, str_of(t->peers.shown));
	v->period = clock_period(&t->replay.clock);
	v->jitter = clock_jitter(&t->replay.clock);
	v->gaps = t->replay.clock.peak_gaps;
	v->onset = t->replay.clock.peak_onset_s;
	v->finding.score = clock_score(&t->replay.clock);
}

/* First pass: every series, in wall time. */
static void first_begin(void *ctx, const struct series_key *key)
{
	(void)key;
	start_series(ctx);
}

static void first_event(void *ctx, const struct series_event *v)
{
	struct test *t = ctx;
	stats_add(&t->stats, v);
	if (v->peer.p != NULL)
		rotation_peers_add(&t->peers, v->peer);
	if (!v->start)
		return;
	habit_event(&t->habit, v);
	unsigned tested = replay_add(&t->replay, v, NULL);
	t->updates += tested;
	if (v->day == NULL)
		t->recent += tested;
}

/* Whether as many take part as the projection is about. */
static bool turns(const struct test *t, enum projection p)
{
	if (p == SERIES_SERVER)
		return t->stats.hosts >= 2;
	return t->peers.n >= 2 || p < SERIES_NET || p == SERIES_SIZE || p == SERIES_ASKED;
}

static void keep_habit(struct test *t, const struct series_key *key, double score)
{
	if (key->projection != SERIES_ADDRESS || key->direction != DIRECTION_OUTBOUND ||
	    !habit_fits(&t->habit, &t->stats))
		return;
	struct suspect *v = suspects_add(&t->habits, key, score);
	if (v == NULL) {
		t->no_memory = true;
		return;
	}
	v->stats = t->stats;
	habit_keep(&t->habit, v);
}

static void first_end(void *ctx, const struct series_key *key)
{
	struct test *t = ctx;
	double score = clock_score(&t->replay.clock);
	keep_habit(t, key, score);
	/* The threshold so far is never above the last one. */
	if (score < clockwork_threshold(t) || !turns(t, key->projection))
		return;
	struct suspect *v = suspects_add(t->into, key, score);
	if (v == NULL)
		t->no_memory = true;
	else
		keep_result(t, v);
}

const struct series_visitor clockwork_first = {first_begin, first_event, first_end, NULL};

static int first_pass(struct test *t, struct error *e)
{
	/* A gap wins at most ln(0.9 h / f) = 4.3 nat; with fewer than five events no
	 * series can pay ln 40 and reach s* = 2, which ten gaps in all already ask for.
	 */
	static const struct series_query queries[] = {
	    {SERIES_ADDRESS, true, SERIES_FIVE, NULL},
	    {SERIES_NAME, false, SERIES_FIVE, NULL},
	    {SERIES_SERVER, false, SERIES_FEW_HOSTS, NULL},
	};
	struct series_visitor visitor = clockwork_first;
	visitor.ctx = t;
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++) {
		if (series_read(t->d->source, &queries[i], &visitor, e) < 0)
			return -1;
	}
	return t->no_memory ? error_set(e, ERR_SYSTEM, "no memory left") : 0;
}

/*
 * Second pass: the suspects again, in both times, where the
 * host has a time of its own. Only they can pass, as the second
 * law makes S smaller; so activity is read for few hosts.
 */
static void second_begin(void *ctx, const struct series_key *key)
{
	struct test *t = ctx;
	t->again = suspects_find(t->into, key);
	if (t->again == NULL)
		return;
	t->again->again = true;
	profile_host(&t->profile, &key->host);
	if (!t->profile.paced)
		t->again = NULL;
	start_series(t);
	activity_begin(&t->profile.activity);
}

/* The other hours in which the series itself shows on a day. */
static void own_day(struct activity *a, const struct series_event *v)
{
	int64_t day = v->ts / DAY_US - (v->ts % DAY_US < 0);
	for (unsigned h = 0; h < 24; h++) {
		if (v->day->hours >> h & 1)
			activity_own(a, day * 24 + h);
	}
}

static void second_event(void *ctx, const struct series_event *v)
{
	struct test *t = ctx;
	struct activity *a = &t->profile.activity;
	if (t->again == NULL)
		return;
	stats_add(&t->stats, v);
	if (v->peer.p != NULL)
		rotation_peers_add(&t->peers, v->peer);
	if (!v->start)
		return;
	activity_own(a, v->ts / HOUR_US - (v->ts % HOUR_US < 0));
	struct clock_pace pace = {activity_elapsed, a, activity_rate(a, v->ts / 1000)};
	if (v->day == NULL || v->day->connections == 1) {
		t->stats.quiet += pace.rate < ACTIVITY_QUIET;
		t->stats.busy += pace.rate >= 1;
	}
	replay_add(&t->replay, v, &pace);
	if (v->day != NULL)
		own_day(a, v);
}

static void second_end(void *ctx, const struct series_key *key)
{
	struct test *t = ctx;
	(void)key;
	if (t->again != NULL)
		keep_result(t, t->again);
}

const struct series_visitor clockwork_second = {
    second_begin, second_event, second_end, NULL};

static int second_projection(
    struct test *t, enum projection p, const char *hosts, struct error *e)
{
	struct series_visitor visitor = clockwork_second;
	visitor.ctx = t;
	const struct series_query query = {p, false, SERIES_FIVE, hosts};
	struct error later = {.code = ERR_NONE};
	int result = profile_open(&t->profile, t->d->source, p, hosts, e);
	if (result == 0)
		result = series_read(t->d->source, &query, &visitor, e);
	if (profile_close(&t->profile, &later) < 0 && result == 0) {
		*e = later;
		result = -1;
	}
	return result;
}

int clockwork_hosts(const struct suspects *l, enum projection p, char **sql)
{
	size_t n = 0;
	const struct addr *before = NULL;
	*sql = NULL;
	FILE *out = open_memstream(sql, &n);
	if (out == NULL)
		return -1;
	size_t count = 0;
	for (size_t i = 0; i < l->n; i++) {
		char text[ADDR_TEXT_MAX];
		const struct addr *host = &l->v[i].finding.host;
		if (l->v[i].projection != p ||
		    (before != NULL && addr_equal(before, host)))
			continue;
		before = host;
		addr_text(host, text);
		if (count++ == 0)
			fprintf(
			    out, "%s IN (", p == SERIES_INBOUND ? "dst_ip" : "src_ip");
		fprintf(out, "%s'%s'", count > 1 ? ", " : "", text);
	}
	if (count > 0)
		fputc(')', out);
	if (fclose(out) != 0) {
		free(*sql);
		*sql = NULL;
		return -1;
	}
	if (count == 0) {
		free(*sql);
		*sql = NULL;
	}
	return 0;
}

static int second_pass(struct test *t, struct error *e)
{
	static const enum projection projections[] = {
	    SERIES_ADDRESS, SERIES_NAME, SERIES_INBOUND};
	/* The first week of a memory has no past from
	 * which a second clock could be known. */
	if (context_days(t->d->context) < 7)
		return 0;
	suspects_sort_by_key(&t->suspects);
	for (size_t i = 0; i < 3; i++) {
		char *hosts;
		if (clockwork_hosts(&t->suspects, projections[i], &hosts) < 0)
			return error_set(e, ERR_SYSTEM, "no memory left");
		int result =
		    hosts != NULL ? second_projection(t, projections[i], hosts, e) : 0;
		free(hosts);
		if (result < 0)
			return result;
	}
	return 0;
}

static bool reaches(const struct suspect *v, const void *ctx)
{
	return v->finding.score >= *(const double *)ctx;
}

void clockwork_keep(struct suspects *l, double s)
{
	suspects_filter(l, reaches, &s);
}

static int run(const struct detection *d, struct error *e)
{
	struct test *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	t->d = d;
	suspects_init(&t->suspects);
	suspects_init(&t->turning);
	suspects_init(&t->habits);
	t->into = &t->suspects;
	int result = first_pass(t, e);
	if (result == 0) {
		clockwork_keep(&t->suspects, clockwork_threshold(t));
		result = second_pass(t, e);
	}
	if (result == 0) {
		clockwork_keep(&t->suspects, clockwork_threshold(t));
		result = turning_test(t, e);
	}
	if (result == 0)
		result = clockwork_tell(t, e);
	if (result == 0)
		result = habits_tell(t, e);
	suspects_fini(&t->habits);
	suspects_fini(&t->turning);
	suspects_fini(&t->suspects);
	free(t);
	return result;
}

static const struct detector_state state[] = {
    {"series in work", sizeof(struct test), 1},
    {"suspects", sizeof(struct suspect), SUSPECTS_MAX},
    {"connections of a part, where they are too many to be held",
	sizeof(struct conns_row), ROTATION_PART_MAX},
    {NULL, 0, 0},
};

const struct detector detector_clockwork = {"clockwork",
    "peers that are contacted by a clock, from a second to three months, jitter included",
    run, state};
