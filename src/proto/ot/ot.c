/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/ot/ot.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/ip.h"
#include "base/size.h"
#include "proto/ot/ot_row.h"

#define OT_ROOM_FIRST 4 /* requests for which room is made at first */

struct ot_request {
	struct moment ts;
	uint64_t offset;
	uint64_t key;
	uint32_t source;
	int side;
	struct ot_message m;
};

static const char *const operations[] = {
#define O(OPERATION, word) word,
    OT_OPERATIONS(O)
#undef O
};

const struct ot_name *ot_find(const struct ot_name *names, size_t n, unsigned code)
{
	for (size_t i = 0; i < n; i++) {
		if (names[i].code == code)
			return &names[i];
	}
	return NULL;
}

const char *ot_word(
    const struct ot_name *names, size_t n, unsigned code, const char *other)
{
	const struct ot_name *found = ot_find(names, n, code);
	return found != NULL ? found->name : other;
}

struct ot_message ot_message(const char *protocol)
{
	return (struct ot_message){
	    .protocol = protocol,
	    .id = -1,
	    .unit = -1,
	    .origin = -1,
	    .code = -1,
	    .address = -1,
	    .count = -1,
	    .digest = -1,
	};
}

void ot_function(
    struct ot_message *m, const struct ot_name *names, size_t n, unsigned code)
{
	const struct ot_name *found = ot_find(names, n, code);
	m->code = code;
	m->function = found != NULL ? found->name : NULL;
	m->operation = found != NULL ? found->operation : OT_OTHER;
}

void ot_detail(struct ot_message *m, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	size_t room = sizeof(m->detail) - m->detail_n;
	int n = vsnprintf(m->detail + m->detail_n, room, format, args);
	va_end(args);
	if (n > 0)
		m->detail_n += size_min((size_t)n, room - 1);
}

void ot_detail_bytes(struct ot_message *m, const void *p, size_t n)
{
	n = size_min(n, sizeof(m->detail) - 1 - m->detail_n);
	if (n > 0)
		memcpy(m->detail + m->detail_n, p, n);
	m->detail_n += n;
}

void ot_detail_hex(struct ot_message *m, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && m->detail_n + 2 < sizeof(m->detail); i++)
		ot_detail(m, "%02x", p[i]);
}

void ot_value(struct ot_message *m, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(m->value, sizeof(m->value), format, args);
	va_end(args);
	m->value_n = n > 0 ? size_min((size_t)n, sizeof(m->value) - 1) : 0;
}

void ot_value_float(struct ot_message *m, uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof(value));
	ot_value(m, "%.7g", (double)value);
}

void ot_digest(struct ot_message *m, struct bytes values)
{
	if (values.left == 0)
		return;
	/* Public, as equal values must be equal in every memory. */
	struct hash_key key = hash_key_public;
	key.k0 ^= (uint64_t)m->digest;
	m->digest = (int64_t)(hash_bytes(&key, values.pos, values.left) & UINT32_MAX);
}

void ot_row(struct arena *arena, const struct ot_message *m, struct ot_record *r)
{
	record_clear(RECORD_OT, r);
	r->protocol = str_of(m->protocol);
	r->id = m->id;
	r->unit = m->unit;
	r->origin = m->origin;
	r->function_code = m->code;
	r->operation = str_of(operations[m->operation]);
	r->object = str_of(m->object);
	r->address = m->address;
	r->count = m->count;
	r->status = str_of(m->status);
	r->digest = m->digest;
	if (m->value_n > 0)
		r->value = str_clean(arena, m->value, m->value_n);
	if (m->function != NULL)
		r->function = str_of(m->function);
	else if (m->code >= 0)
		r->function = str_format(arena, "unknown-%lld", (long long)m->code);
	if (m->detail_n > 0)
		r->detail = str_clean(arena, m->detail, m->detail_n);
}

static void emit(struct parse *x, const struct ot_request *q, struct ot_record *r)
{
	parse_endpoints(x, r);
	parse_source(x, r);
	r->ts = q->ts;
	r->source = parse_source_name(x, q->source);
	r->source_offset = q->offset;
	r->proto = ip_proto_word(x->scratch, x->flow->proto);
	r->from_src = q->side == 0;
	parse_emit(x, RECORD_OT, r);
}

