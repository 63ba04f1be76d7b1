/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs of other tools as input: the contract of their readers. Like a capture a log is a
 * source in the list of an input, recognised by its content, decompressed by the same
 * stream, known by the same digests; unlike one it gives records at once.
 *
 *     stream ─▶ reader (log_table.h) ─▶ log_put ─▶ record_sink
 *                                          └─────▶ a row of watch for each minute
 *
 * Sources are read in groups (log_run.h): files of one folder, next to each other in
 * time. A group is a transaction, so what a reader remembers from one file for another
 * (templates, half connections, names by uid) lives as long as a group and no longer:
 * killed and run again, the same groups give the same rows.
 *
 * A new log format is a file with a const struct log_format and a line in log_table.h.
 */
#ifndef DWELL_INPUT_LOG_H
#define DWELL_INPUT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "input/fault.h"
#include "input/input.h"
#include "input/log_minutes.h"
#include "input/stream.h"
#include "record/record.h"

#define LOG_PIECE_BYTES 65536       /* a reader takes about so much at once */
#define LOG_SCRATCH_MAX (4U << 20)  /* bytes of texts of one record, and of its lists */
#define LOG_NAME_MAX    (64U << 10) /* bytes of a source's name as rows hold it */

struct csv_map;

/* Where records of logs go: to a sink, counted, with a row of watch for each minute. Also
 * of use without files, by whoever listens on a socket. */
struct log_out {
	struct record_sink sink;
	struct str sensor; /* borrowed */
	struct log_minutes minutes;
	uint64_t records[RECORD_TYPES];
	/* For what only the end of a group shows to be missing; NULL outside of one. */
	void (*issue)(void *ctx, const struct input_issue *issue);
	void *issue_ctx;
};

/* Start; the sink is copied, the sensor's name borrowed. False without memory. */
bool log_out_init(
    struct log_out *out, const char *sensor, const struct record_sink *sink);

/*
 * Put a record, whose columns source and source_offset the caller has set; the column
 * sensor may be left absent. kind (static) is the kind of watching: zeek, eve, netflow,
 * ipfix, nfdump, csv. A connection counts in the minute in which it ended.
 */
void log_out_put(
    struct log_out *out, const char *kind, enum record_type type, void *record);

/* The log says that n packets (or exports) were lost at that time. */
void log_out_drops(struct log_out *out, const char *kind, struct moment ts, uint64_t n);

/* Emit the rows of watch that are held; to be called before each commit. */
void log_out_flush(struct log_out *out);

/* Free what it holds. */
void log_out_fini(struct log_out *out);

/* The first bytes of a source, decompressed, and what else may help to know it. */
struct log_head {
	const uint8_t *p;
	size_t n;                  /* up to STREAM_PEEK_MAX */
	bool whole;                /* there is no more */
	const char *path;          /* borrowed */
	const struct csv_map *csv; /* what the user said of CSV files; NULL: nothing */
};

/* What a look at the head tells. */
struct log_look {
	struct moment first; /* the first time in it; MOMENT_NONE: unknown */
	/*
	 * Sources of one format in one group are read side by side by time, one file of
	 * each lane at a moment; where times are equal, the lower lane is read first. A
	 * format whose files need no others leaves it 0. Below LOG_LANES.
	 */
	unsigned lane;
	/* Counted and passed over: a log that is understood, but of which no table is
	 * kept. */
	bool not_kept;
};

#define LOG_LANES 8

/* One file that is being read. */
struct log_file {
	const struct log_format *format;
	struct stream *stream; /* borrowed; the reader takes bytes from it */
	struct str source;     /* its name as rows hold it: clean; borrowed */
	const char *path;      /* as it was found; borrowed */
	const struct csv_map *csv;
	unsigned lane;
	struct log_out *out; /* borrowed */
	struct arena
	    *scratch; /* emptied by log_put; for texts of the record being made */
	void *group;  /* the reader's state for this group: what begin gave */
	void *own;    /* the reader's state for this file: set by open, freed by close */
	struct moment
	    now; /* how far in time it was read; set by read; orders the lanes */
	struct moment until; /* a piece ends once now is past it, as what it needs of
				lower lanes is not read yet; set by the caller */
	uint64_t rows;       /* records put */
	uint64_t entries;    /* lines, flow records: what the file holds; set by read */
	struct log_fault {
		uint64_t count;                /* entries that could not be read */
		uint64_t offset;               /* of the first */
		char reason[FAULT_REASON_MAX]; /* of the first */
	} faults[INPUT_OUTCOMES];
};

struct log_format {
	const char *names[4]; /* plain, then with each codec, by codec.index; static */
	const char *kind;     /* in watch.kind; static */

	/* Whether the head is of such a log; look (cleared by the caller) is filled in.
	 */
	bool (*probe)(const struct log_head *head, struct log_look *look);

	/* State of a group, before its first file of this format; NULL without memory.
	 * Both may be NULL together: none is needed. */
	void *(*begin)(void);

	/* The group is over: put what is still held (out and scratch are those of the
	 * files), free it. */
	void (*end)(void *group, struct log_out *out, struct arena *scratch);

	/* Start a file; false without memory. May be NULL. */
	bool (*open)(struct log_file *f);

	/* Take about LOG_PIECE_BYTES from f->stream (all that can be had, if there are
	 * fewer), put their records; stop before an entry whose time is past f->until,
	 * with f->now set to it. False at the end of the file; faults of the stream
	 * itself are reported by the caller. */
	bool (*read)(struct log_file *f);

	/* End a file, also one that was not read to its end. May be NULL. */
	void (*close)(struct log_file *f);
};

/* Put a record of this file: sets sensor and source, and source_offset to offset
 * (bytes, decompressed); empties the scratch arena. */
void log_put(struct log_file *f, enum record_type type, void *record, uint64_t offset);

/* Count an entry that can not be read. The first of each outcome in a file is reported
 * when the file is closed, as one line with their number. */
__attribute__((format(printf, 4, 5))) void log_fault(struct log_file *f,
    enum input_outcome outcome, uint64_t offset, const char *format, ...);

/* The format of a log with that head; NULL when it is none that dwell reads. */
const struct log_format *log_recognise(
    const struct log_head *head, struct log_look *look);

#endif
