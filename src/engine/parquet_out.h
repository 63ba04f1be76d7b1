/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes on their way into a Parquet file: a buffer that grows, and the compact protocol
 * of Thrift in which the format writes its headers (thrift-compact-protocol.md). Without
 * memory the buffer stays as it is and remembers; whoever uses it asks once at the end.
 */
#ifndef DWELL_ENGINE_PARQUET_OUT_H
#define DWELL_ENGINE_PARQUET_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct out {
	uint8_t *p; /* owned */
	size_t n, room;
	bool failed; /* no memory */
};

/* Room for n more bytes; false without memory. */
bool out_reserve(struct out *o, size_t n);

/* Put n bytes. */
static inline void out_put(struct out *o, const void *p, size_t n)
{
	if (n > 0 && out_reserve(o, n)) {
		memcpy(o->p + o->n, p, n);
		o->n += n;
	}
}

/* Put one byte. */
static inline void out_byte(struct out *o, uint8_t byte)
{
	out_put(o, &byte, 1);
}

/* Put a number, seven bits a byte, the least first (ULEB128). */
static inline void out_varint(struct out *o, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		out_byte(o, (uint8_t)(v | 0x80));
	out_byte(o, (uint8_t)v);
}

/* Signed numbers near zero as small ones. */
static inline uint64_t zigzag(int64_t v)
{
	return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

/* Free the buffer. */
void out_free(struct out *o);

/* ---- structs of the compact protocol ---- */

/* Types of fields, and of the elements of lists. */
enum thrift_type {
	THRIFT_TRUE = 1,
	THRIFT_FALSE = 2,
	THRIFT_I16 = 4,
	THRIFT_I32 = 5,
	THRIFT_I64 = 6,
	THRIFT_BINARY = 8,
	THRIFT_LIST = 9,
	THRIFT_STRUCT = 12,
};

/* A struct being written: its fields go by the distance of their numbers. */
struct thrift {
	struct out *out;
	int last;
};

/* Announce a field, whose numbers ascend; its value follows. */
static inline void thrift_field(struct thrift *t, int number, enum thrift_type type)
{
	out_byte(t->out, (uint8_t)((unsigned)(number - t->last) << 4 | type));
	t->last = number;
}

/* Put a field that is a number (of 16, 32 or 64 bits). */
static inline void thrift_int(
    struct thrift *t, int number, enum thrift_type type, int64_t v)
{
	thrift_field(t, number, type);
	out_varint(t->out, zigzag(v));
}

/* Put a field of n bytes. */
static inline void thrift_binary(struct thrift *t, int number, const void *p, size_t n)
{
	thrift_field(t, number, THRIFT_BINARY);
	out_varint(t->out, n);
	out_put(t->out, p, n);
}

/* Put the head of a field that is a list; its n elements follow. */
static inline void thrift_list(
    struct thrift *t, int number, enum thrift_type type, size_t n)
{
	thrift_field(t, number, THRIFT_LIST);
	if (n < 15) {
		out_byte(t->out, (uint8_t)(n << 4 | type));
		return;
	}
	out_byte(t->out, (uint8_t)(0xf0 | type));
	out_varint(t->out, n);
}

/* Start a struct: an element of a list, or the value of a field just announced. */
static inline struct thrift thrift_start(struct out *o)
{
	return (struct thrift){o, 0};
}

/* Start a struct that is a field. */
static inline struct thrift thrift_struct(struct thrift *t, int number)
{
	thrift_field(t, number, THRIFT_STRUCT);
	return thrift_start(t->out);
}

/* End a struct. */
static inline void thrift_stop(struct thrift *t)
{
	out_byte(t->out, 0);
}

#endif
