/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/net/dns_message.h"

#include <string.h>

#include "base/size.h"
#include "record/dns_words.h"

#define LABEL_MAX          63
#define POINTER_BITS       0xc0
#define CACHE_FLUSH        0x8000 /* of a class in multicast DNS (RFC 6762, 10.2, 5.4) */
#define NETBIOS_LABEL      32     /* bytes of an encoded NetBIOS name (RFC 1001, 14.1) */
#define NETBIOS_NAME       15     /* bytes of it before its type */
#define RECORD_BYTES_MIN   11     /* root name, type, class, TTL, length */
#define QUESTION_BYTES_MIN 5      /* root name, type, class */

bool dns_header_read(struct bytes *b, struct dns_header *h)
{
	const uint8_t *p = bytes_take(b, DNS_HEADER_BYTES);
	if (p == NULL) {
		*h = (struct dns_header){0};
		return false;
	}
	*h = (struct dns_header){
	    .id = load_be16(p),
	    .flags = load_be16(p + 2),
	    .questions = load_be16(p + 4),
	    .answers = load_be16(p + 6),
	    .authority = load_be16(p + 8),
	    .additional = load_be16(p + 10),
	};
	return true;
}

/* A name taken apart: labels in lower case, joined by dots. */
struct raw_name {
	size_t n;
	uint8_t text[DNS_NAME_MAX];
};

static void put_label(struct raw_name *raw, const uint8_t *label, size_t n)
{
	if (raw->n > 0)
		raw->text[raw->n++] = '.';
	uint8_t *o = raw->text + raw->n;
	for (size_t i = 0; i < n; i++) {
		uint8_t c = label[i];
		o[i] = c | (uint8_t)((uint8_t)(c - 'A') < 26 ? 0x20 : 0);
	}
	raw->n += n;
}

/* Follow the pointer whose first byte was read;
 * *start is where the labels before it began. */
static bool follow(struct bytes whole, struct bytes *b, uint8_t high, size_t *start)
{
	size_t target = (size_t)(high & ~POINTER_BITS) << 8 | bytes_u8(b);
	if (b->bad || target >= *start)
		return false;
	*start = target;
	*b = whole;
	return bytes_skip(b, target);
}

static bool raw_name_read(struct bytes whole, struct bytes *at, struct raw_name *raw)
{
	struct bytes b = *at;
	size_t start = b.left > 0 ? (size_t)(b.pos - whole.pos) : 0;
	size_t wire = 1, pointers = 0; /* the root's byte */
	raw->n = 0;
	for (;;) {
		uint8_t length = bytes_u8(&b);
		if (b.bad) {
			bytes_fail(at);
			return false;
		}
		if (length == 0)
			break;
		if ((length & POINTER_BITS) == POINTER_BITS) {
			struct bytes behind = b;
			bytes_skip(&behind, 1);
			if (pointers++ == 0)
				*at = behind;
			if (pointers > DNS_POINTERS_MAX ||
			    !follow(whole, &b, length, &start))
				return false;
			continue;
		}
		const uint8_t *label =
		    length <= LABEL_MAX ? bytes_take(&b, length) : NULL;
		if (label == NULL) {
			if (b.bad && pointers == 0)
				bytes_fail(at);
			return false;
		}
		wire += 1u + length;
		if (wire > DNS_NAME_MAX)
			return false;
		put_label(raw, label, length);
	}
	if (pointers == 0)
		*at = b;
	return true;
}

static struct str raw_name_text(struct arena *a, const struct raw_name *raw)
{
	if (raw->n == 0)
		return STR("");
	const uint8_t *copy = arena_copy(a, raw->text, raw->n);
	return copy != NULL ? str_clean(a, copy, raw->n) : (struct str){0};
}

bool dns_name_read(
    struct bytes whole, struct bytes *at, struct arena *a, struct str *name)
{
	struct raw_name raw;
	if (!raw_name_read(whole, at, &raw))
		return false;
	*name = raw_name_text(a, &raw);
	return name->p != NULL;
}

bool dns_name_skip(struct bytes *at)
{
	size_t wire = 1;
	for (;;) {
		uint8_t length = bytes_u8(at);
		if (length == 0)
			return !at->bad;
		if ((length & POINTER_BITS) == POINTER_BITS)
			return bytes_skip(at, 1);
		wire += 1u + length;
		if (length > LABEL_MAX || wire > DNS_NAME_MAX) {
			bytes_fail(at);
			return false;
		}
		if (!bytes_skip(at, length))
			return false;
	}
}

/*
 * The first level of NetBIOS encoding (RFC 1001, 14.1): each
 * half of a byte is a letter from A on. The name is padded
 * with spaces and its last byte is a type, which is left out.
 */
static void netbios_decode(struct raw_name *raw)
{
	if (raw->n < NETBIOS_LABEL ||
	    (raw->n > NETBIOS_LABEL && raw->text[NETBIOS_LABEL] != '.'))
		return;
	uint8_t name[NETBIOS_LABEL / 2];
	for (size_t i = 0; i < NETBIOS_LABEL / 2; i++) {
		unsigned high = raw->text[2 * i] - (unsigned)'a';
		unsigned low = raw->text[2 * i + 1] - (unsigned)'a';
		if (high > 15 || low > 15)
			return;
		name[i] = (uint8_t)(high << 4 | low);
	}
	size_t n = NETBIOS_NAME;
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\0'))
		n--;
	for (size_t i = 0; i < n; i++) {
		bool upper = name[i] >= 'A' && name[i] <= 'Z';
		name[i] |= upper ? 0x20 : 0;
	}
	size_t scope = raw->n - NETBIOS_LABEL; /* with its dot */
	memmove(raw->text + n, raw->text + NETBIOS_LABEL, scope);
	memcpy(raw->text, name, n);
	raw->n = n + scope;
}

