/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who looks around: many targets tried in a short time, most of them dead; the same a few
 * a day; whole networks pinged. An intruder who does not know the network has to ask it,
 * and asks for much that is not there (Jung et al. 2004: inside/walk.h).
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/inside/pings.h"
#include "detect/inside/walk.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define MANY_DEAD     256  /* in five minutes: nothing but a scanner meets so many */
#define MANY_SHARE    0.9  /* of them dead */
#define FEW_ADDRESSES 16   /* a scan of ports, and not of a network */
#define PEER_PORTS    0.25 /* ports an address, from which on it looks like peer-to-peer */
#define USUAL_DAYS                                                                       \
	3 /* days on which it did as much before, from which on it is usual              \
	   */
#define LEAST_DECADES 3.0
#define INBOUND_MAX   100 /* scanners from outside that are told; the strongest */
#define PROBERS_MAX   4096
#define STRING(x)     STRING_(x)
#define STRING_(x)    #x
#define US_PER_DAY    INT64_C(86400000000)

/* A machine that tried many targets, or pinged many. */
struct prober {
	struct addr src, one; /* one: the only address that it tried, or the one of ours
				 that it tried most */
	enum direction direction;
	struct net net; /* that holds all of them */
	double score;
	uint64_t targets, addresses, ports, dead, live; /* of the walk */
	uint16_t port;              /* the one that it tried most often */
	uint64_t port_targets;      /* on how many addresses */
	uint64_t burst, burst_span; /* µs */
	uint64_t days, most; /* days on which it found dead targets first, most on one */
	uint64_t pinged, ping_span, ping_live;
	uint64_t usual;     /* days on which it did as much */
	uint16_t answering; /* its port, where it seems to answer what was not seen */
	int64_t first, last;
	uint64_t connections, out, in;
	bool proto_udp, slow;
};

struct work {
	const struct detection *d;
	struct prober *v; /* owned */
	size_t n;
	uint64_t dropped; /* because of PROBERS_MAX */
	uint64_t rows;
	double least;         /* decades from which on a walk is told */
	struct addr *scratch; /* CONTACTS_MAX; owned */
	uint16_t *ports;      /* likewise */
	struct suspects suspects;
	bool no_memory;
};

/* ---- what a walk says ---- */

static bool home(const struct work *w, const struct addr *a)
{
	return series_home(w->d->source->options, a);
}

/* The smallest network that holds all n addresses, in whole bytes. */
static struct net covering(const struct addr *v, size_t n)
{
	struct net net = {v[0], 128};
	for (size_t i = 1; i < n; i++) {
		unsigned same = 0;
		while (same < 16 && net.addr.b[same] == v[i].b[same])
			same++;
		net.bits = same * 8 < net.bits ? same * 8 : net.bits;
	}
	memset(net.addr.b + net.bits / 8, 0, 16 - net.bits / 8);
	return net;
}

static int by_port(const void *x, const void *y)
{
	return *(const uint16_t *)x - *(const uint16_t *)y;
}

/* Ports among n contacts, and the most frequent. */
static void count_ports(
    struct work *w, struct prober *p, const struct contact *v, size_t n)
{
	uint64_t run = 0;
	size_t count = 0;
	for (size_t i = 0; i < n; i++) {
		if (v[i].dead)
			w->ports[count++] = v[i].port;
	}
	if (count > 0)
		qsort(w->ports, count, sizeof(*w->ports), by_port);
	for (size_t i = 0; i < count; i++) {
		bool another = i == 0 || w->ports[i] != w->ports[i - 1];
		run = another ? 1 : run + 1;
		p->ports += another;
		if (run > p->port_targets) {
			p->port_targets = run;
			p->port = w->ports[i];
		}
	}
}

