/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A series through the sketch of clock.h, whatever is left of it. Connections are events
 * at their moments. Of the day of a pair whose connections have decayed
 *
 *     one connection             an event at its first packet
 *     all within one hour        the same, with more behind it (clock_add_day)
 *     several hours              a break: no moment is made up, and no gap crosses it
 *     reached by one from before a break: the first packet of its own is not known
 *     none began                 nothing
 */
#ifndef DWELL_DETECT_REPLAY_H
#define DWELL_DETECT_REPLAY_H

#include "detect/clock.h"
#include "detect/series.h"

struct replay {
	struct clock clock;
	struct clock_onsets onsets;
	int64_t unknown; /* µs: until here there may be events at moments not known */
};

/* Start an empty series. */
void replay_begin(struct replay *r);

/* Add an event that is a start, in order of time. pace as in clock_add. The number of
 * gaps tested. */
unsigned replay_add(
    struct replay *r, const struct series_event *v, const struct clock_pace *pace);

#endif
