/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data in what should carry none (detection.md B4): echo whose replies are not what was
 * sent, whose numbers stand still while its bytes change, or whose sizes wander; ICMP of
 * types that nothing uses; options of IPv6 that no standard knows; and IP protocols that
 * a host took up long after it was first seen.
 *
 * A reply must return the request's data (RFC 792, RFC 4443 4.2), so one that does not is
 * worth more than anything a sender alone can vary. All rows of two machines are one
 * finding; those of echo come one a flow (proto/net/icmp.c).
 */
#include <math.h>
#include <stdlib.h>

#include "detect/detail.h"
#include "detect/wire/wire.h"

#define ROWS_MAX     65536 /* rows that are looked at, oldest first */
#define TEXTS_MAX    (16u << 20)
#define CHANGED_MIN  3   /* replies, for a mark; a flipped bit is one … */
#define CHANGED_PART 0.1 /* … and a share of them that corruption does not reach */
#define SAME_MIN     3   /* requests in a row with the same numbers */
#define TAILS_MIN    8   /* requests with another pattern than the one before */
#define SIZES_MIN    3   /* a path's MTU is found with the same pattern */
#define HIGH_PACKETS 20  /* messages: a channel, and not an accident */
#define BYTES_MIN    10240
#define UNASKED_MIN  10
#define OPTIONS_MIN  64  /* bytes in one packet; known options take less than 24 */
#define PROBED_MAX   5   /* peers of one host: it probes */
#define NEW_DAYS     7.0 /* a host's life before a protocol is new to it */
#define DAY_US       86400000000

enum kind { ECHO, TYPE, OPTIONS, PROTOCOL };

struct row {
	struct wire_pair pair; /* of two at home the lower address is the host … */
	bool turned;           /* … and did not send first in this flow */
	enum kind kind;
	int64_t ts, last; /* µs */
	uint64_t requests, replies, changed, unasked, same, tails, sizes, most;
	uint64_t type, packets, out, in; /* out, in: as the host sees them */
	struct str first, proto;
};

struct rows {
	const struct detection *d;
	struct row *v; /* owned */
	size_t n, room;
	uint64_t pairs; /* of ICMP in the memory */
	struct arena texts;
	struct suspects suspects;
};

/* All of two machines. */
struct sum {
	struct row all;
	uint64_t options, options_packets; /* most bytes in one packet */
	uint64_t odd_type, odd_packets, odd_bytes;
	uint64_t days;
	unsigned marks; /* changed, same, tails */
};

static struct row *next_row(struct rows *w)
{
	if (w->n == w->room) {
		size_t room = w->room == 0 ? 64 : 2 * w->room;
		struct row *v = realloc(w->v, room * sizeof(*v));
		if (v == NULL)
			return NULL;
		w->v = v;
		w->room = room;
	}
	struct row *r = &w->v[w->n];
	*r = (struct row){.kind = ECHO};
	return r;
}

static uint64_t number(struct str detail, const char *name)
{
	return (uint64_t)detail_number(detail, name, 0);
}

/* The detail's seconds, which have a fraction. */
static int64_t seconds_us(struct str detail)
{
	struct str s = detail_text(detail, "seconds");
	double value = 0, unit = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.')
			unit = 1;
		else if (s.p[i] >= '0' && s.p[i] <= '9') {
			value = 10 * value + (s.p[i] - '0');
			unit *= 10;
		}
	}
	return (int64_t)fmin(1e6 * value / fmax(unit, 1), 1e15);
}

/* Either of two at home may have begun: their flows are told together. */
static bool orient(const struct rows *w, const struct store_rows *r, struct row *row)
{
	struct addr src, dst;
	struct wire_pair *p = &row->pair;
	if (!str_addr(store_text(r, 2), &src) || !str_addr(store_text(r, 3), &dst) ||
	    !wire_orient(w->d->source->options, &src, &dst, p))
		return false;
	if (p->direction != DIRECTION_INTERNAL)
		return true;
	row->turned = addr_cmp(&dst, &src) < 0;
	p->host = row->turned ? dst : src;
	p->peer = row->turned ? src : dst;
	p->host_opened = !row->turned;
	return true;
}

