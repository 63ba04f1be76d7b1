/* SPDX-License-Identifier: Apache-2.0 */
#include "report/read.h"

#include <stdio.h>

#include "report/muted.h"
#include "report/words.h"

#define FINDING_COLUMN_COUNT 19
#define FINDING_COLUMNS                                                                  \
	"f.id, f.detector, f.direction, f.host, f.peer, f.peer_port, f.proto, "          \
	"f.first_seen, "                                                                 \
	"f.last_seen, f.since, f.since_kind, f.confidence, f.score, f.rank_p, "          \
	"f.events, "                                                                     \
	"f.bytes_out, f.bytes_in, f.facts, f.attack"

int read_span(struct store *s, struct span *span, struct error *e)
{
	static const char sql[] =
	    "SELECT * FROM (SELECT min(ts), max(ts), count(*) FROM conn), "
	    "(SELECT count(DISTINCT ts), sum(drops), sum(truncated) FROM watch)";
	*span = (struct span){.from = MOMENT_NONE, .to = MOMENT_NONE};
	struct store_rows *r = store_query(s, sql, e);
	if (r == NULL)
		return -1;
	if (store_next(r)) {
		span->from = store_time(r, 0);
		span->to = store_time(r, 1);
		span->connections = store_uint(r, 2);
		span->watched = store_uint(r, 3);
		span->lost = store_uint(r, 4);
		span->cut = store_uint(r, 5);
	}
	int result = store_rows_end(r, e);
	if (span->from.ns != MOMENT_NONE.ns)
		span->minutes =
		    (uint64_t)(moment_diff(span->from, span->to) / (60 * NS_PER_S)) + 1;
	if (span->minutes < span->watched)
		span->minutes = span->watched;
	return result;
}

int read_traffic(struct store *s, struct traffic *t, struct arena *a, struct error *e)
{
	/* Minutes in order; a minute of several
	 * sensors counts once, its packets together. */
	struct str sql = str_format(a,
	    "WITH m AS (SELECT ts, sum(packets) AS packets, sum(drops) AS drops FROM "
	    "watch "
	    "GROUP BY ts), g AS (SELECT *, lag(ts) OVER (ORDER BY ts) AS before FROM m) "
	    "SELECT CAST(floor((epoch_us(ts) - %lld) / %lld) AS BIGINT) AS slice, "
	    "sum(packets), "
	    "sum(drops), arg_max(before, ts - before), arg_max(ts, ts - before) FROM g "
	    "GROUP BY slice ORDER BY slice",
	    (long long)moment_us(t->slices.from),
	    (long long)(t->slices.width / NS_PER_US));
	if (sql.p == NULL)
		return error_set(e, ERR_LIMIT, "the report is too large");
	struct store_rows *r = store_query(s, sql.p, e);
	if (r == NULL)
		return -1;
	while (store_next(r)) {
		int64_t i = store_int(r, 0);
		if (i < 0 || (size_t)i >= t->slices.n)
			continue;
		t->packets[i] += (double)store_uint(r, 1);
		t->lost[i] += (double)store_uint(r, 2);
		struct moment from = store_time(r, 3), to = store_time(r, 4);
		if (from.ns == MOMENT_NONE.ns || to.ns == MOMENT_NONE.ns)
			continue;
		from =
		    moment_add(from, 60 * NS_PER_S); /* the minute before was watched */
		if (moment_diff(from, to) > t->silence) {
			t->silence = moment_diff(from, to);
			t->silence_from = from;
		}
	}
	return store_rows_end(r, e);
}

/* The detectors' names are static in a finding; those from a table live in the arena. */
static const char *text_z(const struct store_rows *r, size_t column, struct arena *a)
{
	struct str t = store_text(r, column);
	char *z = arena_alloc(a, t.n + 1);
	if (z == NULL)
		return "";
	if (t.n > 0)
		memcpy(z, t.p, t.n);
	return z; /* the arena's bytes are zero */
}

static void copy_id(char out[static 20], struct str id)
{
	size_t n = id.n < 19 ? id.n : 19;
	memset(out, 0, 20);
	if (n > 0)
		memcpy(out, id.p, n);
}

static void set_attack(struct finding *f, const char *json)
{
	/* ["T1071","T1573"]: the list as store_json writes it. */
	size_t n = 0;
	char *p = (char *)(uintptr_t)json;
	while (n < ATTACK_MAX && (p = strchr(p, '"')) != NULL) {
		char *end = strchr(p + 1, '"');
		if (end == NULL)
			break;
		*end = '\0';
		f->attack[n++] = p + 1;
		p = end + 1;
	}
}

