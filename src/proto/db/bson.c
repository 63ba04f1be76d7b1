/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/db/bson.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"

#define NUMBER_CHARS 32

struct bytes bson_open(struct bytes document)
{
	size_t all = document.left;
	size_t n = bytes_le32(&document);
	if (document.bad || n < 5)
		return (struct bytes){0};
	if (n <= all)
		document.left = n - 5; /* without length and end */
	return document;
}

static struct str take_name(struct bytes *b)
{
	struct bytes text;
	if (!bytes_zero_ended(b, &text)) {
		bytes_fail(b);
		return (struct str){0};
	}
	return (struct str){(const char *)text.pos, text.left};
}

/* The n bytes, or what is there of them. */
static struct bytes some(struct bytes *b, size_t n)
{
	return bytes_sub(b, size_min(n, b->left));
}

bool bson_next(struct bytes *elements, struct bson *e)
{
	*e = (struct bson){.type = bytes_u8(elements)};
	e->name = take_name(elements);
	if (elements->bad)
		return false;
	switch (e->type) {
	case BSON_DOUBLE:
	case 9:  /* date */
	case 17: /* timestamp */
	case BSON_INT64:
		e->value = bytes_sub(elements, 8);
		break;
	case BSON_STRING:
	case 13: /* code */
	case 14: /* symbol */
		e->value = some(elements, bytes_le32(elements));
		break;
	case BSON_DOCUMENT:
	case BSON_ARRAY:
		if (elements->left < 4 || load_le32(elements->pos) < 5)
			return false;
		e->value = some(elements, load_le32(elements->pos));
		break;
	case BSON_BINARY: {
		size_t n = bytes_le32(elements);
		bytes_skip(elements, 1); /* subtype */
		e->value = some(elements, n);
		break;
	}
	case BSON_OBJECT_ID:
		e->value = bytes_sub(elements, 12);
		break;
	case BSON_BOOL:
		e->value = bytes_sub(elements, 1);
		break;
	case 11: { /* pattern and its options */
		const uint8_t *from = elements->pos;
		size_t n = take_name(elements).n;
		take_name(elements);
		e->value = bytes_over(from, n);
		break;
	}
	case BSON_INT32:
		e->value = bytes_sub(elements, 4);
		break;
	case 19: /* decimal */
		e->value = bytes_sub(elements, 16);
		break;
	case 6:  /* undefined */
	case 10: /* null */
	case 0x7f:
	case 0xff:
		break;
	default:
		bytes_fail(elements);
		return false;
	}
	return !elements->bad;
}

bool bson_find(struct bytes elements, const char *name, struct bson *e)
{
	const struct str wanted = {name, strlen(name)}; /* never absent */
	while (elements.left > 0 && bson_next(&elements, e)) {
		if (str_equal(e->name, wanted))
			return true;
	}
	return false;
}

static double as_double(const uint8_t *p)
{
	uint64_t bits = load_le64(p);
	double d;
	memcpy(&d, &bits, sizeof(d));
	return d;
}

int64_t bson_number(const struct bson *e)
{
	if (e->value.pos == NULL)
		return -1;
	switch (e->type) {
	case BSON_BOOL:
		return e->value.pos[0] != 0;
	case BSON_INT32:
		return (int32_t)load_le32(e->value.pos);
	case BSON_INT64:
		return (int64_t)load_le64(e->value.pos);
	case BSON_DOUBLE: {
		double d = as_double(e->value.pos);
		return d >= 0 && d < 9e18 ? (int64_t)d : -1;
	}
	default:
		return -1;
	}
}

struct str bson_text(const struct bson *e)
{
	if (e->type != BSON_STRING || e->value.left == 0)
		return (struct str){0};
	bool ends = e->value.pos[e->value.left - 1] == 0;
	return (struct str){(const char *)e->value.pos, e->value.left - ends};
}

/* ---- as JSON ---- */

struct out {
	char *p;
	size_t n, room;
};

static void put(struct out *o, const void *p, size_t n)
{
	n = size_min(n, o->room - o->n);
	if (n > 0)
		memcpy(o->p + o->n, p, n);
	o->n += n;
}

