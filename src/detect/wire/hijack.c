/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services that are not themselves. A back door that listens on the port of a service
 * (one that a filter redirects, or that is in the server itself) takes over single
 * connections, and those do not speak what the service has always spoken: no banner of
 * SSH, no TLS on 443, no HTTP. Known from the service's own history in this memory.
 *
 * Scanners send nonsense to servers, too, and are answered by a line and a close: only
 * what lasts, or carries something both ways, counts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/wire/knock.h"

#define USUAL_LEAST 20 /* connections from which a service's usual protocol is known */
#define USUAL_SHARE "0.95" /* B12 */
#define TALK_BYTES  1000   /* both ways … */
#define LONG_TIME   60     /* … or open so many seconds, and some bytes both ways */
#define SOME_BYTES  100
#define SERVERS_MAX 512 /* that are looked at closely */
#define FEW_ODD     3   /* connections that are otherwise, in all */

#define TEXT_OF_(x) #x
#define TEXT_OF(x)  TEXT_OF_(x)

/* ---- which servers to look at, of the connections that are held ---- */

static bool substantial(const struct conns_row *r)
{
	bool talk = r->src_bytes >= TALK_BYTES && r->dst_bytes >= TALK_BYTES;
	bool lasts = r->seconds >= LONG_TIME && r->src_bytes >= SOME_BYTES &&
		     r->dst_bytes >= SOME_BYTES;
	return r->missed == 0 && (talk || lasts);
}

/* Whether most of the group's connections have a service, and a substantial one has
 * another, or none: more than the rule finds, never less. */
static bool is_mixed(const struct conns *c, const uint32_t *rows, uint32_t n)
{
	uint32_t service = 0, votes = 0, known = 0;
	bool odd = false;
	for (uint32_t i = 0; i < n; i++) { /* the majority, if there is one */
		const struct conns_row *r = &c->rows[rows[i]];
		if (r->day || r->service == 0)
			continue;
		known++;
		if (votes == 0)
			service = r->service;
		votes = r->service == service ? votes + 1 : votes - 1;
	}
	for (uint32_t i = 0; i < n && known >= USUAL_LEAST && !odd; i++) {
		const struct conns_row *r = &c->rows[rows[i]];
		odd = !r->day && r->service != service && substantial(r);
	}
	return odd;
}

static int sieve(struct knock *k, struct knock_rows *rows, struct error *e)
{
	struct conns *c = k->d->source->conns;
	const struct conns_index *index = conns_index(c, CONNS_SERVER);
	if (index == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < index->count && rows->count < SERVERS_MAX; i++) {
		const struct conns_group *g = &index->groups[i];
		const struct conns_row *first = &c->rows[g->row];
		char port[8];
		if (g->n <= USUAL_LEAST || !is_mixed(c, index->rows + g->first, g->n))
			continue;
		const struct addr *a = conns_addr(c, first->dst);
		if (a == NULL || !series_home(k->d->source->options, a))
			continue;
		struct str text = {
		    port, (size_t)snprintf(port, sizeof(port), "%u", first->port)};
		if (!knock_rows_add(rows, c->texts[first->dst].text, text))
			return error_set(e, ERR_SYSTEM, "no memory left");
	}
	return 0;
}

/* ---- the rule ---- */

// clang-format off
static const char all_servers[] =
	"SELECT dst_ip, dst_port FROM conn WHERE proto = 'tcp' AND service IS NOT NULL "
	"GROUP BY ALL HAVING count(*) >= " TEXT_OF(USUAL_LEAST);

