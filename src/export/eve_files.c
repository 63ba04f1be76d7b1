/* SPDX-License-Identifier: Apache-2.0 */
/* EVE's fileinfo: a file that was transferred, from who sent it. */
#include "export/eve.h"

// clang-format off

#define APP_PROTO "CASE WHEN r.protocol='http' AND h.version='2.0' THEN 'http2' ELSE r.protocol END"

/* Suricata names a file of HTTP by its target where no header names it. */
#define FILE_NAME "COALESCE(r.filename,CASE WHEN r.protocol='http' THEN regexp_extract(h.uri,'^[^?]*') END)"

/* Never empty: of an empty right side the engine gives no rows. */
#define REQUESTS                                                                         \
	"(SELECT ts,src_ip,src_port,dst_ip,dst_port,depth,host,uri,user_agent,"           \
	"content_type,referrer,method,version,status FROM http UNION ALL SELECT "         \
	"TIMESTAMP '1970-01-01',NULL,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)"

/* With the request of HTTP that it belongs to: the newest of that number. */
#define FILES                                                                            \
	"(SELECT *,CASE WHEN protocol='http' THEN exchange END AS number FROM file) AS r ASOF LEFT JOIN conn AS c ON r.src_ip=c.src_ip AND "    \
	"r.src_port=c.src_port AND r.dst_ip=c.dst_ip AND r.dst_port=c.dst_port AND "      \
	"r.ts>=c.ts ASOF LEFT JOIN " REQUESTS " AS h ON "                                         \
	"r.src_ip=h.src_ip AND r.src_port=h.src_port AND r.dst_ip=h.dst_ip AND "          \
	"r.dst_port=h.dst_port AND r.number=h.depth AND r.ts>=h.ts"

static const struct foreign_column fileinfo[] = {
	EVENT_COLUMNS_OF("fileinfo", "'tcp'", "NOT r.is_orig"),
	{"app_proto", FOREIGN_STRING, APP_PROTO},
	{"http.hostname", FOREIGN_STRING, "h.host"},
	{"http.url", FOREIGN_STRING, "h.uri"},
	{"http.http_user_agent", FOREIGN_STRING, "h.user_agent"},
	{"http.http_content_type", FOREIGN_STRING, "h.content_type"},
	{"http.http_refer", FOREIGN_STRING, "h.referrer"},
	{"http.http_method", FOREIGN_STRING, "h.method"},
	{"http.protocol", FOREIGN_STRING, "'HTTP/'||h.version"},
	{"http.status", FOREIGN_COUNT, "h.status"},
	{"fileinfo.filename", FOREIGN_STRING, FILE_NAME},
	{"fileinfo.magic", FOREIGN_STRING, "r.mime_type"},
	{"fileinfo.gaps", FOREIGN_BOOL, "r.missing_bytes>0"},
	{"fileinfo.state", FOREIGN_STRING, "CASE WHEN r.complete IS FALSE AND r.seen_bytes<COALESCE(r.total_bytes,0) THEN 'TRUNCATED' ELSE 'CLOSED' END"},
	{"fileinfo.sha256", FOREIGN_STRING, "r.sha256"},
	{"fileinfo.stored", FOREIGN_BOOL, "false"},
	{"fileinfo.size", FOREIGN_COUNT, "r.seen_bytes"},
	{"fileinfo.tx_id", FOREIGN_COUNT, "CASE WHEN r.exchange>0 THEN r.exchange-1 ELSE 0 END"},
};

static const struct foreign_log events[] = {
	EVENT(fileinfo, NULL, FILES),
};
// clang-format on

const struct foreign_list eve_files = {events, COUNT(events)};
