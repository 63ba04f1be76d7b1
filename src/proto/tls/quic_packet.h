/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of a datagram of QUIC (RFC 9000, 12.2 and 17).
 *
 *     long:  1 1 type(2) protected(4) | version 4 | dcid<1> | scid<1> |
 *            Initial: token<varint> | length varint | number 1..4 payload
 *            0-RTT, Handshake:        length varint | number 1..4 payload
 *            Retry: token | integrity tag 16
 *            version 0: the versions that the server speaks
 *     short: 0 1 protected(6) | dcid | number payload, to the end of the datagram
 */
#ifndef DWELL_PROTO_QUIC_PACKET_H
#define DWELL_PROTO_QUIC_PACKET_H

#include "base/bytes.h"
#include "proto/tls/quic_version.h"

#define QUIC_CID_MAX     20   /* bytes of a connection id (RFC 9000, 17.2) */
#define QUIC_INITIAL_MIN 1200 /* bytes of a client's first datagram (RFC 9000, 14.1) */

enum quic_form {
	QUIC_NONE, /* no packet of QUIC */
	QUIC_SHORT,
	QUIC_LONG,
	QUIC_NEGOTIATION,
	QUIC_UNKNOWN_VERSION, /* only version, dcid and scid are set */
};

struct quic_packet {
	enum quic_form form;
	enum quic_type type;
	uint32_t version;
	struct quic_version kind;
	struct bytes dcid, scid;
	struct bytes whole; /* from its first byte to its last */
	size_t number_at;   /* where the packet number stands in whole */
	bool cut;           /* its length says that it goes on behind the datagram */
};

/* Take the next packet out of a datagram, which must not be empty. */
void quic_packet_read(struct bytes *datagram, struct quic_packet *p);

/* An integer of one to eight bytes (RFC 9000, 16). */
uint64_t quic_varint(struct bytes *b);

/* Take out what a varint says the length of; the cursor fails when it does not fit. */
struct bytes quic_vector(struct bytes *b);

#endif
