/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP reassembly: the bytes of each side in order, each once, the first copy wins.
 *
 *     0    1 .......... trimmed ....... delivered ...[held]....[held]..
 *     SYN  acknowledged | given to the sink |  hole        hole
 *
 * What comes in order goes to the sink where it lies, without a copy. What comes early is
 * held. A hole becomes a gap when the receiver acknowledges data beyond it (so the
 * capture, not the network, lost it), when a limit is reached, or when the flow ends.
 * Whatever arrives again is compared: different bytes for the same numbers are the trace
 * of an injected segment.
 */
#include <stdlib.h>

#include "flow/conn.h"
#include "flow/stream.h"

static bool orderly(const struct tcp_side *s)
{
	return s->state == ENDPOINT_ESTABLISHED ||
	       (s->state == ENDPOINT_CLOSED && s->before == ENDPOINT_ESTABLISHED);
}

static void gap(struct flow_table *t, struct conn *c, int side, uint64_t n)
{
	struct tcp *k = c->tcp;
	/* Elsewhere sequence numbers are not sure enough to call it a loss. */
	if (orderly(&k->side[0]) && orderly(&k->side[1])) {
		c->f.side[side].missed += n;
		history_scaled(c, side, 'G', ++k->rare[side].gaps);
	}
	k->side[side].delivered += n;
	if (t->sink.gap != NULL)
		t->sink.gap(t->sink.ctx, &c->f, side, n);
}

/* Inlined, so that what comes in order needs no struct segment in memory. */
static inline __attribute__((always_inline)) void emit(struct flow_table *t,
    struct conn *c, int side, const struct segment *s, const uint8_t *bytes)
{
	struct tcp_side *me = &c->tcp->side[side];
	if (me->delivered <= RECENT_STREAM)
		recent_note(t, c, side, s, bytes);
	me->delivered += s->length;
	if (s->captured < s->length && orderly(me) && orderly(&c->tcp->side[!side]))
		c->f.side[side].missed += s->length - s->captured;
	if (t->sink.data == NULL)
		return;
	const struct flow_data d = {.p = bytes,
	    .n = s->captured,
	    .wire = s->length,
	    .side = side,
	    .ts = s->ts,
	    .source = s->source,
	    .offset = s->offset,
	    .ip_id = s->look.ip_id,
	    .ttl = s->look.ttl};
	t->sink.data(t->sink.ctx, &c->f, &d);
}

static size_t charge(const struct segment *s)
{
	return sizeof(*s) + s->captured;
}

/* Take the first of the held segments, which is there, off its list: the caller owns it.
 */
static struct segment *take_first(struct flow_table *t, struct hold *h)
{
	struct segment *s = h->first;
	h->first = s->next;
	if (s->next != NULL)
		s->next->prev = NULL;
	else
		h->last = NULL;
	h->bytes -= charge(s);
	h->count--;
	t->held -= charge(s);
	return s;
}

static void drop_hold(struct tcp_side *me)
{
	if (me->hold != NULL && me->hold->first == NULL) {
		free(me->hold);
		me->hold = NULL;
	}
}

/* Nobody's acknowledgements are seen: do not wait for them. */
static void trim_unacked(const struct tcp *k, struct tcp_side *me, int side)
{
	bool unacked = me->ack == me->start || me->ack == me->start + 1;
	if (unacked && me->ack_wraps == 0 && tcp_size(k, side) > UNACKED_WINDOW)
		me->trimmed = me->delivered;
}

/* Deliver what is held from the next byte on, as far as it goes without a hole. */
static void deliver_held(struct flow_table *t, struct conn *c, int side)
{
	struct tcp_side *me = &c->tcp->side[side];
	while (me->hold != NULL && me->hold->first != NULL &&
	       me->hold->first->seq <= me->delivered) {
		struct segment *s = take_first(t, me->hold);
		uint64_t old = me->delivered - s->seq;
		if (old < s->length) {
			uint32_t skip = (uint32_t)old;
			uint32_t lost = skip < s->captured ? skip : s->captured;
			s->seq += skip;
			s->length -= skip;
			s->captured -= lost;
			emit(t, c, side, s, segment_bytes(s) + lost);
		}
		free(s);
	}
	drop_hold(me);
	trim_unacked(c->tcp, me, side);
}

void stream_flush(struct flow_table *t, struct conn *c, int side)
{
	struct tcp_side *me = &c->tcp->side[side];
	while (me->hold != NULL && me->hold->first != NULL) {
		uint64_t seq = me->hold->first->seq;
		if (seq > me->delivered) {
			uint64_t n = seq - me->delivered;
			me->delivered = seq;
			if (t->sink.gap != NULL)
				t->sink.gap(t->sink.ctx, &c->f, side, n);
		}
		deliver_held(t, c, side);
	}
}

