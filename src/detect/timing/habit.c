/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the clock can not tell from a person: a few check-ins a day in working hours, with
 * jitter; and what comes once a day at one time of day, on some days only.
 *
 * The first is found by what a person is not: always the same size, to an address without
 * a name, that few hosts use and that came late in the host's life. All four have to
 * hold. The second by the scatter of its first connection of each day around the clock
 * (resultant length R of n angles; sd = 1440 / 2 pi sqrt(-2 ln R) minutes), where the
 * host's own day begins at other times, or with more scatter.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/timing/clockwork.h"
#include "detect/weigh.h"

#define DAY_S        86400.0
#define DAY_US       86400000000
#define STARTS_MIN   10   /* connections */
#define DAYS_MIN     8    /* A6.10 (1): days with any of them */
#define SPAN_MIN     14.0 /* days from first to last: two working weeks */
#define A_DAY_MAX    4.0  /* connections: the clock finds more than that */
#define ONCE_MAX     2.0  /* A6.10 (1): connections a day */
#define RESULTANT    0.99 /* A6.10 (1): a standard deviation of 33 minutes */
#define SIZED_SHARE  0.8  /* A6.10 (2) */
#define OWN_FACTOR   2.0  /* the host's own day begins with so much more scatter … */
#define OWN_APART    7200 /* … or so many seconds away */
#define HABITS_ASKED 64   /* whose host's days are asked after */

void habit_begin(struct habit *h)
{
	*h = (struct habit){.day = INT64_MIN};
}

void habit_event(struct habit *h, const struct series_event *v)
{
	int64_t day = v->ts / DAY_US - (v->ts % DAY_US < 0);
	if (day == h->day || v->day != NULL || !v->start)
		return;
	double angle = (double)(v->ts - day * DAY_US) / (double)DAY_US * 2 * M_PI;
	h->day = day;
	h->days++;
	h->cosine += cos(angle);
	h->sine += sin(angle);
}

/* Scatter in seconds of the angles summed up, and their mean in seconds of the day. */
static double scatter(double cosine, double sine, double n, double *mean)
{
	double r = fmin(hypot(cosine, sine) / n, 1 - 1e-12);
	double angle = atan2(sine, cosine);
	*mean = (angle < 0 ? angle + 2 * M_PI : angle) / (2 * M_PI) * DAY_S;
	return DAY_S / (2 * M_PI) * sqrt(-2 * log(fmax(r, 1e-12)));
}

static bool sized(const struct series_stats *s)
{
	return s->known >= STARTS_MIN &&
	       (double)s->size[stats_top_size(s)].count >= SIZED_SHARE * (double)s->known;
}

/* Whether the series that ended may be told; cheap, as all series are asked. */
bool habit_fits(const struct habit *h, const struct series_stats *s)
{
	double days = (double)s->days,
	       span = (double)(s->last - s->first) / (double)DAY_US;
	double mean, most = scatter(RESULTANT, 0, 1, &mean);
	if (s->starts < STARTS_MIN - 2 || s->days < DAYS_MIN || span < SPAN_MIN ||
	    (double)s->starts > A_DAY_MAX * days)
		return false;
	bool quiet = sized(s) && s->name[0] == '\0' && s->starts >= STARTS_MIN;
	bool once = h->days >= DAYS_MIN && (double)s->starts <= ONCE_MAX * days &&
		    scatter(h->cosine, h->sine, (double)h->days, &mean) < most;
	return quiet || once;
}

void habit_keep(const struct habit *h, struct suspect *v)
{
	v->day_scatter = scatter(
	    h->cosine, h->sine, (double)(h->days > 0 ? h->days : 1), &v->day_time);
	v->day_count = h->days;
}

/* ---- whether the host's own day explains a time of day ---- */

static char *own_day_sql(const struct source *s, const struct suspect *v)
{
	char host[ADDR_TEXT_MAX], *sql = NULL;
	addr_text(&v->finding.host, host);
	if (asprintf(&sql,
		"SELECT sum(cos(a)), sum(sin(a)), count(*) FROM (SELECT min(epoch_us(ts) "
		"%% 86400000000) / 86400e6 * 2 * pi() AS a FROM %s WHERE src_ip = '%s' "
		"AND dst_ip <> '%.*s' GROUP BY epoch_us(ts) // 86400000000)",
		s->past->rows, host, STR_ARG(v->finding.peer)) < 0)
		return NULL;
	return sql;
}

