/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 (RFC 9110, RFC 9112), and what HTTP/0.9 left behind.
 *
 *     START - line -> HEAD - empty line -> LENGTH or CLOSE or CHUNK_SIZE ...
 *       ^                                    |
 *       +------------------------------------+ (CHUNK_DATA, CHUNK_END, TRAILER)
 *
 * Each role (requests, responses) runs through this by itself; the queue joins
 * the n-th response to the n-th request. Bodies are passed on as files
 * (http_body.h). After a gap inside a header a role is LOST: what was
 * open is emitted, and reading goes on only where a piece of data begins with
 * a start line, for responses only when one request alone waits, so that no
 * response is given to the wrong request. After 101 and after the preface of HTTP/2 the
 * bytes are another protocol's; after a CONNECT that succeeded they are handed over.
 */
#include <string.h>
#include <strings.h>

#include "base/size.h"
#include "proto/parser.h"
#include "proto/shared/line.h"
#include "proto/web/http_body.h"
#include "proto/web/http_exchange.h"
#include "proto/web/http_field.h"
#include "proto/web/http_start.h"

enum http_step {
	STEP_START,
	STEP_HEAD,
	STEP_LENGTH,     /* left bytes of body */
	STEP_CHUNK_SIZE, /* the line before a chunk */
	STEP_CHUNK_DATA, /* left bytes of chunk */
	STEP_CHUNK_END,  /* the empty line after it */
	STEP_TRAILER,
	STEP_CLOSE, /* body until the connection ends */
	STEP_LOST,  /* where in a message we are is not known */
};

struct http_side {
	enum http_step step;
	struct http_exchange *e; /* of the message that is open; in the queue */
	struct http_mark mark;   /* where the message began */
	struct http_fields fields;
	struct http_body body;
	struct line line;
	uint64_t left;
};

struct http_state {
	struct http_queue queue;
	struct http_side role[2];
	bool newer;   /* the rest is HTTP/2 */
	bool known;   /* client is set */
	bool tunnel;  /* a CONNECT succeeded */
	bool blamed;  /* parse_error was called: once a connection is enough */
	int client;   /* the side that sends requests */
	uint64_t got; /* requests read */
};

static enum probe http_probe(const struct flow *f, int side, struct bytes first)
{
	static const char newer[] = "PRI * HTTP/2.";
	(void)f;
	(void)side;
	if (first.left >= sizeof(newer) - 1 &&
	    memcmp(first.pos, newer, sizeof(newer) - 1) == 0)
		return PROBE_NO;
	enum probe response = http_probe_response(first);
	return response != PROBE_NO ? response : http_probe_request(first);
}

static struct http_side *side_of(struct http_state *st, enum http_role role)
{
	return &st->role[role];
}

/* The message of this role has ended; with it the exchange, if it was the last part. */
static void message_end(struct parse *x, struct http_state *st, enum http_role role)
{
	struct http_side *s = side_of(st, role);
	struct http_exchange *e = s->e;
	s->step = STEP_START;
	s->e = NULL;
	http_body_end(x, &s->body, TRANSFER_WHOLE);
	line_free(&s->line);
	e->open[role] = false;
	bool interim = e->status >= 100 && e->status < 200;
	if (role == HTTP_RESPONSE && !interim)
		e->answered = true;
	http_queue_emit(&st->queue, x, false);
}

static void lose(struct parse *x, struct http_state *st, enum http_role role)
{
	struct http_side *s = side_of(st, role);
	http_body_end(x, &s->body, TRANSFER_CUT);
	s->step = STEP_LOST;
	if (s->e != NULL)
		s->e->open[role] = false;
	s->e = NULL;
	line_free(&s->line);
}

/* Bytes are missing where they can not be skipped: emit all that is open. */
static void lose_both(struct parse *x, struct http_state *st)
{
	x->counters->truncated++;
	lose(x, st, HTTP_REQUEST);
	lose(x, st, HTTP_RESPONSE);
	http_queue_emit(&st->queue, x, true);
}

static void malformed(
    struct parse *x, struct http_state *st, enum http_role role, const char *what)
{
	x->counters->malformed++;
	if (!st->blamed)
		parse_error(x, role == HTTP_REQUEST ? st->client : !st->client, what);
	st->blamed = true;
	lose(x, st, role);
}

