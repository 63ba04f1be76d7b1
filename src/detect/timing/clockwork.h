/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the detector clockwork, in parts:
 *
 *     clockwork.c  plain series: two passes, in wall time and in the host's own time
 *     turning.c    series of a peer that changes, the same way (rotation.h)
 *     sleep.c      stretches in which a rhythm was shorter
 *     fleet.c      hosts with one rhythm to one peer, and who differs from them
 *     habit.c      few a day in working hours, or at one time of day
 *     told.c       which suspects are told, and what is said of each
 */
#ifndef DWELL_DETECT_TIMING_CLOCKWORK_H
#define DWELL_DETECT_TIMING_CLOCKWORK_H

#include "detect/detector.h"
#include "detect/replay.h"
#include "detect/suspects.h"
#include "detect/timing/profile.h"
#include "detect/timing/rotation.h"

#define SAME_PERIOD 0.03 /* A6.8: the same period */
#define FLEET_SHARE 0.05 /* A6.8: of all hosts, and at least 3 */

/* The first connections of each day of a series, as angles of the day summed up. */
struct habit {
	int64_t day; /* the last one */
	uint64_t days;
	double cosine, sine;
};

struct test {
	const struct detection *d;
	struct profile profile;
	struct suspects suspects;
	struct suspects turning; /* whose peer changes */
	struct suspects *into;   /* the one of the two that is being filled, or tested */
	struct replay replay;
	struct series_stats stats;
	struct rotation_peers peers;
	struct suspects habits; /* what the clock does not tell from a person */
	struct habit habit;
	struct suspect *again; /* whose series is in work for the second time */
	double updates;
	double recent;     /* of these, by connections: not by days that have decayed */
	uint64_t left_out; /* parts and hosts over a limit of rotation.h */
	bool no_memory;
};

/* s* over what was tested so far, in decades. */
double clockwork_threshold(const struct test *t);

/* The first pass and the second as visitors, ctx = struct test. */
extern const struct series_visitor clockwork_first, clockwork_second;

/* Keep the suspects of a list that reach s*. */
void clockwork_keep(struct suspects *l, double s);

/* "src_ip IN ('…', …)" over the hosts of the suspects (sorted by key) of a projection;
 * owned by the caller; NULL in *sql when there are none. Negative without memory. */
int clockwork_hosts(const struct suspects *l, enum projection p, char **sql);

/* Test the series whose peer changes, and add those that reach s* to the suspects.
 * Negative with *e set. */
int turning_test(struct test *t, struct error *e);

/* What the memory knows of the peers of such suspects. Negative with *e set. */
int turning_context(const struct test *t, struct error *e);

/* Find the stretches in which suspects kept a shorter rhythm. Negative with *e set. */
int sleep_find(struct test *t, struct error *e);

/* Let one suspect of each fleet stand for all; the others' finding.detector becomes "",
 * but for those that differ from it. Negative with *e set. */
int fleets_join(struct test *t, struct error *e);

/* A series begins; has an event; ended: whether it may be a habit that no person has. */
void habit_begin(struct habit *h);
void habit_event(struct habit *h, const struct series_event *v);
bool habit_fits(const struct habit *h, const struct series_stats *s);

/* Keep the time of day for a suspect. */
void habit_keep(const struct habit *h, struct suspect *v);

/* Tell the habits of which the clock did not tell. Negative with *e set. */
int habits_tell(struct test *t, struct error *e);

/* Tell all suspects: what is left of them once nothing is told twice. Negative with *e
 * set. */
int clockwork_tell(struct test *t, struct error *e);

#endif
