/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short way for the frames that make up nearly all traffic: Ethernet, IPv4 without
 * options or IPv6 without extensions, not a fragment, TCP or UDP, all there. Whatever is
 * not exactly so takes the long way from its start. The result is the same field by
 * field; a test holds both against each other.
 *
 *      0  Ethernet: addresses 12 | 0800
 *     14  IPv4:     45 | service | total length 2 | id 2 | 0 or DF, offset 0 | TTL |
 *                   protocol | checksum 2 | source 4 | destination 4
 *     34  TCP or UDP
 *
 *      0  Ethernet: addresses 12 | 86dd
 *     14  IPv6:     6, class, flow label 4 | payload length 2 | protocol | hop limit |
 *                   source 16 | destination 16
 *     54  TCP or UDP
 *
 * The addresses stand right before the transport, so one sum covers both.
 */
#include "decode/checksum.h"
#include "decode/unwrap.h"

enum {
	AT_IP = 14,
	IPV4_BYTES = 20,
	IPV4_ADDRESSES = 8,
	IPV6_BYTES = 40,
	IPV6_ADDRESSES = 32,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
	IPV4_45 = 0x080045, /* EtherType, then version and header length */
	IPV6_6 = 0x86dd6,   /* EtherType, then version */
	FRAGMENT = 0x3fff,  /* more fragments, or an offset */
};

/* The mark for a sum that is wrong. Whether one is can not be foretold where a capture's
 * checksums were left to the network card, so this does not branch. */
static inline uint8_t mark_unless_ok(uint64_t sum, unsigned mark)
{
	return (uint8_t)(mark & (0u - (checksum_fold(sum) != 0xffff)));
}

/* The transport at h, n bytes, and the addresses before it. */
static inline void test_sum(
    const uint8_t *h, uint32_t n, uint32_t addresses, struct packet *p)
{
	uint64_t sum = checksum_sum(h - addresses, n + addresses) +
		       checksum_number(p->proto) + checksum_number((uint16_t)n);
	p->marks |= mark_unless_ok(sum, PACKET_BAD_CHECKSUM);
}

static inline void take_payload(const uint8_t *payload, uint32_t n, struct packet *p)
{
	p->payload = payload;
	p->captured = p->length = n;
}

static inline bool usual_tcp(
    const uint8_t *tcp, uint32_t n, uint32_t addresses, struct packet *p)
{
	if (TCP_BYTES > n)
		return false;
	uint32_t header = (uint32_t)(tcp[12] >> 4) * 4;
	if (header < TCP_BYTES || header > n)
		return false;
	p->src_port = load_be16(tcp);
	p->dst_port = load_be16(tcp + 2);
	p->seq = load_be32(tcp + 4);
	p->ack = load_be32(tcp + 8);
	p->tcp_flags = tcp[13];
	p->window = load_be16(tcp + 14);
	p->urgent = load_be16(tcp + 18);
	p->tcp_options = header > TCP_BYTES ? tcp + TCP_BYTES : NULL;
	p->tcp_options_len = (uint8_t)(header - TCP_BYTES);
	take_payload(tcp + header, n - header, p);
	test_sum(tcp, n, addresses, p);
	return true;
}

static inline bool usual_udp(
    const uint8_t *udp, uint32_t n, uint32_t addresses, struct packet *p)
{
	if (UDP_BYTES > n || load_be16(udp + 4) != n)
		return false;
	p->src_port = load_be16(udp);
	p->dst_port = load_be16(udp + 2);
	packet_clear_tcp(p);
	take_payload(udp + UDP_BYTES, n - UDP_BYTES, p);
	if (load_be16(udp + 6) == 0)
		p->marks |= PACKET_NO_CHECKSUM;
	else
		test_sum(udp, n, addresses, p);
	if (udp_may_carry(p, p->payload, p->captured))
		p->marks |= PACKET_TUNNEL;
	return true;
}

static inline bool usual_transport(
    const uint8_t *h, uint32_t n, uint32_t addresses, struct packet *p)
{
	if (p->proto == IP_PROTO_TCP)
		return usual_tcp(h, n, addresses, p);
	return p->proto == IP_PROTO_UDP && usual_udp(h, n, addresses, p);
}

static inline bool usual_ipv4(const uint8_t *h, uint32_t there, struct packet *p)
{
	uint32_t total = load_be16(h + 2);
	if (total > there || total < IPV4_BYTES || (load_be16(h + 6) & FRAGMENT) != 0)
		return false;
	p->src = addr_from_v4(h + 12);
	p->dst = addr_from_v4(h + 16);
	p->ip_id = load_be16(h + 4);
	p->ttl = h[8];
	p->ip_bytes = total;
	p->marks = mark_unless_ok(checksum_words(h, IPV4_BYTES), PACKET_BAD_IP_CHECKSUM);
	p->proto = h[9];
	return usual_transport(h + IPV4_BYTES, total - IPV4_BYTES, IPV4_ADDRESSES, p);
}

static inline bool usual_ipv6(const uint8_t *h, uint32_t there, struct packet *p)
{
	uint32_t n = load_be16(h + 4);
	if (IPV6_BYTES > there || n > there - IPV6_BYTES)
		return false;
	p->src = addr_from_v6(h + 8);
	p->dst = addr_from_v6(h + 24);
	p->ip_id = 0;
	p->ttl = h[7];
	p->ip_bytes = IPV6_BYTES + n;
	p->marks = 0;
	p->proto = h[6];
	return usual_transport(h + IPV6_BYTES, n, IPV6_ADDRESSES, p);
}

bool usual_decode(const struct frame *f, struct packet *p)
{
	if (AT_IP + IPV4_BYTES > f->captured)
		return false;
	const uint8_t *h = f->data + AT_IP;
	uint32_t begins = load_be32(h - 2);
	if (begins >> 8 == IPV4_45)
		return usual_ipv4(h, f->captured - AT_IP, p);
	return begins >> 12 == IPV6_6 && usual_ipv6(h, f->captured - AT_IP, p);
}
