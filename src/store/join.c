/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small segments into larger ones. A scan a day leaves a segment of each table a day, and
 * whoever reads years opens every one, which takes longer than to read it. Where a month
 * (or a folder of a year in which little happens) has SEGMENTS_MIN small segments of a
 * size, one takes their place:
 *
 *     conn/day=2024-03-01/hq-00000012.parquet  \
 *     conn/day=2024-03-02/hq-00000015.parquet   >  conn/month=2024-03/hq-00000031.parquet
 *     …                                        /
 *
 * Its rows are theirs, each as it was. So a row is written again once for each factor of
 * 8 by which its segment has grown, and not any more once that has JOIN_BYTES: what
 * retention rewrites stays small, and opening counts for little. Segments that the
 * roll-ups do not count yet are left alone.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/copy.h"
#include "engine/sql.h"
#include "store/replaced.h"
#include "sys/path.h"

#define SEGMENTS_MIN  8          /* of a size that are worth joining */
#define SIZE_FACTOR   4          /* of a size: none more than so many times another */
#define JOIN_BYTES    (4U << 20) /* that segments have together when they are joined */
#define JOIN_FILES    64         /* that are joined into one */
#define JOINS_MAX     256        /* new segments in one transaction */
#define SPAN_TEXT_MAX 8          /* "2024-03" */

/* A segment that may be joined. */
struct small {
	char *path; /* borrowed from the catalogue */
	uint64_t bytes;
	char span[SPAN_TEXT_MAX]; /* the month or year that a joined one would be of */
};

struct join {
	struct store *store;
	enum record_type type;
	struct small *small; /* of one table, by span, then the smallest first; owned */
	size_t n;
	struct journal_plan plan;
	uint32_t seq;    /* of the last new segment */
	char **replaced; /* borrowed from the catalogue; owned */
	size_t replaced_count, replaced_room;
	size_t joins;
};

/* ---- choosing ---- */

/* The month or year of a segment by its folder; false where the folder says none. */
static bool span_of(const char *path, char out[static SPAN_TEXT_MAX])
{
	static const struct {
		const char *name;
		size_t digits;
	} folders[] = {{"/day=", 7}, {"/month=", 7}, {"/year=", 4}};
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		const char *at = strstr(path, folders[i].name);
		if (at == NULL)
			continue;
		at += strlen(folders[i].name);
		if (strnlen(at, folders[i].digits) < folders[i].digits ||
		    strspn(at, "0123456789-") < folders[i].digits)
			return false;
		memcpy(out, at, folders[i].digits);
		out[folders[i].digits] = '\0';
		return true;
	}
	return false;
}

static bool is_unrolled(const struct join *j, const char *path)
{
	const struct path_list *l = &j->store->catalog.unrolled.of[j->type];
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->paths[i], path) == 0)
			return true;
	}
	return false;
}

static int by_span_and_size(const void *a, const void *b)
{
	const struct small *x = a, *y = b;
	int span = strcmp(x->span, y->span);
	if (span != 0)
		return span;
	return x->bytes != y->bytes ? (x->bytes > y->bytes) - (x->bytes < y->bytes)
				    : strcmp(x->path, y->path);
}

/* The small segments of the table. Negative with *e set. */
static int look(struct join *j, struct error *e)
{
	const struct catalog_table *t = &j->store->catalog.tables[j->type];
	free(j->small);
	j->n = 0;
	j->small = calloc(t->n + 1, sizeof(*j->small));
	if (j->small == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of segments");
	for (size_t i = 0; i < t->n; i++) {
		struct small *v = &j->small[j->n];
		*v = (struct small){.path = t->paths[i]};
		v->bytes = path_bytes(j->store->path, v->path);
		if (v->bytes > 0 && v->bytes <= JOIN_BYTES / SEGMENTS_MIN &&
		    span_of(v->path, v->span) && !is_unrolled(j, v->path))
			j->n++;
	}
	qsort(j->small, j->n, sizeof(*j->small), by_span_and_size);
	return 0;
}

/* How many segments from this one on are of its span and size, up to what is joined. */
static size_t count_alike(const struct join *j, size_t from)
{
	const struct small *first = &j->small[from];
	uint64_t bytes = 0;
	size_t n = 0;
	while (from + n < j->n && n < JOIN_FILES &&
	       strcmp(first[n].span, first->span) == 0 &&
	       first[n].bytes <= first->bytes * SIZE_FACTOR &&
	       bytes + first[n].bytes <= JOIN_BYTES)
		bytes += first[n++].bytes;
	return n;
}

/* ---- joining ---- */

/* Bytes of the folder of a path, and of what stands before the SEQ of its name. */
static size_t folder_bytes(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) : 0;
}

static size_t stem_bytes(const char *name)
{
	const char *dash = strrchr(name, '-');
	return dash != NULL ? (size_t)(dash - name) : 0;
}

/* Where the new segment goes: into the folder that all come from, else that of their
 * span; under the name of their sensor, when they have the same. */
