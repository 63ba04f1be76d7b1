/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of TLS as text: the names of the IANA
 * registry, else "unknown-N" as Zeek writes. */
#ifndef DWELL_PROTO_TLS_NAMES_H
#define DWELL_PROTO_TLS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Values of version fields (RFC 8446, 4.1.2; drafts of 1.3 count up from 0x7f00). */
enum tls_version {
	TLS_VERSION_NONE = 0,
	TLS_SSL2 = 0x0002,
	TLS_SSL3 = 0x0300,
	TLS_1_0 = 0x0301,
	TLS_1_1 = 0x0302,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	DTLS_1_3 = 0xfefc,
	DTLS_1_2 = 0xfefd,
	DTLS_1_0 = 0xfeff,
	DTLS_OLD = 0x0100, /* OpenSSL's before the standard, still spoken by VPNs */
};

/* Whether records of that version hide the kind of their
 * content: TLS 1.3, its drafts, and every number that is not an
 * older version, since only drafts and experiments used others. */
static inline bool tls_is_13(uint16_t version)
{
	return version != TLS_SSL2 && version != DTLS_1_0 && version != DTLS_1_2 &&
	       version != DTLS_OLD && (version < TLS_SSL3 || version > TLS_1_2);
}

/* Whether the value is one of the sixteen that mean nothing (GREASE, RFC 8701). */
static inline bool tls_is_grease(uint16_t value)
{
	return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* Name of a version: SSLv2, SSLv3, TLSv10 …; static or in the arena. */
struct str tls_version_text(struct arena *a, uint16_t version);

/* Name of a cipher suite, or of a cipher kind of SSLv2 (three bytes). */
struct str tls_cipher_text(struct arena *a, uint32_t cipher);

/* Name of a group ("curve"). */
struct str tls_group_text(struct arena *a, uint16_t group);

/* Name of an alert's description. */
struct str tls_alert_text(struct arena *a, uint8_t alert);

#endif
