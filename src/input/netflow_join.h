/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of one direction, and slices of long connections, to connections.
 *
 * A connection's two directions are exported apart, and each again whenever the
 * exporter's active time-out cuts it. Both would make what never happened: twice as many
 * connections, and long ones that look like clockwork at the exporter's time-out. So rows
 * of the same ends are one connection as the flow table would have it: until nothing was
 * seen for as long as the flow table waits (TCP 5 minutes, else 1), or it ended and
 * begins anew.
 *
 * The table has a fixed size; when it is full the connection that was touched longest ago
 * is given early. Time is that of the exports: it goes forward; where it is set back by
 * more than an hour it follows.
 */
#ifndef DWELL_INPUT_NETFLOW_JOIN_H
#define DWELL_INPUT_NETFLOW_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "input/netflow_row.h"
#include "record/record.h"

#define NETFLOW_JOIN_MAX   262144           /* connections held: 72 MiB when full */
#define NETFLOW_IDLE_TCP   (300 * NS_PER_S) /* silence that ends a connection */
#define NETFLOW_IDLE_OTHER (60 * NS_PER_S)
#define NETFLOW_WAIT_ENDED (60 * NS_PER_S) /* for the other direction of an ended one */
#define NETFLOW_LAG_MIN    (60 * NS_PER_S) /* from a packet to its export, at least … */
#define NETFLOW_LAG_MAX    (3600 * NS_PER_S) /* … and at most: the longest slice seen */

/* A connection, told by side: side 0 opened it. */
struct netflow_conn {
	struct netflow_row row;
	bool answered; /* side 1 sent something */
};

struct netflow_join_counters {
	uint64_t rows, connections, joined, slices, evicted, clock_back;
};

struct netflow_join;

/* A table for at most max connections, given to give (with ctx) when they are over.
 * NULL only without memory. */
struct netflow_join *netflow_join_new(
    size_t max, void (*give)(void *ctx, const struct netflow_conn *c), void *ctx);

/* Take a row in. */
void netflow_join_put(struct netflow_join *j, const struct netflow_row *row);

/* It is now that time: give what is over. For when no rows come. */
void netflow_join_tick(struct netflow_join *j, struct moment now);

/* Give what is still held, in the order in which it was touched. */
void netflow_join_finish(struct netflow_join *j);

/* What was counted so far; borrowed. */
const struct netflow_join_counters *netflow_join_counters(const struct netflow_join *j);

/* Free it without giving anything; NULL is fine. */
void netflow_join_free(struct netflow_join *j);

/*
 * The conn record of a connection. Exporters count bytes with IP headers: payload bytes
 * are what is left without the shortest headers of each packet, so they are at most
 * that, unless the exporter tells them. The state is as Zeek's as far as the flags of
 * each side tell; their order is not known, so there is no history. Texts are static or
 * in the arena; sensor, source and source_offset are left to the caller.
 */
void netflow_conn_record(
    const struct netflow_conn *c, struct arena *scratch, struct conn_record *r);

#endif
