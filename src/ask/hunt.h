/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standing hunts: sets of indicators that the memory looks for by itself. What is already
 * there is asked once, when a hunt is added; from then on only segments that are new are
 * held against it, whatever time their rows tell of, so a log of years ago that is read
 * today is looked at too.
 *
 *     hunt/h1/manifest.json     what it is: note, when added, until when, from where
 *     hunt/h1/indicators.tsv    all of it (feed/saved.h); the feed's file is not needed
 *     hunt/h1/state.json        up to which SEQ segments were tested, what was met
 *     hunt/h1/met.tsv           the indicators and patterns that were met so far
 *
 * All are written through the journal. What was met is a hint that may say too much, not
 * too little: detect/lists/indicator.c asks the roll-ups for exactly these, so a finding
 * never rests on the order in which segments came.
 */
#ifndef DWELL_ASK_HUNT_H
#define DWELL_ASK_HUNT_H

#include "ask/ask.h"
#include "feed/indicator.h"

#define HUNTS_MAX     1000 /* in a memory */
#define HUNT_ID_MAX   12   /* bytes of an id, NUL included: "h1" … */
#define HUNT_TEXT_MAX 1000 /* bytes of a note or the name of a source */
#define HUNT_FOREVER  INT64_MAX

struct hunt {
	char id[HUNT_ID_MAX]; /* taken by hunt_add */
	struct str note;
	struct str source;   /* names of the feeds; "command line" */
	struct moment added; /* time of day */
	int64_t until;       /* last day that counts, since 1970-01-01; HUNT_FOREVER */
	uint64_t indicators, patterns; /* parts of patterns left out */
	uint64_t skipped;              /* lines or objects that were of no use */
	char digest[65];               /* SHA-256 of indicators.tsv; by hunt_add */
	uint32_t tested;               /* segments up to this SEQ were */
	uint64_t met;                  /* indicators and patterns that were met */
};

struct hunts {
	struct hunt *v; /* in the order in which they were added; owned */
	size_t n, room;
	struct arena texts;
};

/* Numbers of what was met, ascending. */
struct hunt_met {
	uint32_t *indicators; /* owned */
	size_t n;
	uint32_t *patterns; /* owned */
	size_t m;
};

/* Read the memory's hunts. Negative with *e set; hunts_free is due in either case. */
int hunts_load(struct hunts *h, const struct store *s, struct error *e);
void hunts_free(struct hunts *h);

/* The hunt of that id; NULL: none. Borrowed. */
const struct hunt *hunts_find(const struct hunts *h, struct str id);

/* Whether it is still tested on that day (since 1970-01-01). */
bool hunt_holds(const struct hunt *h, int64_t day);

/* The moment before which something counts for the hunt; MOMENT_NONE: none. */
struct moment hunt_end(const struct hunt *h);

/*
 * Add a hunt to a memory that is open for writing, durably; its id goes to h->id. met is
 * what the past gives. ERR_USAGE when there is one with the same indicators.
 */
int hunt_add(struct store *s, struct hunt *h, const struct indicators *set,
    const struct hunt_met *met, struct error *e);

/* Remove one, with all that is kept of it. ERR_USAGE when there is none. */
int hunt_remove(struct store *s, struct str id, struct error *e);

/* What a hunt looks for, or what of it was met; free it with indicators_free. NULL with
 * *e set. */
struct indicators *hunt_read(
    const struct store *s, const struct hunt *h, bool only_met, struct error *e);

/* What of the set the answers say was met: seen, or its host was, or parts of it were.
 * Negative with *e set. */
int hunt_met_of(struct hunt_met *met, const struct indicators *set, const struct ask *a,
    struct error *e);
void hunt_met_free(struct hunt_met *met);

/* Read and write what a hunt has met; see hunt_test.c. */
int hunt_state_read(
    const struct store *s, struct hunt *h, struct hunt_met *met, struct error *e);

/* A new state of some hunts. */
struct hunt_state {
	const struct hunt *hunt;
	const struct indicators *set;
	const struct hunt_met *met;
	bool changed; /* more was met than before */
};

/* Write new states of n hunts, all tested up to that SEQ, in one transaction. */
int hunt_states_write(struct store *s, const struct hunt_state *v, size_t n,
    uint32_t tested, struct error *e);

/*
 * Hold the segments that came since against all hunts that hold on that day, and keep
 * what was met. The memory is open for writing, without a transaction. *fresh becomes the
 * number of indicators and patterns that were met for the first time. Negative with *e
 * set; what was tested is then tested again.
 */
int hunts_test(struct store *s, int64_t today, uint64_t *fresh, struct error *e);

#endif
