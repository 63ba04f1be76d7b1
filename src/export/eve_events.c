/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Suricata's EVE events out of our tables: names as Suricata 7 writes them. One file,
 * event type by event type, each in time order. flow_id is made of the connection's first
 * packet and ends, and is the same in all its events. doc/format/export.md says what is
 * left out.
 */
#include "export/eve.h"

// clang-format off

/* How Suricata names what Zeek and we name otherwise. */
#define APP_PROTO                                                                        \
	"CASE split_part(service,',',1) WHEN 'ssl' THEN 'tls' WHEN 'krb' THEN 'krb5' "    \
	"WHEN 'dce_rpc' THEN 'dcerpc' WHEN 'encrypted' THEN 'failed' "                     \
	"ELSE split_part(service,',',1) END"

#define TCP_STATE                                                                        \
	"CASE WHEN state IN ('SF','RSTO','RSTR','RSTOS0','RSTRH','REJ') THEN 'closed' "   \
	"WHEN state IN ('S1','S2','S3') THEN 'established' ELSE 'new' END"

/* Messages that ask: with these, dst_port is the type of the answer and not a code. */
#define ICMP_ASKS                                                                        \
	"CASE WHEN contains(" ADDR("r.src_ip") ",':') THEN src_port IN (128,130,133,135,139,144) " \
	"ELSE src_port IN (8,10,13,15,17) END"

/* Suricata counts the Ethernet header of each packet, too. */
#define LINK_BYTES(side) side "_ip_bytes+14*" side "_packets"

static const struct foreign_column flow[] = {
	{"timestamp", FOREIGN_DATE, "r.ts"},
	{"flow_id", FOREIGN_COUNT, FLOW_ID("r")},
	{"event_type", FOREIGN_STRING, "'flow'"},
	{"vlan", FOREIGN_INTERVALS, "vlan::VARCHAR"},
	{"src_ip", FOREIGN_ADDR, ADDR("r.src_ip")},
	{"src_port", FOREIGN_PORT, "CASE WHEN proto<>'icmp' THEN src_port END"},
	{"dest_ip", FOREIGN_ADDR, ADDR("r.dst_ip")},
	{"dest_port", FOREIGN_PORT, "CASE WHEN proto<>'icmp' THEN dst_port END"},
	{"proto", FOREIGN_STRING, PROTO("r.proto")},
	{"icmp_type", FOREIGN_COUNT, "CASE WHEN proto='icmp' THEN src_port END"},
	{"icmp_code", FOREIGN_COUNT, "CASE WHEN proto='icmp' THEN CASE WHEN " ICMP_ASKS " THEN 0 ELSE dst_port END END"},
	{"app_proto", FOREIGN_STRING, "COALESCE(" APP_PROTO ",CASE WHEN proto IN ('tcp','udp') AND src_bytes+dst_bytes>0 THEN 'failed' END)"},
	{"flow.pkts_toserver", FOREIGN_COUNT, "src_packets"},
	{"flow.pkts_toclient", FOREIGN_COUNT, "dst_packets"},
	{"flow.bytes_toserver", FOREIGN_COUNT, LINK_BYTES("src")},
	{"flow.bytes_toclient", FOREIGN_COUNT, LINK_BYTES("dst")},
	{"flow.start", FOREIGN_DATE, "ts"},
	{"flow.end", FOREIGN_DATE, "ts+to_microseconds((COALESCE(duration,0)*1000000)::BIGINT)"},
	{"flow.age", FOREIGN_COUNT, "floor(COALESCE(duration,0))::BIGINT"},
	{"flow.state", FOREIGN_STRING, "CASE WHEN proto='tcp' THEN " TCP_STATE " WHEN dst_packets>0 THEN 'established' ELSE 'new' END"},
	{"community_id", FOREIGN_STRING, COMMUNITY("r.proto")},
	{"tcp.syn", FOREIGN_BOOL, "CASE WHEN proto='tcp' THEN contains(lower(history),'s') OR contains(lower(history),'h') END"},
	{"tcp.fin", FOREIGN_BOOL, "CASE WHEN proto='tcp' THEN contains(lower(history),'f') END"},
	{"tcp.rst", FOREIGN_BOOL, "CASE WHEN proto='tcp' THEN contains(lower(history),'r') END"},
};

static const struct foreign_column dns[] = {
	EVENT_COLUMNS("dns", "r.proto"),
	{"dns.version", FOREIGN_COUNT, "2"},
	{"dns.type", FOREIGN_STRING, "r.type"},
	{"dns.id", FOREIGN_COUNT, "r.id"},
	{"dns.rrname", FOREIGN_STRING, "r.query"},
	{"dns.rrtype", FOREIGN_STRING, "r.qtype"},
	{"dns.rcode", FOREIGN_STRING, "CASE WHEN r.type='answer' THEN r.rcode END"},
	{"dns.aa", FOREIGN_BOOL, "CASE WHEN r.type='answer' AND r.aa THEN true END"},
	{"dns.tc", FOREIGN_BOOL, "CASE WHEN r.type='answer' AND r.tc THEN true END"},
	{"dns.rd", FOREIGN_BOOL, "CASE WHEN r.type='answer' AND r.rd THEN true END"},
	{"dns.ra", FOREIGN_BOOL, "CASE WHEN r.type='answer' AND r.ra THEN true END"},
	{"dns.rdata", FOREIGN_STRINGS, "CASE WHEN r.type='answer' AND len(r.answers)>0 THEN " LIST("r.answers") " END"},
	{"dns.ttls", FOREIGN_INTERVALS, "CASE WHEN r.type='answer' AND len(r.answers)>0 THEN " LIST("list_transform(r.ttls,x->x::VARCHAR)") " END"},
};

