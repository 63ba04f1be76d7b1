/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joining small segments. A live writer commits every few seconds, so a day has thousands
 * of small files, and whoever reads opens each of them:
 *
 *     conn/day=2024-03-01/hq-00000017.parquet    eight and more of a size become
 *     conn/day=2024-03-01/hq.1-00000024.parquet  one of the next level …
 *     conn/month=2024-02/hq.4-00000016.parquet   … and quiet days of a month one
 *
 * Its number is the greatest of theirs: it has no row that is newer, so whoever remembers
 * up to which number he has looked (hunts, retention) has nothing to look at again. Rows
 * stay in the order of segments, and those that the roll-ups count apart from the others.
 * One merge reads JOIN_BYTES_MAX at most; larger files are left alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/moment.h"
#include "base/size.h"
#include "engine/sql.h"
#include "engine/stage.h"
#include "record/wire.h"
#include "store/batch.h"
#include "store/replaced.h"
#include "store/retain.h"
#include "store/row_record.h"
#include "sys/file.h"
#include "sys/path.h"

#define JOIN_BYTES_MAX     (4U << 20)                    /* that one merge reads */
#define JOIN_STAGED_MAX    TRANSACTION_STAGED_MAX        /* and that its rows may take */
#define JOIN_ROWS_MAX      ((size_t)2 * JOIN_STAGED_MAX) /* … before they are too many */
#define JOIN_FILES_MIN     8   /* of a size that are worth merging */
#define JOIN_FILES_MAX     512 /* in one merge */
#define JOIN_FACTOR        4   /* of a size: none larger than so many times another */
#define JOIN_TINY          (8U << 10)   /* bytes up to which all are of a size */
#define JOIN_PAST_PART     4            /* see is_worth_it */
#define JOIN_PAST_SMALL    (64U << 10)  /* bytes up to which two files of it are small */
#define JOIN_QUIET         (256U << 10) /* bytes of a quiet day, or of a month of a year */
#define READ_AT_ONCE       16           /* files that a query names … */
#define READ_BYTES_AT_ONCE (64U << 10)  /* … when they are as small as this together */
#define LEVEL_MAX          9999         /* see sensor_of */
#define LEVEL_DIGITS       4

struct part {
	const char *path; /* borrowed from the catalogue */
	uint64_t bytes;
	bool counted; /* by the roll-ups */
};

struct join {
	struct store *store;
	enum record_type type;
	struct part *parts; /* of one folder or span; owned */
	size_t n, room;
	struct stage stage;
	struct journal_plan plan;
};

/* ---- what is merged ---- */

static bool lists(const struct path_list *l, const char *path)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->paths[i], path) == 0)
			return true;
	}
	return false;
}

static int add_part(struct join *c, const char *path, struct error *e)
{
	if (lists(&c->store->apart, path))
		return 0;
	if (c->n == c->room) {
		size_t room = c->room == 0 ? 64 : c->room * 2;
		struct part *v = realloc(c->parts, room * sizeof(*v));
		if (v == NULL)
			return error_set(e, ERR_SYSTEM, "no memory to join segments");
		c->parts = v;
		c->room = room;
	}
	c->parts[c->n++] = (struct part){
	    .path = path,
	    .bytes = path_bytes(c->store->path, path),
	    .counted = !unrolled_counts(c->type) ||
		       !lists(&c->store->catalog.unrolled.of[c->type], path),
	};
	return 0;
}

