/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/contacts.h"

#include <math.h>
#include <stdlib.h>

#define PART_ROWS  1000000 /* connections whose groups surely fit the engine's memory */
#define STRING(x)  STRING_(x)
#define STRING_(x) #x

/* Contacts of the source in work. */
struct list {
	struct contact *v; /* owned */
	size_t n, room;
	uint64_t beyond;
};

static int by_time(const void *x, const void *y)
{
	const struct contact *a = x, *b = y;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	int c = addr_cmp(&a->dst, &b->dst);
	if (c == 0)
		c = a->port - b->port;
	return c != 0 ? c : a->proto - b->proto;
}

static bool list_add(struct list *l, const struct contact *c)
{
	if (l->n == CONTACTS_MAX) {
		l->beyond++;
		return true;
	}
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 256 : 2 * l->room;
		struct contact *v = realloc(l->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = *c;
	return true;
}

static void hand_on(
    struct list *l, const struct addr *src, const struct contacts_visitor *visitor)
{
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_time);
	if (l->n > 0)
		visitor->source(visitor->ctx, src, l->v, l->n, l->beyond);
	l->n = 0;
	l->beyond = 0;
}

static char proto_letter(struct str proto)
{
	if (str_equal(proto, STR("tcp")))
		return 't';
	if (str_equal(proto, STR("udp")))
		return 'u';
	return str_equal(proto, STR("icmp")) ? 'i' : '?';
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* ---- from connections that are held ---- */

/* Whether the row says that its attempt, or all of its day, was not answered. */
static bool row_dead(const struct conns *c, const struct conns_row *r)
{
	if (!r->day)
		return r->failed && r->dst_bytes == 0;
	const struct past_day *d = &c->days[r->service];
	return d->connections > 0 && ((r->src_bytes == 0 && r->dst_bytes == 0) ||
					 d->unanswered >= d->connections);
}

static int64_t row_last(const struct conns *c, const struct conns_row *r)
{
	if (r->day)
		return c->days[r->service].last;
	return r->ts + (int64_t)fmin(r->seconds * 1e6, 1e15);
}

static bool group_dead(
    const struct conns *c, const struct conns_index *index, const struct conns_group *g)
{
	for (uint32_t i = 0; i < g->n; i++) {
		if (!row_dead(c, &c->rows[index->rows[g->first + i]]))
			return false;
	}
	return true;
}

/* What is worth a look: who opens towards one machine. */
static bool is_pair(struct conns *c, const struct conns_row *r)
{
	return conns_addr(c, r->src) != NULL && conns_addr(c, r->dst) != NULL &&
	       !c->texts[r->src].multicast && !c->texts[r->dst].multicast;
}

static void contact_held(struct conns *c, const struct conns_index *index,
    const struct conns_group *g, struct contact *out)
{
	const struct conns_row *first = &c->rows[index->rows[g->first]];
	*out = (struct contact){.first = first->ts,
	    .last = first->ts,
	    .dst = *conns_addr(c, first->dst),
	    .port = first->port,
	    .proto = proto_letter(c->texts[first->proto].text),
	    .dead = group_dead(c, index, g)};
	for (uint32_t i = 0; i < g->n; i++) {
		const struct conns_row *r = &c->rows[index->rows[g->first + i]];
		int64_t last = row_last(c, r);
		out->last = last > out->last ? last : out->last;
		out->connections += r->day ? c->days[r->service].connections : 1;
		out->out = add_sat(out->out, r->src_bytes);
		out->in = add_sat(out->in, r->dst_bytes);
	}
}

/* Groups of sources that have enough dead ones, those of a source together. */
struct chosen {
	const struct conns *c;
	const struct conns_group **v; /* owned */
	size_t n;
	uint32_t *dead; /* of each text, as a source; owned */
};

static int by_source(const void *x, const void *y, void *ctx)
{
	const struct conns *c = ((const struct chosen *)ctx)->c;
	const struct conns_group *a = *(const struct conns_group *const *)x;
	const struct conns_group *b = *(const struct conns_group *const *)y;
	uint32_t s = c->rows[a->row].src, t = c->rows[b->row].src;
	return s == t ? 0 : str_cmp(c->texts[s].text, c->texts[t].text);
}

static void choose(struct chosen *l, struct conns *c, const struct conns_index *index)
{
	for (size_t i = 0; i < index->count; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *r = &c->rows[g->row];
		l->dead[r->src] += is_pair(c, r) && group_dead(c, index, g);
	}
	for (size_t i = 0; i < index->count; i++) {
		const struct conns_row *r = &c->rows[index->groups[i].row];
		if (l->dead[r->src] >= CONTACTS_DEAD && is_pair(c, r))
			l->v[l->n++] = &index->groups[i];
	}
}

static bool visit_held(struct chosen *l, struct conns *c, const struct conns_index *index,
    const struct contacts_visitor *visitor)
{
	struct list list = {.n = 0};
	bool fits = true;
	if (l->n > 0)
		qsort_r(l->v, l->n, sizeof(const struct conns_group *), by_source, l);
	for (size_t i = 0; fits && i < l->n; i++) {
		uint32_t src = c->rows[l->v[i]->row].src;
		struct contact contact;
		contact_held(c, index, l->v[i], &contact);
		fits = list_add(&list, &contact);
		if (i + 1 == l->n || c->rows[l->v[i + 1]->row].src != src)
			hand_on(&list, conns_addr(c, src), visitor);
	}
	free(list.v);
	return fits;
}

static int read_held(
    struct conns *c, const struct contacts_visitor *visitor, struct error *e)
{
	const struct conns_index *index = conns_index(c, CONNS_PAIR);
	struct chosen l = {.c = c};
	bool fits = index != NULL;
	if (fits) {
		l.v = malloc((index->count + 1) * sizeof(const struct conns_group *));
		l.dead = calloc(c->text_count, sizeof(*l.dead));
		fits = l.v != NULL && l.dead != NULL;
	}
	if (fits) {
		choose(&l, c, index);
		fits = visit_held(&l, c, index, visitor);
	}
	free(l.v);
	free(l.dead);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

/* ---- by queries ---- */

#define CONN_DEAD                                                                        \
	"coalesce(state IN ('S0', 'REJ', 'RSTOS0', 'SH') AND "                           \
	"coalesce(dst_bytes, 0) = 0, false)"

/* The same of a row that may be a day. */
#define DAY_DEAD                                                                         \
	"CASE WHEN day_connections IS NULL THEN " CONN_DEAD                              \
	" ELSE day_connections > 0 AND ((coalesce(src_bytes, 0) = 0 AND "                \
	"coalesce(dst_bytes, 0) = 0) OR day_unanswered >= day_connections) END"

#define CONN_LAST                                                                        \
	"ts + to_microseconds(CAST(trunc(least(greatest(coalesce(duration, 0), 0) * "    \
	"1e6, 1e15)) AS BIGINT))"
#define DAY_LAST "coalesce(day_last, " CONN_LAST ")"

static struct store_rows *query_part(const struct source *s, unsigned long long part,
    unsigned long long parts, struct error *e)
{
	bool days = s->past->decayed;
	return past_query(s->store, e,
	    "WITH t AS MATERIALIZED (SELECT src_ip, dst_ip, dst_port, proto, "
	    "epoch_us(min(ts)) AS first, epoch_us(max(%s)) AS last, bool_and(%s) AS "
	    "dead, "
	    "sum(%s) AS n, sum(src_bytes) AS sent, sum(dst_bytes) AS got FROM %s "
	    "WHERE hash(src_ip) %% %llu = %llu GROUP BY src_ip, dst_ip, dst_port, proto) "
	    "SELECT t.* FROM t SEMI JOIN (SELECT src_ip FROM t "
	    "WHERE dead GROUP BY src_ip HAVING count(*) >= " STRING(
		CONTACTS_DEAD) ") AS k ON k.src_ip = t.src_ip ORDER BY src_ip, first, "
			       "dst_ip, dst_port, proto",
	    days ? DAY_LAST : CONN_LAST, days ? DAY_DEAD : CONN_DEAD,
	    days ? "coalesce(day_connections, 1)" : "1", s->past->rows, parts, part);
}

static bool read_row(const struct store_rows *r, struct addr *src, struct contact *c)
{
	if (!str_addr(store_text(r, 0), src) || addr_is_unset(src) ||
	    addr_is_multicast(src))
		return false;
	*c = (struct contact){.first = store_int(r, 4),
	    .last = store_int(r, 5),
	    .port = (uint16_t)store_uint(r, 2),
	    .proto = proto_letter(store_text(r, 3)),
	    .dead = store_bool(r, 6),
	    .connections = store_uint(r, 7),
	    .out = store_uint(r, 8),
	    .in = store_uint(r, 9)};
	return str_addr(store_text(r, 1), &c->dst) && !addr_is_unset(&c->dst) &&
	       !addr_is_multicast(&c->dst);
}

static int read_part(struct list *list, struct store_rows *r,
    const struct contacts_visitor *visitor, struct error *e)
{
	struct addr before = {{0}};
	bool fits = true;
	while (fits && store_next(r)) {
		struct addr src;
		struct contact c;
		if (!read_row(r, &src, &c))
			continue;
		if (!addr_equal(&src, &before))
			hand_on(list, &before, visitor);
		before = src;
		fits = list_add(list, &c);
	}
	hand_on(list, &before, visitor);
	if (!fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return store_rows_failed(r, e) ? -1 : 0;
}

static int read_store(const struct source *s, const struct contacts_visitor *visitor,
    uint64_t rows, struct error *e)
{
	unsigned long long parts = rows / PART_ROWS + 1;
	struct list list = {.n = 0};
	int result = 0;
	for (unsigned long long i = 0; result == 0 && i < parts; i++) {
		struct store_rows *r = query_part(s, i, parts, e);
		result = r == NULL ? -1 : read_part(&list, r, visitor, e);
		store_rows_free(r);
	}
	free(list.v);
	return result;
}

int contacts_count(const struct source *s, uint64_t *rows, struct error *e)
{
	*rows = s->conns->n;
	return s->conns->held ? 0 : past_count(s->past, s->store, rows, e);
}

int contacts_read(const struct source *s, uint64_t rows,
    const struct contacts_visitor *visitor, struct error *e)
{
	int result = s->conns->held ? read_held(s->conns, visitor, e)
				    : read_store(s, visitor, rows, e);
	return result < 0 ? error_add(e, "reading who was tried to be reached") : 0;
}
