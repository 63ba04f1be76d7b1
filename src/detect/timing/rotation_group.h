/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections grouped by what stays the same while the peer changes: the network, the
 * registered domain, the fingerprint, the sizes. Rows of one group lie together, in order
 * of time; groups are in order of host, then of their key.
 */
#ifndef DWELL_DETECT_TIMING_ROTATION_GROUP_H
#define DWELL_DETECT_TIMING_ROTATION_GROUP_H

#include "base/arena.h"
#include "detect/series.h"

#define ROTATION_ROWS  5           /* with fewer no series can win enough (clockwork.c) */
#define ROTATION_SIZE  64          /* bytes that sizes are rounded down to */
#define ROTATION_TEXTS (64u << 20) /* bytes of the keys of one reading */

/* Texts are numbers of conns.texts. */
struct rotation_group {
	uint32_t src, what, port, proto; /* what: see rotation_what; port: 0 where none */
	uint64_t out, in;                /* of SIZE: in units of ROTATION_SIZE */
	uint32_t first, n;               /* its place in rotation_groups.rows */
	uint32_t peer;                   /* the first */
	bool varied;                     /* there is another one */
	bool mixed; /* with connections of other sizes to the same peer and port */
};

struct rotation_groups {
	struct rotation_group *v; /* owned */
	size_t n, room;
	uint32_t *rows;   /* of all groups, one after the other; owned */
	struct str *part; /* of each text: its network or domain; owned */
	uint32_t *what;   /* of each text: the first text with the same part; owned */
	uint8_t *side;    /* of each text; owned */
	struct arena texts;
};

/* Group the connections that c holds (rows that stand for days are left out); only
 * series of ROTATION_ROWS and more, in which the peer changes, or, for SIZE, which are
 * mixed with others. Negative with *e set; rotation_groups_fini is due in every case. */
int rotation_groups_read(struct rotation_groups *g, struct conns *c,
    const struct detect_options *o, enum projection projection, struct error *e);
void rotation_groups_fini(struct rotation_groups *g);

/* The group's key as a text: a network, a domain, "ja4:…", "size:640/1216". Lives in the
 * groups' arena; absent without memory. */
struct str rotation_text(struct rotation_groups *g, const struct conns *c,
    const struct rotation_group *group, enum projection projection);

/* Number of the peer of a row: what changes in this projection. */
uint32_t rotation_peer(const struct conns_row *row, enum projection projection);

#endif
