/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Published traces of implants (proto/traces.h). Two bytes fit by chance once in 65,536
 * payloads, so most traces tell nothing alone: the trace itself says what has to come to
 * it, and how sure that makes it (detection.md B6):
 *
 *     unanswered   nothing came back
 *     repeat       again from the same source, and no known protocol explains it
 *     callback     within two minutes the host opens a connection to the source, which
 *                  it had not done in the hour before
 *     with         another trace in the same connection
 *
 * One finding for each two machines and protocol.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detail.h"
#include "detect/wire/talks.h"
#include "detect/wire/wire.h"

#define ROWS_MAX     16384 /* traces that are looked at, oldest first */
#define HITS_OF_PAIR 64    /* for which is looked around */
#define HOUR_US      3600000000
#define BACK_US      120000000 /* B6: a call-back comes within two minutes */
#define NAMES_MAX    16        /* different traces between two machines */
#define TEXTS_MAX    (8u << 20)
#define SCAN_HOSTS   10 /* one source, more hosts than this: it scans (B6) */
#define DAY_US       86400000000
#define SHOWN_NAMES  4 /* traces of which a finding tells */

#define STRINGIFY(x) #x
#define TEXT_OF(x)   STRINGIFY(x)

enum { ALONE, UNANSWERED, REPEAT, CALLBACK, WITH, FOLLOWS };

static const char *const follow_names[FOLLOWS] = {
    "alone", "unanswered", "repeat", "callback", "with"};

/* A row of anomaly, and what the memory holds around it. */
struct hit {
	struct wire_pair pair;
	int64_t ts;
	int64_t back; /* µs: first connection of the host to the source around it … */
	bool called;  /* … and none before it: the host called back */
	uint16_t src_port, dst_port;
	uint64_t src_bytes, dst_bytes; /* of its connection */
	bool explained;                /* a known protocol was recognised in it */
	bool beside;                   /* was looked around for */
	struct str proto, detail;
};

struct hits {
	const struct detection *d;
	struct hit *v; /* owned */
	size_t n;
	uint64_t connections; /* of the memory */
	struct arena texts;
	struct suspects suspects;
};

/* What the hits of two machines are of one trace. */
struct sum {
	struct str name;
	const struct hit *first;
	uint64_t n, unanswered, explained, unexplained, backs;
	bool with;
	int sure; /* 0 nothing, 1 low, 2 medium, 3 high */
	double bits;
};

static const char rows_sql[] =
    "SELECT ts, src_ip, src_port, dst_ip, dst_port, proto, detail FROM anomaly WHERE "
    "kind = 'trace' ORDER BY ts, src_ip, src_port, dst_ip, dst_port, proto, detail "
    "LIMIT " TEXT_OF(ROWS_MAX);

/* Services that say nothing of what the bytes are. */
static bool explains(struct str service)
{
	return service.n > 0 && !str_equal(service, STR("encrypted"));
}

static bool read_hit(struct hits *w, const struct store_rows *r)
{
	struct hit *h = &w->v[w->n];
	struct addr src, dst;
	*h = (struct hit){.ts = moment_us(store_time(r, 0)), .back = INT64_MAX};
	if (!str_addr(store_text(r, 1), &src) || !str_addr(store_text(r, 3), &dst) ||
	    !wire_orient(w->d->source->options, &src, &dst, &h->pair))
		return true;
	h->src_port = (uint16_t)store_uint(r, 2);
	h->dst_port = (uint16_t)store_uint(r, 4);
	h->proto = str_copy(&w->texts, store_text(r, 5));
	h->detail = str_copy(&w->texts, store_text(r, 6));
	w->n += h->detail.p != NULL;
	return h->detail.p != NULL;
}

static int by_pair(const void *x, const void *y)
{
	const struct hit *a = x, *b = y;
	int c = wire_compare(&a->pair, &b->pair);
	if (c == 0)
		c = str_cmp(a->proto, b->proto);
	if (c == 0)
		c = a->ts < b->ts ? -1 : a->ts > b->ts;
	return c != 0 ? c : str_cmp(a->detail, b->detail);
}

static int read_hits(struct hits *w, struct error *e)
{
	struct store_rows *r = store_sum(w->d->source->store, rows_sql, e);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && w->n < ROWS_MAX && store_next(r))
		fits = read_hit(w, r);
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (failed || !fits)
		return failed ? -1 : error_set(e, ERR_SYSTEM, "no memory left");
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(*w->v), by_pair);
	return 0;
}

