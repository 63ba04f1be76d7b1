/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flow table. Flows lie in one array, found through an
 * open-addressed index of 8-byte entries under a keyed hash of
 * both endpoints in canonical order, so that both directions meet.
 *
 * A batch of packets is walked several times: hash all, touch all index entries, touch
 * all flows, and only then process in order, so that the memory of one packet is fetched
 * while others are worked on. Invariant: every flow in use is in the index, in one
 * eviction order and in the wheel. Nothing depends on the hash key: flows end in the
 * order of time or of their creation.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "base/bytes.h"
#include "flow/carrier.h"
#include "flow/conn.h"
#include "flow/defrag.h"
#include "flow/ends.h"
#include "flow/quick.h"
#include "flow/rank.h"
#include "flow/stream.h"
#include "flow/timer.h"

#define FLOWS_LEAST   16
#define FLOWS_MOST    (1U << 26)
#define TALKS_PACKETS 4 /* from one side alone: more than a probe */
#define HUGE_PAGE     ((size_t)2 << 20)
#define CACHE_LINE    ((size_t)64)

const struct flow_limits flow_limits_default = {
    .flows = 131072,
    .reassembly_bytes = 24U << 20,
    .reassembly_flow = 2U << 20,
    .fragment_bytes = 4U << 20,
};

/*
 * Whether p belongs to c, and which side sent it: the one that has the same place in the
 * canonical order. Compared as a whole, since nearly always all of it is equal.
 */
static inline bool matches(
    const struct conn *c, const struct packet *p, const struct ends *e, int *side)
{
	const struct flow *f = &c->f;
	unsigned from = e->turned ^ ((c->flags & CONN_SECOND) != 0), to = from ^ 1;
	const uint8_t *a = f->addr[from].b, *b = f->addr[to].b;
	uint64_t other = (load_le64(a) ^ load_le64(p->src.b)) |
			 (load_le64(a + 8) ^ load_le64(p->src.b + 8)) |
			 (load_le64(b) ^ load_le64(p->dst.b)) |
			 (load_le64(b + 8) ^ load_le64(p->dst.b + 8));
	other |= (uint64_t)((f->port[from] ^ e->src_port) | (f->port[to] ^ e->dst_port) |
			    (f->proto ^ p->proto) | (f->space ^ p->space) |
			    ((c->flags & (CONN_ONE_WAY | CONN_FREE)) ^ e->one_way));
	*side = (int)from;
	return other == 0;
}

static struct conn *find(
    struct flow_table *t, const struct packet *p, const struct ends *e, int *side)
{
	for (uint32_t i = e->hash & t->bucket_mask;; i = (i + 1) & t->bucket_mask) {
		const struct bucket *b = &t->buckets[i];
		if (b->conn == CONN_NONE)
			return NULL;
		if (b->hash == e->hash && matches(&t->conns[b->conn], p, e, side))
			return &t->conns[b->conn];
	}
}

static void index_insert(struct flow_table *t, struct conn *c)
{
	uint32_t i = c->hash & t->bucket_mask;
	while (t->buckets[i].conn != CONN_NONE)
		i = (i + 1) & t->bucket_mask;
	t->buckets[i] = (struct bucket){c->hash, conn_index(t, c)};
}

/* Take c out and close the hole, so that every entry stays reachable from its place. */
static void index_remove(struct flow_table *t, const struct conn *c)
{
	uint32_t mask = t->bucket_mask, hole = c->hash & mask;
	while (t->buckets[hole].conn != conn_index(t, c))
		hole = (hole + 1) & mask;
	for (uint32_t i = (hole + 1) & mask; t->buckets[i].conn != CONN_NONE;
	     i = (i + 1) & mask) {
		uint32_t home = t->buckets[i].hash & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			t->buckets[hole] = t->buckets[i];
			hole = i;
		}
	}
	t->buckets[hole].conn = CONN_NONE;
}

static void count_close(struct flow_table *t, enum flow_close why)
{
	if (why == FLOW_TIMED_OUT)
		t->counters.timed_out++;
	else if (why == FLOW_EVICTED)
		t->counters.evicted++;
	else
		t->counters.closed++;
}

