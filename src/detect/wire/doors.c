/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doors: a port that is closed to everybody, until somebody touches other closed ports of
 * the host in a row (T1205.001):
 *
 *     203.0.113.9 ──▶ 10.0.0.5:7000   refused, or no answer
 *     203.0.113.9 ──▶ 10.0.0.5:8000   likewise
 *     203.0.113.9 ──▶ 10.0.0.5:9000   likewise
 *     203.0.113.9 ◀─▶ 10.0.0.5:22     answered; refused to whoever did not knock
 *
 * Scans touch closed ports before open ones, too, but many, and their open ports are open
 * to all: a door has refused somebody, was never opened without a knock, and needs few.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/wire/knock.h"

#define KNOCK_US     60000000LL /* from the knocks to the opening */
#define KNOCKS_LEAST 2          /* B6: sequences of two closed ports and more */
#define KNOCKS_MOST  "8"        /* more is a scan */
#define PAIRS_MAX    1024       /* that are looked at closely, oldest first */

/* The two closed ports that a text's address touched last, at whatever host. */
struct touch {
	uint16_t port[2];
	bool there[2];
	int64_t ts[2];
};

struct sieve {
	struct conns *c;
	struct touch *last; /* by number of text */
	struct knock_rows *rows;
	uint32_t host, peer; /* of the pair that was added last */
};

static void touched(struct touch *t, const struct conns_row *r)
{
	if (!t->there[0] || r->port != t->port[0]) {
		t->port[1] = t->port[0];
		t->ts[1] = t->ts[0];
		t->there[1] = t->there[0];
	}
	t->port[0] = r->port;
	t->ts[0] = r->ts;
	t->there[0] = true;
}

static bool knocked(const struct touch *t, const struct conns_row *r)
{
	return t->there[1] && r->ts - t->ts[1] <= KNOCK_US;
}

/* Every pair with an answer shortly after two closed ports, of that host or another: more
 * than the rule finds, never less. */
static bool sieve_rows(struct sieve *s)
{
	for (size_t i = 0; i < s->c->n && s->rows->count < PAIRS_MAX; i++) {
		const struct conns_row *r = &s->c->rows[s->c->by_time[i]];
		if (r->day)
			continue;
		if (r->dst_bytes == 0)
			touched(&s->last[r->src], r);
		else if (knocked(&s->last[r->src], r) &&
			 (s->host != r->dst || s->peer != r->src)) {
			s->host = r->dst;
			s->peer = r->src;
			if (conns_addr(s->c, r->dst) != NULL &&
			    conns_addr(s->c, r->src) != NULL &&
			    !knock_rows_add(s->rows, s->c->texts[r->dst].text,
				s->c->texts[r->src].text))
				return false;
		}
	}
	return true;
}

// clang-format off
#define OPEN "dst_bytes > 0 AND state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR')"
#define SHUT                                                                             \
	"coalesce(dst_bytes, 0) = 0 AND CASE proto WHEN 'tcp' THEN state IN ('S0', 'REJ', " \
	"'RSTOS0', 'SH') ELSE proto = 'udp' AND coalesce(dst_packets, 0) = 0 END"

static const char all_pairs[] =
	"SELECT DISTINCT dst_ip AS host, src_ip AS peer FROM conn WHERE " SHUT;

/* Openings of each pair and port with the knocks before them, and what the port was to
 * all others. %s: the pairs. */