static int destination(const struct join *j, const struct small *v, size_t n,
    char out[static PATH_MAX], struct error *e)
{
	size_t folder = folder_bytes(v[0].path);
	const char *sensor = v[0].path + folder + 1;
	size_t stem = stem_bytes(sensor);
	bool here = true, alike = true;
	for (size_t i = 1; i < n; i++) {
		size_t other = folder_bytes(v[i].path);
		const char *name = v[i].path + other + 1;
		here =
		    here && other == folder && memcmp(v[i].path, v[0].path, folder) == 0;
		alike =
		    alike && stem_bytes(name) == stem && memcmp(name, sensor, stem) == 0;
	}
	char place[PATH_MAX];
	int status = here ? path_make(place, e, "%.*s", (int)folder, v[0].path)
			  : path_make(place, e, "%s/%s=%s", record_info(j->type)->table,
				strlen(v[0].span) == 4 ? "year" : "month", v[0].span);
	return status < 0 ? -1
			  : path_make(out, e, "%s/%.*s-%08u" SEGMENT_SUFFIX, place,
				alike ? (int)stem : 6, alike ? sensor : "merged", j->seq);
}

/* The order of a segment's rows (batch.h), and of those that are equal in it. */
static void put_order(struct sql *sql, enum record_type type)
{
	static const char *const columns[] = {
	    "src_ip", "dst_ip", "ts", "src_port", "dst_port", "source", "source_offset"};
	const struct record_info *info = record_info(type);
	const char *between = " ORDER BY ";
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		for (size_t k = 0; k < info->field_count; k++) {
			if (strcmp(info->fields[k].name, columns[i]) != 0)
				continue;
			sql_format(sql, "%s\"%s\" NULLS FIRST", between, columns[i]);
			between = ",";
		}
	}
}

static int write_joined(
    struct join *j, const struct small *v, size_t n, const char *to, struct error *e)
{
	char *paths[JOIN_FILES];
	struct sql sql = sql_start();
	for (size_t i = 0; i < n; i++)
		paths[i] = v[i].path;
	sql_put(&sql, "COPY (SELECT * EXCLUDE \"day\" FROM (");
	int status = views_put_rows(&sql, j->type, paths, n, j->store->path, e);
	sql_put(&sql, ")");
	put_order(&sql, j->type);
	sql_put(&sql, ") TO ");
	sql_quote(&sql, to);
	sql_put(&sql, COPY_OPTIONS);
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	status = text != NULL ? engine_run(&j->store->engine, text, e) : -1;
	sql_free(&sql);
	return status;
}

static int note_replaced(struct join *j, const struct small *v, size_t n, struct error *e)
{
	if (j->replaced_count + n > j->replaced_room) {
		size_t room = 2 * j->replaced_room + n;
		char **grown = realloc(j->replaced, room * sizeof(*grown));
		if (grown == NULL)
			return error_set(
			    e, ERR_SYSTEM, "no memory for the list of segments");
		j->replaced = grown;
		j->replaced_room = room;
	}
	for (size_t i = 0; i < n; i++)
		j->replaced[j->replaced_count++] = v[i].path;
	return 0;
}

/* Join n segments, as part of the transaction, which begins with the first. */
static int join_small(struct join *j, const struct small *v, size_t n, struct error *e)
{
	struct store *s = j->store;
	char name[32], from[PATH_MAX], to[PATH_MAX];
	uint32_t seq = j->joins == 0 ? memory_next_seq(s) : j->seq + 1;
	if (seq >= SEGMENT_SEQ_MAX)
		return error_set(e, ERR_LIMIT, "more than %u segments", SEGMENT_SEQ_MAX);
	if (j->joins == 0 && journal_begin(&j->plan, s->path, seq, e) < 0)
		return -1;
	j->seq = seq;
	j->joins++;
	snprintf(name, sizeof(name), "%06zu" SEGMENT_SUFFIX, j->plan.moves);
	if (path_make(from, e, "%s/journal/tx-%08u/%s", s->path, j->plan.seq, name) < 0 ||
	    destination(j, v, n, to, e) < 0 || write_joined(j, v, n, from, e) < 0)
		return -1;
	/* It counts as they did: none of them waits to be rolled up. */
	if (journal_succeed(&j->plan, name, to, v[0].path, e) < 0)
		return -1;
	return note_replaced(j, v, n, e);
}

static int join_table(struct join *j, struct error *e)
{
	if (j->store->catalog.tables[j->type].n < SEGMENTS_MIN)
		return 0;
	if (look(j, e) < 0)
		return -1;
	for (size_t i = 0; i < j->n && j->joins < JOINS_MAX;) {
		size_t n = count_alike(j, i);
		if (n < SEGMENTS_MIN) {
			i++;
			continue;
		}
		if (join_small(j, &j->small[i], n, e) < 0)
			return error_add(
			    e, "joining segments of %s", record_info(j->type)->table);
		i += n;
	}
	return 0;
}

static int commit(struct join *j, struct error *e)
{
	struct store *s = j->store;
	const struct run_files all = {j->replaced, j->replaced_count};
	if (replaced_note(s, &j->plan, &all, 1, e) < 0 ||
	    unrolled_note(&s->catalog.unrolled, s->path, &j->plan, j->seq, e) < 0)
		return -1;
	return journal_commit(&j->plan, s->path, e);
}

int memory_join(struct store *s, struct error *e)
{
	struct join j = {.store = s};
	int status = 0;
	for (int t = 0; status == 0 && t < RECORD_TYPES; t++) {
		j.type = (enum record_type)t;
		if (catalog_by_day(j.type))
			status = join_table(&j, e);
	}
	if (status == 0 && j.joins > 0)
		status = commit(&j, e);
	if (j.joins > 0)
		journal_drop(&j.plan, s->path);
	free(j.small);
	free(j.replaced);
	if (status < 0 || j.joins == 0)
		return status;
	return memory_reload(s, e) < 0 || replaced_sweep(s, e) < 0 ? -1 : 1;
}
