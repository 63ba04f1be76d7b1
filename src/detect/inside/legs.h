/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections by the machine in the middle: what comes to it and what goes out from it,
 * in order of time, one machine after the other. Only machines with both are read, and
 * such that opened a connection that may carry others; and only connections with enough
 * bytes to be told from each other by their sizes.
 *
 *     P --> H:port      a leg in: from P, with the bytes of both directions
 *           H --> Q:port   a leg out
 */
#ifndef DWELL_DETECT_INSIDE_LEGS_H
#define DWELL_DETECT_INSIDE_LEGS_H

#include "detect/detector.h"

#define LEGS_BYTES   1024   /* least of the greater direction */
#define LEGS_CARRIER 16384  /* the same of one that may carry others … */
#define LEGS_SECONDS 3      /* … and how long it is open at least */
#define LEGS_MAX     65536u /* of one machine; the first ones in time */

struct leg {
	int64_t ts; /* µs since 1970 */
	double seconds;
	uint64_t forth, back; /* payload bytes from who opened, and to it */
	struct addr peer;
	uint16_t port;
	bool in, udp;
	bool opaque; /* encrypted, or nobody knows what: it may carry others */
};

struct legs_visitor {
	/* The legs of a machine by (ts, in, peer, port, forth, back). Borrowed until the
	 * call returns. */
	void (*machine)(
	    void *ctx, const struct addr *host, const struct leg *v, size_t n);
	void *ctx;
};

/* Whether it is of those that may carry others. */
bool legs_carrier(const struct leg *v);

/* Visit the machines in an order of their own. Negative with *e set. */
int legs_read(
    const struct source *s, const struct legs_visitor *visitor, struct error *e);

#endif
