/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a file of keys (keys.h), for those who write and read it. All numbers are
 * little-endian; digests are SipHash-1-3 under the public key, of blocks its low half.
 *
 *      0  8  "dwellkey"                       32  8  keys listed
 *      8  4  version, 3                       40  4  blocks
 *     12  4  1: all keys are listed,          44  4  bytes of the directory
 *            2: with their rows               48  8  digest of the directory
 *     16  8  bytes of the run                 56  8  bytes of rows, which follow
 *     24  8  digest of its last 4,096 bytes   64  8  bytes of sums, which follow them
 *                                             72  8  digest of the 72 bytes before
 *
 *     block:     of each key the bytes that it shares with the one before, the bytes of
 *                the rest, the rest, and the bytes of its rows
 *     directory: 2+n first key, 2+n last key, then of each block 4 bytes, 4 digest,
 *                8 where its rows begin, 8 where its sums do, 2+n first key. It ends with
 * the file.
 */
#ifndef DWELL_STORE_KEYS_FORM_H
#define DWELL_STORE_KEYS_FORM_H

#include "base/bytes.h"
#include "base/hash.h"
#include "store/keys.h"

#define KEYS_MAGIC      "dwellkey"
#define KEYS_VERSION    3U
#define KEYS_LISTED     1U
#define KEYS_WITH_ROWS  2U
#define KEYS_HEAD       80
#define KEYS_VARINT_MAX 6  /* bytes: rows of a key are fewer than 2^42 */
#define KEYS_ENTRY_HEAD 24 /* bytes before the blocks' first keys in the directory */
#define KEYS_BLOCK_MAX  (KEYS_BLOCK + KEYS_TEXT_MAX + 4 * KEYS_VARINT_MAX) /* bytes */

/* What a run's file is known by. */
struct keys_run {
	uint64_t bytes, digest;
};

/* Look at a run's ends. Negative with *e set, and *bad when it is damaged. */
int keys_run_look(const char *path, struct keys_run *run, bool *bad, struct error *e);

/* A number in 7-bit groups, the least first; longer ones than any here fail. */
static inline uint64_t keys_varint(struct bytes *b)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < KEYS_VARINT_MAX; i++) {
		const uint8_t *p = bytes_take(b, 1);
		if (p == NULL)
			return 0;
		v |= (uint64_t)(*p & 0x7f) << i * 7;
		if ((*p & 0x80) == 0)
			return v;
	}
	bytes_fail(b);
	return 0;
}

static inline void store_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void store_le32(uint8_t *p, uint32_t v)
{
	store_le16(p, (uint16_t)v);
	store_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void store_le64(uint8_t *p, uint64_t v)
{
	store_le32(p, (uint32_t)v);
	store_le32(p + 4, (uint32_t)(v >> 32));
}

#endif
