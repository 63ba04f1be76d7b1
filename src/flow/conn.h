/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the flow table, shared by its modules and by nobody else.
 *
 *     key ─ SipHash ─▶ buckets ─▶ struct conn (192 bytes, what every packet touches)
 *                         ├─ struct tcp (256 bytes, only for TCP)
 *                         │    └─ struct hold (only while segments are out of order)
 *                         ├─ a slot of the timer wheel (timer.c)
 *                         └─ a place in one of two eviction orders (table.c)
 *
 * The state of a TCP endpoint follows what Zeek's conn.log defines, so that state and
 * history mean the same; RFC 9293 has the protocol. Sequence numbers inside the table are
 * relative: 64 bits, 0 is the SYN (seen or supposed), 1 the first byte of data.
 */
#ifndef DWELL_FLOW_CONN_H
#define DWELL_FLOW_CONN_H

#include "base/hash.h"
#include "flow/flow.h"

#define CONN_NONE      UINT32_MAX
#define BATCH_MAX      64   /* packets whose memory is fetched together */
#define WHEEL_SLOTS    4096 /* of one second each: more than the longest time-out */
#define EVENTS_MAX     64   /* anomalies reported of one flow; the rest is only counted */
#define RECENT_SLOTS   16384 /* segments remembered after delivery, all flows together */
#define RECENT_BYTES   88    /* first bytes kept of each of them */
#define RECENT_CHAIN   10    /* how many of one side a retransmission is held against */
#define RECENT_STREAM  65536 /* only the beginning of a stream is remembered */
#define HOLD_SEGMENTS  2048  /* out-of-order segments held for one side of one flow */
#define UNACKED_WINDOW 16384 /* in flight; more means that acks are not captured */

enum conn_kind {
	CONN_TCP,
	CONN_UDP,
	CONN_ICMP,
	CONN_OTHER,
};

enum conn_flag {
	CONN_ONE_WAY =
	    1 << 0,           /* ICMP without a reply type: the reverse is another flow */
	CONN_TALKS = 1 << 1,  /* answered, or more than a few packets: evicted last */
	CONN_NAMES = 1 << 2,  /* DNS over UDP: each exchange is a flow */
	CONN_TURNED = 1 << 3, /* its first packet came from the responder */
};

enum endpoint_state {
	ENDPOINT_INACTIVE,     /* nothing seen of this side */
	ENDPOINT_SYN_SENT,     /* SYN */
	ENDPOINT_SYN_ACK_SENT, /* SYN-ACK, without a SYN before it */
	ENDPOINT_PARTIAL,      /* something else first: we came in the middle */
	ENDPOINT_ESTABLISHED,
	ENDPOINT_CLOSED, /* FIN */
	ENDPOINT_RESET,  /* RST */
};

enum endpoint_flag {
	ENDPOINT_DID_CLOSE = 1 << 0, /* its end was taken note of */
	ENDPOINT_DID_EOF = 1 << 1,   /* all its data was delivered after its end */
	ENDPOINT_SYN_SEEN = 1 << 2,
	ENDPOINT_FIN_SEEN = 1 << 3,
	ENDPOINT_FIRST_SEEN = 1 << 4, /* at least one packet was processed */
};

/* A segment that came before its turn. */
struct segment {
	struct segment *next, *prev;
	uint64_t seq;      /* relative */
	uint32_t length;   /* on the wire */
	uint32_t captured; /* bytes that follow the struct; the rest was cut off */
	struct moment ts;
	uint64_t offset;
	uint32_t source;
	uint32_t ip_id;
	uint8_t ttl;
};

static inline uint8_t *segment_bytes(struct segment *s)
{
	return (uint8_t *)(s + 1);
}

struct hold {
	struct segment *first, *last; /* by seq, without overlap */
	size_t bytes;                 /* charged against the limits */
	size_t count;
};

struct tcp_side {
	uint32_t start, last, ack; /* absolute: first, one past the last, acknowledged */
	uint16_t last_wraps, ack_wraps;
	uint64_t delivered;    /* relative: next byte for the sink */
	uint64_t trimmed;      /* relative: acknowledged, no longer waited for */
	uint8_t state, before; /* enum endpoint_state: now and before the last change */
	uint8_t flags;         /* enum endpoint_flag */
	uint8_t unused;
	uint32_t recent;   /* its newest remembered segment, 0: none */
	struct hold *hold; /* owned; NULL: nothing out of order */
};

/* What few packets touch. */
struct tcp_rare {
	uint64_t fin; /* relative number one past the FIN */
	uint32_t last_syn, last_fin, last_rst;
	uint32_t retransmits, zero_windows, gaps;
};

enum tcp_due {
	DUE_NOTHING,
	DUE_ATTEMPT, /* the SYN must be answered by then */
	DUE_CLOSE,   /* the connection ended; late packets may come until then */
};

struct tcp {
	struct tcp_side side[2];
	int64_t due;   /* nanoseconds, with due_kind */
	uint32_t seen; /* history letters used: bits 0-15 originator, 16-31 responder */
	uint8_t due_kind;
	bool partial;        /* no handshake was seen */
	bool close_deferred; /* a FIN or RST waits for missing data */
	uint8_t events;
	struct tcp_rare rare[2];
	uint8_t history_n;
	char history[FLOW_HISTORY_MAX + 1];
};