void conn_close(struct flow_table *t, struct conn *c, enum flow_close why)
{
	if (c->kind == CONN_TCP) {
		for (int side = 0; side < 2; side++) {
			stream_flush(t, c, side);
			c->f.side[side].bytes = tcp_size(c->tcp, side);
		}
	}
	if (t->sink.close != NULL)
		t->sink.close(t->sink.ctx, &c->f, why);
	if (c->f.tunnel != NULL)
		carrier_leave(t, c);
	count_close(t, why);
	index_remove(t, c);
	timer_clear(t, c);
	rank_leave(t, c);
	if (c->kind == CONN_TCP)
		stream_free(t, c->tcp);
	c->flags = CONN_FREE;
	t->links[conn_index(t, c)].order_next = t->conn_free;
	t->conn_free = conn_index(t, c);
	t->live--;
}

static struct conn *take_conn(struct flow_table *t)
{
	if (t->live == t->limits.flows)
		conn_close(t, rank_least(t), FLOW_EVICTED);
	t->live++;
	uint32_t index = t->conn_free;
	if (index != CONN_NONE)
		t->conn_free = t->links[index].order_next;
	else
		index = t->conn_high++;
	struct conn *c = &t->conns[index];
	memset(c, 0, sizeof(*c));
	c->tcp = &t->tcps[index];
	/* The next flow to come lies there: 1 ns a packet less for having it at hand. */
	if (t->conn_free != CONN_NONE) {
		conn_prefetch(t, t->conn_free);
		conn_prefetch_ends(t, t->conn_free);
	}
	return c;
}

/* Whether the first packet of a flow came from the side that answers. */
static bool starts_turned(const struct packet *p, const struct ends *e)
{
	if (e->kind == CONN_UDP)
		return port_likely_server(IP_PROTO_UDP, p->src_port) &&
		       !port_likely_server(IP_PROTO_UDP, p->dst_port) &&
		       !addr_is_multicast(&p->dst);
	if (e->kind != CONN_TCP)
		return false;
	if (p->tcp_flags & TCP_SYN) /* only an answer acknowledges with its SYN */
		return (p->tcp_flags & TCP_ACK) && !(p->tcp_flags & (TCP_FIN | TCP_RST));
	if (!port_likely_server(IP_PROTO_TCP, p->src_port))
		return false;
	return !port_likely_server(IP_PROTO_TCP, p->dst_port) ||
	       p->src_port < p->dst_port;
}

void conn_flip(struct conn *c)
{
	struct flow *f = &c->f;
	if (!addr_equal(&f->addr[0], &f->addr[1]) || f->port[0] != f->port[1])
		c->flags ^= CONN_SECOND;
	struct addr a = f->addr[0];
	f->addr[0] = f->addr[1];
	f->addr[1] = a;
	uint16_t port = f->port[0];
	f->port[0] = f->port[1];
	f->port[1] = port;
	struct flow_side s = f->side[0];
	f->side[0] = f->side[1];
	f->side[1] = s;
	if (c->kind == CONN_TCP) {
		struct tcp *k = c->tcp;
		struct tcp_side side = k->side[0];
		k->side[0] = k->side[1];
		k->side[1] = side;
		struct tcp_rare rare = k->rare[0];
		k->rare[0] = k->rare[1];
		k->rare[1] = rare;
		k->partial = false;
		history_add(c, 0, '^');
	}
}

static struct conn *open_conn(
    struct flow_table *t, const struct packet *p, const struct ends *e, int *side)
{
	struct conn *c = take_conn(t);
	c->f.addr[0] = p->src;
	c->f.addr[1] = p->dst;
	c->f.port[0] = e->src_port;
	c->f.port[1] = e->dst_port;
	c->f.proto = p->proto;
	c->f.first = c->f.last = p->ts;
	c->f.vlan = (int16_t)p->vlan;
	c->f.space = p->space;
	c->f.source = p->source;
	c->f.offset = p->offset;
	c->hash = e->hash;
	c->kind = e->kind & 0xfu;
	c->flags = (e->one_way ? CONN_ONE_WAY : 0) | (e->turned ? CONN_SECOND : 0);
	c->serial = t->serial++;
	c->slot = WHEEL_SLOTS;
	if (c->kind == CONN_TCP)
		tcp_open(c->tcp);
	*side = 0;
	if (starts_turned(p, e)) {
		conn_flip(c);
		c->flags |= CONN_TURNED;
		*side = 1;
	}
	timer_start(t, c);
	index_insert(t, c);
	rank_enter(t, c, RANK_PROBE);
	if (t->inside != NULL)
		carrier_enter(t, c);
	t->counters.flows++;
	if (t->sink.open != NULL)
		t->sink.open(t->sink.ctx, &c->f);
	return c;
}

