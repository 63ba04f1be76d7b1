/* SPDX-License-Identifier: Apache-2.0 */
/* The answers of dwell ask, for people and programs. */
#ifndef DWELL_REPORT_ASK_H
#define DWELL_REPORT_ASK_H

#include <stdio.h>

#include "ask/ask.h"
#include "report/report.h"
#include "store/coverage.h"

#define ASK_BLOCKS_MAX 20 /* indicators that are told each with its hosts */

struct ask_report {
	const struct indicators *set;
	const struct ask *ask;
	const struct coverage *coverage; /* of the span that was asked for */
	enum language language;
	bool colour;           /* the stream is a terminal that wants colours */
	bool all;              /* what was not seen too, however many were asked for */
	bool raw;              /* read from the plain rows */
	struct moment decayed; /* rows of connections before it have; MOMENT_NONE: of the
				  span that was asked for none */
	bool from_files; /* some came from feeds, so that it is worth saying which */
};

/* How the answers fell. */
struct ask_count {
	uint64_t all, seen, no, unanswered;
};

/* Count the answers: indicators and patterns, without parts of patterns. */
struct ask_count ask_count_answers(const struct ask_report *r);

/* What was watched, written before the answers are there. r->ask may be NULL. Negative
 * with *e set when out can not be written. */
int report_ask_text_head(const struct ask_report *r, FILE *out, struct error *e);
int report_ask_json_head(const struct ask_report *r, FILE *out, struct error *e);

/* The answers: a block each when few, else a table of those that were seen; one JSON
 * object a line; a row of CSV each; a STIX 2.1 bundle of sightings. */
int report_ask_text(const struct ask_report *r, FILE *out, struct error *e);
int report_ask_json(const struct ask_report *r, FILE *out, struct error *e);
int report_ask_csv(const struct ask_report *r, FILE *out, struct error *e);
int report_ask_stix(const struct ask_report *r, FILE *out, struct error *e);

/* What was watched in words, a sentence each; how many (at most COVERAGE_SENTENCES).
 * In the arena. */
#define COVERAGE_SENTENCES 8
size_t coverage_sentences(const struct coverage *c, enum language l,
    struct str out[static COVERAGE_SENTENCES], struct arena *a);

/* Of these, what a watch left out or could not see: content, interfaces, connections of
 * readers that fell. */
#define COVERAGE_BLIND 3
size_t coverage_blind(const struct coverage *c, enum language l,
    struct str out[static COVERAGE_BLIND], struct arena *a);

/* That detail of the span has decayed; absent when none has. In the arena. */
struct str ask_decay_sentence(const struct ask_report *r, struct arena *a);

/* The same of the span of a finding or case, in a few words without a full stop. */
struct str coverage_words(const struct coverage *c, enum language l, struct arena *a);

/* ---- for the files that write answers ---- */

/* One thing that was asked for: an indicator, or a pattern. */
struct ask_item {
	struct str value, kind, id, note;
	char where[INDICATOR_WHERE_MAX];
	const struct ask_answer *answer;
	bool is_pattern;
	size_t index; /* in the set, or among its patterns */
};

/* Step through what was asked for, parts of patterns left out; begin with *at = 0. False
 * at the end. */
bool ask_next(const struct ask_report *r, size_t *at, struct ask_item *out);

/* Whether the item is told of: all are when few were asked for. */
bool ask_is_told(const struct ask_report *r, uint64_t asked, const struct ask_item *item);

/* Why an answer is as it is, in words; absent when there is nothing to say. */
struct str ask_why_words(
    const struct ask_report *r, const struct ask_item *item, struct arena *a);

/* The ways of being seen in words, joined by ", " (zh: "、"). */
struct str ask_how_words(unsigned how, enum language l, struct arena *a);

#endif
