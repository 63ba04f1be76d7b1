/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP packets that no stack sends (detection.md B5): data in a SYN without TCP Fast Open,
 * combinations of flags that mean nothing, an acknowledgement number or an urgent pointer
 * where there is none. Scanners send most of them; then they are one finding for the
 * scanner, of low confidence. What a knock looks like is left: few such packets from a
 * source that does not scan, never had a connection with that server, and soon has one.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/wire/wire.h"

#define PAIRS_MAX    16384 /* sources and targets that are looked at, oldest first */
#define SCAN_DEAD    10    /* targets without an answer, for a source that scans */
#define SCAN_HOSTS   5     /* or hosts that got such a packet */
#define KNOCK_MOST   10    /* packets; a stack that is wrong sends them always */
#define DAY_US       86400000000
#define STRINGIFY(x) #x
#define TEXT_OF(x)   STRINGIFY(x)

/* What one source sent to one target. */
struct odd {
	struct wire_pair pair;
	int64_t first, last; /* µs */
	uint64_t syn_data, bad_flags, headers, ports;
	uint16_t port;
	int64_t later; /* µs: an ordinary connection within the hour; INT64_MIN: none */
	bool before;   /* they had one before */
	uint64_t dead; /* targets of the source that never answered */
	struct str flags;
};

struct odds {
	const struct detection *d;
	struct odd *v; /* owned */
	size_t n;
	struct arena texts;
	struct suspects suspects;
};

// clang-format off
static const char rows_sql[] =
    "WITH p AS (SELECT src_ip, dst_ip, min(ts) AS first, max(ts) AS last, "
	"count(*) FILTER (kind = 'syn_data') AS data, count(*) FILTER (kind = 'bad_flags') AS bad, "
	"count(*) FILTER (kind = 'odd_header') AS header, count(DISTINCT dst_port) AS ports, "
	"arg_min(dst_port, ts) AS port, min(detail) FILTER (kind = 'bad_flags') AS flags "
	"FROM anomaly WHERE kind IN ('bad_flags', 'odd_header') "
	"OR (kind = 'syn_data' AND detail NOT LIKE '%fast_open=1%') "
	"GROUP BY src_ip, dst_ip ORDER BY first, src_ip, dst_ip LIMIT " TEXT_OF(PAIRS_MAX) "), "
    "talk AS (SELECT p.src_ip, p.dst_ip, min(c.ts) FILTER (c.ts > p.first + INTERVAL 1 SECOND "
	"AND c.ts <= p.last + INTERVAL 1 HOUR) AS later, "
	"coalesce(bool_or(c.ts < p.first), false) AS before FROM p JOIN conn c "
	"ON c.src_ip = p.src_ip AND c.dst_ip = p.dst_ip AND c.proto = 'tcp' "
	"AND c.src_bytes > 0 AND c.dst_bytes > 0 GROUP BY ALL), "
    "dead AS (SELECT c.src_ip, count(DISTINCT (c.dst_ip, c.dst_port)) AS n FROM conn c "
	"WHERE c.src_ip IN (SELECT src_ip FROM p) AND c.proto = 'tcp' AND c.dst_bytes = 0 "
	"GROUP BY c.src_ip) "
    "SELECT p.src_ip, p.dst_ip, p.first, p.last, p.data, p.bad, p.header, p.ports, p.port, "
	"p.flags, talk.later, talk.before, dead.n FROM p LEFT JOIN talk USING (src_ip, dst_ip) "
	"LEFT JOIN dead USING (src_ip) ORDER BY p.first, p.src_ip, p.dst_ip";
// clang-format on

static void read_odd(struct odds *w, const struct store_rows *r)
{
	struct odd *o = &w->v[w->n];
	struct addr src, dst;
	*o = (struct odd){.later = INT64_MIN};
	if (!str_addr(store_text(r, 0), &src) || !str_addr(store_text(r, 1), &dst) ||
	    !wire_orient(w->d->source->options, &src, &dst, &o->pair))
		return;
	o->first = moment_us(store_time(r, 2));
	o->last = moment_us(store_time(r, 3));
	o->syn_data = store_uint(r, 4);
	o->bad_flags = store_uint(r, 5);
	o->headers = store_uint(r, 6);
	o->ports = store_uint(r, 7);
	o->port = (uint16_t)store_uint(r, 8);
	o->flags = str_copy(&w->texts, store_text(r, 9));
	if (!store_is_null(r, 10))
		o->later = moment_us(store_time(r, 10));
	o->before = !store_is_null(r, 11) && store_bool(r, 11);
	o->dead = store_uint(r, 12);
	w->n++;
}

