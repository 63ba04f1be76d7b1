/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queries. Each has a connection of its own, since a connection can stream one result at
 * a time. Only what reads is let through: the statement's type says so before it runs,
 * and the engine is locked down besides (store/engine.h).
 */
#include <ctype.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/memory.h"
#include "store/value.h"
#include "sys/path.h"

#define SHOWN_MAX (64U << 20) /* bytes of one value as text */

struct store_rows {
	struct store *store; /* borrowed */
	duckdb_connection conn;
	duckdb_prepared_statement statement;
	duckdb_result result;
	bool has_result;
	duckdb_data_chunk chunk;
	struct value_column *columns; /* owned */
	size_t column_count;
	size_t row, n; /* in the chunk */
	bool ended;
	struct error error;
};

/* ---- errors ---- */

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Whose fault a message of DuckDB is, by the kind it begins with. */
static enum error_code code_of(const char *message)
{
	static const char *const users[] = {"Parser", "Binder", "Catalog", "Conversion",
	    "Out of Range", "Not implemented", "Permission", "Mismatch Type", "Syntax",
	    "Invalid Type", "Divide by Zero", "Expression", "Parameter",
	    "Missing Extension"};
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		if (begins(message, users[i]))
			return ERR_USAGE;
	}
	if (begins(message, "Out of Memory"))
		return ERR_LIMIT;
	if (begins(message, "Invalid Input") && strstr(message, ".parquet") == NULL)
		return ERR_USAGE;
	return ERR_ENGINE;
}

/*
 * DuckDB seldom names the file that it could not read. When a failure may come from a
 * damaged segment, all are read once more, one by one, to find which.
 */
static int query_error(struct store_rows *r, const char *message, struct error *e)
{
	const char *text = message != NULL ? message : "";
	enum error_code code = code_of(text);
	if (code == ERR_LIMIT)
		return error_set(e, code,
		    "the query needs more memory than it may have: ask for a part of the "
		    "time or of the hosts; views that end in _parts (pair_year_parts) do "
		    "not join the rows of a key");
	engine_error(e, code, text);
	if (code != ERR_ENGINE)
		return -1;
	struct error damage;
	struct store *s = r->store;
	pthread_mutex_lock(&s->asking);
	if (catalog_check_deeply(&s->catalog, s->path, s->engine.conn, &damage) < 0)
		*e = damage;
	pthread_mutex_unlock(&s->asking);
	return -1;
}

/* ---- what may run ---- */

/* The end of the comment at p; NULL when there is none,
 * or one in a comment, which SQL nests. */
static const char *comment_end(const char *p)
{
	if (p[0] == '-' && p[1] == '-')
		return strchr(p, '\n');
	if (p[0] != '/' || p[1] != '*')
		return NULL;
	const char *end = strstr(p + 2, "*/"), *nested = strstr(p + 2, "/*");
	return end == NULL || (nested != NULL && nested < end) ? NULL : end + 2;
}

/* After white space and comments. */
static const char *skip_blank(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n\f\v;");
		const char *end = comment_end(p);
		if (end == NULL)
			return p;
		p = end;
	}
}

/* After the word and what is blank behind it; NULL when the text begins otherwise. */
static const char *skip_word(const char *p, const char *word)
{
	size_t n = strlen(word);
	if (strncasecmp(p, word, n) != 0 || isalnum((unsigned char)p[n]) || p[n] == '_')
		return NULL;
	return skip_blank(p + n);
}

/*
 * Whether a statement begins as one that reads. This comes before it is prepared, since
 * preparing some others (EXPORT) acts already. EXPLAIN ANALYZE runs what it explains, so
 * that must read too; the options of EXPLAIN in parentheses are not understood here.
 */
static bool begins_as_reading(const char *sql)
{
	static const char *const words[] = {
	    "SELECT", "WITH", "FROM", "VALUES", "DESCRIBE", "DESC", "SHOW", "SUMMARIZE"};
	const char *p = skip_blank(sql);
	const char *inner = skip_word(p, "EXPLAIN");
	if (inner != NULL) {
		const char *analyze = skip_word(inner, "ANALYZE");
		p = analyze != NULL ? analyze : inner;
	} else if (skip_word(p, "PRAGMA") != NULL) {
		return skip_word(skip_word(p, "PRAGMA"), "table_info") != NULL;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (skip_word(p, words[i]) != NULL)
			return true;
	}
	return false;
}