#define DOORS_SQL                                                                        \
	"WITH pairs(host, peer) AS MATERIALIZED (SELECT DISTINCT * FROM (%s)), "         \
	"tries AS MATERIALIZED (SELECT dst_ip AS host, src_ip AS peer, dst_port AS port, " \
	"proto, ts, src_bytes, dst_bytes, proto = 'tcp' AND " OPEN " AS open, " SHUT     \
	" AS shut FROM conn SEMI JOIN pairs ON dst_ip = host AND src_ip = peer), "       \
	"scans AS (SELECT host, peer FROM tries WHERE shut GROUP BY host, peer "         \
	"HAVING count(DISTINCT port) > " KNOCKS_MOST "), "                               \
	"knocks AS MATERIALIZED (SELECT o.host, o.peer, o.port, o.ts, o.src_bytes, "     \
	"o.dst_bytes, min(t.ts) AS began, count(DISTINCT t.proto || t.port) AS n, "      \
	"list(DISTINCT t.proto || '/' || t.port ORDER BY t.proto || '/' || t.port) AS ports " \
	"FROM tries o JOIN tries t ON t.host = o.host AND t.peer = o.peer AND t.shut "   \
	"AND t.ts < o.ts AND t.ts >= o.ts - INTERVAL 1 MINUTE "                          \
	"AND (t.port <> o.port OR t.proto <> 'tcp') WHERE o.open "                       \
	"AND (o.host, o.peer) NOT IN (SELECT (host, peer) FROM scans) "                  \
	"GROUP BY ALL HAVING count(DISTINCT t.proto || t.port) >= 2), "                  \
	"good AS MATERIALIZED (SELECT host, peer, port, count(*) AS times, "             \
	"count(DISTINCT ports) AS ways, min(n) AS least, min(began) AS began, "          \
	"max(ts) AS last, sum(src_bytes) AS got, sum(dst_bytes) AS sent, "               \
	"array_to_string(min(ports), ' ') AS ports FROM knocks GROUP BY ALL), "          \
	"door AS (SELECT c.dst_ip AS host, c.dst_port AS port, "                         \
	"count(*) FILTER (" SHUT ") AS refused, count(DISTINCT c.src_ip) FILTER (" SHUT  \
	") AS refused_to, count(*) FILTER (" OPEN " AND (c.dst_ip, c.src_ip, c.dst_port) " \
	"NOT IN (SELECT (host, peer, port) FROM good)) AS strays FROM conn c "           \
	"SEMI JOIN good g ON c.dst_ip = g.host AND c.dst_port = g.port "                 \
	"WHERE c.proto = 'tcp' GROUP BY ALL) "                                           \
	"SELECT g.host, g.peer, g.port, g.times, g.ways, g.least, g.began, g.last, "     \
	"g.got, g.sent, g.ports, d.refused, d.refused_to FROM good g "                   \
	"JOIN door d USING (host, port) WHERE d.refused > 0 AND d.strays = 0 "           \
	"ORDER BY g.host, g.peer, g.port"
// clang-format on

static enum confidence confidence(
    const struct wire_pair *p, uint64_t least, uint64_t times, uint64_t ways)
{
	if (least <= KNOCKS_LEAST)
		return times > 1 && ways == 1 ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	return times > 1 && ways == 1 && p->direction == DIRECTION_INBOUND
		   ? CONFIDENCE_HIGH
		   : CONFIDENCE_MEDIUM;
}

static void add(struct knock *k, const struct store_rows *r)
{
	struct addr host, peer;
	struct wire_pair p;
	if (!str_addr(store_text(r, 0), &host) || !str_addr(store_text(r, 1), &peer) ||
	    !wire_orient(k->d->source->options, &peer, &host, &p) || p.host_opened)
		return;
	uint64_t times = store_uint(r, 3), ways = store_uint(r, 4);
	uint64_t least = store_uint(r, 5), refused = store_uint(r, 11);
	/* Chance would have to pick the ports again each time, and the one that is shut.
	 */
	double score =
	    (double)(least - 1) * (double)times / 2 + log10(1 + (double)refused);
	struct suspect *v =
	    knock_suspect(k, &p, (uint16_t)store_uint(r, 2), STR("tcp"), score);
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	v->stats = (struct series_stats){.events = times,
	    .first = moment_us(store_time(r, 6)),
	    .last = moment_us(store_time(r, 7)),
	    .in = store_uint(r, 8),
	    .out = store_uint(r, 9),
	    .days = 1};
	f->attack[0] = "T1205.001";
	finding_add_fact(f, FACT_KEY_DOOR_OPENED, (double)times, (double)least, 0);
	finding_add_text_fact(
	    f, FACT_KEY_DOOR_KNOCKS, str_copy(&k->texts, store_text(r, 10)));
	finding_add_fact(
	    f, FACT_KEY_DOOR_REFUSED, (double)refused, (double)store_uint(r, 12), 0);
	if (times > 1 && ways == 1)
		finding_add_fact(f, FACT_KEY_DOOR_SAME, (double)times, 0, 0);
	if (least <= KNOCKS_LEAST)
		finding_add_fact(f, FACT_KEY_DOOR_FEW, (double)least, 0, 0);
	f->confidence = confidence(&p, least, times, ways);
}

static int read_doors(struct knock *k, const char *pairs, struct error *e)
{
	struct store_rows *r = past_query(k->d->source->store, e, DOORS_SQL, pairs);
	if (r == NULL)
		return -1;
	while (store_next(r))
		add(k, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

int knock_doors(struct knock *k, struct error *e)
{
	struct conns *c = k->d->source->conns;
	struct knock_rows rows = {.text = NULL};
	if (!c->held)
		return read_doors(k, all_pairs, e);
	struct sieve s = {.c = c, .rows = &rows};
	s.last = calloc(c->text_count + 1u, sizeof(*s.last));
	int result = 0;
	if (s.last == NULL || !sieve_rows(&s))
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0 && rows.count > 0)
		result = read_doors(k, rows.text, e);
	free(s.last);
	free(rows.text);
	return result;
}
