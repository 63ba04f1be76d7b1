/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lookup_runs.h"

#include <stdlib.h>
#include <string.h>

#include "store/memory.h"
#include "store/retain.h"
#include "sys/path.h"

void lookup_hold(struct store *s)
{
	memory_hold(s);
}

void lookup_release(struct store *s)
{
	memory_release(s);
}

/* ---- which there are ---- */

static int copy_runs(struct lookup *l, struct error *e)
{
	const struct catalog_table *t = catalog_runs(&l->store->catalog, l->set);
	l->runs = calloc(t->n + 1, sizeof(*l->runs));
	if (l->runs == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of runs");
	for (; l->n < t->n; l->n++) {
		l->runs[l->n] = (struct run){strdup(t->paths[l->n]), KEYS_NONE};
		if (l->runs[l->n].path == NULL)
			return error_set(e, ERR_SYSTEM, "no memory for the list of runs");
	}
	return 0;
}

static int copy_tail(struct lookup *l, struct error *e)
{
	const struct catalog *c = &l->store->catalog;
	enum rollup_type type = run_set_info(l->set)->type;
	l->has_tail = views_has_tail(c, type);
	if (!l->has_tail)
		return 0;
	return views_put_tail(&l->tail, c, type, l->store->path, e) < 0 ||
		       sql_text(&l->tail, e) == NULL
		   ? -1
		   : 0;
}

/* Where all runs lie in one folder, all are looked at. */
static void fetch_soon(const struct lookup *l)
{
	char path[PATH_MAX];
	struct error none;
	for (size_t i = 0; i < l->n && keys_are_listed(l->set); i++) {
		if (path_make(path, &none, "%s/%s", l->store->path, l->runs[i].path) == 0)
			keys_soon(path);
	}
}

struct lookup *lookup_new(struct store *s, enum run_set set, struct error *e)
{
	struct lookup *l = calloc(1, sizeof(*l));
	if (l == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for the list of runs");
		return NULL;
	}
	l->store = s;
	l->set = set;
	l->tail = sql_start();
	if (memory_list_runs(s, set, e) < 0 || copy_runs(l, e) < 0 ||
	    copy_tail(l, e) < 0) {
		lookup_free(l);
		return NULL;
	}
	fetch_soon(l);
	return l;
}

void lookup_free(struct lookup *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++) {
		keys_close(&l->runs[i].keys);
		free(l->runs[i].path);
		free(l->runs[i].rest);
	}
	keys_window_free(&l->window);
	keys_window_free(&l->sums);
	free(l->runs);
	sql_free(&l->tail);
	free(l);
}

/* ---- looking ---- */

static void not_usable(struct lookup *l, struct run *r, const struct error *why)
{
	keys_close(&r->keys);
	r->usable = false;
	if (l->damaged++ == 0)
		l->first = *why;
}

/* Look at a run and its keys, once. Negative with *e set when the run is damaged. */
int lookup_look(struct lookup *l, struct run *r, struct error *e)
{
	char path[PATH_MAX];
	struct error why = {0};
	bool run_bad = false;
	if (r->looked)
		return 0;
	if (path_make(path, e, "%s/%s", l->store->path, r->path) < 0)
		return -1;
	int there = keys_open(&r->keys, path, &run_bad, &why);
	if (run_bad) {
		*e = why;
		return -1;
	}
	r->looked = true;
	r->usable = there > 0;
	if (there < 0)
		not_usable(l, r, &why);
	return 0;
}

/* Whether the folder of a run may have rows of the span, which were not shown. */
bool lookup_in_span(const struct run *r, const struct lookup_place *at)
{
	int64_t from, end;
	if (r->shown)
		return false;
	if (!retain_span(r->path, &from, &end))
		return true;
	return (at->from.ns == MOMENT_NONE.ns || end > moment_day(at->from)) &&
	       (at->to.ns == MOMENT_NONE.ns ||
		   from <= moment_day(moment_add(at->to, -1)));
}

