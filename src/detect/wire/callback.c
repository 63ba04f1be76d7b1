/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knock and call-back. An implant that listens for a packet of its own needs no open
 * port:
 *
 *     203.0.113.9 ──── one packet, no answer ────▶ 10.0.0.5
 *     203.0.113.9 ◀─── its first connection ────── 10.0.0.5      within two minutes
 *
 * The rule is the join of the two (ATT&CK DET0162), with the host's own habits as what
 * chance would do: from how many addresses both touch it and are opened to by it, at
 * whatever times, follows how often the one comes so shortly after the other. Where a
 * host opens to who contacts it as its habit (peers of one program, mail, games) the same
 * shows again and again, on the same port, from the very port that was touched: each of
 * these is said, and lowers the confidence.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/weigh.h"
#include "detect/wire/knock.h"

#define SOON_US     120000000LL  /* DET0162's default */
#define LATE_US     3600000000LL /* the second tier */
#define PAIRS_MAX   1024         /* that are looked at closely, oldest first */
#define USUAL_PEERS 3            /* a host that calls back more is of that habit */
#define RARE_CHANCE 0.01         /* expected coincidences in the memory: high below it */

/* ---- which pairs to look at, of the connections that are held ---- */

struct sieve {
	struct conns *c;
	const struct detect_options *o;
	int64_t *touched;     /* by number of text: when it last touched a host of ours */
	uint32_t *newest;     /* by number of text: its last pair, from 1; 0: none */
	uint32_t (*pairs)[2]; /* PAIRS_MAX: host, peer */
	size_t n;
};

static void sieve_pair(struct sieve *s, uint32_t host, uint32_t peer)
{
	uint32_t last = s->newest[peer];
	if (last > 0 && s->pairs[last - 1][0] == host)
		return;
	for (size_t i = 0; i < s->n; i++) {
		if (s->pairs[i][0] == host && s->pairs[i][1] == peer)
			return;
	}
	if (s->n < PAIRS_MAX) {
		s->pairs[s->n][0] = host;
		s->pairs[s->n++][1] = peer;
		s->newest[peer] = (uint32_t)s->n;
	}
}

/* More than the rule finds, never less: who is opened to after it touched anybody. */
static void sieve_rows(struct sieve *s)
{
	for (size_t i = 0; i < s->c->n; i++) {
		const struct conns_row *r = &s->c->rows[s->c->by_time[i]];
		if (r->day)
			continue;
		if (!r->failed && s->touched[r->dst] != INT64_MIN &&
		    r->ts - s->touched[r->dst] <= LATE_US &&
		    series_home_text(s->o, s->c, r->src))
			sieve_pair(s, r->src, r->dst);
		else if (r->dst_bytes == 0 && !series_home_text(s->o, s->c, r->src))
			s->touched[r->src] = r->ts;
	}
}

/* A pair that was kept: when the host first opened to the peer, and whether the peer
 * touched this very host in the hour before. */
struct kept {
	uint64_t key;
	uint32_t at; /* in sieve.pairs */
	int64_t first;
	bool touched;
};

static int by_kept(const void *x, const void *y)
{
	uint64_t a = ((const struct kept *)x)->key, b = ((const struct kept *)y)->key;
	return a < b ? -1 : a > b;
}

static struct kept *find_kept(struct kept *v, size_t n, uint32_t host, uint32_t peer)
{
	const struct kept key = {.key = (uint64_t)host << 32 | peer};
	return bsearch(&key, v, n, sizeof(*v), by_kept);
}

static bool is_dated(const struct conns_row *r)
{
	return !r->day && r->ts != moment_us(MOMENT_NONE);
}

/* Look once more, at these pairs alone, so that few are left to ask for: the first
 * connection counts, and a touch of this host. */
