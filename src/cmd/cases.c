/* SPDX-License-Identifier: Apache-2.0 */
/* dwell cases, dwell show, dwell report:
 * what the detectors found, read from the memory. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/options.h"

static const struct command_text cases_text = {"cases", "[-m MEMORY]",
    "Print the ranked cases of the memory.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_ALL | OPTION_EXIT_CODE |
	OPTION_QUIET};

static const struct command_text show_text = {"show", "[-m MEMORY] ID",
    "Print one case or finding: what speaks for it and against it, "
    "its dates, its timeline.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_QUIET};

static const struct command_text report_text = {"report", "[-m MEMORY] -o FILE.html",
    "Write one self-contained page with all cases; it opens from disk "
    "and needs no network.",
    OPTION_MEMORY | OPTION_OUTPUT | OPTION_LANG | OPTION_QUIET};

#define CASES_SHOWN 10 /* without --all */

static int print_csv(struct store *s, struct error *e)
{
	struct store_rows *r = store_query(s, "SELECT * FROM cases ORDER BY rank", e);
	if (r == NULL)
		return -1;
	int result = format_rows(r, FORMAT_CSV, stdout, e);
	store_rows_free(r);
	return result;
}

static int count_cases(struct store *s, uint64_t *n, struct error *e)
{
	struct store_rows *r = store_query(s, "SELECT count(*) FROM cases", e);
	if (r == NULL)
		return -1;
	*n = store_next(r) ? store_uint(r, 0) : 0;
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

int print_cases(struct store *s, const struct options *o, struct error *e)
{
	const struct report_options look = {.language = o->language,
	    .colour = wants_colour(stdout),
	    .most = o->all ? 0 : CASES_SHOWN,
	    .memory = o->memory_given ? o->memory : NULL};
	switch (o->format) {
	case FORMAT_JSON:
		return report_cases_json(s, &look, stdout, e);
	case FORMAT_CSV:
		return print_csv(s, e);
	case FORMAT_TABLE:
		break;
	}
	return report_cases_text(s, &look, stdout, e);
}

int cmd_cases(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status = 0;
	uint64_t n = 0;
	if (!options_parse(&o, &cases_text, argc, argv, &status))
		return status;
	if (o.rest_count > 0)
		return usage_error(&cases_text, "'%s' is too much", o.rest[0]);
	struct store *s = store_open(o.memory, STORE_READ, &e);
	if (s == NULL || print_cases(s, &o, &e) < 0 || count_cases(s, &n, &e) < 0)
		status = report_error(&e);
	else if (o.exit_code && n > 0)
		status = 1;
	store_close(s);
	return status;
}

int cmd_show(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status = 0;
	if (!options_parse(&o, &show_text, argc, argv, &status))
		return status;
	if (o.rest_count != 1)
		return usage_error(&show_text, "name one case or finding by its id");
	if (o.format == FORMAT_CSV)
		return usage_error(
		    &show_text, "a case is no table: --format table or json");
	struct store *s = store_open(o.memory, STORE_READ, &e);
	struct report_options look = {.language = o.language,
	    .colour = wants_colour(stdout),
	    .memory = o.memory_given ? o.memory : NULL};
	int result = -1;
	if (s != NULL && o.format == FORMAT_JSON)
		result = report_show_json(s, o.rest[0], &look, stdout, &e);
	else if (s != NULL)
		result = report_show_text(s, o.rest[0], &look, stdout, &e);
	if (result < 0)
		status = report_error(&e);
	store_close(s);
	return status;
}

/* Write the page aside and rename it, so that a failure leaves no half page. */
static int write_page(
    struct store *s, const char *path, const struct report_options *look, struct error *e)
{
	char aside[4096];
	int n = snprintf(aside, sizeof(aside), "%s.part", path);
	if (n < 0 || (size_t)n >= sizeof(aside))
		return error_set(e, ERR_USAGE, "%s: the name is too long", path);
	FILE *out = fopen(aside, "w");
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "%s: %s", aside, strerror(errno));
	int result = report_html(s, look, out, e);
	if (fclose(out) != 0 && result == 0)
		result = error_set(e, ERR_SYSTEM, "%s: %s", aside, strerror(errno));
	if (result == 0 && rename(aside, path) != 0)
		result = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (result < 0)
		remove(aside);
	return result;
}

int cmd_report(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status = 0;
	if (!options_parse(&o, &report_text, argc, argv, &status))
		return status;
	if (o.rest_count > 0)
		return usage_error(&report_text, "'%s' is too much", o.rest[0]);
	if (o.output == NULL)
		return usage_error(
		    &report_text, "say where to write the page: -o FILE.html");
	struct store *s = store_open(o.memory, STORE_READ, &e);
	struct report_options look = {.language = o.language};
	if (s == NULL || write_page(s, o.output, &look, &e) < 0)
		status = report_error(&e);
	else
		log_note("wrote %s", o.output);
	store_close(s);
	return status;
}
