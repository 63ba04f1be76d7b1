/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 in clear (RFC 9113): from its preface on, or after an upgrade (RFC 7540, 3.2).
 *
 *     client: PRI * HTTP/2.0 CR LF CR LF SM CR LF CR LF, then frames; server: frames
 *     length 3 | type 1 | flags 1 | stream 4 | payload
 *
 * A row of http for each stream, put out when both its messages have ended. Header blocks
 * are inflated (RFC 7541) by nghttp2, as they come, in the order of each side: when one
 * is lost, so is all that follows. Content is passed on as files.
 */
#include <nghttp2/nghttp2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/web/http_body.h"
#include "proto/web/http_exchange.h"
#include "proto/web/http_field.h"
#include "proto/web/http_start.h"

#define FRAME_HEADER       9
#define HTTP2_STREAMS_MAX  HTTP_PIPELINE_MAX /* streams of a connection at once */
#define HTTP2_FRAME_MAX    65536  /* bytes of a frame that is read whole; DATA is not */
#define HTTP2_TABLE_MAX    65536u /* bytes of the table of a side that headers refer to */
#define HTTP2_FRAGMENTS    128    /* CONTINUATION frames of one header block */
#define HTTP2_FIELDS_MAX   65536  /* bytes of names and values of one header block */
#define HTTP2_HELD_GUESS   4096   /* bytes of an inflater whose table is empty */
#define SETTING_TABLE_SIZE 1
#define SETTING_BYTES      6
#define SETTINGS_MAX       32 /* that the first frame of a server may have */

enum frame_type {
	FRAME_DATA = 0,
	FRAME_HEADERS = 1,
	FRAME_RST_STREAM = 3,
	FRAME_SETTINGS = 4,
	FRAME_PUSH_PROMISE = 5,
	FRAME_CONTINUATION = 9,
};

