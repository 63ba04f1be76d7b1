/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TCP part of a flow, private to the flow table. The state of an endpoint follows
 * what Zeek's conn.log defines, so that state and history mean the same; RFC 9293 has the
 * protocol. Sequence numbers inside the table are relative: 64 bits, 0 is the SYN (seen
 * or supposed), 1 the first byte of data.
 */
#ifndef DWELL_FLOW_TCP_H
#define DWELL_FLOW_TCP_H

#include "flow/flow.h"

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
	ENDPOINT_TIMESTAMP = 1 << 5,  /* its SYN had the timestamps option */
	ENDPOINT_AFTER_END = 1 << 6,  /* data after its end was reported */
};

/* Bits of tcp.seen: history letters that come once. */
#define TCP_SEEN_SYN   0x01U
#define TCP_SEEN_FIN   0x02U
#define TCP_SEEN_RST   0x04U
#define TCP_SEEN_ENDS  0x08U
#define TCP_SEEN_DATA  0x10U
#define TCP_SEEN_ACK   0x20U
#define TCP_SEEN_MIXED 0x40U

struct hold; /* stream.h */

struct tcp_side {
	uint32_t start, last, ack; /* absolute: first, one past the last, acknowledged */
	uint16_t last_wraps, ack_wraps;
	uint64_t delivered;    /* relative: next byte for the sink */
	uint64_t trimmed;      /* relative: acknowledged, no longer waited for */
	uint8_t state, before; /* enum endpoint_state: now and before the last change */
	uint8_t flags;         /* enum endpoint_flag */
	uint8_t ttl;           /* of its SYN; 0: not seen */
	uint32_t recent;       /* its newest remembered segment, 0: none */
	struct hold *hold;     /* owned; NULL: nothing out of order */
};

/* What few packets touch. */
struct tcp_rare {
	uint64_t fin; /* relative number one past the FIN */
	uint32_t last_syn, last_fin, last_rst;
	uint32_t retransmits, zero_windows, gaps;
};

struct tcp {
	struct tcp_side side[2];
	uint32_t seen; /* history letters used: bits 0-15 originator, 16-31 responder */
	bool partial;  /* no handshake was seen */
	bool close_deferred; /* a FIN or RST waits for missing data */
	uint8_t events;
	struct tcp_rare rare[2];
	uint8_t history_n;
	char history[FLOW_HISTORY_MAX + 1];
};

struct conn;

/* How far a comes after b, modulo 2^32 (RFC 9293, 3.4). */
static inline int32_t seq_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

/* Prepare a new TCP flow; its first packet follows. */
void tcp_open(struct tcp *k);

/* Process a segment sent by a side: state, history, stream. */
void tcp_packet(struct flow_table *t, struct conn *c, const struct packet *p, int side);

/* Whether p, a SYN of this connection's addresses and ports, begins a new connection. */
bool tcp_reuse(const struct tcp *k, const struct packet *p);

/* Payload bytes of a side by its sequence numbers. */
uint64_t tcp_size(const struct tcp *k, int side);

/* Whether the SYN is still unanswered. */
bool tcp_unanswered(const struct tcp *k);

/* Something of a side's data became complete: a deferred end may now take place. */
void tcp_check_end(struct flow_table *t, struct conn *c, int side);

#endif
