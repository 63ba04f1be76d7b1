/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of records: what a live writer has been given and no commit holds yet. One
 * file of a fixed size, all of it taken from the disk beforehand, so that it goes on
 * when the disk is full:
 *
 *     "dwellrow" digest(8) version(4) 0(4) layout(8)          the head
 *     digest(8) bytes(4) records(4) number(8) frames …        a block; frames as in
 * wire.h digest(8) …                                             the block with the next
 * number
 *
 * all little-endian. Digests are XXH3-64 under the memory's secret over all that stands
 * behind them, so nothing that came over a wire can pass for a block. Blocks are
 * numbered without end. A commit says in the same breath up to which number it holds the
 * rows (journal/held); then the next block overwrites the first. What is read back begins
 * at the first block and ends where the numbers do, or where a digest is wrong: behind
 * what was made durable there may be anything.
 */
#ifndef DWELL_STORE_ROWLOG_H
#define DWELL_STORE_ROWLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"

#define ROWLOG_NAME        "journal/rows"
#define ROWLOG_HELD        "journal/held"
#define ROWLOG_BYTES       (64U << 20) /* of the file: rows that wait while no commit can */
#define ROWLOG_BYTES_MIN   (4U << 20)   /* a block of any record fits */
#define ROWLOG_BLOCK_BYTES (256U << 10) /* a block is written when it has so many */

struct rowlog {
	int fd;                /* -1: no file */
	const uint8_t *secret; /* STORE_SECRET_BYTES; borrowed */
	uint8_t *block;        /* being filled, room for its head first; owned */
	size_t used;           /* bytes of frames in it */
	uint32_t records;      /* that these are */
	uint64_t held;         /* a commit holds the blocks up to this number */
	uint64_t last;         /* number of the last block of the file */
	uint64_t at, end;      /* where the next block goes; the size of the file */
	bool dirty;            /* something was written since it was last made durable */
	bool broken;           /* writing failed: nothing goes in until a commit */
};

/* Where records that are read back go; false ends the reading. */
struct rowlog_sink {
	bool (*put)(void *ctx, enum record_type type, const void *record);
	void *ctx;
};

/*
 * Open the journal at path, of that many bytes, making it where there is none. secret is
 * borrowed; held is the number that the memory's last commit gave. Negative with *e set:
 * ERR_MEMORY when another version of dwell wrote it and it has blocks that nobody holds.
 */
int rowlog_open(struct rowlog *l, const char *path, const uint8_t *secret, uint64_t held,
    uint64_t bytes, struct error *e);

/* Append a record. False: there is no room, or writing fails; it is not in the journal.
 */
bool rowlog_put(struct rowlog *l, enum record_type type, const void *record);

/* Write what is put; a kill of the process does not lose it any more. False: there is no
 * room, or writing fails, and what was put last waits for the next call. */
bool rowlog_flush(struct rowlog *l);

/* The same, and make it durable: it is still there after a power cut. Negative with *e
 * set, and nothing more goes in until a commit. */
int rowlog_sync(struct rowlog *l, struct error *e);

/* Whether it has records that no commit holds. */
bool rowlog_waits(const struct rowlog *l);

/* Give these to the sink, in order. The number of records, or negative with *e set. */
int64_t rowlog_read(struct rowlog *l, const struct rowlog_sink *sink, struct error *e);

/* The number up to which a commit that is made now, of all that was put, holds the rows.
 * *left_out: so many of them could not be written and are in that commit only. */
uint64_t rowlog_number(struct rowlog *l, uint64_t *left_out);

/* A commit holds the blocks up to that number. When these are all, the next one goes to
 * the front. */
void rowlog_hold(struct rowlog *l, uint64_t number);

/* Close it; the file stays. Fine when it is not open. */
void rowlog_close(struct rowlog *l);

#endif
