/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which flow goes when the table is full: the one that says least. Flows lie in one list
 * for each rank, in order of age:
 *
 *     RANK_PROBE     one side, a packet or a few: a scan, a SYN flood
 *     RANK_ANSWERED  both sides, nothing said: half-open, a question with its answer
 *     RANK_TALKS     data, or more than an exchange
 *     RANK_LASTING   likewise, for LASTING_NS and longer
 *
 * A flow of a higher rank goes only when there is none of a lower one: a flood of
 * whatever kind does not end the connections that were there before it. Only the first
 * two ranks are told as packets come. Whether a flow rose further is asked when its turn
 * to go comes: each rises at most twice, so making room costs the same on average however
 * many there are, and the packets of a flow pay nothing.
 */
#include "flow/rank.h"

#include "base/moment.h"

#define EVICT_LOOK      8 /* of the oldest, the one silent for longest goes */
#define EXCHANGE_MOST   4 /* datagrams, both sides: a question, an answer, once again */
#define LASTING_NS      (20 * NS_PER_S)
#define EITHER_SIDE(b)  ((uint32_t)(b) | (uint32_t)(b) << 16)
#define ESTABLISHED_ACK TCP_SEEN_ACK /* of the originator: behind the SYN-ACK */

enum rank rank_of(const struct conn *c)
{
	const struct flow *f = &c->f;
	if (!(c->flags & CONN_TALKS))
		return RANK_PROBE;
	bool lasts = moment_diff(f->first, f->last) >= LASTING_NS, says;
	if (c->kind == CONN_TCP) {
		says = (c->tcp->seen & EITHER_SIDE(TCP_SEEN_DATA)) != 0;
		/* Open for long, it counts though nothing was said. */
		lasts = lasts && (says || (c->tcp->seen & ESTABLISHED_ACK) != 0);
	} else {
		says = f->side[0].packets + f->side[1].packets > EXCHANGE_MOST;
		lasts = lasts && says;
	}
	return lasts ? RANK_LASTING : says ? RANK_TALKS : RANK_ANSWERED;
}

static struct order *order_of(struct flow_table *t, const struct conn *c)
{
	return &t->order[conn_rank(c)];
}

void rank_enter(struct flow_table *t, struct conn *c, enum rank rank)
{
	c->flags = (uint8_t)((c->flags & CONN_FLAGS) | (unsigned)rank << CONN_RANK_SHIFT);
	struct order *o = order_of(t, c);
	uint32_t index = conn_index(t, c);
	t->links[index].order_next = CONN_NONE;
	t->links[index].order_prev = o->last;
	*(o->last != CONN_NONE ? &t->links[o->last].order_next : &o->first) = index;
	o->last = index;
}

void rank_leave(struct flow_table *t, const struct conn *c)
{
	struct order *o = order_of(t, c);
	const struct links *l = &t->links[conn_index(t, c)];
	*(l->order_prev != CONN_NONE ? &t->links[l->order_prev].order_next : &o->first) =
	    l->order_next;
	*(l->order_next != CONN_NONE ? &t->links[l->order_next].order_prev : &o->last) =
	    l->order_prev;
}

/* The one of that rank to go; NULL: none is of it any more. */
static struct conn *least_of(struct flow_table *t, enum rank rank)
{
	struct conn *least = NULL;
	for (int looks = 0; looks < EVICT_LOOK && t->order[rank].first != CONN_NONE;) {
		struct conn *c = &t->conns[t->order[rank].first];
		enum rank now = rank_of(c);
		if (now <= rank && rank == RANK_PROBE)
			return c;
		rank_leave(t, c);
		rank_enter(t, c, now > rank ? now : rank);
		if (now > rank)
			continue;
		looks++;
		if (least == NULL || c->active < least->active)
			least = c;
	}
	return least;
}

struct conn *rank_least(struct flow_table *t)
{
	struct conn *least = NULL;
	for (int i = 0; i < RANKS && least == NULL; i++)
		least = least_of(t, (enum rank)i);
	return least;
}
