/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a "no" and a "first seen" rest on: how much of a span of time was watched, and
 * what was missed in it. A minute is watched when a sensor saw a packet in it, or a log
 * tells of it; so a network at rest at night is told from a sensor that was off only by
 * whoever knows the network.
 */
#ifndef DWELL_STORE_COVERAGE_H
#define DWELL_STORE_COVERAGE_H

#include "store/store.h"

#define COVERAGE_GAPS_MAX  5  /* longest gaps that are kept */
#define COVERAGE_GAP_LEAST 60 /* minutes without watching that make a gap */
#define COVERAGE_KINDS_MAX 8  /* kinds of sources that are told apart */

struct coverage_gap {
	struct moment from, to;
};

/* Minutes that one kind of source (packets, zeek, netflow ...) watched. */
struct coverage_kind {
	char name[16];
	uint64_t hours; /* in which it watched at least a minute */
};

/* One hour, by all sensors and sources. */
struct coverage_hour {
	struct moment ts;
	uint64_t minutes; /* bit m: minute m was watched */
	uint64_t packets, bytes, drops, truncated, malformed, unsupported, bad_checksum;
	uint64_t connections, one_way, clock_steps, shed, down, fell;
};

struct coverage {
	struct moment from, to; /* the span; an end that was not given and where nothing
				   was watched is MOMENT_NONE */
	uint64_t minutes;       /* of the span */
	uint64_t watched;       /* of these */
	uint64_t hours, hours_watched; /* the same by the hour */
	uint64_t packets, bytes, drops, truncated, malformed, unsupported, bad_checksum;
	uint64_t connections, one_way, clock_steps, shed, down, fell;
	struct coverage_gap gaps[COVERAGE_GAPS_MAX]; /* the longest first */
	size_t gap_count;                            /* kept */
	uint64_t gaps_all, gap_minutes; /* all gaps of COVERAGE_GAP_LEAST and more */
	struct coverage_kind kinds[COVERAGE_KINDS_MAX];
	size_t kind_count;
};

/*
 * What was watched from since until until (excluded); MOMENT_NONE: from the first minute,
 * to the end of the last. sensor NULL: by any. Negative with *e set.
 */
int coverage_read(struct store *s, struct moment since, struct moment until,
    const char *sensor, struct coverage *c, struct error *e);

#define COVERAGE_HOURS_MAX (1U << 20) /* 120 years; hours beyond are not counted */

/* Every hour that was watched, read once, so that many spans can be asked for. */
struct coverage_index {
	struct coverage_hour *v; /* in order; owned */
	size_t n, room;
};

/* Read it; coverage_index_free is due in either case. Negative with *e set. */
int coverage_index_read(struct store *s, struct coverage_index *index, struct error *e);
void coverage_index_free(struct coverage_index *index);

/* What was watched from the minute of first to that of last (included), by any sensor;
 * kinds of sources are not told apart. */
void coverage_of(const struct coverage_index *index, struct moment first,
    struct moment last, struct coverage *c);

/* The share of the span's minutes that were watched, 0 to 1; 0 for an empty span. */
double coverage_share(const struct coverage *c);

/* The share of packets that were lost, of those that should have been seen. */
double coverage_loss(const struct coverage *c);

#endif