void conn_event(struct flow_table *t, struct conn *c, const struct flow_event *e)
{
	if (c->tcp->events >= EVENTS_MAX || t->sink.event == NULL)
		return;
	c->tcp->events++;
	t->sink.event(t->sink.ctx, &c->f, e);
}

static void datagram(
    struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	struct flow_side *s = &c->f.side[side];
	c->f.last = p->ts;
	c->active = t->now;
	s->bytes += p->length;
	if (t->sink.data == NULL || (p->marks & PACKET_TUNNEL))
		return; /* what it carries is not its own */
	const struct flow_data d = {.p = p->payload,
	    .n = p->captured,
	    .wire = p->length,
	    .side = side,
	    .ts = p->ts,
	    .source = p->source,
	    .offset = p->offset,
	    .ip_id = p->ip_id,
	    .ttl = p->ttl,
	    .packet = p};
	t->sink.data(t->sink.ctx, &c->f, &d);
}

/* Options that hide something, of a flow that does not go the quick way yet. */
static void report_options(
    struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	const struct flow_event e = {.kind = FLOW_ODD_OPTIONS,
	    .side = side,
	    .ts = p->ts,
	    .source = p->source,
	    .offset = p->offset,
	    .packet = p,
	    .length = p->odd_options};
	if (t->sink.event != NULL)
		t->sink.event(t->sink.ctx, &c->f, &e);
}

/* The flow that p belongs to; a new one where there is none or the old one is over. */
static __attribute__((noinline)) struct conn *conn_for(
    struct flow_table *t, const struct packet *p, const struct ends *e, int *side)
{
	struct conn *c = find(t, p, e, side);
	if (c == NULL)
		return open_conn(t, p, e, side);
	enum flow_close why;
	if (!timer_fresh(t, c) && timer_over(t, c, &why)) {
		conn_close(t, c, why);
		return open_conn(t, p, e, side);
	}
	if ((p->tcp_flags & TCP_SYN) && c->kind == CONN_TCP && tcp_reuse(c->tcp, p)) {
		conn_close(t, c, FLOW_CLOSED);
		return open_conn(t, p, e, side);
	}
	return c;
}

/* Where the flow of e most likely is; CONN_NONE: there is none. */
static uint32_t guess(const struct flow_table *t, const struct ends *e)
{
	const struct bucket *b = &t->buckets[e->hash & t->bucket_mask];
	while (
	    b->conn != CONN_NONE && b->hash != e->hash && b < t->buckets + t->bucket_mask)
		b++;
	return b->conn;
}

/* The flow of p, if there is one that can not be over; else NULL. */
static __attribute__((noinline)) struct conn *look_up(
    struct flow_table *t, const struct packet *p, const struct ends *e, int *side)
{
	struct conn *c = find(t, p, e, side);
	return c != NULL && timer_fresh(t, c) ? c : NULL;
}

/* The same, most likely that with the number at. */
static inline struct conn *known(struct flow_table *t, const struct packet *p,
    const struct ends *e, uint32_t at, int *side)
{
	if (at == CONN_NONE) /* unless a packet of this batch opened it */
		at = guess(t, e);
	struct conn *c = &t->conns[at];
	if (at != CONN_NONE && matches(c, p, e, side) && timer_fresh(t, c))
		return c;
	return look_up(t, p, e, side);
}

static inline struct flow_side *count(struct conn *c, const struct packet *p, int side)
{
	struct flow_side *s = &c->f.side[side];
	s->packets++;
	s->ip_bytes += p->ip_bytes;
	return s;
}

/* Account p, which side of c sent; c is NULL where that is to be found out. Its flow. */
static __attribute__((noinline)) struct conn *one_packet(struct flow_table *t,
    const struct packet *p, const struct ends *e, struct conn *c, int side)
{
	if (c == NULL || (p->tcp_flags & TCP_SYN))
		c = conn_for(t, p, e, &side);
	const struct flow_side *s = count(c, p, side);
	if (!(c->flags & CONN_TALKS) &&
	    (s->packets >= TALKS_PACKETS || c->f.side[!side].packets > 0)) {
		rank_leave(t, c);
		c->flags |= CONN_TALKS;
		rank_enter(t, c, RANK_ANSWERED);
	}
	if (p->odd_options > 0)
		report_options(t, c, p, side);
	if (c->kind != CONN_TCP)
		datagram(t, c, p, side);
	else if (e->kind == CONN_TCP)
		tcp_packet(t, c, p, side);
	if (c->slot == WHEEL_SLOTS)
		timer_set(t, c);
	if (c->kind != CONN_TCP && (c->flags & CONN_TALKS))
		c->flags |= CONN_STEADY;
	return c;
}

