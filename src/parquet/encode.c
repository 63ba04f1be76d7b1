/* SPDX-License-Identifier: Apache-2.0 */
#include "parquet/encode.h"

#include "base/size.h"

#define GROUP 8 /* values are packed in groups of so many */
#define DELTA_BLOCK_MIN                                                                  \
	128 /* differences in a block, whose least one is subtracted …                 \
	     */
#define DELTA_BLOCK_MAX 1024
#define DELTA_MINIS     4 /* … in so many parts, each of which has a width */

unsigned encode_bits(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

/* ---- bits ---- */

/* Values that are packed one after another, the least bits first. */
struct packer {
	uint8_t *at;
	uint64_t bits;
	unsigned n; /* of bits; < 64 */
};

/* Add the width least bits of v, of which no others are set; width > 0. */
static inline void pack(struct packer *p, uint64_t v, unsigned width)
{
	p->bits |= v << p->n;
	p->n += width;
	if (p->n < 64)
		return;
	memcpy(p->at, &p->bits, sizeof(p->bits));
	p->at += sizeof(p->bits);
	p->n -= 64;
	p->bits = p->n > 0 ? v >> (width - p->n) : 0;
}

/* Write what is left, in whole bytes. */
static inline void pack_end(struct packer *p)
{
	size_t bytes = (p->n + 7) / 8;
	for (size_t i = 0; i < bytes; i++)
		p->at[i] = (uint8_t)(p->bits >> 8 * i);
	p->at += bytes;
}

/* ---- runs ---- */

/* Values packed, in groups of eight; what is behind the last is zero. */
static void put_packed(struct out *o, const uint32_t *v, size_t n, unsigned width)
{
	size_t groups = (n + GROUP - 1) / GROUP, bytes = groups * width;
	if (n == 0)
		return;
	out_varint(o, groups << 1 | 1);
	if (!out_room(o, bytes + sizeof(uint64_t)))
		return;
	struct packer p = {.at = o->p + o->n};
	for (size_t i = 0; i < n; i++)
		pack(&p, v[i], width);
	pack_end(&p);
	uint8_t *end = o->p + o->n + bytes;
	if (p.at < end)
		memset(p.at, 0, (size_t)(end - p.at));
	o->n += bytes;
}

void encode_runs(struct out *o, const uint32_t *v, size_t n, unsigned width)
{
	size_t from = 0; /* first value that is not written */
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && v[end] == v[i])
			end++;
		if (end - i < GROUP) {
			i += GROUP;
			continue;
		}
		put_packed(o, v + from, i - from, width);
		out_varint(o, (end - i) << 1);
		out_le(o, v[i], (width + 7) / 8);
		from = i = end;
	}
	put_packed(o, v + from, n - from, width);
}

/* ---- differences ---- */

/* The numbers that stream through the encoder of differences. Many are packed in wider
 * blocks, as their heads then take less; few would mostly pack what fills the last one.
 */
struct deltas {
	uint64_t delta[DELTA_BLOCK_MAX];
	size_t n;
	size_t block, mini; /* differences that share their least one, and their width */
	uint64_t before;
};

/* A block: the least difference, the width of each part, and what each is above it. */
static void put_deltas(struct out *o, struct deltas *d)
{
	uint8_t widths[DELTA_MINIS] = {0};
	int64_t least = (int64_t)d->delta[0];
	for (size_t i = 1; i < d->n; i++)
		least = (int64_t)d->delta[i] < least ? (int64_t)d->delta[i] : least;
	for (size_t i = 0; i < d->n; i++)
		d->delta[i] -= (uint64_t)least;
	memset(d->delta + d->n, 0, (d->block - d->n) * sizeof(*d->delta));
	for (size_t m = 0; m < DELTA_MINIS; m++) {
		uint64_t all = 0;
		for (size_t i = 0; i < d->mini; i++)
			all |= d->delta[m * d->mini + i];
		widths[m] = (uint8_t)encode_bits(all);
	}
	d->n = 0;
	out_zigzag(o, least);
	out_put(o, widths, sizeof(widths));
	if (!out_room(o, d->block * sizeof(uint64_t)))
		return;
	struct packer p = {.at = o->p + o->n};
	for (size_t m = 0; m < DELTA_MINIS; m++) {
		for (size_t i = 0; i < d->mini && widths[m] > 0; i++)
			pack(&p, d->delta[m * d->mini + i], widths[m]);
	}
	pack_end(&p);
	o->n = (size_t)(p.at - o->p);
}