static enum parse_result start_request(
    struct parse *x, struct http_state *st, struct str line)
{
	struct http_side *s = side_of(st, HTTP_REQUEST);
	struct http_request_line r;
	if (!http_request_line(line, &r)) {
		if (st->got == 0 && st->queue.depth == 0)
			return PARSE_FAILED;
		malformed(x, st, HTTP_REQUEST, "not a request line");
		return PARSE_OK;
	}
	struct http_exchange *e = http_queue_add(&st->queue, x, &s->mark);
	if (e == NULL)
		return PARSE_FAILED;
	st->got++;
	if (s->line.cut && r.version == 9)
		r.version = -1; /* the version stood in what was not kept */
	e->version[HTTP_REQUEST] = r.version;
	e->head = r.method.n == 4 && strncasecmp(r.method.p, "HEAD", 4) == 0;
	e->connect = r.method.n == 7 && strncasecmp(r.method.p, "CONNECT", 7) == 0;
	e->open[HTTP_REQUEST] = true;
	http_text_set(&st->queue, e, HTTP_METHOD, r.method);
	http_text_set(&st->queue, e, HTTP_URI, r.target);
	s->e = e;
	s->fields = (struct http_fields){0};
	s->step = STEP_HEAD;
	if (r.version == 20) { /* RFC 9113, 3.4: PRI * HTTP/2.0 */
		x->counters->unsupported++;
		return PARSE_DONE;
	}
	if (r.version != 9)
		parse_confirm(x);
	return PARSE_OK;
}

/* The exchange that a response belongs to; one without a request if none waits. */
static struct http_exchange *response_exchange(struct parse *x, struct http_state *st)
{
	struct http_exchange *e = http_queue_waiting(&st->queue);
	parse_confirm(x);
	if (e != NULL)
		return e;
	return http_queue_add(&st->queue, x, &side_of(st, HTTP_RESPONSE)->mark);
}

static enum parse_result start_response(
    struct parse *x, struct http_state *st, struct str line)
{
	struct http_side *s = side_of(st, HTTP_RESPONSE);
	struct http_status_line r;
	if (!http_status_line(line, &r)) {
		malformed(x, st, HTTP_RESPONSE, "not a status line");
		return PARSE_OK;
	}
	struct http_exchange *e = response_exchange(x, st);
	if (e == NULL)
		return PARSE_FAILED;
	e->status = r.status;
	e->version[HTTP_RESPONSE] = r.version;
	e->open[HTTP_RESPONSE] = true;
	http_text_drop(e, HTTP_REASON);
	if (r.reason.p != NULL)
		http_text_set(&st->queue, e, HTTP_REASON, r.reason);
	s->e = e;
	s->fields = (struct http_fields){0};
	s->step = STEP_HEAD;
	return PARSE_OK;
}

/* There is a body, of that many bytes where they are known. */
static void body_begin(
    struct parse *x, struct http_state *st, enum http_role role, uint64_t total)
{
	struct http_side *s = side_of(st, role);
	struct http_exchange *e = s->e;
	struct transfer_about about = {.protocol = "http",
	    .side = role == HTTP_REQUEST ? st->client : !st->client,
	    .exchange = e->depth,
	    .total = total};
	struct http_content content = {
	    .type = http_text_get(
		e, role == HTTP_REQUEST ? HTTP_BODY_TYPE : HTTP_CONTENT_TYPE),
	    .coding = http_text_get(e, HTTP_CODING),
	    .disposition = http_text_get(e, HTTP_DISPOSITION),
	    .range = http_text_get(e, HTTP_RANGE)};
	if (total > 0)
		http_body_begin(x, &s->body, &about, &content);
}

/* Set the side up to pass over left bytes of body. */
static void skip_body(
    struct parse *x, struct http_state *st, enum http_role role, uint64_t left)
{
	struct http_side *s = side_of(st, role);
	s->left = left;
	s->step = STEP_LENGTH;
	line_free(&s->line);
	if (left == 0)
		message_end(x, st, role);
}

static bool has_chunks(const struct http_side *s, enum http_role role)
{
	/* Chunks are of HTTP/1.1 (RFC 9112, 6.1); an older message only claims them. */
	int version = s->e->version[role];
	return s->fields.chunked && (version >= 11 || version < 0);
}

/* DNS over HTTPS without the S (RFC 8484, 6). */
static void tell_dns(struct parse *x, const struct http_exchange *e, enum http_role role)
{
	struct str type =
	    http_text_get(e, role == HTTP_REQUEST ? HTTP_BODY_TYPE : HTTP_CONTENT_TYPE);
	if (str_equal(type, STR("application/dns-message")))
		parse_service(x, "doh");
}