/* The days on which the contacts were first tried. */
static void count_days(struct prober *p, const struct contact *v, size_t n)
{
	int64_t day = INT64_MIN;
	uint64_t run = 0;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].dead)
			continue;
		int64_t d = v[i].first / US_PER_DAY - (v[i].first % US_PER_DAY < 0);
		p->days += d != day;
		run = d != day ? 1 : run + 1;
		p->most = run > p->most ? run : p->most;
		day = d;
	}
}

/* From where to where, by the most of the targets. A scanner from outside is told of the
 * first of ours that it tried. */
static void take_direction(
    const struct work *w, struct prober *p, const struct contact *v, size_t n)
{
	size_t inside = 0;
	const struct contact *first = NULL;
	for (size_t i = 0; i < n; i++) {
		bool ours = home(w, &v[i].dst);
		inside += ours;
		if (ours && first == NULL)
			first = &v[i];
	}
	bool from_inside = home(w, &p->src);
	p->one = v[0].dst;
	if (!from_inside && inside * 2 >= n && first != NULL) {
		p->direction = DIRECTION_INBOUND;
		p->one = first->dst;
	} else {
		p->direction = from_inside && inside * 2 >= n ? DIRECTION_INTERNAL
							      : DIRECTION_OUTBOUND;
	}
}

static void take_sums(struct prober *p, const struct contact *v, size_t n)
{
	p->first = v[0].first;
	p->last = v[0].last;
	for (size_t i = 0; i < n; i++) {
		p->dead += v[i].dead;
		p->live += !v[i].dead;
		p->proto_udp |= v[i].proto == 'u';
		p->connections += v[i].connections;
		p->out += v[i].out;
		p->in += v[i].in;
		p->last = v[i].last > p->last ? v[i].last : p->last;
	}
	p->targets = n;
}

static struct prober *add_prober(struct work *w, const struct addr *src)
{
	for (size_t i = 0; i < w->n; i++) {
		if (addr_equal(&w->v[i].src, src))
			return &w->v[i];
	}
	if (w->n == PROBERS_MAX) {
		w->dropped++;
		return NULL;
	}
	struct prober *p = &w->v[w->n++];
	*p = (struct prober){.src = *src};
	return p;
}

static void source(
    void *ctx, const struct addr *src, const struct contact *v, size_t n, uint64_t beyond)
{
	struct work *w = ctx;
	struct walk walk;
	walk_over(&walk, v, n);
	if (walk.dead < CONTACTS_DEAD || walk.best < w->least)
		return;
	struct prober *p = add_prober(w, src);
	if (p == NULL)
		return;
	const struct contact *from = v + walk.from;
	size_t count = walk.to - walk.from + 1;
	p->score = walk.best;
	take_sums(p, from, count);
	p->dead += beyond;
	take_direction(w, p, from, count);
	p->addresses = walk_addresses(from, count, false, w->scratch);
	p->net = covering(w->scratch, count);
	count_ports(w, p, from, count);
	count_days(p, from, count);
	p->burst = walk.burst;
	p->burst_span = (uint64_t)(walk.burst_last - walk.burst_first);
	p->slow = walk.burst < CONTACTS_DEAD;
}

/* Many addresses pinged at a time, whether they answered or not. */
static void pinger(void *ctx, const struct addr *src, struct contact *v, size_t n)
{
	struct work *w = ctx;
	struct walk walk;
	uint64_t live = 0;
	for (size_t i = 0; i < n; i++) {
		live += !v[i].dead;
		v[i].dead = true;
	}
	walk_over(&walk, v, n);
	double score = pings_decades(w->d->context, n, walk.burst);
	if (walk.burst < CONTACTS_DEAD || score < w->least)
		return;
	struct prober *p = add_prober(w, src);
	if (p == NULL)
		return;
	p->pinged = walk.burst;
	p->ping_span = (uint64_t)(walk.burst_last - walk.burst_first);
	p->ping_live = live;
	if (p->targets > 0) {
		p->score = fmax(p->score, score);
		return;
	}
	p->score = score;
	take_sums(p, v, n);
	p->dead = n - live;
	p->live = live;
	take_direction(w, p, v, n);
	p->addresses = walk_addresses(v, n, false, w->scratch);
	p->net = covering(w->scratch, n);
}

