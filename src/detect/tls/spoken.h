/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pairs of a memory speak on which port: conn.service as a set of the words that
 * matter here. From the connections that are held, or by a query; either gives each pair
 * once, in no order.
 */
#ifndef DWELL_DETECT_TLS_SPOKEN_H
#define DWELL_DETECT_TLS_SPOKEN_H

#include <stdbool.h>

#include "detect/series.h"

/*
 * W(KEY, "word as Zeek has it", "as others have it", port of TCP, port of UDP): ports are
 * those whose first meaning it is; more of them in spoken.c. A KEY is a bit.
 */
// clang-format off
#define SPOKEN_WORDS(W) \
	W(SSL,       "ssl",       "tls",       443,  0) \
	W(QUIC,      "quic",      "quic",      0,    443) \
	W(HTTP,      "http",      "http2",     80,   0) \
	W(DNS,       "dns",       "dns",       53,   53) \
	W(SSH,       "ssh",       "ssh",       22,   0) \
	W(SMTP,      "smtp",      "smtp",      25,   0) \
	W(FTP,       "ftp",       "ftp",       21,   0) \
	W(TELNET,    "telnet",    "telnet",    23,   0) \
	W(POP3,      "pop3",      "pop3",      110,  0) \
	W(IMAP,      "imap",      "imap",      143,  0) \
	W(KERBEROS,  "krb",       "krb5",      88,   88) \
	W(LDAP,      "ldap",      "ldap_tcp",  389,  389) \
	W(SMB,       "smb",       "smb",       445,  0) \
	W(RPC,       "dce_rpc",   "dcerpc",    135,  0) \
	W(RDP,       "rdp",       "rdp",       3389, 3389) \
	W(VNC,       "rfb",       "vnc",       5900, 0) \
	W(TDS,       "tds",       "tds",       1433, 0) \
	W(MYSQL,     "mysql",     "mysql",     3306, 0) \
	W(POSTGRES,  "postgresql", "pgsql",    5432, 0) \
	W(REDIS,     "redis",     "redis",     6379, 0) \
	W(MQTT,      "mqtt",      "mqtt",      1883, 0) \
	W(SOCKS,     "socks",     "socks",     1080, 0) \
	W(IRC,       "irc",       "irc",       6667, 0) \
	W(MODBUS,    "modbus",    "modbus",    502,  0) \
	W(DNP3,      "dnp3",      "dnp3_tcp",  20000, 0) \
	W(S7,        "s7comm",    "s7",        102,  0) \
	W(NTP,       "ntp",       "ntp",       0,    123) \
	W(DHCP,      "dhcp",      "dhcp",      0,    67) \
	W(TFTP,      "tftp",      "tftp",      0,    69) \
	W(SNMP,      "snmp",      "snmp",      0,    161) \
	W(SYSLOG,    "syslog",    "syslog",    0,    514) \
	W(SIP,       "sip",       "sip",       5060, 5060) \
	W(RADIUS,    "radius",    "radius",    0,    1812) \
	W(IKE,       "ike",       "ipsec",     0,    500) \
	W(OPENVPN,   "openvpn",   "openvpn",   0,    1194) \
	W(WIREGUARD, "wireguard", "wireguard", 0,    51820) \
	W(STUN,      "stun",      "turn",      0,    3478) \
	W(ENCRYPTED, "encrypted", "encrypted", 0,    0)
// clang-format on

enum spoken_word {
#define W(KEY, word, other, tcp, udp) SPOKEN_##KEY,
	SPOKEN_WORDS(W)
#undef W
	    SPOKEN_OTHER, /* a word that is none of these */
	SPOKEN_WORD_COUNT,
};

#define SPOKEN_BIT(KEY) (UINT64_C(1) << SPOKEN_##KEY)

_Static_assert(SPOKEN_WORD_COUNT <= 64, "a set of words is a bit each");

/* The word as it is shown; static. */
const char *spoken_name(enum spoken_word w);

/* The words of a service text, as bits. */
uint64_t spoken_words(struct str service);

/* The word that the port is registered for; SPOKEN_WORD_COUNT: none of these. */
enum spoken_word spoken_registered(uint16_t port, bool udp);

/* A pair that spoke something. */
struct spoken {
	struct addr src, dst;
	uint16_t port;
	bool udp;
	uint64_t words; /* of all its connections */
};

/* Show each pair of TCP and UDP that has a service, once. Negative with *e set. */
int spoken_read(const struct source *s,
    void (*visit)(void *ctx, const struct spoken *pair), void *ctx, struct error *e);

#endif
