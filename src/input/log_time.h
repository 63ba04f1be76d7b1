/* SPDX-License-Identifier: Apache-2.0 */
/* Times as logs write them, exact to the microsecond, without the C library's clocks and
 * zones: the same text is the same moment on every machine. */
#ifndef DWELL_INPUT_LOG_TIME_H
#define DWELL_INPUT_LOG_TIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/moment.h"

/*
 * ISO 8601 and RFC 3339: YYYY-MM-DD, 'T' or a space, hh:mm:ss, a fraction of any length,
 * then Z, +hhmm, +hh:mm or nothing (UTC). MOMENT_NONE when it is something else.
 */
struct moment time_iso(const char *p, size_t n);

/*
 * A time by a pattern of %Y %m %d %H %M %S %b (English month) %y %z %f (fraction) %s %L
 * (milliseconds since 1970), other characters standing for themselves. MOMENT_NONE when
 * the text does not match.
 */
struct moment time_by(const char *pattern, const char *p, size_t n);

/* Whether time_by knows everything in the pattern. */
bool time_pattern_good(const char *pattern);

#endif
