/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EVE events of remote screens, file systems and sharing: rfb, tftp, nfs, bittorrent_dht.
 * nfs is an event a call with its answer, at the time of the call.
 */
#include "export/eve.h"

// clang-format off

#define PART(column, n) "NULLIF(regexp_extract(" column ",'^RFB ([0-9]+)\\.([0-9]+)$'," #n "),'')"
#define SIZE(n) "TRY_CAST(regexp_extract(r.status,'([0-9]+)x([0-9]+)$'," #n ") AS BIGINT)"
#define RFB_TYPE                                                                         \
	"CASE r.mechanism WHEN 'none' THEN 1 WHEN 'vnc' THEN 2 WHEN 'ra2' THEN 5 WHEN 'tight' THEN 16 " \
	"WHEN 'ultra' THEN 17 WHEN 'tls' THEN 18 WHEN 'vencrypt' THEN 19 WHEN 'sasl' THEN 20 " \
	"WHEN 'md5' THEN 21 WHEN 'xvp' THEN 22 WHEN 'ard' THEN 30 ELSE TRY_CAST(r.mechanism AS BIGINT) END"

static const struct foreign_column rfb[] = {
	EVENT_COLUMNS("rfb", "'tcp'"),
	{"rfb.server_protocol_version.major", FOREIGN_STRING, PART("r.server", 1)},
	{"rfb.server_protocol_version.minor", FOREIGN_STRING, PART("r.server", 2)},
	{"rfb.client_protocol_version.major", FOREIGN_STRING, PART("r.client", 1)},
	{"rfb.client_protocol_version.minor", FOREIGN_STRING, PART("r.client", 2)},
	{"rfb.authentication.security_type", FOREIGN_COUNT, RFB_TYPE},
	{"rfb.authentication.security_result", FOREIGN_STRING, "CASE WHEN r.success THEN 'OK' WHEN NOT r.success THEN 'FAIL' END"},
	{"rfb.screen_shared", FOREIGN_BOOL, "CASE WHEN r.status LIKE 'shared%' THEN true WHEN r.status LIKE 'exclusive%' THEN false END"},
	{"rfb.framebuffer.width", FOREIGN_COUNT, SIZE(1)},
	{"rfb.framebuffer.height", FOREIGN_COUNT, SIZE(2)},
	{"rfb.framebuffer.name", FOREIGN_STRING, "r.target"},
};

static const struct foreign_column tftp[] = {
	EVENT_COLUMNS("tftp", "'udp'"),
	{"tftp.packet", FOREIGN_STRING, "CASE r.command WHEN 'WRQ' THEN 'write' ELSE 'read' END"},
	{"tftp.file", FOREIGN_STRING, "r.arg"},
	{"tftp.mode", FOREIGN_STRING, "lower(r.mode)"},
};

#define RPC_STATUS "CASE WHEN r.status='denied' THEN 'DENIED' WHEN r.status IS NOT NULL THEN 'ACCEPTED' END"
#define NFS_STATUS "CASE WHEN r.result='OK' THEN r.result ELSE 'ERR_'||r.result END"

static const struct foreign_column nfs[] = {
	EVENT_COLUMNS("nfs", "r.proto"),
	{"rpc.xid", FOREIGN_COUNT, "r.xid"},
	{"rpc.status", FOREIGN_STRING, RPC_STATUS},
	{"rpc.auth_type", FOREIGN_STRING, "CASE r.auth WHEN 'none' THEN 'NULL' ELSE upper(r.auth) END"},
	{"rpc.creds.machine_name", FOREIGN_STRING, "r.machine"},
	{"rpc.creds.uid", FOREIGN_COUNT, "r.uid"},
	{"rpc.creds.gid", FOREIGN_COUNT, "r.gid"},
	{"nfs.version", FOREIGN_COUNT, "r.version"},
	{"nfs.procedure", FOREIGN_STRING, "upper(r.procedure)"},
	{"nfs.filename", FOREIGN_STRING, "COALESCE(r.file,'')"},
	{"nfs.type", FOREIGN_STRING, "CASE WHEN r.status IS NULL THEN 'request' ELSE 'response' END"},
	{"nfs.status", FOREIGN_STRING, NFS_STATUS},
	{"nfs.rename.from", FOREIGN_STRING, "CASE WHEN r.procedure='rename' THEN r.file END"},
	{"nfs.rename.to", FOREIGN_STRING, "CASE WHEN r.procedure='rename' THEN r.new_name END"},
};

/* A node's id is that of the request or of the response. */
#define OF(kind, column) "CASE WHEN " kind " THEN r." column " END"
#define REQUEST "r.message NOT IN ('response','error')"
#define RESPONSE "r.message='response'"

static const struct foreign_column bittorrent_dht[] = {
	EVENT_COLUMNS_OF("bittorrent_dht", "'udp'", "NOT r.from_client"),
	{"bittorrent_dht.transaction_id", FOREIGN_STRING, "r.transaction"},
	{"bittorrent_dht.request_type", FOREIGN_STRING, OF(REQUEST, "message")},
	{"bittorrent_dht.request.id", FOREIGN_STRING, OF(REQUEST, "peer_id")},
	{"bittorrent_dht.request.target", FOREIGN_STRING, "r.target"},
	{"bittorrent_dht.request.info_hash", FOREIGN_STRING, OF(REQUEST, "info_hash")},
	{"bittorrent_dht.request.port", FOREIGN_COUNT, OF(REQUEST, "port")},
	{"bittorrent_dht.response.id", FOREIGN_STRING, OF(RESPONSE, "peer_id")},
	{"bittorrent_dht.error.num", FOREIGN_COUNT, "TRY_CAST(regexp_extract(r.error,'^-?[0-9]+') AS BIGINT)"},
	{"bittorrent_dht.error.msg", FOREIGN_STRING, "NULLIF(regexp_extract(r.error,'^-?[0-9]+ (.*)$',1),'')"},
};

static const struct foreign_log events[] = {
	EVENT(rfb, NULL, WITH_CONN("(SELECT * FROM login WHERE protocol='rfb')")),
	EVENT(tftp, NULL, WITH_CONN("(SELECT * FROM ftp WHERE protocol='tftp')")),
	EVENT(nfs, NULL, WITH_CONN("(SELECT * FROM rpc WHERE program='nfs')")),
	EVENT(bittorrent_dht, NULL, WITH_CONN("(SELECT * FROM bittorrent WHERE kind='dht')")),
};
// clang-format on

const struct foreign_list eve_net = {events, COUNT(events)};
