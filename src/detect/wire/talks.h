/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections that some addresses opened, whoever they are with: what happened around
 * a row of anomaly. From those that are held, or through SQL; in no order, so whoever
 * asks takes sums, firsts and lasts. Days of which connections have decayed are left out.
 */
#ifndef DWELL_DETECT_WIRE_TALKS_H
#define DWELL_DETECT_WIRE_TALKS_H

#include "detect/series.h"

struct talk {
	struct addr src, dst;
	uint16_t port;
	struct str proto, service; /* service: absent: none known */
	int64_t ts;                /* µs since 1970 */
	double seconds;
	uint64_t src_bytes, dst_bytes;
	bool failed; /* its state says that the attempt failed */
};

struct talks_query {
	const struct addr *openers; /* sorted by addr_cmp, each once; borrowed */
	size_t n;
	const char *kinds; /* of anomaly, in whose rows they stand: a list of SQL */
};

/* Visit them all; each is borrowed until the call returns. Negative with *e set. */
int talks_read(const struct source *s, const struct talks_query *q,
    void (*visit)(void *ctx, const struct talk *t), void *ctx, struct error *e);

/* Sort n addresses and drop those that come twice: how many are left. */
size_t talks_openers(struct addr *v, size_t n);

#endif
