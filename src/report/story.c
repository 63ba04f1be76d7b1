/* SPDX-License-Identifier: Apache-2.0 */
#include "report/story.h"

#include <stdlib.h>

#include "report/sentences.h"

struct event {
	struct moment at;
	const struct finding *f;
	bool ends;
};

static int by_time(const void *x, const void *y)
{
	const struct event *a = x, *b = y;
	if (a->at.ns != b->at.ns)
		return a->at.ns < b->at.ns ? -1 : 1;
	if (a->ends != b->ends)
		return a->ends ? 1 : -1;
	return strcmp(a->f->id, b->f->id);
}

static struct str ends_words(const struct finding *f, enum language l, struct arena *a)
{
	char host[ADDR_TEXT_MAX];
	size_t n = addr_text(&f->host, host);
	const struct slot slots[] = {{"host", {host, n}},
	    {"peer", words_visible(f->peer, a)}, {"detector", str_of(f->detector)}};
	return sentence_fill(SENTENCE_STORY_LAST, l, slots, 3, a);
}

void story_tell(
    struct story *s, const struct dwell_case *c, enum language l, struct arena *a)
{
	*s = (struct story){.n = 0};
	struct event *events = arena_alloc(a, 2 * c->finding_count * sizeof(*events));
	size_t n = 0, told = 0;
	for (size_t i = 0; events != NULL && i < c->finding_count; i++) {
		const struct finding *f = c->findings[i];
		if (f->confidence < CONFIDENCE_MEDIUM && f->confidence != c->confidence)
			continue;
		told++;
		events[n++] = (struct event){f->since, f, false};
		events[n++] = (struct event){f->last_seen, f, true};
	}
	if (told < 2)
		return;
	qsort(events, n, sizeof(*events), by_time);
	s->left_out = n > STORY_MAX ? n - STORY_MAX : 0;
	for (size_t i = 0; i < n; i++) {
		bool gap = s->left_out > 0 && i == STORY_MAX / 2;
		if (gap) {
			s->line[s->n++] = (struct story_line){events[i].at, {NULL, 0}};
			i += s->left_out;
		}
		const struct event *v = &events[i];
		s->line[s->n++] = (struct story_line){v->at,
		    v->ends ? ends_words(v->f, l, a) : finding_summary(v->f, l, a)};
	}
}
