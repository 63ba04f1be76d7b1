/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of a TCP connection as an observer in the middle can know
 * it (RFC 9293, 3.3.2 and 3.10.7), in the terms of Zeek's conn_state
 * and history: each side is on its own, from INACTIVE over SYN_SENT
 * or PARTIAL to ESTABLISHED and then CLOSED (FIN) or RESET (RST).
 *
 * An observer must not trust single packets: acknowledgements and ends
 * may be forged, numbers may be garbage. So numbers only move forward,
 * those of a RST are not believed when they leap, and a FIN counts as
 * the end only once the data before it was delivered or acknowledged.
 */
#include "flow/conn.h"
#include "flow/stream.h"
#include "flow/timer.h"

#define SEQ_LEAP     (1 << 20)      /* a SYN or RST this far off does not move the end */
#define ATTEMPT_WAIT (5 * NS_PER_S) /* for an answer to a SYN */
#define CLOSE_WAIT   (5 * NS_PER_S) /* for late packets after the end */

/* One segment under way through the functions below. */
struct step {
	struct flow_table *t;
	struct conn *c;
	struct tcp *k;
	const struct packet *p;
	int side; /* who sent it; changes when the sides are exchanged */
	uint8_t flags;
	uint32_t len;      /* payload on the wire */
	uint64_t seq;      /* relative */
	bool before_start; /* seq lies before the first number known */
	bool end;          /* this segment ends its side */
};

void tcp_open(struct tcp *k)
{
	memset(k, 0, offsetof(struct tcp, history) + 1);
	for (int i = 0; i < 2; i++) {
		k->side[i].delivered = 1;
		k->side[i].trimmed = 1;
	}
}

static uint64_t absolute(uint32_t seq, uint16_t wraps)
{
	return (uint64_t)wraps << 32 | seq;
}

uint64_t tcp_size(const struct tcp *k, int side)
{
	const struct tcp_side *s = &k->side[side];
	uint64_t last = absolute(s->last, s->last_wraps);
	uint64_t ack = absolute(s->ack, s->ack_wraps);
	bool acked = ack != s->start && ack != (uint64_t)s->start + 1;
	/* A half-open connection found out and aborted: its numbers mean nothing. */
	if (s->before == ENDPOINT_SYN_SENT && s->state == ENDPOINT_RESET &&
	    k->side[!side].state == ENDPOINT_INACTIVE && acked)
		return 0;
	uint64_t end = last > ack ? last : ack;
	if (end <= s->start)
		return 0;
	uint64_t size = end - s->start - 1; /* the SYN, seen or supposed, takes one */
	if ((s->flags & ENDPOINT_FIN_SEEN) && size > 0)
		size--;
	return size;
}

bool tcp_unanswered(const struct tcp *k)
{
	return (k->side[0].state == ENDPOINT_SYN_SENT ||
		   k->side[0].state == ENDPOINT_SYN_ACK_SENT) &&
	       k->side[1].state == ENDPOINT_INACTIVE;
}

static bool both_closed(const struct tcp *k)
{
	return k->side[0].flags & k->side[1].flags & ENDPOINT_DID_CLOSE;
}

bool tcp_reuse(const struct tcp *k, const struct packet *p)
{
	const struct tcp_side *opener = &k->side[0];
	if (p->tcp_flags & TCP_ACK) {
		if (opener->state != ENDPOINT_INACTIVE)
			return false;
		opener = &k->side[1];
	}
	if ((k->side[0].flags | k->side[1].flags) & ENDPOINT_DID_CLOSE)
		return true;
	if (p->seq == opener->start)
		return false;
	/* SYN and SYN-ACK in the wrong order belong together. */
	return !(!(p->tcp_flags & TCP_ACK) && opener->state == ENDPOINT_SYN_ACK_SENT &&
		 k->side[1].state == ENDPOINT_INACTIVE && p->seq == k->side[1].start);
}

static void set_state(struct tcp_side *s, enum endpoint_state state)
{
	if (s->state == state)
		return;
	s->before = s->state;
	s->state = (uint8_t)state;
}

