/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the indicators of one statement combine. The tree has two storeys, as in STIX 2.1
 * (part 9): below, tests on one observation (one connection with its handshakes, names
 * and requests); above, observations of different times. A tree of OpenIOC is all of the
 * upper storey: its items may be seen at different times.
 *
 *     [a AND (b OR c)] FOLLOWEDBY [d] WITHIN 300 SECONDS
 *
 *     WITHIN 300 ── FOLLOWEDBY ─┬─ OBSERVATION ── AND ─┬─ LEAF a
 *                               │                      └─ OR ─┬─ LEAF b
 *                               │                             └─ LEAF c
 *                               └─ OBSERVATION ── LEAF d
 *
 * Nodes are in one array; a node's children follow first, then next of each. Node 0 is
 * the root. Children always have greater indices than their parent, so that a walk from
 * the last node to the first sees children before parents, without recursion.
 */
#ifndef DWELL_FEED_PATTERN_H
#define DWELL_FEED_PATTERN_H

#include "feed/indicator.h"

#define PATTERN_NODES_MAX 4096    /* nodes of one pattern */
#define PATTERN_DEPTH_MAX 64      /* nesting of one pattern */
#define PATTERNS_MAX      1000000 /* patterns of one set */
#define PATTERN_TEXT_MAX  65536   /* bytes of one pattern's text */
#define PATTERN_NONE      UINT32_MAX

enum pattern_op {
	PATTERN_LEAF,        /* indicator number leaf; negated: must not hold */
	PATTERN_AND,         /* all children, in the same observation */
	PATTERN_OR,          /* any child, in the same observation */
	PATTERN_OBSERVATION, /* its one child, somewhere in one observation */
	PATTERN_ALL,         /* all children, each in an observation of any time */
	PATTERN_ANY,         /* any child */
	PATTERN_FOLLOWED,    /* children in order of time */
	PATTERN_WITHIN,      /* its child, all of it within span */
	PATTERN_REPEATS,     /* its child, at least repeats times */
	PATTERN_BETWEEN,     /* its child, from start until stop (stop excluded) */
	PATTERN_NONE_OF, /* NOT: its child does not hold (OpenIOC negate on a group) */
};

struct pattern_node {
	enum pattern_op op;
	bool negated;              /* LEAF only: NOT, != and the like */
	uint32_t leaf;             /* LEAF: index in the set */
	uint32_t first, next;      /* first child, next sibling; PATTERN_NONE: none */
	uint64_t span;             /* WITHIN: nanoseconds */
	uint32_t repeats;          /* REPEATS */
	struct moment start, stop; /* BETWEEN */
};

struct pattern {
	struct str id, note; /* of the statement; absent: none */
	struct str text;     /* as written; absent where it was a tree */
	struct moment valid_from, valid_until; /* INDICATOR_VALID_NONE: unsaid */
	struct str file;
	uint32_t at; /* as in struct indicator */
	uint32_t count;
	const struct pattern_node *nodes; /* count of them, owned by the set */
	uint32_t unsupported;             /* leaves of kind INDICATOR_OTHER */
};

#endif
