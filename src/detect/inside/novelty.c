/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new among those who administer each other, by the site's own history: a source
 * that never was a client of that kind, many new targets in a day, and chains, where a
 * machine that has just been entered enters the next one.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/inside/edges.h"
#include "detect/inside/paths.h"
#include "detect/inside/poisson.h"

#define DAY_US       INT64_C(86400000000)
#define HISTORY_DAYS 7      /* for which both ends were known before an edge is new */
#define RATE_DAYS    30     /* in which new edges of a source are counted */
#define FAN_LEAST    4      /* new targets in a day */
#define FAN_DECADES  4.0    /* B9 (b): p <= 1e-4 */
#define HALF_LIFE    14.0   /* days: of the source's own rate */
#define CHAIN_US     DAY_US /* B9 (c) */
#define CHAIN_AFTER  (600 * INT64_C(1000000)) /* µs beyond the end of the way before */
#define CHAIN_HOPS   3
#define CHAIN_LOOK   64 /* ways into a machine, the latest, that are looked at */
#define FEW_CLIENTS  2
#define LOOK_BACK                                                                        \
	64 /* edges of a source among which a target's other class is sought             \
	    */

/* What is known of an edge beside itself. */
struct mark {
	struct novelty novelty;
	uint32_t before; /* 1 + the edge that it follows in a chain; 0: none */
	bool fresh;      /* the target is new to the source in any class */
};

struct work {
	struct edges edges;
	struct mark *marks;  /* of each edge; owned */
	uint32_t *by_target; /* edges in order of target, first; owned */
	struct paths *paths;
};

/* ---- a source's own history ---- */

/* Its own rate of new targets a day, older ones counting less. */
struct rate {
	double weight; /* of those until then */
	int64_t at;    /* µs */
};

static double rate_at(const struct rate *r, int64_t at, double history)
{
	double age = (double)(at - r->at) / (double)DAY_US;
	double weight = r->weight * exp2(-age / HALF_LIFE);
	double length = HALF_LIFE / M_LN2 * (1 - exp2(-history / HALF_LIFE));
	return (weight + 0.5) / fmax(1, length);
}

static void rate_add(struct rate *r, int64_t at)
{
	double age = (double)(at - r->at) / (double)DAY_US;
	r->weight = r->weight * exp2(-age / HALF_LIFE) + 1;
	r->at = at;
}

static bool known_before(const struct edge *x)
{
	return (x->outside || x->first - x->src_first >= HISTORY_DAYS * DAY_US) &&
	       x->first - x->dst_first >= HISTORY_DAYS * DAY_US;
}

/* Whether the target is new to the source in any class: an earlier edge is within v. */
static bool new_target(const struct edge *v, size_t n)
{
	for (size_t i = 0; i < n && i < LOOK_BACK; i++) {
		if (addr_equal(&v[n - 1 - i].dst, &v[n].dst))
			return false;
	}
	return true;
}

/* The edges of one source, in order of time. */
static void mark_source(struct work *w, size_t from, size_t n)
{
	const struct edge *v = w->edges.v + from;
	struct mark *marks = w->marks + from;
	struct rate rate = {.at = v[0].first};
	unsigned classes = 0;
	uint64_t targets = 0, today = 0;
	size_t month = 0, day = 0;
	for (size_t i = 0; i < n; i++) {
		struct novelty *x = &marks[i].novelty;
		double history = (double)(v[i].first - v[i].src_first) / (double)DAY_US;
		while (v[i].first - v[month].first > RATE_DAYS * DAY_US)
			month++;
		marks[i].fresh = new_target(v, i);
		today += marks[i].fresh;
		for (; v[i].first - v[day].first > DAY_US; day++) {
			today -= marks[day].fresh;
			if (marks[day].fresh)
				rate_add(&rate, v[day].first);
		}
		double recent = (double)(i - month) + 0.5;
		double a_day = recent / fmax(1, fmin(RATE_DAYS, history));
		x->is_new = known_before(&v[i]);
		x->flip = !v[i].outside && (classes >> v[i].class & 1) == 0;
		x->history = (double)(v[i].first - v[i].src_first) / 1e6;
		x->decades = -log10(1 - exp(-a_day));
		x->used = targets;
		double fan = poisson_decades(
		    rate_at(&rate, v[day].first, fmax(1, history)), today);
		if (x->is_new && !v[i].outside && today >= FAN_LEAST &&
		    fan >= FAN_DECADES) {
			x->fan_out = today;
			x->fan_decades = fan;
		}
		classes |= 1u << v[i].class;
		targets += marks[i].fresh;
	}
}

/* ---- by target ---- */

static int by_target(const void *x, const void *y, void *ctx)
{
	const struct edge *v = ctx;
	const struct edge *a = &v[*(const uint32_t *)x], *b = &v[*(const uint32_t *)y];
	int c = addr_cmp(&a->dst, &b->dst);
	if (c == 0 && a->first != b->first)
		c = a->first < b->first ? -1 : 1;
	if (c == 0)
		c = addr_cmp(&a->src, &b->src);
	return c != 0 ? c : (int)a->class - (int)b->class;
}

/* How many ever asked each target for each class. */
static void count_clients(struct work *w)
{
	const struct edges *l = &w->edges;
	for (size_t i = 0, end; i < l->n; i = end) {
		uint64_t clients[ADMIN_CLASS_COUNT] = {0};
		const struct addr *dst = &l->v[w->by_target[i]].dst;
		for (end = i; end < l->n && addr_equal(&l->v[w->by_target[end]].dst, dst);
		     end++)
			clients[l->v[w->by_target[end]].class]++;
		for (size_t j = i; j < end; j++) {
			struct novelty *x = &w->marks[w->by_target[j]].novelty;
			x->clients = clients[l->v[w->by_target[j]].class];
			x->not_server = x->clients <= FEW_CLIENTS;
		}
	}
}

