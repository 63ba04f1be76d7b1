/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the rows of a question are: in runs whose keys say that they may have any, and in
 * segments that no run counts yet. Nothing else is opened, and where nothing is left the
 * engine is not asked.
 */
#include "ask/ask_plan.h"
#include "ask/ask_sql.h"
#include "store/memory.h"

static const enum run_set sets[ASK_SOURCE_COUNT] = {
    [ASK_SOURCE_YEAR] = RUNS_PAIR_YEAR,
    [ASK_SOURCE_YEAR_BY_DST] = RUNS_PAIR_YEAR_BY_DST,
    [ASK_SOURCE_MONTH] = RUNS_PAIR_MONTH,
    [ASK_SOURCE_MONTH_BY_DST] = RUNS_PAIR_MONTH_BY_DST,
    [ASK_SOURCE_DAY] = RUNS_PAIR_DAY,
    [ASK_SOURCE_DAY_BY_DST] = RUNS_PAIR_DAY_BY_DST,
    [ASK_SOURCE_SEEN] = RUNS_SEEN,
};

/* The runs of a source, as they were when it was first asked for. */
static struct lookup *lookup_of(struct ask *a, enum ask_source source, struct error *e)
{
	if (a->lookups[source] == NULL)
		a->lookups[source] = lookup_new(a->store, sets[source], e);
	return a->lookups[source];
}

int ask_runs_list(struct ask *a, enum ask_source source, struct error *e)
{
	return lookup_of(a, source, e) != NULL ? 0 : -1;
}

static struct lookup_place place_of(const struct ask_from *f)
{
	struct lookup_place at = {{0}, f->since, f->until};
	if (f->source == ASK_SOURCE_SEEN)
		at.kind = str_of(ask_kind_name(f->kind));
	return at;
}

static int choose(struct lookup *l, const struct ask_from *f, struct error *e)
{
	const struct ask_pick *p = f->pick;
	struct lookup_place at = place_of(f);
	if (p->by == PICK_LIST)
		return lookup_list(l, &at, p->list + f->first, f->end - f->first, e);
	if (p->by == PICK_RANGE)
		return lookup_range(
		    l, &at, p->from, p->to.n > 0 ? p->to : (struct str){0}, e);
	return lookup_range(l, &at, (struct str){0}, (struct str){0}, e);
}

int ask_put_from(struct ask *a, struct sql *sql, const struct ask_from *from, bool *any,
    struct error *e)
{
	*any = true;
	if (a->q->raw) {
		ask_sql_raw(sql, from->source);
		return 0;
	}
	struct lookup *l = lookup_of(a, from->source, e);
	if (l == NULL || (!from->rest && choose(l, from, e) < 0))
		return -1;
	*any = lookup_any(l);
	return *any ? lookup_put(l, sql, e) : 0;
}

/* ---- rows beside the keys ---- */

int ask_show_to(struct ask *a, const struct ask_from *from,
    const struct lookup_sink *sink, struct error *e)
{
	const struct ask_pick *p = from->pick;
	struct lookup_place at = place_of(from);
	struct lookup *l = lookup_of(a, from->source, e);
	struct str low = {0}, high = {0};
	if (l == NULL)
		return -1;
	if (p->by == PICK_LIST)
		return lookup_show_list(
		    l, &at, p->list + from->first, from->end - from->first, sink, e);
	if (p->by == PICK_RANGE && p->from.n > 0)
		low = p->from;
	if (p->by == PICK_RANGE && p->to.n > 0)
		high = p->to;
	return lookup_show_range(l, &at, low, high, sink, e);
}

int ask_left(
    struct ask *a, enum ask_source source, bool *files, bool *tail, struct error *e)
{
	const struct lookup *l = lookup_of(a, source, e);
	if (l == NULL)
		return -1;
	*files = lookup_unshown(l) > 0;
	*tail = lookup_has_tail(l);
	return 0;
}

