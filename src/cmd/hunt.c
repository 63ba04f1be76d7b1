/* SPDX-License-Identifier: Apache-2.0 */
/* dwell hunt: indicators that the memory goes on looking for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask/hunt.h"
#include "base/log.h"
#include "cmd/asking.h"
#include "cmd/commands.h"
#include "cmd/home.h"
#include "cmd/judge.h"
#include "engine/sql.h"
#include "store/coverage.h"
#include "sys/file.h"

static const struct command_text text = {"hunt",
    "add [-m MEMORY] FEED|INDICATOR... --note TEXT [--until DATE]\n"
    "       dwell hunt list|show ID|remove ID [-m MEMORY]",
    "Look for indicators in all that the memory holds, and go on looking in all that\n"
    "comes, late records too. What is met becomes a finding. Words that name a file or\n"
    "folder are feeds, others indicators, as dwell ask takes them; -f FEED says so.",
    OPTION_MEMORY | OPTION_FEED | OPTION_NOTE | OPTION_UNTIL | OPTION_FORMAT_STIX |
	OPTION_HOME | OPTION_LANG | OPTION_ALL_ANSWERS | OPTION_EXIT_FOUND |
	OPTION_QUIET};

#define SOURCE_MAX HUNT_TEXT_MAX

static int64_t today(void)
{
	return (int64_t)time(NULL) / 86400;
}

/* ---- asking ---- */

/* Ask for the set and print the answers; asked->answers is to be freed. */
static int ask_and_print(struct store *s, const struct options *o,
    const struct home *home, const struct indicators *set, struct moment until,
    struct asked *asked)
{
	struct error e = {0};
	struct coverage coverage;
	struct ask_report r;
	struct ask_question q = {.set = set,
	    .home = home->nets,
	    .homes = home->count,
	    .home_guessed = home->guessed,
	    .since = MOMENT_NONE,
	    .until = until};
	asking_note_validity(set);
	if (asking_head(s, o, &q, &coverage, &r, &e) < 0)
		return report_error(&e);
	r.from_files = true;
	return asking_answer(s, o, &q, &r, asked, &e) < 0 ? report_error(&e) : 0;
}

/* Findings anew: a hunt came or went. */
static int judge_again(struct store *s, const struct home *home, struct error *e)
{
	struct judgement j = {0};
	return judge(s, home, &j, e);
}

/* ---- add ---- */

/* What is to be added. */
struct addition {
	struct indicators *set;
	struct asking asking;
	char source[SOURCE_MAX + 1]; /* names of feeds, joined */
	size_t n;                    /* its bytes */
	bool words;                  /* some came from the command line */
};

static void add_source(struct addition *a, const char *name)
{
	size_t room = sizeof(a->source) - a->n;
	int n = snprintf(a->source + a->n, room, "%s%s", a->n > 0 ? ", " : "", name);
	if (n > 0 && (size_t)n < room)
		a->n += (size_t)n;
	else
		a->source[a->n] = '\0';
}

static int read_feed(struct addition *a, const char *path, struct error *e)
{
	add_source(a, path);
	return asking_read(a->set, path, &a->asking, e) < 0 ? report_error(e) : 0;
}

/* Read what the command line names; 0, or the exit status when that can not be. */
static int read_all(struct addition *a, const struct options *o, struct error *e)
{
	const char *why = NULL;
	int status = 0;
	for (size_t i = 1; status == 0 && i < o->rest_count; i++) {
		const char *word = o->rest[i];
		if (strcmp(word, "-") == 0 || file_exists(word)) {
			status = read_feed(a, word, e);
			continue;
		}
		if (!indicators_add_word(a->set, word, &why))
			return usage_error(
			    &text, "'%s': no such file, and %s", word, why);
		if (!a->words)
			add_source(a, "command line");
		a->words = true;
	}
	for (size_t i = 0; status == 0 && i < o->feed_count; i++)
		status = read_feed(a, o->feeds[i], e);
	if (status == 0 && indicators_count(a->set) == 0)
		status = usage_error(&text, "there is no indicator in %s", a->source);
	return status;
}

static void describe(struct hunt *h, const struct addition *a, const struct options *o)
{
	*h = (struct hunt){.note = str_of(o->note),
	    .source = {a->source, a->n},
	    .added = moment_from((int64_t)time(NULL), 0),
	    .until = HUNT_FOREVER,
	    .patterns = indicators_pattern_count(a->set),
	    .skipped = a->asking.skipped};
	if (o->until.ns != MOMENT_NONE.ns)
		h->until = moment_day(o->until) - 1;
	for (size_t i = 0; i < indicators_count(a->set); i++) {
		struct indicator in;
		indicators_get(a->set, i, &in);
		h->indicators += !in.leaf;
	}
}

