/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threshold random walk (Jung, Paxson, Berger, Balakrishnan, S&P 2004) as a sum that
 * never falls below 0: each contact bets on a scanner, who finds nobody at 4 of 5
 * targets, against a user, who finds somebody at as many.
 *
 *     S  /|  /\/|      + log10(0.8 / 0.2) for a dead contact, - as much for a live one
 *       / |_/   |__    S decades: under the second law, by chance within N contacts at
 *                      most N 10^-S times (the sum lies below Shiryaev's and Roberts')
 */
#ifndef DWELL_DETECT_INSIDE_WALK_H
#define DWELL_DETECT_INSIDE_WALK_H

#include "detect/inside/contacts.h"

#define WALK_WINDOW_US (300 * INT64_C(1000000)) /* B9 (h): five minutes */

struct walk {
	double best;     /* decades: the highest that the sum reached */
	size_t from, to; /* contacts from the sum's leaving 0 to its highest */
	uint64_t dead;   /* dead ones among all */
	uint64_t burst;  /* most dead ones that began within the window */
	int64_t burst_first, burst_last; /* µs: of these */
};

/* Walk over n contacts in order of time. */
void walk_over(struct walk *w, const struct contact *v, size_t n);

/* How many different addresses n contacts went to, dead ones only where dead_only. The
 * scratch has room for n. */
size_t walk_addresses(
    const struct contact *v, size_t n, bool dead_only, struct addr *scratch);

#endif
