/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which suspects of clockwork are told, and what is said of each: what is seen twice is
 * told once, a fleet of hosts with one rhythm to one peer is one finding, and who differs
 * inside such a fleet is told beside it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/timing/clockwork.h"
#include "detect/weigh.h"

#define SURE_DECADES  2.0 /* above s*: a hundredth of the accepted false alarms */
#define CHECK_INS     20  /* A6.9: what every jitter up to 50 % has shown by then */
#define FEW_CHECK_INS 10
#define SURE_DAYS     3.0 /* B1: below that nothing is known of habits */

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
	if (!addr_equal(&f->host, &g->host) || a->by_size || b->by_size)
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

/* Suspects that others tell of are those with a detector: it is set when a finding is
 * told. */
static void drop_marked(struct test *t)
{
	struct suspects *l = &t->suspects;
	for (size_t i = 0; i < l->n; i++) {
		struct finding f = l->v[i].finding;
		if (f.detector == NULL)
			continue;
		name(&l->v[i], &f);
		carry_drop(t->d->carry, &f);
	}
	suspects_filter(l, stands_alone, l);
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
	drop_marked(t);
}

static bool same_period(const struct suspect *a, const struct suspect *b)
{
	return fabs(a->period - b->period) <= SAME_PERIOD * fmax(a->period, b->period);
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
	bool odd = v->odd.hosts > 0; /* then what its fleet does explains nothing */
	bool explained = (!odd && (weigh_common(c, v) || in_fleet(c, v))) ||
			 weigh_service(v).n > 0 || v->clients > 2;
	bool sure = v->finding.score >= s + SURE_DECADES && v->gaps >= CHECK_INS;
	double days = (double)(v->stats.last - v->stats.first) / 86400e6;
	unsigned marks = weigh_marks(c, v);
	if (v->by_size && marks > 0)
		marks--; /* sizes were chosen to be the same */
	if (explained || v->gaps < FEW_CHECK_INS)
		return CONFIDENCE_LOW;
	if (v->finding.direction != DIRECTION_OUTBOUND)
		return sure && marks > 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	bool high = !odd && !v->by_size && v->projection != SERIES_ASKED;
	if (high && sure && days >= SURE_DAYS && marks >= (weigh_rare(c, v) ? 2 : 3))
		return CONFIDENCE_HIGH;
	return sure || marks > 0 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

/* What stays the same while the peer changes. */
static void facts_of_turning(struct suspect *v)
{
	static const enum fact_key keys[PROJECTIONS] = {
	    [SERIES_NET] = FACT_KEY_SAME_NET,
	    [SERIES_DOMAIN] = FACT_KEY_SAME_DOMAIN,
	    [SERIES_PRINT] = FACT_KEY_SAME_PRINT,
	    [SERIES_ASKED] = FACT_KEY_ONLY_ASKED,
	};
	struct finding *f = &v->finding;
	if (v->by_size)
		finding_add_fact(f,
		    v->projection == SERIES_SIZE ? FACT_KEY_SAME_TEMPLATE
						 : FACT_KEY_ONE_TEMPLATE,
		    (double)v->size_out, (double)v->size_in, 0);
	else if (v->projection >= SERIES_NET)
		finding_add_text_fact(f, keys[v->projection], f->peer);
	if (v->peers > 1) {
		finding_add_fact(f, FACT_KEY_CHANGING_PEERS, (double)v->peers, 0, 0);
		f->facts[f->fact_count - 1].text = v->first_peers;
	}
}

static void facts_of_sleep(struct suspect *v)
{
	const struct sleep *a = &v->awake;
	if (a->stretches == 0)
		return;
	finding_add_fact(&v->finding, FACT_KEY_SHORT_SLEEP, a->period,
	    (double)a->from * 1000, (double)a->to * 1000);
	finding_add_fact(
	    &v->finding, FACT_KEY_SHORT_SLEEPS, (double)a->stretches, a->seconds, 0);
}

static void facts_of_fleet(struct suspect *v)
{
	struct finding *f = &v->finding;
	const struct odd_one *o = &v->odd;
	if (v->fleet_hosts > 0) {
		finding_add_fact(f, FACT_KEY_FLEET_HOSTS, (double)v->fleet_hosts, 0, 0);
		f->facts[f->fact_count - 1].text = v->fleet_names;
	}
	if (o->period > 0)
		finding_add_fact(f, FACT_KEY_ODD_PERIOD, (double)o->hosts, o->period, 0);
	if (o->size)
		finding_add_fact(f, FACT_KEY_ODD_SIZE, (double)o->hosts, (double)o->out,
		    (double)o->in);
	if (o->print.n > 0) {
		finding_add_fact(f, FACT_KEY_ODD_PRINT, (double)o->hosts, 0, 0);
		f->facts[f->fact_count - 1].text = o->print;
	}
}

static void emit(const struct test *t, struct suspect *v, double s)
{
	struct finding *f = &v->finding;
	const struct context *c = t->d->context;
	name(v, f);
	f->attack[0] = "T1071"; /* application layer protocol */
	size_t n = 1;
	if (weigh_marks(c, v) > 0 && v->jitter >= 0.08)
		f->attack[n++] = "T1029"; /* scheduled transfer */
	if (v->projection >= SERIES_NET || weigh_failing(v))
		f->attack[n++] = "T1008"; /* fallback channels */
	if (v->projection == SERIES_DOMAIN || v->projection == SERIES_ASKED)
		f->attack[n++] = "T1568"; /* dynamic resolution */
	context_date(c, v);
	finding_add_fact(f, FACT_KEY_RHYTHM, v->period, v->jitter, (double)v->gaps + 1);
	finding_add_fact(f, FACT_KEY_FALSE_ALARM, f->score,
	    t->updates * pow(10, -f->score), t->updates);
	if (v->projection == SERIES_SERVER)
		finding_add_fact(f, FACT_KEY_SHARED_RHYTHM, (double)v->peer_hosts, 0, 0);
	facts_of_turning(v);
	facts_of_fleet(v);
	facts_of_sleep(v);
	weigh_facts(c, v);
	f->confidence = confidence(c, v, s);
	t->d->sink->put(t->d->sink->ctx, f);
}

int clockwork_tell(struct test *t, struct error *e)
{
	double s = clockwork_threshold(t);
	if (sleep_find(t, e) < 0)
		return -1;
	suspects_sort(&t->suspects);
	drop_seen_twice(t);
	count_rhythms(&t->suspects);
	if (context_fill(t->d->source, t->suspects.v, t->suspects.n, e) < 0 ||
	    turning_context(t, e) < 0)
		return -1;
	weigh_rank(t->d->context, t->suspects.v, t->suspects.n);
	if (fleets_join(t, e) < 0)
		return -1;
	drop_marked(t);
	for (size_t i = 0; i < t->suspects.n; i++)
		emit(t, &t->suspects.v[i], s);
	return 0;
}