/* ---- what is usual ---- */

/* On how many days each source met as many dead targets, new ones or not. */
static int read_usual(struct work *w, struct error *e)
{
	if (w->n == 0 || context_days(w->d->context) < USUAL_DAYS)
		return 0;
	struct store_rows *r = past_query(w->d->source->store, e,
	    "SELECT src_ip, count(*) FROM (SELECT src_ip FROM %s WHERE state IN ('S0', "
	    "'REJ', 'RSTOS0', 'SH') AND coalesce(dst_bytes, 0) = 0 GROUP BY src_ip, "
	    "epoch_us(ts) // %" PRId64 " HAVING count(DISTINCT hash(dst_ip, dst_port, "
	    "proto)) >= %d) GROUP BY src_ip",
	    w->d->source->past->rows, US_PER_DAY, CONTACTS_DEAD);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src;
		if (!str_addr(store_text(r, 0), &src))
			continue;
		for (size_t i = 0; i < w->n; i++) {
			if (addr_equal(&w->v[i].src, &src))
				w->v[i].usual = store_uint(r, 1);
		}
	}
	return store_rows_end(r, e);
}

/* UDP to outside of which nothing was answered: the sensor may see one direction only. */
static bool one_way(const struct prober *p)
{
	return p->proto_udp && p->live == 0 && p->direction == DIRECTION_OUTBOUND;
}

/* Answers go to ports that are all different. */
static bool may_answer(const struct prober *p)
{
	return p->proto_udp && p->direction != DIRECTION_INBOUND && !one_way(p) &&
	       p->ports * 2 > p->targets;
}

/*
 * A server whose clients' questions were not seen (asked of a group, or on another path)
 * looks like a scanner: all its packets come from one port, and go to ports above it.
 */
static int read_answering(struct work *w, struct error *e)
{
	bool udp = false;
	for (size_t i = 0; i < w->n; i++)
		udp |= may_answer(&w->v[i]);
	if (!udp)
		return 0;
	struct store_rows *r = store_sum(w->d->source->store,
	    "SELECT src_ip, src_port, count(DISTINCT hash(dst_ip, dst_port)) AS n FROM "
	    "conn "
	    "WHERE proto = 'udp' AND state = 'S0' AND coalesce(dst_bytes, 0) = 0 AND "
	    "dst_port >= 1024 AND src_port < dst_port GROUP BY src_ip, src_port HAVING n "
	    ">= " STRING(CONTACTS_DEAD) " ORDER BY src_ip, n, src_port",
	    e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		struct addr src;
		if (!str_addr(store_text(r, 0), &src))
			continue;
		for (size_t i = 0; i < w->n; i++) {
			struct prober *p = &w->v[i];
			if (addr_equal(&p->src, &src) && store_uint(r, 2) * 2 > p->dead)
				p->answering = (uint16_t)store_uint(r, 1);
		}
	}
	return store_rows_end(r, e);
}

/* ---- findings ---- */

/* Each address has a port of its own: so look those who share files with each other. */
static bool like_peers(const struct prober *p)
{
	return p->direction == DIRECTION_OUTBOUND && p->addresses > FEW_ADDRESSES &&
	       (double)p->ports > PEER_PORTS * (double)p->addresses;
}

static enum confidence confidence(const struct prober *p)
{
	bool many =
	    p->burst >= MANY_DEAD && (double)p->dead >= MANY_SHARE * (double)p->targets;
	bool ports = p->addresses <= FEW_ADDRESSES;
	if (p->direction == DIRECTION_INBOUND || like_peers(p) ||
	    p->usual >= USUAL_DAYS || p->answering != 0)
		return CONFIDENCE_LOW;
	if (many && (ports || p->direction == DIRECTION_INTERNAL))
		return CONFIDENCE_HIGH;
	if (p->slow && p->pinged == 0)
		return CONFIDENCE_LOW;
	return CONFIDENCE_MEDIUM;
}

