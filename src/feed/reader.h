/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of formats share: one file on its way into the set. A format knows
 * itself by the head of the file, takes lines or the whole document from the reader, and
 * gives indicators through feed_put and what it can not use through feed_skip.
 */
#ifndef DWELL_FEED_READER_H
#define DWELL_FEED_READER_H

#include "feed/feed.h"
#include "feed/set.h"
#include "input/stream.h"

#define FEED_HEAD_BYTES    65536      /* looked at to recognise a format */
#define FEED_SCRATCH_BYTES (8U << 20) /* memory of one line, object or item */

struct feed_reader {
	struct indicators *set;
	struct stream *stream;     /* borrowed */
	struct arena arena;        /* emptied before each line, object or item */
	struct feed_report report; /* of this file */
	struct str file;           /* report.path */
	uint32_t at;               /* line or ordinal that is being read, from 1 */
	bool full;                 /* the set takes no more: stop */
};

struct feed_format {
	const char *name; /* "csv" */
	const char *unit; /* "line" */

	/* Whether the head of a file (without byte order mark) is of this format. */
	bool (*probe)(struct str head, bool whole);

	/* Read the reader's stream to its end. */
	void (*read)(struct feed_reader *r);
};

extern const struct feed_format format_zeek, format_openioc, format_stix, format_misp,
    format_manifest, format_hashes, format_objects, format_dataset, format_csv,
    format_plain;

/* The next line without its end (LF, CR LF), borrowed until the next call; r->at is its
 * number. Lines over FEED_LINE_MAX are counted and passed over. False at the end. */
bool feed_line(struct feed_reader *r, struct str *line);

/* The whole rest of the stream, *n bytes that the caller frees; NULL when it is over
 * FEED_DOCUMENT_MAX or there is no memory (the report says so). */
char *feed_document(struct feed_reader *r, size_t *n);

/* Add an indicator found at r->at (file and at are filled in); its place in the set, or
 * false when it is over a limit, which is counted. */
bool feed_put(struct feed_reader *r, struct indicator *in, uint32_t *index);

/* Count something at r->at that can not be used; why is static or NULL. */
void feed_skip(
    struct feed_reader *r, enum feed_skip skip, struct str text, const char *why);

/* Note that the file is damaged at an offset; the first damage is kept. */
__attribute__((format(printf, 3, 4))) void feed_damage(
    struct feed_reader *r, uint64_t offset, const char *format, ...);

/* A time as feeds write it: ISO 8601 with or without time of day and zone, or seconds
 * since 1970. Without a zone UTC is meant. False when it is none. */
bool feed_when(struct str text, struct moment *when);

/* A value that a format could not normalise: the kind of skip that its reason means. */
enum feed_skip feed_skip_of(const char *why);

/* text without white space at both ends. */
struct str feed_trim(struct str text);

/* Whether the text begins with prefix, whatever the case of its letters. */
bool feed_starts(struct str text, const char *prefix);

/* Whether both are the same, whatever the case of ASCII letters. */
bool feed_same(struct str text, const char *word);

/* Cut the first line off the head; false when none is left. */
bool feed_head_line(struct str *head, struct str *line);

#endif
