/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the last judgement said of a time whose connections have decayed since. A finding
 * that reaches behind the horizon (past.h) keeps its date, its sizes and its confidence
 * when it is made again, and is carried over as it was when its detector can no longer
 * see it. One that rests on rows that are still there alone is made anew, and may vanish.
 */
#ifndef DWELL_DETECT_CARRY_H
#define DWELL_DETECT_CARRY_H

#include "base/arena.h"
#include "detect/context.h"

#define CARRY_MAX       65536       /* findings of the last judgement that are carried */
#define CARRY_TEXTS_MAX (64u << 20) /* bytes of their texts */

struct carried {
	struct finding finding; /* as the last judgement had it */
	bool again;             /* this one has it too */
	int64_t last;           /* µs since 1970: its last packet by the roll-ups */
	uint64_t missed;
};

struct carry {
	int64_t horizon;
	struct carried *v; /* by id; owned */
	size_t n, room;
	size_t over_limit;
	struct arena texts;
	const struct finding_sink *sink; /* borrowed */
};

/* Read the findings that reach behind the horizon; none where nothing has decayed. Later
 * findings go to the sink. Negative with *e set; carry_fini is due in every case. */
int carry_open(struct carry *c, const struct past *past, struct store *s,
    const struct finding_sink *sink, struct error *e);
void carry_fini(struct carry *c);

/* A finding of this judgement: finding_sink.put with ctx = struct carry. */
void carry_put(void *ctx, const struct finding *f);

/* The detector sees that finding and does not tell it, as another one tells the same. */
void carry_drop(struct carry *c, const struct finding *f);

/* Hand on those that were not made again. Negative with *e set. */
int carry_over(
    struct carry *c, const struct context *context, struct store *s, struct error *e);

#endif