static void sieve_again(const struct sieve *s, struct kept *v)
{
	const uint32_t tcp = conns_find(s->c, STR("tcp"));
	const uint32_t udp = conns_find(s->c, STR("udp"));
	for (size_t i = 0; i < s->c->n; i++) {
		const struct conns_row *r = &s->c->rows[i];
		struct kept *k;
		bool counts = r->proto != 0 && (r->proto == tcp || r->proto == udp);
		if (counts && is_dated(r) && s->newest[r->dst] > 0 &&
		    (k = find_kept(v, s->n, r->src, r->dst)) != NULL)
			k->first = r->ts < k->first ? r->ts : k->first;
	}
	for (size_t i = 0; i < s->c->n; i++) {
		const struct conns_row *r = &s->c->rows[i];
		struct kept *k;
		if (is_dated(r) && r->dst_bytes == 0 && s->newest[r->src] > 0 &&
		    (k = find_kept(v, s->n, r->dst, r->src)) != NULL &&
		    k->first != INT64_MAX)
			k->touched |= r->ts < k->first && k->first - r->ts <= LATE_US;
	}
}

static bool sieve_pairs(struct sieve *s)
{
	struct kept *v = calloc(s->n + 1, sizeof(*v));
	bool *keep = calloc(s->n + 1, sizeof(*keep));
	size_t n = 0;
	for (size_t i = 0; v != NULL && keep != NULL && i < s->n; i++) {
		uint64_t key = (uint64_t)s->pairs[i][0] << 32 | s->pairs[i][1];
		v[i] = (struct kept){key, (uint32_t)i, INT64_MAX, false};
	}
	if (v == NULL || keep == NULL) {
		free(v);
		free(keep);
		return false;
	}
	qsort(v, s->n, sizeof(*v), by_kept);
	sieve_again(s, v);
	for (size_t i = 0; i < s->n; i++)
		keep[v[i].at] = v[i].touched;
	for (size_t i = 0; i < s->n; i++) {
		if (!keep[i])
			continue;
		s->pairs[n][0] = s->pairs[i][0];
		s->pairs[n++][1] = s->pairs[i][1];
	}
	s->n = n;
	free(v);
	free(keep);
	return true;
}

static bool sieve_text(struct sieve *s, struct knock_rows *rows)
{
	for (size_t i = 0; i < s->n; i++) {
		if (conns_addr(s->c, s->pairs[i][1]) != NULL &&
		    !knock_rows_add(rows, s->c->texts[s->pairs[i][0]].text,
			s->c->texts[s->pairs[i][1]].text))
			return false;
	}
	return true;
}

static int sieve_held(struct knock *k, struct knock_rows *rows, struct error *e)
{
	struct conns *c = k->d->source->conns;
	size_t n = c->text_count + 1;
	struct sieve s = {.c = c, .o = k->d->source->options};
	s.touched = malloc(n * sizeof(*s.touched));
	s.newest = calloc(n, sizeof(*s.newest));
	s.pairs = calloc(PAIRS_MAX, sizeof(*s.pairs));
	int result = 0;
	if (s.touched == NULL || s.newest == NULL || s.pairs == NULL) {
		result = error_set(e, ERR_SYSTEM, "no memory left");
	} else {
		for (size_t i = 0; i < n; i++)
			s.touched[i] = INT64_MIN;
		sieve_rows(&s);
		/* Where some of a day have decayed, the table has rows that are not held.
		 */
		bool whole = !k->d->source->past->mixed && s.n > 0;
		if ((whole && !sieve_pairs(&s)) || !sieve_text(&s, rows))
			result = error_set(e, ERR_SYSTEM, "no memory left");
	}
	free(s.touched);
	free(s.newest);
	free(s.pairs);
	return result;
}

/* ---- the join ---- */

// clang-format off
static const char all_pairs[] =
	"SELECT DISTINCT dst_ip AS host, src_ip AS peer FROM conn WHERE " KNOCK_TOUCH;

/* Of each pair: the first connection that the host opened, what touched it in the hour
 * before, and whether the peer had been answered by it. %s: the pairs. */