/* A piece of a packet's payload that nobody has yet. */
struct piece {
	uint64_t seq;
	uint32_t length, captured;
	const uint8_t *bytes;
};

static void cut_front(struct piece *a, uint64_t seq)
{
	if (seq <= a->seq)
		return;
	uint32_t n = seq - a->seq < a->length ? (uint32_t)(seq - a->seq) : a->length;
	uint32_t lost = n < a->captured ? n : a->captured;
	a->seq += n;
	a->length -= n;
	a->captured -= lost;
	a->bytes += lost;
}

static struct segment piece_as_segment(const struct piece *a, const struct packet *p)
{
	return (struct segment){.seq = a->seq,
	    .length = a->length,
	    .captured = a->captured,
	    .ts = p->ts,
	    .offset = p->offset,
	    .source = p->source,
	    .look = recent_look(p)};
}

/* Hold a copy of a before the segment next (NULL: at the end); false over a limit. */
static bool hold_piece(struct flow_table *t, struct hold *h, const struct piece *a,
    const struct packet *p, struct segment *next)
{
	struct segment head = piece_as_segment(a, p);
	size_t cost = charge(&head);
	if (h->count >= HOLD_SEGMENTS || cost > t->limits.reassembly_flow - h->bytes ||
	    cost > t->limits.reassembly_bytes - t->held)
		return false;
	struct segment *s = malloc(cost);
	if (s == NULL)
		return false;
	*s = head;
	if (a->captured > 0)
		memcpy(segment_bytes(s), a->bytes, a->captured);
	s->next = next;
	s->prev = next != NULL ? next->prev : h->last;
	*(s->prev != NULL ? &s->prev->next : &h->first) = s;
	*(s->next != NULL ? &s->next->prev : &h->last) = s;
	h->bytes += cost;
	h->count++;
	t->held += cost;
	t->counters.segments_held++;
	return true;
}

static void report_overlap(struct flow_table *t, struct conn *c, const struct packet *p,
    int side, const struct segment *s)
{
	const struct tcp_side *me = &c->tcp->side[side];
	struct flow_event e = recent_event(c, p, side);
	e.kind = FLOW_TCP_OVERLAP;
	e.other_seq = (uint32_t)(me->start + s->seq);
	e.length = s->length;
	e.other_length = s->length;
	recent_contradicts(t, c, &e, s->ts, &s->look);
	t->counters.overlaps++;
	conn_event(t, c, &e);
}

/* Whether a differs from the held s where both have bytes. */
static bool differs(const struct piece *a, struct segment *s)
{
	uint64_t from = a->seq > s->seq ? a->seq : s->seq;
	uint64_t a_end = a->seq + a->captured, s_end = s->seq + s->captured;
	uint64_t to = a_end < s_end ? a_end : s_end;
	return from < to && memcmp(a->bytes + (from - a->seq),
				segment_bytes(s) + (from - s->seq), to - from) != 0;
}

/* Keep the parts of a that are not held yet. */
static void hold(struct flow_table *t, struct conn *c, const struct packet *p, int side,
    struct piece *a)
{
	struct tcp_side *me = &c->tcp->side[side];
	if (me->hold == NULL)
		me->hold = calloc(1, sizeof(*me->hold));
	if (me->hold == NULL) {
		t->counters.segments_dropped++;
		return;
	}
	struct hold *h = me->hold;
	/* New segments mostly come last:
	 * look from there for the first one to compare with. */
	struct segment *s = NULL;
	for (struct segment *b = h->last; b != NULL && b->seq + b->length > a->seq;
	     b = b->prev)
		s = b;
	bool reported = false, kept = true;
	while (a->length > 0 && kept) {
		if (s == NULL || a->seq + a->length <= s->seq) {
			kept = hold_piece(t, h, a, p, s);
			break;
		}
		if (a->seq < s->seq) {
			struct piece front = *a;
			front.length = (uint32_t)(s->seq - a->seq);
			if (front.captured > front.length)
				front.captured = front.length;
			kept = hold_piece(t, h, &front, p, s);
			cut_front(a, s->seq);
		}
		if (!reported && differs(a, s)) {
			report_overlap(t, c, p, side, s);
			reported = true;
		}
		cut_front(a, s->seq + s->length);
		s = s->next;
	}
	if (!kept)
		t->counters.segments_dropped++;
	drop_hold(me);
}

