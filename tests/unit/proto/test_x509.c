/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our reader of certificates against OpenSSL's: certificates of many shapes are made
 * here, whole and with every byte of one changed, and both must say the same of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "proto/shared/der.h"
#include "proto/tls/x509.h"
#include "proto/tls/x509_table.h"

#define ARENA_LIMIT (1u << 20)

/* UTF-8 stands for itself, as RFC 4514 allows; OpenSSL would escape it. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB)

/* ---- what OpenSSL says */

static char *bio_text(BIO *b)
{
	char *data;
	long n = BIO_get_mem_data(b, &data);
	char *copy = n > 0 ? strndup(data, (size_t)n) : strdup("");
	BIO_free(b);
	assert_non_null(copy);
	return copy;
}

static char *oracle_name(const X509_NAME *name)
{
	BIO *b = BIO_new(BIO_s_mem());
	if (X509_NAME_print_ex(b, name, 0, NAME_FLAGS) < 0) {
		BIO_free(b);
		return NULL;
	}
	return bio_text(b);
}

static char *oracle_serial(X509 *cert)
{
	BIO *b = BIO_new(BIO_s_mem());
	i2a_ASN1_INTEGER(b, X509_get0_serialNumber(cert));
	return bio_text(b);
}

static bool is_text(struct str s, const char *text)
{
	return s.p != NULL && s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static void text_is(struct str s, const char *text)
{
	if (!is_text(s, text))
		fail_msg("ours is \"%.*s\", OpenSSL's \"%s\"", STR_ARG(s), text);
}

static void time_is(struct moment m, const ASN1_TIME *t)
{
	struct tm tm;
	assert_int_equal(ASN1_TIME_to_tm(t, &tm), 1);
	int64_t seconds = (int64_t)timegm(&tm);
	assert_int_equal(moment_us(m), moment_us(moment_from(seconds, 0)));
}

static void key_is(const struct cert_record *r, X509 *cert)
{
	EVP_PKEY *key = X509_get0_pubkey(cert);
	assert_non_null(key);
	char group[64];
	size_t n = 0;
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA: {
		BIGNUM *e = NULL;
		text_is(r->key_type, "rsa");
		assert_int_equal(EVP_PKEY_get_bn_param(key, "e", &e), 1);
		assert_int_equal(r->exponent, (int64_t)BN_get_word(e));
		BN_free(e);
		break;
	}
	case EVP_PKEY_EC:
		text_is(r->key_type, "ecdsa");
		if (EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1)
			text_is(r->curve, group);
		break;
	case EVP_PKEY_DSA:
		text_is(r->key_type, "dsa");
		break;
	default:
		assert_null(r->key_type.p);
		break;
	}
	int bits = EVP_PKEY_get_bits(key);
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		bits = 256; /* OpenSSL counts 253 of them */
	assert_int_equal(r->key_bits, bits);
}

static void names_are(const struct cert_record *r, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t dns = 0, ip = 0, email = 0, uri = 0;
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		if (g->type == GEN_DNS)
			text_is(r->san_dns.v[dns++],
			    (const char *)ASN1_STRING_get0_data(g->d.dNSName));
		else if (g->type == GEN_EMAIL)
			text_is(r->san_email.v[email++],
			    (const char *)ASN1_STRING_get0_data(g->d.rfc822Name));
		else if (g->type == GEN_URI)
			text_is(r->san_uri.v[uri++], (const char *)ASN1_STRING_get0_data(
							 g->d.uniformResourceIdentifier));
		else if (g->type == GEN_IPADD)
			ip++;
	}
	assert_int_equal(r->san_dns.n, dns);
	assert_int_equal(r->san_email.n, email);
	assert_int_equal(r->san_uri.n, uri);
	assert_int_equal(r->san_ip.n, ip);
	GENERAL_NAMES_free(names);
}

static void algorithm_is(struct str ours, const ASN1_OBJECT *theirs)
{
	char text[128];
	OBJ_obj2txt(text, sizeof(text), theirs, 0);
	text_is(ours, text);
}

