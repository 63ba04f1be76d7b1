/* SPDX-License-Identifier: Apache-2.0 */
#include "finding/kept.h"

#include <stdlib.h>
#include <string.h>

void kept_init(struct kept *k, size_t max)
{
	*k = (struct kept){.max = max};
	arena_init(&k->texts, KEPT_TEXT_MAX);
}

void kept_fini(struct kept *k)
{
	arena_fini(&k->texts);
	free(k->v);
	*k = (struct kept){.v = NULL};
}

static const char *text_z(struct arena *a, const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = arena_alloc(a, n);
	if (copy != NULL)
		memcpy(copy, text, n);
	return copy;
}

/* The texts of a finding, which are borrowed for the call. */
static bool keep_texts(struct kept *k, struct finding *f)
{
	f->peer = str_copy(&k->texts, f->peer);
	f->proto = str_copy(&k->texts, f->proto);
	f->detector = text_z(&k->texts, f->detector);
	for (size_t i = 0; i < ATTACK_MAX && f->attack[i] != NULL; i++)
		f->attack[i] = text_z(&k->texts, f->attack[i]);
	for (size_t i = 0; i < f->fact_count; i++)
		f->facts[i].text = str_copy(&k->texts, f->facts[i].text);
	return f->detector != NULL;
}

void kept_put(void *ctx, const struct finding *f)
{
	struct kept *k = ctx;
	if (k->n == k->max) {
		k->over_limit++;
		return;
	}
	if (k->n == k->room) {
		size_t room = k->room > 0 ? 2 * k->room : 64;
		struct finding *v = realloc(k->v, room * sizeof(*v));
		if (v == NULL) {
			k->no_memory = true;
			return;
		}
		k->v = v;
		k->room = room;
	}
	struct finding *copy = &k->v[k->n++];
	*copy = *f;
	if (!keep_texts(k, copy))
		k->no_memory = true;
}
