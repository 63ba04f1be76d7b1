/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inputs that the memory has read, by digest. They are kept as
 * journal/inputs/SEQ.jsonl, a file a transaction, which a commit moves into place like a
 * segment; once there are many, a transaction writes all of them anew and removes the old
 * files in the same commit.
 */
#ifndef DWELL_STORE_INPUTS_H
#define DWELL_STORE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

#define INPUTS_MAX       4000000 /* inputs a memory may have */
#define INPUTS_FILES_MAX 64      /* files of inputs before they are written anew as one */
#define INPUTS_SUFFIX    ".jsonl"

struct input_entry {
	uint64_t prefix[2], whole[2];
	uint64_t bytes, frames;
	char *name; /* owned; clean text */
};

struct inputs {
	struct input_entry *v; /* owned */
	size_t n, room;
	size_t *by_prefix, *by_whole; /* indexes of v, sorted; owned */
	size_t indexed;               /* how many of v are in the two indexes */
	char **files;                 /* names of the files they came from; owned */
	size_t file_count;
	uint32_t seq; /* the greatest in a file's name */
};

/* Read all files in folder (which may be missing). Negative with *e set. */
int inputs_load(struct inputs *in, const char *folder, struct error *e);

/* Remember an input. Negative with *e set. */
int inputs_add(struct inputs *in, const struct store_input *input, struct error *e);

/* Forget all after the first n. */
void inputs_cut(struct inputs *in, size_t n);

/* Write entries [from, n) to path, one JSON object a line. */
int inputs_write(const struct inputs *in, size_t from, const char *path, struct error *e);

/* Make the entries that were added findable. */
int inputs_index(struct inputs *in, struct error *e);

/* Whether some input begins with these bytes. */
bool inputs_have_prefix(const struct inputs *in, const uint64_t prefix[static 2]);
bool inputs_have_whole(const struct inputs *in, const uint64_t whole[static 2]);

/* Free what it owns. */
void inputs_free(struct inputs *in);

#endif
