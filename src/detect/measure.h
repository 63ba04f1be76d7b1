/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the connections say of suspects that some other table made: a handshake, an
 * anomaly, a logon tells that a pair is odd; since when, how often and how much they talk
 * is told by their connections alone, decayed ones included.
 */
#ifndef DWELL_DETECT_MEASURE_H
#define DWELL_DETECT_MEASURE_H

#include "detect/suspects.h"

/*
 * Set stats of all suspects, whose keys are SERIES_ADDRESS or SERIES_INBOUND and differ;
 * the list is sorted by key then. A suspect without connections keeps stats.events == 0.
 * Negative with *e set.
 */
int suspects_measure(struct suspects *l, const struct source *s, struct error *e);

#endif
