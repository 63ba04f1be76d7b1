/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/bytes.h"

const struct hash_key hash_key_public = {0x6477656c6c2d6964, 0x30303030302d7631};

struct hash_key hash_key_random(void)
{
	struct hash_key key;
	/* The pool is ready on any machine that has booted;
	 * without it no table is safe. */
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
		abort();
	return key;
}

static inline uint64_t rotl(uint64_t x, unsigned b)
{
	return x << b | x >> (64 - b);
}

struct sip {
	uint64_t a, b, c, d;
};

static inline void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotl(s->b, 13) ^ s->a;
	s->a = rotl(s->a, 32);
	s->c += s->d;
	s->d = rotl(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotl(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotl(s->b, 17) ^ s->c;
	s->c = rotl(s->c, 32);
}

static inline void sip_word(struct sip *s, uint64_t m)
{
	s->d ^= m;
	sip_round(s);
	s->a ^= m;
}

uint64_t hash_bytes(const struct hash_key *key, const void *p, size_t n)
{
	const uint8_t *b = p;
	struct sip s = {key->k0 ^ 0x736f6d6570736575, key->k1 ^ 0x646f72616e646f6d,
	    key->k0 ^ 0x6c7967656e657261, key->k1 ^ 0x7465646279746573};
	size_t whole = n & ~(size_t)7;
	for (size_t i = 0; i < whole; i += 8)
		sip_word(&s, load_le64(b + i));
	/* The bytes that are left and n; the load looks back rather than past the end. */
	uint64_t tail = 0;
	if (n > whole && whole > 0)
		tail = load_le64(b + n - 8) >> 8 * (8 - n % 8);
	for (size_t i = n; whole == 0 && i > 0; i--)
		tail = tail << 8 | b[i - 1];
	sip_word(&s, tail | (uint64_t)n << 56);
	s.c ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