static int keep(struct store *s, const struct home *home, struct hunt *h,
    const struct addition *a, const struct asked *asked)
{
	struct error e = {0};
	struct hunt_met met;
	if (hunt_met_of(&met, a->set, asked->answers, &e) < 0)
		return report_error(&e);
	int status = hunt_add(s, h, a->set, &met, &e);
	hunt_met_free(&met);
	if (status < 0 || judge_again(s, home, &e) < 0)
		return report_error(&e);
	log_note("hunt %s: %" PRIu64 " indicator%s and %" PRIu64 " pattern%s, %" PRIu64
		 " of them seen so far (dwell hunt show %s)",
	    h->id, h->indicators, h->indicators == 1 ? "" : "s", h->patterns,
	    h->patterns == 1 ? "" : "s", asked->count.seen, h->id);
	if (!hunt_holds(h, today()))
		log_warn(
		    "hunt %s ends before today: nothing that comes is tested", h->id);
	return 0;
}

static int add(const struct options *o)
{
	struct error e = {0};
	struct home home;
	struct addition a = {.set = indicators_new()};
	struct asked asked = {0};
	struct hunt h;
	if (a.set == NULL) {
		error_set(&e, ERR_SYSTEM, "no memory for the indicators");
		return report_error(&e);
	}
	int status = read_all(&a, o, &e);
	struct store *s = NULL;
	if (status == 0) {
		describe(&h, &a, o);
		s = store_open(o->memory, STORE_READ, &e); /* it must be there */
		store_close(s);
		s = s != NULL ? store_open(o->memory, STORE_WRITE, &e) : NULL;
		if (s == NULL || home_choose(&home, s, o, &e) < 0)
			status = report_error(&e);
	}
	if (status == 0)
		status = ask_and_print(s, o, &home, a.set, hunt_end(&h), &asked);
	if (status == 0)
		status = keep(s, &home, &h, &a, &asked);
	if (status == 0 && o->exit_code && asked.count.seen > 0)
		status = 1;
	else if (status == 0 && a.asking.issues)
		status = 3;
	ask_free(asked.answers);
	store_close(s);
	indicators_free(a.set);
	return status;
}

/* ---- list ---- */

static void put_row(struct sql *sql, const struct hunt *h, bool first)
{
	char added[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX];
	added[moment_text(h->added, added) - 1] = '\0';
	sql_format(sql, "%s('%s','%s',TIMESTAMP '%s',", first ? "" : ",", h->id,
	    hunt_holds(h, today()) ? "active" : "expired", added);
	if (h->until != HUNT_FOREVER) {
		moment_text_day(moment_from(h->until * 86400, 0), until);
		sql_format(sql, "DATE '%s'", until);
	} else {
		sql_put(sql, "NULL::DATE");
	}
	sql_format(sql,
	    ",%" PRIu64 "::UBIGINT,%" PRIu64 "::UBIGINT,%" PRIu64 "::UBIGINT,%" PRIu64
	    "::UBIGINT,",
	    h->indicators, h->patterns, h->skipped, h->met);
	sql_quote_str(sql, h->note);
	sql_put(sql, ",");
	sql_quote_str(sql, h->source);
	sql_format(sql, ",'%s')", h->digest);
}

/* Rows of hunts, as a query's are printed: those that one points to, or all (NULL). */
static int print_rows(struct store *s, const struct options *o, const struct hunts *all,
    const struct hunt *one, struct error *e)
{
	static const char none[] =
	    "('','',TIMESTAMP '1970-01-01',NULL::DATE,0::UBIGINT,0::UBIGINT,0::UBIGINT,"
	    "0::UBIGINT,'','','')";
	struct sql sql = sql_start();
	bool first = true;
	sql_put(&sql, "SELECT * FROM (VALUES ");
	for (size_t i = 0; i < all->n; i++) {
		if (one != NULL && one != &all->v[i])
			continue;
		put_row(&sql, &all->v[i], first);
		first = false;
	}
	sql_put(&sql, first ? none : "");
	sql_put(&sql, ") AS h(id,state,added,until,indicators,patterns,skipped,met,note,"
		      "source,digest) WHERE id<>''");
	const char *query = sql_text(&sql, e);
	struct store_rows *r = query != NULL ? store_query(s, query, e) : NULL;
	int status = r != NULL ? format_rows(r, o->format, stdout, e) : -1;
	store_rows_free(r);
	sql_free(&sql);
	return status;
}

