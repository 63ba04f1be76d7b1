/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/timing/rotation_group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/suffix.h"

#define V4_BITS  120 /* /24 in the mapped form */
#define V6_BITS  48
#define NO_GROUP UINT32_MAX

/* What is known of a text as an address. */
enum side {
	SIDE_LOOKED = 1, /* at all */
	SIDE_HOME = 2,
	SIDE_NONE = 4, /* no endpoint: no address, or a group */
};

/* A group by its number, with enough of its key's hash that others seldom are looked at.
 */
struct rotation_slot {
	uint32_t hash;
	uint32_t number; /* 1 + that of the group; 0: free */
};

struct grouping {
	struct rotation_groups *g;
	struct conns *c;
	const struct detect_options *o;
	enum projection projection;
	struct rotation_slot *slots;
	size_t mask;
	uint32_t *of;    /* of each row: its group */
	uint32_t latest; /* group that a row joined last */
	bool ends;       /* names by their last two labels: a look ahead */
	uint32_t *parts; /* of texts by part: 1 + number */
	size_t part_mask;
};

static uint8_t side_of(struct grouping *w, uint32_t text)
{
	uint8_t *side = &w->g->side[text];
	if (*side == 0) {
		const struct addr *a = conns_addr(w->c, text);
		*side = SIDE_LOOKED;
		if (a == NULL || w->c->texts[text].multicast)
			*side |= SIDE_NONE;
		else if (series_home_text(w->o, w->c, text))
			*side |= SIDE_HOME;
	}
	return *side;
}

/* Only what a host of ours opens outwards can hide by changing its peer; names are asked
 * for inside as well. */
static bool looked_at(struct grouping *w, const struct conns_row *r)
{
	uint8_t src = side_of(w, r->src), dst = side_of(w, r->dst);
	if (r->day || (src | dst) & SIDE_NONE)
		return false;
	if (w->projection == SERIES_ASKED)
		return (src & SIDE_HOME) != 0 || (dst & SIDE_HOME) == 0;
	return (dst & SIDE_HOME) == 0;
}

/* ---- what stays the same ---- */

static struct str net_part(struct grouping *w, uint32_t text)
{
	const struct addr *a = conns_addr(w->c, text);
	struct addr net = *a;
	unsigned keep = (unsigned)(addr_is_v4(a) ? V4_BITS : V6_BITS) / 8;
	memset(net.b + keep, 0, sizeof(net.b) - keep);
	return (struct str){
	    arena_copy(&w->g->texts, net.b, sizeof(net.b)), sizeof(net.b)};
}

/*
 * The last two labels. Where fewer than ROTATION_ROWS names of a host end so, none of
 * their domains has as many: this spares looking most of them up in the list of
 * suffixes, which takes a microsecond each.
 */
static struct str end_part(struct str name)
{
	size_t from = name.n;
	for (unsigned dots = 0; from > 0; from--) {
		if (name.p[from - 1] == '.' && ++dots == 2)
			break;
	}
	return (struct str){name.p + from, name.n - from};
}

static struct str part_of(struct grouping *w, uint32_t text)
{
	if (w->projection == SERIES_NET)
		return net_part(w, text);
	if (w->ends)
		return end_part(w->c->texts[text].text);
	return suffix_registered(w->c->texts[text].text);
}

/* The number of the first text with the same part; 0: it has none. */
static uint32_t intern(struct grouping *w, uint32_t text)
{
	struct rotation_groups *g = w->g;
	if (g->what[text] != NO_GROUP)
		return g->what[text];
	struct str part = part_of(w, text);
	g->part[text] = part;
	g->what[text] = 0;
	if (part.p == NULL)
		return 0;
	size_t at = hash_bytes(&w->c->key, part.p, part.n) & w->part_mask;
	while (w->parts[at] != 0 && !str_equal(g->part[w->parts[at]], part))
		at = (at + 1) & w->part_mask;
	if (w->parts[at] == 0)
		w->parts[at] = text;
	g->what[text] = w->parts[at];
	return g->what[text];
}

