/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and answers of IMAP out of lines and literals (RFC 3501, 4.3):
 *
 *     a1 LOGIN {4} CRLF  jane  " " {6} CRLF  secret  CRLF
 *     └─ one text: a1 LOGIN "jane" "" ──────────────────┘
 *
 * A literal is bytes of any number and kind behind a line that ends in its length. Short
 * ones become quoted strings in the text, so that names are found either way; of long
 * ones only the length is kept. The text is cut to IMAP_TEXT_MAX bytes.
 */
#ifndef DWELL_PROTO_IMAP_H
#define DWELL_PROTO_IMAP_H

#include "proto/shared/line.h"

#define IMAP_TEXT_MAX    1024 /* bytes kept of a command or answer */
#define IMAP_LITERAL_MAX 256  /* bytes of a literal that goes into the text */

struct imap_text {
	struct line line;
	char text[IMAP_TEXT_MAX];
	size_t n;
	uint64_t left;     /* bytes of a literal that are still to come */
	bool shown;        /* it goes into the text */
	bool cut;          /* the text was longer than is kept */
	uint64_t literals; /* bytes of all literals of this text */
	uint64_t bodies;   /* of these, such as hold a mail or a part of one */
	bool open;         /* a text has begun that is not whole */
};

/*
 * Take the next whole command or answer out of in: its text, borrowed until the next
 * call, with literals and bodies counted. False: in is used up.
 */
bool imap_take(struct imap_text *t, struct bytes *in, struct str *text);

/* n bytes are missing: those of a literal are counted as if they were there; else the
 * text is lost up to the next line. */
void imap_skip(struct imap_text *t, uint64_t n);

/* Free what it owns. */
void imap_free(struct imap_text *t);

#endif
