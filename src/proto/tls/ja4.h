/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JA4, the client fingerprint (FoxIO, "JA4: TLS Client Fingerprinting", BSD 3-Clause).
 *
 *     t13d1516h2_8daaf6152771_e5627efa2ab1
 *     │││ │ │ │        │            └ SHA-256 of sorted extensions _ signature algorithms
 *     │││ │ │ │        └ SHA-256 of sorted ciphers, both cut to 12 digits
 *     │││ │ │ └ first and last character of the first ALPN protocol
 *     │││ │ └ extensions       ││└ ciphers: counts, at most 99; GREASE does not count
 *     ││└ d: server name there, i: not
 *     │└ version: 13 12 11 10 s3 s2 d1 d2 d3 00
 *     └ t: TCP, q: QUIC, d: DTLS
 */
#ifndef DWELL_PROTO_JA4_H
#define DWELL_PROTO_JA4_H

#include <stdbool.h>

#include "proto/tls/tls_hello.h"

#define JA4_TEXT_MAX 37 /* bytes of a fingerprint as text, its NUL included */

/* Fingerprint a client hello that came over transport ('t', 'q' or 'd'); false, and out
 * empty, when it is not defined (SSLv2's own format, lists over the limits). */
bool ja4_client(const struct tls_hello *h, char transport, char out[static JA4_TEXT_MAX]);

#endif
