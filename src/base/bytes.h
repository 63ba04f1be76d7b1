/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one cursor for bytes from outside.
 *
 *     pos ──▶ [ ........ left bytes ........ ]
 *
 * Every read tests n > left, never pos + n > end, so nothing can wrap.
 * The error is sticky: after the first read that does not fit, bad is
 * set, left is 0 and every further read gives zero, so a parser may
 * read a whole header and test bad once. A cursor borrows its bytes.
 */
#ifndef DWELL_BASE_BYTES_H
#define DWELL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *pos; /* next byte; undefined when left is 0 */
	size_t left;        /* bytes that may still be read */
	bool bad;           /* a read went past the end */
};

/* A cursor over the n bytes at p, which must outlive it. */
static inline struct bytes bytes_over(const void *p, size_t n)
{
	return (struct bytes){.pos = p, .left = n};
}

/* Mark the cursor as failed: every later read gives zero. */
static inline void bytes_fail(struct bytes *b)
{
	b->left = 0;
	b->bad = true;
}

/* Take n bytes out: their address, or NULL (and the cursor fails) when fewer are left. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	if (n > b->left) {
		bytes_fail(b);
		return NULL;
	}
	const uint8_t *p = b->pos;
	b->pos += n;
	b->left -= n;
	return p;
}

/* Skip n bytes; false, and the cursor fails, when fewer are left. */
static inline bool bytes_skip(struct bytes *b, size_t n)
{
	if (n > b->left) {
		bytes_fail(b);
		return false;
	}
	b->pos += n;
	b->left -= n;
	return true;
}

/* Cut the next n bytes off into a cursor of their own;
 * the result is bad when fewer are left. */
static inline struct bytes bytes_sub(struct bytes *b, size_t n)
{
	struct bytes sub = {0};
	const uint8_t *p = bytes_take(b, n);
	if (p == NULL && b->bad) {
		sub.bad = true;
		return sub;
	}
	sub.pos = p;
	sub.left = n;
	return sub;
}

/* Take the bytes before the next zero into *text, and the zero itself: false where none
 * comes, with all that was left in *text. */
static inline bool bytes_zero_ended(struct bytes *b, struct bytes *text)
{
	const uint8_t *end = b->left > 0 ? memchr(b->pos, 0, b->left) : NULL;
	*text = bytes_sub(b, end != NULL ? (size_t)(end - b->pos) : b->left);
	return end != NULL && bytes_skip(b, 1);
}

/* The same where the zero must come: else b fails, and so does the result. */
static inline struct bytes bytes_take_text(struct bytes *b)
{
	struct bytes text;
	if (!bytes_zero_ended(b, &text)) {
		bytes_fail(b);
		bytes_fail(&text);
	}
	return text;
}

/* Copy the next n bytes to out; out is zeroed when fewer are left. */
static inline bool bytes_copy(struct bytes *b, void *out, size_t n)
{
	const uint8_t *p = bytes_take(b, n);
	if (b->bad) {
		memset(out, 0, n);
		return false;
	}
	if (n > 0)
		memcpy(out, p, n);
	return true;
}

/* Read without a cursor; the caller has tested that the bytes are there. */
static inline uint16_t load_be16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

static inline uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t load_be64(const uint8_t *p)
{
	return (uint64_t)load_be32(p) << 32 | load_be32(p + 4);
}

static inline uint16_t load_le16(const uint8_t *p)
{
	return (uint16_t)((unsigned)p[1] << 8 | p[0]);
}

static inline uint32_t load_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t load_le64(const uint8_t *p)
{
	return (uint64_t)load_le32(p + 4) << 32 | load_le32(p);
}

/* The next byte, or 0 with the cursor failed. */
static inline uint8_t bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);
	return p != NULL ? p[0] : 0;
}

static inline uint16_t bytes_be16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	return p != NULL ? load_be16(p) : 0;
}

static inline uint32_t bytes_be24(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 3);
	return p != NULL ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t bytes_be32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);
	return p != NULL ? load_be32(p) : 0;
}

static inline uint64_t bytes_be64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);
	return p != NULL ? load_be64(p) : 0;
}

static inline uint16_t bytes_le16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	return p != NULL ? load_le16(p) : 0;
}

static inline uint32_t bytes_le32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);
	return p != NULL ? load_le32(p) : 0;
}

static inline uint64_t bytes_le64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);
	return p != NULL ? load_le64(p) : 0;
}

#endif
