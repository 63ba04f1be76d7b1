/* SPDX-License-Identifier: Apache-2.0 */
/* Search filters of LDAP (RFC 4511, 4.5.1.7) as the text of RFC 4515. */
#include <string.h>

#include "base/size.h"
#include "proto/shared/asn1.h"
#include "proto/windows/ldap.h"

enum filter_tag {
	FILTER_AND = 0xa0,
	FILTER_OR = 0xa1,
	FILTER_NOT = 0xa2,
	FILTER_EQUAL = 0xa3,
	FILTER_SUBSTRINGS = 0xa4,
	FILTER_GREATER = 0xa5,
	FILTER_LESS = 0xa6,
	FILTER_PRESENT = 0x87,
	FILTER_APPROXIMATE = 0xa8,
	FILTER_EXTENSIBLE = 0xa9,
};

enum { SUB_INITIAL = 0x80, SUB_ANY = 0x81, SUB_FINAL = 0x82 };
enum { RULE = 0x81, RULE_TYPE = 0x82, RULE_VALUE = 0x83, RULE_DN = 0x84 };

struct out {
	char text[LDAP_FILTER_MAX];
	size_t n;
	bool full;
};

static void put(struct out *o, const char *text, size_t n)
{
	if (n > sizeof(o->text) - o->n) {
		o->full = true;
		return;
	}
	if (n > 0)
		memcpy(o->text + o->n, text, n);
	o->n += n;
}

static void put_word(struct out *o, const char *word)
{
	put(o, word, strlen(word));
}

/* Whether a value is a number of bytes and no text: it holds a control character. */
static bool is_binary(struct bytes value)
{
	while (value.left > 0) {
		if (bytes_u8(&value) < ' ')
			return true;
	}
	return false;
}

/* A value; what would be read as syntax, and what is no text, as \xx (RFC 4515, 3). */
static void put_value(struct out *o, struct bytes value)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t last = is_binary(value) ? 0x7e : 0xff;
	while (value.left > 0 && !o->full) {
		uint8_t c = bytes_u8(&value);
		bool plain =
		    c >= ' ' && c != 0x7f && c <= last && strchr("*()\\", c) == NULL;
		char escape[3] = {'\\', digits[c >> 4], digits[c & 15]};
		char one = (char)c;
		if (plain)
			put(o, &one, 1);
		else
			put(o, escape, sizeof(escape));
	}
}

static void put_pair(struct out *o, struct bytes content, const char *between)
{
	struct der type, value;
	if (!der_next(&content, &type) || !der_next(&content, &value)) {
		put_word(o, "...");
		return;
	}
	put_value(o, type.content);
	put_word(o, between);
	put_value(o, value.content);
}

static void put_substrings(struct out *o, struct bytes content)
{
	struct der type, list, part;
	if (!der_next(&content, &type) || !der_next(&content, &list))
		return;
	put_value(o, type.content);
	put_word(o, "=");
	bool star = false;
	while (list.content.left > 0 && !o->full && der_next(&list.content, &part)) {
		if (part.tag != SUB_INITIAL && !star)
			put_word(o, "*");
		put_value(o, part.content);
		star = part.tag != SUB_FINAL;
		if (star)
			put_word(o, "*");
	}
}

static void put_extensible(struct out *o, struct bytes content)
{
	struct der e, type = {0}, rule = {0}, value = {0};
	bool dn = false;
	while (content.left > 0 && der_next(&content, &e)) {
		if (e.tag == RULE)
			rule = e;
		else if (e.tag == RULE_TYPE)
			type = e;
		else if (e.tag == RULE_VALUE)
			value = e;
		else if (e.tag == RULE_DN)
			dn = e.content.left == 1 && e.content.pos[0] != 0;
	}
	put_value(o, type.content);
	if (dn)
		put_word(o, ":dn");
	if (rule.content.left > 0) {
		put_word(o, ":");
		put_value(o, rule.content);
	}
	put_word(o, ":=");
	put_value(o, value.content);
}

static void put_leaf(struct out *o, const struct der *e)
{
	switch (e->tag) {
	case FILTER_EQUAL:
		put_pair(o, e->content, "=");
		break;
	case FILTER_GREATER:
		put_pair(o, e->content, ">=");
		break;
	case FILTER_LESS:
		put_pair(o, e->content, "<=");
		break;
	case FILTER_APPROXIMATE:
		put_pair(o, e->content, "~=");
		break;
	case FILTER_PRESENT:
		put_value(o, e->content);
		put_word(o, "=*");
		break;
	case FILTER_SUBSTRINGS:
		put_substrings(o, e->content);
		break;
	case FILTER_EXTENSIBLE:
		put_extensible(o, e->content);
		break;
	default:
		put_word(o, "?");
		break;
	}
}

/* Walk with a stack of its own, so that nesting costs no stack of ours. */
static void put_filter(struct out *o, struct bytes *b)
{
	struct bytes stack[LDAP_FILTER_DEPTH];
	int depth = 0;
	struct der e;
	struct bytes at = *b;
	bool only = true; /* at the top one filter is read */
	for (;;) {
		while (depth > 0 && at.left == 0) {
			put_word(o, ")");
			at = stack[--depth];
		}
		if (depth == 0 && !only)
			break;
		if (o->full || !der_next(&at, &e))
			break;
		only = false;
		put_word(o, "(");
		bool inner = e.tag >= FILTER_AND && e.tag <= FILTER_NOT;
		if (!inner || depth == LDAP_FILTER_DEPTH) {
			if (inner)
				put_word(o, "...");
			else
				put_leaf(o, &e);
			put_word(o, ")");
			continue;
		}
		put_word(o, e.tag == FILTER_AND ? "&" : e.tag == FILTER_OR ? "|" : "!");
		stack[depth++] = at;
		at = e.content;
	}
}

struct str ldap_filter(struct arena *a, struct bytes *b)
{
	struct out o = {.n = 0};
	struct bytes top = *b;
	struct der skipped;
	put_filter(&o, &top);
	der_next(b, &skipped);
	if (o.full)
		return str_format(a, "%.*s...", STR_ARG(str_clean(a, o.text, o.n)));
	struct str text = str_clean(a, o.text, o.n);
	return str_copy(a, text);
}
