/* SPDX-License-Identifier: Apache-2.0 */
/* The activity of each host in turn, read beside the series:
 * both are in order of host. */
#ifndef DWELL_DETECT_TIMING_PROFILE_H
#define DWELL_DETECT_TIMING_PROFILE_H

#include "detect/series.h"
#include "detect/timing/activity.h"

struct profile {
	struct activity activity; /* of the host in work */
	bool paced;               /* that host's own time differs from wall time */
	struct store_rows *rows;  /* NULL: this projection has none */
	char host[ADDR_TEXT_MAX];
	bool more, no_memory;
};

/* Start reading beside a projection; hosts as in struct series_query. */
int profile_open(struct profile *p, const struct source *s, enum projection projection,
    const char *hosts, struct error *e);

/* Go on to the host, which must not come before the last one. */
void profile_host(struct profile *p, const struct addr *host);

/* End; negative with *e set when the reading had failed. */
int profile_close(struct profile *p, struct error *e);

#endif