static void facts(struct work *w, struct finding *f, const struct prober *p)
{
	double alarms = (double)w->rows * pow(10, -p->score);
	if (p->targets > 0 && p->burst >= CONTACTS_DEAD)
		finding_add_fact(f, FACT_KEY_PROBED, (double)p->burst,
		    (double)p->burst_span / 1e6, (double)p->dead / (double)p->targets);
	else if (p->burst > 0)
		finding_add_fact(f, FACT_KEY_PROBED_SLOWLY, (double)p->dead,
		    (double)p->days, (double)p->most);
	if (p->pinged > 0)
		finding_add_fact(f, FACT_KEY_SWEPT, (double)p->pinged,
		    (double)p->ping_span / 1e6, (double)p->ping_live);
	if (p->burst > 0) {
		finding_add_fact(
		    f, FACT_KEY_PROBED_WHERE, (double)p->addresses, (double)p->ports, 0);
		finding_add_fact(f, FACT_KEY_WALK, p->score, alarms, (double)w->rows);
	}
	if (p->burst > 0 && p->port_targets * 2 > p->dead)
		finding_add_text_fact(f, FACT_KEY_PROBED_PORT,
		    str_format(&w->suspects.texts, "%s/%u", p->proto_udp ? "udp" : "tcp",
			p->port));
	if (p->live > 0 && p->burst > 0)
		finding_add_fact(f, FACT_KEY_PROBED_OPEN, (double)p->live, 0, 0);
	if (p->usual >= USUAL_DAYS)
		finding_add_fact(f, FACT_KEY_USUAL_PROBER, (double)p->usual, 0, 0);
	if (one_way(p))
		finding_add_fact(f, FACT_KEY_ONE_WAY, 0, 0, 0);
	if (p->answering != 0)
		finding_add_text_fact(f, FACT_KEY_ANSWERING,
		    str_format(&w->suspects.texts, "udp/%u", p->answering));
	if (like_peers(p))
		finding_add_fact(
		    f, FACT_KEY_PEER_TO_PEER, (double)p->addresses, (double)p->ports, 0);
}

/* Who did as much, of the same direction. */
static uint64_t others(const struct work *w, const struct prober *p)
{
	uint64_t n = 0;
	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].direction == p->direction && w->v[i].score >= p->score;
	return n - 1;
}

/* Where it looked: an address, or the network of many. */
static struct str place(const struct prober *p, char text[static 64])
{
	bool inbound = p->direction == DIRECTION_INBOUND;
	char addr[ADDR_TEXT_MAX];
	if (inbound || p->addresses <= 1) {
		addr_text(inbound ? &p->src : &p->one, addr);
		return (struct str){text, (size_t)snprintf(text, 64, "%s", addr)};
	}
	addr_text(&p->net.addr, addr);
	bool v4 = addr_is_v4(&p->one) && p->net.bits >= 96;
	return (struct str){
	    text, (size_t)snprintf(text, 64, "%s/%u", addr, p->net.bits - (v4 ? 96 : 0))};
}

static void suspect(struct work *w, const struct prober *p)
{
	char text[64];
	bool inbound = p->direction == DIRECTION_INBOUND;
	const struct series_key key = {
	    .projection = inbound ? SERIES_INBOUND : SERIES_ADDRESS,
	    .direction = p->direction,
	    .host = inbound ? p->one : p->src,
	    .peer = place(p, text),
	    .port = p->ports == 1 ? p->port : 0,
	    .proto = p->burst == 0  ? STR("icmp")
		     : p->proto_udp ? STR("udp")
				    : STR("tcp")};
	struct suspect *v = suspects_add(&w->suspects, &key, p->score);
	if (v == NULL) {
		w->no_memory = true;
		return;
	}
	v->stats = (struct series_stats){.events = p->connections,
	    .first = p->first,
	    .last = p->last,
	    .out = inbound ? p->in : p->out,
	    .in = inbound ? p->out : p->in};
	double hosts = fmax(1, (double)w->d->context->hosts);
	v->finding.rank_p = fmin(1, ((double)others(w, p) + 0.5) / (hosts + 1));
	v->finding.confidence = confidence(p);
	v->finding.attack[0] = p->burst > 0 ? "T1046" : "T1018";
	v->finding.attack[1] = inbound                         ? "T1595"
			       : p->burst > 0 && p->pinged > 0 ? "T1018"
							       : NULL;
	facts(w, &v->finding, p);
}

