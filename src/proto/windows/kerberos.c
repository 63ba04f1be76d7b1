/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos 5 (RFC 4120) between a client and its key distribution centre, over UDP and,
 * with four bytes of length before each message, over TCP.
 *
 *     6a AS-REQ → 6b AS-REP      6c TGS-REQ → 6d TGS-REP      7e KRB-ERROR
 *
 * Requests wait in order; an answer belongs to the oldest of its kind. A record is
 * written when the answer comes, or without one when the flow ends.
 */
#include "proto/windows/kerberos.h"

#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "proto/buffer.h"
#include "proto/shared/asn1.h"
#include "proto/shared/owned.h"

#define KERBEROS_WAITING_MAX 16    /* requests of one flow without an answer */
#define KERBEROS_MESSAGE_MAX 65536 /* bytes of a message over TCP */
#define KERBEROS_NAME_MAX    512   /* bytes kept of a name */
#define KERBEROS_PARTS_MAX   16    /* of a principal's name, likewise the next two */
#define KERBEROS_ETYPES_MAX  16
#define KERBEROS_PA_MAX      16
#define KERBEROS_PORT        88
#define RECORD_MARK          4  /* bytes before a message over TCP (RFC 4120, 7.2.2) */
#define PROBE_LEAST          24 /* bytes that hold the version, whatever the lengths */
#define OPTION_FORWARDABLE   1  /* bits of the options, the first is 0 */
#define OPTION_RENEWABLE     8

enum kerberos_tag {
	AP_REQ = 0x6e,
	AS_REQ = 0x6a,
	AS_REP = 0x6b,
	TGS_REQ = 0x6c,
	TGS_REP = 0x6d,
	KRB_ERROR = 0x7e,
};

/* A request, with room for its texts. */
struct waiting {
	struct moment ts, from, till;
	uint64_t offset;
	uint32_t source;
	uint8_t tag;
	bool forwardable, renewable;
	char *client, *service, *realm, *preauth; /* owned */
	int64_t etypes[KERBEROS_ETYPES_MAX];
	size_t etype_n;
};

struct kerberos_state {
	struct waiting *waiting; /* owned; oldest first */
	size_t n, room;
	struct buffer in[2];
	size_t held;
};

static bool is_kdc_tag(unsigned tag)
{
	return (tag >= AS_REQ && tag <= TGS_REP) || tag == KRB_ERROR;
}

/* Whether an application tag, a length, and the SEQUENCE with the version 5 follow. */
static bool is_message(struct bytes b)
{
	struct der field, version;
	if (b.left == 0 || !is_kdc_tag(b.pos[0]))
		return false;
	unsigned tag = bytes_u8(&b);
	size_t n = bytes_u8(&b);
	if (n > 0x80 && n <= 0x84)
		bytes_skip(&b, n & 0x7f);
	unsigned first = tag == AS_REQ || tag == TGS_REQ ? 0xa1 : 0xa0;
	if (bytes_u8(&b) != DER_SEQUENCE)
		return false;
	n = bytes_u8(&b);
	if (n > 0x80 && n <= 0x84)
		bytes_skip(&b, n & 0x7f);
	return der_expect(&b, (uint8_t)first, &field) &&
	       der_next(&field.content, &version) && asn1_number(&version) == 5;
}

static enum probe kerberos_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (f->proto == IP_PROTO_TCP) {
		if (first.left < RECORD_MARK + PROBE_LEAST)
			return first.left == 0 || first.pos[0] == 0 ? PROBE_MORE
								    : PROBE_NO;
		size_t n = bytes_be32(&first);
		if (n > KERBEROS_MESSAGE_MAX)
			return PROBE_NO;
	}
	return is_message(first) ? PROBE_YES : PROBE_NO;
}

static struct str join(struct parse *x, struct str a, const char *between, struct str b)
{
	if (a.p == NULL)
		return b;
	return str_format(x->scratch, "%.*s%s%.*s", STR_ARG(a), between, STR_ARG(b));
}

