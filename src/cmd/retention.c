/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/retention.h"

#include <inttypes.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "report/words.h"

#define WORDS_MAX 65536

bool retention_asked(const struct options *o)
{
	return o->keep.n > 0 || o->keep.disk_given;
}

int retention_set(struct store *s, const struct options *o, struct error *e)
{
	struct policy policy = *store_policy(s);
	if (!retention_asked(o))
		return 0;
	for (size_t i = 0; i < o->keep.n; i++) {
		if (!policy_set(&policy, &o->keep.rules[i]))
			return error_set(e, ERR_USAGE, "more than %d rules of retention",
			    POLICY_RULES_MAX);
	}
	if (o->keep.disk_given)
		policy.disk = o->keep.disk;
	return store_set_policy(s, &policy, e);
}

static void say(void *ctx, const struct decay_record *row)
{
	struct arena a;
	char from[MOMENT_TEXT_MAX], end[MOMENT_TEXT_MAX];
	(void)ctx;
	arena_init(&a, WORDS_MAX);
	moment_text_day(row->span_start, from);
	moment_text_day(row->span_end, end);
	struct str bytes = words_bytes((double)row->bytes, &a);
	log_note("removed %" PRIu64
		 " row%s of %.*s from %s to before %s (%.*s): %.*s; the "
		 "roll-ups stay",
	    row->row_count, row->row_count == 1 ? "" : "s", STR_ARG(row->table_name),
	    from, end, STR_ARG(bytes), STR_ARG(row->why));
	arena_fini(&a);
}

int retention_apply(struct store *s, struct error *e)
{
	struct decay_sink sink = {say, NULL};
	uint64_t over;
	struct moment now = moment_from((int64_t)time(NULL), 0);
	if (store_retain(s, now, &sink, &over, e) < 0)
		return -1;
	if (over > 0)
		log_warn("the memory is %" PRIu64
			 " bytes over --disk, and nothing is left "
			 "that may go: what remains are the newest day and the roll-ups",
		    over);
	return 0;
}
