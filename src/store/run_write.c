/* SPDX-License-Identifier: Apache-2.0 */
#include "store/run_write.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "engine/copy.h"
#include "store/segment.h"
#include "sys/file.h"
#include "sys/path.h"

void run_absent(struct run_columns *c, size_t column, size_t i)
{
	if (c->validity[column] == NULL) {
		duckdb_vector_ensure_validity_writable(c->vector[column]);
		c->validity[column] = duckdb_vector_get_validity(c->vector[column]);
	}
	c->validity[column][i / 64] &= ~(UINT64_C(1) << i % 64);
}

/* ---- the table function ---- */

static void bind_columns(duckdb_bind_info bind)
{
	const struct run_feed *feed = duckdb_bind_get_extra_info(bind);
	const struct rollup_info *info = rollup_info(feed->type);
	for (size_t i = 0; i < info->field_count; i++) {
		duckdb_logical_type type =
		    duckdb_create_logical_type(segment_duckdb_type(info->fields[i].kind));
		duckdb_bind_add_result_column(bind, info->fields[i].name, type);
		duckdb_destroy_logical_type(&type);
	}
}

static void give_rows(duckdb_function_info function, duckdb_data_chunk chunk)
{
	struct run_feed *feed = duckdb_function_get_extra_info(function);
	struct run_columns c = {.count = rollup_info(feed->type)->field_count};
	for (size_t i = 0; i < c.count; i++) {
		c.vector[i] = duckdb_data_chunk_get_vector(chunk, i);
		c.data[i] = duckdb_vector_get_data(c.vector[i]);
	}
	size_t room = size_min(duckdb_vector_size(), feed->left);
	int n =
	    room == 0 || feed->ended ? 0 : feed->source.fill(feed->source.ctx, &c, room);
	if (n <= 0 && room > 0) {
		feed->ended = true;
		feed->failed |= n < 0;
		n = 0;
	}
	if (feed->failed)
		duckdb_function_set_error(function, "the rows ended in a failure");
	feed->left -= (size_t)n;
	feed->rows += (size_t)n;
	duckdb_data_chunk_set_size(chunk, (idx_t)n);
}

/* ---- the writer ---- */

int run_writer_init(
    struct run_writer *w, struct engine *engine, const char *target, struct error *e)
{
	*w = (struct run_writer){.engine = engine, .target = strdup(target)};
	if (w->target == NULL)
		return error_set(e, ERR_SYSTEM, "no memory");
	for (int t = 0; t < ROLLUP_TYPES; t++)
		w->feeds[t].type = (enum rollup_type)t;
	return 0;
}

void run_writer_fini(struct run_writer *w)
{
	for (int t = 0; t < ROLLUP_TYPES; t++)
		duckdb_destroy_prepare(&w->feeds[t].copy);
	free(w->target);
	*w = (struct run_writer){0};
}

/* One COPY statement a roll-up, prepared at first use. */
static int prepare_copy(struct run_writer *w, struct run_feed *feed, struct error *e)
{
	struct copy_source source = {
	    "rolled", rollup_info(feed->type)->table, bind_columns, give_rows, feed};
	return copy_prepare(w->engine, &source, w->target, &feed->copy, e);
}

/* Write rows of the source to the target until the part is full or the source ends. */
static int write_part(struct run_feed *feed, struct error *e)
{
	duckdb_result result;
	int status = 0;
	feed->left = RUN_PART_ROWS;
	feed->rows = 0;
	if (duckdb_execute_prepared(feed->copy, &result) == DuckDBError &&
	    !feed->failed) {
		status = engine_error(e, ERR_SYSTEM, duckdb_result_error(&result));
		error_add(e, "writing %s", rollup_info(feed->type)->table);
	}
	duckdb_destroy_result(&result);
	return feed->failed ? -1 : status;
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
	struct run_feed *feed = &w->feeds[type];
	if (feed->copy == NULL && prepare_copy(w, feed, e) < 0)
		return error_add(e, "preparing to write %s", rollup_info(type)->table);
	feed->source = *from;
	feed->ended = feed->failed = false;
	for (unsigned part = 0; !feed->ended; part++) {
		if (part == RUN_PARTS_MAX)
			return error_set(
			    e, ERR_LIMIT, "a run of more than %d parts", RUN_PARTS_MAX);
		if (write_part(feed, e) < 0)
			return -1;
		if (feed->rows == 0)
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
