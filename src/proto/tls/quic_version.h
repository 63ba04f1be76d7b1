/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of QUIC that are on the wire, and what of them differs. */
#ifndef DWELL_PROTO_QUIC_VERSION_H
#define DWELL_PROTO_QUIC_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define QUIC_SALT_BYTES 20

enum quic_type { QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY };

struct quic_version {
	const uint8_t *salt; /* QUIC_SALT_BYTES of the Initial secrets; NULL: in clear */
	bool second;         /* packet types and labels as in version 2 (RFC 9369) */
	bool google;         /* its handshake is no TLS but Google's tags, "CHLO" */
};

/* What is known of a version number; false: nothing. */
bool quic_version_of(uint32_t number, struct quic_version *v);

/* Whether the number is one that only exercises version negotiation (RFC 9000, 15). */
bool quic_version_reserved(uint32_t number);

/* The type of a packet with a long header and this first byte. */
enum quic_type quic_type_of(const struct quic_version *v, uint8_t first);

/* The version as the quic table names it. */
struct str quic_version_text(struct arena *a, uint32_t number);

#endif
