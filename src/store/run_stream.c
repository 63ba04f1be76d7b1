/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "engine/sql.h"
#include "engine/stage.h"

#define OFFSET_MAX  4095 /* bytes of a text that a code can pass over */
#define VALUE_BITS  44
#define VALUE_BYTES 5  /* of a text, in the low bits of these */
#define VALUE_SHIFT 24 /* bits of a code above the bytes */
#define COLUMN_BITS 56 /* below the column */

/* ---- layout ---- */

static size_t width_of(enum field_kind kind)
{
	if (kind == FIELD_PORT)
		return sizeof(int32_t);
	return kind == FIELD_TEXT || kind == FIELD_IP ? sizeof(duckdb_string_t)
						      : sizeof(int64_t);
}

struct run_layout run_layout_of(enum run_set set)
{
	struct run_layout l = {.info = rollup_info(run_set_info(set)->type)};
	for (size_t i = 0; i < l.info->field_count; i++) {
		l.key[i] = i;
		l.width[i] = width_of(l.info->fields[i].kind);
	}
	if (run_set_info(set)->order == RUN_ORDER_DST) {
		l.key[0] = COLUMN_pair_day_dst_ip;
		l.key[1] = COLUMN_pair_day_src_ip;
	}
	return l;
}

/* ---- codes ---- */

static const void *value_at(const struct run_layout *l, struct run_row r, size_t column)
{
	return (const char *)r.view->data[column] + r.at * l->width[column];
}

/* The code of a text that shares n bytes with the one before, in a column. */
static uint64_t text_code(size_t left, struct str s, size_t n)
{
	uint64_t value = 0;
	for (size_t i = n; i < n + VALUE_BYTES; i++)
		value = value << 8 | (i < s.n ? (unsigned char)s.p[i] : 0);
	if (n >= OFFSET_MAX) {
		n = OFFSET_MAX;
		value = 0;
	}
	return (uint64_t)left << COLUMN_BITS | (uint64_t)(OFFSET_MAX - n) << VALUE_BITS |
	       value;
}

static uint64_t number_code(size_t left, int64_t v)
{
	uint64_t u = (uint64_t)v ^ UINT64_C(1) << 63;
	return (uint64_t)left << COLUMN_BITS | u >> 8;
}

static int compare_texts(struct str a, struct str b, size_t *shared)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;
	while (i < n && a.p[i] == b.p[i])
		i++;
	*shared = i;
	if (i < n)
		return (unsigned char)a.p[i] < (unsigned char)b.p[i] ? -1 : 1;
	return a.n < b.n ? -1 : a.n > b.n;
}

static int64_t number_at(const struct run_layout *l, struct run_row r, size_t column)
{
	const void *p = value_at(l, r, column);
	return l->width[column] == sizeof(int32_t) ? *(const int32_t *)p
						   : *(const int64_t *)p;
}

/* Compare a column of two rows; *code is that of the greater against the smaller. What is
 * absent comes first, with a value of zeros. */
static int compare_column(const struct run_layout *l, size_t k, struct run_row x,
    struct run_row y, uint64_t *code)
{
	size_t column = l->key[k], left = l->info->key_count - k, shared;
	bool text = l->width[column] == sizeof(duckdb_string_t);
	bool no_x = run_row_lacks(x, column), no_y = run_row_lacks(y, column);
	if (no_x && no_y)
		return 0;
	if (no_x || no_y) {
		struct run_row r = no_x ? y : x;
		*code = text ? text_code(left, stage_str(value_at(l, r, column)), 0)
			     : number_code(left, number_at(l, r, column));
		return no_x ? -1 : 1;
	}
	if (!text) {
		int64_t a = number_at(l, x, column), b = number_at(l, y, column);
		if (a != b)
			*code = number_code(left, a < b ? b : a);
		return a < b ? -1 : a > b;
	}
	struct str a = stage_str(value_at(l, x, column));
	struct str b = stage_str(value_at(l, y, column));
	int order = compare_texts(a, b, &shared);
	if (order != 0)
		*code = text_code(left, order < 0 ? b : a, shared);
	return order;
}

uint64_t run_code(const struct run_layout *l, struct run_row x, struct run_row y,
    size_t from, int *order)
{
	uint64_t code = RUN_CODE_EQUAL;
	*order = 0;
	for (size_t k = from; k < l->info->key_count && *order == 0; k++)
		*order = compare_column(l, k, x, y, &code);
	return code;
}

uint64_t run_code_behind(
    const struct run_layout *l, struct run_row r, uint64_t code, uint64_t smaller)
{
	size_t column = l->key[run_code_column(l, code)];
	if ((code ^ smaller) >> VALUE_BITS != 0 ||
	    l->width[column] != sizeof(duckdb_string_t))
		return code;
	size_t n = OFFSET_MAX - (size_t)(code >> VALUE_BITS & OFFSET_MAX);
	size_t more = ((size_t)__builtin_clzll(code ^ smaller) - VALUE_SHIFT) / 8;
	return more == 0 ? code
			 : text_code((size_t)(code >> COLUMN_BITS),
			       stage_str(value_at(l, r, column)), n + more);
}

/* ---- codes of a chunk ---- */

/* Whether rows i - 1 and i of a column of texts are surely equal: inline ones by their
 * bytes, others also by where they lie. */
static bool same_bytes(const duckdb_string_t *v, size_t i)
{
	return memcmp(&v[i - 1], &v[i], sizeof(*v)) == 0;
}

static bool same_texts(const duckdb_string_t *v, size_t i)
{
	if (same_bytes(v, i))
		return true;
	return v[i].value.inlined.length > 12 &&
	       str_equal(stage_str(&v[i - 1]), stage_str(&v[i]));
}