/* Whether the text calls query(): SQL in SQL, which the other checks would not see. */
static bool calls_query(const char *sql)
{
	static const char word[] = "query";
	const char *p = sql;
	while ((p = strcasestr(p, word)) != NULL) {
		bool starts =
		    p == sql || (!isalnum((unsigned char)p[-1]) && p[-1] != '_');
		p += sizeof(word) - 1;
		if (starts && *skip_blank(p + (*p == '"')) == '(')
			return true;
	}
	return false;
}

/* Whether the text names a function that does more
 * than read although it is called in a SELECT. */
static bool names_what_acts(const char *sql)
{
	static const char *const names[] = {"enable_logging", "disable_logging",
	    "truncate_duckdb_logs", "json_execute_serialized"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasestr(sql, names[i]) != NULL)
			return true;
	}
	return calls_query(sql);
}

/* Whether the prepared statement reads, by the engine's own judgement. */
static bool only_reads(const struct store_rows *r)
{
	duckdb_statement_type type = duckdb_prepared_statement_type(r->statement);
	return type == DUCKDB_STATEMENT_TYPE_SELECT ||
	       type == DUCKDB_STATEMENT_TYPE_EXPLAIN;
}

/* Prepare the first statement if it reads, by its words and then by the engine. */
static int prepare_reading(struct store_rows *r, duckdb_extracted_statements all,
    const char *sql, struct error *e)
{
	bool reads = begins_as_reading(sql) && !names_what_acts(sql);
	if (reads && duckdb_prepare_extracted_statement(r->conn, all, 0, &r->statement) ==
			 DuckDBError)
		return query_error(r, duckdb_prepare_error(r->statement), e);
	if (!reads || !only_reads(r))
		return error_set(e, ERR_USAGE, "only statements that read are allowed");
	return 0;
}

/* Prepare the one statement that the text must be. */
static int prepare(struct store_rows *r, const char *sql, struct error *e)
{
	duckdb_extracted_statements all = NULL;
	idx_t n = duckdb_extract_statements(r->conn, sql, &all);
	int status = 0;
	if (n == 0) {
		const char *why = duckdb_extract_statements_error(all);
		status =
		    engine_error(e, ERR_USAGE, why != NULL ? why : "no SQL statement");
	} else if (n > 1) {
		status = error_set(e, ERR_USAGE, "one SQL statement at a time");
	} else {
		status = prepare_reading(r, all, sql, e);
	}
	duckdb_destroy_extracted(&all);
	return status;
}

/* ---- running ---- */

static int bind(struct store_rows *r, const struct str *params, size_t n, struct error *e)
{
	if (duckdb_nparams(r->statement) != n)
		return error_set(e, ERR_USAGE,
		    "the statement has %llu parameters, not %zu",
		    (unsigned long long)duckdb_nparams(r->statement), n);
	for (size_t i = 0; i < n; i++) {
		duckdb_state state = params[i].p == NULL
					 ? duckdb_bind_null(r->statement, i + 1)
					 : duckdb_bind_varchar_length(r->statement, i + 1,
					       params[i].p, params[i].n);
		if (state == DuckDBError)
			return error_set(
			    e, ERR_USAGE, "parameter %zu can not be used", i + 1);
	}
	return 0;
}

static int execute(struct store_rows *r, struct error *e)
{
	duckdb_pending_result pending = NULL;
	int status = 0;
	if (duckdb_pending_prepared_streaming(r->statement, &pending) == DuckDBError) {
		status = query_error(r, duckdb_pending_error(pending), e);
	} else {
		r->has_result = true;
		if (duckdb_execute_pending(pending, &r->result) == DuckDBError)
			status = query_error(r, duckdb_result_error(&r->result), e);
	}
	duckdb_destroy_pending(&pending);
	return status;
}

