/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/columns.h"

#define FEW_HOSTS      16
#define FEW_HOSTS_TEXT "16"
#define CARRYING_TEXT  "16384"

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
	"src_ip, server_name, ts, dst_ip, dst_port, proto"},
    [SERIES_INBOUND] = {"src_ip, dst_ip, dst_port, proto", "true",
	"dst_ip, src_ip, dst_port, proto, ts"},
    [SERIES_SERVER] = {"dst_ip, dst_port, proto", "true",
	"dst_ip, dst_port, proto, ts, src_ip"},
};

/* What is of one moment is in one order, in whatever segments it came (conns.c). */
#define EQUALS                                                                           \
	", server_name, src_bytes, dst_bytes, duration, missed_bytes, state, service"

/* The floors as conditions in SQL on the group of a series' connections. With fewer than
 * five a gap wins too little (clockwork.c). The sum of many streams is Poisson, whatever
 * they are (Palm and Khintchine): a server's own rhythm is looked for where few hosts
 * take part. A connection touches at most its duration in hours, two more at its ends,
 * and less than one before it: whatever has fewer can not show in 72 hours. */
static const char *const floors[SERIES_FLOORS] = {
    [SERIES_FIVE] = "count(*) >= 5",
    [SERIES_FEW_HOSTS] =
	"count(*) >= 5 AND count(DISTINCT src_ip) BETWEEN 2 AND " FEW_HOSTS_TEXT,
    [SERIES_LASTING] = "max(duration) >= 3600 OR "
		       "sum(coalesce(duration, 0)) / 3600 + 3 * count(*) >= 72",
    [SERIES_CARRYING] =
	"sum(coalesce(src_bytes, 0)) + sum(coalesce(dst_bytes, 0)) >= " CARRYING_TEXT,
    [SERIES_ANY] = "true",
};

/* The same where some rows are days: how long their longest connection was, none tells.
 */
#define LASTING_DAYS                                                                     \
	"max(CASE WHEN day_last IS NULL THEN duration END) >= 3600 OR "                  \
	"sum(coalesce(duration, 0)) / 3600 + 3 * count(*) >= 72"

#define PART_ROWS 300000 /* connections whose groups surely fit the engine's memory */
#define DAY_US    86400000000
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
	struct conns *conns;
	const struct past *past;
	struct past_day day; /* of the row in work */
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

bool series_home_text(const struct detect_options *o, struct conns *c, uint32_t i)
{
	struct conns_text *t = &c->texts[i];
	if (t->home == 0) {
		const struct addr *a = conns_addr(c, i);
		t->home = a != NULL && series_home(o, a) ? 2 : 1;
	}
	return t->home == 2;
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
static bool take_side(struct reader *r, const struct addr *src, const struct addr *dst,
    const bool home[static 2])
{
	bool src_home = home[0], dst_home = home[1];
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
	case SERIES_NET:
	case SERIES_DOMAIN:
	case SERIES_PRINT:
	case SERIES_SIZE:
	case SERIES_ASKED:
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

/*
 * Make the event one of a day. Its connections count as starts: which of them carried
 * payload is not known. Where none was answered they were attempts that failed.
 */
static void take_day(struct series_event *v, const struct past_day *day)
{
	bool silent = v->out == 0 && v->in == 0;
	v->day = day;
	v->seconds = 0;
	v->service = (struct str){NULL, 0};
	v->start = day->connections > 0;
	v->failed = v->start && (silent || day->unanswered >= day->connections);
}

static void read_event(
    struct reader *r, const struct store_rows *rows, struct series_event *v)
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
	if (r->past->decayed && past_read_day(rows, COLUMN_DAY, &r->day))
		take_day(v, &r->day);
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
	const bool home[] = {
	    series_home(r->options, &src), series_home(r->options, &dst)};
	if (addr_is_multicast(&src) || addr_is_multicast(&dst) ||
	    !take_side(r, &src, &dst, home))
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

/* ---- series of connections that are held ---- */

static struct str text_at(const struct conns *c, uint32_t i)
{
	struct str text = c->texts[i].text;
	return text.p != NULL ? text : STR("");
}

/* Start the series with this row; false when it is none that the projection looks at. */
static bool open_held(struct reader *r, const struct conns_row *row)
{
	const struct addr *src = conns_addr(r->conns, row->src);
	const struct addr *dst = conns_addr(r->conns, row->dst);
	struct series_key *k = &r->key;
	const bool home[] = {series_home_text(r->options, r->conns, row->src),
	    series_home_text(r->options, r->conns, row->dst)};
	if (src == NULL || dst == NULL || r->conns->texts[row->src].multicast ||
	    r->conns->texts[row->dst].multicast || !take_side(r, src, dst, home))
		return false;
	k->port = row->port;
	k->proto = text_at(r->conns, row->proto);
	k->peer = text_at(r->conns, k->projection == SERIES_NAME      ? row->name
				    : k->projection == SERIES_INBOUND ? row->src
								      : row->dst);
	r->open = true;
	r->visitor->begin(r->visitor->ctx, k);
	return true;
}

/* Hand on a row of the series; src is the text of the row that opened it. */
static void take_held(struct reader *r, const struct conns_row *row, uint32_t src)
{
	bool inbound = r->key.direction == DIRECTION_INBOUND;
	struct series_event v = {
	    .ts = row->ts,
	    .seconds = row->seconds,
	    .out = inbound ? row->dst_bytes : row->src_bytes,
	    .in = inbound ? row->src_bytes : row->dst_bytes,
	    .missed = row->missed,
	    .failed = row->failed && row->dst_bytes == 0,
	    .host = r->key.host,
	    .name = r->conns->texts[row->name].text,
	};
	v.start = v.failed || row->src_bytes > 0 || row->dst_bytes > 0;
	if (row->day)
		take_day(&v, &r->conns->days[row->service]);
	else
		v.service = r->conns->texts[row->service].text;
	if (r->key.projection == SERIES_SERVER && row->src != src) {
		const struct addr *host = conns_addr(r->conns, row->src);
		if (host == NULL || r->conns->texts[row->src].multicast)
			return;
		v.host = *host;
	}
	r->visitor->event(r->visitor->ctx, &v);
}

static void visit_held(
    struct reader *r, const struct conns_index *index, const struct conns_group *g)
{
	uint32_t src = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct conns_row *row = &r->conns->rows[index->rows[g->first + i]];
		if (!r->open && !open_held(r, row))
			continue;
		src = src == 0 ? row->src : src;
		take_held(r, row, src);
	}
	close_series(r);
}

static bool few_hosts(
    const struct conns *c, const struct conns_index *index, const struct conns_group *g)
{
	uint32_t hosts[FEW_HOSTS];
	size_t n = 0;
	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t src = c->rows[index->rows[g->first + i]].src;
		size_t k = 0;
		while (k < n && hosts[k] != src)
			k++;
		if (k == FEW_HOSTS)
			return false;
		if (k == n)
			hosts[n++] = src;
	}
	return n >= 2;
}

