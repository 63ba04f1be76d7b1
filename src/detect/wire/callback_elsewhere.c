/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knock and call-back to somebody else. What wakes an implant may name the address that
 * it shall call, so that who knocks and who is called have nothing to do with each other:
 *
 *     198.51.100.7 ──── a packet or two, no answer ────▶ 10.0.0.5
 *     203.0.113.9 ◀──── its first connection ever ────── 10.0.0.5    within two minutes
 *
 * Nothing ties the two but time, so all rests on how rarely a host meets somebody new
 * and how rarely it is touched (detection.md B6). Had the one nothing to do with the
 * other, a host that meets k new addresses and is touched m times in a span T would meet
 * one within w after a touch k m w / T times; times all hosts, as if each were like it,
 * that is what chance gives in the memory at most, and what is not rare by that is not
 * told. A machine that browses (k in the thousands), or that the whole world scans (m),
 * is out of reach.
 *
 * In its first day everything is new to a host: that day counts neither way.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/weigh.h"
#include "detect/wire/knock.h"

#define SOON_US      120000000LL   /* DET0162's default window */
#define BURN_IN_US   86400000000LL /* of a host's life */
#define HOSTS_MAX    1024          /* that are looked at, in order of their first touch */
#define RECENT_MAX   64            /* touches within the window, of one host */
#define CALLS_MAX    256  /* first connections soon after a touch, of all hosts */
#define SHOWN_CHANCE 0.1  /* expected coincidences in the memory: told below … */
#define RARE_CHANCE  0.01 /* … and of medium confidence below this */

/* ---- which hosts to look at, of the connections that are held ---- */

struct sieve {
	struct conns *c;
	const struct detect_options *o;
	int64_t *touched; /* by number of text: when somebody outside last did */
	bool *wanted;
};

/* More than the rule finds, never less: who opens to outside soon after a touch from
 * there, and lived a day before. */
static bool sieve_rows(struct sieve *s, struct knock_rows *rows)
{
	int64_t begin = s->c->n > 0 ? s->c->rows[s->c->by_time[0]].ts : 0;
	for (size_t i = 0; i < s->c->n; i++) {
		const struct conns_row *r = &s->c->rows[s->c->by_time[i]];
		if (r->day)
			continue;
		if (r->dst_bytes == 0 && series_home_text(s->o, s->c, r->dst) &&
		    !series_home_text(s->o, s->c, r->src))
			s->touched[r->dst] = r->ts;
		else if (!r->failed && s->touched[r->src] != INT64_MIN &&
			 !s->wanted[r->src] && r->ts - s->touched[r->src] <= SOON_US &&
			 r->ts - begin >= BURN_IN_US && rows->count < HOSTS_MAX &&
			 !series_home_text(s->o, s->c, r->dst)) {
			s->wanted[r->src] = true;
			if (!knock_rows_add(rows, s->c->texts[r->src].text, STR("")))
				return false;
		}
	}
	return true;
}

static int sieve_held(struct knock *k, struct knock_rows *rows, struct error *e)
{
	struct conns *c = k->d->source->conns;
	size_t n = c->text_count + 1;
	struct sieve s = {.c = c, .o = k->d->source->options};
	s.touched = malloc(n * sizeof(*s.touched));
	s.wanted = calloc(n, sizeof(*s.wanted));
	bool fits = s.touched != NULL && s.wanted != NULL;
	for (size_t i = 0; fits && i < n; i++)
		s.touched[i] = INT64_MIN;
	fits = fits && sieve_rows(&s, rows);
	free(s.touched);
	free(s.wanted);
	return fits ? 0 : error_set(e, ERR_SYSTEM, "no memory left");
}

/* ---- touches and first connections of each host, in order of time ---- */

// clang-format off
static const char all_hosts[] =
	"SELECT DISTINCT dst_ip, '' FROM conn WHERE " KNOCK_TOUCH
	" INTERSECT SELECT DISTINCT src_ip, '' FROM conn";

