/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/inside/legs.h"

#include <stdlib.h>

#define STRING(x)  STRING_(x)
#define STRING_(x) #x

struct list {
	struct leg *v; /* owned */
	size_t n, room;
};

static int by_time(const void *x, const void *y)
{
	const struct leg *a = x, *b = y;
	if (a->ts != b->ts)
		return a->ts < b->ts ? -1 : 1;
	if (a->in != b->in)
		return a->in ? -1 : 1;
	int c = addr_cmp(&a->peer, &b->peer);
	if (c == 0)
		c = a->port - b->port;
	if (c == 0 && a->forth != b->forth)
		c = a->forth < b->forth ? -1 : 1;
	if (c == 0 && a->back != b->back)
		c = a->back < b->back ? -1 : 1;
	return c;
}

static bool list_add(struct list *l, const struct leg *x)
{
	if (l->n == LEGS_MAX)
		return true;
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 256 : 2 * l->room;
		struct leg *v = realloc(l->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = *x;
	return true;
}

bool legs_carrier(const struct leg *v)
{
	return v->opaque && !v->udp && v->seconds >= LEGS_SECONDS &&
	       (v->forth >= LEGS_CARRIER || v->back >= LEGS_CARRIER);
}

/* Whether a connection of that service (as in conn; absent: unknown) may carry others
 * that can not be seen. */
static bool is_opaque(struct str service)
{
	static const char *const words[] = {"ssh", "ssl", "quic", "encrypted"};
	bool found = service.n == 0;
	for (size_t i = 0; !found && i < sizeof(words) / sizeof(*words); i++) {
		struct str word = str_of(words[i]);
		for (size_t at = 0; !found && at + word.n <= service.n; at++)
			found = memcmp(service.p + at, word.p, word.n) == 0;
	}
	return found;
}

static void hand_on(
    struct list *l, const struct addr *host, const struct legs_visitor *visitor)
{
	if (l->n > 1) {
		qsort(l->v, l->n, sizeof(*l->v), by_time);
		visitor->machine(visitor->ctx, host, l->v, l->n);
	}
	l->n = 0;
}

/* ---- from connections that are held ---- */

static bool is_leg(const struct conns_row *r)
{
	return !r->day && (r->src_bytes >= LEGS_BYTES || r->dst_bytes >= LEGS_BYTES);
}

/* A leg of a machine, as the number of the machine's text and of the row. */
struct end {
	uint32_t host, row;
	int64_t ts;
	bool in;
};

static int by_host(const void *x, const void *y)
{
	const struct end *a = x, *b = y;
	if (a->host != b->host)
		return a->host < b->host ? -1 : 1;
	return a->ts != b->ts ? (a->ts < b->ts ? -1 : 1) : 0;
}

enum sides {
	SIDE_IN = 1,      /* something comes to the machine of that text … */
	SIDE_OUT = 2,     /* … goes out … */
	SIDE_CARRIER = 4, /* … in a connection that may carry others … */
	SIDE_INSIDE = 8,  /* … to a machine at home */
	/* Of the text as a service: */
	SERVICE_READ = 16,
	SERVICE_OPAQUE = 32,
};

/* Whether a service is opaque, which is looked up in its text once. */
static bool opaque(const struct conns *c, uint8_t *sides, uint32_t service)
{
	if ((sides[service] & SERVICE_READ) == 0)
		sides[service] |=
		    SERVICE_READ |
		    (is_opaque(c->texts[service].text) ? SERVICE_OPAQUE : 0);
	return (sides[service] & SERVICE_OPAQUE) != 0;
}

static struct leg leg_of(struct conns *c, uint8_t *sides, const struct end *end)
{
	const struct conns_row *r = &c->rows[end->row];
	return (struct leg){.ts = r->ts,
	    .seconds = r->seconds,
	    .forth = r->src_bytes,
	    .back = r->dst_bytes,
	    .peer = *conns_addr(c, end->in ? r->src : r->dst),
	    .port = r->port,
	    .in = end->in,
	    .udp = str_equal(c->texts[r->proto].text, STR("udp")),
	    .opaque = opaque(c, sides, r->service)};
}

static bool is_wanted(uint8_t sides)
{
	return (sides & (SIDE_IN | SIDE_OUT)) == (SIDE_IN | SIDE_OUT) ||
	       (sides & (SIDE_CARRIER | SIDE_INSIDE)) == (SIDE_CARRIER | SIDE_INSIDE);
}

static size_t count_sides(struct conns *c, const struct detect_options *o, uint8_t *sides)
{
	size_t n = 0;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		if (!is_leg(r) || conns_addr(c, r->src) == NULL ||
		    conns_addr(c, r->dst) == NULL)
			continue;
		const struct end end = {r->src, i, r->ts, false};
		const struct leg leg = leg_of(c, sides, &end);
		sides[r->dst] |= SIDE_IN;
		sides[r->src] |= SIDE_OUT | (legs_carrier(&leg) ? SIDE_CARRIER : 0) |
				 (series_home_text(o, c, r->dst) ? SIDE_INSIDE : 0);
		n += 2;
	}
	return n;
}