__attribute__((format(printf, 2, 3))) static void put_number(
    struct out *o, const char *format, ...)
{
	char text[NUMBER_CHARS];
	va_list list;
	va_start(list, format);
	int n = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	put(o, text, size_min(n > 0 ? (size_t)n : 0, sizeof(text) - 1));
}

static void put_text(struct out *o, struct str s)
{
	put(o, "\"", 1);
	for (size_t i = 0; i < s.n && o->n < o->room; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			put(o, "\\", 1);
		put(o, s.p + i, 1);
	}
	put(o, "\"", 1);
}

static void put_hex(struct out *o, struct bytes b)
{
	while (b.left > 0 && o->n < o->room)
		put_number(o, "%02x", bytes_u8(&b));
}

/* Names whose values are proofs or passwords. */
static bool is_secret(struct str name)
{
	static const char *const names[] = {"pwd", "password", "passwd", "payload", "key",
	    "nonce", "digestPassword", "secret", "token", "credentials"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (name.n == strlen(names[i]) &&
		    strncasecmp(name.p, names[i], name.n) == 0)
			return true;
	}
	return false;
}

static void put_value(struct out *o, const struct bson *e)
{
	if (e->value.pos == NULL) {
		put_number(o, "%s", e->type == 10 ? "null" : "?");
		return;
	}
	switch (e->type) {
	case BSON_DOUBLE:
		put_number(o, "%.15g", as_double(e->value.pos));
		break;
	case BSON_STRING:
		put_text(o, bson_text(e));
		break;
	case BSON_OBJECT_ID:
		put_hex(o, e->value);
		break;
	case BSON_BOOL:
		put_number(o, "%s", bson_number(e) != 0 ? "true" : "false");
		break;
	case BSON_INT32:
	case BSON_INT64:
		put_number(o, "%" PRId64, bson_number(e));
		break;
	case BSON_BINARY:
		put_number(o, "<%zu bytes>", e->value.left);
		break;
	case 9: /* date: milliseconds since 1970 */
		put_number(o, "%" PRId64, (int64_t)load_le64(e->value.pos));
		break;
	case 11:
		put(o, "/", 1);
		put(o, e->value.pos, e->value.left);
		put(o, "/", 1);
		break;
	case 13: /* code, with the zero at its end */
	case 14:
		put_text(o, (struct str){(const char *)e->value.pos,
				e->value.left - (e->value.left > 0)});
		break;
	default:
		put(o, "?", 1);
		break;
	}
}

/* A stack instead of recursion: what is left of the documents around. */
struct str bson_json(struct arena *a, struct bytes elements, size_t limit)
{
	struct out o = {arena_alloc(a, limit), 0, limit};
	struct bytes around[BSON_DEPTH_MAX];
	bool array[BSON_DEPTH_MAX + 1] = {false};
	int depth = 0;
	bool first = true;
	if (o.p == NULL)
		return (struct str){0};
	put(&o, "{", 1);
	while (o.n < o.room) {
		struct bson e;
		if (elements.left == 0 || !bson_next(&elements, &e)) {
			put(&o, array[depth] ? "]" : "}", 1);
			if (depth == 0)
				break;
			elements = around[--depth];
			first = false;
			continue;
		}
		if (!first)
			put(&o, ", ", 2);
		first = false;
		if (!array[depth]) {
			put(&o, e.name.p, e.name.n);
			put(&o, ": ", 2);
		}
		bool inner = e.type == BSON_DOCUMENT || e.type == BSON_ARRAY;
		if (!array[depth] && is_secret(e.name) && !inner) {
			put(&o, "REDACTED", 8);
		} else if (inner && depth < BSON_DEPTH_MAX) {
			around[depth++] = elements;
			elements = bson_open(e.value);
			array[depth] = e.type == BSON_ARRAY;
			put(&o, array[depth] ? "[" : "{", 1);
			first = true;
		} else {
			put_value(&o, &e);
		}
	}
	return (struct str){o.p, o.n};
}
