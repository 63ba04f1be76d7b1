/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's logs out of our tables: names and types as Zeek 8 writes them by default, with
 * community_id at the end of conn.log and JA3, JA3S and JA4 at the end of ssl.log, where
 * the packages that add them put them. doc/format/export.md says what is left out.
 *
 * A uid is made of the connection's first packet and its ends, so that the same
 * connection has the same one in every log and in every export. Rows of protocols find
 * theirs by their ends and time: the newest connection that had begun.
 */
#include "export/foreign.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// clang-format off

/* "::" is absent in our tables. */
#define ADDR(column) "COALESCE(" column ",'::')"

#define UID(table)                                                                       \
	"'C'||left(md5(concat_ws(' ',epoch_us(" table ".ts)," ADDR(table ".src_ip") ","   \
	table ".src_port," ADDR(table ".dst_ip") "," table ".dst_port)),17)"

/* The rows of a table, each with its connection. */
#define WITH_CONN(table)                                                                 \
	table " AS r ASOF LEFT JOIN conn AS c ON r.src_ip=c.src_ip AND "                  \
	"r.src_port=c.src_port AND r.dst_ip=c.dst_ip AND r.dst_port=c.dst_port AND "      \
	"r.ts>=c.ts"

/* Without its connection (rows of it have decayed) a row still has a uid. */
#define ID_COLUMNS                                                                       \
	{"ts", FOREIGN_TIME, "r.ts"},                                                    \
	{"uid", FOREIGN_STRING, "CASE WHEN c.ts IS NULL THEN " UID("r") " ELSE " UID("c") " END"}, \
	{"id.orig_h", FOREIGN_ADDR, ADDR("r.src_ip")},                                   \
	{"id.orig_p", FOREIGN_PORT, "r.src_port"},                                       \
	{"id.resp_h", FOREIGN_ADDR, ADDR("r.dst_ip")},                                   \
	{"id.resp_p", FOREIGN_PORT, "r.dst_port"}

#define LIST(column) "array_to_string(" column ",chr(31))"

static const struct foreign_column conn[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"uid", FOREIGN_STRING, UID("r")},
	{"id.orig_h", FOREIGN_ADDR, ADDR("r.src_ip")},
	{"id.orig_p", FOREIGN_PORT, "r.src_port"},
	{"id.resp_h", FOREIGN_ADDR, ADDR("r.dst_ip")},
	{"id.resp_p", FOREIGN_PORT, "r.dst_port"},
	{"proto", FOREIGN_ENUM, "CASE WHEN proto IN ('tcp','udp','icmp') THEN proto ELSE 'unknown_transport' END"},
	{"service", FOREIGN_STRING, "service"},
	{"duration", FOREIGN_INTERVAL, "duration"},
	{"orig_bytes", FOREIGN_COUNT, "CASE WHEN duration IS NOT NULL THEN src_bytes END"},
	{"resp_bytes", FOREIGN_COUNT, "CASE WHEN duration IS NOT NULL THEN dst_bytes END"},
	{"conn_state", FOREIGN_STRING, "state"},
	{"local_orig", FOREIGN_BOOL, "is_home(src_ip)"},
	{"local_resp", FOREIGN_BOOL, "is_home(dst_ip)"},
	{"missed_bytes", FOREIGN_COUNT, "missed_bytes"},
	{"history", FOREIGN_STRING, "NULLIF(history,'')"},
	{"orig_pkts", FOREIGN_COUNT, "src_packets"},
	{"orig_ip_bytes", FOREIGN_COUNT, "src_ip_bytes"},
	{"resp_pkts", FOREIGN_COUNT, "dst_packets"},
	{"resp_ip_bytes", FOREIGN_COUNT, "dst_ip_bytes"},
	{"tunnel_parents", FOREIGN_SET, "NULL::VARCHAR"},
	{"ip_proto", FOREIGN_COUNT, "CASE WHEN proto='icmp' AND contains(" ADDR("src_ip") ",':') THEN 58 ELSE ip_proto(proto) END"},
	{"community_id", FOREIGN_STRING, "community_id(src_ip,dst_ip,src_port,dst_port,proto)"},
};

