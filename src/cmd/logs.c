/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/logs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "input/log_run.h"

struct csv_map *logs_csv_map(const char *value, struct error *e)
{
	char text[CSV_TEXT_MAX + 1];
	if (strchr(value, '=') != NULL)
		return csv_map_new(value, e);
	FILE *file = fopen(value, "r");
	if (file == NULL) {
		error_set(e, ERR_USAGE,
		    "'%.200s' is neither NAME=COLUMN,... nor a file: %s", value,
		    strerror(errno));
		return NULL;
	}
	size_t n = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (n == sizeof(text) || memchr(text, '\0', n) != NULL) {
		error_set(e, ERR_USAGE, "%.200s is no map", value);
		return NULL;
	}
	text[n] = '\0';
	return csv_map_new(text, e);
}

/* What the rows of a transaction come from: groups, one after the other. */
struct batch {
	struct log_group groups; /* first to end: of all its groups */
	bool open;
	uint64_t rows; /* when it began */
};

static uint64_t rows_of(const struct log_out *out)
{
	uint64_t n = 0;
	for (size_t i = 0; i < RECORD_TYPES; i++)
		n += out->records[i];
	return n;
}

static bool is_read(const struct input_source *s)
{
	return s->usable && s->log && !s->skipped;
}

static bool any_to_read(const struct input *in, struct log_group g)
{
	for (size_t i = g.first; i < g.end; i++) {
		if (is_read(input_source(in, i)))
			return true;
	}
	return false;
}

/* Standard input and pipes are groups of their own; their bytes are known after reading.
 */
static bool stream_was_known(const struct logs *l, struct log_group g)
{
	const struct input_source *s = input_source(l->input, g.first);
	const uint64_t whole[2] = {s->whole.high, s->whole.low};
	return is_read(s) && s->size == 0 && store_knows_whole(l->store, whole);
}

static int note_files(struct logs *l, struct log_group g, struct error *e)
{
	for (size_t i = g.first; i < g.end; i++) {
		const struct input_source *s = input_source(l->input, i);
		if (!is_read(s))
			continue;
		struct store_input in = {{s->prefix.high, s->prefix.low},
		    {s->whole.high, s->whole.low}, s->bytes, s->frames, s->path};
		if (store_add_input(l->store, &in, e) < 0)
			return -1;
		l->files++;
		l->entries += s->frames;
	}
	return 0;
}

static int commit(struct logs *l, struct batch *b, struct log_out *out, struct error *e)
{
	if (!b->open)
		return 0;
	log_out_flush(out);
	b->open = false;
	l->transactions++;
	if (store_failed(l->store, e) || note_files(l, b->groups, e) < 0)
		return -1;
	return store_commit(l->store, e);
}

/* Read one group into the transaction, beginning one where none is open. */
static int read_group(struct logs *l, struct batch *b, struct log_group g,
    struct log_out *out, struct error *e)
{
	if (!b->open) {
		if (store_begin(l->store, e) < 0)
			return -1;
		*b = (struct batch){{g.first, g.end}, true, rows_of(out)};
		out->sink = store_sink(l->store);
	}
	b->groups.end = g.end;
	log_group_run(l->input, g, out, l->stop, l->ctx);
	return store_failed(l->store, e) ? -1 : 0;
}

static int run(struct logs *l, struct log_out *out, struct error *e)
{
	struct batch b = {0};
	for (size_t at = 0;;) {
		struct log_group g = log_group_next(l->input, at);
		if (g.first == g.end)
			break;
		at = g.end;
		if (!any_to_read(l->input, g))
			continue;
		bool stream = input_source(l->input, g.first)->size == 0;
		if (stream && commit(l, &b, out, e) < 0)
			return -1;
		if (read_group(l, &b, g, out, e) < 0)
			return -1;
		if (stream && stream_was_known(l, g)) {
			log_out_flush(out);
			store_abort(l->store);
			b.open = false;
			l->known++;
			input_skip(l->input, g.first);
		}
		if ((stream || rows_of(out) - b.rows >= LOGS_ROWS_A_COMMIT) &&
		    commit(l, &b, out, e) < 0)
			return -1;
	}
	return commit(l, &b, out, e);
}

static void put_nowhere(void *ctx, enum record_type type, const void *record)
{
	(void)ctx;
	(void)type;
	(void)record;
}

int logs_run(struct logs *l, struct error *e)
{
	struct record_sink none = {put_nowhere, NULL};
	struct log_out out;
	if (!log_out_init(&out, l->sensor, &none))
		return error_set(e, ERR_SYSTEM, "no memory for reading logs");
	int result = run(l, &out, e);
	if (result < 0)
		store_abort(l->store);
	l->rows = rows_of(&out);
	l->connections = out.records[RECORD_CONN];
	log_out_fini(&out);
	return result;
}
