/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One COPY a table. Under pseudonyms each column goes through the function that its name
 * calls for. Texts that no rule knows become tokens, so that a column that is new is
 * hidden before anybody thinks of it.
 *
 * Segments and roll-ups are sorted by address. Rows in that order would tell which of two
 * pseudonyms stands for the lower address, and with that undo Crypto-PAn bit by bit, so
 * they are sorted anew by what is exported.
 */
#include "store/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine/scalar.h"
#include "engine/sql.h"
#include "record/rollup.h"
#include "store/memory.h"
#include "sys/path.h"

#define FILE_MODE     0640       /* what a network did is not for every user to read */
#define SCRATCH_BYTES (1U << 20) /* of texts before they are freed together */

/* ---- functions of the engine ---- */

typedef struct str (*pseudonym_function)(
    struct pseudonym *p, struct str s, struct arena *a);

static void run(duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out,
    pseudonym_function function)
{
	struct pseudonym *p = duckdb_scalar_function_get_extra_info(info);
	struct scalar_column c = scalar_column(rows, 0);
	size_t n = duckdb_data_chunk_get_size(rows);
	struct arena scratch;
	arena_init(&scratch, SIZE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str s = scalar_text(&c, i);
		scalar_put_text(out, i, s.p != NULL ? function(p, s, &scratch) : s);
		if (scratch.held > SCRATCH_BYTES)
			arena_reset(&scratch);
	}
	arena_fini(&scratch);
}

#define RUN(name)                                                                        \
	static void run_##name(                                                          \
	    duckdb_function_info info, duckdb_data_chunk rows, duckdb_vector out)        \
	{                                                                                \
		run(info, rows, out, pseudonym_##name);                                  \
	}
RUN(place)
RUN(address)
RUN(token)
RUN(answer)
RUN(word)
RUN(facts)
#undef RUN

static int register_functions(
    duckdb_connection conn, struct pseudonym *p, struct error *e)
{
	static const struct {
		const char *name;
		duckdb_scalar_function_t run;
	} all[] = {{"pseudonym_place", run_place}, {"pseudonym_address", run_address},
	    {"pseudonym_token", run_token}, {"pseudonym_answer", run_answer},
	    {"pseudonym_word", run_word}, {"pseudonym_facts", run_facts}};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct scalar s = {
		    all[i].name, {DUCKDB_TYPE_VARCHAR}, DUCKDB_TYPE_VARCHAR, all[i].run};
		if (scalar_register(conn, &s, 1, p, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- what becomes of a column ---- */

#define SEEN_FINGERPRINTS "('ja3','ja3s','ja4','hassh','hassh_server')"
#define SEEN_PLACES       "('address','name','domain','host_name')"
#define SEEN_VALUE                                                                       \
	"CASE WHEN kind IN " SEEN_FINGERPRINTS                                           \
	" THEN \"value\" WHEN kind IN " SEEN_PLACES                                      \
	" THEN pseudonym_place(\"value\") ELSE pseudonym_token(\"value\") END"

/* Columns by name, in whichever table, or in one: TABLE.COLUMN; %s is the column. */
static const struct {
	const char *form;
	const char *columns; /* each between spaces */
} rules[] = {
    {"%s", " proto service state history kind qclass qtype rcode version client_version "
	   "curve alert ja3 ja3s ja4 hassh hassh_server key_alg sig_alg key_type via "
	   "direction since_kind confidence detector attack table_name dialect command "
	   "function operation status share_type carrier endpoint uuid request_type "
	   "reply_cipher preauth opcode scope deref_aliases result security_protocol "
	   "requested_security keyboard_layout client_build requested_color_depth "
	   "cert_type encryption_level encryption_method ocsp.hash_alg ocsp.reason "},
    {"pseudonym_address(%s)", " src_ip dst_ip irc.dcc_ip "},
    {"pseudonym_place(%s)", " host peer server_name query sni "},
    {"list_transform(%s, x -> pseudonym_place(x))", " san san_dns san_ip "},
    {"list_transform(%s, x -> pseudonym_answer(x))", " answers "},
    {"pseudonym_word(%s)", " method alpn "},
    {"pseudonym_facts(%s)", " facts "},
    {"CASE WHEN contains(%s,'@') AND NOT ends_with(%s,'@openssh.com') THEN "
     "pseudonym_token(%s) ELSE %s END",
	" cipher mac compression kex host_key_alg "},
    {"NULL", " summary detail source_offset "},
    {"date_trunc('day',%s)::TIMESTAMP",
	" not_before not_after ocsp.revoked "
	"ocsp.produced ocsp.this_update ocsp.next_update "},
    {"CASE WHEN TRY_CAST(%s AS DOUBLE) IS NOT NULL OR %s IN ('on','off') THEN %s ELSE "
     "pseudonym_token(%s) END",
	" ot.value "},
    {"pseudonym_token(%s)", " irc.value "},
    {SEEN_VALUE, " value "},
    {"CASE WHEN kind IN ('name','domain') THEN reverse_labels(" SEEN_VALUE
     ") ELSE " SEEN_VALUE " END",
	" sort "},
};

/* Put form with each %s as the quoted name. */
static void put_form(struct sql *sql, const char *form, const char *name)
{
	for (const char *at; (at = strstr(form, "%s")) != NULL; form = at + 2)
		sql_format(sql, "%.*s\"%s\"", (int)(at - form), form, name);
	sql_put(sql, form);
}

static const char *rule_of(const char *table, const char *name, const char *type)
{
	char word[80], own[160];
	snprintf(word, sizeof(word), " %s ", name);
	snprintf(own, sizeof(own), " %s.%s ", table, name);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strstr(rules[i].columns, own) != NULL ||
		    strstr(rules[i].columns, word) != NULL)
			return rules[i].form;
	}
	if (strcmp(type, "VARCHAR") == 0)
		return "pseudonym_token(%s)";
	if (strcmp(type, "VARCHAR[]") == 0)
		return "list_transform(%s, x -> pseudonym_token(x))";
	return "%s";
}

/* A column as its format wants it: times as ISO 8601 and, in CSV, lists as JSON. */
static const char *shape_of(const char *type, enum export_kind kind)
{
	if (kind == EXPORT_KIND_PARQUET)
		return "%s";
	if (strcmp(type, "TIMESTAMP") == 0)
		return "strftime(%s,'%Y-%m-%dT%H:%M:%S.%fZ')";
	size_t n = strlen(type);
	bool list = n > 2 && strcmp(type + n - 2, "[]") == 0;
	return list && kind == EXPORT_KIND_CSV ? "to_json(%s)::VARCHAR" : "%s";
}

/* ---- one table ---- */

#define COLUMNS_MAX 64

struct table {
	const char *name;
	char columns[COLUMNS_MAX][64], types[COLUMNS_MAX][32];
	size_t n;
};

static void copy_text(char *out, size_t room, struct str s)
{
	snprintf(out, room, "%.*s", STR_ARG(s));
}

static int describe(struct store *s, struct table *t, struct error *e)
{
	char sql[96];
	snprintf(sql, sizeof(sql), "DESCRIBE %s", t->name);
	struct store_rows *r = store_query(s, sql, e);
	if (r == NULL)
		return -1;
	while (store_next(r) && t->n < COLUMNS_MAX) {
		struct str name = store_text(r, 0);
		if (str_equal(name, STR("day"))) /* made of ts by the view */
			continue;
		copy_text(t->columns[t->n], sizeof(t->columns[0]), name);
		copy_text(t->types[t->n], sizeof(t->types[0]), store_text(r, 1));
		t->n++;
	}
	return store_rows_end(r, e);
}

static bool has(const struct table *t, const char *column)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->columns[i], column) == 0)
			return true;
	}
	return false;
}

