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

#include "base/hash.h"

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

void ends_of_icmp(const struct packet *p, struct ends *e)
{
	int answer = icmp_answer(p->proto, p->src_port);
	e->one_way = answer < 0;
	e->dst_port = answer < 0 ? p->dst_port : (uint16_t)answer;
}

void ends_hash_v6(const uint64_t *k, const struct packet *p, struct ends *e)
{
	uint64_t a0 = load_le64(p->src.b), a1 = load_le64(p->src.b + 8);
	uint64_t b0 = load_le64(p->dst.b), b1 = load_le64(p->dst.b + 8);
	uint64_t a2 = e->src_port, b2 = e->dst_port;
	bool after = a1 != b1 ? a1 > b1 : a0 != b0 ? a0 > b0 : a2 > b2;
	e->turned = after & !e->one_way;
	uint64_t mask = -(uint64_t)e->turned;
	ends_exchange(&a0, &b0, mask);
	ends_exchange(&a1, &b1, mask);
	ends_exchange(&a2, &b2, mask);
	uint64_t last = (a2 | ends_extra(p, e)) << 32 | b2;
	e->hash = (uint32_t)((k[0] + ends_term(k + 1, a0) + ends_term(k + 3, a1) +
				 ends_term(k + 5, b0) + ends_term(k + 7, b1) +
				 ends_term(k + 9, last)) >>
			     32);
}
