/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protection of Initial packets (RFC 9001, 5.2 to 5.4): their keys follow from the
 * connection id that the client chose for the server, which everybody can read. It keeps
 * middleboxes from meddling, not observers from reading.
 */
#ifndef DWELL_PROTO_QUIC_CRYPTO_H
#define DWELL_PROTO_QUIC_CRYPTO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "proto/tls/quic_version.h"

#define QUIC_SECRET_BYTES 32
#define QUIC_SAMPLE_BYTES 16
#define QUIC_TAG_BYTES    16

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* The Initial secret of a connection id; false when the version has none. */
bool quic_secret(const struct quic_version *v, struct bytes dcid,
    uint8_t secret[static QUIC_SECRET_BYTES]);

/* The keys of one direction of it. */
bool quic_keys(const struct quic_version *v,
    const uint8_t secret[static QUIC_SECRET_BYTES], bool server, struct quic_keys *k);

/*
 * Open a packet: whole begins with its first byte and ends with its tag; its packet
 * number stands at number_at. The payload in clear, in the arena, in *payload. False when
 * the keys do not fit, or whole is too short.
 */
bool quic_open(const struct quic_keys *k, struct bytes whole, size_t number_at,
    struct arena *a, struct bytes *payload);

#endif