/* ---- what happened around them ---- */

/* The hits between host and peer, the oldest HITS_OF_PAIR at most; how many. */
static size_t hits_of(
    const struct hits *w, const struct addr *host, const struct addr *peer, size_t *at)
{
	const struct wire_pair pair = {.host = *host, .peer = *peer};
	size_t low = 0, high = w->n, n = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (wire_compare(&w->v[middle].pair, &pair) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	while (n < HITS_OF_PAIR && low + n < w->n &&
	       wire_compare(&w->v[low + n].pair, &pair) == 0)
		n++;
	return n;
}

/* A connection between the two of a hit: its own, or one back. */
static void put_beside(struct hit *h, const struct talk *t, bool back)
{
	if (back) {
		bool near = t->ts > h->ts - HOUR_US && t->ts <= h->ts + BACK_US;
		if (near && !t->failed && t->ts < h->back)
			h->back = t->ts;
		return;
	}
	double end = (double)t->ts + (t->seconds + 1) * 1e6;
	if (t->port != h->dst_port || !str_equal(t->proto, h->proto) || t->ts > h->ts ||
	    (double)h->ts > end)
		return;
	h->src_bytes = t->src_bytes > h->src_bytes ? t->src_bytes : h->src_bytes;
	h->dst_bytes = t->dst_bytes > h->dst_bytes ? t->dst_bytes : h->dst_bytes;
	h->explained |= explains(t->service);
}

/* Ends of a pair may be either end of a connection. */
static void take_talk(void *ctx, const struct talk *t)
{
	struct hits *w = ctx;
	size_t at, n = hits_of(w, &t->src, &t->dst, &at);
	for (size_t i = at; i < at + n; i++)
		put_beside(&w->v[i], t, !w->v[i].pair.host_opened);
	n = hits_of(w, &t->dst, &t->src, &at);
	for (size_t i = at; i < at + n; i++)
		put_beside(&w->v[i], t, w->v[i].pair.host_opened);
}

/* A host that talks to the source anyway does not call back. */
static int look_around(struct hits *w, struct error *e)
{
	struct addr *ends = calloc(2 * w->n, sizeof(*ends));
	const struct source *s = w->d->source;
	if (ends == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	for (size_t i = 0; i < w->n; i++) {
		ends[2 * i] = w->v[i].pair.host;
		ends[2 * i + 1] = w->v[i].pair.peer;
		w->v[i].beside =
		    i < HITS_OF_PAIR ||
		    wire_compare(&w->v[i].pair, &w->v[i - HITS_OF_PAIR].pair) != 0;
	}
	const struct talks_query q = {ends, talks_openers(ends, 2 * w->n), "'trace'"};
	int result = talks_read(s, &q, take_talk, w, e);
	for (size_t i = 0; i < w->n; i++)
		w->v[i].called = w->v[i].back != INT64_MAX && w->v[i].back > w->v[i].ts;
	free(ends);
	w->connections = s->conns->n;
	if (result == 0 && !s->conns->held)
		result = past_count(s->past, s->store, &w->connections, e);
	return result;
}

/* ---- one pair ---- */

static int confidence_of_word(struct str s)
{
	static const char *const names[] = {"low", "medium", "high"};
	for (int i = 0; i < 3; i++) {
		if (str_equal(s, str_of(names[i])))
			return i + 1;
	}
	return 0;
}

/* Which trace of the same connection speaks for it, and how surely: "NAME:high". */
static int with_of(struct str detail, struct str *name)
{
	struct str with = detail_text(detail, "with");
	const char *colon = with.n > 0 ? memchr(with.p, ':', with.n) : NULL;
	if (colon == NULL)
		return 0;
	size_t n = (size_t)(colon - with.p);
	*name = (struct str){with.p, n};
	return confidence_of_word((struct str){colon + 1, with.n - n - 1});
}

static bool is_met(const struct hit *v, size_t n, const struct hit *h, struct str name)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].src_port == h->src_port && v[i].dst_port == h->dst_port &&
		    str_equal(detail_text(v[i].detail, "trace"), name))
			return true;
	}
	return false;
}

