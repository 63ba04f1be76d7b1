/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A budget of false findings (doc/decisions/budget.md): as many
 * of the first cases are shown as keep the false ones that are to be expected below what
 * the user states. A case of high confidence whose test has a rate from theory costs that
 * much; any other costs one, as if it were false.
 */
#ifndef DWELL_REPORT_BUDGET_H
#define DWELL_REPORT_BUDGET_H

#include "report/muted.h"

struct budget {
	uint64_t last_rank;  /* of the cases that are shown; 0: none is */
	uint64_t shown, all; /* cases, without those that are muted */
	double expected;     /* false cases among those shown, at most */
	double days;         /* of the memory, at least 1 */
};

/* How far down the options' budget reaches. Negative with *e set. */
int budget_read(struct budget *b, struct store *s, const struct report_options *o,
    const struct muted_cases *hidden, struct error *e);

/* What the budget left out, and what it promises, in a sentence. In the arena. */
struct str budget_words(
    const struct budget *b, const struct report_options *o, struct arena *a);

#endif