enum frame_flag {
	FLAG_END_STREAM = 0x1,
	FLAG_ACK = 0x1,
	FLAG_END_HEADERS = 0x4,
	FLAG_PADDED = 0x8,
	FLAG_PRIORITY = 0x20,
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
#define PREFACE_BYTES (sizeof(preface) - 1)

struct frame {
	size_t length;
	unsigned type, flags;
	uint32_t stream;
};

struct stream {
	uint32_t id;
	struct http_exchange *e; /* in the queue */
	struct http_body body[2];
	bool begun[2], ended[2]; /* by role */
};

struct side {
	struct buffer in;
	nghttp2_hd_inflater *inflater; /* owned */
	uint64_t table;                /* bytes of its table at most */
	uint32_t block;      /* stream of the header block that is open; 0: none */
	unsigned fragments;  /* of that block */
	size_t fields_bytes; /* of that block */
	bool block_ends;     /* and its message with it */
	struct http_fields fields;
	uint64_t data; /* bytes of content of the DATA frame at hand */
	uint64_t pad;  /* and of padding, or of a frame that is not read */
	uint32_t data_stream;
	bool data_ends;
	bool preface; /* passed, or not to come */
};

struct http2_state {
	struct http_queue queue;
	struct stream streams[HTTP2_STREAMS_MAX];
	size_t n;
	uint32_t last[2]; /* streams that began: the server's, the client's */
	struct side side[2];
	int client;
	bool known, confirmed;
};

/* The first frame of a server: settings (RFC 9113, 3.4). */
static bool is_settings(struct bytes b)
{
	struct bytes head = bytes_sub(&b, FRAME_HEADER);
	unsigned length = bytes_be24(&head);
	unsigned type = bytes_u8(&head);
	unsigned flags = bytes_u8(&head);
	uint32_t stream = bytes_be32(&head);
	return !head.bad && length % SETTING_BYTES == 0 &&
	       length <= SETTINGS_MAX * SETTING_BYTES && type == FRAME_SETTINGS &&
	       flags == 0 && stream == 0;
}

static enum probe http2_probe(const struct flow *f, int side, struct bytes first)
{
	(void)f;
	(void)side;
	size_t n = size_min(first.left, PREFACE_BYTES);
	if (n == 0 || memcmp(first.pos, preface, n) == 0)
		return n == PREFACE_BYTES ? PROBE_YES : PROBE_MORE;
	return PROBE_NO;
}

/* ---- streams ---- */

static struct stream *find(struct http2_state *st, uint32_t id)
{
	for (size_t i = st->n; i > 0; i--) {
		if (st->streams[i - 1].id == id)
			return &st->streams[i - 1];
	}
	return NULL;
}

/* The row of a stream, and forget it. */
static void finish(
    struct parse *x, struct http2_state *st, struct stream *s, enum transfer_end end)
{
	for (int role = 0; role < 2; role++)
		http_body_end(x, &s->body[role], s->ended[role] ? TRANSFER_WHOLE : end);
	http_queue_take(&st->queue, x, s->e);
	size_t i = (size_t)(s - st->streams);
	memmove(s, s + 1, (st->n - i - 1) * sizeof(*s));
	st->n--;
}

/* Whether a header block begins a stream. What comes for one that is over is only
 * inflated; stream 1 is answered without a request after an upgrade. */
static bool is_new(const struct http2_state *st, enum http_role role, uint32_t id)
{
	if (role == HTTP_RESPONSE)
		return id == 1 && st->last[0] == 0 && st->last[1] == 0;
	return id > st->last[id % 2];
}

/* Add a stream; false without memory. */
static bool stream_add(
    struct parse *x, struct http2_state *st, enum http_role role, uint32_t id)
{
	st->last[id % 2] = id;
	if (st->n == HTTP2_STREAMS_MAX) {
		x->counters->over_limit++;
		finish(x, st, &st->streams[0], TRANSFER_CUT);
	}
	struct http_mark mark = {x->ts, x->source, x->offset};
	struct http_exchange *e = http_queue_add(&st->queue, x, &mark);
	if (e == NULL)
		return false;
	e->version[HTTP_REQUEST] = e->version[HTTP_RESPONSE] = 20;
	bool asked = role == HTTP_RESPONSE; /* before the upgrade */
	st->streams[st->n++] =
	    (struct stream){.id = id, .e = e, .begun = {asked}, .ended = {asked}};
	return true;
}

/* A message of the stream has ended. */
static void message_end(
    struct parse *x, struct http2_state *st, struct stream *s, enum http_role role)
{
	s->ended[role] = true;
	http_body_end(x, &s->body[role], TRANSFER_WHOLE);
	if (s->ended[HTTP_REQUEST] && s->ended[HTTP_RESPONSE])
		finish(x, st, s, TRANSFER_WHOLE);
}

/* ---- header blocks ---- */

static void pseudo_field(
    struct http2_state *st, struct stream *s, struct str name, struct str value)
{
	struct http_exchange *e = s->e;
	if (str_equal(name, STR(":method"))) {
		e->head = str_equal(value, STR("HEAD"));
		http_text_set(&st->queue, e, HTTP_METHOD, value);
	} else if (str_equal(name, STR(":path"))) {
		http_text_set(&st->queue, e, HTTP_URI, value);
	} else if (str_equal(name, STR(":authority"))) {
		const char *user = value.n > 0 ? memrchr(value.p, '@', value.n) : NULL;
		if (user != NULL) /* may hold a password */
			value = (struct str){
			    user + 1, value.n - (size_t)(user + 1 - value.p)};
		http_text_set(&st->queue, e, HTTP_HOST, value);
	} else if (str_equal(name, STR(":status")) && value.n == 3) {
		e->status = 0;
		for (size_t i = 0; i < 3 && e->status >= 0; i++) {
			bool digit = value.p[i] >= '0' && value.p[i] <= '9';
			e->status = digit ? e->status * 10 + (value.p[i] - '0') : -1;
		}
	}
}

static void field(struct parse *x, struct http2_state *st, struct side *side,
    enum http_role role, const nghttp2_nv *nv)
{
	struct stream *s = find(st, side->block);
	side->fields_bytes += nv->namelen + nv->valuelen;
	if (s == NULL || s->begun[role] || side->fields_bytes > HTTP2_FIELDS_MAX)
		return; /* what follows the content is not kept */
	struct str name = {(const char *)nv->name, nv->namelen};
	struct str value = {(const char *)nv->value, nv->valuelen};
	if (name.n > 0 && name.p[0] == ':') {
		pseudo_field(st, s, name, value);
		return;
	}
	if (str_equal(name, STR("host")) && http_text_get(s->e, HTTP_HOST).n > 0)
		return;
	struct str line =
	    str_format(x->scratch, "%.*s: %.*s", STR_ARG(name), STR_ARG(value));
	if (line.p != NULL)
		http_field_line(&side->fields, &st->queue, s->e, role, line);
}

static bool has_type(struct str type, const char *word)
{
	size_t n = strlen(word);
	return type.n >= n && strncasecmp(type.p, word, n) == 0;
}

/* The header is there: what it says of the message. */
static void header_end(struct parse *x, struct http2_state *st, struct side *side,
    enum http_role role, struct stream *s)
{
	struct http_exchange *e = s->e;
	http_field_end(&side->fields, &st->queue, e);
	bool interim = role == HTTP_RESPONSE && e->status >= 100 && e->status < 200;
	if (s->begun[role] || interim)
		return;
	s->begun[role] = true;
	struct str type =
	    http_text_get(e, role == HTTP_REQUEST ? HTTP_BODY_TYPE : HTTP_CONTENT_TYPE);
	if (has_type(type, "application/dns-message"))
		parse_service(x, "doh");
	if (has_type(type, "application/grpc"))
		parse_service(x, "grpc");
	if (role == HTTP_REQUEST) {
		struct str host = http_host(x->scratch, e);
		if (http_is_name(host))
			parse_note(x, NOTE_HOST, host);
	}
	struct transfer_about about = {.protocol = "http",
	    .side = role == HTTP_REQUEST ? st->client : !st->client,
	    .exchange = e->depth,
	    .total = side->fields.has_length ? side->fields.length : TRANSFER_NO_TOTAL};
	struct http_content content = {.type = type,
	    .coding = http_text_get(e, HTTP_CODING),
	    .disposition = http_text_get(e, HTTP_DISPOSITION),
	    .range = http_text_get(e, HTTP_RANGE)};
	bool none = side->block_ends || (role == HTTP_RESPONSE && e->head);
	if (!none)
		http_body_begin(x, &s->body[role], &about, &content);
	for (int t = HTTP_BODY_TYPE; t <= HTTP_RANGE; t++)
		http_text_drop(e, (unsigned)t);
}

/* A piece of the header block that is open; false: it can not be read. */
static bool fragment(struct parse *x, struct http2_state *st, int from,
    enum http_role role, struct bytes b, bool last)
{
	struct side *side = &st->side[from];
	if (++side->fragments > HTTP2_FRAGMENTS ||
	    side->fields_bytes > HTTP2_FIELDS_MAX) {
		x->counters->over_limit++;
		return false;
	}
	for (;;) {
		nghttp2_nv nv;
		int flags = 0;
		ssize_t n = nghttp2_hd_inflate_hd2(
		    side->inflater, &nv, &flags, b.pos, b.left, last);
		if (n < 0) {
			x->counters->malformed++;
			return false;
		}
		bytes_skip(&b, (size_t)n);
		if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
			field(x, st, side, role, &nv);
		if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0)
			break;
		if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && (n == 0 || b.left == 0))
			break;
	}
	if (!last)
		return true;
	nghttp2_hd_inflate_end_headers(side->inflater);
	struct stream *s = find(st, side->block);
	side->block = 0;
	if (s == NULL || s->ended[role])
		return true;
	header_end(x, st, side, role, s);
	if (side->block_ends)
		message_end(x, st, s, role);
	return true;
}

