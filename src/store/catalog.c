/* SPDX-License-Identifier: Apache-2.0 */
#include "store/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/path.h"
#include "store/segment.h"
#include "store/sql.h"
#include "sys/file.h"

bool catalog_by_day(enum record_type type)
{
	return type != RECORD_FINDING && type != RECORD_CASE;
}

static int add(struct catalog_table *t, const char *path, struct error *e)
{
	if (t->n == CATALOG_SEGMENTS_MAX)
		return error_set(
		    e, ERR_LIMIT, "more than %d segments", CATALOG_SEGMENTS_MAX);
	if (t->n == t->room) {
		size_t room = t->room == 0 ? 64 : t->room * 2;
		char **paths = realloc(t->paths, room * sizeof(*paths));
		if (paths == NULL)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of segments");
		t->paths = paths;
		t->room = room;
	}
	t->paths[t->n] = strdup(path);
	if (t->paths[t->n] == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of segments");
	t->n++;
	return 0;
}

static DIR *open_folder(const char *folder, const char *below, struct error *e)
{
	char path[PATH_MAX];
	if (path_make(path, e, "%s/%s", folder, below) < 0)
		return NULL;
	DIR *d = opendir(path);
	if (d == NULL)
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	return d;
}

/* Whether a folder's name says which span of time it holds. */
static bool is_span(const char *name)
{
	return strncmp(name, "day=", 4) == 0 || strncmp(name, "month=", 6) == 0 ||
	       strncmp(name, "year=", 5) == 0;
}

/* Add the segments in the folder below,
 * and those in its folders of days, months, years. */
static int list_folder(struct catalog *c, enum record_type type, const char *folder,
    const char *below, struct error *e)
{
	DIR *d = open_folder(folder, below, e);
	if (d == NULL)
		return -1;
	int status = 0;
	const struct dirent *entry;
	while (status == 0 && (entry = readdir(d)) != NULL) {
		char path[PATH_MAX];
		bool day = is_span(entry->d_name) && strchr(below, '/') == NULL;
		bool segment = path_ends_in(entry->d_name, SEGMENT_SUFFIX);
		if (!day && !segment)
			continue;
		status = path_make(path, e, "%s/%s", below, entry->d_name);
		if (status == 0 && day) {
			status = list_folder(c, type, folder, path, e);
		} else if (status == 0) {
			uint32_t seq = path_seq(entry->d_name, SEGMENT_SUFFIX);
			c->seq = seq > c->seq ? seq : c->seq;
			status = add(&c->tables[type], path, e);
		}
	}
	closedir(d);
	return status;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

int catalog_load(struct catalog *c, const char *folder, struct error *e)
{
	*c = (struct catalog){0};
	for (int t = 0; t < RECORD_TYPES; t++) {
		const char *table = record_info((enum record_type)t)->table;
		char path[PATH_MAX];
		if (path_make(path, e, "%s/%s", folder, table) < 0 ||
		    (file_exists(path) &&
			list_folder(c, (enum record_type)t, folder, table, e) < 0)) {
			catalog_free(c);
			return -1;
		}
		if (c->tables[t].n > 0)
			qsort(
			    c->tables[t].paths, c->tables[t].n, sizeof(char *), by_name);
	}
	return 0;
}

int catalog_check(const struct catalog *c, const char *folder, struct error *e)
{
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < c->tables[t].n; i++) {
			char path[PATH_MAX];
			if (path_make(path, e, "%s/%s", folder, c->tables[t].paths[i]) <
				0 ||
			    !segment_is_whole(path, e))
				return -1;
		}
	}
	return 0;
}

static int check_deeply(const char *path, duckdb_connection conn, struct error *e)
{
	struct sql sql = sql_start();
	sql_put(&sql, "SELECT count(hash(COLUMNS(*))) FROM read_parquet(");
	sql_quote(&sql, path);
	sql_put(&sql, ", hive_partitioning=false)");
	const char *text = sql_text(&sql, e);
	struct error why;
	int status = text == NULL ? -1 : engine_run_on(conn, text, &why);
	if (text != NULL && status < 0)
		error_set(e, ERR_MEMORY, "%s is damaged: %.200s", path, why.text);
	sql_free(&sql);
	return status;
}

int catalog_check_deeply(
    const struct catalog *c, const char *folder, duckdb_connection conn, struct error *e)
{
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < c->tables[t].n; i++) {
			char path[PATH_MAX];
			if (path_make(path, e, "%s/%s", folder, c->tables[t].paths[i]) <
				0 ||
			    !segment_is_whole(path, e) || check_deeply(path, conn, e) < 0)
				return -1;
		}
	}
	return 0;
}

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

static int put_segments(struct sql *sql, const struct catalog_table *t,
    const char *folder, enum record_type type, struct error *e)
{
	sql_put(sql, catalog_by_day(type)
			 ? " UNION ALL BY NAME SELECT *, CAST(ts AS DATE) AS \"day\" FROM"
			   " read_parquet(["
			 : " UNION ALL BY NAME SELECT * FROM read_parquet([");
	for (size_t i = 0; i < t->n; i++) {
		char path[PATH_MAX];
		if (path_make(path, e, "%s/%s", folder, t->paths[i]) < 0)
			return -1;
		sql_put(sql, i > 0 ? "," : "");
		sql_quote(sql, path);
	}
	sql_put(sql, "], union_by_name=true, hive_partitioning=false)");
	return 0;
}

static int make_view(const struct catalog *c, enum record_type type, const char *folder,
    struct engine *engine, struct error *e)
{
	struct sql sql = sql_start();
	int status = 0;
	sql_format(&sql, "CREATE VIEW %s AS ", record_info(type)->table);
	put_columns(&sql, type);
	if (c->tables[type].n > 0)
		status = put_segments(&sql, &c->tables[type], folder, type, e);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? engine_run(engine, text, e) : -1;
	sql_free(&sql);
	return status;
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

int catalog_views(const struct catalog *c, const char *folder, struct engine *engine,
    const char *sql, bool made[static RECORD_TYPES], struct error *e)
{
	bool all = reaches_all(sql);
	for (int i = 0; i < RECORD_TYPES; i++) {
		enum record_type type = (enum record_type)i;
		if (made[i] ||
		    (!all && strcasestr(sql, record_info(type)->table) == NULL))
			continue;
		if (make_view(c, type, folder, engine, e) < 0)
			return -1;
		made[i] = true;
	}
	return 0;
}

int catalog_drop_views(
    struct engine *engine, bool made[static RECORD_TYPES], struct error *e)
{
	for (int i = 0; i < RECORD_TYPES; i++) {
		struct sql sql = sql_start();
		sql_format(&sql, "DROP VIEW %s", record_info((enum record_type)i)->table);
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

void catalog_free(struct catalog *c)
{
	for (int t = 0; t < RECORD_TYPES; t++) {
		for (size_t i = 0; i < c->tables[t].n; i++)
			free(c->tables[t].paths[i]);
		free(c->tables[t].paths);
	}
	*c = (struct catalog){0};
}