/* Where the ways into a machine that began after that moment begin in by_target. */
static size_t first_after(const struct work *w, const struct addr *dst, int64_t at)
{
	size_t low = 0, high = w->edges.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct edge *x = &w->edges.v[w->by_target[middle]];
		int c = addr_cmp(&x->dst, dst);
		if (c < 0 || (c == 0 && x->first <= at))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The latest new way into the source of the edge that it may follow. */
static void find_before(struct work *w, uint32_t i)
{
	const struct edge *x = &w->edges.v[i];
	size_t end = first_after(w, &x->src, x->first);
	for (size_t k = 0; k < CHAIN_LOOK && end > k; k++) {
		uint32_t j = w->by_target[end - 1 - k];
		const struct edge *y = &w->edges.v[j];
		if (!addr_equal(&y->dst, &x->src) || x->first - y->first > CHAIN_US)
			return;
		const struct novelty *before = &w->marks[j].novelty;
		if (j == i || !before->is_new || addr_equal(&y->src, &x->dst) ||
		    x->first > y->last + CHAIN_AFTER || before->hops >= CHAIN_HOPS)
			continue;
		w->marks[i].before = j + 1;
		w->marks[i].novelty.hops = before->hops > 0 ? before->hops + 1 : 2;
		return;
	}
}

static int by_time(const void *x, const void *y, void *ctx)
{
	const struct edge *v = ctx;
	uint32_t i = *(const uint32_t *)x, j = *(const uint32_t *)y;
	if (v[i].first != v[j].first)
		return v[i].first < v[j].first ? -1 : 1;
	return i < j ? -1 : i > j;
}

/* In order of time, so that each knows how long the chain before it is. */
static bool find_chains(struct work *w)
{
	uint32_t *order = malloc((w->edges.n + 1) * sizeof(*order));
	size_t n = 0;
	if (order == NULL)
		return false;
	for (uint32_t i = 0; i < w->edges.n; i++) {
		if (w->marks[i].novelty.is_new)
			order[n++] = i;
	}
	if (n > 0)
		qsort_r(order, n, sizeof(*order), by_time, w->edges.v);
	for (size_t i = 0; i < n; i++)
		find_before(w, order[i]);
	free(order);
	return true;
}

/* ---- into paths ---- */

static struct str chain_text(struct work *w, uint32_t last)
{
	struct arena *a = &w->paths->texts;
	char text[ADDR_TEXT_MAX];
	size_t n = addr_text(&w->edges.v[last].dst, text);
	struct str all = str_format(a, "%.*s", (int)n, text);
	for (uint32_t i = last, hops = 0; hops < CHAIN_HOPS; hops++) {
		const struct edge *x = &w->edges.v[i];
		n = addr_text(&x->src, text);
		all = str_format(a, "%.*s -%s> %.*s", (int)n, text, admin_name(x->class),
		    STR_ARG(all));
		if (w->marks[i].before == 0)
			break;
		i = w->marks[i].before - 1;
	}
	return all;
}

static double strength(const struct novelty *x)
{
	return x->decades + x->fan_decades + (x->hops > 0 ? x->hops - 1.0 : 0);
}

/* One that stands out by itself; others are told only of paths that are there already. */
static bool stands_out(const struct novelty *x)
{
	return x->is_new && (x->hops > 0 || x->fan_out > 0 || (x->flip && x->not_server));
}

static bool has_path(const struct paths *p, const struct edge *x)
{
	return paths_find(p, &x->src, &x->dst) != NULL;
}

static void into_paths(struct work *w)
{
	for (uint32_t i = 0; i < w->edges.n; i++) {
		const struct edge *x = &w->edges.v[i];
		const struct novelty *y = &w->marks[i].novelty;
		if (x->outside || !y->is_new ||
		    (!stands_out(y) && !has_path(w->paths, x)))
			continue;
		struct path *p = paths_at(w->paths, &x->src, &x->dst);
		if (p == NULL ||
		    (p->novelty.is_new && strength(&p->novelty) >= strength(y)))
			continue;
		p->novelty = *y;
		p->service = str_of(admin_name(x->class));
		p->chain = y->hops > 0 ? chain_text(w, i) : (struct str){NULL, 0};
		if (p->port == 0)
			p->port = x->port;
		path_seen(p, x->first, x->last);
	}
}

static bool mark_all(struct work *w)
{
	const struct edges *l = &w->edges;
	w->marks = calloc(l->n, sizeof(*w->marks));
	w->by_target = malloc(l->n * sizeof(*w->by_target));
	if (w->marks == NULL || w->by_target == NULL)
		return false;
	for (size_t i = 0, end; i < l->n; i = end) {
		for (end = i; end < l->n && addr_equal(&l->v[end].src, &l->v[i].src);)
			end++;
		mark_source(w, i, end - i);
	}
	for (uint32_t i = 0; i < l->n; i++)
		w->by_target[i] = i;
	qsort_r(w->by_target, l->n, sizeof(*w->by_target), by_target, l->v);
	count_clients(w);
	return find_chains(w);
}

int novelty_read(struct paths *p, const struct detection *d, struct error *e)
{
	struct work w = {.paths = p};
	if (context_days(d->context) <= HISTORY_DAYS)
		return 0; /* nothing can be new yet */
	int result = edges_gather(&w.edges, d->source, e);
	if (result == 0 && w.edges.n > 0) {
		if (mark_all(&w))
			into_paths(&w);
		else
			result = error_set(e, ERR_SYSTEM, "no memory left");
	}
	edges_fini(&w.edges);
	free(w.marks);
	free(w.by_target);
	return result;
}