/* Without padding and what stands before the fragment. */
static struct bytes fragment_of(const struct frame *f, struct bytes b)
{
	size_t pad = (f->flags & FLAG_PADDED) != 0 ? bytes_u8(&b) : 0;
	if (f->type == FRAME_HEADERS && (f->flags & FLAG_PRIORITY) != 0)
		bytes_skip(&b, 5);
	if (b.bad || pad > b.left)
		bytes_fail(&b);
	else
		b.left -= pad;
	return b;
}

static bool on_headers(struct parse *x, struct http2_state *st, int from,
    const struct frame *f, struct bytes b)
{
	struct side *side = &st->side[from];
	enum http_role role = from == st->client ? HTTP_REQUEST : HTTP_RESPONSE;
	bool last = (f->flags & FLAG_END_HEADERS) != 0;
	if (f->type == FRAME_CONTINUATION)
		return f->stream == side->block && fragment(x, st, from, role, b, last);
	b = fragment_of(f, b);
	uint32_t id = f->stream;
	if (f->type == FRAME_PUSH_PROMISE)
		id = bytes_be32(&b) & 0x7fffffff;
	if (b.bad || side->block != 0 || id == 0) {
		x->counters->malformed++;
		return false;
	}
	if (f->type == FRAME_PUSH_PROMISE) /* a request, though the server sends it */
		role = HTTP_REQUEST;
	if (find(st, id) == NULL && is_new(st, role, id) && !stream_add(x, st, role, id))
		return false;
	side->block = id;
	side->fragments = 0;
	side->fields_bytes = 0;
	side->fields = (struct http_fields){0};
	side->block_ends =
	    f->type == FRAME_PUSH_PROMISE || (f->flags & FLAG_END_STREAM) != 0;
	return fragment(x, st, from, role, b, last);
}