static void weigh_sum(struct sum *s)
{
	struct str detail = s->first->detail, other;
	const bool holds[FOLLOWS] = {
	    true, s->unanswered > 0, s->unexplained > 1, s->backs > 0, s->with};
	for (int i = 0; i < FOLLOWS; i++) {
		int sure = i == WITH
			       ? with_of(detail, &other)
			       : confidence_of_word(detail_text(detail, follow_names[i]));
		if (holds[i] && sure > s->sure)
			s->sure = sure;
	}
}

/* Whether what the hit is of may be more than a known protocol at work: an answer over
 * UDP shows that somebody there understands the bytes. */
static bool is_unexplained(const struct hit *h)
{
	bool smb = str_equal(detail_text(h->detail, "where"), STR("smb1"));
	bool udp = str_equal(h->proto, STR("udp"));
	return smb || !(h->explained || (udp && h->dst_bytes > 0));
}

static size_t sum_up(const struct hit *v, size_t n, struct sum out[static NAMES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		struct str name = detail_text(v[i].detail, "trace"), other;
		size_t k = 0;
		while (k < count && !str_equal(out[k].name, name))
			k++;
		if (k == NAMES_MAX)
			continue;
		struct sum *s = &out[k];
		if (k == count) {
			*s = (struct sum){.name = name, .first = &v[i]};
			count++;
		}
		bool unexplained = v[i].beside && is_unexplained(&v[i]);
		s->n++;
		s->explained += v[i].beside && !unexplained;
		s->unanswered += unexplained && v[i].dst_bytes == 0;
		s->unexplained += unexplained;
		s->backs += unexplained && v[i].called;
		s->bits = (double)detail_number(v[i].detail, "bits", 0);
		s->with |= with_of(v[i].detail, &other) > 0 && is_met(v, n, &v[i], other);
	}
	for (size_t k = 0; k < count; k++)
		weigh_sum(&out[k]);
	return count;
}

static int surest(const void *x, const void *y)
{
	const struct sum *a = x, *b = y;
	if (a->sure != b->sure)
		return b->sure - a->sure;
	if (a->first->ts != b->first->ts)
		return a->first->ts < b->first->ts ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static void attack_of(struct finding *f, const struct hit *h)
{
	struct str where = detail_text(h->detail, "where");
	bool icmp = str_equal(where, STR("icmp"));
	f->attack[0] = "T1205"; /* traffic signaling */
	if (str_equal(where, STR("smb1")))
		f->attack[0] = "T1210"; /* exploitation of remote services */
	else if (icmp)
		f->attack[1] = "T1095"; /* non-application layer protocol */
	else if (str_equal(where, STR("tcp")) || str_equal(where, STR("udp")))
		f->attack[1] = "T1205.002"; /* socket filters */
}

static void facts_of_sum(struct hits *w, struct finding *f, const struct sum *s)
{
	struct str source = detail_text(s->first->detail, "source");
	finding_add_text_fact(f, FACT_KEY_TRACE,
	    str_format(&w->texts, "%.*s (%.*s)", STR_ARG(s->name), STR_ARG(source)));
	if (s->n > 1)
		finding_add_fact(f, FACT_KEY_TRACE_AGAIN, (double)s->n, 0, 0);
	if (s->unanswered > 0)
		finding_add_fact(
		    f, FACT_KEY_TRACE_UNANSWERED, (double)s->unanswered, 0, 0);
	if (s->explained > 0)
		finding_add_fact(
		    f, FACT_KEY_TRACE_EXPLAINED, (double)s->explained, (double)s->n, 0);
}

static void facts_of_call(struct finding *f, const struct hit *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!v[i].called)
			continue;
		finding_add_fact(f, FACT_KEY_CALLED_BACK,
		    (double)(v[i].back - v[i].ts) / 1e6, (double)v[i].ts, 0);
		return;
	}
}

static void stats_of(struct series_stats *s, const struct hit *v, size_t n)
{
	int64_t day = INT64_MIN;
	*s = (struct series_stats){
	    .events = n, .starts = n, .first = v[0].ts, .last = v[n - 1].ts};
	for (size_t i = 0; i < n; i++) {
		bool out = v[i].pair.host_opened;
		bool same = i > 0 && v[i].src_port == v[i - 1].src_port &&
			    v[i].dst_port == v[i - 1].dst_port;
		s->days += v[i].ts / DAY_US != day;
		day = v[i].ts / DAY_US;
		if (same)
			continue; /* of one connection */
		s->out += out ? v[i].src_bytes : v[i].dst_bytes;
		s->in += out ? v[i].dst_bytes : v[i].src_bytes;
	}
}

