/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fleets: hosts with the same rhythm to the same peer are one finding, as they mostly are
 * one program that was installed on all of them. An intruder can hide there, so who
 * differs from its fleet (another period, other sizes, another TLS client) is told beside
 * it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "detect/timing/clockwork.h"

#define PRINTS_MAX  256u /* members of a fleet whose TLS clients are compared */
#define ASKED_MAX   64   /* fleets whose TLS clients are asked after */
#define UNIFORM_MIN 4    /* hosts that must agree before another one is odd */
#define UNIFORM     0.8  /* of all of the fleet, likewise */
#define SIZE_SLACK  0.1  /* of the usual size, and … */
#define SIZE_BYTES  64   /* … bytes: the same size still */
#define SHOWN       6    /* hosts of a fleet that are named */
#define SIZED_SHARE 0.8  /* A6.10 (2): of a host's connections have one size */

struct fleet {
	struct suspect **v; /* its members */
	size_t n;
	struct str print[PRINTS_MAX]; /* of each of the first members */
};

static int compare(double a, double b)
{
	return a < b ? -1 : a > b;
}

/* Those to one peer lie together, by period. */
static int by_peer(const void *x, const void *y)
{
	const struct suspect *a = *(const struct suspect *const *)x;
	const struct suspect *b = *(const struct suspect *const *)y;
	int c = (int)a->finding.direction - (int)b->finding.direction;
	if (c == 0)
		c = str_cmp(a->finding.peer, b->finding.peer);
	if (c == 0)
		c = a->finding.peer_port - b->finding.peer_port;
	if (c == 0)
		c = str_cmp(a->finding.proto, b->finding.proto);
	if (c == 0)
		c = compare(a->period, b->period);
	return c != 0 ? c : addr_cmp(&a->finding.host, &b->finding.host);
}

static int by_first(const void *x, const void *y)
{
	const struct suspect *a = *(const struct suspect *const *)x;
	const struct suspect *b = *(const struct suspect *const *)y;
	int c = compare((double)a->stats.first, (double)b->stats.first);
	return c != 0 ? c : addr_cmp(&a->finding.host, &b->finding.host);
}

static bool same_peer(const struct suspect *a, const struct suspect *b)
{
	return a->finding.direction == b->finding.direction &&
	       a->finding.peer_port == b->finding.peer_port &&
	       str_equal(a->finding.peer, b->finding.peer) &&
	       str_equal(a->finding.proto, b->finding.proto);
}

/* ---- who differs ---- */

static bool sized(const struct suspect *v)
{
	const struct series_stats *s = &v->stats;
	return s->known >= UNIFORM_MIN &&
	       (double)s->size[stats_top_size(s)].count >= SIZED_SHARE * (double)s->known;
}

static bool near(uint64_t a, uint64_t b)
{
	double most = fmax((double)a, (double)b);
	return fabs((double)a - (double)b) <= fmax(SIZE_BYTES, SIZE_SLACK * most);
}

static bool same_size(const struct suspect *a, const struct suspect *b)
{
	size_t i = stats_top_size(&a->stats), k = stats_top_size(&b->stats);
	return sized(a) && sized(b) && near(a->stats.size[i].out, b->stats.size[k].out) &&
	       near(a->stats.size[i].in, b->stats.size[k].in);
}

static bool uniform(size_t agree, size_t n)
{
	return agree >= UNIFORM_MIN && (double)agree >= UNIFORM * (double)n;
}

/* The sizes that most members have: who has others is odd. */
static void find_odd_sizes(struct fleet *f)
{
	size_t usual = 0, most = 0;
	for (size_t i = 0; i < f->n; i++) {
		size_t agree = 0;
		for (size_t k = 0; k < f->n; k++)
			agree += same_size(f->v[i], f->v[k]);
		if (agree > most) {
			most = agree;
			usual = i;
		}
	}
	if (!uniform(most, f->n))
		return;
	const struct series_stats *s = &f->v[usual]->stats;
	for (size_t i = 0; i < f->n; i++) {
		struct suspect *v = f->v[i];
		if (!sized(v) || same_size(v, f->v[usual]))
			continue;
		v->odd.size = true;
		v->odd.hosts = most;
		v->odd.out = s->size[stats_top_size(s)].out;
		v->odd.in = s->size[stats_top_size(s)].in;
	}
}

static void find_odd_prints(struct fleet *f)
{
	size_t n = f->n < PRINTS_MAX ? f->n : PRINTS_MAX, usual = 0, most = 0;
	for (size_t i = 0; i < n; i++) {
		size_t agree = 0;
		for (size_t k = 0; k < n && f->print[i].n > 0; k++)
			agree += str_equal(f->print[i], f->print[k]);
		if (agree > most) {
			most = agree;
			usual = i;
		}
	}
	for (size_t i = 0; i < n && uniform(most, n); i++) {
		if (f->print[i].n == 0 || str_equal(f->print[i], f->print[usual]))
			continue;
		f->v[i]->odd.print = f->print[usual];
		f->v[i]->odd.hosts = most;
	}
}

static char *prints_sql(const struct finding *f)
{
	char *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return NULL;
	fputs("SELECT src_ip, arg_max(print, (n, print)) FROM (SELECT src_ip, "
	      "coalesce(ja4, ja3) AS print, count(*) AS n FROM conn WHERE "
	      "coalesce(ja4, ja3) IS NOT NULL AND (dst_ip = ",
	    out);
	quote_sql(out, f->peer);
	fputs(" OR server_name = ", out);
	quote_sql(out, f->peer);
	fprintf(out, ") AND dst_port = %u GROUP BY ALL) GROUP BY src_ip", f->peer_port);
	if (fclose(out) == 0)
		return sql;
	free(sql);
	return NULL;
}