/* Start counting at seq, with last as the end so far. */
static void start_at(struct tcp_side *s, uint32_t seq, uint32_t last)
{
	if (s->start != seq)
		s->recent = 0;
	s->start = seq;
	s->ack = seq;
	s->last = last;
}

static void init_side(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	uint32_t seq = x->p->seq;
	bool syn = x->flags & TCP_SYN;
	uint32_t last =
	    seq + ((x->flags & TCP_RST) ? 0 : x->len) + syn + ((x->flags & TCP_FIN) != 0);
	switch ((enum endpoint_state)s->state) {
	case ENDPOINT_INACTIVE:
		if (syn)
			start_at(s, seq, last);
		else /* as if a SYN had come just before */
			start_at(s, seq - 1, seq);
		break;
	case ENDPOINT_SYN_SENT:
	case ENDPOINT_SYN_ACK_SENT:
		if (syn && seq != s->start)
			start_at(s, seq, last);
		break;
	case ENDPOINT_ESTABLISHED:
	case ENDPOINT_PARTIAL:
		if (syn) /* what came before was not this connection after all */
			start_at(s, seq, last);
		break;
	case ENDPOINT_RESET:
		if (syn && s->before == ENDPOINT_INACTIVE)
			start_at(s, seq, last);
		break;
	case ENDPOINT_CLOSED:
		break;
	}
}

/* The 64-bit relative number of seq,
 * given the newest number and its wraps; *before: < start. */
static uint64_t relative(
    const struct tcp_side *s, uint32_t seq, uint32_t newest, uint16_t wraps, bool *before)
{
	int32_t d = seq_diff(seq, newest);
	bool back = (d < 0) & (wraps > 0) & (seq > newest);
	bool on = (d > 0) & (seq < newest);
	wraps = (uint16_t)(wraps + on - back);
	if (wraps > 0)
		return absolute(seq, wraps) - s->start;
	d = seq_diff(seq, s->start);
	*before = d < 0;
	return (uint64_t)(int64_t)d;
}

/* True when the letter was used before; else it is used now. */
static bool seen_before(struct step *x, uint32_t bit, char letter)
{
	bit <<= x->side * 16;
	if (x->k->seen & bit)
		return true;
	x->k->seen |= bit;
	history_add(x->c, x->side, letter);
	return false;
}

/* Letters that come again when they stand for another sequence number. */
static void control_letter(
    struct step *x, uint32_t bit, char letter, uint32_t seq, uint32_t *last)
{
	if (seen_before(x, bit, letter) && seq != *last)
		history_add(x->c, x->side, letter);
	*last = seq;
}

static void update_history(struct step *x)
{
	uint8_t control = x->flags & (TCP_SYN | TCP_FIN | TCP_RST);
	struct tcp_rare *r = &x->k->rare[x->side];
	uint32_t seq = (uint32_t)x->seq;
	if (control == 0) {
		if (x->len > 0)
			seen_before(x, TCP_SEEN_DATA, 'D');
		else if (x->flags & TCP_ACK)
			seen_before(x, TCP_SEEN_ACK, 'A');
	} else if (control == TCP_SYN) {
		char letter = (x->flags & TCP_ACK) ? 'H' : 'S';
		control_letter(x, TCP_SEEN_SYN, letter, seq, &r->last_syn);
	} else if (control == TCP_FIN) {
		control_letter(x, TCP_SEEN_FIN, 'F', seq + x->len, &r->last_fin);
	} else if (control == TCP_RST) {
		control_letter(x, TCP_SEEN_RST, 'R', seq, &r->last_rst);
	} else if ((control & TCP_FIN) && (control & TCP_RST)) {
		seen_before(x, TCP_SEEN_ENDS, 'I');
	} else {
		seen_before(x, TCP_SEEN_MIXED, 'Q');
	}
	/* After an end nobody minds the window. */
	if (x->p->window == 0 && !(x->flags & TCP_RST) &&
	    x->k->side[!x->side].state != ENDPOINT_CLOSED &&
	    x->k->side[x->side].state != ENDPOINT_RESET)
		history_scaled(x->c, x->side, 'W', ++r->zero_windows);
}

