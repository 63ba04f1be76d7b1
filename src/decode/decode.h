/* SPDX-License-Identifier: Apache-2.0 */
/* Frame to packet: link layer, tags and labels,
 * IP with options and extensions, transport. */
#ifndef DWELL_DECODE_DECODE_H
#define DWELL_DECODE_DECODE_H

#include "decode/link.h"
#include "decode/packet.h"
#include "input/frame.h"

enum decode_outcome {
	DECODE_OK,
	DECODE_NOT_IP, /* ARP, LLDP, spanning tree, encrypted or management 802.11 … */
	DECODE_TRUNCATED,   /* cut off before the addresses were complete */
	DECODE_MALFORMED,   /* headers contradict themselves */
	DECODE_UNSUPPORTED, /* a link type or encapsulation that is not read */
	DECODE_OVER_LIMIT,  /* more nested headers than DECODE_DEPTH_MAX */
	DECODE_OUTCOMES
};

#define DECODE_DEPTH_MAX 16 /* tags, labels and IPv6 extension headers of one frame */

/*
 * Read the headers of a frame into *p. Only with DECODE_OK is *p
 * meaningful; a packet whose addresses are known but whose transport
 * header is cut off or malformed is DECODE_OK with PACKET_NO_PORTS,
 * so that its connection is not lost. Pure: no state, no allocation.
 */
enum decode_outcome decode_frame(const struct frame *f, struct packet *p);

/*
 * Read what a datagram rebuilt from fragments carries: p has addresses, proto and marks;
 * bytes is the IP payload, which must outlive p: captured bytes of the length that were
 * on the wire. Sets p's proto to that of the transport. DECODE_OK or DECODE_OVER_LIMIT.
 */
enum decode_outcome decode_transport(
    struct packet *p, const uint8_t *bytes, uint32_t captured, uint32_t length);

/* Read an Ethernet frame of a protocol that goes without IP into *l; false: it is of none
 * of enum link_type, or not Ethernet. Pure. */
bool link_read(const struct frame *f, struct link *l);

#endif
