/* SPDX-License-Identifier: Apache-2.0 */
/* dwell ask: did one of ours ever meet this, since when, how much? */
#include <string.h>

#include "ask/ask.h"
#include "cmd/asking.h"
#include "cmd/commands.h"
#include "cmd/home.h"
#include "store/coverage.h"

static const struct command_text text = {"ask", "[-m MEMORY] INDICATOR... | -f FEED",
    "Look for indicators in all the years that the memory holds: addresses, networks\n"
    "(192.0.2.0/24), names (with all below them), URLs, user agents, hashes of\n"
    "certificates, JA3, JA3S, JA4, HASSH. KIND:VALUE says what a value is (ja3:…).\n"
    "A feed is a list, CSV, STIX 2.1, MISP, Zeek intelligence, OpenIOC or a Suricata\n"
    "dataset, plain or compressed.",
    OPTION_MEMORY | OPTION_FEED | OPTION_SINCE | OPTION_UNTIL | OPTION_FORMAT_STIX |
	OPTION_LANG | OPTION_ALL_ANSWERS | OPTION_EXIT_FOUND | OPTION_QUIET};

/* Read the command line's words and files; the exit status when that can not be (0: it
 * can). */
static int read_set(
    struct indicators *set, const struct options *o, struct asking *a, struct error *e)
{
	const char *why = NULL;
	for (size_t i = 0; i < o->rest_count; i++) {
		if (!indicators_add_word(set, o->rest[i], &why))
			return usage_error(&text, "'%s': %s", o->rest[i], why);
	}
	for (size_t i = 0; i < o->feed_count; i++) {
		if (asking_read(set, o->feeds[i], a, e) < 0)
			return report_error(e);
	}
	return 0;
}

/* Ask and print. What was watched comes first, before the answers are looked for. */
static int ask(struct store *s, const struct options *o, const struct indicators *set,
    struct ask_count *count, struct error *e)
{
	struct home home;
	struct coverage coverage;
	struct ask_report r = {.set = set,
	    .coverage = &coverage,
	    .language = o->language,
	    .colour = wants_colour(stdout),
	    .all = o->all,
	    .from_files = o->feed_count > 0};
	int raw = ask_needs_raw(s, e);
	if (raw < 0 || home_choose(&home, s, o, e) < 0 ||
	    asking_decayed(s, o->since, &r.decayed, e) < 0 ||
	    coverage_read(s, o->since, o->until, NULL, &coverage, e) < 0)
		return -1;
	r.raw = raw > 0;
	if (asking_head(o, &r, e) < 0)
		return -1;
	const struct ask_question q = {.set = set,
	    .home = home.nets,
	    .homes = home.count,
	    .home_guessed = home.guessed,
	    .since = o->since,
	    .until = o->until,
	    .raw = r.raw};
	struct ask *answers = ask_run(s, &q, e);
	r.ask = answers;
	int status = answers != NULL ? asking_body(o, &r, e) : -1;
	if (status == 0)
		*count = ask_count_answers(&r);
	ask_free(answers);
	return status;
}

static int run(const struct options *o, struct indicators *set, struct error *e)
{
	struct ask_count count = {0};
	struct asking asking = {0};
	int status = read_set(set, o, &asking, e);
	if (status != 0)
		return status;
	struct store *s = store_open(o->memory, STORE_READ, e);
	if (s == NULL || ask(s, o, set, &count, e) < 0)
		status = report_error(e);
	else if (o->exit_code && count.seen > 0)
		status = 1;
	else if (asking.issues)
		status = 3;
	store_close(s);
	return status;
}

int cmd_ask(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	if (o.rest_count == 0 && o.feed_count == 0)
		return usage_error(&text, "name an indicator, or a feed with -f");
	if (o.since.ns != MOMENT_NONE.ns && o.until.ns != MOMENT_NONE.ns &&
	    o.since.ns >= o.until.ns)
		return usage_error(&text, "--until is before --since");
	struct indicators *set = indicators_new();
	if (set == NULL) {
		error_set(&e, ERR_SYSTEM, "no memory for the indicators");
		return report_error(&e);
	}
	status = run(&o, set, &e);
	indicators_free(set);
	return status;
}
