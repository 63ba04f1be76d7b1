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
#include "export/zeek.h"

// clang-format off

/* The outer connection is not looked for: a tunnel has an id of its own, which the
 * connections in it name as their parent. */
#define TUNNEL_UID(name) "'C'||left(md5(" name "),17)"

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
	{"tunnel_parents", FOREIGN_SET, "CASE WHEN tunnel IS NOT NULL THEN " TUNNEL_UID("tunnel") " END"},
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

static const struct foreign_column tunnel[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"uid", FOREIGN_STRING, TUNNEL_UID("name")},
	{"id.orig_h", FOREIGN_ADDR, ADDR("src_ip")},
	{"id.orig_p", FOREIGN_PORT, "src_port"},
	{"id.resp_h", FOREIGN_ADDR, ADDR("dst_ip")},
	{"id.resp_p", FOREIGN_PORT, "dst_port"},
	{"tunnel_type", FOREIGN_ENUM, "'Tunnel::'||upper(kind)"},
	{"action", FOREIGN_ENUM, "'Tunnel::DISCOVER'"},
};

static const struct foreign_column quic[] = {
	ID_COLUMNS,
	{"version", FOREIGN_STRING, "version"},
	{"client_initial_dcid", FOREIGN_STRING, "client_initial_dcid"},
	{"client_scid", FOREIGN_STRING, "client_scid"},
	{"server_scid", FOREIGN_STRING, "server_scid"},
	{"server_name", FOREIGN_STRING, "r.server_name"},
	{"client_protocol", FOREIGN_STRING, "client_protocol"},
	{"history", FOREIGN_STRING, "r.history"},
};

/* A message each: Zeek joins those of one lease. */
static const struct foreign_column dhcp[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"uids", FOREIGN_SET, "CASE WHEN c.ts IS NULL THEN " UID("r") " ELSE " UID("c") " END"},
	{"client_addr", FOREIGN_ADDR, "client_addr"},
	{"server_addr", FOREIGN_ADDR, "server_addr"},
	{"mac", FOREIGN_STRING, "mac"},
	{"host_name", FOREIGN_STRING, "host_name"},
	{"client_fqdn", FOREIGN_STRING, "client_fqdn"},
	{"domain", FOREIGN_STRING, "domain"},
	{"requested_addr", FOREIGN_ADDR, "requested_addr"},
	{"assigned_addr", FOREIGN_ADDR, "assigned_addr"},
	{"lease_time", FOREIGN_INTERVAL, "lease_time"},
	{"msg_types", FOREIGN_STRINGS, "message"},
};

/* Of what tells files apart in one export. */
#define FUID                                                                             \
	"'F'||left(md5(concat_ws(' ',epoch_us(r.ts)," ADDR("r.src_ip") ",r.src_port,"     \
	ADDR("r.dst_ip") ",r.dst_port,r.is_orig,r.exchange,r.depth,r.seen_bytes)),17)"

static const struct foreign_column files[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"fuid", FOREIGN_STRING, FUID},
	{"uid", FOREIGN_STRING, "CASE WHEN c.ts IS NULL THEN " UID("r") " ELSE " UID("c") " END"},
	{"id.orig_h", FOREIGN_ADDR, ADDR("r.src_ip")},
	{"id.orig_p", FOREIGN_PORT, "r.src_port"},
	{"id.resp_h", FOREIGN_ADDR, ADDR("r.dst_ip")},
	{"id.resp_p", FOREIGN_PORT, "r.dst_port"},
	{"source", FOREIGN_STRING, "replace(upper(r.protocol),'-','_')"},
	{"depth", FOREIGN_COUNT, "r.depth"},
	{"analyzers", FOREIGN_SET, "CASE WHEN r.sha256 IS NOT NULL THEN 'SHA256' ELSE '' END"},
	{"mime_type", FOREIGN_STRING, "r.mime_type"},
	{"filename", FOREIGN_STRING, "r.filename"},
	{"duration", FOREIGN_INTERVAL, "r.duration"},
	{"local_orig", FOREIGN_BOOL, "is_home(CASE WHEN r.is_orig THEN r.src_ip ELSE r.dst_ip END)"},
	{"is_orig", FOREIGN_BOOL, "r.is_orig"},
	{"seen_bytes", FOREIGN_COUNT, "r.seen_bytes"},
	{"total_bytes", FOREIGN_COUNT, "r.total_bytes"},
	{"missing_bytes", FOREIGN_COUNT, "r.missing_bytes"},
	{"overflow_bytes", FOREIGN_COUNT, "0"},
	{"timedout", FOREIGN_BOOL, "false"},
	{"parent_fuid", FOREIGN_STRING, "NULL::VARCHAR"},
	{"md5", FOREIGN_STRING, "NULL::VARCHAR"},
	{"sha1", FOREIGN_STRING, "NULL::VARCHAR"},
	{"sha256", FOREIGN_STRING, "r.sha256"},
	{"extracted", FOREIGN_STRING, "NULL::VARCHAR"},
	{"extracted_cutoff", FOREIGN_BOOL, "NULL::BOOLEAN"},
	{"extracted_size", FOREIGN_COUNT, "NULL::BIGINT"},
};

