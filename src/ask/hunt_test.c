/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New segments against standing hunts: every value that the new rows show once, against a
 * table of what is looked for. The cost is that of the new rows and of reading the hunts,
 * not of the years before.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ask/ask_plan.h"
#include "ask/ask_sql.h"
#include "ask/hunt.h"
#include "base/size.h"
#include "feed/pattern.h"
#include "store/memory.h"
#include "store/named.h"
#include "sys/path.h"

#define SCRATCH_MAX (256U << 20) /* texts of one pass */
#define TARGET      "\n"         /* before a request's path, which no user agent has */

/* What rows show: W(kind as in the SQL below, value, type of record). */
#define SHOWN(W)                                                                         \
	W("n", "src_ip", CONN)                                                           \
	W("n", "dst_ip", CONN)                                                           \
	W("n", "server_name", CONN)                                                      \
	W("n", "query", DNS)                                                             \
	W("n", "unnest(answers)", DNS)                                                   \
	W("n", "sni", TLS)                                                               \
	W("n", "unnest(san)", TLS)                                                       \
	W("ja3", "ja3", TLS)                                                             \
	W("ja3s", "ja3s", TLS)                                                           \
	W("ja4", "ja4", TLS)                                                             \
	W("cert_sha256", "cert_sha256", TLS)                                             \
	W("cert_sha256", "sha256", CERT)                                                 \
	W("n", "unnest(san_dns)", CERT)                                                  \
	W("n", "unnest(san_ip)", CERT)                                                   \
	W("n", "host", HTTP)                                                             \
	W("user_agent", "user_agent", HTTP)                                              \
	W("uri", "uri", HTTP)                                                            \
	W("file_sha256", "sha256", FILE)                                                 \
	W("file_name", "regexp_extract(filename,'[^/\\\\]*$')", FILE)                    \
	W("hassh", "hassh", SSH)                                                         \
	W("hassh_server", "hassh_server", SSH)

