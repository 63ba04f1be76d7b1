/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS 1.0, 1.2 and 1.3 (RFC 4347, 6347, 9147): the handshake of TLS in datagrams.
 *
 *     record: type 1 | version 2 | epoch 2 | sequence 6 | length 2 | content
 *     1.3, once encrypted: 0 0 1 C S L E E | …
 *     message: type 1 | length 3 | number 2 | fragment offset 3 | fragment length 3
 *
 * Messages come in fragments, again, and in any order. They are read in the order of
 * their numbers; the one whose turn it is may be put together from fragments, those after
 * it are waited for again, since their sender repeats a whole flight.
 */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/tls/quic_stream.h"
#include "proto/tls/tls_names.h"
#include "proto/tls/tls_state.h"

#define RECORD_HEADER      13
#define MESSAGE_HEADER     12
#define PORT_ANYCONNECT    443
#define DTLS_DATAGRAMS_MAX 256 /* read of one flow */
#define DTLS_MESSAGES_MAX  64  /* of one side */
#define VERIFY_REQUEST     3
#define UNIFIED_FIRST      0x20 /* first byte of an encrypted record of DTLS 1.3 */
#define UNIFIED_LAST       0x3f

struct dtls_side {
	struct quic_stream pieces; /* of message number next */
	uint32_t length;           /* of that message; meaningful with pieces */
	uint8_t type;
	uint32_t next; /* number of the message whose turn it is */
	bool begun;    /* next is known */
	bool secret;   /* sends encrypted records */
	bool any;      /* sent a record */
};

struct dtls {
	struct tls tls;
	struct dtls_side side[2];
	unsigned datagrams;
};

static bool version_known(uint16_t v)
{
	return v == DTLS_1_0 || v == DTLS_1_2 || v == DTLS_OLD;
}

/* Whether a record in clear with a header that makes sense stands here. */
static bool is_record(struct bytes b)
{
	if (b.left < RECORD_HEADER)
		return false;
	uint8_t type = b.pos[0];
	size_t length = load_be16(b.pos + 11);
	return type >= TLS_CHANGE_CIPHER_SPEC && type <= TLS_HEARTBEAT + 2 &&
	       version_known(load_be16(b.pos + 1)) && length > 0 &&
	       length <= b.left - RECORD_HEADER;
}

static bool message(
    struct parse *x, struct dtls *t, int side, uint8_t type, struct bytes body)
{
	struct dtls_side *s = &t->side[side];
	quic_stream_free(&s->pieces);
	s->next++;
	if (type == VERIFY_REQUEST) /* the hello comes again, with a cookie */
		return true;
	if (s->next > DTLS_MESSAGES_MAX) {
		x->counters->over_limit++;
		return false;
	}
	return tls_message(x, &t->tls, side, type, body);
}

/* One fragment. False when the side is of no more use. */
static bool fragment(struct parse *x, struct dtls *t, int side, struct bytes *b)
{
	struct dtls_side *s = &t->side[side];
	uint8_t type = bytes_u8(b);
	uint32_t length = bytes_be24(b);
	uint32_t number = bytes_be16(b);
	uint32_t offset = bytes_be24(b);
	struct bytes data = bytes_sub(b, bytes_be24(b));
	if (b->bad || offset > length || data.left > length - offset) {
		x->counters->malformed++;
		return false;
	}
	if (!s->begun) { /* a server answers a second hello with number 0 or 1 */
		s->begun = true;
		s->next = number;
	}
	if (number != s->next)
		return true;
	if (data.left == length)
		return message(x, t, side, type, data);
	if (s->pieces.pieces > 0 && (length != s->length || type != s->type))
		return true;
	s->length = length;
	s->type = type;
	if (!quic_stream_put(&s->pieces, offset, data)) {
		x->counters->over_limit++;
		return false;
	}
	struct bytes whole = quic_stream_bytes(&s->pieces);
	if (whole.left < length)
		return true;
	struct quic_stream own = s->pieces; /* message frees what is there */
	s->pieces = (struct quic_stream){0};
	bool good = message(x, t, side, type, bytes_over(own.own, length));
	quic_stream_free(&own);
	return good;
}

