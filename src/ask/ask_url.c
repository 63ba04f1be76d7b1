/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the roll-ups do not tell by themselves: the path of a URL, which only the requests
 * have, and the addresses behind a name, which only the pairs of its hosts have.
 */
#include <stdlib.h>

#include "ask/ask_plan.h"
#include "ask/ask_sql.h"
#include "base/size.h"
#include "store/memory.h"

#define ADDRESSES_FEW 16 /* names that were met, up to which their addresses are read */
#define HOSTS_FEW     16 /* hosts of a name, up to which that is so */

/* ---- URLs ---- */

/* Whether a request target is that of the URL: a proxy's has scheme and host in front. */
static void put_target(struct sql *sql, struct str url, struct str uri)
{
	sql_put(sql, " AND (uri=");
	sql_quote_str(sql, uri);
	if (url.p != NULL) {
		sql_put(sql, " OR uri=");
		sql_quote_str(sql, url);
	}
	sql_put(sql, ")");
}

static void put_requests(struct ask *a, struct sql *sql, const struct indicator *in)
{
	struct url url = {.uri = in->value};
	sql_put(sql,
	    "SELECT src_ip,CAST(ts AS DATE)::TIMESTAMP AS d,min(ts),max(ts),count(*),"
	    "sum(request_bytes)::BIGINT,sum(response_bytes)::BIGINT,dst_ip FROM http "
	    "WHERE "
	    "src_ip IS NOT NULL");
	if (in->kind == INDICATOR_URL && url_split(in->value, &url)) {
		sql_put(sql, " AND host=");
		sql_quote_str(sql, url.host);
	}
	put_target(sql, in->kind == INDICATOR_URL ? in->value : (struct str){0}, url.uri);
	if (url.port != 0)
		sql_format(sql, " AND dst_port=%u", url.port);
	if (a->q->since.ns != MOMENT_NONE.ns)
		ask_sql_time(sql, " AND ts>=", a->q->since);
	if (a->q->until.ns != MOMENT_NONE.ns)
		ask_sql_time(sql, " AND ts<", a->q->until);
	sql_put(sql, " GROUP BY src_ip,d,dst_ip");
}

static int add_requests(
    struct ask *a, uint32_t slot, struct store_rows *rows, struct error *e)
{
	while (store_next(rows)) {
		unsigned month, day;
		struct ask_row r = {.how = ASK_URL,
		    .first = store_time(rows, 2),
		    .last = store_time(rows, 3),
		    .shown = store_uint(rows, 4),
		    .bytes_out = store_uint(rows, 5),
		    .bytes_in = store_uint(rows, 6),
		    .address = store_text(rows, 7)};
		r.has_host = str_addr(store_text(rows, 0), &r.host);
		civil_from_days(
		    moment_day(store_time(rows, 1)), &r.days.year, &month, &day);
		r.days.mask[month - 1] = 1U << (day - 1);
		if (ask_book_add(&a->book, slot, &r, e) < 0)
			return -1;
	}
	return store_rows_failed(rows, e) ? -1 : 0;
}

static int ask_url(
    struct ask *a, uint32_t slot, const struct indicator *in, struct error *e)
{
	struct sql sql = sql_start();
	put_requests(a, &sql, in);
	const char *text = sql_text(&sql, e);
	struct store_rows *rows =
	    text != NULL ? memory_query(a->store, "http", text, e) : NULL;
	int status = rows != NULL ? add_requests(a, slot, rows, e) : -1;
	store_rows_free(rows);
	sql_free(&sql);
	return status;
}

int ask_urls(struct ask *a, struct error *e)
{
	for (uint32_t slot = 0; slot < a->indicators; slot++) {
		struct indicator in;
		bool met = a->book.of_slot[slot] != 0;
		/* Most indicators were not met and are not looked at again. */
		if (!met && !a->has_uris)
			continue;
		indicators_get(a->q->set, slot, &in);
		if (in.kind != INDICATOR_URI && (in.kind != INDICATOR_URL || !met))
			continue;
		if (a->why[slot] != ASK_WHY_NONE)
			continue;
		ask_book_forget(&a->book, slot);
		if (a->urls++ >= ASK_URLS_MAX)
			a->why[slot] = ASK_WHY_TOO_MANY;
		else if (ask_url(a, slot, &in, e) < 0)
			return -1;
		else if (in.kind == INDICATOR_URL && ask_book_of(&a->book, slot) == NULL)
			a->why[slot] = ASK_WHY_PATH_UNSEEN;
	}
	return 0;
}

