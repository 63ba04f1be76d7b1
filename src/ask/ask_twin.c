/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two threads for a long list of values: one part is counted in the book of the question,
 * the other in that of its twin, which has a book and runs of its own; at the end the two
 * are joined. Which part a value is in does not depend on the machine, so answers do not.
 * The engine is asked by the first thread only, when both have ended.
 */
#include <pthread.h>
#include <stdlib.h>

#include "ask/ask_count.h"
#include "ask/ask_plan.h"

int ask_twin_make(struct ask *a, struct error *e)
{
	if (a->twin != NULL)
		return 0;
	struct ask *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	a->twin = t;
	t->question = a->question;
	t->q = &t->question;
	t->store = a->store;
	t->indicators = a->indicators;
	t->slots = a->slots;
	t->extra = a->extra; /* borrowed */
	arena_init(&t->scratch, ASK_SCRATCH_MAX);
	t->book.figures = a->book.figures;
	return ask_book_init(&t->book, a->slots, a->q->home, a->q->homes, e);
}

/* What the second thread does. */
struct half {
	struct ask *ask;
	const struct ask_match *match;
	struct ask_from from;
	struct error error;
	int status;
};

static void *show_half(void *ctx)
{
	struct half *h = ctx;
	h->status = ask_show(h->ask, h->match, &h->from, &h->error);
	return NULL;
}

struct str *ask_deal(const struct ask_pick *pick, size_t *middle)
{
	struct str *list = malloc((pick->n + 1) * sizeof(*list));
	size_t n = 0;
	for (size_t part = 0; part < 2 && list != NULL; part++) {
		for (size_t i = 0; i < pick->n; i++) {
			if (i / ASK_BOTH_DEAL % 2 == part)
				list[n++] = pick->list[i];
		}
		*middle = part == 0 ? n : *middle;
	}
	return list;
}

int ask_show_both(struct ask *a, const struct ask_match *match,
    const struct ask_from *first, const struct ask_from *second, struct error *e)
{
	pthread_t thread;
	/* What is found out but once is found out before. */
	if (ask_know_home(a, e) < 0 || ask_twin_make(a, e) < 0 ||
	    ask_runs_list(a->twin, second->source, e) < 0)
		return -1;
	a->twin->home_looked = a->home_looked;
	a->twin->home_known = a->home_known;
	struct half h = {.ask = a->twin, .match = match, .from = *second};
	bool runs = pthread_create(&thread, NULL, show_half, &h) == 0;
	int status = ask_show(a, match, first, e);
	if (runs)
		pthread_join(thread, NULL);
	else
		show_half(&h);
	if (status == 0 && h.status < 0)
		*e = h.error;
	return status < 0 || h.status < 0 ? -1 : 0;
}

void ask_twin_free(struct ask *a)
{
	struct ask *t = a->twin;
	if (t == NULL)
		return;
	a->twin = NULL;
	ask_runs_end(t);
	if (a->damaged == 0)
		a->damage = t->damage;
	a->damaged += t->damaged;
	ask_book_free(&t->book);
	arena_fini(&t->scratch);
	ask_slots_free(&t->matched);
	free(t);
}

int ask_twin_join(struct ask *a, struct error *e)
{
	int status = a->twin != NULL ? ask_book_join(&a->book, &a->twin->book, e) : 0;
	ask_twin_free(a);
	return status;
}
