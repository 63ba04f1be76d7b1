/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets inside packets. A tunnel is anything whose outer packet has an IP header of its
 * own; tags and labels, which have none, are no tunnels and are taken off on the way.
 *
 *     outer IP | GRE, UDP + VXLAN, nothing, … | [Ethernet, PPP, labels] | inner IP | …
 *
 * Decoding marks a packet PACKET_TUNNEL where its protocol or its UDP ports make a tunnel
 * likely; tunnel_decode() then looks inside, and only what reads well there is believed:
 * an ordinary datagram on a tunnel's port stays one.
 */
#ifndef DWELL_DECODE_TUNNEL_H
#define DWELL_DECODE_TUNNEL_H

#include "decode/decode.h"
#include "decode/tunnel_kind.h"

#define TUNNEL_DEPTH_MAX 8 /* tunnels inside one another that are looked into */

/*
 * What tells the address space inside a tunnel from that of another one: a connection is
 * one only as long as it stays in the same space (doc/decisions/tunnels.md). With neither
 * the inner addresses are unique in the world, and the path may change under way.
 */
enum tunnel_space {
	TUNNEL_BY_ENDS = 1 << 0, /* the two outer addresses */
	TUNNEL_BY_ID = 1 << 1,   /* the id, which is the same in both directions */
};

/* What a tunnel's header says of the packet in it. */
struct tunnel_header {
	enum tunnel_kind kind; /* TUNNEL_NONE: it is no tunnel */
	unsigned space;        /* of enum tunnel_space */
	int64_t id; /* network, key, session or endpoint; -1: the header has none */
};

/*
 * Look into a packet marked PACKET_TUNNEL. DECODE_OK: *inner is the packet in it, with
 * the same time, length of frame and place; *h says what carries it. Otherwise there is
 * none, and h->kind is TUNNEL_NONE unless it is a tunnel whose content is no IP packet or
 * can not be read. DECODE_OVER_LIMIT: more than TUNNEL_DEPTH_MAX. Pure, as decode_frame.
 */
enum decode_outcome tunnel_decode(
    const struct packet *outer, struct tunnel_header *h, struct packet *inner);

#endif
