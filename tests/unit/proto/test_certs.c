/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the cache says of a certificate is what reading it anew says, whether it was seen
 * before, pushed out since, differs in one byte from one that was, or is too long to be
 * kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "proto/tls/certs.h"

#define ARENA_LIMIT (1u << 20)
#define LONG_NAMES  200 /* of 100 bytes: more than CERTS_BYTES_MAX */

struct der {
	uint8_t *p;
	size_t n;
};

/* A certificate with that serial number and so many alternative names. */
static struct der make(EVP_PKEY *key, long serial, size_t names)
{
	struct der d = {NULL, 0};
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)"www.example.com", -1, -1, 0),
	    1);
	X509_set_issuer_name(x, name);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	char *text = calloc(names + 1, 120);
	assert_non_null(text);
	for (size_t i = 0; i < names; i++) {
		char *at = text + strlen(text);
		snprintf(at, 120, "%sDNS:n%03zu-%090zu.example", i > 0 ? "," : "", i, i);
	}
	if (names > 0) {
		X509_EXTENSION *e =
		    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
		assert_non_null(e);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	free(text);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	int n = i2d_X509(x, &d.p);
	assert_true(n > 0);
	d.n = (size_t)n;
	X509_free(x);
	return d;
}

static void same_texts(const struct str_list *a, const struct str_list *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_true(str_equal(a->v[i], b->v[i]));
}

static void same_record(const struct cert_record *a, const struct cert_record *b)
{
	const struct record_info *info = record_info(RECORD_CERT);
	for (size_t i = 0; i < info->field_count; i++) {
		const struct field_info *f = &info->fields[i];
		const void *x = (const char *)a + f->offset;
		const void *y = (const char *)b + f->offset;
		if (f->kind == FIELD_TEXT) {
			const field_TEXT *s = x, *t = y;
			assert_int_equal(s->p == NULL, t->p == NULL);
			assert_true(str_equal(*s, *t));
		} else if (f->kind == FIELD_TEXTS) {
			same_texts(x, y);
		} else if (f->kind == FIELD_TIME) {
			assert_memory_equal(x, y, sizeof(field_TIME));
		} else if (f->kind == FIELD_INT) {
			assert_memory_equal(x, y, sizeof(field_INT));
		} else if (f->kind == FIELD_FLAG) {
			assert_memory_equal(x, y, sizeof(field_FLAG));
		}
	}
}

/* Read d through the cache and anew. */
static void agrees(struct certs *c, struct der d)
{
	struct arena a, fresh;
	char sha256[DIGEST_TEXT_MAX];
	struct cert_record r;
	struct x509 parsed;
	arena_init(&a, ARENA_LIMIT);
	arena_init(&fresh, ARENA_LIMIT);
	record_clear(RECORD_CERT, &r);
	r.sha256 = (struct str){sha256, digest_hex(DIGEST_SHA256, d.p, d.n, sha256)};
	enum x509_result result = x509_parse(bytes_over(d.p, d.n), &parsed);
	bool complete = x509_record(&fresh, &parsed, &r);
	/* What is kept must not rest on the bytes it was read from. */
	uint8_t *copy = malloc(d.n);
	assert_non_null(copy);
	memcpy(copy, d.p, d.n);
	const struct certificate *got = certs_read(c, &a, bytes_over(copy, d.n));
	bool kept = 3 * d.n < CERTS_BYTES_MAX;
	if (kept) {
		memset(copy, 0xff, d.n);
		arena_fini(&a);
	}
	assert_int_equal(got->result, result);
	assert_int_equal(got->complete, complete);
	assert_string_equal(got->sha256, sha256);
	same_record(&got->record, &r);
	free(copy);
	arena_fini(&a);
	arena_fini(&fresh);
}

static EVP_PKEY *new_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	assert_non_null(key);
	return key;
}

static void seen_again(void **state)
{
	(void)state;
	EVP_PKEY *key = new_key();
	struct certs *c = certs_new();
	struct der d = make(key, 7, 3);
	assert_non_null(c);
	agrees(c, d);
	agrees(c, d);
	for (size_t i = 0; i < d.n; i++) { /* malformed ones as well */
		d.p[i] ^= 0x55;
		agrees(c, d);
		d.p[i] ^= 0x55;
		agrees(c, d);
	}
	free(d.p);
	certs_free(c);
	EVP_PKEY_free(key);
}

static void pushed_out(void **state)
{
	(void)state;
	EVP_PKEY *key = new_key();
	struct certs *c = certs_new();
	struct der first = make(key, 1, 1);
	assert_non_null(c);
	agrees(c, first);
	for (long i = 2; i < 3 * CERTS_KEPT_MAX; i++) {
		struct der d = make(key, i, 1);
		agrees(c, d);
		free(d.p);
	}
	agrees(c, first);
	free(first.p);
	certs_free(c);
	EVP_PKEY_free(key);
}

static void too_long(void **state)
{
	(void)state;
	EVP_PKEY *key = new_key();
	struct certs *c = certs_new();
	struct der d = make(key, 9, LONG_NAMES), small = make(key, 10, 1);
	assert_non_null(c);
	assert_true(d.n > CERTS_BYTES_MAX);
	agrees(c, d);
	agrees(c, small);
	agrees(c, d);
	free(d.p);
	free(small.p);
	certs_free(c);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(seen_again),
	    cmocka_unit_test(pushed_out),
	    cmocka_unit_test(too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