/* log10 of how much less than one fit chance alone would give: each fit, of at most four,
 * is as rare as its bits are many, among all connections. */
static double decades(const struct hits *w, const struct sum *s)
{
	double all = log10(fmax(1, (double)w->connections));
	return fmax(0, fmin((double)s->n, 4) * s->bits * log10(2) - all);
}

static int take_pair(struct hits *w, const struct hit *v, size_t n, struct error *e)
{
	struct sum sums[NAMES_MAX];
	size_t count = sum_up(v, n, sums);
	qsort(sums, count, sizeof(*sums), surest);
	if (count == 0 || sums[0].sure == 0)
		return 0;
	struct suspect *s = wire_suspect(&w->suspects, &v[0].pair,
	    str_equal(v[0].proto, STR("icmp")) ? 0 : v[0].dst_port, v[0].proto,
	    decades(w, &sums[0]));
	if (s == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	stats_of(&s->stats, v, n);
	struct finding *f = &s->finding;
	f->confidence = (enum confidence)(sums[0].sure - 1);
	attack_of(f, sums[0].first);
	for (size_t k = 0; k < count && k < SHOWN_NAMES; k++)
		facts_of_sum(w, f, &sums[k]);
	facts_of_call(f, v, n);
	return 0;
}

/* ---- all ---- */

static int by_peer(const void *x, const void *y)
{
	const struct suspect *a = x, *b = y;
	int c = str_cmp(a->finding.peer, b->finding.peer);
	if (c == 0)
		c = (int)b->finding.confidence - (int)a->finding.confidence;
	return c != 0 ? c : addr_cmp(&a->finding.host, &b->finding.host);
}

/* A source that does it to many hosts looks for the implant; it does not use one. Only
 * where a host answered for itself is a finding left as it is; of the others the first
 * stands for all. */
static void fold_scans(struct hits *w)
{
	struct suspects *l = &w->suspects;
	size_t kept = 0;
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_peer);
	for (size_t i = 0, n; i < l->n; i += n) {
		n = 1;
		while (i + n < l->n &&
		       str_equal(l->v[i].finding.peer, l->v[i + n].finding.peer))
			n++;
		bool told = false;
		for (size_t k = i; k < i + n; k++) {
			struct suspect v = l->v[k];
			bool scan = n > SCAN_HOSTS &&
				    v.finding.confidence < CONFIDENCE_HIGH &&
				    v.finding.direction != DIRECTION_OUTBOUND;
			if (scan && told)
				continue;
			if (scan) {
				v.finding.confidence = CONFIDENCE_LOW;
				finding_add_fact(
				    &v.finding, FACT_KEY_TRACE_SCAN, (double)n, 0, 0);
				told = true;
			}
			l->v[kept++] = v;
		}
	}
	l->n = kept;
}

static int take_all(struct hits *w, struct error *e)
{
	for (size_t i = 0, n; i < w->n; i += n) {
		n = 1;
		while (i + n < w->n &&
		       wire_compare(&w->v[i].pair, &w->v[i + n].pair) == 0 &&
		       str_equal(w->v[i].proto, w->v[i + n].proto))
			n++;
		if (take_pair(w, &w->v[i], n, e) < 0)
			return -1;
	}
	fold_scans(w);
	return wire_emit(w->d, &w->suspects, "implant", e);
}

static int run(const struct detection *d, struct error *e)
{
	struct hits w = {.d = d};
	arena_init(&w.texts, TEXTS_MAX);
	suspects_init(&w.suspects);
	w.v = calloc(ROWS_MAX, sizeof(*w.v));
	int result = -1;
	if (w.v != NULL)
		result = read_hits(&w, e);
	else
		error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0 && w.n > 0)
		result = look_around(&w, e);
	if (result == 0 && w.n > 0)
		result = take_all(&w, e);
	suspects_fini(&w.suspects);
	arena_fini(&w.texts);
	free(w.v);
	return result;
}

static const struct detector_state state[] = {
    {"traces", sizeof(struct hit), ROWS_MAX},
    {"bytes of texts", 1, TEXTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_implant = {"implant",
    "published traces of implants: magic bytes, forged handshakes, call-backs", run,
    state};
