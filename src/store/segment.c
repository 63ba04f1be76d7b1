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
#include "engine/copy.h"

#define COLUMNS_MAX    64 /* of a table */
#define ROWS_AT_ONCE   64
#define CACHE_LINE     64   /* bytes; fetching ahead gains less where they differ */
#define SECONDS_MAX_US 9e17 /* fits DECIMAL(18,6) */

static const struct {
	const char *sql;
	duckdb_type type; /* of the column, or of the list's elements */
	bool list;
} kinds[] = {
    [FIELD_TIME] = {"TIMESTAMP", DUCKDB_TYPE_TIMESTAMP, false},
    [FIELD_SECONDS] = {"DECIMAL(18,6)", DUCKDB_TYPE_DECIMAL, false},
    [FIELD_REAL] = {"DOUBLE", DUCKDB_TYPE_DOUBLE, false},
    [FIELD_IP] = {"VARCHAR", DUCKDB_TYPE_VARCHAR, false},
    [FIELD_PORT] = {"INTEGER", DUCKDB_TYPE_INTEGER, false},
    [FIELD_COUNT] = {"BIGINT", DUCKDB_TYPE_BIGINT, false},
    [FIELD_INT] = {"BIGINT", DUCKDB_TYPE_BIGINT, false},
    [FIELD_FLAG] = {"BOOLEAN", DUCKDB_TYPE_BOOLEAN, false},
    [FIELD_TEXT] = {"VARCHAR", DUCKDB_TYPE_VARCHAR, false},
    [FIELD_TEXTS] = {"VARCHAR[]", DUCKDB_TYPE_VARCHAR, true},
    [FIELD_INTS] = {"BIGINT[]", DUCKDB_TYPE_BIGINT, true},
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

/* One column of a chunk being filled. */
struct column {
	const struct field_info *field;
	duckdb_vector vector;
	void *data;
	uint64_t *validity; /* NULL until something is absent */
};

static void set_absent(struct column *c, size_t i)
{
	if (c->validity == NULL) {
		duckdb_vector_ensure_validity_writable(c->vector);
		c->validity = duckdb_vector_get_validity(c->vector);
	}
	c->validity[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static void put_time(struct column *c, size_t i, const void *at)
{
	const field_TIME *t = at;
	((int64_t *)c->data)[i] = t->ns == MOMENT_NONE.ns ? 0 : moment_us(*t);
	if (t->ns == MOMENT_NONE.ns)
		set_absent(c, i);
}

static void put_real(struct column *c, size_t i, const void *at)
{
	double v = *(const double *)at;
	((double *)c->data)[i] = v;
	if (isnan(v))
		set_absent(c, i);
}

/* Seconds are kept as whole microseconds, which take a third of what doubles take. */
static void put_seconds(struct column *c, size_t i, const void *at)
{
	double us = round(*(const double *)at * 1e6);
	bool absent = !isfinite(us);
	if (absent)
		set_absent(c, i);
	else if (fabs(us) > SECONDS_MAX_US)
		us = copysign(SECONDS_MAX_US, us);
	((int64_t *)c->data)[i] = absent ? 0 : (int64_t)us;
}

static void put_string(struct column *c, size_t i, const void *at)
{
	duckdb_string_t t;
	memcpy(&t, at, sizeof(t));
	if (stage_text_absent(&t)) {
		set_absent(c, i);
		t = (duckdb_string_t){0};
	}
	((duckdb_string_t *)c->data)[i] = t;
}

static void put_port(struct column *c, size_t i, const void *at)
{
	((int32_t *)c->data)[i] = *(const field_PORT *)at;
}

static void put_count(struct column *c, size_t i, const void *at)
{
	uint64_t v = *(const field_COUNT *)at;
	((int64_t *)c->data)[i] = v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static void put_int(struct column *c, size_t i, const void *at)
{
	int64_t v = *(const field_INT *)at;
	((int64_t *)c->data)[i] = v;
	if (v < 0)
		set_absent(c, i);
}

static void put_flag(struct column *c, size_t i, const void *at)
{
	int8_t v = *(const field_FLAG *)at;
	((bool *)c->data)[i] = v > 0;
	if (v < 0)
		set_absent(c, i);
}

/* Lists: str_list and int_list are both a pointer and a count of elements. */
struct list {
	const void *v;
	size_t n;
};

static struct list list_at(const struct field_info *f, const void *row)
{
	const void *at = (const char *)row + f->offset;
	if (f->kind == FIELD_TEXTS) {
		const field_TEXTS *l = at;
		return (struct list){l->v, l->n};
	}
	const field_INTS *l = at;
	return (struct list){l->v, l->n};
}

static void put_lists(struct column *c, const struct segment_feed *feed, size_t n)
{
	size_t total = 0;
	size_t size =
	    c->field->kind == FIELD_TEXTS ? sizeof(duckdb_string_t) : sizeof(int64_t);
	const struct batch_row *rows = feed->batch->rows + feed->next;
	for (size_t i = 0; i < n; i++)
		total += list_at(c->field, stage_row(feed->batch->stage, rows[i].row)).n;
	duckdb_list_vector_reserve(c->vector, total);
	duckdb_list_vector_set_size(c->vector, total);
	char *child = duckdb_vector_get_data(duckdb_list_vector_get_child(c->vector));
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		struct list l =
		    list_at(c->field, stage_row(feed->batch->stage, rows[i].row));
		((duckdb_list_entry *)c->data)[i] = (duckdb_list_entry){at, l.n};
		if (l.n > 0)
			memcpy(child + at * size, l.v, l.n * size);
		at += l.n;
	}
}

/* The rows of a feed that are in work: [from, end), where in memory. */
struct rows {
	const char *at[ROWS_AT_ONCE];
	size_t from, n;
};

/* Fill the rows of a column with put, which is known where this is inlined. */
static inline __attribute__((always_inline)) void put_each(struct column *c,
    const struct rows *r, void (*put)(struct column *, size_t, const void *))
{
	size_t offset = c->field->offset;
	for (size_t i = 0; i < r->n; i++)
		put(c, r->from + i, r->at[i] + offset);
}

/* Fill the rows of a column that is no list. */
static void put_values(struct column *c, const struct rows *r)
{
	switch (c->field->kind) {
	case FIELD_TIME:
		put_each(c, r, put_time);
		break;
	case FIELD_SECONDS:
		put_each(c, r, put_seconds);
		break;
	case FIELD_REAL:
		put_each(c, r, put_real);
		break;
	case FIELD_IP:
	case FIELD_TEXT:
		put_each(c, r, put_string);
		break;
	case FIELD_PORT:
		put_each(c, r, put_port);
		break;
	case FIELD_COUNT:
		put_each(c, r, put_count);
		break;
	case FIELD_INT:
		put_each(c, r, put_int);
		break;
	case FIELD_FLAG:
		put_each(c, r, put_flag);
		break;
	case FIELD_TEXTS:
	case FIELD_INTS:
	default:
		break;
	}
}

/* Where the rows from a place on are; they are fetched ahead of their use. */
static void find_rows(
    const struct segment_feed *feed, size_t from, size_t n, size_t size, struct rows *r)
{
	const struct batch_row *rows = feed->batch->rows + feed->next;
	r->from = from;
	r->n = size_min(ROWS_AT_ONCE, n - from);
	for (size_t i = 0; i < r->n; i++) {
		r->at[i] = stage_row(feed->batch->stage, rows[from + i].row);
		for (size_t k = 0; k < size; k += CACHE_LINE)
			__builtin_prefetch(r->at[i] + k);
	}
}

/*
 * The rows lie anywhere in the stage and a column takes a few bytes of each, so a few
 * rows at a time go through all columns while they are in the cache.
 */
static void put_columns(
    struct column *columns, size_t count, const struct segment_feed *feed, size_t n)
{
	size_t size = record_info(feed->type)->size;
	struct rows r;
	for (size_t from = 0; from < n; from += ROWS_AT_ONCE) {
		find_rows(feed, from, n, size, &r);
		for (size_t i = 0; i < count; i++) {
			if (!kinds[columns[i].field->kind].list)
				put_values(&columns[i], &r);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (kinds[columns[i].field->kind].list)
			put_lists(&columns[i], feed, n);
	}
}

static void feed_columns(duckdb_bind_info bind)
{
	const struct segment_feed *feed = duckdb_bind_get_extra_info(bind);
	const struct record_info *info = record_info(feed->type);
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		duckdb_logical_type type =
		    f->kind == FIELD_SECONDS
			? duckdb_create_decimal_type(18, 6)
			: duckdb_create_logical_type(kinds[f->kind].type);
		if (kinds[f->kind].list) {
			duckdb_logical_type list = duckdb_create_list_type(type);
			duckdb_destroy_logical_type(&type);
			type = list;
		}
		duckdb_bind_add_result_column(bind, f->name, type);
		duckdb_destroy_logical_type(&type);
	}
}

static void feed_rows(duckdb_function_info function, duckdb_data_chunk chunk)
{
	struct segment_feed *feed = duckdb_function_get_extra_info(function);
	const struct record_info *info = record_info(feed->type);
	size_t n = feed->end - feed->next;
	if (n > duckdb_vector_size())
		n = duckdb_vector_size();
	struct column columns[COLUMNS_MAX];
	for (size_t i = 0; i < info->field_count; i++) {
		columns[i] = (struct column){
		    &info->fields[i], duckdb_data_chunk_get_vector(chunk, i)};
		columns[i].data = duckdb_vector_get_data(columns[i].vector);
	}
	if (n > 0)
		put_columns(columns, info->field_count, feed, n);
	feed->next += n;
	duckdb_data_chunk_set_size(chunk, n);
}

int segment_writer_init(
    struct segment_writer *w, struct engine *engine, const char *target, struct error *e)
{
	*w = (struct segment_writer){.engine = engine, .target = strdup(target)};
	if (w->target == NULL)
		return error_set(e, ERR_SYSTEM, "no memory");
	for (int t = 0; t < RECORD_TYPES; t++)
		w->feeds[t].type = (enum record_type)t;
	return 0;
}

void segment_writer_fini(struct segment_writer *w)
{
	for (int t = 0; t < RECORD_TYPES; t++)
		duckdb_destroy_prepare(&w->feeds[t].copy);
	free(w->target);
	*w = (struct segment_writer){0};
}

/* One COPY statement a table, prepared at first use: a segment then costs no parsing. */
static int prepare_copy(
    struct segment_writer *w, struct segment_feed *feed, struct error *e)
{
	struct copy_source source = {
	    "staged", record_info(feed->type)->table, feed_columns, feed_rows, feed};
	return copy_prepare(w->engine, &source, w->target, &feed->copy, e);
}

int segment_write(struct segment_writer *w, enum record_type type, const struct batch *b,
    size_t from, size_t end, struct error *e)
{
	struct segment_feed *feed = &w->feeds[type];
	if (feed->copy == NULL && prepare_copy(w, feed, e) < 0)
		return error_add(e, "preparing to write %s", record_info(type)->table);
	feed->batch = b;
	feed->next = from;
	feed->end = end;
	duckdb_result result;
	int status = 0;
	if (duckdb_execute_prepared(feed->copy, &result) == DuckDBError) {
		status = engine_error(e, ERR_SYSTEM, duckdb_result_error(&result));
		error_add(e, "writing %s", record_info(type)->table);
	}
	duckdb_destroy_result(&result);
	feed->batch = NULL;
	feed->next = feed->end = 0;
	return status;
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