static bool above_floor(
    const struct reader *r, const struct conns_index *index, const struct conns_group *g)
{
	switch (r->query->floor) {
	case SERIES_FIVE:
		return g->n >= 5;
	case SERIES_FEW_HOSTS:
		return g->n >= 5 && few_hosts(r->conns, index, g);
	case SERIES_LASTING:
		return g->longest >= 3600 || g->seconds / 3600 + 3.0 * g->n >= 72;
	case SERIES_CARRYING:
		return g->bytes >= SERIES_CARRYING_BYTES;
	case SERIES_ANY:
		return r->query->wanted == NULL ||
		       r->query->wanted(r->query->ctx, &r->conns->rows[g->row]);
	case SERIES_FLOORS:
	default:
		return false;
	}
}

/* A series by the ranks of its key's texts, as the query would put them in order. */
struct placed {
	uint64_t first, second; /* each of two numbers, the first of them above */
	const struct conns_group *group;
};

static struct placed placed(const struct reader *r, const struct conns_group *g)
{
	const struct conns_row *row = &r->conns->rows[g->row];
	const struct conns_text *texts = r->conns->texts;
	uint64_t src = texts[row->src].rank, dst = texts[row->dst].rank;
	struct placed p = {
	    .group = g, .second = (uint64_t)row->port << 32 | texts[row->proto].rank};
	if (r->query->projection == SERIES_NAME) {
		p.first = src << 32 | texts[row->name].rank;
		p.second = 0;
	} else if (r->query->projection == SERIES_ADDRESS) {
		p.first = src << 32 | dst;
	} else {
		p.first = dst << 32;
		p.first |= r->query->projection == SERIES_INBOUND ? src : 0;
	}
	return p;
}

static int by_place(const void *x, const void *y)
{
	const struct placed *a = x, *b = y;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->second > b->second) - (a->second < b->second);
}

static int read_held(struct reader *r, struct error *e)
{
	static const enum conns_key keys[PROJECTIONS] = {
	    [SERIES_ADDRESS] = CONNS_PAIR,
	    [SERIES_NAME] = CONNS_NAME,
	    [SERIES_INBOUND] = CONNS_PAIR,
	    [SERIES_SERVER] = CONNS_SERVER,
	};
	bool ranked = conns_rank(r->conns);
	const struct conns_index *index =
	    conns_index(r->conns, keys[r->query->projection]);
	size_t count = index != NULL ? index->count : 0, n = 0;
	for (size_t i = 0; i < count; i++)
		n += above_floor(r, index, &index->groups[i]);
	struct placed *order = malloc((n + 1) * sizeof(*order));
	if (index == NULL || order == NULL || !ranked) {
		free(order);
		return error_set(e, ERR_SYSTEM, "no memory left");
	}
	n = 0;
	for (size_t i = 0; i < count; i++) {
		if (above_floor(r, index, &index->groups[i]))
			order[n++] = placed(r, &index->groups[i]);
	}
	if (n > 0)
		qsort(order, n, sizeof(*order), by_place);
	for (size_t i = 0; i < n; i++)
		visit_held(r, index, order[i].group);
	free(order);
	return 0;
}

