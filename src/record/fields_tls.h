/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of the tables (record/tables.h says how they are written).
 * TLS, QUIC and their certificates. */
#ifndef DWELL_RECORD_FIELDS_TLS_H
#define DWELL_RECORD_FIELDS_TLS_H

// clang-format off
#define TLS_FIELDS(F) \
	F(TIME,    ts,       "client hello, or the first message seen") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    version,  "agreed version: SSLv2 SSLv3 TLSv10 TLSv11 TLSv12 TLSv13 DTLSv10 DTLSv12 DTLSv13") \
	F(TEXT,    client_version, "highest version that the client offered, same names") \
	F(TEXT,    cipher,   "agreed cipher suite, IANA name") \
	F(TEXT,    curve,    "agreed group, IANA name") \
	F(TEXT,    sni,      "server name indication, lower case") \
	F(TEXT,    alpn,     "agreed application protocol; else the client's first offer") \
	F(FLAG,    resumed,  "a session was resumed") \
	F(FLAG,    established, "both sides changed to encrypted data") \
	F(TEXT,    ja3,      "JA3 of the client hello (MD5, hexadecimal)") \
	F(TEXT,    ja3s,     "JA3S of the server hello") \
	F(TEXT,    ja4,      "JA4 of the client hello") \
	F(TEXT,    alert,    "last alert seen, by its IANA name") \
	F(TEXT,    cert_sha256, "SHA-256 of the server's certificate; absent: not visible") \
	F(TEXT,    subject,  "its subject, RFC 4514") \
	F(TEXT,    issuer,   "its issuer, RFC 4514") \
	F(TEXTS,   san,      "its subject alternative names: DNS names and addresses") \
	F(TIME,    not_before, "valid from") \
	F(TIME,    not_after, "valid to") \
	F(COUNT,   cert_count, "certificates in the server's chain") \
	SOURCE_FIELDS(F)

#define QUIC_FIELDS(F) \
	F(TIME,    ts,       "first packet with a long header") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    version,  "1, quicv2, draft-N, mvfst-N (Facebook), Qnnn and Tnnn (Google); unknown-HEX") \
	F(TEXT,    client_initial_dcid, "destination connection id of the client's first Initial, hexadecimal") \
	F(TEXT,    client_scid, "connection id that the client chose; empty where it has no bytes") \
	F(TEXT,    server_scid, "connection id that the server chose") \
	F(TEXT,    server_name, "server name indication, lower case") \
	F(TEXT,    client_protocol, "first application protocol that the client offers (ALPN)") \
	F(TEXT,    ja4,      "JA4 of the client hello (q...)") \
	F(TEXT,    history,  "packets as Zeek writes them, the client's in upper case, until both sides send 1-RTT: " \
		"I Initial, H Handshake, Z 0-RTT, O 1-RTT, R Retry, S the TLS hello, C close, U unknown version, X no packet") \
	SOURCE_FIELDS(F)

#define CERT_FIELDS(F) \
	F(TIME,    ts,       "when it was seen") \
	ENDPOINT_FIELDS(F) \
	F(FLAG,    from_client, "sent by src (client authentication)") \
	F(COUNT,   position, "place in the chain; 0 is the end entity") \
	F(TEXT,    sha256,   "SHA-256 of the DER bytes, hexadecimal") \
	F(INT,     version,  "X.509 version, 1 to 3") \
	F(TEXT,    serial,   "serial number, upper-case hexadecimal") \
	F(TEXT,    subject,  "RFC 4514") \
	F(TEXT,    issuer,   "RFC 4514") \
	F(TIME,    not_before, "valid from") \
	F(TIME,    not_after, "valid to") \
	F(TEXT,    key_alg,  "algorithm of the public key, OpenSSL's long name") \
	F(TEXT,    sig_alg,  "algorithm of the signature, OpenSSL's long name") \
	F(TEXT,    key_type, "rsa, ecdsa, dsa; else absent") \
	F(INT,     key_bits, "bits of the public key") \
	F(INT,     exponent, "RSA public exponent") \
	F(TEXT,    curve,    "named curve of an EC key, OpenSSL's short name") \
	F(FLAG,    is_ca,    "basic constraints: may sign certificates; absent: no such extension") \
	F(TEXTS,   san_dns,  "alternative DNS names") \
	F(TEXTS,   san_ip,   "alternative addresses") \
	F(TEXTS,   san_email, "alternative mail addresses") \
	F(TEXTS,   san_uri,  "alternative URIs") \
	SOURCE_FIELDS(F)

#define OCSP_FIELDS(F) \
	F(TIME,    ts,       "end of the answer") \
	ENDPOINT_FIELDS(F) \
	F(TEXT,    protocol, "what carried it: http; ssl: stapled to the handshake") \
	F(TEXT,    hash_alg, "digest of the two hashes: sha1, sha256, sha384, sha512, md5; absent: another") \
	F(TEXT,    issuer_name_hash, "digest of the issuer's name, hexadecimal") \
	F(TEXT,    issuer_key_hash, "digest of the issuer's key, hexadecimal") \
	F(TEXT,    serial,   "serial number of the certificate, as in cert.serial") \
	F(TEXT,    status,   "good, revoked, or unknown") \
	F(TIME,    revoked,  "when it was revoked; absent: it was not") \
	F(TEXT,    reason,   "why, as RFC 5280 names it (keyCompromise ...); absent: not said") \
	F(TIME,    produced, "when the answer was signed") \
	F(TIME,    this_update, "when this was known to be so") \
	F(TIME,    next_update, "when more is known; absent: not said") \
	SOURCE_FIELDS(F)

// clang-format on

#endif
