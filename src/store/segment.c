/* SPDX-License-Identifier: Apache-2.0 */
#include "store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/size.h"
#include "parquet/schema.h"
#include "sys/path.h"

#define COLUMNS_MAX    PARQUET_COLUMNS_MAX /* of a table */
#define ROWS_AT_ONCE   PARQUET_AT_ONCE
#define GROUP_ROWS     30720 /* of a row group */
#define CACHE_LINE     64    /* bytes; fetching ahead gains less where they differ */
#define SECONDS_MAX_US 9e17  /* fits DECIMAL(18,6) */

static const struct {
	const char *sql;
	duckdb_type type; /* of the column, or of the list's elements */
	bool list;
	enum parquet_kind parquet; /* of the column, or of the list's elements */
} kinds[] = {
    [FIELD_TIME] = {"TIMESTAMP", DUCKDB_TYPE_TIMESTAMP, false, PARQUET_TIME},
    [FIELD_SECONDS] = {"DECIMAL(18,6)", DUCKDB_TYPE_DECIMAL, false, PARQUET_DECIMAL},
    [FIELD_REAL] = {"DOUBLE", DUCKDB_TYPE_DOUBLE, false, PARQUET_REAL},
    [FIELD_IP] = {"VARCHAR", DUCKDB_TYPE_VARCHAR, false, PARQUET_TEXT},
    [FIELD_PORT] = {"INTEGER", DUCKDB_TYPE_INTEGER, false, PARQUET_INT32},
    [FIELD_COUNT] = {"BIGINT", DUCKDB_TYPE_BIGINT, false, PARQUET_INT64},
    [FIELD_INT] = {"BIGINT", DUCKDB_TYPE_BIGINT, false, PARQUET_INT64},
    [FIELD_FLAG] = {"BOOLEAN", DUCKDB_TYPE_BOOLEAN, false, PARQUET_FLAG},
    [FIELD_TEXT] = {"VARCHAR", DUCKDB_TYPE_VARCHAR, false, PARQUET_TEXT},
    [FIELD_TEXTS] = {"VARCHAR[]", DUCKDB_TYPE_VARCHAR, true, PARQUET_TEXT},
    [FIELD_INTS] = {"BIGINT[]", DUCKDB_TYPE_BIGINT, true, PARQUET_INT64},
};

/* No table has more columns than there is room for while its rows are handed out. */
#define F(KIND, name, meaning) +1
#define T(TYPE, type, table, FIELDS, what)                                               \
	_Static_assert((0 FIELDS(F)) <= COLUMNS_MAX, "too many columns: " table);
RECORD_TABLES(T)
#undef T
#undef F

const char *segment_sql_type(enum field_kind kind)
{
	return kinds[kind].sql;
}

duckdb_type segment_duckdb_type(enum field_kind kind)
{
	return kinds[kind].type;
}

/* ---- one column of some rows ---- */

/* The rows in work: where they are in memory. */
struct rows {
	const char *at[ROWS_AT_ONCE];
	size_t n;
};

/* The values of a column in them, as they are written; bit i of absent: row i has none.
 */
struct values {
	union {
		int64_t ints[ROWS_AT_ONCE];
		struct str texts[ROWS_AT_ONCE];
	};
	uint64_t absent;
};

static inline int64_t take_time(const void *at, bool *absent)
{
	const field_TIME *t = at;
	*absent = t->ns == MOMENT_NONE.ns;
	return moment_us(*t);
}

static inline int64_t take_real(const void *at, bool *absent)
{
	int64_t bits;
	*absent = isnan(*(const double *)at);
	memcpy(&bits, at, sizeof(bits));
	return bits;
}

/* Seconds are kept as whole microseconds, which take a third of what doubles take. */
static inline int64_t take_seconds(const void *at, bool *absent)
{
	double us = round(*(const double *)at * 1e6);
	*absent = !isfinite(us);
	if (*absent)
		return 0;
	return (int64_t)(fabs(us) > SECONDS_MAX_US ? copysign(SECONDS_MAX_US, us) : us);
}

static inline int64_t take_port(const void *at, bool *absent)
{
	*absent = false;
	return *(const field_PORT *)at;
}

