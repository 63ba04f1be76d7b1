/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of LDAP (RFC 4511) as text, for ldap.c:
 *
 *     30 len | 02 message id | operation: a tag of its own, content | a0 controls
 */
#ifndef DWELL_PROTO_LDAP_H
#define DWELL_PROTO_LDAP_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/str.h"

#define LDAP_FILTER_DEPTH 24   /* filters inside filters; deeper ones become "..." */
#define LDAP_FILTER_MAX   4096 /* bytes of a filter as text */
#define LDAP_PARTS_MAX    64   /* attributes, changes or values that are written out */

enum ldap_op {
	LDAP_BIND = 0x60,
	LDAP_BIND_ANSWER = 0x61,
	LDAP_UNBIND = 0x42,
	LDAP_SEARCH = 0x63,
	LDAP_ENTRY = 0x64,
	LDAP_SEARCH_DONE = 0x65,
	LDAP_MODIFY = 0x66,
	LDAP_ADD = 0x68,
	LDAP_DELETE = 0x4a,
	LDAP_DELETE_ANSWER = 0x6b,
	LDAP_MODIFY_DN = 0x6c,
	LDAP_COMPARE = 0x6e,
	LDAP_COMPARE_ANSWER = 0x6f,
	LDAP_ABANDON = 0x50,
	LDAP_REFERENCE = 0x73,
	LDAP_EXTENDED = 0x77,
	LDAP_EXTENDED_ANSWER = 0x78,
	LDAP_INTERMEDIATE = 0x79,
};

/* What a request says; texts in the arena or static. */
struct ldap_request {
	const char *opcode; /* as Zeek names it */
	int64_t version;    /* of a bind; -1 */
	struct str object, argument;
	const char *scope, *deref; /* of a search, likewise */
	struct str base, filter;
	struct str attributes; /* joined by '\n' */
	struct bytes token;    /* credentials of SASL or of Microsoft's own binds */
	bool starttls;
};

/* How an operation ended. */
struct ldap_result {
	int64_t code;
	struct str diagnostic;
	struct bytes token; /* the server's credentials */
};

/* Whether a message with a known operation begins here. */
bool ldap_is(struct bytes b);

/* Read the head of a message: its id and operation; *content is the operation's, as far
 * as it is there. False: it is none. */
bool ldap_head(struct bytes b, int64_t *id, unsigned *op, struct bytes *content);

/* Whether this operation asks for something. */
bool ldap_asks(unsigned op);

/* Read the content of a request. */
void ldap_request_read(
    struct arena *a, unsigned op, struct bytes content, struct ldap_request *r);

/* Read the content of an answer; false: it has no result. */
bool ldap_result_read(
    struct arena *a, unsigned op, struct bytes content, struct ldap_result *r);

/* The name of a result code as Zeek writes it; else its number, in the arena. */
struct str ldap_code(struct arena *a, int64_t code);

/* A filter as text (RFC 4515). */
struct str ldap_filter(struct arena *a, struct bytes *b);

#endif
