/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legs in and legs out of one machine that fit each other: begun within three seconds,
 * open at the same time, with the same bytes both ways; and how many would fit by chance,
 * by moving all legs out in time, fifty times, round and round.
 */
#ifndef DWELL_DETECT_INSIDE_JOIN_H
#define DWELL_DETECT_INSIDE_JOIN_H

#include "detect/inside/legs.h"

#define JOIN_SHIFTS 50  /* B10 (a) */
#define JOIN_PAIRS  256 /* of peers of one machine that are counted; further ones not */

/* What came from one peer and went out to another. */
struct joined {
	struct addr from, to;
	uint16_t in_port, out_port; /* of the first two */
	uint64_t n;
	double by_chance; /* how many fit in the mean of the shifts, one more in all */
	double closest;   /* least difference of the sizes, as a share */
	double delay;     /* s: mean from a leg in to the one out */
	uint64_t forth, back; /* bytes of the legs out */
	int64_t first, last;  /* µs since 1970 */
	bool udp;
};

struct join {
	struct joined v[JOIN_PAIRS]; /* in order of their first fit */
	size_t n;
	uint64_t dropped;
};

/* Join the n legs of a machine, which are in order of time; false without memory. */
bool join_legs(struct join *j, const struct leg *v, size_t n);

#endif