/* One finding for a machine, wherever it looks: where may change as it goes on. */
static void emit(const struct work *w, struct suspect *v)
{
	struct finding *f = &v->finding;
	struct str peer = f->peer, proto = f->proto;
	uint16_t port = f->peer_port;
	context_date(w->d->context, v);
	weigh_time(w->d->context, v);
	if (f->direction != DIRECTION_INBOUND)
		f->peer = STR("");
	f->proto = STR("");
	f->peer_port = 0;
	f->detector = "discovery";
	finding_identify(f);
	f->peer = peer;
	f->proto = proto;
	f->peer_port = port;
	w->d->sink->put(w->d->sink->ctx, f);
}

static void emit_all(struct work *w)
{
	size_t inbound = 0;
	for (size_t i = 0; i < w->n; i++)
		suspect(w, &w->v[i]);
	suspects_sort(&w->suspects);
	for (size_t i = 0; i < w->suspects.n; i++) {
		struct suspect *v = &w->suspects.v[i];
		inbound += v->finding.direction == DIRECTION_INBOUND;
		if (v->finding.direction != DIRECTION_INBOUND || inbound <= INBOUND_MAX)
			emit(w, v);
	}
}

static int work_init(struct work *w, const struct detection *d)
{
	*w = (struct work){.d = d};
	suspects_init(&w->suspects);
	w->v = calloc(PROBERS_MAX, sizeof(*w->v));
	w->scratch = malloc(CONTACTS_MAX * sizeof(*w->scratch));
	w->ports = malloc(CONTACTS_MAX * sizeof(*w->ports));
	return w->v != NULL && w->scratch != NULL && w->ports != NULL ? 0 : -1;
}

static int run(const struct detection *d, struct error *e)
{
	struct work w;
	int result = work_init(&w, d);
	const struct contacts_visitor visitor = {source, &w};
	const struct pings_visitor pings = {pinger, &w};
	if (result < 0)
		error_set(e, ERR_SYSTEM, "no memory left");
	if (result == 0)
		result = contacts_count(d->source, &w.rows, e);
	double budget =
	    d->source->options->false_alarms_per_day * context_days(d->context);
	w.least = fmax(LEAST_DECADES, log10(fmax(1, (double)w.rows) / budget));
	if (result == 0)
		result = contacts_read(d->source, w.rows, &visitor, e);
	if (result == 0)
		result = pings_read(d->source, &pings, e);
	if (result == 0)
		result = read_usual(&w, e);
	if (result == 0)
		result = read_answering(&w, e);
	if (result == 0)
		emit_all(&w);
	if (result == 0 && w.no_memory)
		result = error_set(e, ERR_SYSTEM, "no memory left");
	suspects_fini(&w.suspects);
	free(w.v);
	free(w.scratch);
	free(w.ports);
	return result;
}

static const struct detector_state state[] = {
    {"targets of the source in work",
	sizeof(struct contact) + sizeof(struct addr) + sizeof(uint16_t), CONTACTS_MAX},
    {"machines that look around", sizeof(struct prober), PROBERS_MAX},
    {NULL, 0, 0},
};

const struct detector detector_discovery = {"discovery",
    "machines that look around: many dead addresses and ports tried, networks pinged",
    run, state};
