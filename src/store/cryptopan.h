/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", ICNP
 * 2002): a keyed permutation of addresses under which two addresses that share their
 * first k bits still share exactly k.
 *
 *     bit i of the result = bit i of the address
 *                           XOR the first bit of AES-128(bits 0..i-1 of it, then the pad)
 *
 * Key material is that of the reference implementation, 16 bytes of AES key and 16 of
 * which the pad is the encryption, so both give the same pseudonyms.
 */
#ifndef DWELL_STORE_CRYPTOPAN_H
#define DWELL_STORE_CRYPTOPAN_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define CRYPTOPAN_KEY_BYTES 32
#define CRYPTOPAN_BLOCK     16

struct cryptopan {
	EVP_CIPHER_CTX *cipher; /* owned */
	uint8_t pad[CRYPTOPAN_BLOCK];
};

/* Make ready under a key. Negative with *e set when the cipher is not to be had;
 * cryptopan_fini is due in either case. */
int cryptopan_init(
    struct cryptopan *c, const uint8_t key[static CRYPTOPAN_KEY_BYTES], struct error *e);
void cryptopan_fini(struct cryptopan *c);

/* Map the n bytes of an address (4 or 16, network order) at in to out. */
void cryptopan_map(struct cryptopan *c, const uint8_t *in, size_t n, uint8_t *out);

#endif
