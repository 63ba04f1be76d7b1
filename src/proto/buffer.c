/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"

#define BUFFER_STEP 512 /* own grows from this by doubling */

/* Make room for at least n bytes in own, keeping its first own_n. */
static bool make_room(struct buffer *b, size_t n)
{
	if (n <= b->own_room)
		return true;
	size_t room = b->own_room > 0 ? b->own_room : BUFFER_STEP;
	while (room < n) {
		if (!size_mul(room, 2, &room))
			return false;
	}
	uint8_t *own = realloc(b->own, room);
	if (own == NULL)
		return false;
	b->own = own;
	b->own_room = room;
	return true;
}

bool buffer_put(struct buffer *b, const uint8_t *p, size_t n, size_t limit)
{
	size_t all;
	if (!size_add(b->own_n, n, &all) || all > limit) {
		buffer_free(b);
		return false;
	}
	if (b->own_n == 0) {
		b->view = p;
		b->view_n = n;
		return true;
	}
	if (!make_room(b, all)) {
		buffer_free(b);
		return false;
	}
	if (n > 0)
		memcpy(b->own + b->own_n, p, n);
	b->own_n = all;
	b->view = b->own;
	b->view_n = all;
	return true;
}

void buffer_drop(struct buffer *b, size_t n)
{
	n = size_min(n, b->view_n);
	if (n == 0)
		return;
	b->view += n;
	b->view_n -= n;
}

bool buffer_keep(struct buffer *b)
{
	if (b->view_n == 0) {
		b->own_n = 0;
		b->view = NULL;
		return true;
	}
	if (b->own_n > 0) {
		if (b->view !=
		    b->own) /* else a message in many pieces takes quadratic time */
			memmove(b->own, b->view, b->view_n);
	} else {
		if (!make_room(b, b->view_n)) {
			buffer_free(b);
			return false;
		}
		memcpy(b->own, b->view, b->view_n);
	}
	b->own_n = b->view_n;
	b->view = b->own;
	return true;
}

void buffer_free(struct buffer *b)
{
	free(b->own);
	*b = (struct buffer){0};
}

void buffer_free_both(struct buffer sides[2])
{
	buffer_free(&sides[0]);
	buffer_free(&sides[1]);
}
