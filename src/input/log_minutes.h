/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof of watching that logs give: a row of the watch table for each minute and kind
 * in which something was logged. Logs are not in order of time (a connection is logged
 * when it ends, under the time at which it began), so many minutes are open at once; when
 * the table is full all are emitted. A minute may therefore have several rows: readers
 * sum them.
 */
#ifndef DWELL_INPUT_LOG_MINUTES_H
#define DWELL_INPUT_LOG_MINUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "record/record.h"

#define LOG_MINUTES_MAX 16384 /* open at once: eleven days; a power of two */

struct log_minute {
	int64_t minute;   /* since 1970 */
	const char *kind; /* static; NULL: an empty slot */
	uint64_t packets, bytes, drops, connections, one_way, clock_steps;
};

struct log_minutes {
	struct log_minute *v;    /* owned; LOG_MINUTES_MAX slots, open addressing */
	struct log_minute *last; /* the one used last */
	uint32_t used;
	uint64_t full;        /* times that all had to be emitted to make room */
	struct moment newest; /* time of the entry before this one */
};

/* Start; false without memory. */
bool log_minutes_init(struct log_minutes *m);

/* The minute of ts for that kind (static); NULL when the table is full. */
struct log_minute *log_minutes_at(
    struct log_minutes *m, const char *kind, struct moment ts);

/* Emit a row for each minute under the sensor's name, in order of time, forget them. */
void log_minutes_flush(
    struct log_minutes *m, struct str sensor, const struct record_sink *sink);

/* Free it. */
void log_minutes_fini(struct log_minutes *m);

#endif
