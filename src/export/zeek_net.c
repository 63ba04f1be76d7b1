/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeek's logs of proxies and remote screens: socks, rfb. Zeek keeps the screen's size and
 * the share flag in columns of their own; ours are in login.status ("shared, 1024x768").
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

static const struct foreign_log logs[] = {
	LOG(socks, NULL, WITH_CONN("socks")),
	LOG(rfb, NULL, WITH_CONN("(SELECT * FROM login WHERE protocol='rfb')")),
};
// clang-format on

const struct foreign_list zeek_net = {logs, COUNT(logs)};