static const struct foreign_column smtp[] = {
	ID_COLUMNS,
	{"trans_depth", FOREIGN_COUNT, "trans_depth"},
	{"helo", FOREIGN_STRING, "helo"},
	{"mailfrom", FOREIGN_STRING, "mailfrom"},
	{"rcptto", FOREIGN_SET, "CASE WHEN len(rcptto)>0 THEN " LIST("rcptto") " END"},
	{"date", FOREIGN_STRING, "date"},
	{"from", FOREIGN_STRING, "header_from"},
	{"to", FOREIGN_SET, "header_to"},
	{"cc", FOREIGN_SET, "cc"},
	{"reply_to", FOREIGN_STRING, "reply_to"},
	{"msg_id", FOREIGN_STRING, "msg_id"},
	{"in_reply_to", FOREIGN_STRING, "in_reply_to"},
	{"subject", FOREIGN_STRING, "subject"},
	{"x_originating_ip", FOREIGN_ADDR, "x_originating_ip"},
	{"last_reply", FOREIGN_STRING, "last_reply"},
	{"user_agent", FOREIGN_STRING, "user_agent"},
	{"tls", FOREIGN_BOOL, "COALESCE(tls,false)"},
};

static const struct foreign_column ntlm[] = {
	ID_COLUMNS,
	{"username", FOREIGN_STRING, "username"},
	{"hostname", FOREIGN_STRING, "hostname"},
	{"domainname", FOREIGN_STRING, "domainname"},
	{"server_nb_computer_name", FOREIGN_STRING, "server_nb_computer_name"},
	{"server_dns_computer_name", FOREIGN_STRING, "server_dns_computer_name"},
	{"server_tree_name", FOREIGN_STRING, "server_tree_name"},
	{"success", FOREIGN_BOOL, "success"},
};

static const struct foreign_column kerberos[] = {
	ID_COLUMNS,
	{"request_type", FOREIGN_STRING, "request_type"},
	{"client", FOREIGN_STRING, "client"},
	{"service", FOREIGN_STRING, "service_name"},
	{"success", FOREIGN_BOOL, "success"},
	{"error_msg", FOREIGN_STRING, "error_msg"},
	{"from", FOREIGN_TIME, "valid_from"},
	{"till", FOREIGN_TIME, "till"},
	{"cipher", FOREIGN_STRING, "cipher"},
	{"forwardable", FOREIGN_BOOL, "forwardable"},
	{"renewable", FOREIGN_BOOL, "renewable"},
};

static const struct foreign_column smb_mapping[] = {
	ID_COLUMNS,
	{"path", FOREIGN_STRING, "path"},
	{"service", FOREIGN_STRING, "r.service"},
	{"native_file_system", FOREIGN_STRING, "native_file_system"},
	{"share_type", FOREIGN_STRING, "share_type"},
};

static const struct foreign_column smb_files[] = {
	ID_COLUMNS,
	{"action", FOREIGN_ENUM, "'SMB::FILE_'||upper(command)"},
	{"path", FOREIGN_STRING, "path"},
	{"name", FOREIGN_STRING, "CASE WHEN name='' THEN '<share_root>' ELSE name END"},
	{"size", FOREIGN_COUNT, "COALESCE(size,0)"},
	{"prev_name", FOREIGN_STRING, "prev_name"},
	{"times.modified", FOREIGN_TIME, "modified"},
	{"times.accessed", FOREIGN_TIME, "accessed"},
	{"times.created", FOREIGN_TIME, "created"},
	{"times.changed", FOREIGN_TIME, "changed"},
};

/* The rows of SMB that one of Zeek's two logs is made of. */
#define SMB_TREES "(SELECT * FROM smb WHERE command='tree_connect' AND status='SUCCESS')"
#define SMB_FILES                                                                        \
	"(SELECT * FROM smb WHERE command IN ('open','rename','delete') AND "             \
	"COALESCE(share_type,'')<>'PIPE' AND COALESCE(status,'SUCCESS')='SUCCESS')"

