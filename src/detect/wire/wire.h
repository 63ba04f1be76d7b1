/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the detectors of odd things on the wire share: who of a row of anomaly is ours,
 * and how what they found becomes findings.
 */
#ifndef DWELL_DETECT_WIRE_WIRE_H
#define DWELL_DETECT_WIRE_WIRE_H

#include "detect/detector.h"
#include "detect/suspects.h"

/* Of the two ends of a row, the one that the finding is about. */
struct wire_pair {
	struct addr host, peer;
	enum direction direction;
	bool host_opened;
};

/*
 * The end at home is the host. Of two at home it is the one that was opened to, since
 * what comes in with a packet is what is looked for; where neither is at home, who
 * opened. False for a group or broadcast address, which is nobody's.
 */
bool wire_orient(const struct detect_options *o, const struct addr *src,
    const struct addr *dst, struct wire_pair *p);

/* Order of pairs: by host, then by peer. */
int wire_compare(const struct wire_pair *a, const struct wire_pair *b);

/* A suspect for the pair, without facts and statistics. NULL: no memory left. */
struct suspect *wire_suspect(struct suspects *l, const struct wire_pair *p, uint16_t port,
    struct str proto, double score);

/* Date the suspects, add what the memory knows of host and peer and of the time, and give
 * them to the sink as findings of that detector, highest score first; a score is of
 * decades, and what rank_p follows from where that is not set. */
int wire_emit(
    const struct detection *d, struct suspects *l, const char *detector, struct error *e);

#endif
