/* SPDX-License-Identifier: Apache-2.0 */
/*
 *     OCSPResponse { ENUMERATED status, [0] { OID basic, OCTET STRING {
 *         { { [0] version, [1] or [2] responder, producedAt,
 *             { { { { hash OID }, name hash, key hash, serial },
 *                 [0] good | [1] { revoked at, [0] { why } } | [2] unknown,
 *                 thisUpdate, [0] { nextUpdate }, [1] extensions } … } },
 *         signature … } } } }
 */
#include "proto/shared/ocsp.h"

#include "proto/shared/asn1.h"

static const struct {
	const char *word;
	uint8_t n;
	const char *oid;
} hashes[] = {
    {"sha1", 5, "\x2b\x0e\x03\x02\x1a"},
    {"sha256", 9, "\x60\x86\x48\x01\x65\x03\x04\x02\x01"},
    {"sha384", 9, "\x60\x86\x48\x01\x65\x03\x04\x02\x02"},
    {"sha512", 9, "\x60\x86\x48\x01\x65\x03\x04\x02\x03"},
    {"md5", 8, "\x2a\x86\x48\x86\xf7\x0d\x02\x05"},
};

static struct str hash_word(struct bytes oid)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (oid.left == hashes[i].n &&
		    memcmp(oid.pos, hashes[i].oid, hashes[i].n) == 0)
			return str_of(hashes[i].word);
	}
	return (struct str){NULL, 0};
}

/* RFC 5280, 5.3.1 */
static struct str reason_word(int64_t reason)
{
	static const char *const words[] = {"unspecified", "keyCompromise",
	    "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
	    "certificateHold", NULL, "removeFromCRL", "privilegeWithdrawn",
	    "aACompromise"};
	bool known = reason >= 0 && (size_t)reason < sizeof(words) / sizeof(words[0]) &&
		     words[reason] != NULL;
	return known ? str_of(words[reason]) : (struct str){NULL, 0};
}

static bool cert_id(struct parse *x, struct bytes id, struct ocsp_record *r)
{
	struct der algorithm, oid, name, key, serial;
	if (!der_expect(&id, DER_SEQUENCE, &algorithm) ||
	    !der_expect(&algorithm.content, DER_OID, &oid) ||
	    !der_expect(&id, DER_OCTET_STRING, &name) ||
	    !der_expect(&id, DER_OCTET_STRING, &key) ||
	    !der_expect(&id, DER_INTEGER, &serial))
		return false;
	r->hash_alg = hash_word(oid.content);
	r->issuer_name_hash = str_hex(x->scratch, name.content.pos, name.content.left);
	r->issuer_key_hash = str_hex(x->scratch, key.content.pos, key.content.left);
	r->serial = der_serial_text(x->scratch, serial.content);
	return true;
}

static bool cert_status(struct bytes *b, struct ocsp_record *r)
{
	struct der status, at, why;
	if (!der_next(b, &status))
		return false;
	switch (status.tag & ~0x20) {
	case DER_CONTEXT:
		r->status = STR("good");
		return true;
	case DER_CONTEXT + 2:
		r->status = STR("unknown");
		return true;
	case DER_CONTEXT + 1:
		r->status = STR("revoked");
		if (!der_next(&status.content, &at))
			return false;
		r->revoked = der_time(&at);
		if (der_expect(&status.content, DER_CONSTRUCTED, &at) &&
		    der_next(&at.content, &why))
			r->reason = reason_word(asn1_number(&why));
		return true;
	default:
		return false;
	}
}

/* One certificate's answer. */
static bool single(
    struct parse *x, const char *protocol, struct moment produced, struct bytes b)
{
	struct ocsp_record r;
	struct der id, at, next;
	record_clear(RECORD_OCSP, &r);
	if (!der_expect(&b, DER_SEQUENCE, &id) || !cert_id(x, id.content, &r) ||
	    !cert_status(&b, &r) || !der_next(&b, &at))
		return false;
	r.ts = x->ts;
	r.protocol = str_of(protocol);
	r.produced = produced;
	r.this_update = der_time(&at);
	if (der_expect(&b, DER_CONSTRUCTED, &at) && der_next(&at.content, &next))
		r.next_update = der_time(&next);
	parse_endpoints(x, &r);
	parse_source(x, &r);
	parse_emit(x, RECORD_OCSP, &r);
	return true;
}

/* What the signature is over. */
static bool response_data(struct parse *x, const char *protocol, struct bytes b)
{
	struct der e, list, one;
	der_expect(&b, DER_CONSTRUCTED, &e); /* the version, where it is told */
	if (!der_next(&b, &e) || !der_expect(&b, DER_GENERALIZED_TIME, &e) ||
	    !der_expect(&b, DER_SEQUENCE, &list))
		return false;
	for (unsigned i = 0; list.content.left > 0; i++) {
		if (i == OCSP_ANSWERS_MAX) {
			x->counters->over_limit++;
			return true;
		}
		if (!der_expect(&list.content, DER_SEQUENCE, &one) ||
		    !single(x, protocol, der_time(&e), one.content))
			return false;
	}
	return true;
}

bool ocsp_emit(struct parse *x, const char *protocol, struct bytes answer)
{
	struct der whole, status, outer, body, type, text, basic, data;
	if (!der_expect(&answer, DER_SEQUENCE, &whole) ||
	    !der_expect(&whole.content, ASN1_ENUMERATED, &status))
		return false;
	if (asn1_number(&status) != 0)
		return true; /* try later, unauthorized …: it speaks of no certificate */
	return der_expect(&whole.content, DER_CONSTRUCTED, &outer) &&
	       der_expect(&outer.content, DER_SEQUENCE, &body) &&
	       der_expect(&body.content, DER_OID, &type) &&
	       der_expect(&body.content, DER_OCTET_STRING, &text) &&
	       der_expect(&text.content, DER_SEQUENCE, &basic) &&
	       der_expect(&basic.content, DER_SEQUENCE, &data) &&
	       response_data(x, protocol, data.content);
}
