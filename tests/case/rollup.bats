#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The roll-ups say the same as plain SQL over the rows they count.
load common

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	"$DWELL" scan -q -m m "$ROOT/tests/lab/sample" >/dev/null
}

# How many rows one of two statements gives and the other does not.
difference() {
	"$DWELL" query -m "$BATS_FILE_TMPDIR/m" --format csv \
		"WITH p AS ($1), r AS ($2) SELECT count(*) FROM ((FROM p EXCEPT FROM r) UNION ALL
		(FROM r EXCEPT FROM p))" | tail -n 1 | tr -d "\r"
}

days="src_ip, dst_ip, dst_port, proto, server_name, connections, src_bytes, dst_bytes"
plain="SELECT src_ip, dst_ip, CASE WHEN proto = 'icmp' THEN 0 ELSE dst_port END AS dst_port, proto, server_name,
	count(*) AS connections, sum(src_bytes)::BIGINT AS src_bytes, sum(dst_bytes)::BIGINT AS dst_bytes"

@test "pair_day, in both orders, is conn by day" {
	for view in pair_day pair_day_by_dst; do
		[ "$(difference "$plain, day::TIMESTAMP AS ts FROM conn GROUP BY ALL" \
			"SELECT $days, ts FROM $view WHERE connections > 0")" = 0 ]
	done
}

@test "pair_month and pair_year, in both orders, are conn by month and year" {
	for level in month year; do
		for view in pair_$level pair_${level}_by_dst; do
			[ "$(difference "$plain, date_trunc('$level', ts)::TIMESTAMP AS ts FROM conn GROUP BY ALL" \
				"SELECT $days, ts FROM $view WHERE connections > 0")" = 0 ]
		done
	done
}

@test "seen has the names that were asked for, by whom, since when" {
	[ "$(difference "SELECT query AS value, src_ip AS host, min(ts) AS a, max(ts) AS b, count(*) AS n
			FROM dns WHERE query <> '' GROUP BY ALL" \
		"SELECT value, host, min(first_seen), max(last_seen), sum(count)::BIGINT
			FROM seen WHERE via = 'dns_query' AND kind <> 'domain' GROUP BY ALL")" = 0 ]
}

@test "watch_hour is watch by hour" {
	[ "$(difference "SELECT sensor, date_trunc('hour', ts)::TIMESTAMP AS ts, kind, sum(packets)::BIGINT AS n,
			count(DISTINCT minute(ts)) AS minutes FROM watch GROUP BY 1, 2, 3" \
		"SELECT sensor, ts, kind, packets, bit_count(minutes)::BIGINT FROM watch_hour")" = 0 ]
}
