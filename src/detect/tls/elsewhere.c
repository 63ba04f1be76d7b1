/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tls/elsewhere.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

#define LINE_MAX_BYTES 600 /* of a candidate as text: number, name, network */

/* The network of an address: /16, of IPv6 /32. */
#define NET_SQL(a)                                                                       \
	"CASE WHEN contains(" a ", ':') THEN split_part(" a ", ':', 1) || ':' || "       \
	"split_part(" a ", ':', 2) ELSE split_part(" a ", '.', 1) || '.' || "            \
	"split_part(" a ", '.', 2) END"

#define IS_ADDRESS_SQL(a)                                                                \
	"regexp_full_match(" a ", '[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+|[0-9a-f:]*:[0-9a-"  \
	"f:.]*')"

/*
 * Of each client the pairs whose name leads to the server's network, as one row with a
 * count, and the others each in a row. Only names that DNS was asked for in the time of
 * their use, or in the 30 days before it (B8), and that it gave addresses for.
 */
static const char pairs_sql[] =
    "WITH s AS MATERIALIZED (SELECT src_ip, dst_ip, dst_port, false AS udp, sni, min(ts) "
    "AS first, max(ts) AS last FROM tls WHERE sni <> '' AND version IS NOT NULL AND NOT "
    "starts_with(version, 'DTLS') GROUP BY ALL UNION ALL SELECT src_ip, dst_ip, "
    "dst_port, true, server_name, min(ts), max(ts) FROM quic WHERE server_name <> '' "
    "GROUP BY ALL), "
    "d AS (SELECT query, ts, unnest(answers) AS a FROM dns WHERE len(answers) > 0 AND "
    "query IN (SELECT DISTINCT sni FROM s)), "
    "g AS MATERIALIZED (SELECT query, a, min(ts) AS first, max(ts) AS last FROM d GROUP "
    "BY "
    "query, a), "
    "a AS (SELECT *, " NET_SQL("a") " AS net FROM g WHERE " IS_ADDRESS_SQL(
	"a") "), "
	     "q AS (SELECT query, count(*) AS n, min(first) AS first, max(last) AS last, "
	     "list(net) AS "
	     "nets FROM a GROUP BY query), "
	     "p AS (SELECT s.*, q.n, list_contains(q.nets, " NET_SQL(
		 "s.dst_ip") ") AS agrees "
			     "FROM s JOIN q ON q.query = s.sni WHERE q.first <= s.last "
			     "AND q.last >= s.first - "
			     "INTERVAL 30 DAY) "
			     "SELECT src_ip, CASE WHEN NOT agrees THEN dst_ip "
			     "END AS dst, CASE WHEN NOT agrees "
			     "THEN dst_port END AS port, CASE WHEN NOT agrees "
			     "THEN udp END AS udp, CASE WHEN NOT "
			     "agrees THEN sni END AS name, max(n), count(*) "
			     "FROM p GROUP BY 1, 2, 3, 4, 5 "
			     "ORDER BY 1, 2, 3, 4, 5";

enum pairs_column {
	PAIRS_HOST,
	PAIRS_SERVER,
	PAIRS_PORT,
	PAIRS_UDP,
	PAIRS_NAME,
	PAIRS_ADDRESSES,
	PAIRS_COUNT,
};

/*
 * Which candidates ($1: lines of number, name, network) are of one operator: DNS gave an
 * address of the server's network for a name that shares a network, or an alias, with the
 * name asked for, or that is an alias of it.
 */
