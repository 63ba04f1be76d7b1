/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How values become bytes in a page of Parquet (Encodings.md of the format). Of a page's
 * values those that are absent are left out; levels say which.
 *
 *     numbers   DELTA_BINARY_PACKED: differences, 128 a block, in as many bits as they
 * need texts     DELTA_BYTE_ARRAY: how much each shares with the one before, and the rest
 *     either    RLE_DICTIONARY: numbers of entries, repeated or packed by eight
 */
#ifndef DWELL_ENGINE_PARQUET_ENCODE_H
#define DWELL_ENGINE_PARQUET_ENCODE_H

#include "base/str.h"
#include "engine/parquet_out.h"

/* Bits that v needs. */
static inline unsigned bits_of(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* Put n numbers below 2^width, width <= 32: repeated or packed (RLE hybrid). */
void encode_hybrid(struct out *o, const uint32_t *v, size_t n, unsigned width);

/* Put n numbers as differences. */
void encode_delta(struct out *o, const int64_t *v, size_t n);

/* Put the texts that n numbers stand for, each by what it does not share with the one
 * before. */
void encode_delta_texts(struct out *o, const struct str *texts, const uint32_t *v,
    size_t n, struct out *room);

#endif
