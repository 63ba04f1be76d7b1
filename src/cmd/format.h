/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a query for people and programs:
 * table, CSV (RFC 4180), JSON (one object a line). */
#ifndef DWELL_CMD_FORMAT_H
#define DWELL_CMD_FORMAT_H

#include <stdio.h>

#include "base/error.h"
#include "store/store.h"

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

/* Write all rows to out. Negative with *e set when
 * reading them fails or out can not be written. */
int format_rows(struct store_rows *r, enum format f, FILE *out, struct error *e);

#endif
