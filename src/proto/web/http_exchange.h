/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request with its response while they pass,
 * and the queue of those that wait for an answer.
 *
 * Texts are kept as they came, in one block of the exchange; they are made clean when the
 * record is written.
 */
#ifndef DWELL_PROTO_HTTP_EXCHANGE_H
#define DWELL_PROTO_HTTP_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "proto/parser.h"

#define HTTP_PIPELINE_MAX 64    /* requests of a connection that wait for a response */
#define HTTP_TEXT_MAX     65536 /* bytes of text kept of one exchange */
#define HTTP_PROXIED_MAX  8     /* proxy headers kept of one request */

enum http_role { HTTP_REQUEST, HTTP_RESPONSE };

enum http_text {
	HTTP_METHOD,
	HTTP_URI,
	HTTP_HOST,
	HTTP_USER_AGENT,
	HTTP_REFERRER,
	HTTP_ORIGIN,
	HTTP_USERNAME,
	HTTP_REASON,
	HTTP_CONTENT_TYPE,
	HTTP_BODY_TYPE,   /* Content-Type of the request; these four until the body begins
			   */
	HTTP_CODING,      /* Content-Encoding */
	HTTP_DISPOSITION, /* Content-Disposition */
	HTTP_RANGE,       /* Content-Range */
	HTTP_SCRATCH,     /* a value that is read once and not stored */
	HTTP_PROXIED,     /* and the HTTP_PROXIED_MAX - 1 after it */
	HTTP_TEXTS = HTTP_PROXIED + HTTP_PROXIED_MAX
};

struct http_span {
	uint32_t at, n; /* in the exchange's text */
	bool set;
};

/* Where and when a byte was seen. */
struct http_mark {
	struct moment ts;
	uint32_t source;
	uint64_t offset;
};

struct http_exchange {
	struct http_exchange *next; /* asked after this one */
	struct http_mark mark;      /* of its first byte */
	uint64_t depth;
	uint64_t body[2]; /* bytes, by role */
	int status;       /* -1: none */
	int version[2];   /* ten times major plus minor, by role; -1: none */
	bool open[2];     /* a message has begun and not ended, by role */
	bool answered;    /* the final response is complete */
	bool head;        /* the method is HEAD: the response has no body */
	bool connect;     /* the method is CONNECT */
	unsigned proxied; /* proxy headers kept */
	unsigned char proxied_name[HTTP_PROXIED_MAX];
	struct http_span span[HTTP_TEXTS];
	char *text; /* owned */
	size_t text_n, text_room;
};

struct http_queue {
	struct http_exchange *first, *last; /* owned */
	size_t n;
	uint64_t depth; /* of the newest exchange */
	size_t held;    /* bytes that the exchanges own */
};

/* Names of the proxy headers, in the order of http_exchange.proxied_name. */
extern const char *const http_proxy_headers[];

/* A new exchange at the end of the queue; the oldest is emitted first when the queue is
 * full (counted). NULL only without memory. */
struct http_exchange *http_queue_add(
    struct http_queue *q, struct parse *x, const struct http_mark *mark);

/* The first exchange whose final response has not come; NULL: none. */
struct http_exchange *http_queue_waiting(const struct http_queue *q);

/* Emit and free those at the front that are complete, or, with all, every one. */
void http_queue_emit(struct http_queue *q, struct parse *x, bool all);

/* Emit and free that one, wherever it stands. */
void http_queue_take(struct http_queue *q, struct parse *x, struct http_exchange *e);

/* Set a text (copied), replacing the one before.
 * False, with the text cut, over HTTP_TEXT_MAX. */
bool http_text_set(
    struct http_queue *q, struct http_exchange *e, unsigned t, struct str s);

/* Append to a text; the same limit. */
bool http_text_append(
    struct http_queue *q, struct http_exchange *e, unsigned t, struct str s);

/* The text as it came, borrowed until the next set or append; absent when never set. */
struct str http_text_get(const struct http_exchange *e, unsigned t);

/* Forget a text, and overwrite its bytes. */
void http_text_drop(struct http_exchange *e, unsigned t);

/* The host that a request is for, as it is stored: Host header,
 * else the target's authority; lower case, without port, user,
 * brackets and final dot. Absent: none. In the arena. */
struct str http_host(struct arena *a, const struct http_exchange *e);

#endif
