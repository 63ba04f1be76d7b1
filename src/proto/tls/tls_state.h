/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the tls parser only: what it keeps for one connection. */
#ifndef DWELL_PROTO_TLS_STATE_H
#define DWELL_PROTO_TLS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/buffer.h"
#include "proto/parser.h"
#include "proto/shared/digest.h"
#include "proto/tls/ja3.h"
#include "proto/tls/ja4.h"

#define TLS_MESSAGE_MAX    (256u << 10) /* bytes of one handshake message */
#define TLS_CERTS_MAX      16           /* certificates of one side that become records */
#define TLS_CERT_BYTES_MAX (64u << 10)  /* bytes of a certificate that is read */
#define TLS_TEXT_MAX       1024         /* bytes kept of a server name or protocol name */
#define TLS_SESSION_MAX    32           /* bytes of a session id (RFC 5246, 7.4.1.2) */

#define TLS_RECORD_HEADER 5
#define TLS_RECORD_MAX    (16384u + 2048) /* content of one record (RFC 5246, 6.2.3) */

/* Content types; those of SSLv2 are its message types with a high bit of ours. */
enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_HEARTBEAT = 24,
	TLS_SSL2_CLIENT_HELLO = 0x80 | 1,
	TLS_SSL2_CLIENT_MASTER_KEY = 0x80 | 2,
	TLS_SSL2_SERVER_HELLO = 0x80 | 4,
};

#define TLS_BEAT_HEAD  3  /* type and length of a heartbeat (RFC 6520, 4) … */
#define TLS_BEAT_LEAST 16 /* … and its least padding */

/* The heartbeats of a connection that no honest side sends: the request as it claims to
 * be and as it is, what came back. Encrypted ones tell their lengths alone. */
struct tls_beats {
	uint32_t claims, answers;
	uint32_t claimed, carried, answered;
	int8_t asker;   /* side + 1 of the last request; 0: none */
	bool suspect;   /* that request claims too much */
	bool encrypted; /* the last request is */
	uint8_t side;   /* that asked so */
	uint32_t asked; /* bytes of its record */
	struct moment ts;
};

struct tls_side {
	struct buffer messages; /* of handshake records; in SSLv2 the record itself */
	uint8_t header[TLS_RECORD_HEADER];
	uint8_t header_n;
	uint8_t type;     /* enum tls_content of the record at hand */
	uint8_t alert[2]; /* of an alert record, as far as it has come */
	uint8_t alert_n;
	uint8_t beat[TLS_BEAT_HEAD]; /* of a heartbeat, as far as it has come */
	uint8_t beat_n;
	bool opaque;      /* the record at hand is encrypted, or of no interest */
	bool changed;     /* ChangeCipherSpec was seen */
	bool data;        /* application data was seen where only TLS 1.3 has it */
	bool lost;        /* bytes are missing: nothing more is read from this side */
	uint32_t length;  /* bytes of the record at hand */
	uint32_t left;    /* bytes of the record at hand still to come */
	uint32_t records; /* that have begun */
	uint32_t certs;   /* emitted */
};

struct tls {
	struct tls_side side[2];
	struct moment ts; /* of the first message, and where it was read */
	uint32_t source;
	uint64_t offset;
	int client;        /* side of the client */
	unsigned messages; /* seen: handshake messages and alerts */
	char transport;    /* of JA4: 't' TCP, 'q' QUIC, 'd' DTLS */
	bool client_hello, server_hello;
	bool not_tls; /* one side answered with something else */
	bool established;
	bool settled; /* and something else than heartbeats followed */
	bool resumed;
	bool ticket, pre_shared_key; /* offered by the client */
	bool key_exchange;           /* sent by the client */
	bool alpn_chosen;
	uint8_t session_n;
	uint8_t session[TLS_SESSION_MAX]; /* offered by the client */
	uint16_t version, client_version, group;
	int32_t cipher; /* -1: none */
	int16_t alert;  /* -1: none */
	char ja3[JA3_TEXT_MAX], ja3s[JA3_TEXT_MAX], ja4[JA4_TEXT_MAX];
	char cert_sha256[DIGEST_TEXT_MAX];
	struct str sni, alpn; /* owned */
	struct bytes cert;    /* the server's own certificate; owned */
	uint32_t cert_count;
	struct tls_beats beats;
};

/* Begin with t, all zero: nothing is known yet. */
void tls_begin(struct tls *t, char transport);

/* Free what t owns. */
void tls_free(struct tls *t);

/* Bytes that t owns. */
size_t tls_owned(const struct tls *t);

/* The next whole handshake message of a side:
 * type, body. False when the side is of no more use. */
bool tls_message(
    struct parse *x, struct tls *t, int side, uint8_t type, struct bytes body);

/* The hellos of SSLv2; body begins after the message type. False as above. */
bool tls_ssl2_client_hello(struct parse *x, struct tls *t, int side, struct bytes body);
bool tls_ssl2_server_hello(struct parse *x, struct tls *t, int side, struct bytes body);

/* Note that a message was seen: the first one dates the record. */
void tls_seen(struct parse *x, struct tls *t);

/* Emit the tls record. */
void tls_emit(struct parse *x, const struct tls *t);

/* A heartbeat record of a side has begun that is encrypted; or the head of one that is
 * not has been read. */
void tls_beat_hidden(struct parse *x, struct tls *t, int side);
void tls_beat_plain(struct parse *x, struct tls *t, int side);

/* Emit what was odd of the heartbeats, if anything was. */
void tls_beats_emit(struct parse *x, const struct tls *t);

/* Emit a cert record for each certificate of a chain; those of the server are counted,
 * and the first one is kept in t. */
void tls_chain(struct parse *x, struct tls *t, int side, struct bytes list);

/* The same for one certificate, at its place in the chain. */
void tls_certificate(
    struct parse *x, struct tls *t, int side, size_t position, struct bytes der);

#endif
