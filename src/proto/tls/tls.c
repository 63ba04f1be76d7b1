/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS 1.0 to 1.3 and SSL 2 and 3 over TCP, up
 * to the point where both sides are encrypted.
 *
 *     record: type(1) version(2) length(2) content      handshake: type(1) length(3) body
 *
 * Records are read as a stream: content of handshake records goes on to the
 * messages without waiting for the record's end, everything else is only
 * counted down. A side is encrypted after ChangeCipherSpec; in TLS 1.3 that
 * is a dummy, and the first application data tells. Once an encrypted
 * record is seen while both sides are, nothing more can be learned: done.
 */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/tls/tls_names.h"
#include "proto/tls/tls_state.h"

#define HANDSHAKE_HEADER  4
#define MIDSTREAM_RECORDS 2 /* of application data without a handshake: surely TLS */
#define SSL2_CLIENT_FIXED 9 /* bytes of a client hello of SSLv2 before its lists */
#define SSL2_SERVER_FIXED 11
#define PROBE_HELLO_BYTES 11

static bool version_plausible(uint16_t v)
{
	return v >= TLS_SSL3 && v <= TLS_1_3;
}

static bool header_plausible(const uint8_t *h)
{
	return h[0] >= TLS_CHANGE_CIPHER_SPEC && h[0] <= TLS_HEARTBEAT &&
	       version_plausible(load_be16(h + 1)) && load_be16(h + 3) <= TLS_RECORD_MAX;
}

/* A hello of SSLv2 says its length twice. */
static enum probe probe_ssl2(struct bytes first)
{
	const uint8_t *p = first.pos;
	if (first.left >= 3 && p[2] != 1 && p[2] != 4)
		return PROBE_NO;
	if (first.left < 13)
		return PROBE_MORE;
	size_t n = (size_t)(p[0] & 0x7f) << 8 | p[1];
	if (p[2] == 1) {
		uint16_t version = load_be16(p + 3);
		size_t ciphers = load_be16(p + 5);
		size_t sum =
		    SSL2_CLIENT_FIXED + ciphers + load_be16(p + 7) + load_be16(p + 9);
		bool known =
		    version == TLS_SSL2 || (version >= TLS_SSL3 && version <= TLS_1_2);
		return known && ciphers > 0 && ciphers % 3 == 0 && sum == n ? PROBE_YES
									    : PROBE_NO;
	}
	size_t sum = SSL2_SERVER_FIXED + (size_t)load_be16(p + 7) + load_be16(p + 9) +
		     load_be16(p + 11);
	return p[3] < 2 && load_be16(p + 5) == TLS_SSL2 && sum == n ? PROBE_YES
								    : PROBE_NO;
}

/* Application data at the start: a capture that began late.
 * Two records in a row are enough. */
static enum probe probe_data(struct bytes first)
{
	size_t n = (size_t)TLS_RECORD_HEADER + load_be16(first.pos + 3);
	if (n == TLS_RECORD_HEADER || n > first.left)
		return PROBE_NO;
	if (n == first.left)
		return PROBE_YES;
	if (first.left - n < TLS_RECORD_HEADER)
		return PROBE_NO;
	return header_plausible(first.pos + n) ? PROBE_YES : PROBE_NO;
}

static enum probe probe_handshake(struct bytes first)
{
	if (first.left < PROBE_HELLO_BYTES)
		return PROBE_MORE;
	const uint8_t *p = first.pos + TLS_RECORD_HEADER;
	size_t n = (size_t)p[1] << 16 | load_be16(p + 2);
	if (n > TLS_MESSAGE_MAX || load_be16(first.pos + 3) < HANDSHAKE_HEADER)
		return PROBE_NO;
	switch (p[0]) {
	case 1:
		return p[4] == 3 && n > 34 ? PROBE_YES : PROBE_NO;
	case 2:
		return (p[4] == 3 || p[4] == 0x7f) && n > 34 ? PROBE_YES : PROBE_NO;
	case 0:
	case 4:
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
	case 16:
	case 22:
		return PROBE_YES;
	default:
		return PROBE_NO;
	}
}

static enum probe tls_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	const uint8_t *p = first.pos;
	if (first.left == 0)
		return PROBE_MORE;
	if ((p[0] & 0x80) != 0)
		return probe_ssl2(first);
	if (p[0] < TLS_ALERT || p[0] > TLS_APPLICATION_DATA ||
	    (first.left > 1 && p[1] != 3) || (first.left > 2 && p[2] > 4))
		return PROBE_NO;
	if (first.left < TLS_RECORD_HEADER)
		return PROBE_MORE;
	if (!header_plausible(p))
		return PROBE_NO;
	if (p[0] == TLS_HANDSHAKE)
		return probe_handshake(first);
	if (p[0] == TLS_APPLICATION_DATA)
		return probe_data(first);
	if (first.left < TLS_RECORD_HEADER + 2)
		return PROBE_MORE;
	return load_be16(p + 3) == 2 && (p[5] == 1 || p[5] == 2) ? PROBE_YES : PROBE_NO;
}