/* A key of the file: the kind, if any, before the text. */
struct key {
	char text[KEYS_TEXT_MAX];
	struct str str;
};

/* Longer ones are in no file; cut, they still lie where they would. */
static void key_make(struct key *k, struct str kind, struct str text)
{
	size_t n = 0;
	if (kind.p != NULL && kind.n > 0 && kind.n < sizeof(k->text) / 2) {
		memcpy(k->text, kind.p, kind.n);
		n = kind.n;
		k->text[n++] = '\0';
	}
	size_t room = sizeof(k->text) - n;
	size_t more = text.n < room ? text.n : room;
	if (text.p != NULL && more > 0)
		memcpy(k->text + n, text.p, more);
	k->str = (struct str){k->text, n + more};
}

/* Where the keys of the kind end, when the end is open. */
static struct str end_of(struct key *k, struct str kind, struct str to)
{
	if (to.p == NULL && kind.n == 0)
		return (struct str){0};
	key_make(k, kind, to);
	if (to.p == NULL)
		k->text[kind.n] = 1; /* behind the zero that all of the kind have */
	return k->str;
}

static void choose_none(struct lookup *l)
{
	l->no_tail = false;
	for (size_t i = 0; i < l->n; i++)
		l->runs[i].chosen = false;
}

int lookup_all(struct lookup *l, const struct lookup_place *at, struct error *e)
{
	choose_none(l);
	for (size_t i = 0; i < l->n; i++) {
		l->runs[i].chosen = lookup_in_span(&l->runs[i], at);
		if (l->runs[i].chosen && lookup_look(l, &l->runs[i], e) < 0)
			return -1;
	}
	return 0;
}

static int stop(void *ctx, struct str key, const struct keys_place *rows, struct error *e)
{
	(void)ctx, (void)key, (void)rows, (void)e;
	return 1;
}

/* Whether the run may have keys in [from, to). Negative: its keys are damaged. */
static int may_reach(const struct run *r, struct str from, struct str to, struct error *e)
{
	const struct keys_visit v = {stop, NULL, NULL};
	return r->keys.listed ? keys_walk(&r->keys, from, to, &v, e)
			      : keys_reach(&r->keys, from, to);
}

int lookup_range(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, struct error *e)
{
	struct key low, high;
	key_make(&low, at->kind, from);
	struct str end = end_of(&high, at->kind, to);
	choose_none(l);
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		struct error why = {0};
		if (!lookup_in_span(r, at))
			continue;
		if (lookup_look(l, r, e) < 0)
			return -1;
		int may = r->usable ? may_reach(r, low.str, end, &why) : 1;
		if (may < 0)
			not_usable(l, r, &why);
		r->chosen = may != 0;
	}
	return 0;
}

/* ---- lists ---- */

/* The first of the sorted keys that is not below. */
static size_t first_from(const struct str *keys, size_t n, struct str below)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (str_cmp(keys[mid], below) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The part of a key behind the kind; absent when it is another kind's. */
struct str lookup_text_of(struct str kind, struct str key)
{
	if (kind.n == 0)
		return key;
	if (key.n <= kind.n || memcmp(key.p, kind.p, kind.n) != 0 ||
	    key.p[kind.n] != '\0')
		return (struct str){0};
	return (struct str){key.p + kind.n + 1, key.n - kind.n - 1};
}

/* What comes before the keys of a kind. */
static struct str prefix_of(struct key *k, struct str kind)
{
	key_make(k, kind, (struct str){0});
	return k->str;
}

/* Whether the file lists one of the keys. Negative: its keys are damaged. */
static int has_one(const struct run *r, struct str kind, const struct str *keys, size_t n,
    struct error *e)
{
	struct key k;
	const struct keys_visit v = {stop, NULL, NULL};
	return keys_join(&r->keys, prefix_of(&k, kind), keys, n, &v, e);
}

/* Whether the run may have one of the keys. Negative: its keys are damaged. */
static int may_have(const struct run *r, const struct lookup_place *at,
    const struct str *keys, size_t n, struct error *e)
{
	struct key k;
	struct str first = lookup_text_of(at->kind, r->keys.first);
	size_t i = first.p != NULL ? first_from(keys, n, first) : 0;
	if (i == n)
		return 0;
	key_make(&k, at->kind, keys[i]);
	if (str_cmp(k.str, r->keys.last) > 0)
		return 0;
	return r->keys.listed ? has_one(r, at->kind, keys + i, n - i, e) : 1;
}

int lookup_list(struct lookup *l, const struct lookup_place *at, const struct str *keys,
    size_t n, struct error *e)
{
	choose_none(l);
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		struct error why = {0};
		if (!lookup_in_span(r, at))
			continue;
		if (lookup_look(l, r, e) < 0)
			return -1;
		int may = r->usable ? may_have(r, at, keys, n, &why) : 1;
		if (may < 0)
			not_usable(l, r, &why);
		r->chosen = may != 0;
	}
	return 0;
}

