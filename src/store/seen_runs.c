/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen, in the order of files: kind, sort, via, host, year. */
#include <stdlib.h>
#include <string.h>

#include "base/places.h"
#include "engine/stage.h"
#include "store/addresses.h"
#include "store/seen.h"
#include "store/suffix.h"

#define DAY_US    (86400 * INT64_C(1000000))
#define AHEAD     8UL  /* rows between one step of fetching and the next */
#define YEAR_BIAS 4096 /* makes years that a moment can name positive */

/* a: kind (8) · rank of sort (24) · via (8) · rank of host (24); b: the year. */

_Static_assert(WORDS_MAX * 2 + 1 < 1 << 24, "ranks fit their bits");

/* A word in the order of names: its labels from the last to the first. */
struct turned {
	struct str text;
	uint32_t rank;
};

struct flush {
	struct seen *seen;
	struct addresses hosts;
	struct arena text;     /* of turned */
	struct turned *turned; /* by number of the word; owned */
	struct place *order;   /* owned */
	uint32_t *hosts_of;    /* numbers of hosts, by row; owned */
	size_t n, next;
};

static struct seen_row *row_of(const struct flush *f, uint32_t row)
{
	return keyed_row(&f->seen->rows, row);
}

static bool is_turned(const struct seen_row *r)
{
	return r->key.kind == SEEN_NAME || r->key.kind == SEEN_DOMAIN;
}

/* ---- registered domains ---- */

/* The number of the registered domain of each name; 0: none. */
static int note_domain(
    struct seen *s, struct suffix_memo *memo, uint32_t name, uint32_t *domain)
{
	*domain = 0;
	struct str registered = suffix_remember(memo, words_text(&s->words, name));
	if (registered.n > 0)
		*domain = words_put(&s->words, registered);
	return *domain == WORDS_FULL ? -1 : 0;
}

static int put_domain(struct seen *s, const struct seen_row *name, uint32_t domain)
{
	bool made;
	struct seen_row copy = *name;
	copy.key.kind = SEEN_DOMAIN;
	copy.key.value = domain;
	copy.key.host = (struct addr){0};
	struct seen_row *row = keyed_put(&s->rows, &copy.key, &made);
	if (row == NULL)
		return -1;
	if (made)
		*row = copy;
	else
		seen_join(row, &copy);
	return 0;
}

static int add_domains(struct seen *s, struct suffix_memo *memo)
{
	uint32_t rows = s->rows.n, words = s->words.n;
	uint32_t *domains = malloc((words + 1) * sizeof(*domains));
	bool *known = calloc(words + 1, sizeof(*known));
	int status = domains != NULL && known != NULL ? 0 : -1;
	words_widen(&s->words);
	for (uint32_t i = 0; i < rows && status == 0; i++) {
		struct seen_row row = *(struct seen_row *)keyed_row(&s->rows, i);
		uint32_t name = row.key.value;
		if (row.key.kind != SEEN_NAME)
			continue;
		if (!known[name])
			status = note_domain(s, memo, name, &domains[name]);
		known[name] = true;
		if (status == 0 && domains[name] != 0)
			status = put_domain(s, &row, domains[name]);
	}
	free(domains);
	free(known);
	return status;
}

/* ---- order ---- */

/* The labels of a name from the last to the first, in the arena. */
static struct str turn(struct arena *a, struct str name)
{
	char *out = arena_alloc(a, name.n + 1);
	size_t at = 0, end = name.n;
	if (out == NULL)
		return (struct str){0};
	for (;;) {
		const char *dot = end > 0 ? memrchr(name.p, '.', end) : NULL;
		size_t from = dot != NULL ? (size_t)(dot - name.p) + 1 : 0;
		if (end > from)
			memcpy(out + at, name.p + from, end - from);
		at += end - from;
		if (dot == NULL)
			break;
		out[at++] = '.';
		end = from - 1;
	}
	return (struct str){out, at};
}

static struct str turned_at(const void *ctx, uint32_t i)
{
	struct turned *const *order = ctx;
	return order[i]->text;
}

/* Turn the words that are names or domains, and give them ranks of their own. */
static int turn_names(struct flush *f)
{
	uint32_t words = f->seen->words.n, n = 0;
	struct turned **order = malloc((words + 1) * sizeof(struct turned *));
	uint32_t *ranks = malloc((words + 1) * sizeof(*ranks));
	f->turned = calloc(words + 1, sizeof(*f->turned));
	int status = order != NULL && ranks != NULL && f->turned != NULL ? 0 : -1;
	for (uint32_t i = 0; i < f->n && status == 0; i++) {
		const struct seen_row *r = row_of(f, i);
		struct turned *t = &f->turned[r->key.value];
		if (!is_turned(r) || t->text.p != NULL)
			continue;
		t->text = turn(&f->text, words_text(&f->seen->words, r->key.value));
		if (t->text.p == NULL)
			status = -1;
		order[n++] = t;
	}
	if (status == 0)
		status = places_rank(turned_at, order, n, ranks);
	for (uint32_t i = 0; i < n && status == 0; i++)
		order[i]->rank = ranks[i];
	free(order);
	free(ranks);
	return status;
}