/* A name, taken out of NetBIOS encoding where that is used. */
static bool owner_read(struct bytes whole, struct bytes *b, enum dns_kind kind,
    struct arena *a, struct str *name)
{
	struct raw_name raw;
	if (!raw_name_read(whole, b, &raw))
		return false;
	if (kind == DNS_NETBIOS)
		netbios_decode(&raw);
	*name = raw_name_text(a, &raw);
	return name->p != NULL;
}

static bool question_read(struct bytes whole, struct bytes *b, enum dns_kind kind,
    struct arena *a, struct dns_question *q)
{
	if (!owner_read(whole, b, kind, a, &q->name))
		return false;
	q->type = bytes_be16(b);
	q->class = bytes_be16(b);
	if (kind == DNS_MULTICAST)
		q->class &= (uint16_t)~CACHE_FLUSH;
	return !b->bad;
}

static enum dns_outcome questions_read(struct bytes whole, struct bytes *b,
    enum dns_kind kind, struct arena *a, struct dns_message *m)
{
	for (unsigned i = 0; i < m->header.questions; i++) {
		if (i == DNS_QUESTIONS_MAX)
			return DNS_OVER_LIMIT;
		if (!question_read(whole, b, kind, a, &m->question[i]))
			return b->bad ? DNS_CUT : DNS_MALFORMED;
		m->questions++;
	}
	return DNS_UNDERSTOOD;
}

/* Lists for as many answers as may come:
 * at most what fits into the bytes that are left. */
static bool answers_alloc(size_t n, struct arena *a, struct str **data, int64_t **ttl)
{
	*data = arena_alloc(a, n * sizeof(**data));
	*ttl = arena_alloc(a, n * sizeof(**ttl));
	return *data != NULL && *ttl != NULL;
}

static enum dns_outcome answers_read(struct bytes whole, struct bytes *b,
    enum dns_kind kind, struct arena *a, struct dns_message *m)
{
	size_t most = size_min(m->header.answers, b->left / RECORD_BYTES_MIN);
	most = size_min(most, DNS_ANSWERS_MAX);
	struct str *data;
	int64_t *ttls;
	if (most > 0 && !answers_alloc(most, a, &data, &ttls))
		return DNS_OVER_LIMIT;
	for (unsigned i = 0; i < m->header.answers; i++) {
		if (i == most)
			return most == DNS_ANSWERS_MAX ? DNS_OVER_LIMIT : DNS_CUT;
		if (i == 0 ? !owner_read(whole, b, kind, a, &m->owner)
			   : !dns_name_skip(b))
			return b->bad ? DNS_CUT : DNS_MALFORMED;
		uint16_t type = bytes_be16(b);
		bytes_skip(b, 2); /* the class is that of the question */
		uint32_t ttl = bytes_be32(b);
		struct bytes body = bytes_sub(b, bytes_be16(b));
		if (b->bad)
			return DNS_CUT;
		struct str text = dns_data_text(whole, body, type, kind, a, m);
		if (text.p == NULL)
			return a->refused > 0 ? DNS_OVER_LIMIT : DNS_MALFORMED;
		if (text.n == 0 && type == DNS_OPT)
			continue;
		data[m->answers] = text;
		ttls[m->answers] = ttl;
		m->answers++;
		m->data = data;
		m->ttl = ttls;
	}
	return DNS_UNDERSTOOD;
}

enum dns_outcome dns_message_read(
    struct bytes whole, enum dns_kind kind, struct arena *a, struct dns_message *m)
{
	m->questions = m->answers = m->addresses = 0;
	m->owner = (struct str){0};
	m->data = NULL;
	m->ttl = NULL;
	struct bytes b = whole;
	if (!dns_header_read(&b, &m->header))
		return DNS_CUT;
	enum dns_outcome outcome = questions_read(whole, &b, kind, a, m);
	if (outcome != DNS_UNDERSTOOD || !dns_is_answer(&m->header))
		return outcome;
	return answers_read(whole, &b, kind, a, m);
}

/* Whether the record at the cursor is well-formed,
 * of a known type and class (OPT's is a size). */
static bool record_plausible(struct bytes *b)
{
	if (!dns_name_skip(b))
		return false;
	uint16_t type = bytes_be16(b);
	uint16_t class = bytes_be16(b);
	bytes_skip(b, 4);
	bytes_skip(b, bytes_be16(b));
	return !b->bad && dns_type_known(type) &&
	       (type == DNS_OPT || dns_class_known(class));
}

static bool header_plausible(const struct dns_header *h)
{
	if (dns_opcode(h) != DNS_QUERY || (h->flags & DNS_Z) != 0 || h->questions != 1)
		return false;
	if (dns_is_answer(h))
		return (h->flags & 15u) <= 10;
	return (h->flags & (DNS_AA | DNS_RA | 15u)) == 0 && h->answers == 0 &&
	       h->authority == 0 && h->additional <= 2;
}

bool dns_message_plausible(struct bytes whole)
{
	struct bytes b = whole;
	struct dns_header h;
	struct raw_name raw;
	if (!dns_header_read(&b, &h) || !header_plausible(&h) ||
	    b.left < QUESTION_BYTES_MIN)
		return false;
	if (!raw_name_read(whole, &b, &raw))
		return false;
	uint16_t type = bytes_be16(&b);
	uint16_t class = bytes_be16(&b);
	if (b.bad || !dns_type_known(type) || !dns_class_known(class))
		return false;
	unsigned records = (unsigned)h.answers + h.authority + h.additional;
	if (records > b.left / RECORD_BYTES_MIN)
		return false;
	for (unsigned i = 0; i < records; i++) {
		if (!record_plausible(&b))
			return false;
	}
	return b.left == 0;
}
