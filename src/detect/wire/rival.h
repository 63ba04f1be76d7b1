/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two packets of which only one can be true: two segments with other bytes for the same
 * sequence numbers, two SYN-ACKs, data beyond its sender's own RST or FIN, two answers to
 * one question in DNS. Who sits beside the path can send first but not stop the true one,
 * so both are there for whoever looks (Weaver, Sommer and Paxson 2009; Fox-IT 2015). What
 * tells them apart is what the forger did not know or did not care for:
 *
 *     handshake   TTL 54   timestamps     IP id 3547
 *     first       TTL 64   none           IP id 1       <- the odd one
 *     34 ms later TTL 53   1143672164     IP id 3548
 */
#ifndef DWELL_DETECT_WIRE_RIVAL_H
#define DWELL_DETECT_WIRE_RIVAL_H

#include <stdbool.h>

#include "base/str.h"

enum rival_kind { RIVAL_BYTES, RIVAL_SYNACK, RIVAL_END, RIVAL_ANSWER };

enum rival_mark {
	/* Each of these alone says that there were two senders. */
	RIVAL_TTL = 1 << 0,       /* one has the handshake's TTL, the other not */
	RIVAL_STAMP = 1 << 1,     /* timestamps were agreed on, and one has none */
	RIVAL_REFLECTED = 1 << 2, /* one bears the IP identification of the far side */
	/* These support it. */
	RIVAL_TTL_APART = 1 << 3, /* their TTLs differ, the handshake's is not known */
	RIVAL_BACK = 1 << 4,      /* the later one has the older timestamp */
	RIVAL_IP_ID = 1 << 5,     /* identifications far apart */
	RIVAL_WINDOW = 1 << 6,    /* receive windows of another class */
	RIVAL_SHORTER = 1 << 7,   /* the odd one is shorter */
	RIVAL_RACE = 1 << 8,      /* the second came within a round trip */
	/* These speak against it. */
	RIVAL_SAME = 1 << 9,      /* one packet, rewritten on its way or in the file */
	RIVAL_CHECKSUM = 1 << 10, /* a wrong checksum: its receiver drops it */
	RIVAL_LATE = 1 << 11,     /* no race: so far apart, or out of order in the file */
};

#define RIVAL_STRONG (RIVAL_TTL | RIVAL_STAMP | RIVAL_REFLECTED)
#define RIVAL_HINTS  (RIVAL_TTL_APART | RIVAL_BACK | RIVAL_IP_ID | RIVAL_WINDOW)

/* One of the two. Numbers that are not known are -1. */
struct rival_look {
	int64_t ttl, ip_id, window, stamp, size;
};

struct rival {
	enum rival_kind kind;
	int side; /* who both claim to come from: 0: src */
	int64_t gap_us;
	int64_t bytes; /* that differ in range */
	int64_t ttl_syn;
	struct rival_look odd, true_one;
	bool odd_first;                         /* the odd one came first, and won */
	bool reset;                             /* RIVAL_END: by RST, not FIN */
	unsigned marks;                         /* enum rival_mark */
	double points;                          /* how much tells the two apart */
	struct str query, answer, answer_other; /* RIVAL_ANSWER; borrowed from detail */
};

/* Read and judge the row of an anomaly; false: it is none of these, or harmless. */
bool rival_read(struct rival *r, struct str kind, struct str detail);

#endif
