/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/sql.h"
#include "engine/stage.h"
#include "store/views.h"

/* One run being read. */
struct stream {
	duckdb_connection conn;
	duckdb_prepared_statement statement;
	duckdb_result result;
	bool has_result;
	duckdb_data_chunk chunk;
	size_t row, n; /* in the chunk */
	const void *data[ROLLUP_FIELDS_MAX];
	const uint64_t *validity[ROLLUP_FIELDS_MAX];
};

/* A row, by where its values lie. */
struct row {
	const struct stream *stream; /* valid until its next chunk */
	size_t at;
};

struct run_merge {
	const struct rollup_info *info;
	size_t key[ROLLUP_FIELDS_MAX];   /* columns of the key, in the order of the set */
	size_t width[ROLLUP_FIELDS_MAX]; /* bytes of a value of each column */
	struct stream streams[RUN_MERGE_MAX];
	size_t count;
	struct stream *heap[RUN_MERGE_MAX]; /* the least row first */
	size_t heaped;
	/* Chunks that rows handed out may still point into; freed at the next call. */
	duckdb_data_chunk *retired;
	size_t retired_n, retired_room;
	uint64_t rows;
	bool failed;
	struct error error;
};

/* ---- streams ---- */

static bool is_absent(const struct stream *s, size_t column, size_t row)
{
	const uint64_t *v = s->validity[column];
	return v != NULL && (v[row / 64] >> row % 64 & 1) == 0;
}

static int retire(struct run_merge *m, duckdb_data_chunk chunk)
{
	if (chunk == NULL)
		return 0;
	if (m->retired_n == m->retired_room) {
		size_t room = m->retired_room == 0 ? 64 : m->retired_room * 2;
		duckdb_data_chunk *v =
		    realloc(m->retired, room * sizeof(duckdb_data_chunk));
		if (v == NULL) {
			duckdb_destroy_data_chunk(&chunk);
			return error_set(
			    &m->error, ERR_SYSTEM, "no memory to merge runs");
		}
		m->retired = v;
		m->retired_room = room;
	}
	m->retired[m->retired_n++] = chunk;
	return 0;
}

static void free_retired(struct run_merge *m)
{
	for (size_t i = 0; i < m->retired_n; i++)
		duckdb_destroy_data_chunk(&m->retired[i]);
	m->retired_n = 0;
}

/* Step to the next row: 1, 0 at the end, negative on failure. */
static int advance(struct run_merge *m, struct stream *s)
{
	if (++s->row < s->n)
		return 1;
	do {
		if (retire(m, s->chunk) < 0)
			return -1;
		s->chunk = duckdb_fetch_chunk(s->result);
		if (s->chunk == NULL) {
			const char *why = duckdb_result_error(&s->result);
			if (why == NULL || why[0] == '\0')
				return 0;
			return engine_error(&m->error, ERR_ENGINE, why);
		}
		s->n = duckdb_data_chunk_get_size(s->chunk);
	} while (s->n == 0);
	s->row = 0;
	for (size_t i = 0; i < m->info->field_count; i++) {
		duckdb_vector v = duckdb_data_chunk_get_vector(s->chunk, i);
		s->data[i] = duckdb_vector_get_data(v);
		s->validity[i] = duckdb_vector_get_validity(v);
	}
	return 1;
}

static int open_stream(struct run_merge *m, struct stream *s, struct engine *engine,
    const char *text, struct error *e)
{
	duckdb_pending_result pending = NULL;
	int status = 0;
	if (duckdb_connect(engine->db, &s->conn) == DuckDBError)
		return error_set(e, ERR_ENGINE, "the query engine gives no connection");
	if (duckdb_prepare(s->conn, text, &s->statement) == DuckDBError)
		return engine_error(e, ERR_ENGINE, duckdb_prepare_error(s->statement));
	if (duckdb_pending_prepared_streaming(s->statement, &pending) == DuckDBError) {
		status = engine_error(e, ERR_ENGINE, duckdb_pending_error(pending));
	} else {
		s->has_result = true;
		if (duckdb_execute_pending(pending, &s->result) == DuckDBError)
			status =
			    engine_error(e, ERR_ENGINE, duckdb_result_error(&s->result));
	}
	duckdb_destroy_pending(&pending);
	if (status == 0 && duckdb_column_count(&s->result) != m->info->field_count)
		status = error_set(e, ERR_MEMORY, "a run has other columns");
	return status;
}

