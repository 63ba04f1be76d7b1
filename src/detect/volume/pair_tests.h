/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the days of one pair tell.
 *
 * Producer: on its days it sent at least five times what it received, and 5 MB, on a port
 * on which the host's other pairs receive more than they send (B2 b).
 *
 * Drip: the rank p of each day among the days of the host's other pairs, silent ones
 * included, gives e = 1 / (2 sqrt(p)), whose mean is at most 1 as long as the pair's days
 * are no different from the others' (a p-to-e calibrator: Vovk and Wang 2021). The CUSUM
 * of ln e then needs more than A days on average to reach ln A (e-detectors: Shin, Ramdas
 * and Rinaldo 2022), so that A = 10 years times the host's pairs gives at most one false
 * alarm in ten years of the host, in whatever order its days come.
 */
#ifndef DWELL_DETECT_VOLUME_PAIR_TESTS_H
#define DWELL_DETECT_VOLUME_PAIR_TESTS_H

#include "detect/volume/leads.h"

#define PRODUCER_BYTES 5000000 /* B2 (b) */
#define PRODUCER_RATIO 5.0     /* B2 (b) */
#define DRIP_YEARS     10.0    /* B2 (c): of a host, without a false alarm */

/* Whether the pair is a producer, and what of. */
bool producer_test(const struct ledger *l, const struct pair *p, struct producer *out);

/* Whether the pair drips, and since when. */
bool drip_test(const struct ledger *l, const struct pair *p, struct drip *out);

#endif
