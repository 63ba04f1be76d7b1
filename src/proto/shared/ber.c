/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/ber.h"

#define BER_TAG_BYTES_MAX 4 /* bytes of a tag behind its first one */

static bool tag_read(struct bytes *b, struct ber *e)
{
	e->first = bytes_u8(b);
	e->number = e->first & BER_LONG;
	if (e->number != BER_LONG)
		return !b->bad;
	e->number = 0;
	for (int i = 0; i < BER_TAG_BYTES_MAX; i++) {
		unsigned byte = bytes_u8(b);
		e->number = e->number << 7 | (byte & 0x7f);
		if ((byte & 0x80) == 0)
			return !b->bad;
	}
	return false;
}

bool ber_next(struct bytes *b, struct ber *e)
{
	if (!tag_read(b, e)) {
		bytes_fail(b);
		return false;
	}
	size_t n = bytes_u8(b);
	if (n > 0x84 || n == 0x80) {
		bytes_fail(b);
		return false;
	}
	if (n > 0x80) {
		unsigned bytes = (unsigned)n & 0x7f;
		for (n = 0; bytes > 0; bytes--)
			n = n << 8 | bytes_u8(b);
	}
	e->content = bytes_sub(b, n);
	return !e->content.bad;
}

struct bytes ber_child(struct bytes b, uint8_t first)
{
	struct ber e;
	while (b.left > 0 && ber_next(&b, &e)) {
		if (e.first == first)
			return e.content;
	}
	return (struct bytes){.bad = true};
}

struct bytes ber_at(struct bytes b, const uint8_t *path, size_t n)
{
	for (size_t i = 0; i < n && !b.bad; i++)
		b = ber_child(b, path[i]);
	return b;
}

uint64_t ber_number(struct bytes content)
{
	uint64_t v = 0;
	while (content.left > 0)
		v = v << 8 | bytes_u8(&content);
	return v;
}
