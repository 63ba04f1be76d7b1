/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of every query below, in this order. */
enum column {
	COLUMN_SRC,
	COLUMN_DST,
	COLUMN_PORT,
	COLUMN_PROTO,
	COLUMN_TS,
	COLUMN_DURATION,
	COLUMN_SRC_BYTES,
	COLUMN_DST_BYTES,
	COLUMN_MISSED,
	COLUMN_STATE,
	COLUMN_NAME,
	COLUMN_SERVICE,
};

/* Each projection: the columns of its key, which rows it looks at, and its order. The
 * series of too few connections are dropped by a join, as most are, so that little is
 * left to sort. */
struct projection_sql {
	const char *key, *where, *order;
};

static const struct projection_sql projections[PROJECTIONS] = {
    [SERIES_ADDRESS] = {"src_ip, dst_ip, dst_port, proto", "true",
	"src_ip, dst_ip, dst_port, proto, ts"},
    [SERIES_NAME] = {"src_ip, server_name", "server_name IS NOT NULL",
	"src_ip, server_name, ts"},
    [SERIES_INBOUND] = {"src_ip, dst_ip, dst_port, proto", "true",
	"dst_ip, src_ip, dst_port, proto, ts"},
    [SERIES_SERVER] = {"dst_ip, dst_port, proto", "true", "dst_ip, dst_port, proto, ts"},
};

#define PART_ROWS 1000000 /* connections whose groups surely fit the engine's memory */
#define TEXT_MAX  512 /* bytes of a key text that are compared; names are at most 255 */

/* A key as text of its own, since rows are gone with the next one. */
struct held_text {
	char p[TEXT_MAX];
	size_t n;
	bool there;
};

struct reader {
	const struct detect_options *options;
	const struct series_visitor *visitor;
	const struct series_query *query;
	struct series_key key;
	struct held_text src, dst, proto, name;
	bool open;
};

bool series_home(const struct detect_options *o, const struct addr *a)
{
	for (size_t i = 0; i < o->home_count; i++) {
		if (net_contains(&o->home[i], a))
			return true;
	}
	return false;
}

static void hold(struct held_text *h, struct str s)
{
	h->there = s.p != NULL;
	h->n = s.n < TEXT_MAX - 1 ? s.n : TEXT_MAX - 1;
	if (h->there)
		memcpy(h->p, s.p, h->n);
	h->p[h->n] = '\0';
}

static bool holds(const struct held_text *h, struct str s)
{
	size_t n = s.n < TEXT_MAX - 1 ? s.n : TEXT_MAX - 1;
	if (s.p == NULL)
		return !h->there;
	return h->there && h->n == n && memcmp(h->p, s.p, n) == 0;
}

static struct str held(const struct held_text *h)
{
	return (struct str){h->p, h->n};
}

static bool address(const struct held_text *h, struct addr *a)
{
	return h->there && addr_parse(h->p, a) && !addr_is_unset(a);
}

/* Who opened towards whom: false when the projection does not look at such a pair. */
static bool take_side(struct reader *r, const struct addr *src, const struct addr *dst)
{
	bool src_home = series_home(r->options, src),
	     dst_home = series_home(r->options, dst);
	bool inbound = dst_home && !src_home;
	struct series_key *k = &r->key;
	k->direction = inbound                ? DIRECTION_INBOUND
		       : src_home && dst_home ? DIRECTION_INTERNAL
					      : DIRECTION_OUTBOUND;
	k->host = inbound ? *dst : *src;
	k->projection = r->query->projection;
	switch (k->projection) {
	case SERIES_INBOUND:
		return inbound;
	case SERIES_SERVER:
		return k->direction == DIRECTION_OUTBOUND;
	case SERIES_ADDRESS:
		if (inbound)
			k->projection = SERIES_INBOUND;
		return !inbound || r->query->both;
	case SERIES_NAME:
	case PROJECTIONS:
	default:
		return !inbound;
	}
}

/* Whether the row's key is the one in work. */
static bool same_key(const struct reader *r, const struct store_rows *rows)
{
	if (!r->open)
		return false;
	bool src = holds(&r->src, store_text(rows, COLUMN_SRC));
	bool dst = holds(&r->dst, store_text(rows, COLUMN_DST));
	if (r->key.projection == SERIES_NAME)
		return src && holds(&r->name, store_text(rows, COLUMN_NAME));
	return dst && (src || r->key.projection == SERIES_SERVER) &&
	       store_uint(rows, COLUMN_PORT) == r->key.port &&
	       holds(&r->proto, store_text(rows, COLUMN_PROTO));
}

