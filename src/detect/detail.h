/* SPDX-License-Identifier: Apache-2.0 */
/* Reading anomaly.detail: facts as name=value, joined by spaces (record/anomaly.h). */
#ifndef DWELL_DETECT_DETAIL_H
#define DWELL_DETECT_DETAIL_H

#include "base/str.h"

/* The value of that name; absent: there is none. Borrowed from detail. */
struct str detail_text(struct str detail, const char *name);

/* The value as a whole number of at most 18 digits, or otherwise where it is absent or
 * none ("-"). */
int64_t detail_number(struct str detail, const char *name, int64_t otherwise);

#endif