/* Read der both ways and compare every column. */
static void agrees(const uint8_t *der, size_t n)
{
	const uint8_t *p = der;
	X509 *cert = d2i_X509(NULL, &p, (long)n);
	assert_non_null(cert);
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	assert_int_equal(x509_parse(bytes_over(der, n), &c), X509_PARSED);
	assert_true(x509_record(&a, &c, &r));

	char *subject = oracle_name(X509_get_subject_name(cert));
	char *issuer = oracle_name(X509_get_issuer_name(cert));
	char *serial = oracle_serial(cert);
	text_is(r.subject, subject);
	text_is(r.issuer, issuer);
	text_is(r.serial, serial);
	assert_int_equal(r.version, X509_get_version(cert) + 1);
	time_is(r.not_before, X509_get0_notBefore(cert));
	time_is(r.not_after, X509_get0_notAfter(cert));
	const X509_ALGOR *alg;
	const ASN1_OBJECT *oid;
	X509_get0_signature(NULL, &alg, cert);
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	algorithm_is(r.sig_alg, oid);
	ASN1_OBJECT *key_oid;
	X509_PUBKEY_get0_param(&key_oid, NULL, NULL, NULL, X509_get_X509_PUBKEY(cert));
	algorithm_is(r.key_alg, key_oid);
	BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(cert, NID_basic_constraints, NULL, NULL);
	assert_int_equal(r.is_ca, bc == NULL ? -1 : bc->ca != 0);
	BASIC_CONSTRAINTS_free(bc);
	key_is(&r, cert);
	names_are(&r, cert);
	free(subject);
	free(issuer);
	free(serial);
	arena_fini(&a);
	X509_free(cert);
}

/* ---- certificates of many shapes */

struct shape {
	EVP_PKEY *key;
	const EVP_MD *md; /* NULL for Ed25519 and Ed448 */
	long serial;
	const char *san; /* as in openssl.cnf; NULL: none */
	const char *ca;  /* basic constraints; NULL: none */
	const char *not_before, *not_after;
	void (*name)(X509_NAME *n);
};

static void plain_name(X509_NAME *n)
{
	X509_NAME_add_entry_by_txt(
	    n, "C", MBSTRING_ASC, (const uint8_t *)"EE", -1, -1, 0);
	X509_NAME_add_entry_by_txt(
	    n, "O", MBSTRING_ASC, (const uint8_t *)"Acme, Inc.", -1, -1, 0);
	X509_NAME_add_entry_by_txt(
	    n, "CN", MBSTRING_ASC, (const uint8_t *)"www.example.org", -1, -1, 0);
}

/* What has to be escaped, all kinds of strings,
 * several values in one set, an unknown OID. */
static void odd_name(X509_NAME *n)
{
	static const uint8_t bmp[] = {0x4f, 0x60, 0x59, 0x7d, 0x00, 0x2c};
	static const uint8_t universal[] = {0, 1, 0xf6, 0x00, 0, 0, 0, 'x'};
	static const uint8_t latin[] = {'K', 0xf6, 'l', 'n'};
	static const uint8_t control[] = {'a', 0x01, '\n', 0x7f, 'b'};
	X509_NAME_add_entry_by_NID(n, NID_organizationName, V_ASN1_UTF8STRING,
	    (const uint8_t *)" #a+b;c<d>\"e\\ ", -1, -1, 0);
	X509_NAME_add_entry_by_NID(n, NID_organizationalUnitName, V_ASN1_UTF8STRING,
	    (const uint8_t *)"#x", -1, -1, 0);
	X509_NAME_add_entry_by_NID(
	    n, NID_localityName, V_ASN1_BMPSTRING, bmp, sizeof(bmp), -1, 0);
	X509_NAME_add_entry_by_NID(n, NID_stateOrProvinceName, V_ASN1_UNIVERSALSTRING,
	    universal, sizeof(universal), -1, -1);
	X509_NAME_add_entry_by_NID(
	    n, NID_title, V_ASN1_T61STRING, latin, sizeof(latin), -1, -1);
	X509_NAME_add_entry_by_NID(
	    n, NID_description, V_ASN1_UTF8STRING, control, sizeof(control), -1, 0);
	X509_NAME_add_entry_by_NID(n, NID_commonName, V_ASN1_UTF8STRING,
	    (const uint8_t *)"\xd0\x9f\xd1\x80\xe4\xbd\xa0\xf0\x9f\x98\x80", -1, -1, 0);
	X509_NAME_add_entry_by_NID(n, NID_pkcs9_emailAddress, V_ASN1_IA5STRING,
	    (const uint8_t *)"a@example.org", -1, -1, 0);
	X509_NAME_add_entry_by_txt(n, "1.2.3.4.300000", V_ASN1_UTF8STRING,
	    (const uint8_t *)"unknown", -1, -1, 0);
	X509_NAME_add_entry_by_txt(
	    n, "2.999.1", V_ASN1_UTF8STRING, (const uint8_t *)"", 0, -1, 0);
	X509_NAME_add_entry_by_NID(n, NID_domainComponent, V_ASN1_OCTET_STRING,
	    (const uint8_t *)"\x01\x02", 2, -1, 0);
}

