/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dns/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "detect/dns/information.h"
#include "detect/dns/names.h"
#include "detect/dns/tools.h"

#define US_PER_DAY INT64_C(86400000000)

/* One row a client and name, names of one domain together; columns as below. Types that
 * carry data: those whose data an owner can choose freely at length. */
static const char sql[] =
    "WITH f AS MATERIALIZED (SELECT unnest(string_split($1, chr(10))) AS x), "
    "p AS MATERIALIZED (SELECT src_ip, dst_ip, query, ts, qtype, rcode, proto, answers, "
    "answer_bytes AS a, query_bytes AS q, " TOOLS_DATA_TYPES " AS data, " NAMES_KEY_SQL
    " AS k FROM dns WHERE "
    "kind = 'dns' AND query <> '' AND "
    "src_ip IN (SELECT string_split(x, ' ')[1] FROM f)) "
    "SELECT src_ip, k, query, epoch_us(min(ts)), epoch_us(max(ts)), "
    "count(*), count(*) FILTER (data), count(*) FILTER (qtype IN ('A', 'AAAA')), "
    "count(*) FILTER (rcode = 'NXDOMAIN'), "
    "coalesce(max(greatest(a, q) - q) FILTER (data), 0), "
    "max(length(array_to_string(answers, ''))) FILTER (data), "
    "bool_or(proto = 'tcp'), count(*) FILTER (" TOOLS_NULL_TYPES "), "
    "min(dst_ip), max(dst_ip) "
    "FROM p WHERE src_ip || ' ' || k IN (SELECT x FROM f) OR "
    "src_ip || ' ' || " NAMES_LONG_KEY_SQL " IN (SELECT x FROM f) "
    "GROUP BY src_ip, k, query ORDER BY src_ip, k, reverse(query)";

enum {
	ROW_CLIENT,
	ROW_KEY,
	ROW_NAME,
	ROW_FIRST,
	ROW_LAST,
	ROW_COUNT,
	ROW_DATA,
	ROW_ADDRESS,
	ROW_FAILED,
	ROW_DOWN,
	ROW_DOWN_TEXT,
	ROW_TCP,
	ROW_NULL,
	ROW_SERVER,
	ROW_OTHER_SERVER,
};

struct book {
	const struct ledger_sink *sink;
	struct ledger l;
	char client[ADDR_TEXT_MAX];
	bool open;
	struct ledger_name *names; /* LEDGER_NAMES_MAX; owned */
	size_t n;
	uint64_t null_queries;
	struct arena texts;
	struct information *information;
};