static void record(
    struct parse *x, struct dtls *t, int side, uint8_t type, struct bytes content)
{
	if (type == TLS_ALERT && content.left == 2) {
		tls_seen(x, &t->tls);
		t->tls.alert = content.pos[1];
	}
	if (type == TLS_CHANGE_CIPHER_SPEC)
		t->tls.side[side].changed = true;
	if (type != TLS_HANDSHAKE)
		return;
	while (content.left > 0 && !t->tls.side[side].lost) {
		if (fragment(x, t, side, &content))
			continue;
		parse_error(x, side, "bad handshake message");
		t->tls.side[side].lost = true;
	}
}

static enum parse_result dtls_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct dtls *t = state;
	struct bytes b = bytes_over(d->p, d->n);
	struct dtls_side *s = &t->side[d->side];
	if (t->tls.transport == 0)
		tls_begin(&t->tls, 'd');
	if (++t->datagrams > DTLS_DATAGRAMS_MAX) {
		x->counters->over_limit++;
		return PARSE_DONE;
	}
	while (is_record(b)) {
		uint8_t type = b.pos[0];
		bool clear = load_be16(b.pos + 3) == 0;
		size_t n = load_be16(b.pos + 11);
		bytes_skip(&b, RECORD_HEADER);
		struct bytes content = bytes_sub(&b, n);
		s->any = true;
		s->secret |= !clear;
		if (clear)
			record(x, t, d->side, type, content);
	}
	if (b.left > 0 && b.pos[0] >= UNIFIED_FIRST && b.pos[0] <= UNIFIED_LAST && s->any)
		s->secret = true;
	else if (b.left >= RECORD_HEADER && d->wire > d->n &&
		 version_known(load_be16(b.pos + 1)))
		x->counters->truncated++;
	t->tls.established = t->side[0].secret && t->side[1].secret;
	bool settled = t->tls.client_hello && t->tls.server_hello;
	if (t->tls.messages > 0 && t->side[0].any && t->side[1].any)
		parse_confirm(x);
	return t->tls.established && settled ? PARSE_DONE : PARSE_OK;
}

static void dtls_close(struct parse *x, void *state)
{
	struct dtls *t = state;
	bool late = t->side[0].secret && t->side[1].secret;
	if (t->tls.client_hello || t->tls.server_hello || late)
		parse_confirm(x);
	if (t->tls.client_hello || t->tls.server_hello)
		tls_emit(x, &t->tls);
	tls_free(&t->tls);
	for (int i = 0; i < 2; i++)
		quic_stream_free(&t->side[i].pieces);
}

static size_t dtls_held(const void *state)
{
	const struct dtls *t = state;
	return tls_owned(&t->tls) + t->side[0].pieces.room + t->side[1].pieces.room;
}

/* Records from the first byte of the datagram to its last. */
static enum probe dtls_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	bool any = false;
	while (is_record(first)) {
		size_t n = load_be16(first.pos + 11);
		bytes_skip(&first, RECORD_HEADER + n);
		any = true;
	}
	if (first.left > 0 && (first.pos[0] & 0xe0) != UNIFIED_FIRST)
		return PROBE_NO;
	return any ? PROBE_YES : PROBE_NO;
}

const struct proto_parser dtls_parser = {
    .name = "dtls",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(TLS_CHANGE_CIPHER_SPEC, TLS_HEARTBEAT + 2),
    PARSER_PORTS(PORT_ANYCONNECT, 853, 2221, 4433, 5061, 5349, 5684),
    .probe = dtls_probe,
    .state_size = sizeof(struct dtls),
    .data = dtls_data,
    .close = dtls_close,
    .held = dtls_held,
};
