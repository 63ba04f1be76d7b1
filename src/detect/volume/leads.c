/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/volume/leads.h"

#include <stdlib.h>

#define TEXTS_MAX (16u << 20) /* bytes of peers' names */

void leads_init(struct leads *l)
{
	*l = (struct leads){.v = NULL};
	arena_init(&l->texts, TEXTS_MAX);
}

void leads_fini(struct leads *l)
{
	free(l->v);
	arena_fini(&l->texts);
	*l = (struct leads){.v = NULL};
}

/* By host, direction and peer, the one that sent most first, names before addresses. */
static int by_peer(const void *x, const void *y)
{
	const struct lead *a = x, *b = y;
	const struct finding *f = &a->v.finding, *g = &b->v.finding;
	int c = addr_cmp(&f->host, &g->host);
	if (c == 0)
		c = (int)f->direction - (int)g->direction;
	if (c == 0)
		c = str_cmp(f->peer, g->peer);
	if (c == 0)
		c = (b->v.projection == SERIES_NAME) - (a->v.projection == SERIES_NAME);
	if (c == 0 && a->v.stats.out != b->v.stats.out)
		c = a->v.stats.out > b->v.stats.out ? -1 : 1;
	if (c == 0)
		c = f->peer_port - g->peer_port;
	return c != 0 ? c : str_cmp(f->proto, g->proto);
}

static int by_score(const void *x, const void *y)
{
	const struct finding *f = &((const struct lead *)x)->v.finding,
			     *g = &((const struct lead *)y)->v.finding;
	if (f->score > g->score || f->score < g->score)
		return f->score > g->score ? -1 : 1;
	return by_peer(x, y);
}

static bool more(struct leads *l)
{
	if (l->n == LEADS_MAX) {
		qsort(l->v, l->n, sizeof(*l->v), by_score);
		l->dropped += l->n / 2;
		l->n /= 2;
	}
	if (l->n < l->room)
		return true;
	size_t room = l->room == 0 ? 16 : 2 * l->room;
	struct lead *v = realloc(l->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	l->v = v;
	l->room = room;
	return true;
}

struct lead *leads_add(struct leads *l, const struct pair *p)
{
	const struct series_key *k = &p->key;
	/* An address is called by the name that led there, as elsewhere. */
	struct str name = k->projection == SERIES_ADDRESS ? stats_name(&p->stats)
							  : (struct str){NULL, 0};
	struct str peer = str_copy(&l->texts, name.n > 0 ? name : k->peer),
		   proto = str_copy(&l->texts, k->proto);
	if (peer.p == NULL || !more(l))
		return NULL;
	struct lead *v = &l->v[l->n++];
	*v = (struct lead){.v = {.projection = k->projection, .stats = p->stats}};
	v->v.finding.direction = k->direction;
	v->v.finding.host = k->host;
	v->v.finding.peer = peer;
	v->v.finding.peer_port = k->port;
	v->v.finding.proto = proto;
	if (name.n > 0)
		v->v.projection = SERIES_NAME;
	return v;
}

bool leads_put(struct leads *l, const struct lead *v)
{
	if (!more(l))
		return false;
	l->v[l->n++] = *v;
	return true;
}

static void join_stats(struct series_stats *a, const struct series_stats *b)
{
	a->events += b->events;
	a->starts += b->starts;
	a->failed += b->failed;
	a->named += b->named;
	a->first = b->first < a->first ? b->first : a->first;
	a->last = b->last > a->last ? b->last : a->last;
	a->days = b->days > a->days ? b->days : a->days;
	a->out = a->out > UINT64_MAX - b->out ? UINT64_MAX : a->out + b->out;
	a->in = a->in > UINT64_MAX - b->in ? UINT64_MAX : a->in + b->in;
	a->missed += b->missed;
}

static void join(struct lead *a, const struct lead *b)
{
	if ((b->rules >> RULE_PRODUCER & 1) != 0 && b->producer.out > a->producer.out)
		a->producer = b->producer;
	if ((b->rules >> RULE_DRIP & 1) != 0 && b->drip.decades > a->drip.decades)
		a->drip = b->drip;
	if ((b->rules >> RULE_SCHEDULED & 1) != 0 &&
	    b->schedule.score > a->schedule.score)
		a->schedule = b->schedule;
	if ((b->rules >> RULE_BURST & 1) != 0 && b->burst.bytes > a->burst.bytes)
		a->burst = b->burst;
	if ((b->rules >> RULE_SPLIT & 1) != 0 && b->split.bytes > a->split.bytes)
		a->split = b->split;
	if ((b->rules >> RULE_STAGED & 1) != 0 && b->staged.bytes > a->staged.bytes)
		a->staged = b->staged;
	if (b->pushed.bytes > a->pushed.bytes)
		a->pushed = b->pushed;
	a->rules |= b->rules;
	if (b->v.finding.score > a->v.finding.score)
		a->v.finding.score = b->v.finding.score;
}

static bool same_peer(const struct lead *a, const struct lead *b)
{
	return addr_equal(&a->v.finding.host, &b->v.finding.host) &&
	       a->v.finding.direction == b->v.finding.direction &&
	       str_equal(a->v.finding.peer, b->v.finding.peer);
}

static bool same_port(const struct lead *a, const struct lead *b)
{
	return a->v.finding.peer_port == b->v.finding.peer_port &&
	       str_equal(a->v.finding.proto, b->v.finding.proto);
}

void leads_join(struct leads *l)
{
	size_t n = 0;
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_peer);
	for (size_t i = 0; i < l->n; i++) {
		struct lead *last = n > 0 ? &l->v[n - 1] : NULL;
		if (last == NULL || !same_peer(last, &l->v[i])) {
			l->v[n++] = l->v[i];
			continue;
		}
		join(last, &l->v[i]);
		/* Ports of one address; a name's addresses are in its sums already. */
		if (last->v.projection != SERIES_NAME && !same_port(last, &l->v[i]))
			join_stats(&last->v.stats, &l->v[i].v.stats);
	}
	l->n = n;
}
