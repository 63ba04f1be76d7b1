/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame while its headers are taken off, one after the other,
 * and the functions that do it. Inside decode/ only. Two
 * lengths go along: what was captured and what was on the wire.
 *
 *     pos ──▶ [ left: captured ............ ][ cut off by the snap length ... ]
 *             [ wire: what the headers so far say is there .................. ]
 *
 * The functions call one another only from the outside in (link, tags, labels, IP,
 * extensions, transport), so nothing recurses; what may repeat is a loop that
 * unwrap_deeper() bounds. Where a whole Ethernet frame comes next, they set `bridged` and
 * return to whoever called first, who goes on (unwrap_bridged).
 */
#ifndef DWELL_DECODE_UNWRAP_H
#define DWELL_DECODE_UNWRAP_H

#include <stddef.h>

#include "base/bytes.h"
#include "decode/decode.h"

struct unwrap {
	const uint8_t *pos; /* next byte */
	uint32_t left;      /* bytes captured from pos on */
	uint32_t wire;      /* bytes on the wire from pos on; never below left */
	uint32_t depth;     /* repeatable headers taken off so far */
	bool bound;         /* a link header told its payload's length: wire is right */
	bool bridged;       /* an Ethernet frame begins at pos */
	struct packet *p;   /* what they said */
};

/* Take the next n bytes off: their address, or NULL,
 * with nothing changed, when fewer are left. */
static inline const uint8_t *unwrap_take(struct unwrap *u, uint32_t n)
{
	if (n > u->left)
		return NULL;
	const uint8_t *p = u->pos;
	u->pos += n;
	u->left -= n;
	u->wire -= n;
	return p;
}

/* A header says that only n bytes follow:
 * what comes after them is padding or a trailer. */
static inline void unwrap_limit(struct unwrap *u, uint32_t n)
{
	if (n < u->wire)
		u->wire = n;
	if (u->wire < u->left)
		u->left = u->wire;
}

/* A link header tells the length of its payload, so what is inside can not be longer,
 * whatever it says of itself. */
static inline void unwrap_bind(struct unwrap *u, uint32_t n)
{
	u->wire = n;
	u->bound = true;
	if (n < u->left)
		u->left = n;
}

/* The length that an IP header tells, as far as the link's length leaves room for it. A
 * frame's own length is no bound: tools that cut packets set it to what they left. */
static inline uint32_t unwrap_told(const struct unwrap *u, uint32_t n)
{
	return u->bound && n > u->wire ? u->wire : n;
}

/* What it means that a header is not there: cut off, or never sent. */
static inline enum decode_outcome unwrap_short(const struct unwrap *u)
{
	return u->wire > u->left ? DECODE_TRUNCATED : DECODE_MALFORMED;
}

/* Count one more repeatable header; false when there are too many. */
static inline bool unwrap_deeper(struct unwrap *u)
{
	return ++u->depth <= DECODE_DEPTH_MAX;
}

/*
 * What the frame says of its packet, and nothing that a header says. Field by field, here
 * and below, because the compiler clears a struct of this size with a string instruction
 * that takes as long as all the rest.
 */
static inline void packet_begin(struct packet *p, const struct frame *f)
{
	p->ts = f->ts;
	p->wire = f->wire;
	p->source = f->source;
	p->offset = f->offset;
	p->vlan = p->vlan_inner = -1;
	p->more_fragments = false;
	p->fragment_offset = 0;
	p->level = p->odd_options = 0;
	p->space = 0;
}

/* What only TCP has. */
static inline void packet_clear_tcp(struct packet *p)
{
	p->seq = p->ack = 0;
	p->tcp_flags = 0;
	p->window = p->urgent = 0;
	p->tcp_options = NULL;
	p->tcp_options_len = 0;
}

/* All that headers may say; but src and dst are set by every IP header. */
static inline void packet_clear(struct packet *p)
{
	p->src_port = p->dst_port = 0;
	p->proto = p->ttl = p->marks = 0;
	p->ip_id = p->ip_bytes = 0;
	p->payload = NULL;
	p->captured = p->length = 0;
	packet_clear_tcp(p);
}

