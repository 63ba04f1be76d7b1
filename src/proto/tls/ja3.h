/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JA3 and JA3S (Althouse, Atkinson, Atkins 2017): MD5 of numbers of a hello, in decimal.
 *
 *     JA3:  version,ciphers,extensions,groups,formats     lists joined by '-', GREASE
 * left out JA3S: version,cipher,extensions
 */
#ifndef DWELL_PROTO_JA3_H
#define DWELL_PROTO_JA3_H

#include <stdbool.h>

#include "proto/tls/tls_hello.h"

#define JA3_TEXT_MAX 33 /* bytes of a fingerprint as text, its NUL included */

/* Fingerprint a client hello as 32 hexadecimal digits; false, and out empty, when it is
 * not defined (SSLv2, lists over the limits). */
bool ja3_client(const struct tls_hello *h, char out[static JA3_TEXT_MAX]);

/* The same for a server hello. */
bool ja3_server(const struct tls_hello *h, char out[static JA3_TEXT_MAX]);

#endif
