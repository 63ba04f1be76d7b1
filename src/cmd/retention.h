/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of retention on the command line: setting it, applying it, saying what went.
 */
#ifndef DWELL_CMD_RETENTION_H
#define DWELL_CMD_RETENTION_H

#include "cmd/options.h"
#include "store/store.h"

/* Whether the command line changes the policy. */
bool retention_asked(const struct options *o);

/* Change the memory's policy as the command line says. Negative with *e set. */
int retention_set(struct store *s, const struct options *o, struct error *e);

/* Apply it as of now, with a note of what was removed, and a warning where the budget of
 * the disk can not be kept. Negative with *e set. */
int retention_apply(struct store *s, struct error *e);

#endif