/* The limit is reached, or nobody acknowledges: the hole will not be filled. */
static bool give_up(const struct flow_table *t, const struct tcp *k, int side)
{
	const struct tcp_side *me = &k->side[side];
	if (me->hold == NULL)
		return false;
	bool unacked =
	    me->ack_wraps == 0 && (me->ack == me->start || me->ack == me->start + 1);
	return me->hold->count >= HOLD_SEGMENTS ||
	       me->hold->bytes > t->limits.reassembly_flow / 8 * 7 ||
	       (unacked && me->hold->last->seq + me->hold->last->length - me->delivered >
			       UNACKED_WINDOW);
}

void stream_next(struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	struct tcp_side *me = &c->tcp->side[side];
	const struct segment s = {.seq = me->delivered,
	    .length = p->length,
	    .captured = p->captured,
	    .ts = p->ts,
	    .offset = p->offset,
	    .source = p->source,
	    .look = recent_look(p)};
	emit(t, c, side, &s, p->payload);
	trim_unacked(c->tcp, me, side);
}

void stream_data(
    struct flow_table *t, struct conn *c, const struct packet *p, int side, uint64_t seq)
{
	struct tcp_side *me = &c->tcp->side[side];
	struct piece a = {.seq = seq,
	    .length = p->length,
	    .captured = p->captured,
	    .bytes = p->payload};
	if (seq < me->delivered)
		recent_compare(t, c, p, side, seq);
	cut_front(&a, me->trimmed);
	cut_front(&a, me->delivered);
	if (a.length == 0)
		return;
	if (a.seq > me->delivered) {
		hold(t, c, p, side, &a);
		if (give_up(t, c->tcp, side))
			stream_flush(t, c, side);
		return;
	}
	if (me->hold != NULL && me->hold->first->seq < a.seq + a.length) {
		/* Part of it is here already and was first: let the list sort it out. */
		struct segment *first = me->hold->first;
		struct piece rest = a;
		a.length = (uint32_t)(first->seq - a.seq);
		if (a.captured > a.length)
			a.captured = a.length;
		cut_front(&rest, first->seq);
		hold(t, c, p, side, &rest);
	}
	struct segment s = piece_as_segment(&a, p);
	emit(t, c, side, &s, a.bytes);
	deliver_held(t, c, side);
}

/* Everything before seq was received by the peer: what is missing will not come again. */
static void give_up_before(struct flow_table *t, struct conn *c, int side, uint64_t seq)
{
	struct tcp_side *me = &c->tcp->side[side];
	while (me->hold != NULL && me->hold->first->seq < seq) {
		gap(t, c, side, me->hold->first->seq - me->delivered);
		deliver_held(t, c, side);
	}
	if (seq > me->delivered)
		gap(t, c, side, seq - me->delivered);
}

void stream_acked(struct flow_table *t, struct conn *c, int side, uint64_t seq)
{
	struct tcp *k = c->tcp;
	struct tcp_side *me = &k->side[side];
	if ((me->flags & ENDPOINT_FIN_SEEN) && seq >= k->rare[side].fin)
		seq = k->rare[side].fin - 1;
	if (seq <= me->trimmed || (int64_t)seq < 0)
		return;
	/* In the middle of a connection its first number was a guess. */
	if (seq > me->delivered && !(seq <= 2 && k->partial))
		give_up_before(t, c, side, seq);
	if (me->hold != NULL && me->hold->first->seq <= me->delivered)
		deliver_held(t, c, side);
	me->trimmed = seq;
	if (me->state >= ENDPOINT_CLOSED || (me->flags & ENDPOINT_FIN_SEEN))
		tcp_check_end(t, c, side);
}

static bool has_unacked(const struct tcp_side *s)
{
	return s->delivered > s->trimmed || s->hold != NULL;
}

bool stream_pending(const struct tcp *k, int side)
{
	const struct tcp_side *s = &k->side[side];
	uint64_t next = s->delivered + s->start;
	uint64_t last = (uint64_t)s->last_wraps << 32 | s->last;
	if (last < next)
		return false;
	if (next != last && next + 1 != last)
		return true;
	return s->state != ENDPOINT_RESET && has_unacked(&k->side[!side]);
}

void stream_free(struct flow_table *t, struct tcp *k)
{
	for (int side = 0; side < 2; side++) {
		struct tcp_side *me = &k->side[side];
		while (me->hold != NULL && me->hold->first != NULL) {
			free(take_first(t, me->hold));
		}
		drop_hold(me);
	}
}
