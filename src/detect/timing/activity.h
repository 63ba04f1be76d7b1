/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second clock: a host's own time, which runs when the host is busy. Busy is: how
 * many other series of the host (peer and port) show in an hour of the week, averaged
 * over past weeks. A chatty peer counts once an hour, as one that is not.
 *
 * Causal: the rate of a week comes from the weeks before it alone,
 * and never from the series that is being tested, so that the bets
 * of clock.h stay fair. The first week is flat: own time is wall
 * time. Weeks are weeks of UTC since 1970 (they begin on Thursday).
 */
#ifndef DWELL_DETECT_TIMING_ACTIVITY_H
#define DWELL_DETECT_TIMING_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/clock.h"

#define ACTIVITY_HOURS     168
#define ACTIVITY_WEEKS_MAX 2088 /* 40 years; later hours count as the last week's */
#define ACTIVITY_FLOOR     0.02 /* of the mean: nobody is ever quite asleep */
#define ACTIVITY_QUIET     0.1  /* below this the host is quiet */

struct activity {
	int64_t first_week;
	size_t weeks;    /* with counts */
	size_t room;     /* weeks for which there is memory */
	uint16_t *count; /* [weeks][168]: series in that hour, saturating; owned */
	/* [weeks][169]: own seconds of the series in work, from the first week to the
	 * start of each hour, filled in as weeks pass; owned. */
	double *sum;
	float mean[ACTIVITY_HOURS];  /* of past weeks, the series in work left out */
	uint8_t own[ACTIVITY_HOURS]; /* 1: the series in work shows in this hour */
	size_t known;                /* weeks whose sums are computed */
};

/* Free what it owns. */
void activity_fini(struct activity *a);

/* Forget the host. */
void activity_clear(struct activity *a);

/* Add that n series of the host show in the hour (hours since 1970); hours in any order
 * that does not go before the first one's week. false: no memory left. */
bool activity_count(struct activity *a, int64_t hour, uint64_t n);

/* Whether the host is as busy at all hours of the day and all days of the week (within a
 * factor of 2), or was seen for less than two weeks: then there is no second clock. */
bool activity_flat(const struct activity *a);

/* A series begins: nothing of it is known yet. */
void activity_begin(struct activity *a);

/* The series in work has an event in this hour; hours in order. */
void activity_own(struct activity *a, int64_t hour);

/* Rate at a moment (ms), relative to the host's mean;
 * only after activity_own of that hour. */
double activity_rate(const struct activity *a, int64_t ms);

/* Own seconds between two moments (ms): clock_pace.elapsed with ctx = struct activity. */
double activity_elapsed(void *activity, int64_t from_ms, int64_t to_ms);

#endif
