/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STIX patterns (STIX 2.1, part 9): tokens, paths, trees. What the grammar allows but no
 * record of ours can answer becomes a leaf of kind INDICATOR_OTHER with its text.
 */
#ifndef DWELL_FEED_STIX_H
#define DWELL_FEED_STIX_H

#include "feed/reader.h"

#define STIX_PATH_MAX 256 /* bytes of an object path in its plain form */

/* T(enumerator, keyword; NULL: no word) */
/* clang-format off */
#define STIX_TOKENS(T) \
	T(END, NULL) T(BAD, NULL) T(WORD, NULL) T(STRING, NULL) T(NUMBER, NULL) \
	T(TIMESTAMP, NULL) T(BYTES, NULL) T(SYMBOL, NULL) \
	T(AND, "AND") T(OR, "OR") T(NOT, "NOT") T(FOLLOWEDBY, "FOLLOWEDBY") \
	T(LIKE, "LIKE") T(MATCHES, "MATCHES") T(ISSUBSET, "ISSUBSET") \
	T(ISSUPERSET, "ISSUPERSET") T(EXISTS, "EXISTS") T(IN, "IN") \
	T(WITHIN, "WITHIN") T(SECONDS, "SECONDS") T(REPEATS, "REPEATS") \
	T(TIMES, "TIMES") T(START, "START") T(STOP, "STOP") T(TRUE, "true") \
	T(FALSE, "false")
/* clang-format on */

enum stix_token_kind {
#define T(enumerator, word) STIX_##enumerator,
	STIX_TOKENS(T)
#undef T
};

struct stix_token {
	enum stix_token_kind kind;
	struct str
	    text; /* as written; of STRING, TIMESTAMP, BYTES what is in the quotes */
	char symbol[3]; /* of SYMBOL: "=", "!=", "<=", "[" ... */
};

struct stix_lexer {
	struct str rest;
	const char *start; /* of the last token */
};

/* The next token; STIX_BAD where there is none that the grammar knows. */
struct stix_token stix_next(struct stix_lexer *x);

/* A string's escapes undone; absent over the arena's limit. */
struct str stix_unescape(struct arena *arena, struct str quoted);

/* A comparison: path op literal, as the parser has read it. */
struct stix_test {
	struct str path;         /* "file:hashes.SHA-256", plain form */
	enum stix_token_kind op; /* SYMBOL: see symbol; else LIKE, MATCHES ... */
	char symbol[3];          /* "=", "!=", "<", "<=", ">", ">=" */
	enum stix_token_kind literal_kind;
	struct str literal; /* escapes undone */
	struct str text;    /* the whole comparison as written */
};

/* The leaf for a comparison: always something, of kind INDICATOR_OTHER (value: its text)
 * where no record of ours answers it. *negated is toggled by "!=". */
void stix_leaf(struct feed_reader *r, const struct stix_test *test, struct indicator *out,
    bool *negated);

/*
 * Read a pattern and add it to the set: as plain indicators where it is one comparison or
 * a choice between some, else as a pattern. like gives id, note and dates. False, with
 * *why a static reason, when it is no pattern; nothing is added then.
 */
bool stix_pattern(struct feed_reader *r, struct str text, const struct indicator *like,
    const char **why);

#endif
