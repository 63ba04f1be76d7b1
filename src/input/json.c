/* SPDX-License-Identifier: Apache-2.0 */
#include "input/json.h"

#include <string.h>

struct walk {
	const char *p, *end;
};

struct str json_first_line(const struct log_head *head)
{
	const char *p = (const char *)head->p;
	if (head->n < 2 || p[0] != '{')
		return (struct str){0};
	const char *stop = memchr(p, '\n', head->n);
	return (struct str){p, stop != NULL ? (size_t)(stop - p) : head->n};
}

void json_tree_init(struct json_tree *t)
{
	*t = (struct json_tree){.count = 1};
	t->v[0].slot = -1;
}

static uint16_t child_named(
    struct json_tree *t, uint16_t parent, const char *name, size_t n)
{
	uint16_t *link = &t->v[parent].child;
	while (*link != 0) {
		const struct json_node *node = &t->v[*link];
		if (node->n == n && memcmp(node->name, name, n) == 0)
			return *link;
		link = &t->v[*link].next;
	}
	if (t->count == JSON_NODES_MAX)
		return 0;
	*link = t->count;
	t->v[t->count] = (struct json_node){.name = name, .n = (uint32_t)n, .slot = -1};
	return t->count++;
}

bool json_tree_add(struct json_tree *t, const char *path, int16_t slot, bool whole)
{
	uint16_t at = 0;
	for (;;) {
		size_t n = whole ? strlen(path) : strcspn(path, ".");
		at = child_named(t, at, path, n);
		if (at == 0)
			return false;
		if (path[n] == '\0')
			break;
		path += n + 1;
	}
	t->v[at].slot = slot;
	return true;
}

static void space(struct walk *w)
{
	while (w->p < w->end &&
	       (*w->p == ' ' || *w->p == '\t' || *w->p == '\r' || *w->p == '\n'))
		w->p++;
}

/* Step past a string whose opening quote was taken; v gets what is inside. */
static bool string(struct walk *w, struct log_value *v)
{
	const char *start = w->p;
	bool escaped = false;
	for (const char *p = start; p < w->end; p++) {
		if (*p == '"') {
			*v = (struct log_value){start, (uint32_t)(p - start),
			    escaped ? VALUE_ESCAPED : VALUE_STRING, '\0'};
			w->p = p + 1;
			return true;
		}
		if (*p == '\\') {
			escaped = true;
			if (++p == w->end)
				return false;
		}
	}
	return false;
}

/* Step over what stands in brackets, the opening one included. */
static bool brackets(struct walk *w)
{
	uint64_t braces = 0; /* a bit each: whether that bracket is a brace */
	unsigned depth = 0;
	struct log_value unused;
	while (w->p < w->end) {
		char c = *w->p++;
		if (c == '"') {
			if (!string(w, &unused))
				return false;
		} else if (c == '{' || c == '[') {
			if (depth == JSON_DEPTH_MAX)
				return false;
			braces = braces << 1 | (c == '{');
			depth++;
		} else if (c == '}' || c == ']') {
			if ((braces & 1) != (c == '}'))
				return false;
			braces >>= 1;
			if (--depth == 0)
				return true;
		}
	}
	return false;
}

/* A number or a word: all up to what can follow a value. */
static bool bare(struct walk *w, struct log_value *v)
{
	const char *start = w->p;
	while (w->p < w->end && *w->p != ',' && *w->p != '}' && *w->p != ']' &&
	       *w->p != ' ' && *w->p != '\t' && *w->p != '\r' && *w->p != ':' &&
	       *w->p != '"')
		w->p++;
	size_t n = (size_t)(w->p - start);
	*v = (struct log_value){start, (uint32_t)n, VALUE_NUMBER, '\0'};
	if (n == 4 && memcmp(start, "true", 4) == 0)
		v->form = VALUE_TRUE;
	else if (n == 5 && memcmp(start, "false", 5) == 0)
		v->form = VALUE_FALSE;
	else if (n == 4 && memcmp(start, "null", 4) == 0)
		v->form = VALUE_ABSENT;
	else
		return n > 0 && (*start == '-' || (*start >= '0' && *start <= '9'));
	return true;
}

static bool value(struct walk *w, struct log_value *v)
{
	space(w);
	if (w->p == w->end)
		return false;
	const char *start = w->p;
	char c = *start;
	if (c == '"') {
		w->p++;
		return string(w, v);
	}
	if (c != '{' && c != '[')
		return bare(w, v);
	if (!brackets(w))
		return false;
	*v = (struct log_value){
	    start, (uint32_t)(w->p - start), c == '{' ? VALUE_OBJECT : VALUE_ARRAY, '\0'};
	return true;
}