/* ---- visiting ---- */

/* Hands keys on without their kind. */
struct strip {
	const struct keys_visit *v;
	size_t kind; /* bytes of it and the zero */
	bool failed; /* visit said so, not the file */
};

static int strip(
    void *ctx, struct str key, const struct keys_place *rows, struct error *e)
{
	struct strip *s = ctx;
	if (key.n < s->kind)
		return 0;
	struct str text = {key.p + s->kind, key.n - s->kind};
	int status = s->v->visit(s->v->ctx, text, rows, e);
	s->failed = status < 0;
	return status;
}

int lookup_visit(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, const struct keys_visit *v, struct error *e)
{
	struct key low, high;
	struct strip s = {v, at->kind.n > 0 ? at->kind.n + 1 : 0, false};
	const struct keys_visit each = {strip, &s, NULL};
	key_make(&low, at->kind, from);
	struct str end = end_of(&high, at->kind, to);
	choose_none(l);
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		struct error why = {0};
		if (!lookup_in_span(r, at))
			continue;
		if (lookup_look(l, r, e) < 0)
			return -1;
		r->chosen = !r->usable || !r->keys.listed;
		if (r->chosen)
			continue;
		int status = keys_walk(&r->keys, low.str, end, &each, &why);
		if (status > 0)
			return status;
		if (status < 0 && s.failed) {
			*e = why;
			return -1;
		}
		/* What was visited before the damage is visited again from the rows. */
		r->chosen = status < 0;
		if (status < 0)
			not_usable(l, r, &why);
	}
	return 0;
}

/* ---- rows ---- */

#define SHOW_KEYS  512   /* whose rows are fetched together */
#define SHOW_BATCH 256   /* keys of a list that are shown of all runs before the next */
#define SHOW_TEXTS 65536 /* bytes of these */

/* Rows of a run being shown: keys are gathered, so that the disk fetches the rows of many
 * at once. */
struct show {
	struct lookup *lookup;
	struct run *run;
	size_t kind; /* bytes of it and the zero */
	const struct lookup_sink *sink;
	bool failed;    /* who is shown them said so, or what was whole is malformed */
	struct str key; /* whose rows are damaged; in texts */
	struct keys_place places[SHOW_KEYS];
	struct str keys[SHOW_KEYS]; /* in texts; with their kind */
	size_t n, used;
	struct keys_sum sum;
	char texts[SHOW_TEXTS];
};

/* Show what the rows come to; 1: they are to be shown themselves. */
static int show_sum(struct show *s, size_t i, struct error *e)
{
	struct lookup *l = s->lookup;
	if (s->sink->sum == NULL ||
	    !keys_sums_take(&s->run->keys, &s->places[i], s->n - i, &l->sums, &s->sum))
		return 1;
	return s->sink->sum(s->sink->ctx, &s->sum, e);
}