static const char cleared_sql[] =
    "WITH c AS MATERIALIZED (SELECT split_part(l, ' ', 1) AS i, split_part(l, ' ', 2) AS "
    "name, split_part(l, ' ', 3) AS net FROM (SELECT unnest(string_split($1, chr(10))) "
    "AS l)), "
    "d AS (SELECT query, unnest(answers) AS a FROM dns WHERE len(answers) > 0), "
    "n AS (SELECT query, " NET_SQL("a") " AS net FROM d WHERE " IS_ADDRESS_SQL(
	"a") "), "
	     "q AS MATERIALIZED (SELECT DISTINCT query, net FROM n WHERE net IN (SELECT "
	     "net FROM "
	     "c)), "
	     "w AS MATERIALIZED (SELECT query FROM q UNION SELECT name FROM c), "
	     "o AS (SELECT query, unnest(answers) AS a FROM dns WHERE len(answers) > 0 "
	     "AND query "
	     "IN (SELECT query FROM w)), "
	     "k AS MATERIALIZED (SELECT DISTINCT query, CASE WHEN " IS_ADDRESS_SQL(
		 "a") " THEN '/' || " NET_SQL("a") " ELSE lower(a) END AS k FROM o UNION "
						   "SELECT query, "
						   "query FROM w) "
						   "SELECT DISTINCT c.i FROM c JOIN q ON "
						   "q.net = c.net JOIN k ON k.query = "
						   "q.query JOIN "
						   "k AS m ON m.k = k.k AND m.query = "
						   "c.name";

/* A row that leads elsewhere; its server outside, or it tells nothing: a proxy of ours,
 * or names that mean other things at home. */
static int take(struct elsewhere_site *l, const struct source *s,
    const struct store_rows *rows, struct error *e)
{
	struct elsewhere v = {.port = (uint16_t)store_uint(rows, PAIRS_PORT),
	    .udp = store_bool(rows, PAIRS_UDP),
	    .name = store_text(rows, PAIRS_NAME),
	    .addresses = store_uint(rows, PAIRS_ADDRESSES)};
	if (!str_addr(store_text(rows, PAIRS_HOST), &v.host) ||
	    !str_addr(store_text(rows, PAIRS_SERVER), &v.server) ||
	    series_home(s->options, &v.server) || v.name.n > LINE_MAX_BYTES / 2 ||
	    memchr(v.name.p, ' ', v.name.n) || memchr(v.name.p, '\n', v.name.n))
		return 0;
	l->differ++;
	if (l->n == ELSEWHERE_MAX) {
		l->full = true;
		return 0;
	}
	if (l->n == l->room) {
		size_t room = l->room > 0 ? 2 * l->room : 64;
		struct elsewhere *w = realloc(l->v, room * sizeof(*w));
		if (w == NULL)
			return error_set(e, ERR_SYSTEM, "no memory left");
		l->v = w;
		l->room = room;
	}
	v.name = str_copy(&l->texts, v.name);
	if (v.name.p == NULL)
		l->full = true;
	else
		l->v[l->n++] = v;
	return 0;
}

/* The rows of a client come together; how many agree is known after the last. */
static int read_pairs(struct elsewhere_site *l, const struct source *s, struct error *e)
{
	struct store_rows *rows = store_sum(s->store, pairs_sql, e);
	struct addr host = {0}, client;
	size_t from = 0;
	uint64_t agree = 0;
	int result = rows == NULL ? -1 : 0;
	while (result == 0 && store_next(rows)) {
		if (!str_addr(store_text(rows, PAIRS_HOST), &client))
			continue;
		if (!addr_equal(&client, &host)) {
			for (; from < l->n; from++)
				l->v[from].agree = agree;
			host = client;
			agree = 0;
		}
		if (store_is_null(rows, PAIRS_SERVER)) {
			agree = store_uint(rows, PAIRS_COUNT);
			l->agree += agree;
		} else {
			result = take(l, s, rows, e);
		}
	}
	for (; from < l->n; from++)
		l->v[from].agree = agree;
	if (result == 0 && store_rows_failed(rows, e))
		result = -1;
	store_rows_free(rows);
	return result;
}

static int net_text(const struct addr *a, char out[static ADDR_TEXT_MAX])
{
	size_t n = addr_text(a, out), at = 0;
	char mark = memchr(out, ':', n) != NULL ? ':' : '.';
	for (unsigned parts = 0; at < n; at++) {
		if (out[at] == mark && ++parts == 2)
			break;
	}
	return (int)at;
}

