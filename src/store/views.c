/* SPDX-License-Identifier: Apache-2.0 */
#include "store/views.h"

#include <ctype.h>
#include <string.h>

#include "engine/sql.h"
#include "store/segment.h"
#include "sys/path.h"

static const char *name_of(size_t i)
{
	static const char *const parts[] = {
#define S(SET, view, type, folder, span, order) [RUNS_##SET] = view "_parts",
	    RUN_SETS_LIST(S)
#undef S
	};
	if (i >= CATALOG_LISTS)
		return parts[i - CATALOG_LISTS];
	return i < RECORD_TYPES ? record_info((enum record_type)i)->table
				: run_set_info((enum run_set)(i - RECORD_TYPES))->view;
}

/* ---- which ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether the text has the name as a whole word. */
static bool has_word(const char *sql, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = sql; (p = strcasestr(p, name)) != NULL; p += n) {
		if ((p == sql || !is_word(p[-1])) && !is_word(p[n]))
			return true;
	}
	return false;
}

/* Whether the text may reach tables that it does not name. query() may, too, but is no
 * call that is allowed (rows.c), and a column of dns has its name. */
static bool reaches_all(const char *sql)
{
	static const char *const words[] = {
	    "duckdb_", "schema", "pg_", "sqlite_", "query_table", "serialized"};
	if (has_word(sql, "show")) /* "shown" is a name as any other */
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasestr(sql, words[i]) != NULL)
			return true;
	}
	return false;
}

bool views_named(const char *sql, const char *name)
{
	return has_word(sql, name) || reaches_all(sql);
}

void views_wanted(const char *sql, bool wanted[static VIEWS])
{
	bool all = reaches_all(sql);
	for (size_t i = 0; i < VIEWS; i++) {
		const char *name = name_of(i);
		wanted[i] =
		    name != NULL && ((all && i < CATALOG_LISTS) || has_word(sql, name));
	}
}

/* ---- tables of records ---- */

/* The columns as of now, without rows:
 * what segments written by an older dwell lack is NULL. */
static void put_columns(struct sql *sql, enum record_type type)
{
	const struct record_info *info = record_info(type);
	sql_put(sql, "SELECT ");
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		sql_format(sql, "%sNULL::%s AS \"%s\"", i > 0 ? "," : "",
		    segment_sql_type(f->kind), f->name);
	}
	if (catalog_by_day(type))
		sql_put(sql, ",NULL::DATE AS \"day\"");
	sql_put(sql, " WHERE false");
}

/*
 * Files that have just today's columns need no comparing of names, for which the engine
 * would open each of them whenever it plans a statement.
 */
int views_put_rows(struct sql *sql, enum record_type type, char *const *paths, size_t n,
    const char *folder, struct error *e)
{
	bool current = n > 0 && segments_are_current(type, folder, paths, n);
	if (!current)
		put_columns(sql, type);
	if (n == 0)
		return 0;
	sql_put(sql, current ? "SELECT *" : " UNION ALL BY NAME SELECT *");
	if (catalog_by_day(type))
		sql_put(sql, ", CAST(ts AS DATE) AS \"day\"");
	sql_put(sql, " FROM ");
	for (size_t i = 0; i < n; i++) {
		if (views_put_file(sql, i == 0, folder, paths[i], e) < 0)
			return -1;
	}
	views_end_files(sql, !current);
	return 0;
}

/* ---- making ---- */

int views_make(const struct catalog *c, size_t i, const char *folder,
    struct engine *engine, struct error *e)
{
	struct sql sql = sql_start();
	sql_format(&sql, "CREATE VIEW %s AS ", name_of(i));
	enum run_set set = (enum run_set)(views_list(i) - RECORD_TYPES);
	int status = i >= CATALOG_LISTS ? views_put_parts(&sql, c, set, folder, e)
		     : i < RECORD_TYPES
			 ? views_put_rows(&sql, (enum record_type)i, c->tables[i].paths,
			       c->tables[i].n, folder, e)
			 : views_put_rollup(&sql, c, set, folder, e);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? engine_run(engine, text, e) : -1;
	sql_free(&sql);
	return status;
}

int views_drop(struct engine *engine, bool made[static VIEWS], struct error *e)
{
	for (size_t i = 0; i < VIEWS; i++) {
		struct sql sql = sql_start();
		sql_format(&sql, "DROP VIEW %s", made[i] ? name_of(i) : "");
		const char *text = made[i] ? sql_text(&sql, e) : "";
		int status = text == NULL ? -1
			     : made[i]    ? engine_run(engine, text, e)
					  : 0;
		sql_free(&sql);
		if (status < 0)
			return -1;
		made[i] = false;
	}
	return 0;
}
