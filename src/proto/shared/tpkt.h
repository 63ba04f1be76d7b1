/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISO transport over TCP (RFC 1006): what S7, MMS and RDP travel in. A TPKT packet holds
 * one TPDU of the ISO transport protocol, class 0 (RFC 905, ITU-T X.224).
 *
 *     03 | 00 | length 2 | LI 1 | code 1 | fixed part, parameters … LI | data
 *
 *     CR e0, CC d0: dst-ref 2, src-ref 2, class 1, parameters     DT f0: eot+number 1
 */
#ifndef DWELL_PROTO_TPKT_H
#define DWELL_PROTO_TPKT_H

#include <sys/types.h>

#include "base/bytes.h"

#define TPKT_MAX   65535 /* bytes of the longest packet: its length field ends there */
#define TPKT_BYTES 4     /* bytes of its header */

enum cotp_code {
	COTP_DR = 0x80, /* disconnect request */
	COTP_CC = 0xd0, /* connection confirm */
	COTP_CR = 0xe0, /* connection request */
	COTP_DT = 0xf0, /* data */
	COTP_NONE = 0,
};

enum cotp_parameter { COTP_SRC_TSAP = 0xc1, COTP_DST_TSAP = 0xc2 };

struct tpdu {
	enum cotp_code code;
	uint16_t dst_ref, src_ref; /* CR, CC, DR */
	bool eot;                  /* DT: the last of its message */
	struct bytes
	    parameters;    /* CR, CC: type 1, length 1, value ... (RDP: its cookie) */
	struct bytes data; /* DT: what it carries */
};

/* Bytes of the TPKT packet that begins here; 0: too few to tell; -1: none begins. */
ssize_t tpkt_length(struct bytes b);

/* Read the TPDU of a whole TPKT packet; false: it is none that is known. */
bool tpkt_read(struct bytes packet, struct tpdu *out);

/* The value of a parameter of a CR or CC; bad: it has none. */
struct bytes tpdu_parameter(const struct tpdu *t, uint8_t type);

/* Take the first packet out of *b that carries data, and read it: 1; 0: there is only
 * the begin of one, or a connection request or confirm so far; -1: no TPKT. For probes.
 */
int tpkt_first_data(struct bytes b, struct tpdu *out);

#endif
