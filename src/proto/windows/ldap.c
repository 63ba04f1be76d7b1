/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP (RFC 4511) over TCP, and without connection over UDP.
 *
 * Requests wait for their result by message number; what a search finds is counted, not
 * read. After a bind by SASL the messages may come in buffers, four bytes of length
 * before each (RFC 4422, 3.7): those that are only signed are read, encrypted ones are
 * counted as unsupported. After StartTLS the rest is TLS.
 */
#include "proto/windows/ldap.h"

#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/shared/asn1.h"
#include "proto/shared/owned.h"
#include "proto/windows/kerberos.h"
#include "proto/windows/ntlm.h"
#include "proto/windows/spnego.h"

#define LDAP_PORT        389
#define LDAP_GC_PORT     3268   /* Active Directory's global catalogue */
#define LDAP_WAITING_MAX 64     /* requests of one flow without a result */
#define LDAP_TEXT_MAX    4096   /* bytes kept of each of their texts */
#define LDAP_KEPT        262144 /* bytes of the longest message that is read whole */
#define LDAP_HEAD        64     /* of a longer one: bytes that hold id and operation */
#define LDAP_SASL_MAX    (16U << 20) /* bytes of the longest buffer of SASL */
#define LDAP_LEAST       24 /* bytes that hold id and operation, whatever the lengths */
#define LENGTH_BYTES     6  /* of a tag and the longest length */
#define SASL_LENGTH      4
#define BIND_GOES_ON     14

/* A request; texts in the order of the columns that they go to. */
enum text { OBJECT, ARGUMENT, BASE, FILTER, ATTRIBUTES, TEXTS };

struct waiting {
	int64_t id, version;
	struct moment ts;
	uint32_t source;
	uint64_t offset, found;
	const char *opcode, *scope, *deref; /* static */
	char *text[TEXTS];                  /* owned; NULL: absent */
	bool starttls;
};

struct ldap_side {
	struct buffer in;
	uint64_t skip; /* bytes of a message that are passed over */
	bool lost;
};

struct ldap_state {
	struct waiting *waiting; /* owned; oldest first */
	size_t n, room, held;
	struct ldap_side side[2];
	struct ntlm ntlm;
	bool tls; /* StartTLS was answered with yes */
};

static enum probe ldap_probe(const struct flow *f, int side, struct bytes first)
{
	(void)side;
	if (first.left > 0 && first.pos[0] != DER_SEQUENCE)
		return PROBE_NO;
	if (f->proto == IP_PROTO_TCP && first.left < LDAP_LEAST && !ldap_is(first))
		return PROBE_MORE;
	return ldap_is(first) ? PROBE_YES : PROBE_NO;
}

/* An empty text says nothing here. */
static void keep(struct ldap_state *st, char **slot, struct str text)
{
	if (text.n == 0)
		text.p = NULL;
	owned_put_cut(&st->held, slot, text, LDAP_TEXT_MAX);
}

/* The lines of a text as a list in the arena. */
static struct str_list lines(struct arena *a, const char *text)
{
	struct str_list list = {0};
	size_t n = text != NULL ? 1 : 0;
	for (const char *c = text; c != NULL && *c != '\0'; c++)
		n += *c == '\n';
	struct str *v = n > 0 ? arena_alloc(a, n * sizeof(*v)) : NULL;
	if (v == NULL)
		return list;
	for (size_t i = 0; i < n; i++) {
		const char *end = strchr(text, '\n');
		v[i] =
		    end != NULL ? (struct str){text, (size_t)(end - text)} : str_of(text);
		text = end != NULL ? end + 1 : text;
	}
	return (struct str_list){v, n};
}

static void emit(
    struct parse *x, const struct waiting *w, const struct ldap_result *result)
{
	struct ldap_record r;
	record_clear(RECORD_LDAP, &r);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	r.ts = w->ts;
	r.source = parse_source_name(x, w->source);
	r.source_offset = w->offset;
	r.proto = ip_proto_word(x->scratch, x->flow->proto);
	r.message_id = w->id;
	r.version = w->version;
	r.opcode = str_of(w->opcode);
	r.object = str_of(w->text[OBJECT]);
	r.argument = str_of(w->text[ARGUMENT]);
	r.scope = str_of(w->scope);
	r.deref_aliases = str_of(w->deref);
	r.base_object = str_of(w->text[BASE]);
	r.filter = str_of(w->text[FILTER]);
	r.attributes = lines(x->scratch, w->text[ATTRIBUTES]);
	r.result_count = w->found;
	if (result != NULL && result->code >= 0) {
		r.result = ldap_code(x->scratch, result->code);
		if (result->diagnostic.n > 0)
			r.diagnostic_message = result->diagnostic;
	}
	parse_emit(x, RECORD_LDAP, &r);
}