static const struct foreign_column dce_rpc[] = {
	ID_COLUMNS,
	{"rtt", FOREIGN_INTERVAL, "rtt"},
	{"named_pipe", FOREIGN_STRING, "named_pipe"},
	{"endpoint", FOREIGN_STRING, "COALESCE(endpoint,'unknown-'||COALESCE(uuid,''))"},
	{"operation", FOREIGN_STRING, "COALESCE(operation,'unknown-'||opnum)"},
};

static const struct foreign_column ldap[] = {
	ID_COLUMNS,
	{"message_id", FOREIGN_COUNT, "message_id"},
	{"version", FOREIGN_COUNT, "version"},
	{"opcode", FOREIGN_STRING, "opcode"},
	{"result", FOREIGN_STRING, "result"},
	{"diagnostic_message", FOREIGN_STRING, "diagnostic_message"},
	{"object", FOREIGN_STRING, "object"},
	{"argument", FOREIGN_STRING, "argument"},
};

static const struct foreign_column ldap_search[] = {
	ID_COLUMNS,
	{"message_id", FOREIGN_COUNT, "message_id"},
	{"scope", FOREIGN_STRING, "scope"},
	{"deref_aliases", FOREIGN_STRING, "deref_aliases"},
	{"base_object", FOREIGN_STRING, "base_object"},
	{"result_count", FOREIGN_COUNT, "result_count"},
	{"result", FOREIGN_STRING, "result"},
	{"diagnostic_message", FOREIGN_STRING, "diagnostic_message"},
	{"filter", FOREIGN_STRING, "r.filter"},
	{"attributes", FOREIGN_STRINGS, "CASE WHEN len(attributes)>0 THEN " LIST("attributes") " END"},
};

static const struct foreign_column rdp[] = {
	ID_COLUMNS,
	{"cookie", FOREIGN_STRING, "cookie"},
	{"result", FOREIGN_STRING, "result"},
	{"security_protocol", FOREIGN_STRING, "security_protocol"},
	{"client_channels", FOREIGN_STRINGS, "CASE WHEN len(client_channels)>0 THEN " LIST("client_channels") " END"},
	{"keyboard_layout", FOREIGN_STRING, "keyboard_layout"},
	{"client_build", FOREIGN_STRING, "client_build"},
	{"client_name", FOREIGN_STRING, "client_name"},
	{"client_dig_product_id", FOREIGN_STRING, "client_dig_product_id"},
	{"desktop_width", FOREIGN_COUNT, "desktop_width"},
	{"desktop_height", FOREIGN_COUNT, "desktop_height"},
	{"requested_color_depth", FOREIGN_STRING, "requested_color_depth"},
	{"cert_type", FOREIGN_STRING, "cert_type"},
	{"cert_count", FOREIGN_COUNT, "cert_count"},
	{"cert_permanent", FOREIGN_BOOL, "cert_permanent"},
	{"encryption_level", FOREIGN_STRING, "encryption_level"},
	{"encryption_method", FOREIGN_STRING, "encryption_method"},
};

/* A request and its answer are two rows of Zeek's. */
#define MODBUS_ROWS                                                                      \
	"pdus AS (SELECT *,'REQ' AS pdu FROM ot WHERE protocol='modbus' AND request_bytes>0 " \
	"UNION ALL SELECT * REPLACE (ts+to_microseconds((COALESCE(rtt,0)*1000000)::BIGINT) AS ts)," \
	"'RESP' FROM ot WHERE protocol='modbus' AND answer_bytes>0)"

static const struct foreign_column modbus[] = {
	ID_COLUMNS,
	{"tid", FOREIGN_COUNT, "r.id"},
	{"unit", FOREIGN_COUNT, "r.unit"},
	{"func", FOREIGN_STRING, "upper(r.function)"},
	{"pdu_type", FOREIGN_STRING, "r.pdu"},
	{"exception", FOREIGN_STRING, "CASE WHEN r.pdu='RESP' AND r.status<>'ok' THEN upper(r.status) END"},
};

static const struct foreign_column dnp3[] = {
	ID_COLUMNS,
	{"fc_request", FOREIGN_STRING, "CASE WHEN request_bytes>0 THEN upper(r.function) END"},
	{"fc_reply", FOREIGN_STRING, "CASE WHEN answer_bytes>0 AND request_bytes>0 THEN 'RESPONSE' WHEN answer_bytes>0 THEN upper(r.function) END"},
};