extern const uint16_t tunnel_ports[16]; /* tunnel.c */

/*
 * Whether the ports of a datagram of n bytes at payload are a tunnel's, or it has the
 * form of Teredo, which peers use on any port. One look-up for both ports: the table
 * holds each port at the place that a multiplication gives it.
 */
static inline bool udp_may_carry(
    const struct packet *p, const uint8_t *payload, uint32_t n)
{
	unsigned src = p->src_port, dst = p->dst_port;
	return tunnel_ports[(uint16_t)(src * 12707) >> 12] == src ||
	       tunnel_ports[(uint16_t)(dst * 12707) >> 12] == dst ||
	       (n >= 40 && payload[0] >> 4 == 6 && load_be16(payload + 4) + 40u == n);
}

/*
 * The short way for the usual Ethernet frame, into a packet just begun: false when it is
 * not one of those.
 */
bool usual_decode(const struct frame *f, struct packet *p);

/* The long way, for every frame; what decode_frame falls back on. */
enum decode_outcome frame_decode(const struct frame *f, struct packet *p);

/* Ethernet II or IEEE 802.3, from the destination address on. */
enum decode_outcome ethernet_decode(struct unwrap *u);

/* Go on with the frames inside the frame, after what was decoded so far. */
enum decode_outcome unwrap_bridged(struct unwrap *u, enum decode_outcome outcome);

/* Whether an Ethernet frame seems to begin at n bytes from pos: its type is known. */
bool ethernet_plausible(const struct unwrap *u, uint32_t n);

/* What follows an EtherType (or, up to 1500, an IEEE 802.3 length): tags, then IP. */
enum decode_outcome ethertype_decode(struct unwrap *u, uint16_t type);

/* IEEE 802.2 LLC, with SNAP (RFC 1042). */
enum decode_outcome llc_decode(struct unwrap *u);

/* Linux cooked capture, version 1 and 2. */
enum decode_outcome sll_decode(struct unwrap *u);
enum decode_outcome sll2_decode(struct unwrap *u);

/* PPP, with or without HDLC-like framing,
 * or Cisco's framing in its place (RFC 1661, 1662). */
enum decode_outcome ppp_decode(struct unwrap *u);

/* PPP from its protocol on, as PPPoE carries it. */
enum decode_outcome ppp_payload_decode(struct unwrap *u);

/* PPP over Ethernet, session stage, from the version on (RFC 2516). */
enum decode_outcome pppoe_decode(struct unwrap *u);

/* Cisco HDLC. */
enum decode_outcome hdlc_decode(struct unwrap *u);

/* IEEE 802.11, and with a radiotap header before it. */
enum decode_outcome wifi_decode(struct unwrap *u);
enum decode_outcome radiotap_decode(struct unwrap *u);

/* The same as access points send it to their controller: Cisco's exchange the bytes of
 * the control, which shows since a flag of every data frame is then a version. */
enum decode_outcome wifi_capwap_decode(struct unwrap *u);

/* BSD loopback: an address family in one of both byte orders. */
enum decode_outcome loop_decode(struct unwrap *u);

/* The network service header (RFC 8300). */
enum decode_outcome nsh_decode(struct unwrap *u);

/* A stack of MPLS labels (RFC 3032). */
enum decode_outcome mpls_decode(struct unwrap *u);

/* IPv4 or IPv6, as the first four bits say. */
enum decode_outcome ip_decode(struct unwrap *u);
enum decode_outcome ipv4_decode(struct unwrap *u);
enum decode_outcome ipv6_decode(struct unwrap *u);

/*
 * What an IP header carries: p->proto says what is at pos. Takes off extension headers
 * (IPv6, and AH in both versions), then the transport header.
 */
enum decode_outcome extension_decode(struct unwrap *u);

/* The transport header that p->proto names; what it does not know is all payload. */
void transport_decode(struct unwrap *u);

#endif
