/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From indicators to questions that the memory answers quickly. A job is a set of
 * conditions on sorted columns (lists, ranges) and what the rows that meet them are held
 * against. Few indicators become a job each, so that almost nothing is read; of many,
 * one pass over the values alone finds which occur at all, and those become a list.
 */
#ifndef DWELL_ASK_ASK_PLAN_H
#define DWELL_ASK_ASK_PLAN_H

#include "ask/ask.h"
#include "ask/ask_answer.h"
#include "ask/ask_match.h"
#include "store/lookup.h"

#define ASK_PASS_MAX    (1U << 20) /* indicators that are looked for at once */
#define ASK_FEW         16         /* networks or names that are asked each by itself */
#define ASK_FEW_EXACT   1024       /* exact values that are asked without a first pass */
#define ASK_BOTH_MIN    48         /* values that are worth a second thread */
#define ASK_BOTH_DEAL   32         /* that go to one, before as many go to the other */
#define ASK_SCRATCH_MAX (128U << 20) /* bytes of texts of one pass */
#define ASK_HITS_MAX    200000 /* values that are listed; beyond, all rows are read */

/* Tables that have the columns of the roll-up. S(ENUMERATOR, "view") */
/* clang-format off */
#define ASK_SOURCES(S) \
	S(YEAR,         "pair_year") \
	S(YEAR_BY_DST,  "pair_year_by_dst") \
	S(MONTH,        "pair_month") \
	S(MONTH_BY_DST, "pair_month_by_dst") \
	S(DAY,          "pair_day") \
	S(DAY_BY_DST,   "pair_day_by_dst") \
	S(SEEN,         "seen")

enum ask_source {
#define S(ENUMERATOR, view) ASK_SOURCE_##ENUMERATOR,
	ASK_SOURCES(S)
#undef S
	ASK_SOURCE_COUNT
};
/* clang-format on */

/* Which values of a kind a job reads. */
enum ask_pick_by { PICK_NONE, PICK_LIST, PICK_RANGE, PICK_LIKE, PICK_REGEX, PICK_ALL };

struct ask_pick {
	enum ask_pick_by by;
	const struct str *list; /* of PICK_LIST, sorted; borrowed */
	size_t n;
	struct str from, to; /* of PICK_RANGE: from <= sort < to; both empty: all.
				from of PICK_LIKE and PICK_REGEX: the expression */
};

struct ask_job {
	const struct ask_match *match; /* borrowed */
	struct ask_pick pick[ASK_KIND_COUNT];
};

/* A port or protocol that a row must have; one of each group is enough. */
struct ask_test {
	uint32_t indicator;
	uint32_t group;
	bool negated;
};

/* What more a row must meet, for parts of patterns that are one observation. */
struct ask_slot {
	uint32_t indicator;
	const struct ask_test *tests; /* by group; borrowed */
	size_t test_count;
	const uint32_t *peers; /* indicators of the other end, one of them is enough;
				  none: any end will do; borrowed */
	size_t peer_count;
};

/* The slots that an AND of a pattern has: any of them is enough. */
struct ask_joint {
	uint32_t pattern, node;
	uint32_t first, n; /* of ask.extra */
};

struct ask {
	const struct ask_question *q;
	struct ask_question question; /* what q points to */
	struct store *store;
	size_t indicators, slots;
	struct ask_slot *extra; /* slots - indicators of them; owned */
	size_t extra_room;
	uint8_t *why; /* enum ask_why of each slot that was not found; owned */
	struct ask_joint *joints; /* owned; by pattern and node */
	size_t joint_count, joint_room;
	struct ask_answer *pattern_answers; /* owned */
	struct arena plan;                  /* what slots and patterns borrow */
	struct ask_book book;
	struct ask_slots matched; /* of the row before, for rows alike */
	struct indicator last;    /* that of a slot, which is this less one */
	uint64_t last_slot;       /* 0: none yet */
	struct arena scratch;     /* emptied after each pass */
	uint64_t expressions, urls;
	bool home_looked, home_known; /* whether anything lies in the home networks */
	bool has_uris;                /* paths without a host are asked for */
	struct lookup *lookups[ASK_SOURCE_COUNT]; /* owned; made at first use */
	struct ask *twin;    /* of a second thread (ask_twin.c); owned; NULL: none */
	size_t damaged;      /* files of keys */
	struct error damage; /* of the first */
};

/* Which slots look for what, in one pass. */
struct ask_plan {
	struct ask_match exact; /* values, and names with all below them when many */
	struct ask_match all;   /* exact, below and networks together */
	uint32_t *nets, *below, *like; /* slots; owned */
	size_t net_count, net_room, below_count, below_room, like_count, like_room;
};

