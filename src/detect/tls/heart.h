/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heartbleed: rows of anomaly of the kind heartbeat, as findings of tls_odd. They are
 * about a pair that may be odd in other ways, too, but has one finding.
 */
#ifndef DWELL_DETECT_TLS_HEART_H
#define DWELL_DETECT_TLS_HEART_H

#include "detect/detector.h"
#include "detect/suspects.h"

#define HEARTS_MAX 4096 /* pairs that are told, oldest first */

/* Add a suspect for each pair with such heartbeats, facts and confidence included.
 * Negative with *e set. */
int heart_read(struct suspects *found, const struct source *s, struct error *e);

#endif