/* 1: it does, or nothing is known of it; 0: it does not; negative with *e set. */
static int own_day(const struct source *s, const struct suspect *v, struct error *e)
{
	char *sql = own_day_sql(s, v);
	if (sql == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_sum(s->store, sql, e);
	free(sql);
	if (r == NULL)
		return -1;
	bool explained = true;
	if (store_next(r) && store_uint(r, 2) >= DAYS_MIN) {
		double mean, sd = scatter(store_real(r, 0), store_real(r, 1),
				 (double)store_uint(r, 2), &mean);
		double apart = fabs(mean - v->day_time);
		apart = fmin(apart, DAY_S - apart);
		explained = sd < OWN_FACTOR * v->day_scatter && apart < OWN_APART;
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : explained;
}

/* ---- what is told ---- */

static bool at_one_time(const struct suspect *v)
{
	double mean;
	return v->day_count >= DAYS_MIN &&
	       (double)v->stats.starts <= ONCE_MAX * (double)v->stats.days &&
	       v->day_scatter < scatter(RESULTANT, 0, 1, &mean);
}

static void tell(const struct test *t, struct suspect *v, bool timed, bool quiet)
{
	struct finding *f = &v->finding;
	const struct series_stats *s = &v->stats;
	int64_t span = s->last / DAY_US - s->first / DAY_US + 1;
	f->detector = "clockwork";
	f->attack[0] = "T1071"; /* application layer protocol */
	f->attack[1] = "T1029"; /* scheduled transfer */
	finding_identify(f);
	context_date(t->d->context, v);
	if (timed)
		finding_add_fact(f, FACT_KEY_TIME_OF_DAY, v->day_time, v->day_scatter,
		    (double)v->day_count);
	else
		finding_add_fact(f, FACT_KEY_FEW_A_DAY, (double)s->starts,
		    (double)s->days, (double)span);
	if (!timed)
		finding_add_fact(f, FACT_KEY_NO_RHYTHM, 0, 0, 0);
	weigh_facts(t->d->context, v);
	f->confidence = quiet ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	t->d->sink->put(t->d->sink->ctx, f);
}

static int judge(const struct test *t, struct suspect *v, size_t *asked, struct error *e)
{
	const struct context *c = t->d->context;
	bool rare = weigh_rare(c, v) && weigh_service(v).n == 0;
	bool quiet = rare && sized(&v->stats) && weigh_late(c, v) &&
		     (v->stats.name[0] == '\0' || v->self_signed);
	bool timed = rare && at_one_time(v);
	if (timed && (*asked)++ < HABITS_ASKED) {
		int explained = own_day(t->d->source, v, e);
		if (explained < 0)
			return -1;
		timed = explained == 0;
	}
	if (quiet || timed)
		tell(t, v, timed, quiet);
	return 0;
}

/* Whether the clock has told of it. */
static bool is_told(const struct test *t, const struct suspect *v)
{
	for (size_t i = 0; i < t->suspects.n; i++) {
		const struct suspect *w = &t->suspects.v[i];
		if (addr_equal(&w->finding.host, &v->finding.host) &&
		    (str_equal(w->finding.peer, v->finding.peer) ||
			str_equal(w->finding.peer, str_of(v->stats.name))))
			return true;
	}
	return false;
}

int habits_tell(struct test *t, struct error *e)
{
	struct suspects *l = &t->habits;
	size_t asked = 0;
	suspects_sort_by_key(l);
	int result = context_fill(t->d->source, l->v, l->n, e);
	if (result == 0)
		weigh_rank(t->d->context, l->v, l->n);
	for (size_t i = 0; result == 0 && i < l->n; i++) {
		if (!is_told(t, &l->v[i]))
			result = judge(t, &l->v[i], &asked, e);
	}
	return result < 0 ? error_add(e, "habits") : 0;
}
