/* SPDX-License-Identifier: Apache-2.0 */
/* The orders in which flows go when the table is full; private to the flow table. */
#ifndef DWELL_FLOW_RANK_H
#define DWELL_FLOW_RANK_H

#include "flow/conn.h"

/* What the flow is worth now; it may lie in the list of a lower rank still. */
enum rank rank_of(const struct conn *c);

/* The list in which c lies. */
static inline enum rank conn_rank(const struct conn *c)
{
	return (enum rank)(c->flags >> CONN_RANK_SHIFT);
}

/* Append c, which is in no list, to that of the rank; take it out of its own. */
void rank_enter(struct flow_table *t, struct conn *c, enum rank rank);
void rank_leave(struct flow_table *t, const struct conn *c);

/* The flow that says least; NULL only when there is none. */
struct conn *rank_least(struct flow_table *t);

#endif
