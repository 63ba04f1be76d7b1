/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/bloom.h"

#include <xxhash.h>

#include "parquet/thrift.h"

#define WORDS      8U /* of 32 bits in a block; a value sets a bit in each */
#define BLOCK      ((size_t)WORDS * 4)
#define VALUE_BITS 10 /* of the filter for each value: one in a hundred others passes */

static void put_head(struct out *o, size_t bytes)
{
	int last = 0;
	thrift_int(o, &last, 1, THRIFT_I32, (int64_t)bytes);
	for (int id = 2; id <= 4; id++) { /* by blocks; by XXH64; not compressed */
		int member = 0;
		thrift_field(o, &last, id, THRIFT_STRUCT);
		thrift_empty(o, &member, 1);
		thrift_end(o);
	}
	thrift_end(o);
}

static void set_bits(uint8_t *bits, size_t blocks, uint64_t hash)
{
	static const uint32_t salts[WORDS] = {0x47b6137b, 0x44974d91, 0x8824ad5b,
	    0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};
	uint8_t *block = bits + ((hash >> 32) * blocks >> 32) * BLOCK;
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t bit = ((uint32_t)hash * salts[i]) >> 27;
		block[i * 4 + bit / 8] |= (uint8_t)(1U << bit % 8);
	}
}

void bloom_put(struct out *o, const struct dictionary *d)
{
	size_t blocks = 1;
	while (blocks * BLOCK * 8 < (size_t)d->n * VALUE_BITS)
		blocks *= 2;
	put_head(o, blocks * BLOCK);
	if (!out_room(o, blocks * BLOCK))
		return;
	uint8_t *bits = o->p + o->n;
	memset(bits, 0, blocks * BLOCK);
	for (uint32_t i = 0; i < d->n; i++) {
		struct str text = d->texts[i];
		set_bits(bits, blocks, XXH64(text.p, text.n, 0));
	}
	o->n += blocks * BLOCK;
}