static void forget(struct ldap_state *st, struct waiting *w)
{
	for (int i = 0; i < TEXTS; i++)
		keep(st, &w->text[i], (struct str){0});
	size_t at = (size_t)(w - st->waiting);
	st->n--;
	memmove(w, w + 1, (st->n - at) * sizeof(*w));
}

static struct waiting *add(struct parse *x, struct ldap_state *st)
{
	if (st->n == LDAP_WAITING_MAX) {
		x->counters->over_limit++;
		emit(x, &st->waiting[0], NULL);
		forget(st, &st->waiting[0]);
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

static void on_token(struct parse *x, struct ldap_state *st, struct bytes blob)
{
	struct spnego token = spnego_read(blob);
	if (token.ntlm.left > 0)
		ntlm_token(x, &st->ntlm, token.ntlm, "ldap");
	if (token.kerberos.left > 0)
		kerberos_inside(x, token.kerberos, "ldap");
}

static void on_request(
    struct parse *x, struct ldap_state *st, int64_t id, unsigned op, struct bytes content)
{
	struct ldap_request r;
	ldap_request_read(x->scratch, op, content, &r);
	if (op == LDAP_ABANDON)
		return;
	struct waiting *w = add(x, st);
	if (w == NULL)
		return;
	w->id = id;
	w->version = r.version;
	w->opcode = r.opcode;
	w->scope = r.scope;
	w->deref = r.deref;
	w->starttls = r.starttls;
	keep(st, &w->text[OBJECT], r.object);
	keep(st, &w->text[ARGUMENT], r.argument);
	keep(st, &w->text[BASE], r.base);
	keep(st, &w->text[FILTER], r.filter);
	keep(st, &w->text[ATTRIBUTES], r.attributes);
	if (r.token.left > 0)
		on_token(x, st, r.token);
	if (op == LDAP_UNBIND) { /* nobody answers it */
		emit(x, w, NULL);
		forget(st, w);
	}
}

static void on_answer(
    struct parse *x, struct ldap_state *st, int64_t id, unsigned op, struct bytes content)
{
	struct waiting *w = NULL;
	struct ldap_result r;
	for (size_t i = 0; i < st->n && w == NULL; i++)
		w = st->waiting[i].id == id ? &st->waiting[i] : NULL;
	if (op == LDAP_ENTRY || op == LDAP_REFERENCE) {
		if (w != NULL)
			w->found += op == LDAP_ENTRY;
		return;
	}
	if (op == LDAP_INTERMEDIATE)
		return;
	if (!ldap_result_read(x->scratch, op, content, &r)) {
		x->counters->malformed++;
		return;
	}
	if (op == LDAP_BIND_ANSWER) {
		if (r.token.left > 0)
			on_token(x, st, r.token);
		if (st->ntlm.answered && r.code != BIND_GOES_ON)
			ntlm_done(x, &st->ntlm, r.code == 0, "ldap");
	}
	if (w == NULL)
		return;
	emit(x, w, &r);
	st->tls = w->starttls && r.code == 0;
	forget(st, w);
}

/* A message, or its head; false: it is none. */
static bool on_message(struct parse *x, struct ldap_state *st, struct bytes b)
{
	int64_t id;
	unsigned op;
	struct bytes content;
	if (!ldap_head(b, &id, &op, &content))
		return false;
	parse_confirm(x);
	x->counters->understood++;
	if (ldap_asks(op))
		on_request(x, st, id, op, content);
	else
		on_answer(x, st, id, op, content);
	return true;
}

/* The messages in a buffer of SASL that is signed only: behind the header of a token of
 * Kerberos (RFC 4121, 4.2.6.2) or behind a signature of NTLM (MS-NLMP, 2.2.2.9). */
static struct bytes unwrap(struct bytes b)
{
	static const uint8_t ntlm[] = {1, 0, 0, 0};
	if (b.left > 16 && b.pos[0] == 5 && b.pos[1] == 4 && (b.pos[2] & 2) == 0) {
		size_t extra = load_be16(b.pos + 4), rotated = load_be16(b.pos + 6);
		bytes_skip(&b, 16);
		if (rotated == extra)
			bytes_skip(&b, extra);
		else if (extra <= b.left)
			b.left -= extra;
	} else if (b.left > 16 && memcmp(b.pos, ntlm, sizeof(ntlm)) == 0) {
		bytes_skip(&b, 16);
	}
	return b;
}

static void on_sasl(struct parse *x, struct ldap_state *st, struct bytes b)
{
	struct bytes plain = unwrap(b);
	struct der e;
	bool any = false;
	while (plain.left > 0 && ldap_is(plain) && der_next(&plain, &e)) {
		any = true;
		on_message(x, st, e.whole);
	}
	if (!any)
		x->counters->unsupported++;
}

static void lose(struct parse *x, struct ldap_side *s)
{
	x->counters->truncated++;
	buffer_free(&s->in);
	s->skip = 0;
	s->lost = true;
}

/* Length of the element that begins here with its head; 0: more is needed, or none. */
static uint64_t element_length(struct bytes b)
{
	uint64_t head = 2;
	bytes_skip(&b, 1);
	uint64_t n = bytes_u8(&b);
	if (n >= 0x80) {
		size_t count = n & 0x7f;
		if (count == 0 || count > 4)
			return 0;
		head += count;
		n = 0;
		while (count-- > 0)
			n = n << 8 | bytes_u8(&b);
	}
	return b.bad ? 0 : n + head;
}

/* Take one message or buffer of SASL; false: more is needed, or the side is lost. */
static bool take(struct parse *x, struct ldap_state *st, struct ldap_side *s)
{
	struct bytes in = buffer_bytes(&s->in);
	if (in.left < LENGTH_BYTES)
		return false;
	bool sasl = in.pos[0] == 0;
	uint64_t n =
	    sasl ? (uint64_t)load_be32(in.pos) + SASL_LENGTH : element_length(in);
	if (!sasl && in.left < LDAP_LEAST && n > in.left)
		return false;
	if ((!sasl && !ldap_is(in)) || n > LDAP_SASL_MAX || n < 7) {
		x->counters->malformed++;
		lose(x, s);
		return false;
	}
	size_t wanted = n > LDAP_KEPT ? LDAP_HEAD : (size_t)n;
	if (in.left < wanted)
		return false;
	int64_t id;
	unsigned op = 0;
	struct bytes content;
	if (n > LDAP_KEPT && !(ldap_head(in, &id, &op, &content) && op == LDAP_ENTRY))
		x->counters->over_limit++;
	struct bytes one = bytes_sub(&in, wanted);
	if (sasl) {
		bytes_skip(&one, SASL_LENGTH);
		on_sasl(x, st, one);
	} else {
		on_message(x, st, one);
	}
	buffer_drop(&s->in, wanted);
	s->skip = n - wanted;
	size_t here = (size_t)(s->skip < s->in.view_n ? s->skip : s->in.view_n);
	buffer_drop(&s->in, here);
	s->skip -= here;
	return true;
}

static enum parse_result read_stream(
    struct parse *x, struct ldap_state *st, const struct flow_data *d)
{
	struct ldap_side *s = &st->side[d->side];
	struct bytes b = bytes_over(d->p, d->n);
	size_t skipped = s->skip < b.left ? (size_t)s->skip : b.left;
	bytes_skip(&b, skipped);
	s->skip -= skipped;
	if (s->lost && ldap_is(b))
		s->lost = false;
	if (!s->lost && b.left > 0) {
		if (!buffer_put(&s->in, b.pos, b.left, LDAP_KEPT + SASL_LENGTH + d->n))
			return PARSE_FAILED;
		while (!st->tls && take(x, st, s))
			;
		if (st->tls) {
			parse_hand_over(x, "ssl", s->in.view_n);
			return PARSE_OK;
		}
		if (!s->lost && !buffer_keep(&s->in))
			return PARSE_FAILED;
	}
	if (d->wire > d->n)
		lose(x, s);
	return PARSE_OK;
}

static enum parse_result ldap_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct ldap_state *st = state;
	if (x->flow->proto == IP_PROTO_TCP)
		return read_stream(x, st, d);
	struct bytes b = bytes_over(d->p, d->n);
	struct der e;
	while (b.left > 0 && ldap_is(b) && der_next(&b, &e))
		on_message(x, st, e.whole);
	if (b.bad)
		x->counters->truncated++;
	else if (b.left > 0)
		x->counters->malformed++;
	return PARSE_OK;
}

static enum parse_result ldap_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct ldap_side *s = &((struct ldap_state *)state)->side[side];
	if (s->skip >= n && n > 0)
		s->skip -= n;
	else
		lose(x, s);
	return PARSE_OK;
}

static void ldap_close(struct parse *x, void *state)
{
	struct ldap_state *st = state;
	while (st->n > 0) {
		emit(x, &st->waiting[0], NULL);
		forget(st, &st->waiting[0]);
	}
	ntlm_done(x, &st->ntlm, -1, "ldap");
	ntlm_free(&st->ntlm);
	free(st->waiting);
	buffer_free(&st->side[0].in);
	buffer_free(&st->side[1].in);
}

static size_t ldap_held(const void *state)
{
	const struct ldap_state *st = state;
	return st->held + st->ntlm.held + st->side[0].in.own_room +
	       st->side[1].in.own_room;
}

const struct proto_parser ldap_parser = {
    .name = "ldap",
    .transports = TRANSPORT_TCP | TRANSPORT_UDP,
    PARSER_FIRST(DER_SEQUENCE, DER_SEQUENCE),
    PARSER_PORTS(LDAP_PORT, LDAP_GC_PORT),
    .probe = ldap_probe,
    .state_size = sizeof(struct ldap_state),
    .data = ldap_data,
    .gap = ldap_gap,
    .close = ldap_close,
    .held = ldap_held,
};
