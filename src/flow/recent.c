/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring with the first bytes of segments that were delivered lately. An injected segment
 * wins the race and the true one comes milliseconds later with the same numbers and other
 * bytes: the receiver drops it, and only who still knows the first copy sees the
 * difference. One ring for all flows, written in turn, costs the same for any number of
 * flows; each side of a flow chains its entries, and an entry that was written over is
 * known by its number and serial.
 */
#include "base/bytes.h"
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

#define OPTION_END        0
#define OPTION_NOP        1
#define OPTION_TIMESTAMPS 8

bool recent_timestamp(const struct packet *p, uint32_t *value)
{
	struct bytes b = bytes_over(p->tcp_options, p->tcp_options_len);
	while (b.left > 0) {
		uint8_t kind = bytes_u8(&b);
		if (kind == OPTION_END)
			return false;
		if (kind == OPTION_NOP)
			continue;
		uint8_t length = bytes_u8(&b);
		if (length < 2)
			return false;
		struct bytes in = bytes_sub(&b, length - 2u);
		if (kind != OPTION_TIMESTAMPS)
			continue;
		*value = bytes_be32(&in);
		return !in.bad;
	}
	return false;
}

struct flow_event recent_event(const struct conn *c, const struct packet *p, int side)
{
	const struct tcp_side *me = &c->tcp->side[side], *peer = &c->tcp->side[!side];
	struct flow_event e = {.side = side,
	    .ts = p->ts,
	    .source = p->source,
	    .offset = p->offset,
	    .packet = p,
	    .seq = p->seq,
	    .length = p->length,
	    .look = recent_look(p),
	    .syn_ttl = me->ttl};
	e.syn_timestamp = (me->flags & peer->flags & ENDPOINT_TIMESTAMP) != 0;
	return e;
}

/* Whether the other side sent a packet with that identification lately: some injectors
 * copy it from the request that they answer. */
static bool reflects(
    const struct flow_table *t, const struct conn *c, int side, uint32_t ip_id)
{
	const struct recent *r = valid(t, c, !side, c->tcp->side[!side].recent);
	for (int i = 0; i < RECENT_CHAIN && r != NULL && ip_id != 0; i++) {
		if (r->look.ip_id == ip_id)
			return true;
		r = valid(t, c, !side, r->before);
	}
	return false;
}

void recent_contradicts(const struct flow_table *t, const struct conn *c,
    struct flow_event *e, struct moment ts, const struct flow_look *other)
{
	e->since_other = moment_diff(ts, e->ts);
	e->other = *other;
	e->reflected = (uint8_t)(reflects(t, c, e->side, e->look.ip_id) |
				 reflects(t, c, e->side, other->ip_id) << 1);
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
			struct flow_event e = recent_event(c, p, side);
			e.kind = FLOW_TCP_OVERLAP;
			e.other_seq = (uint32_t)(me->start + r->seq);
			e.length = (uint32_t)((p_end < r_end ? p_end : r_end) - from);
			e.other_length = r->length;
			recent_contradicts(t, c, &e, r->ts, &r->look);
			t->counters.overlaps++;
			conn_event(t, c, &e);
			return;
		}
		r = valid(t, c, side, r->before);
	}
}
