/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVE events of what is exchanged in messages: smtp (with email), sip, snmp, dhcp, quic,
 * ike, and anomaly. snmp, quic and ike have an event for each row of ours, which is a
 * community of a flow, a connection, a negotiation; Suricata has one for each message.
 */
#include "export/eve.h"

// clang-format off

static const struct foreign_column smtp[] = {
	EVENT_COLUMNS("smtp", "'tcp'"),
	{"tx_id", FOREIGN_COUNT, "r.trans_depth-1"},
	{"smtp.helo", FOREIGN_STRING, "r.helo"},
	{"smtp.mail_from", FOREIGN_STRING, "'<'||r.mailfrom||'>'"},
	{"smtp.rcpt_to", FOREIGN_STRINGS, LIST_OR_NONE("list_transform(r.rcptto,x->'<'||x||'>')")},
	{"email.status", FOREIGN_STRING, "CASE WHEN r.mail_bytes>0 THEN 'PARSE_DONE' END"},
	{"email.from", FOREIGN_STRING, "CASE WHEN r.mail_bytes>0 THEN r.header_from END"},
	{"email.to", FOREIGN_STRINGS, "CASE WHEN r.mail_bytes>0 THEN regexp_replace(r.header_to,', *',chr(31),'g') END"},
	{"email.cc", FOREIGN_STRINGS, "CASE WHEN r.mail_bytes>0 THEN regexp_replace(r.cc,', *',chr(31),'g') END"},
	{"email.subject", FOREIGN_STRING, "CASE WHEN r.mail_bytes>0 THEN r.subject END"},
};

/* A method out of the CSeq of a response is no member of it. */
static const struct foreign_column sip[] = {
	EVENT_COLUMNS_OF("sip", "'udp'", "NOT r.from_src"),
	{"sip.method", FOREIGN_STRING, "CASE WHEN r.status_code IS NULL THEN r.method END"},
	{"sip.uri", FOREIGN_STRING, "CASE WHEN r.status_code IS NULL THEN r.uri END"},
	{"sip.version", FOREIGN_STRING, "'SIP/2.0'"},
	{"sip.request_line", FOREIGN_STRING, "CASE WHEN r.status_code IS NULL THEN r.method||' '||r.uri||' SIP/2.0' END"},
	{"sip.code", FOREIGN_STRING, "r.status_code::VARCHAR"},
	{"sip.reason", FOREIGN_STRING, "r.status_msg"},
	{"sip.response_line", FOREIGN_STRING, "'SIP/2.0 '||r.status_code||' '||r.status_msg"},
};

static const struct foreign_column snmp[] = {
	EVENT_COLUMNS("snmp", "'udp'"),
	{"snmp.version", FOREIGN_COUNT, "TRY_CAST(left(r.version,1) AS BIGINT)"},
	{"snmp.error", FOREIGN_COUNT, "r.error"},
	{"snmp.vars", FOREIGN_STRINGS, "r.first_oid"},
	{"snmp.community", FOREIGN_STRING, "CASE WHEN r.version<>'3' THEN r.community END"},
	{"snmp.usm", FOREIGN_STRING, "CASE WHEN r.version='3' THEN r.community END"},
};

#define FROM_SERVER "r.message IN ('OFFER','ACK','NAK','BOOTREPLY','FORCERENEW','LEASEUNASSIGNED','LEASEUNKNOWN','LEASEACTIVE')"

/* Suricata has DHCP of IPv4 only. Its address of nobody is 0.0.0.0. */
static const struct foreign_column dhcp[] = {
	EVENT_COLUMNS("dhcp", "'udp'"),
	{"dhcp.type", FOREIGN_STRING, "CASE WHEN " FROM_SERVER " THEN 'reply' ELSE 'request' END"},
	{"dhcp.id", FOREIGN_COUNT, "r.id"},
	{"dhcp.client_mac", FOREIGN_STRING, "r.mac"},
	{"dhcp.assigned_ip", FOREIGN_STRING, "COALESCE(r.assigned_addr,'0.0.0.0')"},
	{"dhcp.client_ip", FOREIGN_STRING, "r.client_addr"},
	{"dhcp.relay_ip", FOREIGN_STRING, "r.relay_addr"},
	{"dhcp.requested_ip", FOREIGN_STRING, "r.requested_addr"},
	{"dhcp.dhcp_type", FOREIGN_STRING, "CASE WHEN r.message NOT LIKE 'BOOT%' THEN lower(r.message) END"},
	{"dhcp.hostname", FOREIGN_STRING, "r.host_name"},
	{"dhcp.vendor_class_identifier", FOREIGN_STRING, "r.vendor_class"},
	{"dhcp.lease_time", FOREIGN_COUNT, "r.lease_time"},
};

