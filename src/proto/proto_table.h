/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocols, in the order in which they are probed: those
 * that are surest of themselves first. P(name of the const struct
 * proto_parser in proto/NAME.c, without its _parser ending)
 */
#ifndef DWELL_PROTO_PROTO_TABLE_H
#define DWELL_PROTO_PROTO_TABLE_H

// clang-format off
#define INDUSTRIAL_TABLE(P) \
	P(modbus) \
	P(dnp3) \
	P(iec104) \
	P(s7comm) \
	P(mms) \
	P(enip) \
	P(cip_io) \
	P(synchrophasor) \
	P(hart_ip) \
	P(bacnet) \
	P(opcua) \
	P(profinet) \
	P(goose) \
	P(pn_dcp)

/* What runs over UDP, with a message a datagram. */
#define DATAGRAM_TABLE(P) \
	P(dtls) \
	P(stun) \
	P(dhcp) \
	P(dhcp6) \
	P(snmp) \
	P(sip) \
	P(ike) \
	P(wireguard) \
	P(ntp) \
	P(radius) \
	P(syslog) \
	P(openvpn) \
	P(icmp)

#define WINDOWS_TABLE(P) \
	P(smb) \
	P(dce_rpc) \
	P(krb) \
	P(ldap) \
	P(rdp)

/* Databases and message brokers. */
#define DATABASE_TABLE(P) \
	P(mysql) \
	P(postgresql) \
	P(mqtt) \
	P(redis) \
	P(tds) \
	P(mongodb) \
	P(memcached) \
	P(amqp)

/* Remote terminals and screens, network file systems, sharing, chat. */
#define REMOTE_TABLE(P) \
	P(rfb) \
	P(telnet) \
	P(rlogin) \
	P(rsh) \
	P(rexec) \
	P(rpc) \
	P(tftp) \
	P(irc) \
	P(bittorrent)

/* Lines of text: mails and files. */
#define MAIL_TABLE(P) \
	P(smtp) \
	P(ftp) \
	P(ftp_data) \
	P(pop3) \
	P(imap)

#define PROTO_TABLE(P) \
	P(socks) \
	P(ssh) \
	P(tls) \
	P(http2) \
	P(http) \
	MAIL_TABLE(P) \
	P(quic) \
	P(dns) \
	DATAGRAM_TABLE(P) \
	WINDOWS_TABLE(P) \
	DATABASE_TABLE(P) \
	REMOTE_TABLE(P) \
	INDUSTRIAL_TABLE(P)
// clang-format on

#endif
