/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree of tests while it is read, before it is known whether it needs to be a pattern.
 * Nodes and leaves live in the reader's arena.
 */
#ifndef DWELL_FEED_TREE_H
#define DWELL_FEED_TREE_H

#include "feed/reader.h"

struct tree {
	enum pattern_op op;
	bool negated;          /* LEAF */
	struct indicator leaf; /* LEAF */
	struct str path;       /* LEAF: what is tested; absent: unsaid */
	uint32_t at;           /* where it was read (struct feed_reader) */
	struct tree *first, *last, *next;
	uint64_t span;
	uint32_t repeats;
	struct moment start, stop;
};

struct tree_builder {
	struct feed_reader *r;
	uint32_t count; /* nodes made */
};

#define TREE_NODES_MAX 20000 /* of one tree; as a pattern at most PATTERN_NODES_MAX */

/* A new node; NULL over a limit. */
struct tree *tree_new(struct tree_builder *b, enum pattern_op op);

/* Make child the last child of parent. */
void tree_add(struct tree *parent, struct tree *child);

/* The node itself, or its only child. */
struct tree *tree_collapse(struct tree *node);

/* A leaf that compares for equality; false when the text is no such thing. */
bool leaf_value(struct feed_reader *r, enum indicator_kind kind, struct str text,
    struct indicator *out);

/* A leaf that is matched by LIKE or a regular expression: clean text, in lower case where
 * the kind has no other; false for ports and what is too long. */
bool leaf_text(struct feed_reader *r, enum indicator_kind kind,
    enum indicator_match match, struct str text, struct indicator *out);

/* A leaf that no record of ours can answer, with its text. */
void leaf_other(struct feed_reader *r, struct str text, struct indicator *out);

/*
 * Add the tree to the set. Each alternative of the uppermost choices stands for itself:
 * where it is a test, or a choice between tests none of which is negated, as indicators
 * (those of kind INDICATOR_OTHER are counted as unsupported); an address, name or URL and
 * its port as one; else as a pattern with like's id, note and dates. False over a limit,
 * which is counted.
 */
bool tree_put(struct feed_reader *r, struct tree *root, struct str text,
    const struct indicator *like);

#endif
