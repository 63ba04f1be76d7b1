/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/suspects.h"

#include <stdlib.h>

#define TEXTS_MAX (64u << 20) /* bytes of key texts */

void suspects_init(struct suspects *l)
{
	*l = (struct suspects){.v = NULL};
	arena_init(&l->texts, TEXTS_MAX);
}

void suspects_fini(struct suspects *l)
{
	free(l->v);
	arena_fini(&l->texts);
	*l = (struct suspects){.v = NULL};
}

static int by_key(const void *x, const void *y)
{
	const struct suspect *a = x, *b = y;
	int c = addr_cmp(&a->finding.host, &b->finding.host);
	if (c == 0)
		c = str_cmp(a->finding.peer, b->finding.peer);
	if (c == 0)
		c = a->finding.peer_port - b->finding.peer_port;
	if (c == 0)
		c = str_cmp(a->finding.proto, b->finding.proto);
	return c != 0 ? c : (int)a->projection - (int)b->projection;
}

static int by_score(const void *x, const void *y)
{
	const struct suspect *a = x, *b = y;
	if (a->finding.score > b->finding.score || a->finding.score < b->finding.score)
		return a->finding.score > b->finding.score ? -1 : 1;
	return by_key(x, y);
}

void suspects_sort_by_key(struct suspects *l)
{
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_key);
}

struct suspect *suspects_find(const struct suspects *l, const struct series_key *key)
{
	struct suspect wanted = {.projection = key->projection};
	wanted.finding.host = key->host;
	wanted.finding.peer = key->peer;
	wanted.finding.peer_port = key->port;
	wanted.finding.proto = key->proto;
	return l->n > 0 ? bsearch(&wanted, l->v, l->n, sizeof(*l->v), by_key) : NULL;
}

void suspects_sort(struct suspects *l)
{
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_score);
}

void suspects_make_room(struct suspects *l)
{
	if (l->n < SUSPECTS_MAX)
		return;
	suspects_sort(l);
	l->dropped += l->n - SUSPECTS_MAX / 2;
	l->n = SUSPECTS_MAX / 2;
}

struct suspect *suspects_add(
    struct suspects *l, const struct series_key *key, double score)
{
	suspects_make_room(l);
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 16 : 2 * l->room;
		struct suspect *v = realloc(l->v, room * sizeof(*v));
		if (v == NULL)
			return NULL;
		l->v = v;
		l->room = room;
	}
	struct str peer = str_copy(&l->texts, key->peer),
		   proto = str_copy(&l->texts, key->proto);
	if (peer.p == NULL)
		return NULL;
	struct suspect *s = &l->v[l->n++];
	*s = (struct suspect){.projection = key->projection};
	s->finding.direction = key->direction;
	s->finding.host = key->host;
	s->finding.peer = peer;
	s->finding.peer_port = key->port;
	s->finding.proto = proto;
	s->finding.score = score;
	return s;
}

void suspects_filter(struct suspects *l,
    bool (*keep)(const struct suspect *v, const void *ctx), const void *ctx)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (keep(&l->v[i], ctx))
			l->v[n++] = l->v[i];
	}
	l->n = n;
}