static struct ot_request request_now(
    const struct parse *x, int side, uint64_t key, const struct ot_message *m)
{
	return (struct ot_request){
	    .ts = x->ts,
	    .source = x->source,
	    .offset = x->offset,
	    .key = key,
	    .side = side,
	    .m = *m,
	};
}

/* A row of the i-th request without an answer; it is no longer held. */
static void emit_unanswered(struct parse *x, struct ot *o, size_t i)
{
	struct ot_record r;
	ot_row(x->scratch, &o->v[i].m, &r);
	r.request_bytes = o->v[i].m.bytes;
	emit(x, &o->v[i], &r);
	memmove(&o->v[i], &o->v[i + 1], (o->n - i - 1) * sizeof(*o->v));
	o->n--;
}

/* The oldest request of the side with the key; o->n: none. */
static size_t find(const struct ot *o, int side, uint64_t key)
{
	size_t i = 0;
	while (i < o->n && (o->v[i].key != key || o->v[i].side != side))
		i++;
	return i;
}

static bool make_room(struct parse *x, struct ot *o)
{
	if (o->n < o->room)
		return true;
	if (o->room == OT_PENDING_MAX) {
		x->counters->over_limit++;
		emit_unanswered(x, o, 0);
		return true;
	}
	size_t room = o->room == 0 ? OT_ROOM_FIRST : o->room * 4;
	struct ot_request *v = realloc(o->v, room * sizeof(*v));
	if (v == NULL)
		return false;
	o->v = v;
	o->room = room;
	return true;
}

void ot_ask(
    struct parse *x, struct ot *o, int side, uint64_t key, const struct ot_message *m)
{
	size_t i = find(o, side, key);
	if (i < o->n)
		emit_unanswered(x, o, i);
	if (make_room(x, o))
		o->v[o->n++] = request_now(x, side, key, m);
}

bool ot_waits(const struct ot *o, int side, uint64_t key)
{
	return find(o, !side, key) < o->n;
}

/* What only the answer tells. */
static void take_over(struct ot_message *m, const struct ot_message *answer)
{
	m->status = answer->status;
	if (m->unit < 0)
		m->unit = answer->unit;
	if (m->object == NULL)
		m->object = answer->object;
	if (m->address < 0)
		m->address = answer->address;
	if (m->count < 0)
		m->count = answer->count;
	if (m->digest < 0)
		m->digest = answer->digest;
	if (m->value_n == 0 && m->count <= 1 && answer->value_n > 0)
		ot_value(m, "%.*s", (int)answer->value_n, answer->value);
	if (m->detail_n > 0 && answer->detail_n > 0)
		ot_detail(m, " ");
	ot_detail_bytes(m, answer->detail, answer->detail_n);
}

void ot_answer(
    struct parse *x, struct ot *o, int side, uint64_t key, const struct ot_message *m)
{
	size_t i = find(o, !side, key);
	struct ot_record r;
	if (i == o->n) {
		struct ot_request alone = request_now(x, !side, key, m);
		ot_row(x->scratch, m, &r);
		r.answer_bytes = m->bytes;
		emit(x, &alone, &r);
		return;
	}
	struct ot_request *q = &o->v[i];
	take_over(&q->m, m);
	ot_row(x->scratch, &q->m, &r);
	r.request_bytes = q->m.bytes;
	r.answer_bytes = m->bytes;
	int64_t ns = moment_diff(q->ts, x->ts);
	r.rtt = ns > 0 ? (double)ns / 1e9 : 0;
	emit(x, q, &r);
	memmove(q, q + 1, (o->n - i - 1) * sizeof(*q));
	o->n--;
}

void ot_tell(struct parse *x, int side, const struct ot_message *m)
{
	struct ot_record r;
	struct ot_request alone = request_now(x, side, 0, m);
	ot_row(x->scratch, m, &r);
	r.request_bytes = m->bytes;
	emit(x, &alone, &r);
}

void ot_end(struct parse *x, struct ot *o)
{
	while (o->n > 0)
		emit_unanswered(x, o, 0);
	free(o->v);
	*o = (struct ot){0};
}

size_t ot_held(const struct ot *o)
{
	return o->room * sizeof(*o->v);
}
