/* SPDX-License-Identifier: Apache-2.0 */
#include "report/budget.h"

#include <math.h>

#include "report/sentences.h"

#define SECONDS_PER_DAY 86400
#define RATE_LEAST      1e-4 /* a rate that is lower is told as this one */

static double memory_days(struct store *s, struct error *e)
{
	double days = -1;
	struct store_rows *r =
	    store_query(s, "SELECT epoch(max(ts)) - epoch(min(ts)) FROM conn", e);
	if (r != NULL && store_next(r) && !store_is_null(r, 0))
		days = store_real(r, 0) / SECONDS_PER_DAY;
	if (r == NULL || store_rows_failed(r, e)) {
		store_rows_free(r);
		return -1;
	}
	store_rows_free(r);
	return days < 1 ? 1 : days;
}

int budget_read(struct budget *b, struct store *s, const struct report_options *o,
    const struct muted_cases *hidden, struct error *e)
{
	*b = (struct budget){.days = memory_days(s, e)};
	if (b->days < 0)
		return -1;
	/* Cases of an older memory do not say: they cost one. */
	struct store_rows *r = store_query(s,
	    "SELECT id, rank, coalesce(expected_false, 1) FROM cases ORDER BY rank, id",
	    e);
	if (r == NULL)
		return -1;
	bool open = true;
	size_t skipped = 0;
	while (store_next(r)) {
		/* Both are in order of rank. */
		if (skipped < hidden->n &&
		    str_equal(hidden->ids[skipped], store_text(r, 0))) {
			skipped++;
			continue;
		}
		double cost = store_real(r, 2);
		b->all++;
		open = open && b->expected + cost <= o->budget * b->days;
		if (!open)
			continue;
		b->expected += cost;
		b->shown++;
		b->last_rank = store_uint(r, 1);
	}
	return store_rows_end(r, e);
}

struct str budget_words(
    const struct budget *b, const struct report_options *o, struct arena *a)
{
	const struct slot slots[] = {{"n", words_count((double)b->shown, a)},
	    {"all", words_count((double)b->all, a)},
	    {"rate", words_real(fmax(b->expected / b->days, RATE_LEAST), a)},
	    {"asked", words_real(o->budget, a)}};
	return sentence_fill(SENTENCE_BUDGET, o->language, slots, 4, a);
}
