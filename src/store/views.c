/* SPDX-License-Identifier: Apache-2.0 */
#include "store/views.h"

#include <ctype.h>
#include <string.h>

#include "store/path.h"
#include "store/segment.h"
#include "store/sql.h"

static const char *name_of(size_t i)
{
	return i < RECORD_TYPES ? record_info((enum record_type)i)->table
				: run_set_info((enum run_set)(i - RECORD_TYPES))->view;
}

bool views_need_tail(size_t i)
{
	if (i < RECORD_TYPES)
		return false;
	enum rollup_type type = run_set_info((enum run_set)(i - RECORD_TYPES))->type;
	return type == ROLLUP_PAIR_DAY || type == ROLLUP_PAIR_MONTH ||
	       type == ROLLUP_PAIR_YEAR;
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

/* Whether the text may reach tables that it does not name. */
static bool reaches_all(const char *sql)
{
	static const char *const words[] = {
	    "show", "duckdb_", "schema", "pg_", "sqlite_", "query", "serialized"};
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
		wanted[i] = name != NULL && (all || has_word(sql, name));
	}
}

/* ---- files ---- */

static int put_file(
    struct sql *sql, bool first, const char *folder, const char *path, struct error *e)
{
	char whole[PATH_MAX];
	if (path_make(whole, e, "%s/%s", folder, path) < 0)
		return -1;
	sql_put(sql, first ? "read_parquet([" : ",");
	sql_quote(sql, whole);
	return 0;
}

