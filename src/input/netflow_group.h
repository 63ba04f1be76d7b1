/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of flow records share for a group of files: the table that joins rows
 * to connections, and the names of the files, because a connection is given when its
 * file may be closed already.
 */
#ifndef DWELL_INPUT_NETFLOW_GROUP_H
#define DWELL_INPUT_NETFLOW_GROUP_H

#include "input/log.h"
#include "input/netflow_join.h"

#define NETFLOW_GROUP_FILES 4096       /* names kept; rows of more files have none */
#define NETFLOW_GROUP_NAMES (8U << 20) /* bytes of them */

struct netflow_group {
	const char *kind; /* static: in watch.kind */
	struct netflow_join *join;
	struct log_out *out; /* borrowed; set with each file */
	struct arena *scratch;
	struct arena names;
	struct netflow_file {
		struct str name;  /* NUL-terminated */
		uint64_t orphans; /* data sets that could not be read, … */
		uint64_t offset;  /* … and of the first where it is and the template */
		uint16_t template;
	} * file; /* NETFLOW_GROUP_FILES */
	uint32_t files;
};

/* Start; false without memory. */
bool netflow_group_init(struct netflow_group *g, const char *kind);

/* A file begins: gives the number that stands for it in rows. */
uint32_t netflow_group_file(struct netflow_group *g, struct log_file *f);

/* Rows go here (a netflow_sink with g as its ctx), … */
struct netflow_sink netflow_group_sink(struct netflow_group *g);

/* … or here, one by one. */
void netflow_group_row(struct netflow_group *g, const struct netflow_row *row);

/* A data set of a file has no template anywhere (the orphan of netflow_finish). */
void netflow_group_orphan(void *ctx, uint32_t file, uint64_t offset, uint16_t id);

/* Say of each file what could not be read for want of a template, and give all
 * that are held. */
void netflow_group_finish(struct netflow_group *g);

/* Free all it owns. */
void netflow_group_fini(struct netflow_group *g);

#endif