#define JOIN_SQL                                                                         \
	"WITH pairs(host, peer) AS MATERIALIZED (%s), "                                \
	"odd AS MATERIALIZED (SELECT ts, src_ip AS peer, src_port, dst_ip AS host, "     \
	"dst_port, proto FROM conn SEMI JOIN pairs ON dst_ip = host AND src_ip = peer "  \
	"WHERE " KNOCK_TOUCH "), "                                                               \
	"out AS MATERIALIZED (SELECT src_ip AS host, dst_ip AS peer, ts, src_port, "     \
	"dst_port, proto, state, dst_packets, src_bytes, dst_bytes, duration FROM conn " \
	"SEMI JOIN pairs ON src_ip = host AND dst_ip = peer "                            \
	"WHERE proto IN ('tcp', 'udp')), "                                               \
	"first AS (SELECT * FROM out QUALIFY row_number() OVER (PARTITION BY host, "     \
	"peer ORDER BY ts, dst_port, proto, src_port) = 1), "                            \
	"near AS MATERIALIZED (SELECT f.host, f.peer, count(*) AS contacts, "            \
	"count(DISTINCT o.dst_port) AS ports, min(o.ts) AS began, max(struct_pack("      \
	"t := o.ts, p := o.dst_port, q := o.proto, s := o.src_port)) AS last "           \
	"FROM first f JOIN odd o ON o.host = f.host AND o.peer = f.peer "                \
	"AND o.ts < f.ts AND o.ts >= f.ts - INTERVAL 1 HOUR GROUP BY f.host, f.peer), "  \
	"calls AS (SELECT n.host, n.peer, count(*) AS calls FROM near n JOIN conn c "    \
	"ON c.src_ip = n.peer AND c.dst_ip = n.host JOIN first f ON f.host = n.host "    \
	"AND f.peer = n.peer WHERE c.ts < f.ts AND c.dst_bytes > 0 GROUP BY ALL), "      \
	"habit AS (SELECT src_ip AS host, count(DISTINCT dst_ip) AS others FROM conn "    \
	"SEMI JOIN near ON src_ip = near.host GROUP BY src_ip), "                        \
	"met AS (SELECT DISTINCT dst_ip AS h, src_ip AS p FROM conn "                    \
	"WHERE dst_ip IN (SELECT host FROM near) AND " KNOCK_TOUCH "), "                         \
	"mutual AS (SELECT src_ip AS host, count(DISTINCT dst_ip) AS others FROM conn "      \
	"SEMI JOIN met ON src_ip = h AND dst_ip = p WHERE proto IN ('tcp', 'udp') "      \
	"GROUP BY src_ip), "                                                             \
	"sums AS (SELECT host, peer, count(*) AS n, max(ts) AS last, sum(src_bytes) AS sent, " \
	"sum(dst_bytes) AS got FROM out GROUP BY ALL) "                                  \
	"SELECT n.host, n.peer, n.contacts, n.ports, n.began, n.last.t, n.last.p, "      \
	"n.last.q, n.last.s, f.ts, f.src_port, f.dst_port, f.proto, f.state, "           \
	"f.dst_bytes, coalesce(c.calls, 0), h.others, s.n, s.last, s.sent, s.got, b.others "        \
	"FROM near n JOIN first f USING (host, peer) JOIN sums s USING (host, peer) "    \
	"JOIN habit h USING (host) JOIN mutual b USING (host) "                          \
	"LEFT JOIN calls c USING (host, peer) "                                          \
	"ORDER BY n.host, n.peer"
// clang-format on

struct call {
	struct wire_pair pair;
	uint64_t contacts, ports;
	int64_t began, touched; /* µs: first and last contact */
	uint16_t touched_port, from_port;
	struct str touched_proto;
	int64_t back; /* µs: the first connection back */
	uint16_t back_from, back_port;
	struct str back_proto;
	bool answered;
	uint64_t calls, habit, both, times, sent, got;
	int64_t last;
	uint64_t like; /* peers that this host called back so */
};