/* Account p, whose flow nobody has looked for yet. */
static struct conn *late_packet(struct flow_table *t, const struct packet *p)
{
	struct ends e;
	ends_find(&t->key, p, &e);
	e.hash ^= p->space;
	return one_packet(t, p, &e, NULL, 0);
}

static void rare_packet(struct flow_table *t, const struct packet *p);

/* A fragment: only what it completes is accounted. */
static void fragment(struct flow_table *t, const struct packet *p)
{
	struct defrag_result r;
	defrag_add(t->defrag, p, &r);
	for (size_t i = 0; i < r.events && t->sink.event != NULL; i++)
		t->sink.event(t->sink.ctx, NULL, &r.event[i]);
	if (r.complete)
		rare_packet(t, &r.whole);
	const struct defrag_counters *n = defrag_counters(t->defrag);
	t->counters.fragments = n->fragments;
	t->counters.datagrams = n->datagrams;
	t->counters.fragments_dropped = n->dropped;
}

/*
 * A packet that may hold another: the outer one is accounted like any other, without its
 * payload being anybody's data, then the one in it. The payload of a joined datagram is
 * overwritten by the next that is joined, so the outer packet is not looked at after.
 */
static void tunnel_packet(struct flow_table *t, const struct packet *p)
{
	struct packet outer = *p, inner;
	struct tunnel_header h;
	enum decode_outcome outcome = tunnel_decode(&outer, &h, &inner);
	t->counters.tunnels_deep += outcome == DECODE_OVER_LIMIT;
	if (h.kind == TUNNEL_NONE)
		outer.marks &= (uint8_t)~PACKET_TUNNEL;
	struct conn *c = late_packet(t, &outer);
	if (h.kind == TUNNEL_NONE)
		return;
	c->f.carries = (uint8_t)h.kind;
	if (outcome != DECODE_OK)
		return;
	t->counters.tunnelled++;
	struct flow_tunnel *around = t->inside;
	t->inside = carrier_for(t, &outer, &h, &inner);
	rare_packet(t, &inner);
	carrier_let_go(t, t->inside);
	t->inside = around;
}

/* A packet with more to it than its own headers. That a tunnel's packet may be a fragment
 * or a tunnel again is recursion, which TUNNEL_DEPTH_MAX bounds. */
static __attribute__((noinline)) void rare_packet(
    struct flow_table *t, const struct packet *p)
{
	if (p->marks & PACKET_FRAGMENT)
		fragment(t, p);
	else if (p->marks & PACKET_TUNNEL)
		tunnel_packet(t, p);
	else
		late_packet(t, p);
}

static void clock_forward(struct flow_table *t, const struct packet *p)
{
	if (timer_leaps(t, p->ts)) {
		t->counters.clock_back += p->ts.ns < t->now;
		timer_clock(t, p->ts);
		return;
	}
	t->now = p->ts.ns;
	if (t->now >= t->turn_at)
		timer_advance(t);
}

/* Account p, which side of c sent, in the quick way; false: it does not go that way. */
static inline bool quick_packet(
    struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	if (!(c->flags & CONN_STEADY))
		return false;
	if (c->kind != CONN_TCP) {
		count(c, p, side);
		datagram(t, c, p, side);
		return true;
	}
	if (!quick_expects(c->tcp, p, side))
		return false;
	count(c, p, side);
	quick_take(t, c, p, side);
	return true;
}

static void batch(struct flow_table *t, const struct packet *v, size_t n)
{
	struct ends e[BATCH_MAX];
	uint32_t at[BATCH_MAX];
	for (size_t i = 0; i < n; i++) {
		ends_find(&t->key, &v[i], &e[i]);
		__builtin_prefetch(&t->buckets[e[i].hash & t->bucket_mask]);
	}
	for (size_t i = 0; i < n; i++) {
		at[i] = guess(t, &e[i]);
		if (at[i] == CONN_NONE)
			continue;
		conn_prefetch(t, at[i]);
		if (v[i].tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST))
			conn_prefetch_ends(t, at[i]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct packet *p = &v[i];
		t->counters.packets++;
		clock_forward(t, p);
		if (p->marks & (PACKET_FRAGMENT | PACKET_TUNNEL)) {
			rare_packet(t, p);
			continue;
		}
		int side = 0;
		struct conn *c = known(t, p, &e[i], at[i], &side);
		if (c == NULL || !quick_packet(t, c, p, side))
			one_packet(t, p, &e[i], c, side);
	}
}

