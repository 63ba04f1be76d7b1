/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's ftp.log, of the commands that Zeek writes by default. Files are named by URL, in
 * the folder that the client was in; passwords are never kept, so that column is empty.
 */
#include "export/zeek.h"

// clang-format off

#define ANNOUNCES "command IN ('PASV','PORT','EPSV','EPRT')"

/* A folder that was never told is '.', where names of files are below it. */
#define FTP_FOLDER "CASE WHEN cwd LIKE '/%' THEN rtrim(cwd,'/') WHEN cwd IS NOT NULL THEN '/./'||cwd ELSE '/.' END"

#define FTP_URL                                                                          \
	"'ftp://'||CASE WHEN contains(" ADDR("r.dst_ip") ",':') THEN '['||r.dst_ip||']' ELSE " ADDR("r.dst_ip") " END||" \
	"CASE WHEN arg LIKE '/%' THEN arg ELSE " FTP_FOLDER "||'/'||COALESCE(arg,'') END"

static const struct foreign_column ftp[] = {
	ID_COLUMNS,
	{"user", FOREIGN_STRING, "COALESCE(r.\"user\",'<unknown>')"},
	{"password", FOREIGN_STRING, "NULL::VARCHAR"},
	{"command", FOREIGN_STRING, "command"},
	{"arg", FOREIGN_STRING, "CASE WHEN command IN ('APPE','DELE','RETR','STOR','STOU') THEN " FTP_URL " ELSE arg END"},
	{"mime_type", FOREIGN_STRING, "mime_type"},
	{"file_size", FOREIGN_COUNT, "file_size"},
	{"reply_code", FOREIGN_COUNT, "reply_code"},
	{"reply_msg", FOREIGN_STRING, "reply_msg"},
	{"data_channel.passive", FOREIGN_BOOL, "CASE WHEN " ANNOUNCES " THEN data_passive END"},
	{"data_channel.orig_h", FOREIGN_ADDR, "CASE WHEN " ANNOUNCES " THEN data_src_ip END"},
	{"data_channel.resp_h", FOREIGN_ADDR, "CASE WHEN " ANNOUNCES " THEN data_dst_ip END"},
	{"data_channel.resp_p", FOREIGN_PORT, "CASE WHEN " ANNOUNCES " THEN data_dst_port END"},
};

#define FTP_ROWS                                                                         \
	"(SELECT * FROM ftp WHERE protocol='ftp' AND command IN "                         \
	"('APPE','DELE','RETR','STOR','STOU','ACCT','PORT','PASV','EPRT','EPSV'))"

static const struct foreign_log logs[] = {
	LOG(ftp, NULL, WITH_CONN(FTP_ROWS)),
};
// clang-format on

const struct foreign_list zeek_mail = {logs, COUNT(logs)};
