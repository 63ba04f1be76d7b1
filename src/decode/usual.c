/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The short way for the frames that make up nearly all traffic: Ethernet, IPv4 without
 * options, not a fragment, TCP or UDP, all there. Whatever is not exactly so takes the
 * long way from its start. The result is the same field by field; a test holds both
 * against each other.
 *
 *      0  Ethernet: addresses 12 | 0800
 *     14  IPv4:     45 | service | total length 2 | id 2 | 0 or DF, offset 0 | TTL |
 *                   protocol | checksum 2 | source 4 | destination 4
 *     34  TCP or UDP
 */
#include "decode/checksum.h"
#include "decode/unwrap.h"

enum {
	AT_IP = 14,
	AT_TRANSPORT = 34,
	IP_BYTES = AT_TRANSPORT - AT_IP,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
	IPV4_45 = 0x080045, /* EtherType, then version and header length */
	FRAGMENT = 0x3fff,  /* more fragments, or an offset */
};

/* Sum of the pseudo header of n bytes of transport, from the IP header at h. */
static inline uint64_t pseudo_sum(const uint8_t *h, uint32_t n)
{
	return (uint64_t)load_le32(h + 12) + load_le32(h + 16) + checksum_number(h[9]) +
	       checksum_number((uint16_t)n);
}

static inline bool sums_up(const uint8_t *h, const uint8_t *transport, uint32_t n)
{
	uint64_t sum = checksum_sum(transport, n) + pseudo_sum(h, n);
	return checksum_fold(sum) == 0xffff;
}

static inline void take_ip(const uint8_t *h, struct packet *p)
{
	p->src = addr_from_v4(h + 12);
	p->dst = addr_from_v4(h + 16);
	p->ip_id = load_be16(h + 4);
	p->ttl = h[8];
	p->proto = h[9];
	p->ip_bytes = load_be16(h + 2);
	if (checksum_fold(checksum_words(h, IP_BYTES)) != 0xffff)
		p->marks |= PACKET_BAD_IP_CHECKSUM;
}

static inline void take_payload(struct packet *p, const uint8_t *payload, uint32_t n)
{
	p->payload = payload;
	p->captured = n;
	p->length = n;
}

static inline bool usual_tcp(const uint8_t *h, uint32_t n, struct packet *p)
{
	const uint8_t *tcp = h + IP_BYTES;
	uint32_t header = (uint32_t)(tcp[12] >> 4) * 4;
	if (header < TCP_BYTES || header > n)
		return false;
	take_ip(h, p);
	p->src_port = load_be16(tcp);
	p->dst_port = load_be16(tcp + 2);
	p->seq = load_be32(tcp + 4);
	p->ack = load_be32(tcp + 8);
	p->tcp_flags = tcp[13];
	p->window = load_be16(tcp + 14);
	p->urgent = load_be16(tcp + 18);
	p->tcp_options = header > TCP_BYTES ? tcp + TCP_BYTES : NULL;
	p->tcp_options_len = (uint8_t)(header - TCP_BYTES);
	take_payload(p, tcp + header, n - header);
	if (!sums_up(h, tcp, n))
		p->marks |= PACKET_BAD_CHECKSUM;
	return true;
}

static inline bool usual_udp(const uint8_t *h, uint32_t n, struct packet *p)
{
	const uint8_t *udp = h + IP_BYTES;
	if (load_be16(udp + 4) != n)
		return false;
	take_ip(h, p);
	p->src_port = load_be16(udp);
	p->dst_port = load_be16(udp + 2);
	take_payload(p, udp + UDP_BYTES, n - UDP_BYTES);
	if (load_be16(udp + 6) == 0)
		p->marks |= PACKET_NO_CHECKSUM;
	else if (!sums_up(h, udp, n))
		p->marks |= PACKET_BAD_CHECKSUM;
	return true;
}

bool usual_decode(const struct frame *f, struct packet *p)
{
	if (AT_TRANSPORT + TCP_BYTES > f->captured ||
	    load_be32(f->data + AT_IP - 2) >> 8 != IPV4_45)
		return false;
	const uint8_t *h = f->data + AT_IP;
	uint32_t total = load_be16(h + 2);
	if (total > f->captured - AT_IP || (load_be16(h + 6) & FRAGMENT) != 0)
		return false;
	if (h[9] == IP_PROTO_TCP && total >= IP_BYTES + TCP_BYTES)
		return usual_tcp(h, total - IP_BYTES, p);
	if (h[9] == IP_PROTO_UDP && total >= IP_BYTES + UDP_BYTES)
		return usual_udp(h, total - IP_BYTES, p);
	return false;
}
