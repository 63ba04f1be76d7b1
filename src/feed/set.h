/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of a set of indicators: 16 bytes each, and 32 more for a run of them with the
 * same id, note, dates and file. Everything lies in chunks of 1 MiB that never move, so
 * views stay valid while the set grows.
 */
#ifndef DWELL_FEED_SET_H
#define DWELL_FEED_SET_H

#include "base/arena.h"
#include "feed/indicator.h"
#include "feed/pattern.h"

/* An empty set that never holds more than so many bytes; NULL without memory. */
struct indicators *set_new(size_t bytes_max);

/* From now on indicators come from the file at path, their place counted in units
 * ("line"; static); false when there are INDICATORS_FILES_MAX. */
bool set_file_add(struct indicators *set, const char *path, const char *unit);

/* Path and unit of the i-th file; false when there are no so many. Borrowed. */
bool set_file(
    const struct indicators *set, size_t i, const char **path, const char **unit);

/*
 * Add a copy of a pattern, its texts and nodes; file and at as given in p, file being the
 * one that was added last. False over a limit.
 */
bool set_pattern_add(struct indicators *set, const struct pattern *p);

#endif
