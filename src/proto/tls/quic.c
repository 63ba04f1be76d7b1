/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QUIC (RFC 9000, 9001, 9369), its drafts, and what Google and Facebook ran before.
 *
 * Only Initial packets can be read: their keys follow from the connection id of the
 * client's first one (quic_crypto.h). They carry the hellos of TLS, which go where those
 * of TCP go. A Retry or a negotiation of versions makes the client choose another id or
 * version, so that keys which no longer fit are made anew, a few times at most. Once both
 * sides send packets with short headers, nothing more can be learned: done.
 */
#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "proto/tls/quic_crypto.h"
#include "proto/tls/quic_packet.h"
#include "proto/tls/quic_stream.h"
#include "proto/tls/tls_state.h"

#define QUIC_HISTORY_MAX   100 /* letters */
#define QUIC_SECRETS_MAX   8   /* secrets made for one connection */
#define QUIC_DATAGRAMS_MAX 64  /* read of one connection at most */
#define QUIC_MESSAGES_MAX  8   /* handshake messages of a side in its Initial packets */
#define GOOGLE_TAGS_MAX    128 /* of one hello */
#define GOOGLE_LOOK_MAX    128 /* bytes in front of Google's hello */

struct cid {
	uint8_t n, p[QUIC_CID_MAX];
	bool known;
};

struct quic {
	struct tls tls;
	struct quic_stream stream[2]; /* of a side of the flow */
	size_t taken[2];              /* bytes of stream that were read as messages */
	uint8_t messages[2];
	struct moment ts; /* of the first packet, and where it was read */
	uint32_t source;
	uint64_t offset;
	bool begun, opened, retried;
	bool hello[2]; /* of client and server: read, or lost */
	bool short_header[2];
	int client; /* side; certain once an Initial was opened */
	uint32_t version;
	uint32_t datagrams;
	unsigned secrets;
	struct cid key_cid; /* from which secret was made */
	uint32_t key_version;
	uint8_t secret[QUIC_SECRET_BYTES];
	struct quic_keys keys[2]; /* client, server */
	bool keyed[2];
	struct cid first_dcid, scid[2]; /* scid: of client and server */
	char server_name[TLS_TEXT_MAX]; /* of Google's hello; TLS has its own */
	size_t server_name_n;
	size_t history_n;
	char history[QUIC_HISTORY_MAX];
};

static void keep(struct cid *c, struct bytes b)
{
	c->known = b.left <= sizeof(c->p);
	c->n = c->known ? (uint8_t)b.left : 0;
	bytes_copy(&b, c->p, c->n);
}

static bool is(const struct cid *c, struct bytes b)
{
	return c->known && c->n == b.left &&
	       (c->n == 0 || memcmp(c->p, b.pos, c->n) == 0);
}

/* A letter of the history, upper case for the client. */
static void history(struct quic *q, int side, char letter)
{
	if (q->history_n == QUIC_HISTORY_MAX)
		return;
	char c = side == q->client ? letter : (char)(letter - 'A' + 'a');
	q->history[q->history_n++] = c;
}

/* ---- keys */

static bool make_secret(struct quic *q, const struct quic_packet *p, struct bytes dcid)
{
	if (q->secrets == QUIC_SECRETS_MAX)
		return false;
	q->secrets++;
	q->keyed[0] = q->keyed[1] = false;
	q->key_version = p->version;
	struct cid now; /* dcid may be the one that is replaced */
	keep(&now, dcid);
	q->key_cid = now;
	return quic_secret(&p->kind, bytes_over(now.p, now.n), q->secret);
}

static bool open_with(struct quic *q, struct parse *x, const struct quic_packet *p,
    bool server, struct bytes *payload)
{
	if (!q->keyed[server]) {
		if (!quic_keys(&p->kind, q->secret, server, &q->keys[server]))
			return false;
		q->keyed[server] = true;
	}
	return quic_open(&q->keys[server], p->whole, p->number_at, x->scratch, payload);
}

