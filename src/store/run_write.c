/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_write.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "store/segment.h"
#include "sys/file.h"
#include "sys/path.h"

#define CHUNK_ROWS 2048 /* rows that a source fills at a time */

_Static_assert(ROLLUP_FIELDS_MAX <= PARQUET_COLUMNS_MAX, "a run is a file");

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
	w->file = ok ? parquet_new() : NULL;
	if (w->file != NULL)
		return 0;
	free_rooms(w);
	return error_set(e, ERR_SYSTEM, "no memory to write runs");
}

void run_writer_fini(struct run_writer *w)
{
	free_rooms(w);
	free(w->target);
	*w = (struct run_writer){0};
}

static enum parquet_kind kind_of(enum field_kind kind)
{
	if (kind == FIELD_TEXT || kind == FIELD_IP)
		return PARQUET_TEXT;
	if (kind == FIELD_PORT)
		return PARQUET_INT;
	return kind == FIELD_TIME ? PARQUET_TIME : PARQUET_LONG;
}

/* What of a run has been written to a part. */
struct part {
	enum rollup_type type;
	const struct run_source *source;
	size_t rows;
	bool ended; /* the source has no more */
};

/* Put rows of the source to the open file until the part is full or the source ends. */
static int fill_part(struct run_writer *w, struct part *p, struct error *e)
{
	struct run_columns *c = &w->chunk;
	struct parquet_values values[ROLLUP_FIELDS_MAX];
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
		for (size_t i = 0; i < c->count; i++)
			values[i] = (struct parquet_values){c->data[i], c->validity[i]};
		if (parquet_put(w->file, values, (size_t)n, e) < 0)
			return -1;
		p->rows += (size_t)n;
	}
	return 0;
}

static int write_part(struct run_writer *w, struct part *p, struct error *e)
{
	const struct rollup_info *info = rollup_info(p->type);
	struct parquet_field fields[ROLLUP_FIELDS_MAX];
	for (size_t i = 0; i < info->field_count; i++)
		fields[i] = (struct parquet_field){
		    info->fields[i].name, kind_of(info->fields[i].kind)};
	if (parquet_start(w->file, w->target, fields, info->field_count, e) < 0 ||
	    fill_part(w, p, e) < 0 || parquet_end(w->file, e) < 0) {
		parquet_abandon(w->file);
		return -1;
	}
	return 0;
}

static int keep_part(
    struct run_writer *w, const struct run_place *p, unsigned part, struct error *e)
{
	char name[32], from[PATH_MAX], to[PATH_MAX];
	snprintf(name, sizeof(name), "%06zu" SEGMENT_SUFFIX, p->plan->moves);
	if (path_make(from, e, "%s/journal/tx-%08u/%s", p->root, p->plan->seq, name) <
		0 ||
	    path_make(to, e, "%s/%s-%08u-%04u" SEGMENT_SUFFIX, p->folder, p->sensor,
		p->seq, part) < 0 ||
	    file_move(w->target, from, e) < 0)
		return -1;
	return journal_move(p->plan, name, to, e);
}

int run_write(struct run_writer *w, enum rollup_type type, const struct run_source *from,
    const struct run_place *place, struct error *e)
{
	struct part p = {.type = type, .source = from};
	if (provide_rooms(w, e) < 0)
		return -1;
	for (unsigned part = 0; !p.ended; part++) {
		if (part == RUN_PARTS_MAX)
			return error_set(
			    e, ERR_LIMIT, "a run of more than %d parts", RUN_PARTS_MAX);
		if (write_part(w, &p, e) < 0)
			return error_add(e, "writing %s", rollup_info(type)->table);
		if (p.rows == 0)
			return file_remove_tree(w->target, e);
		if (keep_part(w, place, part, e) < 0)
			return -1;
	}
	return 0;
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
