/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/ot/echo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define ROOM_FIRST 1024 /* places at first; at most twice ECHO_CONTEXTS_MAX */

/* A context: what followed when it was last there; and when, by whom and after how many
 * steps that had followed for the first time. */
struct place {
	uint64_t context, next;
	uint64_t steps, usual, longest;
	uint64_t run;   /* the last run in which it was met */
	uint32_t stamp; /* of what the table holds; another: the place is free */
	uint32_t who;
	int64_t ts;
};

_Static_assert(sizeof(struct place) <= ECHO_PLACE_BYTES, "said by dwell doctor");

/* Open addressing; at most ECHO_CONTEXTS_MAX in twice as many places. */
struct places {
	struct place *v; /* owned */
	size_t room, n;
	uint32_t stamp;
};

/* One of those who make steps. */
struct walker {
	unsigned count;                   /* elements that are known, at most the order */
	uint64_t element[ECHO_ORDER_MAX]; /* the newest first */
	uint64_t steps, usual;
	uint64_t longest; /* of its runs */
	uint64_t id;      /* of the run in work */
	int64_t ts;
	struct echo_run run;
};

/* A table that is full becomes the old one, in which is looked as well. */
struct echo {
	struct echo_sink sink;
	unsigned order;
	struct hash_key key;
	struct places now, old;
	uint64_t runs, forgotten;
	struct walker who[ECHO_WHO_MAX];
};

struct echo *echo_new(unsigned order, struct echo_sink sink)
{
	struct echo *e = calloc(1, sizeof(*e));
	if (e == NULL)
		return NULL;
	e->sink = sink;
	e->order = order;
	e->key = hash_key_random();
	e->now.stamp = e->old.stamp = 1;
	return e;
}

void echo_free(struct echo *e)
{
	if (e != NULL) {
		free(e->now.v);
		free(e->old.v);
	}
	free(e);
}

uint64_t echo_forgotten(const struct echo *e)
{
	return e->forgotten;
}

/* The place of the context, or the free one where it belongs. Contexts are hashes under a
 * key of ours. */
static struct place *seek(const struct places *t, uint64_t context)
{
	size_t at = (size_t)context & (t->room - 1);
	while (t->v[at].stamp == t->stamp && t->v[at].context != context)
		at = (at + 1) & (t->room - 1);
	return &t->v[at];
}

/* The place of the context; NULL: it has none. */
static struct place *find(const struct echo *e, uint64_t context)
{
	const struct places *tables[] = {&e->now, &e->old};
	for (size_t i = 0; i < 2; i++) {
		struct place *p = tables[i]->n > 0 ? seek(tables[i], context) : NULL;
		if (p != NULL && p->stamp == tables[i]->stamp)
			return p;
	}
	return NULL;
}

static void clear(struct places *t)
{
	t->n = 0;
	t->stamp++;
	if (t->stamp == 0) { /* after 2^32 times: nothing old may look new */
		if (t->v != NULL)
			memset(t->v, 0, t->room * sizeof(*t->v));
		t->stamp = 1;
	}
}

static bool grow(struct places *t)
{
	struct places bigger = {.stamp = t->stamp, .n = t->n};
	bigger.room = t->room == 0 ? ROOM_FIRST : t->room * 2;
	bigger.v = calloc(bigger.room, sizeof(*bigger.v));
	if (bigger.v == NULL)
		return false;
	for (size_t i = 0; i < t->room; i++) {
		if (t->v[i].stamp == t->stamp)
			*seek(&bigger, t->v[i].context) = t->v[i];
	}
	free(t->v);
	*t = bigger;
	return true;
}

/* A new place for the context. NULL: no memory. */
static struct place *make(struct echo *e, uint64_t context)
{
	if (e->now.n == ECHO_CONTEXTS_MAX) {
		struct places full = e->now;
		e->forgotten += e->old.n;
		e->now = e->old;
		e->old = full;
		clear(&e->now);
	}
	if (2 * (e->now.n + 1) > e->now.room && !grow(&e->now))
		return NULL;
	struct place *p = seek(&e->now, context);
	*p = (struct place){.context = context, .stamp = e->now.stamp};
	e->now.n++;
	return p;
}

/* log of Gamma, without the global that lgamma() sets. */
static double log_gamma(double x)
{
	int sign;
	return lgamma_r(x, &sign);
}

static double decades(const struct echo_run *r)
{
	double n = (double)r->n, h = (double)r->usual, t = (double)r->before;
	double p = log_gamma(h + n + 0.5) - log_gamma(h + 0.5) -
		   (log_gamma(t + n + 1) - log_gamma(t + 1));
	return -p / M_LN10;
}

static void end_run(struct echo *e, unsigned who)
{
	struct walker *w = &e->who[who];
	if (w->run.n > 0) {
		w->run.decades = decades(&w->run);
		e->sink.run(e->sink.ctx, who, &w->run);
	}
	if (w->run.n > w->longest)
		w->longest = w->run.n;
	w->run = (struct echo_run){0};
}

/* A step that was foretold by the place. */
static void go_on(
    struct echo *e, struct walker *w, unsigned who, struct place *from, int64_t ts)
{
	struct echo_run *r = &w->run;
	if (r->n == 0) {
		w->id = ++e->runs;
		r->source = from->ts;
		r->source_who = from->who;
		r->before = from->steps;
		r->usual = from->usual;
		r->longest = from->longest;
		r->loop = from->who == who ? w->steps - from->steps : 0;
		r->first = w->ts;
	}
	r->distinct += from->run != w->id;
	from->run = w->id;
	r->last = ts;
	r->n++;
}

/* The step from the walker's context to the element. False: no memory left. */
static bool step(
    struct echo *e, struct walker *w, unsigned who, uint64_t element, int64_t ts)
{
	uint64_t context =
	    hash_bytes(&e->key, w->element, e->order * sizeof(w->element[0]));
	struct place *from = find(e, context);
	bool foretold = from != NULL && from->next == element;
	if (foretold)
		go_on(e, w, who, from, ts);
	else
		end_run(e, who);
	if (from == NULL && (from = make(e, context)) == NULL)
		return false;
	from->next = element;
	if (!foretold) {
		/* Else it stays the first original's: a copy is no past for the next. */
		from->who = who;
		from->ts = w->ts;
		from->steps = w->steps;
		from->usual = w->usual;
		from->longest = w->longest;
	}
	w->steps++;
	w->usual += foretold;
	return true;
}

bool echo_step(struct echo *e, unsigned who, uint64_t element, int64_t ts)
{
	struct walker *w = &e->who[who];
	if (w->count > 0 && w->element[0] == element)
		return true;
	if (w->count == e->order && !step(e, w, who, element, ts))
		return false;
	memmove(w->element + 1, w->element, (ECHO_ORDER_MAX - 1) * sizeof(*w->element));
	w->element[0] = element;
	w->count += w->count < e->order;
	w->ts = ts;
	return true;
}

void echo_end(struct echo *e)
{
	for (unsigned i = 0; i < ECHO_WHO_MAX; i++)
		end_run(e, i);
	memset(e->who, 0, sizeof(e->who));
	clear(&e->now);
	clear(&e->old);
}