static int note_columns(struct store_rows *r, struct error *e)
{
	size_t n = duckdb_column_count(&r->result);
	r->columns = calloc(n + 1, sizeof(*r->columns));
	if (r->columns == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for a query");
	for (; r->column_count < n; r->column_count++) {
		size_t i = r->column_count;
		r->columns[i] =
		    value_column_of(duckdb_column_logical_type(&r->result, i));
		if (!value_is_shown(r->columns[i].type)) {
			r->column_count++;
			return error_set(e, ERR_USAGE,
			    "column %s: cast its type to VARCHAR",
			    duckdb_column_name(&r->result, i));
		}
	}
	return 0;
}

static int find_tables(struct store_rows *r, const char *sql, struct error *e)
{
	struct error why = {0};
	bool engine_said;
	pthread_mutex_lock(&r->store->asking);
	int status = memory_views(r->store, sql, &engine_said, &why);
	pthread_mutex_unlock(&r->store->asking);
	if (status == 0)
		return 0;
	if (engine_said)
		return query_error(r, why.text, e);
	return error_set(e, why.code, "%s", why.text);
}

/*
 * A reader says that it reads, so that no file goes away that it may have listed
 * (merge.c). Without that file, or the right to open it, there is no writer that merges.
 */
void memory_hold(struct store *s)
{
	char path[PATH_MAX];
	if (s->mode != STORE_READ || s->rows_open++ > 0 ||
	    path_make(path, NULL, "%s/" MEMORY_READERS, s->path) < 0)
		return;
	s->readers_lock = open(path, O_RDONLY | O_CLOEXEC);
	struct flock shared = {.l_type = F_RDLCK};
	if (s->readers_lock >= 0)
		(void)fcntl(s->readers_lock, F_OFD_SETLKW, &shared);
}

void memory_release(struct store *s)
{
	if (s->mode != STORE_READ || --s->rows_open > 0)
		return;
	if (s->readers_lock >= 0)
		close(s->readers_lock);
	s->readers_lock = -1;
}

static struct store_rows *rows_new(struct store *s, struct error *e)
{
	struct store_rows *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		error_set(e, ERR_SYSTEM, "no memory for a query");
		return NULL;
	}
	r->store = s;
	memory_hold(s);
	return r;
}

static int connect_rows(struct store_rows *r, struct error *e)
{
	if (duckdb_connect(r->store->engine.db, &r->conn) == DuckDBError)
		return error_set(e, ERR_ENGINE, "the query engine gives no connection");
	return 0;
}

/* Rows that will be of the store, with a connection and the views that tables names. */
static struct store_rows *begin(struct store *s, const char *tables, struct error *e)
{
	struct store_rows *r = rows_new(s, e);
	if (r != NULL && (find_tables(r, tables, e) < 0 || connect_rows(r, e) < 0)) {
		store_rows_free(r);
		return NULL;
	}
	return r;
}

struct store_rows *store_query_with(
    struct store *s, const char *sql, const struct str *params, size_t n, struct error *e)
{
	struct store_rows *r = begin(s, sql, e);
	if (r == NULL || prepare(r, sql, e) < 0 || bind(r, params, n, e) < 0 ||
	    execute(r, e) < 0 || note_columns(r, e) < 0) {
		store_rows_free(r);
		return NULL;
	}
	return r;
}

struct store_rows *memory_query(
    struct store *s, const char *tables, const char *sql, struct error *e)
{
	struct store_rows *r = begin(s, tables, e);
	int status = r != NULL ? 0 : -1;
	if (status == 0 && duckdb_prepare(r->conn, sql, &r->statement) == DuckDBError)
		status = query_error(r, duckdb_prepare_error(r->statement), e);
	if (status < 0 || execute(r, e) < 0 || note_columns(r, e) < 0) {
		store_rows_free(r);
		return NULL;
	}
	return r;
}

/* Run it whole: planned once, its rows held. */
static int execute_whole(struct store_rows *r, const char *sql, struct error *e)
{
	r->has_result = true;
	if (duckdb_query(r->conn, sql, &r->result) == DuckDBError)
		return query_error(r, duckdb_result_error(&r->result), e);
	return 0;
}