static inline int64_t take_count(const void *at, bool *absent)
{
	uint64_t v = *(const field_COUNT *)at;
	*absent = false;
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static inline int64_t take_int(const void *at, bool *absent)
{
	int64_t v = *(const field_INT *)at;
	*absent = v < 0;
	return v;
}

static inline int64_t take_flag(const void *at, bool *absent)
{
	int8_t v = *(const field_FLAG *)at;
	*absent = v < 0;
	return v > 0;
}

/* Take a column of the rows with take, which is known where this is inlined. */
static inline __attribute__((always_inline)) void take_ints(struct values *v,
    const struct rows *r, size_t offset, int64_t (*take)(const void *, bool *))
{
	v->absent = 0;
	for (size_t i = 0; i < r->n; i++) {
		bool absent;
		v->ints[i] = take(r->at[i] + offset, &absent);
		v->absent |= (uint64_t)absent << i;
	}
}

static void take_texts(struct values *v, const struct rows *r, size_t offset)
{
	v->absent = 0;
	for (size_t i = 0; i < r->n; i++) {
		struct str text = stage_field(r->at[i] + offset);
		v->absent |= (uint64_t)(text.p == NULL) << i;
		if (text.p != NULL)
			v->texts[i] = text;
	}
}

static void take_values(
    struct values *v, const struct rows *r, const struct field_info *f)
{
	switch (f->kind) {
	case FIELD_TIME:
		take_ints(v, r, f->offset, take_time);
		break;
	case FIELD_SECONDS:
		take_ints(v, r, f->offset, take_seconds);
		break;
	case FIELD_REAL:
		take_ints(v, r, f->offset, take_real);
		break;
	case FIELD_IP:
	case FIELD_TEXT:
		take_texts(v, r, f->offset);
		break;
	case FIELD_PORT:
		take_ints(v, r, f->offset, take_port);
		break;
	case FIELD_COUNT:
		take_ints(v, r, f->offset, take_count);
		break;
	case FIELD_INT:
		take_ints(v, r, f->offset, take_int);
		break;
	case FIELD_FLAG:
		take_ints(v, r, f->offset, take_flag);
		break;
	case FIELD_TEXTS:
	case FIELD_INTS:
	default:
		*v = (struct values){0}; /* lists are put by themselves */
		break;
	}
}

/* The texts of a list, which the stage holds in DuckDB's form. */
static void put_text_list(
    struct parquet_writer *to, size_t column, const duckdb_string_t *list, size_t n)
{
	struct str texts[ROWS_AT_ONCE];
	parquet_list(to, column, n);
	for (size_t from = 0; from < n;) {
		size_t part = size_min(n - from, ROWS_AT_ONCE);
		for (size_t i = 0; i < part; i++)
			texts[i] = stage_str(&list[from + i]);
		parquet_texts(to, column, texts, 0, part);
		from += part;
	}
}

static void put_int_list(
    struct parquet_writer *to, size_t column, const int64_t *list, size_t n)
{
	parquet_list(to, column, n);
	for (size_t from = 0; from < n; from += ROWS_AT_ONCE)
		parquet_ints(
		    to, column, list + from, 0, size_min(n - from, ROWS_AT_ONCE));
}

static void put_lists(struct parquet_writer *to, size_t column, const struct rows *r,
    const struct field_info *f)
{
	for (size_t i = 0; i < r->n; i++) {
		const void *at = r->at[i] + f->offset;
		if (f->kind == FIELD_TEXTS) {
			const field_TEXTS *l = at;
			put_text_list(to, column, (const void *)l->v, l->n);
		} else {
			const field_INTS *l = at;
			put_int_list(to, column, l->v, l->n);
		}
	}
}

/* ---- rows ---- */

/* Find the next rows of the batch, which are fetched ahead of their use. */
static void find_rows(
    const struct batch *b, size_t from, size_t end, size_t size, struct rows *r)
{
	r->n = size_min(ROWS_AT_ONCE, end - from);
	for (size_t i = 0; i < r->n; i++) {
		r->at[i] = stage_row(b->stage, b->rows[from + i].row);
		for (size_t k = 0; k < size; k += CACHE_LINE)
			__builtin_prefetch(r->at[i] + k);
	}
}

/*
 * The rows lie anywhere in the stage and a column takes a few bytes of each, so a few
 * rows at a time go through all columns while they are in the cache.
 */
static int put_rows(struct parquet_writer *to, const struct record_info *info,
    const struct rows *r, struct error *e)
{
	struct values v;
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		if (kinds[f->kind].list) {
			put_lists(to, i, r, f);
			continue;
		}
		take_values(&v, r, f);
		if (kinds[f->kind].parquet == PARQUET_TEXT)
			parquet_texts(to, i, v.texts, v.absent, r->n);
		else
			parquet_ints(to, i, v.ints, v.absent, r->n);
	}
	return parquet_rows(to, r->n, e);
}

