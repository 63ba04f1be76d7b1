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

#define COLUMNS                                                                          \
	"SELECT src_ip, dst_ip, dst_port, proto, ts, duration, src_bytes, dst_bytes, "   \
	"missed_bytes, state, server_name, service FROM conn "

static const char *const queries[PROJECTIONS] = {
    [SERIES_ADDRESS] = COLUMNS "ORDER BY src_ip, dst_ip, dst_port, proto, ts",
    [SERIES_NAME] =
	COLUMNS "WHERE server_name IS NOT NULL ORDER BY src_ip, server_name, ts",
    [SERIES_INBOUND] = COLUMNS "ORDER BY dst_ip, src_ip, dst_port, proto, ts",
    [SERIES_SERVER] = COLUMNS "ORDER BY dst_ip, dst_port, proto, ts",
};

#define TEXT_MAX 512 /* bytes of a key text that are compared; names are at most 255 */

/* A key as text of its own, since rows are gone with the next one. */
struct held_text {
	char p[TEXT_MAX];
	size_t n;
	bool there;
};

struct reader {
	const struct detect_options *options;
	const struct series_visitor *visitor;
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
	h->n = s.n < TEXT_MAX - 1 ? s.n : TEXT_MAX - 1;
	h->there = s.p != NULL;
	if (h->n > 0)
		memcpy(h->p, s.p, h->n);
	h->p[h->n] = '\0';
}

static bool holds(const struct held_text *h, struct str s)
{
	size_t n = s.n < TEXT_MAX - 1 ? s.n : TEXT_MAX - 1;
	return h->there == (s.p != NULL) && h->n == n &&
	       (n == 0 || memcmp(h->p, s.p, n) == 0);
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
	switch (k->projection) {
	case SERIES_INBOUND:
		return inbound;
	case SERIES_SERVER:
		return k->direction == DIRECTION_OUTBOUND;
	case SERIES_ADDRESS:
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

int series_read(struct store *s, const struct detect_options *o, enum projection p,
    const struct series_visitor *visitor, struct error *e)
{
	struct store_rows *rows = store_query(s, queries[p], e);
	if (rows == NULL)
		return error_add(e, "reading connections");
	struct reader *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		store_rows_free(rows);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	r->options = o;
	r->visitor = visitor;
	r->key.projection = p;
	while (store_next(rows)) {
		if (!same_key(r, rows) && !open_series(r, rows))
			continue;
		struct series_event v;
		read_event(r, rows, &v);
		if (other_host(r, rows, &v))
			visitor->event(visitor->ctx, &v);
	}
	close_series(r);
	free(r);
	bool failed = store_rows_failed(rows, e);
	store_rows_free(rows);
	return failed ? error_add(e, "reading connections") : 0;
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
