/* SPDX-License-Identifier: Apache-2.0 */
/* Cases and findings back from the memory's tables,
 * and what of the memory was looked at. */
#ifndef DWELL_REPORT_READ_H
#define DWELL_REPORT_READ_H

#include "base/arena.h"
#include "finding/case.h"
#include "report/budget.h"
#include "report/report.h"
#include "report/slices.h"
#include "store/store.h"

#define READ_CASES_MAX    1000 /* cases of one report */
#define READ_FINDINGS_MAX 200  /* findings of one case */

/* What the memory covers. */
struct span {
	struct moment from, to; /* first and last connection; MOMENT_NONE: none */
	uint64_t connections;
	uint64_t minutes;   /* minutes from first to last */
	uint64_t watched;   /* of these, minutes with traffic */
	uint64_t lost, cut; /* packets lost, packets cut short */
};

/* Read what the memory covers. Negative with *e set. */
int read_span(struct store *s, struct span *span, struct error *e);

/* Below so many seconds a memory without cases says that it is short. */
#define READ_SHORT_SECONDS (7 * 3600.0)

/* What was watched, over time; slices is set by the caller, everything else zero. */
struct traffic {
	struct slices slices;
	double packets[SLICES_MAX], lost[SLICES_MAX];
	int64_t silence; /* ns: the longest time without a packet */
	struct moment silence_from;
};

/* Read what was watched. Negative with *e set. */
int read_traffic(struct store *s, struct traffic *t, struct arena *a, struct error *e);

struct case_list {
	struct dwell_case *v;
	size_t n;
	uint64_t all;         /* cases to be shown, those not read included */
	uint64_t muted;       /* cases that are not, because they are muted */
	struct budget budget; /* when there is one */
};

/*
 * Read the cases, best first, as many as the options want (at most READ_CASES_MAX), with
 * their findings; what is muted is left out unless the options want it. Everything lives
 * in the arena. Negative with *e set.
 */
int read_cases(struct store *s, const struct report_options *o, struct arena *a,
    struct case_list *cases, struct error *e);

/* Read one finding by its id into *f;
 * 0 when there is none, 1 when found, negative with *e set. */
int read_finding(
    struct store *s, struct str id, struct arena *a, struct finding *f, struct error *e);

/* Read one case by its id; as read_finding. */
int read_case(struct store *s, struct str id, struct arena *a, struct dwell_case *c,
    struct error *e);

/* Set *e to what is said about an id that nothing has (ERR_USAGE) and give -1. */
int read_no_such_id(const char *id, struct error *e);

#endif
