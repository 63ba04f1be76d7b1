/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/judge.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask/hunt.h"
#include "detect/aliases.h"
#include "detect/detect.h"
#include "finding/case.h"
#include "report/report.h"

#define FALSE_ALARMS_PER_DAY 0.1
#define TEXT_LIMIT           (64u << 20) /* bytes of all texts of all findings */

struct collection {
	struct finding *v;
	size_t n, room;
	size_t over_limit;
	struct arena texts;
	bool no_memory;
};

static const char *text_z(struct arena *a, const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = arena_alloc(a, n);
	if (copy != NULL)
		memcpy(copy, text, n);
	return copy;
}

/* The texts of a finding, which are borrowed for the call. */
static bool keep_texts(struct collection *c, struct finding *f)
{
	f->peer = str_copy(&c->texts, f->peer);
	f->proto = str_copy(&c->texts, f->proto);
	f->detector = text_z(&c->texts, f->detector);
	for (size_t i = 0; i < ATTACK_MAX && f->attack[i] != NULL; i++)
		f->attack[i] = text_z(&c->texts, f->attack[i]);
	for (size_t i = 0; i < f->fact_count; i++)
		f->facts[i].text = str_copy(&c->texts, f->facts[i].text);
	return f->detector != NULL;
}

static void collect(void *ctx, const struct finding *f)
{
	struct collection *c = ctx;
	if (c->n == FINDINGS_MAX) {
		c->over_limit++;
		return;
	}
	if (c->n == c->room) {
		size_t room = c->room > 0 ? 2 * c->room : 64;
		struct finding *v = realloc(c->v, room * sizeof(*v));
		if (v == NULL) {
			c->no_memory = true;
			return;
		}
		c->v = v;
		c->room = room;
	}
	struct finding *copy = &c->v[c->n++];
	*copy = *f;
	if (!keep_texts(c, copy))
		c->no_memory = true;
}

/* Put the rows of findings and cases into the open transaction. */
static void put_rows(const struct record_sink *sink, const struct collection *c,
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

static int store_rows(struct store *s, const struct collection *c,
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
	struct collection c = {0};
	struct arena joined;
	int result = -1;
	arena_init(&c.texts, TEXT_LIMIT);
	arena_init(&joined, TEXT_LIMIT);
	struct detect_options options = {home->nets, home->count, FALSE_ALARMS_PER_DAY};
	struct finding_sink sink = {collect, &c};
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
	arena_fini(&c.texts);
	free(c.v);
	return result;
}
