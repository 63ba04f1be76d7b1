/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's clocks, read only here and in cmd/: below, time is an argument. */
#ifndef DWELL_CMD_WATCH_CLOCKS_H
#define DWELL_CMD_WATCH_CLOCKS_H

#include <stdint.h>
#include <time.h>

#include "base/moment.h"

/* A clock of clock_gettime(2) in nanoseconds. */
static inline int64_t clock_ns(clockid_t which)
{
	struct timespec t;
	clock_gettime(which, &t);
	return moment_from(t.tv_sec, t.tv_nsec).ns;
}

#endif
