/* SPDX-License-Identifier: Apache-2.0 */
/* Lines out of a stream that arrives in pieces:
 * nothing is copied while a line lies in one piece. */
#ifndef DWELL_PROTO_LINE_H
#define DWELL_PROTO_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/str.h"

#define LINE_KEPT_MAX 16384 /* bytes kept of one line; the rest is skipped */

struct line {
	char *own;   /* the beginning of a line whose end has not come; owned */
	size_t n;    /* bytes in own */
	size_t room; /* bytes own can take */
	bool begun;  /* own holds the beginning of a line, maybe of no bytes */
	bool cut;    /* the line last taken, or begun, was longer than is kept */
};

/*
 * Take the next line out of in: true when it is whole; *line is then its text without
 * line end (LF or CRLF, RFC 9112, 2.2), borrowed until in or l changes. False: in is used
 * up, the rest is kept.
 */
bool line_take(struct line *l, struct bytes *in, struct str *line);

/* Free what it owns; it may be used again. */
void line_free(struct line *l);

/* The text between the first pair of double quotes, or without any the first word; what
 * follows it is left in *s. Backslashes stay. */
struct str line_word(struct str *s);

/* Whether a word is this one, in upper case, whatever the case of its letters. */
bool line_is(struct str word, const char *upper);

#endif
