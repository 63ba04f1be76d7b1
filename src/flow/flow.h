/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets to flows. The table keeps one struct flow for each
 * connection, in a slab of fixed size; TCP is reassembled, IP
 * fragments are joined, and what happens goes to a flow_sink.
 *
 * side 0 is the originator (who opened the connection), side 1 the responder.
 */
#ifndef DWELL_FLOW_FLOW_H
#define DWELL_FLOW_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"
#include "decode/packet.h"
#include "decode/tunnel_kind.h"

#define FLOW_HISTORY_MAX 64 /* letters kept of a connection's history */
#define TUNNEL_NAME_MAX  32 /* bytes of a tunnel's name, its NUL included */

enum flow_close {
	FLOW_CLOSED,    /* the protocol ended it (FIN, RST) */
	FLOW_TIMED_OUT, /* silence */
	FLOW_EVICTED,   /* the table was full */
	FLOW_INPUT_END, /* nothing more to read */
};

/* What one side of a flow did so far; bytes of TCP are set when the flow closes. */
struct flow_side {
	uint64_t packets;
	uint64_t bytes;    /* payload bytes (TCP: by sequence numbers, as Zeek counts) */
	uint64_t ip_bytes; /* as the IP headers count */
	uint64_t missed;   /* payload bytes that the capture did not see (TCP) */
};

/*
 * A tunnel: two outer addresses, what carries packets between them, and the network in
 * it. Its outer packets are flows of their own; one tunnel may have many, as VXLAN has.
 */
struct flow_tunnel {
	enum tunnel_kind kind;
	int64_t id;          /* of the first packet (tunnel_header); -1: none */
	struct addr addr[2]; /* the outer ones; 0 sent the first packet */
	uint16_t port[2];    /* of the first packet; 0 where there are none */
	uint8_t proto;
	struct moment first, last;
	uint64_t packets[2];  /* packets in it, by who sent them */
	uint64_t bytes[2];    /* of them, as their IP headers count */
	uint64_t connections; /* that began in it */
	uint32_t source;      /* of the first packet */
	uint64_t offset;
	uint64_t digest; /* of what tells it from others: the same in every run */
	char name[TUNNEL_NAME_MAX];   /* kind and digest, as "vxlan-00d1…" */
	char parent[TUNNEL_NAME_MAX]; /* of the tunnel that it is in itself; "": none */
};

struct flow {
	struct addr addr[2];
	uint16_t port[2];
	uint8_t proto;
	uint8_t carries; /* enum tunnel_kind: its packets hold others */
	int16_t vlan;
	struct moment first, last;
	struct flow_side side[2];
	uint32_t space;  /* as in its packets */
	uint32_t source; /* of the first packet */
	uint64_t offset;
	const struct flow_tunnel *tunnel; /* that its first packet came in; NULL: none */
	void *user; /* the sink's own: set it in open, free it in close */
};

/* Payload of one side: the next bytes of a TCP stream, or one datagram. */
struct flow_data {
	const uint8_t *p; /* borrowed until the call returns */
	size_t n;         /* bytes there */
	size_t wire;      /* bytes on the wire; more than n: the snap length cut it */
	int side;
	struct moment ts; /* of the packet that completed it */
	uint32_t source;  /* and where that packet stands */
	uint64_t offset;
	uint32_t ip_id; /* of it, as in struct packet */
	uint8_t ttl;
	const struct packet *packet; /* a datagram's, borrowed; NULL: bytes of a stream */
};

/* Something that should not happen on a wire:
 * becomes an anomaly record (record/anomaly.h). */
enum flow_event_kind {
	FLOW_TCP_OVERLAP,
	FLOW_SYN_DATA,
	FLOW_DUPLICATE_SYNACK,
	FLOW_BAD_FLAGS,
	FLOW_ODD_HEADER,
	FLOW_ODD_OPTIONS,
	FLOW_FRAGMENT_OVERLAP,
	FLOW_FRAGMENT_LIMIT,
	FLOW_DATA_AFTER_END,
};

enum flow_look_mark {
	LOOK_TIMESTAMP = 1 << 0,    /* it has the timestamps option (RFC 7323) */
	LOOK_BAD_CHECKSUM = 1 << 1, /* the receiver drops it, unless it offloads */
};

