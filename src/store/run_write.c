/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_write.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/moment.h"
#include "base/size.h"
#include "engine/stage.h"
#include "store/keys.h"
#include "store/segment.h"
#include "sys/file.h"
#include "sys/path.h"

#define CHUNK_ROWS 2048 /* rows that a source fills at a time */

_Static_assert(ROLLUP_FIELDS_MAX <= PARQUET_COLUMNS_MAX, "a run is a file");
_Static_assert(RUN_LEVELS_COLUMNS <= ROLLUP_FIELDS_MAX, "a chunk of all levels");
_Static_assert(RUN_LEVELS - 1 <= PARQUET_FOLLOWERS_MAX, "days lead");

void run_absent(struct run_columns *c, size_t column, size_t i)
{
	if (c->validity[column] == NULL) {
		c->validity[column] = c->room[column];
		memset(c->room[column], 0xff, CHUNK_ROWS / 8);
	}
	c->validity[column][i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* ---- the writer ---- */

static void free_rooms(struct run_writer *w)
{
	for (size_t i = 0; i < ROLLUP_FIELDS_MAX; i++) {
		free(w->chunk.data[i]);
		free(w->chunk.room[i]);
	}
	parquet_free(w->file);
	w->chunk = (struct run_columns){0};
	w->file = NULL;
	for (size_t i = 0; i < RUN_LEVELS - 1; i++) {
		parquet_free(w->followers[i]);
		w->followers[i] = NULL;
	}
}

int run_writer_init(struct run_writer *w, const char *target, struct error *e)
{
	*w = (struct run_writer){.target = strdup(target)};
	return w->target != NULL ? 0 : error_set(e, ERR_SYSTEM, "no memory");
}

/* What only those need who write; made at first use. */
static int provide_rooms(struct run_writer *w, struct error *e)
{
	if (w->file != NULL)
		return 0;
	bool ok = true;
	for (size_t i = 0; i < ROLLUP_FIELDS_MAX; i++) {
		w->chunk.data[i] = malloc(CHUNK_ROWS * sizeof(duckdb_string_t));
		w->chunk.room[i] = malloc(CHUNK_ROWS / 8);
		ok = ok && w->chunk.data[i] != NULL && w->chunk.room[i] != NULL;
	}
	w->file = ok ? parquet_new(RUN_GROUP_ROWS, true) : NULL;
	if (w->file != NULL)
		return 0;
	free_rooms(w);
	return error_set(e, ERR_SYSTEM, "no memory to write runs");
}

void run_writer_fini(struct run_writer *w)
{
	free_rooms(w);
	suffix_memo_free(&w->suffixes);
	free(w->target);
	*w = (struct run_writer){0};
}

static enum parquet_kind kind_of(enum field_kind kind)
{
	if (kind == FIELD_TEXT || kind == FIELD_IP)
		return PARQUET_TEXT;
	if (kind == FIELD_PORT)
		return PARQUET_INT32;
	return kind == FIELD_TIME ? PARQUET_TIME : PARQUET_INT64;
}

/* What of a run has been written to a part. */
struct part {
	enum rollup_type type;
	const struct run_source *source;
	size_t rows;
	bool ended;               /* the source has no more */
	enum run_set set;         /* that it belongs to */
	struct keys_writer *keys; /* of what it holds; owned; NULL: none are kept */
	bool any;                 /* keys were put */
	const char *target;       /* where it is written first */
};

static struct str text_at(const struct run_columns *c, size_t column, size_t i)
{
	if (run_is_absent(c, column, i))
		return (struct str){0};
	return stage_str(&((const duckdb_string_t *)c->data[column])[i]);
}

static int64_t int_at(const struct run_columns *c, size_t column, size_t i)
{
	return ((const int64_t *)c->data[column])[i];
}

/* What follows the key in both kinds of rows, with the columns that hold it. */
static void row_times(
    const struct run_columns *c, size_t i, size_t ts, size_t jan, struct keys_row *r)
{
	unsigned month, day;
	int64_t start = int_at(c, ts, i), days = start / 86400000000;
	civil_from_days(days - (start % 86400000000 < 0), &r->year, &month, &day);
	for (size_t m = 0; m < 12; m++)
		r->days[m] = (uint32_t)int_at(c, jan + m, i) & KEYS_DAYS;
}

static void pair_row(
    const struct run_columns *c, size_t peer, size_t i, struct keys_row *r)
{
	*r = (struct keys_row){
	    .text = text_at(c, peer, i),
	    .word = text_at(c, COLUMN_pair_year_proto, i),
	    .port = (uint16_t)((const int32_t *)c->data[COLUMN_pair_year_dst_port])[i],
	    .name = text_at(c, COLUMN_pair_year_server_name, i),
	    .first = int_at(c, COLUMN_pair_year_first_seen, i),
	    .last = int_at(c, COLUMN_pair_year_last_seen, i),
	    .connections = (uint64_t)int_at(c, COLUMN_pair_year_connections, i),
	    .unanswered = (uint64_t)int_at(c, COLUMN_pair_year_unanswered, i),
	    .src_bytes = (uint64_t)int_at(c, COLUMN_pair_year_src_bytes, i),
	    .dst_bytes = (uint64_t)int_at(c, COLUMN_pair_year_dst_bytes, i),
	    .missed = (uint64_t)int_at(c, COLUMN_pair_year_missed_bytes, i),
	};
	row_times(c, i, COLUMN_pair_year_ts, COLUMN_pair_year_jan, r);
}

static void seen_row(const struct run_columns *c, size_t i, struct keys_row *r)
{
	*r = (struct keys_row){
	    .text = text_at(c, COLUMN_seen_host, i),
	    .word = text_at(c, COLUMN_seen_via, i),
	    .first = int_at(c, COLUMN_seen_first_seen, i),
	    .last = int_at(c, COLUMN_seen_last_seen, i),
	    .connections = (uint64_t)int_at(c, COLUMN_seen_count, i),
	    .src_bytes = (uint64_t)int_at(c, COLUMN_seen_src_bytes, i),
	    .dst_bytes = (uint64_t)int_at(c, COLUMN_seen_dst_bytes, i),
	};
	row_times(c, i, COLUMN_seen_ts, COLUMN_seen_jan, r);
}

/* The texts of n rows of the column that they are sorted by first, as keys of the part,
 * with what is asked of the rows. */
static void put_keys(struct part *p, const struct run_columns *c, size_t n)
{
	bool seen = p->type == ROLLUP_SEEN;
	bool by_dst = run_set_info(p->set)->order == RUN_ORDER_DST;
	size_t column = seen     ? COLUMN_seen_sort
			: by_dst ? COLUMN_pair_day_dst_ip
				 : COLUMN_pair_day_src_ip;
	size_t peer = by_dst ? COLUMN_pair_year_src_ip : COLUMN_pair_year_dst_ip;
	bool listed = keys_are_listed(p->set);
	for (size_t i = 0; i < n; i++) {
		struct keys_row r;
		if (!listed && p->any && i + 1 < n) /* only the ends are kept */
			continue;
		struct str key = text_at(c, column, i);
		struct str kind =
		    seen ? text_at(c, COLUMN_seen_kind, i) : (struct str){0};
		if (key.p == NULL)
			continue;
		keys_put(p->keys, seen ? &kind : NULL, key);
		p->any = true;
		if (p->type == ROLLUP_PAIR_YEAR) {
			pair_row(c, peer, i, &r);
			keys_put_row(p->keys, &r);
		} else if (seen && keys_has_rows(kind, text_at(c, COLUMN_seen_via, i))) {
			seen_row(c, i, &r);
			keys_put_row(p->keys, &r);
		}
	}
}

/* Rows of a chunk, from a multiple of 64 on: a word of validity. */
struct slice {
	const struct run_columns *c;
	size_t from, n;
};

/* Put column number source of the rows as one of a file. */
static void put_column(struct parquet_writer *file, size_t column, enum parquet_kind kind,
    const struct slice *s, size_t source)
{
	const uint64_t *validity = s->c->validity[source];
	const uint64_t rows = UINT64_MAX >> (64 - s->n);
	uint64_t absent = validity != NULL ? ~validity[s->from / 64] & rows : 0;
	struct str texts[PARQUET_AT_ONCE];
	int64_t ints[PARQUET_AT_ONCE];
	if (kind == PARQUET_TEXT) {
		const duckdb_string_t *v =
		    (duckdb_string_t *)s->c->data[source] + s->from;
		for (size_t i = 0; i < s->n; i++)
			texts[i] = stage_str(&v[i]);
		parquet_texts(file, column, texts, absent, s->n);
	} else if (kind == PARQUET_INT32) {
		const int32_t *v = (int32_t *)s->c->data[source] + s->from;
		for (size_t i = 0; i < s->n; i++)
			ints[i] = v[i];
		parquet_ints(file, column, ints, absent, s->n);
	} else {
		parquet_ints(
		    file, column, (int64_t *)s->c->data[source] + s->from, absent, s->n);
	}
}

static int put_chunk(
    struct run_writer *w, enum rollup_type type, size_t n, struct error *e)
{
	const struct rollup_info *info = rollup_info(type);
	for (size_t from = 0; from < n; from += PARQUET_AT_ONCE) {
		const struct slice rows = {
		    &w->chunk, from, size_min(n - from, PARQUET_AT_ONCE)};
		for (size_t i = 0; i < info->field_count; i++)
			put_column(w->file, i, kind_of(info->fields[i].kind), &rows, i);
		if (parquet_rows(w->file, rows.n, e) < 0)
			return -1;
	}
	return 0;
}

/* Put rows of the source to the open file until the part is full or the source ends. */
static int fill_part(struct run_writer *w, struct part *p, struct error *e)
{
	struct run_columns *c = &w->chunk;
	c->count = rollup_info(p->type)->field_count;
	p->rows = 0;
	while (p->rows < RUN_PART_ROWS) {
		size_t room = size_min(CHUNK_ROWS, RUN_PART_ROWS - p->rows);
		memset(c->validity, 0, sizeof(c->validity));
		int n = p->source->fill(p->source->ctx, c, room);
		p->ended = n <= 0;
		if (n < 0)
			return error_set(e, ERR_ENGINE, "the rows ended in a failure");
		if (n == 0)
			return 0;
		if (put_chunk(w, p->type, (size_t)n, e) < 0)
			return -1;
		if (p->keys != NULL)
			put_keys(p, c, (size_t)n);
		p->rows += (size_t)n;
	}
	return 0;
}

static int begin_file(struct parquet_writer *file, const struct part *p, struct error *e)
{
	const struct rollup_info *info = rollup_info(p->type);
	struct parquet_field fields[ROLLUP_FIELDS_MAX];
	for (size_t i = 0; i < info->field_count; i++)
		fields[i] = (struct parquet_field){
		    info->fields[i].name, kind_of(info->fields[i].kind), false};
	return parquet_begin(file, p->target, fields, info->field_count, e);
}

static int write_part(struct run_writer *w, struct part *p, struct error *e)
{
	if (begin_file(w->file, p, e) < 0 || fill_part(w, p, e) < 0 ||
	    parquet_end(w->file, e) < 0) {
		parquet_drop(w->file);
		return -1;
	}
	return 0;
}

/* Begin to list the keys of the next part, in the transaction, into which so many files
 * will go before it. */
static int begin_keys(
    struct part *p, const struct run_place *place, size_t before, struct error *e)
{
	char path[PATH_MAX];
	p->any = false;
	if (p->type == ROLLUP_WATCH_HOUR)
		return 0;
	if (path_make(path, e, "%s/journal/tx-%08u/%06zu" KEYS_SUFFIX, place->root,
		place->plan->seq, place->plan->moves + before) < 0)
		return -1;
	p->keys =
	    keys_writer_new(path, keys_are_listed(p->set) ? KEYS_ROWS : KEYS_ENDS, e);
	return p->keys != NULL ? 0 : -1;
}

/* The keys of the part, which is at from, go beside it, at to. */
static int keep_keys(struct part *p, const struct run_place *place, const char *from,
    const char *to, struct error *e)
{
	char name[PATH_MAX], beside[PATH_MAX];
	struct keys_writer *keys = p->keys;
	p->keys = NULL;
	if (keys == NULL)
		return 0;
	if (keys_finish(keys, from, e) < 0 ||
	    keys_path(strrchr(from, '/') + 1, name, e) < 0 ||
	    keys_path(to, beside, e) < 0)
		return -1;
	return journal_move(place->plan, name, beside, e);
}

static int keep_part(
    struct part *of, const struct run_place *p, unsigned part, struct error *e)
{
	char name[32], from[PATH_MAX], to[PATH_MAX];
	snprintf(name, sizeof(name), "%06zu" SEGMENT_SUFFIX, p->plan->moves);
	if (path_make(from, e, "%s/journal/tx-%08u/%s", p->root, p->plan->seq, name) <
		0 ||
	    path_make(to, e, "%s/%s-%08u-%04u" SEGMENT_SUFFIX, p->folder, p->sensor,
		p->seq, part) < 0 ||
	    file_move(of->target, from, e) < 0)
		return -1;
	return journal_move(p->plan, name, to, e) < 0 ? -1
						      : keep_keys(of, p, from, to, e);
}

/* Write the next part of a run. */
static int write_next(struct run_writer *w, struct part *p, const struct run_place *place,
    unsigned part, struct error *e)
{
	if (part == RUN_PARTS_MAX)
		return error_set(
		    e, ERR_LIMIT, "a run of more than %d parts", RUN_PARTS_MAX);
	if (begin_keys(p, place, 0, e) < 0)
		return -1;
	if (write_part(w, p, e) < 0)
		return error_add(e, "writing %s", rollup_info(p->type)->table);
	if (p->rows == 0)
		return file_remove_tree(p->target, e);
	return keep_part(p, place, part, e);
}

int run_write(struct run_writer *w, enum rollup_type type, const struct run_source *from,
    const struct run_place *place, struct error *e)
{
	struct part p = {.type = type,
	    .source = from,
	    .set = run_set_of(place->folder),
	    .target = w->target};
	int status = provide_rooms(w, e);
	for (unsigned part = 0; status == 0 && !p.ended; part++) {
		status = write_next(w, &p, place, part, e);
		keys_drop(p.keys);
		p.keys = NULL;
	}
	return status;
}

/* ---- three levels at once ---- */

/* The column of a chunk of all levels in which column i of a level is. */
static size_t level_column(size_t level, size_t i)
{
	static const size_t starts[RUN_LEVELS] = {
	    RUN_LEVELS_DAY, RUN_LEVELS_MONTH, COLUMN_pair_year_ts};
	static const size_t masks[RUN_LEVELS] = {
	    RUN_LEVELS_HOURS, RUN_LEVELS_DAYS, COLUMN_pair_year_jan};
	if (i == COLUMN_pair_year_ts)
		return starts[level];
	return i < COLUMN_pair_year_jan ? i : masks[level] + (i - COLUMN_pair_year_jan);
}

/* Whether column i of all levels is the same. */
static bool is_shared(size_t i)
{
	return i < COLUMN_pair_year_jan && i != COLUMN_pair_year_ts;
}

_Static_assert((int)COLUMN_pair_day_hours == (int)COLUMN_pair_year_jan &&
		   (int)COLUMN_pair_month_days == (int)COLUMN_pair_year_jan &&
		   (int)COLUMN_pair_day_ts == (int)COLUMN_pair_year_ts,
    "the levels share their first columns");

/* The parts of the levels being written, and their files. */
struct levels {
	struct run_writer *writer;
	struct part parts[RUN_LEVELS];
	struct parquet_writer *files[RUN_LEVELS];
	char targets[RUN_LEVELS][PATH_MAX];
};

static int provide_followers(struct run_writer *w, struct error *e)
{
	for (size_t i = 0; i < RUN_LEVELS - 1; i++) {
		if (w->followers[i] == NULL)
			w->followers[i] = parquet_new(RUN_GROUP_ROWS, true);
		if (w->followers[i] == NULL)
			return error_set(e, ERR_SYSTEM, "no memory to write runs");
	}
	return 0;
}

static int begin_level(struct levels *l, size_t level, const struct run_place *place,
    const struct run_source *from, struct error *e)
{
	struct part *p = &l->parts[level];
	size_t of[ROLLUP_FIELDS_MAX];
	enum run_set set = run_set_of(place->folder);
	*p = (struct part){.type = run_set_info(set)->type,
	    .source = from,
	    .set = set,
	    .target = l->targets[level]};
	if (path_make(l->targets[level], e, "%s-%zu", l->writer->target, level) < 0 ||
	    begin_keys(p, place, 2 * level, e) < 0 ||
	    begin_file(l->files[level], p, e) < 0)
		return -1;
	for (size_t i = 0; i < ROLLUP_FIELDS_MAX; i++)
		of[i] = is_shared(i) ? i : PARQUET_OWN;
	if (l->files[level] != l->files[0])
		parquet_follow(l->files[level], l->files[0], of);
	return 0;
}

/* Put rows to all files; the columns that are shared to the first. */
static int put_rows(struct levels *l, const struct slice *rows, struct error *e)
{
	for (size_t level = RUN_LEVELS; level-- > 0;) {
		const struct rollup_info *info = rollup_info(l->parts[level].type);
		for (size_t i = 0; i < info->field_count; i++) {
			if (level == 0 || !is_shared(i))
				put_column(l->files[level], i,
				    kind_of(info->fields[i].kind), rows,
				    level_column(level, i));
		}
	}
	return parquet_rows(l->files[0], rows->n, e);
}

static int fill_levels(struct levels *l, const struct run_source *from, struct error *e)
{
	struct run_columns *c = &l->writer->chunk;
	int n = 0;
	c->count = RUN_LEVELS_COLUMNS;
	do {
		memset(c->validity, 0, sizeof(c->validity));
		n = from->fill(from->ctx, c, CHUNK_ROWS);
		for (size_t at = 0; n > 0 && at < (size_t)n; at += PARQUET_AT_ONCE) {
			const struct slice rows = {
			    c, at, size_min((size_t)n - at, PARQUET_AT_ONCE)};
			if (put_rows(l, &rows, e) < 0)
				return -1;
		}
		for (size_t level = 0; n > 0 && level < RUN_LEVELS; level++) {
			put_keys(&l->parts[level], c, (size_t)n);
			l->parts[level].rows += (size_t)n;
		}
	} while (n > 0 && l->parts[0].rows <= RUN_PART_ROWS - CHUNK_ROWS);
	return n < 0 ? error_set(e, ERR_ENGINE, "the rows ended in a failure") : 0;
}

static int write_levels(struct levels *l, const struct run_source *from,
    const struct run_place *places, struct error *e)
{
	int status = 0;
	for (size_t level = 0; level < RUN_LEVELS && status == 0; level++)
		status = begin_level(l, level, &places[level], from, e);
	if (status == 0)
		status = fill_levels(l, from, e);
	for (size_t level = 0; level < RUN_LEVELS && status == 0; level++)
		status = parquet_end(l->files[level], e);
	for (size_t level = 0; level < RUN_LEVELS && status == 0; level++)
		status = keep_part(&l->parts[level], &places[level],
		    places[level].repeats ? RUN_PART_REPEATS : 0, e);
	return status;
}

int run_write_levels(struct run_writer *w, const struct run_source *from,
    const struct run_place places[static RUN_LEVELS], struct error *e)
{
	struct levels l = {.writer = w};
	if (provide_rooms(w, e) < 0 || provide_followers(w, e) < 0)
		return -1;
	l.files[0] = w->file;
	for (size_t i = 1; i < RUN_LEVELS; i++)
		l.files[i] = w->followers[i - 1];
	int status = write_levels(&l, from, places, e);
	if (status < 0)
		error_add(e, "writing pairs");
	for (size_t level = 0; level < RUN_LEVELS; level++) {
		parquet_drop(l.files[level]);
		keys_drop(l.parts[level].keys);
	}
	return status;
}

void run_sensor(struct str sensor, char out[static RUN_SENSOR_MAX + 1])
{
	size_t n = 0;
	if (sensor.n == 0)
		sensor = STR("dwell");
	for (; n < sensor.n && n < RUN_SENSOR_MAX; n++) {
		char c = sensor.p[n];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || c == '_' || c == '-';
		out[n] = plain ? c : '_';
	}
	out[n] = '\0';
}
