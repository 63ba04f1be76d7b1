/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/cursor.h"

#include <string.h>

static bool fail(struct cursor *c)
{
	c->bad = true;
	c->end = c->pos;
	return false;
}

struct cursor cursor_over(struct str text)
{
	return (struct cursor){text.p, text.p, text.p + text.n, false};
}

static void skip_space(struct cursor *c)
{
	while (c->pos < c->end &&
	       (*c->pos == ' ' || *c->pos == '\t' || *c->pos == '\r' || *c->pos == '\n'))
		c->pos++;
}

char cursor_peek(struct cursor *c)
{
	skip_space(c);
	return c->pos < c->end ? *c->pos : '\0';
}

bool cursor_enter(struct cursor *c, char bracket)
{
	if (cursor_peek(c) != bracket)
		return false;
	c->pos++;
	return true;
}

/* Step over the string at the cursor; its inside as written. */
static bool string(struct cursor *c, struct str *text)
{
	const char *p = ++c->pos;
	for (; p < c->end && *p != '"'; p++) {
		if (*p == '\\' && ++p == c->end)
			break;
	}
	if (p >= c->end)
		return fail(c);
	*text = (struct str){c->pos, (size_t)(p - c->pos)};
	c->pos = p + 1;
	return true;
}

/* Behind what was read: over a comma, or over the closing bracket (false). */
static bool more(struct cursor *c, char closing)
{
	char next = cursor_peek(c);
	if (next == ',') {
		c->pos++;
		next = cursor_peek(c);
	}
	if (next == closing) {
		c->pos++;
		return false;
	}
	return next != '\0' || fail(c);
}

bool cursor_key(struct cursor *c, struct str *key)
{
	if (!more(c, '}'))
		return false;
	if (*c->pos != '"' || !string(c, key) || cursor_peek(c) != ':')
		return fail(c);
	c->pos++;
	return cursor_peek(c) != '\0' || fail(c);
}

bool cursor_next(struct cursor *c)
{
	return more(c, ']');
}

/* Step over a number or a word. */
static bool scalar(struct cursor *c)
{
	const char *start = c->pos;
	while (c->pos < c->end && strchr(",]}: \t\r\n\"[{", *c->pos) == NULL)
		c->pos++;
	return c->pos > start || fail(c);
}

/* Step over brackets and all between them. */
static bool nested(struct cursor *c)
{
	struct str inside;
	int depth = 0;
	do {
		char at = cursor_peek(c);
		if (at == '\0')
			return fail(c);
		if (at == '"') {
			if (!string(c, &inside))
				return false;
			continue;
		}
		if ((at == '{' || at == '[') && ++depth > FEED_DEPTH_MAX)
			return fail(c);
		if (at == '}' || at == ']')
			depth--;
		c->pos++;
	} while (depth > 0);
	return true;
}

bool cursor_value(struct cursor *c, struct str *text)
{
	struct str inside;
	char first = cursor_peek(c);
	const char *start = c->pos;
	bool ok = first == '"'                   ? string(c, &inside)
		  : first == '{' || first == '[' ? nested(c)
		  : first == '\0'                ? fail(c)
						 : scalar(c);
	*text = (struct str){start, (size_t)(c->pos - start)};
	return ok;
}

uint64_t cursor_offset(const struct cursor *c)
{
	return (uint64_t)(c->pos - c->base);
}

bool cursor_is(struct str text, const char *word)
{
	size_t n = strlen(word);
	return text.n == n + 2 && text.p[0] == '"' && memcmp(text.p + 1, word, n) == 0;
}

struct str cursor_member(struct str object, const char *name)
{
	struct cursor c = cursor_over(object);
	struct str key, value;
	if (!cursor_enter(&c, '{'))
		return (struct str){0};
	while (cursor_key(&c, &key) && cursor_value(&c, &value)) {
		if (str_equal(key, str_of(name)))
			return value;
	}
	return (struct str){0};
}

json_t *feed_object(struct feed_reader *r, struct str text)
{
	json_error_t e;
	if (text.n > FEED_OBJECT_MAX) {
		feed_skip(r, FEED_TOO_LONG, text, NULL);
		return NULL;
	}
	json_t *object = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &e);
	if (!json_is_object(object)) {
		feed_skip(r, FEED_MALFORMED, text, "no JSON object");
		json_decref(object);
		return NULL;
	}
	return object;
}

struct str feed_member(struct feed_reader *r, const json_t *object, const char *name)
{
	const json_t *v = json_object_get(object, name);
	return json_is_string(v)
		   ? str_clean(&r->arena, json_string_value(v), json_string_length(v))
		   : (struct str){0};
}

bool feed_is_json(struct str head)
{
	struct cursor c = cursor_over(head);
	char first = cursor_peek(&c);
	return first == '{' || first == '[';
}

bool feed_has_member(struct str head, const char *name, const char *value)
{
	size_t n = strlen(name);
	const char *end = head.p + head.n;
	for (const char *p = head.p; p < end; p++) {
		p = memmem(p, (size_t)(end - p), name, n);
		if (p == NULL)
			return false;
		if (p == head.p || p[-1] != '"' || p + n == end || p[n] != '"')
			continue;
		struct cursor c =
		    cursor_over((struct str){p + n + 1, (size_t)(end - p) - n - 1});
		struct str text;
		if (!cursor_enter(&c, ':'))
			continue;
		if (value == NULL || (cursor_peek(&c) == '"' && cursor_value(&c, &text) &&
					 cursor_is(text, value)))
			return true;
	}
	return false;
}