/* What each member's TLS client looks like. Negative with *e set. */
static int ask_prints(struct test *t, struct fleet *f, struct error *e)
{
	char *sql = prints_sql(&f->v[0]->finding);
	if (sql == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct store_rows *r = store_sum(t->d->source->store, sql, e);
	free(sql);
	if (r == NULL)
		return -1;
	memset(f->print, 0, sizeof(f->print));
	while (store_next(r)) {
		struct addr host;
		if (!str_addr(store_text(r, 0), &host))
			continue;
		for (size_t i = 0; i < f->n && i < PRINTS_MAX; i++) {
			if (addr_equal(&f->v[i]->finding.host, &host))
				f->print[i] =
				    str_copy(&t->suspects.texts, store_text(r, 1));
		}
	}
	return store_rows_end(r, e);
}

/* ---- one finding ---- */

static bool is_odd(const struct suspect *v)
{
	return v->odd.hosts > 0;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* What the leader's finding is about: all of them. */
static void take(struct suspect *to, const struct suspect *v)
{
	struct series_stats *a = &to->stats;
	const struct series_stats *b = &v->stats;
	a->events = add(a->events, b->events);
	a->starts = add(a->starts, b->starts);
	a->failed = add(a->failed, b->failed);
	a->out = add(a->out, b->out);
	a->in = add(a->in, b->in);
	a->missed = add(a->missed, b->missed);
	a->last = b->last > a->last ? b->last : a->last;
	a->days = b->days > a->days ? b->days : a->days;
	to->gaps = v->gaps > to->gaps ? v->gaps : to->gaps;
	to->finding.score = fmax(to->finding.score, v->finding.score);
}

/* Tell the members that do not differ by the one that was there first. */
static void join(struct test *t, struct fleet *f)
{
	struct suspect *leader = NULL;
	char names[SHOWN * (ADDR_TEXT_MAX + 2)] = "", text[ADDR_TEXT_MAX];
	size_t hosts = 0, at = 0;
	qsort(f->v, f->n, sizeof(struct suspect *), by_first);
	for (size_t i = 0; i < f->n; i++) {
		struct suspect *v = f->v[i];
		if (is_odd(v))
			continue;
		addr_text(&v->finding.host, text);
		if (hosts++ < SHOWN)
			at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
			    at > 0 ? ", " : "", text);
		if (leader == NULL) {
			leader = v;
			continue;
		}
		take(leader, v);
		v->finding.detector = ""; /* told by the leader */
	}
	if (leader == NULL)
		return;
	leader->fleet_hosts = hosts;
	leader->fleet_names = str_copy(&t->suspects.texts, str_of(names));
}

/* Others that keep another rhythm to the peer of a fleet. */
static void find_odd_periods(struct suspect **v, size_t n, const struct fleet *f)
{
	for (size_t i = 0; i < n; i++) {
		bool member = false;
		for (size_t k = 0; k < f->n && !member; k++)
			member = v[i] == f->v[k];
		if (member || !uniform(f->n, f->n) || is_odd(v[i]))
			continue;
		v[i]->odd.period = f->v[0]->period;
		v[i]->odd.hosts = f->n;
	}
}

/* All suspects to one peer, by period: fleets among them. */
static int join_peer(
    struct test *t, struct suspect **v, size_t n, size_t *asked, struct error *e)
{
	double most = fmax(3, FLEET_SHARE * (double)t->d->context->hosts);
	struct fleet *f = calloc(1, sizeof(*f));
	struct suspect **members = calloc(n, sizeof(struct suspect *));
	if (f == NULL || members == NULL) {
		free(f);
		free(members);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	int result = 0;
	for (size_t i = 0, end; result == 0 && i < n; i = end) {
		for (end = i + 1; end < n; end++) {
			if (v[end]->period - v[i]->period > SAME_PERIOD * v[end]->period)
				break;
		}
		if ((double)(end - i) < most)
			continue;
		memcpy(members, v + i, (end - i) * sizeof(struct suspect *));
		f->v = members;
		f->n = end - i;
		find_odd_sizes(f);
		if ((*asked)++ < ASKED_MAX)
			result = ask_prints(t, f, e);
		if (result == 0 && *asked <= ASKED_MAX)
			find_odd_prints(f);
		find_odd_periods(v, n, f);
		join(t, f);
	}
	free(members);
	free(f);
	return result;
}

int fleets_join(struct test *t, struct error *e)
{
	size_t n = 0, asked = 0;
	struct suspect **v = calloc(t->suspects.n + 1, sizeof(struct suspect *));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < t->suspects.n; i++) {
		struct suspect *s = &t->suspects.v[i];
		if (s->projection < SERIES_SERVER && !s->by_size)
			v[n++] = s;
	}
	qsort(v, n, sizeof(struct suspect *), by_peer);
	int result = 0;
	for (size_t i = 0, end; result == 0 && i < n; i = end) {
		for (end = i + 1; end < n && same_peer(v[i], v[end]);)
			end++;
		if (end - i >= 3)
			result = join_peer(t, v + i, end - i, &asked, e);
	}
	free(v);
	return result;
}