static bool text_in(struct str s, const char *const list[])
{
	for (size_t i = 0; list[i] != NULL; i++) {
		if (str_equal(s, str_of(list[i])))
			return true;
	}
	return false;
}

static void read_event(
    const struct reader *r, const struct store_rows *rows, struct series_event *v)
{
	static const char *const failures[] = {"S0", "REJ", "RSTOS0", "SH", NULL};
	bool inbound = r->key.direction == DIRECTION_INBOUND;
	uint64_t src = store_uint(rows, COLUMN_SRC_BYTES);
	uint64_t dst = store_uint(rows, COLUMN_DST_BYTES);
	double seconds = store_real(rows, COLUMN_DURATION);
	*v = (struct series_event){
	    .ts = moment_us(store_time(rows, COLUMN_TS)),
	    .seconds = isfinite(seconds) && seconds > 0 ? seconds : 0,
	    .out = inbound ? dst : src,
	    .in = inbound ? src : dst,
	    .missed = store_uint(rows, COLUMN_MISSED),
	    .failed = text_in(store_text(rows, COLUMN_STATE), failures) && dst == 0,
	    .host = r->key.host,
	    .name = store_text(rows, COLUMN_NAME),
	    .service = store_text(rows, COLUMN_SERVICE),
	};
	v->start = v->failed || src > 0 || dst > 0;
}

static void close_series(struct reader *r)
{
	if (r->open)
		r->visitor->end(r->visitor->ctx, &r->key);
	r->open = false;
}

/* The row's key into work; false when it is none that the projection looks at. */
static bool open_series(struct reader *r, const struct store_rows *rows)
{
	struct addr src, dst;
	close_series(r);
	hold(&r->src, store_text(rows, COLUMN_SRC));
	hold(&r->dst, store_text(rows, COLUMN_DST));
	hold(&r->proto, store_text(rows, COLUMN_PROTO));
	hold(&r->name, store_text(rows, COLUMN_NAME));
	if (!address(&r->src, &src) || !address(&r->dst, &dst))
		return false;
	if (addr_is_multicast(&src) || addr_is_multicast(&dst) ||
	    !take_side(r, &src, &dst))
		return false;
	r->key.port = (uint16_t)store_uint(rows, COLUMN_PORT);
	r->key.proto = held(&r->proto);
	r->key.peer = held(r->key.projection == SERIES_NAME      ? &r->name
			   : r->key.projection == SERIES_INBOUND ? &r->src
								 : &r->dst);
	r->open = true;
	r->visitor->begin(r->visitor->ctx, &r->key);
	return true;
}

/* A SERVER series runs over hosts: who is this row's? */
static bool other_host(
    struct reader *r, const struct store_rows *rows, struct series_event *v)
{
	if (r->key.projection != SERIES_SERVER ||
	    holds(&r->src, store_text(rows, COLUMN_SRC)))
		return true;
	struct held_text h;
	hold(&h, store_text(rows, COLUMN_SRC));
	return address(&h, &v->host) && !addr_is_multicast(&v->host);
}

/* The statement for one part of all series. Owned by the caller; NULL without memory. */
static char *statement(const struct series_query *q, uint64_t part, uint64_t parts)
{
	const struct projection_sql *p = &projections[q->projection];
	const char *hosts = q->hosts != NULL ? q->hosts : "true";
	char *where = NULL, *sql = NULL;
	if (asprintf(&where, "(%s) AND (%s) AND hash(%s) %% %llu = %llu", p->where, hosts,
		p->key, (unsigned long long)parts, (unsigned long long)part) < 0)
		return NULL;
	/* Groups by the hash of their key: 8 bytes each instead of texts. Of two keys
	 * with one hash both come along, which does no harm: each is told apart here. */
	if (asprintf(&sql,
		"SELECT src_ip, dst_ip, dst_port, proto, ts, duration, src_bytes, "
		"dst_bytes, "
		"missed_bytes, state, server_name, service FROM conn SEMI JOIN (SELECT "
		"hash(%s) AS h FROM conn WHERE %s GROUP BY h HAVING %s) AS k "
		"ON k.h = hash(%s) WHERE %s ORDER BY %s",
		p->key, where, q->having, p->key, where, p->order) < 0)
		sql = NULL;
	free(where);
	return sql;
}

