/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed hash for tables whose keys come from outside: SipHash-1-3
 * (Aumasson and Bernstein 2012), so that nobody on the wire can
 * choose keys that collide. No result of dwell depends on the key.
 */
#ifndef DWELL_BASE_HASH_H
#define DWELL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

/* A random key from the operating system. */
struct hash_key hash_key_random(void);

/* The hash of the n bytes at p under the key. */
uint64_t hash_bytes(const struct hash_key *key, const void *p, size_t n);

/* One of a number of our own making, such as an index, which nobody outside chooses: a
 * tenth of the time. Not for what comes from outside. One to one for a given key. */
static inline uint64_t hash_mix(uint64_t x, uint64_t key)
{
	x ^= key;
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The fixed key for identifiers that must be the same everywhere (finding ids). */
extern const struct hash_key hash_key_public;

#endif
