/* SPDX-License-Identifier: Apache-2.0 */
/* dwell cases, dwell show, dwell report:
 * what the detectors found, read from the memory. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "report/budget.h"
#include "report/muted.h"

static const struct command_text cases_text = {"cases", "[-m MEMORY]",
    "Print the ranked cases of the memory.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_ALL | OPTION_MUTED |
	OPTION_BUDGET | OPTION_EXIT_CODE | OPTION_QUIET};

static const struct command_text show_text = {"show", "[-m MEMORY] ID",
    "Print one case or finding: what speaks for it and against it, "
    "its dates, its timeline.",
    OPTION_MEMORY | OPTION_FORMAT | OPTION_LANG | OPTION_QUIET};

static const struct command_text report_text = {"report", "[-m MEMORY] -o FILE.html",
    "Write one self-contained page with all cases; it opens from disk "
    "and needs no network.",
    OPTION_MEMORY | OPTION_OUTPUT | OPTION_LANG | OPTION_MUTED | OPTION_BUDGET |
	OPTION_QUIET};

#define CASES_SHOWN 10          /* without --all */
#define MUTED_ARENA (64u << 20) /* bytes of the ids of muted cases */

/* How the options want cases to look, and what is muted today. */
static int choose_look(struct store *s, const struct options *o, struct mutes *mutes,
    struct report_options *look, struct error *e)
{
	*look = (struct report_options){.language = o->language,
	    .colour = wants_colour(stdout),
	    .most = o->all ? 0 : CASES_SHOWN,
	    .memory = o->memory_given ? o->memory : NULL,
	    .mutes = mutes,
	    .today = time(NULL) / 86400,
	    .muted = o->muted,
	    .budget = o->budget};
	if (mutes_load(mutes, s, e) < 0)
		return -1;
	if (mutes->damaged > 0)
		log_warn("%s/" MUTE_FILE ": lines that are not understood: %zu",
		    o->memory, mutes->damaged);
	return 0;
}

/* Ids are of letters and digits. A memory from elsewhere may hold others. */
static bool is_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!isalnum((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

/* Put the cases that are not muted, as the query's list of ids. */
static void put_ids(FILE *out, const struct muted_cases *m, uint64_t last_rank)
{
	fputs("SELECT * FROM cases WHERE id NOT IN (''", out);
	for (size_t i = 0; i < m->n; i++) {
		if (is_id(m->ids[i]))
			fprintf(out, ",'%.*s'", STR_ARG(m->ids[i]));
	}
	fprintf(out, ") AND rank <= %llu ORDER BY rank", (unsigned long long)last_rank);
}

static int print_csv(
    struct store *s, const struct muted_cases *m, uint64_t last_rank, struct error *e)
{
	char *sql = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&sql, &n);
	if (out == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for a query");
	put_ids(out, m, last_rank);
	struct store_rows *r = fclose(out) == 0 ? store_query(s, sql, e) : NULL;
	int result = r != NULL ? format_rows(r, FORMAT_CSV, stdout, e) : -1;
	store_rows_free(r);
	free(sql);
	return result;
}

/* JSON and CSV have no line of their own for what is left out. */
static int print_rows(struct store *s, const struct options *o,
    const struct report_options *look, struct error *e)
{
	struct arena a;
	struct muted_cases hidden = {0};
	arena_init(&a, MUTED_ARENA);
	struct budget budget = {.last_rank = INT64_MAX};
	int result = look->muted ? 0 : muted_read(s, look, &a, &hidden, e);
	if (result == 0 && look->budget > 0)
		result = budget_read(&budget, s, look, &hidden, e);
	if (result == 0)
		result = o->format == FORMAT_JSON
			     ? report_cases_json(s, look, stdout, e)
			     : print_csv(s, &hidden, budget.last_rank, e);
	if (result == 0 && budget.shown < budget.all)
		log_note("cases beyond the budget: %llu",
		    (unsigned long long)(budget.all - budget.shown));
	if (result == 0 && hidden.n > 0)
		log_note("muted cases: %zu (--muted shows them)", hidden.n);
	arena_fini(&a);
	return result;
}

int print_cases(struct store *s, const struct options *o, struct error *e)
{
	struct mutes mutes;
	struct report_options look;
	int result = choose_look(s, o, &mutes, &look, e);
	if (result == 0)
		result = o->format == FORMAT_TABLE
			     ? report_cases_text(s, &look, stdout, e)
			     : print_rows(s, o, &look, e);
	mutes_free(&mutes);
	return result;
}

int count_cases(struct store *s, const struct options *o, uint64_t *n, struct error *e)
{
	struct arena a;
	struct mutes mutes;
	struct report_options look;
	struct muted_cases m;
	arena_init(&a, MUTED_ARENA);
	int result = choose_look(s, o, &mutes, &look, e);
	if (result == 0)
		result = muted_read(s, &look, &a, &m, e);
	struct budget budget;
	if (result == 0)
		*n = m.all - m.n;
	if (result == 0 && look.budget > 0) {
		result = budget_read(&budget, s, &look, &m, e);
		*n = budget.shown;
	}
	mutes_free(&mutes);
	arena_fini(&a);
	return result;
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
	if (s == NULL || print_cases(s, &o, &e) < 0 ||
	    (o.exit_code && count_cases(s, &o, &n, &e) < 0))
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
	struct mutes mutes = {0};
	struct report_options look;
	int result = s != NULL ? choose_look(s, &o, &mutes, &look, &e) : -1;
	if (result == 0 && o.format == FORMAT_JSON)
		result = report_show_json(s, o.rest[0], &look, stdout, &e);
	else if (result == 0)
		result = report_show_text(s, o.rest[0], &look, stdout, &e);
	if (result < 0)
		status = report_error(&e);
	mutes_free(&mutes);
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
	struct mutes mutes = {0};
	struct report_options look;
	if (s == NULL || choose_look(s, &o, &mutes, &look, &e) < 0 ||
	    write_page(s, o.output, &look, &e) < 0)
		status = report_error(&e);
	else
		log_note("wrote %s", o.output);
	mutes_free(&mutes);
	store_close(s);
	return status;
}