/* What a side sets is for the headers that the other one sends. */
static void on_settings(struct http2_state *st, int from, struct bytes b)
{
	struct side *other = &st->side[!from];
	while (b.left >= SETTING_BYTES) {
		unsigned id = bytes_be16(&b);
		uint32_t value = bytes_be32(&b);
		value = value < HTTP2_TABLE_MAX ? value : HTTP2_TABLE_MAX;
		if (id != SETTING_TABLE_SIZE || value <= other->table)
			continue; /* a smaller one is said in the block as well */
		other->table = value;
		(void)nghttp2_hd_inflate_change_table_size(other->inflater, value);
	}
}

/* ---- frames ---- */

static bool on_frame(struct parse *x, struct http2_state *st, int from,
    const struct frame *f, struct bytes b)
{
	x->counters->understood++;
	if (f->type == FRAME_SETTINGS && (f->flags & FLAG_ACK) == 0)
		on_settings(st, from, b);
	if (f->type == FRAME_HEADERS || f->type == FRAME_PUSH_PROMISE ||
	    f->type == FRAME_CONTINUATION)
		return on_headers(x, st, from, f, b);
	struct stream *s = f->type == FRAME_RST_STREAM ? find(st, f->stream) : NULL;
	bool coming = s != NULL && from == st->client && !s->begun[HTTP_RESPONSE];
	if (s != NULL && !coming) /* else the answer may be on its way */
		finish(x, st, s, TRANSFER_CUT);
	return true;
}

/* The next n bytes of a DATA frame, or of what is passed over; p NULL: missing. */
static void pass(
    struct parse *x, struct http2_state *st, int from, const uint8_t *p, uint64_t n)
{
	struct side *side = &st->side[from];
	enum http_role role = from == st->client ? HTTP_REQUEST : HTTP_RESPONSE;
	uint64_t content = n < side->data ? n : side->data;
	struct stream *s = find(st, side->data_stream);
	if (content > 0 && s != NULL) {
		s->e->body[role] += content;
		http_body_data(x, &s->body[role], p, content);
	}
	side->data -= content;
	side->pad -= n - content;
	if (side->data > 0 || side->pad > 0)
		return;
	if (side->data_ends && s != NULL)
		message_end(x, st, s, role);
	side->data_ends = false;
	side->data_stream = 0;
}

/* A DATA frame begins; 0: more is needed, negative: malformed, else bytes to drop. */
static int data_begin(struct side *side, const struct frame *f, struct bytes b)
{
	bool padded = (f->flags & FLAG_PADDED) != 0;
	if (padded && b.left == 0)
		return 0;
	size_t pad = padded ? bytes_u8(&b) : 0;
	if (padded + pad > f->length)
		return -1;
	side->data = f->length - padded - pad;
	side->pad = pad;
	side->data_stream = f->stream;
	side->data_ends = (f->flags & FLAG_END_STREAM) != 0;
	return FRAME_HEADER + padded;
}

static bool is_read(unsigned type)
{
	return type == FRAME_HEADERS || type == FRAME_RST_STREAM ||
	       type == FRAME_SETTINGS || type == FRAME_PUSH_PROMISE ||
	       type == FRAME_CONTINUATION;
}

enum taken { TAKEN, TAKE_MORE, TAKE_FAILED };

