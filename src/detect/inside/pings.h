/* SPDX-License-Identifier: Apache-2.0 */
/* Who pings many addresses (ICMP and ICMPv6 echo requests), a source after the other. */
#ifndef DWELL_DETECT_INSIDE_PINGS_H
#define DWELL_DETECT_INSIDE_PINGS_H

#include "detect/inside/contacts.h"

struct pings_visitor {
	/* The addresses that a source pinged, by (first, address), at most CONTACTS_MAX;
	 * dead: without an answer. Borrowed, may be written to, until the call returns.
	 */
	void (*source)(void *ctx, const struct addr *src, struct contact *v, size_t n);
	void *ctx;
};

/* Visit the sources that pinged CONTACTS_DEAD addresses or more, in order of their text.
 * Negative with *e set. */
int pings_read(
    const struct source *s, const struct pings_visitor *visitor, struct error *e);

/* How odd it is to ping burst addresses for the first time within five minutes for one
 * who pings n of them in the memory: decades of the Poisson tail, less those of the
 * windows in which it may have happened. */
double pings_decades(const struct context *c, size_t n, uint64_t burst);

#endif