static void end_files(struct sql *sql)
{
	sql_put(sql, "], union_by_name=true, hive_partitioning=false)");
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

static int put_table(struct sql *sql, const struct catalog *c, enum record_type type,
    const char *folder, struct error *e)
{
	const struct catalog_table *t = &c->tables[type];
	put_columns(sql, type);
	if (t->n == 0)
		return 0;
	sql_put(
	    sql, catalog_by_day(type)
		     ? " UNION ALL BY NAME SELECT *, CAST(ts AS DATE) AS \"day\" FROM "
		     : " UNION ALL BY NAME SELECT * FROM ");
	for (size_t i = 0; i < t->n; i++) {
		if (put_file(sql, i == 0, folder, t->paths[i], e) < 0)
			return -1;
	}
	end_files(sql);
	return 0;
}

/* ---- roll-ups ---- */

static void put_no_rows(struct sql *sql, const struct rollup_info *info)
{
	sql_put(sql, "SELECT ");
	for (size_t i = 0; i < info->field_count; i++)
		sql_format(sql, "%sNULL::%s AS \"%s\"", i > 0 ? "," : "",
		    segment_sql_type(info->fields[i].kind), info->fields[i].name);
	sql_put(sql, " WHERE false");
}

/* Sums saturate, as counts do wherever they are kept. */
static void put_joined(struct sql *sql, const struct rollup_info *info)
{
	static const char *const forms[] = {
	    [RULE_KEY] = "\"%s\"",
	    [RULE_MIN] = "min(\"%s\")",
	    [RULE_MAX] = "max(\"%s\")",
	    [RULE_SUM] = "least(sum(\"%s\"),9223372036854775807)::BIGINT",
	    [RULE_OR] = "bit_or(\"%s\")",
	};
	sql_put(sql, "SELECT ");
	for (size_t i = 0; i < info->field_count; i++) {
		const struct rollup_field *f = &info->fields[i];
		const char *form = forms[f->rule], *at = strstr(form, "%s");
		sql_format(sql, "%s%.*s%s%s AS \"%s\"", i > 0 ? "," : "",
		    (int)(at - form), form, f->name, at + 2, f->name);
	}
}

static void put_keys(struct sql *sql, const struct rollup_info *info)
{
	for (size_t i = 0; i < info->key_count; i++)
		sql_format(
		    sql, "%s\"%s\"", i > 0 ? "," : " GROUP BY ", info->fields[i].name);
}

/* What a pair-day of the tail is in a row of the month or year. */
static void put_from_day(struct sql *sql, enum rollup_type type)
{
	const struct rollup_info *info = rollup_info(type);
	const char *span = type == ROLLUP_PAIR_MONTH ? "month" : "year";
	int month = 0;
	sql_put(sql, "SELECT ");
	for (size_t i = 0; i < info->field_count; i++) {
		const struct rollup_field *f = &info->fields[i];
		sql_put(sql, i > 0 ? "," : "");
		if (f->rule == RULE_KEY && f->kind == FIELD_TIME)
			sql_format(sql, "date_trunc('%s',ts)::TIMESTAMP AS ts", span);
		else if (f->rule == RULE_OR && type == ROLLUP_PAIR_MONTH)
			sql_put(sql, "1::BIGINT<<(day(ts)-1) AS days");
		else if (f->rule == RULE_OR)
			sql_format(sql,
			    "CASE WHEN month(ts)=%d THEN 1::BIGINT<<(day(ts)-1) "
			    "ELSE 0 END AS \"%s\"",
			    ++month, f->name);
		else
			sql_format(sql, "\"%s\"", f->name);
	}
	sql_put(sql, " FROM ");
}

/*
 * Whether a folder of a tail (days=FIRST_LAST) has days of the span that another folder
 * is named for. Dates compare as texts; what has no span may have any day.
 */
static bool overlap(const char *tail, const char *folder)
{
	const char *days = strstr(tail, "days="), *span = strchr(folder, '=');
	const char *last = days != NULL ? strchr(days, '_') : NULL;
	if (last == NULL || span == NULL || strncmp(span, "=NULL", 5) == 0)
		return true;
	size_t n = strcspn(++span, "/");
	return strncmp(days + 5, span, n) <= 0 && strncmp(last + 1, span, n) >= 0;
}

/* Whether the files [from, end) of one folder are one run that shares no key. */
static bool is_alone(const struct catalog_table *t, size_t from, size_t end,
    const struct catalog_table *tail)
{
	size_t stem = run_stem(t->paths[from]);
	for (size_t i = from + 1; i < end; i++) {
		if (run_stem(t->paths[i]) != stem ||
		    strncmp(t->paths[i], t->paths[from], stem) != 0)
			return false;
	}
	for (size_t i = 0; tail != NULL && i < tail->n; i++) {
		if (overlap(tail->paths[i], t->paths[from]))
			return false;
	}
	return true;
}

static size_t end_of_folder(const struct catalog_table *t, size_t from)
{
	size_t n = run_folder(t->paths[from]), end = from + 1;
	while (end < t->n && run_folder(t->paths[end]) == n &&
	       memcmp(t->paths[end], t->paths[from], n) == 0)
		end++;
	return end;
}

/* Put the files that are alone, or those that are not; how many there were. */
static int put_runs(struct sql *sql, const struct catalog_table *t,
    const struct catalog_table *tail, bool alone, const char *folder)
{
	int n = 0;
	for (size_t from = 0; from < t->n;) {
		size_t end = end_of_folder(t, from);
		if (is_alone(t, from, end, tail) != alone) {
			from = end;
			continue;
		}
		if (n == 0)
			sql_put(sql, " UNION ALL BY NAME SELECT * FROM ");
		for (; from < end; from++, n++) {
			if (put_file(sql, n == 0, folder, t->paths[from], NULL) < 0)
				return -1;
		}
	}
	if (n > 0)
		end_files(sql);
	return n;
}

static int put_tail(struct sql *sql, enum rollup_type type,
    const struct catalog_table *tail, const char *folder, struct error *e)
{
	if (tail == NULL || tail->n == 0)
		return 0;
	sql_put(sql, " UNION ALL BY NAME ");
	if (type == ROLLUP_PAIR_DAY)
		sql_put(sql, "SELECT * FROM ");
	else
		put_from_day(sql, type);
	for (size_t i = 0; i < tail->n; i++) {
		if (put_file(sql, i == 0, folder, tail->paths[i], e) < 0)
			return -1;
	}
	end_files(sql);
	return 0;
}

static int put_rollup(struct sql *sql, const struct catalog *c, size_t i,
    const char *folder, struct error *e)
{
	enum rollup_type type = run_set_info((enum run_set)(i - RECORD_TYPES))->type;
	const struct rollup_info *info = rollup_info(type);
	const struct catalog_table *t = &c->tables[i];
	const struct catalog_table *tail =
	    views_need_tail(i) ? catalog_runs(c, RUNS_TAIL) : NULL;
	put_no_rows(sql, info);
	if (put_runs(sql, t, tail, true, folder) < 0)
		return error_set(e, ERR_USAGE, "a path is too long");
	sql_put(sql, " UNION ALL BY NAME ");
	put_joined(sql, info);
	sql_put(sql, " FROM (");
	put_no_rows(sql, info);
	if (put_runs(sql, t, tail, false, folder) < 0)
		return error_set(e, ERR_USAGE, "a path is too long");
	if (put_tail(sql, type, tail, folder, e) < 0)
		return -1;
	sql_put(sql, ")");
	put_keys(sql, info);
	return 0;
}

/* ---- making ---- */

int views_make(const struct catalog *c, size_t i, const char *folder,
    struct engine *engine, struct error *e)
{
	struct sql sql = sql_start();
	sql_format(&sql, "CREATE VIEW %s AS ", name_of(i));
	int status = i < RECORD_TYPES ? put_table(&sql, c, (enum record_type)i, folder, e)
				      : put_rollup(&sql, c, i, folder, e);
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
