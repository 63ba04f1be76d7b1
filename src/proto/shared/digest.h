/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as the fingerprints of protocols need them: short inputs, hexadecimal out. */
#ifndef DWELL_PROTO_DIGEST_H
#define DWELL_PROTO_DIGEST_H

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define DIGEST_TEXT_MAX 65 /* bytes of the longest digest as text, its NUL included */
#define DIGEST_MAX      32 /* bytes of the longest digest */

enum digest_kind {
	DIGEST_MD5, /* JA3, HASSH, SSH fingerprints; 16 bytes. Not for anything secret. */
	DIGEST_SHA1,   /* 20 bytes */
	DIGEST_SHA256, /* certificates, JA4; 32 bytes */
	DIGEST_KINDS
};

/* Write the digest of the n bytes at p; its length in bytes. */
size_t digest_bytes(
    enum digest_kind kind, const void *p, size_t n, uint8_t out[static DIGEST_MAX]);

/* A piece of what is digested. */
struct digest_part {
	const void *p; /* borrowed; NULL only with n 0 */
	size_t n;
};

/* As digest_bytes, over the count parts at v, one after the other. */
size_t digest_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    uint8_t out[static DIGEST_MAX]);

/* SHA-256 of bytes that come in pieces; begun anew by digest_begin, at any time. */
struct digest_stream {
	SHA256_CTX state;
};

void digest_begin(struct digest_stream *s);
void digest_add(struct digest_stream *s, const void *p, size_t n);

/* Write the DIGEST_MAX bytes of the digest. */
void digest_end(struct digest_stream *s, uint8_t out[static DIGEST_MAX]);

/* A key of HMAC-SHA256 (RFC 2104), digested once for all texts. */
struct digest_key {
	SHA256_CTX inner, outer;
};

/* A key of at most DIGEST_KEY_MAX bytes; false: it is longer. */
#define DIGEST_KEY_MAX 64
bool digest_key_set(struct digest_key *k, struct bytes key);

/* Write the DIGEST_MAX bytes of the HMAC of the n bytes at p. */
void digest_hmac(
    const struct digest_key *k, const void *p, size_t n, uint8_t out[static DIGEST_MAX]);

/* A digest as lower-case hexadecimal digits, NUL-terminated; the length without NUL. */
size_t digest_hex(
    enum digest_kind kind, const void *p, size_t n, char out[static DIGEST_TEXT_MAX]);

/* The same over the count parts at v, one after the other, without joining them first. */
size_t digest_hex_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    char out[static DIGEST_TEXT_MAX]);

/* A digest of n bytes (at most DIGEST_MAX) as lower-case hexadecimal digits,
 * NUL-terminated; the length without NUL. */
size_t digest_text(const uint8_t *digest, size_t n, char out[static DIGEST_TEXT_MAX]);

#endif