/* Nothing more can be read from this side. */
static void lose(struct tls *t, int side)
{
	t->side[side].lost = true;
	buffer_free(&t->side[side].messages);
}

static bool encrypted(const struct tls *t, const struct tls_side *s)
{
	if (s->data)
		return true;
	bool dummy = t->version != TLS_VERSION_NONE && tls_is_13(t->version);
	return s->changed && !dummy;
}

/* ChangeCipherSpec. A ticket was accepted when
 * the client sends no key exchange before it. */
static void change(struct tls *t, int side)
{
	t->side[side].changed = true;
	if (side == t->client && t->ticket && !t->key_exchange && !tls_is_13(t->version))
		t->resumed = true;
}

/* A record header of SSL 3 or TLS is whole. False when it is none. */
static bool record_begin(struct parse *x, struct tls *t, int side)
{
	struct tls_side *s = &t->side[side];
	if (!header_plausible(s->header))
		return false;
	s->type = s->header[0];
	s->length = s->left = load_be16(s->header + 3);
	s->alert_n = s->beat_n = 0;
	s->records++;
	bool hidden = encrypted(t, s);
	if (s->type == TLS_APPLICATION_DATA && !hidden &&
	    (t->version == TLS_VERSION_NONE || tls_is_13(t->version)))
		hidden = s->data = true;
	if (s->type == TLS_CHANGE_CIPHER_SPEC && !hidden)
		change(t, side);
	bool plain_alert = s->type == TLS_ALERT && s->left == sizeof(s->alert);
	bool beat = s->type == TLS_HEARTBEAT;
	s->opaque = hidden || (s->type != TLS_HANDSHAKE && !plain_alert && !beat);
	if (beat && hidden)
		tls_beat_hidden(x, t, side);
	t->settled = t->established && !beat;
	if (hidden && encrypted(t, &t->side[!side]))
		t->established = true;
	t->settled |= t->established && s->type == TLS_APPLICATION_DATA;
	return true;
}

/* A record of SSLv2: the five bytes hold its length, message type and two bytes more. */
static bool ssl2_begin(struct tls *t, int side)
{
	struct tls_side *s = &t->side[side];
	size_t n = (size_t)(s->header[0] & 0x7f) << 8 | s->header[1];
	if (n < 3)
		return false;
	s->type = s->header[2] | 0x80;
	s->left = (uint32_t)n - 3;
	s->opaque = false;
	s->records++;
	if (s->type == TLS_SSL2_CLIENT_MASTER_KEY && t->version == TLS_SSL2) {
		t->established = t->settled = true;
		return true;
	}
	return s->records == 1 &&
	       (s->type == TLS_SSL2_CLIENT_HELLO || s->type == TLS_SSL2_SERVER_HELLO);
}

/* Take header bytes out of b; false when the header turned out wrong. */
static bool read_header(struct parse *x, struct tls *t, int side, struct bytes *b)
{
	struct tls_side *s = &t->side[side];
	size_t n = size_min(b->left, (size_t)TLS_RECORD_HEADER - s->header_n);
	bytes_copy(b, s->header + s->header_n, n);
	s->header_n = (uint8_t)(s->header_n + n);
	if (s->header_n < TLS_RECORD_HEADER)
		return true;
	s->header_n = 0;
	return (s->header[0] & 0x80) != 0 ? ssl2_begin(t, side)
					  : record_begin(x, t, side);
}

/* Give the whole messages that are held to tls_message. */
static bool messages(struct parse *x, struct tls *t, int side)
{
	struct buffer *held = &t->side[side].messages;
	for (;;) {
		struct bytes b = buffer_bytes(held);
		if (b.left < HANDSHAKE_HEADER)
			return true;
		uint8_t type = bytes_u8(&b);
		size_t n = bytes_be24(&b);
		if (n > TLS_MESSAGE_MAX - HANDSHAKE_HEADER) {
			x->counters->over_limit++;
			return false;
		}
		if (n > b.left)
			return true;
		if (!tls_message(x, t, side, type, bytes_sub(&b, n)))
			return false;
		buffer_drop(held, HANDSHAKE_HEADER + n);
	}
}

/* The hello that a record of SSLv2 is;
 * its first two bytes after the type were in the header. */
static bool ssl2_message(struct parse *x, struct tls *t, int side)
{
	struct tls_side *s = &t->side[side];
	struct bytes b = buffer_bytes(&s->messages);
	size_t n = b.left;
	uint8_t *whole = arena_alloc(x->scratch, n + 2);
	if (whole == NULL)
		return false;
	memcpy(whole, s->header + 3, 2);
	bytes_copy(&b, whole + 2, n);
	buffer_drop(&s->messages, n);
	b = bytes_over(whole, n + 2);
	return s->type == TLS_SSL2_CLIENT_HELLO ? tls_ssl2_client_hello(x, t, side, b)
						: tls_ssl2_server_hello(x, t, side, b);
}

