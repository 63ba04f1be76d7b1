/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apache Thrift's compact protocol, the little of it that the ends of Parquet files and
 * the heads of their pages take. A field is its type and how far its number is from the
 * one before:
 *
 *     | delta (4 bits) | type (4 bits) | value … |     a struct ends with a zero byte
 */
#ifndef DWELL_PARQUET_THRIFT_H
#define DWELL_PARQUET_THRIFT_H

#include "parquet/out.h"

enum thrift_type {
	THRIFT_TRUE = 1,
	THRIFT_FALSE = 2,
	THRIFT_I32 = 5,
	THRIFT_I64 = 6,
	THRIFT_BINARY = 8,
	THRIFT_LIST = 9,
	THRIFT_STRUCT = 12,
};

/* Begin field number id of the struct whose last field was *last (0: none). */
static inline void thrift_field(struct out *o, int *last, int id, enum thrift_type type)
{
	out_u8(o, (uint8_t)((unsigned)(id - *last) << 4 | type));
	*last = id;
}

/* A whole number of 16 to 64 bits. */
static inline void thrift_int(
    struct out *o, int *last, int id, enum thrift_type type, int64_t v)
{
	thrift_field(o, last, id, type);
	out_zigzag(o, v);
}

static inline void thrift_bytes(struct out *o, const void *p, size_t n)
{
	out_varint(o, n);
	out_put(o, p, n);
}

static inline void thrift_text(struct out *o, const char *text)
{
	thrift_bytes(o, text, strlen(text));
}

static inline void thrift_flag(struct out *o, int *last, int id, bool v)
{
	thrift_field(o, last, id, v ? THRIFT_TRUE : THRIFT_FALSE);
}

/* Begin a list of n elements of a type as a field. */
static inline void thrift_list(
    struct out *o, int *last, int id, enum thrift_type type, size_t n)
{
	thrift_field(o, last, id, THRIFT_LIST);
	if (n < 15) {
		out_u8(o, (uint8_t)(n << 4 | type));
	} else {
		out_u8(o, (uint8_t)(0xf0 | type));
		out_varint(o, n);
	}
}

static inline void thrift_end(struct out *o)
{
	out_u8(o, 0);
}

/* A struct without fields as a field: how a union names one of its members. */
static inline void thrift_empty(struct out *o, int *last, int id)
{
	thrift_field(o, last, id, THRIFT_STRUCT);
	thrift_end(o);
}

#endif