/* Versions without a name are their number, hexadecimal, without leading zeros. */
#define QUIC_VERSION                                                                     \
	"CASE WHEN r.version='quicv2' THEN 'v2' "                                         \
	"WHEN r.version LIKE 'draft-%' THEN printf('%x',4278190080+regexp_extract(r.version,'[0-9]+')::BIGINT) " \
	"WHEN r.version LIKE 'mvfst-%' THEN 'faceb0'||lpad(regexp_extract(r.version,'-(.*)$',1),2,'0') " \
	"WHEN r.version LIKE 'unknown-%' THEN ltrim(regexp_extract(r.version,'-(.*)$',1),'0') ELSE r.version END"

static const struct foreign_column quic[] = {
	EVENT_COLUMNS("quic", "'udp'"),
	{"quic.version", FOREIGN_STRING, QUIC_VERSION},
	{"quic.sni", FOREIGN_STRING, "r.server_name"},
	{"quic.ja4", FOREIGN_STRING, "r.ja4"},
};

#define IKE_EXCHANGE                                                                     \
	"CASE lower(r.exchange) WHEN 'base' THEN 1 WHEN 'main_mode' THEN 2 WHEN 'auth_only' THEN 3 " \
	"WHEN 'aggressive' THEN 4 WHEN 'informational' THEN CASE WHEN r.version LIKE '1%' THEN 5 ELSE 37 END " \
	"WHEN 'quick_mode' THEN 32 WHEN 'ike_sa_init' THEN 34 WHEN 'ike_auth' THEN 35 "   \
	"WHEN 'create_child_sa' THEN 36 WHEN 'ike_intermediate' THEN 43 "                 \
	"ELSE TRY_CAST(regexp_extract(r.exchange,'[0-9]+') AS BIGINT) END"

static const struct foreign_column ike[] = {
	EVENT_COLUMNS("ike", "'udp'"),
	{"ike.version_major", FOREIGN_COUNT, "TRY_CAST(left(r.version,1) AS BIGINT)"},
	{"ike.version_minor", FOREIGN_COUNT, "TRY_CAST(right(r.version,1) AS BIGINT)"},
	{"ike.init_spi", FOREIGN_STRING, "r.client_id"},
	{"ike.resp_spi", FOREIGN_STRING, "COALESCE(r.server_id,'0000000000000000')"},
	{"ike.exchange_type", FOREIGN_COUNT, IKE_EXCHANGE},
	{"ike.ikev1.vendor_ids", FOREIGN_STRINGS, "CASE WHEN r.version LIKE '1%' THEN " LIST_OR_NONE("r.vendor_ids") " END"},
};

/* The names of our kinds that mean the same in Suricata's streams and decoders. */
#define ANOMALY_EVENT                                                                    \
	"CASE r.kind WHEN 'tcp_overlap' THEN 'stream.reassembly_overlap_different_data' " \
	"WHEN 'fragment_overlap' THEN 'decoder.ipv4.frag_overlap' ELSE r.kind END"
#define ANOMALY_TYPE                                                                     \
	"CASE WHEN r.kind IN ('protocol_error','odd_port') THEN 'applayer' WHEN r.kind LIKE 'fragment%' THEN 'decode' ELSE 'stream' END"
#define ANOMALY_LAYER                                                                    \
	"CASE r.kind WHEN 'protocol_error' THEN 'proto_parser' WHEN 'odd_port' THEN 'proto_detect' END"

static const struct foreign_column anomaly[] = {
	EVENT_COLUMNS("anomaly", "r.proto"),
	{"anomaly.app_proto", FOREIGN_STRING, "NULLIF(regexp_extract(r.detail,'(?:^| )(?:protocol|service)=([^ ]*)',1),'')"},
	{"anomaly.type", FOREIGN_STRING, ANOMALY_TYPE},
	{"anomaly.event", FOREIGN_STRING, ANOMALY_EVENT},
	{"anomaly.layer", FOREIGN_STRING, ANOMALY_LAYER},
	{"anomaly.detail", FOREIGN_STRING, "r.detail"},
};

static const struct foreign_log events[] = {
	EVENT(smtp, NULL, WITH_CONN("smtp")),
	EVENT(sip, NULL, WITH_CONN("sip")),
	EVENT(snmp, NULL, WITH_CONN("snmp")),
	EVENT(dhcp, NULL, WITH_CONN("(SELECT * FROM dhcp WHERE kind='dhcp')")),
	EVENT(quic, NULL, WITH_CONN("quic")),
	EVENT(ike, NULL, WITH_CONN("(SELECT * FROM vpn WHERE kind='ike')")),
	EVENT(anomaly, NULL, WITH_CONN("anomaly")),
};
// clang-format on

const struct foreign_list eve_messages = {events, COUNT(events)};
