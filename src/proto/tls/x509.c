/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/x509.h"

#include "proto/shared/der.h"

/* The OID of an AlgorithmIdentifier, and what follows it. */
static struct bytes algorithm(struct bytes content, struct bytes *parameters)
{
	struct der oid;
	if (!der_expect(&content, DER_OID, &oid))
		return (struct bytes){0};
	if (parameters != NULL)
		*parameters = content;
	return oid.content;
}

static void subject_alt_name(struct x509 *c, struct bytes value)
{
	struct der list;
	if (der_expect(&value, DER_SEQUENCE, &list))
		c->names = list.content;
}

static void basic_constraints(struct x509 *c, struct bytes value)
{
	struct der list, flag;
	if (!der_expect(&value, DER_SEQUENCE, &list))
		return;
	bool set = der_expect(&list.content, DER_BOOLEAN, &flag);
	c->is_ca = set && flag.content.left == 1 && flag.content.pos[0] != 0;
}

/* One Extension: { OID, BOOLEAN critical?, OCTET STRING value }; 2.5.29.x is 55 1d x. */
static void extension(struct x509 *c, struct bytes e)
{
	struct der oid, critical, value;
	if (!der_expect(&e, DER_OID, &oid))
		return;
	(void)der_expect(&e, DER_BOOLEAN, &critical);
	if (!der_expect(&e, DER_OCTET_STRING, &value))
		return;
	const uint8_t *o = oid.content.pos;
	if (oid.content.left != 3 || o[0] != 0x55 || o[1] != 0x1d)
		return;
	if (o[2] == 17)
		subject_alt_name(c, value.content);
	else if (o[2] == 19)
		basic_constraints(c, value.content);
}

static enum x509_result extensions(struct x509 *c, struct bytes tagged)
{
	struct der list, e;
	if (!der_expect(&tagged, DER_SEQUENCE, &list))
		return X509_MALFORMED;
	for (unsigned n = 0; list.content.left > 0; n++) {
		if (n == X509_EXTENSIONS_MAX)
			return X509_OVER_LIMIT;
		if (!der_next(&list.content, &e))
			return X509_MALFORMED;
		if (e.tag == DER_SEQUENCE)
			extension(c, e.content);
	}
	return X509_PARSED;
}

static bool validity(struct x509 *c, struct bytes v)
{
	struct der from, to;
	if (!der_next(&v, &from) || !der_next(&v, &to))
		return false;
	c->not_before = der_time(&from);
	c->not_after = der_time(&to);
	return true;
}

/* SubjectPublicKeyInfo: { algorithm, BIT STRING }; the first byte counts unused bits. */
static bool public_key(struct x509 *c, struct bytes info)
{
	struct der alg, bits;
	if (!der_expect(&info, DER_SEQUENCE, &alg) ||
	    !der_expect(&info, DER_BIT_STRING, &bits))
		return false;
	c->key_alg = algorithm(alg.content, &c->key_parameters);
	c->key = bits.content;
	bytes_skip(&c->key, 1);
	return true;
}

/* From the version to the subject; false where it breaks. */
static bool tbs_head(struct x509 *c, struct bytes *tbs)
{
	struct der e;
	c->version = 1;
	if (der_expect(tbs, DER_CONSTRUCTED | 0, &e)) {
		struct der v;
		if (!der_expect(&e.content, DER_INTEGER, &v) || v.content.left != 1)
			return false;
		c->version = v.content.pos[0] + 1u;
	}
	if (!der_expect(tbs, DER_INTEGER, &e))
		return false;
	c->serial = e.content;
	if (!der_expect(tbs, DER_SEQUENCE, &e)) /* the signature's algorithm */
		return false;
	if (!der_expect(tbs, DER_SEQUENCE, &e))
		return false;
	c->issuer = e.content;
	if (!der_expect(tbs, DER_SEQUENCE, &e) || !validity(c, e.content))
		return false;
	if (!der_expect(tbs, DER_SEQUENCE, &e))
		return false;
	c->subject = e.content;
	return true;
}

static enum x509_result tbs_certificate(struct x509 *c, struct bytes tbs)
{
	struct der e;
	if (!tbs_head(c, &tbs) || !der_expect(&tbs, DER_SEQUENCE, &e) ||
	    !public_key(c, e.content))
		return X509_MALFORMED;
	while (tbs.left > 0) {
		if (!der_next(&tbs, &e))
			return X509_MALFORMED;
		if (e.tag == (DER_CONSTRUCTED | 3))
			return extensions(c, e.content);
	}
	return X509_PARSED;
}

enum x509_result x509_parse(struct bytes der, struct x509 *c)
{
	struct der whole, tbs, alg, signature;
	*c = (struct x509){
	    .not_before = MOMENT_NONE,
	    .not_after = MOMENT_NONE,
	    .is_ca = -1,
	};
	if (!der_expect(&der, DER_SEQUENCE, &whole) ||
	    !der_expect(&whole.content, DER_SEQUENCE, &tbs))
		return X509_MALFORMED;
	enum x509_result result = tbs_certificate(c, tbs.content);
	if (!der_expect(&whole.content, DER_SEQUENCE, &alg))
		return X509_MALFORMED;
	c->sig_alg = algorithm(alg.content, NULL);
	if (!der_expect(&whole.content, DER_BIT_STRING, &signature))
		return X509_MALFORMED;
	return result;
}
