/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/ot_cycle.h"

void ot_cycle_end(
    struct parse *x, struct ot_cycle *c, int side, const struct ot_message *m)
{
	if (c->messages == 0)
		return;
	struct parse then = *x;
	struct ot_message row = *m;
	then.ts = c->ts;
	then.source = c->source;
	then.offset = c->offset;
	row.unit = c->unit;
	row.count = c->messages;
	row.bytes = c->bytes;
	ot_tell(&then, side, &row);
	*c = (struct ot_cycle){0};
}

void ot_cycle_add(
    struct parse *x, struct ot_cycle *c, int side, const struct ot_message *m)
{
	if (c->messages > 0 &&
	    (c->unit != m->unit || moment_diff(c->ts, x->ts) >= OT_CYCLE_NS))
		ot_cycle_end(x, c, side, m);
	if (c->messages == 0) {
		parse_mark(x, c);
		c->unit = m->unit;
	}
	c->messages++;
	c->bytes += m->bytes;
}