static int list(struct store *s, const struct options *o, struct error *e)
{
	struct hunts all;
	int status = hunts_load(&all, s, e);
	if (status == 0)
		status = print_rows(s, o, &all, NULL, e);
	hunts_free(&all);
	return status;
}

/* ---- show ---- */

/* The hunt, then the answers for all of it that was met. */
static int show_one(struct store *s, const struct options *o, const struct hunts *all,
    const struct hunt *h, struct error *e)
{
	struct home home;
	struct asked asked = {0};
	if ((!o->stix && print_rows(s, o, all, h, e) < 0) ||
	    home_choose(&home, s, o, e) < 0)
		return -1;
	if (!o->stix && o->format == FORMAT_CSV)
		return 0;
	if (!o->stix && o->format == FORMAT_TABLE)
		putchar('\n');
	struct indicators *set = hunt_read(s, h, !o->all, e);
	if (set == NULL)
		return -1;
	int status = ask_and_print(s, o, &home, set, hunt_end(h), &asked);
	if (status != 0)
		error_set(e, ERR_SYSTEM, "hunt %s could not be shown", h->id);
	ask_free(asked.answers);
	indicators_free(set);
	return status == 0 ? 0 : -1;
}

static int no_such_hunt(const char *id, struct error *e)
{
	return error_set(e, ERR_USAGE, "there is no hunt '%s' (dwell hunt list)", id);
}

static int show(struct store *s, const struct options *o, struct error *e)
{
	struct hunts all;
	int status = hunts_load(&all, s, e);
	const struct hunt *h = status == 0 ? hunts_find(&all, str_of(o->rest[1])) : NULL;
	if (status == 0)
		status =
		    h != NULL ? show_one(s, o, &all, h, e) : no_such_hunt(o->rest[1], e);
	hunts_free(&all);
	return status;
}

/* ---- remove ---- */

static int take_away(struct store *s, const struct options *o, struct error *e)
{
	struct home home;
	if (hunt_remove(s, str_of(o->rest[1]), e) < 0 ||
	    home_choose(&home, s, o, e) < 0 || judge_again(s, &home, e) < 0)
		return -1;
	log_note("hunt %s is removed, and its findings", o->rest[1]);
	return 0;
}

/* ---- */

/* Whether a word is the action; show and remove take an id. */
static bool is_action(const struct options *o, const char *name, size_t words)
{
	return strcmp(o->rest[0], name) == 0 && o->rest_count == words;
}

static int act(const struct options *o)
{
	struct error e = {0};
	bool write = strcmp(o->rest[0], "remove") == 0;
	struct store *s = store_open(o->memory, STORE_READ, &e);
	int status = s != NULL ? 0 : -1;
	if (status == 0 && write) {
		store_close(s);
		s = store_open(o->memory, STORE_WRITE, &e);
		status = s != NULL ? take_away(s, o, &e) : -1;
	} else if (status == 0) {
		status =
		    strcmp(o->rest[0], "list") == 0 ? list(s, o, &e) : show(s, o, &e);
	}
	store_close(s);
	return status < 0 ? report_error(&e) : 0;
}

static int choose(const struct options *o)
{
	if (o->rest_count == 0)
		return usage_error(&text, "say add, list, show ID or remove ID");
	if (strcmp(o->rest[0], "add") == 0) {
		if (o->rest_count == 1 && o->feed_count == 0)
			return usage_error(&text, "name a feed or an indicator");
		if (o->note == NULL)
			return usage_error(&text, "say what for: --note TEXT");
		return add(o);
	}
	if (!is_action(o, "list", 1) && !is_action(o, "show", 2) &&
	    !is_action(o, "remove", 2))
		return usage_error(&text, "say add, list, show ID or remove ID");
	if (o->stix && !is_action(o, "show", 2))
		return usage_error(&text, "--format stix is for show");
	return act(o);
}

int cmd_hunt(int argc, char **argv)
{
	/* Not on the stack: with what the actions keep there it would be too much. */
	struct options *o = malloc(sizeof(*o));
	int status = 4;
	if (o == NULL)
		log_warn("no memory for the command line");
	else if (options_parse(o, &text, argc, argv, &status))
		status = choose(o);
	free(o);
	return status;
}
