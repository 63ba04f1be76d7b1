/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of upload.c found, by host and peer: several tests may tell of the same
 * two, and one finding says it all.
 */
#ifndef DWELL_DETECT_VOLUME_LEADS_H
#define DWELL_DETECT_VOLUME_LEADS_H

#include "detect/volume/ledger.h"

#define LEADS_MAX 4096 /* at a time; when full, the lower half by score goes */

enum rule {
	RULE_PRODUCER,  /* B2 (b): the pair sends where others receive */
	RULE_DRIP,      /* B2 (c): day after day more than the host's other pairs */
	RULE_SCHEDULED, /* B2 (e): large transfers by the clock */
	RULE_BURST,     /* B2 (a): a day unlike the host's days */
	RULE_SPLIT,     /* B2 (d): the same over peers that are new */
	RULE_STAGED,    /* B2 (f): gathered inside, then sent */
	RULE_STORED,    /* files put on a server outside */
	RULE_MAILED,    /* mails that no mail program wrote */
	RULES,
};

/* What a pair's own days told. */
struct producer {
	double days, ratio, usual, usual_days; /* usual: NaN: nothing to compare with */
	uint64_t out, in;
	int64_t first; /* µs since 1970 */
};

struct drip {
	double decades, alarm; /* of the e-value; what it had to reach */
	double days, active;   /* of the run; of these with a connection */
	uint64_t out;
	int64_t first;
};

struct schedule {
	double score, period, jitter, transfers;
	int64_t first;
};

struct pushed {
	double n; /* files or mails */
	uint64_t bytes;
	int64_t first;
};

/* What a host's days told: of a day, or of a run of days. */
struct odd_day {
	enum flow flow;
	int64_t day, days; /* first day, how many */
	uint64_t bytes;    /* in all */
	double usual;      /* bytes: median of the days before */
	double p_own, p_peer, history, decades;
	double z; /* robust: how far above the median of the days before */
	double gathered, senders; /* of staging: bytes before, from how many hosts */
	double peers;             /* new ones */
};

struct lead {
	struct suspect v;
	unsigned rules; /* bits by enum rule */
	struct producer producer;
	struct drip drip;
	struct schedule schedule;
	struct odd_day burst, split, staged;
	struct pushed pushed;
};

struct leads {
	struct lead *v; /* owned */
	size_t n, room;
	uint64_t dropped; /* because of LEADS_MAX */
	struct arena texts;
};

void leads_init(struct leads *l);
void leads_fini(struct leads *l);

/* A new lead about the pair, with its stats; NULL: no memory left. */
struct lead *leads_add(struct leads *l, const struct pair *p);

/* A lead as it is, whose texts are the list's already. False: no memory left. */
bool leads_put(struct leads *l, const struct lead *v);

/* One lead for each host and peer: ports are joined, and a name covers its addresses. */
void leads_join(struct leads *l);

#endif
