/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of watch of several readers, each of a part of the packets, as one row a minute.
 * A minute is emitted once all readers must have told of it. One that is told of later
 * gives a row of its own: whoever reads the table sums them.
 */
#ifndef DWELL_CMD_WATCH_MINUTE_SUM_H
#define DWELL_CMD_WATCH_MINUTE_SUM_H

#include "record/record.h"

#define MINUTE_SUM_OPEN 8 /* minutes open at once; the oldest is emitted early */

struct minute_sum {
	struct watch_record rows[MINUTE_SUM_OPEN]; /* in no order */
	size_t n;
	struct str sensor;   /* borrowed */
	struct moment first; /* minute; MOMENT_NONE: not said */
	uint64_t blind;      /* seconds of being down that leave nothing of a minute */
	const struct record_sink *to; /* borrowed */
};

/* The begin of a moment's minute. */
struct moment minute_of(struct moment ts);

/* Start; rows go to the sink under the sensor's name. Of so many interfaces, that is: a
 * minute in which all were down, and nothing came, was not watched and has no row. */
void minute_sum_init(struct minute_sum *s, const char *sensor, size_t interfaces,
    const struct record_sink *to);

/* Add a reader's row of packets. */
void minute_sum_put(struct minute_sum *s, const struct watch_record *row);

/* An interface was down for a second of the minute of now. */
void minute_sum_down(struct minute_sum *s, struct moment now);

/* A reader fell in the minute of now. */
void minute_sum_fell(struct minute_sum *s, struct moment now);

/* Nobody watched from since until now: in the minutes of both that is like being down (a
 * begun second counts as one); what is between has no row. */
void minute_sum_unwatched(struct minute_sum *s, struct moment since, struct moment now);

/* The clock of the machine was set, in the minute of now. */
void minute_sum_step(struct minute_sum *s, struct moment now);

/* Emit the minutes that ended before that moment, in order. */
void minute_sum_flush(struct minute_sum *s, struct moment before);

#endif
