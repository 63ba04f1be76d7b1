/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/edges.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

#define STRING(x)  STRING_(x)
#define STRING_(x) #x

/* Which rows may be one: class and answer are looked at again here. */
#define MAY_BE                                                                           \
	"dst_bytes > 0 AND (dst_port IN (445, 139, 135, 3389, 5985, 5986, 22, 5900, "    \
	"5901, 5902, 23, 1433, 3306, 5432, 1521, 6379, 27017, 902, 623, 6443, 10250) "   \
	"OR "                                                                            \
	"service IS NOT NULL)"

/* ---- gathering ---- */

static bool same(const struct edge *a, const struct edge *b)
{
	return a->class == b->class && addr_equal(&a->src, &b->src) &&
	       addr_equal(&a->dst, &b->dst);
}

static uint32_t *slot_of(const struct edges *l, const struct edge *x)
{
	struct {
		struct addr src, dst;
		uint64_t class;
	} key = {x->src, x->dst, x->class};
	size_t at = hash_bytes(&l->key, &key, sizeof(key)) & l->mask;
	while (l->slots[at] != 0 && !same(&l->v[l->slots[at] - 1], x))
		at = (at + 1) & l->mask;
	return &l->slots[at];
}

static bool more(struct edges *l)
{
	size_t room = l->room == 0 ? 1024 : 2 * l->room;
	struct edge *v = realloc(l->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	l->v = v;
	l->room = room;
	free(l->slots);
	l->mask = 2 * room - 1;
	l->slots = calloc(l->mask + 1, sizeof(*l->slots));
	if (l->slots == NULL)
		return false;
	for (uint32_t i = 0; i < l->n; i++)
		*slot_of(l, &v[i]) = i + 1;
	return true;
}

static bool add(struct edges *l, const struct edge *x)
{
	if (l->n == l->room && !more(l))
		return false;
	uint32_t *slot = slot_of(l, x);
	if (*slot != 0) {
		struct edge *y = &l->v[*slot - 1];
		if (x->first < y->first || (x->first == y->first && x->port < y->port))
			y->port = x->port;
		y->first = x->first < y->first ? x->first : y->first;
		y->last = x->last > y->last ? x->last : y->last;
	} else if (l->n == EDGES_MAX) {
		l->dropped++;
	} else {
		l->v[l->n++] = *x;
		*slot = (uint32_t)l->n;
	}
	return true;
}

static enum admin_class class_of(struct str service, struct str proto, uint16_t port)
{
	enum admin_class c = admin_of_service(service);
	return c != ADMIN_CLASS_COUNT ? c : admin_of_port(proto, port);
}

/* ---- from connections that are held ---- */

/* The classes of services, by the number of their text: looked up once each. */
static enum admin_class held_class(
    const struct conns *c, const struct conns_row *r, uint8_t *known)
{
	enum admin_class class = ADMIN_CLASS_COUNT;
	if (!r->day && r->service != 0) {
		uint8_t *k = &known[r->service];
		if (*k == 0)
			*k = 1 + (uint8_t)admin_of_service(c->texts[r->service].text);
		class = (enum admin_class)(*k - 1);
	}
	return class != ADMIN_CLASS_COUNT
		   ? class
		   : admin_of_port(c->texts[r->proto].text, r->port);
}

static bool take_held(
    struct edges *l, const struct source *s, const struct conns_row *r, uint8_t *known)
{
	struct conns *c = s->conns;
	if (r->dst_bytes == 0)
		return true;
	enum admin_class class = held_class(c, r, known);
	if (class == ADMIN_CLASS_COUNT)
		return true;
	const struct addr *src = conns_addr(c, r->src), *dst = conns_addr(c, r->dst);
	if (src == NULL || dst == NULL || !series_home(s->options, dst) ||
	    r->src == r->dst)
		return true;
	bool outside = !series_home(s->options, src);
	if (outside && (r->day || r->seconds < EDGES_SESSION))
		return true;
	int64_t last = r->day ? c->days[r->service].last
			      : r->ts + (int64_t)fmin(r->seconds * 1e6, 1e15);
	const struct edge x = {.src = *src,
	    .dst = *dst,
	    .first = r->ts,
	    .last = last,
	    .port = r->port,
	    .class = class,
	    .outside = outside};
	return add(l, &x);
}

/* First packets of all machines, by the number of their text. */
static void firsts_held(const struct conns *c, int64_t *first)
{
	for (size_t i = 0; i < c->text_count; i++)
		first[i] = INT64_MAX;
	for (size_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		first[r->src] = r->ts < first[r->src] ? r->ts : first[r->src];
		first[r->dst] = r->ts < first[r->dst] ? r->ts : first[r->dst];
	}
}

static int64_t first_held(
    const struct conns *c, const int64_t *first, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];
	size_t n = addr_text(a, text);
	return first[conns_find(c, (struct str){text, n})];
}

