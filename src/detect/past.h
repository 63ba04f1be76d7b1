/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of connections that have decayed (store/retain.h). Up to the horizon, the
 * end of the last span of which rows of conn are gone, each pair's day is read from conn
 * where all its rows are still there, and else from its roll-up:
 *
 *     ---- days of pairs: sums, hours, first and last packet ----|-- connections --> t
 *                                                             horizon
 *
 * Nothing of this is read, and no statement differs, while nothing has decayed.
 */
#ifndef DWELL_DETECT_PAST_H
#define DWELL_DETECT_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* What a roll-up says of the day of a pair, beside the columns that conn has too: ts is
 * its first packet, duration that of the hours in which it was active. */
struct past_day {
	uint64_t connections, unanswered; /* that began then */
	uint32_t hours;                   /* bit h: active in hour h, UTC */
	int64_t last;                     /* µs since 1970: last packet of them */
};

/* Their columns, as past_read_day wants them; only where something has decayed. */
#define PAST_DAY_COLUMNS ", day_connections, day_unanswered, day_hours, day_last"

#define PAST_ORDER "ts, src_ip, dst_ip, dst_port, proto, server_name"

struct past {
	bool decayed;
	bool mixed;      /* connections from before the horizon are left */
	int64_t horizon; /* µs since 1970; INT64_MIN: nothing has decayed */
	int64_t start;   /* of the first span of which rows are gone */
	char *rows; /* SQL to stand behind FROM: the table conn, or what is left; owned */
};

/* Find the horizon. Negative with *e set; past_fini is due in every case. */
int past_open(struct past *p, struct store *s, struct error *e);
void past_fini(struct past *p);

/* Do without the days: what is left is read alone. The horizon stays. */
void past_forget(struct past *p);

/* The rows in parts, each of which the engine's memory holds, days in an order of their
 * own: how many parts, and the columns (as SQL) of one, and of a day where something has
 * decayed. NULL with *e set. */
unsigned past_parts(const struct past *p);
struct store_rows *past_read(const struct past *p, struct store *s, const char *columns,
    unsigned part, struct error *e);

/* How many rows there are to read. Negative with *e set. */
int past_count(const struct past *p, struct store *s, uint64_t *n, struct error *e);

/* Read the columns of a day, from that column on, into *d (may be NULL); false when the
 * row is a connection. */
bool past_read_day(const struct store_rows *r, size_t column, struct past_day *d);

/* Run a statement that is made as by printf and sums up (store_sum). NULL with *e set. */
struct store_rows *past_query(struct store *s, struct error *e, const char *form, ...)
    __attribute__((format(printf, 3, 4)));

#endif
