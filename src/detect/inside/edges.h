/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who administers whom, inside: an edge is all that one machine of ours ever asked
 * another for one kind of administration, where it was answered; and all sessions of a
 * minute or more that one outside had with a machine of ours, as chains begin there.
 */
#ifndef DWELL_DETECT_INSIDE_EDGES_H
#define DWELL_DETECT_INSIDE_EDGES_H

#include "base/hash.h"
#include "detect/detector.h"
#include "detect/inside/classes.h"

#define EDGES_SESSION 60     /* s: from outside; guesses and scans are shorter */
#define EDGES_MAX     131072 /* of one memory; further ones are counted */

struct edge {
	struct addr src, dst;
	int64_t first, last;          /* µs since 1970 */
	int64_t src_first, dst_first; /* first packet of either with anybody */
	uint16_t port;
	enum admin_class class;
	bool outside; /* the source is none of ours */
};

struct edges {
	struct edge *v; /* owned; in order of source, first, target, class */
	size_t n, room;
	uint64_t dropped; /* because of EDGES_MAX */
	uint32_t *slots;  /* hash table while they are gathered; owned */
	size_t mask;
	struct hash_key key;
};

/* Read all edges. Negative with *e set; edges_fini is due in every case. */
int edges_gather(struct edges *l, const struct source *s, struct error *e);
void edges_fini(struct edges *l);

#endif
