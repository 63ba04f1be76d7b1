/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of a stage in the order in which they are written: by span of time, source,
 * destination and time, addresses as their text. Rows of one pair then lie together,
 * which compresses well, and the least and greatest address of each row group say whether
 * it need be read at all.
 */
#ifndef DWELL_STORE_BATCH_H
#define DWELL_STORE_BATCH_H

#include <stdint.h>

#include "base/error.h"
#include "engine/stage.h"
#include "store/addresses.h"

#define BATCH_NO_DAY INT32_MAX /* of rows without a time, and of tables without days */

/* Rows that a segment should hold on average. A segment costs
 * some 10 KiB and a look at each query, however few its rows:
 * days with less are joined to months, months to years. */
#define BATCH_SEGMENT_ROWS 4096

/* What a segment of the batch spans. */
enum batch_span { BATCH_DAY, BATCH_MONTH, BATCH_YEAR };

struct batch_row {
	int32_t day; /* first day of its span, since 1970-01-01 */
	uint32_t src, dst;
	uint32_t row; /* in the stage */
	int64_t us;
};

struct batch {
	const struct stage *stage; /* borrowed */
	struct batch_row *rows;    /* owned, stage->n of them, in order */
	enum batch_span span;
	struct addresses addresses; /* of the rows; owned */
};

/*
 * Put the stage's rows in order. Each address in them becomes a duckdb_string_t in place,
 * so the stage can be sorted only once, and lives as long as the batch. A table without a
 * column ts keeps its order. Spans are the finest that is told; few rows share coarser
 * ones, up to the coarsest. Negative with *e set without memory.
 */
int batch_sort(struct batch *b, struct stage *s, const struct hash_key *key,
    enum batch_span finest, enum batch_span coarsest, struct error *e);

/* Free what it holds; it is empty then. */
void batch_free(struct batch *b);

#endif