static int clear_operators(
    struct elsewhere_site *l, const struct source *s, struct error *e)
{
	char *text = malloc(l->n * LINE_MAX_BYTES);
	size_t used = 0;
	if (text == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < l->n; i++) {
		const struct elsewhere *v = &l->v[i];
		char net[ADDR_TEXT_MAX];
		int n = net_text(&v->server, net);
		used += (size_t)snprintf(text + used, LINE_MAX_BYTES, "%s%zu %.*s %.*s",
		    i > 0 ? "\n" : "", i, (int)v->name.n, v->name.p, n, net);
	}
	struct str lines = {text, used};
	struct store_rows *rows = store_query_with(s->store, cleared_sql, &lines, 1, e);
	int result = rows == NULL ? -1 : 0;
	while (result == 0 && store_next(rows)) {
		struct str number = store_text(rows, 0);
		char digits[24];
		snprintf(digits, sizeof(digits), "%.*s", (int)number.n, number.p);
		size_t i = strtoul(digits, NULL, 10);
		if (i < l->n)
			l->v[i].cleared = true;
	}
	if (result == 0 && store_rows_failed(rows, e))
		result = -1;
	store_rows_free(rows);
	free(text);
	return result;
}

/* Without those of the operator, which agree. */
static void drop_cleared(struct elsewhere_site *l)
{
	size_t n = 0;
	for (size_t i = 0, end; i < l->n; i = end) {
		uint64_t cleared = 0;
		for (end = i; end < l->n && addr_equal(&l->v[end].host, &l->v[i].host);
		     end++)
			cleared += l->v[end].cleared;
		l->agree += cleared;
		l->differ -= cleared;
		for (size_t k = i; k < end; k++) {
			struct elsewhere v = l->v[k];
			v.agree += cleared;
			if (!v.cleared)
				l->v[n++] = v;
		}
	}
	l->n = n;
}

/* Without clients of which many names lead elsewhere: they ask a resolver that is not
 * seen, and that gives other addresses than ours. */
static void drop_clients(struct elsewhere_site *l)
{
	size_t n = 0;
	for (size_t i = 0, end; i < l->n; i = end) {
		for (end = i; end < l->n && addr_equal(&l->v[end].host, &l->v[i].host);)
			end++;
		uint64_t differ = end - i;
		bool trusted = differ <= ELSEWHERE_CLIENT ||
			       differ * (ELSEWHERE_SHARE - 1) <= l->v[i].agree;
		l->differ -= trusted ? 0 : differ;
		for (size_t k = i; trusted && k < end; k++)
			l->v[n++] = l->v[k];
	}
	l->n = n;
}

static bool is_rare(const struct elsewhere_site *l)
{
	return l->agree >= ELSEWHERE_AGREE &&
	       l->differ <= 1 + (l->agree + l->differ) / ELSEWHERE_RARE;
}

int elsewhere_read(struct elsewhere_site *l, const struct source *s, struct error *e)
{
	*l = (struct elsewhere_site){.n = 0};
	arena_init(&l->texts, ELSEWHERE_TEXTS_MAX);
	int result = read_pairs(l, s, e);
	if (result < 0)
		return result;
	/* Aliases and shared networks explain some, not more than half. */
	if (l->full || l->agree < l->differ || l->agree + l->differ < ELSEWHERE_AGREE)
		l->n = 0;
	if (l->n > 0) {
		result = clear_operators(l, s, e);
		drop_cleared(l);
	}
	drop_clients(l);
	if (!is_rare(l))
		l->n = 0;
	return result;
}

void elsewhere_fini(struct elsewhere_site *l)
{
	free(l->v);
	arena_fini(&l->texts);
	*l = (struct elsewhere_site){.n = 0};
}