/* What tells the segments of one stack from those of another. */
struct flow_look {
	uint32_t timestamp; /* TSval; 0 without LOOK_TIMESTAMP */
	uint32_t ip_id;     /* as in struct packet */
	uint16_t window;
	uint8_t ttl, tcp_flags;
	uint8_t marks; /* enum flow_look_mark */
};

struct flow_event {
	enum flow_event_kind kind;
	int side;
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	const struct packet *packet; /* that made it happen; borrowed */
	/* FLOW_TCP_OVERLAP: what the first copy was; FLOW_DUPLICATE_SYNACK: the first
	 * one; FLOW_DATA_AFTER_END: the end, a RST or FIN. */
	uint32_t seq, other_seq;
	uint32_t length;       /* bytes that differ in range */
	uint32_t other_length; /* payload of the other on the wire */
	int64_t since_other;   /* nanoseconds after the first copy */
	struct flow_look look, other;
	/* What the connection says of the side: its SYN or SYN-ACK, 0: not seen. */
	uint8_t syn_ttl;
	bool syn_timestamp; /* it had the timestamps option, and so had the peer's */
	uint8_t reflected;  /* an ip_id that the other side used: 1 look's, 2 other's */
};

/* Where flows go. All calls of one flow come
 * between its open and its close, in time order. */
struct flow_sink {
	void (*open)(void *ctx, struct flow *f);
	void (*data)(void *ctx, struct flow *f, const struct flow_data *d);
	/* n bytes of a TCP stream are missing at this point. */
	void (*gap)(void *ctx, struct flow *f, int side, uint64_t n);
	/* f is NULL for fragments that never became a packet. */
	void (*event)(void *ctx, struct flow *f, const struct flow_event *e);
	void (*close)(void *ctx, struct flow *f, enum flow_close why);
	/* A tunnel ended: no flow is in it any more. Borrowed; NULL: not wanted. */
	void (*tunnel)(void *ctx, const struct flow_tunnel *t);
	/* A packet with SYN, before anything is made of it. NULL: not wanted. */
	void (*syn)(void *ctx, struct flow *f, int side, const struct packet *p);
	void *ctx;
};

struct flow_limits {
	size_t flows;            /* connections held at once */
	size_t reassembly_bytes; /* out-of-order TCP bytes held, all flows together */
	size_t reassembly_flow;  /* the same, one side of one flow */
	size_t fragment_bytes;   /* IP fragments held */
};

extern const struct flow_limits flow_limits_default;

struct flow_counters {
	uint64_t packets, flows, closed, timed_out, evicted;
	uint64_t clock_back; /* packets older than the table's time */
	uint64_t segments_held,
	    segments_dropped; /* TCP out of order: kept, over a limit */
	uint64_t overlaps;    /* conflicting retransmissions */
	uint64_t fragments, datagrams, fragments_dropped;
	uint64_t tunnelled;       /* packets found inside others */
	uint64_t tunnels_refused; /* packets whose tunnel the full table did not take */
	uint64_t tunnels_deep;    /* packets that TUNNEL_DEPTH_MAX kept closed */
};

struct flow_table;

/* A table that reports to the sink (copied); NULL only without memory. */
struct flow_table *flow_table_new(
    const struct flow_limits *limits, const struct flow_sink *sink);

/*
 * Account n packets, in order, n at most FRAME_BATCH_MAX. A packet older than the newest
 * one seen is taken to be as new as that for time-outs, while the flow keeps the packet's
 * own time. One packet with a time far ahead does not change the time of the others; many
 * in a row far behind set it back.
 */
void flow_table_packets(struct flow_table *t, const struct packet *v, size_t n);

/*
 * It is now, though no packet came: flows end whose time is over. A moment before the
 * newest packet, or a leap far ahead of it, changes nothing: that is for packets to say.
 */
void flow_table_time(struct flow_table *t, struct moment now);

/* Close every flow (FLOW_INPUT_END), oldest first. */
void flow_table_finish(struct flow_table *t);

/* What was counted so far; borrowed. */
const struct flow_counters *flow_table_counters(const struct flow_table *t);

/* The connection's state as Zeek names it (conn_state); static. */
const char *flow_state(const struct flow *f);

/* The history letters as Zeek writes them; NUL-terminated, valid until close returns. */
const char *flow_history(const struct flow *f);

/* Free the table without closing flows (flow_table_finish does); NULL is fine. */
void flow_table_free(struct flow_table *t);

#endif