/* Open an Initial with the keys there are, else with new ones. */
static bool open_initial(struct quic *q, struct parse *x, int side,
    const struct quic_packet *p, struct bytes *payload)
{
	bool server = q->opened && side != q->client;
	if (q->opened && p->version != q->key_version) {
		/* A server may go on in another version (RFC 9368). */
		struct bytes same = bytes_over(q->key_cid.p, q->key_cid.n);
		if (make_secret(q, p, same) && open_with(q, x, p, server, payload))
			return true;
	} else if (q->opened && open_with(q, x, p, server, payload)) {
		return true;
	}
	if (server ||
	    (q->opened && p->version == q->key_version && is(&q->key_cid, p->dcid)))
		return false;
	if (!make_secret(q, p, p->dcid) || !open_with(q, x, p, false, payload))
		return false;
	q->opened = true;
	q->client = side;
	return true;
}

/* ---- hellos */

/* The value of a tag of Google's hello:
 *     "CHLO" tags(2) 0(2) | tag(4) end(4) … | values, each up to its end */
static struct bytes google_value(struct bytes hello, const char tag[4])
{
	bytes_skip(&hello, 4);
	size_t n = bytes_le16(&hello);
	bytes_skip(&hello, 2);
	if (n > GOOGLE_TAGS_MAX)
		return (struct bytes){0};
	struct bytes index = bytes_sub(&hello, 8 * n);
	uint32_t begin = 0;
	while (index.left > 0) {
		const uint8_t *name = bytes_take(&index, 4);
		uint32_t end = bytes_le32(&index);
		if (end < begin || end > hello.left)
			break;
		if (memcmp(name, tag, 4) == 0) {
			bytes_skip(&hello, begin);
			return bytes_sub(&hello, end - begin);
		}
		begin = end;
	}
	return (struct bytes){0};
}

static void google_hello(struct quic *q, struct parse *x, int side, struct bytes hello)
{
	struct bytes sni = google_value(hello, "SNI");
	q->client = side;
	q->hello[0] = true;
	history(q, side, 'S');
	x->counters->understood++;
	struct str name = str_clean_lower(x->scratch, sni.pos, sni.left);
	if (name.p == NULL || name.n == 0)
		return;
	q->server_name_n = size_min(name.n, sizeof(q->server_name));
	memcpy(q->server_name, name.p, q->server_name_n);
	parse_note(x, NOTE_SNI, name);
}

/* Google's own handshake in clear: its hello follows a header of a few forms. */
static void google_clear(struct quic *q, struct parse *x, int side, struct bytes b)
{
	for (int i = 0; i < GOOGLE_LOOK_MAX && b.left >= 8 && !q->hello[0]; i++) {
		if (memcmp(b.pos, "CHLO", 4) == 0)
			google_hello(q, x, side, b);
		bytes_skip(&b, 1);
	}
}

/* The whole messages at the beginning of what is there. */
static void messages(struct quic *q, struct parse *x, int side, bool google)
{
	bool server = side != q->client;
	struct bytes all = quic_stream_bytes(&q->stream[side]);
	bytes_skip(&all, q->taken[side]);
	if (google && all.left >= 4 && memcmp(all.pos, "CHLO", 4) == 0) {
		google_hello(q, x, side, all);
		return;
	}
	while (all.left >= 4 && !q->hello[server]) {
		uint8_t type = bytes_u8(&all);
		size_t n = bytes_be24(&all);
		if (n > all.left)
			return;
		q->taken[side] += 4 + n;
		if (!tls_message(x, &q->tls, side, type, bytes_sub(&all, n)) ||
		    ++q->messages[side] == QUIC_MESSAGES_MAX) {
			parse_error(x, side, "bad handshake message");
			q->hello[server] = true;
			return;
		}
		history(q, side, 'S');
		q->hello[server] = server ? q->tls.server_hello : q->tls.client_hello;
	}
}

/* Largest, delay, count, first range, and pairs of gap and length; counts of ECN. */
static void skip_ack(struct bytes *b, bool ecn)
{
	quic_varint(b);
	quic_varint(b);
	uint64_t ranges = quic_varint(b);
	quic_varint(b);
	for (; ranges > 0 && b->left > 0; ranges--) {
		quic_varint(b);
		quic_varint(b);
	}
	for (int i = 0; ecn && i < 3; i++)
		quic_varint(b);
}

enum frame {
	FRAME_PADDING = 0,
	FRAME_PING = 1,
	FRAME_ACK = 2,
	FRAME_ACK_ECN = 3,
	FRAME_CRYPTO = 6,
	FRAME_CRYPTO_Q050 = 8,
	FRAME_CLOSE = 0x1c,
};