int segment_writer_init(struct segment_writer *w, const char *target, struct error *e)
{
	*w = (struct segment_writer){
	    .target = strdup(target), .parquet = parquet_new(GROUP_ROWS, false)};
	if (w->target != NULL && w->parquet != NULL)
		return 0;
	segment_writer_fini(w);
	return error_set(e, ERR_SYSTEM, "no memory");
}

void segment_writer_fini(struct segment_writer *w)
{
	parquet_free(w->parquet);
	free(w->target);
	*w = (struct segment_writer){0};
}

int segment_writer_aim(struct segment_writer *w, const char *target, struct error *e)
{
	if (strcmp(w->target, target) == 0)
		return 0;
	char *copy = strdup(target);
	if (copy == NULL)
		return error_set(e, ERR_SYSTEM, "no memory");
	free(w->target);
	w->target = copy;
	return 0;
}

static void note_fields(
    const struct record_info *info, struct parquet_field fields[static COLUMNS_MAX])
{
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		fields[i] = (struct parquet_field){
		    f->name, kinds[f->kind].parquet, kinds[f->kind].list};
	}
}

static int begin(
    struct segment_writer *w, const struct record_info *info, struct error *e)
{
	struct parquet_field fields[COLUMNS_MAX];
	note_fields(info, fields);
	return parquet_begin(w->parquet, w->target, fields, info->field_count, e);
}

int segment_write(struct segment_writer *w, enum record_type type, const struct batch *b,
    size_t from, size_t end, struct error *e)
{
	const struct record_info *info = record_info(type);
	struct rows r;
	int status = begin(w, info, e);
	for (; from < end && status == 0; from += r.n) {
		find_rows(b, from, end, info->size, &r);
		status = put_rows(w->parquet, info, &r, e);
	}
	if (status == 0)
		status = parquet_end(w->parquet, e);
	if (status == 0)
		return 0;
	parquet_drop(w->parquet);
	return error_add(e, "writing %s", info->table);
}

/*
 * A Parquet file:  "PAR1"  row groups …  footer  length of the footer (4, LE)  "PAR1"
 */
static bool ends_as_parquet(int fd, off_t size)
{
	uint8_t head[4], tail[8];
	if (size < 12 || pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    pread(fd, tail, sizeof(tail), size - (off_t)sizeof(tail)) != sizeof(tail))
		return false;
	return memcmp(head, "PAR1", 4) == 0 && memcmp(tail + 4, "PAR1", 4) == 0 &&
	       load_le32(tail) <= (uint64_t)size - 12;
}

bool segment_is_whole(const char *path, struct error *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		error_set(e, ERR_SYSTEM, "%s: %s", path, strerror(errno));
		return false;
	}
	bool whole = fstat(fd, &st) == 0 && ends_as_parquet(fd, st.st_size);
	close(fd);
	if (!whole)
		error_set(e, ERR_MEMORY,
		    "%s is damaged: it does not begin and end as a Parquet file", path);
	return whole;
}

/* Whether the end of the file begins with these bytes; found has room for them. */
static bool end_begins_with(const char *path, const struct out *schema, uint8_t *found)
{
	struct stat st;
	uint8_t tail[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool same = fstat(fd, &st) == 0 && ends_as_parquet(fd, st.st_size) &&
		    pread(fd, tail, sizeof(tail), st.st_size - (off_t)sizeof(tail)) ==
			sizeof(tail);
	if (same) {
		off_t at = st.st_size - (off_t)sizeof(tail) - (off_t)load_le32(tail);
		same = pread(fd, found, schema->n, at) == (ssize_t)schema->n &&
		       memcmp(found, schema->p, schema->n) == 0;
	}
	close(fd);
	return same;
}

bool segments_are_current(
    enum record_type type, const char *folder, char *const *paths, size_t n)
{
	const struct record_info *info = record_info(type);
	struct parquet_field fields[COLUMNS_MAX];
	struct out schema = {.p = NULL};
	note_fields(info, fields);
	schema_put(&schema, fields, info->field_count);
	uint8_t *found = schema.failed ? NULL : malloc(schema.n);
	bool current = found != NULL;
	for (size_t i = 0; i < n && current; i++) {
		char path[PATH_MAX];
		current = path_make(path, NULL, "%s/%s", folder, paths[i]) == 0 &&
			  end_begins_with(path, &schema, found);
	}
	free(found);
	out_free(&schema);
	return current;
}
