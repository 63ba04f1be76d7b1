/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define SLOTS     ((size_t)4 * PATHS_MAX)
#define TEXTS_MAX (8u << 20)

int paths_init(struct paths *p, struct error *e)
{
	*p = (struct paths){
	    .slots = calloc(SLOTS, sizeof(*p->slots)), .key = hash_key_random()};
	arena_init(&p->texts, TEXTS_MAX);
	return p->slots != NULL ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

void paths_fini(struct paths *p)
{
	free(p->v);
	free(p->slots);
	arena_fini(&p->texts);
	*p = (struct paths){.v = NULL};
}

static bool more(struct paths *p)
{
	size_t room = p->room == 0 ? 64 : 2 * p->room;
	struct path *v = p->n < PATHS_MAX ? realloc(p->v, room * sizeof(*v)) : NULL;
	if (v == NULL)
		return false;
	p->v = v;
	p->room = room;
	return true;
}

/* Where it is, or belongs. */
static uint32_t *slot_of(
    const struct paths *p, const struct addr *src, const struct addr *dst)
{
	struct addr key[2] = {*src, *dst};
	size_t at = hash_bytes(&p->key, key, sizeof(key)) % SLOTS;
	while (p->slots[at] != 0) {
		const struct path *path = &p->v[p->slots[at] - 1];
		if (addr_equal(&path->src, src) && addr_equal(&path->dst, dst))
			break;
		at = (at + 1) % SLOTS;
	}
	return &p->slots[at];
}

struct path *paths_find(
    const struct paths *p, const struct addr *src, const struct addr *dst)
{
	uint32_t slot = *slot_of(p, src, dst);
	return slot != 0 ? &p->v[slot - 1] : NULL;
}

struct path *paths_at(struct paths *p, const struct addr *src, const struct addr *dst)
{
	uint32_t *slot = slot_of(p, src, dst);
	if (*slot != 0)
		return &p->v[*slot - 1];
	if (p->n == PATHS_MAX || (p->n == p->room && !more(p))) {
		p->dropped++;
		return NULL;
	}
	struct path *path = &p->v[p->n++];
	*path = (struct path){.src = *src,
	    .dst = *dst,
	    .first = INT64_MAX,
	    .last = INT64_MIN,
	    .push_run = -1,
	    .service_life = -1,
	    .called_back = -1};
	*slot = (uint32_t)p->n;
	return path;
}

void path_seen(struct path *p, int64_t first, int64_t last)
{
	p->first = first < p->first ? first : p->first;
	p->last = last > p->last ? last : p->last;
}

bool paths_may_have(const struct conns *c, const char *service)
{
	size_t n = strlen(service);
	for (size_t i = 1; c->held && i < c->text_count; i++) {
		struct str text = c->texts[i].text;
		if (!c->texts[i].src && !c->texts[i].dst && text.n >= n &&
		    memmem(text.p, text.n, service, n) != NULL)
			return true;
	}
	return !c->held;
}

/* ---- how much went over them ---- */

static void amounts_held(struct paths *p, struct conns *c)
{
	const struct conns_index *index = conns_index(c, CONNS_PAIR);
	for (size_t i = 0; index != NULL && i < index->count; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *first = &c->rows[g->row];
		const struct addr *src = conns_addr(c, first->src),
				  *dst = conns_addr(c, first->dst);
		struct path *path =
		    src != NULL && dst != NULL ? paths_find(p, src, dst) : NULL;
		for (uint32_t k = 0; path != NULL && k < g->n; k++) {
			const struct conns_row *r = &c->rows[index->rows[g->first + k]];
			path->connections += r->day ? c->days[r->service].connections : 1;
			path->out += r->src_bytes;
			path->in += r->dst_bytes;
		}
	}
}

static int amounts_rows(struct paths *p, const struct source *s, struct error *e)
{
	struct store_rows *r = past_query(s->store, e,
	    "SELECT src_ip, dst_ip, sum(%s), sum(src_bytes), sum(dst_bytes) FROM %s "
	    "GROUP "
	    "BY src_ip, dst_ip",
	    s->past->decayed ? "coalesce(day_connections, 1)" : "1", s->past->rows);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src, dst;
		if (!str_addr(store_text(r, 0), &src) ||
		    !str_addr(store_text(r, 1), &dst))
			continue;
		struct path *path = paths_find(p, &src, &dst);
		if (path == NULL)
			continue;
		path->connections += store_uint(r, 2);
		path->out += store_uint(r, 3);
		path->in += store_uint(r, 4);
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? error_add(e, "reading how much went over paths") : 0;
}

int amounts_read(struct paths *p, const struct detection *d, struct error *e)
{
	if (p->n == 0)
		return 0;
	if (!d->source->conns->held)
		return amounts_rows(p, d->source, e);
	amounts_held(p, d->source->conns);
	return 0;
}
