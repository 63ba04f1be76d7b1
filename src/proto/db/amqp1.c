/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMQP 1.0 (ISO/IEC 19464): Azure Service Bus, ActiveMQ, Qpid and others.
 *
 *     length 4 | offset of the content in words 1 | type 1: 0 AMQP, 1 SASL | channel 2
 *     content: 00 | descriptor | list of fields, each with a byte for its type | payload
 *
 * The upper four bits of a type say how long the value is, so unknown ones are skipped.
 */
#include "proto/db/amqp.h"
#include "proto/shared/login.h"

#include <string.h>

#include "base/size.h"

#define FIELDS_MAX 16 /* of a list, looked at */

enum performative {
	OPEN = 0x10,
	ATTACH = 0x12,
	TRANSFER = 0x14,
	DETACH = 0x16,
	CLOSE = 0x18,
	SASL_INIT = 0x41,
	SASL_OUTCOME = 0x44,
};

struct value {
	uint8_t type;       /* 0: described; absent fields are NULL (0x40) */
	struct bytes bytes; /* of lists: without size and count; described: the list */
};

struct fields {
	struct value v[FIELDS_MAX];
	size_t n;
};

/* Take a value with the type that stands before it, not described. */
static struct value take_plain(struct bytes *b, uint8_t type)
{
	size_t n = 0;
	switch (type >> 4) {
	case 0x4:
		break;
	case 0x5:
		n = 1;
		break;
	case 0x6:
		n = 2;
		break;
	case 0x7:
		n = 4;
		break;
	case 0x8:
		n = 8;
		break;
	case 0x9:
		n = 16;
		break;
	case 0xa:
	case 0xc:
	case 0xe:
		n = bytes_u8(b);
		break;
	case 0xb:
	case 0xd:
	case 0xf:
		n = bytes_be32(b);
		break;
	default:
		bytes_fail(b);
		break;
	}
	struct value v = {type, bytes_sub(b, n)};
	if (type == 0xc0)
		bytes_skip(&v.bytes, 1); /* count */
	else if (type == 0xd0)
		bytes_skip(&v.bytes, 4);
	return v;
}

/* The number of a descriptor or handle; UINT64_MAX: it is none. */
static uint64_t number(struct value v)
{
	switch (v.type) {
	case 0x43:
	case 0x44:
		return 0;
	case 0x50:
	case 0x52:
	case 0x53:
		return bytes_u8(&v.bytes);
	case 0x60:
		return bytes_be16(&v.bytes);
	case 0x70:
		return bytes_be32(&v.bytes);
	case 0x80:
		return bytes_be64(&v.bytes);
	default:
		return UINT64_MAX;
	}
}

/* Take a value; of a described one *descriptor is set, and it is what is described. */
static struct value take(struct bytes *b, uint64_t *descriptor)
{
	*descriptor = UINT64_MAX;
	uint8_t type = bytes_u8(b);
	if (type == 0) {
		uint8_t of = bytes_u8(b);
		*descriptor = number(take_plain(b, of));
		type = bytes_u8(b);
	}
	return take_plain(b, type); /* a description of a description is none */
}

static struct fields take_fields(struct bytes list)
{
	struct fields f = {.n = 0};
	uint64_t descriptor;
	while (f.n < FIELDS_MAX && list.left > 0) {
		f.v[f.n] = take(&list, &descriptor);
		if (list.bad)
			break;
		f.n++;
	}
	return f;
}

static struct value field(const struct fields *f, size_t i)
{
	return i < f->n ? f->v[i] : (struct value){.type = 0x40};
}

static struct str text(struct value v)
{
	bool is_text = v.type == 0xa1 || v.type == 0xb1 || v.type == 0xa3 ||
		       v.type == 0xb3 || v.type == 0xa0 || v.type == 0xb0;
	if (!is_text || v.bytes.bad)
		return (struct str){0};
	return (struct str){
	    v.bytes.left > 0 ? (const char *)v.bytes.pos : "", v.bytes.left};
}

/* The address in a source or target, which is a list that begins with it. */
static struct str address(struct value v)
{
	struct fields f = take_fields(v.bytes);
	return v.type == 0xc0 || v.type == 0xd0 ? text(field(&f, 0)) : (struct str){0};
}

static void opened(
    struct parse *x, struct amqp_state *s, int side, const struct fields *f)
{
	char **login = s->db.login.text;
	if (side == 0) {
		if (!s->db.login.begun)
			db_keep(x, &s->db, &login[DB_MECHANISM], STR("none"));
		db_login_begin(x, &s->db);
		db_keep(x, &s->db, &login[DB_CLIENT], text(field(f, 0)));
		db_keep(x, &s->db, &login[DB_TARGET], text(field(f, 1)));
	} else {
		db_keep(x, &s->db, &login[DB_SERVER], text(field(f, 0)));
		db_login_done(x, &s->db, 1);
	}
	struct mq_message *m = mq_add(x, &s->mq, "open", side);
	if (m == NULL)
		return;
	m->version = "1.0";
	mq_keep(x, &s->mq, &m->client_id, text(field(f, 0)));
	mq_done(x, &s->mq, m);
}

