/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/utf16.h"

#include "base/size.h"

#define UTF8_UNIT_MAX 3 /* bytes of UTF-8 that one unit of UTF-16 can become */
#define REPLACEMENT   0xfffd

/* The next character of b, which has two bytes at least. */
static uint32_t next_char(struct bytes *b)
{
	uint32_t c = bytes_le16(b);
	if (c < 0xd800 || c > 0xdfff)
		return c;
	if (c > 0xdbff || b->left < 2)
		return REPLACEMENT;
	uint32_t low = load_le16(b->pos);
	if (low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	bytes_skip(b, 2);
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

struct str utf16_take(struct arena *a, struct bytes *b)
{
	size_t units = 0;
	while (units < b->left / 2 && load_le16(b->pos + 2 * units) != 0)
		units++;
	struct bytes text = bytes_sub(b, 2 * units);
	bytes_skip(b, size_min(b->left, 2));
	size_t room;
	if (!size_mul(units, UTF8_UNIT_MAX, &room))
		return (struct str){0};
	char *o = arena_alloc(a, room + 1);
	if (o == NULL)
		return (struct str){0};
	size_t n = 0;
	while (text.left >= 2)
		n += str_put_utf8(o + n, next_char(&text));
	return str_clean(a, o, n);
}

struct str utf16_text(struct arena *a, struct bytes b)
{
	return utf16_take(a, &b);
}

struct str oem_take(struct arena *a, struct bytes *b)
{
	struct bytes text;
	bytes_zero_ended(b, &text);
	return str_clean(a, text.left > 0 ? (const char *)text.pos : "", text.left);
}

struct str oem_text(struct arena *a, struct bytes b)
{
	return oem_take(a, &b);
}
