/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The headers of tunnels, one function each, for tunnel.c alone. On entry pos is at the
 * payload of the outer packet. Each sets what it knows of *h and goes on with what it
 * carries; the outcome is that of the packet inside. A header that does not read well is
 * DECODE_MALFORMED, which over UDP means: this is an ordinary datagram.
 */
#ifndef DWELL_DECODE_CARRY_H
#define DWELL_DECODE_CARRY_H

#include "decode/tunnel.h"
#include "decode/unwrap.h"

/* Say what carries the packet; id -1: none. */
static inline void tunnel_is(
    struct tunnel_header *h, enum tunnel_kind kind, unsigned space, int64_t id)
{
	*h = (struct tunnel_header){.kind = kind, .space = space, .id = id};
}

/* GRE of both versions, with what Cisco and others put on top of it. */
enum decode_outcome gre_decode(struct unwrap *u, struct tunnel_header *h);

enum decode_outcome etherip_decode(struct unwrap *u, struct tunnel_header *h);

/* L2TP version 3 right on IP, and versions 2 and 3 on UDP. */
enum decode_outcome l2tp_ip_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome l2tp_udp_decode(struct unwrap *u, struct tunnel_header *h);

/* VXLAN on its own port, its generic extension on another. */
enum decode_outcome vxlan_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome vxlan_gpe_decode(struct unwrap *u, struct tunnel_header *h);

enum decode_outcome geneve_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome gtpu_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome ayiya_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome tzsp_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome capwap_decode(struct unwrap *u, struct tunnel_header *h);

/* Teredo on its servers' port, and between peers on any. */
enum decode_outcome teredo_decode(struct unwrap *u, struct tunnel_header *h);
enum decode_outcome teredo_peer_decode(struct unwrap *u, struct tunnel_header *h);

#endif