/* Those that are counted first, then by size. */
static int by_size(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	if (x->counted != y->counted)
		return x->counted ? -1 : 1;
	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static uint64_t size_class(uint64_t bytes)
{
	return bytes < JOIN_TINY ? JOIN_TINY : bytes;
}

/* How many from part i on fit into one merge; at most as many times as large as it. */
static size_t reach(const struct join *c, size_t i, uint64_t factor)
{
	uint64_t sum = 0;
	size_t k = i;
	for (; k < c->n && k - i < JOIN_FILES_MAX; k++) {
		const struct part *p = &c->parts[k];
		sum += p->bytes;
		if (p->counted != c->parts[i].counted || sum > JOIN_BYTES_MAX ||
		    p->bytes / factor > size_class(c->parts[i].bytes))
			break;
	}
	return k - i;
}

/* Whether the few files of a day that is over are: the largest is written again for the
 * others, so these have to be a part of it; and they have to be small, since opening one
 * costs as much as reading some ten kilobytes: a scan leaves a day in a few large files,
 * and joining these would take a quarter as long as the scan. */
static bool is_worth_it(const struct part *p, size_t n)
{
	uint64_t others = 0, bytes = 0;
	for (size_t i = 0; i < n; i++) {
		others += i + 1 < n ? size_class(p[i].bytes) : 0;
		bytes += p[i].bytes;
	}
	return n >= 2 && others >= p[n - 1].bytes / JOIN_PAST_PART &&
	       bytes / n <= JOIN_PAST_SMALL;
}

/* Choose parts [*from, *from + count), which are sorted; 0: none are due. */
static size_t choose(const struct join *c, bool past, size_t *from)
{
	for (*from = 0; *from < c->n; ++*from) {
		size_t n = reach(c, *from, JOIN_FACTOR);
		if (n >= JOIN_FILES_MIN)
			return n;
	}
	for (*from = 0; past && *from < c->n; ++*from) {
		size_t n = reach(c, *from, UINT64_MAX);
		if (is_worth_it(c->parts + *from, n))
			return n;
	}
	return 0;
}

/* ---- names ---- */

/* "SENSOR.LEVEL" in a file's name before its number; the level is 0 where none stands. */
static struct str sensor_of(const char *path, unsigned *level)
{
	const char *name = strrchr(path, '/') + 1;
	size_t tail = strlen("-00000000") + strlen(SEGMENT_SUFFIX), n = strlen(name);
	struct str s = {name, n > tail ? n - tail : 0};
	*level = 0;
	size_t digits = 0;
	while (
	    digits < s.n && s.p[s.n - 1 - digits] >= '0' && s.p[s.n - 1 - digits] <= '9')
		digits++;
	if (digits == 0 || digits > LEVEL_DIGITS || digits + 1 >= s.n ||
	    s.p[s.n - 1 - digits] != '.')
		return s;
	for (size_t i = 0; i < digits; i++)
		*level = *level * 10 + (unsigned)(s.p[s.n - digits + i] - '0');
	s.n -= digits + 1;
	return s;
}

/* A name that no file has: the level is one above that of the newest part, or more. */
static int name_of(const struct join *c, const struct part *p, size_t n,
    const char *folder, char out[static PATH_MAX], struct error *e)
{
	unsigned highest = 0, level;
	uint32_t seq = 0;
	char path[PATH_MAX];
	struct str sensor = sensor_of(p[0].path, &level);
	for (size_t i = 0; i < n; i++) {
		uint32_t own = path_seq(strrchr(p[i].path, '/') + 1, SEGMENT_SUFFIX);
		struct str other = sensor_of(p[i].path, &level);
		highest = own > seq ? level : highest;
		seq = own > seq ? own : seq;
		if (!str_equal(sensor, other))
			sensor = STR("merged");
	}
	while (++highest <= LEVEL_MAX) {
		if (path_make(out, e, "%s/%.*s.%u-%08u" SEGMENT_SUFFIX, folder,
			STR_ARG(sensor), highest, seq) < 0 ||
		    path_make(path, e, "%s/%s", c->store->path, out) < 0)
			return -1;
		if (!file_exists(path))
			return 0;
	}
	return error_set(e, ERR_LIMIT, "%s: joined too often", p[0].path);
}

/* ---- merging ---- */

/* What became of reading some parts. */
enum taken {
	TAKEN_WHOLE,
	TAKEN_UNKNOWN, /* nothing: they have columns of a later dwell */
	TAKEN_PART, /* their rows are too many: what is alike takes few bytes in a file */
};

/* Read rows of some parts back into the stage. Negative with *e set. */
static int read_parts(
    struct join *c, const struct part *p, size_t n, enum taken *taken, struct error *e)
{
	char *paths[READ_AT_ONCE];
	union wire_record record;
	struct row_reader reader;
	struct arena lists;
	struct sql sql = sql_start();
	for (size_t i = 0; i < n; i++)
		paths[i] = (char *)(uintptr_t)p[i].path;
	sql_put(&sql, "SELECT * EXCLUDE (\"day\") FROM (");
	int status = views_put_rows(&sql, c->type, paths, n, c->store->path, e);
	sql_put(&sql, ")");
	const char *text = status == 0 ? sql_text(&sql, e) : NULL;
	struct store_rows *rows =
	    text != NULL ? memory_query(c->store, "", text, e) : NULL;
	sql_free(&sql);
	if (rows == NULL)
		return -1;
	arena_init(&lists, STAGE_TEXT_MAX);
	row_reader_init(&reader, c->type, rows);
	*taken = reader.unknown == 0 ? TAKEN_WHOLE : TAKEN_UNKNOWN;
	while (*taken == TAKEN_WHOLE && status == 0 && store_next(rows)) {
		if (c->stage.bytes > JOIN_ROWS_MAX) {
			*taken = TAKEN_PART;
			break;
		}
		arena_reset(&lists);
		record_clear(c->type, &record);
		status = row_record(&reader, rows, &lists, &record)
			     ? stage_put(&c->stage, &record, e)
			     : error_set(e, ERR_SYSTEM, "no memory to join segments");
	}
	arena_fini(&lists);
	return status < 0 ? (store_rows_free(rows), -1) : store_rows_end(rows, e);
}

/* Join them no more as long as the memory is open. */
static int leave_alone(struct join *c, const struct part *p, size_t n, struct error *e)
{
	int status = 0;
	for (size_t i = 0; i < n && status == 0; i++)
		status = path_list_add(&c->store->apart, p[i].path, e);
	return status;
}

/* Read as many of the n parts as fit. How many, 0: a large one is in the way and is left
 * alone from now on; negative with *e set. */
static int fill(struct join *c, const struct part *p, size_t n, struct error *e)
{
	size_t done = 0, at_once = READ_AT_ONCE;
	while (done < n && c->stage.bytes < JOIN_STAGED_MAX) {
		size_t before = c->stage.bytes, k = 0;
		uint64_t bytes = 0;
		enum taken taken;
		while (done + k < n && k < at_once &&
		       (k == 0 || bytes + p[done + k].bytes <= READ_BYTES_AT_ONCE))
			bytes += p[done + k++].bytes;
		if (read_parts(c, p + done, k, &taken, e) < 0)
			return -1;
		bool large = c->stage.bytes - before > JOIN_STAGED_MAX / 2;
		if (taken == TAKEN_PART || (k == 1 && (taken != TAKEN_WHOLE || large)))
			return leave_alone(c, p + done, k, e);
		/* Which of them it is shows one by one. */
		at_once = taken == TAKEN_WHOLE ? at_once : 1;
		done += taken == TAKEN_WHOLE ? k : 0;
	}
	return (int)done;
}

/* Write the stage as a segment to that file: one span, so days do not part the rows. */
static int write_stage(struct join *c, const char *to, struct error *e)
{
	struct hash_key key = hash_key_random();
	struct segment_writer *w = &c->store->writer;
	struct batch b;
	if (batch_sort(&b, &c->stage, &key, BATCH_YEAR, BATCH_YEAR, e) < 0)
		return -1;
	int status = segment_write(w, c->type, &b, 0, c->stage.n, e);
	batch_free(&b);
	return status < 0 ? -1 : file_move(w->target, to, e);
}

/* Take the parts off the note of what is not counted; the new file comes onto it where
 * they were. */
static int note_unrolled(struct join *c, const struct part *p, size_t n, struct error *e)
{
	const struct unrolled *now = &c->store->catalog.unrolled;
	struct unrolled rest = *now;
	struct path_list *l = &rest.of[c->type];
	if (p[0].counted)
		return 0;
	*l = (struct path_list){0};
	int status = 0;
	for (size_t i = 0; i < now->of[c->type].n && status == 0; i++) {
		const char *path = now->of[c->type].paths[i];
		size_t k = 0;
		while (k < n && strcmp(p[k].path, path) != 0)
			k++;
		status = k == n ? path_list_add(l, path, e) : 0;
	}
	if (status == 0)
		status = unrolled_note(&rest, c->store->path, &c->plan, rest.seq, e);
	path_list_free(l);
	return status;
}

static int plan_join(
    struct join *c, const struct part *p, size_t n, const char *folder, struct error *e)
{
	char aside[PATH_MAX], to[PATH_MAX];
	struct path_list files = {0};
	if (name_of(c, p, n, folder, to, e) < 0 ||
	    path_make(aside, e, "%s/journal/tx-%08u/0" SEGMENT_SUFFIX, c->store->path,
		c->plan.seq) < 0 ||
	    write_stage(c, aside, e) < 0)
		return -1;
	int status = p[0].counted
			 ? journal_succeed(&c->plan, "0" SEGMENT_SUFFIX, to, p[0].path, e)
			 : journal_move(&c->plan, "0" SEGMENT_SUFFIX, to, e);
	for (size_t i = 0; i < n && status == 0; i++)
		status = path_list_add(&files, p[i].path, e);
	if (status == 0)
		status = replaced_note(
		    c->store, &c->plan, &(struct run_files){files.paths, files.n}, 1, e);
	path_list_free(&files);
	return status < 0 ? -1 : note_unrolled(c, p, n, e);
}

/* 1: done; 0: they are not to be merged. Negative with *e set. */
static int join_parts(
    struct join *c, const struct part *p, size_t n, const char *folder, struct error *e)
{
	struct store *s = c->store;
	stage_init(&c->stage, c->type);
	int read = fill(c, p, n, e);
	int status = read < 0 ? -1 : 0;
	if (read >= 2)
		status = journal_begin(&c->plan, s->path, memory_next_seq(s), e);
	if (read >= 2 && status == 0)
		status = plan_join(c, p, (size_t)read, folder, e);
	if (read >= 2 && status == 0)
		status = journal_commit(&c->plan, s->path, e);
	stage_fini(&c->stage);
	journal_drop(&c->plan, s->path);
	if (status < 0)
		return error_add(e, "joining segments");
	if (read < 2)
		return 0;
	return memory_reload(s, e) < 0 ? -1 : 1;
}

/* ---- one step ---- */

static bool same_folder(const char *a, const char *b)
{
	size_t n = run_folder(a);
	return run_folder(b) == n && memcmp(a, b, n) == 0;
}

/* Merge some of the files of one folder, [from, end) of the list. */
static int join_folder(
    struct join *c, size_t from, size_t end, bool past, struct error *e)
{
	const struct catalog_table *t = &c->store->catalog.tables[c->type];
	char folder[PATH_MAX];
	size_t first;
	c->n = 0;
	for (size_t i = from; i < end; i++) {
		if (add_part(c, t->paths[i], e) < 0)
			return -1;
	}
	qsort(c->parts, c->n, sizeof(*c->parts), by_size);
	size_t n = choose(c, past, &first);
	if (n == 0)
		return 0;
	if (path_make(
		folder, e, "%.*s", (int)run_folder(t->paths[from]), t->paths[from]) < 0)
		return -1;
	return join_parts(c, c->parts + first, n, folder, e);
}

/* The folder of the span above that of a day or of a month, in which a file is. False: it
 * is in neither. */
static bool span_above(const char *path, char out[static PATH_MAX])
{
	int64_t from, end, first;
	char day[MOMENT_TEXT_MAX];
	if (!retain_span(path, &from, &end) || end - from > 31)
		return false;
	bool is_day = end - from == 1;
	int year;
	unsigned month, ignored;
	civil_from_days(from, &year, &month, &ignored);
	first = days_from_civil(year, is_day ? month : 1, 1);
	moment_text_day(moment_from(first * 86400, 0), day);
	const char *slash = strchr(path, '/');
	return path_make(out, NULL, "%.*s/%s=%.*s", (int)(slash - path), path,
		   is_day ? "month" : "year", is_day ? 7 : 4, day) == 0;
}

/* The last day of which a table has segments; INT64_MIN: none. */
static int64_t newest_day(const struct catalog_table *t)
{
	int64_t newest = INT64_MIN, from, end;
	for (size_t i = 0; i < t->n; i++) {
		if (retain_span(t->paths[i], &from, &end) && end - 1 > newest)
			newest = end - 1;
	}
	return newest;
}

/* Whether the span of a folder ("conn/month=2024-02") ends by that day. */
static bool is_over(const char *folder, int64_t newest)
{
	char inside[PATH_MAX];
	int64_t from, end;
	return path_make(inside, NULL, "%s/", folder) == 0 &&
	       retain_span(inside, &from, &end) && end <= newest;
}

/* Add what lies in the folders from file *i on that are of the same span, are over and
 * are counted: *i becomes the first of another span. The bytes of a folder on average. */
static uint64_t gather(
    struct join *c, size_t *i, int64_t newest, const char *span, struct error *e)
{
	const struct catalog_table *t = &c->store->catalog.tables[c->type];
	char other[PATH_MAX];
	int64_t from, end;
	uint64_t bytes = 0;
	size_t folders = 0, start = *i;
	c->n = 0;
	for (; *i < t->n; ++*i) {
		const char *path = t->paths[*i];
		size_t before = c->n;
		if (!span_above(path, other) || strcmp(span, other) != 0)
			break;
		if (!retain_span(path, &from, &end) || end > newest)
			continue;
		folders += *i == start || !same_folder(path, t->paths[*i - 1]);
		bytes += path_bytes(c->store->path, path);
		if (add_part(c, path, e) < 0)
			return UINT64_MAX;
		if (c->n > before && !c->parts[before].counted)
			c->n--; /* it is rolled up first */
	}
	return folders > 1 ? bytes / folders : UINT64_MAX;
}

/* Join files of quiet days of one month, or of months of one year: of the folders from
 * file *i on that lie in the same span. Of one that is not over only when they are many.
 */
static int join_span(struct join *c, size_t *i, int64_t newest, struct error *e)
{
	const struct catalog_table *t = &c->store->catalog.tables[c->type];
	char folder[PATH_MAX];
	struct error why = {0};
	if (!span_above(t->paths[*i], folder)) {
		++*i;
		return 0;
	}
	uint64_t mean = gather(c, i, newest, folder, &why);
	if (why.code != ERR_NONE)
		return error_set(e, why.code, "%s", why.text);
	size_t n = c->n > 0 ? reach(c, 0, UINT64_MAX) : 0;
	if (mean > JOIN_QUIET || n < (is_over(folder, newest) ? 2 : JOIN_FILES_MIN))
		return 0;
	return join_parts(c, c->parts, n, folder, e);
}

static int join_table(struct join *c, struct error *e)
{
	const struct catalog_table *t = &c->store->catalog.tables[c->type];
	int done = 0;
	if (catalog_list(&c->store->catalog, (size_t)c->type, c->store->path, e) < 0)
		return -1;
	int64_t newest = newest_day(t), first, end;
	for (size_t from = 0, next; from < t->n && done == 0; from = next) {
		for (next = from + 1; next < t->n; next++) {
			if (!same_folder(t->paths[from], t->paths[next]))
				break;
		}
		bool past = retain_span(t->paths[from], &first, &end) && end <= newest;
		if (next - from > 1)
			done = join_folder(c, from, next, past, e);
	}
	for (size_t i = 0; i < t->n && done == 0;)
		done = join_span(c, &i, newest, e);
	return done;
}

int memory_join(struct store *s, struct error *e)
{
	struct join c = {.store = s};
	int done = 0;
	if (s->catalog.unrolled.seq == 0)
		return 0; /* of an older dwell: all is rolled up first */
	for (int t = 0; t < RECORD_TYPES && done == 0; t++) {
		c.type = (enum record_type)t;
		if (catalog_by_day(c.type))
			done = join_table(&c, e);
	}
	free(c.parts);
	return done == 0 && replaced_sweep(s, e) < 0 ? -1 : done;
}
