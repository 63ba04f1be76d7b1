/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logons of the protocols of text lines (FTP, POP3, IMAP): who, how, and whether it was
 * let in; a row of the table login each. Names are taken out of what a client sends to
 * prove itself (SASL, RFC 4422), and nothing else of it is kept.
 */
#ifndef DWELL_PROTO_LOGIN_H
#define DWELL_PROTO_LOGIN_H

#include "proto/shared/datagram.h"

#define SASL_BYTES_MAX 4096 /* decoded of one answer of a client */

/* What is known of a logon, part of a parser's state. */
struct login {
	bool begun; /* the next three are set */
	struct moment ts;
	uint32_t source;
	uint64_t offset;
	struct kept user, mechanism;
	struct kept server, client; /* how each names its program; they stay */
	unsigned steps;             /* answers of the client in SASL so far */
};

/* A logon begins here, unless one has begun; mechanism is static or borrowed, cut to
 * what a kept text holds, and made lower case. */
void login_begin(struct parse *x, struct login *l, struct str mechanism);

/* Take the name as the client gave it, whatever was known before. */
void login_user(struct parse *x, struct login *l, struct str user);

/* Whether a line may be an answer in SASL, which has no space in it: a command that
 * follows where the server's side was not seen has one. */
bool login_answers(struct str line);

/* The user in a response of SASL's PLAIN (RFC 4616), "[for] NUL user NUL password":
 * borrowed; absent where it is cut before the password. */
struct str login_plain_user(struct bytes response);

/* Take the name out of one answer in SASL, in base64, of the mechanism of l. */
void login_sasl(struct parse *x, struct login *l, struct str answer);

/* The row: success as in the table, status the server's words (absent: none were seen).
 * What is known of the programs and the name stays for rows that follow. */
void login_emit(struct parse *x, struct login *l, const char *protocol, int success,
    struct str status);

/* The row of a connection that turns to TLS before anybody has logged on. */
void login_encrypted(
    struct parse *x, struct login *l, const char *protocol, struct str status);

#endif
