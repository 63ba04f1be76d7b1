/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decoded packet: what the headers said, and where the payload is. Lives on the stack;
 * its pointers go into the frame.
 */
#ifndef DWELL_DECODE_PACKET_H
#define DWELL_DECODE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/moment.h"

enum ip_proto {
	IP_PROTO_ICMP = 1,
	IP_PROTO_IGMP = 2,
	IP_PROTO_IPV4 = 4,
	IP_PROTO_TCP = 6,
	IP_PROTO_UDP = 17,
	IP_PROTO_IPV6 = 41,
	IP_PROTO_GRE = 47,
	IP_PROTO_ESP = 50,
	IP_PROTO_AH = 51,
	IP_PROTO_ICMPV6 = 58,
	IP_PROTO_IPIP = 94,
	IP_PROTO_ETHERIP = 97,
	IP_PROTO_L2TP = 115,
	IP_PROTO_SCTP = 132,
	IP_PROTO_MPLS = 137,
};

enum tcp_flag {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

enum packet_mark {
	PACKET_TRUNCATED = 1 << 0, /* the snap length cut payload off */
	PACKET_FRAGMENT = 1 << 1,  /* an IP fragment: no ports, payload is the fragment */
	PACKET_BAD_IP_CHECKSUM =
	    1 << 2, /* counted, not dropped: offloading leaves it unset */
	PACKET_BAD_CHECKSUM = 1 << 3, /* TCP, UDP, ICMP or SCTP; likewise */
	PACKET_NO_CHECKSUM =
	    1 << 4, /* could not be tested: truncated, or UDP without one */
	PACKET_NO_PORTS =
	    1 << 5, /* the transport header itself is cut off or malformed */
	PACKET_REASSEMBLED = 1 << 6, /* rebuilt from fragments */
	PACKET_TUNNEL =
	    1 << 7, /* the payload may hold another packet (decode/tunnel.h) */
};

struct packet {
	struct moment ts;
	struct addr src, dst;
	uint16_t src_port, dst_port; /* TCP, UDP, SCTP; ICMP: type and code; else 0 */
	uint8_t proto; /* IP protocol of the payload (after extensions and AH) */
	uint8_t ttl;
	uint8_t tcp_flags;
	uint8_t marks; /* enum packet_mark */
	uint32_t seq,
	    ack; /* TCP; ICMP: seq is the header's second word (id and sequence) */
	uint16_t window, urgent;
	uint32_t ip_id;    /* IPv4: 16 bits; IPv6: of the fragment header, else 0 */
	uint32_t ip_bytes; /* on the wire from the IP header on, as that counts them */
	uint32_t wire;     /* length of the whole frame on the wire */
	const uint8_t *payload; /* transport payload, or the fragment's bytes; borrowed */
	uint32_t captured;      /* bytes of it that are there */
	uint32_t length;        /* bytes of it on the wire; never below captured */
	const uint8_t *tcp_options; /* borrowed; NULL: none */
	uint8_t tcp_options_len;
	bool more_fragments;
	uint16_t fragment_offset; /* bytes */
	int32_t vlan;             /* outer id, -1: untagged */
	int32_t vlan_inner;       /* second id of QinQ, -1: none */
	uint32_t space; /* which address space it is in; 0: that of the wire (flow/) */
	uint16_t level; /* tunnels around it; 0: none */
	uint16_t odd_options; /* bytes in options of IPv6 that say nothing known */
	uint32_t source;      /* the frame's */
	uint64_t offset;
};

#endif
