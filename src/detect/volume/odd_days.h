/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Days on which a host sent unlike itself, and unlike the others (B2 a, d, f).
 *
 * Own history: the rank p of the day among the host's days before it, at most 90 calendar
 * days back, working days and weekends apart where there are enough of each, at least 24.
 * Others: how many hosts were, on that same day, as far above their own median. Both are
 * conformal: without any change p <= x happens in at most x of all days.
 *
 * A burst: both p at most 0.04, and at least 50 MB. It is sure where it lies 3.5 robust
 * standard deviations above the median (Iglewicz and Hoaglin 1993), as it must where
 * there are too few others to give such a p. A run of days: the product of e = 1 / (2
 * sqrt(p)), as a CUSUM, reaches 10^4: at most one false alarm in 10^4 days of a host. The
 * same over what went to new peers is a split. Staging: a day's bytes from at least three
 * of our hosts are five times the 95th percentile of the days before, and three tenths as
 * much leaves within a week.
 */
#ifndef DWELL_DETECT_VOLUME_ODD_DAYS_H
#define DWELL_DETECT_VOLUME_ODD_DAYS_H

#include "detect/volume/leads.h"

#define ODD_BYTES    50000000 /* B2 (a) */
#define ODD_P        0.04     /* B2 (a) */
#define ODD_Z        3.5
#define ODD_DECADES  4.0  /* B2 (a) */
#define ODD_HISTORY  24   /* days: fewer can not give p <= 0.04 */
#define ODD_MAX      1024 /* of one memory; the first ones by host and day */
#define STAGE_FACTOR 5.0
#define STAGE_HOSTS  3
#define STAGE_SHARE  0.3
#define STAGE_DAYS   7

struct odd_found {
	uint32_t host; /* number in the ledger */
	enum rule rule;
	struct odd_day odd;
	/* The pair that sent most of it, found by upload.c: */
	uint64_t top;
};

struct odd_days {
	struct odd_found *v; /* owned; by host, day and rule */
	size_t n;
	uint64_t dropped; /* because of ODD_MAX */
};

/* Look at all days of the ledger. Negative with *e set; odd_days_fini is due. */
int odd_days_find(struct odd_days *o, const struct ledger *l, struct error *e);
void odd_days_fini(struct odd_days *o);

#endif
