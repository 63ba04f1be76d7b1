/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From paths to frames: files, folders of them (in any depth) and
 * standard input ("-"), plain or compressed, pcap or pcapng, become
 * one stream of frames in time order. A capture that was rotated over
 * many files is one stream; files that overlap in time are merged.
 *
 * Use: input_new, input_add for each path,
 * input_plan, (input_skip …), input_run, input_free.
 */
#ifndef DWELL_INPUT_INPUT_H
#define DWELL_INPUT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "input/frame.h"

#define INPUT_PREFIX_BYTES 65536 /* how much of a source its prefix digest covers */
#define INPUT_SECRET_BYTES 192   /* XXH3's secret */

/* What became of something that could not be read; each kind has a counter. */
enum input_outcome {
	INPUT_TRUNCATED,   /* ends in the middle of something: all before it was kept */
	INPUT_MALFORMED,   /* contradicts its format: all before it was kept */
	INPUT_UNSUPPORTED, /* of a kind that dwell does not read */
	INPUT_OVER_LIMIT,  /* a named limit was reached */
	INPUT_UNREADABLE,  /* the operating system refused */
	INPUT_OUTCOMES
};

struct input_issue {
	enum input_outcome outcome;
	const char *path;   /* borrowed */
	uint64_t offset;    /* in decompressed bytes */
	const char *reason; /* one line, for people; borrowed */
};

struct issue_sink {
	void (*issue)(void *ctx, const struct input_issue *issue);
	void *ctx;
};

/* The identity of some bytes: XXH3-128 under the
 * memory's secret, so that nobody can forge it. */
struct digest {
	uint64_t high, low;
};

struct input_source {
	const char *path; /* as found; "-" for standard input; borrowed from the input */
	const char *
	    format; /* "pcap", "pcapng", "zeek" …, with "+gzip", "+zstd", "+xz"; static */
	struct digest prefix; /* of INPUT_PREFIX_BYTES, decompressed; after input_plan */
	struct digest whole;  /* of all, decompressed; after input_run or input_digest */
	uint64_t bytes;       /* decompressed bytes read */
	uint64_t size;        /* bytes of the file on disk; 0: unknown */
	uint64_t frames;      /* frames delivered; of a log, its entries */
	uint64_t drops;       /* packets the capture lost, as pcapng statistics say */
	struct moment first;  /* time of its first frame or entry; after input_plan */
	bool usable;          /* a capture or a log that dwell reads */
	bool log;             /* a log: log_run.h reads it, not input_run */
	bool skipped;  /* by input_skip, or as the same bytes are in the list before */
	bool complete; /* was read to its end without an issue */
};

struct input;
struct csv_map;

/* A new input whose digests use the secret (copied); NULL only without memory. */
struct input *input_new(
    const uint8_t secret[static INPUT_SECRET_BYTES], const struct issue_sink *issues);

/*
 * Add a file, a folder (walked; symbolic links to folders are not followed; files that
 * are no captures are passed over in silence there but are an issue when named) or "-". A
 * path that can not be read becomes an issue. Never fails otherwise.
 */
void input_add(struct input *in, const char *path);

/* Say how CSV files are to be read (borrowed); before input_plan. */
void input_set_csv(struct input *in, const struct csv_map *csv);

/* How many logs were passed over, of kinds of which no table is kept. */
uint64_t input_not_kept(const struct input *in);

/* Look at the head of every source: format,
 * first time, prefix digest; drop doubles; sort. */
void input_plan(struct input *in);

/* How many sources there are, and the i-th in reading order (after input_plan). */
size_t input_count(const struct input *in);
const struct input_source *input_source(const struct input *in, size_t i);

/* Compute the whole digest of source i now,
 * by reading it; false when it can not be read. */
bool input_digest(struct input *in, size_t i);

/* Leave source i out of input_run. */
void input_skip(struct input *in, size_t i);

/* Read all captures, merged by time. False when the sink stopped it. */
bool input_run(struct input *in, const struct frame_sink *sink);

/* Bytes on disk consumed so far and in all (0: unknown), for a progress line. */
void input_progress(const struct input *in, uint64_t *done, uint64_t *all);

/* How many issues of a kind were reported so far. */
uint64_t input_issues(const struct input *in, enum input_outcome outcome);

/* Close and free everything; NULL is fine. */
void input_free(struct input *in);

#endif