static void empty_name(X509_NAME *n)
{
	(void)n;
}

static void add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* The DER of a certificate of that shape; the caller frees it with OPENSSL_free. */
static size_t make(const struct shape *s, uint8_t **der)
{
	X509 *x = X509_new();
	bool extensions = s->san != NULL || s->ca != NULL;
	X509_set_version(x, extensions ? 2 : 0);
	ASN1_INTEGER_set(X509_get_serialNumber(x), s->serial);
	assert_int_equal(ASN1_TIME_set_string(X509_getm_notBefore(x),
			     s->not_before != NULL ? s->not_before : "200102030405Z"),
	    1);
	assert_int_equal(ASN1_TIME_set_string(X509_getm_notAfter(x),
			     s->not_after != NULL ? s->not_after : "20600102030405Z"),
	    1);
	(s->name != NULL ? s->name : plain_name)(X509_get_subject_name(x));
	plain_name(X509_get_issuer_name(x));
	assert_int_equal(X509_set_pubkey(x, s->key), 1);
	if (s->ca != NULL)
		add_extension(x, NID_basic_constraints, s->ca);
	if (s->san != NULL)
		add_extension(x, NID_subject_alt_name, s->san);
	assert_int_not_equal(X509_sign(x, s->key, s->md), 0);
	*der = NULL;
	int n = i2d_X509(x, der);
	assert_true(n > 0);
	X509_free(x);
	return (size_t)n;
}

static EVP_PKEY *ec_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	assert_non_null(key);
	return key;
}

static void shape_agrees(const struct shape *s)
{
	uint8_t *der;
	size_t n = make(s, &der);
	agrees(der, n);
	OPENSSL_free(der);
}

static void keys(void **state)
{
	(void)state;
	struct shape s = {.md = EVP_sha256(), .serial = 1, .ca = "CA:TRUE"};
	s.key = EVP_RSA_gen(1024);
	shape_agrees(&s);
	s.md = EVP_sha1();
	shape_agrees(&s);
	EVP_PKEY_free(s.key);
	static const char *const groups[] = {
	    "P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1", "secp224r1"};
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		s.key = EVP_EC_gen(groups[i]);
		s.md = EVP_sha384();
		shape_agrees(&s);
		EVP_PKEY_free(s.key);
	}
	s.md = NULL;
	s.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	shape_agrees(&s);
	EVP_PKEY_free(s.key);
	s.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
	shape_agrees(&s);
	EVP_PKEY_free(s.key);
}

static void dsa_key(void **state)
{
	(void)state;
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_DSA, NULL);
	EVP_PKEY *parameters = NULL;
	EVP_PKEY_paramgen_init(c);
	EVP_PKEY_CTX_set_dsa_paramgen_bits(c, 1024);
	assert_int_equal(EVP_PKEY_paramgen(c, &parameters), 1);
	EVP_PKEY_CTX_free(c);
	c = EVP_PKEY_CTX_new(parameters, NULL);
	struct shape s = {.md = EVP_sha256(), .serial = 77};
	EVP_PKEY_keygen_init(c);
	assert_int_equal(EVP_PKEY_keygen(c, &s.key), 1);
	shape_agrees(&s);
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(parameters);
	EVP_PKEY_free(s.key);
}

/* Explicit parameters instead of a curve's name: only the order's bits are known. */
static void explicit_curve(void **state)
{
	(void)state;
	struct shape s = {.key = ec_key(), .md = EVP_sha256(), .serial = 5};
	assert_int_equal(
	    EVP_PKEY_set_utf8_string_param(s.key, "encoding", "explicit"), 1);
	uint8_t *der;
	size_t n = make(&s, &der);
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	assert_int_equal(x509_parse(bytes_over(der, n), &c), X509_PARSED);
	assert_true(x509_record(&a, &c, &r));
	text_is(r.key_type, "ecdsa");
	assert_null(r.curve.p);
	assert_int_equal(r.key_bits, 256);
	arena_fini(&a);
	OPENSSL_free(der);
	EVP_PKEY_free(s.key);
}