/* The relative number that the segment acknowledges of the peer's data. */
static uint64_t take_ack(struct step *x)
{
	struct tcp_side *peer = &x->k->side[!x->side];
	uint32_t ack = x->p->ack;
	if (peer->state == ENDPOINT_INACTIVE) {
		start_at(peer, ack - 1, ack - 1);
		return 1;
	}
	bool before = false;
	uint64_t seq = relative(peer, ack, peer->ack, peer->ack_wraps, &before);
	if (before)
		return 0;
	int32_t d = seq_diff(ack, peer->ack);
	/* RSTs carry anything there; a leap to 0 is a field left empty. */
	if (!(x->flags & TCP_RST) && d > 0 && !(ack == 0 && d > SEQ_LEAP)) {
		if (ack < peer->ack)
			peer->ack_wraps++;
		peer->ack = ack;
	}
	return seq;
}

static void take_end(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	uint32_t end =
	    x->p->seq + ((x->flags & TCP_SYN) != 0) + ((x->flags & TCP_FIN) != 0);
	if (!(x->flags & TCP_RST))
		end += x->len;
	int32_t d = seq_diff(end, s->last);
	if ((x->flags & (TCP_SYN | TCP_RST)) && (d > SEQ_LEAP || d < -SEQ_LEAP))
		return;
	/* More than 2 GB between SYN and FIN, with nothing captured in between. */
	bool far = (x->flags & TCP_FIN) && s->last == s->start + 1;
	if (!far && s->state == ENDPOINT_RESET)
		return;
	if (far || d > 0) {
		if (end < s->last)
			s->last_wraps++;
		s->last = end;
	} else if (x->len > 0) {
		history_scaled(x->c, x->side, 'T', ++x->k->rare[x->side].retransmits);
	}
}

static void set_due(struct step *x, enum conn_due kind, struct moment from, int64_t wait)
{
	struct conn *c = x->c;
	c->due_kind = kind & 0xf;
	c->due = moment_add(from, wait).ns;
	/* The table counts from its own clock when a packet comes late. */
	int64_t least = moment_add((struct moment){x->t->now}, wait).ns;
	if (c->due < least)
		c->due = least;
	if (c->slot != WHEEL_SLOTS)
		timer_set(x->t, c);
}

static void exchange_sides(struct step *x)
{
	conn_flip(x->c);
	x->side = !x->side;
}

/* The first SYN or SYN-ACK of the responder. */
static void syn_of_responder(struct step *x)
{
	struct tcp_side *s = &x->k->side[1], *peer = &x->k->side[0];
	if (!(x->flags & TCP_ACK) && peer->state == ENDPOINT_SYN_ACK_SENT &&
	    x->p->seq == s->start) {
		/* The SYN-ACK was captured before the SYN: turn them round. */
		exchange_sides(x);
		s = &x->k->side[0];
		peer = &x->k->side[1];
		set_state(peer, ENDPOINT_ESTABLISHED);
		x->k->side[0].flags |= ENDPOINT_FIRST_SEEN;
	}
	if (peer->state == ENDPOINT_SYN_SENT)
		set_state(peer, ENDPOINT_ESTABLISHED);
	set_state(s, ENDPOINT_ESTABLISHED);
}