/* RFC 9112, 6.3: how long the body is. */
static enum parse_result head_end(
    struct parse *x, struct http_state *st, enum http_role role)
{
	struct http_side *s = side_of(st, role);
	struct http_exchange *e = s->e;
	http_field_end(&s->fields, &st->queue, e);
	tell_dns(x, e, role);
	if (role == HTTP_RESPONSE) {
		bool none = e->head || (e->status >= 100 && e->status < 200) ||
			    e->status == 204 || e->status == 304;
		st->newer = e->status == 101 && s->fields.http2;
		st->tunnel = e->connect && e->status >= 200 && e->status < 300;
		if (e->status == 101 || st->tunnel)
			return PARSE_DONE;
		if (none) {
			message_end(x, st, role);
			return PARSE_OK;
		}
	}
	if (role == HTTP_REQUEST) {
		struct str host = http_host(x->scratch, e);
		if (http_is_name(host))
			parse_note(x, NOTE_HOST, host);
	}
	bool chunks = has_chunks(s, role);
	if (s->fields.bad_length && !chunks)
		x->counters->malformed++;
	bool none = !chunks && !s->fields.has_length && role == HTTP_REQUEST;
	bool counted = !chunks && s->fields.has_length;
	body_begin(x, st, role,
	    none      ? 0
	    : counted ? s->fields.length
		      : TRANSFER_NO_TOTAL);
	for (int t = HTTP_BODY_TYPE; t <= HTTP_RANGE; t++)
		http_text_drop(e, (unsigned)t);
	if (chunks)
		s->step = STEP_CHUNK_SIZE;
	else if (counted || none)
		skip_body(x, st, role, counted ? s->fields.length : 0);
	else
		s->step = STEP_CLOSE;
	return PARSE_OK;
}

static void chunk_begin(
    struct parse *x, struct http_state *st, enum http_role role, struct str line)
{
	struct http_side *s = side_of(st, role);
	if (!http_chunk_size(line, &s->left)) {
		malformed(x, st, role, "not a chunk size");
		return;
	}
	s->step = s->left > 0 ? STEP_CHUNK_DATA : STEP_TRAILER;
}

/* One line, in a step that reads lines. */
static enum parse_result on_line(
    struct parse *x, struct http_state *st, enum http_role role, struct str line)
{
	struct http_side *s = side_of(st, role);
	if (s->line.cut)
		x->counters->over_limit++;
	switch (s->step) {
	case STEP_START:
		while (line.n > 0 && line.p[0] == '\r') {
			line.p++;
			line.n--;
		}
		if (line.n == 0)
			return PARSE_OK; /* RFC 9112, 2.2 */
		return role == HTTP_REQUEST ? start_request(x, st, line)
					    : start_response(x, st, line);
	case STEP_HEAD:
		if (line.n == 0)
			return head_end(x, st, role);
		http_field_line(&s->fields, &st->queue, s->e, role, line);
		return PARSE_OK;
	case STEP_CHUNK_SIZE:
		chunk_begin(x, st, role, line);
		return PARSE_OK;
	case STEP_CHUNK_END:
		s->step = STEP_CHUNK_SIZE;
		return PARSE_OK;
	case STEP_TRAILER:
		if (line.n == 0)
			message_end(x, st, role);
		return PARSE_OK;
	case STEP_LENGTH:
	case STEP_CHUNK_DATA:
	case STEP_CLOSE:
	case STEP_LOST:
		break;
	}
	return PARSE_OK;
}

/* Pass over n bytes of body, which are at p, or missing (NULL); what is beyond the body
 * is left in *n. */
static void pass_body(struct parse *x, struct http_state *st, enum http_role role,
    const uint8_t *p, uint64_t *n)
{
	struct http_side *s = side_of(st, role);
	uint64_t take = s->step == STEP_CLOSE || s->left > *n ? *n : s->left;
	s->e->body[role] += take;
	http_body_data(x, &s->body, p, take);
	*n -= take;
	if (s->step == STEP_CLOSE)
		return;
	s->left -= take;
	if (s->left > 0)
		return;
	if (s->step == STEP_LENGTH)
		message_end(x, st, role);
	else
		s->step = STEP_CHUNK_END;
}

/* Whether data of a lost role begins with a message again. */
static bool found_again(struct http_state *st, enum http_role role, struct bytes in)
{
	struct http_exchange *e = http_queue_waiting(&st->queue);
	bool start = role == HTTP_REQUEST ? http_probe_request(in) == PROBE_YES
					  : e != NULL && e == st->queue.last &&
						http_probe_response(in) == PROBE_YES;
	if (start)
		side_of(st, role)->step = STEP_START;
	return start;
}

/* An answer in HTTP/0.9 is the body alone;
 * but a newer server may answer as it always does. */
static bool is_bare_answer(
    const struct http_state *st, enum http_role role, struct bytes in)
{
	if (role != HTTP_RESPONSE || st->role[role].line.begun ||
	    http_probe_response(in) == PROBE_YES)
		return false;
	const struct http_exchange *e = http_queue_waiting(&st->queue);
	return e != NULL && e->version[HTTP_REQUEST] == 9;
}