/* A row touches the span when it ends after its begin and begins before its end. */
static void put_span(
    struct sql *sql, const struct table *t, const struct export_request *x)
{
	const char *end = has(t, "last_seen") ? "last_seen" : "ts";
	const char *begin = has(t, "first_seen") ? "first_seen"
			    : has(t, "since")    ? "since"
						 : "ts";
	sql_put(sql, " WHERE true");
	if (x->since.ns != MOMENT_NONE.ns)
		sql_format(sql, " AND %s >= make_timestamp(%lld)", end,
		    (long long)moment_us(x->since));
	if (x->until.ns != MOMENT_NONE.ns)
		sql_format(sql, " AND %s < make_timestamp(%lld)", begin,
		    (long long)moment_us(x->until));
}

/* By time, then by what makes rows of one time differ: as exported, not as it was. */
static void put_order(struct sql *sql, const struct table *t)
{
	static const char *const keys[] = {"ts", "rank", "last_seen", "src_ip",
	    "src_port", "dst_ip", "dst_port", "proto", "server_name", "kind", "value",
	    "via", "host", "id", "sensor"};
	const char *comma = " ORDER BY ";
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!has(t, keys[i]))
			continue;
		sql_format(sql, "%s\"%s\"", comma, keys[i]);
		comma = ",";
	}
}

