/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate that was read, as the columns of a cert record. */
#include <string.h>

#include "base/addr.h"
#include "base/size.h"
#include "proto/shared/der.h"
#include "proto/tls/x509.h"

enum general_name { NAME_EMAIL = 1, NAME_DNS = 2, NAME_URI = 6, NAME_IP = 7 };

static bool oid_is(struct bytes oid, const void *der, size_t n)
{
	return oid.left == n && memcmp(oid.pos, der, n) == 0;
}

#define OID_IS(oid, der) oid_is((oid), (der), sizeof(der) - 1)

/* RSAPublicKey: { INTEGER n, INTEGER e }; RFC 8017, A.1.1. */
static void rsa_key(struct bytes key, struct cert_record *r)
{
	struct der list, modulus, exponent;
	bool negative;
	if (!der_expect(&key, DER_SEQUENCE, &list) ||
	    !der_expect(&list.content, DER_INTEGER, &modulus) ||
	    !der_expect(&list.content, DER_INTEGER, &exponent))
		return;
	r->key_type = STR("rsa");
	r->key_bits = (int64_t)der_bits(der_integer(modulus.content, &negative));
	struct bytes e = der_integer(exponent.content, &negative);
	if (negative || e.left == 0 || der_bits(e) > 63)
		return;
	r->exponent = 0;
	while (e.left > 0)
		r->exponent = r->exponent << 8 | bytes_u8(&e);
}

/* Dss-Parms: { INTEGER p, q, g }; RFC 3279, 2.3.2. */
static void dsa_key(struct bytes parameters, struct cert_record *r)
{
	struct der list, p;
	bool negative;
	r->key_type = STR("dsa");
	if (der_expect(&parameters, DER_SEQUENCE, &list) &&
	    der_expect(&list.content, DER_INTEGER, &p))
		r->key_bits = (int64_t)der_bits(der_integer(p.content, &negative));
}

/* A named curve, or explicit parameters (RFC 3279, 2.3.5), of which the order is read:
 * { version, fieldID, curve, base, order }. */
static void ec_key(struct bytes parameters, struct cert_record *r)
{
	struct der e;
	bool negative;
	r->key_type = STR("ecdsa");
	if (der_expect(&parameters, DER_OID, &e)) {
		unsigned bits;
		r->curve = x509_curve(e.content, &bits);
		if (bits > 0)
			r->key_bits = bits;
		return;
	}
	if (!der_expect(&parameters, DER_SEQUENCE, &e))
		return;
	struct bytes b = e.content;
	for (int i = 0; i < 4; i++) {
		if (!der_next(&b, &e))
			return;
	}
	if (der_expect(&b, DER_INTEGER, &e))
		r->key_bits = (int64_t)der_bits(der_integer(e.content, &negative));
}

static void key_columns(const struct x509 *c, struct cert_record *r)
{
	struct bytes alg = c->key_alg;
	if (OID_IS(alg, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") ||
	    OID_IS(alg, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") ||
	    OID_IS(alg, "\x55\x08\x01\x01"))
		rsa_key(c->key, r);
	else if (OID_IS(alg, "\x2a\x86\x48\xce\x3d\x02\x01"))
		ec_key(c->key_parameters, r);
	else if (OID_IS(alg, "\x2a\x86\x48\xce\x38\x04\x01") ||
		 OID_IS(alg, "\x2b\x0e\x03\x02\x0c"))
		dsa_key(c->key_parameters, r);
	else if (OID_IS(alg, "\x2b\x65\x70")) /* Ed25519 */
		r->key_bits = 256;
	else if (OID_IS(alg, "\x2b\x65\x71")) /* Ed448 */
		r->key_bits = 456;
}

/* The names of one kind, at most X509_NAMES_MAX in all;
 * false over that or without room. */
static bool name_list(
    struct arena *a, struct bytes names, enum general_name kind, struct str_list *out)
{
	struct der e;
	size_t n = 0;
	size_t seen = 0;
	bool complete = true;
	for (struct bytes b = names; b.left > 0 && der_next(&b, &e);)
		n += e.tag == (DER_CONTEXT | kind);
	n = size_min(n, X509_NAMES_MAX);
	struct str *v = n > 0 ? arena_alloc(a, n * sizeof(*v)) : NULL;
	*out = (struct str_list){v, 0};
	if (v == NULL)
		return n == 0;
	for (struct bytes b = names; b.left > 0 && der_next(&b, &e);) {
		if (e.tag != (DER_CONTEXT | kind))
			continue;
		if (seen++ == X509_NAMES_MAX) {
			complete = false;
			break;
		}
		char text[ADDR_TEXT_MAX];
		struct str s = {0};
		struct bytes content = e.content;
		if (kind != NAME_IP) {
			s = kind == NAME_DNS
				? str_clean_lower(a, content.pos, content.left)
				: str_clean(a, content.pos, content.left);
		} else if (content.left == 4 || content.left == 16) {
			struct addr ip = content.left == 4 ? addr_from_v4(content.pos)
							   : addr_from_v6(content.pos);
			s = str_copy(a, (struct str){text, addr_text(&ip, text)});
		}
		if (s.p != NULL)
			v[out->n++] = s;
	}
	return complete;
}

bool x509_record(struct arena *a, const struct x509 *c, struct cert_record *r)
{
	r->version = c->version > 0 ? (int64_t)c->version : -1;
	r->serial = der_serial_text(a, c->serial);
	if (c->issuer.pos != NULL)
		r->issuer = x509_name_text(a, c->issuer);
	if (c->subject.pos != NULL)
		r->subject = x509_name_text(a, c->subject);
	r->not_before = c->not_before;
	r->not_after = c->not_after;
	if (c->key_alg.left > 0)
		r->key_alg = x509_algorithm_text(a, c->key_alg);
	if (c->sig_alg.left > 0)
		r->sig_alg = x509_algorithm_text(a, c->sig_alg);
	key_columns(c, r);
	r->is_ca = c->is_ca;
	bool dns = name_list(a, c->names, NAME_DNS, &r->san_dns);
	bool ip = name_list(a, c->names, NAME_IP, &r->san_ip);
	bool email = name_list(a, c->names, NAME_EMAIL, &r->san_email);
	return name_list(a, c->names, NAME_URI, &r->san_uri) && dns && ip && email;
}