static enum taken take_frame(struct parse *x, struct http2_state *st, int from)
{
	struct side *side = &st->side[from];
	struct bytes in = buffer_bytes(&side->in);
	if (side->data > 0 || side->pad > 0) {
		uint64_t left = side->data + side->pad;
		size_t n = left < in.left ? (size_t)left : in.left;
		if (n == 0)
			return TAKE_MORE;
		pass(x, st, from, in.pos, n);
		buffer_drop(&side->in, n);
		return TAKEN;
	}
	const uint8_t *p = bytes_take(&in, FRAME_HEADER);
	if (p == NULL)
		return TAKE_MORE;
	struct frame f = {.length = load_be32(p) >> 8,
	    .type = p[3],
	    .flags = p[4],
	    .stream = load_be32(p + 5) & 0x7fffffff};
	if (f.type == FRAME_DATA) {
		int n = data_begin(side, &f, in);
		if (n < 0)
			x->counters->malformed++;
		if (n <= 0)
			return n < 0 ? TAKE_FAILED : TAKE_MORE;
		buffer_drop(&side->in, (size_t)n);
		if (side->data == 0 && side->pad == 0)
			pass(x, st, from, NULL, 0);
		return TAKEN;
	}
	if (!is_read(f.type)) {
		side->pad = f.length;
		buffer_drop(&side->in, FRAME_HEADER);
		return TAKEN;
	}
	if (f.length > HTTP2_FRAME_MAX) {
		x->counters->over_limit++;
		return TAKE_FAILED;
	}
	if (in.left < f.length)
		return TAKE_MORE;
	bool good = on_frame(x, st, from, &f, bytes_sub(&in, f.length));
	buffer_drop(&side->in, FRAME_HEADER + f.length);
	return good ? TAKEN : TAKE_FAILED;
}

/* Take the client's preface; a server has none. */
static enum taken take_preface(struct side *side)
{
	struct bytes in = buffer_bytes(&side->in);
	size_t n = size_min(in.left, PREFACE_BYTES);
	if (n > 0 && memcmp(in.pos, preface, n) != 0)
		return TAKE_FAILED;
	if (n < PREFACE_BYTES)
		return TAKE_MORE;
	buffer_drop(&side->in, n);
	side->preface = true;
	return TAKEN;
}

static bool begin(struct http2_state *st, const struct flow_data *d)
{
	struct bytes b = bytes_over(d->p, d->n);
	bool server = is_settings(b);
	st->client = server ? !d->side : d->side;
	st->side[!st->client].preface = true;
	st->known = true;
	for (int i = 0; i < 2; i++) {
		st->side[i].table = HTTP2_HELD_GUESS;
		if (nghttp2_hd_inflate_new(&st->side[i].inflater) != 0)
			return false;
	}
	return true;
}

static enum parse_result http2_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct http2_state *st = state;
	struct side *side = &st->side[d->side];
	if (d->n == 0 && d->wire == 0)
		return PARSE_OK;
	if (!st->known && !begin(st, d))
		return PARSE_FAILED;
	if (!buffer_put(&side->in, d->p, d->n, FRAME_HEADER + HTTP2_FRAME_MAX + d->n))
		return PARSE_FAILED;
	enum taken t = side->preface ? TAKEN : take_preface(side);
	if (side->preface)
		parse_confirm(x);
	while (t == TAKEN)
		t = take_frame(x, st, d->side);
	if (t == TAKE_FAILED || !buffer_keep(&side->in))
		return PARSE_FAILED;
	uint64_t cut = d->wire - d->n;
	if (cut > side->data + side->pad || (cut > 0 && side->in.view_n > 0)) {
		x->counters->truncated++;
		return PARSE_DONE;
	}
	if (cut > 0)
		pass(x, st, d->side, NULL, cut);
	return PARSE_OK;
}

/* Content may be missing; without a header block the ones after it can not be read. */
static enum parse_result http2_gap(struct parse *x, void *state, int from, uint64_t n)
{
	struct http2_state *st = state;
	const struct side *side = &st->side[from];
	if (!st->known || n > side->data + side->pad) {
		x->counters->truncated++;
		return PARSE_DONE;
	}
	if (n > 0)
		pass(x, st, from, NULL, n);
	return PARSE_OK;
}

static void http2_close(struct parse *x, void *state)
{
	struct http2_state *st = state;
	while (st->n > 0)
		finish(x, st, &st->streams[0], TRANSFER_CUT);
	for (int i = 0; i < 2; i++) {
		buffer_free(&st->side[i].in);
		nghttp2_hd_inflate_del(st->side[i].inflater);
	}
}

static size_t http2_held(const void *state)
{
	const struct http2_state *st = state;
	size_t n = st->queue.held;
	for (int i = 0; i < 2; i++)
		n += st->side[i].in.own_room + (size_t)st->side[i].table +
		     HTTP2_HELD_GUESS;
	for (size_t i = 0; i < st->n; i++)
		n += http_body_held(&st->streams[i].body[0]) +
		     http_body_held(&st->streams[i].body[1]);
	return n;
}

const struct proto_parser http2_parser = {
    .name = "http2",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('P', 'P'),
    .probe = http2_probe,
    .state_size = sizeof(struct http2_state),
    .data = http2_data,
    .gap = http2_gap,
    .close = http2_close,
    .held = http2_held,
};
