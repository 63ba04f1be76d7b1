/* SPDX-License-Identifier: Apache-2.0 */
#include "report/muted.h"

#include "report/sentences.h"
#include "report/words.h"

static const struct mute *find(
    const struct report_options *o, const struct mute_subject *of)
{
	return o->mutes != NULL ? mutes_find(o->mutes, of, o->today) : NULL;
}

const struct mute *muted_finding(
    const struct report_options *o, const struct finding *f, struct str case_id)
{
	const struct mute_subject of = {
	    case_id, str_of(f->id), str_of(f->detector), f->peer, f->host};
	return find(o, &of);
}

const struct mute *muted_case(const struct report_options *o, const struct dwell_case *c)
{
	const struct mute_subject itself = {.case_id = str_of(c->id), .host = c->host};
	const struct mute *first = NULL;
	if (c->finding_count == 0)
		return find(o, &itself);
	for (size_t i = 0; i < c->finding_count; i++) {
		const struct mute *m = muted_finding(o, c->findings[i], str_of(c->id));
		if (m == NULL)
			return NULL;
		first = first != NULL ? first : m;
	}
	return first;
}

static int keep(struct muted_cases *m, struct str id, struct arena *a, struct error *e)
{
	if (m->n == m->room) {
		size_t room = m->room > 0 ? 2 * m->room : 64;
		struct str *ids = arena_alloc(a, room * sizeof(*ids));
		if (ids == NULL)
			return error_set(e, ERR_LIMIT, "too many cases are muted");
		if (m->n > 0)
			memcpy(ids, m->ids, m->n * sizeof(*ids));
		m->ids = ids;
		m->room = room;
	}
	m->ids[m->n++] = id;
	return 0;
}

/* A case whose rows are being read, one a finding. */
struct running {
	struct str id;
	bool open, muted;
};

static int end_case(
    struct muted_cases *m, struct running *c, struct arena *a, struct error *e)
{
	m->all += c->open;
	return c->open && c->muted ? keep(m, c->id, a, e) : 0;
}

static int take_row(const struct store_rows *r, const struct report_options *o,
    struct muted_cases *m, struct running *c, struct arena *a, struct error *e)
{
	struct mute_subject of = {store_text(r, 0), store_text(r, 1), store_text(r, 2),
	    store_text(r, 3), {{0}}};
	str_addr(store_text(r, 4), &of.host);
	if (!c->open || !str_equal(c->id, of.case_id)) {
		if (end_case(m, c, a, e) < 0)
			return -1;
		*c = (struct running){str_copy(a, of.case_id), true, true};
	}
	c->muted = c->muted && find(o, &of) != NULL;
	return 0;
}

int muted_read(struct store *s, const struct report_options *o, struct arena *a,
    struct muted_cases *m, struct error *e)
{
	static const char sql[] =
	    "SELECT c.id, f.id, f.detector, f.peer, coalesce(f.host, c.host) FROM "
	    "(SELECT "
	    "id, rank, host, unnest(CASE WHEN len(findings) > 0 THEN findings ELSE "
	    "[NULL] "
	    "END) AS fid FROM cases) c LEFT JOIN finding f ON f.id = c.fid ORDER BY "
	    "c.rank, c.id";
	struct running c = {0};
	*m = (struct muted_cases){0};
	struct store_rows *r = store_query(s, sql, e);
	if (r == NULL)
		return -1;
	int result = 0;
	while (result == 0 && store_next(r))
		result = take_row(r, o, m, &c, a, e);
	if (result == 0)
		result = store_rows_failed(r, e) ? -1 : end_case(m, &c, a, e);
	store_rows_free(r);
	return result;
}

bool muted_has(const struct muted_cases *m, struct str id)
{
	for (size_t i = 0; i < m->n; i++) {
		if (str_equal(m->ids[i], id))
			return true;
	}
	return false;
}

void muted_trim(const struct report_options *o, struct dwell_case *c)
{
	size_t n = 0;
	for (size_t i = 0; i < c->finding_count; i++) {
		if (muted_finding(o, c->findings[i], str_of(c->id)) == NULL)
			c->findings[n++] = c->findings[i];
	}
	if (n == c->finding_count || n == 0)
		return;
	c->finding_count = n;
	c->since = c->findings[0]->since;
	c->last_seen = c->findings[0]->last_seen;
	c->since_kind = c->findings[0]->since_kind;
	c->confidence = c->findings[0]->confidence;
	for (size_t i = 1; i < n; i++) {
		const struct finding *f = c->findings[i];
		if (f->since.ns < c->since.ns) {
			c->since = f->since;
			c->since_kind = f->since_kind;
		}
		if (f->last_seen.ns > c->last_seen.ns)
			c->last_seen = f->last_seen;
		if (f->confidence > c->confidence)
			c->confidence = f->confidence;
	}
}

struct str muted_words(const struct mute *m, enum language l, struct arena *a)
{
	char at[MOMENT_TEXT_MAX], until[MOMENT_TEXT_MAX] = "";
	size_t n = moment_text_day(m->at, at);
	if (m->until != MUTE_FOREVER)
		moment_text_day(moment_from(m->until * 86400, 0), until);
	const struct slot slots[] = {{"reason", words_visible(m->reason, a)},
	    {"n", str_format(a, "%u", (unsigned)m->n)},
	    {"author", words_visible(m->author, a)}, {"at", {at, n}},
	    {"until", str_of(until)}};
	return sentence_fill(
	    m->until != MUTE_FOREVER ? SENTENCE_MUTED_UNTIL : SENTENCE_MUTED_BY, l, slots,
	    5, a);
}
