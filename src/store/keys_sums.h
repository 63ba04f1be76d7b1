/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows under a key come to, beside them in the file of keys: a question that
 * wants figures only reads this and no rows. Keys of one row have none, and so have those
 * whose sums would be no shorter; nothing depends on them.
 *
 *     | digest (4) | flags | first | length | sums | years and days | peers |
 *
 * flags: 1 active on the day of first only, so that no days follow; 2 of seen: how often
 * it was shown and the ways follow the other sums. Peers are those that are addresses,
 * each once, in order: the number of IPv4 ones, their differences, that of IPv6, those.
 */
#ifndef DWELL_STORE_KEYS_SUMS_H
#define DWELL_STORE_KEYS_SUMS_H

#include "store/keys_rows.h"

#define KEYS_SUM_YEARS 8     /* years of one key; with more it has no sums */
#define KEYS_SUM_PEERS 2048  /* peers of one key, likewise */
#define KEYS_SUM_MAX   49152 /* bytes of a key's sums, which are fewer */

struct keys_sum_year {
	int year;
	uint32_t days[12]; /* masks */
};

struct keys_sum {
	int64_t first, last;  /* microseconds since 1970 */
	uint64_t connections; /* of seen those under that server name */
	uint64_t shown;       /* of seen: times in all other ways */
	uint64_t src_bytes, dst_bytes;
	uint32_t ways; /* of seen: bits by number of the word (keys_word) */
	size_t year_count, peer_count;
	struct keys_sum_year years[KEYS_SUM_YEARS];
	struct addr peers[KEYS_SUM_PEERS];
};

/* ---- writing ---- */

struct keys_summer {
	struct keys_sum sum;
	size_t rows;
	bool none; /* it can not be told so */
};

/* Begin a key. */
void keys_sum_start(struct keys_summer *s);

/* Count the row in that the coder has put last; seen: it is one of that table. */
void keys_sum_add(struct keys_summer *s, const struct keys_row *r,
    const struct keys_coder *coder, bool seen);

/* Put the sums, of which the rows take so many bytes; the bytes that they take: 0 when
 * there are none to put. */
size_t keys_sum_put(struct keys_summer *s, struct out *o, uint64_t rows_bytes);

/* ---- reading ---- */

/* Read sums of n bytes. False: they are not what was written. */
bool keys_sum_read(const uint8_t *p, size_t n, struct keys_sum *sum);

#endif
