/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory to findings. A detector reads the store through SQL and gives findings; it
 * sees no packet, no clock and no randomness, so the same memory gives the same findings,
 * bit for bit. Each detector is one file and one line of detect_table.h.
 */
#ifndef DWELL_DETECT_DETECT_H
#define DWELL_DETECT_DETECT_H

#include "base/error.h"
#include "finding/finding.h"
#include "store/store.h"

struct detect_options {
	const struct net *home; /* borrowed; none: whoever opens is the host */
	size_t home_count;
	double false_alarms_per_day; /* the budget from which s* follows; default 0.1 */
	size_t held_max; /* connections that are held at a time; 0: CONNS_MAX */
};

/* Run every detector over the whole memory. 0, or negative with *e set. */
int detect_run(struct store *s, const struct detect_options *options,
    const struct finding_sink *sink, struct error *e);

/* Number of detectors, and name and one-line description of the i-th. */
size_t detect_count(void);
const char *detect_name(size_t i);
const char *detect_about(size_t i);

/* The k-th kind of state of the i-th detector, of which it holds so many of so many bytes
 * at most; i = detect_count(): what all share. False: it has no more. */
struct detect_state {
	const char *what;
	uint64_t bytes, most;
};
bool detect_state(size_t i, size_t k, struct detect_state *out);

#endif
