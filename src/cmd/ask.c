/* SPDX-License-Identifier: Apache-2.0 */
/* dwell ask: did one of ours ever meet this, since when, how much? */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ask/ask.h"
#include "cmd/asking.h"
#include "cmd/commands.h"
#include "cmd/home.h"
#include "store/coverage.h"
#include "store/lookup.h"

static const struct command_text text = {"ask", "[-m MEMORY] INDICATOR... | -f FEED",
    "Look for indicators in all the years that the memory holds: addresses, networks\n"
    "(192.0.2.0/24), names (with all below them), URLs, user agents, hashes of\n"
    "certificates, JA3, JA3S, JA4, HASSH. KIND:VALUE says what a value is (ja3:…).\n"
    "A feed is a list, CSV, STIX 2.1, MISP, Zeek intelligence, OpenIOC or a Suricata\n"
    "dataset, plain or compressed.",
    OPTION_MEMORY | OPTION_FEED | OPTION_SINCE | OPTION_UNTIL | OPTION_FORMAT_STIX |
	OPTION_LANG | OPTION_ALL_ANSWERS | OPTION_EXIT_FOUND | OPTION_QUIET};

/* Read the command line's words, and see that its files are there, before anything is
 * printed; the exit status when that can not be (0: it can). */
static int read_words(struct indicators *set, const struct options *o)
{
	const char *why = NULL;
	for (size_t i = 0; i < o->feed_count; i++) {
		if (strcmp(o->feeds[i], "-") != 0 && access(o->feeds[i], R_OK) != 0)
			return usage_error(&text, "%s: %s", o->feeds[i], strerror(errno));
	}
	for (size_t i = 0; i < o->rest_count; i++) {
		if (!indicators_add_word(set, o->rest[i], &why))
			return usage_error(&text, "'%s': %s", o->rest[i], why);
	}
	return 0;
}

static int read_feeds(
    struct indicators *set, const struct options *o, struct asking *a, struct error *e)
{
	for (size_t i = 0; i < o->feed_count; i++) {
		if (asking_read(set, o->feeds[i], a, e) < 0)
			return -1;
	}
	asking_note_validity(set);
	return 0;
}

/* What was watched comes first, while the feeds are not even read. */
static int ask(struct store *s, const struct options *o, struct indicators *set,
    struct asking *asking, struct asked *asked, struct error *e)
{
	struct home home;
	struct coverage coverage;
	struct ask_report r;
	struct ask_question q = {.set = set, .since = o->since, .until = o->until};
	if (home_choose(&home, s, o, e) < 0 ||
	    asking_head(s, o, &q, &coverage, &r, e) < 0 ||
	    read_feeds(set, o, asking, e) < 0)
		return -1;
	q.home = home.nets;
	q.homes = home.count;
	q.home_guessed = home.guessed;
	r.from_files = o->feed_count > 0;
	/* Of many, a table has a line each. */
	q.figures = o->format == FORMAT_TABLE && !o->stix &&
		    indicators_count(set) > ASK_BLOCKS_MAX;
	return asking_answer(s, o, &q, &r, asked, e);
}

static int run(const struct options *o, struct indicators *set, struct error *e)
{
	struct asked asked = {0};
	struct asking asking = {0};
	int status = read_words(set, o);
	if (status != 0)
		return status;
	struct store *s = store_open_ask(o->memory, e);
	struct lookup_soon *soon = s != NULL ? lookup_soon(s) : NULL;
	if (s == NULL || ask(s, o, set, &asking, &asked, e) < 0)
		status = report_error(e);
	else if (o->exit_code && asked.count.seen > 0)
		status = 1;
	else if (asking.issues)
		status = 3;
	ask_free(asked.answers);
	lookup_soon_end(soon);
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
