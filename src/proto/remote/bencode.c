/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/remote/bencode.h"

#define DIGITS_MAX 18 /* of a number or length */

/* A number up to the byte end, which is taken, too; -1 fails. */
static int64_t number(struct bytes *b, uint8_t end)
{
	bool negative = b->left > 0 && b->pos[0] == '-';
	int64_t v = 0;
	bytes_skip(b, negative);
	for (int i = 0; i <= DIGITS_MAX; i++) {
		uint8_t c = bytes_u8(b);
		if (b->bad)
			return -1;
		if (c == end && i > 0)
			return negative ? -v : v;
		if (c < '0' || c > '9' || i == DIGITS_MAX)
			break;
		v = 10 * v + (c - '0');
	}
	bytes_fail(b);
	return -1;
}

static struct bytes text(struct bytes *b)
{
	int64_t n = number(b, ':');
	if (n < 0 || (uint64_t)n > b->left)
		bytes_fail(b);
	return bytes_sub(b, b->bad ? 1 : (size_t)n);
}

/* Pass over a list or dictionary, up to and with its end. */
static void skip(struct bytes *b)
{
	size_t depth = 0;
	do {
		uint8_t c = b->left > 0 ? b->pos[0] : 0;
		if (c >= '0' && c <= '9') {
			text(b);
			continue;
		}
		bytes_skip(b, 1);
		if (c == 'i')
			number(b, 'e');
		else if (c == 'l' || c == 'd')
			depth++;
		else if (c == 'e' && depth > 0)
			depth--;
		else
			bytes_fail(b);
	} while (depth > 0 && !b->bad);
}

struct bencode bencode_take(struct bytes *b)
{
	struct bencode v = {BENCODE_NONE, 0, {0}};
	struct bytes from = *b;
	uint8_t c = b->left > 0 ? b->pos[0] : 0;
	if (c >= '0' && c <= '9') {
		v.content = text(b);
		v.kind = BENCODE_TEXT;
	} else if (c == 'i') {
		bytes_skip(b, 1);
		v.number = number(b, 'e');
		v.kind = BENCODE_INT;
	} else if (c == 'l' || c == 'd') {
		skip(b);
		v.kind = c == 'l' ? BENCODE_LIST : BENCODE_DICT;
		if (!b->bad)
			v.content = bytes_over(from.pos + 1, from.left - b->left - 2);
	} else {
		bytes_fail(b);
	}
	if (b->bad)
		v.kind = BENCODE_NONE;
	return v;
}

struct bencode bencode_find(struct bytes dict, const char *key)
{
	size_t n = strlen(key);
	while (dict.left > 0) {
		struct bencode k = bencode_take(&dict);
		struct bencode v = bencode_take(&dict);
		if (v.kind == BENCODE_NONE || k.kind != BENCODE_TEXT)
			break;
		if (k.content.left == n && k.content.pos != NULL &&
		    memcmp(k.content.pos, key, n) == 0)
			return v;
	}
	return (struct bencode){BENCODE_NONE, 0, {0}};
}
