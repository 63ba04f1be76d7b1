/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NTLM (MS-NLMP) inside other protocols, bare or wrapped in SPNEGO (RFC 4178).
 *
 *     "NTLMSSP\0" | type 4 | 1 NEGOTIATE, 2 CHALLENGE (names of the server), 3
 * AUTHENTICATE
 *
 * The carrier gives every token it meets, and in the end whether the server accepted. One
 * record for each AUTHENTICATE, and for a CHALLENGE that nobody answered: so scanners
 * learn a server's names.
 */
#ifndef DWELL_PROTO_NTLM_H
#define DWELL_PROTO_NTLM_H

#include "proto/parser.h"

#define NTLM_NAME_MAX 512 /* bytes kept of one name */

enum ntlm_name {
	NTLM_SERVER_NB,   /* NetBIOS name of the server, from the CHALLENGE */
	NTLM_SERVER_DNS,  /* its DNS name */
	NTLM_SERVER_TREE, /* its forest */
	NTLM_TARGET,      /* its domain or itself */
	NTLM_USER,        /* from the AUTHENTICATE */
	NTLM_DOMAIN,
	NTLM_WORKSTATION,
	NTLM_NAMES
};

/* An authentication; zeroed at first. */
struct ntlm {
	char *name[NTLM_NAMES]; /* owned; NULL: absent */
	size_t held;            /* bytes of these */
	struct moment ts;       /* of the first token, and where it stands */
	uint32_t source;
	uint64_t offset;
	bool begun;       /* a token was seen */
	bool challenged;  /* the server has told its names */
	bool answered;    /* an AUTHENTICATE waits for its record */
	bool anonymous;   /* without user and response */
	uint8_t response; /* 1 or 2: NTLMv1 or NTLMv2; 0: none */
};

/* Whether a token of NTLM begins here. */
bool ntlm_is(struct bytes token);

/* Take in one token; carrier is the word of the protocol around it. What is no NTLM is
 * passed over. A second AUTHENTICATE emits the first. */
void ntlm_token(struct parse *x, struct ntlm *n, struct bytes token, const char *carrier);

/* The server's verdict: 1 accepted, 0 refused, negative: not known. Emits the record, if
 * there was more than a NEGOTIATE. */
void ntlm_done(struct parse *x, struct ntlm *n, int success, const char *carrier);

/* DOMAIN\user of the last AUTHENTICATE, in the arena; absent: none. */
struct str ntlm_account(struct arena *a, const struct ntlm *n);

/* Free what it owns; it may be used again. */
void ntlm_free(struct ntlm *n);

#endif
