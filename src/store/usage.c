/* SPDX-License-Identifier: Apache-2.0 */
/* What the memory takes of the disk, by table, and how fast it grows. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "engine/runs.h"
#include "store/keys.h"
#include "store/memory.h"
#include "store/retain.h"
#include "sys/path.h"

_Static_assert(CATALOG_LISTS <= STORE_USAGE_MAX, "every list has its line");

/* First and last day of the record: of connections, by the coarsest roll-up. */
static int find_days(struct store *s, struct store_size *size, struct error *e)
{
	size->first = 0;
	size->last = -1;
	struct store_rows *r = memory_query(s, "watch_hour_parts pair_year_parts",
	    "SELECT min(a), max(b) FROM (SELECT min(ts) AS a, max(ts) AS b FROM "
	    "watch_hour_parts UNION ALL SELECT min(first_seen), max(last_seen) FROM "
	    "pair_year_parts)",
	    e);
	if (r == NULL)
		return -1;
	if (store_next(r) && !store_is_null(r, 0)) {
		size->first = moment_day(store_time(r, 0));
		size->last = moment_day(store_time(r, 1));
	}
	return store_rows_end(r, e);
}

/* The part of a file that lies in the last days, by the span that its folder names, of
 * which only the last kept days are left (0: all). */
static double recent_part(const char *path, const struct store_size *size, unsigned kept)
{
	int64_t from, end, begin = size->last + 1 - STORE_USAGE_DAYS;
	if (begin < size->first)
		begin = size->first;
	if (!retain_span(path, &from, &end))
		return 0;
	if (from < size->first)
		from = size->first;
	if (kept > 0 && from < size->last + 1 - kept)
		from = size->last + 1 - kept;
	if (end > size->last + 1)
		end = size->last + 1;
	int64_t common = end - (from > begin ? from : begin);
	return common > 0 && end > from ? (double)common / (double)(end - from) : 0;
}

/* Bytes of a file, and of the keys beside it; 0: it is gone, as a merge or the policy has
 * just removed it. */
static uint64_t bytes_of(const char *path)
{
	char keys[PATH_MAX];
	struct stat st, beside;
	struct error none;
	if (stat(path, &st) != 0)
		return 0;
	bool has = keys_path(path, keys, &none) == 0 && stat(keys, &beside) == 0;
	return (uint64_t)st.st_size + (has ? (uint64_t)beside.st_size : 0);
}

static int measure_list(struct store *s, size_t list, struct store_size *size,
    struct store_usage *u, struct error *e)
{
	const struct catalog_table *t = &s->catalog.tables[list];
	double recent = 0;
	unsigned kept = u->detail ? policy_conn_days(&s->config.policy) : 0;
	bool spans =
	    list < RECORD_TYPES
		? catalog_by_day((enum record_type)list)
		: run_set_info((enum run_set)(list - RECORD_TYPES))->span != RUN_SPAN_ALL;
	int64_t days = size->last - size->first + 1;
	int64_t window = days < STORE_USAGE_DAYS ? days : STORE_USAGE_DAYS;
	if (catalog_list(&s->catalog, list, s->path, e) < 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		char path[PATH_MAX];
		if (path_make(path, e, "%s/%s", s->path, t->paths[i]) < 0)
			return -1;
		uint64_t bytes = bytes_of(path);
		u->files += bytes > 0;
		u->bytes += bytes;
		recent += (double)bytes * recent_part(t->paths[i], size, kept);
	}
	if (days > 0)
		u->daily =
		    spans ? recent / (double)window : (double)u->bytes / (double)days;
	return 0;
}

int store_measure(struct store *s, struct store_size *size, struct error *e)
{
	struct statvfs disk;
	*size = (struct store_size){0};
	if (find_days(s, size, e) < 0)
		return -1;
	for (size_t list = 0; list < CATALOG_LISTS; list++) {
		struct store_usage *u = &size->tables[size->n++];
		bool record = list < RECORD_TYPES;
		u->table = record
			       ? record_info((enum record_type)list)->table
			       : run_set_info((enum run_set)(list - RECORD_TYPES))->view;
		u->detail = record && retain_is_detail((enum record_type)list);
		if (u->table == NULL)
			u->table = "pair_tail";
		if (measure_list(s, list, size, u, e) < 0)
			return -1;
	}
	size->bytes = retain_folder_bytes(s->path);
	if (statvfs(s->path, &disk) != 0)
		return error_set(e, ERR_SYSTEM, "%s: %s", s->path, strerror(errno));
	size->disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
	return 0;
}
