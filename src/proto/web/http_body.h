/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a message of HTTP as a file, or as the files that a form holds; and what
 * it says of certificates. */
#ifndef DWELL_PROTO_HTTP_BODY_H
#define DWELL_PROTO_HTTP_BODY_H

#include "proto/buffer.h"
#include "proto/shared/transfer.h"

struct mime;

/* What the header says of the body; texts as sent, borrowed, absent: not said. */
struct http_content {
	struct str type;        /* Content-Type */
	struct str coding;      /* Content-Encoding */
	struct str disposition; /* Content-Disposition */
	struct str range;       /* Content-Range */
};

struct http_body {
	struct transfer *file; /* owned; NULL: none */
	struct mime *mime;     /* owned; NULL: none */
	struct buffer *ocsp;   /* an answer of OCSP so far; owned; NULL: none */
};

/* The header has ended. about: all but name and partial, the total as Content-Length says
 * it. */
void http_body_begin(struct parse *x, struct http_body *b, struct transfer_about *about,
    const struct http_content *content);

/* The next n bytes; p NULL: they are missing. */
void http_body_data(struct parse *x, struct http_body *b, const void *p, uint64_t n);

/* The body is over. Frees what it holds. */
void http_body_end(struct parse *x, struct http_body *b, enum transfer_end end);

/* Bytes that it holds, without files. */
size_t http_body_held(const struct http_body *b);

#endif
