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
#define PAIRS_MAX    1024       /* that are looked at closely */

#define TOUCHES 8 /* of one source that are kept: with more it scans */

/* A closed port that was touched. */
struct touch {
	uint32_t host, proto;
	uint16_t port;
	int64_t ts;
};

/* What a text's address touched lately, each port of each host once; n: so many in all.
 */
struct touches {
	struct touch v[TOUCHES];
	uint32_t n;
};

struct sieve {
	struct conns *c;
	const struct detect_options *o;
	const struct conns_index *index; /* of servers */
	struct touches *last;            /* by number of text */
	uint32_t tcp, udp;               /* numbers of these texts */
	bool *answers; /* by row: its port answers somebody: no knock goes there */
	bool
	    *knocked; /* by row: answered shortly after its source touched closed ports */
	uint32_t
	    *group; /* by number of text: the last group in which it had such a row */
	struct knock_rows *rows;
};

static void touched(struct touches *t, const struct conns_row *r)
{
	const struct touch touch = {r->dst, r->proto, r->port, r->ts};
	for (uint32_t i = 0; i < t->n && i < TOUCHES; i++) {
		struct touch *old = &t->v[i];
		if (old->host == r->dst && old->port == r->port &&
		    old->proto == r->proto) {
			old->ts = r->ts;
			return;
		}
	}
	t->v[t->n++ % TOUCHES] = touch;
}

/* Whether the source touched two other ports of the host shortly before. */
static bool knocked(const struct touches *t, const struct conns_row *r)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < t->n && i < TOUCHES; i++) {
		const struct touch *old = &t->v[i];
		bool other = old->port != r->port || old->proto != r->proto;
		n += old->host == r->dst && other && r->ts - old->ts <= KNOCK_US;
	}
	return n >= KNOCKS_LEAST;
}

/* Ports that answer are not knocked at. */
static void mark_answers(struct sieve *s)
{
	for (size_t i = 0; i < s->index->count; i++) {
		const struct conns_group *g = &s->index->groups[i];
		const uint32_t *rows = s->index->rows + g->first;
		bool answers = false;
		for (uint32_t k = 0; k < g->n && !answers; k++) {
			const struct conns_row *r = &s->c->rows[rows[k]];
			answers = r->dst_bytes > 0 && !r->day;
		}
		for (uint32_t k = 0; k < g->n && answers; k++)
			s->answers[rows[k]] = true;
	}
}

static void mark_knocked(struct sieve *s)
{
	for (size_t i = 0; i < s->c->n; i++) {
		uint32_t row = s->c->by_time[i];
		const struct conns_row *r = &s->c->rows[row];
		bool shut = r->dst_bytes == 0 &&
			    (r->proto == s->udp || (r->proto == s->tcp && r->failed));
		if (r->day)
			continue;
		if (shut && !s->answers[row])
			touched(&s->last[r->src], r);
		else if (r->dst_bytes > 0 && r->proto == s->tcp && s->last[r->src].n > 1)
			s->knocked[row] = knocked(&s->last[r->src], r);
	}
}

/* Whether group number n may be a door: it refused somebody, and whoever it answered had
 * knocked at least once, at that host or another. More than the rule finds, never less.
 */
static bool is_door(struct sieve *s, uint32_t n)
{
	const struct conns_group *g = &s->index->groups[n - 1];
	const uint32_t *rows = s->index->rows + g->first;
	bool refused = false, opened = false, strays = false;
	for (uint32_t i = 0; i < g->n; i++) {
		const struct conns_row *r = &s->c->rows[rows[i]];
		refused |= r->failed && r->dst_bytes == 0;
		if (s->knocked[rows[i]])
			s->group[r->src] = n;
		opened |= s->knocked[rows[i]];
	}
	for (uint32_t i = 0; i < g->n && refused && opened && !strays; i++) {
		const struct conns_row *r = &s->c->rows[rows[i]];
		strays = r->dst_bytes > 0 && !r->failed && s->group[r->src] != n;
	}
	return refused && opened && !strays;
}

/* The pairs of which a door answered one that had knocked. */
static bool add_pairs(struct sieve *s, uint32_t n)
{
	const struct conns_group *g = &s->index->groups[n - 1];
	const uint32_t *rows = s->index->rows + g->first;
	const struct addr *host = conns_addr(s->c, s->c->rows[g->row].dst);
	if (host == NULL || !series_home(s->o, host))
		return true;
	for (uint32_t i = 0; i < g->n && s->rows->count < PAIRS_MAX; i++) {
		const struct conns_row *r = &s->c->rows[rows[i]];
		if (s->group[r->src] != n)
			continue;
		s->group[r->src] = 0;
		if (conns_addr(s->c, r->src) != NULL &&
		    !knock_rows_add(
			s->rows, s->c->texts[r->dst].text, s->c->texts[r->src].text))
			return false;
	}
	return true;
}