static void alert(struct parse *x, struct tls *t, int side, struct bytes piece)
{
	struct tls_side *s = &t->side[side];
	while (piece.left > 0 && s->alert_n < sizeof(s->alert))
		s->alert[s->alert_n++] = bytes_u8(&piece);
	if (s->alert_n < sizeof(s->alert) || s->left > 0)
		return;
	tls_seen(x, t);
	t->alert = s->alert[1];
}

static void beat(struct parse *x, struct tls *t, int side, struct bytes piece)
{
	struct tls_side *s = &t->side[side];
	if (s->beat_n == TLS_BEAT_HEAD)
		return;
	while (piece.left > 0 && s->beat_n < TLS_BEAT_HEAD)
		s->beat[s->beat_n++] = bytes_u8(&piece);
	if (s->beat_n == TLS_BEAT_HEAD)
		tls_beat_plain(x, t, side);
}

/* A piece of a record's content; s->left is what is still to come after it. */
static bool content(struct parse *x, struct tls *t, int side, struct bytes piece)
{
	struct tls_side *s = &t->side[side];
	if (s->opaque)
		return true;
	if (s->type == TLS_ALERT) {
		alert(x, t, side, piece);
		return true;
	}
	if (s->type == TLS_HEARTBEAT) {
		beat(x, t, side, piece);
		return true;
	}
	if (!buffer_put(
		&s->messages, piece.pos, piece.left, TLS_MESSAGE_MAX + TLS_RECORD_MAX)) {
		x->counters->over_limit++;
		return false;
	}
	bool good = true;
	if (s->type == TLS_HANDSHAKE)
		good = messages(x, t, side);
	else if (s->left == 0)
		good = ssl2_message(x, t, side);
	if (good && !buffer_keep(&s->messages)) {
		x->counters->over_limit++;
		good = false;
	}
	return good;
}

/* The protocol is certain when both sides speak it. */
static void confirm(struct parse *x, const struct tls *t)
{
	if (t->messages > 0 && t->side[0].records > 0 && t->side[1].records > 0)
		parse_confirm(x);
}

/* What is not TLS: an answer of another protocol, or damage later on. */
static enum parse_result bad_header(struct parse *x, struct tls *t, int side)
{
	bool answered = t->side[side].records == 0;
	if (t->established)
		return PARSE_DONE; /* all of interest was read */
	t->not_tls |= answered;
	x->counters->malformed++;
	parse_error(x, side, answered ? "answer is not TLS" : "bad record header");
	return PARSE_FAILED;
}

/* A gap inside a record that is only counted down does no harm. */
static void missing(struct parse *x, struct tls *t, int side, uint64_t n)
{
	struct tls_side *s = &t->side[side];
	if (s->lost)
		return;
	bool skipped = s->opaque || s->beat_n == TLS_BEAT_HEAD;
	if (skipped && n <= s->left) {
		s->left -= (uint32_t)n;
		return;
	}
	x->counters->truncated++;
	lose(t, side);
}

static enum parse_result tls_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct tls *t = state;
	missing(x, t, side, n);
	return t->side[0].lost && t->side[1].lost ? PARSE_DONE : PARSE_OK;
}

static enum parse_result tls_data(struct parse *x, void *state, const struct flow_data *d)
{
	struct tls *t = state;
	struct tls_side *s = &t->side[d->side];
	struct bytes b = bytes_over(d->p, d->n);
	if (t->transport == 0)
		tls_begin(t, 't');
	while (b.left > 0 && !s->lost && !t->settled) {
		if (s->left == 0) {
			if (!read_header(x, t, d->side, &b))
				return bad_header(x, t, d->side);
			continue;
		}
		size_t n = size_min(b.left, s->left);
		struct bytes piece = bytes_sub(&b, n);
		s->left -= (uint32_t)n;
		if (!content(x, t, d->side, piece)) {
			parse_error(x, d->side, "bad handshake message");
			lose(t, d->side);
		}
	}
	if (d->wire > d->n)
		missing(x, t, d->side, d->wire - d->n);
	confirm(x, t);
	bool late = t->messages == 0 && s->data;
	if (late && (t->established || s->records >= MIDSTREAM_RECORDS)) {
		parse_confirm(x);
		return PARSE_DONE;
	}
	return t->settled || (t->side[0].lost && t->side[1].lost) ? PARSE_DONE : PARSE_OK;
}

static void tls_close(struct parse *x, void *state)
{
	struct tls *t = state;
	if ((t->client_hello || t->server_hello) && !t->not_tls)
		parse_confirm(x);
	if (t->messages > 0)
		tls_emit(x, t);
	tls_beats_emit(x, t);
	tls_free(t);
}

static size_t tls_held(const void *state)
{
	return tls_owned(state);
}

const struct proto_parser tls_parser = {
    .name = "ssl",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST(TLS_ALERT, TLS_APPLICATION_DATA, 0x80, 0xff),
    PARSER_PORTS(443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 5061,
	5223, 5228, 5671, 5986, 6443, 6514, 6697, 8443, 8883, 9443),
    .probe = tls_probe,
    .state_size = sizeof(struct tls),
    .data = tls_data,
    .gap = tls_gap,
    .close = tls_close,
    .held = tls_held,
};
