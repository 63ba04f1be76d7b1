/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/examine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES_MAX (256u << 20) /* of the names of all sources */

static void count_type(struct examined *s, uint16_t type)
{
	for (size_t i = 0; i < EXAMINE_TYPES; i++) {
		if (s->types[i].n == 0)
			s->types[i].type = type;
		if (s->types[i].type == type) {
			s->types[i].n++;
			return;
		}
	}
	s->types_beyond++;
}

static void count_why(struct examined *s, const struct frame *f)
{
	struct decode_why why = decode_why(f);
	switch (why.reason) {
	case REASON_LINK:
		s->link_unread++;
		break;
	case REASON_WIFI_ENCRYPTED:
		s->wifi_encrypted++;
		break;
	case REASON_WIFI_MANAGEMENT:
		s->wifi_management++;
		break;
	case REASON_LLC:
		s->llc++;
		break;
	case REASON_ETHERTYPE:
		count_type(s, why.type);
		break;
	case REASON_OTHER:
		break;
	}
}

static void count_frame(struct examined *s, const struct frame *f)
{
	struct packet packet;
	enum decode_outcome outcome = decode_frame(f, &packet);
	s->frames++;
	s->link = f->link;
	s->decoded[outcome]++;
	if (f->captured < f->wire) {
		s->cut++;
		if (f->captured > s->cut_longest)
			s->cut_longest = f->captured;
	}
	if (outcome == DECODE_NOT_IP || outcome == DECODE_UNSUPPORTED)
		count_why(s, f);
}

static bool take_frames(void *ctx, const struct frame *v, size_t n)
{
	struct examine *x = ctx;
	for (size_t i = 0; i < n; i++) {
		if (v[i].source < x->n)
			count_frame(&x->sources[v[i].source], &v[i]);
	}
	return x->frames.frames(x->frames.ctx, v, n);
}

/* The source whose records carry that name; most have that of the record before. */
static struct examined *source_named(struct examine *x, struct str name)
{
	for (size_t i = 0; i < x->n; i++) {
		size_t at = (x->last + i) % x->n;
		if (str_equal(x->names[at], name)) {
			x->last = at;
			return &x->sources[at];
		}
	}
	return NULL;
}

static struct str source_of(enum record_type type, const void *record)
{
	const struct record_info *info = record_info(type);
	for (size_t i = 0; i < info->field_count; i++) {
		if (strcmp(info->fields[i].name, "source") == 0)
			return *(
			    const field_TEXT *)(const void *)((const char *)record +
							      info->fields[i].offset);
	}
	return (struct str){0};
}

static void take_record(void *ctx, enum record_type type, const void *record)
{
	struct examine *x = ctx;
	if (type == RECORD_WATCH)
		return;
	struct examined *s = source_named(x, source_of(type, record));
	if (s == NULL)
		return;
	if (type == RECORD_CONN) {
		const struct conn_record *c = record;
		s->conns++;
		s->one_way += c->src_packets == 0 || c->dst_packets == 0;
	} else if (type != RECORD_ANOMALY) {
		s->records++;
	}
}

static void note_issue(struct examined *s, const struct input_issue *issue)
{
	if (s->issues++ > 0)
		return;
	snprintf(s->issue, sizeof(s->issue), "%s", issue->reason);
	s->issue_offset = issue->offset;
}

/* Before there are sources: kept by path. */
static void note_early(struct examine *x, const struct input_issue *issue)
{
	struct early_issue *early = &x->early[x->early_count];
	char *path = x->early_count < EXAMINE_EARLY ? strdup(issue->path) : NULL;
	if (path == NULL) {
		x->early_beyond++;
		return;
	}
	*early = (struct early_issue){.path = path};
	note_issue(&early->what, issue);
	x->early_count++;
}

static void take_issue(void *ctx, const struct input_issue *issue)
{
	struct examine *x = ctx;
	for (size_t i = 0; i < x->n; i++) {
		if (strcmp(input_source(x->in, i)->path, issue->path) == 0) {
			note_issue(&x->sources[i], issue);
			return;
		}
	}
	note_early(x, issue);
}

static int read_logs(struct examine *x, struct error *e)
{
	struct log_out out;
	struct record_sink sink = {take_record, x};
	if (!log_out_init(&out, "doctor", &sink))
		return error_set(e, ERR_SYSTEM, "no memory to read logs");
	for (size_t at = 0;;) {
		struct log_group g = log_group_next(x->in, at);
		if (g.first == g.end)
			break;
		at = g.end;
		log_group_run(x->in, g, &out, NULL, NULL);
	}
	log_out_flush(&out);
	log_out_fini(&out);
	for (size_t i = 0; i < x->n; i++) {
		if (input_source(x->in, i)->log)
			x->sources[i].frames = input_source(x->in, i)->frames;
	}
	return 0;
}

/* A path that became a source: what was said of it before is said of that. */
static void adopt_early(struct examine *x, size_t source)
{
	const char *path = input_source(x->in, source)->path;
	for (size_t i = 0; i < x->early_count; i++) {
		struct early_issue *early = &x->early[i];
		if (early->taken || strcmp(early->path, path) != 0)
			continue;
		x->sources[source] = early->what;
		early->taken = true;
	}
}

static int begin(struct examine *x, struct error *e)
{
	size_t n = input_count(x->in);
	arena_init(&x->arena, NAMES_BYTES_MAX);
	x->sources = calloc(n + 1, sizeof(*x->sources));
	x->names = arena_alloc(&x->arena, (n + 1) * sizeof(*x->names));
	struct record_sink sink = {take_record, x};
	x->pipeline = pipeline_new(
	    &(struct pipeline_options){.in = x->in, .sensor = "doctor"}, &sink);
	if (x->sources == NULL || x->names == NULL || x->pipeline == NULL)
		return error_set(e, ERR_SYSTEM, "no memory to look at the inputs");
	for (size_t i = 0; i < n; i++) {
		const char *path = input_source(x->in, i)->path;
		x->names[i] = str_clean(&x->arena, path, strlen(path));
		adopt_early(x, i);
	}
	x->n = n;
	return 0;
}

int examine_run(struct examine *x, char *const *paths, size_t n,
    const struct csv_map *csv, struct error *e)
{
	static const uint8_t no_secret[INPUT_SECRET_BYTES]; /* nothing is remembered */
	x->issues = (struct issue_sink){take_issue, x};
	x->in = input_new(no_secret, &x->issues);
	if (x->in == NULL)
		return error_set(e, ERR_SYSTEM, "no memory for the list of inputs");
	for (size_t i = 0; i < n; i++)
		input_add(x->in, paths[i]);
	input_set_csv(x->in, csv);
	input_plan(x->in);
	if (begin(x, e) < 0)
		return -1;
	x->frames = pipeline_frame_sink(x->pipeline);
	struct frame_sink sink = {take_frames, x};
	input_run(x->in, &sink);
	pipeline_finish(x->pipeline);
	return read_logs(x, e);
}

void examine_free(struct examine *x)
{
	pipeline_free(x->pipeline);
	input_free(x->in);
	free(x->sources);
	for (size_t i = 0; i < x->early_count; i++)
		free(x->early[i].path);
	arena_fini(&x->arena);
}
