/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of HTTP/1 that begin something: request line, status line, chunk size; and
 * whether the first bytes of a stream look like one of the first two. */
#ifndef DWELL_PROTO_HTTP_START_H
#define DWELL_PROTO_HTTP_START_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "proto/parser.h"

struct http_request_line {
	struct str method, target; /* borrowed from the line */
	int version; /* ten times major plus minor; 9: none was said; -1: odd */
};

struct http_status_line {
	int version;       /* as above */
	int status;        /* -1: not three digits */
	struct str reason; /* borrowed; absent: not even the space before it */
};

/* METHOD SP TARGET [SP HTTP/V] (RFC 9112, 3), with more
 * white space than it allows. Without a version only a known
 * method with a target that is a path or a URI is taken. */
bool http_request_line(struct str line, struct http_request_line *r);

/* HTTP/V SP STATUS [SP REASON] (RFC 9112, 4). */
bool http_status_line(struct str line, struct http_status_line *r);

/* The size at the beginning of a chunk: leading hexadecimal digits, whatever follows (RFC
 * 9112, 7.1); false: none, or more than 64 bits. */
bool http_chunk_size(struct str line, uint64_t *size);

/* What the first bytes say. */
enum probe http_probe_request(struct bytes first);
enum probe http_probe_response(struct bytes first);

/* Whether a host is a name, not an address (and not absent). */
bool http_is_name(struct str host);

#endif
