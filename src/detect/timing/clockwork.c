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

#include "detect/detector.h"
#include "detect/replay.h"
#include "detect/suspects.h"
#include "detect/timing/profile.h"
#include "detect/weigh.h"

#define SURE_DECADES  2.0 /* above s*: a hundredth of the accepted false alarms */
#define CHECK_INS     20  /* A6.9: what every jitter up to 50 % has shown by then */
#define FEW_CHECK_INS 10
#define SURE_DAYS     3.0  /* B1: below that nothing is known of habits */
#define FLEET_PERIOD  0.03 /* A6.8: same period */
#define HOUR_US       3600000000LL
#define DAY_US        (24 * HOUR_US)
#define FLEET_SHARE   0.05 /* A6.8: of all hosts, and at least 3 */

struct test {
	const struct detection *d;
	struct profile profile;
	struct suspects suspects;
	struct replay replay;
	struct series_stats stats;
	struct suspect *again; /* whose series is in work for the second time */
	double updates;
	double recent; /* of these, by connections: not by days that have decayed */
	bool no_memory;
};

/* Where connections have decayed the days that are left of them count, if there more is
 * tested a day: a threshold over all days would be lower for no reason but the decay. */
static double threshold(const struct test *t)
{
	double per_day = fmax(t->updates / context_days(t->d->context),
	    t->recent / context_days_left(t->d->context));
	return log10(fmax(per_day, 1) / t->d->source->options->false_alarms_per_day);
}

static void start_series(struct test *t)
{
	replay_begin(&t->replay);
	t->stats = (struct series_stats){.events = 0};
}

static void keep_result(const struct test *t, struct suspect *v)
{
	v->stats = t->stats;
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
	if (!v->start)
		return;
	unsigned tested = replay_add(&t->replay, v, NULL);
	t->updates += tested;
	if (v->day == NULL)
		t->recent += tested;
}

static void first_end(void *ctx, const struct series_key *key)
{
	struct test *t = ctx;
	double score = clock_score(&t->replay.clock);
	/* The threshold so far is never above the last one. */
	if (score < threshold(t) ||
	    (key->projection == SERIES_SERVER && t->stats.hosts < 2))
		return;
	struct suspect *v = suspects_add(&t->suspects, key, score);
	if (v == NULL)
		t->no_memory = true;
	else
		keep_result(t, v);
}

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
	const struct series_visitor visitor = {first_begin, first_event, first_end, t};
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
	t->again = suspects_find(&t->suspects, key);
	if (t->again == NULL)
		return;
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

static int second_projection(
    struct test *t, enum projection p, const char *hosts, struct error *e)
{
	const struct series_visitor visitor = {second_begin, second_event, second_end, t};
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

/* "src_ip IN ('…', …)" over the hosts of the suspects (sorted by host) of a projection;
 * NULL in *sql when there are none. Negative without memory. */
static int hosts_of(const struct suspects *l, enum projection p, char **sql)
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
		if (hosts_of(&t->suspects, projections[i], &hosts) < 0)
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

/*
 * Whether a and b are the same series seen twice: all connections of an address go by one
 * name. Then only the better view stays; of equals the name, as addresses change behind
 * it. A server's own rhythm is of interest only where no host alone has it.
 */
static bool covers(const struct suspect *a, const struct suspect *b)
{
	const struct finding *f = &a->finding, *g = &b->finding;
	if (b->projection == SERIES_SERVER)
		return a->projection == SERIES_ADDRESS && str_equal(f->peer, g->peer) &&
		       f->peer_port == g->peer_port;
	if (!addr_equal(&f->host, &g->host))
		return false;
	if (a->projection == SERIES_NAME && b->projection == SERIES_ADDRESS)
		return f->score >= g->score && str_equal(stats_name(&b->stats), f->peer);
	if (a->projection == SERIES_ADDRESS && b->projection == SERIES_NAME)
		return f->score > g->score && str_equal(stats_name(&a->stats), g->peer);
	return false;
}

static bool stands_alone(const struct suspect *v, const void *ctx)
{
	return ((const struct suspect *)v)->finding.detector == NULL || ctx == NULL;
}

/* What identifies a suspect's finding. */
static void name(const struct suspect *v, struct finding *f)
{
	f->detector = "clockwork";
	if (v->projection == SERIES_SERVER)
		f->host = v->stats.host;
	finding_identify(f);
}

/* By sorting on host first a suspect meets few others;
 * the list is bounded (SUSPECTS_MAX). */
static void drop_seen_twice(struct test *t)
{
	struct suspects *l = &t->suspects;
	for (size_t i = 0; i < l->n; i++) {
		for (size_t j = 0; j < l->n; j++) {
			if (i != j && covers(&l->v[j], &l->v[i]))
				l->v[i].finding.detector = "";
		}
	}
	for (size_t i = 0; i < l->n; i++) {
		struct finding f = l->v[i].finding;
		if (f.detector == NULL)
			continue;
		name(&l->v[i], &f);
		carry_drop(t->d->carry, &f);
	}
	suspects_filter(l, stands_alone, l);
}

static bool same_period(const struct suspect *a, const struct suspect *b)
{
	return fabs(a->period - b->period) <= FLEET_PERIOD * fmax(a->period, b->period);
}

/* Hosts with the same rhythm to the same peer; other rhythms of the same host. */
static void count_rhythms(struct suspects *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct suspect *a = &l->v[i];
		a->fleet = 1;
		for (size_t j = 0; j < l->n; j++) {
			const struct suspect *b = &l->v[j];
			if (i == j || a->finding.direction != b->finding.direction)
				continue;
			bool same_host = addr_equal(&a->finding.host, &b->finding.host);
			a->own_rhythms += same_host;
			a->fleet += !same_host &&
				    str_equal(a->finding.peer, b->finding.peer) &&
				    a->finding.peer_port == b->finding.peer_port &&
				    same_period(a, b);
		}
	}
}