static void names(void **state)
{
	(void)state;
	struct shape s = {
	    .key = ec_key(), .md = EVP_sha256(), .name = odd_name, .serial = 3};
	shape_agrees(&s);
	s.name = empty_name;
	shape_agrees(&s);
	EVP_PKEY_free(s.key);
}

static void serials(void **state)
{
	(void)state;
	static const long v[] = {
	    0, 1, 127, 128, 255, 256, 0x7fffffff, -1, -128, -129, -65536};
	struct shape s = {.key = ec_key(), .md = EVP_sha256()};
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		s.serial = v[i];
		shape_agrees(&s);
	}
	EVP_PKEY_free(s.key);
}

static void alternative_names(void **state)
{
	(void)state;
	struct shape s = {.key = ec_key(),
	    .md = EVP_sha256(),
	    .serial = 9,
	    .ca = "critical,CA:FALSE",
	    .san = "DNS:a.example.org,DNS:*.b.example.org,IP:192.0.2.1,IP:2001:db8::1,"
		   "email:x@example.org,URI:spiffe://example.org/x,RID:1.2.3"};
	shape_agrees(&s);
	uint8_t *der;
	size_t n = make(&s, &der);
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	assert_int_equal(x509_parse(bytes_over(der, n), &c), X509_PARSED);
	assert_true(x509_record(&a, &c, &r));
	text_is(r.san_ip.v[0], "192.0.2.1");
	text_is(r.san_ip.v[1], "2001:db8::1");
	arena_fini(&a);
	OPENSSL_free(der);
	EVP_PKEY_free(s.key);
}

static void dates(void **state)
{
	(void)state;
	struct shape s = {.key = ec_key(), .md = EVP_sha256(), .serial = 1};
	static const char *const v[] = {"500101000000Z", "491231235959Z", "700101000000Z",
	    "19490101000000Z", "20500101000000Z", "20000229120000Z"};
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		s.not_before = v[i];
		shape_agrees(&s);
	}
	/* "No end" (RFC 5280, 4.1.2.5) is later than a moment can say. */
	s.not_after = "99991231235959Z";
	uint8_t *der;
	size_t n = make(&s, &der);
	struct x509 c;
	assert_int_equal(x509_parse(bytes_over(der, n), &c), X509_PARSED);
	assert_int_equal(c.not_after.ns, INT64_MAX);
	OPENSSL_free(der);
	EVP_PKEY_free(s.key);
}

static struct moment read_time(uint8_t tag, const char *text)
{
	struct der e = {.tag = tag, .content = bytes_over(text, strlen(text))};
	return der_time(&e);
}

static void time_formats(void **state)
{
	(void)state;
	int64_t day = 951782400; /* 2000-02-29 */
	assert_int_equal(read_time(DER_UTC_TIME, "000229000000Z").ns / NS_PER_S, day);
	assert_int_equal(read_time(DER_UTC_TIME, "0002290000Z").ns / NS_PER_S, day);
	assert_int_equal(read_time(DER_UTC_TIME, "000229013000+0130").ns / NS_PER_S, day);
	assert_int_equal(read_time(DER_UTC_TIME, "000228230000-0100").ns / NS_PER_S, day);
	assert_int_equal(
	    read_time(DER_GENERALIZED_TIME, "20000229000000.25Z").ns / NS_PER_S, day);
	static const char *const bad[] = {"", "Z", "000229", "000229000000",
	    "001329000000Z", "000200000000Z", "000229240000Z", "000229006000Z",
	    "00022900000xZ", "000229000000Zx", "000229000000+1", "0002290000000000Z"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_time(DER_UTC_TIME, bad[i]).ns, MOMENT_NONE.ns);
	assert_int_equal(read_time(DER_OID, "000229000000Z").ns, MOMENT_NONE.ns);
}