static void from_inactive(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	if (x->flags & TCP_SYN) {
		if (x->side == 0 && x->k->side[1].state == ENDPOINT_ESTABLISHED) {
			/* The SYN-ACK was captured before
			 * the SYN that it acknowledges. */
			set_state(s, ENDPOINT_ESTABLISHED);
			x->k->partial = false;
			s->flags |= ENDPOINT_FIRST_SEEN;
		} else if (x->side == 0) {
			set_state(s, (x->flags & TCP_ACK) ? ENDPOINT_SYN_ACK_SENT
							  : ENDPOINT_SYN_SENT);
			set_due(x, DUE_ATTEMPT, x->p->ts, ATTEMPT_WAIT);
		} else {
			syn_of_responder(x);
		}
		s = &x->k->side[x->side];
	}
	struct tcp_side *peer = &x->k->side[!x->side];
	if (x->flags & TCP_FIN)
		set_state(s, ENDPOINT_CLOSED);
	if (x->flags & TCP_RST)
		set_state(s, ENDPOINT_RESET);
	x->end = x->flags & (TCP_FIN | TCP_RST);
	if (s->state != ENDPOINT_INACTIVE)
		return;
	/* Some stacks acknowledge a SYN before they send their own. */
	if (x->side == 1 && x->len == 0 && peer->state == ENDPOINT_SYN_SENT)
		return;
	if ((x->flags & TCP_ACK) && peer->state == ENDPOINT_ESTABLISHED) {
		/* Only the SYN is missing: a whole connection nevertheless. */
		set_state(s, ENDPOINT_ESTABLISHED);
		x->k->partial = false;
		s->flags |= ENDPOINT_FIRST_SEEN;
	} else {
		set_state(s, ENDPOINT_PARTIAL);
	}
}

static void from_open(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side], *peer = &x->k->side[!x->side];
	if ((x->flags & TCP_SYN) && !(x->flags & TCP_ACK) &&
	    s->state == ENDPOINT_PARTIAL && peer->state == ENDPOINT_INACTIVE)
		set_state(s, ENDPOINT_SYN_SENT);
	if ((x->flags & TCP_FIN) && !(x->flags & TCP_RST)) {
		set_state(s, ENDPOINT_CLOSED);
		/* FIN, then RST, of the peer was a normal end after all. */
		if (peer->state == ENDPOINT_RESET && peer->before == ENDPOINT_CLOSED)
			set_state(peer, ENDPOINT_CLOSED);
		x->end = true;
	}
	if (x->flags & TCP_RST) {
		set_state(s, ENDPOINT_RESET);
		x->end = true;
	}
}

static void update_state(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	switch ((enum endpoint_state)s->state) {
	case ENDPOINT_INACTIVE:
		from_inactive(x);
		break;
	case ENDPOINT_SYN_SENT:
	case ENDPOINT_SYN_ACK_SENT:
		if (x->flags & TCP_FIN)
			set_state(s, ENDPOINT_CLOSED);
		if (x->flags & TCP_RST)
			set_state(s, ENDPOINT_RESET);
		x->end = x->flags & (TCP_FIN | TCP_RST);
		break;
	case ENDPOINT_ESTABLISHED:
	case ENDPOINT_PARTIAL:
		if (x->flags & (TCP_SYN | TCP_FIN | TCP_RST))
			from_open(x);
		break;
	case ENDPOINT_CLOSED:
		/* After an exchange of FINs a RST changes nothing. */
		if ((x->flags & TCP_RST) &&
		    x->k->side[!x->side].state != ENDPOINT_CLOSED) {
			set_state(s, ENDPOINT_RESET);
			x->end = !(s->flags & ENDPOINT_DID_CLOSE);
		}
		break;
	case ENDPOINT_RESET:
		break;
	}
}

/* The side has ended; when that ends the connection, only stragglers are waited for. */
static void close_side(struct flow_table *t, struct conn *c, int side)
{
	struct tcp *k = c->tcp;
	struct tcp_side *s = &k->side[side];
	if (stream_pending(k, side)) {
		k->close_deferred = true;
		return;
	}
	k->close_deferred = false;
	if (s->flags & ENDPOINT_DID_CLOSE)
		return;
	s->flags |= ENDPOINT_DID_CLOSE;
	const struct tcp_side *peer = &k->side[!side];
	if (s->state == ENDPOINT_RESET || (peer->flags & ENDPOINT_DID_CLOSE) ||
	    peer->state == ENDPOINT_INACTIVE) {
		struct step x = {.t = t, .c = c, .k = k, .side = side};
		set_due(&x, DUE_CLOSE, c->f.last, CLOSE_WAIT);
	}
}

