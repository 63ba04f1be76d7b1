/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP packets that no stack sends (detection.md B5): data in a SYN without TCP Fast Open,
 * combinations of flags that mean nothing, an acknowledgement number or an urgent pointer
 * where there is none; and text in fields that nobody reads. Scanners send most of them;
 * then they are one finding for the scanner, of low confidence. What a knock looks like
 * is left: few such packets from a source that does not scan, never had a connection with
 * that server, and soon has one.
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detail.h"
#include "detect/wire/talks.h"
#include "detect/wire/wire.h"

#define PAIRS_MAX    16384 /* sources and targets that are looked at, oldest first */
#define SCAN_DEAD    10    /* targets without an answer, for a source that scans */
#define SCAN_HOSTS   5     /* or hosts that got such a packet */
#define KNOCK_MOST   10    /* packets; a stack that is wrong sends them always */
#define SECOND_US    1000000
#define HOUR_US      3600000000
#define DAY_US       86400000000
#define STRINGIFY(x) #x
#define TEXT_OF(x)   STRINGIFY(x)

/* What one source sent to one target. */
struct odd {
	struct wire_pair pair;
	int64_t first, last; /* µs */
	uint64_t syn_data, bad_flags, headers, ports;
	uint64_t texts; /* packets with text in a field */
	uint16_t port;
	int64_t later; /* µs: an ordinary connection within the hour; INT64_MIN: none */
	bool before;   /* they had one before */
	struct str flags;
	struct str text; /* the detail of header_text; absent: none */
};

/* Who sent such packets, and targets of his that gave no data. */
struct sender {
	size_t dead; /* SCAN_DEAD at most */
	struct {
		struct addr dst;
		uint16_t port;
	} target[SCAN_DEAD];
};

struct odds {
	const struct detection *d;
	struct odd *v; /* owned */
	size_t n;
	struct addr *openers;   /* owned */
	struct sender *senders; /* of the same index; owned */
	size_t opener_count;
	struct arena texts;
	struct suspects suspects;
};

static const char rows_sql[] =
    "SELECT src_ip, dst_ip, min(ts) AS first, max(ts), "
    "count(*) FILTER (kind = 'syn_data'), count(*) FILTER (kind = 'bad_flags'), "
    "count(*) FILTER (kind = 'odd_header'), count(DISTINCT dst_port), "
    "arg_min(dst_port, ts), min(detail) FILTER (kind = 'bad_flags'), "
    "min(detail) FILTER (kind = 'header_text') FROM anomaly "
    "WHERE kind IN ('bad_flags', 'odd_header', 'header_text') "
    "OR (kind = 'syn_data' AND detail NOT LIKE '%fast_open=1%') "
    "GROUP BY src_ip, dst_ip ORDER BY first, src_ip, dst_ip LIMIT " TEXT_OF(PAIRS_MAX);

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
	o->text = str_copy(&w->texts, store_text(r, 10));
	int64_t texts = detail_number(o->text, "packets", 0);
	o->texts = texts > 0 ? (uint64_t)texts : 0;
	w->n++;
}

static int read_odds(struct odds *w, struct error *e)
{
	struct store_rows *r = store_sum(w->d->source->store, rows_sql, e);
	if (r == NULL)
		return -1;
	while (w->n < PAIRS_MAX && store_next(r))
		read_odd(w, r);
	return store_rows_end(r, e);
}

/* ---- what happened around them ---- */

static const struct addr *opener(const struct odd *o)
{
	return o->pair.host_opened ? &o->pair.host : &o->pair.peer;
}

static const struct addr *target(const struct odd *o)
{
	return o->pair.host_opened ? &o->pair.peer : &o->pair.host;
}

static int compare_ends(
    const struct odd *o, const struct addr *src, const struct addr *dst)
{
	int c = addr_cmp(opener(o), src);
	return c != 0 ? c : addr_cmp(target(o), dst);
}

/* Sources together; each pair is there once. */
static int by_ends(const void *x, const void *y)
{
	const struct odd *b = y;
	return compare_ends(x, opener(b), target(b));
}

