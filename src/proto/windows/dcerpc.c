/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/windows/dcerpc.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/buffer.h"
#include "proto/windows/kerberos.h"
#include "proto/windows/ntlm.h"
#include "proto/windows/spnego.h"

#define PDU_HEADER   16
#define CALL_HEAD    24 /* bytes read of a request, a response or a fault */
#define FAULT_HEAD   32
#define AUTH_TRAILER 8
#define PFC_FIRST    0x01u
#define PFC_LAST     0x02u
#define SYNTAX_BYTES 20 /* UUID and version */
#define UUID_BYTES   16
#define ADDRESS_MAX  256 /* bytes kept of a secondary address */
#define DREP_LITTLE  0x10u
#define TYPE_LAST    19

enum pdu_type {
	PDU_REQUEST = 0,
	PDU_RESPONSE = 2,
	PDU_FAULT = 3,
	PDU_BIND = 11,
	PDU_BIND_ACK = 12,
	PDU_BIND_NAK = 13,
	PDU_ALTER_CONTEXT = 14,
	PDU_ALTER_ANSWER = 15,
	PDU_AUTH3 = 16,
};

struct context {
	uint16_t id;
	uint8_t uuid[UUID_BYTES];
};

struct call {
	uint32_t id;
	uint16_t context, opnum;
	struct moment ts; /* of the request, and where it stands */
	uint32_t source;
	uint64_t offset;
};

struct dcerpc_side {
	struct buffer in;
	size_t skip; /* bytes of a PDU that are passed over */
	bool lost;
};

struct dcerpc {
	struct dcerpc_side side[2]; /* of requests, of answers */
	struct context contexts[DCERPC_CONTEXTS_MAX];
	struct call *calls; /* owned; oldest first */
	size_t context_n, call_n, call_room;
	char address[ADDRESS_MAX]; /* secondary address of the answer to BIND */
	struct ntlm ntlm;
	bool certain;
};

struct pdu {
	unsigned type, flags;
	bool little;
	size_t length, auth_length;
	uint32_t call;
	struct bytes body; /* without the header */
};

static uint16_t get16(struct bytes *b, bool little)
{
	return little ? bytes_le16(b) : bytes_be16(b);
}

static uint32_t get32(struct bytes *b, bool little)
{
	return little ? bytes_le32(b) : bytes_be32(b);
}

/* Read the header; false: fewer bytes are there, or it is none. */
static bool read_header(struct bytes b, struct pdu *p)
{
	unsigned version = bytes_u8(&b);
	unsigned minor = bytes_u8(&b);
	p->type = bytes_u8(&b);
	p->flags = bytes_u8(&b);
	p->little = (bytes_u8(&b) & DREP_LITTLE) != 0;
	unsigned floats = bytes_u8(&b);
	bytes_skip(&b, 2);
	p->length = get16(&b, p->little);
	p->auth_length = get16(&b, p->little);
	p->call = get32(&b, p->little);
	return !b.bad && version == 5 && minor <= 1 && p->type <= TYPE_LAST &&
	       floats <= 3 && p->length >= PDU_HEADER &&
	       p->auth_length <= p->length - PDU_HEADER;
}

bool dcerpc_is(struct bytes b)
{
	struct pdu p;
	return read_header(b, &p);
}

struct dcerpc *dcerpc_new(void)
{
	return calloc(1, sizeof(struct dcerpc));
}

static const struct context *find_context(const struct dcerpc *d, unsigned id)
{
	for (size_t i = 0; i < d->context_n; i++) {
		if (d->contexts[i].id == id)
			return &d->contexts[i];
	}
	return NULL;
}

/* The first three parts are numbers, the least byte first (C706, appendix A). Each call
 * has one: by str_format they would take most of the record's time. */
static struct str uuid_text(struct arena *a, const uint8_t u[static UUID_BYTES])
{
	static const uint8_t order[UUID_BYTES] = {
	    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	static const char digits[] = "0123456789abcdef";
	char text[2 * UUID_BYTES + 4];
	size_t n = 0;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		text[n++] = digits[u[order[i]] >> 4];
		text[n++] = digits[u[order[i]] & 15];
	}
	return str_copy(a, (struct str){text, n});
}

