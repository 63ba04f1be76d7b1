/* SPDX-License-Identifier: Apache-2.0 */
/* A message of an industrial protocol as the columns of a row that it tells itself. */
#ifndef DWELL_PROTO_OT_ROW_H
#define DWELL_PROTO_OT_ROW_H

#include "proto/ot/ot.h"

/* Fill *r from m; times, endpoints, source and bytes are left absent. Texts are borrowed
 * from m or live in the arena. */
void ot_row(struct arena *arena, const struct ot_message *m, struct ot_record *r);

#endif
