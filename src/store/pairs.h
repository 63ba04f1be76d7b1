/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pair-days in memory: connections go in, runs of three levels in two orders come out.
 *
 *     conn ─▶ table by (src, dst, port, proto, name, day) ─▶ sort ─▶ day, month, year
 *
 * A connection counts on the day of its first packet; each later day on which it was
 * still open gets a row that counts no connection, so that days of activity are right.
 */
#ifndef DWELL_STORE_PAIRS_H
#define DWELL_STORE_PAIRS_H

#include "base/words.h"
#include "store/addresses.h"
#include "store/run_write.h"

#define PAIRS_ROWS_MAX 131072 /* pair-days held; then they are written */
#define PAIRS_PORTS_MAX                                                                  \
	256 /* ports of one pair of addresses and day; the rest is port 0 */
#define PAIRS_CROWDS    65536 /* numbers under which ports are counted at first */
#define PAIRS_DAYS_MAX  366   /* days after its first that a connection marks */
#define PAIRS_PROTO_MAX 1000  /* words for protocols held */
#define PAIRS_PARTS_MAX 256   /* folders of months that one flush writes to */

struct pair_key {
	uint32_t src, dst; /* of addresses; 0: unset */
	uint32_t name;     /* of names; 0: none */
	int32_t day;       /* since 1970-01-01 */
	uint16_t port;
	uint16_t proto; /* of protos */
};

struct pair_day {
	struct pair_key key;
	uint32_t hours;
	int64_t first, last; /* microseconds since 1970 */
	uint64_t connections, unanswered, src_bytes, dst_bytes, missed_bytes;
};

struct pairs {
	struct keyed days; /* of struct pair_day */
	struct addresses addresses;
	struct words names, protos;
	/* Rows of all pairs of addresses and days that share a number; only where they
	 * are many is it worth while to note which ports each has. */
	uint16_t *crowds; /* PAIRS_CROWDS; owned */
	struct keyed ports;
	uint64_t folded;  /* rows whose port became 0 */
	uint64_t undated; /* connections without a time */
};

/* No pair-days. */
void pairs_init(struct pairs *p, const struct hash_key *key);

/* Whether it is time to write: no connection is sure to fit any more. */
bool pairs_full(const struct pairs *p);

/* Add a connection. Negative with *e set without memory. */
int pairs_put(struct pairs *p, const struct conn_record *r, struct error *e);

/* Count what d has in to what into has; their keys stay. */
void pairs_join(struct pair_day *into, const struct pair_day *d);

/* Write all as runs of the three levels in both orders, to the folders of these sets;
 * that of the place does not matter. */
int pairs_write(struct pairs *p, struct run_writer *w, const struct run_place *place,
    struct error *e);

/* Forget all, keeping the memory for more. */
void pairs_empty(struct pairs *p);

/* Forget all and free the memory. */
void pairs_reset(struct pairs *p);

#endif
