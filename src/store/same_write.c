/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a segment anew: rows that have become another's go, rows that stay take what
 * they lacked. The segment streams through the engine in its order; what changes comes
 * from functions that are asked by the row's number:
 *
 *     same_stays(row)             whether it stays
 *     same_goes(row)              whether it goes
 *     same_fill(row, field, old)  the text of a column, in place of old where that is
 * NULL
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/copy.h"
#include "engine/scalar.h"
#include "engine/sql.h"
#include "store/same_match.h"
#include "sys/path.h"

/* ---- what becomes of a row ---- */

static const struct same_patch *patch_of(const struct same *m, int64_t row)
{
	size_t low = 0, high = m->patch_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->patches[middle].row < row)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->patch_count && m->patches[low].row == row ? &m->patches[low]
								  : NULL;
}

static bool has_part(struct str list, struct str part, size_t *parts)
{
	bool found = false;
	*parts = 0;
	for (size_t at = 0; at <= list.n && list.n > 0;) {
		const char *end = memmem(list.p + at, list.n - at, ", ", 2);
		size_t n = end != NULL ? (size_t)(end - list.p) - at : list.n - at;
		found = found || str_equal((struct str){list.p + at, n}, part);
		++*parts;
		at += n + 2;
	}
	return found;
}

/* The parts of more behind those of list, each once. */
static struct str join(struct arena *a, struct str list, struct str more)
{
	size_t parts;
	for (size_t at = 0; at <= more.n && more.n > 0;) {
		const char *end = memmem(more.p + at, more.n - at, ", ", 2);
		size_t n = end != NULL ? (size_t)(end - more.p) - at : more.n - at;
		struct str part = {more.p + at, n};
		at += n + 2;
		if (list.n == 0)
			list = part;
		else if (!has_part(list, part, &parts) && parts < SAME_SOURCES_MAX)
			list = str_format(a, "%.*s, %.*s", STR_ARG(list), STR_ARG(part));
	}
	return list;
}

/* The same of kinds; that of packets alone is absent. */
static struct str join_kinds(struct arena *a, struct str list, struct str more)
{
	struct str all =
	    join(a, list.n > 0 ? list : SAME_PACKETS, more.n > 0 ? more : SAME_PACKETS);
	const struct str absent = {0};
	return str_equal(all, SAME_PACKETS) ? absent : all;
}

static bool is_directed(const struct field_info *f)
{
	return strcmp(f->name, "state") == 0 || strcmp(f->name, "history") == 0;
}

static bool is_counted(const struct same *m, const char *name)
{
	const char *at = strstr(m->table->counted, name);
	size_t n = strlen(name);
	return at != NULL && at > m->table->counted && at[-1] == ' ' && at[n] == ' ';
}

/* Whether a column is taken from another row where it is absent. */
static bool is_filled(const struct same *m, const struct field_info *f)
{
	if (f->offset == m->table->source || f->offset == m->table->source_kind)
		return true;
	if (f->kind != FIELD_TEXT && f->kind != FIELD_INT && f->kind != FIELD_FLAG)
		return false;
	return f->offset != m->table->sensor &&
	       !(m->place_rolled && is_counted(m, f->name));
}

/* A staged row's value as text. */
static struct str value_text(
    const struct same *m, uint32_t row, const struct field_info *f, struct arena *a)
{
	const void *at = (const char *)stage_row(m->stage, row) + f->offset;
	if (f->kind == FIELD_TEXT)
		return same_staged(m, row, f->offset);
	int64_t v =
	    f->kind == FIELD_INT ? *(const field_INT *)at : *(const field_FLAG *)at;
	const struct str absent = {0};
	return v < 0 ? absent : str_format(a, "%lld", (long long)v);
}