static struct amqp_link *find_link(
    struct amqp_state *s, int side, unsigned channel, uint64_t handle)
{
	for (size_t i = 0; i < s->links; i++) {
		struct amqp_link *l = &s->link[i];
		if (l->side == side && l->channel == channel && l->handle == handle)
			return l;
	}
	return NULL;
}

static void attach(struct parse *x, struct amqp_state *s, int side, unsigned channel,
    const struct fields *f)
{
	bool receives = field(f, 2).type == 0x41 ||
			(field(f, 2).type == 0x56 && field(f, 2).bytes.left == 1 &&
			    field(f, 2).bytes.pos[0] == 1);
	struct str to = address(field(f, receives ? 5 : 6));
	uint64_t handle = number(field(f, 1));
	struct amqp_link *l = find_link(s, side, channel, handle);
	if (l == NULL && s->links < AMQP_LINKS_MAX) {
		l = &s->link[s->links++];
		*l = (struct amqp_link){
		    .side = side, .channel = channel, .handle = handle};
	}
	if (l != NULL)
		mq_keep(x, &s->mq, &l->address, to);
	else
		x->counters->over_limit++;
	struct mq_message *m = mq_add(x, &s->mq, "attach", side);
	if (m == NULL)
		return;
	m->id = channel;
	mq_keep(x, &s->mq, &m->object, text(field(f, 0)));
	if (to.n > 0)
		mq_topic(x, &s->mq, m, to);
	mq_done(x, &s->mq, m);
}

static void transfer(struct parse *x, struct amqp_state *s, int side, unsigned channel,
    const struct fields *f, uint64_t payload)
{
	struct mq_message *m = mq_add(x, &s->mq, "transfer", side);
	if (m == NULL)
		return;
	struct amqp_link *l = find_link(s, side, channel, number(field(f, 0)));
	m->id = channel;
	m->payload_bytes = payload;
	if (l != NULL && l->address != NULL)
		mq_topic(x, &s->mq, m, str_of(l->address));
	mq_done(x, &s->mq, m);
}

/* The end of a link or of all, maybe with an error: a list of condition, description. */
static void ended(
    struct parse *x, struct amqp_state *s, int side, const char *name, struct value error)
{
	struct mq_message *m = mq_add(x, &s->mq, name, side);
	if (m == NULL)
		return;
	if (error.type == 0xc0 || error.type == 0xd0) {
		struct fields f = take_fields(error.bytes);
		struct str condition = text(field(&f, 0)), words = text(field(&f, 1));
		mq_keep(x, &s->mq, &m->status,
		    str_format(x->scratch, "%.*s%s%.*s", STR_ARG(condition),
			words.n > 0 ? ": " : "", STR_ARG(words)));
	}
	mq_done(x, &s->mq, m);
}

static void sasl_init(struct parse *x, struct amqp_state *s, const struct fields *f)
{
	char **login = s->db.login.text;
	struct str mechanism = text(field(f, 0));
	db_login_begin(x, &s->db);
	db_keep(x, &s->db, &login[DB_MECHANISM],
	    str_clean_lower(x->scratch, mechanism.p, mechanism.n));
	if (str_equal(mechanism, STR("PLAIN")))
		db_keep(x, &s->db, &login[DB_USER], login_plain_user(field(f, 1).bytes));
	db_keep(x, &s->db, &login[DB_TARGET], text(field(f, 2)));
}

static void sasl_outcome(struct parse *x, struct amqp_state *s, const struct fields *f)
{
	s->verdict = number(field(f, 0)) == 0;
	if (s->verdict == 0)
		db_login_done(x, &s->db, 0);
}

void amqp1_frame(
    struct parse *x, struct amqp_state *s, int side, struct bytes b, uint64_t n)
{
	uint64_t code, cut = n - b.left;
	size_t offset = 4 * (size_t)b.pos[4];
	unsigned channel = load_be16(b.pos + 6);
	bytes_skip(&b, offset);
	if (b.left == 0)
		return; /* to keep it alive */
	struct value list = take(&b, &code);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	struct fields f = take_fields(list.bytes);
	switch (code) {
	case OPEN:
		opened(x, s, side, &f);
		break;
	case ATTACH:
		attach(x, s, side, channel, &f);
		break;
	case TRANSFER:
		transfer(x, s, side, channel, &f, b.left + cut);
		break;
	case DETACH:
		ended(x, s, side, "detach", field(&f, 2));
		break;
	case CLOSE:
		ended(x, s, side, "close", field(&f, 0));
		break;
	case SASL_INIT:
		sasl_init(x, s, &f);
		break;
	case SASL_OUTCOME:
		sasl_outcome(x, s, &f);
		break;
	default:
		break;
	}
}
