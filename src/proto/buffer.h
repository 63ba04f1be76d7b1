/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of one side of a stream that a parser could
 * not use yet: a message that is not complete.
 *
 *     buffer_put(b, d->p, d->n); while ((n = length of first whole message in b)) …
 * buffer_drop(b, n)
 *
 * While a message arrives whole, nothing is copied:
 * put borrows, keep copies what is left over.
 */
#ifndef DWELL_PROTO_BUFFER_H
#define DWELL_PROTO_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct buffer {
	uint8_t *own;        /* owned; NULL while nothing is left over */
	size_t own_n;        /* bytes in own */
	size_t own_room;     /* bytes own can take */
	const uint8_t *view; /* first byte not dropped yet: in own or borrowed */
	size_t view_n;
};

/* Append n bytes at p, which stay valid until buffer_keep.
 * False when more than limit bytes would be held; the buffer is then emptied. */
bool buffer_put(struct buffer *b, const uint8_t *p, size_t n, size_t limit);

/* A cursor over everything not dropped. */
static inline struct bytes buffer_bytes(const struct buffer *b)
{
	return bytes_over(b->view, b->view_n);
}

/* Drop the first n bytes (at most all). */
void buffer_drop(struct buffer *b, size_t n);

/* Copy what is left so that the borrowed bytes may go.
 * Call at the end of each data call. False without memory; the buffer is then emptied. */
bool buffer_keep(struct buffer *b);

/* Free what it owns; it may be used again. */
void buffer_free(struct buffer *b);

/* The same, and the bytes owned, of the buffers of both sides. */
void buffer_free_both(struct buffer sides[2]);
static inline size_t buffer_room_both(const struct buffer sides[2])
{
	return sides[0].own_room + sides[1].own_room;
}

#endif