/* Most of an Initial is padding, a frame each byte. */
static void skip_padding(struct bytes *b)
{
	static const uint8_t zero[64];
	while (b->left >= sizeof(zero) && memcmp(b->pos, zero, sizeof(zero)) == 0)
		bytes_skip(b, sizeof(zero));
	while (b->left > 0 && b->pos[0] == FRAME_PADDING)
		bytes_skip(b, 1);
}

/* The frames that an Initial may hold (RFC 9000, 12.4). False when it holds others. */
static bool frames(struct quic *q, struct parse *x, int side, bool google, struct bytes b)
{
	for (skip_padding(&b); b.left > 0; skip_padding(&b)) {
		uint64_t type = quic_varint(&b);
		if (google && type == FRAME_CRYPTO_Q050)
			type = FRAME_CRYPTO;
		switch (type) {
		case FRAME_PING:
			break;
		case FRAME_ACK:
		case FRAME_ACK_ECN:
			skip_ack(&b, type == FRAME_ACK_ECN);
			break;
		case FRAME_CRYPTO: {
			uint64_t offset = quic_varint(&b);
			struct bytes data = quic_vector(&b);
			if (b.bad)
				return false;
			if (!quic_stream_put(&q->stream[side], offset, data))
				x->counters->over_limit++;
			break;
		}
		case FRAME_CLOSE:
			history(q, side, 'C');
			return true;
		default:
			return false;
		}
	}
	return !b.bad;
}

/* ---- packets */

static void initial(
    struct quic *q, struct parse *x, int side, const struct quic_packet *p)
{
	struct bytes payload;
	bool known = q->opened && q->hello[side != q->client];
	if (p->kind.salt == NULL) {
		google_clear(q, x, side, p->whole);
		return;
	}
	if (p->cut) {
		x->counters->truncated++;
		return;
	}
	if (known) /* its hello was read: no need to open any more of them */
		return;
	if (!open_initial(q, x, side, p, &payload)) {
		x->counters->unsupported++;
		return;
	}
	q->version = p->version;
	keep(&q->scid[side != q->client], p->scid);
	if (!frames(q, x, side, p->kind.google, payload)) {
		x->counters->malformed++;
		parse_error(x, side, "bad frame in an Initial");
	}
	messages(q, x, side, p->kind.google);
}

static void long_packet(
    struct quic *q, struct parse *x, int side, const struct quic_packet *p)
{
	static const char letters[] = {[QUIC_INITIAL] = 'I',
	    [QUIC_0RTT] = 'Z',
	    [QUIC_HANDSHAKE] = 'H',
	    [QUIC_RETRY] = 'R'};
	if (q->version == 0)
		q->version = p->version;
	if (!q->first_dcid.known && p->type == QUIC_INITIAL && side == q->client)
		keep(&q->first_dcid, p->dcid);
	history(q, side, letters[p->type]);
	if (p->type == QUIC_INITIAL)
		initial(q, x, side, p);
	/* The first Retry makes the client use its id, and both sides new keys; others
	 * are ignored (RFC 9001, 5.2; RFC 9000, 17.2.5.2). */
	if (p->type == QUIC_RETRY && q->opened && side != q->client && !q->retried) {
		q->retried = true;
		make_secret(q, p, p->scid);
	}
	int role = side != q->client;
	if (!q->scid[role].known && p->type != QUIC_RETRY)
		keep(&q->scid[role], p->scid);
}

static void packet(struct quic *q, struct parse *x, int side, const struct quic_packet *p)
{
	switch (p->form) {
	case QUIC_LONG:
		long_packet(q, x, side, p);
		return;
	case QUIC_SHORT:
		history(q, side, 'O');
		q->short_header[side] = true;
		return;
	case QUIC_UNKNOWN_VERSION:
		x->counters->unsupported++;
		if (q->version == 0)
			q->version = p->version;
		history(q, side, 'U');
		return;
	case QUIC_NEGOTIATION:
		return;
	case QUIC_NONE:
		history(q, side, 'X');
		return;
	}
}

/* A header as Google's QUIC had until Q043:
 *     flags 1 | connection id 8 | version 4 | number 1..6 | hash 12 | frames */
