/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "engine/sql.h"
#include "engine/stage.h"
#include "store/run_stream.h"
#include "store/views.h"

#define PICKS 4096 /* rows that are chosen before their values are moved */

_Static_assert((RUN_MERGE_MAX & (RUN_MERGE_MAX - 1)) == 0, "a full tree");

/* A row that was chosen, and the row of the output that it goes to. */
struct pick {
	struct run_row row;
	size_t to;
};

struct run_merge {
	struct run_layout layout;
	struct run_stream *streams; /* RUN_MERGE_MAX; those without a run are at an end */
	size_t count;
	/* A tree of losers (Knuth, 5.4.1): tree[0] is the stream with the least row, and
	 * each other node the one that lost there. */
	struct run_stream *tree[RUN_MERGE_MAX];
	struct pick *copied, *joined; /* PICKS each; owned */
	size_t copied_n, joined_n;
	uint64_t rows;
	bool failed;
	struct error error;
};

/* ---- the tree ---- */

static struct run_row row_of(const struct run_stream *s)
{
	return (struct run_row){s->view, s->row};
}

/* The stream whose row comes first; the other's code is then against that row. */
static struct run_stream *play(
    const struct run_merge *m, struct run_stream *x, struct run_stream *y)
{
	int order;
	if (x->code > y->code) {
		struct run_stream *swap = x;
		x = y;
		y = swap;
	}
	if (x->code == RUN_CODE_EQUAL || y->code == RUN_CODE_END)
		return x;
	if (x->code < y->code) {
		y->code = run_code_behind(&m->layout, row_of(y), y->code, x->code);
		return x;
	}
	size_t column = run_code_column(&m->layout, x->code);
	uint64_t code = run_code(&m->layout, row_of(x), row_of(y), column, &order);
	if (order > 0)
		x->code = code;
	else
		y->code = code;
	return order > 0 ? y : x;
}

/* Play all matches below a node; who wins. */
static struct run_stream *play_all(struct run_merge *m, size_t node)
{
	if (node >= RUN_MERGE_MAX)
		return &m->streams[node - RUN_MERGE_MAX];
	struct run_stream *x = play_all(m, node * 2), *y = play_all(m, node * 2 + 1);
	struct run_stream *winner = play(m, x, y);
	m->tree[node] = winner == x ? y : x;
	return winner;
}

/* Go on behind the least row. Each who lost on the way up lost to it, so that all codes
 * there are against that row. */
static int pop(struct run_merge *m)
{
	struct run_stream *s = m->tree[0];
	size_t node = (RUN_MERGE_MAX + (size_t)(s - m->streams)) / 2;
	m->rows++;
	if (run_stream_next(s, &m->error) < 0)
		return -1;
	for (; node > 0; node /= 2) {
		struct run_stream *winner = play(m, s, m->tree[node]);
		if (winner != s) {
			m->tree[node] = s;
			s = winner;
		}
	}
	m->tree[0] = s;
	return 0;
}

/* ---- values ---- */

#define COPY_COLUMN(type)                                                                \
	do {                                                                             \
		type *to = c->data[k];                                                   \
		for (size_t i = 0; i < m->copied_n; i++) {                               \
			const struct pick *p = &m->copied[i];                            \
			to[p->to] = ((const type *)p->row.view->data[k])[p->row.at];     \
		}                                                                        \
	} while (0)

/* Move a column of the rows that begin a row of the output. */
static void copy_column(const struct run_merge *m, struct run_columns *c, size_t k)
{
	size_t width = m->layout.width[k];
	if (width == sizeof(duckdb_string_t))
		COPY_COLUMN(duckdb_string_t);
	else if (width == sizeof(int32_t))
		COPY_COLUMN(int32_t);
	else
		COPY_COLUMN(int64_t);
	for (size_t i = 0; i < m->copied_n; i++) {
		const struct pick *p = &m->copied[i];
		if (!run_row_lacks(p->row, k))
			continue;
		/* A count that an older version did not keep. */
		if (m->layout.info->fields[k].rule == RULE_SUM)
			((int64_t *)c->data[k])[p->to] = 0;
		else
			run_absent(c, k, p->to);
	}
}

static int64_t joined(enum rollup_rule rule, int64_t a, int64_t b)
{
	int64_t sum;
	switch (rule) {
	case RULE_MIN:
		return a < b ? a : b;
	case RULE_MAX:
		return a > b ? a : b;
	case RULE_SUM:
		return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
	case RULE_OR:
		return a | b;
	case RULE_KEY:
		break;
	}
	return a;
}