/* X.690, 8.1: tags, lengths in one byte and in many, and those that are none. */
static void elements(void **state)
{
	(void)state;
	static const uint8_t good[] = {
	    0x02, 0x01, 0x05, 0x04, 0x81, 0x02, 7, 8, 0x05, 0x00};
	struct bytes b = bytes_over(good, sizeof(good));
	struct der e;
	assert_false(der_expect(&b, DER_SEQUENCE, &e));
	assert_false(b.bad);
	assert_true(der_expect(&b, DER_INTEGER, &e));
	assert_int_equal(e.content.left, 1);
	assert_int_equal(e.whole.left, 3);
	assert_true(der_next(&b, &e));
	assert_int_equal(e.tag, DER_OCTET_STRING);
	assert_int_equal(e.content.pos[1], 8);
	assert_true(der_next(&b, &e));
	assert_int_equal(e.content.left, 0);
	assert_false(der_next(&b, &e));
	static const struct {
		uint8_t v[8];
		size_t n;
	} bad[] = {
	    {{0x30, 0x80, 0, 0}, 4},          /* indefinite */
	    {{0x1f, 0x81, 0x01, 0x00}, 4},    /* tag above 30 */
	    {{0x04, 0x02, 1}, 3},             /* cut */
	    {{0x04, 0x85, 0, 0, 0, 0, 1}, 7}, /* length of five bytes */
	    {{0x04, 0x84, 255, 255, 255, 255, 1}, 7},
	    {{0x04}, 1},
	    {{0x04, 0x82, 1}, 3},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b = bytes_over(bad[i].v, bad[i].n);
		assert_false(der_next(&b, &e));
		assert_true(b.bad);
	}
}

static void known(struct arena *a, const char *oid, size_t n, const char *text, int bits)
{
	struct bytes b = bytes_over(oid, n);
	const ASN1_OBJECT *o;
	uint8_t der[64] = {DER_OID, (uint8_t)n};
	memcpy(der + 2, oid, n);
	const uint8_t *p = der;
	ASN1_OBJECT *parsed = d2i_ASN1_OBJECT(NULL, &p, (long)n + 2);
	assert_non_null(parsed);
	int nid = OBJ_obj2nid(parsed);
	o = nid != NID_undef ? OBJ_nid2obj(nid) : parsed;
	if (bits > 0) {
		unsigned ours;
		text_is(x509_curve(b, &ours), OBJ_nid2sn(nid));
		EC_GROUP *g = EC_GROUP_new_by_curve_name(nid);
		assert_int_equal(ours, EC_GROUP_order_bits(g));
		EC_GROUP_free(g);
	} else if (bits == 0) {
		text_is(x509_attribute_text(a, b), OBJ_nid2sn(nid));
	} else if (strncmp(text, "ML-DSA", 6) != 0) { /* newer than some OpenSSL */
		algorithm_is(x509_algorithm_text(a, b), o);
	}
	ASN1_OBJECT_free(parsed);
}

/* Every row of the tables, found by bisection, has OpenSSL's name. */
static void tables(void **state)
{
	(void)state;
	struct arena a;
	arena_init(&a, ARENA_LIMIT);
#define O(oid, text) known(&a, oid, sizeof(oid) - 1, text, 0);
	X509_ATTRIBUTES(O)
#undef O
#define O(oid, text) known(&a, oid, sizeof(oid) - 1, text, -1);
	X509_ALGORITHMS(O)
#undef O
#define O(oid, text, bits) known(&a, oid, sizeof(oid) - 1, text, bits);
	X509_CURVES(O)
#undef O
	text_is(x509_algorithm_text(&a, bytes_over("\x88\x37\x01", 3)), "2.999.1");
	text_is(x509_attribute_text(&a, bytes_over("\x2a\x03\x04", 3)), "1.2.3.4");
	arena_fini(&a);
}

/* ---- damage and limits */

/* Where both read a damaged certificate, they read the same from it. */
static void damaged(const uint8_t *der, size_t n)
{
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	enum x509_result result = x509_parse(bytes_over(der, n), &c);
	(void)x509_record(&a, &c, &r);
	const uint8_t *p = der;
	X509 *cert = d2i_X509(NULL, &p, (long)n);
	if (cert != NULL && result == X509_PARSED) {
		char *serial = oracle_serial(cert);
		text_is(r.serial, serial);
		char *subject = oracle_name(X509_get_subject_name(cert));
		if (subject != NULL && r.subject.p != NULL)
			text_is(r.subject, subject);
		free(subject);
		free(serial);
	}
	X509_free(cert);
	arena_fini(&a);
}

