/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/parquet_encode.h"

#define BLOCK     128 /* differences that share their least */
#define MINI      32  /* that share a number of bits */
#define PACKED    8   /* entries that are packed together */
#define PACKS_MAX 63  /* packs under one header byte */

/* ---- bits ---- */

/* Put n numbers, the least bit first, in width bits each; n is a multiple of 8. Room is
 * there. */
static uint8_t *pack(uint8_t *to, const uint64_t *v, size_t n, unsigned width)
{
	uint64_t held = 0;
	unsigned bits = 0;
	if (width == 64) {
		memcpy(to, v, n * sizeof(*v));
		return to + n * sizeof(*v);
	}
	for (size_t i = 0; i < n; i++) {
		held |= v[i] << bits;
		bits += width;
		if (bits >= 64) {
			memcpy(to, &held, sizeof(held));
			to += sizeof(held);
			bits -= 64;
			held = bits > 0 ? v[i] >> (width - bits) : 0;
		}
	}
	memcpy(to, &held, bits / 8);
	return to + bits / 8;
}

/* ---- repeated or packed ---- */

static void put_repeated(struct out *o, uint32_t v, size_t times, unsigned width)
{
	out_varint(o, times << 1);
	out_put(o, &v, (width + 7) / 8);
}

/* Put n numbers as packs of eight; the last pack is filled up. */
static void put_packed(struct out *o, const uint32_t *v, size_t n, unsigned width)
{
	while (n > 0) {
		uint64_t pack_of[PACKED];
		size_t packs = (n + PACKED - 1) / PACKED;
		packs = packs < PACKS_MAX ? packs : PACKS_MAX;
		if (!out_reserve(o, 1 + packs * width))
			return;
		o->p[o->n++] = (uint8_t)(packs << 1 | 1);
		for (size_t k = 0; k < packs; k++) {
			size_t here = n < PACKED ? n : PACKED;
			for (size_t i = 0; i < PACKED; i++)
				pack_of[i] = i < here ? v[i] : 0;
			(void)pack(o->p + o->n, pack_of, PACKED, width);
			o->n += width;
			v += here;
			n -= here;
		}
	}
}

void encode_hybrid(struct out *o, const uint32_t *v, size_t n, unsigned width)
{
	size_t from = 0; /* of what is to be packed */
	for (size_t i = 0; i < n;) {
		size_t same = 1;
		while (i + same < n && v[i + same] == v[i])
			same++;
		/* A pack begins where the one before ended, so it may take some. */
		size_t fill = (PACKED - (i - from) % PACKED) % PACKED;
		if (same < fill + PACKED) {
			i += same;
			continue;
		}
		put_packed(o, v + from, i + fill - from, width);
		put_repeated(o, v[i], same - fill, width);
		i += same;
		from = i;
	}
	put_packed(o, v + from, n - from, width);
}

/* ---- differences ---- */

/* Put the differences of a block, n of them, above their least. */
static void put_block(struct out *o, const uint64_t *deltas, size_t n)
{
	int64_t least = INT64_MAX;
	uint64_t above[BLOCK] = {0};
	for (size_t i = 0; i < n; i++)
		least = (int64_t)deltas[i] < least ? (int64_t)deltas[i] : least;
	for (size_t i = 0; i < n; i++)
		above[i] = deltas[i] - (uint64_t)least;
	out_varint(o, zigzag(least));
	if (!out_reserve(o, BLOCK / MINI + BLOCK * sizeof(uint64_t)))
		return;
	uint8_t *widths = o->p + o->n, *to = widths + BLOCK / MINI;
	for (size_t m = 0; m < BLOCK / MINI; m++) {
		uint64_t all = 0;
		for (size_t i = m * MINI; i < (m + 1) * MINI; i++)
			all |= above[i];
		widths[m] = (uint8_t)bits_of(all);
		if (m * MINI < n)
			to = pack(to, above + m * MINI, MINI, widths[m]);
	}
	o->n = (size_t)(to - o->p);
}

void encode_delta(struct out *o, const int64_t *v, size_t n)
{
	uint64_t deltas[BLOCK];
	out_varint(o, BLOCK);
	out_varint(o, BLOCK / MINI);
	out_varint(o, n);
	out_varint(o, zigzag(n > 0 ? v[0] : 0));
	for (size_t from = 1; from < n; from += BLOCK) {
		size_t here = n - from < BLOCK ? n - from : BLOCK;
		for (size_t i = 0; i < here; i++)
			deltas[i] = (uint64_t)v[from + i] - (uint64_t)v[from + i - 1];
		put_block(o, deltas, here);
	}
}

/* ---- texts ---- */

/* Bytes that two texts begin with in common. */
static size_t shared(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t x, y;
		memcpy(&x, a.p + i, 8);
		memcpy(&y, b.p + i, 8);
		if (x != y)
			return i + (unsigned)__builtin_ctzll(x ^ y) / 8;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

void encode_delta_texts(
    struct out *o, const struct str *texts, const uint32_t *v, size_t n, struct out *room)
{
	room->n = 0;
	if (!out_reserve(room, n * 2 * sizeof(int64_t) + 1))
		return;
	int64_t *prefixes = (int64_t *)(void *)room->p, *suffixes = prefixes + n;
	for (size_t i = 0; i < n; i++) {
		struct str text = texts[v[i]];
		size_t same = 0;
		if (i > 0)
			same = v[i] == v[i - 1] ? text.n : shared(text, texts[v[i - 1]]);
		prefixes[i] = (int64_t)same;
		suffixes[i] = (int64_t)(text.n - same);
	}
	encode_delta(o, prefixes, n);
	encode_delta(o, suffixes, n);
	for (size_t i = 0; i < n; i++)
		out_put(o, texts[v[i]].p + prefixes[i], (size_t)suffixes[i]);
}