struct calls {
	struct knock *k;
	struct call v[PAIRS_MAX];
	size_t n;
	uint64_t dropped; /* beyond PAIRS_MAX */
	struct arena texts;
};

/* A handshake is enough: a shell that calls waits for what it is told. */
static bool established(const struct store_rows *r)
{
	static const char *const states[] = {"SF", "S1", "S2", "S3", "RSTO", "RSTR"};
	struct str state = store_text(r, 13);
	if (!str_equal(store_text(r, 12), STR("tcp")))
		return store_uint(r, 14) > 0;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (str_equal(state, str_of(states[i])))
			return true;
	}
	return false;
}

static void read_call(struct calls *w, const struct store_rows *r)
{
	const struct detect_options *o = w->k->d->source->options;
	struct call c = {.contacts = store_uint(r, 2)};
	if (!str_addr(store_text(r, 0), &c.pair.host) ||
	    !str_addr(store_text(r, 1), &c.pair.peer) ||
	    addr_is_multicast(&c.pair.host) || !series_home(o, &c.pair.host) ||
	    series_home(o, &c.pair.peer))
		return;
	c.pair.direction = DIRECTION_INBOUND;
	c.ports = store_uint(r, 3);
	c.began = moment_us(store_time(r, 4));
	c.touched = moment_us(store_time(r, 5));
	c.touched_port = (uint16_t)store_uint(r, 6);
	c.from_port = (uint16_t)store_uint(r, 8);
	c.back = moment_us(store_time(r, 9));
	c.back_from = (uint16_t)store_uint(r, 10);
	c.back_port = (uint16_t)store_uint(r, 11);
	/* The rest of a conversation that is older than the memory, or a late answer. */
	if (c.from_port == c.back_port &&
	    (c.touched_port == c.back_from || c.from_port < 1024))
		return;
	/* An answer whose question was not seen: no connection at all. */
	if (c.touched_port == c.back_from && !established(r))
		return;
	if (w->n == PAIRS_MAX) {
		w->dropped++;
		return;
	}
	c.touched_proto = str_copy(&w->texts, store_text(r, 7));
	c.back_proto = str_copy(&w->texts, store_text(r, 12));
	c.answered = established(r);
	c.calls = store_uint(r, 15);
	c.habit = store_uint(r, 16);
	c.times = store_uint(r, 17);
	c.last = moment_us(store_time(r, 18));
	c.sent = store_uint(r, 19);
	c.got = store_uint(r, 20);
	c.both = store_uint(r, 21);
	w->v[w->n++] = c;
}

static int read_calls(struct calls *w, const char *pairs, struct error *e)
{
	struct store_rows *r = past_query(w->k->d->source->store, e, JOIN_SQL, pairs);
	if (r == NULL)
		return -1;
	while (store_next(r))
		read_call(w, r);
	return store_rows_end(r, e);
}

/* ---- judging ---- */

/*
 * How many of so close a succession chance gives in the memory. Of the addresses that
 * both touched the host and were opened to by it, at whatever times and in whatever
 * order, each has its times shuffled: the mean over all permutations, without drawing
 * any.
 */
static double expected(const struct knock *k, const struct call *c)
{
	const struct context *x = k->d->context;
	double span = fmax((double)(x->last - x->first), (double)SOON_US);
	double wait = fmax((double)(c->back - c->touched), 1e6);
	return fmin(1, wait * (double)c->contacts / span) * (double)c->both;
}

static bool same_service(const struct call *c)
{
	return c->back_port == c->touched_port &&
	       str_equal(c->back_proto, c->touched_proto);
}

/* From the very port that was touched: the program that listens there calls, as peers of
 * one network do. */
static bool same_socket(const struct call *c)
{
	return c->back_from == c->touched_port &&
	       str_equal(c->back_proto, c->touched_proto);
}