static int read_part(struct store *s, struct reader *r, const char *sql, struct error *e)
{
	struct store_rows *rows = store_query(s, sql, e);
	if (rows == NULL)
		return -1;
	while (store_next(rows)) {
		if (!same_key(r, rows) && !open_series(r, rows))
			continue;
		struct series_event v;
		read_event(r, rows, &v);
		if (other_host(r, rows, &v))
			r->visitor->event(r->visitor->ctx, &v);
	}
	close_series(r);
	bool failed = store_rows_failed(rows, e);
	store_rows_free(rows);
	return failed ? -1 : 0;
}

/* Parts into which the series are split,
 * so that the engine's memory holds the groups of one. */
static int count_parts(
    struct store *s, const struct series_query *q, uint64_t *parts, struct error *e)
{
	*parts = 1;
	if (q->hosts != NULL)
		return 0; /* in order of host, and few */
	struct store_rows *rows = store_query(s, "SELECT count(*) FROM conn", e);
	if (rows == NULL)
		return -1;
	if (store_next(rows))
		*parts = store_uint(rows, 0) / PART_ROWS + 1;
	bool failed = store_rows_failed(rows, e);
	store_rows_free(rows);
	return failed ? -1 : 0;
}

int series_read(struct store *s, const struct detect_options *o,
    const struct series_query *q, const struct series_visitor *visitor, struct error *e)
{
	uint64_t parts;
	if (count_parts(s, q, &parts, e) < 0)
		return error_add(e, "counting connections");
	struct reader *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	r->options = o;
	r->visitor = visitor;
	r->query = q;
	int result = 0;
	for (uint64_t i = 0; result == 0 && i < parts; i++) {
		char *sql = statement(q, i, parts);
		if (sql == NULL)
			result = error_set(e, ERR_SYSTEM, "no memory left");
		else
			result = read_part(s, r, sql, e);
		free(sql);
	}
	free(r);
	return result < 0 ? error_add(e, "reading connections") : 0;
}

static void keep_text(char *to, size_t room, struct str s)
{
	if (to[0] != '\0' || s.n == 0)
		return;
	size_t n = s.n < room - 1 ? s.n : room - 1;
	memcpy(to, s.p, n);
	to[n] = '\0';
}

/* Misra and Gries: a size with more than 1/5 of all connections keeps a place. */
static void count_size(struct series_stats *s, uint64_t out, uint64_t in)
{
	size_t empty = SERIES_SIZES;
	for (size_t i = 0; i < SERIES_SIZES; i++) {
		if (s->size[i].count == 0) {
			empty = i;
		} else if (s->size[i].out == out && s->size[i].in == in) {
			s->size[i].count++;
			return;
		}
	}
	if (empty < SERIES_SIZES) {
		s->size[empty].out = out;
		s->size[empty].in = in;
		s->size[empty].count = 1;
		return;
	}
	for (size_t i = 0; i < SERIES_SIZES; i++)
		s->size[i].count--;
}

static uint64_t add_sat(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void stats_add(struct series_stats *s, const struct series_event *e)
{
	int64_t day = moment_day(moment_from_us(e->ts));
	int64_t end = e->ts + (int64_t)fmin(e->seconds * 1e6, 4e18 - fabs((double)e->ts));
	if (s->events == 0) {
		s->first = e->ts;
		s->last = end;
		s->last_day = day - 1;
		s->host = e->host;
		s->hosts = 1;
	}
	s->events++;
	s->starts += e->start;
	s->failed += e->failed;
	s->days += day > s->last_day;
	if (day > s->last_day)
		s->last_day = day;
	if (end > s->last)
		s->last = end;
	s->out = add_sat(s->out, e->out);
	s->in = add_sat(s->in, e->in);
	s->missed = add_sat(s->missed, e->missed);
	if (!addr_equal(&s->host, &e->host))
		s->hosts = 2;
	keep_text(s->name, sizeof(s->name), e->name);
	keep_text(s->service, sizeof(s->service), e->service);
	s->named += e->name.n > 0 && str_equal(e->name, str_of(s->name));
	if (e->start)
		count_size(s, e->out, e->in);
}

size_t stats_top_size(const struct series_stats *s)
{
	size_t top = 0;
	for (size_t i = 1; i < SERIES_SIZES; i++) {
		if (s->size[i].count > s->size[top].count)
			top = i;
	}
	return top;
}

struct str stats_name(const struct series_stats *s)
{
	if (s->named == 0 || (double)s->named < 0.9 * (double)s->events)
		return (struct str){NULL, 0};
	return str_of(s->name);
}