static void read_detail(struct row *r, struct str kind, struct str detail)
{
	bool echo = str_equal(kind, STR("echo_odd"));
	r->kind = echo ? ECHO : str_equal(kind, STR("icmp_odd")) ? TYPE : OPTIONS;
	r->requests = number(detail, "requests");
	r->replies = number(detail, "replies");
	r->changed = number(detail, "changed");
	r->unasked = number(detail, "unasked");
	r->same = number(detail, "same");
	r->tails = number(detail, "tails");
	r->sizes = number(detail, "sizes");
	r->most = number(detail, "most");
	r->type = number(detail, "type");
	r->packets = echo ? r->requests + r->replies
			  : (uint64_t)detail_number(detail, "packets", 1);
	uint64_t sent = number(detail, echo ? "out" : r->kind == TYPE ? "bytes" : "len");
	uint64_t got = number(detail, "in");
	r->out = r->pair.host_opened ? sent : got;
	r->in = r->pair.host_opened ? got : sent;
	r->last = r->ts + seconds_us(detail);
}

static int read_anomalies(struct rows *w, struct error *e)
{
	struct store_rows *r = store_sum(w->d->source->store,
	    "SELECT ts, kind, src_ip, dst_ip, proto, detail FROM anomaly WHERE kind IN "
	    "('echo_odd', 'icmp_odd', 'odd_options') ORDER BY ts, src_ip, dst_ip, kind, "
	    "detail LIMIT 65536",
	    e);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r)) {
		struct row *row = next_row(w);
		fits = row != NULL;
		if (!fits || !orient(w, r, row))
			continue;
		row->ts = moment_us(store_time(r, 0));
		row->proto = str_copy(&w->texts, store_text(r, 4));
		struct str detail = store_text(r, 5);
		read_detail(row, store_text(r, 1), detail);
		row->first = str_copy(&w->texts, detail_text(detail, "first"));
		w->n++;
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (!failed && !fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return failed ? -1 : 0;
}

/* Protocols of IP that carry whatever one likes; those that routers speak to groups are
 * nobody's, and left out by who their peer is. */
static bool is_usual(struct str proto)
{
	static const char *const usual[] = {
	    "tcp", "udp", "icmp", "ipv6-icmp", "igmp", "unknown_transport"};
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		if (str_equal(proto, str_of(usual[i])))
			return true;
	}
	return proto.n == 0;
}

/* Whether any of the connections that are held goes by another protocol. */
static bool any_unusual(const struct conns *c)
{
	uint32_t last = 0;
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].proto == last)
			continue;
		last = c->rows[i].proto;
		if (!is_usual(c->texts[last].text))
			return true;
	}
	return false;
}

static int read_protocols(struct rows *w, struct error *e)
{
	const struct conns *held = w->d->source->conns;
	if (context_days(w->d->context) < NEW_DAYS || (held->held && !any_unusual(held)))
		return 0;
	struct store_rows *r = past_query(w->d->source->store, e,
	    "SELECT min(ts), max(ts), src_ip, dst_ip, proto, count(*), sum(src_bytes), "
	    "sum(dst_bytes) FROM %s WHERE proto NOT IN ('tcp', 'udp', 'icmp', "
	    "'ipv6-icmp', 'igmp', 'unknown_transport') GROUP BY src_ip, dst_ip, proto "
	    "ORDER BY 1, 3, 4, "
	    "5 LIMIT 65536",
	    w->d->source->past->rows);
	if (r == NULL)
		return -1;
	bool fits = true;
	while (fits && store_next(r)) {
		struct row *row = next_row(w);
		fits = row != NULL;
		if (!fits || !orient(w, r, row))
			continue;
		row->kind = PROTOCOL;
		row->ts = moment_us(store_time(r, 0));
		row->last = moment_us(store_time(r, 1));
		row->proto = str_copy(&w->texts, store_text(r, 4));
		row->packets = store_uint(r, 5);
		row->out = store_uint(r, row->pair.host_opened ? 6 : 7);
		row->in = store_uint(r, row->pair.host_opened ? 7 : 6);
		w->n++;
	}
	bool failed = store_rows_failed(r, e);
	store_rows_free(r);
	if (!failed && !fits)
		return error_set(e, ERR_SYSTEM, "no memory left");
	return failed ? -1 : 0;
}

