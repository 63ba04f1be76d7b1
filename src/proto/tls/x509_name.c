/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and object identifiers of certificates as text.
 *
 * A Name is a list of sets of { OID, string }, from the root
 * down; RFC 4514 prints it the other way round, sets joined by
 * ',', their members by '+'. Strings of all kinds become UTF-8.
 */
#include <string.h>

#include "base/size.h"
#include "proto/shared/der.h"
#include "proto/tls/x509.h"
#include "proto/tls/x509_table.h"

#define OID_TEXT_MAX 128 /* bytes of an OID as numbers */

struct oid_name {
	const char *oid; /* DER content */
	uint16_t n;      /* bytes of it */
	uint16_t bits;   /* of a curve's order */
	const char *text;
};

#define O(oid, text) {oid, sizeof(oid) - 1, 0, text},
static const struct oid_name attributes[] = {X509_ATTRIBUTES(O)};
static const struct oid_name algorithms[] = {X509_ALGORITHMS(O)};
#undef O
#define O(oid, text, bits) {oid, sizeof(oid) - 1, bits, text},
static const struct oid_name curves[] = {X509_CURVES(O)};
#undef O

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct oid_name *find(const struct oid_name *v, size_t n, struct bytes oid)
{
	size_t low = 0;
	size_t high = n;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = oid.left != v[mid].n ? (oid.left < v[mid].n ? -1 : 1)
					     : memcmp(oid.pos, v[mid].oid, oid.left);
		if (c == 0)
			return &v[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* Text under construction in a fixed piece of the arena. */
struct text {
	char *p;
	size_t n, room;
	bool full;
};

static void put(struct text *t, const char *p, size_t n)
{
	if (n > t->room - t->n) {
		t->full = true;
		return;
	}
	memcpy(t->p + t->n, p, n);
	t->n += n;
}

static void put_byte(struct text *t, char c)
{
	put(t, &c, 1);
}

static void put_hex(struct text *t, uint8_t v)
{
	static const char upper_digits[16] = "0123456789ABCDEF";
	put_byte(t, upper_digits[v >> 4]);
	put_byte(t, upper_digits[v & 15]);
}

static void put_decimal(struct text *t, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);
	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	put(t, digits + n, sizeof(digits) - n);
}

/* Each arc in base 128; the first number holds two arcs (X.690, 8.19). */
static void put_numbers(struct text *t, struct bytes oid)
{
	bool first = true;
	while (oid.left > 0) {
		uint64_t arc = 0;
		uint8_t c;
		do {
			c = bytes_u8(&oid);
			if (arc >> 56 != 0)
				t->full = true;
			arc = arc << 7 | (c & 0x7f);
		} while ((c & 0x80) != 0 && oid.left > 0);
		if (!first) {
			put_byte(t, '.');
			put_decimal(t, arc);
			continue;
		}
		uint64_t top = arc < 80 ? arc / 40 : 2;
		put_decimal(t, top);
		put_byte(t, '.');
		put_decimal(t, arc - 40 * top);
		first = false;
	}
}

static struct str numbers(struct arena *a, struct bytes oid)
{
	struct text t = {.p = arena_alloc(a, OID_TEXT_MAX), .room = OID_TEXT_MAX};
	if (t.p == NULL || oid.left == 0)
		return (struct str){0};
	put_numbers(&t, oid);
	if (t.full)
		return (struct str){0};
	return (struct str){t.p, t.n};
}

static struct str oid_text(
    struct arena *a, const struct oid_name *v, size_t n, struct bytes oid)
{
	const struct oid_name *known = find(v, n, oid);
	return known != NULL ? str_of(known->text) : numbers(a, oid);
}

struct str x509_algorithm_text(struct arena *a, struct bytes oid)
{
	return oid_text(a, algorithms, COUNT(algorithms), oid);
}

struct str x509_attribute_text(struct arena *a, struct bytes oid)
{
	return oid_text(a, attributes, COUNT(attributes), oid);
}

struct str x509_curve(struct bytes oid, unsigned *bits)
{
	const struct oid_name *known = find(curves, COUNT(curves), oid);
	*bits = known != NULL ? known->bits : 0;
	return known != NULL ? str_of(known->text) : (struct str){0};
}

/* RFC 4514, 2.4: what must be escaped, given where in the value the character stands. */
static void put_ascii(struct text *t, char c, bool first, bool last)
{
	bool special = c == ',' || c == '+' || c == '"' || c == '\\' || c == '<' ||
		       c == '>' || c == ';' || (first && (c == '#' || c == ' ')) ||
		       (last && c == ' ');
	if (special)
		put_byte(t, '\\');
	put_byte(t, c);
}

/* A code point as UTF-8; control characters and
 * what is no character as \XX of each byte. */
static void put_character(struct text *t, uint32_t c, bool first, bool last)
{
	if (c >= 0x20 && c < 0x7f) {
		put_ascii(t, (char)c, first, last);
		return;
	}
	uint8_t u[4];
	size_t n = 0;
	if (c < 0x80) {
		u[n++] = (uint8_t)c;
	} else if (c < 0x800) {
		u[n++] = (uint8_t)(0xc0 | c >> 6);
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		u[n++] = (uint8_t)(0xe0 | c >> 12);
		u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		u[n++] = (uint8_t)(0xf0 | (c >> 18 & 7));
		u[n++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		u[n++] = (uint8_t)(0x80 | (c & 0x3f));
	}
	bool printable = c >= 0xa0 && c < 0x110000 && !(c >= 0xd800 && c < 0xe000);
	for (size_t i = 0; i < n; i++) {
		if (!printable) {
			put_byte(t, '\\');
			put_hex(t, u[i]);
		} else {
			put_byte(t, (char)u[i]);
		}
	}
}

/* The next code point of UTF-8;
 * a byte that begins none stands for itself, *raw is then set. */
static uint32_t next_utf8(struct bytes *b, bool *raw)
{
	uint8_t c = bytes_u8(b);
	size_t more = c >= 0xf0 && c < 0xf5   ? 3
		      : c >= 0xe0 && c < 0xf0 ? 2
					      : c >= 0xc2 && c < 0xe0;
	*raw = c >= 0x80;
	if (more == 0 || more > b->left)
		return c;
	uint32_t v = c & (0x3fu >> more);
	for (size_t i = 0; i < more; i++) {
		if ((b->pos[i] & 0xc0) != 0x80)
			return c;
		v = v << 6 | (b->pos[i] & 0x3f);
	}
	if ((more == 2 && v < 0x800) || (more == 3 && (v < 0x10000 || v > 0x10ffff)) ||
	    (v >= 0xd800 && v < 0xe000))
		return c;
	bytes_skip(b, more);
	*raw = false;
	return v;
}

/* Bytes of a character in the string kinds that are printed; 0: UTF-8, 8: not printed. */
static unsigned width(uint8_t tag)
{
	switch (tag) {
	case DER_UTF8_STRING:
		return 0;
	case DER_NUMERIC_STRING:
	case DER_PRINTABLE_STRING:
	case DER_T61_STRING:
	case DER_IA5_STRING:
	case DER_UTC_TIME:
	case DER_GENERALIZED_TIME:
	case DER_VISIBLE_STRING:
		return 1;
	case DER_BMP_STRING:
		return 2;
	case DER_UNIVERSAL_STRING:
		return 4;
	default:
		return 8;
	}
}

static void put_string(struct text *t, const struct der *value)
{
	struct bytes b = value->content;
	unsigned w = width(value->tag);
	for (bool first = true; b.left > 0; first = false) {
		bool raw = false;
		uint32_t c = 0;
		if (w == 0) {
			c = next_utf8(&b, &raw);
		} else {
			for (unsigned i = 0; i < w; i++)
				c = c << 8 | bytes_u8(&b);
		}
		if (raw) {
			put_byte(t, '\\');
			put_hex(t, (uint8_t)c);
		} else {
			put_character(t, c, first, b.left == 0);
		}
	}
}

/* Strings of a known attribute as text, all else as '#' and the DER in hexadecimal. */
static void put_attribute(struct text *t, struct bytes attribute)
{
	struct der oid, value;
	if (!der_expect(&attribute, DER_OID, &oid) || !der_next(&attribute, &value)) {
		t->full = true;
		return;
	}
	const struct oid_name *known = find(attributes, COUNT(attributes), oid.content);
	if (known != NULL)
		put(t, known->text, strlen(known->text));
	else
		put_numbers(t, oid.content);
	put_byte(t, '=');
	unsigned w = width(value.tag);
	if (known != NULL && w != 8 && (w == 0 || value.content.left % w == 0)) {
		put_string(t, &value);
		return;
	}
	put_byte(t, '#');
	for (size_t i = 0; i < value.whole.left && !t->full; i++)
		put_hex(t, value.whole.pos[i]);
}

/* The attributes of a Name in order,
 * and which of them begin a set; false when malformed. */
struct attributes {
	struct bytes v[X509_ATTRIBUTES_MAX];
	bool begins[X509_ATTRIBUTES_MAX];
	size_t n;
};

static bool read_name(struct bytes name, struct attributes *l)
{
	struct der set, attribute;
	l->n = 0;
	while (name.left > 0) {
		if (!der_expect(&name, DER_SET, &set))
			return false;
		for (bool begins = true; set.content.left > 0; begins = false) {
			if (l->n == X509_ATTRIBUTES_MAX ||
			    !der_next(&set.content, &attribute))
				return false;
			l->begins[l->n] = begins;
			l->v[l->n++] = attribute.content;
		}
	}
	return true;
}

struct str x509_name_text(struct arena *a, struct bytes name)
{
	struct attributes l;
	size_t room = size_min(4 * name.left + 64, X509_NAME_BYTES_MAX);
	if (!read_name(name, &l))
		return (struct str){0};
	if (l.n == 0)
		return STR("");
	struct text t = {.p = arena_alloc(a, room), .room = room};
	if (t.p == NULL)
		return (struct str){0};
	for (size_t i = l.n; i-- > 0 && !t.full;) {
		put_attribute(&t, l.v[i]);
		if (i > 0)
			put_byte(&t, l.begins[i] ? ',' : '+');
	}
	if (t.full)
		return (struct str){0};
	return (struct str){t.p, t.n};
}
