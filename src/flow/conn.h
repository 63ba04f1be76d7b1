/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the flow table, shared by its modules and by nobody else.
 *
 *     ends ─ hash ─▶ buckets ─▶ struct conn (192 bytes, what every packet touches)
 *                         ├─ struct tcp (256 bytes, only for TCP)
 *                         │    └─ struct hold (only while segments are out of order)
 *                         ├─ a slot of the timer wheel (timer.c)
 *                         └─ a place in one of four eviction orders (rank.c)
 */
#ifndef DWELL_FLOW_CONN_H
#define DWELL_FLOW_CONN_H

#include "base/hash.h"
#include "base/ip.h"
#include "flow/ends.h"
#include "flow/flow.h"
#include "flow/tcp.h"

#define CONN_NONE   UINT32_MAX
#define BATCH_MAX   64   /* packets whose memory is fetched together */
#define WHEEL_SLOTS 4096 /* of one second each: more than the longest time-out */
#define EVENTS_MAX  64   /* anomalies reported of one flow; the rest is only counted */

enum conn_flag {
	CONN_ONE_WAY =
	    1 << 0,           /* ICMP without a reply type: the reverse is another flow */
	CONN_TALKS = 1 << 1,  /* answered, or more than a few packets: no probe */
	CONN_FREE = 1 << 2,   /* not in use: no packet belongs to it */
	CONN_TURNED = 1 << 3, /* its first packet came from the responder */
	CONN_SECOND = 1 << 4, /* side 0 is the second end of the canonical order */
	CONN_STEADY = 1 << 5, /* the quick way may be tried (quick.h) */
	CONN_FLAGS = (1 << 6) - 1,
	CONN_RANK_SHIFT = 6, /* the two bits above: enum rank */
};

/* How much a flow says, least first; rank.c. */
enum rank {
	RANK_PROBE,
	RANK_ANSWERED,
	RANK_TALKS,
	RANK_LASTING,
	RANKS,
};

enum conn_due {
	DUE_NOTHING,
	DUE_ATTEMPT, /* the SYN must be answered by then */
	DUE_CLOSE,   /* the connection ended; late packets may come until then */
	DUE_NAMES,   /* DNS over UDP: time to look whether the exchange is over */
};

struct conn {
	struct flow f;   /* first: the public pointer is the private one */
	struct tcp *tcp; /* its own place in flow_table.tcps; in use only for CONN_TCP */
	int64_t active;  /* table time of the last packet that counts for the time-out */
	int64_t due;     /* table time at which due_kind comes; INT64_MAX: DUE_NOTHING */
	uint64_t serial;
	uint32_t hash;
	uint16_t slot;        /* of the wheel; WHEEL_SLOTS: in none */
	uint8_t flags;        /* enum conn_flag, enum rank */
	uint8_t kind : 4;     /* enum conn_kind */
	uint8_t due_kind : 4; /* enum conn_due */
};

/* The places of a flow in the lists, apart: its neighbours change them when it comes and
 * goes, and have nothing else to do with it. */
struct links {
	uint32_t wheel_next, wheel_prev;
	uint32_t order_next, order_prev; /* order_next chains the free ones */
};

_Static_assert(sizeof(struct conn) <= 192, "a flow must fit three cache lines");
_Static_assert(sizeof(struct tcp) <= 256, "its TCP part must fit four");

struct bucket {
	uint32_t hash;
	uint32_t conn; /* CONN_NONE: empty */
};

struct order {
	uint32_t first, last;
};

struct recent; /* stream.h */
struct defrag;
struct carriers; /* carrier.h */

struct flow_table {
	struct flow_sink sink;
	struct flow_limits limits;
	struct flow_counters counters;
	struct ends_key key;

	struct conn *conns;
	struct tcp *tcps;              /* of the conns of the same index */
	struct links *links;           /* likewise */
	uint32_t conn_free, conn_high; /* high: never used from there on */
	size_t live;
	uint64_t serial;

	struct bucket *buckets;
	uint32_t bucket_mask;

	struct order order[RANKS]; /* oldest first */

	int64_t now; /* newest time seen, unless timer_clock found it wrong */
	int64_t before_leap;
	bool leapt;         /* now is a leap from there that no packet confirmed yet */
	uint32_t behind;    /* packets in a row far older than now, … */
	uint64_t behind_at; /* … and which packet was the last of them */
	uint32_t set_backs; /* how often the clock was set back for that */
	int64_t tick;       /* second up to which the wheel was turned */
	int64_t turn_at;    /* when it is to be turned next */
	uint32_t wheel[WHEEL_SLOTS];

	size_t held; /* bytes in all holds */
	struct recent *recent;
	uint32_t recent_mask;
	uint32_t recent_next; /* number of the next one, never 0 */

	struct defrag *defrag;

	struct carriers *carriers;  /* NULL until the first tunnel */
	struct flow_tunnel *inside; /* the tunnel whose packet is being accounted */
};

/* history.c */

/* Append a letter to a TCP flow's history, in lower case for side 1. */
void history_add(struct conn *c, int side, char letter);

/* Append a letter at the 1st, 10th, 100th … time: call it with the count just reached. */
void history_scaled(struct conn *c, int side, char letter, uint32_t count);

/* table.c */

/* The number of c in the table's arrays. */
static inline uint32_t conn_index(const struct flow_table *t, const struct conn *c)
{
	return (uint32_t)(c - t->conns);
}

/* Fetch from memory what nearly every packet touches of a flow. */
static inline void conn_prefetch(const struct flow_table *t, uint32_t index)
{
	const char *c = (const char *)&t->conns[index];
	const char *k = (const char *)&t->tcps[index];
	__builtin_prefetch(c);
	__builtin_prefetch(c + 64);
	__builtin_prefetch(c + 128);
	__builtin_prefetch(k);
	__builtin_prefetch(k + 64);
}

/* And what the beginning and the end of a TCP connection touch beside it: numbers of SYN,
 * FIN and RST, and the first letters of the history. */
static inline void conn_prefetch_ends(const struct flow_table *t, uint32_t index)
{
	__builtin_prefetch((const char *)&t->tcps[index] + 128);
}

/* Report an anomaly of a TCP flow, unless it had too many. */
void conn_event(struct flow_table *t, struct conn *c, const struct flow_event *e);

/* Exchange originator and responder. */
void conn_flip(struct conn *c);

/* Tell the sink that c ended, and free it. */
void conn_close(struct flow_table *t, struct conn *c, enum flow_close why);

#endif