/* The kinds of the table seen in which a value may be; the count. */
size_t ask_kinds_of(enum indicator_kind kind, enum ask_kind out[static 4]);

/* The indicator of a slot. */
void ask_slot_indicator(const struct ask *a, uint32_t slot, struct indicator *out);

/* Answer what the slots [from, to) look for. Negative with *e set. */
int ask_pass(struct ask *a, uint32_t from, uint32_t to, struct error *e);

/* Read the rows of a job into the book. Negative with *e set. */
int ask_fetch(struct ask *a, const struct ask_job *job, struct error *e);

/* What a statement reads: rows of a source that a pick may let through. */
struct ask_from {
	enum ask_source source;
	enum ask_kind kind;          /* of ASK_SOURCE_SEEN */
	const struct ask_pick *pick; /* of a list, those numbered [first, end) */
	size_t first, end;
	struct moment since, until; /* MOMENT_NONE: open */
	bool rest;                  /* of the run that ask_rest has chosen only */
};

/* Count those of these rows that are beside the keys of runs (ask_show.c). What is put
 * from then on, until ask_forget, is all others. Negative with *e set. */
int ask_show(struct ask *a, const struct ask_match *match, const struct ask_from *from,
    struct error *e);

/* A copy of a list dealt out to two threads, of which the second's part begins at
 * *middle; both are sorted. To be freed; NULL without memory. */
struct str *ask_deal(const struct ask_pick *pick, size_t *middle);

/* Count both parts, of which the second goes to the book of a->twin, on two threads; and
 * join that with a's, when all was counted. Negative with *e set. */
int ask_show_both(struct ask *a, const struct ask_match *match,
    const struct ask_from *first, const struct ask_from *second, struct error *e);
int ask_twin_join(struct ask *a, struct error *e);
void ask_twin_free(struct ask *a);

/* Make the twin, once. Negative with *e set. */
int ask_twin_make(struct ask *a, struct error *e);

/* The slots of a value, in a->matched; from memory when it is the one of the row before.
 * The memo is zeroed at first. */
struct ask_memo {
	struct str value; /* owned copy */
	size_t room;
	bool set;
};
int ask_slots_of(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct str sort, struct ask_memo *memo, struct error *e);
void ask_memo_free(struct ask_memo *memo);

/* List the runs of a source, once. Negative with *e set. */
int ask_runs_list(struct ask *a, enum ask_source source, struct error *e);

/* Whether others may be in files, and in what no run counts. Negative with *e set. */
int ask_left(
    struct ask *a, enum ask_source source, bool *files, bool *tail, struct error *e);

/* Choose the next run of which rows were shown only before *from. False: there is none.
 */
bool ask_rest(struct ask *a, enum ask_source source, struct str *from);

void ask_forget(struct ask *a, enum ask_source source);

/* Show rows of a source to the sink: as lookup_show_list and lookup_show_range. */
int ask_show_to(struct ask *a, const struct ask_from *from,
    const struct lookup_sink *sink, struct error *e);

/* Put these rows as a table, without what the keys of runs say is not there (ask_runs.c);
 * *any: there may be rows. Negative with *e set. */
int ask_put_from(struct ask *a, struct sql *sql, const struct ask_from *from, bool *any,
    struct error *e);

/* Visit each value of kind in [from, to), of the sorted form; an absent to: to the end.
 * Some several times. Ends with the first for which visit gives other than 0. Negative
 * with *e set. */
int ask_values(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e);

/* The same in two steps: what keys list, without the engine, then what no keys say. */
int ask_values_listed(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e);
int ask_values_left(struct ask *a, enum ask_kind kind, struct str from, struct str to,
    const struct keys_visit *v, struct error *e);

/* A value of kind below which about half of them lie, in the scratch arena. False: there
 * is none. */
bool ask_values_middle(struct ask *a, enum ask_kind kind, struct str *value);

/* Let go of the runs; what was damaged is noted. */
void ask_runs_end(struct ask *a);

/* Put the values of kind that occur into *hits (texts in the scratch arena), sorted; *all
 * is set when they are too many. Negative with *e set. */
struct ask_hits {
	struct str *v; /* owned */
	size_t n, room;
};
int ask_find(struct ask *a, const struct ask_match *m, enum ask_kind kind,
    struct ask_hits *hits, bool *all, struct error *e);

/* Look for the URLs (and paths) whose host was met in the requests that are kept. */
int ask_urls(struct ask *a, struct error *e);

/* Find the addresses behind the names that were met, where those are few. */
int ask_addresses(struct ask *a, struct error *e);

/* Make the extra slots that the patterns of the set need; before any pass. */
int ask_patterns_plan(struct ask *a, struct error *e);

/* Combine the answers of the parts; after all passes. */
int ask_patterns_combine(struct ask *a, struct error *e);

#endif
