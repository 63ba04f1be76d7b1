/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every table of the memory, said once. From these lists come the C structs,
 * the DDL, the JSON and CSV columns, the exports and doc/format/tables.md.
 * The columns lie beside it by family (fields_*.h):
 *
 * F(KIND, name, "meaning"), in column order. Kinds (record/record.h):
 * TIME, SECONDS, REAL, IP, PORT, COUNT, INT, FLAG, TEXT, TEXTS, INTS.
 * Units and absence are part of the meaning.
 */
#ifndef DWELL_RECORD_TABLES_H
#define DWELL_RECORD_TABLES_H

#include "record/fields_common.h"
#include "record/fields_db.h"
#include "record/fields_flow.h"
#include "record/fields_mail.h"
#include "record/fields_net.h"
#include "record/fields_ot.h"
#include "record/fields_peers.h"
#include "record/fields_remote.h"
#include "record/fields_rollup.h"
#include "record/fields_tls.h"
#include "record/fields_told.h"
#include "record/fields_web.h"
#include "record/fields_windows.h"

// clang-format off
/* T(TYPE, type, table, FIELDS, "what a row is") */
#define RECORD_TABLES(T) \
	T(CONN,    conn,    "conn",    CONN_FIELDS,    "a connection") \
	T(TUNNEL,  tunnel,  "tunnel",  TUNNEL_FIELDS,  "a tunnel with what it carried") \
	T(DNS,     dns,     "dns",     DNS_FIELDS,     "a DNS question with its answer") \
	T(TLS,     tls,     "tls",     TLS_FIELDS,     "a TLS or SSL handshake, over TCP, QUIC or DTLS") \
	T(QUIC,    quic,    "quic",    QUIC_FIELDS,    "a QUIC connection") \
	T(CERT,    cert,    "cert",    CERT_FIELDS,    "a certificate as it was sent") \
	T(OCSP,    ocsp,    "ocsp",    OCSP_FIELDS,    "what an OCSP responder says of a certificate, over HTTP or stapled to a handshake") \
	T(HTTP,    http,    "http",    HTTP_FIELDS,    "an HTTP request with its response") \
	T(FILE,    file,    "file",    FILE_FIELDS,    "a file that was transferred; never its content") \
	T(SMTP,    smtp,    "smtp",    SMTP_FIELDS,    "a mail handed over by SMTP, or the attempt") \
	T(SSH,     ssh,     "ssh",     SSH_FIELDS,     "an SSH handshake") \
	T(OT,      ot,      "ot",      OT_FIELDS,      "a request to an industrial device with its answer, or what it sends unasked") \
	T(DHCP,    dhcp,    "dhcp",    DHCP_FIELDS,    "a message of DHCP: who asked for, and who had which address") \
	T(SMB,     smb,     "smb",     SMB_FIELDS,     "a command of SMB with its answer") \
	T(DCE_RPC, dce_rpc, "dce_rpc", DCE_RPC_FIELDS, "a remote procedure call") \
	T(NTLM,    ntlm,    "ntlm",    NTLM_FIELDS,    "an authentication by NTLM") \
	T(KERBEROS, kerberos, "kerberos", KERBEROS_FIELDS, "a request for a Kerberos ticket with its answer, or its use") \
	T(NTP,     ntp,     "ntp",     NTP_FIELDS, "a message of NTP") \
	T(SNMP,    snmp,    "snmp",    SNMP_FIELDS, "what was asked of an SNMP agent with one community") \
	T(SIP,     sip,     "sip",     SIP_FIELDS, "a request or response of SIP") \
	T(STUN,    stun,    "stun",    STUN_FIELDS, "a flow of STUN: how a host looks from outside") \
	T(RADIUS,  radius,  "radius",  RADIUS_FIELDS, "a logon over RADIUS with its answer") \
	T(SYSLOG,  syslog,  "syslog",  SYSLOG_FIELDS, "a message of syslog") \
	T(VPN,     vpn,     "vpn",     VPN_FIELDS, "the start of a tunnel: IKE, OpenVPN, WireGuard") \
	T(LDAP,    ldap,    "ldap",    LDAP_FIELDS,    "a request to a directory with its result") \
	T(RDP,     rdp,     "rdp",     RDP_FIELDS,     "a remote desktop connection") \
	T(LOGIN,   login,   "login",   LOGIN_FIELDS,   "a logon in a protocol that has no table of its own; never the password") \
	T(FTP,     ftp,     "ftp",     FTP_FIELDS,     "a command of FTP that moves files or says where, with its reply; a transfer by TFTP") \
	T(MAILBOX, mailbox, "mailbox", MAILBOX_FIELDS, "what a client did in one folder of a mail box over POP3 or IMAP") \
	T(DB,      db,      "db",      DB_FIELDS,      "a command to a database with its answer") \
	T(MQ,      mq,      "mq",      MQ_FIELDS,      "what a client and a message broker say to each other") \
	T(SOCKS,   socks,   "socks",   SOCKS_FIELDS,   "a request to a SOCKS proxy with its answer") \
	T(RPC,     rpc,     "rpc",     RPC_FIELDS,     "a call of ONC RPC (portmap, mount, NFS) with its answer") \
	T(IRC,     irc,     "irc",     IRC_FIELDS,     "who comes to a chat by IRC, where to, and files offered there; never what is said") \
	T(BITTORRENT, bittorrent, "bittorrent", BITTORRENT_FIELDS, "a message of BitTorrent: a handshake, its hash table, a tracker") \
	T(ANOMALY, anomaly, "anomaly", ANOMALY_FIELDS, "something that should not happen on a wire") \
	T(WATCH,   watch,   "watch",   WATCH_FIELDS,   "a minute of watching") \
	T(DECAY,   decay,   "decay",   DECAY_FIELDS,   "rows that were removed to keep to the policy") \
	T(FINDING, finding, "finding", FINDING_FIELDS, "a detector's dated statement") \
	T(CASE,    case,    "cases",   CASE_FIELDS,    "findings that belong to one story, joined")

/* T(TYPE, type, table, FIELDS, "what a row is") */
#define ROLLUP_TABLES(T) \
	T(PAIR_DAY,   pair_day,   "pair_day",   PAIR_DAY_FIELDS,   "what two addresses did on one day on one port under one name") \
	T(PAIR_MONTH, pair_month, "pair_month", PAIR_MONTH_FIELDS, "the same in one month") \
	T(PAIR_YEAR,  pair_year,  "pair_year",  PAIR_YEAR_FIELDS,  "the same in one year") \
	T(SEEN,       seen,       "seen",       SEEN_FIELDS,       "something that identifies, as one client showed it in one year") \
	T(WATCH_HOUR, watch_hour, "watch_hour", WATCH_HOUR_FIELDS, "an hour of watching")

// clang-format on

#endif