static void every_byte_and_every_cut(void **state)
{
	(void)state;
	struct shape s = {.key = ec_key(),
	    .md = EVP_sha256(),
	    .serial = 9,
	    .ca = "CA:TRUE",
	    .san = "DNS:a.example.org,IP:192.0.2.1"};
	uint8_t *der;
	size_t n = make(&s, &der);
	for (size_t i = 0; i < n; i++) {
		uint8_t *exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, der, n);
		exact[i] ^= 0x01;
		damaged(exact, n);
		exact[i] ^= 0x81;
		damaged(exact, n);
		free(exact);
		exact = malloc(i > 0 ? i : 1);
		assert_non_null(exact);
		memcpy(exact, der, i);
		struct x509 c;
		assert_int_equal(x509_parse(bytes_over(exact, i), &c), X509_MALFORMED);
		free(exact);
	}
	OPENSSL_free(der);
	EVP_PKEY_free(s.key);
}

static void limits(void **state)
{
	(void)state;
	char *san = malloc(32 * (X509_NAMES_MAX + 1));
	assert_non_null(san);
	size_t at = 0;
	for (int i = 0; i <= X509_NAMES_MAX; i++)
		at += (size_t)snprintf(
		    san + at, 32, "%sDNS:n%d.example", i > 0 ? "," : "", i);
	struct shape s = {.key = ec_key(), .md = EVP_sha256(), .serial = 1, .san = san};
	uint8_t *der;
	size_t n = make(&s, &der);
	struct arena a;
	struct x509 c;
	struct cert_record r;
	arena_init(&a, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	assert_int_equal(x509_parse(bytes_over(der, n), &c), X509_PARSED);
	assert_false(x509_record(&a, &c, &r));
	assert_int_equal(r.san_dns.n, X509_NAMES_MAX);
	OPENSSL_free(der);
	free(san);

	X509 *x = X509_new();
	for (int i = 0; i <= X509_ATTRIBUTES_MAX; i++)
		X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "OU", MBSTRING_ASC,
		    (const uint8_t *)"x", -1, -1, 0);
	uint8_t *name = NULL;
	int length = i2d_X509_NAME(X509_get_subject_name(x), &name);
	assert_true(length > 4);
	struct der e;
	struct bytes b = bytes_over(name, (size_t)length);
	assert_true(der_next(&b, &e));
	assert_null(x509_name_text(&a, e.content).p);
	OPENSSL_free(name);
	X509_free(x);
	arena_fini(&a);
	EVP_PKEY_free(s.key);
}

static void extension_limit(void **state)
{
	(void)state;
	struct shape s = {
	    .key = ec_key(), .md = EVP_sha256(), .serial = 1, .ca = "CA:TRUE"};
	uint8_t *der;
	size_t n = make(&s, &der);
	const uint8_t *p = der;
	X509 *x = d2i_X509(NULL, &p, (long)n);
	OPENSSL_free(der);
	for (int i = 0; i < X509_EXTENSIONS_MAX; i++) {
		char oid[32];
		snprintf(oid, sizeof(oid), "1.2.3.%d", i);
		ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		X509_EXTENSION *ext = X509_EXTENSION_create_by_OBJ(NULL, o, 0, value);
		X509_add_ext(x, ext, -1);
		X509_EXTENSION_free(ext);
		ASN1_OCTET_STRING_free(value);
		ASN1_OBJECT_free(o);
	}
	X509_sign(x, s.key, EVP_sha256());
	der = NULL;
	int length = i2d_X509(x, &der);
	struct x509 c;
	assert_int_equal(
	    x509_parse(bytes_over(der, (size_t)length), &c), X509_OVER_LIMIT);
	assert_int_equal(c.is_ca, 1);
	OPENSSL_free(der);
	X509_free(x);
	EVP_PKEY_free(s.key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys),
	    cmocka_unit_test(dsa_key),
	    cmocka_unit_test(explicit_curve),
	    cmocka_unit_test(names),
	    cmocka_unit_test(serials),
	    cmocka_unit_test(alternative_names),
	    cmocka_unit_test(dates),
	    cmocka_unit_test(time_formats),
	    cmocka_unit_test(elements),
	    cmocka_unit_test(tables),
	    cmocka_unit_test(every_byte_and_every_cut),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(extension_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