static size_t gather(struct conns *c, const uint8_t *sides, struct end *v)
{
	size_t n = 0;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct conns_row *r = &c->rows[i];
		if (!is_leg(r) || conns_addr(c, r->src) == NULL ||
		    conns_addr(c, r->dst) == NULL)
			continue;
		if (is_wanted(sides[r->dst]))
			v[n++] = (struct end){r->dst, i, r->ts, true};
		if (is_wanted(sides[r->src]))
			v[n++] = (struct end){r->src, i, r->ts, false};
	}
	return n;
}

static int read_held(
    const struct source *source, const struct legs_visitor *visitor, struct error *e)
{
	struct conns *c = source->conns;
	uint8_t *sides = calloc(c->text_count, 1);
	size_t most = sides != NULL ? count_sides(c, source->options, sides) : 0;
	struct end *v = malloc((most + 1) * sizeof(*v));
	struct list list = {.n = 0};
	bool fits = sides != NULL && v != NULL;
	size_t n = fits ? gather(c, sides, v) : 0;
	if (n > 0)
		qsort(v, n, sizeof(*v), by_host);
	for (size_t i = 0; fits && i < n; i++) {
		struct leg leg = leg_of(c, sides, &v[i]);
		fits = list_add(&list, &leg);
		if (i + 1 == n || v[i + 1].host != v[i].host)
			hand_on(&list, conns_addr(c, v[i].host), visitor);
	}
	free(sides);
	free(v);
	free(list.v);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

/* ---- by a query ---- */

#define LEG "(src_bytes >= " STRING(LEGS_BYTES) " OR dst_bytes >= " STRING(LEGS_BYTES) ")"

#define CARRIER                                                                          \
	"proto = 'tcp' AND duration >= " STRING(                                         \
	    LEGS_SECONDS) " AND (src_bytes >= " STRING(LEGS_CARRIER) " OR dst_bytes "    \
								     ">= " STRING(       \
									 LEGS_CARRIER) ")"

static const char sql[] =
    "WITH legs AS (SELECT dst_ip AS host, src_ip AS peer, true AS come, ts, duration, "
    "src_bytes, dst_bytes, dst_port, proto, service FROM conn WHERE " LEG
    " UNION ALL SELECT src_ip, dst_ip, false, ts, duration, src_bytes, dst_bytes, "
    "dst_port, proto, service FROM conn WHERE " LEG
    "), both_ways AS (SELECT DISTINCT dst_ip AS host FROM conn WHERE " LEG
    " INTERSECT SELECT DISTINCT src_ip FROM conn WHERE " LEG
    " UNION SELECT DISTINCT src_ip FROM conn WHERE " CARRIER ") SELECT legs.* FROM legs "
    "SEMI JOIN both_ways ON both_ways.host = legs.host ORDER BY legs.host, ts";

static bool read_row(const struct store_rows *r, struct addr *host, struct leg *x)
{
	double seconds = store_real(r, 4);
	*x = (struct leg){.ts = moment_us(store_time(r, 3)),
	    .seconds = seconds > 0 ? seconds : 0,
	    .forth = store_uint(r, 5),
	    .back = store_uint(r, 6),
	    .port = (uint16_t)store_uint(r, 7),
	    .in = store_bool(r, 2),
	    .udp = str_equal(store_text(r, 8), STR("udp")),
	    .opaque = is_opaque(store_text(r, 9))};
	return str_addr(store_text(r, 0), host) && !addr_is_unset(host) &&
	       str_addr(store_text(r, 1), &x->peer) && !addr_is_unset(&x->peer);
}

static int read_store(
    struct store *s, const struct legs_visitor *visitor, struct error *e)
{
	struct store_rows *r = store_sum(s, sql, e);
	struct list list = {.n = 0};
	struct addr host, before = {{0}};
	bool fits = true;
	struct leg x;
	if (r == NULL)
		return -1;
	while (fits && store_next(r)) {
		if (!read_row(r, &host, &x))
			continue;
		if (!addr_equal(&host, &before))
			hand_on(&list, &before, visitor);
		before = host;
		fits = list_add(&list, &x);
	}
	hand_on(&list, &before, visitor);
	free(list.v);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (!fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return failed ? -1 : 0;
}

int legs_read(const struct source *s, const struct legs_visitor *visitor, struct error *e)
{
	int result =
	    s->conns->held ? read_held(s, visitor, e) : read_store(s->store, visitor, e);
	return result < 0 ? error_add(e, "reading what goes through machines") : 0;
}
