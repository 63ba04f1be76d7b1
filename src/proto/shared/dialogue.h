/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocols whose sides take turns, with short messages (SOCKS, RFB): what a side has
 * said is held until all of a message is there. A segment that the capture has cut, or
 * more than the limit, ends the reading, since nothing tells where the next one begins.
 */
#ifndef DWELL_PROTO_DIALOGUE_H
#define DWELL_PROTO_DIALOGUE_H

#include "proto/buffer.h"
#include "proto/parser.h"

/* Put the data at hand behind what its side has said; false: it ends here, and why is
 * counted. */
static inline bool dialogue_put(
    struct parse *x, struct buffer sides[2], const struct flow_data *d, size_t limit)
{
	bool whole = d->wire <= d->n;
	if (whole && buffer_put(&sides[d->side], d->p, d->n, limit))
		return true;
	x->counters->truncated += !whole;
	x->counters->over_limit += whole;
	return false;
}

/* Keep what is left over of it, unless it has ended with r. */
static inline enum parse_result dialogue_keep(
    struct buffer sides[2], const struct flow_data *d, enum parse_result r)
{
	return r == PARSE_OK && !buffer_keep(&sides[d->side]) ? PARSE_DONE : r;
}

#endif
