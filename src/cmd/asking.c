/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/asking.h"

#include "base/log.h"

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

int asking_head(const struct options *o, const struct ask_report *r, struct error *e)
{
	if (o->stix || o->format == FORMAT_CSV)
		return 0;
	return o->format == FORMAT_JSON ? report_ask_json_head(r, stdout, e)
					: report_ask_text_head(r, stdout, e);
}

int asking_body(const struct options *o, const struct ask_report *r, struct error *e)
{
	if (o->stix)
		return report_ask_stix(r, stdout, e);
	if (o->format == FORMAT_CSV)
		return report_ask_csv(r, stdout, e);
	return o->format == FORMAT_JSON ? report_ask_json(r, stdout, e)
					: report_ask_text(r, stdout, e);
}

int asking_decayed(
    struct store *s, struct moment since, struct moment *decayed, struct error *e)
{
	*decayed = MOMENT_NONE;
	struct store_rows *r = store_query(
	    s, "SELECT max(span_end) FROM decay WHERE table_name = 'conn'", e);
	if (r == NULL)
		return -1;
	if (store_next(r))
		*decayed = store_time(r, 0);
	int status = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	if (since.ns != MOMENT_NONE.ns && since.ns >= decayed->ns)
		*decayed = MOMENT_NONE;
	return status;
}
