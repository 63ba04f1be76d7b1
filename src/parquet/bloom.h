/* SPDX-License-Identifier: Apache-2.0 */
/* Split-block Bloom filters (parquet-format, BloomFilter.md): whether a row group may
 * hold a value. */
#ifndef DWELL_PARQUET_BLOOM_H
#define DWELL_PARQUET_BLOOM_H

#include "parquet/dictionary.h"
#include "parquet/out.h"

/* Put the filter of a dictionary's texts. One in a hundred others passes it. */
void bloom_put(struct out *o, const struct dictionary *d);

#endif
