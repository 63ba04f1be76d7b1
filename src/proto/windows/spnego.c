/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/windows/spnego.h"

#include "proto/shared/der.h"
#include "proto/windows/ntlm.h"

#define GSS_TOKEN      0x60 /* [APPLICATION 0] */
#define NEG_INIT       0xa0
#define NEG_RESP       0xa1
#define NEG_STATE      0xa0 /* in negTokenResp */
#define MECH_TOKEN     0xa2 /* in both */
#define DER_ENUMERATED 0x0a
#define SPNEGO_NESTING 4 /* tokens inside tokens */

#define OID_IS(b, literal)                                                               \
	((b).left == sizeof(literal) - 1 &&                                              \
	    memcmp((b).pos, (literal), sizeof(literal) - 1) == 0)

static bool is_kerberos(struct bytes oid)
{
	return OID_IS(oid, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02") ||
	       OID_IS(
		   oid, "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"); /* as Windows had it */
}

/* The fields of a negTokenInit or negTokenResp; *inner is the token inside. */
static void read_neg(struct bytes b, bool response, struct spnego *s, struct bytes *inner)
{
	struct der sequence, field, value;
	if (!der_expect(&b, DER_SEQUENCE, &sequence))
		return;
	while (sequence.content.left > 0 && der_next(&sequence.content, &field)) {
		if (response && field.tag == NEG_STATE &&
		    der_expect(&field.content, DER_ENUMERATED, &value) &&
		    value.content.left == 1 && value.content.pos[0] <= SPNEGO_REQUEST_MIC)
			s->state = (enum spnego_state)value.content.pos[0];
		else if (field.tag == MECH_TOKEN &&
			 der_expect(&field.content, DER_OCTET_STRING, &value))
			*inner = value.content;
	}
}

/* The message behind the OID of Kerberos: two bytes of token identifier, then DER. */
static void read_kerberos(struct bytes b, struct spnego *s)
{
	unsigned id = bytes_be16(&b);
	if (!b.bad && id >= 0x0100 && id <= 0x0300)
		s->kerberos = b;
}

/* Look at one token; the one inside it, which is empty at the end. */
static struct bytes step(struct bytes token, struct spnego *s)
{
	struct bytes inner = {0};
	struct der outer, oid;
	if (ntlm_is(token)) {
		s->ntlm = token;
		return inner;
	}
	if (!der_next(&token, &outer))
		return inner;
	if (outer.tag == GSS_TOKEN) {
		if (!der_expect(&outer.content, DER_OID, &oid))
			return inner;
		if (!is_kerberos(oid.content))
			return outer.content;
		read_kerberos(outer.content, s);
	} else if (outer.tag == NEG_INIT || outer.tag == NEG_RESP) {
		read_neg(outer.content, outer.tag == NEG_RESP, s, &inner);
	} else if (outer.tag >= 0x6e && outer.tag <= 0x7e) {
		s->kerberos = outer.whole; /* without a GSS-API header (DCE style) */
	}
	return inner;
}

struct spnego spnego_read(struct bytes blob)
{
	struct spnego s = {.state = SPNEGO_NO_STATE};
	for (int i = 0; i < SPNEGO_NESTING && blob.left > 0; i++)
		blob = step(blob, &s);
	return s;
}
