/* SPDX-License-Identifier: Apache-2.0 */
#include "report/read.h"

#include <stdio.h>

#define FINDING_COLUMNS \
	"f.id, f.detector, f.direction, f.host, f.peer, f.peer_port, f.proto, f.first_seen, " \
	"f.last_seen, f.since, f.since_kind, f.confidence, f.score, f.rank_p, f.events, " \
	"f.bytes_out, f.bytes_in, f.facts, f.attack"

int read_span(struct store *s, struct span *span, struct error *e)
{
	static const char sql[] =
	    "SELECT (SELECT min(ts) FROM conn), (SELECT max(ts) FROM conn), "
	    "(SELECT count(*) FROM conn), count(DISTINCT ts), sum(drops), sum(truncated) FROM watch";
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
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	if (span->from.ns != MOMENT_NONE.ns)
		span->minutes =
		    (uint64_t)(moment_diff(span->from, span->to) / (60 * NS_PER_S)) + 1;
	if (span->minutes < span->watched)
		span->minutes = span->watched;
	return result;
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
	return z;
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
	char z[ADDR_TEXT_MAX];
	*f = (struct finding){0};
	copy_id(f->id, store_text(r, 0));
	f->detector = text_z(r, 1, a);
	direction_from_name(store_text(r, 2), &f->direction);
	struct str host = store_text(r, 3);
	snprintf(z, sizeof(z), "%.*s", STR_ARG(host));
	addr_parse(z, &f->host);
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
	if (store_rows_failed(r, e))
		result = -1;
	store_rows_free(r);
	return result;
}

/* Read the findings of a case, in the case's own order. */
static int read_findings_of(
    struct store *s, struct dwell_case *c, struct arena *a, struct error *e)
{
	static const char sql[] = "SELECT " FINDING_COLUMNS
				  " FROM cases c, finding f WHERE c.id = $1 AND "
				  "list_contains(c.findings, f.id) "
				  "ORDER BY list_position(c.findings, f.id) LIMIT 200";
	struct str id = str_of(c->id);
	c->findings = arena_alloc(a, READ_FINDINGS_MAX * sizeof(c->findings[0]));
	if (c->findings == NULL)
		return error_set(e, ERR_LIMIT, "the cases are too many to show at once");
	struct store_rows *r = store_query_with(s, sql, &id, 1, e);
	if (r == NULL)
		return -1;
	while (c->finding_count < READ_FINDINGS_MAX && store_next(r)) {
		struct finding *f = arena_alloc(a, sizeof(*f));
		if (f == NULL)
			break;
		take_finding(r, a, f);
		c->findings[c->finding_count++] = f;
	}
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

#define CASE_COLUMNS \
	"id, rank, host, since, since_kind, last_seen, confidence, bytes_out_low, bytes_out_high"

static void take_case(const struct store_rows *r, struct dwell_case *c)
{
	char z[ADDR_TEXT_MAX];
	*c = (struct dwell_case){0};
	copy_id(c->id, store_text(r, 0));
	c->rank = store_uint(r, 1);
	struct str host = store_text(r, 2);
	snprintf(z, sizeof(z), "%.*s", STR_ARG(host));
	addr_parse(z, &c->host);
	c->since = store_time(r, 3);
	since_kind_from_name(store_text(r, 4), &c->since_kind);
	c->last_seen = store_time(r, 5);
	confidence_from_name(store_text(r, 6), &c->confidence);
	c->bytes_out_low = store_uint(r, 7);
	c->bytes_out_high = store_uint(r, 8);
}

int read_case(
    struct store *s, struct str id, struct arena *a, struct dwell_case *c, struct error *e)
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
	if (store_rows_failed(r, e))
		result = -1;
	store_rows_free(r);
	if (result == 1 && read_findings_of(s, c, a, e) < 0)
		result = -1;
	return result;
}

static int count_all(struct store *s, uint64_t *all, struct error *e)
{
	struct store_rows *r = store_query(s, "SELECT count(*) FROM cases", e);
	if (r == NULL)
		return -1;
	*all = store_next(r) ? store_uint(r, 0) : 0;
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}

int read_cases(struct store *s, size_t limit, struct arena *a, struct dwell_case **cases,
    size_t *n, uint64_t *all, struct error *e)
{
	size_t most = limit == 0 || limit > READ_CASES_MAX ? READ_CASES_MAX : limit;
	*n = 0;
	if (count_all(s, all, e) < 0)
		return -1;
	if (*all < most)
		most = (size_t)*all;
	*cases = arena_alloc(a, most * sizeof(**cases));
	if (*cases == NULL)
		return error_set(e, ERR_LIMIT, "the cases are too many to show at once");
	struct store_rows *r =
	    store_query(s, "SELECT " CASE_COLUMNS " FROM cases ORDER BY rank", e);
	if (r == NULL)
		return -1;
	while (*n < most && store_next(r))
		take_case(r, &(*cases)[(*n)++]);
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	for (size_t i = 0; result == 0 && i < *n; i++)
		result = read_findings_of(s, &(*cases)[i], a, e);
	return result;
}

/* text as an SQL literal, quotes doubled. */
static struct str sql_literal(struct str text, struct arena *a)
{
	char *out = arena_alloc(a, 2 * text.n + 2);
	if (out == NULL)
		return STR("''");
	size_t o = 0;
	out[o++] = '\'';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			out[o++] = '\'';
		out[o++] = text.p[i];
	}
	out[o++] = '\'';
	return (struct str){out, o};
}

static bool is_address(struct str text)
{
	char z[ADDR_TEXT_MAX];
	struct addr ignored;
	if (text.n >= sizeof(z))
		return false;
	snprintf(z, sizeof(z), "%.*s", STR_ARG(text));
	return addr_parse(z, &ignored);
}

struct str read_condition(const struct finding *f, struct arena *a)
{
	char host[ADDR_TEXT_MAX];
	addr_text(&f->host, host);
	bool inbound = f->direction == DIRECTION_INBOUND;
	const char *ours = inbound ? "dst_ip" : "src_ip";
	const char *theirs = inbound ? "src_ip" : is_address(f->peer) ? "dst_ip" : "server_name";
	struct str peer = sql_literal(f->peer, a);
	struct str proto = sql_literal(f->proto, a);
	return str_format(a, "%s = '%s' AND %s = %.*s AND dst_port = %u AND proto = %.*s", ours,
	    host, theirs, STR_ARG(peer), f->peer_port, STR_ARG(proto));
}