void flow_table_packets(struct flow_table *t, const struct packet *v, size_t n)
{
	while (n > 0) {
		size_t part = n < BATCH_MAX ? n : BATCH_MAX;
		batch(t, v, part);
		v += part;
		n -= part;
	}
}

void flow_table_time(struct flow_table *t, struct moment now)
{
	if (t->now == INT64_MIN || timer_leaps(t, now))
		return;
	t->now = now.ns;
	if (t->now >= t->turn_at)
		timer_advance(t);
}

static int by_serial(const void *a, const void *b)
{
	const struct conn *const *x = a, *const *y = b;
	return ((*x)->serial > (*y)->serial) - ((*x)->serial < (*y)->serial);
}

void flow_table_finish(struct flow_table *t)
{
	struct conn **all = malloc((t->live > 0 ? t->live : 1) * sizeof(*all));
	size_t n = 0;
	for (int i = 0; i < RANKS && all != NULL; i++)
		for (uint32_t at = t->order[i].first; at != CONN_NONE;
		     at = t->links[at].order_next)
			all[n++] = &t->conns[at];
	if (n > 0)
		qsort(all, n, sizeof(*all), by_serial);
	for (size_t i = 0; i < n; i++)
		conn_close(t, all[i], FLOW_INPUT_END);
	free(all);
	/* Without memory to sort them they end in the order of the lists. */
	for (int i = 0; i < RANKS; i++)
		while (t->order[i].first != CONN_NONE)
			conn_close(t, &t->conns[t->order[i].first], FLOW_INPUT_END);
	carriers_end(t);
}

/* Memory for n items that is touched only as it
 * comes into use, on huge pages where possible. */
static void *reserve(size_t n, size_t item)
{
	size_t bytes = n * item;
	if (bytes < HUGE_PAGE)
		return aligned_alloc(
		    CACHE_LINE, (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);
	bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *p = aligned_alloc(HUGE_PAGE, bytes);
	if (p != NULL)
		(void)madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

/* The power of two, at least 64, that is not below n. */
static uint32_t round_up(size_t n)
{
	uint32_t size = 64;
	while (size < n)
		size *= 2;
	return size;
}

struct flow_table *flow_table_new(
    const struct flow_limits *limits, const struct flow_sink *sink)
{
	struct flow_table *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	t->sink = *sink;
	t->limits = *limits;
	if (t->limits.flows < FLOWS_LEAST)
		t->limits.flows = FLOWS_LEAST;
	if (t->limits.flows > FLOWS_MOST)
		t->limits.flows = FLOWS_MOST;
	t->key = ends_key_random();
	timer_init(t);
	t->conn_free = CONN_NONE;
	for (int i = 0; i < RANKS; i++)
		t->order[i] = (struct order){CONN_NONE, CONN_NONE};
	t->recent_next = 1;
	uint32_t buckets = round_up(t->limits.flows * 2);
	t->bucket_mask = buckets - 1;
	t->recent_mask = round_up(t->limits.flows / RECENT_SHARE) - 1;
	t->conns = reserve(t->limits.flows, sizeof(*t->conns));
	t->tcps = reserve(t->limits.flows, sizeof(*t->tcps));
	t->links = reserve(t->limits.flows, sizeof(*t->links));
	t->buckets = reserve(buckets, sizeof(*t->buckets));
	t->recent = reserve((size_t)t->recent_mask + 1, sizeof(*t->recent));
	t->defrag = defrag_new(t->limits.fragment_bytes);
	if (t->defrag == NULL || t->conns == NULL || t->tcps == NULL ||
	    t->links == NULL || t->buckets == NULL || t->recent == NULL) {
		flow_table_free(t);
		return NULL;
	}
	for (size_t i = 0; i < buckets; i++)
		t->buckets[i].conn = CONN_NONE;
	return t;
}

const struct flow_counters *flow_table_counters(const struct flow_table *t)
{
	return &t->counters;
}

void flow_table_free(struct flow_table *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < RANKS && t->conns != NULL; i++)
		for (uint32_t at = t->order[i].first; at != CONN_NONE;
		     at = t->links[at].order_next)
			if (t->conns[at].kind == CONN_TCP)
				stream_free(t, t->conns[at].tcp);
	free(t->conns);
	free(t->tcps);
	free(t->links);
	free(t->buckets);
	free(t->recent);
	defrag_free(t->defrag);
	free(t->carriers);
	free(t);
}