/* Fill *f from a row that begins with FINDING_COLUMNS. */
static void take_finding(const struct store_rows *r, struct arena *a, struct finding *f)
{
	*f = (struct finding){0};
	copy_id(f->id, store_text(r, 0));
	f->detector = text_z(r, 1, a);
	direction_from_name(store_text(r, 2), &f->direction);
	str_addr(store_text(r, 3), &f->host);
	f->peer = str_copy(a, store_text(r, 4));
	f->peer_port = (uint16_t)store_uint(r, 5);
	f->proto = str_copy(a, store_text(r, 6));
	f->first_seen = store_time(r, 7);
	f->last_seen = store_time(r, 8);
	f->since = store_time(r, 9);
	since_kind_from_name(store_text(r, 10), &f->since_kind);
	confidence_from_name(store_text(r, 11), &f->confidence);
	f->score = store_real(r, 12);
	f->rank_p = store_real(r, 13);
	f->events = store_uint(r, 14);
	f->bytes_out = store_uint(r, 15);
	f->bytes_in = store_uint(r, 16);
	f->fact_count = facts_from_json(store_text(r, 17), f->facts, a);
	struct str attack = store_json(r, 18, a);
	char *list = arena_alloc(a, attack.n + 1);
	if (list != NULL && attack.n > 0) {
		memcpy(list, attack.p, attack.n);
		set_attack(f, list);
	}
}

static int too_many(struct error *e)
{
	return error_set(e, ERR_LIMIT, "the cases are too many to show at once");
}

/* Add the row's finding to a case, whose list doubles as it grows. */
static int add_finding(
    const struct store_rows *r, struct dwell_case *c, struct arena *a, struct error *e)
{
	size_t n = c->finding_count;
	if ((n & (n - 1)) == 0) {
		const struct finding **list =
		    arena_alloc(a, (n > 0 ? 2 * n : 1) * sizeof(*list));
		if (list == NULL)
			return too_many(e);
		if (n > 0)
			memcpy(list, c->findings, n * sizeof(*list));
		c->findings = list;
	}
	struct finding *f = arena_alloc(a, sizeof(*f));
	if (f == NULL)
		return too_many(e);
	take_finding(r, a, f);
	c->findings[c->finding_count++] = f;
	return 0;
}

int read_finding(
    struct store *s, struct str id, struct arena *a, struct finding *f, struct error *e)
{
	struct store_rows *r = store_query_with(
	    s, "SELECT " FINDING_COLUMNS " FROM finding f WHERE f.id = $1", &id, 1, e);
	if (r == NULL)
		return -1;
	int result = 0;
	if (store_next(r)) {
		take_finding(r, a, f);
		result = 1;
	}
	if (store_rows_end(r, e) < 0)
		result = -1;
	return result;
}

/* The case of that id in [from, end); NULL: none. Mostly it is the first. */
static struct dwell_case *case_of(
    struct dwell_case *from, struct dwell_case *end, struct str id)
{
	for (struct dwell_case *c = from; c < end; c++) {
		if (str_equal(id, str_of(c->id)))
			return c;
	}
	return NULL;
}

/*
 * Read the findings of the cases (in order of rank), each case's in its own
 * order. One query for all: the memory is opened once.
 */
static int read_findings(struct store *s, const char *where, const struct str *id,
    struct case_list *cases, struct arena *a, struct error *e)
{
	struct str sql = str_format(a,
	    "SELECT " FINDING_COLUMNS ", c.id FROM cases c, finding f WHERE %s AND "
	    "list_contains(c.findings, f.id) ORDER BY c.rank, c.id, "
	    "list_position(c.findings, f.id)",
	    where);
	if (sql.p == NULL)
		return too_many(e);
	struct store_rows *r =
	    id != NULL ? store_query_with(s, sql.p, id, 1, e) : store_query(s, sql.p, e);
	if (r == NULL)
		return -1;
	int result = 0;
	struct dwell_case *c = cases->v, *end = c + cases->n;
	while (result == 0 && store_next(r)) {
		struct dwell_case *of =
		    case_of(c, end, store_text(r, FINDING_COLUMN_COUNT));
		if (of == NULL) /* of a case that is not shown */
			continue;
		c = of;
		if (c->finding_count < READ_FINDINGS_MAX)
			result = add_finding(r, c, a, e);
	}
	if (store_rows_end(r, e) < 0)
		result = -1;
	return result;
}

