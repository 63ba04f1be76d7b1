/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as the fingerprints of protocols need them: short inputs, hexadecimal out. */
#ifndef DWELL_PROTO_DIGEST_H
#define DWELL_PROTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_TEXT_MAX 65 /* bytes of the longest digest as text, its NUL included */
#define DIGEST_MAX      32 /* bytes of the longest digest */

enum digest_kind {
	DIGEST_MD5, /* JA3, HASSH, SSH fingerprints; 16 bytes. Not for anything secret. */
	DIGEST_SHA1,   /* 20 bytes */
	DIGEST_SHA256, /* certificates, JA4; 32 bytes */
	DIGEST_KINDS
};

/* Write the digest of the n bytes at p; its length in bytes, or 0 (and out zeroed) when
 * the library has no such digest. */
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

/* The same as lower-case hexadecimal digits, NUL-terminated; the length without NUL. */
size_t digest_hex(
    enum digest_kind kind, const void *p, size_t n, char out[static DIGEST_TEXT_MAX]);

/* The same over the count parts at v, one after the other, without joining them first. */
size_t digest_hex_parts(enum digest_kind kind, const struct digest_part *v, size_t count,
    char out[static DIGEST_TEXT_MAX]);

/* A digest of n bytes (at most DIGEST_MAX) as lower-case hexadecimal digits,
 * NUL-terminated; the length without NUL. */
size_t digest_text(const uint8_t *digest, size_t n, char out[static DIGEST_TEXT_MAX]);

#endif
