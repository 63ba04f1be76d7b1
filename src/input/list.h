/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of sources behind struct input, shared by the files that find them (walk.c),
 * look at them (plan.c) and read them (merge.c).
 */
#ifndef DWELL_INPUT_LIST_H
#define DWELL_INPUT_LIST_H

#include <sys/types.h>

#include "input/input.h"
#include "input/log.h"
#include "input/reader.h"

#define LIST_SOURCES_MAX 500000 /* of one input: about 125 MiB of paths, digests */

/* A source that is being read: its bytes, its frames,
 * and a batch of them not yet delivered. */
struct active {
	struct stream *stream;
	struct reader reader;
	struct frame batch[FRAME_BATCH_MAX];
	size_t n, next; /* frames in batch, and the first that is not delivered */
	uint32_t index; /* number of its source */
};

struct source {
	struct input_source pub;
	char *path;       /* owned; pub.path */
	bool named;       /* given by the user, not found in a folder */
	bool again;       /* can be read more than once: a regular file */
	bool whole_known; /* pub.whole is set */
	bool at_end;      /* all of it was seen while looking at its head */
	bool compressed;
	const struct log_format *log; /* NULL: a capture */
	unsigned lane;                /* of a log */
	dev_t device;                 /* with inode: which file it is; only when again */
	ino_t inode;
	size_t memory;       /* what its decoder was seen to hold */
	struct active *kept; /* opened by the plan, because it can not be opened again */
};

struct input {
	struct source *
	    *sources; /* owned, each too; after the plan the usable ones come first */
	size_t count, room;
	const struct issue_sink *issues; /* borrowed */
	uint64_t counters[INPUT_OUTCOMES];
	uint64_t done;   /* bytes on disk of the sources that were read to their end */
	uint64_t active; /* the same of those being read */
	uint8_t secret[INPUT_SECRET_BYTES];
	const struct csv_map *csv; /* borrowed; NULL: none */
	uint64_t not_kept; /* logs that are understood, but of which no table is kept */
};

/* Count and report an issue. */
void list_issue(struct input *in, enum input_outcome outcome, const char *path,
    uint64_t offset, const char *reason);

/* Report what ended the reading of a source. */
void list_fault(struct input *in, const char *path, const struct fault *f);

/* Add a source; the path is copied. False, with an issue, at a limit. */
bool list_add(struct input *in, const char *path, bool named);

/* Open source i for reading: the file, its bytes, its format.
 * NULL with an issue (or, where the file is no capture and
 * was found in a folder, in silence). Owned by the caller. */
struct active *active_open(struct input *in, uint32_t i);

/* Get the next batch; false at the end. */
bool active_next(struct active *a);

/* End it; NULL is fine. */
void active_close(struct active *a);

#endif
