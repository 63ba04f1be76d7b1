/* SPDX-License-Identifier: Apache-2.0 */
/* dwell mute: what has been looked at and is not to be listed any more. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "store/mute.h"

static const struct command_text text = {"mute",
    "[-m MEMORY] [ID] [--peer PEER] [--host CIDR] [--detector NAME] --reason TEXT\n"
    "       dwell mute [-m MEMORY] --list | --remove N",
    "Leave a case or finding out of the lists, or all that match what is given (all of "
    "it\n"
    "at once). Nothing is deleted: mutes act when cases are shown, run out, and can be\n"
    "taken back. Each keeps who said so, when and why.",
    OPTION_MEMORY | OPTION_MUTE | OPTION_FORMAT | OPTION_QUIET};

static struct moment now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return moment_from(t.tv_sec, 0);
}

static struct str author(const struct options *o)
{
	const struct passwd *user = getpwuid(getuid());
	if (o->mute.author != NULL)
		return str_of(o->mute.author);
	return str_of(user != NULL ? user->pw_name : "unknown");
}

static int list(struct store *s, const struct options *o, struct error *e)
{
	struct store_rows *r = store_query(s, "SELECT * FROM mute ORDER BY n", e);
	int result = r != NULL ? format_rows(r, o->format, stdout, e) : -1;
	store_rows_free(r);
	return result;
}

/* Whether a case or a finding has the id: a mistyped one would mute nothing. */
static int check_id(struct store *s, const char *id, struct error *e)
{
	const struct str param = str_of(id);
	struct store_rows *r = store_query_with(s,
	    "SELECT 1 FROM cases WHERE id = $1 UNION ALL SELECT 1 FROM finding WHERE id "
	    "= $1",
	    &param, 1, e);
	if (r == NULL)
		return -1;
	bool found = store_next(r);
	int result = store_rows_end(r, e);
	if (result == 0 && !found)
		return error_set(e, ERR_USAGE,
		    "there is no case or finding '%s' (dwell cases lists them)", id);
	return result;
}

static int add(struct store *s, const struct options *o, int64_t until, struct error *e)
{
	uint32_t n = 0;
	const char *id = o->rest_count > 0 ? o->rest[0] : NULL;
	const struct mute m = {.at = now(),
	    .author = author(o),
	    .reason = str_of(o->mute.reason),
	    .scope = {str_of(id), str_of(o->mute.peer), str_of(o->mute.detector),
		str_of(o->mute.host)},
	    .until = until};
	if ((id != NULL && check_id(s, id, e) < 0) || mute_add(s, &m, &n, e) < 0)
		return -1;
	log_note(
	    "mute %u (dwell mute --remove %u takes it back)", (unsigned)n, (unsigned)n);
	return 0;
}

static int take_back(struct store *s, const struct options *o, struct error *e)
{
	char *end;
	unsigned long n = strtoul(o->mute.remove, &end, 10);
	if (*end != '\0' || n == 0 || n > MUTES_MAX)
		return error_set(e, ERR_USAGE,
		    "there is no mute '%s' (dwell mute --list)", o->mute.remove);
	if (mute_remove(s, (uint32_t)n, now(), author(o), str_of(o->mute.reason), e) < 0)
		return -1;
	log_note("mute %lu is taken back", n);
	return 0;
}

/* What of the command line does not go together; NULL: all does. */
static const char *check(const struct options *o)
{
	const struct mute_options *m = &o->mute;
	bool scope = o->rest_count > 0 || m->peer != NULL || m->host != NULL ||
		     m->detector != NULL;
	if (o->rest_count > 1)
		return "one case or finding at a time";
	if (m->list || m->remove != NULL)
		return scope || m->until != NULL || (m->list && m->remove != NULL)
			   ? "--list and --remove stand alone"
			   : NULL;
	if (!scope)
		return "say what: the id of a case or finding, --peer, --host or "
		       "--detector";
	return m->reason == NULL ? "say why: --reason TEXT" : NULL;
}

static int run(const struct options *o, int64_t until, struct error *e)
{
	struct store *s = store_open(o->memory, STORE_READ, e);
	int result = -1;
	if (s != NULL && o->mute.list)
		result = list(s, o, e);
	else if (s != NULL && o->mute.remove != NULL)
		result = take_back(s, o, e);
	else if (s != NULL)
		result = add(s, o, until, e);
	store_close(s);
	return result;
}

int cmd_mute(int argc, char **argv)
{
	struct options o;
	struct error e = {0};
	int status;
	int64_t until = MUTE_FOREVER;
	if (!options_parse(&o, &text, argc, argv, &status))
		return status;
	const char *wrong = check(&o);
	if (wrong != NULL)
		return usage_error(&text, "%s", wrong);
	if (o.mute.until != NULL && !mute_day(str_of(o.mute.until), &until))
		return usage_error(
		    &text, "--until: '%s' is not a day such as 2025-03-31", o.mute.until);
	return run(&o, until, &e) < 0 ? report_error(&e) : 0;
}