static int execute_streaming(struct store_rows *r, const char *sql, struct error *e)
{
	if (duckdb_prepare(r->conn, sql, &r->statement) == DuckDBError)
		return query_error(r, duckdb_prepare_error(r->statement), e);
	return execute(r, e);
}

/* The statement behind the tables that it reads. */
static int run_sum(struct store_rows *r, const char *sql, struct error *e)
{
	static const char with[] = "WITH ";
	struct sql text = sql_start();
	bool little;
	pthread_mutex_lock(&r->store->asking);
	int status = memory_with(r->store, sql, &text, &little, e);
	pthread_mutex_unlock(&r->store->asking);
	const char *tables = status == 0 ? sql_text(&text, e) : NULL;
	if (tables != NULL && tables[0] != '\0') {
		bool has = strncmp(sql, with, sizeof(with) - 1) == 0;
		sql_put(&text, has ? "," : " ");
		sql += has ? sizeof(with) - 1 : 0;
	}
	sql_put(&text, sql);
	const char *whole = tables != NULL ? sql_text(&text, e) : NULL;
	if (whole == NULL || connect_rows(r, e) < 0)
		status = -1;
	else
		status =
		    little ? execute_whole(r, whole, e) : execute_streaming(r, whole, e);
	sql_free(&text);
	return status;
}

struct store_rows *store_sum(struct store *s, const char *sql, struct error *e)
{
	struct store_rows *r = rows_new(s, e);
	if (r != NULL && (run_sum(r, sql, e) < 0 || note_columns(r, e) < 0)) {
		store_rows_free(r);
		return NULL;
	}
	return r;
}

struct store_rows *store_query(struct store *s, const char *sql, struct error *e)
{
	return store_query_with(s, sql, NULL, 0, e);
}

void store_rows_free(struct store_rows *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->column_count; i++)
		duckdb_destroy_logical_type(&r->columns[i].logical);
	free(r->columns);
	duckdb_destroy_data_chunk(&r->chunk);
	if (r->has_result)
		duckdb_destroy_result(&r->result);
	duckdb_destroy_prepare(&r->statement);
	duckdb_disconnect(&r->conn);
	memory_release(r->store);
	free(r);
}

/* ---- stepping ---- */

/* The next chunk that is not empty. */
static bool next_chunk(struct store_rows *r)
{
	do {
		duckdb_destroy_data_chunk(&r->chunk);
		r->chunk = duckdb_fetch_chunk(r->result);
		if (r->chunk == NULL) {
			const char *why = duckdb_result_error(&r->result);
			if (why != NULL && why[0] != '\0')
				query_error(r, why, &r->error);
			r->n = r->row = 0;
			return false;
		}
		r->n = duckdb_data_chunk_get_size(r->chunk);
	} while (r->n == 0);
	for (size_t i = 0; i < r->column_count; i++)
		value_column_set(
		    &r->columns[i], duckdb_data_chunk_get_vector(r->chunk, i));
	r->row = 0;
	return true;
}

bool store_next(struct store_rows *r)
{
	if (r->chunk != NULL && r->row + 1 < r->n) {
		r->row++;
		return true;
	}
	if (r->ended)
		return false;
	r->ended = !next_chunk(r);
	return !r->ended;
}

bool store_rows_failed(const struct store_rows *r, struct error *e)
{
	if (r->error.code == ERR_NONE)
		return false;
	if (e != NULL)
		*e = r->error;
	return true;
}

/* ---- values ---- */

size_t store_columns(const struct store_rows *r)
{
	return r->column_count;
}

const char *store_column_name(const struct store_rows *r, size_t column)
{
	/* DuckDB's function does not change the result, whatever its prototype says. */
	return duckdb_column_name((duckdb_result *)(uintptr_t)&r->result, column);
}

enum store_type store_column_type(const struct store_rows *r, size_t column)
{
	return value_store_type(r->columns[column].type);
}

bool store_is_null(const struct store_rows *r, size_t column)
{
	return value_is_null(&r->columns[column], r->row);
}

bool store_bool(const struct store_rows *r, size_t column)
{
	return store_int(r, column) != 0;
}

int64_t store_int(const struct store_rows *r, size_t column)
{
	return store_is_null(r, column) ? 0 : value_int(&r->columns[column], r->row);
}