void tcp_check_end(struct flow_table *t, struct conn *c, int side)
{
	struct tcp *k = c->tcp;
	struct tcp_side *s = &k->side[side];
	if ((s->flags & ENDPOINT_DID_EOF) ||
	    !((s->flags & ENDPOINT_FIN_SEEN) || s->state == ENDPOINT_CLOSED ||
		s->state == ENDPOINT_RESET) ||
	    stream_pending(k, side))
		return;
	s->flags |= ENDPOINT_DID_EOF;
	if (k->close_deferred) {
		close_side(t, c, side);
		k->close_deferred = false;
	}
}

/* Of a first SYN: fields that mean nothing there are zero in what a stack sends. */
static bool is_odd(const struct packet *p)
{
	return (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN &&
	       (p->ack != 0 || (p->urgent != 0 && (p->tcp_flags & TCP_URG) == 0));
}

/* What no stack sends, and what a forger of handshakes leaves behind. */
static void report_oddities(struct step *x)
{
	uint8_t f = x->flags;
	uint8_t control = f & (TCP_SYN | TCP_FIN | TCP_RST);
	bool bad = (control & (control - 1)) != 0 || !(f & (TCP_SYN | TCP_ACK | TCP_RST));
	bool syn_data = (f & TCP_SYN) && x->len > 0;
	bool odd = is_odd(x->p);
	if ((f & TCP_SYN) && x->t->sink.syn != NULL)
		x->t->sink.syn(x->t->sink.ctx, &x->c->f, x->side, x->p);
	if (!bad && !syn_data && !odd)
		return;
	struct flow_event e = recent_event(x->c, x->p, x->side);
	if (bad) {
		e.kind = FLOW_BAD_FLAGS;
		conn_event(x->t, x->c, &e);
	}
	if (syn_data) {
		e.kind = FLOW_SYN_DATA;
		conn_event(x->t, x->c, &e);
	}
	if (odd) {
		e.kind = FLOW_ODD_HEADER;
		conn_event(x->t, x->c, &e);
	}
}

static void check_synack(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	if (!(s->flags & ENDPOINT_SYN_SEEN) || x->p->seq == s->start)
		return;
	struct flow_event e = recent_event(x->c, x->p, x->side);
	e.kind = FLOW_DUPLICATE_SYNACK;
	e.other_seq = s->start;
	const struct recent *first = recent_find(x->t, x->c, x->side, 0);
	if (first != NULL) {
		recent_contradicts(x->t, x->c, &e, first->ts, &first->look);
	}
	conn_event(x->t, x->c, &e);
}

/* The payload of a segment without any; as long as what is looked at of one, for the
 * compiler's sake. */
static const uint8_t nothing[RECENT_BYTES];

/* Remember a FIN or RST of an open connection that has no data with it. */
static void note_end(struct step *x)
{
	const struct tcp_side *s = &x->k->side[x->side];
	if (s->state != ENDPOINT_ESTABLISHED || x->len > 0)
		return;
	struct segment g = {.seq = x->seq, .ts = x->p->ts, .look = recent_look(x->p)};
	recent_note(x->t, x->c, x->side, &g, nothing);
}

/*
 * Data beyond a side's own FIN or RST: who sent it does not know of that end. After a
 * RST nothing is left that could send; a forger's RST is followed by what the true
 * sender had under way (Weaver, Sommer and Paxson 2009: RST_SEQ_DATA).
 */
static void check_after_end(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	const struct tcp_rare *r = &x->k->rare[x->side];
	bool fin = s->state == ENDPOINT_CLOSED && x->seq + x->len >= r->fin;
	bool rst = s->state == ENDPOINT_RESET && s->before == ENDPOINT_ESTABLISHED &&
		   x->seq >= r->last_rst && r->last_rst > 0;
	if ((!fin && !rst) || (s->flags & ENDPOINT_AFTER_END))
		return;
	uint64_t end = fin ? r->fin - 1 : r->last_rst;
	const struct recent *first = recent_find(x->t, x->c, x->side, end);
	if (first == NULL)
		return;
	struct flow_event e = recent_event(x->c, x->p, x->side);
	e.kind = FLOW_DATA_AFTER_END;
	e.other_seq = (uint32_t)(s->start + end);
	recent_contradicts(x->t, x->c, &e, first->ts, &first->look);
	s->flags |= ENDPOINT_AFTER_END;
	conn_event(x->t, x->c, &e);
}

static void note_syn(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	bool first = !(s->flags & ENDPOINT_SYN_SEEN);
	s->flags |= ENDPOINT_SYN_SEEN;
	if (!first)
		return;
	struct segment g = {.seq = 0, .ts = x->p->ts, .look = recent_look(x->p)};
	s->ttl = x->p->ttl;
	if (g.look.marks & LOOK_TIMESTAMP)
		s->flags |= ENDPOINT_TIMESTAMP;
	if (!(x->flags & TCP_ACK))
		return;
	recent_note(x->t, x->c, x->side, &g, nothing);
}

/* Whether the connection was joined in its middle:
 * known from each side's first packet. */
static void update_partial(struct step *x)
{
	struct tcp_side *s = &x->k->side[x->side];
	if (s->flags & ENDPOINT_FIRST_SEEN)
		return;
	bool syn = x->flags & TCP_SYN;
	if (x->side == 0)
		x->k->partial = !syn || (x->flags & TCP_ACK);
	else if (!x->k->partial)
		x->k->partial = !syn;
}

/* Whether all that was seen of the side was delivered, and more may come. */
static bool in_step(const struct tcp_side *s)
{
	bool open = s->state == ENDPOINT_ESTABLISHED || s->state == ENDPOINT_PARTIAL;
	return open && s->hold == NULL && !(s->flags & ENDPOINT_FIN_SEEN) &&
	       s->last_wraps == s->ack_wraps && s->ack <= s->last &&
	       absolute(s->last, s->last_wraps) - s->start == s->delivered &&
	       s->trimmed <= s->delivered;
}

void tcp_packet(struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	struct tcp *k = c->tcp;
	struct step x = {.t = t,
	    .c = c,
	    .k = k,
	    .p = p,
	    .side = side,
	    .flags = p->tcp_flags,
	    .len = p->length};
	if (!(x.flags & TCP_ACK) || (x.flags & (TCP_SYN | TCP_FIN | TCP_RST)))
		report_oddities(&x);
	if ((x.flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		check_synack(&x);
	update_partial(&x);
	init_side(&x);
	struct tcp_side *s = &k->side[side];
	x.seq = relative(s, p->seq, s->last, s->last_wraps, &x.before_start);
	update_history(&x);
	if (!both_closed(k)) {
		c->f.last = p->ts;
		c->active = t->now;
	}
	if (x.flags & TCP_SYN)
		note_syn(&x);
	else if (x.flags & (TCP_FIN | TCP_RST))
		note_end(&x);
	else if (x.len > 0 && s->state >= ENDPOINT_CLOSED && !x.before_start)
		check_after_end(&x);
	if (x.flags & TCP_FIN) {
		s->flags |= ENDPOINT_FIN_SEEN;
		k->rare[side].fin = x.seq + ((x.flags & TCP_RST) ? 0 : x.len) + 1 +
				    ((x.flags & TCP_SYN) != 0);
	}
	uint64_t acked = (x.flags & TCP_ACK) ? take_ack(&x) : 0;
	take_end(&x);
	update_state(&x);
	/* Only now: a gap that shows at the very end of a connection is none. */
	if (x.flags & TCP_ACK)
		stream_acked(t, c, !x.side, acked);
	k->side[x.side].flags |= ENDPOINT_FIRST_SEEN;
	if (x.len > 0 && !(x.flags & TCP_RST) && !x.before_start)
		stream_data(t, c, p, x.side, x.seq + ((x.flags & TCP_SYN) != 0));
	if (k->side[x.side].state >= ENDPOINT_CLOSED ||
	    (k->side[x.side].flags & ENDPOINT_FIN_SEEN))
		tcp_check_end(t, c, x.side);
	if (x.end)
		close_side(t, c, x.side);
	c->flags &= (uint8_t)~CONN_STEADY;
	if (in_step(&k->side[0]) && in_step(&k->side[1]))
		c->flags |= CONN_STEADY;
}