static void copy_text(char to[static LEDGER_TEXT], struct str s)
{
	size_t n = s.n < LEDGER_TEXT - 1 ? s.n : LEDGER_TEXT - 1;
	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static int by_day(const void *x, const void *y)
{
	const struct ledger_name *a = x, *b = y;
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	return str_cmp(a->sub, b->sub);
}

/* The names are sorted by day: weigh each day. */
static void weigh_days(struct book *b)
{
	struct ledger *l = &b->l;
	for (size_t i = 0, end; i < b->n; i = end) {
		information_reset(b->information);
		for (end = i; end < b->n && b->names[end].day == b->names[i].day; end++)
			information_add(b->information, b->names[end].sub);
		l->length += information_length(b->information);
		double bytes = information_bytes(b->information);
		l->all_bytes += bytes;
		l->days++;
		if (bytes > l->day_bytes) {
			l->day_bytes = bytes;
			l->day = b->names[i].day;
			l->day_names = end - i;
		}
	}
}

/* Close the ledger and hand it on; false: the sink wants no more. */
static bool close_book(struct book *b)
{
	if (!b->open)
		return true;
	b->open = false;
	if (b->n > 0)
		qsort(b->names, b->n, sizeof(*b->names), by_day);
	weigh_days(b);
	b->l.tool = tools_recognise(&(struct tools_sample){
	    b->names, b->n, b->l.queries, b->l.data_queries, b->null_queries});
	return b->sink->put(b->sink->ctx, &b->l);
}

static void open_book(struct book *b, struct str client, struct str domain, bool direct)
{
	b->l = (struct ledger){.direct = direct, .first = INT64_MAX, .last = INT64_MIN};
	copy_text(b->l.domain, domain);
	size_t n = client.n < ADDR_TEXT_MAX - 1 ? client.n : ADDR_TEXT_MAX - 1;
	memcpy(b->client, client.p, n);
	b->client[n] = '\0';
	str_addr(client, &b->l.client);
	b->open = true;
	b->n = 0;
	b->null_queries = 0;
	arena_reset(&b->texts);
}

/* Whether the name belongs to the ledger that is open. */
static bool belongs(
    const struct book *b, struct str client, struct str key, struct str name)
{
	if (!b->open || !str_equal(client, str_of(b->client)))
		return false;
	bool direct = key.p[0] == '@';
	if (direct)
		return b->l.direct &&
		       str_equal((struct str){key.p + 1, key.n - 1}, str_of(b->l.domain));
	return !b->l.direct && names_below(name, str_of(b->l.domain));
}

/* Keep the part below the domain to be weighed; beyond the limits it is only counted. */
static void keep_name(struct book *b, struct str sub, int64_t first)
{
	struct ledger *l = &b->l;
	struct str copy =
	    b->n < LEDGER_NAMES_MAX ? str_copy(&b->texts, sub) : (struct str){NULL, 0};
	if (copy.p == NULL) {
		l->unweighed++;
		l->length += sub.n;
		return;
	}
	int64_t day = first / US_PER_DAY - (first % US_PER_DAY < 0);
	b->names[b->n++] = (struct ledger_name){copy, day};
}

/* Keep a server in order of text. */
static void keep_server(struct ledger *l, struct str server)
{
	char text[ADDR_TEXT_MAX];
	size_t at = 0, n = server.n < sizeof(text) - 1 ? server.n : sizeof(text) - 1;
	if (n == 0)
		return;
	memcpy(text, server.p, n);
	text[n] = '\0';
	while (at < l->server_count && strcmp(l->server[at], text) < 0)
		at++;
	if (at < l->server_count && strcmp(l->server[at], text) == 0)
		return;
	if (l->server_count == LEDGER_SERVERS) {
		l->more_servers = true;
		if (at == LEDGER_SERVERS)
			return;
		l->server_count--;
	}
	memmove(l->server[at + 1], l->server[at],
	    (l->server_count - at) * sizeof(l->server[0]));
	memcpy(l->server[at], text, n + 1);
	l->server_count++;
}

static void book_row(struct book *b, const struct store_rows *r)
{
	struct ledger *l = &b->l;
	struct str name = store_text(r, ROW_NAME);
	struct str sub = l->direct ? name : names_sub(name, str_of(l->domain));
	int64_t first = store_int(r, ROW_FIRST), last = store_int(r, ROW_LAST);
	l->names++;
	l->written += sub.n;
	l->queries += store_uint(r, ROW_COUNT);
	l->data_queries += store_uint(r, ROW_DATA);
	l->address_queries += store_uint(r, ROW_ADDRESS);
	l->failed += store_uint(r, ROW_FAILED) > 0;
	l->spelled += names_spells_address(sub);
	l->tcp |= store_bool(r, ROW_TCP);
	b->null_queries += store_uint(r, ROW_NULL);
	uint64_t down = store_uint(r, ROW_DOWN);
	l->down += down > 0 ? down : store_uint(r, ROW_DOWN_TEXT);
	l->first = first < l->first ? first : l->first;
	keep_server(l, store_text(r, ROW_SERVER));
	keep_server(l, store_text(r, ROW_OTHER_SERVER));
	l->last = last > l->last ? last : l->last;
	size_t longest = strlen(l->sample);
	if (name.n > longest ||
	    (name.n == longest && str_cmp(name, str_of(l->sample)) < 0))
		copy_text(l->sample, name);
	keep_name(b, sub, first);
}

static bool take_row(struct book *b, const struct store_rows *r)
{
	struct str client = store_text(r, ROW_CLIENT), key = store_text(r, ROW_KEY);
	struct str name = store_text(r, ROW_NAME);
	if (client.n == 0 || key.n == 0 || name.n == 0)
		return true;
	if (!belongs(b, client, key, name)) {
		bool direct = key.p[0] == '@';
		struct str domain =
		    direct ? (struct str){key.p + 1, key.n - 1} : names_domain(name);
		if (!direct && !names_below(name, domain))
			return true; /* the domain itself says nothing */
		if (!close_book(b))
			return false;
		open_book(b, client, domain, direct);
	}
	book_row(b, r);
	return true;
}

int ledgers_read(const struct source *s, struct str keys, const struct ledger_sink *sink,
    struct error *e)
{
	struct book b = {.sink = sink};
	if (keys.n == 0)
		return 0;
	arena_init(&b.texts, LEDGER_TEXT_MAX);
	b.names = malloc(LEDGER_NAMES_MAX * sizeof(*b.names));
	b.information = information_new();
	struct store_rows *r = NULL;
	int result = -1;
	if (b.names == NULL || b.information == NULL)
		error_set(e, ERR_SYSTEM, "no memory left");
	else
		r = store_query_with(s->store, sql, &keys, 1, e);
	if (r != NULL) {
		bool more = true;
		while (more && store_next(r))
			more = take_row(&b, r);
		result = store_rows_failed(r, e) ? -1 : 0;
		if (result == 0 && more)
			close_book(&b);
	}
	store_rows_free(r);
	information_free(b.information);
	free(b.names);
	arena_fini(&b.texts);
	return result;
}