/* Pairs of machines that exchanged ICMP, once for each code that they used. */
static int count_pairs(struct rows *w, struct error *e)
{
	struct conns *c = w->d->source->conns;
	const struct conns_index *index = c->held ? conns_index(c, CONNS_PAIR) : NULL;
	for (size_t i = 0; index != NULL && i < index->count; i++)
		w->pairs += str_equal(
		    c->texts[c->rows[index->groups[i].row].proto].text, STR("icmp"));
	if (index != NULL)
		return 0;
	struct store_rows *r = past_query(w->d->source->store, e,
	    "SELECT count(*) FROM (SELECT DISTINCT src_ip, dst_ip, dst_port FROM %s "
	    "WHERE proto = 'icmp')",
	    w->d->source->past->rows);
	if (r == NULL)
		return -1;
	if (store_next(r))
		w->pairs = store_uint(r, 0);
	return store_rows_end(r, e);
}

/* ---- one pair ---- */

static void add_row(struct sum *s, const struct row *r)
{
	struct row *all = &s->all;
	all->last = r->last > all->last ? r->last : all->last;
	all->out += r->out;
	all->in += r->in;
	if (r->first.n > 0)
		all->first = r->first;
	if (r->kind == TYPE) {
		s->odd_type = r->type;
		s->odd_packets += r->packets;
		s->odd_bytes += r->out + r->in;
	} else if (r->kind == OPTIONS) {
		s->options_packets++;
		s->options = r->out + r->in > s->options ? r->out + r->in : s->options;
	}
	all->requests += r->requests;
	all->replies += r->replies;
	all->changed += r->changed;
	all->unasked += r->requests > 0 ? r->unasked : 0;
	all->same += r->same;
	all->tails += r->tails;
	all->sizes = r->sizes > all->sizes ? r->sizes : all->sizes;
	all->most = r->most > all->most ? r->most : all->most;
}

enum { MARK_CHANGED = 1, MARK_SAME = 2, MARK_TAILS = 4, MARK_UNASKED = 8 };

static unsigned marks_of(const struct row *r)
{
	unsigned marks = 0;
	if (r->changed >= CHANGED_MIN &&
	    (double)r->changed >= CHANGED_PART * (double)r->replies)
		marks |= MARK_CHANGED;
	if (r->same >= SAME_MIN && r->tails >= SAME_MIN)
		marks |= MARK_SAME;
	if (r->tails >= TAILS_MIN && r->sizes >= SIZES_MIN)
		marks |= MARK_TAILS;
	if (r->unasked >= UNASKED_MIN)
		marks |= MARK_UNASKED;
	return marks;
}

/* -1: not worth a finding. */
static int confidence_of(const struct sum *s)
{
	const struct row *r = &s->all;
	unsigned sender = s->marks & (MARK_SAME | MARK_TAILS);
	bool long_one = r->requests + r->replies >= HIGH_PACKETS;
	if ((s->marks & MARK_CHANGED) != 0 && sender != 0 && long_one)
		return CONFIDENCE_HIGH;
	if ((s->marks & MARK_CHANGED) != 0 || (s->marks & MARK_SAME) != 0 ||
	    (sender != 0 && r->out + r->in >= BYTES_MIN) || s->options >= OPTIONS_MIN)
		return CONFIDENCE_MEDIUM;
	if (s->marks != 0 || r->tails >= TAILS_MIN || s->odd_packets >= SAME_MIN ||
	    s->options_packets >= SAME_MIN)
		return CONFIDENCE_LOW;
	return -1;
}