uint64_t store_uint(const struct store_rows *r, size_t column)
{
	return store_is_null(r, column) ? 0 : value_uint(&r->columns[column], r->row);
}

double store_real(const struct store_rows *r, size_t column)
{
	return store_is_null(r, column) ? (double)NAN
					: value_real(&r->columns[column], r->row);
}

struct moment store_time(const struct store_rows *r, size_t column)
{
	return store_is_null(r, column) ? MOMENT_NONE
					: value_time(&r->columns[column], r->row);
}

struct str store_text(const struct store_rows *r, size_t column)
{
	const struct value_column *c = &r->columns[column];
	if (c->type != DUCKDB_TYPE_VARCHAR || store_is_null(r, column))
		return (struct str){0};
	return stage_str((const duckdb_string_t *)c->data + r->row);
}

/* The elements of a list of that type of element: their number, and where they are. */
static size_t list_of(const struct store_rows *r, size_t column, duckdb_type type,
    struct value_column *elements, size_t *from)
{
	const struct value_column *c = &r->columns[column];
	if (c->type != DUCKDB_TYPE_LIST || store_is_null(r, column))
		return 0;
	duckdb_logical_type child = duckdb_list_type_child_type(c->logical);
	*elements = value_column_of(child);
	duckdb_destroy_logical_type(&child);
	if (elements->type != type)
		return 0;
	value_column_set(elements, duckdb_list_vector_get_child(c->vector));
	duckdb_list_entry entry = ((const duckdb_list_entry *)c->data)[r->row];
	*from = entry.offset;
	return entry.length;
}

bool memory_texts(
    const struct store_rows *r, size_t column, struct arena *a, struct str_list *out)
{
	struct value_column c;
	size_t from = 0, n = list_of(r, column, DUCKDB_TYPE_VARCHAR, &c, &from);
	*out = (struct str_list){0};
	if (n == 0)
		return true;
	struct str *v = n < SIZE_MAX / sizeof(*v) ? arena_alloc(a, n * sizeof(*v)) : NULL;
	for (size_t i = 0; v != NULL && i < n; i++) {
		v[i] = (struct str){0};
		if (!value_is_null(&c, from + i))
			v[i] = stage_str((const duckdb_string_t *)c.data + from + i);
	}
	*out = (struct str_list){v, v != NULL ? n : 0};
	return v != NULL;
}

bool memory_ints(
    const struct store_rows *r, size_t column, struct arena *a, struct int_list *out)
{
	struct value_column c;
	size_t from = 0, n = list_of(r, column, DUCKDB_TYPE_BIGINT, &c, &from);
	*out = (struct int_list){0};
	if (n == 0)
		return true;
	int64_t *v = n < SIZE_MAX / sizeof(*v) ? arena_alloc(a, n * sizeof(*v)) : NULL;
	for (size_t i = 0; v != NULL && i < n; i++)
		v[i] = value_is_null(&c, from + i) ? -1 : value_int(&c, from + i);
	*out = (struct int_list){v, v != NULL ? n : 0};
	return v != NULL;
}

/* What write writes of the value, in the arena. */
static struct str written(
    const struct store_rows *r, size_t column, bool json, struct arena *a)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	if (out == NULL)
		return (struct str){0};
	if (json)
		value_json(out, &r->columns[column], r->row, 0);
	else
		value_show(out, &r->columns[column], r->row);
	fclose(out);
	struct str copy = {0};
	if (text != NULL && n <= SHOWN_MAX)
		copy = str_copy(a, (struct str){text, n});
	free(text);
	return copy;
}

struct str store_show(const struct store_rows *r, size_t column, struct arena *a)
{
	if (store_is_null(r, column))
		return (struct str){0};
	if (r->columns[column].type == DUCKDB_TYPE_VARCHAR)
		return str_copy(a, store_text(r, column));
	return written(r, column, false, a);
}

struct str store_json(const struct store_rows *r, size_t column, struct arena *a)
{
	return written(r, column, true, a);
}

int store_rows_end(struct store_rows *r, struct error *e)
{
	int result = store_rows_failed(r, e) ? -1 : 0;
	store_rows_free(r);
	return result;
}
