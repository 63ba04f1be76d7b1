/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header fields of a message: which are kept, and what they say about the body (RFC
 * 9110, 6; RFC 9112, 5 and 6). A field may go on over several lines (obs-fold), so it is
 * finished only when the next one begins.
 */
#ifndef DWELL_PROTO_HTTP_FIELD_H
#define DWELL_PROTO_HTTP_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "proto/web/http_exchange.h"

/* What the fields of one message said. */
struct http_fields {
	const struct http_known *current; /* the field that may go on, or NULL */
	unsigned current_text;            /* where its value is kept */
	bool any;                         /* a field has been read */
	bool has_length;
	bool bad_length; /* Content-Length is no number, or there are two that differ */
	bool http2;      /* Upgrade says h2c (RFC 7540, 3.2) */
	bool chunked;    /* Transfer-Encoding says chunked */
	uint64_t length;
};

/* One line of the header of a message. */
void http_field_line(struct http_fields *f, struct http_queue *q, struct http_exchange *e,
    enum http_role role, struct str line);

/* The header has ended: finish the last field. */
void http_field_end(struct http_fields *f, struct http_queue *q, struct http_exchange *e);

/* s without spaces and tabs at both ends. */
struct str http_trim(struct str s);

#endif