/* Join a column of the rows whose key was there already. */
static void join_column(const struct run_merge *m, struct run_columns *c, size_t k)
{
	int64_t *to = c->data[k];
	enum rollup_rule rule = m->layout.info->fields[k].rule;
	for (size_t i = 0; i < m->joined_n; i++) {
		const struct pick *p = &m->joined[i];
		int64_t v = ((const int64_t *)p->row.view->data[k])[p->row.at];
		if (run_row_lacks(p->row, k))
			continue;
		if (run_is_absent(c, k, p->to)) {
			run_present(c, k, p->to);
			to[p->to] = v;
		} else {
			to[p->to] = joined(rule, to[p->to], v);
		}
	}
}

static void move_values(struct run_merge *m, struct run_columns *c)
{
	const struct rollup_info *info = m->layout.info;
	for (size_t k = 0; k < info->field_count; k++) {
		copy_column(m, c, k);
		if (k >= info->key_count)
			join_column(m, c, k);
	}
	m->copied_n = m->joined_n = 0;
}

/* Choose rows until the output is full or so is the choice; the rows that follow a full
 * output with the key of its last still belong to that. */
static size_t choose(struct run_merge *m, size_t n, size_t room)
{
	while (m->copied_n < PICKS && m->joined_n < PICKS) {
		struct run_stream *s = m->tree[0];
		bool joins = n > 0 && s->code == RUN_CODE_EQUAL;
		if (s->code == RUN_CODE_END || (n == room && !joins))
			break;
		if (joins)
			m->joined[m->joined_n++] = (struct pick){row_of(s), n - 1};
		else
			m->copied[m->copied_n++] = (struct pick){row_of(s), n++};
		m->failed = pop(m) < 0;
		if (m->failed)
			break;
	}
	return n;
}

static int fill(void *ctx, struct run_columns *c, size_t room)
{
	struct run_merge *m = ctx;
	size_t n = 0;
	for (size_t i = 0; i < m->count; i++)
		run_stream_forget(&m->streams[i]);
	do {
		n = choose(m, n, room);
		bool chosen = m->copied_n + m->joined_n > 0;
		move_values(m, c);
		if (!chosen)
			break;
	} while (!m->failed);
	return m->failed ? -1 : (int)n;
}

/* ---- the merge ---- */

static int add_run(struct run_merge *m, struct engine *engine, const char *folder,
    const struct run_files *run, struct error *e)
{
	struct sql sql = sql_start();
	const struct rollup_info *info = m->layout.info;
	sql_put(&sql, "SELECT ");
	for (size_t i = 0; i < info->field_count; i++)
		sql_format(&sql, "%s\"%s\"", i > 0 ? "," : "", info->fields[i].name);
	sql_put(&sql, " FROM (");
	views_put_no_runs(&sql, info);
	sql_put(&sql, " UNION ALL BY NAME SELECT * FROM ");
	int status = 0;
	for (size_t i = 0; i < run->count && status == 0; i++)
		status = views_put_file(&sql, i == 0, folder, run->files[i], e);
	views_end_files(&sql, true);
	sql_put(&sql, ")");
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? run_stream_open(
				    &m->streams[m->count++], &m->layout, engine, text, e)
			      : -1;
	sql_free(&sql);
	return status;
}

struct run_merge *run_merge_new(struct engine *engine, enum run_set set,
    const char *folder, const struct run_files *runs, size_t n, struct error *e)
{
	struct run_merge *m = calloc(1, sizeof(*m));
	if (m != NULL) {
		m->streams = calloc(RUN_MERGE_MAX, sizeof(*m->streams));
		m->copied = malloc(PICKS * sizeof(*m->copied));
		m->joined = malloc(PICKS * sizeof(*m->joined));
	}
	if (m == NULL || m->streams == NULL || m->copied == NULL || m->joined == NULL) {
		error_set(e, ERR_SYSTEM, "no memory to merge runs");
		run_merge_free(m);
		return NULL;
	}
	m->layout = run_layout_of(set);
	for (size_t i = 0; i < RUN_MERGE_MAX; i++)
		m->streams[i].code = RUN_CODE_END;
	for (size_t i = 0; i < n; i++) {
		if (add_run(m, engine, folder, &runs[i], e) < 0) {
			run_merge_free(m);
			return NULL;
		}
	}
	m->tree[0] = play_all(m, 1);
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
	for (size_t i = 0; i < m->count; i++)
		run_stream_close(&m->streams[i]);
	free(m->streams);
	free(m->copied);
	free(m->joined);
	free(m);
}
