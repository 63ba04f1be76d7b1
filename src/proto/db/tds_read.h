/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of TDS messages, for tds.c. */
#ifndef DWELL_PROTO_TDS_READ_H
#define DWELL_PROTO_TDS_READ_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

/* What a client's LOGIN7 says (MS-TDS, 2.2.6.4); texts in the arena. Its password is not
 * even looked at. */
struct tds_login {
	struct str host, user, app, server, database;
	struct bytes sspi; /* a token of SPNEGO or NTLM; empty: none */
};

/* Read a LOGIN7; false: it is none. */
bool tds_login_read(struct arena *a, struct bytes b, struct tds_login *l);

/* A call of a procedure (2.2.6.6): its name (static, or in the arena), and the statement
 * among its parameters where it has one. */
struct tds_call {
	struct str name, statement;
};

/* Read a call; false: it is none. */
bool tds_call_read(struct arena *a, struct bytes b, struct tds_call *c);

/* Skip ALL_HEADERS (2.2.5.3), which stand before a request since TDS 7.2. */
void tds_skip_headers(struct bytes *b);

/* The version in a PRELOGIN (2.2.6.5), in the arena; absent: it has none. */
struct str tds_prelogin_version(struct arena *a, struct bytes b);

#endif
