/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that carry others: what a machine fetches inside while somebody holds an
 * encrypted connection with it leaves through that one (ssh -R, -D, -L, and whatever
 * works like them).
 *
 *     U ═══ one connection, encrypted ═══ H ─── several ──▶ Q, R inside
 *
 * What they bring is what leaves, but for what encryption adds; and all of them lie
 * within its life.
 */
#ifndef DWELL_DETECT_INSIDE_TUNNELS_H
#define DWELL_DETECT_INSIDE_TUNNELS_H

#include "detect/inside/legs.h"

#define TUNNELS_MAX 64 /* far ends of one machine that are told of */
#define TUNNELS_CARRIERS_MAX                                                             \
	256 /* connections of one machine with others in their life */

/* All of one far end that fit. */
struct tunnel {
	struct addr far;  /* the other end of what carries */
	uint16_t port;    /* of what carries */
	bool in;          /* the far end opened it */
	uint64_t n;       /* connections that carried others */
	double by_chance; /* how many fit in the mean of the shifts, one more in all */
	double decades;   /* that the amounts agree so well: the best of them */
	uint64_t carried; /* connections inside, of all */
	uint64_t brought, left; /* bytes towards the far end: theirs, and its own */
	uint64_t received;      /* bytes from the far end */
	struct addr inside;     /* the first machine that was reached */
	uint64_t machines;   /* that were reached; as far as counted: of the first one */
	int64_t first, last; /* µs since 1970 */
};

struct tunnels {
	struct tunnel v[TUNNELS_MAX]; /* in order of their first */
	size_t n;
	uint64_t tests;   /* connections with others in their life */
	uint64_t dropped; /* beyond a limit */
};

/* Find them among the n legs of a machine, which are in order of time; false without
 * memory. */
bool tunnels_find(
    struct tunnels *t, const struct detect_options *o, const struct leg *v, size_t n);

#endif