/* A question and its answer are two events; the answer comes its round trip later. */
#define DNS_EVENTS                                                                       \
	"events AS (SELECT *,'query' AS type FROM dns WHERE query_bytes>0 UNION ALL "     \
	"SELECT * REPLACE (ts+to_microseconds((COALESCE(rtt,0)*1000000)::BIGINT) AS ts),'answer' " \
	"FROM dns WHERE rcode IS NOT NULL)"


/* RFC 4514 names the last element first; Suricata names them as the certificate does. */
#define NAME(column)                                                                     \
	"regexp_replace(array_to_string(list_reverse(regexp_extract_all(" column ",'(?:[^,\\\\]|\\\\.)+')),', '),'\\\\([^0-9a-fA-F])','\\1','g')"

static const struct foreign_column tls[] = {
	EVENT_COLUMNS("tls", "'tcp'"),
	{"tls.subject", FOREIGN_STRING, NAME("subject")},
	{"tls.issuerdn", FOREIGN_STRING, NAME("issuer")},
	{"tls.fingerprint_sha256", FOREIGN_STRING, "cert_sha256"},
	{"tls.subjectaltname", FOREIGN_STRINGS, "CASE WHEN len(san)>0 THEN " LIST("san") " END"},
	{"tls.sni", FOREIGN_STRING, "sni"},
	{"tls.version", FOREIGN_STRING, "CASE WHEN version='SSLv3' THEN version WHEN version='TLSv10' THEN 'TLSv1' ELSE regexp_replace(version,'^TLSv1([0-9])$','TLS 1.\\1') END"},
	{"tls.notbefore", FOREIGN_STRING, "strftime(not_before,'%Y-%m-%dT%H:%M:%S')"},
	{"tls.notafter", FOREIGN_STRING, "strftime(not_after,'%Y-%m-%dT%H:%M:%S')"},
	{"tls.session_resumed", FOREIGN_BOOL, "CASE WHEN resumed THEN true END"},
	{"tls.ja3.hash", FOREIGN_STRING, "r.ja3"},
	{"tls.ja3s.hash", FOREIGN_STRING, "r.ja3s"},
	{"tls.ja4", FOREIGN_STRING, "r.ja4"},
};

/* What a client says in QUIC is in the events of quic. */
#define TLS_ROWS "(SELECT * FROM tls WHERE NOT COALESCE(ja4 LIKE 'q%',false))"

static const struct foreign_column http[] = {
	EVENT_COLUMNS("http", "'tcp'"),
	{"tx_id", FOREIGN_COUNT, "depth-1"},
	{"http.hostname", FOREIGN_STRING, "host"},
	{"http.url", FOREIGN_STRING, "uri"},
	{"http.http_user_agent", FOREIGN_STRING, "user_agent"},
	{"http.http_content_type", FOREIGN_STRING, "rtrim(split_part(content_type,';',1))"},
	{"http.http_refer", FOREIGN_STRING, "referrer"},
	{"http.http_method", FOREIGN_STRING, "method"},
	{"http.protocol", FOREIGN_STRING, "'HTTP/'||version"},
	{"http.status", FOREIGN_COUNT, "status"},
	{"http.length", FOREIGN_COUNT, "response_bytes"},
};

static const struct foreign_column ssh[] = {
	EVENT_COLUMNS("ssh", "'tcp'"),
	{"ssh.client.proto_version", FOREIGN_STRING, "NULLIF(regexp_extract(client,'^SSH-([^-]*)-',1),'')"},
	{"ssh.client.software_version", FOREIGN_STRING, "NULLIF(regexp_extract(client,'^SSH-[^-]*-([^ ]*)',1),'')"},
	{"ssh.client.hassh.hash", FOREIGN_STRING, "hassh"},
	{"ssh.server.proto_version", FOREIGN_STRING, "NULLIF(regexp_extract(server,'^SSH-([^-]*)-',1),'')"},
	{"ssh.server.software_version", FOREIGN_STRING, "NULLIF(regexp_extract(server,'^SSH-[^-]*-([^ ]*)',1),'')"},
	{"ssh.server.hassh.hash", FOREIGN_STRING, "hassh_server"},
};

static const struct foreign_log events[] = {
	EVENT(flow, NULL, "conn AS r"),
	EVENT(dns, DNS_EVENTS, WITH_CONN("events")),
	EVENT(tls, NULL, WITH_CONN(TLS_ROWS)),
	EVENT(http, NULL, WITH_CONN("http")),
	EVENT(ssh, NULL, WITH_CONN("ssh")),
};
// clang-format on

const struct foreign_list eve_basic = {events, COUNT(events)};
