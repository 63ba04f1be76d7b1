/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a lookup, for the files that are one with it. */
#ifndef DWELL_STORE_LOOKUP_RUNS_H
#define DWELL_STORE_LOOKUP_RUNS_H

#include "store/lookup.h"

struct run {
	char *path; /* relative to the memory; owned */
	struct keys keys;
	bool looked, usable; /* whether its keys were opened, and are there */
	bool chosen;
	bool shown; /* its rows, or those before rest */
	char *rest; /* the key from which on they are damaged; owned; NULL: none */
	size_t rest_n;
	bool taken; /* by lookup_rest */
};

struct lookup {
	struct store *store;
	enum run_set set;
	struct run *runs; /* owned */
	size_t n;
	struct sql tail;        /* what no run counts */
	bool has_tail, no_tail; /* there is one; it is not chosen */
	struct keys_window window, sums;
	size_t damaged;
	struct error first; /* of damaged */
};

/* Look at a run and its keys, once. Negative with *e set when the run is damaged. */
int lookup_look(struct lookup *l, struct run *r, struct error *e);

/* Whether the folder of a run may have rows of the span, which were not shown. */
bool lookup_in_span(const struct run *r, const struct lookup_place *at);

/* The part of a key behind the kind; absent when it is another kind's. */
struct str lookup_text_of(struct str kind, struct str key);

#endif
