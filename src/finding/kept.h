/* SPDX-License-Identifier: Apache-2.0 */
/* Findings that are kept, with all texts that they name, in the order in which they came.
 */
#ifndef DWELL_FINDING_KEPT_H
#define DWELL_FINDING_KEPT_H

#include "base/arena.h"
#include "finding/finding.h"

#define FINDINGS_MAX  20000 /* findings kept of one run; more are counted and said */
#define KEPT_TEXT_MAX (64u << 20) /* bytes of all texts */

struct kept {
	struct finding *v; /* owned */
	size_t n, room, max;
	size_t over_limit; /* came when there were max */
	struct arena texts;
	bool no_memory; /* some are missing, or some of their texts */
};

/* Keep none yet, and at most max. */
void kept_init(struct kept *k, size_t max);

/* Keep a copy: finding_sink.put with ctx = struct kept. */
void kept_put(void *ctx, const struct finding *f);

/* Free them. */
void kept_fini(struct kept *k);

#endif
