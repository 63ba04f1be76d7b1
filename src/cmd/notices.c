/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/notices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/muted.h"

#define TEXTS_MAX (96U << 20) /* bytes of all messages of one call */

enum { COLUMN_ID, COLUMN_CONFIDENCE, COLUMN_CASE };

static const char *const sql =
    "SELECT f.id, f.confidence, c.id AS \"case\", c.rank, f.detector, f.direction, "
    "f.host, f.peer, f.peer_port, f.proto, f.since, f.since_kind, f.first_seen, "
    "f.last_seen, f.events, f.bytes_out, f.bytes_in, f.attack, f.summary "
    "FROM finding f JOIN (SELECT id, rank, unnest(findings) AS finding FROM cases) c "
    "ON c.finding = f.id WHERE $1 = 'yes' OR f.confidence <> 'low' ORDER BY c.rank, f.id";

struct notices {
	struct delivery_message *v; /* owned */
	size_t n, room;
	struct arena texts;
	struct muted_cases muted;
};

static struct str object(const struct store_rows *r, struct arena *a)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return (struct str){0};
	for (size_t i = 0; i < store_columns(r); i++)
		fprintf(out, "%s\"%s\":%.*s", i > 0 ? "," : "{", store_column_name(r, i),
		    STR_ARG(store_json(r, i, a)));
	fputc('}', out);
	struct str made = {0};
	if (fclose(out) == 0)
		made = str_copy(a, (struct str){text, n});
	free(text);
	return made;
}

static bool add(struct notices *k, const struct store_rows *r)
{
	struct str confidence = store_text(r, COLUMN_CONFIDENCE);
	if (muted_has(&k->muted, store_text(r, COLUMN_CASE)))
		return true;
	if (k->n == k->room) {
		size_t room = k->room > 0 ? 2 * k->room : 64;
		struct delivery_message *v = realloc(k->v, room * sizeof(*v));
		if (v == NULL)
			return false;
		k->v = v;
		k->room = room;
	}
	/* The NUL is for what is a file's name then. */
	struct str id = str_format(&k->texts, "%.*s-%.*s%c",
	    STR_ARG(store_text(r, COLUMN_ID)), STR_ARG(confidence), '\0');
	struct str text = object(r, &k->texts);
	if (id.p == NULL || text.p == NULL)
		return false;
	k->v[k->n++] = (struct delivery_message){id.p, text};
	return true;
}

static int read_findings(struct store *s, struct notices *k, bool low, struct error *e)
{
	const struct str yes = low ? STR("yes") : STR("no");
	struct store_rows *r = store_query_with(s, sql, &yes, 1, e);
	if (r == NULL)
		return -1;
	bool good = true;
	while (good && store_next(r))
		good = add(k, r);
	if (!good) {
		store_rows_free(r);
		return error_set(e, ERR_LIMIT, "findings too large to be told");
	}
	return store_rows_end(r, e);
}

static int read_muted(struct store *s, struct notices *k, struct error *e)
{
	struct mutes mutes;
	const struct report_options look = {.mutes = &mutes, .today = time(NULL) / 86400};
	int result = mutes_load(&mutes, s, e);
	if (result == 0)
		result = muted_read(s, &look, &k->texts, &k->muted, e);
	mutes_free(&mutes);
	return result;
}

int notices_put(
    struct store *s, struct deliveries *d, bool low, size_t *dropped, struct error *e)
{
	struct notices k = {0};
	arena_init(&k.texts, TEXTS_MAX);
	int result = read_muted(s, &k, e);
	if (result == 0)
		result = read_findings(s, &k, low, e);
	if (result == 0)
		result = deliveries_put(d, k.v, k.n, dropped, e);
	arena_fini(&k.texts);
	free(k.v);
	return result;
}
