/* SPDX-License-Identifier: Apache-2.0 */
/* What finds a packet's flow: its two ends in canonical order, and their hash;
 * private to the flow table. */
#ifndef DWELL_FLOW_ENDS_H
#define DWELL_FLOW_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "decode/packet.h"

#define ENDS_KEY_WORDS 16

enum conn_kind {
	CONN_OTHER,
	CONN_TCP,
	CONN_UDP,
	CONN_ICMP,
};

/* The secret of the hash: random numbers, one for each word that is hashed. */
struct ends_key {
	uint64_t k[ENDS_KEY_WORDS];
};

/* The ends of a packet, with ICMP types for ports. */
struct ends {
	uint32_t hash;
	uint16_t src_port, dst_port;
	uint8_t kind;    /* enum conn_kind */
	uint8_t one_way; /* 1: the reverse direction is another flow */
	uint8_t turned;  /* 1: the sender is the second end of the canonical order */
};

/* A random key from the operating system. */
struct ends_key ends_key_random(void);

/* The sum's term for the two words of w. */
static inline uint64_t ends_term(const uint64_t *k, uint64_t w)
{
	return (k[0] + (uint32_t)w) * (k[1] + (w >> 32));
}

/* Exchange *a and *b where the mask is all ones, not where it is 0. */
static inline void ends_exchange(uint64_t *a, uint64_t *b, uint64_t mask)
{
	uint64_t d = (*a ^ *b) & mask;
	*a ^= d;
	*b ^= d;
}

/* What else tells flows apart, above the 16 bits of a port. */
static inline uint64_t ends_extra(const struct packet *p, const struct ends *e)
{
	return (uint64_t)p->proto << 16 | (uint64_t)e->one_way << 24;
}

static inline void ends_hash_v4(const uint64_t *k, const struct packet *p, struct ends *e)
{
	uint64_t a = (uint64_t)e->src_port << 32 | load_le32(p->src.b + 12);
	uint64_t b = (uint64_t)e->dst_port << 32 | load_le32(p->dst.b + 12);
	e->turned = (uint8_t)((a > b) & !e->one_way);
	ends_exchange(&a, &b, -(uint64_t)e->turned);
	a |= ends_extra(p, e) << 32;
	e->hash = (uint32_t)((k[0] + ends_term(k + 1, a) + ends_term(k + 3, b)) >> 32);
}

/* The rest of ends_find for ICMP, and for addresses that are not both IPv4. */
void ends_of_icmp(const struct packet *p, struct ends *e);
void ends_hash_v6(const uint64_t *k, const struct packet *p, struct ends *e);

/* Whether both addresses are IPv4 ones, in their mapped form. */
static inline bool ends_both_v4(const struct packet *p)
{
	const uint64_t prefix = 0xffff0000;
	uint64_t high = load_le64(p->src.b) | load_le64(p->dst.b);
	return (high | (load_le32(p->src.b + 8) ^ prefix) |
		   (load_le32(p->dst.b + 8) ^ prefix)) == 0;
}

/* The ends of p. Both directions have one hash, unless they are two flows. */
static inline void ends_find(
    const struct ends_key *key, const struct packet *p, struct ends *e)
{
	static const uint8_t kinds[UINT8_MAX + 1] = {
	    [IP_PROTO_TCP] = CONN_TCP,
	    [IP_PROTO_UDP] = CONN_UDP,
	    [IP_PROTO_ICMP] = CONN_ICMP,
	    [IP_PROTO_ICMPV6] = CONN_ICMP,
	};
	e->src_port = p->src_port;
	e->dst_port = p->dst_port;
	e->one_way = 0;
	e->kind = (p->marks & PACKET_NO_PORTS) ? CONN_OTHER : kinds[p->proto];
	if (e->kind == CONN_ICMP)
		ends_of_icmp(p, e);
	if (ends_both_v4(p))
		ends_hash_v4(key->k, p, e);
	else
		ends_hash_v6(key->k + 5, p, e);
}

#endif
