/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of dns_odd share: each reads the memory and tells suspects, with the
 * facts of its own; context, shared facts and the order of findings are the same for all.
 */
#ifndef DWELL_DETECT_DNS_ODD_H
#define DWELL_DETECT_DNS_ODD_H

#include "detect/dns/glance.h"
#include "detect/suspects.h"
#include "detect/weigh.h"

#define ODD_MAX 1024 /* findings of one run; the rest is counted only */

/* One thing that a part tells; peer and proto are copied. */
struct odd {
	struct series_key key;
	struct series_stats stats;
	double score;
	enum confidence confidence; /* as it is, unless something speaks against it */
	const char *attack[2];      /* NULL: none */
	uint64_t hosts; /* that do the same to that peer; 0: as the connections tell */
	struct fact facts[3];
	size_t fact_count;
};

struct odd_run {
	const struct detection *d;
	struct glance glance;
	struct suspects suspects;
	struct odd *told; /* ODD_MAX; in the order of the suspects; owned */
	size_t n;
	uint64_t dropped;
};

/* Tell one. False: no memory left. */
bool odd_tell(struct odd_run *r, const struct odd *o);

/* Whether the address is one of ours and no group. */
bool odd_ours(const struct odd_run *r, const struct addr *a);

/* The parts. Negative with *e set. */
int dga_run(struct odd_run *r, struct error *e);
int flux_run(struct odd_run *r, struct error *e);
int channels_run(struct odd_run *r, struct error *e);
int silence_run(struct odd_run *r, struct error *e);

#endif
