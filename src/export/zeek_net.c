/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's logs of proxies, remote screens, calls, chats and of who vouches for
 * certificates: socks, rfb, sip, irc, ocsp. Zeek keeps the
 * screen's size and the share flag in columns of their own; ours are in login.status
 * ("shared, 1024x768"). Its sip.log has a row for each response, with the request that it
 * answers, and one for each request that nobody answered; ours a row for each message.
 */
#include "export/zeek.h"

// clang-format off

static const struct foreign_column socks[] = {
	ID_COLUMNS,
	{"version", FOREIGN_COUNT, "r.version"},
	{"user", FOREIGN_STRING, "r.\"user\""},
	{"password", FOREIGN_STRING, "NULL::VARCHAR"},
	{"status", FOREIGN_STRING, "r.status"},
	{"request.host", FOREIGN_ADDR, "r.request_ip"},
	{"request.name", FOREIGN_STRING, "r.request_name"},
	{"request_p", FOREIGN_PORT, "r.request_port"},
	{"bound.host", FOREIGN_ADDR, "r.bound_ip"},
	{"bound.name", FOREIGN_STRING, "r.bound_name"},
	{"bound_p", FOREIGN_PORT, "CASE WHEN r.status IS NOT NULL THEN r.bound_port END"},
};

#define PART(column, n) "NULLIF(regexp_extract(" column ",'^RFB ([0-9]+)\\.([0-9]+)$'," #n "),'')"
#define SIZE(n) "TRY_CAST(regexp_extract(r.status,'([0-9]+)x([0-9]+)$'," #n ") AS BIGINT)"
#define RFB_METHOD                                                                       \
	"CASE r.mechanism WHEN 'none' THEN 'None' WHEN 'vnc' THEN 'VNC' WHEN 'tight' THEN 'Tight' " \
	"WHEN 'ultra' THEN 'Ultra' WHEN 'tls' THEN 'TLS' WHEN 'vencrypt' THEN 'VeNCrypt' "  \
	"WHEN 'sasl' THEN 'GTK-VNC SASL' WHEN 'md5' THEN 'MD5 hash authentication' "       \
	"WHEN 'xvp' THEN 'Colin Dean xvp' WHEN 'ard' THEN 'Apple Remote Desktop' "         \
	"ELSE r.mechanism END"

static const struct foreign_column rfb[] = {
	ID_COLUMNS,
	{"client_major_version", FOREIGN_STRING, PART("r.client", 1)},
	{"client_minor_version", FOREIGN_STRING, PART("r.client", 2)},
	{"server_major_version", FOREIGN_STRING, PART("r.server", 1)},
	{"server_minor_version", FOREIGN_STRING, PART("r.server", 2)},
	{"authentication_method", FOREIGN_STRING, RFB_METHOD},
	{"auth", FOREIGN_BOOL, "r.success"},
	{"share_flag", FOREIGN_BOOL, "CASE WHEN r.status LIKE 'shared%' THEN true WHEN r.status LIKE 'exclusive%' THEN false END"},
	{"desktop_name", FOREIGN_STRING, "r.target"},
	{"width", FOREIGN_COUNT, SIZE(1)},
	{"height", FOREIGN_COUNT, SIZE(2)},
};

/* A response belongs to the last request before it with its call and number. */
#define SIP_PAIRS                                                                        \
	"asked AS (SELECT *,row_number() OVER () AS n FROM sip WHERE status_code IS NULL)," \
	"told AS (SELECT t.ts,t.src_ip,t.src_port,t.dst_ip,t.dst_port,q.ts AS asked_at,q.n," \
	"q.method,q.uri,q.from_uri AS request_from,q.to_uri AS request_to,"               \
	"t.from_uri AS response_from,t.to_uri AS response_to,q.call_id,q.seq,"            \
	"q.path AS request_path,t.path AS response_path,q.user_agent,t.status_code,"      \
	"t.status_msg,q.body_bytes AS request_bytes,t.body_bytes AS response_bytes,"      \
	"t.content_type FROM (SELECT *,NOT from_src AS asker FROM sip WHERE " \
	"status_code IS NOT NULL) AS t ASOF LEFT JOIN asked AS q ON t.src_ip=q.src_ip AND " \
	"t.src_port=q.src_port AND t.dst_ip=q.dst_ip AND t.dst_port=q.dst_port AND "       \
	"t.asker=q.from_src AND t.call_id=q.call_id AND t.seq=q.seq AND t.ts>=q.ts)," \
	"calls AS (SELECT * REPLACE (COALESCE(asked_at,ts) AS ts) FROM told UNION ALL BY NAME " \
	"SELECT ts,src_ip,src_port,dst_ip,dst_port,method,uri,from_uri AS request_from,"    \
	"to_uri AS request_to,call_id,seq,path AS request_path,user_agent,"               \
	"body_bytes AS request_bytes FROM asked WHERE n NOT IN "             \
	"(SELECT n FROM told WHERE n IS NOT NULL))"