static struct str fill(struct same *m, const struct same_patch *p,
    const struct field_info *f, struct str old)
{
	bool source = f->offset == m->table->source;
	bool kind = f->offset == m->table->source_kind;
	if (old.p != NULL && !source && !kind)
		return old;
	for (size_t i = p->from; i < p->end; i++) {
		const struct same_match *match = &m->matches[i];
		if (match->fresh == UINT32_MAX)
			continue;
		const struct same_fresh *fresh = &m->fresh[match->fresh];
		if (is_directed(f) && fresh->swapped != match->swapped)
			continue;
		struct str value = value_text(m, fresh->row, f, &m->scratch);
		if (source)
			old = join(&m->scratch, old, value);
		else if (kind)
			old = join_kinds(&m->scratch, old, value);
		else if (value.p != NULL)
			return value;
	}
	return old;
}

/* ---- functions of the engine ---- */

static void run_gone(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out, bool wanted)
{
	const struct same *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column row = scalar_column(rows, 0);
	bool *result = duckdb_vector_get_data(out);
	idx_t n = duckdb_data_chunk_get_size(rows);
	for (idx_t i = 0; i < n; i++) {
		const struct same_patch *p =
		    scalar_is_null(&row, i) ? NULL
					    : patch_of(m, ((const int64_t *)row.data)[i]);
		result[i] = (p != NULL && p->gone) == wanted;
	}
}

static void run_goes(duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	run_gone(info, rows, out, true);
}

static void run_stays(
    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	run_gone(info, rows, out, false);
}

static void run_fill(duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)
{
	struct same *m = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column row = scalar_column(rows, 0), field = scalar_column(rows, 1),
			     old = scalar_column(rows, 2);
	idx_t n = duckdb_data_chunk_get_size(rows);
	for (idx_t i = 0; i < n; i++) {
		struct str text = scalar_text(&old, i);
		const struct same_patch *p =
		    scalar_is_null(&row, i) ? NULL
					    : patch_of(m, ((const int64_t *)row.data)[i]);
		size_t k = scalar_is_null(&field, i)
			       ? SIZE_MAX
			       : (size_t)((const int64_t *)field.data)[i];
		if (p != NULL && k < m->stage->info->field_count)
			text = fill(m, p, &m->stage->info->fields[k], text);
		scalar_put_text(out, i, text);
	}
	arena_reset(&m->scratch);
}

