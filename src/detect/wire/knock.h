/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the detector knock: each finds one way in which somebody outside makes a
 * machine of ours do what it had not done before.
 */
#ifndef DWELL_DETECT_WIRE_KNOCK_H
#define DWELL_DETECT_WIRE_KNOCK_H

#include "detect/wire/wire.h"

#define KNOCK_SUSPECTS_MAX                                                               \
	512 /* findings of one run, in the order in which they come                      \
	     */

// clang-format off
/* SQL over conn: a contact that came to nothing, which may be a knock. */
#define KNOCK_TOUCH                                                                      \
	"coalesce(dst_bytes, 0) = 0 AND coalesce(src_packets, 1) <= 10"                  \
	" AND CASE proto WHEN 'tcp' THEN state IN ('S0', 'REJ', 'RSTOS0', 'SH', 'OTH') " \
	"ELSE coalesce(dst_packets, 0) = 0 END"
// clang-format on

struct knock {
	const struct detection *d;
	struct suspects found;
	struct arena texts; /* of what they say; lives until they are emitted */
	uint64_t dropped;   /* beyond KNOCK_SUSPECTS_MAX */
	bool no_memory;
};

/* A suspect for the pair, without facts, unless there is one for the same pair, port and
 * protocol, or too many. NULL then. */
struct suspect *knock_suspect(struct knock *k, const struct wire_pair *p, uint16_t port,
    struct str proto, double score);

/* Rows of SQL by which a search through the connections that are held narrows a query
 * down: VALUES ('…', '…'), … */
struct knock_rows {
	char *text; /* owned; NULL: no row */
	size_t n, room, count;
};

/* Add a row of two texts, which stand for an address, or a number, so that nothing in
 * them needs quoting; one that is longer than such are is left out. False: no memory. */
bool knock_rows_add(struct knock_rows *l, struct str first, struct str second);

/* Add a call-back: an outside address touched a host without effect, and then the host
 * opened its first connection to it. Negative with *e set (as all of these). */
int knock_callbacks(struct knock *k, struct error *e);

/* The same with another address than the one that touched the host: told where hosts meet
 * somebody new, and are touched, so rarely that chance hardly gives it. */
int knock_elsewhere(struct knock *k, struct error *e);

/* A port that opens only to who touched closed ones before. */
int knock_doors(struct knock *k, struct error *e);

/* A connection to a service that is not what this service has always been. */
int knock_hijacks(struct knock *k, struct error *e);

/* What only answered for long, and opens connections now; new ends of tunnels; who
 * configures devices from outside. */
int knock_devices(struct knock *k, struct error *e);

#endif