static bool in_fleet(const struct context *c, const struct suspect *v)
{
	return v->fleet >= 3 && (double)v->fleet >= FLEET_SHARE * (double)c->hosts;
}

/*
 * High: the clock is beyond doubt, it lasted, and what it does is odd twice over, where
 * one of the oddities is that few hosts use the peer; where there are too few hosts to
 * say, three others. Medium: the clock is sure and nothing ordinary explains it. A clock
 * that comes from outside or stays inside is never more than medium: scanners and polling
 * are clockwork too.
 */
static enum confidence confidence(
    const struct context *c, const struct suspect *v, double s)
{
	bool explained = weigh_common(c, v) || in_fleet(c, v) || weigh_service(v).n > 0 ||
			 v->clients > 2;
	bool sure = v->finding.score >= s + SURE_DECADES && v->gaps >= CHECK_INS;
	double days = (double)(v->stats.last - v->stats.first) / 86400e6;
	unsigned marks = weigh_marks(c, v);
	if (explained || v->gaps < FEW_CHECK_INS)
		return CONFIDENCE_LOW;
	if (v->finding.direction != DIRECTION_OUTBOUND)
		return sure && marks > 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	if (sure && days >= SURE_DAYS && marks >= (weigh_rare(c, v) ? 2 : 3))
		return CONFIDENCE_HIGH;
	return sure || marks > 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static void emit(const struct test *t, struct suspect *v, double s)
{
	struct finding *f = &v->finding;
	const struct context *c = t->d->context;
	name(v, f);
	f->attack[0] = "T1071"; /* application layer protocol */
	f->attack[1] = weigh_marks(c, v) > 0 && v->jitter >= 0.08 ? "T1029" : NULL;
	context_date(c, v);
	finding_add_fact(f, FACT_KEY_RHYTHM, v->period, v->jitter, (double)v->gaps + 1);
	finding_add_fact(f, FACT_KEY_FALSE_ALARM, f->score,
	    t->updates * pow(10, -f->score), t->updates);
	if (v->projection == SERIES_SERVER)
		finding_add_fact(f, FACT_KEY_SHARED_RHYTHM, (double)v->peer_hosts, 0, 0);
	weigh_facts(c, v);
	f->confidence = confidence(c, v, s);
	t->d->sink->put(t->d->sink->ctx, f);
}

static int run(const struct detection *d, struct error *e)
{
	struct test *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	t->d = d;
	suspects_init(&t->suspects);
	int result = first_pass(t, e);
	double s = threshold(t);
	if (result == 0) {
		suspects_filter(&t->suspects, reaches, &s);
		result = second_pass(t, e);
	}
	if (result == 0) {
		suspects_filter(&t->suspects, reaches, &s);
		suspects_sort(&t->suspects);
		drop_seen_twice(t);
		count_rhythms(&t->suspects);
		result = context_fill(d->source, t->suspects.v, t->suspects.n, e);
	}
	if (result == 0) {
		weigh_rank(d->context, t->suspects.v, t->suspects.n);
		for (size_t i = 0; i < t->suspects.n; i++)
			emit(t, &t->suspects.v[i], s);
	}
	suspects_fini(&t->suspects);
	free(t);
	return result;
}

const struct detector detector_clockwork = {"clockwork",
    "peers that are contacted by a clock, from a second to three months, jitter included",
    run};
