/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files on their way over a connection: what the parsers of HTTP, SMTP, FTP, SMB and TFTP
 * share. Bytes go through SHA-256 as they come and the first of them tell the type;
 * nothing else of the content is held, and nothing of it is stored.
 *
 *     begin -> data, data, gap, data … -> end: a row of the table file
 *
 * How many there are at once is bounded over all connections. One that is refused is
 * NULL, which every function takes: its bytes are then counted by nobody.
 */
#ifndef DWELL_PROTO_TRANSFER_H
#define DWELL_PROTO_TRANSFER_H

#include "proto/parser.h"

#define TRANSFERS_OPEN_MAX 8192 /* files of all connections at once */
#define TRANSFERS_IDLE_MAX 64   /* kept for the next ones */
#define TRANSFER_HEAD_MAX  2048 /* first bytes, by which the type is told */
#define TRANSFER_NAME_MAX  1024 /* bytes kept of a name */
#define TRANSFER_NO_TOTAL  UINT64_MAX

/* Of content that is compressed on its way. */
#define TRANSFERS_INFLATING_MAX 128         /* files at once: some 45 KiB each */
#define TRANSFER_INFLATE_FREE   (16u << 20) /* bytes that any may become … */
#define TRANSFER_INFLATE_RATIO  200 /* … and times the bytes sent, from there on */

struct transfers;
struct transfer;

/* What is known before the first byte. */
struct transfer_about {
	const char *protocol; /* as in the column; static */
	int side;             /* who sends it */
	uint64_t exchange;    /* number of the request or mail in its connection */
	uint64_t depth;       /* number of the part in its mail, from 1; 0: no mail */
	uint64_t total;       /* bytes announced; TRANSFER_NO_TOTAL: none */
	struct str name;      /* as sent; borrowed for the call; absent: none */
	bool partial;         /* announced as a part of a file */
};

enum transfer_end {
	TRANSFER_WHOLE, /* by what the protocol says, nothing follows */
	TRANSFER_CUT,   /* something was to follow */
	TRANSFER_OPEN,  /* nothing says whether this was all */
};

/* The files of all connections, none yet; NULL without memory. */
struct transfers *transfers_new(void);
void transfers_free(struct transfers *all);

/* A new file; NULL over a limit (counted), without memory, or where files are not
 * wanted. */
struct transfer *transfer_begin(struct parse *x, const struct transfer_about *about);

/* The bytes that will come are coded so, as Content-Encoding names it (RFC 9110, 8.4.1):
 * gzip and deflate are decoded, the bytes of others are taken as they are. Before data.
 */
void transfer_coding(struct transfer *t, struct str coding);

/* Set the name, where none is known yet. */
void transfer_name(struct transfer *t, struct str name);

/* The next n bytes. */
void transfer_data(struct parse *x, struct transfer *t, const void *p, size_t n);

/* n bytes are missing here: there will be no digest. */
void transfer_gap(struct transfer *t, uint64_t n);

/* The bytes can not be had as they are: there will be no digest. */
void transfer_spoil(struct transfer *t);

/* Bytes seen and missing so far; 0 for NULL. */
uint64_t transfer_at(const struct transfer *t);

/* The type by what was seen so far; static, NULL: not known, or t is. */
const char *transfer_type(struct transfer *t);

/* Emit the row, where there was a byte, and free the file; *t becomes NULL. */
void transfer_end(struct parse *x, struct transfer **t, enum transfer_end end);

#endif
