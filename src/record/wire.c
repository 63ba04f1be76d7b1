/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"

#include <math.h>
#include <xxhash.h>

#include "base/size.h"

#define VARINT_MAX 10 /* bytes of a number of 64 bits, seven in each */

_Static_assert(RECORD_TYPES < WIRE_NOTE, "a kind is a record's or a note's");

/* ---- writing ---- */

struct out {
	uint8_t *p;
	size_t left;
	bool full; /* sticky */
};

static uint8_t *claim(struct out *o, size_t n)
{
	if (n > o->left) {
		o->full = true;
		o->left = 0;
		return NULL;
	}
	uint8_t *p = o->p;
	o->p += n;
	o->left -= n;
	return p;
}

static void store_le(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void put_le(struct out *o, uint64_t v, unsigned bytes)
{
	uint8_t *p = claim(o, bytes);
	if (p != NULL)
		store_le(p, v, bytes);
}

static void put_raw(struct out *o, const void *from, size_t n)
{
	uint8_t *p = claim(o, n);
	if (p != NULL && n > 0)
		memcpy(p, from, n);
}

static void put_varint(struct out *o, uint64_t v)
{
	uint8_t b[VARINT_MAX];
	size_t n = 0;
	for (; v > 0x7f; v >>= 7)
		b[n++] = (uint8_t)(v | 0x80);
	b[n++] = (uint8_t)v;
	put_raw(o, b, n);
}

static void put_int(struct out *o, int64_t v)
{
	put_varint(o, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static void put_real(struct out *o, double v)
{
	uint64_t bits;
	memcpy(&bits, &v, sizeof(bits));
	put_le(o, bits, sizeof(bits));
}

static void put_text(struct out *o, struct str s)
{
	if (s.p == NULL) {
		put_varint(o, 0);
		return;
	}
	put_varint(o, (uint64_t)s.n + 1);
	put_raw(o, s.p, s.n);
}

static void put_texts(struct out *o, const struct str_list *l)
{
	o->full |= l->n > WIRE_LIST_MAX;
	put_varint(o, l->n);
	for (size_t i = 0; i < l->n && !o->full; i++)
		put_text(o, l->v[i]);
}

static void put_ints(struct out *o, const struct int_list *l)
{
	o->full |= l->n > WIRE_LIST_MAX;
	put_varint(o, l->n);
	for (size_t i = 0; i < l->n && !o->full; i++)
		put_int(o, l->v[i]);
}

static void put_field(struct out *o, enum field_kind kind, const void *field)
{
	switch (kind) {
	case FIELD_TIME:
		put_le(o, (uint64_t)((const field_TIME *)field)->ns, 8);
		break;
	case FIELD_SECONDS:
	case FIELD_REAL:
		put_real(o, *(const field_REAL *)field);
		break;
	case FIELD_IP:
		put_raw(o, ((const field_IP *)field)->b, sizeof(field_IP));
		break;
	case FIELD_PORT:
		put_le(o, *(const field_PORT *)field, 2);
		break;
	case FIELD_COUNT:
		put_varint(o, *(const field_COUNT *)field);
		break;
	case FIELD_INT:
		put_int(o, *(const field_INT *)field);
		break;
	case FIELD_FLAG:
		put_le(o, (uint8_t) * (const field_FLAG *)field, 1);
		break;
	case FIELD_TEXT:
		put_text(o, *(const field_TEXT *)field);
		break;
	case FIELD_TEXTS:
		put_texts(o, field);
		break;
	case FIELD_INTS:
		put_ints(o, field);
		break;
	}
}

static uint32_t checksum(const uint8_t *frame, size_t n)
{
	return (uint32_t)XXH3_64bits(frame + 4, n - 4);
}

/* Write the head of the frame that begins at begin; its length, or 0. */
static size_t seal(const struct out *o, uint8_t *begin, uint16_t kind)
{
	if (o->full)
		return 0;
	size_t n = (size_t)(o->p - begin);
	store_le(begin + 4, n - WIRE_HEAD, 4);
	store_le(begin + 8, kind, 2);
	store_le(begin, checksum(begin, n), 4);
	return n;
}

size_t wire_put(enum record_type type, const void *record, uint8_t *out, size_t room)
{
	const struct record_info *info = record_info(type);
	struct out o = {out, size_min(room, WIRE_FRAME_MAX), false};
	claim(&o, WIRE_HEAD);
	for (size_t i = 0; i < info->field_count && !o.full; i++) {
		const struct field_info *f = &info->fields[i];
		put_field(&o, f->kind, (const char *)record + f->offset);
	}
	return seal(&o, out, (uint16_t)type);
}

size_t wire_put_note(uint16_t kind, const void *p, size_t n, uint8_t *out, size_t room)
{
	struct out o = {out, size_min(room, WIRE_FRAME_MAX), kind < WIRE_NOTE};
	claim(&o, WIRE_HEAD);
	put_raw(&o, p, n);
	return seal(&o, out, kind);
}

/* ---- reading ---- */

static uint64_t take_varint(struct bytes *b)
{
	uint64_t v = 0;
	for (unsigned i = 0; i < VARINT_MAX; i++) {
		uint8_t c = bytes_u8(b);
		if (i == VARINT_MAX - 1 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << (7 * i);
		if ((c & 0x80) == 0)
			return v;
	}
	bytes_fail(b);
	return 0;
}

static int64_t take_int(struct bytes *b)
{
	uint64_t v = take_varint(b);
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

/* A number that is none stays absent, whichever of the many it is. */
static double take_real(struct bytes *b)
{
	uint64_t bits = bytes_le64(b);
	double v;
	memcpy(&v, &bits, sizeof(v));
	return isfinite(v) ? v : (double)NAN;
}

static struct str take_text(struct bytes *b, struct arena *a)
{
	uint64_t n = take_varint(b);
	if (n == 0)
		return (struct str){0};
	const uint8_t *p = n - 1 > b->left ? NULL : bytes_take(b, (size_t)n - 1);
	struct str s = {0};
	if (p != NULL)
		s = str_clean(a, p, (size_t)n - 1);
	if (s.p == NULL)
		bytes_fail(b);
	return s;
}

/* Room for the elements of a list: each takes at least a byte of what is left. */
static void *take_list(struct bytes *b, struct arena *a, size_t element, size_t *count)
{
	uint64_t n = take_varint(b);
	void *v = NULL;
	*count = 0;
	if (n == 0)
		return NULL;
	if (n <= WIRE_LIST_MAX && n <= b->left)
		v = arena_alloc(a, (size_t)n * element);
	if (v == NULL)
		bytes_fail(b);
	else
		*count = (size_t)n;
	return v;
}

static void take_texts(struct bytes *b, struct arena *a, struct str_list *l)
{
	size_t n;
	struct str *v = take_list(b, a, sizeof(*v), &n);
	for (size_t i = 0; i < n; i++)
		v[i] = take_text(b, a);
	*l = (struct str_list){v, n};
}

static void take_ints(struct bytes *b, struct arena *a, struct int_list *l)
{
	size_t n;
	int64_t *v = take_list(b, a, sizeof(*v), &n);
	for (size_t i = 0; i < n; i++)
		v[i] = take_int(b);
	*l = (struct int_list){v, n};
}

static int8_t take_flag(struct bytes *b)
{
	uint8_t v = bytes_u8(b);
	return v == 0 || v == 1 ? (int8_t)v : -1;
}

static void take_field(
    struct bytes *b, struct arena *a, enum field_kind kind, void *field)
{
	switch (kind) {
	case FIELD_TIME:
		((field_TIME *)field)->ns = (int64_t)bytes_le64(b);
		break;
	case FIELD_SECONDS:
	case FIELD_REAL:
		*(field_REAL *)field = take_real(b);
		break;
	case FIELD_IP:
		bytes_copy(b, ((field_IP *)field)->b, sizeof(field_IP));
		break;
	case FIELD_PORT:
		*(field_PORT *)field = bytes_le16(b);
		break;
	case FIELD_COUNT:
		*(field_COUNT *)field = take_varint(b);
		break;
	case FIELD_INT:
		*(field_INT *)field = take_int(b);
		break;
	case FIELD_FLAG:
		*(field_FLAG *)field = take_flag(b);
		break;
	case FIELD_TEXT:
		*(field_TEXT *)field = take_text(b, a);
		break;
	case FIELD_TEXTS:
		take_texts(b, a, field);
		break;
	case FIELD_INTS:
		take_ints(b, a, field);
		break;
	}
}

static bool take_record(struct bytes b, struct arena *a, struct wire_frame *out)
{
	const struct record_info *info = record_info((enum record_type)out->kind);
	for (size_t i = 0; i < info->field_count && !b.bad; i++) {
		const struct field_info *f = &info->fields[i];
		take_field(&b, a, f->kind, (char *)&out->record + f->offset);
	}
	return !b.bad && b.left == 0;
}

enum wire_outcome wire_next(struct bytes *in, struct arena *a, struct wire_frame *out)
{
	struct bytes b = *in;
	if (b.left < WIRE_HEAD)
		return WIRE_PART;
	const uint8_t *frame = b.pos;
	uint32_t sum = bytes_le32(&b);
	uint32_t n = bytes_le32(&b);
	out->kind = bytes_le16(&b);
	if (n > WIRE_FRAME_MAX - WIRE_HEAD ||
	    (out->kind < WIRE_NOTE && out->kind >= RECORD_TYPES))
		return WIRE_DAMAGED;
	if (n > b.left)
		return WIRE_PART;
	struct bytes payload = bytes_sub(&b, n);
	if (checksum(frame, (size_t)n + WIRE_HEAD) != sum)
		return WIRE_DAMAGED;
	if (out->kind >= WIRE_NOTE)
		out->note = payload;
	else if (!take_record(payload, a, out))
		return WIRE_DAMAGED;
	*in = b;
	return WIRE_FRAME;
}

uint64_t wire_layout(void)
{
	uint64_t h = 0;
	for (size_t t = 0; t < RECORD_TYPES; t++) {
		const struct record_info *info = record_info((enum record_type)t);
		h = XXH3_64bits_withSeed(info->table, strlen(info->table), h);
		for (size_t i = 0; i < info->field_count; i++) {
			const struct field_info *f = &info->fields[i];
			h = XXH3_64bits_withSeed(
			    f->name, strlen(f->name), h + (uint64_t)f->kind);
		}
	}
	return h;
}
