/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Community ID version 1 (Corelight's specification): the same short text for a
 * connection in every program that knows it, whichever side it takes for the source.
 *
 *     "1:" base64(SHA-1(seed, low address, high address, protocol, 0, low port, high
 * port))
 */
#ifndef DWELL_STORE_COMMUNITY_ID_H
#define DWELL_STORE_COMMUNITY_ID_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"

#define COMMUNITY_ID_CHARS 30 /* of an identifier, without NUL */

struct community_id {
	EVP_MD *sha1;    /* owned */
	EVP_MD_CTX *ctx; /* owned */
};

struct community_flow {
	struct addr src, dst;
	uint16_t src_port, dst_port; /* type and code for ICMP */
	uint8_t proto;               /* IP protocol; ICMPv6 is 58 */
	uint16_t seed;               /* usually 0 */
};

/* Make ready. Negative with *e set; community_id_fini is due in either case. */
int community_id_init(struct community_id *c, struct error *e);
void community_id_fini(struct community_id *c);

/* Write the identifier, NUL-terminated. False when the addresses differ in family: such a
 * flow has none. */
bool community_id_write(struct community_id *c, const struct community_flow *f,
    char out[static COMMUNITY_ID_CHARS + 1]);

#endif