static enum confidence confidence(const struct call *c, double chance)
{
	bool soon = c->back - c->touched <= SOON_US;
	bool explained =
	    c->calls > 0 || same_service(c) || same_socket(c) || c->like > USUAL_PEERS;
	if (!soon || !c->answered || explained)
		return CONFIDENCE_LOW;
	return chance <= RARE_CHANCE && str_equal(c->back_proto, STR("tcp"))
		   ? CONFIDENCE_HIGH
		   : CONFIDENCE_MEDIUM;
}

static struct str service(struct knock *k, struct str proto, uint16_t port)
{
	return str_format(&k->texts, "%.*s/%u", STR_ARG(proto), port);
}

static void facts(struct knock *k, const struct call *c, struct finding *f, double chance)
{
	double wait = (double)(c->back - c->touched) / 1e6;
	finding_add_fact(f, FACT_KEY_KNOCK_BACK, wait, (double)c->sent, (double)c->times);
	finding_add_fact(
	    f, FACT_KEY_KNOCK_TOUCHED, (double)c->contacts, (double)c->ports, 0);
	finding_add_fact(f, FACT_KEY_KNOCK_NEW, (double)c->habit, 0, 0);
	finding_add_fact(f, FACT_KEY_KNOCK_CHANCE, f->score, chance, (double)c->both);
	if (c->back - c->touched > SOON_US)
		finding_add_fact(f, FACT_KEY_KNOCK_LATE, wait, 0, 0);
	if (!c->answered)
		finding_add_fact(f, FACT_KEY_KNOCK_FAILED, (double)c->times, 0, 0);
	if (c->calls > 0)
		finding_add_fact(f, FACT_KEY_KNOCK_TALKED, (double)c->calls, 0, 0);
	if (same_service(c))
		finding_add_text_fact(f, FACT_KEY_KNOCK_SAME_SERVICE,
		    service(k, c->back_proto, c->back_port));
	if (same_socket(c))
		finding_add_text_fact(f, FACT_KEY_KNOCK_SAME_SOCKET,
		    service(k, c->back_proto, c->back_from));
	if (c->like > USUAL_PEERS)
		finding_add_fact(f, FACT_KEY_KNOCK_HABIT, (double)c->like, 0, 0);
	finding_add_text_fact(
	    f, FACT_KEY_KNOCK_TO, service(k, c->back_proto, c->back_port));
}

static void add(struct knock *k, const struct call *c)
{
	double chance = expected(k, c);
	struct suspect *v = knock_suspect(k, &c->pair, c->touched_port, c->touched_proto,
	    fmax(0, -log10(fmax(chance, 1e-12))));
	if (v == NULL)
		return;
	struct finding *f = &v->finding;
	v->stats = (struct series_stats){.events = c->contacts + c->times,
	    .first = c->began,
	    .last = c->last > c->touched ? c->last : c->touched,
	    .out = c->sent,
	    .in = c->got,
	    .days = 1};
	f->attack[0] = "T1205";
	if (c->ports > 1)
		f->attack[1] = "T1205.001";
	facts(k, c, f, chance);
	f->confidence = confidence(c, chance);
}

static void judge(struct calls *w)
{
	for (size_t i = 0; i < w->n;) {
		size_t n = 1;
		while (i + n < w->n &&
		       addr_equal(&w->v[i + n].pair.host, &w->v[i].pair.host))
			n++;
		for (size_t j = i; j < i + n; j++) {
			w->v[j].like = n;
			add(w->k, &w->v[j]);
		}
		i += n;
	}
}

int knock_callbacks(struct knock *k, struct error *e)
{
	struct calls *w = calloc(1, sizeof(*w));
	if (w == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	w->k = k;
	arena_init(&w->texts, 1u << 22);
	struct knock_rows rows = {.text = NULL};
	bool held = k->d->source->conns->held;
	int result = held ? sieve_held(k, &rows, e) : 0;
	if (result == 0 && (!held || rows.count > 0))
		result = read_calls(w, held ? rows.text : all_pairs, e);
	if (result == 0)
		judge(w);
	free(rows.text);
	arena_fini(&w->texts);
	free(w);
	return result;
}
