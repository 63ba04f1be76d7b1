/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a message in MIME (RFC 2045, RFC 2046), each of them a file: the body and
 * attachments of a mail, the fields of an HTML form (RFC 7578).
 *
 *     --boundary            the parts between boundaries, which may be such messages
 *     Content-Type: …       themselves; the line end before a boundary is the boundary's
 *
 *     content
 *     --boundary--
 */
#ifndef DWELL_PROTO_MIME_H
#define DWELL_PROTO_MIME_H

#include "proto/shared/transfer.h"

#define MIME_DEPTH_MAX    8    /* messages within messages */
#define MIME_BOUNDARY_MAX 70   /* RFC 2046, 5.1.1 */
#define MIME_FIELD_MAX    2048 /* bytes kept of a field of a part's header */

struct mime;

/* A mail, from the first line of its header on. about says what its parts share. NULL
 * without memory, which all functions take. */
struct mime *mime_mail(const struct transfer_about *about);

/* A body whose Content-Type says that it is parted; NULL when it does not say so. */
struct mime *mime_parts(const struct transfer_about *about, struct str content_type);

/* The next line, without its end; cut: not all of it. */
void mime_line(struct parse *x, struct mime *m, struct str line, bool cut);

/* The next bytes, whose lines may be of any length. */
void mime_bytes(struct parse *x, struct mime *m, const void *p, size_t n);

/* n bytes are missing here. */
void mime_gap(struct mime *m, uint64_t n);

/* The message has ended; whole: as it should. Frees it, *m becomes NULL. */
void mime_end(struct parse *x, struct mime **m, bool whole);

/* Bytes that it owns; 0 for NULL. */
size_t mime_held(const struct mime *m);

/* The value of a parameter of a header field (RFC 2045, 5.1: "value; name=x"), also in
 * the form name*=utf-8''x (RFC 8187); written to out. Its length, 0: there is none. */
size_t mime_parameter(struct str value, const char *name, char *out, size_t room);

#endif