#define EVENTS_SQL                                                                       \
	"WITH hosts(host, x) AS MATERIALIZED (%s), "                                     \
	"out AS MATERIALIZED (SELECT src_ip AS host, dst_ip AS peer, ts, src_port, "     \
	"dst_port, proto, state, src_bytes, dst_bytes, server_name FROM conn "           \
	"SEMI JOIN hosts ON src_ip = host), "                                            \
	"come AS MATERIALIZED (SELECT dst_ip AS host, src_ip AS peer, ts, dst_port, "    \
	"proto, (" KNOCK_TOUCH ") AS touch FROM conn SEMI JOIN hosts ON dst_ip = host), "        \
	"life AS (SELECT host, min(ts) AS born FROM (SELECT host, ts FROM out "          \
	"UNION ALL SELECT host, ts FROM come) GROUP BY host), "                          \
	"met AS (SELECT host, peer, min(ts) AS at FROM come GROUP BY host, peer), "      \
	"sums AS (SELECT host, peer, max(ts) AS last, count(*) AS n, "                   \
	"sum(src_bytes) AS sent, sum(dst_bytes) AS got FROM out GROUP BY host, peer), "  \
	"first AS (SELECT * FROM out QUALIFY row_number() OVER (PARTITION BY host, "     \
	"peer ORDER BY ts, dst_port, proto, src_port) = 1), "                            \
	"users AS (SELECT dst_ip AS peer, count(DISTINCT src_ip) - 1 AS others FROM conn " \
	"SEMI JOIN first ON dst_ip = first.peer GROUP BY dst_ip) "                       \
	"SELECT host, peer, ts, true AS opened, dst_port, proto, "                       \
	"CASE WHEN proto = 'tcp' THEN state IN ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR') " \
	"ELSE dst_bytes > 0 END AS answered, server_name, sums.last, n, sent, got, born, others " \
	"FROM first JOIN sums USING (host, peer) JOIN life USING (host) "                \
	"JOIN users USING (peer) LEFT JOIN met USING (host, peer) WHERE proto IN ('tcp', 'udp') "                \
	"AND (met.at IS NULL OR met.at > ts) "                                           \
	"UNION ALL SELECT host, peer, ts, false, dst_port, proto, false, NULL, ts, 0, "  \
	"0, 0, born, 0 FROM come JOIN life USING (host) WHERE touch "                       \
	"ORDER BY host, ts, opened, peer, dst_port"
// clang-format on

struct touch {
	int64_t ts;
	struct addr from;
	uint16_t port;
};

/* A first connection soon after a touch. */
struct call {
	struct wire_pair pair;
	struct touch touch;       /* the last before it */
	uint64_t contacts, ports; /* of the same address, within the window */
	int64_t began, at, last;  /* µs: first of these, first and last connection */
	uint16_t port;
	struct str proto, name;
	bool answered;
	uint64_t times, sent, got, others;
	uint64_t news, touches; /* of the host, in all */
};

struct calls {
	struct knock *k;
	struct addr host;
	bool any;
	struct touch recent[RECENT_MAX]; /* of the host; a ring */
	uint64_t news, touches;          /* of the host, after its first day */
	size_t begun;                    /* of its calls, in v */
	struct call v[CALLS_MAX];
	size_t n;
	uint64_t dropped; /* beyond CALLS_MAX */
	struct arena texts;
};

static void end_host(struct calls *w)
{
	for (size_t i = w->begun; i < w->n; i++) {
		w->v[i].news = w->news;
		w->v[i].touches = w->touches;
	}
	w->news = w->touches = 0;
	w->begun = w->n;
}

/* Touches of who touched last, among those within the window before. */
static void look_back(const struct calls *w, struct call *c)
{
	uint64_t held = w->touches < RECENT_MAX ? w->touches : RECENT_MAX;
	for (uint64_t i = 0; i < held; i++) {
		const struct touch *t = &w->recent[(w->touches - 1 - i) % RECENT_MAX];
		bool other = true;
		if (c->at - t->ts > SOON_US || !addr_equal(&t->from, &c->touch.from))
			continue;
		for (uint64_t j = 0; j < i && other; j++) {
			const struct touch *u =
			    &w->recent[(w->touches - 1 - j) % RECENT_MAX];
			other = u->port != t->port || !addr_equal(&u->from, &t->from);
		}
		c->began = t->ts;
		c->contacts++;
		c->ports += other;
	}
}

static void read_open(
    struct calls *w, const struct store_rows *r, const struct addr *peer, int64_t ts)
{
	w->news++;
	const struct touch *t = &w->recent[(w->touches - 1) % RECENT_MAX];
	if (w->touches == 0 || ts - t->ts > SOON_US || ts <= t->ts ||
	    addr_equal(&t->from, peer) || !store_bool(r, 6))
		return;
	if (w->n == CALLS_MAX) {
		w->dropped++;
		return;
	}
	struct call *c = &w->v[w->n++];
	*c = (struct call){.touch = *t,
	    .at = ts,
	    .port = (uint16_t)store_uint(r, 4),
	    .proto = str_copy(&w->texts, store_text(r, 5)),
	    .name = str_copy(&w->texts, store_text(r, 7)),
	    .last = moment_us(store_time(r, 8)),
	    .times = store_uint(r, 9),
	    .sent = store_uint(r, 10),
	    .got = store_uint(r, 11),
	    .others = store_uint(r, 13)};
	c->pair = (struct wire_pair){.host = w->host,
	    .peer = *peer,
	    .direction = DIRECTION_OUTBOUND,
	    .host_opened = true};
	look_back(w, c);
}

