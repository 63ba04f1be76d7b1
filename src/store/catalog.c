/* SPDX-License-Identifier: Apache-2.0 */
#include "store/catalog.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/sql.h"
#include "store/segment.h"
#include "sys/file.h"
#include "sys/path.h"

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
	       strncmp(name, "year=", 5) == 0 || strncmp(name, "days=", 5) == 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

static bool was_merged(const struct catalog *c, const char *path)
{
	return c->merged.n > 0 && bsearch(&path, c->merged.paths, c->merged.n,
				      sizeof(char *), by_name) != NULL;
}

/* Take in a file of the list, unless another has taken its place. */
static int add_file(struct catalog *c, size_t list, const char *path, struct error *e)
{
	const char *name = strrchr(path, '/') + 1;
	bool run = list >= RECORD_TYPES;
	uint32_t seq = run ? run_seq(name) : path_seq(name, SEGMENT_SUFFIX);
	c->seq = seq > c->seq ? seq : c->seq;
	if ((run && seq == 0) || was_merged(c, path))
		return 0;
	return add(&c->tables[list], path, e);
}

/* Add the files in the folder below, and those in its folders of days, months, years. */
static int list_folder(struct catalog *c, size_t list, const char *folder,
    const char *below, int depth, struct error *e)
{
	DIR *d = open_folder(folder, below, e);
	if (d == NULL)
		return -1;
	int status = 0;
	const struct dirent *entry;
	while (status == 0 && (entry = readdir(d)) != NULL) {
		char path[PATH_MAX];
		bool span = is_span(entry->d_name) && depth == 0;
		bool file = path_ends_in(entry->d_name, SEGMENT_SUFFIX);
		if (!span && !file)
			continue;
		status = path_make(path, e, "%s/%s", below, entry->d_name);
		if (status == 0 && span)
			status = list_folder(c, list, folder, path, depth + 1, e);
		else if (status == 0)
			status = add_file(c, list, path, e);
	}
	closedir(d);
	return status;
}

static const char *folder_of(size_t list)
{
	return list < RECORD_TYPES
		   ? record_info((enum record_type)list)->table
		   : run_set_info((enum run_set)(list - RECORD_TYPES))->folder;
}

/* The files that merges have replaced and that nobody has removed yet, one a line. */
static int load_merged(struct catalog *c, const char *folder, struct error *e)
{
	char path[PATH_MAX];
	c->merged.listed = true;
	if (path_make(path, e, "%s/" CATALOG_MERGED, folder) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	size_t n;
	char *text = file_read(path, CATALOG_MERGED_MAX, &n, e), *rest = text;
	if (text == NULL)
		return -1;
	int status = 0;
	for (char *line; status == 0 && (line = strsep(&rest, "\n")) != NULL;)
		status = line[0] != '\0' ? add(&c->merged, line, e) : 0;
	free(text);
	if (c->merged.n > 0)
		qsort(c->merged.paths, c->merged.n, sizeof(char *), by_name);
	return status;
}

int catalog_list(struct catalog *c, size_t i, const char *folder, struct error *e)
{
	struct catalog_table *t = &c->tables[i];
	char path[PATH_MAX];
	if (t->listed)
		return 0;
	if ((!c->merged.listed && load_merged(c, folder, e) < 0) ||
	    path_make(path, e, "%s/%s", folder, folder_of(i)) < 0 ||
	    (file_exists(path) && list_folder(c, i, folder, folder_of(i), 0, e) < 0))
		return -1;
	if (t->n > 0)
		qsort(t->paths, t->n, sizeof(char *), by_name);
	t->listed = true;
	return 0;
}

int catalog_count_unrolled(
    struct catalog *c, enum record_type type, const char *folder, struct error *e)
{
	struct unrolled *u = &c->unrolled;
	const struct catalog_table *t = &c->tables[type];
	if (c->counted[type] || !unrolled_counts(type))
		return 0;
	if (!u->loaded && unrolled_load(u, folder, e) < 0)
		return -1;
	uint32_t seq = u->knows[type] ? u->seq : 0;
	if (seq == 0 && catalog_list(c, type, folder, e) < 0)
		return -1;
	for (size_t i = 0; i < t->n && t->listed; i++) {
		const char *name = strrchr(t->paths[i], '/') + 1;
		if (path_seq(name, SEGMENT_SUFFIX) > seq &&
		    path_list_add(&u->of[type], t->paths[i], e) < 0)
			return -1;
	}
	c->counted[type] = true;
	return 0;
}

int catalog_check_unrolled(
    const struct catalog *c, enum record_type type, const char *folder, struct error *e)
{
	const struct path_list *l = &c->unrolled.of[type];
	for (size_t i = 0; i < l->n; i++) {
		char path[PATH_MAX];
		if (path_make(path, e, "%s/%s", folder, l->paths[i]) < 0 ||
		    !segment_is_whole(path, e))
			return -1;
	}
	return 0;
}

int catalog_load(struct catalog *c, const char *folder, struct error *e)
{
	*c = (struct catalog){0};
	for (size_t i = 0; i < CATALOG_LISTS; i++) {
		if (catalog_list(c, i, folder, e) < 0) {
			catalog_free(c);
			return -1;
		}
		c->tables[i].checked = true; /* by a writer, on opening */
	}
	for (int t = 0; t < RECORD_TYPES; t++) {
		if (catalog_count_unrolled(c, (enum record_type)t, folder, e) < 0) {
			catalog_free(c);
			return -1;
		}
	}
	return 0;
}

int catalog_check(const struct catalog *c, size_t i, const char *folder, struct error *e)
{
	for (size_t k = 0; k < c->tables[i].n; k++) {
		char path[PATH_MAX];
		if (path_make(path, e, "%s/%s", folder, c->tables[i].paths[k]) < 0 ||
		    !segment_is_whole(path, e))
			return -1;
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
	for (size_t t = 0; t < CATALOG_LISTS; t++) {
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

static void free_table(struct catalog_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->paths[i]);
	free(t->paths);
}

void catalog_free(struct catalog *c)
{
	for (size_t t = 0; t < CATALOG_LISTS; t++)
		free_table(&c->tables[t]);
	free_table(&c->merged);
	unrolled_free(&c->unrolled);
	*c = (struct catalog){0};
}