static const struct foreign_column dns[] = {
	ID_COLUMNS,
	{"proto", FOREIGN_ENUM, "r.proto"},
	{"trans_id", FOREIGN_COUNT, "id"},
	{"rtt", FOREIGN_INTERVAL, "rtt"},
	{"query", FOREIGN_STRING, "query"},
	{"qclass", FOREIGN_DNS_CLASS, "qclass"},
	{"qclass_name", FOREIGN_STRING, "CASE qclass WHEN 'IN' THEN 'C_INTERNET' WHEN 'CH' THEN 'C_CHAOS' WHEN 'HS' THEN 'C_HESIOD' WHEN 'NONE' THEN 'C_NONE' WHEN 'ANY' THEN 'C_ANY' ELSE replace(qclass,'CLASS','qclass-') END"},
	{"qtype", FOREIGN_DNS_TYPE, "qtype"},
	{"qtype_name", FOREIGN_STRING, "CASE WHEN qtype='ANY' THEN '*' ELSE regexp_replace(qtype,'^TYPE([0-9]+)$','query-\\1') END"},
	{"rcode", FOREIGN_DNS_RCODE, "rcode"},
	{"rcode_name", FOREIGN_STRING, "rcode"},
	{"AA", FOREIGN_BOOL, "COALESCE(aa,false)"},
	{"TC", FOREIGN_BOOL, "COALESCE(tc,false)"},
	{"RD", FOREIGN_BOOL, "COALESCE(rd,false)"},
	{"RA", FOREIGN_BOOL, "COALESCE(ra,false)"},
	{"answers", FOREIGN_STRINGS, "CASE WHEN len(answers)>0 THEN " LIST("answers") " END"},
	{"TTLs", FOREIGN_INTERVALS, "CASE WHEN len(answers)>0 THEN " LIST("list_transform(ttls,x->printf('%d.000000',x))") " END"},
	{"rejected", FOREIGN_BOOL, "COALESCE(rcode<>'NOERROR' AND query IS NULL,false)"},
};

/* Certificates by connection: those of the server, and those of the client. */
#define WITH_CHAINS                                                                      \
	"chains AS (SELECT " UID("c") " AS uid,list(r.sha256 ORDER BY r.ts,r.position) "  \
	"FILTER (WHERE NOT r.from_client) AS server,list(r.sha256 ORDER BY r.ts,r.position) " \
	"FILTER (WHERE r.from_client) AS client,"                                        \
	"first(r.san_dns ORDER BY r.ts,r.position) FILTER (WHERE NOT r.from_client AND r.position=0) AS names " \
	"FROM " WITH_CONN("cert") " WHERE c.ts IS NOT NULL GROUP BY 1)"

/* Empty, not absent, where the other side's was seen. */
#define CHAIN(column) "COALESCE(" LIST(column) ",CASE WHEN k.uid IS NOT NULL THEN '' END)"

/* RFC 6125: the name itself, or a star in place of its first label. */
#define SNI_MATCHES                                                                      \
	"CASE WHEN sni IS NOT NULL AND cert_sha256 IS NOT NULL THEN len(list_filter("     \
	"CASE WHEN len(k.names)>0 THEN k.names ELSE [regexp_extract(subject,'CN=([^,]*)',1)] END," \
	"x->lower(x)=sni OR (starts_with(x,'*.') AND lower(substr(x,3))=regexp_replace(sni,'^[^.]*\\.',''))))>0 END"

static const struct foreign_column ssl[] = {
	ID_COLUMNS,
	{"version", FOREIGN_STRING, "version"},
	{"cipher", FOREIGN_STRING, "cipher"},
	{"curve", FOREIGN_STRING, "curve"},
	{"server_name", FOREIGN_STRING, "sni"},
	{"resumed", FOREIGN_BOOL, "COALESCE(resumed,false)"},
	{"last_alert", FOREIGN_STRING, "alert"},
	{"next_protocol", FOREIGN_STRING, "CASE WHEN cipher IS NOT NULL AND version<>'TLSv13' THEN alpn END"},
	{"established", FOREIGN_BOOL, "COALESCE(established,false)"},
	{"cert_chain_fps", FOREIGN_STRINGS, CHAIN("k.server")},
	{"client_cert_chain_fps", FOREIGN_STRINGS, CHAIN("k.client")},
	{"sni_matches_cert", FOREIGN_BOOL, SNI_MATCHES},
	{"ja3", FOREIGN_STRING, "r.ja3"},
	{"ja3s", FOREIGN_STRING, "r.ja3s"},
	{"ja4", FOREIGN_STRING, "r.ja4"},
};