static void read_event(struct calls *w, const struct store_rows *r)
{
	const struct detect_options *o = w->k->d->source->options;
	struct addr host, peer;
	int64_t ts = moment_us(store_time(r, 2));
	if (!str_addr(store_text(r, 0), &host) || !str_addr(store_text(r, 1), &peer) ||
	    !series_home(o, &host) || series_home(o, &peer) || addr_is_multicast(&peer) ||
	    addr_is_multicast(&host) || ts - moment_us(store_time(r, 12)) < BURN_IN_US)
		return;
	if (!w->any || !addr_equal(&host, &w->host)) {
		end_host(w);
		w->host = host;
		w->any = true;
	}
	if (store_bool(r, 3))
		read_open(w, r, &peer, ts);
	else
		w->recent[w->touches++ % RECENT_MAX] =
		    (struct touch){ts, peer, (uint16_t)store_uint(r, 4)};
}

static int read_events(struct calls *w, const char *hosts, struct error *e)
{
	struct store_rows *r = past_query(w->k->d->source->store, e, EVENTS_SQL, hosts);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_event(w, r);
	end_host(w);
	return store_rows_end(r, e);
}

/* ---- judging ---- */

static void add(struct calls *w, const struct call *c)
{
	struct knock *k = w->k;
	const struct context *x = k->d->context;
	double wait = fmax((double)(c->at - c->touch.ts), 1e6);
	double span = fmax((double)(x->last - x->first) - (double)BURN_IN_US, 1e6);
	double chance = (double)c->news * (double)c->touches * fmin(1, wait / span) *
			fmax(1, (double)x->hosts);
	char from[ADDR_TEXT_MAX];
	if (chance > SHOWN_CHANCE)
		return;
	struct suspect *v =
	    knock_suspect(k, &c->pair, c->port, c->proto, -log10(fmax(chance, 1e-12)));
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	v->stats = (struct series_stats){.events = c->contacts + c->times,
	    .first = c->began,
	    .last = c->last,
	    .out = c->sent,
	    .in = c->got,
	    .days = 1};
	f->attack[0] = "T1205";
	f->attack[1] = c->ports > 1 ? "T1205.001" : NULL;
	f->facts[f->fact_count++] = (struct fact){.key = FACT_KEY_ELSEWHERE,
	    .value = {0, (double)(c->at - c->touch.ts) / 1e6, (double)c->sent},
	    .text = str_format(
		&k->texts, "%.*s", (int)addr_text(&c->touch.from, from), from)};
	finding_add_fact(
	    f, FACT_KEY_ELSEWHERE_TOUCHED, (double)c->contacts, (double)c->ports, 0);
	finding_add_fact(
	    f, FACT_KEY_ELSEWHERE_RATE, (double)c->news, (double)c->touches, span / 1e6);
	finding_add_fact(
	    f, FACT_KEY_ELSEWHERE_CHANCE, f->score, chance, (double)x->hosts);
	if (c->name.n > 0)
		finding_add_text_fact(
		    f, FACT_KEY_ELSEWHERE_NAMED, str_copy(&k->texts, c->name));
	if (c->others > 0)
		finding_add_fact(f, FACT_KEY_ELSEWHERE_OTHERS, (double)c->others, 0, 0);
	f->confidence = c->name.n == 0 && c->others == 0 && chance <= RARE_CHANCE &&
				str_equal(c->proto, STR("tcp"))
			    ? CONFIDENCE_MEDIUM
			    : CONFIDENCE_LOW;
}

int knock_elsewhere(struct knock *k, struct error *e)
{
	const struct context *x = k->d->context;
	if (x->last - x->first <= BURN_IN_US)
		return 0;
	struct calls *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	w->k = k;
	arena_init(&w->texts, 1u << 20);
	struct knock_rows rows = {.text = NULL};
	bool held = k->d->source->conns->held;
	int result = held ? sieve_held(k, &rows, e) : 0;
	if (result == 0 && (!held || rows.count > 0))
		result = read_events(w, held ? rows.text : all_hosts, e);
	for (size_t i = 0; result == 0 && i < w->n; i++)
		add(w, &w->v[i]);
	free(rows.text);
	arena_fini(&w->texts);
	free(w);
	return result;
}