static bool sieve_rows(struct sieve *s)
{
	s->tcp = conns_find(s->c, STR("tcp"));
	s->udp = conns_find(s->c, STR("udp"));
	mark_answers(s);
	mark_knocked(s);
	for (uint32_t n = 1; n <= s->index->count; n++) {
		const struct conns_group *g = &s->index->groups[n - 1];
		if (g->n > 1 && s->c->rows[g->row].proto == s->tcp && is_door(s, n) &&
		    !add_pairs(s, n))
			return false;
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
	"near AS MATERIALIZED (SELECT dst_ip AS host, src_ip AS peer, dst_port AS port, "  \
	"proto, ts, src_bytes, dst_bytes, proto = 'tcp' AND " OPEN " AS open, " SHUT     \
	" AS shut FROM conn WHERE dst_ip IN (SELECT host FROM pairs)), "                  \
	"tries AS MATERIALIZED (SELECT * FROM near SEMI JOIN pairs USING (host, peer)), " \
	"scans AS (SELECT host, peer FROM tries WHERE shut GROUP BY host, peer "         \
	"HAVING count(DISTINCT port) > " KNOCKS_MOST "), "                               \
	"knocks AS MATERIALIZED (SELECT o.host, o.peer, o.port, o.ts, o.src_bytes, "     \
	"o.dst_bytes, min(t.ts) AS began, count(DISTINCT t.proto || t.port) AS n, "      \
	"list(DISTINCT t.proto || '/' || t.port ORDER BY t.proto || '/' || t.port) AS ports " \
	"FROM tries o JOIN tries t ON t.host = o.host AND t.peer = o.peer AND t.shut "   \
	"AND t.ts < o.ts AND t.ts >= o.ts - INTERVAL 1 MINUTE "                          \
	"AND (t.port <> o.port OR t.proto <> 'tcp') WHERE o.open "                       \
	"AND (t.host, t.port, t.proto) NOT IN (SELECT (host, port, proto) FROM near "    \
	"WHERE dst_bytes > 0) "                                                          \
	"AND (o.host, o.peer) NOT IN (SELECT (host, peer) FROM scans) "                  \
	"GROUP BY ALL HAVING count(DISTINCT t.proto || t.port) >= 2), "                  \
	"good AS MATERIALIZED (SELECT host, peer, port, count(*) AS times, "             \
	"count(DISTINCT ports) AS ways, min(n) AS least, min(began) AS began, "          \
	"max(ts) AS last, sum(src_bytes) AS got, sum(dst_bytes) AS sent, "               \
	"array_to_string(min(ports), ' ') AS ports FROM knocks GROUP BY ALL), "          \
	"door AS (SELECT host, port, count(*) FILTER (shut) AS refused, "                 \
	"count(DISTINCT peer) FILTER (shut) AS refused_to, count(*) FILTER (open AND "   \
	"(host, peer, port) NOT IN (SELECT (host, peer, port) FROM good)) AS strays "    \
	"FROM near SEMI JOIN good USING (host, port) WHERE proto = 'tcp' GROUP BY ALL) "  \
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
		return; /* no host of ours */
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
	return store_rows_end(r, e);
}

int knock_doors(struct knock *k, struct error *e)
{
	struct conns *c = k->d->source->conns;
	struct knock_rows rows = {.text = NULL};
	if (!c->held)
		return read_doors(k, all_pairs, e);
	struct sieve s = {.c = c, .o = k->d->source->options, .rows = &rows};
	s.last = calloc(c->text_count + 1u, sizeof(*s.last));
	s.group = calloc(c->text_count + 1u, sizeof(*s.group));
	s.knocked = calloc(c->n + 1, sizeof(*s.knocked));
	s.answers = calloc(c->n + 1, sizeof(*s.answers));
	s.index = conns_index(c, CONNS_SERVER);
	int result = 0;
	bool fits = s.last != NULL && s.group != NULL && s.knocked != NULL &&
		    s.answers != NULL && s.index != NULL;
	if (!fits || !sieve_rows(&s))
		result = error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0 && rows.count > 0)
		result = read_doors(k, rows.text, e);
	free(s.last);
	free(s.group);
	free(s.knocked);
	free(s.answers);
	free(rows.text);
	return result;
}