/* ---- series by queries ---- */

/* The statement for one part of all series. Owned by the caller; NULL without memory. */
static char *statement(
    const struct past *past, const struct series_query *q, uint64_t part, uint64_t parts)
{
	const struct projection_sql *p = &projections[q->projection];
	const char *hosts = q->hosts != NULL ? q->hosts : "true";
	const char *floor =
	    past->decayed && q->floor == SERIES_LASTING ? LASTING_DAYS : floors[q->floor];
	char *where = NULL, *sql = NULL;
	if (asprintf(&where, "(%s) AND (%s) AND hash(%s) %% %llu = %llu", p->where, hosts,
		p->key, (unsigned long long)parts, (unsigned long long)part) < 0)
		return NULL;
	/* Groups by the hash of their key: 8 bytes each instead of texts. Of two keys
	 * with one hash both come along, which does no harm: each is told apart here. */
	if (asprintf(&sql,
		"SELECT " CONN_COLUMNS "%s FROM %s SEMI JOIN (SELECT "
		"hash(%s) AS h FROM %s WHERE %s GROUP BY h HAVING %s) AS k "
		"ON k.h = hash(%s) WHERE %s ORDER BY %s" EQUALS "%s",
		past->decayed ? PAST_DAY_COLUMNS : "", past->rows, p->key, past->rows,
		where, floor, p->key, where, p->order,
		past->decayed ? ", day_last, day_connections, day_unanswered, day_hours"
			      : "") < 0)
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
	return store_rows_end(rows, e);
}

/* Parts into which the series are split,
 * so that the engine's memory holds the groups of one. */
static int count_parts(
    struct store *s, const struct reader *r, uint64_t *parts, struct error *e)
{
	uint64_t rows;
	*parts = 1;
	if (r->query->hosts != NULL)
		return 0; /* in order of host, and few */
	if (past_count(r->past, s, &rows, e) < 0)
		return -1;
	*parts = rows / PART_ROWS + 1;
	return 0;
}

/* Series by queries, for a memory that is not held. */
static int read_store(struct store *s, struct reader *r, struct error *e)
{
	uint64_t parts;
	if (count_parts(s, r, &parts, e) < 0)
		return -1;
	int result = 0;
	for (uint64_t i = 0; result == 0 && i < parts; i++) {
		char *sql = statement(r->past, r->query, i, parts);
		if (sql == NULL)
			result = error_set(e, ERR_SYSTEM, "no memory left");
		else
			result = read_part(s, r, sql, e);
		free(sql);
	}
	return result;
}

int series_read(const struct source *s, const struct series_query *q,
    const struct series_visitor *visitor, struct error *e)
{
	struct reader *r = calloc(1, sizeof(*r));
	if (r == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	r->options = s->options;
	r->visitor = visitor;
	r->query = q;
	r->conns = s->conns;
	r->past = s->past;
	int result = s->conns->held ? read_held(r, e) : read_store(s->store, r, e);
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

static int64_t end_of(const struct series_event *e)
{
	if (e->day != NULL)
		return e->day->last;
	return e->ts + (int64_t)fmin(e->seconds * 1e6, 4e18 - fabs((double)e->ts));
}

/* How many connections, and so on, beyond the one that is counted as an event: all of a
 * day's, none of a connection's. */
static void add_day(struct series_stats *s, const struct series_event *e)
{
	const struct past_day *d = e->day;
	if (s->steady == 0 || e->ts - s->steady_last > SERIES_STEADY_DAYS * DAY_US)
		s->steady = e->ts;
	s->steady_last = d->last > s->steady_last ? d->last : s->steady_last;
	if (d->connections < 2)
		return;
	s->events += d->connections - 1;
	s->starts += d->connections - 1;
	if (e->failed)
		s->failed += d->connections - 1;
	if (e->name.n > 0 && str_equal(e->name, str_of(s->name)))
		s->named += d->connections - 1;
}

void stats_add(struct series_stats *s, const struct series_event *e)
{
	int64_t day = moment_day(moment_from_us(e->ts));
	int64_t end = end_of(e);
	bool begun = e->day == NULL || e->day->connections > 0;
	if (s->events == 0) {
		s->first = e->ts;
		s->last = end;
		s->last_day = day - 1;
		s->host = e->host;
		s->hosts = 1;
	}
	s->events += begun;
	s->starts += e->start;
	s->failed += e->failed;
	s->days += begun && day > s->last_day;
	if (begun && day > s->last_day)
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
	s->named += begun && e->name.n > 0 && str_equal(e->name, str_of(s->name));
	if (e->start && (e->day == NULL || e->day->connections == 1)) {
		s->known++;
		count_size(s, e->out, e->in);
	}
	if (e->day != NULL)
		add_day(s, e);
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
