/* SPDX-License-Identifier: Apache-2.0 */
/* A small generator of random numbers whose whole
 * state is its seed (SplitMix64, Vigna 2015). */
#ifndef DWELL_TEST_RANDOM_H
#define DWELL_TEST_RANDOM_H

#include <math.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *seed)
{
	*seed += 0x9e3779b97f4a7c15u;
	uint64_t z = *seed;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Uniform in (0, 1). */
static inline double random_unit(uint64_t *seed)
{
	return ((double)(random_next(seed) >> 11) + 0.5) / 9007199254740992.0;
}

static inline double random_exponential(uint64_t *seed, double mean)
{
	return -mean * log(random_unit(seed));
}

#endif
