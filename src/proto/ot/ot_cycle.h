/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data that a device sends many times a second without being asked: a row an hour and
 * side with the number of messages, and not a row each.
 */
#ifndef DWELL_PROTO_OT_CYCLE_H
#define DWELL_PROTO_OT_CYCLE_H

#include "proto/ot/ot.h"

#define OT_CYCLE_NS (3600 * NS_PER_S) /* time that a row covers at most */

/* The messages of a side since the last row; zeroed at first. */
struct ot_cycle {
	struct moment ts; /* of the first one, and where it stands */
	uint64_t offset;
	uint32_t source;
	int64_t unit;
	int64_t messages;
	uint64_t bytes;
};

/* Count a message of a side, of that many bytes; m says what the row will. A row comes
 * before it where the last one's time is over or its unit is another. */
void ot_cycle_add(
    struct parse *x, struct ot_cycle *c, int side, const struct ot_message *m);

/* The row of what was counted, if anything was. */
void ot_cycle_end(
    struct parse *x, struct ot_cycle *c, int side, const struct ot_message *m);

#endif
