/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compressions of nfdump's blocks. LZO1X and LZ4 are short enough to be read here, so
 * that neither a GPL library nor one more dependency is needed
 * (doc/decisions/nfdump.md). Both are literals and copies from what was written before:
 *
 *     LZ4    | literals:4 length:4 | ... | distance:16 | ...
 *     LZO1X  an instruction's high bits say how far a copy reaches; its low two bits how
 *            many literals follow; after none, 0000LLLL is a run of literals
 */
#include <bzlib.h>
#include <limits.h>
#include <string.h>
#include <zstd.h>

#include "input/nfdump.h"

struct writer {
	uint8_t *start, *pos;
	size_t left;
	bool bad;
};

static void put_literals(struct writer *w, struct bytes *in, size_t n)
{
	const uint8_t *p = bytes_take(in, n);
	if (in->bad || n > w->left) {
		w->bad = true;
		return;
	}
	if (n > 0)
		memcpy(w->pos, p, n);
	w->pos += n;
	w->left -= n;
}

/* Copy n bytes from distance back; they may overlap what is being written. */
static void put_copy(struct writer *w, size_t distance, size_t n)
{
	if (distance == 0 || distance > (size_t)(w->pos - w->start) || n > w->left) {
		w->bad = true;
		return;
	}
	const uint8_t *from = w->pos - distance;
	for (size_t i = 0; i < n; i++)
		w->pos[i] = from[i];
	w->pos += n;
	w->left -= n;
}

static ptrdiff_t written(const struct writer *w, const struct bytes *in)
{
	return w->bad || in->bad ? -1 : w->pos - w->start;
}

/* ---- LZ4 ---- */

/* The rest of a length that did not fit its four bits. */
static size_t lz4_length(struct bytes *in, size_t first)
{
	size_t n = first;
	uint8_t more = 255;
	while (first == 15 && more == 255 && !in->bad) {
		more = bytes_u8(in);
		n += more;
	}
	return n;
}

ptrdiff_t nfdump_unpack_lz4(const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
	struct bytes in = bytes_over(p, n);
	struct writer w = {out, out, room, n == 0};
	while (!w.bad && !in.bad) {
		uint8_t token = bytes_u8(&in);
		put_literals(&w, &in, lz4_length(&in, token >> 4));
		if (in.left == 0) /* the last sequence has no copy */
			break;
		size_t distance = bytes_le16(&in);
		put_copy(&w, distance, 4 + lz4_length(&in, token & 15));
	}
	return written(&w, &in);
}

/* ---- LZO1X ---- */

#define LZO_RUN 4 /* state: a run of literals was last */

/* A length of so many bits that are all zero goes on: 255 for each zero byte. */
static size_t lzo_length(struct bytes *in, size_t bits, size_t mask)
{
	if (bits != 0)
		return bits;
	size_t n = mask;
	uint8_t more;
	while ((more = bytes_u8(in)) == 0 && !in->bad)
		n += 255;
	return n + more;
}

/* A copy whose instruction is t, below 16, and depends on what was last. */
static unsigned lzo_short(struct writer *w, struct bytes *in, unsigned t, unsigned state)
{
	size_t distance = ((size_t)bytes_u8(in) << 2) + (t >> 2);
	if (state == LZO_RUN)
		put_copy(w, distance + 2049, 3);
	else
		put_copy(w, distance + 1, 2);
	return t & 3;
}

/* Copies of instructions from 16 on; *end: it was the mark of the end. */
static unsigned lzo_copy(struct writer *w, struct bytes *in, unsigned t, bool *end)
{
	if (t >= 64) {
		size_t n = t >= 128 ? 5 + (t >> 5 & 3) : 3 + (t >> 5 & 1);
		put_copy(w, ((size_t)bytes_u8(in) << 3) + (t >> 2 & 7) + 1, n);
		return t & 3;
	}
	size_t n = 2 + (t >= 32 ? lzo_length(in, t & 31, 31) : lzo_length(in, t & 7, 7));
	unsigned v = bytes_le16(in);
	size_t distance = v >> 2;
	if (t >= 32) {
		put_copy(w, distance + 1, n);
		return v & 3;
	}
	distance += (size_t)(t & 8) << 11;
	*end = distance == 0;
	if (!*end)
		put_copy(w, distance + 16384, n);
	return v & 3;
}

ptrdiff_t nfdump_unpack_lzo(const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
	struct bytes in = bytes_over(p, n);
	struct writer w = {out, out, room, n == 0};
	unsigned state = 0;
	bool end = false;
	if (n > 0 && p[0] > 17) { /* literals at the very start */
		size_t first = bytes_u8(&in) - 17U;
		put_literals(&w, &in, first);
		state = first < 4 ? (unsigned)first : LZO_RUN;
	}
	while (!end && !w.bad && !in.bad) {
		unsigned t = bytes_u8(&in);
		if (t < 16 && state == 0) {
			put_literals(&w, &in, 3 + lzo_length(&in, t, 15));
			state = LZO_RUN;
			continue;
		}
		state =
		    t < 16 ? lzo_short(&w, &in, t, state) : lzo_copy(&w, &in, t, &end);
		if (!end)
			put_literals(&w, &in, state);
	}
	return written(&w, &in);
}

/* ---- all ---- */

static ptrdiff_t unpack_bzip2(const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
	bz_stream z = {.next_out = (char *)out, .avail_out = (unsigned)room};
	if (n > UINT_MAX || room > UINT_MAX || BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
		return -1;
	/* bzlib does not write to what it reads. */
	memcpy(&z.next_in, &p, sizeof(p));
	z.avail_in = (unsigned)n;
	int result = BZ2_bzDecompress(&z);
	ptrdiff_t got = (ptrdiff_t)(room - z.avail_out);
	BZ2_bzDecompressEnd(&z);
	return result == BZ_STREAM_END ? got : -1;
}

static ptrdiff_t unpack_zstd(const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
	size_t got = ZSTD_decompress(out, room, p, n);
	return ZSTD_isError(got) ? -1 : (ptrdiff_t)got;
}

ptrdiff_t nfdump_unpack(
    enum nfdump_compression how, const uint8_t *p, size_t n, uint8_t *out, size_t room)
{
	switch (how) {
	case NFDUMP_LZO:
		return nfdump_unpack_lzo(p, n, out, room);
	case NFDUMP_LZ4:
		return nfdump_unpack_lz4(p, n, out, room);
	case NFDUMP_BZIP2:
		return unpack_bzip2(p, n, out, room);
	case NFDUMP_ZSTD:
		return unpack_zstd(p, n, out, room);
	case NFDUMP_PLAIN:
	case NFDUMP_COMPRESSIONS:
		break;
	}
	return -1;
}
