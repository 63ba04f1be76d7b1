/* SPDX-License-Identifier: Apache-2.0 */
/* The slots into which the fields of Zeek's logs are sorted. Those of one kind begin
 * where the common ones end; kinds share numbers, as a line is of one kind. */
#ifndef DWELL_INPUT_ZEEK_TABLE_H
#define DWELL_INPUT_ZEEK_TABLE_H

enum zeek_common_slot {
	Z_PATH,
	Z_TS,
	Z_UID,
	Z_SRC,
	Z_SPORT,
	Z_DST,
	Z_DPORT,
	Z_PROTO,
	Z_COMMON
};

enum zeek_conn_slot {
	Z_SERVICE = Z_COMMON,
	Z_DURATION,
	Z_ORIG_BYTES,
	Z_RESP_BYTES,
	Z_STATE,
	Z_MISSED,
	Z_HISTORY,
	Z_ORIG_PKTS,
	Z_ORIG_IP,
	Z_RESP_PKTS,
	Z_RESP_IP,
	Z_VLAN,
	Z_IP_PROTO,
	Z_CONN_END
};

enum zeek_dns_slot {
	Z_ID = Z_COMMON,
	Z_RTT,
	Z_QUERY,
	Z_QCLASS,
	Z_QCLASS_NAME,
	Z_QTYPE,
	Z_QTYPE_NAME,
	Z_RCODE,
	Z_RCODE_NAME,
	Z_AA,
	Z_TC,
	Z_RD,
	Z_RA,
	Z_ANSWERS,
	Z_TTLS,
	Z_OPCODE,
	Z_DNS_END
};

enum zeek_ssl_slot {
	Z_VERSION = Z_COMMON,
	Z_CIPHER,
	Z_CURVE,
	Z_SNI,
	Z_RESUMED,
	Z_ALERT,
	Z_ALPN,
	Z_ESTABLISHED,
	Z_CHAIN,
	Z_CLIENT_CHAIN,
	Z_CHAIN_FPS,
	Z_CLIENT_CHAIN_FPS,
	Z_SUBJECT,
	Z_ISSUER,
	Z_JA3,
	Z_JA3S,
	Z_JA4,
	Z_SSL_END
};

enum zeek_x509_slot {
	Z_CERT_ID = Z_COMMON,
	Z_FINGERPRINT,
	Z_CERT_VERSION,
	Z_SERIAL,
	Z_CERT_SUBJECT,
	Z_CERT_ISSUER,
	Z_NOT_BEFORE,
	Z_NOT_AFTER,
	Z_KEY_ALG,
	Z_SIG_ALG,
	Z_KEY_TYPE,
	Z_KEY_BITS,
	Z_EXPONENT,
	Z_CERT_CURVE,
	Z_SAN_DNS,
	Z_SAN_URI,
	Z_SAN_EMAIL,
	Z_SAN_IP,
	Z_IS_CA,
	Z_CLIENT_CERT,
	Z_X509_END
};

enum zeek_http_slot {
	Z_DEPTH = Z_COMMON,
	Z_METHOD,
	Z_HOST,
	Z_URI,
	Z_REFERRER,
	Z_HTTP_VERSION,
	Z_USER_AGENT,
	Z_ORIGIN,
	Z_REQUEST_LEN,
	Z_RESPONSE_LEN,
	Z_STATUS,
	Z_REASON,
	Z_USERNAME,
	Z_PROXIED,
	Z_HTTP_END
};

enum zeek_ssh_slot {
	Z_SSH_VERSION = Z_COMMON,
	Z_CLIENT,
	Z_SERVER,
	Z_SSH_CIPHER,
	Z_MAC,
	Z_COMPRESSION,
	Z_KEX,
	Z_HOST_KEY_ALG,
	Z_HOST_KEY,
	Z_HASSH,
	Z_HASSH_SERVER,
	Z_SSH_END
};

enum zeek_weird_slot { Z_NAME = Z_COMMON, Z_ADDL, Z_NOTICE, Z_WEIRD_END };

enum zeek_loss_slot { Z_GAPS = Z_COMMON, Z_PERCENT_LOST, Z_LOSS_END };

enum zeek_stats_slot { Z_DROPPED = Z_COMMON, Z_PKTS_PROC, Z_STATS_END };

/* More than any kind has: X.509 has most. */
#define ZEEK_SLOTS_MAX 32

_Static_assert(Z_X509_END <= ZEEK_SLOTS_MAX && Z_DNS_END <= ZEEK_SLOTS_MAX &&
		   Z_SSL_END <= ZEEK_SLOTS_MAX && Z_CONN_END <= ZEEK_SLOTS_MAX &&
		   Z_HTTP_END <= ZEEK_SLOTS_MAX && Z_SSH_END <= ZEEK_SLOTS_MAX,
    "slots must fit");

#endif