/* The parts of a PrincipalName joined by '/'; absent: there is none. */
static struct str principal(struct parse *x, struct bytes content, unsigned n)
{
	struct der name, parts, part;
	struct str all = {0};
	if (!asn1_field(content, n, &name) || name.tag != DER_SEQUENCE ||
	    !asn1_field(name.content, 1, &parts) || parts.tag != DER_SEQUENCE)
		return all;
	for (int i = 0; i < KERBEROS_PARTS_MAX && der_next(&parts.content, &part); i++) {
		struct str text =
		    str_clean(x->scratch, part.content.pos, part.content.left);
		all = join(x, all, "/", text);
	}
	return all;
}

static struct str text_field(struct parse *x, struct bytes content, unsigned n)
{
	struct der e;
	if (!asn1_field(content, n, &e))
		return (struct str){0};
	return str_clean(x->scratch, e.content.pos, e.content.left);
}

static struct moment time_field(struct bytes content, unsigned n)
{
	struct der e;
	return asn1_field(content, n, &e) ? der_time(&e) : MOMENT_NONE;
}

/* The etype of an EncryptedData in field [n]; -1: none. */
static int64_t etype_field(struct bytes content, unsigned n)
{
	struct der e;
	if (!asn1_field(content, n, &e) || e.tag != DER_SEQUENCE)
		return -1;
	return asn1_field_number(e.content, 0);
}

static struct str cipher_text(struct parse *x, int64_t etype)
{
	const char *name = kerberos_cipher(etype);
	if (name != NULL || etype < 0)
		return str_of(name);
	return str_format(x->scratch, "etype-%lld", (long long)etype);
}

static bool option(struct bytes bits, unsigned i)
{
	return bits.left > 1 + i / 8 && (bits.pos[1 + i / 8] >> (7 - i % 8) & 1) != 0;
}

/* The kinds of pre-authentication in the request, joined by ','. */
static struct str preauth_text(struct parse *x, struct bytes request)
{
	struct der list, pa;
	struct str all = {0};
	if (!asn1_field(request, 3, &list) || list.tag != DER_SEQUENCE)
		return all;
	for (int i = 0; i < KERBEROS_PA_MAX && der_next(&list.content, &pa); i++) {
		int64_t type = asn1_field_number(pa.content, 1);
		const char *name = kerberos_preauth(type);
		struct str text =
		    name != NULL ? str_of(name)
				 : str_format(x->scratch, "PA-%lld", (long long)type);
		all = join(x, all, ",", text);
	}
	return all;
}

static void read_etypes(struct waiting *w, struct bytes body)
{
	struct der list, e;
	if (!asn1_field(body, 8, &list) || list.tag != DER_SEQUENCE)
		return;
	while (w->etype_n < KERBEROS_ETYPES_MAX && der_next(&list.content, &e))
		w->etypes[w->etype_n++] = asn1_number(&e);
}

static void emit_request(
    struct parse *x, const struct waiting *w, struct kerberos_record *r)
{
	record_clear(RECORD_KERBEROS, r);
	parse_endpoints(x, r);
	parse_source(x, r);
	r->ts = x->ts;
	r->proto = ip_proto_word(x->scratch, x->flow->proto);
	if (w == NULL)
		return;
	r->ts = w->ts;
	r->source = parse_source_name(x, w->source);
	r->source_offset = w->offset;
	r->request_type = w->tag == AS_REQ ? STR("AS") : STR("TGS");
	r->client = str_of(w->client);
	r->service_name = str_of(w->service);
	r->realm = str_of(w->realm);
	r->valid_from = w->from;
	r->till = w->till;
	r->forwardable = w->forwardable;
	r->renewable = w->renewable;
	r->preauth = str_of(w->preauth);
	r->etypes = (struct int_list){w->etypes, w->etype_n};
}

/* Forget the i-th that waits. */
static void forget(struct kerberos_state *st, size_t i)
{
	struct waiting *w = &st->waiting[i];
	owned_put(&st->held, &w->client, (struct str){0});
	owned_put(&st->held, &w->service, (struct str){0});
	owned_put(&st->held, &w->realm, (struct str){0});
	owned_put(&st->held, &w->preauth, (struct str){0});
	st->n--;
	memmove(w, w + 1, (st->n - i) * sizeof(*w));
}