bool ask_rest(struct ask *a, enum ask_source source, struct str *from)
{
	return a->lookups[source] != NULL && lookup_rest(a->lookups[source], from);
}

void ask_forget(struct ask *a, enum ask_source source)
{
	if (a->lookups[source] != NULL)
		lookup_forget(a->lookups[source]);
}

/* ---- values ---- */

/* Rows of one column, sort. */
static int visit_rows(struct ask *a, const char *sql, const char *tables,
    const struct keys_visit *v, struct error *e)
{
	struct store_rows *rows = memory_query(a->store, tables, sql, e);
	int status = rows != NULL ? 0 : -1;
	while (status == 0 && store_next(rows))
		status = v->visit(v->ctx, store_text(rows, 0), NULL, e);
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	return status;
}

/* What no keys say of a range of a kind: all plain rows, or what the lookup has chosen.
 */
static int visit_rest(struct ask *a, const struct lookup *l, enum ask_kind kind,
    const struct ask_pick *range, const struct keys_visit *v, struct error *e)
{
	struct sql sql = sql_start();
	int status = 0;
	sql_put(&sql, "SELECT sort FROM ");
	if (l == NULL)
		ask_sql_raw(&sql, ASK_SOURCE_SEEN);
	else
		status = lookup_put(l, &sql, e);
	sql_format(&sql, " WHERE kind='%s'", ask_kind_name(kind));
	ask_sql_pick(&sql, "sort", range, 0, 0);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	const char *tables = ask_sql_tables(ASK_SOURCE_SEEN, l == NULL);
	status = text != NULL ? visit_rows(a, text, tables, v, e) : -1;
	sql_free(&sql);
	return status;
}

static struct lookup_place all_of(enum ask_kind kind)
{
	const struct ask_from all = {.source = ASK_SOURCE_SEEN,
	    .kind = kind,
	    .since = MOMENT_NONE,
	    .until = MOMENT_NONE};
	return place_of(&all);
}

int ask_values_listed(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e)
{
	struct lookup_place at = all_of(kind);
	struct lookup *l = lookup_of(a, ASK_SOURCE_SEEN, e);
	struct str end = to.n > 0 ? to : (struct str){0};
	return l != NULL ? lookup_visit(l, &at, from, end, v, e) : -1;
}

int ask_values_left(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e)
{
	const struct ask_pick range = {.by = PICK_RANGE, .from = from, .to = to};
	const struct lookup *l = a->lookups[ASK_SOURCE_SEEN];
	return lookup_any(l) ? visit_rest(a, l, kind, &range, v, e) : 0;
}

int ask_values(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e)
{
	const struct ask_pick range = {.by = PICK_RANGE, .from = from, .to = to};
	if (a->q->raw)
		return visit_rest(a, NULL, kind, &range, v, e);
	int status = ask_values_listed(a, kind, from, to, v, e);
	return status == 0 ? ask_values_left(a, kind, from, to, v, e) : status;
}

bool ask_values_middle(struct ask *a, enum ask_kind kind, struct str *value)
{
	struct error none;
	struct lookup_place at = all_of(kind);
	struct lookup *l = lookup_of(a, ASK_SOURCE_SEEN, &none);
	if (l == NULL || !lookup_middle(l, &at, value))
		return false;
	*value = str_copy(&a->scratch, *value);
	return value->n > 0;
}

/* ---- the end ---- */

void ask_runs_end(struct ask *a)
{
	for (int i = 0; i < ASK_SOURCE_COUNT; i++) {
		struct error why;
		if (a->lookups[i] == NULL)
			continue;
		size_t n = lookup_damage(a->lookups[i], &why);
		if (a->damaged == 0 && n > 0)
			a->damage = why;
		a->damaged += n;
		lookup_free(a->lookups[i]);
		a->lookups[i] = NULL;
	}
}

size_t ask_damage(const struct ask *a, struct error *first)
{
	if (a->damaged > 0)
		*first = a->damage;
	return a->damaged;
}