static void close_stream(struct stream *s)
{
	duckdb_destroy_data_chunk(&s->chunk);
	if (s->has_result)
		duckdb_destroy_result(&s->result);
	duckdb_destroy_prepare(&s->statement);
	duckdb_disconnect(&s->conn);
}

/* ---- order ---- */

/* The first four bytes lie in the same place whether a string is inline or not, with
 * zeros behind the end. */
static int compare_strings(const duckdb_string_t *x, const duckdb_string_t *y)
{
	uint32_t n = x->value.inlined.length, k = y->value.inlined.length;
	uint32_t p = load_be32((const uint8_t *)x->value.inlined.inlined);
	uint32_t q = load_be32((const uint8_t *)y->value.inlined.inlined);
	if (p != q)
		return p < q ? -1 : 1;
	struct str a = stage_str(x), b = stage_str(y);
	int order = memcmp(a.p, b.p, n < k ? n : k);
	return order != 0 ? order : n < k ? -1 : n > k;
}

static int compare_column(
    const struct run_merge *m, size_t column, struct row x, struct row y)
{
	bool no_x = is_absent(x.stream, column, x.at);
	bool no_y = is_absent(y.stream, column, y.at);
	const char *a = x.stream->data[column], *b = y.stream->data[column];
	if (no_x || no_y)
		return no_x && no_y ? 0 : no_x ? -1 : 1;
	a += x.at * m->width[column];
	b += y.at * m->width[column];
	if (m->width[column] == sizeof(duckdb_string_t))
		return compare_strings((const void *)a, (const void *)b);
	int64_t v, w;
	if (m->width[column] == sizeof(int32_t)) {
		v = *(const int32_t *)(const void *)a;
		w = *(const int32_t *)(const void *)b;
	} else {
		v = *(const int64_t *)(const void *)a;
		w = *(const int64_t *)(const void *)b;
	}
	return v < w ? -1 : v > w;
}

static int compare(const struct run_merge *m, struct row x, struct row y)
{
	for (size_t i = 0; i < m->info->key_count; i++) {
		int order = compare_column(m, m->key[i], x, y);
		if (order != 0)
			return order;
	}
	return 0;
}

static struct row row_of(const struct stream *s)
{
	return (struct row){s, s->row};
}

/* Put the stream at the top where it belongs. */
static void sift(struct run_merge *m)
{
	size_t at = 0;
	struct stream *moved = m->heap[0];
	for (size_t child; (child = 2 * at + 1) < m->heaped; at = child) {
		if (child + 1 < m->heaped &&
		    compare(m, row_of(m->heap[child + 1]), row_of(m->heap[child])) < 0)
			child++;
		if (compare(m, row_of(moved), row_of(m->heap[child])) <= 0)
			break;
		m->heap[at] = m->heap[child];
	}
	m->heap[at] = moved;
}

/* Take in a stream that has a row. */
static void push(struct run_merge *m, struct stream *s)
{
	size_t at = m->heaped++;
	for (; at > 0 && compare(m, row_of(s), row_of(m->heap[(at - 1) / 2])) < 0;
	     at = (at - 1) / 2)
		m->heap[at] = m->heap[(at - 1) / 2];
	m->heap[at] = s;
}

/* Go on behind the least row. */
static int pop(struct run_merge *m)
{
	int more = advance(m, m->heap[0]);
	m->rows++;
	if (more < 0)
		return -1;
	if (more == 0)
		m->heap[0] = m->heap[--m->heaped];
	if (m->heaped > 1)
		sift(m);
	return 0;
}

/* ---- joined rows ---- */

static void copy_row(
    const struct run_merge *m, const struct stream *s, struct run_columns *c, size_t i)
{
	for (size_t k = 0; k < m->info->field_count; k++) {
		size_t n = m->width[k];
		const char *from = (const char *)s->data[k] + s->row * n;
		char *to = (char *)c->data[k] + i * n;
		if (is_absent(s, k, s->row)) {
			run_absent(c, k, i);
			memset(to, 0, n);
		} else if (n == sizeof(int64_t)) {
			memcpy(to, from, sizeof(int64_t));
		} else {
			memcpy(to, from, n);
		}
	}
}