static int any_odd(const struct detection *d, bool *any, struct error *e)
{
	struct store_rows *r = store_query(d->source->store,
	    "SELECT count(*) > 0 FROM anomaly WHERE kind IN ('syn_data', 'bad_flags', "
	    "'odd_header')",
	    e);
	if (r == NULL)
		return -1;
	*any = store_next(r) && store_bool(r, 0);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static int read_odds(struct odds *w, struct error *e)
{
	struct store_rows *r = store_query(w->d->source->store, rows_sql, e);
	if (r == NULL)
		return -1;
	while (w->n < PAIRS_MAX && store_next(r))
		read_odd(w, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	return failed ? -1 : 0;
}

static uint64_t packets(const struct odd *o)
{
	return o->syn_data + o->bad_flags + o->headers;
}

static enum confidence confidence_of(const struct odd *o)
{
	bool inbound = o->pair.direction != DIRECTION_OUTBOUND;
	if (o->later == INT64_MIN || o->before || packets(o) > KNOCK_MOST)
		return CONFIDENCE_LOW;
	return inbound && o->syn_data > 0 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void facts_of(struct finding *f, const struct odd *o, size_t hosts, bool scan)
{
	if (o->syn_data > 0)
		finding_add_fact(f, FACT_KEY_SYN_DATA, (double)o->syn_data, 0, 0);
	if (o->bad_flags > 0)
		finding_add_fact(f, FACT_KEY_BAD_FLAGS, (double)o->bad_flags, 0, 0);
	if (o->headers > 0)
		finding_add_fact(f, FACT_KEY_ODD_FIELDS, (double)o->headers, 0, 0);
	if (o->later != INT64_MIN)
		finding_add_fact(f, FACT_KEY_THEN_TALKED,
		    (double)(o->later - o->first) / 1e6, (double)o->first, 0);
	if (scan)
		finding_add_fact(f, FACT_KEY_SCANS, (double)o->dead, (double)hosts, 0);
	if (o->before)
		finding_add_fact(f, FACT_KEY_TALKED_BEFORE, 0, 0, 0);
	if (packets(o) > KNOCK_MOST)
		finding_add_fact(f, FACT_KEY_ALWAYS_ODD, (double)packets(o), 0, 0);
	if (o->flags.n > 6) /* flags=… */
		finding_add_text_fact(
		    f, FACT_KEY_FLAGS, (struct str){o->flags.p + 6, o->flags.n - 6});
}

static int add_finding(
    struct odds *w, const struct odd *o, size_t hosts, bool scan, struct error *e)
{
	struct suspect *v = wire_suspect(&w->suspects, &o->pair,
	    o->ports == 1 ? o->port : 0, STR("tcp"), log10(1 + (double)packets(o)));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	v->stats = (struct series_stats){.events = packets(o),
	    .first = o->first,
	    .last = o->last,
	    .days = (uint64_t)(o->last / DAY_US - o->first / DAY_US + 1)};
	struct finding *f = &v->finding;
	f->confidence = scan ? CONFIDENCE_LOW : confidence_of(o);
	f->rank_p = f->confidence == CONFIDENCE_HIGH     ? 0.001
		    : f->confidence == CONFIDENCE_MEDIUM ? 0.05
							 : 0.5;
	f->attack[0] =
	    scan ? "T1046" : "T1205";         /* service discovery; traffic signaling */
	f->attack[1] = scan ? NULL : "T1001"; /* data obfuscation */
	facts_of(f, o, hosts, scan);
	return 0;
}

/* Sources together, the oldest first. */
static int by_source(const void *x, const void *y)
{
	const struct odd *a = x, *b = y;
	const struct addr *p = a->pair.host_opened ? &a->pair.host : &a->pair.peer;
	const struct addr *q = b->pair.host_opened ? &b->pair.host : &b->pair.peer;
	int c = addr_cmp(p, q);
	if (c == 0)
		c = a->first < b->first ? -1 : a->first > b->first;
	return c != 0 ? c : wire_compare(&a->pair, &b->pair);
}

static bool same_source(const struct odd *a, const struct odd *b)
{
	return a->pair.host_opened == b->pair.host_opened &&
	       (a->pair.host_opened ? addr_equal(&a->pair.host, &b->pair.host)
				    : addr_equal(&a->pair.peer, &b->pair.peer));
}

/* A scanner's packets to all its targets, told with the first of them. */
static struct odd together(const struct odd *v, size_t n)
{
	struct odd all = v[0];
	all.later = INT64_MIN;
	for (size_t i = 1; i < n; i++) {
		all.syn_data += v[i].syn_data;
		all.bad_flags += v[i].bad_flags;
		all.headers += v[i].headers;
		all.ports += v[i].ports;
		all.last = v[i].last > all.last ? v[i].last : all.last;
		if (all.flags.n == 0)
			all.flags = v[i].flags;
	}
	return all;
}

static int take_all(struct odds *w, struct error *e)
{
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(*w->v), by_source);
	for (size_t i = 0, n; i < w->n; i += n) {
		for (n = 1; i + n < w->n && same_source(&w->v[i], &w->v[i + n]);)
			n++;
		bool scan = w->v[i].dead >= SCAN_DEAD || n >= SCAN_HOSTS;
		const struct odd all = together(&w->v[i], n);
		if (scan && add_finding(w, &all, n, true, e) < 0)
			return -1;
		for (size_t k = i; !scan && k < i + n; k++) {
			if (add_finding(w, &w->v[k], n, false, e) < 0)
				return -1;
		}
	}
	return wire_emit(w->d, &w->suspects, "odd_packet", e);
}

static int run(const struct detection *d, struct error *e)
{
	struct odds w = {.d = d};
	bool any = false;
	if (any_odd(d, &any, e) < 0)
		return -1;
	if (!any)
		return 0;
	arena_init(&w.texts, 1u << 20);
	suspects_init(&w.suspects);
	w.v = calloc(PAIRS_MAX, sizeof(*w.v));
	int result =
	    w.v != NULL ? read_odds(&w, e) : error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = take_all(&w, e);
	suspects_fini(&w.suspects);
	arena_fini(&w.texts);
	free(w.v);
	return result;
}

const struct detector detector_odd_packet = {"odd_packet",
    "TCP packets that no stack sends: data in a SYN, flags that mean nothing", run};