static void begin_bare_answer(struct parse *x, struct http_state *st)
{
	struct http_side *s = side_of(st, HTTP_RESPONSE);
	s->e = response_exchange(x, st);
	s->e->version[HTTP_RESPONSE] = 9;
	s->e->open[HTTP_RESPONSE] = true;
	s->step = STEP_CLOSE;
	body_begin(x, st, HTTP_RESPONSE, TRANSFER_NO_TOTAL);
}

static enum parse_result feed(
    struct parse *x, struct http_state *st, enum http_role role, struct bytes in)
{
	struct http_side *s = side_of(st, role);
	while (in.left > 0) {
		if (s->step == STEP_LOST && !found_again(st, role, in))
			return PARSE_OK;
		if (s->step == STEP_START && !s->line.begun)
			s->mark = (struct http_mark){x->ts, x->source, x->offset};
		if (s->step == STEP_START && is_bare_answer(st, role, in))
			begin_bare_answer(x, st);
		if (s->step == STEP_LENGTH || s->step == STEP_CHUNK_DATA ||
		    s->step == STEP_CLOSE) {
			uint64_t n = in.left;
			pass_body(x, st, role, in.pos, &n);
			bytes_skip(&in, in.left - (size_t)n);
			continue;
		}
		struct str line;
		if (!line_take(&s->line, &in, &line))
			return PARSE_OK;
		enum parse_result r = on_line(x, st, role, line);
		if (st->tunnel)
			parse_hand_over(x, NULL, in.left);
		if (st->newer)
			parse_hand_over(x, "http2", in.left);
		if (r != PARSE_OK)
			return r;
		if (s->step == STEP_LOST)
			return PARSE_OK; /* only a new piece may begin with a message */
	}
	return PARSE_OK;
}

static enum parse_result http_gap(struct parse *x, void *state, int side, uint64_t n)
{
	struct http_state *st = state;
	if (!st->known)
		return PARSE_OK;
	enum http_role role = side == st->client ? HTTP_REQUEST : HTTP_RESPONSE;
	struct http_side *s = side_of(st, role);
	if (s->step == STEP_LENGTH || s->step == STEP_CHUNK_DATA || s->step == STEP_CLOSE)
		pass_body(x, st, role, NULL, &n);
	if (n > 0)
		lose_both(x, st);
	return PARSE_OK;
}

static enum parse_result http_data(
    struct parse *x, void *state, const struct flow_data *d)
{
	struct http_state *st = state;
	struct bytes in = bytes_over(d->p, d->n);
	if (!st->known && d->n > 0) {
		bool response = http_probe_response(in) != PROBE_NO;
		st->client = response ? !d->side : d->side;
		st->known = true;
	}
	enum http_role role = d->side == st->client ? HTTP_REQUEST : HTTP_RESPONSE;
	enum parse_result r = feed(x, st, role, in);
	if (r == PARSE_OK && d->wire > d->n)
		r = http_gap(x, state, d->side, d->wire - d->n);
	return r;
}

/* A body that the end of the connection ends is whole where its sender closed. */
static void close_body(struct parse *x, struct http_state *st, enum http_role role)
{
	struct http_side *s = side_of(st, role);
	int side = role == HTTP_REQUEST ? st->client : !st->client;
	bool closed = strchr(flow_history(x->flow), side == 0 ? 'F' : 'f') != NULL;
	http_body_end(x, &s->body,
	    s->step != STEP_CLOSE ? TRANSFER_CUT
	    : closed              ? TRANSFER_WHOLE
				  : TRANSFER_OPEN);
}

static void http_close(struct parse *x, void *state)
{
	struct http_state *st = state;
	close_body(x, st, HTTP_REQUEST);
	close_body(x, st, HTTP_RESPONSE);
	http_queue_emit(&st->queue, x, true);
	line_free(&st->role[HTTP_REQUEST].line);
	line_free(&st->role[HTTP_RESPONSE].line);
}

static size_t http_held(const void *state)
{
	const struct http_state *st = state;
	return st->queue.held + st->role[0].line.room + st->role[1].line.room +
	       http_body_held(&st->role[0].body) + http_body_held(&st->role[1].body);
}

const struct proto_parser http_parser = {
    .name = "http",
    .transports = TRANSPORT_TCP,
    PARSER_FIRST('\n', '\n', '\r', '\r', '!', '~'),
    PARSER_PORTS(80, 591, 3128, 5985, 8000, 8008, 8080, 8088, 8888),
    .probe = http_probe,
    .state_size = sizeof(struct http_state),
    .data = http_data,
    .gap = http_gap,
    .close = http_close,
    .held = http_held,
};
