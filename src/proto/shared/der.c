/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/shared/der.h"

#include <string.h>

bool der_next(struct bytes *b, struct der *e)
{
	*e = (struct der){0};
	const uint8_t *start = b->pos;
	size_t before = b->left;
	uint8_t tag = bytes_u8(b);
	size_t n = bytes_u8(b);
	if (n >= 0x80) {
		size_t count = n & 0x7f;
		if (count == 0 || count > 4)
			bytes_fail(b);
		n = 0;
		while (count-- > 0)
			n = n << 8 | bytes_u8(b);
	}
	if ((tag & 0x1f) == 0x1f)
		bytes_fail(b);
	struct bytes content = bytes_sub(b, n);
	if (b->bad)
		return false;
	e->tag = tag;
	e->content = content;
	e->whole = bytes_over(start, before - b->left);
	return true;
}

bool der_peek(const struct bytes *b, uint8_t tag)
{
	return b->left > 0 && b->pos[0] == tag;
}

bool der_expect(struct bytes *b, uint8_t tag, struct der *e)
{
	*e = (struct der){0};
	return der_peek(b, tag) && der_next(b, e);
}

struct bytes der_integer(struct bytes content, bool *negative)
{
	*negative = content.left > 0 && (content.pos[0] & 0x80) != 0;
	while (content.left > 1 && content.pos[0] == 0)
		bytes_skip(&content, 1);
	return content;
}

size_t der_bits(struct bytes magnitude)
{
	if (magnitude.left == 0 || magnitude.pos[0] == 0)
		return 0;
	size_t top = (size_t)(32 - __builtin_clz(magnitude.pos[0]));
	return (magnitude.left - 1) * 8 + top;
}

/* A decimal number of that many digits; fails the cursor on anything else. */
static unsigned digits(struct bytes *b, unsigned count)
{
	unsigned value = 0;
	while (count-- > 0) {
		unsigned d = bytes_u8(b) - (unsigned)'0';
		if (d > 9) {
			bytes_fail(b);
			return 0;
		}
		value = value * 10 + d;
	}
	return value;
}

/* Seconds east of UTC: "Z", "+hhmm" or "-hhmm". */
static int64_t zone(struct bytes *b)
{
	uint8_t sign = bytes_u8(b);
	if (sign == 'Z')
		return 0;
	if (sign != '+' && sign != '-') {
		bytes_fail(b);
		return 0;
	}
	int64_t hours = digits(b, 2);
	int64_t seconds = 3600 * hours + 60 * (int64_t)digits(b, 2);
	return sign == '+' ? seconds : -seconds;
}

struct moment der_time(const struct der *e)
{
	struct bytes b = e->content;
	if (e->tag != DER_UTC_TIME && e->tag != DER_GENERALIZED_TIME)
		return MOMENT_NONE;
	unsigned year = digits(&b, e->tag == DER_UTC_TIME ? 2 : 4);
	if (e->tag == DER_UTC_TIME)
		year += year < 50 ? 2000 : 1900; /* RFC 5280, 4.1.2.5.1 */
	unsigned month = digits(&b, 2);
	unsigned day = digits(&b, 2);
	unsigned hour = digits(&b, 2);
	unsigned minute = digits(&b, 2);
	unsigned second = 0;
	if (b.left > 0 && b.pos[0] >= '0' && b.pos[0] <= '9')
		second = digits(&b, 2);
	if (b.left > 0 && b.pos[0] == '.') {
		do
			bytes_skip(&b, 1);
		while (b.left > 0 && b.pos[0] >= '0' && b.pos[0] <= '9');
	}
	int64_t east = zone(&b);
	if (b.bad || b.left > 0 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59 || second > 60)
		return MOMENT_NONE;
	int64_t days = days_from_civil((int)year, month, day);
	int64_t in_day = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
	return moment_from(days * 86400 + in_day - east, 0);
}

struct str der_serial_text(struct arena *a, struct bytes content)
{
	uint8_t magnitude[SERIAL_BYTES_MAX];
	bool negative;
	struct bytes n = der_integer(content, &negative);
	if (n.left == 0 || n.left > sizeof(magnitude))
		return (struct str){0};
	memcpy(magnitude, n.pos, n.left);
	size_t skip = 0;
	if (negative) {
		unsigned carry = 1;
		for (size_t i = n.left; i-- > 0;) {
			unsigned v = (uint8_t)~magnitude[i] + carry;
			magnitude[i] = (uint8_t)v;
			carry = v >> 8;
		}
		while (skip + 1 < n.left && magnitude[skip] == 0)
			skip++;
	}
	struct str hex = str_hex(a, magnitude + skip, n.left - skip);
	char *o = hex.p != NULL ? arena_alloc(a, hex.n + 1) : NULL;
	if (o == NULL)
		return (struct str){0};
	o[0] = '-';
	for (size_t i = 0; i < hex.n; i++)
		o[i + 1] = (char)(hex.p[i] >= 'a' ? hex.p[i] - 32 : hex.p[i]);
	return negative ? (struct str){o, hex.n + 1} : (struct str){o + 1, hex.n};
}
