/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading rows for a job: from the years, or where the span begins or ends within one,
 * from its months and days. What the SQL lets through is held against the job's match
 * again, so a condition may let through too much, never too little.
 */
#include <stdlib.h>

#include "ask/ask_count.h"
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

int ask_slots_of(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct str sort, struct ask_memo *memo, struct error *e)
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

void ask_memo_free(struct ask_memo *memo)
{
	free((char *)(uintptr_t)memo->value.p);
}

/* ---- seen ---- */

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
static bool seen_row(const struct store_rows *rows, struct ask_row *r)
{
	*r = (struct ask_row){0};
	r->how = ask_how_of(store_text(rows, SEEN_VIA));
	r->has_host = str_addr(store_text(rows, SEEN_HOST), &r->host);
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
	return true;
}

static int read_seen(struct ask *a, const struct ask_job *job, enum ask_kind kind,
    const char *sql, struct error *e)
{
	struct ask_memo memo = {0};
	struct store_rows *rows = ask_query(a, ASK_SOURCE_SEEN, sql, e);
	int status = rows != NULL ? 0 : -1;
	while (status == 0 && store_next(rows)) {
		struct ask_row r;
		status = ask_slots_of(
		    a, job->match, kind, store_text(rows, SEEN_SORT), &memo, e);
		if (status == 0 && a->matched.n > 0 && seen_row(rows, &r))
			status = ask_count_seen(a, &r, e);
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	ask_memo_free(&memo);
	return status;
}

/* Read rows of seen through the engine. */
static int query_seen(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct error *e)
{
	const struct ask_pick *p = from->pick;
	struct sql sql = sql_start();
	bool any = false;
	sql_put(&sql, "SELECT "
		      "sort,via,host,ts,first_seen,last_seen,\"count\",src_bytes,dst_"
		      "bytes," ASK_MONTHS " FROM ");
	int status = ask_put_from(a, &sql, from, &any, e);
	sql_format(&sql, " WHERE kind='%s' AND via<>'conn'", ask_kind_name(from->kind));
	ask_sql_years(&sql, a->q);
	/* Expressions are about the name as people write it. */
	bool expression = p->by == PICK_LIKE || p->by == PICK_REGEX;
	ask_sql_pick(&sql, expression ? "value" : "sort", p, from->first, from->end);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text == NULL ? -1 : any ? read_seen(a, job, from->kind, text, e) : 0;
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

static void pair_row(
    const struct store_rows *rows, enum ask_level level, struct ask_pair *p)
{
	*p = (struct ask_pair){0};
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
	ask_pair_service(p);
	/* An address that can not be read is none: it is nobody's host. */
	p->has_src = str_addr(p->src_text, &p->src);
	p->has_dst = str_addr(p->dst_text, &p->dst);
}

/* The sources of pairs, which are before seen: a level and an order. */
static const struct {
	enum ask_level level;
	bool by_dst;
} pairs[] = {
    [ASK_SOURCE_YEAR] = {ASK_LEVEL_YEAR, false},
    [ASK_SOURCE_YEAR_BY_DST] = {ASK_LEVEL_YEAR, true},
    [ASK_SOURCE_MONTH] = {ASK_LEVEL_MONTH, false},
    [ASK_SOURCE_MONTH_BY_DST] = {ASK_LEVEL_MONTH, true},
    [ASK_SOURCE_DAY] = {ASK_LEVEL_DAY, false},
    [ASK_SOURCE_DAY_BY_DST] = {ASK_LEVEL_DAY, true},
};

static int read_pairs(struct ask *a, const struct ask_job *job, enum ask_source source,
    const char *sql, struct error *e)
{
	bool by_dst = pairs[source].by_dst;
	struct ask_memo memo = {0};
	struct store_rows *rows = ask_query(a, source, sql, e);
	int status = rows != NULL ? 0 : -1;
	while (status == 0 && store_next(rows)) {
		struct ask_pair p;
		struct str it = store_text(rows, by_dst ? PAIR_DST : PAIR_SRC);
		status = ask_slots_of(a, job->match, ASK_KIND_ADDRESS, it, &memo, e);
		if (status != 0 || a->matched.n == 0)
			continue;
		pair_row(rows, pairs[source].level, &p);
		status = ask_count_pair(a, &p, by_dst, e);
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	ask_memo_free(&memo);
	return status;
}

/* The columns in which the days of a level are. */
static const char *const day_columns[] = {
    [ASK_LEVEL_YEAR] = "," ASK_MONTHS, [ASK_LEVEL_MONTH] = ",days", [ASK_LEVEL_DAY] = ""};

/* Read rows of pairs through the engine. */
static int query_pairs(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct error *e)
{
	const struct ask_pick *pick = from->pick;
	bool by_dst = pairs[from->source].by_dst;
	const char *column = by_dst ? "dst_ip" : "src_ip";
	struct sql sql = sql_start();
	bool any = false;
	sql_format(&sql,
	    "SELECT src_ip,dst_ip,dst_port,proto,server_name,ts,first_seen,last_seen,"
	    "connections,unanswered,src_bytes,dst_bytes,missed_bytes%s FROM ",
	    day_columns[pairs[from->source].level]);
	int status = ask_put_from(a, &sql, from, &any, e);
	sql_format(&sql, " WHERE %s IS NOT NULL", column);
	if (from->since.ns != MOMENT_NONE.ns)
		ask_sql_time(&sql, " AND ts>=", from->since);
	if (from->until.ns != MOMENT_NONE.ns)
		ask_sql_time(&sql, " AND ts<", from->until);
	ask_sql_pick(&sql, column, pick, from->first, from->end);
	/* Both ends may meet an expression; see ask_count_pair. */
	if (!by_dst && (pick->by == PICK_LIKE || pick->by == PICK_REGEX)) {
		sql_put(&sql, " AND NOT coalesce(true");
		ask_sql_pick(&sql, "dst_ip", pick, 0, 0);
		sql_put(&sql, ",false)");
	}
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text == NULL ? -1 : any ? read_pairs(a, job, from->source, text, e) : 0;
	sql_free(&sql);
	return status;
}

/* ---- jobs ---- */

static int query(struct ask *a, const struct ask_job *job, const struct ask_from *from,
    struct error *e)
{
	return from->source == ASK_SOURCE_SEEN ? query_seen(a, job, from, e)
					       : query_pairs(a, job, from, e);
}

/* What was not shown: of a long list and nothing but the newest segments, all of these
 * are read once and held against the match. */
static int query_left(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct error *e)
{
	static const struct ask_pick everything = {.by = PICK_ALL};
	struct ask_from some = *from;
	bool files = true, tail = true;
	if (!a->q->raw && ask_left(a, from->source, &files, &tail, e) < 0)
		return -1;
	if (!files && !tail)
		return 0;
	if (from->pick->by != PICK_LIST)
		return query(a, job, from, e);
	if (!files && from->end - from->first > LIST_AT_ONCE) {
		some.pick = &everything;
		return query(a, job, &some, e);
	}
	for (; some.first < from->end; some.first = some.end) {
		some.end = size_min(some.first + LIST_AT_ONCE, from->end);
		if (query(a, job, &some, e) < 0)
			return -1;
	}
	return 0;
}

/* What was shown of a run only up to a key. */
static int query_rest(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct str key, struct error *e)
{
	struct ask_from rest = *from;
	struct ask_pick range = {.by = PICK_RANGE, .from = key};
	rest.rest = true;
	if (from->pick->by == PICK_LIST) {
		while (rest.first < rest.end &&
		       str_cmp(from->pick->list[rest.first], key) < 0)
			rest.first++;
		for (; rest.first < from->end; rest.first = rest.end) {
			rest.end = size_min(rest.first + LIST_AT_ONCE, from->end);
			if (query(a, job, &rest, e) < 0)
				return -1;
		}
		return 0;
	}
	if (from->pick->by == PICK_RANGE) {
		range.to = from->pick->to;
		if (str_cmp(from->pick->from, key) > 0)
			range.from = from->pick->from;
	}
	rest.pick = &range;
	return query(a, job, &rest, e);
}

/* Whether it is worth a second thread. */
static bool takes_both(const struct ask_from *from)
{
	bool rows = from->source == ASK_SOURCE_YEAR ||
		    from->source == ASK_SOURCE_YEAR_BY_DST ||
		    from->source == ASK_SOURCE_SEEN;
	return rows && from->pick->by == PICK_LIST && from->end >= ASK_BOTH_MIN;
}

/* What was not shown of a run, from a key on. */
static int query_rests(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct error *e)
{
	struct str key;
	while (ask_rest(a, from->source, &key)) {
		if (query_rest(a, job, from, key, e) < 0)
			return -1;
	}
	return 0;
}

/* Show a list on two threads, and ask the engine for what neither could show. */
static int fetch_both(struct ask *a, const struct ask_job *job,
    const struct ask_from *from, struct error *e)
{
	struct ask_pick dealt = *from->pick;
	struct ask_from first = *from, second = *from;
	size_t middle = 0;
	struct str *list = ask_deal(from->pick, &middle);
	if (list == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the indicators");
	dealt.list = list;
	first.pick = second.pick = &dealt;
	first.end = second.first = middle;
	int status = ask_show_both(a, job->match, &first, &second, e);
	if (status == 0)
		status = query_left(a, job, from, e);
	if (status == 0 && query_rests(a, job, &first, e) < 0)
		status = -1;
	if (status == 0 && query_rests(a->twin, job, &second, e) < 0)
		status = -1;
	if (a->twin != NULL)
		ask_forget(a->twin, from->source);
	free(list);
	return status;
}

/* Read the rows of a source: those that are beside the keys, then all others. */
static int fetch(struct ask *a, const struct ask_job *job, const struct ask_from *from,
    struct error *e)
{
	int status = 0;
	if (a->q->raw)
		return query_left(a, job, from, e);
	if (takes_both(from)) {
		status = fetch_both(a, job, from, e);
	} else {
		status = ask_show(a, job->match, from, e);
		if (status == 0)
			status = query_left(a, job, from, e);
		if (status == 0)
			status = query_rests(a, job, from, e);
	}
	ask_forget(a, from->source);
	return status;
}

static int fetch_pairs(
    struct ask *a, const struct ask_job *job, struct ask_from *from, struct error *e)
{
	static const enum ask_source sources[][2] = {
	    [ASK_LEVEL_YEAR] = {ASK_SOURCE_YEAR, ASK_SOURCE_YEAR_BY_DST},
	    [ASK_LEVEL_MONTH] = {ASK_SOURCE_MONTH, ASK_SOURCE_MONTH_BY_DST},
	    [ASK_LEVEL_DAY] = {ASK_SOURCE_DAY, ASK_SOURCE_DAY_BY_DST}};
	struct ask_piece pieces[ASK_PIECES_MAX];
	size_t n = ask_span_cut(a->q, pieces);
	for (size_t i = 0; i < n; i++) {
		from->since = pieces[i].from;
		from->until = pieces[i].to;
		from->source = sources[pieces[i].level][1];
		if (fetch(a, job, from, e) < 0)
			return -1;
		from->source = sources[pieces[i].level][0];
		if (fetch(a, job, from, e) < 0)
			return -1;
	}
	return 0;
}

int ask_fetch(struct ask *a, const struct ask_job *job, struct error *e)
{
	for (int k = 0; k < ASK_KIND_COUNT; k++) {
		const struct ask_pick *p = &job->pick[k];
		struct ask_from from = {.kind = (enum ask_kind)k, .pick = p, .end = p->n};
		if (p->by == PICK_NONE || (p->by == PICK_LIST && p->n == 0))
			continue;
		if (k == ASK_KIND_ADDRESS && fetch_pairs(a, job, &from, e) < 0)
			return -1;
		from.source = ASK_SOURCE_SEEN;
		from.since = from.until = MOMENT_NONE;
		if (fetch(a, job, &from, e) < 0)
			return -1;
	}
	return ask_twin_join(a, e);
}
