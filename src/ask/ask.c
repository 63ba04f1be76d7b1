/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/ask.h"

#include <stdio.h>
#include <stdlib.h>

#include "ask/ask_plan.h"
#include "base/size.h"
#include "store/memory.h"

const char *ask_how_name(enum ask_how how)
{
	static const char *const names[] = {
#define H(ENUMERATOR, name, via) [ASK_##ENUMERATOR] = name,
	    ASK_HOWS(H)
#undef H
	};
	return names[how];
}

const char *ask_why_name(enum ask_why why)
{
	static const char *const names[] = {
#define W(ENUMERATOR, name) [ASK_WHY_##ENUMERATOR] = name,
	    ASK_WHYS(W)
#undef W
	};
	return names[why];
}

void ask_slot_indicator(const struct ask *a, uint32_t slot, struct indicator *out)
{
	size_t i = slot < a->indicators ? slot : a->extra[slot - a->indicators].indicator;
	indicators_get(a->q->set, i, out);
}

/* ---- the plan ---- */

static int put_slot(uint32_t **v, size_t *n, size_t *room, uint32_t slot, struct error *e)
{
	if (*n == *room) {
		size_t more = *room == 0 ? 64 : *room * 2;
		uint32_t *p = realloc(*v, more * sizeof(*p));
		if (p == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the indicators");
		*v = p;
		*room = more;
	}
	(*v)[(*n)++] = slot;
	return 0;
}

size_t ask_kinds_of(enum indicator_kind kind, enum ask_kind out[static 4])
{
	static const enum ask_kind md5[] = {
	    ASK_KIND_JA3, ASK_KIND_JA3S, ASK_KIND_HASSH, ASK_KIND_HASSH_SERVER};
	switch ((int)kind) {
	case INDICATOR_ADDRESS:
	case INDICATOR_NETWORK:
		return out[0] = ASK_KIND_ADDRESS, 1;
	case INDICATOR_NAME:
		return out[0] = ASK_KIND_NAME, out[1] = ASK_KIND_HOST_NAME, 2;
	case INDICATOR_HOST_NAME:
		return out[0] = ASK_KIND_HOST_NAME, 1;
	case INDICATOR_MAC:
		return out[0] = ASK_KIND_MAC, 1;
	case INDICATOR_USER_AGENT:
		return out[0] = ASK_KIND_USER_AGENT, 1;
	case INDICATOR_JA3:
		return out[0] = ASK_KIND_JA3, 1;
	case INDICATOR_JA3S:
		return out[0] = ASK_KIND_JA3S, 1;
	case INDICATOR_JA4:
		return out[0] = ASK_KIND_JA4, 1;
	case INDICATOR_HASSH:
		return out[0] = ASK_KIND_HASSH, 1;
	case INDICATOR_HASSH_SERVER:
		return out[0] = ASK_KIND_HASSH_SERVER, 1;
	case INDICATOR_CERT_SHA256:
		return out[0] = ASK_KIND_CERT_SHA256, 1;
	case INDICATOR_FILE_SHA256:
		return out[0] = ASK_KIND_FILE_SHA256, 1;
	case INDICATOR_SHA256:
		return out[0] = ASK_KIND_CERT_SHA256, out[1] = ASK_KIND_FILE_SHA256, 2;
	case INDICATOR_FILE_NAME:
		return out[0] = ASK_KIND_FILE_NAME, 1;
	case INDICATOR_MD5:
		memcpy(out, md5, sizeof(md5));
		return 4;
	default:
		return 0;
	}
}

static void set_why(struct ask *a, uint32_t slot, enum ask_why why)
{
	a->why[slot] = (uint8_t)why;
}

/* The value as the table sorts it; texts in the scratch arena. */
static int sorted_value(
    struct ask *a, enum ask_kind kind, struct str value, struct str *out, struct error *e)
{
	*out = kind == ASK_KIND_NAME ? ask_reversed(&a->scratch, value) : value;
	if (out->p == NULL)
		return error_set(e, ERR_LIMIT, "the indicators take too much memory");
	return 0;
}

static int plan_exact(struct ask *a, struct ask_plan *p, const struct indicator *in,
    uint32_t slot, struct error *e)
{
	enum ask_kind kinds[4];
	size_t n = ask_kinds_of(in->kind, kinds);
	for (size_t i = 0; i < n; i++) {
		struct str value;
		/* Machines are not asked for by what is below their name. */
		bool below = in->match == MATCH_BELOW && kinds[i] == ASK_KIND_NAME;
		if (sorted_value(a, kinds[i], in->value, &value, e) < 0 ||
		    ask_match_add(&p->all, kinds[i], value, below, slot, e) < 0)
			return -1;
		if (!below &&
		    ask_match_add(&p->exact, kinds[i], value, false, slot, e) < 0)
			return -1;
	}
	return in->match == MATCH_BELOW
		   ? put_slot(&p->below, &p->below_count, &p->below_room, slot, e)
		   : 0;
}

/* Where the URL's host is looked for. */
static int plan_url(struct ask *a, struct ask_plan *p, const struct indicator *in,
    uint32_t slot, struct error *e)
{
	struct url url;
	struct addr address;
	if (!url_split(in->value, &url)) {
		set_why(a, slot, ASK_WHY_EXPRESSION);
		return 0;
	}
	struct str value = url.host;
	enum ask_kind kind =
	    str_addr(url.host, &address) ? ASK_KIND_ADDRESS : ASK_KIND_NAME;
	if (sorted_value(a, kind, value, &value, e) < 0 ||
	    ask_match_add(&p->all, kind, value, false, slot, e) < 0)
		return -1;
	return ask_match_add(&p->exact, kind, value, false, slot, e);
}

static int plan_expression(struct ask *a, struct ask_plan *p, const struct indicator *in,
    uint32_t slot, struct error *e)
{
	enum ask_kind kinds[4];
	if (ask_kinds_of(in->kind, kinds) == 0)
		set_why(a, slot, ASK_WHY_EXPRESSION);
	else if (a->expressions++ >= ASK_EXPRESSIONS_MAX)
		set_why(a, slot, ASK_WHY_TOO_MANY);
	else
		return put_slot(&p->like, &p->like_count, &p->like_room, slot, e);
	return 0;
}

static int plan_net(struct ask *a, struct ask_plan *p, const struct indicator *in,
    uint32_t slot, struct error *e)
{
	/* No network is ever seen, only addresses: those contain nothing larger. */
	if (in->match == MATCH_SUPERSET && in->net.bits < 128) {
		set_why(a, slot, ASK_WHY_NOT_KEPT);
		return 0;
	}
	if (ask_match_add_net(&p->all, &in->net, slot, e) < 0)
		return -1;
	return put_slot(&p->nets, &p->net_count, &p->net_room, slot, e);
}

static int plan_slot(struct ask *a, struct ask_plan *p, uint32_t slot, struct error *e)
{
	struct indicator in;
	enum ask_kind kinds[4];
	ask_slot_indicator(a, slot, &in);
	if (in.kind == INDICATOR_PORT || in.kind == INDICATOR_PROTO) {
		set_why(a, slot, ASK_WHY_ONLY_WITH);
		return 0;
	}
	if (in.match == MATCH_LIKE || in.match == MATCH_REGEX)
		return plan_expression(a, p, &in, slot, e);
	if (in.kind == INDICATOR_URL)
		return plan_url(a, p, &in, slot, e);
	if (in.kind == INDICATOR_URI) { /* ask_urls looks for it */
		a->has_uris = true;
		return 0;
	}
	if (in.kind == INDICATOR_NETWORK)
		return plan_net(a, p, &in, slot, e);
	if (ask_kinds_of(in.kind, kinds) == 0) {
		set_why(a, slot, ASK_WHY_NOT_KEPT);
		return 0;
	}
	if (in.kind == INDICATOR_NAME && in.port != 0)
		set_why(a, slot, ASK_WHY_PORT);
	return plan_exact(a, p, &in, slot, e);
}

static void plan_free(struct ask_plan *p)
{
	ask_match_free(&p->exact);
	ask_match_free(&p->all);
	free(p->nets);
	free(p->below);
	free(p->like);
}

/* ---- jobs ---- */

static int by_text(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

/* The exact values, listed as they are. */
static int ask_exact(struct ask *a, const struct ask_match *m, struct error *e)
{
	struct ask_job job = {.match = m};
	struct str *list = malloc((m->n + 1) * sizeof(*list));
	if (list == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the indicators");
	size_t n = 0;
	for (int k = 0; k < ASK_KIND_COUNT; k++) {
		size_t from = n;
		for (size_t i = 0; i < m->n; i++) {
			if (m->entries[i].kind == k)
				list[n++] = m->entries[i].value;
		}
		if (n - from > 1)
			qsort(list + from, n - from, sizeof(*list), by_text);
		job.pick[k] = (struct ask_pick){
		    .by = PICK_LIST, .list = list + from, .n = n - from};
	}
	int status = ask_fetch(a, &job, e);
	free(list);
	return status;
}

/* A match of one slot by what it looks for, for a job of its own. */
static int single(struct ask_match *m, struct ask *a, const struct indicator *in,
    uint32_t slot, struct str *sort, struct error *e)
{
	ask_match_init(m);
	if (in->kind == INDICATOR_NETWORK)
		return ask_match_add_net(m, &in->net, slot, e) < 0
			   ? -1
			   : ask_match_ready(m, e);
	if (sorted_value(a, ASK_KIND_NAME, in->value, sort, e) < 0 ||
	    ask_match_add(m, ASK_KIND_NAME, *sort, true, slot, e) < 0)
		return -1;
	return ask_match_ready(m, e);
}

/* A network or a name with all below it: a range of the sorted column. */
static int ask_range(struct ask *a, uint32_t slot, struct error *e)
{
	struct indicator in;
	struct ask_match m;
	struct str sort;
	char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	ask_slot_indicator(a, slot, &in);
	struct ask_job job = {.match = &m};
	int status = single(&m, a, &in, slot, &sort, e);
	if (status == 0 && in.kind == INDICATOR_NETWORK) {
		ask_net_range(&in.net, from, to);
		job.pick[ASK_KIND_ADDRESS] = (struct ask_pick){
		    .by = PICK_RANGE, .from = str_of(from), .to = str_of(to)};
	} else if (status == 0) {
		/* '/' follows '.': what lies between is the name, all names below it,
		 * and some (a-b after a) that the match will sort out. */
		struct str end = str_format(&a->scratch, "%.*s/", STR_ARG(sort));
		job.pick[ASK_KIND_NAME] =
		    (struct ask_pick){.by = PICK_RANGE, .from = sort, .to = end};
	}
	if (status == 0)
		status = ask_fetch(a, &job, e);
	ask_match_free(&m);
	return status;
}

static int ask_ranges(struct ask *a, const uint32_t *slots, size_t n, struct error *e)
{
	for (size_t i = 0; i < n; i++) {
		if (ask_range(a, slots[i], e) < 0)
			return -1;
	}
	return 0;
}

/* An expression: all values of the kind are held against it. */
static int ask_expression(struct ask *a, uint32_t slot, struct error *e)
{
	struct indicator in;
	enum ask_kind kinds[4];
	ask_slot_indicator(a, slot, &in);
	struct ask_match m = {.always = true, .only = slot};
	struct ask_job job = {.match = &m};
	size_t n = ask_kinds_of(in.kind, kinds);
	for (size_t i = 0; i < n; i++)
		job.pick[kinds[i]] = (struct ask_pick){
		    .by = in.match == MATCH_LIKE ? PICK_LIKE : PICK_REGEX,
		    .from = in.value};
	struct error why = {0};
	if (ask_fetch(a, &job, &why) == 0)
		return 0;
	if (in.match != MATCH_REGEX || why.code != ERR_USAGE) {
		*e = why;
		return -1;
	}
	set_why(a, slot, ASK_WHY_EXPRESSION);
	return 0;
}

/* Many: which values occur at all, then the rows of those. */
static int ask_many(struct ask *a, const struct ask_match *m, struct error *e)
{
	struct ask_job job = {.match = m};
	struct ask_hits hits[ASK_KIND_COUNT] = {0};
	int status = 0;
	for (int k = 0; status == 0 && k < ASK_KIND_COUNT; k++) {
		bool all = false, nets = k == ASK_KIND_ADDRESS && m->nets > 0;
		if (m->count[k] == 0 && !nets)
			continue;
		status = ask_find(a, m, (enum ask_kind)k, &hits[k], &all, e);
		job.pick[k] = (struct ask_pick){
		    .by = all ? PICK_ALL : PICK_LIST, .list = hits[k].v, .n = hits[k].n};
	}
	if (status == 0)
		status = ask_fetch(a, &job, e);
	for (int k = 0; k < ASK_KIND_COUNT; k++)
		free(hits[k].v);
	return status;
}

static int run_plan(struct ask *a, struct ask_plan *p, struct error *e)
{
	bool few = p->exact.n <= ASK_FEW_EXACT && p->net_count <= ASK_FEW &&
		   p->below_count <= ASK_FEW;
	struct ask_match *m = few ? &p->exact : &p->all;
	if (ask_match_ready(m, e) < 0)
		return -1;
	if (few &&
	    (ask_exact(a, m, e) < 0 || ask_ranges(a, p->nets, p->net_count, e) < 0 ||
		ask_ranges(a, p->below, p->below_count, e) < 0))
		return -1;
	if (!few && ask_many(a, m, e) < 0)
		return -1;
	for (size_t i = 0; i < p->like_count; i++) {
		if (ask_expression(a, p->like[i], e) < 0)
			return -1;
	}
	return 0;
}

int ask_pass(struct ask *a, uint32_t from, uint32_t to, struct error *e)
{
	struct ask_plan p = {0};
	int status = 0;
	ask_match_init(&p.exact);
	ask_match_init(&p.all);
	for (uint32_t i = from; status == 0 && i < to; i++)
		status = plan_slot(a, &p, i, e);
	if (status == 0)
		status = run_plan(a, &p, e);
	plan_free(&p);
	arena_reset(&a->scratch);
	return status;
}

/* ---- all ---- */

static int ask_all(struct ask *a, struct error *e)
{
	for (size_t from = 0; from < a->slots; from += ASK_PASS_MAX) {
		size_t to = size_min(from + ASK_PASS_MAX, a->slots);
		if (ask_pass(a, (uint32_t)from, (uint32_t)to, e) < 0)
			return -1;
	}
	if (ask_urls(a, e) < 0 || ask_addresses(a, e) < 0 ||
	    ask_book_finish(&a->book, e) < 0)
		return -1;
	return ask_patterns_combine(a, e);
}

static int prepare(struct ask *a, struct error *e)
{
	a->slots = a->indicators = indicators_count(a->q->set);
	if (ask_patterns_plan(a, e) < 0)
		return -1;
	a->why = calloc(a->slots + 1, sizeof(*a->why));
	if (a->why == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the answers");
	/* What patterns join are hosts. */
	a->question.figures &= indicators_pattern_count(a->q->set) == 0;
	a->book.figures = a->question.figures;
	return ask_book_init(&a->book, a->slots, a->q->home, a->q->homes, e);
}

struct ask *ask_run(struct store *s, const struct ask_question *q, struct error *e)
{
	struct ask *a = calloc(1, sizeof(*a));
	if (a == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for the answers");
		return NULL;
	}
	a->question = *q;
	a->q = &a->question;
	a->store = s;
	arena_init(&a->scratch, ASK_SCRATCH_MAX);
	arena_init(&a->plan, ASK_SCRATCH_MAX);
	/* The runs that are listed must stay until all is read. */
	lookup_hold(s);
	int status = prepare(a, e) < 0 ? -1 : ask_all(a, e);
	ask_twin_free(a);
	ask_runs_end(a);
	lookup_release(s);
	if (status < 0) {
		ask_free(a);
		return NULL;
	}
	return a;
}

static int is_empty(struct store *s, const char *table, bool *empty, struct error *e)
{
	char sql[64];
	snprintf(sql, sizeof(sql), "SELECT 1 FROM %s LIMIT 1", table);
	struct store_rows *r = memory_query(s, table, sql, e);
	if (r == NULL)
		return -1;
	*empty = !store_next(r);
	return store_rows_end(r, e);
}

int ask_needs_raw(struct store *s, struct error *e)
{
	bool empty = false;
	if (is_empty(s, "watch_hour", &empty, e) < 0 ||
	    (empty && is_empty(s, "pair_year", &empty, e) < 0))
		return -1;
	if (!empty)
		return 0;
	return is_empty(s, "conn", &empty, e) < 0 ? -1 : !empty;
}

/* ---- answers ---- */

static const struct ask_answer *empty_answer(enum ask_why why)
{
#define NOTHING                                                                          \
	{                                                                                \
		.first = {INT64_MIN}, .last = { INT64_MIN }                              \
	}
#define W(ENUMERATOR, name)                                                              \
	[ASK_WHY_##ENUMERATOR] = {                                                       \
	    .state = ASK_UNANSWERED, .why = ASK_WHY_##ENUMERATOR, .t = NOTHING},
	static const struct ask_answer unanswered[] = {ASK_WHYS(W)};
#undef W
#define W(ENUMERATOR, name)                                                              \
	[ASK_WHY_##ENUMERATOR] = {                                                       \
	    .state = ASK_NO, .why = ASK_WHY_##ENUMERATOR, .t = NOTHING},
	static const struct ask_answer no[] = {ASK_WHYS(W)};
#undef W
#undef NOTHING
	bool is_no = why == ASK_WHY_NONE || why == ASK_WHY_PATH_UNSEEN ||
		     why == ASK_WHY_PORT || why == ASK_WHY_SAME_HOST;
	return is_no ? &no[why] : &unanswered[why];
}

const struct ask_answer *ask_answer(const struct ask *a, size_t i)
{
	struct ask_found *f = ask_book_of(&a->book, (uint32_t)i);
	return f != NULL ? &f->answer : empty_answer((enum ask_why)a->why[i]);
}

void ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	ask_book_free(&a->book);
	ask_slots_free(&a->matched);
	arena_fini(&a->scratch);
	arena_fini(&a->plan);
	free(a->extra);
	free(a->why);
	free(a->joints);
	free(a->pattern_answers);
	free(a);
}