static int show_rows(struct show *s, size_t i, struct error *e)
{
	const struct keys *k = &s->run->keys;
	const struct keys_row_visit each = {s->sink->row, s->sink->ctx};
	struct str key = {s->keys[i].p + s->kind, s->keys[i].n - s->kind};
	int status = s->sink->key(s->sink->ctx, key, e);
	s->failed = status < 0;
	if (status != 0)
		return status < 0 ? -1 : 0;
	status = show_sum(s, i, e);
	s->failed = status < 0;
	if (status <= 0)
		return status;
	if (keys_rows_check(k, &s->places[i], &s->lookup->window, e) < 0) {
		s->key = s->keys[i];
		return -1;
	}
	s->failed = keys_rows_walk(k, &s->places[i], &s->lookup->window, &each, e) < 0;
	return s->failed ? error_add(e, "beside %s", s->run->path) : 0;
}

/* Show what was gathered. */
static int show_gathered(struct show *s, struct error *e)
{
	int status = 0;
	s->lookup->sums.fd = -1; /* which may be of another run by now */
	if (s->sink->sum != NULL)
		keys_sums_soon(&s->run->keys, s->places, s->n);
	else
		keys_rows_soon(&s->run->keys, s->places, s->n);
	for (size_t i = 0; i < s->n && status == 0; i++)
		status = show_rows(s, i, e);
	s->n = s->used = 0;
	return status;
}

static int show_key(
    void *ctx, struct str whole, const struct keys_place *rows, struct error *e)
{
	struct show *s = ctx;
	if (rows->bytes == 0 || whole.n < s->kind || whole.n > KEYS_TEXT_MAX)
		return 0;
	if ((s->n == SHOW_KEYS || whole.n > SHOW_TEXTS - s->used) &&
	    show_gathered(s, e) < 0)
		return -1;
	memcpy(s->texts + s->used, whole.p, whole.n);
	s->keys[s->n] = (struct str){s->texts + s->used, whole.n};
	s->places[s->n++] = *rows;
	s->used += whole.n;
	return 0;
}

/* What is to be shown of each run: a list, or, without one, a range. */
struct wanted {
	struct str kind;
	const struct str *keys;
	size_t n;
	struct key prefix, low, high;
	struct str end; /* of the range */
};

static void note_damage(struct lookup *l, const struct run *r, const struct error *why)
{
	char path[PATH_MAX] = "";
	struct error none;
	if (l->damaged++ > 0)
		return;
	l->first = *why;
	(void)keys_path(r->path, path, &none);
	error_add(&l->first, "%s", path);
}

/* Nothing was shown from a key on: of another kind, from the first on. */
static int keep_rest(struct run *r, struct str kind, struct str key, struct error *e)
{
	struct str text = lookup_text_of(kind, key);
	free(r->rest);
	r->rest = malloc(text.n + 1);
	if (r->rest == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of runs");
	if (text.n > 0)
		memcpy(r->rest, text.p, text.n);
	r->rest_n = text.n;
	r->taken = false;
	return 0;
}

/* Show what is wanted of a run; that which can not be shown is left for the engine. */
static int show_run(
    struct show *s, struct run *r, const struct wanted *w, struct error *e)
{
	struct str broken = {0};
	const struct keys_visit v = {show_key, s, &broken};
	struct error why = {0}, before = {0};
	s->run = r;
	s->failed = false;
	s->key = (struct str){0};
	s->n = s->used = 0;
	int status = w->keys != NULL
			 ? keys_join(&r->keys, w->prefix.str, w->keys, w->n, &v, &why)
			 : keys_walk(&r->keys, w->low.str, w->end, &v, &why);
	/* What was gathered comes before what is damaged. */
	if (!s->failed && s->key.p == NULL && show_gathered(s, &before) < 0) {
		status = -1;
		why = before;
	}
	if (status == 0)
		return 0;
	struct str from = s->key.p != NULL ? s->key : broken;
	if (s->failed || from.p == NULL) {
		*e = why;
		return -1;
	}
	note_damage(s->lookup, r, &why);
	return keep_rest(r, w->kind, from, e);
}

static bool can_show(const struct run *r, const struct lookup_place *at)
{
	return lookup_in_span(r, at) && r->usable && r->keys.listed && r->keys.with_rows;
}

static int show_batch(struct show *s, const struct lookup_place *at,
    const struct wanted *w, struct error *e)
{
	struct lookup *l = s->lookup;
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		if (can_show(r, at) && r->rest == NULL && show_run(s, r, w, e) < 0)
			return -1;
	}
	return 0;
}

