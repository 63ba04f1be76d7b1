/* SPDX-License-Identifier: Apache-2.0 */
/* The encodings of values in a page (parquet-format, Encodings.md), as far as they are
 * written here. */
#ifndef DWELL_PARQUET_ENCODE_H
#define DWELL_PARQUET_ENCODE_H

#include "base/str.h"
#include "parquet/out.h"

/* The bits that a number takes; 0 for 0. */
unsigned encode_bits(uint64_t v);

/* RLE: runs of equal values, and others packed in width bits each (1 to 32). */
void encode_runs(struct out *o, const uint32_t *v, size_t n, unsigned width);

/* DELTA_BINARY_PACKED: differences, packed in as many bits as a few of them need. */
void encode_deltas(struct out *o, const int64_t *v, size_t n);

/* DELTA_BYTE_ARRAY: how many bytes each text begins with as the one before, how many
 * follow these, and then those bytes. What room holds is lost. */
void encode_texts(struct out *o, const struct str *v, size_t n, struct out *room);

/* PLAIN, for numbers: the least bytes bytes of each. */
void encode_plain(struct out *o, const int64_t *v, size_t n, size_t bytes);

/* PLAIN, for flags: a bit each. */
void encode_flags(struct out *o, const int64_t *v, size_t n);

/* PLAIN, for texts: a length of four bytes before each. */
void encode_plain_texts(struct out *o, const struct str *v, size_t n);

#endif
