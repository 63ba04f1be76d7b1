/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detail decays by the memory's policy: rows of connections and protocols that are older
 * than their rule allows go away, whole segments where all of it is, else rewritten
 * without them. Roll-ups stay. What went is said by rows of the table decay, in the same
 * transaction, so nothing ever disappears without a word. store_retain (store.h) does it.
 *
 * Age counts from the newest record, or from now where that is earlier: an archive that
 * is read years later keeps its detail, and a clock that ran ahead empties nothing.
 */
#ifndef DWELL_STORE_RETAIN_H
#define DWELL_STORE_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "record/record.h"

#define RETAIN_DISK_PERCENT 95 /* of the budget are filled once it was passed */

/* Whether rows of a table are detail, which may decay. */
bool retain_is_detail(enum record_type type);

/* The span of time of a segment by its path, days since 1970-01-01, [*from, *end). False
 * where the folder says none. */
bool retain_span(const char *path, int64_t *from, int64_t *end);

/* Bytes of all files below a folder. */
uint64_t retain_folder_bytes(const char *path);

#endif