/* The node of that name under parent; the search starts at the hint and goes round. */
static uint16_t find(const struct json_tree *t, uint16_t parent, uint16_t hint,
    const struct log_value *name)
{
	for (unsigned round = 0; round < 2; round++) {
		uint16_t i = round == 0 ? hint : t->v[parent].child;
		uint16_t stop = round == 0 ? 0 : hint;
		for (; i != stop; i = t->v[i].next) {
			const struct json_node *node = &t->v[i];
			if (node->n == name->n &&
			    memcmp(node->name, name->p, name->n) == 0)
				return i;
		}
	}
	return 0;
}

/* The members of an object whose opening brace was taken. The tree's depth bounds the
 * recursion: at most JSON_NODES_MAX, in practice 3. */
static bool members(
    const struct json_tree *t, uint16_t parent, struct walk *w, struct log_value *v)
{
	uint16_t hint = t->v[parent].child;
	struct log_value name, got;
	space(w);
	if (w->p < w->end && *w->p == '}') {
		w->p++;
		return true;
	}
	for (;;) {
		space(w);
		if (w->p == w->end || *w->p++ != '"' || !string(w, &name))
			return false;
		space(w);
		if (w->p == w->end || *w->p++ != ':')
			return false;
		uint16_t node = find(t, parent, hint, &name);
		if (node != 0)
			hint = t->v[node].next;
		space(w);
		if (node != 0 && t->v[node].child != 0 && w->p < w->end && *w->p == '{') {
			w->p++;
			if (!members(t, node, w, v))
				return false;
		} else {
			if (!value(w, &got))
				return false;
			if (node != 0 && t->v[node].slot >= 0 && got.form != VALUE_ABSENT)
				v[t->v[node].slot] = got;
		}
		space(w);
		if (w->p == w->end)
			return false;
		char c = *w->p++;
		if (c != ',')
			return c == '}';
	}
}

bool json_pick(const struct json_tree *t, const char *p, size_t n, struct log_value *v)
{
	struct walk w = {p, p + n};
	space(&w);
	if (w.p == w.end || *w.p++ != '{' || !members(t, 0, &w, v))
		return false;
	space(&w);
	return w.p == w.end;
}

bool json_member(
    const char *p, size_t n, size_t *at, struct log_value *name, struct log_value *got)
{
	struct walk w = {p + *at, p + n};
	space(&w);
	if (w.p == w.end || *w.p++ != (*at == 0 ? '{' : ','))
		return false;
	space(&w);
	if (w.p == w.end || *w.p++ != '"' || !string(&w, name))
		return false;
	space(&w);
	if (w.p == w.end || *w.p++ != ':' || !value(&w, got))
		return false;
	*at = (size_t)(w.p - p);
	return true;
}

bool json_element(const struct log_value *array, size_t *at, struct log_value *element)
{
	/* Between the brackets: 1 .. n - 1. */
	if (*at == 0)
		*at = 1;
	struct walk w = {array->p + *at, array->p + array->n - 1};
	space(&w);
	if (w.p >= w.end || !value(&w, element))
		return false;
	space(&w);
	if (w.p < w.end && *w.p == ',')
		w.p++;
	*at = (size_t)(w.p - array->p);
	return true;
}

/* ---- strings ---- */

static bool hex4(const char *p, const char *end, uint32_t *out)
{
	*out = 0;
	if (end - p < 4)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t digit;
		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)((c | 0x20) - 'a') + 10;
		else
			return false;
		*out = *out << 4 | digit;
	}
	return true;
}

/* The escape after "\u": bytes taken, 0 when it is none. Six bytes become at most
 * three, twelve at most four, so the output never outgrows the input. */
static size_t unicode(const char *p, const char *end, char *o, size_t *given)
{
	uint32_t c, low;
	if (!hex4(p, end, &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u' &&
	    hex4(p + 6, end, &low) && low >= 0xdc00 && low < 0xe000) {
		*given = str_put_utf8(o, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 10;
	}
	*given = str_put_utf8(o, c);
	return 4;
}

struct str json_unescape(const char *p, size_t n, struct arena *a)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *end = p + n;
	char *start = arena_alloc(a, n), *o = start;
	if (start == NULL)
		return (struct str){0};
	while (p < end) {
		if (*p != '\\' || end - p < 2) {
			*o++ = *p++;
			continue;
		}
		const char *simple = p[1] != '\0' ? strchr(from, p[1]) : NULL;
		size_t given = 0, taken = 0;
		if (simple != NULL)
			*o++ = to[simple - from];
		else if (p[1] == 'u' && (taken = unicode(p + 2, end, o, &given)) > 0)
			o += given;
		else
			*o++ = *p;
		p += simple != NULL ? 2 : taken > 0 ? 2 + taken : 1;
	}
	return (struct str){start, (size_t)(o - start)};
}
