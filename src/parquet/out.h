/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are being put together. Without memory it fails, and stays failed. */
#ifndef DWELL_PARQUET_OUT_H
#define DWELL_PARQUET_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct out {
	uint8_t *p; /* owned */
	size_t n, room;
	bool failed;
};

/* Make room for n more bytes; false, and failed, without memory. */
bool out_grow(struct out *o, size_t n);

/* Free what it holds; it is empty then. */
void out_free(struct out *o);

/* Whether n more bytes have room, which is made. */
static inline bool out_room(struct out *o, size_t n)
{
	return n <= o->room - o->n || out_grow(o, n);
}

/* Put n bytes. */
static inline void out_put(struct out *o, const void *p, size_t n)
{
	if (n == 0 || !out_room(o, n))
		return;
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static inline void out_u8(struct out *o, uint8_t v)
{
	if (out_room(o, 1))
		o->p[o->n++] = v;
}

/* Put the n least bytes of v, the least first; n <= 8. */
static inline void out_le(struct out *o, uint64_t v, size_t n)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(v >> 8 * i);
	out_put(o, bytes, n);
}

#define OUT_VARINT_MAX 10 /* bytes that a number takes in groups of seven bits */

/* Put v in groups of seven bits, the least first (ULEB128). */
static inline void out_varint(struct out *o, uint64_t v)
{
	if (!out_room(o, OUT_VARINT_MAX))
		return;
	for (; v >= 0x80; v >>= 7)
		o->p[o->n++] = (uint8_t)(v | 0x80);
	o->p[o->n++] = (uint8_t)v;
}

/* Put a number with a sign: 0, -1, 1, -2, … become 0, 1, 2, 3, … */
static inline void out_zigzag(struct out *o, int64_t v)
{
	out_varint(o, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

#endif