static void put_rows(
    struct sql *sql, const struct table *t, const struct export_request *x)
{
	sql_put(sql, "SELECT ");
	for (size_t i = 0; i < t->n; i++) {
		const char *form = x->pseudonyms != NULL
				       ? rule_of(t->name, t->columns[i], t->types[i])
				       : "%s";
		put_form(sql, form, t->columns[i]);
		sql_format(sql, " AS \"%s\"%s", t->columns[i], i + 1 < t->n ? "," : "");
	}
	sql_format(sql, " FROM %s", t->name);
	put_span(sql, t, x);
}

static void put_copy(struct sql *sql, const struct table *t,
    const struct export_request *x, const char *path)
{
	static const char *const options[] = {
	    [EXPORT_KIND_PARQUET] =
		"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720",
	    [EXPORT_KIND_CSV] = "FORMAT csv, HEADER",
	    [EXPORT_KIND_JSON] = "FORMAT json"};
	sql_put(sql, "COPY (SELECT ");
	for (size_t i = 0; i < t->n; i++) {
		put_form(sql, shape_of(t->types[i], x->kind), t->columns[i]);
		sql_format(sql, " AS \"%s\"%s", t->columns[i], i + 1 < t->n ? "," : "");
	}
	sql_put(sql, " FROM (SELECT * FROM (");
	put_rows(sql, t, x);
	sql_put(sql, ")");
	if (x->pseudonyms != NULL)
		put_order(sql, t);
	sql_put(sql, ")) TO ");
	sql_quote(sql, path);
	sql_format(sql, " (%s)", options[x->kind]);
}

static int run_copy(struct store *s, const char *sql, uint64_t *rows, struct error *e)
{
	duckdb_result result;
	int status = 0;
	if (duckdb_query(s->engine.conn, sql, &result) == DuckDBError)
		status = engine_error(e, ERR_ENGINE, duckdb_result_error(&result));
	else
		*rows = duckdb_rows_changed(&result);
	duckdb_destroy_result(&result);
	return status;
}

static int write_table(struct store *s, const char *name, const struct export_request *x,
    const struct export_sink *sink, struct error *e)
{
	static const char *const ends[] = {[EXPORT_KIND_PARQUET] = "parquet",
	    [EXPORT_KIND_CSV] = "csv",
	    [EXPORT_KIND_JSON] = "json"};
	char path[PATH_MAX], aside[PATH_MAX];
	uint64_t rows = 0;
	struct table *t = calloc(1, sizeof(*t));
	if (t == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to export %s", name);
	struct sql sql = sql_start();
	t->name = name;
	int status = describe(s, t, e);
	if (path_make(path, e, "%s/%s.%s", x->folder, name, ends[x->kind]) < 0 ||
	    path_make(aside, e, "%s/.%s.part", x->folder, name) < 0)
		status = -1;
	if (status == 0)
		put_copy(&sql, t, x, aside);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? run_copy(s, text, &rows, e) : -1;
	if (status == 0 && (chmod(aside, FILE_MODE) != 0 || rename(aside, path) != 0))
		status = error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	if (status < 0)
		remove(aside);
	else
		sink->wrote(sink->ctx, path, rows);
	sql_free(&sql);
	free(t);
	return status;
}

/* ---- all of them ---- */

/* Table number i of those that can be exported; NULL behind the last. */
static const char *table_name(size_t i)
{
	if (i < RECORD_TYPES)
		return record_info((enum record_type)i)->table;
	i -= RECORD_TYPES;
	return i < ROLLUP_TYPES ? rollup_info((enum rollup_type)i)->table : NULL;
}

static bool is_wanted(const struct export_request *x, const char *name)
{
	for (size_t i = 0; i < x->table_count; i++) {
		if (strcmp(x->tables[i], name) == 0)
			return true;
	}
	return x->table_count == 0;
}

static int check_tables(const struct export_request *x, struct error *e)
{
	for (size_t i = 0; i < x->table_count; i++) {
		size_t k = 0;
		while (table_name(k) != NULL && strcmp(table_name(k), x->tables[i]) != 0)
			k++;
		if (table_name(k) == NULL)
			return error_set(e, ERR_USAGE,
			    "there is no table '%s' to export (doc/format/tables.md)",
			    x->tables[i]);
	}
	return 0;
}

int export_tables(struct store *s, const struct export_request *x,
    const struct export_sink *sink, struct error *e)
{
	if (check_tables(x, e) < 0 ||
	    (x->pseudonyms != NULL &&
		register_functions(s->engine.conn, x->pseudonyms, e) < 0))
		return -1;
	for (size_t i = 0; table_name(i) != NULL; i++) {
		if (is_wanted(x, table_name(i)) &&
		    write_table(s, table_name(i), x, sink, e) < 0)
			return error_add(e, "%s", table_name(i));
	}
	return 0;
}