static void emit(struct parse *x, const struct dcerpc *d, const struct call *c,
    struct str pipe, const struct pdu *answer)
{
	struct dce_rpc_record r;
	record_clear(RECORD_DCE_RPC, &r);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.ts = c->ts;
	r.source = parse_source_name(x, c->source);
	r.source_offset = c->offset;
	r.named_pipe = d->address[0] != '\0' ? str_of(d->address) : pipe;
	r.opnum = c->opnum;
	const struct context *context = find_context(d, c->context);
	if (context != NULL) {
		const char *operation;
		const char *name = dcerpc_interface(context->uuid, c->opnum, &operation);
		r.uuid = uuid_text(x->scratch, context->uuid);
		r.endpoint = str_of(name);
		r.operation = str_of(operation);
	}
	if (answer != NULL) {
		int64_t ns = moment_diff(c->ts, x->ts);
		r.rtt = ns > 0 ? (double)ns / 1e9 : 0;
		r.status = STR("ok");
		if (answer->type == PDU_FAULT) {
			struct bytes b = answer->body;
			bytes_skip(&b, 8);
			r.status = str_format(
			    x->scratch, "fault 0x%08x", get32(&b, answer->little));
		}
	}
	parse_emit(x, RECORD_DCE_RPC, &r);
}

/* The calls have one room for all, which grows to its limit. */
static struct call *add_call(struct parse *x, struct dcerpc *d, struct str pipe)
{
	if (d->call_n == DCERPC_CALLS_MAX) {
		x->counters->over_limit++;
		emit(x, d, &d->calls[0], pipe, NULL);
		memmove(d->calls, d->calls + 1, (d->call_n - 1) * sizeof(*d->calls));
		d->call_n--;
	}
	if (d->call_n == d->call_room) {
		size_t room = size_max(4, 2 * d->call_room);
		struct call *v = realloc(d->calls, room * sizeof(*v));
		if (v == NULL)
			return NULL;
		d->calls = v;
		d->call_room = room;
	}
	return &d->calls[d->call_n++];
}

static void on_request(
    struct parse *x, struct dcerpc *d, const struct pdu *p, struct str pipe)
{
	if ((p->flags & PFC_FIRST) == 0)
		return;
	struct bytes b = p->body;
	bytes_skip(&b, 4);
	unsigned context = get16(&b, p->little);
	unsigned opnum = get16(&b, p->little);
	if (b.bad) {
		x->counters->malformed++;
		return;
	}
	struct call *c = add_call(x, d, pipe);
	if (c == NULL)
		return;
	*c = (struct call){.id = p->call,
	    .context = (uint16_t)context,
	    .opnum = (uint16_t)opnum,
	    .ts = x->ts,
	    .source = x->source,
	    .offset = x->offset};
}

static void on_answer(
    struct parse *x, struct dcerpc *d, const struct pdu *p, struct str pipe)
{
	if ((p->flags & PFC_FIRST) == 0)
		return;
	for (size_t i = 0; i < d->call_n; i++) {
		if (d->calls[i].id != p->call)
			continue;
		emit(x, d, &d->calls[i], pipe, p);
		d->call_n--;
		memmove(
		    d->calls + i, d->calls + i + 1, (d->call_n - i) * sizeof(*d->calls));
		return;
	}
}

static void set_context(
    struct parse *x, struct dcerpc *d, unsigned id, const uint8_t *uuid, bool little)
{
	struct context *c = NULL;
	for (size_t i = 0; i < d->context_n; i++) {
		if (d->contexts[i].id == id)
			c = &d->contexts[i];
	}
	if (c == NULL && d->context_n == DCERPC_CONTEXTS_MAX) {
		x->counters->over_limit++;
		return;
	}
	if (c == NULL)
		c = &d->contexts[d->context_n++];
	c->id = (uint16_t)id;
	memcpy(c->uuid, uuid, UUID_BYTES);
	if (little)
		return;
	static const uint8_t turn[8] = {3, 2, 1, 0, 5, 4, 7, 6};
	for (int i = 0; i < 8; i++)
		c->uuid[i] = uuid[turn[i]];
}

static void on_bind(struct parse *x, struct dcerpc *d, const struct pdu *p)
{
	struct bytes b = p->body;
	bytes_skip(&b, 8);
	unsigned n = bytes_u8(&b);
	bytes_skip(&b, 3);
	while (n-- > 0 && b.left > 0) {
		unsigned id = get16(&b, p->little);
		unsigned transfers = bytes_u8(&b);
		bytes_skip(&b, 1);
		struct bytes syntax = bytes_sub(&b, SYNTAX_BYTES);
		bytes_skip(&b, (size_t)transfers * SYNTAX_BYTES);
		if (syntax.pos == NULL) {
			x->counters->malformed++;
			return;
		}
		set_context(x, d, id, syntax.pos, p->little);
	}
}

