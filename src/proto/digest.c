/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL looks an algorithm up by name on each use unless it was fetched
 * once, and allocates a context for each digest: more work than the
 * digest of a hello itself. Both are therefore kept, one set a thread.
 * So are the last short texts with their digests, since few programs make
 * most hellos. No result depends on what was digested before.
 */
#include "proto/digest.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

#define KNOWN_MAX      64  /* texts that are kept */
#define KNOWN_TEXT_MAX 768 /* bytes of one; those of usual hellos are shorter */

static const char *const digest_names[DIGEST_KINDS] = {
    [DIGEST_MD5] = "MD5",
    [DIGEST_SHA1] = "SHA1",
    [DIGEST_SHA256] = "SHA256",
};

size_t digest_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    uint8_t out[static DIGEST_MAX])
{
	static _Thread_local EVP_MD *md[DIGEST_KINDS];
	static _Thread_local EVP_MD_CTX *ctx;
	unsigned length = 0;

	memset(out, 0, DIGEST_MAX);
	if (md[kind] == NULL)
		md[kind] = EVP_MD_fetch(NULL, digest_names[kind], NULL);
	if (ctx == NULL)
		ctx = EVP_MD_CTX_new();
	bool ok = md[kind] != NULL && ctx != NULL &&
		  EVP_DigestInit_ex(ctx, md[kind], NULL) == 1;
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, v[i].p, v[i].n) == 1;
	if (!ok || EVP_DigestFinal_ex(ctx, out, &length) != 1) {
		memset(out, 0, DIGEST_MAX);
		return 0;
	}
	return length;
}

size_t digest_bytes(
    enum digest_kind kind, const void *p, size_t n, uint8_t out[static DIGEST_MAX])
{
	struct digest_part part = {p, n};
	return digest_parts(kind, &part, 1, out);
}

size_t digest_text(const uint8_t *digest, size_t n, char out[static DIGEST_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	n = size_min(n, DIGEST_MAX);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[2 * n] = '\0';
	return 2 * n;
}

size_t digest_hex_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    char out[static DIGEST_TEXT_MAX])
{
	uint8_t raw[DIGEST_MAX];
	size_t length = digest_parts(kind, v, count, raw);

	return digest_text(raw, length, out);
}

/* A text that was digested, and what came of it. */
struct known {
	size_t n; /* bytes of the text; 0: the place is free */
	size_t length;
	enum digest_kind kind;
	char digest[DIGEST_TEXT_MAX];
	unsigned char text[KNOWN_TEXT_MAX];
};

size_t digest_hex(
    enum digest_kind kind, const void *p, size_t n, char out[static DIGEST_TEXT_MAX])
{
	static _Thread_local struct known known[KNOWN_MAX];
	struct digest_part part = {p, n};
	if (n == 0 || n > KNOWN_TEXT_MAX)
		return digest_hex_parts(kind, &part, 1, out);
	struct known *k = &known[(hash_bytes(&hash_key_public, p, n) + kind) % KNOWN_MAX];
	if (k->n != n || k->kind != kind || memcmp(k->text, p, n) != 0) {
		k->length = digest_hex_parts(kind, &part, 1, k->digest);
		k->n = n;
		k->kind = kind;
		memcpy(k->text, p, n);
	}
	memcpy(out, k->digest, sizeof(k->digest));
	return k->length;
}