static const struct foreign_column snmp[] = {
	ID_COLUMNS,
	{"duration", FOREIGN_INTERVAL, "r.duration"},
	{"version", FOREIGN_STRING, "version"},
	{"community", FOREIGN_STRING, "community"},
	{"get_requests", FOREIGN_COUNT, "get_requests"},
	{"get_bulk_requests", FOREIGN_COUNT, "get_bulk_requests"},
	{"get_responses", FOREIGN_COUNT, "get_responses"},
	{"set_requests", FOREIGN_COUNT, "set_requests"},
	{"display_string", FOREIGN_STRING, "display_string"},
	{"up_since", FOREIGN_TIME, "up_since"},
};

static const struct foreign_column ntp[] = {
	ID_COLUMNS,
	{"version", FOREIGN_COUNT, "version"},
	{"mode", FOREIGN_COUNT, "mode"},
	{"stratum", FOREIGN_COUNT, "stratum"},
	{"poll", FOREIGN_INTERVAL, "poll"},
	{"precision", FOREIGN_INTERVAL, "precision"},
	{"root_delay", FOREIGN_INTERVAL, "root_delay"},
	{"root_disp", FOREIGN_INTERVAL, "root_disp"},
	{"ref_id", FOREIGN_STRING, "ref_id"},
	{"ref_time", FOREIGN_TIME, "ref_time"},
	{"org_time", FOREIGN_TIME, "org_time"},
	{"rec_time", FOREIGN_TIME, "rec_time"},
	{"xmt_time", FOREIGN_TIME, "xmt_time"},
	{"num_exts", FOREIGN_COUNT, "num_exts"},
};

static const struct foreign_column radius[] = {
	ID_COLUMNS,
	{"username", FOREIGN_STRING, "username"},
	{"mac", FOREIGN_STRING, "mac"},
	{"framed_addr", FOREIGN_ADDR, "framed_addr"},
	{"tunnel_client", FOREIGN_STRING, "tunnel_client"},
	{"connect_info", FOREIGN_STRING, "connect_info"},
	{"reply_msg", FOREIGN_STRING, "reply_msg"},
	{"result", FOREIGN_STRING, "result"},
	{"ttl", FOREIGN_INTERVAL, "ttl"},
};

static const struct foreign_column syslog[] = {
	ID_COLUMNS,
	{"proto", FOREIGN_ENUM, "COALESCE(c.proto,'udp')"},
	{"facility", FOREIGN_STRING, "facility"},
	{"severity", FOREIGN_STRING, "severity"},
	{"message", FOREIGN_STRING, "message"},
};

static const struct foreign_log logs[] = {
	LOG(conn, NULL, "conn AS r"),
	LOG(dns, NULL, WITH_CONN("dns")),
	LOG(ssl, WITH_CHAINS, WITH_CONN("tls") " LEFT JOIN chains AS k ON k.uid=" UID("c")),
	LOG(x509, NULL, "(SELECT DISTINCT ON (sha256,ts::DATE) * FROM cert ORDER BY ts) AS r"),
	LOG(http, NULL, WITH_CONN("http")),
	LOG(ssh, NULL, WITH_CONN("ssh")),
	LOG(tunnel, NULL, "tunnel AS r"),
	LOG(quic, NULL, WITH_CONN("quic")),
	LOG(dhcp, NULL, WITH_CONN("dhcp")),
	LOG(files, NULL, WITH_CONN("(SELECT * FROM file)")),
	LOG(smtp, NULL, WITH_CONN("smtp")),
	LOG(ntlm, NULL, WITH_CONN("ntlm")),
	LOG(kerberos, NULL, WITH_CONN("kerberos")),
	LOG(smb_mapping, NULL, WITH_CONN(SMB_TREES)),
	LOG(smb_files, NULL, WITH_CONN(SMB_FILES)),
	LOG(dce_rpc, NULL, WITH_CONN("dce_rpc")),
	LOG(ldap, NULL, WITH_CONN("(SELECT * FROM ldap WHERE opcode<>'search')")),
	LOG(ldap_search, NULL, WITH_CONN("(SELECT * FROM ldap WHERE opcode='search')")),
	LOG(rdp, NULL, WITH_CONN("rdp")),
	LOG(modbus, MODBUS_ROWS, WITH_CONN("pdus")),
	LOG(dnp3, NULL, WITH_CONN("(SELECT * FROM ot WHERE protocol='dnp3')")),
	LOG(snmp, NULL, WITH_CONN("snmp")),
	LOG(ntp, NULL, WITH_CONN("ntp")),
	LOG(radius, NULL, WITH_CONN("radius")),
	LOG(syslog, NULL, WITH_CONN("syslog")),
};
// clang-format on

const struct foreign_list zeek_basic = {logs, COUNT(logs)};
