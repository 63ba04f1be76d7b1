/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVE events of what Windows speaks: smb, dcerpc, krb5, rdp. Our rows of SMB are commands
 * and not all of its messages, those of Kerberos and RDP exchanges; an exchange of RDP
 * becomes the events that Suricata makes of its messages.
 */
#include "export/eve.h"

// clang-format off

/* "3.0.2" is "3.02" there. */
#define DIALECT \
	"CASE WHEN dialect LIKE '_.%' AND dialect NOT LIKE '2._%?' THEN CASE dialect WHEN '2.1' THEN '2.10' WHEN '3.0' THEN '3.00' " \
	"ELSE regexp_replace(dialect,'^(.)[.](.)[.](.)$','\\1.\\2\\3') END ELSE COALESCE(dialect,'unknown') END"

#define SMB_COMMAND                                                                      \
	"r.version||'_COMMAND_'||CASE r.command WHEN 'negotiate' THEN 'NEGOTIATE_PROTOCOL' " \
	"WHEN 'session_setup' THEN CASE r.version WHEN 'SMB1' THEN 'SESSION_SETUP_ANDX' ELSE 'SESSION_SETUP' END " \
	"WHEN 'tree_connect' THEN CASE r.version WHEN 'SMB1' THEN 'TREE_CONNECT_ANDX' ELSE 'TREE_CONNECT' END " \
	"WHEN 'open' THEN CASE r.version WHEN 'SMB1' THEN 'NT_CREATE_ANDX' ELSE 'CREATE' END " \
	"WHEN 'transact' THEN CASE WHEN r.function LIKE 'NT_%' THEN 'NT_TRANS' WHEN r.function LIKE 'TRANS2_%' THEN 'TRANS2' ELSE 'TRANS' END " \
	"WHEN 'rename' THEN CASE r.version WHEN 'SMB1' THEN 'RENAME' ELSE 'SET_INFO' END " \
	"WHEN 'delete' THEN CASE r.version WHEN 'SMB1' THEN 'DELETE' ELSE 'SET_INFO' END " \
	"ELSE upper(r.command) END"

/* Names of files and pipes; a tree's root has none. */
#define SMB_NAME \
	"CASE WHEN r.command IN ('open','rename','delete') THEN CASE WHEN r.name='' THEN '<share_root>' ELSE r.name END END"

/* SMB1 sends one backslash in front. */
#define SMB_PATH "CASE r.version WHEN 'SMB1' THEN substr(r.path,2) ELSE r.path END"

/* Of what was opened; 0 for a pipe, and where it was not. */
#define OPENED(sql) \
	"CASE WHEN r.command='open' THEN COALESCE(" sql ",0) END"
#define SECONDS(column) OPENED("floor(epoch(" column "))::BIGINT")

static const struct foreign_column smb[] = {
	EVENT_COLUMNS("smb", "'tcp'"),
	{"smb.dialect", FOREIGN_STRING, DIALECT},
	{"smb.command", FOREIGN_STRING, SMB_COMMAND},
	{"smb.status", FOREIGN_STRING, "CASE WHEN r.status LIKE '0x%' THEN r.status ELSE 'STATUS_'||r.status END"},
	{"smb.function", FOREIGN_STRING, "CASE WHEN r.command='ioctl' THEN CASE WHEN r.function LIKE '0x%' THEN r.function ELSE 'FSCTL_'||r.function END END"},
	{"smb.named_pipe", FOREIGN_STRING, "CASE WHEN r.command='tree_connect' AND r.share_type='PIPE' THEN " SMB_PATH " END"},
	{"smb.share", FOREIGN_STRING, "CASE WHEN r.command='tree_connect' AND COALESCE(r.share_type,'')<>'PIPE' THEN " SMB_PATH " END"},
	{"smb.share_type", FOREIGN_STRING, "CASE WHEN r.command='tree_connect' AND r.version<>'SMB1' THEN CASE r.share_type WHEN 'DISK' THEN 'FILE' ELSE r.share_type END END"},
	{"smb.filename", FOREIGN_STRING, SMB_NAME},
	{"smb.rename.from", FOREIGN_STRING, "r.prev_name"},
	{"smb.rename.to", FOREIGN_STRING, "CASE WHEN r.command='rename' THEN r.name END"},
	{"smb.created", FOREIGN_COUNT, SECONDS("r.created")},
	{"smb.accessed", FOREIGN_COUNT, SECONDS("r.accessed")},
	{"smb.modified", FOREIGN_COUNT, SECONDS("r.modified")},
	{"smb.changed", FOREIGN_COUNT, SECONDS("r.changed")},
	{"smb.size", FOREIGN_COUNT, OPENED("r.size")},
};

#define SMB_ROWS "(SELECT * FROM smb WHERE command NOT IN ('encrypted','compressed'))"

