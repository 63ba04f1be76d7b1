/* SPDX-License-Identifier: Apache-2.0 */
/* The timeline of a case: what began and what ended when, over all its findings. */
#ifndef DWELL_REPORT_STORY_H
#define DWELL_REPORT_STORY_H

#include "finding/case.h"
#include "report/report.h"

#define STORY_MAX 60 /* lines; of a longer one the first and the last are told */

struct story {
	struct story_line {
		struct moment at;
		struct str text; /* a sentence; absent: lines are left out here */
	} line[STORY_MAX + 1];
	size_t n;
	size_t left_out;
};

/*
 * Tell the findings of a case that are worth a look, or as sure as the case, in order of
 * time. Texts live in the arena; a case of one finding has no story beyond it: n is 0.
 */
void story_tell(
    struct story *s, const struct dwell_case *c, enum language l, struct arena *a);

#endif
