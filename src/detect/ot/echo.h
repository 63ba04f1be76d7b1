/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sequence that comes again: the same elements in the same order, at another time or
 * by somebody else.
 *
 *     who 0:           a b c d e f g h ...   the original
 *     who 0 or 1:      ... c d e f g         a run of four steps
 *
 * In a run each element is what followed the context, the one or few elements before it,
 * when that was last there. Values that scatter little meet again by chance; a few of
 * them in a row seldom do, so of those a context has more.
 *
 * An element that repeats the one before it is no step: what stands still tells nothing.
 * How odd a run is comes from what was there before the original: of t steps h had been
 * foretold in this way. If the steps are exchangeable, the chance that the next n are all
 * foretold is at most the Krichevsky-Trofimov predictor's
 *
 *     P = product over i < n of (h + i + 1/2) / (t + i + 1)
 *
 * so a sequence that repeats itself anyhow (schedules, cycles) gains nothing by it, nor
 * does one of which nothing was there before (t small). decades = -log10 P.
 */
#ifndef DWELL_DETECT_OT_ECHO_H
#define DWELL_DETECT_OT_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ECHO_CONTEXTS_MAX 65536 /* of a sequence: at least the last so many are known */
#define ECHO_ORDER_MAX    3     /* elements of a context */
#define ECHO_PLACE_BYTES  64    /* that the place of one takes, of which half are free */
#define ECHO_WHO_MAX      16    /* that make steps in one; later ones are left out */

/* A run, n == 0: none. Times are µs since 1970. */
struct echo_run {
	uint64_t n, distinct;   /* steps, different contexts among them */
	uint64_t before, usual; /* steps before the original, of these foretold */
	uint64_t longest;       /* run before the original */
	uint64_t loop;  /* steps from the original to the run, by the same; else 0 */
	double decades; /* of its odds */
	int64_t source; /* when the original began */
	int64_t first, last;
	unsigned source_who;
};

/* What a finished run is told to. */
struct echo_sink {
	void *ctx;
	void (*run)(void *ctx, unsigned who, const struct echo_run *run);
};

struct echo;

/* NULL: no memory left. A context has so many elements (at most ECHO_ORDER_MAX). The sink
 * is copied. */
struct echo *echo_new(unsigned order, struct echo_sink sink);
void echo_free(struct echo *e);

/* The next element of a sequence, by who (below ECHO_WHO_MAX), at a time that is not
 * before the last one's. False: no memory left. */
bool echo_step(struct echo *e, unsigned who, uint64_t element, int64_t ts);

/* The sequence ends: its open runs are told, and all of it is forgotten. */
void echo_end(struct echo *e);

/* Contexts that were forgotten since the start, because of ECHO_CONTEXTS_MAX. */
uint64_t echo_forgotten(const struct echo *e);

#endif