static void join_row(
    const struct run_merge *m, const struct stream *s, struct run_columns *c, size_t i)
{
	for (size_t k = m->info->key_count; k < m->info->field_count; k++) {
		int64_t v = ((const int64_t *)s->data[k])[s->row];
		int64_t *to = (int64_t *)c->data[k] + i;
		if (is_absent(s, k, s->row))
			continue;
		if (run_is_absent(c, k, i)) {
			run_present(c, k, i);
			*to = v;
			continue;
		}
		switch (m->info->fields[k].rule) {
		case RULE_MIN:
			*to = v < *to ? v : *to;
			break;
		case RULE_MAX:
			*to = v > *to ? v : *to;
			break;
		case RULE_SUM:
			if (__builtin_add_overflow(*to, v, to))
				*to = INT64_MAX;
			break;
		case RULE_OR:
			*to |= v;
			break;
		case RULE_KEY:
			break;
		}
	}
}

/* The columns being filled as a stream, to compare rows just written; only their keys
 * may become absent from one row to the next. */
static void look_at(
    struct stream *s, const struct run_merge *m, const struct run_columns *c)
{
	for (size_t k = 0; k < m->info->key_count; k++) {
		s->data[k] = c->data[k];
		s->validity[k] = c->validity[k];
	}
}

static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct run_merge *m = ctx;
	size_t i = 0;
	struct stream written = {0};
	free_retired(m);
	for (; i < room && m->heaped > 0 && !m->failed; i++) {
		copy_row(m, m->heap[0], c, i);
		m->failed = pop(m) < 0;
		look_at(&written, m, c);
		while (!m->failed && m->heaped > 0 &&
		       compare(m, (struct row){&written, i}, row_of(m->heap[0])) == 0) {
			join_row(m, m->heap[0], c, i);
			m->failed = pop(m) < 0;
		}
	}
	return m->failed ? -1 : (int)i;
}

/* ---- the merge ---- */

static size_t width_of(enum field_kind kind)
{
	if (kind == FIELD_PORT)
		return sizeof(int32_t);
	return kind == FIELD_TEXT || kind == FIELD_IP ? sizeof(duckdb_string_t)
						      : sizeof(int64_t);
}

static void set_columns(struct run_merge *m, enum run_set set)
{
	for (size_t i = 0; i < m->info->field_count; i++) {
		m->key[i] = i;
		m->width[i] = width_of(m->info->fields[i].kind);
	}
	if (run_set_info(set)->order == RUN_ORDER_DST) {
		m->key[0] = COLUMN_pair_day_dst_ip;
		m->key[1] = COLUMN_pair_day_src_ip;
	}
}

static int add_run(struct run_merge *m, struct engine *engine, const char *folder,
    const struct run_files *run, struct error *e)
{
	struct sql sql = sql_start();
	struct stream *s = &m->streams[m->count++];
	sql_put(&sql, "SELECT ");
	for (size_t i = 0; i < m->info->field_count; i++)
		sql_format(&sql, "%s\"%s\"", i > 0 ? "," : "", m->info->fields[i].name);
	sql_put(&sql, " FROM (");
	views_put_no_runs(&sql, m->info);
	sql_put(&sql, " UNION ALL BY NAME SELECT * FROM ");
	int status = 0;
	for (size_t i = 0; i < run->count && status == 0; i++)
		status = views_put_file(&sql, i == 0, folder, run->files[i], e);
	views_end_files(&sql);
	sql_put(&sql, ")");
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? open_stream(m, s, engine, text, e) : -1;
	sql_free(&sql);
	if (status < 0)
		return -1;
	int more = advance(m, s);
	if (more < 0) {
		*e = m->error;
		return -1;
	}
	if (more > 0)
		push(m, s);
	return 0;
}

struct run_merge *run_merge_new(struct engine *engine, enum run_set set,
    const char *folder, const struct run_files *runs, size_t n, struct error *e)
{
	struct run_merge *m = calloc(1, sizeof(*m));
	if (m == NULL) {
		error_set(e, ERR_SYSTEM, "no memory to merge runs");
		return NULL;
	}
	m->info = rollup_info(run_set_info(set)->type);
	set_columns(m, set);
	for (size_t i = 0; i < n; i++) {
		if (add_run(m, engine, folder, &runs[i], e) < 0) {
			run_merge_free(m);
			return NULL;
		}
	}
	return m;
}

struct run_source run_merge_source(struct run_merge *m)
{
	return (struct run_source){fill, m};
}

uint64_t run_merge_rows(const struct run_merge *m)
{
	return m->rows;
}

bool run_merge_failed(const struct run_merge *m, struct error *e)
{
	if (m->failed)
		*e = m->error;
	return m->failed;
}

void run_merge_free(struct run_merge *m)
{
	if (m == NULL)
		return;
	free_retired(m);
	free(m->retired);
	for (size_t i = 0; i < m->count; i++)
		close_stream(&m->streams[i]);
	free(m);
}