struct conn {
	struct flow f; /* first: the public pointer is the private one */
	uint32_t hash;
	uint32_t wheel_next, wheel_prev;
	uint32_t order_next, order_prev; /* order_next chains the free ones */
	uint16_t slot;
	uint8_t kind;  /* enum conn_kind */
	uint8_t flags; /* enum conn_flag */
	uint64_t serial;
	int64_t active; /* table time of the last packet that counts for the time-out */
	union {
		struct tcp *tcp; /* CONN_TCP */
		int64_t due; /* CONN_NAMES: when to look whether the exchange is over */
	};
};

_Static_assert(sizeof(struct conn) <= 192, "a flow must fit three cache lines");
_Static_assert(sizeof(struct tcp) <= 256, "its TCP part must fit four");

/* A delivered segment whose retransmission can still be held against it. */
struct recent {
	uint64_t serial; /* of its flow */
	uint64_t seq;    /* relative */
	struct moment ts;
	uint32_t length, before; /* before: the one before it of the same side */
	uint32_t ip_id;
	uint16_t kept;
	uint8_t ttl, side;
	uint8_t bytes[RECENT_BYTES];
};

struct bucket {
	uint32_t hash;
	uint32_t conn; /* CONN_NONE: empty */
};

struct order {
	uint32_t first, last;
};

struct flow_table {
	struct flow_sink sink;
	struct flow_limits limits;
	struct flow_counters counters;
	struct hash_key key;

	struct conn *conns;
	struct tcp *tcps;
	struct tcp *tcp_free;
	uint32_t conn_free, conn_high, tcp_high; /* high: never used from there on */
	size_t live;
	uint64_t serial;

	struct bucket *buckets;
	uint32_t bucket_mask;

	struct order order[2]; /* [0] says little, [1] CONN_TALKS; oldest first */

	int64_t now;     /* newest time seen */
	int64_t tick;    /* second up to which the wheel was turned */
	int64_t turn_at; /* when it is to be turned next */
	uint32_t wheel[WHEEL_SLOTS];

	size_t held; /* bytes in all holds */
	struct recent *recent;
	uint32_t recent_next; /* number of the next one, never 0 */

	struct defrag *defrag;
};

static inline struct conn *conn_of(struct flow *f)
{
	return (struct conn *)(void *)f;
}

static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* history.c */

/* Append a letter to a TCP flow's history, in lower case for side 1. */
void history_add(struct conn *c, int side, char letter);

/* Append a letter at the 1st, 10th, 100th … time: call it with the count just reached. */
void history_scaled(struct conn *c, int side, char letter, uint32_t count);

/* ports.c */

/* Whether servers use to listen there: who opened a connection seen from its middle. */
bool port_likely_server(uint8_t proto, uint16_t port);

/* tcp.c */

/* Prepare a new TCP flow; its first packet follows. */
void tcp_open(struct tcp *k);

/* Process a segment sent by a side: state, history, stream. */
void tcp_packet(struct flow_table *t, struct conn *c, const struct packet *p, int side);

/* Whether p, of this connection's addresses and ports, begins a new connection. */
bool tcp_reuse(const struct tcp *k, const struct packet *p);

/* Payload bytes of a side by its sequence numbers. */
uint64_t tcp_size(const struct tcp *k, int side);

/* Whether the SYN is still unanswered. */
bool tcp_unanswered(const struct tcp *k);

/* Something of a side's data became complete: a deferred end may now take place. */
void tcp_check_end(struct flow_table *t, struct conn *c, int side);

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

void stream_free(struct flow_table *t, struct tcp *k);

/* recent.c */

/* Remember a delivered segment (or, with length 0, a SYN-ACK) for later comparison. */
void recent_note(struct flow_table *t, struct conn *c, int side, const struct segment *s,
    const uint8_t *bytes);

/* Compare the payload of p, at seq, to what was delivered; report the first difference.
 */
void recent_compare(
    struct flow_table *t, struct conn *c, const struct packet *p, int side, uint64_t seq);

/* The newest remembered item of that side and sequence number; NULL: forgotten. */
const struct recent *recent_find(
    const struct flow_table *t, const struct conn *c, int side, uint64_t seq);

/* table.c */

/* Report an anomaly of a TCP flow, unless it had too many. */
void conn_event(struct flow_table *t, struct conn *c, const struct flow_event *e);

/* Exchange originator and responder. */
void conn_flip(struct conn *c);

/* timer.c */

void timer_init(struct flow_table *t);

/* Put c into the wheel, or into another slot, according to its deadline. */
void timer_set(struct flow_table *t, struct conn *c);
void timer_clear(struct flow_table *t, struct conn *c);

/* Start the clock of a new flow, before timer_set. */
void timer_start(const struct flow_table *t, struct conn *c);

/* Whether c's time is over at t->now, and why. */
bool timer_over(const struct flow_table *t, struct conn *c, enum flow_close *why);

/* Turn the wheel to t->now: closes what is over. */
void timer_advance(struct flow_table *t);

/* Cheaply: whether c can not be over yet. */
static inline bool timer_fresh(const struct flow_table *t, const struct conn *c)
{
	return moment_diff((struct moment){c->active}, (struct moment){t->now}) <
		   NS_PER_S &&
	       !(c->flags & CONN_NAMES) &&
	       (c->kind != CONN_TCP || c->tcp->due_kind == DUE_NOTHING);
}

/* Silence after which a flow of this kind ends, in nanoseconds. */
int64_t timer_silence(const struct conn *c);

/* table.c, for timer.c */
void conn_close(struct flow_table *t, struct conn *c, enum flow_close why);

#endif
