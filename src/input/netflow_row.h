/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exporter says of packets that it saw between two ends: one flow record of
 * NetFlow, IPFIX or an nfdump file, in one form. Most speak of one direction only; the
 * two are joined by netflow_join.h.
 */
#ifndef DWELL_INPUT_NETFLOW_ROW_H
#define DWELL_INPUT_NETFLOW_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"

#define NETFLOW_PROTO_ICMP   1
#define NETFLOW_PROTO_TCP    6
#define NETFLOW_PROTO_UDP    17
#define NETFLOW_PROTO_ICMPV6 58

#define NETFLOW_FIN 0x01
#define NETFLOW_SYN 0x02
#define NETFLOW_RST 0x04
#define NETFLOW_ACK 0x10

enum netflow_mark {
	NETFLOW_HAS_FLAGS = 1 << 0,   /* flags are the exporter's, not merely 0 */
	NETFLOW_HAS_PAYLOAD = 1 << 1, /* payload is the exporter's */
	NETFLOW_ENDED = 1 << 2,       /* the exporter saw it end */
	NETFLOW_SRC_OPENED = 1 << 3,  /* the exporter says that addr[0] opened it */
	NETFLOW_DST_OPENED = 1 << 4,  /* the same of addr[1] */
	NETFLOW_SAMPLED = 1 << 5,     /* counts were multiplied by a sampling interval */
};

/* Side 0 is the source as exported, side 1 the destination;
 * what is said of side 1 is 0 in a record of one direction. */
struct netflow_row {
	struct addr addr[2];
	uint16_t port[2];    /* for ICMP the type, then the code */
	uint8_t proto;       /* of IP */
	uint8_t marks;       /* of enum netflow_mark */
	uint8_t flags[2];    /* TCP: of all packets of the side, or-ed */
	uint8_t initial[2];  /* TCP: of its first packet; 0: not known */
	int32_t vlan;        /* negative: none */
	uint64_t packets[2]; /* times the sampling interval, where that is known */
	uint64_t bytes[2];   /* as the IP headers count them */
	uint64_t payload[2]; /* only with NETFLOW_HAS_PAYLOAD */
	uint64_t out_packets,
	    out_bytes; /* maybe of side 1: where nothing else is known */
	struct moment first, last;
	struct moment seen; /* when it was exported, or received */
	uint32_t exporter;  /* who says so: rows of different ones are not joined */
	uint32_t source;    /* number of the file, or whatever the caller gave */
	uint64_t offset;    /* of the record in it */
};

/* Where rows go. */
struct netflow_sink {
	/* The row is borrowed until the call returns. */
	void (*row)(void *ctx, const struct netflow_row *row);
	/* By its sequence numbers an exporter sent n more (datagrams in NetFlow v9, flows
	 * in v5, records in IPFIX) than arrived. */
	void (*lost)(void *ctx, uint8_t version, struct moment seen, uint64_t n);
	void *ctx;
};

#endif
