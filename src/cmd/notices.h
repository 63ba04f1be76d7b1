/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of the memory as messages for whoever is to be told. */
#ifndef DWELL_CMD_NOTICES_H
#define DWELL_CMD_NOTICES_H

#include <stdbool.h>

#include "notify/deliver.h"
#include "store/store.h"

#define NOTICES_FOLDER "notify" /* in the memory: the queues */

/* Put every finding that was not told yet into the queues: one object of JSON each, under
 * its id and confidence, so that one that gets surer is told again. Left out are those of
 * muted cases and, but for low, those of low confidence. *dropped counts what had no
 * room, and comes again with the next call. Negative with *e set. */
int notices_put(
    struct store *s, struct deliveries *d, bool low, size_t *dropped, struct error *e);

#endif
