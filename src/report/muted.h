/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the cases is muted (store/mute.h). A case is muted when a mute covers each of
 * its findings. A finding that is muted in a case that is not is left out of it, and what
 * the case says of dates and confidence is that of the others.
 */
#ifndef DWELL_REPORT_MUTED_H
#define DWELL_REPORT_MUTED_H

#include "finding/case.h"
#include "report/report.h"

/* The cases that are muted, in order of rank. */
struct muted_cases {
	struct str *ids; /* in the arena */
	size_t n, room;
	uint64_t all; /* cases of the memory */
};

/* Find them. Negative with *e set. */
int muted_read(struct store *s, const struct report_options *o, struct arena *a,
    struct muted_cases *m, struct error *e);

/* Whether a case is one of them. */
bool muted_has(const struct muted_cases *m, struct str id);

/* The mute of a finding of that case (absent: by itself); NULL: none. Borrowed. */
const struct mute *muted_finding(
    const struct report_options *o, const struct finding *f, struct str case_id);

/* The mute of a case, which holds for all its findings; NULL: none. */
const struct mute *muted_case(const struct report_options *o, const struct dwell_case *c);

/* Take the muted findings out of the case. */
void muted_trim(const struct report_options *o, struct dwell_case *c);

/* Why it is muted, who said so, when and until when. In the arena. */
struct str muted_words(const struct mute *m, enum language l, struct arena *a);

#endif
