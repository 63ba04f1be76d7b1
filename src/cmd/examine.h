/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each input when it is read: frames, packets, connections and records by
 * source, and why some gave none. It stands before and behind a pipeline:
 *
 *     frame_sink ─▶ examine ─▶ pipeline ─▶ examine ─▶ (nowhere)
 */
#ifndef DWELL_CMD_EXAMINE_H
#define DWELL_CMD_EXAMINE_H

#include "cmd/pipeline.h"
#include "decode/reason.h"
#include "input/csv.h"
#include "input/log_run.h"

#define EXAMINE_TYPES 8   /* EtherTypes of a source that are told apart */
#define EXAMINE_EARLY 256 /* paths that are no source and are named with their reason */

/* One source, as it was read. */
struct examined {
	uint64_t frames; /* of a capture; of a log, its entries */
	uint64_t decoded[DECODE_OUTCOMES];
	uint64_t cut;         /* packets of which the capture kept only a part … */
	uint32_t cut_longest; /* … of at most so many bytes */
	uint64_t link_unread, wifi_encrypted, wifi_management, llc;
	uint16_t link; /* of its last frame */
	struct {
		uint16_t type;
		uint64_t n;
	} types[EXAMINE_TYPES]; /* EtherTypes that are not IP, as they came */
	uint64_t types_beyond;  /* frames of further ones */
	uint64_t conns, one_way;
	uint64_t records; /* of protocols */
	uint64_t issues;
	char issue[FAULT_REASON_MAX]; /* the first one; empty: none */
	uint64_t issue_offset;
};

/* What was said of a path before it was a source, or that never became one. */
struct early_issue {
	char *path; /* owned */
	struct examined what;
	bool taken; /* by a source */
};

struct examine {
	struct input *in; /* owned */
	struct issue_sink issues;
	struct examined *sources; /* of in, by their number; owned */
	size_t n;
	struct str *names; /* of the sources, as records hold them; in the arena */
	size_t last;       /* source of the last record */
	struct arena arena;
	struct early_issue early[EXAMINE_EARLY];
	size_t early_count;
	uint64_t early_beyond; /* issues of further paths */
	struct pipeline *pipeline;
	struct frame_sink frames; /* of the pipeline */
};

/*
 * Read the n paths, captures and logs (csv: the map of CSV files, borrowed, or NULL), and
 * count. pipeline and in stay for what they counted. Negative with *e set without memory.
 */
int examine_run(struct examine *x, char *const *paths, size_t n,
    const struct csv_map *csv, struct error *e);

/* Free what it holds, after examine_run, whatever that gave. */
void examine_free(struct examine *x);

#endif