static const struct foreign_column dcerpc[] = {
	EVENT_COLUMNS("dcerpc", "'tcp'"),
	{"dcerpc.request", FOREIGN_STRING, "'REQUEST'"},
	{"dcerpc.req.opnum", FOREIGN_COUNT, "r.opnum"},
	{"dcerpc.response", FOREIGN_STRING, "CASE WHEN r.status IS NULL THEN 'UNREPLIED' WHEN r.status='ok' THEN 'RESPONSE' ELSE 'FAULT' END"},
	{"dcerpc.interfaces", FOREIGN_JSON, "CASE WHEN r.uuid IS NOT NULL THEN '[{\"uuid\":\"'||r.uuid||'\"}]' END"},
};

/* Those over SMB are part of its events in Suricata's. */
#define DCERPC_ROWS                                                                      \
	"(SELECT * FROM dce_rpc AS d WHERE NOT EXISTS (SELECT 1 FROM conn AS k WHERE "    \
	"k.src_ip=d.src_ip AND k.src_port=d.src_port AND k.dst_ip=d.dst_ip AND "          \
	"k.dst_port=d.dst_port AND contains(k.service,'smb')))"

#define WEAK(column) \
	"COALESCE(" column " LIKE 'des-%' OR " column " LIKE 'rc4%' OR " column " LIKE 'des3%',false)"

/* RFC 4120, 7.5.9, and RFC 4556, in the order of their numbers from 1. */
#define KRB_ERRORS \
	"KDC_ERR_NAME_EXP,KDC_ERR_SERVICE_EXP,KDC_ERR_BAD_PVNO," \
	"KDC_ERR_C_OLD_MAST_KVNO,KDC_ERR_S_OLD_MAST_KVNO," \
	"KDC_ERR_C_PRINCIPAL_UNKNOWN,KDC_ERR_S_PRINCIPAL_UNKNOWN," \
	"KDC_ERR_PRINCIPAL_NOT_UNIQUE,KDC_ERR_NULL_KEY,KDC_ERR_CANNOT_POSTDATE," \
	"KDC_ERR_NEVER_VALID,KDC_ERR_POLICY,KDC_ERR_BADOPTION," \
	"KDC_ERR_ETYPE_NOSUPP,KDC_ERR_SUMTYPE_NOSUPP," \
	"KDC_ERR_PADATA_TYPE_NOSUPP,KDC_ERR_TRTYPE_NOSUPP," \
	"KDC_ERR_CLIENT_REVOKED,KDC_ERR_SERVICE_REVOKED,KDC_ERR_TGT_REVOKED," \
	"KDC_ERR_CLIENT_NOTYET,KDC_ERR_SERVICE_NOTYET,KDC_ERR_KEY_EXPIRED," \
	"KDC_ERR_PREAUTH_FAILED,KDC_ERR_PREAUTH_REQUIRED," \
	"KDC_ERR_SERVER_NOMATCH,KDC_ERR_MUST_USE_USER2USER," \
	"KDC_ERR_PATH_NOT_ACCEPTED,KDC_ERR_SVC_UNAVAILABLE,," \
	"KRB_AP_ERR_BAD_INTEGRITY,KRB_AP_ERR_TKT_EXPIRED,KRB_AP_ERR_TKT_NYV," \
	"KRB_AP_ERR_REPEAT,KRB_AP_ERR_NOT_US,KRB_AP_ERR_BADMATCH," \
	"KRB_AP_ERR_SKEW,KRB_AP_ERR_BADADDR,KRB_AP_ERR_BADVERSION," \
	"KRB_AP_ERR_MSG_TYPE,KRB_AP_ERR_MODIFIED,KRB_AP_ERR_BADORDER,," \
	"KRB_AP_ERR_BADKEYVER,KRB_AP_ERR_NOKEY,KRB_AP_ERR_MUT_FAIL," \
	"KRB_AP_ERR_BADDIRECTION,KRB_AP_ERR_METHOD,KRB_AP_ERR_BADSEQ," \
	"KRB_AP_ERR_INAPP_CKSUM,KRB_AP_PATH_NOT_ACCEPTED," \
	"KRB_ERR_RESPONSE_TOO_BIG,,,,,,,,KRB_ERR_GENERIC,KRB_ERR_FIELD_TOOLONG," \
	"KDC_ERROR_CLIENT_NOT_TRUSTED,KDC_ERROR_KDC_NOT_TRUSTED," \
	"KDC_ERROR_INVALID_SIG,KDC_ERR_KEY_TOO_WEAK," \
	"KDC_ERR_CERTIFICATE_MISMATCH,KRB_AP_ERR_NO_TGT,KDC_ERR_WRONG_REALM," \
	"KRB_AP_ERR_USER_TO_USER_REQUIRED"