#define WITHOUT_TAG(column) "regexp_replace(" column ",'; ?tag=.*','')"

static const struct foreign_column sip[] = {
	ID_COLUMNS,
	{"trans_depth", FOREIGN_COUNT, "0"},
	{"method", FOREIGN_STRING, "r.method"},
	{"uri", FOREIGN_STRING, "r.uri"},
	{"date", FOREIGN_STRING, "NULL::VARCHAR"},
	{"request_from", FOREIGN_STRING, WITHOUT_TAG("r.request_from")},
	{"request_to", FOREIGN_STRING, "r.request_to"},
	{"response_from", FOREIGN_STRING, WITHOUT_TAG("r.response_from")},
	{"response_to", FOREIGN_STRING, "r.response_to"},
	{"reply_to", FOREIGN_STRING, "NULL::VARCHAR"},
	{"call_id", FOREIGN_STRING, "r.call_id"},
	{"seq", FOREIGN_STRING, "r.seq"},
	{"subject", FOREIGN_STRING, "NULL::VARCHAR"},
	{"request_path", FOREIGN_STRINGS, "COALESCE(r.request_path,'')"},
	{"response_path", FOREIGN_STRINGS, "COALESCE(r.response_path,'')"},
	{"user_agent", FOREIGN_STRING, "r.user_agent"},
	{"status_code", FOREIGN_COUNT, "r.status_code"},
	{"status_msg", FOREIGN_STRING, "r.status_msg"},
	{"warning", FOREIGN_STRING, "NULL::VARCHAR"},
	{"request_body_len", FOREIGN_COUNT, "r.request_bytes"},
	{"response_body_len", FOREIGN_COUNT, "r.response_bytes"},
	{"content_type", FOREIGN_STRING, "r.content_type"},
};

/* Zeek writes a file's offer when it is fetched. */
#define IRC_ROWS                                                                         \
	"(SELECT * FROM irc AS i WHERE command<>'DCC' OR EXISTS (SELECT 1 FROM conn AS d "  \
	"WHERE d.dst_ip=i.dcc_ip AND d.dst_port=i.dcc_port AND d.ts>=i.ts))"

static const struct foreign_column irc[] = {
	ID_COLUMNS,
	{"nick", FOREIGN_STRING, "r.nick"},
	{"user", FOREIGN_STRING, "r.\"user\""},
	{"command", FOREIGN_STRING, "r.command"},
	{"value", FOREIGN_STRING, "r.\"value\""},
	{"addl", FOREIGN_STRING, "CASE WHEN r.command='JOIN' THEN '' ELSE regexp_replace(r.addl,' :',' ') END"},
	{"dcc_file_name", FOREIGN_STRING, "r.dcc_file_name"},
	{"dcc_file_size", FOREIGN_COUNT, "r.dcc_file_size"},
	{"dcc_mime_type", FOREIGN_STRING, "NULL::VARCHAR"},
	{"fuid", FOREIGN_STRING, "NULL::VARCHAR"},
};

static const struct foreign_column ocsp[] = {
	{"ts", FOREIGN_TIME, "r.ts"},
	{"id", FOREIGN_STRING, "'F'||left(md5(concat_ws(' '," UID("r") ",r.serial)),17)"},
	{"hashAlgorithm", FOREIGN_STRING, "r.hash_alg"},
	{"issuerNameHash", FOREIGN_STRING, "upper(r.issuer_name_hash)"},
	{"issuerKeyHash", FOREIGN_STRING, "upper(r.issuer_key_hash)"},
	{"serialNumber", FOREIGN_STRING, "r.serial"},
	{"certStatus", FOREIGN_STRING, "r.status"},
	{"revoketime", FOREIGN_TIME, "r.revoked"},
	{"revokereason", FOREIGN_STRING, "r.reason"},
	{"thisUpdate", FOREIGN_TIME, "r.this_update"},
	{"nextUpdate", FOREIGN_TIME, "r.next_update"},
};

static const struct foreign_log logs[] = {
	LOG(irc, NULL, WITH_CONN(IRC_ROWS)),
	LOG(ocsp, NULL, "ocsp AS r"),
	LOG(sip, SIP_PAIRS, WITH_CONN("calls")),
	LOG(socks, NULL, WITH_CONN("socks")),
	LOG(rfb, NULL, WITH_CONN("(SELECT * FROM login WHERE protocol='rfb')")),
};
// clang-format on

const struct foreign_list zeek_net = {logs, COUNT(logs)};
