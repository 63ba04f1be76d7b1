/* SPDX-License-Identifier: Apache-2.0 */
/* The views of the roll-ups: runs as they are, or grouped where they may share keys. */
#include <string.h>

#include "store/segment.h"
#include "store/views.h"
#include "sys/path.h"

int views_put_file(
    struct sql *sql, bool first, const char *folder, const char *path, struct error *e)
{
	char whole[PATH_MAX];
	if (path_make(whole, e, "%s/%s", folder, path) < 0)
		return -1;
	sql_put(sql, first ? "read_parquet([" : ",");
	sql_quote(sql, whole);
	return 0;
}

void views_end_files(struct sql *sql, bool by_name)
{
	sql_format(sql, "], union_by_name=%s, hive_partitioning=false)",
	    by_name ? "true" : "false");
}

/* ---- columns ---- */

void views_put_no_runs(struct sql *sql, const struct rollup_info *info)
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
	    [RULE_SUM] = "least(coalesce(sum(\"%s\"),0),9223372036854775807)::BIGINT",
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

/* ---- which runs are alone ---- */

/* The first date that may be in a segment, by its folder's name; NULL: any. */
static const char *first_date(const char *path)
{
	const char *span = strchr(path, '=');
	return span == NULL || strncmp(span, "=NULL", 5) == 0 ? NULL : span + 1;
}

/*
 * Whether rows of a segment may fall into a folder of runs: it does not end before the
 * segment begins. Later ones all count, since a connection may reach into them. Dates
 * compare as texts.
 */
static bool may_meet(const char *segment, const char *run)
{
	const char *from = first_date(segment), *span = first_date(run);
	if (from == NULL || span == NULL)
		return true;
	size_t n = strcspn(span, "/"), k = strcspn(from, "/");
	return strncmp(span, from, n < k ? n : k) >= 0;
}

/* Whether a folder of the set has rows of any time. */
static bool has_undated(const struct catalog_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strstr(t->paths[i], "=NULL/") != NULL)
			return true;
	}
	return false;
}

/* Whether the files [from, end) of one folder are one run that shares no key. */
static bool is_alone(
    const struct catalog_table *t, size_t from, size_t end, const struct path_list *tail)
{
	size_t stem = run_stem(t->paths[from]);
	if (run_repeats(t->paths[from]))
		return false;
	for (size_t i = from + 1; i < end; i++) {
		if (run_stem(t->paths[i]) != stem ||
		    strncmp(t->paths[i], t->paths[from], stem) != 0)
			return false;
	}
	for (size_t i = 0; i < tail->n; i++) {
		if (may_meet(tail->paths[i], t->paths[from]))
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
    const struct path_list *tail, bool alone, const char *folder)
{
	int n = 0;
	bool undated = has_undated(t);
	for (size_t from = 0; from < t->n;) {
		size_t end = end_of_folder(t, from);
		if ((!undated && is_alone(t, from, end, tail)) != alone) {
			from = end;
			continue;
		}
		if (n == 0)
			sql_put(sql, " UNION ALL BY NAME SELECT * FROM ");
		for (; from < end; from++, n++) {
			if (views_put_file(sql, n == 0, folder, t->paths[from], NULL) < 0)
				return -1;
		}
	}
	if (n > 0)
		views_end_files(sql, true);
	return n;
}

/* The type whose unrolled segments say whether runs are alone; all tables of seen are
 * written together, and it has a single folder. */
static enum record_type tail_of(enum rollup_type type)
{
	return type == ROLLUP_WATCH_HOUR ? RECORD_WATCH : RECORD_CONN;
}

bool views_has_tail(const struct catalog *c, enum rollup_type type)
{
	bool tail[RECORD_TYPES] = {0}, any = false;
	views_tail_of(type, tail);
	for (int t = 0; t < RECORD_TYPES; t++)
		any |= tail[t] && c->unrolled.of[t].n > 0;
	return any;
}

int views_put_rollup(struct sql *sql, const struct catalog *c, enum run_set set,
    const char *folder, struct error *e)
{
	enum rollup_type type = run_set_info(set)->type;
	const struct rollup_info *info = rollup_info(type);
	const struct catalog_table *t = catalog_runs(c, set);
	const struct path_list none = {0}, *tail = &c->unrolled.of[tail_of(type)];
	bool one_folder = run_set_info(set)->span == RUN_SPAN_ALL;
	char any_time[] = "";
	struct path_list all = {(char *[]){any_time}, 1, 1};
	if (one_folder)
		tail = views_has_tail(c, type) ? &all : &none;
	views_put_no_runs(sql, info);
	if (put_runs(sql, t, tail, true, folder) < 0)
		return error_set(e, ERR_USAGE, "a path is too long");
	sql_put(sql, " UNION ALL BY NAME ");
	put_joined(sql, info);
	sql_put(sql, " FROM (");
	views_put_no_runs(sql, info);
	if (put_runs(sql, t, tail, false, folder) < 0)
		return error_set(e, ERR_USAGE, "a path is too long");
	if (views_has_tail(c, type)) {
		sql_put(sql, " UNION ALL BY NAME ");
		if (views_put_tail(sql, c, type, folder, e) < 0)
			return -1;
	}
	sql_put(sql, ")");
	put_keys(sql, info);
	return 0;
}

int views_put_parts(struct sql *sql, const struct catalog *c, enum run_set set,
    const char *folder, struct error *e)
{
	enum rollup_type type = run_set_info(set)->type;
	const struct catalog_table *t = catalog_runs(c, set);
	views_put_no_runs(sql, rollup_info(type));
	for (size_t i = 0; i < t->n; i++) {
		if (i == 0)
			sql_put(sql, " UNION ALL BY NAME SELECT * FROM ");
		if (views_put_file(sql, i == 0, folder, t->paths[i], e) < 0)
			return -1;
	}
	if (t->n > 0)
		views_end_files(sql, true);
	if (!views_has_tail(c, type))
		return 0;
	sql_put(sql, " UNION ALL BY NAME ");
	return views_put_tail(sql, c, type, folder, e);
}