static void unanswered(struct parse *x, struct kerberos_state *st)
{
	struct kerberos_record r;
	emit_request(x, &st->waiting[0], &r);
	parse_emit(x, RECORD_KERBEROS, &r);
	forget(st, 0);
}

static struct waiting *add(struct parse *x, struct kerberos_state *st)
{
	if (st->n == KERBEROS_WAITING_MAX) {
		x->counters->over_limit++;
		unanswered(x, st);
	}
	void *v = st->waiting;
	bool room = owned_grow(&st->held, &v, &st->room, st->n, sizeof(*st->waiting));
	st->waiting = v;
	if (!room)
		return NULL;
	struct waiting *w = &st->waiting[st->n++];
	*w = (struct waiting){.ts = x->ts, .source = x->source, .offset = x->offset};
	return w;
}

static void on_request(
    struct parse *x, struct kerberos_state *st, unsigned tag, struct bytes content)
{
	struct der body, options;
	if (!asn1_field(content, 4, &body) || body.tag != DER_SEQUENCE) {
		x->counters->malformed++;
		return;
	}
	struct waiting *w = add(x, st);
	if (w == NULL)
		return;
	w->tag = (uint8_t)tag;
	struct str realm = text_field(x, body.content, 2);
	struct str client = principal(x, body.content, 1);
	owned_put_cut(&st->held, &w->realm, realm, KERBEROS_NAME_MAX);
	if (client.p != NULL)
		owned_put_cut(&st->held, &w->client, join(x, client, "/", realm),
		    KERBEROS_NAME_MAX);
	owned_put_cut(
	    &st->held, &w->service, principal(x, body.content, 3), KERBEROS_NAME_MAX);
	owned_put_cut(
	    &st->held, &w->preauth, preauth_text(x, content), KERBEROS_NAME_MAX);
	if (asn1_field(body.content, 0, &options)) {
		w->forwardable = option(options.content, OPTION_FORWARDABLE);
		w->renewable = option(options.content, OPTION_RENEWABLE);
	}
	w->from = time_field(body.content, 4);
	w->till = time_field(body.content, 5);
	read_etypes(w, body.content);
}

/* The place of the request that an answer of that tag is for: the oldest of its kind. */
static size_t find(const struct kerberos_state *st, unsigned tag)
{
	for (size_t i = 0; i < st->n; i++) {
		if (tag == KRB_ERROR || st->waiting[i].tag + 1u == tag)
			return i;
	}
	return st->n;
}

static void on_reply(
    struct parse *x, struct bytes content, struct kerberos_record *r, unsigned tag)
{
	struct der ticket, fields;
	struct str realm = text_field(x, content, 3);
	struct str client = principal(x, content, 4);
	r->success = 1;
	if (r->request_type.p == NULL)
		r->request_type = tag == AS_REP ? STR("AS") : STR("TGS");
	if (r->client.p == NULL && client.p != NULL) /* a TGS-REQ names none */
		r->client = join(x, client, "/", realm);
	if (asn1_field(content, 5, &ticket) && der_next(&ticket.content, &fields)) {
		struct str service = principal(x, fields.content, 2);
		if (service.p != NULL)
			r->service_name = service;
		r->realm = text_field(x, fields.content, 1);
		r->cipher = cipher_text(x, etype_field(fields.content, 3));
	}
	r->reply_cipher = cipher_text(x, etype_field(content, 6));
}

static void on_error(struct parse *x, struct bytes content, struct kerberos_record *r)
{
	int64_t code = asn1_field_number(content, 6);
	const char *name = kerberos_error(code);
	struct str text = text_field(x, content, 11);
	r->success = 0;
	r->error_code = code;
	r->error_msg = text.n > 0 ? text : str_of(name);
	if (r->error_msg.p == NULL)
		r->error_msg = str_format(x->scratch, "%lld", (long long)code);
	if (r->client.p == NULL) {
		struct str client = principal(x, content, 8);
		if (client.p != NULL)
			r->client = join(x, client, "/", text_field(x, content, 7));
	}
	if (r->service_name.p == NULL)
		r->service_name = principal(x, content, 10);
	if (r->realm.p == NULL)
		r->realm = text_field(x, content, 9);
}