static int number_hosts(struct flush *f)
{
	f->hosts_of = malloc((f->n + 1) * sizeof(*f->hosts_of));
	if (f->hosts_of == NULL)
		return -1;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct addr *host = &row_of(f, i)->key.host;
		f->hosts_of[i] = addresses_put(&f->hosts, host);
		if (f->hosts_of[i] == 0 && !addr_is_unset(host))
			return -1;
	}
	return addresses_rank(&f->hosts);
}

static int sort_rows(struct flush *f)
{
	f->order = malloc((f->n * 2 + 1) * sizeof(*f->order));
	if (f->order == NULL || words_rank(&f->seen->words) < 0 || turn_names(f) < 0 ||
	    number_hosts(f) < 0)
		return -1;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct seen_row *r = row_of(f, i);
		uint64_t rank = is_turned(r)
				    ? f->turned[r->key.value].rank
				    : words_rank_of(&f->seen->words, r->key.value);
		f->order[i].a = (uint64_t)r->key.kind << 56 | rank << 32 |
				(uint64_t)r->key.via << 24 |
				addresses_rank_of(&f->hosts, f->hosts_of[i]);
		f->order[i].b = (uint64_t)(r->key.year + YEAR_BIAS);
		f->order[i].row = i;
	}
	places_sort(f->order, f->order + f->n, f->n);
	return 0;
}

/* ---- columns ---- */

static int64_t count(uint64_t v)
{
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static duckdb_string_t fixed(const char *text)
{
	return stage_string(text, strlen(text));
}

static void fill_row(
    const struct flush *f, const struct place *o, struct run_columns *c, size_t i)
{
	static const char *const kinds[] = {
#define K(KIND, text) text,
	    SEEN_KINDS(K)
#undef K
	};
	static const char *const vias[] = {
#define V(VIA, text) text,
	    SEEN_VIAS(V)
#undef V
	};
	const struct seen_row *r = row_of(f, o->row);
	struct str value = words_text(&f->seen->words, r->key.value);
	struct str sort = is_turned(r) ? f->turned[r->key.value].text : value;
	run_string(c, COLUMN_seen_kind, i, fixed(kinds[r->key.kind]));
	run_string(c, COLUMN_seen_sort, i, stage_string(sort.p, sort.n));
	run_string(c, COLUMN_seen_via, i, fixed(vias[r->key.via]));
	run_string(
	    c, COLUMN_seen_host, i, addresses_string(&f->hosts, f->hosts_of[o->row]));
	run_int(c, COLUMN_seen_ts, i, days_from_civil(r->key.year, 1, 1) * DAY_US);
	run_string(c, COLUMN_seen_value, i, stage_string(value.p, value.n));
	run_int(c, COLUMN_seen_first_seen, i, r->first);
	run_int(c, COLUMN_seen_last_seen, i, r->last);
	run_int(c, COLUMN_seen_count, i, count(r->count));
	run_int(c, COLUMN_seen_src_bytes, i, count(r->src_bytes));
	run_int(c, COLUMN_seen_dst_bytes, i, count(r->dst_bytes));
	for (size_t m = 0; m < 12; m++)
		run_int(c, COLUMN_seen_jan + m, i, r->months[m]);
}

/* Rows lie in the order in which they came, as do their texts: each thing that a row
 * leads to is fetched a while after what leads to it. */
static void fetch_ahead(const struct flush *f)
{
	if (f->next + AHEAD * 3 >= f->n)
		return;
	const struct place *o = &f->order[f->next];
	__builtin_prefetch(row_of(f, o[AHEAD * 3].row));
	__builtin_prefetch((const char *)row_of(f, o[AHEAD * 3].row) + 64);
	uint32_t value = row_of(f, o[AHEAD * 2].row)->key.value;
	__builtin_prefetch(words_at(&f->seen->words, value));
	__builtin_prefetch(&f->turned[value]);
	value = row_of(f, o[AHEAD].row)->key.value;
	__builtin_prefetch(words_at(&f->seen->words, value)->p);
	__builtin_prefetch(f->turned[value].text.p);
}

static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct flush *f = ctx;
	size_t i = 0;
	for (; i < room && f->next < f->n; i++) {
		fetch_ahead(f);
		fill_row(f, &f->order[f->next++], c, i);
	}
	return (int)i;
}

int seen_write(
    struct seen *s, struct run_writer *w, const struct run_place *place, struct error *e)
{
	struct run_place here = *place;
	struct flush f = {.seen = s};
	struct run_source source = {fill, &f};
	addresses_init(&f.hosts, &s->rows.key);
	arena_init(&f.text, (size_t)WORDS_BYTES_MAX * 4);
	here.folder = run_set_info(RUNS_SEEN)->folder;
	int status = add_domains(s, &w->suffixes);
	f.n = s->rows.n;
	if (status < 0 || sort_rows(&f) < 0)
		status = error_set(e, ERR_SYSTEM, "no memory to sort what was seen");
	else
		status = run_write(w, ROLLUP_SEEN, &source, &here, e);
	addresses_free(&f.hosts);
	arena_fini(&f.text);
	free(f.turned);
	free(f.order);
	free(f.hosts_of);
	return status;
}
