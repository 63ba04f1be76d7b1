/* SPDX-License-Identifier: Apache-2.0 */
/* Where to divide what is visited between two threads. */
#include <stdlib.h>

#include "store/lookup_runs.h"

/* The first keys of a run's blocks that are of the kind, without it; how many. */
static size_t put_firsts(const struct run *r, struct str kind, struct str *out)
{
	size_t n = 0;
	for (size_t i = 0; i < r->keys.block_count; i++) {
		struct str text = lookup_text_of(kind, r->keys.blocks[i].first);
		if (text.p == NULL)
			continue;
		if (out != NULL)
			out[n] = text;
		n++;
	}
	return n;
}

static int by_key(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

bool lookup_middle(struct lookup *l, const struct lookup_place *at, struct str *key)
{
	size_t n = 0;
	struct error none = {0};
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		if (lookup_in_span(r, at) && lookup_look(l, r, &none) == 0 && r->usable)
			n += put_firsts(r, at->kind, NULL);
	}
	struct str *v = n > 1 ? malloc(n * sizeof(*v)) : NULL;
	if (v == NULL)
		return false;
	n = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (l->runs[i].usable && lookup_in_span(&l->runs[i], at))
			n += put_firsts(&l->runs[i], at->kind, v + n);
	}
	qsort(v, n, sizeof(*v), by_key);
	*key = v[n / 2];
	free(v);
	return true;
}