static void on_bind_ack(struct parse *x, struct dcerpc *d, const struct pdu *p)
{
	struct bytes b = p->body;
	bytes_skip(&b, 8);
	size_t n = get16(&b, p->little);
	struct bytes address = bytes_sub(&b, n);
	if (address.pos == NULL) {
		x->counters->malformed++;
		return;
	}
	while (address.left > 0 && address.pos[address.left - 1] == 0)
		address.left--;
	struct str text = str_clean(x->scratch, address.pos, address.left);
	if (address.left == 0 || text.p == NULL || text.n >= sizeof(d->address))
		return;
	memcpy(d->address, text.p, text.n);
	d->address[text.n] = '\0';
}

/* The authentication at the end of a PDU that is there whole. */
static void on_auth(struct parse *x, struct dcerpc *d, const struct pdu *p)
{
	if (p->auth_length == 0 || p->body.left < p->auth_length)
		return;
	struct bytes b = p->body;
	bytes_skip(&b, b.left - p->auth_length);
	struct spnego token = spnego_read(b);
	if (token.ntlm.left > 0)
		ntlm_token(x, &d->ntlm, token.ntlm, "dce_rpc");
	if (token.kerberos.left > 0)
		kerberos_inside(x, token.kerberos, "dce_rpc");
}

static void on_pdu(
    struct parse *x, struct dcerpc *d, const struct pdu *p, struct str pipe)
{
	x->counters->understood++;
	d->certain = true;
	switch (p->type) {
	case PDU_REQUEST:
		on_request(x, d, p, pipe);
		break;
	case PDU_RESPONSE:
	case PDU_FAULT:
		on_answer(x, d, p, pipe);
		break;
	case PDU_BIND:
	case PDU_ALTER_CONTEXT:
		on_bind(x, d, p);
		on_auth(x, d, p);
		break;
	case PDU_BIND_ACK:
	case PDU_ALTER_ANSWER:
		on_bind_ack(x, d, p);
		on_auth(x, d, p);
		break;
	case PDU_AUTH3:
		on_auth(x, d, p);
		break;
	default:
		break;
	}
}

static bool has_arguments(unsigned type)
{
	return type == PDU_REQUEST || type == PDU_RESPONSE || type == PDU_FAULT;
}

/* Take one PDU; false: more is needed, or the side is lost. */
static bool take_pdu(
    struct parse *x, struct dcerpc *d, struct dcerpc_side *s, struct str pipe)
{
	struct bytes in = buffer_bytes(&s->in);
	struct pdu p;
	if (in.left < PDU_HEADER)
		return false;
	if (!read_header(in, &p)) {
		x->counters->malformed++;
		buffer_free(&s->in);
		s->lost = true;
		return false;
	}
	size_t wanted = p.length;
	if (has_arguments(p.type))
		wanted = size_min(p.length, p.type == PDU_FAULT ? FAULT_HEAD : CALL_HEAD);
	if (in.left < wanted)
		return false;
	bytes_skip(&in, PDU_HEADER);
	p.body = bytes_sub(&in, wanted - PDU_HEADER);
	on_pdu(x, d, &p, pipe);
	s->skip = p.length - wanted;
	buffer_drop(&s->in, wanted);
	size_t here = size_min(s->skip, s->in.view_n);
	buffer_drop(&s->in, here);
	s->skip -= here;
	return true;
}

void dcerpc_bytes(
    struct parse *x, struct dcerpc *d, bool answer, struct bytes b, struct str pipe)
{
	struct dcerpc_side *s = &d->side[answer];
	size_t skipped = size_min(s->skip, b.left);
	bytes_skip(&b, skipped);
	s->skip -= skipped;
	if (s->lost && dcerpc_is(b))
		s->lost = false;
	if (s->lost || b.left == 0)
		return;
	if (!buffer_put(&s->in, b.pos, b.left, DCERPC_PDU_MAX + b.left)) {
		s->lost = true;
		return;
	}
	while (take_pdu(x, d, s, pipe))
		;
	s->lost = s->lost || !buffer_keep(&s->in);
}

void dcerpc_lost(struct dcerpc *d, bool answer)
{
	struct dcerpc_side *s = &d->side[answer];
	buffer_free(&s->in);
	s->skip = 0;
	s->lost = true;
}

bool dcerpc_certain(const struct dcerpc *d)
{
	return d->certain;
}

size_t dcerpc_held(const struct dcerpc *d)
{
	return sizeof(*d) + d->call_room * sizeof(*d->calls) + d->ntlm.held +
	       d->side[0].in.own_room + d->side[1].in.own_room;
}

void dcerpc_free(struct parse *x, struct dcerpc *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->call_n; i++)
		emit(x, d, &d->calls[i], (struct str){0}, NULL);
	ntlm_done(x, &d->ntlm, -1, "dce_rpc");
	ntlm_free(&d->ntlm);
	free(d->calls);
	buffer_free(&d->side[0].in);
	buffer_free(&d->side[1].in);
	free(d);
}
