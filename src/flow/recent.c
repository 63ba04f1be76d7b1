/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring with the first bytes of segments that were delivered lately. An injected segment
 * wins the race and the true one comes milliseconds later with the same numbers and other
 * bytes: the receiver drops it, and only who still knows the first copy sees the
 * difference. One ring for all flows, written in turn, costs the same for any number of
 * flows; each side of a flow chains its entries, and an entry that was written over is
 * known by its number and serial.
 */
#include "flow/conn.h"
#include "flow/stream.h"

static struct recent *entry(const struct flow_table *t, uint32_t number)
{
	return &t->recent[number & t->recent_mask];
}

/* The entry with that number, if it is still the one that c's side wrote. */
static const struct recent *valid(
    const struct flow_table *t, const struct conn *c, int side, uint32_t number)
{
	if (number == 0 || t->recent_next - number > t->recent_mask)
		return NULL;
	const struct recent *r = entry(t, number);
	return r->serial == c->serial && r->side == side ? r : NULL;
}

const struct recent *recent_find(
    const struct flow_table *t, const struct conn *c, int side, uint64_t seq)
{
	const struct recent *r = valid(t, c, side, c->tcp->side[side].recent);
	for (int i = 0; i < RECENT_CHAIN && r != NULL; i++) {
		if (r->seq == seq)
			return r;
		r = valid(t, c, side, r->before);
	}
	return NULL;
}

/* Whether the payload of p differs from r in bytes that both know. */
static bool differs(const struct recent *r, const struct packet *p, uint64_t seq)
{
	uint64_t from = seq > r->seq ? seq : r->seq;
	uint64_t p_end = seq + p->captured, r_end = r->seq + r->kept;
	uint64_t to = p_end < r_end ? p_end : r_end;
	return from < to && memcmp(p->payload + (from - seq), r->bytes + (from - r->seq),
				to - from) != 0;
}

void recent_compare(
    struct flow_table *t, struct conn *c, const struct packet *p, int side, uint64_t seq)
{
	const struct tcp_side *me = &c->tcp->side[side];
	/* A keep-alive sends one old byte, of any value (RFC 9293, 3.8.4). */
	if (p->length == 1 && seq + 1 == me->delivered)
		return;
	const struct recent *r = valid(t, c, side, me->recent);
	for (int i = 0; i < RECENT_CHAIN && r != NULL; i++) {
		if (r->length > 0 && differs(r, p, seq)) {
			uint64_t from = seq > r->seq ? seq : r->seq;
			uint64_t p_end = seq + p->length, r_end = r->seq + r->length;
			const struct flow_event e = {.kind = FLOW_TCP_OVERLAP,
			    .side = side,
			    .ts = p->ts,
			    .source = p->source,
			    .offset = p->offset,
			    .packet = p,
			    .seq = p->seq,
			    .other_seq = (uint32_t)(me->start + r->seq),
			    .length = (uint32_t)((p_end < r_end ? p_end : r_end) - from),
			    .since_other = moment_diff(r->ts, p->ts),
			    .other_ttl = r->ttl,
			    .other_ip_id = r->ip_id};
			t->counters.overlaps++;
			conn_event(t, c, &e);
			return;
		}
		r = valid(t, c, side, r->before);
	}
}
