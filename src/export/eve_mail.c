/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVE events of file transfer: ftp, a command with its last reply (Suricata lists all of
 * them, and the greeting as an event of its own), and ftp_data, a data connection with
 * the file that it carried. What follows PASS is never kept, so it is left out.
 */
#include "export/eve.h"

// clang-format off

static const struct foreign_column ftp[] = {
	EVENT_COLUMNS("ftp", "'tcp'"),
	{"ftp.command", FOREIGN_STRING, "r.command"},
	{"ftp.command_data", FOREIGN_STRING, "r.arg"},
	{"ftp.command_truncated", FOREIGN_BOOL, "CASE WHEN r.arg IS NOT NULL THEN false END"},
	{"ftp.completion_code", FOREIGN_STRINGS, "r.reply_code::VARCHAR"},
	{"ftp.reply", FOREIGN_STRINGS, "r.reply_msg"},
	{"ftp.dynamic_port", FOREIGN_PORT, "CASE WHEN r.command IN ('PASV','PORT','EPSV','EPRT') THEN r.data_dst_port END"},
	{"ftp.mode", FOREIGN_STRING, "CASE WHEN r.command IN ('PORT','EPRT') AND r.data_dst_port IS NOT NULL THEN 'active' END"},
	{"ftp.reply_received", FOREIGN_STRING, "CASE WHEN r.reply_code IS NULL THEN 'no' ELSE 'yes' END"},
	{"ftp.reply_truncated", FOREIGN_BOOL, "false"},
};

/* The data connections, each with the last file that was asked for before it ended. */
#define FTP_DATA_ROWS                                                                    \
	"files AS (SELECT ts AS asked,command,arg,data_dst_port AS port FROM ftp WHERE "  \
	"command IN ('RETR','STOR','STOU','APPE') AND data_dst_port IS NOT NULL),"         \
	"ends AS (SELECT *,ts+to_microseconds((COALESCE(duration,0)*1000000)::BIGINT) AS ended " \
	"FROM conn WHERE list_contains(string_split(service,','),'ftp-data')),"            \
	"moved AS (SELECT e.* EXCLUDE (ended),f.command,f.arg FROM ends AS e ASOF JOIN files AS f " \
	"ON e.dst_port=f.port AND e.ended>=f.asked)"

static const struct foreign_column ftp_data[] = {
	{"timestamp", FOREIGN_DATE, "r.ts"},
	{"flow_id", FOREIGN_COUNT, FLOW_ID("r")},
	{"event_type", FOREIGN_STRING, "'ftp_data'"},
	{"vlan", FOREIGN_INTERVALS, "r.vlan::VARCHAR"},
	{"src_ip", FOREIGN_ADDR, ADDR("r.src_ip")},
	{"src_port", FOREIGN_PORT, "r.src_port"},
	{"dest_ip", FOREIGN_ADDR, ADDR("r.dst_ip")},
	{"dest_port", FOREIGN_PORT, "r.dst_port"},
	{"proto", FOREIGN_STRING, "'TCP'"},
	{"community_id", FOREIGN_STRING, COMMUNITY("'tcp'")},
	{"ftp_data.filename", FOREIGN_STRING, "r.arg"},
	{"ftp_data.command", FOREIGN_STRING, "r.command"},
};

static const struct foreign_log events[] = {
	EVENT(ftp, NULL, WITH_CONN("(SELECT * FROM ftp WHERE protocol='ftp')")),
	EVENT(ftp_data, FTP_DATA_ROWS, "moved AS r"),
};
// clang-format on

const struct foreign_list eve_mail = {events, COUNT(events)};
