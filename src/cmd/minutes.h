/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of watching: one row of the watch table for each minute of capture time in
 * which a sensor saw something, or, where it captures, watched and saw nothing.
 */
#ifndef DWELL_CMD_MINUTES_H
#define DWELL_CMD_MINUTES_H

#include "decode/decode.h"
#include "flow/flow.h"
#include "record/record.h"

struct minutes {
	struct watch_record row; /* being filled; ts is MOMENT_NONE before the first */
	int64_t begin, last;     /* nanoseconds of its minute; before the first: none */
	struct moment newest;    /* latest frame so far */
	const struct record_sink *sink; /* borrowed */
};

/* Start; rows go to sink (borrowed) under the sensor's name (borrowed). */
void minutes_init(struct minutes *m, const char *sensor, const struct record_sink *sink);

/* Whether ts is within the minute being filled. */
static inline bool minutes_holds(const struct minutes *m, struct moment ts)
{
	return ts.ns >= m->begin && ts.ns <= m->last;
}

/* A frame was decoded with that outcome; p is read only for DECODE_OK. */
void minutes_frame(struct minutes *m, const struct frame *f, enum decode_outcome outcome,
    const struct packet *p);

/* A flow ended, and why. */
void minutes_flow(struct minutes *m, const struct flow *f, enum flow_close why);

/* The capture says that it lost n packets. */
void minutes_drops(struct minutes *m, uint64_t n);

/* A piece of payload was left out under load. */
void minutes_shed(struct minutes *m);

/* It is now: minutes up to this one have a row, whether or not a frame came. */
void minutes_time(struct minutes *m, struct moment now);

/* Emit the last minute. */
void minutes_finish(struct minutes *m);

#endif
