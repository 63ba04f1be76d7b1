/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection needs a dozen digests of some hundred bytes. Behind OpenSSL's interface
 * for every algorithm each of them allocates and frees its state, which takes longer than
 * the digest; so the functions of the three algorithms are called, which stand behind it.
 * The last short texts are kept with their digests, since few programs make
 * most hellos. No result depends on what was digested before.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proto/shared/digest.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/size.h"

#define KNOWN_MAX      64  /* texts that are kept */
#define KNOWN_TEXT_MAX 768 /* bytes of one; those of usual hellos are shorter */

_Static_assert(DIGEST_MAX == SHA256_DIGEST_LENGTH, "the longest digest");
_Static_assert(DIGEST_KEY_MAX == SHA256_CBLOCK, "a key of HMAC fits a block");

static size_t md5(const struct digest_part *v, size_t count, uint8_t *out)
{
	MD5_CTX c;
	MD5_Init(&c);
	for (size_t i = 0; i < count; i++)
		MD5_Update(&c, v[i].p, v[i].n);
	MD5_Final(out, &c);
	return MD5_DIGEST_LENGTH;
}

static size_t sha1(const struct digest_part *v, size_t count, uint8_t *out)
{
	SHA_CTX c;
	SHA1_Init(&c);
	for (size_t i = 0; i < count; i++)
		SHA1_Update(&c, v[i].p, v[i].n);
	SHA1_Final(out, &c);
	return SHA_DIGEST_LENGTH;
}

static size_t sha256(const struct digest_part *v, size_t count, uint8_t *out)
{
	SHA256_CTX c;
	SHA256_Init(&c);
	for (size_t i = 0; i < count; i++)
		SHA256_Update(&c, v[i].p, v[i].n);
	SHA256_Final(out, &c);
	return SHA256_DIGEST_LENGTH;
}

size_t digest_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    uint8_t out[static DIGEST_MAX])
{
	memset(out, 0, DIGEST_MAX);
	switch (kind) {
	case DIGEST_MD5:
		return md5(v, count, out);
	case DIGEST_SHA1:
		return sha1(v, count, out);
	case DIGEST_SHA256:
		return sha256(v, count, out);
	case DIGEST_KINDS:
	default:
		return 0;
	}
}

void digest_begin(struct digest_stream *s)
{
	SHA256_Init(&s->state);
}

void digest_add(struct digest_stream *s, const void *p, size_t n)
{
	SHA256_Update(&s->state, p, n);
}

void digest_end(struct digest_stream *s, uint8_t out[static DIGEST_MAX])
{
	SHA256_Final(out, &s->state);
}

bool digest_key_set(struct digest_key *k, struct bytes key)
{
	uint8_t pad[DIGEST_KEY_MAX] = {0};
	if (key.left > sizeof(pad) || !bytes_copy(&key, pad, key.left))
		return false;
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	SHA256_Init(&k->inner);
	SHA256_Update(&k->inner, pad, sizeof(pad));
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&k->outer);
	SHA256_Update(&k->outer, pad, sizeof(pad));
	return true;
}

void digest_hmac(
    const struct digest_key *k, const void *p, size_t n, uint8_t out[static DIGEST_MAX])
{
	SHA256_CTX c = k->inner;
	uint8_t inner[DIGEST_MAX];
	SHA256_Update(&c, p, n);
	SHA256_Final(inner, &c);
	c = k->outer;
	SHA256_Update(&c, inner, sizeof(inner));
	SHA256_Final(out, &c);
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
