/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of many values occur at all: all that the keys of runs list is held against them,
 * on two threads, of which each takes half of the keys; what lies where does not change
 * the answer. The engine is asked by the first thread only, when both have ended.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ask/ask_plan.h"

static int put_hit(struct ask *a, struct ask_hits *h, struct str value, struct error *e)
{
	if (h->n == h->room) {
		size_t room = h->room == 0 ? 256 : h->room * 2;
		struct str *v = realloc(h->v, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the indicators");
		h->v = v;
		h->room = room;
	}
	h->v[h->n] = str_copy(&a->scratch, value);
	if (h->v[h->n].p == NULL)
		return error_set(e, ERR_LIMIT, "the indicators take too much memory");
	h->n++;
	return 0;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void sort_hits(struct ask_hits *h)
{
	size_t n = 0;
	if (h->n > 1)
		qsort(h->v, h->n, sizeof(*h->v), by_text);
	for (size_t i = 0; i < h->n; i++) {
		if (n == 0 || !str_equal(h->v[n - 1], h->v[i]))
			h->v[n++] = h->v[i];
	}
	h->n = n;
}

/* Values being held against what is looked for. */
struct find {
	struct ask *a;
	const struct ask_match *match;
	enum ask_kind kind;
	struct ask_hits *hits;
	struct str from, to; /* of the thread */
	struct ask_memo memo;
	struct error error; /* of the second thread */
	int status;
};

/* A value may come from several runs: when there seem to be too many, they are counted.
 */
static int find_value(
    void *ctx, struct str sort, const struct keys_place *rows, struct error *e)
{
	struct find *f = ctx;
	(void)rows;
	if (f->memo.set && str_equal(f->memo.value, sort))
		return 0;
	if (ask_slots_of(f->a, f->match, f->kind, sort, &f->memo, e) < 0)
		return -1;
	if (f->a->matched.n == 0)
		return 0;
	if (put_hit(f->a, f->hits, sort, e) < 0)
		return -1;
	if (f->hits->n < (size_t)2 * ASK_HITS_MAX)
		return 0;
	sort_hits(f->hits);
	return f->hits->n > ASK_HITS_MAX;
}

static int find_listed(struct find *f, struct error *e)
{
	const struct keys_visit v = {find_value, f, NULL};
	return ask_values_listed(f->a, f->kind, f->from, f->to, &v, e);
}

static int find_left(struct find *f, struct error *e)
{
	const struct keys_visit v = {find_value, f, NULL};
	f->memo.set = false;
	return ask_values_left(f->a, f->kind, f->from, f->to, &v, e);
}

static void *find_half(void *ctx)
{
	struct find *f = ctx;
	f->status = find_listed(f, &f->error);
	return NULL;
}

/* Both halves; positive when there are too many. */
static int find_halves(struct find *f, struct find *g, struct error *e)
{
	pthread_t thread;
	bool runs = pthread_create(&thread, NULL, find_half, g) == 0;
	int status = find_listed(f, e);
	if (runs)
		pthread_join(thread, NULL);
	else
		find_half(g);
	if (status == 0 && g->status < 0)
		*e = g->error;
	if (status == 0)
		status = g->status;
	if (status == 0)
		status = find_left(f, e);
	return status == 0 ? find_left(g, e) : status;
}

/* On two threads, from the middle key on the second. */
static int find_both(struct find *f, struct str middle, struct error *e)
{
	struct ask *a = f->a;
	struct ask_hits more = {0};
	if (ask_twin_make(a, e) < 0 || ask_runs_list(a->twin, ASK_SOURCE_SEEN, e) < 0)
		return -1;
	struct find g = {.a = a->twin,
	    .match = f->match,
	    .kind = f->kind,
	    .hits = &more,
	    .from = middle};
	f->to = middle;
	int status = find_halves(f, &g, e);
	for (size_t i = 0; i < more.n && status >= 0; i++) {
		if (put_hit(a, f->hits, more.v[i], e) < 0)
			status = -1;
	}
	arena_reset(&a->twin->scratch);
	ask_memo_free(&g.memo);
	free(more.v);
	return status;
}

int ask_find(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct ask_hits *hits, bool *all, struct error *e)
{
	struct find f = {.a = a, .match = m, .kind = kind, .hits = hits};
	const struct keys_visit v = {find_value, &f, NULL};
	struct str middle;
	hits->n = 0;
	int status = !a->q->raw && ask_values_middle(a, kind, &middle)
			 ? find_both(&f, middle, e)
			 : ask_values(a, kind, f.from, f.to, &v, e);
	ask_memo_free(&f.memo);
	sort_hits(hits);
	*all = status > 0 || hits->n > ASK_HITS_MAX;
	return status < 0 ? -1 : 0;
}
