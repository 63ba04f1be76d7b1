/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys come from outside, so the hash is a keyed one; because it is on
 * the path of every packet it is the cheapest that keeps the promise:
 *
 *     (k0 + (k1 + w1)(k2 + w2) + (k3 + w3)(k4 + w4) + ...) mod 2^64, the upper half
 *
 * over 32-bit words w with random 64-bit k. For any two different strings of words all
 * pairs of results are equally likely (Lemire and Kaser 2014, "Strongly universal string
 * hashing is fast", MULTILINEAR-HM), so whoever does not see the hashes, and nobody on
 * the wire does, can make collisions only by chance. IPv4 and the rest use different k.
 *
 * Which end sent a packet is as good as random, so nothing here branches on it.
 */
#include "flow/ends.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "flow/conn.h"

struct ends_key ends_key_random(void)
{
	struct ends_key key;
	for (size_t i = 0; i < ENDS_KEY_WORDS; i += 2) {
		struct hash_key k = hash_key_random();
		key.k[i] = k.k0;
		key.k[i + 1] = k.k1;
	}
	return key;
}

/* The ICMP type that answers type; -1: none does. */
static int icmp_answer(uint8_t proto, unsigned type)
{
	static const uint8_t pairs4[][2] = {
	    {8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
	static const uint8_t pairs6[][2] = {
	    {128, 129}, {133, 134}, {135, 136}, {130, 131}, {139, 140}, {144, 145}};
	const uint8_t(*v)[2] = proto == IP_PROTO_ICMP ? pairs4 : pairs6;
	size_t n = proto == IP_PROTO_ICMP ? sizeof(pairs4) / 2 : sizeof(pairs6) / 2;
	for (size_t i = 0; i < n; i++) {
		if (v[i][0] == type)
			return v[i][1];
		if (v[i][1] == type)
			return v[i][0];
	}
	return -1;
}

static void icmp_ends(const struct packet *p, struct ends *e)
{
	int answer = icmp_answer(p->proto, p->src_port);
	e->kind = CONN_ICMP;
	e->one_way = answer < 0;
	e->dst_port = answer < 0 ? p->dst_port : (uint16_t)answer;
}

/* The sum's term for the two words of w. */
static inline uint64_t term(const uint64_t *k, uint64_t w)
{
	return (k[0] + (uint32_t)w) * (k[1] + (w >> 32));
}

/* Exchange *a and *b where the mask is all ones, not where it is 0. */
static inline void exchange(uint64_t *a, uint64_t *b, uint64_t mask)
{
	uint64_t d = (*a ^ *b) & mask;
	*a ^= d;
	*b ^= d;
}

/* What else tells flows apart, above the 16 bits of a port. */
static inline uint64_t extra(const struct packet *p, const struct ends *e)
{
	return (uint64_t)p->proto << 16 | (uint64_t)e->one_way << 24;
}

static inline void hash_v4(const uint64_t *k, const struct packet *p, struct ends *e)
{
	uint64_t a = (uint64_t)e->src_port << 32 | load_le32(p->src.b + 12);
	uint64_t b = (uint64_t)e->dst_port << 32 | load_le32(p->dst.b + 12);
	e->turned = (uint8_t)((a > b) & !e->one_way);
	exchange(&a, &b, -(uint64_t)e->turned);
	a |= extra(p, e) << 32;
	e->hash = (uint32_t)((k[0] + term(k + 1, a) + term(k + 3, b)) >> 32);
}

static void hash_v6(const uint64_t *k, const struct packet *p, struct ends *e)
{
	uint64_t a0 = load_le64(p->src.b), a1 = load_le64(p->src.b + 8);
	uint64_t b0 = load_le64(p->dst.b), b1 = load_le64(p->dst.b + 8);
	uint64_t a2 = e->src_port, b2 = e->dst_port;
	bool after = a1 != b1 ? a1 > b1 : a0 != b0 ? a0 > b0 : a2 > b2;
	e->turned = after & !e->one_way;
	uint64_t mask = -(uint64_t)e->turned;
	exchange(&a0, &b0, mask);
	exchange(&a1, &b1, mask);
	exchange(&a2, &b2, mask);
	uint64_t last = (a2 | extra(p, e)) << 32 | b2;
	e->hash = (uint32_t)((k[0] + term(k + 1, a0) + term(k + 3, a1) + term(k + 5, b0) +
				 term(k + 7, b1) + term(k + 9, last)) >>
			     32);
}

/* Whether both addresses are IPv4 ones, in their mapped form. */
static inline bool both_v4(const struct packet *p)
{
	const uint64_t prefix = 0xffff0000;
	uint64_t high = load_le64(p->src.b) | load_le64(p->dst.b);
	return (high | (load_le32(p->src.b + 8) ^ prefix) |
		   (load_le32(p->dst.b + 8) ^ prefix)) == 0;
}

void ends_find(const struct ends_key *key, const struct packet *p, struct ends *e)
{
	*e = (struct ends){
	    .src_port = p->src_port, .dst_port = p->dst_port, .kind = CONN_OTHER};
	if (!(p->marks & PACKET_NO_PORTS)) {
		if (p->proto == IP_PROTO_TCP)
			e->kind = CONN_TCP;
		else if (p->proto == IP_PROTO_UDP)
			e->kind = CONN_UDP;
		else if (p->proto == IP_PROTO_ICMP || p->proto == IP_PROTO_ICMPV6)
			icmp_ends(p, e);
	}
	if (both_v4(p))
		hash_v4(key->k, p, e);
	else
		hash_v6(key->k + 5, p, e);
}
