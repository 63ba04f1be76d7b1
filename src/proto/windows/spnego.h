/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GSS-API tokens (RFC 2743, 3.1) and SPNEGO (RFC 4178): which token of which mechanism
 * they carry.
 *
 *     60 len OID(SPNEGO) a0 negTokenInit … mechToken   or   a1 negTokenResp …
 * responseToken 60 len OID(Kerberos) 01 00 AP-REQ                or   "NTLMSSP\0" …
 */
#ifndef DWELL_PROTO_SPNEGO_H
#define DWELL_PROTO_SPNEGO_H

#include "base/bytes.h"

enum spnego_state {
	SPNEGO_NO_STATE = -1,
	SPNEGO_ACCEPTED = 0,
	SPNEGO_INCOMPLETE = 1,
	SPNEGO_REJECTED = 2,
	SPNEGO_REQUEST_MIC = 3,
};

struct spnego {
	struct bytes ntlm; /* a token of NTLM; empty: none */
	/* A message of Kerberos (AP-REQ, AP-REP, KRB-ERROR) in DER; empty: none. */
	struct bytes kerberos;
	enum spnego_state state;
};

/* Look into a security blob; cursors into it, which borrow its bytes. */
struct spnego spnego_read(struct bytes blob);

#endif
