/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/judge.h"

#include <time.h>

#include "ask/hunt.h"
#include "detect/aliases.h"
#include "detect/detect.h"
#include "finding/case.h"
#include "finding/kept.h"
#include "report/report.h"

#define FALSE_ALARMS_PER_DAY 0.1
#define TEXT_LIMIT           (64u << 20) /* bytes of what joins findings to cases */

/* Put the rows of findings and cases into the open transaction. */
static void put_rows(const struct record_sink *sink, const struct kept *c,
    const struct dwell_case *cases, size_t case_count)
{
	struct arena scratch;
	arena_init(&scratch, 1u << 20);
	for (size_t i = 0; i < c->n; i++) {
		struct finding_record row;
		struct str summary = finding_summary(&c->v[i], LANGUAGE_EN, &scratch);
		finding_to_record(&c->v[i], summary, &scratch, &row);
		record_put(sink, RECORD_FINDING, &row);
		arena_reset(&scratch);
	}
	for (size_t i = 0; i < case_count; i++) {
		struct case_record row;
		struct str summary = case_summary(&cases[i], LANGUAGE_EN, &scratch);
		case_to_record(&cases[i], summary, &scratch, &row);
		record_put(sink, RECORD_CASE, &row);
		arena_reset(&scratch);
	}
	arena_fini(&scratch);
}

static int store_rows(struct store *s, const struct kept *c,
    const struct dwell_case *cases, size_t case_count, struct error *e)
{
	if (store_begin(s, e) < 0)
		return -1;
	store_replace_findings(s);
	struct record_sink sink = store_sink(s);
	put_rows(&sink, c, cases, case_count);
	if (store_failed(s, e) || store_commit(s, e) < 0) {
		store_abort(s);
		return -1;
	}
	return 0;
}

int judge(struct store *s, const struct home *home, struct judgement *j, struct error *e)
{
	struct kept c;
	struct arena joined;
	int result = -1;
	kept_init(&c, FINDINGS_MAX);
	arena_init(&joined, TEXT_LIMIT);
	struct detect_options options = {home->nets, home->count, FALSE_ALARMS_PER_DAY};
	struct finding_sink sink = {kept_put, &c};
	uint64_t fresh;
	int64_t today = (int64_t)time(NULL) / 86400;
	if (hunts_test(s, today, &fresh, e) < 0 || detect_run(s, &options, &sink, e) < 0)
		goto out;
	size_t case_count = 0;
	struct case_aliases aliases;
	if (aliases_read(&aliases, s, c.v, c.n, &joined, e) < 0)
		goto out;
	struct dwell_case *cases = cases_build(c.v, c.n, &aliases, &joined, &case_count);
	if (c.no_memory || (cases == NULL && c.n > 0)) {
		error_set(e, ERR_SYSTEM, "no memory for %zu findings", c.n);
		goto out;
	}
	result = store_rows(s, &c, cases, case_count, e);
	*j = (struct judgement){c.n, case_count, c.over_limit};
out:
	arena_fini(&joined);
	kept_fini(&c);
	return result;
}