static void start_deltas(struct out *o, struct deltas *d, int64_t first, size_t n)
{
	d->n = 0;
	d->block = n >= DELTA_BLOCK_MAX ? DELTA_BLOCK_MAX : DELTA_BLOCK_MIN;
	d->mini = d->block / DELTA_MINIS;
	d->before = (uint64_t)first;
	out_varint(o, d->block);
	out_varint(o, DELTA_MINIS);
	out_varint(o, n);
	out_zigzag(o, first);
}

static inline void next_delta(struct out *o, struct deltas *d, int64_t v)
{
	d->delta[d->n++] = (uint64_t)v - d->before;
	d->before = (uint64_t)v;
	if (d->n == d->block)
		put_deltas(o, d);
}

static void end_deltas(struct out *o, struct deltas *d)
{
	if (d->n > 0)
		put_deltas(o, d);
}

void encode_deltas(struct out *o, const int64_t *v, size_t n)
{
	struct deltas d;
	start_deltas(o, &d, n > 0 ? v[0] : 0, n);
	for (size_t i = 1; i < n; i++)
		next_delta(o, &d, v[i]);
	end_deltas(o, &d);
}

/* Bytes that both texts begin with. */
static size_t shared(struct str a, struct str b)
{
	size_t n = size_min(a.n, b.n), i = 0;
	if (a.p == b.p)
		return n;
	for (; i + sizeof(uint64_t) <= n; i += sizeof(uint64_t)) {
		uint64_t x, y;
		memcpy(&x, a.p + i, sizeof(x));
		memcpy(&y, b.p + i, sizeof(y));
		if (x != y)
			return i + (size_t)__builtin_ctzll(x ^ y) / 8;
	}
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

void encode_texts(struct out *o, const struct str *v, size_t n, struct out *room)
{
	struct deltas d;
	size_t bytes = 0;
	room->n = 0;
	if (!out_room(room, n * sizeof(uint32_t)))
		return;
	uint32_t *same = (uint32_t *)(void *)room->p;
	start_deltas(o, &d, 0, n);
	for (size_t i = 0; i < n; i++) {
		same[i] = i > 0 ? (uint32_t)shared(v[i], v[i - 1]) : 0;
		bytes += v[i].n - same[i];
		if (i > 0)
			next_delta(o, &d, same[i]);
	}
	end_deltas(o, &d);
	start_deltas(o, &d, n > 0 ? (int64_t)v[0].n : 0, n);
	for (size_t i = 1; i < n; i++)
		next_delta(o, &d, (int64_t)(v[i].n - same[i]));
	end_deltas(o, &d);
	if (!out_room(o, bytes))
		return;
	for (size_t i = 0; i < n; i++)
		out_put(o, v[i].p + same[i], v[i].n - same[i]);
}

/* ---- plain ---- */

void encode_plain(struct out *o, const int64_t *v, size_t n, size_t bytes)
{
	if (!out_room(o, n * bytes))
		return;
	for (size_t i = 0; i < n; i++)
		out_le(o, (uint64_t)v[i], bytes);
}

void encode_flags(struct out *o, const int64_t *v, size_t n)
{
	if (!out_room(o, n / 8 + sizeof(uint64_t)))
		return;
	struct packer p = {.at = o->p + o->n};
	for (size_t i = 0; i < n; i++)
		pack(&p, v[i] != 0, 1);
	pack_end(&p);
	o->n = (size_t)(p.at - o->p);
}

void encode_plain_texts(struct out *o, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out_le(o, v[i].n, 4);
		out_put(o, v[i].p, v[i].n);
	}
}