static const struct foreign_column x509[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"fingerprint", FOREIGN_STRING, "sha256"},
	{"certificate.version", FOREIGN_COUNT, "version"},
	{"certificate.serial", FOREIGN_STRING, "serial"},
	{"certificate.subject", FOREIGN_STRING, "subject"},
	{"certificate.issuer", FOREIGN_STRING, "issuer"},
	{"certificate.not_valid_before", FOREIGN_TIME, "not_before"},
	{"certificate.not_valid_after", FOREIGN_TIME, "not_after"},
	{"certificate.key_alg", FOREIGN_STRING, "key_alg"},
	{"certificate.sig_alg", FOREIGN_STRING, "sig_alg"},
	{"certificate.key_type", FOREIGN_STRING, "key_type"},
	{"certificate.key_length", FOREIGN_COUNT, "key_bits"},
	{"certificate.exponent", FOREIGN_STRING, "exponent::VARCHAR"},
	{"certificate.curve", FOREIGN_STRING, "curve"},
	{"san.dns", FOREIGN_STRINGS, "CASE WHEN len(san_dns)>0 THEN " LIST("san_dns") " END"},
	{"san.uri", FOREIGN_STRINGS, "CASE WHEN len(san_uri)>0 THEN " LIST("san_uri") " END"},
	{"san.email", FOREIGN_STRINGS, "CASE WHEN len(san_email)>0 THEN " LIST("san_email") " END"},
	{"san.ip", FOREIGN_STRINGS, "CASE WHEN len(san_ip)>0 THEN " LIST("san_ip") " END"},
	{"basic_constraints.ca", FOREIGN_BOOL, "is_ca"},
	{"host_cert", FOREIGN_BOOL, "position=0 AND NOT from_client"},
	{"client_cert", FOREIGN_BOOL, "position=0 AND from_client"},
};

static const struct foreign_column http[] = {
	ID_COLUMNS,
	{"trans_depth", FOREIGN_COUNT, "depth"},
	{"method", FOREIGN_STRING, "method"},
	{"host", FOREIGN_STRING, "host"},
	{"uri", FOREIGN_STRING, "uri"},
	{"referrer", FOREIGN_STRING, "referrer"},
	{"version", FOREIGN_STRING, "version"},
	{"user_agent", FOREIGN_STRING, "user_agent"},
	{"origin", FOREIGN_STRING, "origin"},
	{"request_body_len", FOREIGN_COUNT, "request_bytes"},
	{"response_body_len", FOREIGN_COUNT, "response_bytes"},
	{"status_code", FOREIGN_COUNT, "status"},
	{"status_msg", FOREIGN_STRING, "reason"},
	{"tags", FOREIGN_SET, "''"},
	{"username", FOREIGN_STRING, "username"},
	{"proxied", FOREIGN_SET, "CASE WHEN len(proxied)>0 THEN " LIST("proxied") " END"},
};

static const struct foreign_column ssh[] = {
	ID_COLUMNS,
	{"version", FOREIGN_COUNT, "version"},
	{"direction", FOREIGN_ENUM, "CASE WHEN is_home(r.src_ip) AND NOT is_home(r.dst_ip) THEN 'OUTBOUND' WHEN is_home(r.dst_ip) AND NOT is_home(r.src_ip) THEN 'INBOUND' END"},
	{"client", FOREIGN_STRING, "client"},
	{"server", FOREIGN_STRING, "server"},
	{"cipher_alg", FOREIGN_STRING, "cipher"},
	{"mac_alg", FOREIGN_STRING, "mac"},
	{"compression_alg", FOREIGN_STRING, "compression"},
	{"kex_alg", FOREIGN_STRING, "kex"},
	{"host_key_alg", FOREIGN_STRING, "host_key_alg"},
	{"hassh", FOREIGN_STRING, "hassh"},
	{"hasshServer", FOREIGN_STRING, "hassh_server"},
};

#define LOG(name, with, from) {#name, with, from, name, COUNT(name)}

const struct foreign_log zeek_logs[] = {
	LOG(conn, NULL, "conn AS r"),
	LOG(dns, NULL, WITH_CONN("dns")),
	LOG(ssl, WITH_CHAINS, WITH_CONN("tls") " LEFT JOIN chains AS k ON k.uid=" UID("c")),
	LOG(x509, NULL, "(SELECT DISTINCT ON (sha256,ts::DATE) * FROM cert ORDER BY ts) AS r"),
	LOG(http, NULL, WITH_CONN("http")),
	LOG(ssh, NULL, WITH_CONN("ssh")),
};
// clang-format on

const size_t zeek_log_count = COUNT(zeek_logs);
