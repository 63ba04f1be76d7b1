/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake bytes of one side, put together from CRYPTO frames, which come in any
 * order and more than once (RFC 9000, 19.6). Chrome shuffles the pieces of its hello on
 * purpose, so that this is the usual case and not the exception.
 */
#ifndef DWELL_PROTO_QUIC_STREAM_H
#define DWELL_PROTO_QUIC_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define QUIC_CRYPTO_MAX 65536 /* bytes of a side's handshake in Initial packets */
#define QUIC_PIECES_MAX 64    /* separate pieces of it held at once */

struct quic_piece {
	uint32_t from, to;
};

struct quic_stream {
	uint8_t *own; /* owned; NULL: nothing yet */
	size_t room;
	size_t pieces;
	struct quic_piece piece[QUIC_PIECES_MAX]; /* sorted, apart from each other */
};

/* Put the bytes of a frame in their place. False over a limit or without memory. */
bool quic_stream_put(struct quic_stream *s, uint64_t offset, struct bytes data);

/* All from the beginning to the first byte that is missing; borrowed until the next put.
 */
struct bytes quic_stream_bytes(const struct quic_stream *s);

/* Free what it owns. */
void quic_stream_free(struct quic_stream *s);

#endif