static bool same_value(const struct run_view *v, size_t column, size_t width, size_t i)
{
	const void *data = v->data[column];
	if (v->validity[column] != NULL) {
		bool a = run_row_lacks((struct run_row){v, i - 1}, column);
		bool b = run_row_lacks((struct run_row){v, i}, column);
		if (a || b)
			return a && b;
	}
	if (width == sizeof(duckdb_string_t))
		return same_texts(data, i);
	if (width == sizeof(int32_t))
		return ((const int32_t *)data)[i - 1] == ((const int32_t *)data)[i];
	return ((const int64_t *)data)[i - 1] == ((const int64_t *)data)[i];
}

/* Code row i of the view against the one before; false when it is not behind it. */
static bool code_row(struct run_stream *s, struct run_row before, size_t i, size_t from)
{
	int order;
	struct run_row row = {s->view, i};
	s->codes[i] = run_code(s->layout, before, row, from, &order);
	return order <= 0;
}

static bool code_rows(struct run_stream *s)
{
	const struct run_layout *l = s->layout;
	const struct run_view *v = s->view;
	bool sorted = true;
	for (size_t i = 1; i < v->n && sorted; i++) {
		size_t k = 0;
		while (k < l->info->key_count &&
		       same_value(v, l->key[k], l->width[l->key[k]], i))
			k++;
		sorted = code_row(s, (struct run_row){v, i - 1}, i, k);
	}
	return sorted;
}

/* The code of a row against none: as if that had nothing. */
static uint64_t first_code(const struct run_layout *l, struct run_row r)
{
	size_t column = l->key[0], left = l->info->key_count;
	if (run_row_lacks(r, column))
		return (uint64_t)left << COLUMN_BITS;
	if (l->width[column] == sizeof(duckdb_string_t))
		return text_code(left, stage_str(value_at(l, r, column)), 0);
	return number_code(left, number_at(l, r, column));
}

/* ---- reading ---- */

static void free_view(struct run_view *v)
{
	if (v != NULL)
		duckdb_destroy_data_chunk(&v->chunk);
	free(v);
}

void run_stream_forget(struct run_stream *s)
{
	while (s->spent != NULL) {
		struct run_view *older = s->spent->older;
		free_view(s->spent);
		s->spent = older;
	}
}

/* The next chunk that has rows; NULL at the end, or with *e set on failure. */
static struct run_view *fetch(struct run_stream *s, bool *failed, struct error *e)
{
	struct run_view *v = calloc(1, sizeof(*v));
	*failed = v == NULL;
	if (v == NULL) {
		error_set(e, ERR_SYSTEM, "no memory to merge runs");
		return NULL;
	}
	while (v->n == 0) {
		duckdb_destroy_data_chunk(&v->chunk);
		v->chunk = duckdb_fetch_chunk(s->result);
		if (v->chunk == NULL) {
			const char *why = duckdb_result_error(&s->result);
			*failed = why != NULL && why[0] != '\0';
			if (*failed)
				engine_error(e, ERR_ENGINE, why);
			free_view(v);
			return NULL;
		}
		v->n = duckdb_data_chunk_get_size(v->chunk);
	}
	for (size_t i = 0; i < s->layout->info->field_count; i++) {
		duckdb_vector vector = duckdb_data_chunk_get_vector(v->chunk, i);
		v->data[i] = duckdb_vector_get_data(vector);
		v->validity[i] = duckdb_vector_get_validity(vector);
	}
	return v;
}

static int next_view(struct run_stream *s, struct error *e)
{
	bool failed, sorted = true;
	struct run_view *before = s->view;
	s->view = fetch(s, &failed, e);
	s->code = RUN_CODE_END;
	s->row = 0;
	if (before != NULL) {
		before->older = s->spent;
		s->spent = before;
	}
	if (s->view == NULL)
		return failed ? -1 : 0;
	if (before != NULL)
		sorted = code_row(s, (struct run_row){before, before->n - 1}, 0, 0);
	else
		s->codes[0] = first_code(s->layout, (struct run_row){s->view, 0});
	if (!sorted || !code_rows(s))
		return error_set(e, ERR_MEMORY, "a run is not in order");
	s->code = s->codes[0];
	return 0;
}

int run_stream_next(struct run_stream *s, struct error *e)
{
	if (s->view == NULL)
		return 0;
	if (++s->row == s->view->n)
		return next_view(s, e);
	s->code = s->codes[s->row];
	return 0;
}

int run_stream_open(struct run_stream *s, const struct run_layout *layout,
    struct engine *engine, const char *sql, struct error *e)
{
	duckdb_pending_result pending = NULL;
	int status = 0;
	*s = (struct run_stream){.layout = layout, .code = RUN_CODE_END};
	if (duckdb_connect(engine->db, &s->conn) == DuckDBError)
		return error_set(e, ERR_ENGINE, "the query engine gives no connection");
	if (duckdb_prepare(s->conn, sql, &s->statement) == DuckDBError)
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
	if (status == 0 && duckdb_column_count(&s->result) != layout->info->field_count)
		status = error_set(e, ERR_MEMORY, "a run has other columns");
	return status < 0 ? -1 : next_view(s, e);
}

void run_stream_close(struct run_stream *s)
{
	run_stream_forget(s);
	free_view(s->view);
	if (s->has_result)
		duckdb_destroy_result(&s->result);
	duckdb_destroy_prepare(&s->statement);
	duckdb_disconnect(&s->conn);
	*s = (struct run_stream){0};
}