uint32_t rotation_peer(const struct conns_row *r, enum projection projection)
{
	bool named = projection == SERIES_DOMAIN || projection == SERIES_ASKED;
	return named ? r->name : r->dst;
}

/* The row's key; false when it has none in this projection. */
static bool key_of(
    struct grouping *w, const struct conns_row *r, struct rotation_group *key)
{
	*key = (struct rotation_group){
	    .src = r->src, .port = r->port, .proto = r->proto, .what = 1};
	switch (w->projection) {
	case SERIES_NET:
		key->what = intern(w, r->dst);
		break;
	case SERIES_DOMAIN:
	case SERIES_ASKED:
		key->port = key->proto = 0;
		key->what = r->name != 0 ? intern(w, r->name) : 0;
		break;
	case SERIES_PRINT:
		key->port = key->proto = 0;
		key->what = r->service;
		break;
	case SERIES_SIZE:
		key->out = r->src_bytes / ROTATION_SIZE;
		key->in = r->dst_bytes / ROTATION_SIZE;
		return key->out > 0 || key->in > 0; /* less tells nothing apart */
	case SERIES_ADDRESS:
	case SERIES_NAME:
	case SERIES_INBOUND:
	case SERIES_SERVER:
	case PROJECTIONS:
	default:
		return false;
	}
	return key->what != 0;
}

/* ---- groups ---- */

static bool same(const struct rotation_group *a, const struct rotation_group *b)
{
	return a->src == b->src && a->what == b->what && a->port == b->port &&
	       a->proto == b->proto && a->out == b->out && a->in == b->in;
}

/* Numbers of texts are ours; sizes are not. */
static uint32_t hash_of(const struct grouping *w, const struct rotation_group *key)
{
	const struct hash_key *k = &w->c->key;
	uint64_t sizes[2] = {key->out, key->in}, rest = k->k0;
	if (key->out != 0 || key->in != 0)
		rest = hash_bytes(k, sizes, sizeof(sizes));
	rest = hash_mix((uint64_t)key->port << 32 | key->proto, rest ^ k->k1);
	return (uint32_t)hash_mix((uint64_t)key->src << 32 | key->what, rest);
}

static struct rotation_slot *slot_of(
    const struct grouping *w, const struct rotation_group *key, uint32_t hash)
{
	size_t at = hash & w->mask;
	assert(w->slots != NULL);
	while (
	    w->slots[at].number != 0 &&
	    (w->slots[at].hash != hash || !same(&w->g->v[w->slots[at].number - 1], key)))
		at = (at + 1) & w->mask;
	return &w->slots[at];
}

/* Twice the slots; those in use find their places by what they keep of the hash. */
static bool more_slots(struct grouping *w)
{
	struct rotation_slot *before = w->slots;
	size_t n = before != NULL ? w->mask + 1 : 0;
	w->mask = 2 * w->g->room - 1;
	w->slots = calloc(w->mask + 1, sizeof(*w->slots));
	for (size_t i = 0; i < n && w->slots != NULL; i++) {
		size_t at = before[i].hash & w->mask;
		if (before[i].number == 0)
			continue;
		while (w->slots[at].number != 0)
			at = (at + 1) & w->mask;
		w->slots[at] = before[i];
	}
	free(before);
	return w->slots != NULL;
}

