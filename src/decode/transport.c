/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792), ICMPv6 (RFC
 * 4443), SCTP (RFC 9260). On entry the packet's payload is all
 * that IP carries; a header that is whole is taken off it.
 *
 *     TCP    0 ports 2+2 | 4 seq | 8 ack | 12 offset 4 bits | 13 flags | 14 window 2
 *           16 checksum 2 | 18 urgent 2 | 20 options
 *     UDP    0 ports 2+2 | 4 length 2 | 6 checksum 2
 *     ICMP   0 type 1 | 1 code 1 | 2 checksum 2 | 4 depends on the type 4
 *     SCTP   0 ports 2+2 | 4 tag 4 | 8 CRC-32C 4 | 12 chunks
 */
#include "decode/checksum.h"
#include "decode/unwrap.h"

enum { TCP_BYTES = 20, UDP_BYTES = 8, ICMP_BYTES = 8, SCTP_BYTES = 12, SCTP_CRC_AT = 8 };

/*
 * Whether the n bytes at h and the pseudo header (RFC 768, RFC
 * 8200 8.1) sum up. That of IPv6 serves both versions: the
 * ffff of a mapped IPv4 address is a zero in one's complement.
 */
static bool sums_up(const struct packet *p, const uint8_t *h, uint32_t n)
{
	uint64_t sum = checksum_sum(h, n) + checksum_number(p->proto) +
		       checksum_number((uint16_t)n) +
		       checksum_number((uint16_t)(n >> 16));
	sum += checksum_words(p->src.b, sizeof(p->src.b));
	sum += checksum_words(p->dst.b, sizeof(p->dst.b));
	return checksum_fold(sum) == 0xffff;
}

/* Whether all n bytes of the transport are there,
 * and nothing says that no test can succeed. */
static bool testable(struct packet *p, uint32_t there, uint32_t n)
{
	if (there >= n && (p->marks & PACKET_NO_CHECKSUM) == 0)
		return true;
	p->marks |= PACKET_NO_CHECKSUM;
	return false;
}

static void test_sum(struct packet *p, const uint8_t *h, uint32_t there, uint32_t n)
{
	if (testable(p, there, n) && !sums_up(p, h, n))
		p->marks |= PACKET_BAD_CHECKSUM;
}

static void no_ports(struct packet *p)
{
	p->marks |= PACKET_NO_PORTS | PACKET_NO_CHECKSUM;
}

static void take_ports(struct packet *p, const uint8_t *h)
{
	p->src_port = load_be16(h);
	p->dst_port = load_be16(h + 2);
}

/* The options may be cut off by the snap length: then what is there of them is kept. */
static void tcp_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = u->pos;
	uint32_t there = u->left, wire = u->wire;
	if (TCP_BYTES > there) {
		no_ports(p);
		return;
	}
	uint32_t header = (uint32_t)(h[12] >> 4) * 4;
	if (header < TCP_BYTES || header > wire) {
		no_ports(p);
		return;
	}
	take_ports(p, h);
	p->seq = load_be32(h + 4);
	p->ack = load_be32(h + 8);
	p->tcp_flags = h[13];
	p->window = load_be16(h + 14);
	p->urgent = load_be16(h + 18);
	uint32_t kept = header < there ? header : there;
	p->tcp_options = kept > TCP_BYTES ? h + TCP_BYTES : NULL;
	p->tcp_options_len = (uint8_t)(kept - TCP_BYTES);
	unwrap_take(u, kept);
	u->wire = wire - header;
	test_sum(p, h, there, wire);
}

/*
 * A length of 0 is that of IP (RFC 2675, and segmentation offload); one that is shorter
 * than IP's leaves a trailer that is no payload; one that is longer can not be believed.
 */
static void udp_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = u->pos;
	uint32_t there = u->left;
	if (UDP_BYTES > there) {
		no_ports(p);
		return;
	}
	uint32_t length = load_be16(h + 4);
	if (length == 0 || length > u->wire)
		length = u->wire;
	if (length < UDP_BYTES) {
		no_ports(p);
		return;
	}
	unwrap_limit(u, length);
	take_ports(p, h);
	unwrap_take(u, UDP_BYTES);
	if (load_be16(h + 6) == 0)
		p->marks |= PACKET_NO_CHECKSUM;
	test_sum(p, h, there, length);
	if (udp_may_carry(p, u->pos, u->left))
		p->marks |= PACKET_TUNNEL;
}

static void icmp_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = u->pos;
	uint32_t there = u->left, wire = u->wire;
	if (ICMP_BYTES > there) {
		no_ports(p);
		return;
	}
	p->src_port = h[0];
	p->dst_port = h[1];
	p->seq = load_be32(h + 4);
	unwrap_take(u, ICMP_BYTES);
	if (p->proto == IP_PROTO_ICMPV6)
		test_sum(p, h, there, wire);
	else if (testable(p, there, wire) &&
		 checksum_fold(checksum_sum(h, wire)) != 0xffff)
		p->marks |= PACKET_BAD_CHECKSUM;
}

static void sctp_decode(struct unwrap *u)
{
	struct packet *p = u->p;
	const uint8_t *h = u->pos;
	uint32_t there = u->left, wire = u->wire;
	if (SCTP_BYTES > there) {
		no_ports(p);
		return;
	}
	take_ports(p, h);
	unwrap_take(u, SCTP_BYTES);
	if (testable(p, there, wire) &&
	    checksum_crc32c(h, wire, SCTP_CRC_AT) != load_le32(h + SCTP_CRC_AT))
		p->marks |= PACKET_BAD_CHECKSUM;
}

void transport_decode(struct unwrap *u)
{
	switch (u->p->proto) {
	case IP_PROTO_TCP:
		tcp_decode(u);
		break;
	case IP_PROTO_UDP:
		udp_decode(u);
		break;
	case IP_PROTO_ICMP:
	case IP_PROTO_ICMPV6:
		icmp_decode(u);
		break;
	case IP_PROTO_SCTP:
		sctp_decode(u);
		break;
	case IP_PROTO_IPV4:
	case IP_PROTO_IPV6:
	case IP_PROTO_GRE:
	case IP_PROTO_IPIP:
	case IP_PROTO_ETHERIP:
	case IP_PROTO_L2TP:
	case IP_PROTO_MPLS:
		u->p->marks |= PACKET_NO_CHECKSUM | PACKET_TUNNEL;
		break;
	default:
		u->p->marks |= PACKET_NO_CHECKSUM;
		break;
	}
}
