/* SPDX-License-Identifier: Apache-2.0 */
/* The suspects of one run: a bounded list that keeps the highest scores. */
#ifndef DWELL_DETECT_SUSPECTS_H
#define DWELL_DETECT_SUSPECTS_H

#include "detect/context.h"

#define SUSPECTS_MAX 8192 /* at a time; when full, the lower half by score goes */

struct suspects {
	struct suspect *v; /* owned */
	size_t n, room;
	uint64_t dropped;   /* because of SUSPECTS_MAX */
	struct arena texts; /* of their keys */
};

/* An empty list. */
void suspects_init(struct suspects *l);
void suspects_fini(struct suspects *l);

/* A new suspect with its key copied, everything else 0. NULL: no memory left. */
struct suspect *suspects_add(
    struct suspects *l, const struct series_key *key, double score);

/* Make room for one more before adding: drops the lower half when the list is full. */
void suspects_make_room(struct suspects *l);

/* Keep those for which keep() is true, in order. */
void suspects_filter(struct suspects *l,
    bool (*keep)(const struct suspect *v, const void *ctx), const void *ctx);

/* By score, highest first; equals by host, peer, port and protocol. */
void suspects_sort(struct suspects *l);

/* By key, so that suspects_find works until something is added. */
void suspects_sort_by_key(struct suspects *l);

/* The suspect of a key, or NULL. */
struct suspect *suspects_find(const struct suspects *l, const struct series_key *key);

#endif