/* Of a list some keys at a time, so that what is known of them stays near. */
static int show(struct lookup *l, const struct lookup_place *at, const struct wanted *w,
    const struct lookup_sink *sink, struct error *e)
{
	int status = 0;
	choose_none(l);
	for (size_t i = 0; i < l->n; i++) {
		if (lookup_in_span(&l->runs[i], at) && lookup_look(l, &l->runs[i], e) < 0)
			return -1;
	}
	struct show *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for rows");
	s->lookup = l;
	s->kind = w->kind.n > 0 ? w->kind.n + 1 : 0;
	s->sink = sink;
	struct wanted batch = *w;
	prefix_of(&batch.prefix, w->kind); /* its text is in it */
	if (w->keys == NULL)
		status = show_batch(s, at, w, e);
	for (size_t from = 0; status == 0 && from < w->n; from += SHOW_BATCH) {
		batch.keys = w->keys + from;
		batch.n = w->n - from < SHOW_BATCH ? w->n - from : SHOW_BATCH;
		status = show_batch(s, at, &batch, e);
	}
	for (size_t i = 0; i < l->n; i++)
		l->runs[i].shown |= can_show(&l->runs[i], at);
	free(s);
	return status;
}

int lookup_show_list(struct lookup *l, const struct lookup_place *at,
    const struct str *keys, size_t n, const struct lookup_sink *sink, struct error *e)
{
	const struct wanted w = {.kind = at->kind, .keys = keys, .n = n};
	return show(l, at, &w, sink, e);
}

int lookup_show_range(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, const struct lookup_sink *sink, struct error *e)
{
	struct wanted w = {.kind = at->kind};
	key_make(&w.low, at->kind, from);
	w.end = end_of(&w.high, at->kind, to);
	return show(l, at, &w, sink, e);
}

bool lookup_rest(struct lookup *l, struct str *from)
{
	choose_none(l);
	l->no_tail = true;
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		if (r->rest == NULL || r->taken)
			continue;
		r->chosen = r->taken = true;
		*from = (struct str){r->rest, r->rest_n};
		return true;
	}
	l->no_tail = false;
	return false;
}

void lookup_forget(struct lookup *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct run *r = &l->runs[i];
		free(r->rest);
		r->rest = NULL;
		r->shown = r->taken = false;
	}
}

size_t lookup_unshown(const struct lookup *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += !l->runs[i].shown;
	return n;
}

bool lookup_has_tail(const struct lookup *l)
{
	return l->has_tail;
}

/* ---- what was chosen ---- */

size_t lookup_files(const struct lookup *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += l->runs[i].chosen;
	return n;
}

bool lookup_any(const struct lookup *l)
{
	return (l->has_tail && !l->no_tail) || lookup_files(l) > 0;
}

int lookup_put(const struct lookup *l, struct sql *sql, struct error *e)
{
	bool first = true;
	sql_put(sql, "(");
	views_put_no_runs(sql, rollup_info(run_set_info(l->set)->type));
	for (size_t i = 0; i < l->n; i++) {
		if (!l->runs[i].chosen)
			continue;
		sql_put(sql, first ? " UNION ALL BY NAME SELECT * FROM " : "");
		if (views_put_file(sql, first, l->store->path, l->runs[i].path, e) < 0)
			return -1;
		first = false;
	}
	if (!first)
		views_end_files(sql, true);
	if (l->has_tail && !l->no_tail) {
		sql_put(sql, " UNION ALL BY NAME ");
		sql_put(sql, l->tail.text);
	}
	sql_put(sql, ")");
	return 0;
}

size_t lookup_damage(const struct lookup *l, struct error *first)
{
	if (l->damaged > 0)
		*first = l->first;
	return l->damaged;
}
