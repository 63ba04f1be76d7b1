/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tunnels that the flow table has seen, beside the flows in them; private to it.
 *
 *     space     which address space a packet is in: part of what tells flows apart
 *     carrier   one struct flow_tunnel, held while flows are in it, and idle after that
 *               until CARRIER_IDLE_NS of silence, or its place is needed
 */
#ifndef DWELL_FLOW_CARRIER_H
#define DWELL_FLOW_CARRIER_H

#include "decode/tunnel.h"
#include "flow/conn.h"

#define CARRIERS_MAX 4096 /* tunnels known at once */
#define CARRIER_IDLE_NS                                                                  \
	(3600 * NS_PER_S) /* of silence: what comes after is another row */

/*
 * The tunnel that carried inner in outer: its space is written into inner, the packet is
 * counted. It is held until carrier_let_go(). NULL, which is counted, where the table is
 * full of tunnels in use, or without memory.
 */
struct flow_tunnel *carrier_for(struct flow_table *t, const struct packet *outer,
    const struct tunnel_header *h, struct packet *inner);

/* One hold less on a tunnel; NULL is fine. */
void carrier_let_go(struct flow_table *t, struct flow_tunnel *f);

/* c began in the tunnel t->inside; c, which is in one, ends. */
void carrier_enter(struct flow_table *t, struct conn *c);
void carrier_leave(struct flow_table *t, struct conn *c);

/* Report every tunnel that is left, oldest first: all flows have ended. */
void carriers_end(struct flow_table *t);

#endif
