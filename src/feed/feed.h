/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files to indicators. The format is known by the content, plain or compressed
 * (gzip, zstd, xz): one a line, CSV, STIX 2.1, MISP, Zeek's intelligence files, OpenIOC,
 * Suricata's datasets; doc/format/feeds.md says what is read of each.
 *
 * Lists of lines are streamed. JSON and XML are held in memory and have a limit. A line
 * or an object that can not be used is counted by its reason, and the first of each
 * reason is kept as an example: one report a file, never a line for each.
 */
#ifndef DWELL_FEED_FEED_H
#define DWELL_FEED_FEED_H

#include "base/error.h"
#include "feed/indicator.h"

#define FEED_DOCUMENT_MAX (256U << 20) /* bytes of one JSON or XML document, unpacked */
#define FEED_LINE_MAX     65536        /* bytes of one line */
#define FEED_DEPTH_MAX    64           /* nesting of JSON and XML */
#define FEED_EXAMPLE_MAX  120          /* bytes of an example */

/* S(enumerator, words for people) */
/* clang-format off */
#define FEED_SKIPS(S) \
	S(MALFORMED,   "malformed") \
	S(UNKNOWN,     "of no kind that dwell knows") \
	S(UNSUPPORTED, "of a kind that dwell keeps no record of") \
	S(NOT_ASKED,   "marked as not for detection") \
	S(OVER_LIMIT,  "over a limit") \
	S(TOO_LONG,    "too long")
/* clang-format on */

enum feed_skip {
#define S(enumerator, words) FEED_##enumerator,
	FEED_SKIPS(S)
#undef S
	    FEED_SKIP_COUNT
};

struct feed_skipped {
	uint64_t count;
	uint32_t at;                    /* line or ordinal of the first */
	char example[FEED_EXAMPLE_MAX]; /* its text, clean, NUL-terminated */
	const char *why;                /* its reason, static; NULL: none closer */
};

/* What one file gave. */
struct feed_report {
	const char *path;   /* borrowed */
	const char *format; /* "stix", "misp", "csv" ...; static; NULL: not recognised */
	const char *unit;   /* what at counts: "line", "object" ...; static */
	uint64_t seen;      /* lines or objects that could have held indicators */
	uint64_t indicators, patterns; /* added to the set, leaves not counted */
	uint64_t merged;               /* said again what the set had */
	uint64_t broad;   /* accepted, but so wide that they match nearly everything */
	uint64_t ignored; /* objects that say nothing to look for (sightings ...) */
	struct feed_skipped skipped[FEED_SKIP_COUNT];
	bool damaged;     /* ended early: what came before was kept */
	uint64_t offset;  /* of the damage, in unpacked bytes */
	char reason[160]; /* of the damage, one line */
};

struct feed_sink {
	void (*report)(void *ctx, const struct feed_report *report); /* once a file */
	void *ctx;
};

/*
 * Read a file, a folder of them (a MISP feed; files of no known format are passed over)
 * or
 * "-" into the set. 0 also when files are damaged or empty (their reports say so); -1
 * with e when the path can not be read at all.
 */
int feed_read(struct indicators *set, const char *path, const struct feed_sink *sink,
    struct error *e);

/* Whether something could not be read: damage, or what is malformed, unknown or over a
 * limit. What is not meant for detection, or of a kind without records, is no such issue.
 */
bool feed_has_issues(const struct feed_report *report);

/* The report as one line for people, with counts and first examples; its length. */
size_t feed_report_text(const struct feed_report *report, char *out, size_t size);

#endif
