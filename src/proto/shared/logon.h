/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logons by dialogue, as telnet and rlogin have them: nothing but the words of the server
 * says what the client's next line is.
 *
 *     server: "… login: "    client: anna        the user
 *     server: "Password: "   client: …           passed over, never kept
 *     server: "Last login …", "$ "               accepted
 *     server: "Login incorrect", "login: "       refused
 *
 * A row of the table login an attempt, and one without a user where none was seen.
 */
#ifndef DWELL_PROTO_LOGON_H
#define DWELL_PROTO_LOGON_H

#include "proto/shared/datagram.h"

#define LOGON_LINE_MAX 160 /* bytes looked at of a server's line; its end counts */
#define LOGON_ROWS_MAX 256 /* attempts of one connection that get a row */

enum logon_expects {
	LOGON_NOTHING,
	LOGON_USER,     /* the client's line is a name */
	LOGON_PASSWORD, /* it is a password */
	LOGON_ANSWER,   /* the server will say whether it was right */
};

struct logon {
	const char *protocol; /* static */
	enum logon_expects expects;
	bool marked, tried, typing;
	unsigned rows;
	struct moment ts; /* of the attempt */
	uint32_t source;
	uint64_t offset;
	struct kept user, mechanism, client, server, target;
	struct kept status;
	int8_t success;   /* -1: not known */
	int8_t encrypted; /* -1: not told */
	uint8_t line_n;
	uint8_t typed_n;
	char line[LOGON_LINE_MAX]; /* what the server said last, without line end */
	char typed[LOGON_LINE_MAX];
};

/* Begin with the protocol's word (static). */
void logon_init(struct logon *l, const char *protocol);

/* Text that a side sent; without what belongs to the protocol itself. */
void logon_server(struct parse *x, struct logon *l, struct bytes text);
void logon_client(struct parse *x, struct logon *l, struct bytes text);

/* Remember when and where this attempt began, unless it has begun. */
void logon_mark(struct parse *x, struct logon *l);

/* Emit the attempt, where there was one; at the end also where there was none at all. */
void logon_emit(struct parse *x, struct logon *l, bool end);

#endif