#define CASE_COLUMNS                                                                     \
	"id, rank, host, since, since_kind, last_seen, confidence, bytes_out_low, "      \
	"bytes_out_high"
#define CASE_COLUMN_COUNT 9

static void take_case(const struct store_rows *r, struct dwell_case *c)
{
	*c = (struct dwell_case){0};
	copy_id(c->id, store_text(r, 0));
	c->rank = store_uint(r, 1);
	str_addr(store_text(r, 2), &c->host);
	c->since = store_time(r, 3);
	since_kind_from_name(store_text(r, 4), &c->since_kind);
	c->last_seen = store_time(r, 5);
	confidence_from_name(store_text(r, 6), &c->confidence);
	c->bytes_out_low = store_uint(r, 7);
	c->bytes_out_high = store_uint(r, 8);
}

int read_case(struct store *s, struct str id, struct arena *a, struct dwell_case *c,
    struct error *e)
{
	struct store_rows *r = store_query_with(
	    s, "SELECT " CASE_COLUMNS " FROM cases WHERE id = $1", &id, 1, e);
	if (r == NULL)
		return -1;
	int result = 0;
	if (store_next(r)) {
		take_case(r, c);
		result = 1;
	}
	if (store_rows_end(r, e) < 0)
		result = -1;
	struct case_list one = {c, 1, 1, 0};
	if (result == 1 && read_findings(s, "c.id = $1", &id, &one, a, e) < 0)
		result = -1;
	return result;
}

/* Read the rows of cases, but those that are hidden. */
static int read_rows(struct store *s, size_t most, const struct muted_cases *hidden,
    struct case_list *cases, struct arena *a, struct error *e)
{
	struct store_rows *r = store_query(s,
	    "SELECT " CASE_COLUMNS ", count(*) OVER () FROM cases ORDER BY rank, id", e);
	if (r == NULL)
		return -1;
	int result = 0;
	size_t skipped = 0;
	while (cases->n < most && store_next(r)) {
		if (cases->v == NULL) {
			cases->all = store_uint(r, CASE_COLUMN_COUNT) - hidden->n;
			most = cases->all < most ? (size_t)cases->all : most;
			cases->v = arena_alloc(a, (most + 1) * sizeof(*cases->v));
		}
		if (cases->v == NULL) {
			result = too_many(e);
			break;
		}
		/* Both are in order of rank. */
		if (skipped < hidden->n &&
		    str_equal(hidden->ids[skipped], store_text(r, 0)))
			skipped++;
		else if (cases->n < most)
			take_case(r, &cases->v[cases->n++]);
	}
	if (store_rows_end(r, e) < 0)
		result = -1;
	return result;
}

int read_cases(struct store *s, const struct report_options *o, struct arena *a,
    struct case_list *cases, struct error *e)
{
	size_t most = o->most == 0 || o->most > READ_CASES_MAX ? READ_CASES_MAX : o->most;
	struct muted_cases hidden = {0};
	bool hide = !o->muted && o->mutes != NULL && mutes_any(o->mutes, o->today);
	*cases = (struct case_list){0};
	if ((hide && muted_read(s, o, a, &hidden, e) < 0) ||
	    (o->budget > 0 && budget_read(&cases->budget, s, o, &hidden, e) < 0))
		return -1;
	cases->muted = hidden.n;
	if (o->budget > 0 && cases->budget.shown < most)
		most = (size_t)cases->budget.shown;
	if (most > 0 && read_rows(s, most, &hidden, cases, a, e) < 0)
		return -1;
	if (o->budget > 0)
		cases->all = cases->budget.shown;
	if (cases->n == 0)
		return 0;
	struct str where = str_format(
	    a, "c.rank <= %llu", (unsigned long long)cases->v[cases->n - 1].rank);
	if (where.p == NULL)
		return too_many(e);
	if (read_findings(s, where.p, NULL, cases, a, e) < 0)
		return -1;
	for (size_t i = 0; hide && i < cases->n; i++)
		muted_trim(o, &cases->v[i]);
	return 0;
}

int read_no_such_id(const char *id, struct error *e)
{
	return error_set(e, ERR_USAGE,
	    "there is no case or finding '%s' (dwell cases lists them)", id);
}
