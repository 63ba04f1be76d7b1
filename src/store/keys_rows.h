/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows under a key, in the file of keys: what `ask` says of them, without the engine
 * and without a page of each column. They stand key by key, so that one read gives all
 * that a run knows of one value. Chunks of at most KEYS_CHUNK_MAX bytes begin anew:
 *
 *     | bytes of rows (2) | digest of them (4) | row | row | …
 *
 *     row: | flags | peer | year | service | name | first | last | bytes | counts | days
 * |
 *
 * flags: 0-2 the peer: 0 to 3 an IPv4 address of which so many bytes are those of the one
 * before, 4 the one before, 5 IPv6 (a byte says how many are shared), 6 a text, 7 absent;
 * 8 service, 16 name, 32 year as before; 64 active on the day of first only; 128 one
 * connection, which was answered and of which nothing was missed. Left out is what flags
 * say. Numbers are in groups of seven bits, the least first.
 */
#ifndef DWELL_STORE_KEYS_ROWS_H
#define DWELL_STORE_KEYS_ROWS_H

#include "base/addr.h"
#include "base/bytes.h"
#include "base/str.h"
#include "parquet/out.h"

#define KEYS_CHUNK      16384 /* bytes from which on a chunk is full */
#define KEYS_CHUNK_MAX  65535 /* bytes of rows in a chunk */
#define KEYS_CHUNK_HEAD 6     /* bytes before its rows */
#define KEYS_NAMES      64    /* names of a chunk that are told by their number */
#define KEYS_NAME_MAX   255   /* bytes of such a name */
#define KEYS_ROW_TEXT   4096 /* bytes of a text in a row; with a longer one no rows are */
#define KEYS_DAYS       0x7fffffffU /* bits of a month's mask */
#define KEYS_WORD_MAX   32          /* bytes of a service */

/* A row of pair_year or seen. */
struct keys_row {
	struct addr peer; /* the other end; of seen the client */
	bool is_addr;     /* peer is set */
	struct str text;  /* the peer where it is no address; absent: there is none */
	struct str word;  /* of pairs proto, of seen via; absent: none */
	uint16_t port;    /* of pairs */
	struct str name;  /* of pairs server_name; absent: none */
	int year;
	int64_t first, last;  /* microseconds since 1970 */
	uint64_t connections; /* of seen its count */
	uint64_t unanswered, src_bytes, dst_bytes, missed;
	uint32_t days[12]; /* masks */
};

/* What a row is coded against: the one before it in its chunk. */
struct keys_before {
	struct addr peer;
	bool any;
	int year;
	int64_t year_start; /* microseconds since 1970 */
	uint16_t port;
	char word[KEYS_WORD_MAX];
	size_t word_n;        /* SIZE_MAX: absent */
	unsigned word_number; /* of a writer: its number, or 31 */
	struct str name;
	struct str names[KEYS_NAMES]; /* in a ring */
	uint32_t hashes[KEYS_NAMES];  /* of a writer */
	size_t name_count;
};

enum { KEYS_PEER_TEXT = 6, KEYS_PEER_NONE = 7 }; /* of the flags; else an address */

/* A number in groups of seven bits. */
static inline uint64_t keys_number(struct bytes *b)
{
	uint64_t v = 0;
	for (unsigned shift = 0; shift < 64 && b->left > 0; shift += 7) {
		uint8_t byte = *b->pos;
		b->pos++;
		b->left--;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	bytes_fail(b);
	return 0;
}

/* Whether microseconds since 1970 can be told in nanoseconds. */
static inline bool keys_is_moment(int64_t us)
{
	return us < INT64_MAX / 1000 && us > -INT64_MAX / 1000;
}

/* The masks of a year's days: which months have any (2), of each of these its mask (4).
 */
void keys_masks_put(struct out *o, const uint32_t days[static 12]);
void keys_masks_take(struct bytes *b, uint32_t days[static 12]);

/* The word of a number in bits of ways; absent: it is none. */
struct str keys_word(unsigned number);

/* ---- writing ---- */

struct keys_coder {
	struct keys_before before;
	int64_t day; /* the day that was looked at last, its year, month and bit there */
	int day_year;
	unsigned day_month;
	uint32_t day_bit;         /* 0: none was */
	unsigned peer;            /* what the flags say of the peer that was put last */
	char last[KEYS_ROW_TEXT]; /* before.name */
	char texts[KEYS_NAMES][KEYS_NAME_MAX]; /* before.names */
};

/* Begin a chunk. */
void keys_coder_start(struct keys_coder *c);

/* Put a row, whose peer is its text. False: it can not be put; nothing is. */
bool keys_coder_put(struct keys_coder *c, struct out *o, const struct keys_row *r);

/* ---- reading ---- */

/* The rows of a chunk being read; texts of rows lie in its bytes. */
struct keys_decoder {
	struct bytes in;
	struct keys_before before;
};

/* Begin with the rows of a chunk, which must outlive it. */
void keys_decoder_start(struct keys_decoder *d, const void *p, size_t n);

/* The next row; false at the end, or when d->in.bad: it is malformed. */
bool keys_decoder_next(struct keys_decoder *d, struct keys_row *r);

#endif
