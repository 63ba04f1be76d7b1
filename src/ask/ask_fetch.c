/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading rows for a job: from the years, or where the span begins or ends within one,
 * from its months and days. What the SQL lets through is held against the job's match
 * again, so a condition may let through too much, never too little.
 */
#include <stdlib.h>

#include "ask/ask_plan.h"
#include "ask/ask_span.h"
#include "ask/ask_sql.h"
#include "base/size.h"
#include "store/memory.h"

#define LIST_AT_ONCE 1000 /* values in one statement */

static struct store_rows *ask_query(
    struct ask *a, enum ask_source source, const char *sql, struct error *e)
{
	return memory_query(a->store, ask_sql_tables(source, a->q->raw), sql, e);
}

/* ---- rows ---- */

/* The slots of a value, from memory when it is the one of the row before. */
struct memo {
	struct str value; /* owned copy */
	size_t room;
	bool set;
};

static int slots_of(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct str sort, struct memo *memo, struct error *e)
{
	if (memo->set && str_equal(memo->value, sort))
		return 0;
	memo->set = false;
	if (ask_match_row(m, kind, sort, &a->matched, e) < 0)
		return -1;
	if (sort.n > memo->room) {
		char *p = realloc((char *)(uintptr_t)memo->value.p, sort.n * 2);
		if (p == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for a row");
		memo->value.p = p;
		memo->room = sort.n * 2;
	}
	if (sort.n > 0)
		memcpy((char *)(uintptr_t)memo->value.p, sort.p, sort.n);
	memo->value.n = sort.n;
	memo->set = sort.n > 0;
	return 0;
}

static void memo_free(struct memo *memo)
{
	free((char *)(uintptr_t)memo->value.p);
}

/* ---- seen ---- */

static enum ask_how how_of(struct str via)
{
	static const char *const vias[] = {
#define H(ENUMERATOR, name, via) [ASK_##ENUMERATOR] = via,
	    ASK_HOWS(H)
#undef H
	};
	for (int i = 0; i < ASK_HOW_COUNT; i++) {
		if (vias[i] != NULL && str_equal(via, str_of(vias[i])))
			return (enum ask_how)i;
	}
	return ASK_HOW_COUNT;
}

enum {
	SEEN_SORT,
	SEEN_VIA,
	SEEN_HOST,
	SEEN_TS,
	SEEN_FIRST,
	SEEN_LAST,
	SEEN_COUNT,
	SEEN_SRC_BYTES,
	SEEN_DST_BYTES,
	SEEN_MONTHS
};

static void take_months(
    const struct store_rows *rows, size_t column, struct moment ts, struct ask_year *days)
{
	unsigned m, d;
	civil_from_days(moment_day(ts), &days->year, &m, &d);
	for (size_t i = 0; i < 12; i++)
		days->mask[i] = (uint32_t)store_uint(rows, column + i) & 0x7fffffff;
}

/* Read a row of seen; false: it says nothing for us. */
static bool seen_row(
    const struct ask *a, const struct store_rows *rows, struct ask_row *r)
{
	*r = (struct ask_row){0};
	r->how = how_of(store_text(rows, SEEN_VIA));
	r->host = store_text(rows, SEEN_HOST);
	if (r->how == ASK_HOW_COUNT)
		return false;
	r->first = store_time(rows, SEEN_FIRST);
	r->last = store_time(rows, SEEN_LAST);
	r->bytes_out = store_uint(rows, SEEN_SRC_BYTES);
	r->bytes_in = store_uint(rows, SEEN_DST_BYTES);
	if (r->how == ASK_SERVER_NAME)
		r->connections = store_uint(rows, SEEN_COUNT);
	else
		r->shown = store_uint(rows, SEEN_COUNT);
	take_months(rows, SEEN_MONTHS, store_time(rows, SEEN_TS), &r->days);
	if (!ask_span_clip_days(a->q, &r->days))
		return false;
	ask_span_clip(a->q, r);
	return true;
}

/* Whether it is asked of connections only: of one end of them, or of a port. */
static bool of_connections(const struct ask *a, uint32_t slot)
{
	struct indicator in;
	if (slot >= a->indicators) /* parts of a pattern that are one connection */
		return true;
	indicators_get(a->q->set, slot, &in);
	return (in.kind == INDICATOR_ADDRESS || in.kind == INDICATOR_NETWORK) &&
	       (in.role != ROLE_ANY || in.port != 0);
}

static int is_in_net(void *ctx, struct str text, struct error *e)
{
	const struct net *net = ctx;
	struct addr address;
	(void)e;
	return str_addr(text, &address) && ask_net_holds(net, &address);
}

/* Whether any address of the memory lies in the network. */
static int has_address(struct ask *a, const struct net *net, bool *found, struct error *e)
{
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	struct net copy = *net;
	const struct keys_visit v = {is_in_net, &copy};
	ask_net_range(net, from, to);
	int status = ask_values(a, ASK_KIND_ADDRESS, str_of(from), str_of(to), &v, e);
	*found = status > 0;
	return status < 0 ? -1 : 0;
}

/* Whether the home networks are those of this memory: where they were guessed and nothing
 * lies in them, whoever opens a connection counts as ours. Looked up once. */
static int knows_home(struct ask *a, bool *known, struct error *e)
{
	if (!a->home_looked) {
		a->home_known = !a->q->home_guessed && a->q->homes > 0;
		for (size_t i = 0;
		     a->q->home_guessed && !a->home_known && i < a->q->homes; i++) {
			if (has_address(a, &a->q->home[i], &a->home_known, e) < 0)
				return -1;
		}
		a->home_looked = true;
	}
	*known = a->home_known;
	return 0;
}

/* A client that is not ours speaks to a server that is: what it sends comes in. */
static int orient_seen(struct ask *a, struct ask_row *r, struct error *e)
{
	struct addr host;
	uint64_t out = r->bytes_out;
	bool known;
	if (!str_addr(r->host, &host) || ask_book_is_home(&a->book, &host))
		return 0;
	if (knows_home(a, &known, e) < 0)
		return -1;
	if (known) {
		r->bytes_out = r->bytes_in;
		r->bytes_in = out;
	}
	return 0;
}

static int add_seen(struct ask *a, struct ask_row *r, struct error *e)
{
	if ((r->bytes_out != 0 || r->bytes_in != 0) && orient_seen(a, r, e) < 0)
		return -1;
	for (size_t i = 0; i < a->matched.n; i++) {
		uint32_t slot = a->matched.v[i];
		if (!of_connections(a, slot) && ask_book_add(&a->book, slot, r, e) < 0)
			return -1;
	}
	return 0;
}

static int read_seen(struct ask *a, const struct ask_job *job, enum ask_kind kind,
    const char *sql, struct error *e)
{
	struct memo memo = {0};
	struct store_rows *rows = ask_query(a, ASK_SOURCE_SEEN, sql, e);
	int status = rows != NULL ? 0 : -1;
	while (status == 0 && store_next(rows)) {
		struct ask_row r;
		status =
		    slots_of(a, job->match, kind, store_text(rows, SEEN_SORT), &memo, e);
		if (status == 0 && a->matched.n > 0 && seen_row(a, rows, &r))
			status = add_seen(a, &r, e);
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	memo_free(&memo);
	return status;
}

static int fetch_seen(struct ask *a, const struct ask_job *job, enum ask_kind kind,
    size_t from, size_t end, struct error *e)
{
	const struct ask_pick *p = &job->pick[kind];
	const struct ask_from rows = {
	    ASK_SOURCE_SEEN, kind, p, from, end, MOMENT_NONE, MOMENT_NONE};
	struct sql sql = sql_start();
	bool any = false;
	sql_put(&sql, "SELECT "
		      "sort,via,host,ts,first_seen,last_seen,\"count\",src_bytes,dst_"
		      "bytes," ASK_MONTHS " FROM ");
	int status = ask_put_from(a, &sql, &rows, &any, e);
	sql_format(&sql, " WHERE kind='%s' AND via<>'conn'", ask_kind_name(kind));
	ask_sql_years(&sql, a->q);
	/* Expressions are about the name as people write it. */
	bool expression = p->by == PICK_LIKE || p->by == PICK_REGEX;
	ask_sql_pick(&sql, expression ? "value" : "sort", p, from, end);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text == NULL ? -1 : any ? read_seen(a, job, kind, text, e) : 0;
	sql_free(&sql);
	return status;
}

/* ---- pairs ---- */

enum {
	PAIR_SRC,
	PAIR_DST,
	PAIR_PORT,
	PAIR_PROTO,
	PAIR_NAME,
	PAIR_TS,
	PAIR_FIRST,
	PAIR_LAST,
	PAIR_CONNECTIONS,
	PAIR_UNANSWERED,
	PAIR_SRC_BYTES,
	PAIR_DST_BYTES,
	PAIR_MISSED,
	PAIR_DAYS
};

static void pair_days(
    const struct store_rows *rows, enum ask_level level, struct ask_year *days)
{
	struct moment ts = store_time(rows, PAIR_TS);
	unsigned m, d;
	if (level == ASK_LEVEL_YEAR) {
		take_months(rows, PAIR_DAYS, ts, days);
		return;
	}
	*days = (struct ask_year){0};
	civil_from_days(moment_day(ts), &days->year, &m, &d);
	days->mask[m - 1] = level == ASK_LEVEL_MONTH
				? (uint32_t)store_uint(rows, PAIR_DAYS) & 0x7fffffff
				: 1U << (d - 1);
}

/* A row of pairs, and its ends. */
struct pair {
	struct ask_row r;
	struct addr src, dst;
	struct str src_text, dst_text, proto;
	uint16_t port;
	uint64_t src_bytes, dst_bytes;
	char service[64];
};

static bool pair_row(const struct ask *a, const struct store_rows *rows,
    enum ask_level level, struct pair *p)
{
	*p = (struct pair){0};
	p->src_text = store_text(rows, PAIR_SRC);
	p->dst_text = store_text(rows, PAIR_DST);
	p->port = (uint16_t)store_uint(rows, PAIR_PORT);
	p->proto = store_text(rows, PAIR_PROTO);
	p->src_bytes = store_uint(rows, PAIR_SRC_BYTES);
	p->dst_bytes = store_uint(rows, PAIR_DST_BYTES);
	p->r.first = store_time(rows, PAIR_FIRST);
	p->r.last = store_time(rows, PAIR_LAST);
	p->r.connections = store_uint(rows, PAIR_CONNECTIONS);
	p->r.unanswered = store_uint(rows, PAIR_UNANSWERED);
	p->r.missed = store_uint(rows, PAIR_MISSED);
	p->r.name = store_text(rows, PAIR_NAME);
	pair_days(rows, level, &p->r.days);
	if (!ask_span_clip_days(a->q, &p->r.days))
		return false;
	/* A row lies in its piece of the span; only a connection that was still open at
	 * its end reaches out. */
	ask_span_clip(a->q, &p->r);
	p->r.coarse = false;
	if (p->port != 0)
		snprintf(p->service, sizeof(p->service), "%.*s/%u", STR_ARG(p->proto),
		    p->port);
	else
		snprintf(p->service, sizeof(p->service), "%.*s", STR_ARG(p->proto));
	p->r.service = str_of(p->service);
	/* An address that can not be read is none: it is nobody's host. */
	(void)(str_addr(p->src_text, &p->src) && str_addr(p->dst_text, &p->dst));
	return true;
}

static bool compares(enum indicator_match match, uint64_t a, uint64_t b)
{
	switch ((int)match) {
	case MATCH_LESS:
		return a < b;
	case MATCH_LESS_EQUAL:
		return a <= b;
	case MATCH_GREATER:
		return a > b;
	case MATCH_GREATER_EQUAL:
		return a >= b;
	default:
		return a == b;
	}
}

/* Whether a row meets what the pattern says of its port or protocol. */
static bool meets_port(const struct ask *a, uint32_t indicator, const struct pair *p)
{
	struct indicator in;
	indicators_get(a->q->set, indicator, &in);
	if (in.kind == INDICATOR_PROTO)
		return str_equal(in.value, p->proto);
	char text[24];
	snprintf(text, sizeof(text), "%.*s", (int)size_min(in.value.n, 20), in.value.p);
	return in.role != ROLE_SRC &&
	       compares(in.match, p->port, strtoull(text, NULL, 10));
}

/* Whether the address is what the indicator says. */
static bool is_of(const struct indicator *in, const struct addr *address, struct str text)
{
	if (in->kind == INDICATOR_NETWORK)
		return ask_net_holds(&in->net, address);
	return str_equal(in->value, text);
}

/* Whether the row meets one test of each group. */
static bool meets_tests(
    const struct ask *a, const struct ask_slot *s, const struct pair *p)
{
	for (size_t i = 0; i < s->test_count;) {
		uint32_t group = s->tests[i].group;
		bool met = false;
		for (; i < s->test_count && s->tests[i].group == group; i++)
			met |= meets_port(a, s->tests[i].indicator, p) !=
			       s->tests[i].negated;
		if (!met)
			return false;
	}
	return true;
}

static bool meets_peer(const struct ask *a, const struct ask_slot *s,
    const struct addr *address, struct str text)
{
	for (size_t i = 0; i < s->peer_count; i++) {
		struct indicator peer;
		indicators_get(a->q->set, s->peers[i], &peer);
		if (is_of(&peer, address, text))
			return true;
	}
	return s->peer_count == 0;
}

/* Whether the row, which the slot's indicator meets at one end, counts for it. */
static bool counts(const struct ask *a, uint32_t slot, const struct indicator *in,
    const struct pair *p, bool by_dst)
{
	if ((by_dst && in->role == ROLE_SRC) || (!by_dst && in->role == ROLE_DST))
		return false;
	/* Once is enough where both ends are meant: as who answered. */
	if (!by_dst && in->role == ROLE_ANY &&
	    (in->kind == INDICATOR_ADDRESS || in->kind == INDICATOR_NETWORK) &&
	    in->match != MATCH_LIKE && in->match != MATCH_REGEX &&
	    is_of(in, &p->dst, p->dst_text))
		return false;
	if (in->port != 0 && (!by_dst || in->port != p->port))
		return false;
	if (slot < a->indicators)
		return true;
	const struct ask_slot *s = &a->extra[slot - a->indicators];
	return meets_tests(a, s, p) && (by_dst ? meets_peer(a, s, &p->src, p->src_text)
					       : meets_peer(a, s, &p->dst, p->dst_text));
}

/* Bytes count as going out from our side, and from the other end where both or neither
 * are ours. */
static void orient(const struct ask *a, struct pair *p, bool by_dst)
{
	const struct addr *it = by_dst ? &p->dst : &p->src;
	const struct addr *other = by_dst ? &p->src : &p->dst;
	bool from_it =
	    ask_book_is_home(&a->book, it) && !ask_book_is_home(&a->book, other);
	bool from_src = by_dst != from_it;
	p->r.bytes_out = from_src ? p->src_bytes : p->dst_bytes;
	p->r.bytes_in = from_src ? p->dst_bytes : p->src_bytes;
	p->r.how = by_dst ? ASK_TO : ASK_FROM;
	p->r.host = by_dst ? p->src_text : p->dst_text;
}

static int add_pair(struct ask *a, struct pair *p, bool by_dst, struct error *e)
{
	orient(a, p, by_dst);
	for (size_t i = 0; i < a->matched.n; i++) {
		uint32_t slot = a->matched.v[i];
		struct indicator in;
		ask_slot_indicator(a, slot, &in);
		if (counts(a, slot, &in, p, by_dst) &&
		    ask_book_add(&a->book, slot, &p->r, e) < 0)
			return -1;
	}
	return 0;
}

static const enum ask_source sources[][2] = {
    [ASK_LEVEL_YEAR] = {ASK_SOURCE_YEAR, ASK_SOURCE_YEAR_BY_DST},
    [ASK_LEVEL_MONTH] = {ASK_SOURCE_MONTH, ASK_SOURCE_MONTH_BY_DST},
    [ASK_LEVEL_DAY] = {ASK_SOURCE_DAY, ASK_SOURCE_DAY_BY_DST}};

static int read_pairs(struct ask *a, const struct ask_job *job, enum ask_level level,
    bool by_dst, const char *sql, struct error *e)
{
	struct memo memo = {0};
	struct store_rows *rows = ask_query(a, sources[level][by_dst], sql, e);
	int status = rows != NULL ? 0 : -1;
	while (status == 0 && store_next(rows)) {
		struct pair p;
		struct str it = store_text(rows, by_dst ? PAIR_DST : PAIR_SRC);
		status = slots_of(a, job->match, ASK_KIND_ADDRESS, it, &memo, e);
		if (status == 0 && a->matched.n > 0 && pair_row(a, rows, level, &p))
			status = add_pair(a, &p, by_dst, e);
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	memo_free(&memo);
	return status;
}

/* The columns in which the days of a level are. */
static const char *const day_columns[] = {
    [ASK_LEVEL_YEAR] = "," ASK_MONTHS, [ASK_LEVEL_MONTH] = ",days", [ASK_LEVEL_DAY] = ""};

static int fetch_piece(struct ask *a, const struct ask_job *job,
    const struct ask_piece *piece, bool by_dst, const size_t list[static 2],
    struct error *e)
{
	const struct ask_pick *pick = &job->pick[ASK_KIND_ADDRESS];
	const char *column = by_dst ? "dst_ip" : "src_ip";
	const struct ask_from rows = {sources[piece->level][by_dst], ASK_KIND_ADDRESS,
	    pick, list[0], list[1], piece->from, piece->to};
	struct sql sql = sql_start();
	bool any = false;
	sql_format(&sql,
	    "SELECT src_ip,dst_ip,dst_port,proto,server_name,ts,first_seen,last_seen,"
	    "connections,unanswered,src_bytes,dst_bytes,missed_bytes%s FROM ",
	    day_columns[piece->level]);
	int status = ask_put_from(a, &sql, &rows, &any, e);
	sql_format(&sql, " WHERE %s IS NOT NULL", column);
	if (piece->from.ns != MOMENT_NONE.ns)
		ask_sql_time(&sql, " AND ts>=", piece->from);
	if (piece->to.ns != MOMENT_NONE.ns)
		ask_sql_time(&sql, " AND ts<", piece->to);
	ask_sql_pick(&sql, column, pick, list[0], list[1]);
	/* Both ends may meet an expression; see counts. */
	if (!by_dst && (pick->by == PICK_LIKE || pick->by == PICK_REGEX)) {
		sql_put(&sql, " AND NOT coalesce(true");
		ask_sql_pick(&sql, "dst_ip", pick, 0, 0);
		sql_put(&sql, ",false)");
	}
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text == NULL ? -1
		 : any        ? read_pairs(a, job, piece->level, by_dst, text, e)
			      : 0;
	sql_free(&sql);
	return status;
}

static int fetch_pairs(
    struct ask *a, const struct ask_job *job, size_t from, size_t end, struct error *e)
{
	struct ask_piece pieces[ASK_PIECES_MAX];
	const size_t list[2] = {from, end};
	size_t n = ask_span_cut(a->q, pieces);
	for (size_t i = 0; i < n; i++) {
		if (fetch_piece(a, job, &pieces[i], true, list, e) < 0 ||
		    fetch_piece(a, job, &pieces[i], false, list, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- jobs ---- */

int ask_fetch(struct ask *a, const struct ask_job *job, struct error *e)
{
	for (int k = 0; k < ASK_KIND_COUNT; k++) {
		enum ask_kind kind = (enum ask_kind)k;
		const struct ask_pick *p = &job->pick[k];
		size_t from = 0;
		if (p->by == PICK_NONE || (p->by == PICK_LIST && p->n == 0))
			continue;
		do {
			size_t end =
			    p->by == PICK_LIST ? size_min(from + LIST_AT_ONCE, p->n) : 0;
			if (kind == ASK_KIND_ADDRESS &&
			    fetch_pairs(a, job, from, end, e) < 0)
				return -1;
			if (fetch_seen(a, job, kind, from, end, e) < 0)
				return -1;
			from = end;
		} while (p->by == PICK_LIST && from < p->n);
	}
	return 0;
}

/* ---- which values occur ---- */

static int put_hit(struct ask *a, struct ask_hits *h, struct str value, struct error *e)
{
	if (h->n == h->room) {
		size_t room = h->room == 0 ? 256 : h->room * 2;
		struct str *v = realloc(h->v, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the indicators");
		h->v = v;
		h->room = room;
	}
	h->v[h->n] = str_copy(&a->scratch, value);
	if (h->v[h->n].p == NULL)
		return error_set(e, ERR_LIMIT, "the indicators take too much memory");
	h->n++;
	return 0;
}

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void sort_hits(struct ask_hits *h)
{
	size_t n = 0;
	if (h->n > 1)
		qsort(h->v, h->n, sizeof(*h->v), by_text);
	for (size_t i = 0; i < h->n; i++) {
		if (n == 0 || !str_equal(h->v[n - 1], h->v[i]))
			h->v[n++] = h->v[i];
	}
	h->n = n;
}

/* Values being held against what is looked for. */
struct find {
	struct ask *a;
	const struct ask_match *match;
	enum ask_kind kind;
	struct ask_hits *hits;
	struct memo memo;
};

/* A value may come from several runs: when there seem to be too many, they are counted.
 */
static int find_value(void *ctx, struct str sort, struct error *e)
{
	struct find *f = ctx;
	if (f->memo.set && str_equal(f->memo.value, sort))
		return 0;
	if (slots_of(f->a, f->match, f->kind, sort, &f->memo, e) < 0)
		return -1;
	if (f->a->matched.n == 0)
		return 0;
	if (put_hit(f->a, f->hits, sort, e) < 0)
		return -1;
	if (f->hits->n < (size_t)2 * ASK_HITS_MAX)
		return 0;
	sort_hits(f->hits);
	return f->hits->n > ASK_HITS_MAX;
}

int ask_find(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct ask_hits *hits, bool *all, struct error *e)
{
	struct find f = {.a = a, .match = m, .kind = kind, .hits = hits};
	const struct keys_visit v = {find_value, &f};
	hits->n = 0;
	int status = ask_values(a, kind, (struct str){0}, (struct str){0}, &v, e);
	memo_free(&f.memo);
	sort_hits(hits);
	*all = hits->n > ASK_HITS_MAX;
	return status < 0 ? -1 : 0;
}