static int gather_held(struct edges *l, const struct source *s, struct error *e)
{
	struct conns *c = s->conns;
	uint8_t *known = calloc(c->text_count, 1);
	int64_t *first = malloc(c->text_count * sizeof(*first));
	bool fits = known != NULL && first != NULL;
	for (size_t i = 0; fits && i < c->n; i++)
		fits = take_held(l, s, &c->rows[i], known);
	if (fits && l->n > 0)
		firsts_held(c, first);
	for (size_t i = 0; fits && i < l->n; i++) {
		l->v[i].src_first = first_held(c, first, &l->v[i].src);
		l->v[i].dst_first = first_held(c, first, &l->v[i].dst);
	}
	free(known);
	free(first);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

/* ---- by queries ---- */

#define CONN_LAST                                                                        \
	"ts + to_microseconds(CAST(trunc(least(greatest(coalesce(duration, 0), 0) * "    \
	"1e6, 1e15)) AS BIGINT))"

static bool take_row(struct edges *l, const struct source *s, const struct store_rows *r)
{
	struct edge x = {.port = (uint16_t)store_uint(r, 2),
	    .first = store_int(r, 5),
	    .last = store_int(r, 6),
	    .class =
		class_of(store_text(r, 4), store_text(r, 3), (uint16_t)store_uint(r, 2))};
	if (x.class == ADMIN_CLASS_COUNT || !str_addr(store_text(r, 0), &x.src) ||
	    !str_addr(store_text(r, 1), &x.dst) || !series_home(s->options, &x.dst) ||
	    addr_equal(&x.src, &x.dst))
		return true;
	x.outside = !series_home(s->options, &x.src);
	if (x.outside && store_is_null(r, 7))
		return true;
	if (x.outside) {
		x.first = store_int(r, 7);
		x.last = store_int(r, 8);
	}
	return add(l, &x);
}

/* One from outside that is long enough. */
#define SESSION "duration >= " STRING(EDGES_SESSION)
#define NOT_DAY " AND day_last IS NULL"

static int gather_rows(struct edges *l, const struct source *s, struct error *e)
{
	bool days = s->past->decayed;
	struct store_rows *r = past_query(s->store, e,
	    "SELECT src_ip, dst_ip, dst_port, proto, service, epoch_us(min(ts)), "
	    "epoch_us(max(%s" CONN_LAST "%s)), epoch_us(min(ts) FILTER (" SESSION "%s)), "
	    "epoch_us(max(" CONN_LAST ") FILTER (" SESSION "%s)) FROM %s WHERE " MAY_BE
	    " GROUP BY src_ip, dst_ip, dst_port, proto, service",
	    days ? "coalesce(day_last, " : "", days ? ")" : "", days ? NOT_DAY : "",
	    days ? NOT_DAY : "", s->past->rows);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r))
		fits = take_row(l, s, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (!fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return failed ? -1 : 0;
}

struct machine {
	struct addr addr;
	int64_t first;
};

static int by_addr(const void *x, const void *y)
{
	return addr_cmp(
	    &((const struct machine *)x)->addr, &((const struct machine *)y)->addr);
}

static struct machine *machine_of(struct machine *v, size_t n, const struct addr *a)
{
	const struct machine key = {.addr = *a};
	return n > 0 ? bsearch(&key, v, n, sizeof(*v), by_addr) : NULL;
}

static int64_t first_of(struct machine *v, size_t n, const struct addr *a)
{
	const struct machine *m = machine_of(v, n, a);
	return m != NULL ? m->first : INT64_MAX;
}

/* Every machine of the edges once, in order. */
static size_t machines_of(const struct edges *l, struct machine *v)
{
	size_t n = 0;
	for (size_t i = 0; i < 2 * l->n; i++)
		v[i] = (struct machine){
		    i % 2 == 0 ? l->v[i / 2].src : l->v[i / 2].dst, INT64_MAX};
	qsort(v, 2 * l->n, sizeof(*v), by_addr);
	for (size_t i = 0; i < 2 * l->n; i++) {
		if (i == 0 || !addr_equal(&v[n - 1].addr, &v[i].addr))
			v[n++] = v[i];
	}
	return n;
}

static int read_firsts(
    struct machine *v, size_t n, const struct source *s, struct error *e)
{
	struct store_rows *r = past_query(s->store, e,
	    "SELECT ip, min(first) FROM (SELECT src_ip AS ip, epoch_us(min(ts)) AS first "
	    "FROM %s GROUP BY ip UNION ALL SELECT dst_ip, epoch_us(min(ts)) FROM %s "
	    "GROUP "
	    "BY dst_ip) GROUP BY ip",
	    s->past->rows, s->past->rows);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr a;
		struct machine *m =
		    str_addr(store_text(r, 0), &a) ? machine_of(v, n, &a) : NULL;
		if (m != NULL)
			m->first = store_int(r, 1);
	}
	return store_rows_end(r, e);
}

static int gather_store(struct edges *l, const struct source *s, struct error *e)
{
	if (gather_rows(l, s, e) < 0)
		return -1;
	struct machine *v = l->n > 0 ? malloc(2 * l->n * sizeof(*v)) : NULL;
	if (l->n == 0)
		return 0;
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	size_t n = machines_of(l, v);
	int result = read_firsts(v, n, s, e);
	for (size_t i = 0; result == 0 && i < l->n; i++) {
		l->v[i].src_first = first_of(v, n, &l->v[i].src);
		l->v[i].dst_first = first_of(v, n, &l->v[i].dst);
	}
	free(v);
	return result;
}

/* ---- all ---- */

static int by_source_and_time(const void *x, const void *y)
{
	const struct edge *a = x, *b = y;
	int c = addr_cmp(&a->src, &b->src);
	if (c == 0 && a->first != b->first)
		c = a->first < b->first ? -1 : 1;
	if (c == 0)
		c = addr_cmp(&a->dst, &b->dst);
	return c != 0 ? c : (int)a->class - (int)b->class;
}

int edges_gather(struct edges *l, const struct source *s, struct error *e)
{
	*l = (struct edges){.key = hash_key_random()};
	int result = s->conns->held ? gather_held(l, s, e) : gather_store(l, s, e);
	if (result == 0 && l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_source_and_time);
	return result < 0 ? error_add(e, "reading who administers whom") : 0;
}

void edges_fini(struct edges *l)
{
	free(l->v);
	free(l->slots);
	*l = (struct edges){.n = 0};
}
