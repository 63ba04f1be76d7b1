/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/asking.h"

#include "base/log.h"
#include "feed/pattern.h"

#define LINE_MAX_BYTES 4096

/* Every file that had something to say, one line each. */
static void note_feed(void *ctx, const struct feed_report *report)
{
	char line[LINE_MAX_BYTES];
	struct asking *a = ctx;
	feed_report_text(report, line, sizeof(line));
	/* What is of a kind that nobody keeps is said, and is no fault of the file. */
	bool unread = report->damaged || report->format == NULL ||
		      report->skipped[FEED_MALFORMED].count > 0 ||
		      report->skipped[FEED_TOO_LONG].count > 0 ||
		      report->skipped[FEED_OVER_LIMIT].count > 0;
	a->issues |= unread;
	for (int i = 0; i < FEED_SKIP_COUNT; i++)
		a->skipped += report->skipped[i].count;
	if (unread || feed_has_issues(report))
		log_warn("%s", line);
	else
		log_note("%s", line);
}

int asking_read(
    struct indicators *set, const char *path, struct asking *a, struct error *e)
{
	const struct feed_sink sink = {note_feed, a};
	return feed_read(set, path, &sink, e);
}

static bool has_span(struct moment from, struct moment until)
{
	return from.ns != INDICATOR_VALID_NONE.ns || until.ns != INDICATOR_VALID_NONE.ns;
}

void asking_note_validity(const struct indicators *set)
{
	size_t n = 0;
	for (size_t i = 0; i < indicators_count(set); i++) {
		struct indicator in;
		indicators_get(set, i, &in);
		n += !in.leaf && has_span(in.valid_from, in.valid_until);
	}
	for (size_t i = 0; i < indicators_pattern_count(set); i++) {
		const struct pattern *p = indicators_pattern(set, i);
		n += has_span(p->valid_from, p->valid_until);
	}
	if (n > 0)
		log_note("%zu of the indicators say from or until when they are valid; "
			 "they are looked for in the whole span all the same",
		    n);
}

/* Up to when rows of connections have decayed, of the span that begins with since;
 * MOMENT_NONE: none have. */
static int find_decayed(
    struct store *s, struct moment since, struct moment *decayed, struct error *e)
{
	*decayed = MOMENT_NONE;
	struct store_rows *r = store_query(
	    s, "SELECT max(span_end) FROM decay WHERE table_name = 'conn'", e);
	if (r == NULL)
		return -1;
	if (store_next(r))
		*decayed = store_time(r, 0);
	int status = store_rows_end(r, e);
	if (since.ns != MOMENT_NONE.ns && since.ns >= decayed->ns)
		*decayed = MOMENT_NONE;
	return status;
}

static int put_head(const struct options *o, const struct ask_report *r, struct error *e)
{
	if (o->stix || o->format == FORMAT_CSV)
		return 0;
	return o->format == FORMAT_JSON ? report_ask_json_head(r, stdout, e)
					: report_ask_text_head(r, stdout, e);
}

static int put_body(const struct options *o, const struct ask_report *r, struct error *e)
{
	if (o->stix)
		return report_ask_stix(r, stdout, e);
	if (o->format == FORMAT_CSV)
		return report_ask_csv(r, stdout, e);
	return o->format == FORMAT_JSON ? report_ask_json(r, stdout, e)
					: report_ask_text(r, stdout, e);
}

int asking_head(struct store *s, const struct options *o, struct ask_question *q,
    struct coverage *coverage, struct ask_report *r, struct error *e)
{
	*r = (struct ask_report){.set = q->set,
	    .coverage = coverage,
	    .language = o->language,
	    .colour = wants_colour(stdout),
	    .all = o->all};
	int raw = ask_needs_raw(s, e);
	r->raw = q->raw = raw > 0;
	if (raw < 0 || find_decayed(s, q->since, &r->decayed, e) < 0 ||
	    coverage_read(s, q->since, q->until, NULL, coverage, e) < 0)
		return -1;
	return put_head(o, r, e);
}

int asking_answer(struct store *s, const struct options *o, const struct ask_question *q,
    struct ask_report *r, struct asked *asked, struct error *e)
{
	struct error why;
	r->ask = asked->answers = ask_run(s, q, e);
	if (asked->answers == NULL)
		return -1;
	size_t n = ask_damage(asked->answers, &why);
	if (n > 0)
		log_warn("%s (%zu such files; the answers come from the rows "
			 "themselves, and the next scan makes the files anew)",
		    why.text, n);
	if (put_body(o, r, e) < 0)
		return -1;
	asked->count = ask_count_answers(r);
	return 0;
}
