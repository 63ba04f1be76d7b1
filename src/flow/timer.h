/* SPDX-License-Identifier: Apache-2.0 */
/* When a flow ends by itself; private to the flow table. */
#ifndef DWELL_FLOW_TIMER_H
#define DWELL_FLOW_TIMER_H

#include "flow/conn.h"

/* An empty wheel, before all time. */
void timer_init(struct flow_table *t);

/* Put c into the wheel, or into another slot, according to its deadline. */
void timer_set(struct flow_table *t, struct conn *c);
void timer_clear(struct flow_table *t, struct conn *c);

/* Start the clock of a new flow, before timer_set. */
void timer_start(const struct flow_table *t, struct conn *c);

/* Whether c's time is over at t->now, and why. */
bool timer_over(const struct flow_table *t, struct conn *c, enum flow_close *why);

#define CLOCK_LEAP (3600 * NS_PER_S) /* the longest time-out; see timer_clock */

/* Whether ts is older than the table's time, or far newer: then timer_clock sets it. */
static inline bool timer_leaps(const struct flow_table *t, struct moment ts)
{
	return (uint64_t)ts.ns - (uint64_t)t->now > CLOCK_LEAP;
}

/*
 * Set the table's time at a packet whose time leaps. A leap forward counts at once for
 * that packet's own flow, and for the others when the next packet confirms it; else the
 * time before it goes on. Many packets in a row that are far older set the time back.
 */
void timer_clock(struct flow_table *t, struct moment ts);

/* Turn the wheel to t->now: closes what is over. */
void timer_advance(struct flow_table *t);

#define SILENCE_DATAGRAM                                                                 \
	(60 * NS_PER_S) /* UDP, ICMP, other IP protocols: the shortest                   \
			 */

/* Cheaply: whether c can not be over yet. */
static inline bool timer_fresh(const struct flow_table *t, const struct conn *c)
{
	return t->now >= c->active && t->now < c->due &&
	       (uint64_t)t->now - (uint64_t)c->active < SILENCE_DATAGRAM;
}

/* Silence after which a flow of this kind ends, in nanoseconds. */
int64_t timer_silence(const struct conn *c);

#endif
