/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of TCP in order, and the memory of what was delivered;
 * private to the flow table. */
#ifndef DWELL_FLOW_STREAM_H
#define DWELL_FLOW_STREAM_H

#include "flow/conn.h"

#define RECENT_SHARE   8  /* one delivered segment is remembered for that many flows */
#define RECENT_BYTES   78 /* first bytes kept of each of them */
#define RECENT_HALF    (RECENT_BYTES / 2)
#define RECENT_CHAIN   10    /* how many of one side a retransmission is held against */
#define RECENT_STREAM  65536 /* only the beginning of a stream is remembered */
#define HOLD_SEGMENTS  2048  /* out-of-order segments held for one side of one flow */
#define UNACKED_WINDOW 16384 /* in flight; more means that acks are not captured */

/* A segment that came before its turn. */
struct segment {
	struct segment *next, *prev;
	uint64_t seq;      /* relative */
	uint32_t length;   /* on the wire */
	uint32_t captured; /* bytes that follow the struct; the rest was cut off */
	struct moment ts;
	uint64_t offset;
	uint32_t source;
	struct flow_look look;
};

/* The captured bytes, which stand behind the struct. */
static inline uint8_t *segment_bytes(struct segment *s)
{
	return (uint8_t *)(s + 1);
}

struct hold {
	struct segment *first, *last; /* by seq, without overlap */
	size_t bytes;                 /* charged against the limits */
	size_t count;
};

struct recent {
	uint64_t serial; /* of its flow */
	uint64_t seq;    /* relative */
	struct moment ts;
	struct flow_look look;
	uint32_t length, before; /* before: the one before it of the same side */
	uint8_t kept, side;
	uint8_t bytes[RECENT_BYTES];
};

_Static_assert(sizeof(struct recent) == 128, "an entry must fill two cache lines");

/* reassembly.c */

/* Take in the payload of p at the relative number seq. */
void stream_data(
    struct flow_table *t, struct conn *c, const struct packet *p, int side, uint64_t seq);

/* Deliver the payload of p, which is known to be next, while nothing is held. */
void stream_next(struct flow_table *t, struct conn *c, const struct packet *p, int side);

/* The peer acknowledged side's data up to the relative number seq. */
void stream_acked(struct flow_table *t, struct conn *c, int side, uint64_t seq);

/* Whether side still owes data before its end, or has some that was not acknowledged. */
bool stream_pending(const struct tcp *k, int side);

/* Hand out what is still held, with its gaps. */
void stream_flush(struct flow_table *t, struct conn *c, int side);

/* Free what is held of both sides. */
void stream_free(struct flow_table *t, struct tcp *k);

/* recent.c */

/* Whether p has the timestamps option, wherever it stands; *value: TSval. */
bool recent_timestamp(const struct packet *p, uint32_t *value);

/* How p looks. Nearly all stacks put the timestamps first, after two bytes of padding
 * (RFC 7323, appendix A). */
static inline struct flow_look recent_look(const struct packet *p)
{
	struct flow_look l = {.ip_id = p->ip_id,
	    .window = p->window,
	    .ttl = p->ttl,
	    .tcp_flags = p->tcp_flags};
	l.marks = (p->marks & PACKET_BAD_CHECKSUM) != 0 ? LOOK_BAD_CHECKSUM : 0;
	if (p->tcp_options_len >= 12 && load_be32(p->tcp_options) == 0x0101080a) {
		l.timestamp = load_be32(p->tcp_options + 4);
		l.marks |= LOOK_TIMESTAMP;
	} else if (p->tcp_options_len > 0 && recent_timestamp(p, &l.timestamp)) {
		l.marks |= LOOK_TIMESTAMP;
	}
	return l;
}

/* An event about p, a segment that side sent, as far as the connection alone knows. */
struct flow_event recent_event(const struct conn *c, const struct packet *p, int side);

/* Fill in what it contradicts: what came at ts and looked so. */
void recent_contradicts(const struct flow_table *t, const struct conn *c,
    struct flow_event *e, struct moment ts, const struct flow_look *other);

/*
 * Remember a delivered segment (or, with length 0, a SYN-ACK, FIN or RST) for later
 * comparison. Here,
 * to be inlined into what delivers: written to memory and read back at once, the segment
 * cost 3 ns a packet more.
 */
static inline void recent_note(struct flow_table *t, struct conn *c, int side,
    const struct segment *s, const uint8_t *bytes)
{
	struct tcp_side *me = &c->tcp->side[side];
	struct recent *r = &t->recent[t->recent_next & t->recent_mask];
	r->serial = c->serial;
	r->seq = s->seq;
	r->ts = s->ts;
	r->length = s->length;
	r->before = me->recent;
	r->look = s->look;
	r->kept = (uint8_t)(s->captured < RECENT_BYTES ? s->captured : RECENT_BYTES);
	r->side = (uint8_t)side;
	if (r->kept >= RECENT_HALF) { /* two halves, overlapping unless it is all */
		memcpy(r->bytes, bytes, RECENT_HALF);
		memcpy(r->bytes + r->kept - RECENT_HALF, bytes + r->kept - RECENT_HALF,
		    RECENT_HALF);
	} else if (r->kept > 0) {
		memcpy(r->bytes, bytes, r->kept);
	}
	const char *soon =
	    (const char *)&t->recent[(t->recent_next + 2) & t->recent_mask];
	__builtin_prefetch(soon, 1);
	__builtin_prefetch(soon + 64, 1);
	me->recent = t->recent_next++;
	if (t->recent_next == 0)
		t->recent_next = 1;
}

/* Compare the payload of p, at seq, to what was delivered;
 * report the first difference. */
void recent_compare(
    struct flow_table *t, struct conn *c, const struct packet *p, int side, uint64_t seq);

/* The newest remembered item of that side and sequence number; NULL: forgotten. */
const struct recent *recent_find(
    const struct flow_table *t, const struct conn *c, int side, uint64_t seq);

#endif