static bool is_google_header(struct bytes b)
{
	struct quic_version v;
	if (b.left < 13 || (b.pos[0] & 0xc9) != 0x09)
		return false;
	return b.pos[9] == 'Q' && quic_version_of(load_be32(b.pos + 9), &v);
}

static void begin(struct quic *q, struct parse *x, int side)
{
	q->begun = true;
	q->client = side;
	parse_mark(x, q);
	tls_begin(&q->tls, 'q');
}

static enum parse_result quic_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct quic *q = state;
	struct bytes b = bytes_over(d->p, d->n);
	if (!q->begun)
		begin(q, x, d->side);
	if (++q->datagrams > QUIC_DATAGRAMS_MAX) {
		x->counters->over_limit++;
		return PARSE_DONE;
	}
	if (is_google_header(b)) {
		q->version = load_be32(b.pos + 9);
		history(q, d->side, 'I');
		google_clear(q, x, d->side, b);
		return q->hello[0] ? PARSE_DONE : PARSE_OK;
	}
	while (b.left > 0) {
		struct quic_packet p;
		quic_packet_read(&b, &p);
		packet(q, x, d->side, &p);
	}
	q->tls.established = q->short_header[0] && q->short_header[1];
	return q->tls.established ? PARSE_DONE : PARSE_OK;
}

/* ---- what is known in the end */

static struct str cid_text(struct parse *x, const struct cid *c)
{
	if (!c->known)
		return (struct str){0};
	return c->n > 0 ? str_hex(x->scratch, c->p, c->n) : STR("");
}

static struct str present(const char *text, size_t n)
{
	return n > 0 ? (struct str){text, n} : (struct str){NULL, 0};
}

static void quic_close(struct parse *x, void *state)
{
	struct quic *q = state;
	bool hello = q->tls.client_hello || q->tls.server_hello;
	if (hello || q->hello[0] || q->opened || (q->history_n > 1 && q->version != 0))
		parse_confirm(x);
	if (q->tls.messages > 0) {
		parse_service(x, "ssl");
		tls_emit(x, &q->tls);
	}
	struct quic_record r;
	record_clear(RECORD_QUIC, &r);
	parse_endpoints(x, &r);
	r.ts = q->ts;
	r.version = quic_version_text(x->scratch, q->version);
	r.client_initial_dcid = cid_text(x, &q->first_dcid);
	r.client_scid = cid_text(x, &q->scid[0]);
	r.server_scid = cid_text(x, &q->scid[1]);
	r.server_name =
	    q->tls.sni.p != NULL ? q->tls.sni : present(q->server_name, q->server_name_n);
	r.client_protocol = q->tls.client_hello ? q->tls.alpn : (struct str){NULL, 0};
	r.ja4 = present(q->tls.ja4, strlen(q->tls.ja4));
	r.history = present(q->history, q->history_n);
	parse_source_of(x, &r, q);
	if (q->version != 0)
		parse_emit(x, RECORD_QUIC, &r);
	tls_free(&q->tls);
	for (int i = 0; i < 2; i++)
		quic_stream_free(&q->stream[i]);
}

static size_t quic_held(const void *state)
{
	const struct quic *q = state;
	return tls_owned(&q->tls) + q->stream[0].room + q->stream[1].room;
}

/* A version that is known, and lengths that fit; a version that is not known or is only
 * negotiated takes the size of a first datagram, too. */
static enum probe quic_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	if (is_google_header(first))
		return PROBE_YES;
	if (first.left < 7 || (first.pos[0] & 0x80) == 0)
		return PROBE_NO;
	size_t whole = first.left;
	struct quic_packet p;
	quic_packet_read(&first, &p);
	if (p.form == QUIC_LONG)
		return PROBE_YES;
	bool reserved = quic_version_reserved(p.version);
	return p.form == QUIC_UNKNOWN_VERSION && reserved && whole >= QUIC_INITIAL_MIN
		   ? PROBE_YES
		   : PROBE_NO;
}

const struct proto_parser quic_parser = {
    .name = "quic",
    .transports = TRANSPORT_UDP,
    PARSER_FIRST(0x09, 0x3f, 0x80, 0xff),
    PARSER_PORTS(443, 784, 853, 8853),
    .probe = quic_probe,
    .state_size = sizeof(struct quic),
    .data = quic_data,
    .close = quic_close,
    .held = quic_held,
};