/* ---- addresses behind a name ---- */

/* The hosts of an answer, sorted. */
struct few_hosts {
	char text[HOSTS_FEW + 1][ADDR_TEXT_MAX];
	struct str v[HOSTS_FEW + 1];
	size_t n;
};

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* Whether they are few enough. */
static bool find_hosts(const struct ask *a, uint32_t found, struct few_hosts *out)
{
	out->n = 0;
	for (size_t i = 0; i < a->book.host_count && out->n <= HOSTS_FEW; i++) {
		if (a->book.hosts[i].found != found)
			continue;
		addr_text(&a->book.hosts[i].h.host, out->text[out->n]);
		out->v[out->n] = str_of(out->text[out->n]);
		out->n++;
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(out->v[0]), by_text);
	return out->n > 0 && out->n <= HOSTS_FEW;
}

static int add_addresses(
    struct ask *a, struct ask_found *f, struct store_rows *rows, struct error *e)
{
	while (store_next(rows)) {
		char service[64];
		struct str proto = store_text(rows, 2);
		uint64_t port = store_uint(rows, 1), n = store_uint(rows, 3);
		snprintf(service, sizeof(service), port != 0 ? "%.*s/%u" : "%.*s",
		    STR_ARG(proto), (unsigned)port);
		if (ask_book_with(
			&a->book, f, ASK_WITH_ADDRESSES, store_text(rows, 0), n, e) < 0 ||
		    ask_book_with(&a->book, f, ASK_WITH_SERVICES, str_of(service), n, e) <
			0)
			return -1;
	}
	return store_rows_failed(rows, e) ? -1 : 0;
}

static void put_name(
    struct ask *a, struct sql *sql, const struct indicator *in, const struct ask_from *f)
{
	sql_put(sql, " WHERE true");
	ask_sql_pick(sql, "src_ip", f->pick, f->first, f->end);
	sql_put(sql, " AND (server_name=");
	sql_quote_str(sql, in->value);
	if (in->match == MATCH_BELOW) {
		sql_put(sql, " OR ends_with(server_name,'.'||");
		sql_quote_str(sql, in->value);
		sql_put(sql, ")");
	}
	sql_put(sql, ")");
	ask_sql_years(sql, a->q);
	sql_put(sql, " GROUP BY ALL ORDER BY n DESC,dst_ip,dst_port,proto");
}

static int ask_name(
    struct ask *a, uint32_t found, const struct indicator *in, struct error *e)
{
	struct few_hosts hosts;
	struct sql sql = sql_start();
	bool any = false;
	if (!find_hosts(a, found, &hosts))
		return 0;
	const struct ask_pick pick = {.by = PICK_LIST, .list = hosts.v, .n = hosts.n};
	const struct ask_from from = {ASK_SOURCE_YEAR, ASK_KIND_ADDRESS, &pick, 0,
	    hosts.n, MOMENT_NONE, MOMENT_NONE};
	sql_put(&sql, "SELECT dst_ip,dst_port,proto,sum(connections)::BIGINT AS n FROM ");
	int status = ask_put_from(a, &sql, &from, &any, e);
	put_name(a, &sql, in, &from);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? 0 : -1;
	if (status == 0 && any) {
		struct store_rows *rows = memory_query(
		    a->store, ask_sql_tables(ASK_SOURCE_YEAR, a->q->raw), text, e);
		status =
		    rows != NULL ? add_addresses(a, a->book.found[found], rows, e) : -1;
		store_rows_free(rows);
	}
	sql_free(&sql);
	return status;
}

int ask_addresses(struct ask *a, struct error *e)
{
	if (a->q->figures || a->book.n > ADDRESSES_FEW)
		return 0;
	for (size_t i = 0; i < a->book.n; i++) {
		struct indicator in;
		uint32_t slot = a->book.found[i]->slot;
		if (slot >= a->indicators || ask_book_of(&a->book, slot) == NULL)
			continue;
		indicators_get(a->q->set, slot, &in);
		if (in.kind == INDICATOR_NAME && in.match != MATCH_LIKE &&
		    in.match != MATCH_REGEX &&
		    (a->book.found[i]->answer.t.how & 1U << ASK_SERVER_NAME) != 0 &&
		    ask_name(a, (uint32_t)i, &in, e) < 0)
			return -1;
	}
	return 0;
}