/* The index of src among the openers, or of the pair among the odd. */
static size_t find_opener(const struct odds *w, const struct addr *src)
{
	size_t low = 0, high = w->opener_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (addr_cmp(&w->openers[middle], src) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct odd *find_pair(struct odds *w, const struct talk *t)
{
	size_t low = 0, high = w->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_ends(&w->v[middle], &t->src, &t->dst) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < w->n && compare_ends(&w->v[low], &t->src, &t->dst) == 0 ? &w->v[low]
									     : NULL;
}

static void add_dead(struct sender *s, const struct talk *t)
{
	size_t i = 0;
	while (i < s->dead &&
	       (s->target[i].port != t->port || !addr_equal(&s->target[i].dst, &t->dst)))
		i++;
	if (i < s->dead || i == SCAN_DEAD)
		return;
	s->target[i].dst = t->dst;
	s->target[i].port = t->port;
	s->dead++;
}

static void take_talk(void *ctx, const struct talk *t)
{
	struct odds *w = ctx;
	if (!str_equal(t->proto, STR("tcp")))
		return;
	if (t->dst_bytes == 0)
		add_dead(&w->senders[find_opener(w, &t->src)], t);
	struct odd *o = find_pair(w, t);
	if (o == NULL || t->src_bytes == 0 || t->dst_bytes == 0)
		return;
	o->before |= t->ts < o->first;
	if (t->ts > o->first + SECOND_US && t->ts <= o->last + HOUR_US &&
	    (o->later == INT64_MIN || t->ts < o->later))
		o->later = t->ts;
}

static int look_around(struct odds *w, struct error *e)
{
	w->openers = calloc(w->n, sizeof(*w->openers));
	w->senders = calloc(w->n, sizeof(*w->senders));
	if (w->openers == NULL || w->senders == NULL) {
		error_set(e, ERR_SYSTEM, "no memory left");
		return -1;
	}
	qsort(w->v, w->n, sizeof(*w->v), by_ends);
	for (size_t i = 0; i < w->n; i++)
		w->openers[i] = *opener(&w->v[i]);
	w->opener_count = talks_openers(w->openers, w->n);
	const struct talks_query q = {w->openers, w->opener_count,
	    "'syn_data', 'bad_flags', 'odd_header', 'header_text'"};
	return talks_read(w->d->source, &q, take_talk, w, e);
}

/* ---- findings ---- */

static uint64_t packets(const struct odd *o)
{
	return o->syn_data + o->bad_flags + o->headers + o->texts;
}

static enum confidence confidence_of(const struct odd *o)
{
	if (o->texts > 0)
		return CONFIDENCE_MEDIUM;
	bool inbound = o->pair.direction != DIRECTION_OUTBOUND;
	if (o->later == INT64_MIN || o->before || packets(o) > KNOCK_MOST)
		return CONFIDENCE_LOW;
	return inbound && o->syn_data > 0 ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void facts_of_text(struct odds *w, struct finding *f, const struct odd *o)
{
	struct str field = detail_text(o->text, "field");
	finding_add_fact(f, FACT_KEY_HEADER_TEXT, (double)o->texts,
	    (double)detail_number(o->text, "values", 0), 0);
	finding_add_text_fact(f, FACT_KEY_HEADER_FIELD,
	    str_format(&w->texts, "%s, byte %d: %.*s",
		str_equal(field, STR("seq")) ? "TCP sequence number"
					     : "IP identification",
		(int)detail_number(o->text, "byte", 0),
		STR_ARG(detail_text(o->text, "text"))));
}

static void facts_of(
    struct odds *w, struct finding *f, const struct odd *o, size_t hosts, bool scan)
{
	if (o->texts > 0)
		facts_of_text(w, f, o);
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
		finding_add_fact(f, FACT_KEY_SCANS,
		    (double)w->senders[find_opener(w, opener(o))].dead, (double)hosts, 0);
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
	f->attack[0] = scan           ? "T1046"  /* service discovery */
		       : o->texts > 0 ? "T1001"  /* data obfuscation */
				      : "T1205"; /* traffic signaling */
	f->attack[1] = scan           ? NULL
		       : o->texts > 0 ? "T1095" /* protocol that is no application's */
				      : "T1001";
	facts_of(w, f, o, hosts, scan);
	return 0;
}

/* A scanner's packets to all its targets, told with the first of them. */
static struct odd together(const struct odd *v, size_t n)
{
	size_t oldest = 0;
	for (size_t i = 1; i < n; i++)
		oldest = v[i].first < v[oldest].first ? i : oldest;
	struct odd all = v[oldest];
	all.syn_data = all.bad_flags = all.headers = all.ports = all.texts = 0;
	all.later = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		all.syn_data += v[i].syn_data;
		all.bad_flags += v[i].bad_flags;
		all.headers += v[i].headers;
		all.texts += v[i].texts;
		if (all.text.n == 0)
			all.text = v[i].text;
		all.ports += v[i].ports;
		all.last = v[i].last > all.last ? v[i].last : all.last;
		if (all.flags.n == 0)
			all.flags = v[i].flags;
	}
	return all;
}

static int take_all(struct odds *w, struct error *e)
{
	for (size_t i = 0, n; i < w->n; i += n) {
		for (n = 1;
		     i + n < w->n && addr_equal(opener(&w->v[i]), opener(&w->v[i + n]));)
			n++;
		bool scan =
		    n >= SCAN_HOSTS ||
		    w->senders[find_opener(w, opener(&w->v[i]))].dead == SCAN_DEAD;
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
	arena_init(&w.texts, 1u << 20);
	suspects_init(&w.suspects);
	w.v = calloc(PAIRS_MAX, sizeof(*w.v));
	int result = -1;
	if (w.v != NULL)
		result = read_odds(&w, e);
	else
		error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0 && w.n > 0)
		result = look_around(&w, e);
	if (result == 0 && w.n > 0)
		result = take_all(&w, e);
	suspects_fini(&w.suspects);
	arena_fini(&w.texts);
	free(w.v);
	free(w.openers);
	free(w.senders);
	return result;
}

static const struct detector_state state[] = {
    {"sources and targets", sizeof(struct odd) + sizeof(struct sender), PAIRS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_odd_packet = {"odd_packet",
    "TCP packets that no stack sends: data in a SYN, flags that mean nothing, text in "
    "header fields",
    run, state};
