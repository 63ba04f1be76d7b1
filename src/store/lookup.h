/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which runs of a set a question must read. The keys beside each run (keys.h) say whether
 * it may hold what is asked for; the others are not even opened by the engine. A run
 * whose keys are missing, damaged or another run's is read as if it held everything, and
 * so are segments that no run counts yet: the answer is the same, later.
 */
#ifndef DWELL_STORE_LOOKUP_H
#define DWELL_STORE_LOOKUP_H

#include "base/moment.h"
#include "engine/sql.h"
#include "store/keys.h"
#include "store/store.h"

struct lookup;

/* Let the disk fetch, meanwhile, what looking at the runs of years and of seen takes. To
 * be ended by lookup_soon_end, for which NULL is fine. */
struct lookup_soon;
struct lookup_soon *lookup_soon(struct store *s);
void lookup_soon_end(struct lookup_soon *s);

/* Hold on to all runs there are: none is removed until lookup_release. They nest. */
void lookup_hold(struct store *s);
void lookup_release(struct store *s);

/* The runs of a set as they are now; the store must be held until it is freed. NULL with
 * *e set, also when a run is damaged. */
struct lookup *lookup_new(struct store *s, enum run_set set, struct error *e);

/* What is asked for: kind of seen (absent for pairs), and the span of time, MOMENT_NONE:
 * open. Of days and months, only folders of that span are looked into. */
struct lookup_place {
	struct str kind;
	struct moment from, to;
};

/* Choose all runs of the place; those that may have keys in [from, to), an absent to: to
 * the end; those that may have one of n sorted keys. Negative with *e set when a run is
 * damaged. */
int lookup_all(struct lookup *l, const struct lookup_place *at, struct error *e);
int lookup_range(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, struct error *e);
int lookup_list(struct lookup *l, const struct lookup_place *at, const struct str *keys,
    size_t n, struct error *e);

/* Visit each listed key of the place in [from, to), of each run by itself in order,
 * without the kind, until visit gives other than 0: that; what is chosen when all were
 * visited are runs that list none. Negative with *e set when a run is damaged, too. */
int lookup_visit(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, const struct keys_visit *v, struct error *e);

/* A key of the kind below which about half of what lookup_visit reads lies; borrowed
 * until the lookup is freed. False: there is none. */
bool lookup_middle(struct lookup *l, const struct lookup_place *at, struct str *key);

/* ---- rows, without the engine ---- */

/* Who is shown rows. */
struct lookup_sink {
	/* The rows of a key follow (without the kind). 1: they are not wanted; negative
	 * with *e set: no more are. */
	int (*key)(void *ctx, struct str key, struct error *e);
	int (*row)(void *ctx, const struct keys_row *row, struct error *e);
	/* What the rows of the key that was shown last come to, instead of them. 1: the
	 * rows are wanted. NULL: always rows. */
	int (*sum)(void *ctx, const struct keys_sum *sum, struct error *e);
	void *ctx;
};

/* Show the rows of the place under one of n sorted keys, or in [from, to), in the order
 * of the runs. What the choices above choose from then on is what was not shown: runs
 * without rows beside them, and what no run counts. Negative with *e set. */
int lookup_show_list(struct lookup *l, const struct lookup_place *at,
    const struct str *keys, size_t n, const struct lookup_sink *sink, struct error *e);
int lookup_show_range(struct lookup *l, const struct lookup_place *at, struct str from,
    struct str to, const struct lookup_sink *sink, struct error *e);

/* Choose the next run of which the rows from a key on could not be shown, as they are
 * damaged; *from is that key, until the next call. False: there is none. */
bool lookup_rest(struct lookup *l, struct str *from);

/* Forget what was shown. */
void lookup_forget(struct lookup *l);

/* Whether anything is chosen, so that there may be rows; and how many files are. */
bool lookup_any(const struct lookup *l);
size_t lookup_files(const struct lookup *l);

/* How many runs were not shown, whatever is looked for, and whether there is anything
 * that no run counts. */
size_t lookup_unshown(const struct lookup *l);
bool lookup_has_tail(const struct lookup *l);

/* Put what is chosen, as a table of the roll-up's columns; rows of a key may be several.
 * Negative with *e set. */
int lookup_put(const struct lookup *l, struct sql *sql, struct error *e);

/* How many runs had no keys that could be used, other than missing ones, and a line about
 * the first of them. */
size_t lookup_damage(const struct lookup *l, struct error *first);

/* Free it; NULL is fine. */
void lookup_free(struct lookup *l);

#endif