static bool more_groups(struct grouping *w)
{
	struct rotation_groups *g = w->g;
	size_t room = g->room == 0 ? 1024 : 2 * g->room;
	struct rotation_group *v = realloc(g->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	g->v = v;
	g->room = room;
	return more_slots(w);
}

static bool join(struct grouping *w, uint32_t i)
{
	const struct conns_row *row = &w->c->rows[i];
	struct rotation_group key;
	w->of[i] = NO_GROUP;
	if (!looked_at(w, row) || !key_of(w, row, &key))
		return true;
	uint32_t peer = rotation_peer(row, w->projection);
	/* Rows of one host and peer lie together, so it mostly is that of the row before.
	 */
	uint32_t of = w->latest;
	if (of >= w->g->n || !same(&w->g->v[of], &key)) {
		if (w->g->n == w->g->room && !more_groups(w))
			return false;
		uint32_t hash = hash_of(w, &key);
		struct rotation_slot *slot = slot_of(w, &key, hash);
		if (slot->number == 0) {
			key.peer = peer;
			w->g->v[w->g->n++] = key;
			*slot = (struct rotation_slot){hash, (uint32_t)w->g->n};
		}
		of = slot->number - 1;
	}
	struct rotation_group *group = &w->g->v[of];
	group->varied |= group->peer != peer;
	group->n++;
	w->of[i] = w->latest = of;
	return true;
}

/* Of SIZE: a group is mixed when a pair that it touches has other connections, more than
 * one in ten. */
static bool find_mixed(struct grouping *w)
{
	const struct conns_index *pairs = conns_index(w->c, CONNS_PAIR);
	if (pairs == NULL)
		return false;
	for (size_t i = 0; i < pairs->count; i++) {
		const struct conns_group *pair = &pairs->groups[i];
		if (pair->n < ROTATION_ROWS)
			continue;
		for (uint32_t k = 0; k < pair->n; k++) {
			uint32_t of = w->of[pairs->rows[pair->first + k]];
			if (of != NO_GROUP && w->g->v[of].n * 10u <= pair->n * 9u)
				w->g->v[of].mixed = true;
		}
	}
	return true;
}

static bool worth(const struct grouping *w, const struct rotation_group *v)
{
	bool alone =
	    w->projection == SERIES_ASKED || (w->projection == SERIES_SIZE && v->mixed);
	return v->n >= ROTATION_ROWS && (v->varied || alone);
}

/* Give the groups that are worth it their places, and drop the others. */
static bool place(struct grouping *w)
{
	struct rotation_groups *g = w->g;
	uint32_t *number = malloc((g->n + 1) * sizeof(*number)), at = 0;
	size_t kept = 0;
	if (number == NULL)
		return false;
	for (size_t i = 0; i < g->n; i++) {
		number[i] = NO_GROUP;
		if (!worth(w, &g->v[i]))
			continue;
		g->v[i].first = at;
		at += g->v[i].n;
		g->v[i].n = 0;
		number[i] = (uint32_t)kept;
		g->v[kept++] = g->v[i];
	}
	g->n = kept;
	g->rows = malloc((at + 1) * sizeof(*g->rows));
	for (size_t i = 0; i < w->c->n && g->rows != NULL; i++) {
		uint32_t row = w->c->by_time[i], of = w->of[row];
		if (of == NO_GROUP || number[of] == NO_GROUP)
			continue;
		struct rotation_group *v = &g->v[number[of]];
		g->rows[v->first + v->n++] = row;
	}
	free(number);
	return g->rows != NULL;
}

/* In order of host, as profiles are read; then of what they are told by. */
static int by_key(const void *x, const void *y, void *ctx)
{
	const struct rotation_group *a = x, *b = y;
	const struct grouping *w = ctx;
	const struct conns_text *t = w->c->texts;
	int c = a->src == b->src ? 0 : str_cmp(t[a->src].text, t[b->src].text);
	if (c == 0 && a->what != b->what)
		c = w->projection == SERIES_PRINT
			? str_cmp(t[a->what].text, t[b->what].text)
			: str_cmp(w->g->part[a->what], w->g->part[b->what]);
	if (c == 0 && a->port != b->port)
		c = a->port < b->port ? -1 : 1;
	if (c == 0)
		c = str_cmp(t[a->proto].text, t[b->proto].text);
	if (c == 0 && a->out != b->out)
		c = a->out < b->out ? -1 : 1;
	if (c == 0 && a->in != b->in)
		c = a->in < b->in ? -1 : 1;
	return c;
}

static bool make_tables(struct grouping *w)
{
	struct rotation_groups *g = w->g;
	size_t texts = w->c->text_count + 1;
	w->part_mask = 1;
	while (w->part_mask < 2 * texts)
		w->part_mask = 2 * w->part_mask + 1;
	w->of = malloc((w->c->n + 1) * sizeof(*w->of));
	w->parts = calloc(w->part_mask + 1, sizeof(*w->parts));
	g->side = calloc(texts, sizeof(*g->side));
	g->part = calloc(texts, sizeof(*g->part));
	g->what = malloc(texts * sizeof(*g->what));
	if (w->of == NULL || w->parts == NULL || g->side == NULL || g->part == NULL ||
	    g->what == NULL)
		return false;
	memset(g->what, 0xff, texts * sizeof(*g->what));
	memset(w->of, 0, (w->c->n + 1) * sizeof(*w->of));
	return true;
}

/* Names by their ends: of rows whose end is too rare, of[] becomes NO_GROUP. */
static bool look_ahead(struct grouping *w)
{
	struct rotation_groups *g = w->g;
	w->ends = true;
	for (uint32_t i = 0; i < w->c->n; i++) {
		if (!join(w, i))
			return false;
	}
	for (uint32_t i = 0; i < w->c->n; i++) {
		if (w->of[i] != NO_GROUP && g->v[w->of[i]].n < ROTATION_ROWS)
			w->of[i] = NO_GROUP;
	}
	w->ends = false;
	g->n = 0;
	if (w->slots != NULL)
		memset(w->slots, 0, (w->mask + 1) * sizeof(*w->slots));
	memset(w->parts, 0, (w->part_mask + 1) * sizeof(*w->parts));
	memset(g->what, 0xff, (w->c->text_count + 1) * sizeof(*g->what));
	return true;
}

static bool group_all(struct grouping *w)
{
	struct rotation_groups *g = w->g;
	bool named = w->projection == SERIES_DOMAIN || w->projection == SERIES_ASKED;
	if (!make_tables(w) || (named && !look_ahead(w)))
		return false;
	for (uint32_t i = 0; i < w->c->n; i++) {
		if (w->of[i] != NO_GROUP && !join(w, i))
			return false;
	}
	if (w->projection == SERIES_SIZE && !find_mixed(w))
		return false;
	if (!place(w))
		return false;
	if (g->n > 0)
		qsort_r(g->v, g->n, sizeof(*g->v), by_key, w);
	return true;
}

int rotation_groups_read(struct rotation_groups *g, struct conns *c,
    const struct detect_options *o, enum projection projection, struct error *e)
{
	struct grouping w = {.g = g, .c = c, .o = o, .projection = projection};
	*g = (struct rotation_groups){.n = 0};
	arena_init(&g->texts, ROTATION_TEXTS);
	bool fits = group_all(&w);
	free(w.slots);
	free(w.of);
	free(w.parts);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

void rotation_groups_fini(struct rotation_groups *g)
{
	free(g->v);
	free(g->rows);
	free(g->part);
	free(g->what);
	free(g->side);
	arena_fini(&g->texts);
	*g = (struct rotation_groups){.n = 0};
}

struct str rotation_text(struct rotation_groups *g, const struct conns *c,
    const struct rotation_group *group, enum projection projection)
{
	char text[ADDR_TEXT_MAX];
	struct addr net;
	if (projection == SERIES_SIZE)
		return str_format(&g->texts, "size:%llu/%llu",
		    (unsigned long long)group->out * ROTATION_SIZE,
		    (unsigned long long)group->in * ROTATION_SIZE);
	if (projection == SERIES_PRINT)
		return c->texts[group->what].text;
	if (projection != SERIES_NET)
		return g->part[group->what];
	memcpy(net.b, g->part[group->what].p, sizeof(net.b));
	addr_text(&net, text);
	return str_format(
	    &g->texts, "%s/%u", text, addr_is_v4(&net) ? V4_BITS - 96 : V6_BITS);
}
