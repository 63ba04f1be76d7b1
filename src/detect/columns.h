/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a connection as the detectors read them: one list for every query. */
#ifndef DWELL_DETECT_COLUMNS_H
#define DWELL_DETECT_COLUMNS_H

enum column {
	COLUMN_SRC,
	COLUMN_DST,
	COLUMN_PORT,
	COLUMN_PROTO,
	COLUMN_TS,
	COLUMN_DURATION,
	COLUMN_SRC_BYTES,
	COLUMN_DST_BYTES,
	COLUMN_MISSED,
	COLUMN_STATE,
	COLUMN_NAME,
	COLUMN_SERVICE,
	COLUMN_DAY, /* the first of those of past_day; only where rows have decayed */
};

/* All but COLUMN_DAY, in that order. */
#define CONN_COLUMNS                                                                     \
	"src_ip, dst_ip, dst_port, proto, ts, duration, src_bytes, dst_bytes, "          \
	"missed_bytes, state, server_name, service"

#endif