/* A request and its answer are two events; how long the answer took is not known. */
#define KRB5_EVENTS                                                                      \
	"events AS (SELECT *,'req' AS type FROM kerberos WHERE request_type IN ('AS','TGS') AND " \
	"(len(etypes)>0 OR success IS NULL) UNION ALL SELECT *,'rep' FROM kerberos WHERE success IS NOT NULL AND " \
	"COALESCE(request_type,'')<>'AP')"

#define ON_REPLY(sql) "CASE WHEN r.type='rep' AND success THEN " sql " END"
#define ON_ERROR(sql) "CASE WHEN r.type='rep' AND NOT success THEN " sql " END"

/* Of a request for a ticket by another, the client stands in the answer alone. */
#define CNAME \
	"CASE WHEN COALESCE(client,'') IN ('','/'||realm) OR (r.type='req' AND request_type='TGS') THEN '<empty>' " \
	"ELSE regexp_replace(client,'/[^/]*$','') END"

static const struct foreign_column krb5[] = {
	EVENT_COLUMNS_OF("krb5", "r.proto", "r.type='rep'"),
	{"krb5.msg_type", FOREIGN_STRING, "CASE WHEN r.type='req' THEN 'KRB_'||request_type||'_REQ' WHEN success THEN 'KRB_'||request_type||'_REP' ELSE 'KRB_ERROR' END"},
	{"krb5.failed_request", FOREIGN_STRING, ON_ERROR("COALESCE('KRB_'||request_type||'_REQ','UNKNOWN')")},
	{"krb5.error_code", FOREIGN_STRING, ON_ERROR("COALESCE(NULLIF(string_split('" KRB_ERRORS "',',')[error_code],''),error_code::VARCHAR)")},
	{"krb5.cname", FOREIGN_STRING, CNAME},
	{"krb5.realm", FOREIGN_STRING, "COALESCE(realm,'<empty>')"},
	{"krb5.sname", FOREIGN_STRING, "COALESCE(service_name,'<empty>')"},
	{"krb5.encryption", FOREIGN_STRING, "COALESCE(" ON_REPLY("reply_cipher") ",'<none>')"},
	{"krb5.weak_encryption", FOREIGN_BOOL, "COALESCE(" ON_REPLY(WEAK("reply_cipher")) ",false)"},
	{"krb5.ticket_encryption", FOREIGN_STRING, ON_REPLY("cipher")},
	{"krb5.ticket_weak_encryption", FOREIGN_BOOL, ON_REPLY(WEAK("cipher"))},
};

/* The client's request, the server's response, and what the client says of itself. */
#define RDP_EVENTS                                                                       \
	"events AS (SELECT *,'initial_request' AS type FROM rdp UNION ALL "               \
	"SELECT *,'initial_response' FROM rdp WHERE result IS NOT NULL OR security_protocol IS NOT NULL UNION ALL " \
	"SELECT *,'connect_request' FROM rdp WHERE client_name IS NOT NULL OR client_build IS NOT NULL)"

#define OF(type, sql) "CASE WHEN r.type='" type "' THEN " sql " END"

static const struct foreign_column rdp[] = {
	EVENT_COLUMNS_OF("rdp", "'tcp'", "r.type='initial_response'"),
	{"rdp.event_type", FOREIGN_STRING, "r.type"},
	{"rdp.cookie", FOREIGN_STRING, OF("initial_request", "r.cookie")},
	{"rdp.protocol", FOREIGN_STRING, OF("initial_response", "lower(r.security_protocol)")},
	{"rdp.reason", FOREIGN_STRING, OF("initial_response", "CASE WHEN r.result SIMILAR TO '[A-Z_]*_(SERVER|FLAGS)' THEN replace(lower(r.result),'_',' ') END")},
	{"rdp.client.desktop_width", FOREIGN_COUNT, OF("connect_request", "r.desktop_width")},
	{"rdp.client.desktop_height", FOREIGN_COUNT, OF("connect_request", "r.desktop_height")},
	{"rdp.client.color_depth", FOREIGN_COUNT, OF("connect_request", "TRY_CAST(replace(r.requested_color_depth,'bit','') AS BIGINT)")},
	{"rdp.client.client_name", FOREIGN_STRING, OF("connect_request", "r.client_name")},
	{"rdp.client.id", FOREIGN_STRING, OF("connect_request", "r.client_dig_product_id")},
	{"rdp.channels", FOREIGN_STRINGS, OF("connect_request", LIST_OR_NONE("r.client_channels"))},
};

static const struct foreign_log events[] = {
	EVENT(smb, NULL, WITH_CONN(SMB_ROWS)),
	EVENT(dcerpc, NULL, WITH_CONN(DCERPC_ROWS)),
	EVENT(krb5, KRB5_EVENTS, WITH_CONN("events")),
	EVENT(rdp, RDP_EVENTS, WITH_CONN("events")),
};
// clang-format on

const struct foreign_list eve_windows = {events, COUNT(events)};