static void on_answer(
    struct parse *x, struct kerberos_state *st, unsigned tag, struct bytes content)
{
	struct kerberos_record r;
	size_t i = find(st, tag);
	emit_request(x, i < st->n ? &st->waiting[i] : NULL, &r);
	if (tag == KRB_ERROR)
		on_error(x, content, &r);
	else
		on_reply(x, content, &r, tag);
	parse_emit(x, RECORD_KERBEROS, &r);
	if (i < st->n)
		forget(st, i);
}

/* One message; false: it is none. */
static bool on_message(struct parse *x, struct kerberos_state *st, struct bytes b)
{
	struct der outer, sequence;
	if (!is_message(b))
		return false;
	if (!der_next(&b, &outer) ||
	    !der_expect(&outer.content, DER_SEQUENCE, &sequence)) {
		x->counters->truncated++;
		return true;
	}
	parse_confirm(x);
	x->counters->understood++;
	if (outer.tag == AS_REQ || outer.tag == TGS_REQ)
		on_request(x, st, outer.tag, sequence.content);
	else
		on_answer(x, st, outer.tag, sequence.content);
	return true;
}

/* Take whole messages of a side of TCP. */
static enum parse_result read_stream(
    struct parse *x, struct kerberos_state *st, const struct flow_data *d)
{
	struct buffer *in = &st->in[d->side];
	if (!buffer_put(in, d->p, d->n, KERBEROS_MESSAGE_MAX + RECORD_MARK + d->n))
		return PARSE_FAILED;
	for (;;) {
		struct bytes b = buffer_bytes(in);
		if (b.left < RECORD_MARK)
			break;
		size_t n = bytes_be32(&b);
		if (n > KERBEROS_MESSAGE_MAX) {
			x->counters->malformed++;
			return PARSE_FAILED;
		}
		if (b.left < n)
			break;
		if (!on_message(x, st, bytes_sub(&b, n))) {
			x->counters->malformed++;
			return PARSE_FAILED;
		}
		buffer_drop(in, RECORD_MARK + n);
	}
	return buffer_keep(in) ? PARSE_OK : PARSE_FAILED;
}

static enum parse_result kerberos_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct kerberos_state *st = state;
	if (x->flow->proto != IP_PROTO_TCP) {
		if (!on_message(x, st, bytes_over(d->p, d->n)))
			x->counters->malformed++;
		return PARSE_OK;
	}
	enum parse_result result = read_stream(x, st, d);
	return d->wire > d->n ? PARSE_DONE : result;
}

static void kerberos_close(struct parse *x, void *state)
{
	struct kerberos_state *st = state;
	while (st->n > 0)
		unanswered(x, st);
	free(st->waiting);
	buffer_free_both(st->in);
}

static size_t kerberos_held(const void *state)
{
	const struct kerberos_state *st = state;
	return st->held + buffer_room_both(st->in);
}

void kerberos_inside(struct parse *x, struct bytes message, const char *carrier)
{
	struct der outer, sequence, ticket, fields;
	parse_service(x, "krb");
	if (!der_next(&message, &outer) || outer.tag != AP_REQ ||
	    !der_expect(&outer.content, DER_SEQUENCE, &sequence) ||
	    !asn1_field(sequence.content, 3, &ticket) ||
	    !der_next(&ticket.content, &fields))
		return;
	struct kerberos_record r;
	emit_request(x, NULL, &r);
	r.carrier = str_of(carrier);
	r.request_type = STR("AP");
	r.service_name = principal(x, fields.content, 2);
	r.realm = text_field(x, fields.content, 1);
	r.cipher = cipher_text(x, etype_field(fields.content, 3));
	parse_emit(x, RECORD_KERBEROS, &r);
}

const struct proto_parser krb_parser = {
    .name = "krb",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(0, 0, AS_REQ, TGS_REP, KRB_ERROR, KRB_ERROR),
    PARSER_PORTS(KERBEROS_PORT),
    .probe = kerberos_probe,
    .state_size = sizeof(struct kerberos_state),
    .data = kerberos_data,
    .close = kerberos_close,
    .held = kerberos_held,
};