#define HIJACK_SQL                                                                       \
	"WITH servers(host, port) AS MATERIALIZED (%s), "                                \
	"talks AS MATERIALIZED (SELECT dst_ip AS host, dst_port AS port, src_ip AS peer, " \
	"ts, coalesce(duration, 0) AS seconds, split_part(service, ',', 1) AS word, "    \
	"service, src_bytes, dst_bytes, coalesce(missed_bytes, 0) AS missed FROM conn "  \
	"SEMI JOIN servers ON dst_ip = host AND dst_port = port::UINTEGER "              \
	"WHERE proto = 'tcp' AND src_bytes > 0 AND dst_bytes > 0 "                       \
	"AND state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR')), "                       \
	"words AS (SELECT host, port, word, count(*) AS n FROM talks "                   \
	"WHERE word IS NOT NULL AND word <> 'encrypted' GROUP BY ALL), "                 \
	"usual AS (SELECT host, port, arg_max(word, (n, word)) AS word, max(n) AS n "    \
	"FROM words GROUP BY ALL HAVING max(n) >= " TEXT_OF(USUAL_LEAST) "), "           \
	"own AS (SELECT u.host, u.port, u.word, u.n, count(*) AS whole, min(t.ts) AS since " \
	"FROM usual u JOIN talks t USING (host, port) GROUP BY ALL "                     \
	"HAVING u.n >= " USUAL_SHARE " * count(*)), "                                    \
	"odd AS (SELECT t.*, o.word AS usual, o.n, o.whole FROM talks t "                \
	"JOIN own o USING (host, port) WHERE t.missed = 0 "                              \
	"AND NOT contains(coalesce(t.service, ''), o.word) "                             \
	"AND ((t.src_bytes >= " TEXT_OF(TALK_BYTES) " AND t.dst_bytes >= " TEXT_OF(TALK_BYTES) \
	") OR (t.seconds >= " TEXT_OF(LONG_TIME) " AND least(t.src_bytes, t.dst_bytes) >= " \
	TEXT_OF(SOME_BYTES) ")) AND t.ts > o.since) "                                    \
	"SELECT host, port, peer, usual, n, whole, count(*) AS times, "                  \
	"(SELECT count(*) FROM odd x WHERE x.host = odd.host AND x.port = odd.port), "   \
	"min(ts), max(ts), sum(src_bytes), sum(dst_bytes), max(seconds), "               \
	"min(coalesce(service, '')) FROM odd GROUP BY host, port, peer, usual, n, whole " \
	"ORDER BY host, port, peer"
// clang-format on

static void add(struct knock *k, const struct store_rows *r)
{
	struct addr host, peer;
	struct wire_pair p;
	if (!str_addr(store_text(r, 0), &host) || !str_addr(store_text(r, 2), &peer) ||
	    !wire_orient(k->d->source->options, &peer, &host, &p) || p.host_opened)
		return;
	double usual = (double)store_uint(r, 4), whole = (double)store_uint(r, 5);
	uint64_t times = store_uint(r, 6), odd = store_uint(r, 7);
	struct str service = store_text(r, 13);
	/* One of so many: the conformal p of a kind that was never seen before. */
	double score = log10((whole + 1) / ((double)odd + 1));
	struct suspect *v =
	    knock_suspect(k, &p, (uint16_t)store_uint(r, 1), STR("tcp"), score);
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	v->stats = (struct series_stats){.events = times,
	    .first = moment_us(store_time(r, 8)),
	    .last = moment_us(store_time(r, 9)),
	    .in = store_uint(r, 10),
	    .out = store_uint(r, 11),
	    .days = 1};
	f->attack[0] = "T1205";
	f->attack[1] = "T1571";
	finding_add_text_fact(
	    f, FACT_KEY_HIJACK_USUAL, str_copy(&k->texts, store_text(r, 3)));
	finding_add_fact(f, FACT_KEY_HIJACK_HISTORY, usual, whole, (double)odd);
	finding_add_fact(f, FACT_KEY_HIJACK_TALK, store_real(r, 12),
	    (double)store_uint(r, 10), (double)store_uint(r, 11));
	bool known = service.n > 0 && !str_equal(service, STR("encrypted"));
	if (known)
		finding_add_text_fact(
		    f, FACT_KEY_HIJACK_KNOWN, str_copy(&k->texts, service));
	bool few = odd <= FEW_ODD;
	if (!few)
		finding_add_fact(f, FACT_KEY_HIJACK_MANY, (double)odd, 0, 0);
	f->confidence = few && !known && p.direction == DIRECTION_INBOUND
			    ? CONFIDENCE_MEDIUM
			    : CONFIDENCE_LOW;
}

int knock_hijacks(struct knock *k, struct error *e)
{
	bool held = k->d->source->conns->held;
	struct knock_rows rows = {.text = NULL};
	int result = held ? sieve(k, &rows, e) : 0;
	if (result == 0 && (!held || rows.count > 0)) {
		struct store_rows *r = past_query(
		    k->d->source->store, e, HIJACK_SQL, held ? rows.text : all_servers);
		while (r != NULL && store_next(r))
			add(k, r);
		if (r == NULL || store_rows_failed(r, e))
			result = -1;
		store_rows_free(r);
	}
	free(rows.text);
	return result;
}
