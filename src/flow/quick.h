/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The quick way of a TCP segment, which four of five take: both sides open, everything
 * seen so far delivered, and what comes now is the next bytes or an acknowledgement of
 * some of them. The long way (tcp.c) says at its end whether a connection is so: then it
 * is CONN_STEADY, and what the quick way does keeps it so:
 *
 *     start ....... ack ....... last        of each side, in one lap of the numbers
 *                   |<- unacked ->|         last - start == delivered, nothing is held
 *
 * Datagrams take it when their flow stands in the wheel and among those that talk, which
 * nothing but its end changes: then there is only counting and handing on (table.c).
 *
 * The result is that of the long way; a test holds both against each other. Private to
 * the flow table.
 */
#ifndef DWELL_FLOW_QUICK_H
#define DWELL_FLOW_QUICK_H

#include "flow/conn.h"
#include "flow/stream.h"

/* Whether a segment that side sent in a steady connection is what comes next. One test
 * for many things, as it nearly always says yes to all of them. */
static inline bool quick_expects(const struct tcp *k, const struct packet *p, int side)
{
	const struct tcp_side *me = &k->side[side], *peer = &k->side[!side];
	unsigned control = p->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK);
	uint32_t acked = p->ack - peer->ack, unacked = peer->last - peer->ack;
	return ((control == TCP_ACK) & (p->window != 0) & (p->seq == me->last) &
		   (p->seq <= UINT32_MAX - p->length) & (acked <= unacked) &
		   (acked <= INT32_MAX)) != 0;
}

/* Take in what was expected. */
static inline void quick_take(
    struct flow_table *t, struct conn *c, const struct packet *p, int side)
{
	struct tcp *k = c->tcp;
	struct tcp_side *me = &k->side[side], *peer = &k->side[!side];
	uint64_t acked = peer->delivered - (peer->last - p->ack);
	uint32_t letter = (TCP_SEEN_ACK >> (p->length > 0)) << side * 16;
	c->f.last = p->ts;
	c->active = t->now;
	peer->ack = p->ack;
	peer->trimmed = acked > peer->trimmed ? acked : peer->trimmed;
	me->last += p->length;
	if ((k->seen & letter) == 0) {
		k->seen |= letter;
		history_add(c, side, p->length > 0 ? 'D' : 'A');
	}
	if (p->length > 0)
		stream_next(t, c, p, side);
}

#endif
