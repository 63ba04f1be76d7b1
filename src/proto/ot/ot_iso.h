/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Industrial protocols in ISO transport (tpkt.h): their messages may be spread over
 * several data TPDUs, of which the last one says so.
 */
#ifndef DWELL_PROTO_OT_ISO_H
#define DWELL_PROTO_OT_ISO_H

#include "proto/ot/ot_stream.h"
#include "proto/shared/tpkt.h"

#define ISO_PORT        102
#define ISO_MESSAGE_MAX (256u << 10) /* bytes of the longest message put together */

/* What the state of such a parser begins with. */
struct iso_state {
	struct ot_state base;
	struct buffer part[2]; /* of a message that is not complete */
	bool skip[2];          /* the rest of a message too long */
};

/* What a protocol does with it. */
struct iso_calls {
	/* A whole message of a side. */
	void (*message)(struct parse *x, void *state, int side, struct bytes message);
	const char *protocol; /* as in the table */
};

/* Read a TPKT packet and hand on the message that it completes; a connection request or
 * confirm becomes a row of the protocol. */
void iso_packet(struct parse *x, struct iso_state *st, const struct iso_calls *calls,
    int side, struct bytes packet);

enum parse_result iso_gap(struct parse *x, void *state, int side, uint64_t n);
void iso_close(struct parse *x, void *state);
size_t iso_held(const void *state);

#endif
