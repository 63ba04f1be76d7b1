/* SPDX-License-Identifier: Apache-2.0 */
#include "input/netflow_group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void put_conn(void *ctx, const struct netflow_conn *c)
{
	struct netflow_group *g = ctx;
	struct conn_record r;
	netflow_conn_record(c, g->scratch, &r);
	if (c->row.source < g->files)
		r.source = g->file[c->row.source].name;
	r.source_offset = c->row.offset;
	log_out_put(g->out, g->kind, RECORD_CONN, &r);
	arena_reset(g->scratch);
}

static void put_row(void *ctx, const struct netflow_row *row)
{
	netflow_group_row(ctx, row);
}

static void put_lost(void *ctx, uint8_t version, struct moment seen, uint64_t n)
{
	struct netflow_group *g = ctx;
	(void)version;
	log_out_drops(g->out, g->kind, seen, n);
}

bool netflow_group_init(struct netflow_group *g, const char *kind)
{
	*g = (struct netflow_group){.kind = kind};
	arena_init(&g->names, NETFLOW_GROUP_NAMES);
	g->file = calloc(NETFLOW_GROUP_FILES, sizeof(*g->file));
	g->join = netflow_join_new(NETFLOW_JOIN_MAX, put_conn, g);
	if (g->file != NULL && g->join != NULL)
		return true;
	netflow_group_fini(g);
	return false;
}

uint32_t netflow_group_file(struct netflow_group *g, struct log_file *f)
{
	g->out = f->out;
	g->scratch = f->scratch;
	if (g->files == NETFLOW_GROUP_FILES)
		return NETFLOW_GROUP_FILES;
	g->file[g->files].name = str_format(&g->names, "%.*s", STR_ARG(f->source));
	return g->files++;
}

struct netflow_sink netflow_group_sink(struct netflow_group *g)
{
	return (struct netflow_sink){put_row, put_lost, g};
}

void netflow_group_row(struct netflow_group *g, const struct netflow_row *row)
{
	netflow_join_put(g->join, row);
}

void netflow_group_orphan(void *ctx, uint32_t file, uint64_t offset, uint16_t id)
{
	struct netflow_group *g = ctx;
	if (file >= g->files)
		return;
	struct netflow_file *f = &g->file[file];
	if (f->orphans++ > 0)
		return;
	f->offset = offset;
	f->template = id;
}

static void report_orphans(const struct netflow_group *g)
{
	for (uint32_t i = 0; i < g->files && g->out->issue != NULL; i++) {
		const struct netflow_file *f = &g->file[i];
		char text[FAULT_REASON_MAX];
		if (f->orphans == 0 || f->name.p == NULL ||
		    snprintf(text, sizeof(text),
			"data of template %u, which no file here defines (%" PRIu64
			" data sets not read)",
			f->template, f->orphans) < 0)
			continue;
		struct input_issue issue = {
		    INPUT_UNSUPPORTED, f->name.p, f->offset, text};
		g->out->issue(g->out->issue_ctx, &issue);
	}
}

void netflow_group_finish(struct netflow_group *g)
{
	if (g->out == NULL)
		return;
	netflow_join_finish(g->join);
	report_orphans(g);
}

void netflow_group_fini(struct netflow_group *g)
{
	netflow_join_free(g->join);
	arena_fini(&g->names);
	free(g->file);
}