static void facts_of(struct finding *f, const struct sum *s)
{
	const struct row *r = &s->all;
	double requests = (double)r->requests, replies = (double)r->replies;
	if (r->changed > 0)
		finding_add_fact(
		    f, FACT_KEY_ECHO_CHANGED, (double)r->changed, replies, 0);
	if (r->same >= SAME_MIN)
		finding_add_fact(f, FACT_KEY_ECHO_SAME, (double)r->same, requests, 0);
	if (r->tails > 0)
		finding_add_fact(f, FACT_KEY_ECHO_PATTERN, (double)r->tails, requests, 0);
	if (r->sizes >= SIZES_MIN)
		finding_add_fact(
		    f, FACT_KEY_ECHO_SIZES, (double)r->sizes, (double)r->most, 0);
	if (s->marks & MARK_UNASKED)
		finding_add_fact(
		    f, FACT_KEY_ECHO_UNASKED, (double)r->unasked, replies, 0);
	if (s->odd_packets > 0)
		finding_add_fact(f, FACT_KEY_ICMP_TYPE, (double)s->odd_type,
		    (double)s->odd_packets, (double)s->odd_bytes);
	if (s->options_packets > 0)
		finding_add_fact(f, FACT_KEY_HIDDEN_OPTIONS, (double)s->options_packets,
		    (double)s->options, 0);
	if (r->first.n > 0)
		finding_add_text_fact(f, FACT_KEY_FIRST_BYTES, r->first);
}

/* The share of the ICMP pairs of this memory that are at least as odd (B0, conformal):
 * those that have a row at all come before those that have none. */
static double rank_of(const struct rows *w, size_t odd)
{
	double pairs = fmax((double)w->pairs, (double)odd);
	return fmin(0.5, ((double)odd + 1) / (pairs + 1));
}

static int add_suspect(
    struct rows *w, const struct sum *s, const struct row *r, struct error *e)
{
	struct wire_pair pair = r->pair;
	uint64_t out = s->all.out, in = s->all.in;
	if (r->turned) { /* whose first flow was the first is the host */
		pair.host = r->pair.peer;
		pair.peer = r->pair.host;
		pair.host_opened = true;
		out = s->all.in;
		in = s->all.out;
	}
	struct suspect *v =
	    wire_suspect(&w->suspects, &pair, 0, r->proto, log10(1 + (double)(out + in)));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	struct finding *f = &v->finding;
	v->stats = (struct series_stats){
	    .events =
		s->all.requests + s->all.replies + s->odd_packets + s->options_packets,
	    .first = r->ts,
	    .last = s->all.last,
	    .days = s->days,
	    .out = out,
	    .in = in,
	};
	f->confidence = (enum confidence)confidence_of(s);
	f->attack[0] = "T1095"; /* non-application layer protocol */
	if (s->options_packets == 0)
		f->attack[1] = "T1572"; /* protocol tunneling */
	facts_of(f, s);
	finding_add_fact(f, FACT_KEY_CARRIED, (double)out, (double)in, 0);
	return 0;
}

static int take_pair(struct rows *w, const struct row *v, size_t n, struct error *e)
{
	struct sum s = {.all = {.last = v[0].last}};
	int64_t day = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		add_row(&s, &v[i]);
		s.days += v[i].ts / DAY_US != day;
		day = v[i].ts / DAY_US;
	}
	s.marks = marks_of(&s.all);
	return confidence_of(&s) < 0 ? 0 : add_suspect(w, &s, &v[0], e);
}

/* ---- protocols that are new to a host ---- */

static int take_protocol(struct rows *w, const struct row *r, struct error *e)
{
	struct suspect *v = wire_suspect(
	    &w->suspects, &r->pair, 0, r->proto, log10(1 + (double)(r->out + r->in)));
	if (v == NULL)
		return error_set(e, ERR_SYSTEM, "no memory left");
	v->stats = (struct series_stats){.events = r->packets,
	    .first = r->ts,
	    .last = r->last,
	    .days = (uint64_t)(r->last / DAY_US - r->ts / DAY_US + 1),
	    .out = r->out,
	    .in = r->in};
	v->finding.confidence = CONFIDENCE_LOW;
	v->finding.attack[0] = "T1095";
	v->finding.attack[1] = "T1572";
	finding_add_text_fact(&v->finding, FACT_KEY_NEW_PROTOCOL, r->proto);
	finding_add_fact(&v->finding, FACT_KEY_CARRIED, (double)r->out, (double)r->in, 0);
	return 0;
}

/* New where the host was there for a week without it; more than one of few hosts has it
 * where it is how the site works. */