int same_register(struct same *m, struct error *e)
{
	static const struct scalar goes = {
	    "same_goes", {DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_BOOLEAN, run_goes};
	static const struct scalar stays = {
	    "same_stays", {DUCKDB_TYPE_BIGINT}, DUCKDB_TYPE_BOOLEAN, run_stays};
	static const struct scalar fills = {"same_fill",
	    {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_VARCHAR},
	    DUCKDB_TYPE_VARCHAR, run_fill};
	duckdb_connection conn = m->store->engine.conn;
	return scalar_register(conn, &goes, 1, m, e) < 0 ||
		       scalar_register(conn, &stays, 1, m, e) < 0 ||
		       scalar_register(conn, &fills, 1, m, e) < 0
		   ? -1
		   : 0;
}

/* ---- what the staged rows take from those that go ---- */

static int take_value(struct same *m, uint32_t row, const struct field_info *f,
    const struct store_rows *rows, size_t column, struct error *e)
{
	bool absent = value_text(m, row, f, &m->scratch).p == NULL;
	if (f->offset == m->table->source || f->offset == m->table->source_kind) {
		struct str mine = same_staged(m, row, f->offset);
		struct str theirs = store_text(rows, column);
		struct str all = f->offset == m->table->source
				     ? join(&m->scratch, mine, theirs)
				     : join_kinds(&m->scratch, mine, theirs);
		return stage_set(m->stage, row, f, &all, e);
	}
	if (!absent || store_is_null(rows, column))
		return 0;
	if (f->kind == FIELD_TEXT) {
		struct str text = store_text(rows, column);
		return stage_set(m->stage, row, f, &text, e);
	}
	int64_t v = store_int(rows, column);
	int8_t flag = (int8_t)(v != 0);
	return stage_set(m->stage, row, f,
	    f->kind == FIELD_INT ? (const void *)&v : (const void *)&flag, e);
}

static int take_row(
    struct same *m, const struct same_patch *p, struct store_rows *rows, struct error *e)
{
	const struct record_info *info = m->stage->info;
	for (size_t i = p->from; i < p->end; i++) {
		const struct same_match *match = &m->matches[i];
		if (match->fresh == UINT32_MAX)
			continue;
		const struct same_fresh *f = &m->fresh[match->fresh];
		size_t column = 1;
		for (size_t k = 0; k < info->field_count; k++) {
			if (!is_filled(m, &info->fields[k]))
				continue;
			bool turned =
			    is_directed(&info->fields[k]) && f->swapped != match->swapped;
			if (!turned &&
			    take_value(m, f->row, &info->fields[k], rows, column, e) < 0)
				return -1;
			column++;
		}
	}
	arena_reset(&m->scratch);
	return 0;
}

/* Read the rows that go, for what the staged ones lack. */
static int take(struct same *m, const struct same_place *place, struct error *e)
{
	const struct record_info *info = m->stage->info;
	struct sql sql = sql_start();
	sql_put(&sql, "SELECT file_row_number");
	for (size_t k = 0; k < info->field_count; k++) {
		if (is_filled(m, &info->fields[k]))
			sql_format(&sql, ",\"%s\"", info->fields[k].name);
	}
	same_put_rows(&sql, m, (size_t)(place - m->places), 1);
	sql_put(&sql, " WHERE same_goes(file_row_number)");
	const char *text = sql_text(&sql, e);
	struct store_rows *rows =
	    text != NULL ? memory_query(m->store, "", text, e) : NULL;
	sql_free(&sql);
	if (rows == NULL)
		return -1;
	int status = 0;
	while (status == 0 && store_next(rows)) {
		const struct same_patch *p = patch_of(m, store_int(rows, 0));
		status = p != NULL ? take_row(m, p, rows, e) : 0;
	}
	if (status == 0 && store_rows_failed(rows, e))
		status = -1;
	store_rows_free(rows);
	return status;
}

/* ---- writing ---- */

static void put_column(
    struct sql *sql, const struct same *m, const struct field_info *f, size_t k)
{
	if (!is_filled(m, f))
		sql_format(sql, "\"%s\"", f->name);
	else if (f->kind == FIELD_TEXT)
		sql_format(sql, "same_fill(file_row_number,%zu,\"%s\") AS \"%s\"", k,
		    f->name, f->name);
	else
		sql_format(sql,
		    "coalesce(\"%s\",TRY_CAST(same_fill(file_row_number,%zu,NULL) AS "
		    "%s)) AS \"%s\"",
		    f->name, k, segment_sql_type(f->kind), f->name);
}

static int copy(
    struct same *m, const struct same_place *place, const char *to, struct error *e)
{
	const struct record_info *info = m->stage->info;
	struct sql sql = sql_start();
	sql_put(&sql, "COPY (SELECT ");
	for (size_t k = 0; k < info->field_count; k++) {
		sql_put(&sql, k > 0 ? "," : "");
		put_column(&sql, m, &info->fields[k], k);
	}
	same_put_rows(&sql, m, (size_t)(place - m->places), 1);
	sql_put(&sql, " WHERE same_stays(file_row_number)) TO ");
	sql_quote(&sql, to);
	sql_put(&sql, COPY_OPTIONS);
	const char *text = sql_text(&sql, e);
	int status = text != NULL ? engine_run(&m->store->engine, text, e) : -1;
	sql_free(&sql);
	return status;
}

/* A committed segment gets a number of its own; what the plan brings anyway is brought
 * from the new file. */
static int plan_file(
    struct transaction *t, const struct same_place *p, const char *name, struct error *e)
{
	char to[PATH_MAX];
	if (p->move != SIZE_MAX) {
		char *copied = strdup(name);
		if (copied == NULL)
			return error_set(e, ERR_SYSTEM, "no memory");
		(void)unlink(p->file);
		free(t->plan.from[p->move]);
		t->plan.from[p->move] = copied;
		return 0;
	}
	if (t->seq == SEGMENT_SEQ_MAX)
		return error_set(e, ERR_LIMIT, "more than %u segments", SEGMENT_SEQ_MAX);
	size_t stem = strlen(p->path) - strlen(SEGMENT_SUFFIX) - 8;
	if (path_make(to, e, "%.*s%08u" SEGMENT_SUFFIX, (int)stem, p->path, t->seq) < 0)
		return -1;
	t->seq++;
	return journal_replace(&t->plan, name, to, p->path, e);
}

/* Whether a row goes: better ones that stay saw all of its time. */
static bool goes(const struct same *m, size_t from, size_t end)
{
	int64_t first = INT64_MAX, last = INT64_MIN;
	for (size_t i = from; i < end; i++) {
		const struct same_fresh *f = &m->fresh[m->matches[i].fresh];
		if (f->dropped || f->rank > m->matches[i].rank)
			continue;
		first = f->first < first ? f->first : first;
		last = f->last > last ? f->last : last;
	}
	return !m->place_rolled &&
	       same_covers(first, last, m->matches[from].first, m->matches[from].last);
}

static int add_patch(
    struct same *m, size_t from, size_t end, bool *any_gone, struct error *e)
{
	struct same_patch p = {.row = m->matches[from].row, .from = from, .end = end};
	bool any = false;
	p.gone = goes(m, from, end);
	for (size_t i = from; i < end; i++) {
		/* Where both stay or both go, neither takes anything. */
		if (m->fresh[m->matches[i].fresh].dropped == p.gone)
			m->matches[i].fresh = UINT32_MAX;
		else
			any = true;
	}
	if (!any && !p.gone)
		return 0;
	*any_gone = *any_gone || p.gone;
	m->counts.replaced += p.gone;
	if (m->patch_count == m->patch_room) {
		size_t room = m->patch_room == 0 ? 256 : m->patch_room * 2;
		struct same_patch *v = realloc(m->patches, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory to compare rows");
		m->patches = v;
		m->patch_room = room;
	}
	m->patches[m->patch_count++] = p;
	return 0;
}

/* The matches of a place lie together, in the order of its rows. */
static int find_patches(struct same *m, uint32_t place, bool *any_gone, struct error *e)
{
	size_t low = 0, high = m->match_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (m->matches[middle].place < place)
			low = middle + 1;
		else
			high = middle;
	}
	m->patch_count = 0;
	for (size_t i = low, end; i < m->match_count && m->matches[i].place == place;
	     i = end) {
		for (end = i + 1; end < m->match_count; end++) {
			if (m->matches[end].place != place ||
			    m->matches[end].row != m->matches[i].row)
				break;
		}
		if (add_patch(m, i, end, any_gone, e) < 0)
			return -1;
	}
	return 0;
}

int same_write(
    struct same *m, struct transaction *t, struct same_place *p, struct error *e)
{
	char name[32], to[PATH_MAX];
	bool any_gone = false;
	m->place_rolled = p->rolled;
	if (find_patches(m, (uint32_t)(p - m->places), &any_gone, e) < 0)
		return -1;
	if (m->patch_count == 0)
		return 0;
	snprintf(name, sizeof(name), "same-%08u" SEGMENT_SUFFIX, m->files++);
	if (path_make(to, e, "%s/journal/tx-%08u/%s", t->root, t->plan.seq, name) < 0 ||
	    (any_gone && take(m, p, e) < 0) || copy(m, p, to, e) < 0)
		return -1;
	return plan_file(t, p, name, e);
}