/* Of the table of named.h, as above. */
#define SHOWN_NAMED(TYPE, kind, value, via, host, condition)                             \
	{kind, "CASE WHEN " condition " THEN " value " END", RECORD_##TYPE},

/* A hunt at work. */
struct tested {
	struct hunt *hunt;
	struct indicators *set;
	struct hunt_met before;
	bool *met;      /* by indicator */
	uint32_t first; /* number of its first indicator among all of the batch */
	size_t n;
	bool changed;
};

struct test {
	struct store *store;
	struct path_list fresh[RECORD_TYPES]; /* segments; paths borrowed */
	struct tested *hunts;
	size_t n;
	struct ask_match match;
	struct arena scratch;
	struct ask_slots slots;
	uint64_t found;
};

/* ---- new segments ---- */

static int list_fresh(struct test *t, uint32_t tested, struct error *e)
{
	const struct catalog *c = &t->store->catalog;
	for (int type = 0; type < RECORD_TYPES; type++) {
		const struct catalog_table *table = &c->tables[type];
		struct path_list *l = &t->fresh[type];
		if (type == RECORD_WATCH || !unrolled_counts((enum record_type)type))
			continue;
		l->paths = malloc((table->n + 1) * sizeof(*l->paths));
		if (l->paths == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the segments");
		for (size_t i = 0; i < table->n; i++) {
			if (path_seq(table->paths[i], SEGMENT_SUFFIX) > tested)
				l->paths[l->n++] = table->paths[i];
		}
	}
	return 0;
}

static bool any_fresh(const struct test *t)
{
	for (int type = 0; type < RECORD_TYPES; type++) {
		if (t->fresh[type].n > 0)
			return true;
	}
	return false;
}

/* Put a query for what the new rows show: k, v. */
static int put_values(struct test *t, struct sql *sql, struct error *e)
{
	static const struct {
		const char *kind, *value;
		enum record_type type;
	} shown[] = {
#define W(kind, value, TYPE) {kind, value, RECORD_##TYPE},
	    SHOWN(W) NAMED_SHOWN(SHOWN_NAMED)
#undef W
	};
	const char *join = "";
	sql_put(sql, "SELECT k,v FROM (");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const struct path_list *l = &t->fresh[shown[i].type];
		if (l->n == 0)
			continue;
		sql_format(sql, "%sSELECT DISTINCT '%s' AS k,%s AS v FROM (", join,
		    shown[i].kind, shown[i].value);
		if (views_put_rows(
			sql, shown[i].type, l->paths, l->n, t->store->path, e) < 0)
			return -1;
		sql_put(sql, ")");
		join = " UNION ALL ";
	}
	sql_put(sql, ") WHERE v<>''");
	return 0;
}

/* ---- what is looked for ---- */

static int add_text(struct test *t, enum ask_kind kind, struct str value, bool below,
    uint32_t slot, struct error *e)
{
	struct str sort = kind == ASK_KIND_NAME ? ask_reversed(&t->scratch, value)
						: str_copy(&t->scratch, value);
	if (sort.p == NULL)
		return error_set(e, ERR_LIMIT, "the indicators take too much memory");
	return ask_match_add(&t->match, kind, sort, below, slot, e);
}

static int add_url(
    struct test *t, const struct indicator *in, uint32_t slot, struct error *e)
{
	struct url url;
	struct addr ignored;
	if (!url_split(in->value, &url))
		return 0;
	bool address = str_addr(url.host, &ignored);
	return add_text(
	    t, address ? ASK_KIND_ADDRESS : ASK_KIND_NAME, url.host, false, slot, e);
}

static bool is_expression(const struct indicator *in)
{
	return in->match == MATCH_LIKE || in->match == MATCH_REGEX;
}

static int add_indicator(
    struct test *t, const struct indicator *in, uint32_t slot, struct error *e)
{
	enum ask_kind kinds[4];
	if (is_expression(in) || in->kind == INDICATOR_PORT ||
	    in->kind == INDICATOR_PROTO)
		return 0;
	if (in->kind == INDICATOR_URL)
		return add_url(t, in, slot, e);
	if (in->kind == INDICATOR_NETWORK)
		return ask_match_add_net(&t->match, &in->net, slot, e);
	if (in->kind == INDICATOR_URI) {
		struct str target =
		    str_format(&t->scratch, TARGET "%.*s", STR_ARG(in->value));
		return add_text(t, ASK_KIND_USER_AGENT, target, false, slot, e);
	}
	size_t n = ask_kinds_of(in->kind, kinds);
	for (size_t i = 0; i < n; i++) {
		bool below = in->match == MATCH_BELOW && kinds[i] == ASK_KIND_NAME;
		if (add_text(t, kinds[i], in->value, below, slot, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- matching ---- */

static void mark(struct test *t, uint32_t slot)
{
	size_t i = t->n;
	while (i > 0 && t->hunts[i - 1].first > slot)
		i--;
	struct tested *h = &t->hunts[i - 1];
	h->met[slot - h->first] = true;
}

/* The kind and the sorted form of a value; false: nothing looks for such. */
static bool value_of(
    struct arena *a, struct str k, struct str v, enum ask_kind *kind, struct str *sort)
{
	struct addr ignored;
	*sort = v;
	if (str_equal(k, STR("n"))) {
		bool address = str_addr(v, &ignored);
		*kind = address ? ASK_KIND_ADDRESS : ASK_KIND_NAME;
		if (!address)
			*sort = ask_reversed(a, v);
		return sort->p != NULL;
	}
	if (str_equal(k, STR("uri"))) {
		*kind = ASK_KIND_USER_AGENT;
		*sort = str_format(a, TARGET "%.*s", STR_ARG(v));
		return sort->p != NULL;
	}
	for (int i = 0; i < ASK_KIND_COUNT; i++) {
		*kind = (enum ask_kind)i;
		if (str_equal(k, str_of(ask_kind_name(*kind))))
			return true;
	}
	return false;
}

static int match_rows(struct test *t, struct store_rows *rows, struct error *e)
{
	struct arena a;
	int status = 0;
	arena_init(&a, 1U << 20);
	while (status == 0 && store_next(rows)) {
		enum ask_kind kind;
		struct str sort;
		if (value_of(&a, store_text(rows, 0), store_text(rows, 1), &kind, &sort))
			status = ask_match_row(&t->match, kind, sort, &t->slots, e);
		else
			t->slots.n = 0;
		for (size_t i = 0; i < t->slots.n; i++)
			mark(t, t->slots.v[i]);
		arena_reset(&a);
	}
	arena_fini(&a);
	return status < 0 || store_rows_failed(rows, e) ? -1 : 0;
}

/* Hold the new rows against what the match has so far, and empty it. */
static int run_pass(struct test *t, struct error *e)
{
	struct sql sql = sql_start();
	int status = t->match.n > 0 ? ask_match_ready(&t->match, e) : 0;
	if (status == 0 && t->match.n > 0)
		status = put_values(t, &sql, e);
	const char *text = status == 0 && t->match.n > 0 ? sql_text(&sql, e) : NULL;
	if (text != NULL) {
		struct store_rows *rows = memory_query(t->store, "", text, e);
		status = rows != NULL ? match_rows(t, rows, e) : -1;
		store_rows_free(rows);
	} else if (t->match.n > 0) {
		status = -1;
	}
	sql_free(&sql);
	ask_match_free(&t->match);
	ask_match_init(&t->match);
	arena_reset(&t->scratch);
	return status;
}

/* An expression is held against the values by the engine. */
static int run_expression(
    struct test *t, const struct indicator *in, uint32_t slot, struct error *e)
{
	enum ask_kind kinds[4];
	size_t n = ask_kinds_of(in->kind, kinds);
	struct sql sql = sql_start();
	struct ask_pick pick = {
	    .by = in->match == MATCH_LIKE ? PICK_LIKE : PICK_REGEX, .from = in->value};
	struct error why = {0};
	if (n == 0) {
		sql_free(&sql);
		return 0;
	}
	sql_put(&sql, "SELECT 1 FROM (");
	int status = put_values(t, &sql, e);
	sql_put(&sql, ") WHERE k IN (''");
	for (size_t i = 0; i < n; i++) {
		bool name = kinds[i] == ASK_KIND_NAME || kinds[i] == ASK_KIND_ADDRESS;
		sql_format(&sql, ",'%s'", name ? "n" : ask_kind_name(kinds[i]));
	}
	sql_put(&sql, ")");
	ask_sql_pick(&sql, "v", &pick, 0, 0);
	sql_put(&sql, " LIMIT 1");
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	struct store_rows *rows =
	    text != NULL ? memory_query(t->store, "", text, &why) : NULL;
	if (rows != NULL && store_next(rows))
		mark(t, slot);
	/* One that is wrong is said when it is asked; here it meets nothing. */
	store_rows_free(rows);
	sql_free(&sql);
	return text != NULL ? 0 : -1;
}

static int match_hunt(struct test *t, struct tested *h, struct error *e)
{
	size_t expressions = 0;
	for (uint32_t i = 0; i < h->n; i++) {
		struct indicator in;
		indicators_get(h->set, i, &in);
		if (add_indicator(t, &in, h->first + i, e) < 0)
			return -1;
		if (is_expression(&in) && expressions++ < ASK_EXPRESSIONS_MAX &&
		    run_expression(t, &in, h->first + i, e) < 0)
			return -1;
		if (t->match.n >= ASK_PASS_MAX && run_pass(t, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- what is new ---- */

static bool any_part(const struct tested *h, const struct pattern *p)
{
	for (uint32_t i = 0; i < p->count; i++) {
		if (p->nodes[i].op == PATTERN_LEAF && h->met[p->nodes[i].leaf])
			return true;
	}
	return false;
}

/* The union of what was met before and now. */
static int join_met(
    struct test *t, struct tested *h, struct hunt_met *out, struct error *e)
{
	size_t m = indicators_pattern_count(h->set), at = 0;
	*out = (struct hunt_met){.indicators = malloc((h->n + 1) * sizeof(uint32_t)),
	    .patterns = malloc((m + 1) * sizeof(uint32_t))};
	if (out->indicators == NULL || out->patterns == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for what was met");
		return -1;
	}
	for (uint32_t i = 0; i < h->n; i++) {
		struct indicator in;
		bool old = at < h->before.n && h->before.indicators[at] == i;
		at += old;
		if (!old && !h->met[i])
			continue;
		indicators_get(h->set, i, &in);
		if (!in.leaf)
			out->indicators[out->n++] = i;
	}
	at = 0;
	for (uint32_t i = 0; i < m; i++) {
		bool old = at < h->before.m && h->before.patterns[at] == i;
		at += old;
		if (old || any_part(h, indicators_pattern(h->set, i)))
			out->patterns[out->m++] = i;
	}
	size_t more = out->n + out->m - h->before.n - h->before.m;
	t->found += more;
	h->changed = more > 0;
	return 0;
}

static int keep_states(struct test *t, uint32_t seq, struct error *e)
{
	struct hunt_state *v = calloc(t->n + 1, sizeof(*v));
	struct hunt_met *met = calloc(t->n + 1, sizeof(*met));
	int status = 0;
	if (v == NULL || met == NULL) {
		free(v);
		free(met);
		error_set(e, ERR_SYSTEM, "no memory for what was met");
		return -1;
	}
	for (size_t i = 0; status == 0 && i < t->n; i++) {
		struct tested *h = &t->hunts[i];
		status = join_met(t, h, &met[i], e);
		v[i] = (struct hunt_state){h->hunt, h->set, &met[i], h->changed};
	}
	if (status == 0)
		status = hunt_states_write(t->store, v, t->n, seq, e);
	for (size_t i = 0; met != NULL && i < t->n; i++)
		hunt_met_free(&met[i]);
	free(met);
	free(v);
	return status;
}

/* ---- hunts ---- */

static int open_hunt(struct test *t, struct tested *h, uint32_t first, struct error *e)
{
	h->first = first;
	if (hunt_state_read(t->store, h->hunt, &h->before, e) < 0)
		return -1;
	h->set = hunt_read(t->store, h->hunt, false, e);
	if (h->set == NULL)
		return -1;
	h->n = indicators_count(h->set);
	h->met = calloc(h->n + 1, sizeof(*h->met));
	return h->met != NULL ? 0
			      : error_set(e, ERR_SYSTEM, "no memory for the indicators");
}

static void close_hunts(struct test *t)
{
	for (size_t i = 0; i < t->n; i++) {
		indicators_free(t->hunts[i].set);
		hunt_met_free(&t->hunts[i].before);
		free(t->hunts[i].met);
	}
	t->n = 0;
}

/* Test as many hunts as fit into one pass, at least one, from the i-th on; *i goes behind
 * the last. */
static int run_batch(
    struct test *t, struct hunts *all, size_t *i, const bool *due, struct error *e)
{
	int status = 0;
	size_t sum = 0;
	for (; status == 0 && *i < all->n && (t->n == 0 || sum < ASK_PASS_MAX); ++*i) {
		if (!due[*i])
			continue;
		assert(t->hunts != NULL);
		struct tested *h = &t->hunts[t->n++];
		*h = (struct tested){.hunt = &all->v[*i]};
		status = open_hunt(t, h, (uint32_t)sum, e);
		sum += h->n;
	}
	for (size_t k = 0; status == 0 && k < t->n; k++)
		status = match_hunt(t, &t->hunts[k], e);
	if (status == 0)
		status = run_pass(t, e);
	return status;
}

static int run_all(struct test *t, struct hunts *all, const bool *due, struct error *e)
{
	uint32_t seq = memory_next_seq(t->store) - 1;
	int status = 0;
	for (size_t i = 0; status == 0 && i < all->n;) {
		status = run_batch(t, all, &i, due, e);
		if (status == 0 && t->n > 0)
			status = keep_states(t, seq, e);
		close_hunts(t);
	}
	return status;
}

static int test_due(struct store *s, struct hunts *all, const bool *due, uint32_t tested,
    uint64_t *fresh, struct error *e)
{
	struct test t = {.store = s, .hunts = calloc(all->n, sizeof(*t.hunts))};
	arena_init(&t.scratch, SCRATCH_MAX);
	ask_match_init(&t.match);
	int status = t.hunts != NULL
			 ? list_fresh(&t, tested, e)
			 : error_set(e, ERR_SYSTEM, "no memory for the hunts");
	if (status == 0 && any_fresh(&t))
		status = run_all(&t, all, due, e);
	for (int type = 0; type < RECORD_TYPES; type++)
		free(t.fresh[type].paths);
	ask_match_free(&t.match);
	ask_slots_free(&t.slots);
	arena_fini(&t.scratch);
	free(t.hunts);
	*fresh = t.found;
	return status;
}

int hunts_test(struct store *s, int64_t today, uint64_t *fresh, struct error *e)
{
	struct hunts all;
	uint32_t tested = UINT32_MAX;
	*fresh = 0;
	int status = hunts_load(&all, s, e);
	bool *due = status == 0 && all.n > 0 ? calloc(all.n, sizeof(*due)) : NULL;
	for (size_t i = 0; due != NULL && i < all.n; i++) {
		due[i] = hunt_holds(&all.v[i], today);
		if (due[i] && all.v[i].tested < tested)
			tested = all.v[i].tested;
	}
	if (due != NULL && tested != UINT32_MAX)
		status = test_due(s, &all, due, tested, fresh, e);
	else if (status == 0 && all.n > 0 && due == NULL)
		status = error_set(e, ERR_SYSTEM, "no memory for the hunts");
	free(due);
	hunts_free(&all);
	return status < 0 ? error_add(e, "testing the hunts") : 0;
}
