/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/quic_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define ROOM_FIRST 2048

static bool make_room(struct quic_stream *s, size_t n)
{
	if (n <= s->room)
		return true;
	size_t room = s->room > 0 ? s->room : ROOM_FIRST;
	while (room < n)
		room *= 2;
	uint8_t *own = realloc(s->own, room);
	if (own == NULL)
		return false;
	s->own = own;
	s->room = room;
	return true;
}

/* Join the piece into the sorted list. */
static bool add_piece(struct quic_stream *s, struct quic_piece new)
{
	size_t at = 0;
	while (at < s->pieces && s->piece[at].to < new.from)
		at++;
	size_t end = at; /* those that it touches, at to end, become one with it */
	while (end < s->pieces && s->piece[end].from <= new.to) {
		if (s->piece[end].from < new.from)
			new.from = s->piece[end].from;
		if (s->piece[end].to > new.to)
			new.to = s->piece[end].to;
		end++;
	}
	if (at == end && s->pieces == QUIC_PIECES_MAX)
		return false;
	memmove(
	    &s->piece[at + 1], &s->piece[end], (s->pieces - end) * sizeof(s->piece[0]));
	s->pieces = s->pieces - (end - at) + 1;
	s->piece[at] = new;
	return true;
}

bool quic_stream_put(struct quic_stream *s, uint64_t offset, struct bytes data)
{
	if (offset > QUIC_CRYPTO_MAX || data.left > QUIC_CRYPTO_MAX - offset)
		return false;
	if (data.left == 0)
		return true;
	size_t end = (size_t)offset + data.left;
	struct quic_piece new = {(uint32_t)offset, (uint32_t)end};
	if (!make_room(s, end) || !add_piece(s, new))
		return false;
	memcpy(s->own + offset, data.pos, data.left);
	return true;
}

struct bytes quic_stream_bytes(const struct quic_stream *s)
{
	bool begun = s->pieces > 0 && s->piece[0].from == 0;
	return bytes_over(s->own, begun ? s->piece[0].to : 0);
}

void quic_stream_free(struct quic_stream *s)
{
	free(s->own);
	*s = (struct quic_stream){0};
}
