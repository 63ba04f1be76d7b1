/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences by key and language: report/sentence_table.h. */
#ifndef DWELL_REPORT_SENTENCES_H
#define DWELL_REPORT_SENTENCES_H

#include "finding/finding.h"
#include "report/report.h"
#include "report/sentence_table.h"
#include "report/words.h"

enum sentence {
#define X(KEY, en, zh) SENTENCE_##KEY,
	SENTENCES(X)
#undef X
	    SENTENCE_COUNT
};

/* The template of a sentence; static. */
const char *sentence(enum sentence key, enum language l);

/* The template of a fact; static. */
const char *fact_template(enum fact_key key, enum language l);

/* A sentence with its placeholders filled in; in the arena. */
struct str sentence_fill(enum sentence key, enum language l, const struct slot *slots,
    size_t n, struct arena *a);

/* How many headlines there are (HEADLINES), and the template of one; static. */
size_t headline_count(void);
const char *headline_template(size_t i, enum language l);

/* The span among a fact's values as it reads after "every"; empty when it has none. */
struct str fact_per(const struct fact *f, enum language l, struct arena *a);

/* A value of a fact in words; in the arena. */
struct str fact_value(const struct fact *f, size_t i, enum language l, struct arena *a);

/* "since …" with the kind of the date. */
struct str since_phrase(
    struct moment since, enum since_kind kind, enum language l, struct arena *a);

/* What a kind of date means, in a few words; static. */
const char *since_kind_words(enum since_kind kind, enum language l);

/* The word for a confidence; static. */
const char *confidence_words(enum confidence c, enum language l);

/* The finding's fact of that key; NULL when it has none. */
const struct fact *fact_of(const struct finding *f, enum fact_key key);

/* "tcp/443", or the protocol alone where it has no ports. */
struct str finding_service(const struct finding *f, struct arena *a);

/* A date with its kind: "2025-09-14 01:17 (first packet between the two)". */
struct str dated_words(
    struct moment since, enum since_kind kind, enum language l, struct arena *a);

/* How long it stayed, from since to last. */
struct str dwell_words(
    struct moment since, struct moment last, enum language l, struct arena *a);

/* Bytes, or a range of them where gaps of the capture may hide more. */
struct str sent_words(uint64_t low, uint64_t high, enum language l, struct arena *a);

/* The finding's ATT&CK techniques by id and name, joined; empty when it has none. */
struct str attack_words(const struct finding *f, struct arena *a);

#endif