static bool is_new(const struct suspect *v, const void *ctx)
{
	const struct rows *w = ctx;
	const struct context *c = w->d->context;
	double life = (double)(v->stats.first - v->host_first) / DAY_US;
	if (v->finding.facts[0].key != FACT_KEY_NEW_PROTOCOL)
		return true;
	for (size_t i = 0; i < w->n; i++) {
		const struct row *r = &w->v[i];
		if (r->kind == PROTOCOL && r->ts < v->stats.first &&
		    addr_equal(&r->pair.host, &v->finding.host) &&
		    str_equal(r->proto, v->finding.proto))
			return false;
	}
	return v->host_first != 0 && life >= NEW_DAYS &&
	       (double)(v->stats.first - c->first) / DAY_US >= NEW_DAYS;
}

/* ---- all ---- */

static int by_pair(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	if ((a->kind == PROTOCOL) != (b->kind == PROTOCOL))
		return a->kind == PROTOCOL ? 1 : -1;
	int c = wire_compare(&a->pair, &b->pair);
	if (c == 0)
		c = a->ts < b->ts ? -1 : a->ts > b->ts;
	if (c == 0)
		c = str_cmp(a->proto, b->proto);
	return c != 0 ? c : str_cmp(a->first, b->first);
}

static int take_all(struct rows *w, struct error *e)
{
	for (size_t i = 0, n; i < w->n; i += n) {
		n = 1;
		if (w->v[i].kind == PROTOCOL) {
			if (take_protocol(w, &w->v[i], e) < 0)
				return -1;
			continue;
		}
		while (i + n < w->n && w->v[i + n].kind != PROTOCOL &&
		       wire_compare(&w->v[i].pair, &w->v[i + n].pair) == 0)
			n++;
		if (take_pair(w, &w->v[i], n, e) < 0)
			return -1;
	}
	return 0;
}

/* What speaks against: a machine that does it to many is a prober of its network, and a
 * peer with which many do it answers so. */
static void weigh_others(struct rows *w)
{
	struct suspects *l = &w->suspects;
	for (size_t i = 0; i < l->n; i++) {
		struct finding *f = &l->v[i].finding;
		size_t peers = 0, hosts = 0;
		for (size_t k = 0; k < l->n; k++) {
			const struct finding *g = &l->v[k].finding;
			peers += k != i && addr_equal(&f->host, &g->host);
			hosts += k != i && str_equal(f->peer, g->peer);
		}
		if (peers >= PROBED_MAX)
			finding_add_fact(f, FACT_KEY_ECHO_PROBER, (double)peers, 0, 0);
		if (hosts > 0)
			finding_add_fact(f, FACT_KEY_ECHO_OTHERS, (double)hosts, 0, 0);
		if ((peers >= PROBED_MAX || hosts >= PROBED_MAX) &&
		    f->confidence > CONFIDENCE_LOW)
			f->confidence--;
		f->rank_p = rank_of(w, l->n);
	}
}

static int judge(struct rows *w, struct error *e)
{
	struct suspects *l = &w->suspects;
	if (w->n > 0)
		qsort(w->v, w->n, sizeof(*w->v), by_pair);
	if (take_all(w, e) < 0)
		return -1;
	if (l->n == 0)
		return 0;
	if (count_pairs(w, e) < 0 || context_fill(w->d->source, l->v, l->n, e) < 0)
		return -1;
	suspects_filter(l, is_new, w);
	weigh_others(w);
	return wire_emit(w->d, l, "covert_icmp", e);
}

static int run(const struct detection *d, struct error *e)
{
	struct rows w = {.d = d};
	arena_init(&w.texts, TEXTS_MAX);
	suspects_init(&w.suspects);
	int result = read_anomalies(&w, e);
	if (result == 0)
		result = read_protocols(&w, e);
	if (result == 0 && w.n > 0)
		result = judge(&w, e);
	suspects_fini(&w.suspects);
	arena_fini(&w.texts);
	free(w.v);
	return result;
}

static const struct detector_state state[] = {
    {"rows", sizeof(struct row), ROWS_MAX},
    {"bytes of texts", 1, TEXTS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_covert_icmp = {"covert_icmp",
    "data in echo and other ICMP, in options of IPv6, in protocols that are new to a "
    "host",
    run, state};
