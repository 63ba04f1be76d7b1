/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client or server hello, taken apart (RFC 5246, 7.4.1; RFC 8446, 4.1). All members
 * borrow the message's bytes. The same body comes in TLS records, in DTLS and in the
 * CRYPTO frames of QUIC.
 *
 *     version(2) random(32) session_id<1> ciphers<2>|cipher(2) compressions<1>|(1)
 * [extensions<2>] extension: type(2) data<2>
 */
#ifndef DWELL_PROTO_TLS_HELLO_H
#define DWELL_PROTO_TLS_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define TLS_EXTENSIONS_MAX 256  /* of one hello; with more, no fingerprint is made */
#define TLS_CIPHERS_MAX    1024 /* of one hello; with more, no fingerprint is made */
#define TLS_RANDOM_BYTES   32

enum tls_parse {
	TLS_PARSED,
	TLS_MALFORMED,  /* lengths contradict each other; what came before is set */
	TLS_OVER_LIMIT, /* more extensions or ciphers; the first ones are set */
};

struct tls_hello {
	uint16_t version;      /* legacy version field */
	const uint8_t *random; /* TLS_RANDOM_BYTES of them; NULL in SSLv2 */
	struct bytes session_id;
	struct bytes ciphers; /* two bytes each (SSLv2: three); in a server hello, one */
	struct bytes extensions; /* whole extensions, TLS_EXTENSIONS_MAX at most */
	size_t extension_count;
	bool has_sni;
	struct bytes sni;        /* first host name */
	struct bytes alpn;       /* first protocol name */
	struct bytes groups;     /* supported_groups, two bytes each */
	struct bytes formats;    /* ec_point_formats, one byte each */
	struct bytes signatures; /* signature_algorithms, two bytes each */
	struct bytes versions;   /* supported_versions, two bytes each */
	bool has_versions;
	uint16_t group;      /* key_share of a server hello; 0: none */
	bool ticket;         /* a session_ticket extension that is not empty */
	bool pre_shared_key; /* the pre_shared_key extension is there */
	bool ssl2;           /* it came in the format of SSLv2 */
};

/* Read the body of a client hello; that of DTLS has a cookie in front of the ciphers
 * (RFC 6347, 4.2.1). */
enum tls_parse tls_client_hello_parse(
    struct bytes body, bool datagram, struct tls_hello *h);

/* Read the body of a server hello (also of a hello retry request). */
enum tls_parse tls_server_hello_parse(struct bytes body, struct tls_hello *h);

/* Whether the server hello is a hello retry request (RFC 8446, 4.1.3). */
bool tls_hello_is_retry(const struct tls_hello *h);

/* The version that a server hello agrees to. */
uint16_t tls_hello_agreed(const struct tls_hello *h);

/* The highest version that a client hello offers. */
uint16_t tls_hello_highest(const struct tls_hello *h);

#endif
