/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RESP, the serialization of Redis (versions 2 and 3), one side of it.
 *
 *     *2\r\n $3\r\nGET\r\n $1\r\na\r\n      a list of texts: how commands are sent
 *     +OK  -ERR text  :5  $-1  *-1  %2 …    what answers are made of, each behind \r\n
 *
 * Lists in lists are not remembered: it is enough to count how many elements are still
 * to come until the whole is over. Of its texts the first bytes are kept.
 */
#ifndef DWELL_PROTO_REDIS_READ_H
#define DWELL_PROTO_REDIS_READ_H

#include "proto/parser.h"
#include "proto/shared/line.h"

#define REDIS_KEPT     2048 /* bytes kept of all texts of one command or answer */
#define REDIS_ARGS_MAX 64   /* texts of it that are told apart */

enum redis_outcome {
	REDIS_MORE, /* all bytes are used up */
	REDIS_ITEM, /* one is whole; the reader keeps it until the next call */
	REDIS_BAD,  /* no RESP */
};

struct redis_reader {
	struct line line;
	uint64_t bulk;    /* bytes left of a text with a length, its end included */
	uint64_t pending; /* elements left of the item; 0: between items */
	bool attributes;  /* what comes before it is being read */
	bool inline_too;  /* lines without a type are commands, split at blanks */
	char type;        /* of the item */
	int64_t count;    /* of its elements, or bytes of its text; negative: null */
	uint64_t bytes;   /* on the wire */
	char *text;       /* owned: the texts one after the other, REDIS_KEPT bytes */
	size_t n;         /* bytes in text */
	size_t end[REDIS_ARGS_MAX]; /* where each ends */
	size_t args;                /* texts told apart */
	uint64_t all;               /* texts there were */
	uint64_t cut;               /* bytes of the text at hand that were not kept */
};

/* Read on; *in is used up as far as it was read. */
enum redis_outcome redis_read(struct redis_reader *r, struct bytes *in);

/* The i-th text of the item; absent: there are not so many. */
struct str redis_arg(const struct redis_reader *r, size_t i);

/* n bytes are missing: true when they lie inside of a text, which goes on then. */
bool redis_gap(struct redis_reader *r, uint64_t n);

/* Forget the item at hand, and what was held. */
void redis_reset(struct redis_reader *r);

/* Free what it owns. */
void redis_free(struct redis_reader *r);

/* Bytes that it owns. */
size_t redis_held(const struct redis_reader *r);

#endif
