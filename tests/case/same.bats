#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The same connection seen by two sources: one row that names both (doc/decisions/same.md).
load common

# kinds MEMORY [TABLE]: how many rows of each kind of source there are, in a line
kinds() {
	dwell query -m "$1" --format csv "SELECT coalesce(source_kind, 'packets') || '=' ||
		count(*) FROM ${2:-conn} GROUP BY source_kind ORDER BY 1" | tail -n +2 | tr -d '"\r' |
		paste -sd' '
}

# numbers MEMORY: what the connections come to, in rows and in roll-ups
numbers() {
	value "$1" "SELECT count(*) || ' ' || sum(src_bytes) || ' ' || sum(dst_bytes) || ' ' ||
		sum(duration) || ' ' || count(state) FROM conn"
	value "$1" "SELECT sum(connections) || ' ' || sum(src_bytes) || ' ' || sum(dst_bytes)
		FROM pair_day"
}

month() {
	xz -dc "$ROOT/tests/lab/sample/hq-2025-09.pcap.xz" >month.pcap
	scan packets month.pcap
	wanted=$(numbers packets)
}

# agrees KIND PATH: one row a connection, with the numbers of the capture, whichever of the
# two is read first, and when they are read together
agrees() {
	local n
	n=$(value packets "SELECT count(*) FROM conn")
	scan first month.pcap
	scan first "$2"
	scan last "$2"
	scan last month.pcap
	mkdir -p all && cp -r month.pcap "$2" all
	scan both all
	for memory in first last both; do
		echo "$memory: $(kinds $memory)"
		[ "$(kinds $memory)" = "packets, $1=$n" ]
		[ "$(numbers $memory)" = "$wanted" ]
	done
}

@test "Zeek's logs and the packets they were made from" {
	month
	python3 "$ROOT/tests/case/zeek_logs.py" "$DWELL" packets zeek
	agrees zeek zeek
	for table in dns tls http; do
		[ "$(kinds first $table)" = "packets, zeek=$(value packets "SELECT count(*) FROM $table")" ]
		[ "$(kinds last $table)" = "$(kinds first $table)" ]
	done
	[ "$(value first "SELECT DISTINCT source FROM conn")" = '"month.pcap, zeek/conn.log"' ]
	local sql="SELECT * EXCLUDE (facts, summary) FROM finding ORDER BY ALL"
	dwell query -m packets --format csv "$sql" >one
	dwell query -m first --format csv "$sql" >two
	diff one two
	dwell cases -m first >/dev/null
	dwell ask -m first 203.0.113.1 >/dev/null || [ $? -le 1 ]
}

@test "EVE flows and the packets they were made from" {
	month
	dwell query -m packets --format json "SELECT strftime(ts, '%Y-%m-%dT%H:%M:%S.%f') AS s,
		strftime(ts + to_microseconds((coalesce(duration, 0) * 1000000)::BIGINT),
		    '%Y-%m-%dT%H:%M:%S.%f') AS e,
		src_ip, src_port, dst_ip, dst_port, proto, src_packets, dst_packets, src_ip_bytes,
		dst_ip_bytes FROM conn" | python3 -c '
import json, sys
for i, line in enumerate(sys.stdin):
    c = json.loads(line)
    print(json.dumps({"timestamp": c["e"] + "+0000", "flow_id": i + 1, "event_type": "flow",
        "src_ip": c["src_ip"], "src_port": int(c["src_port"]), "dest_ip": c["dst_ip"],
        "dest_port": int(c["dst_port"]), "proto": c["proto"].upper(),
        "flow": {"pkts_toserver": int(c["src_packets"]), "pkts_toclient": int(c["dst_packets"]),
            "bytes_toserver": int(c["src_ip_bytes"]), "bytes_toclient": int(c["dst_ip_bytes"]),
            "start": c["s"] + "+0000", "end": c["e"] + "+0000"}}))' >eve.json
	agrees eve eve.json
}

@test "NetFlow that nfpcapd made of the packets" {
	command -v nfpcapd >/dev/null || skip "no nfpcapd"
	month
	mkdir nf
	nfpcapd -r month.pcap -l nf >/dev/null 2>&1
	agrees nfdump nf
}

@test "Zeek's own logs of captures of the corpora" {
	corpus truth/zeek-run
	for name in dohtunnel/27may_malicious.pcap benign/24may_benign.pcap exploit/log4j-webapp.pcap; do
		local pcap n
		rm -rf alone both back
		pcap=$(find "$CORPORA" -path "*/$name" -type f -not -path "*/truth/*" | head -n 1)
		scan alone "$pcap"
		scan both "$pcap"
		scan both "$CORPORA/truth/zeek-run/$name"
		scan back "$CORPORA/truth/zeek-run/$name"
		scan back "$pcap"
		n=$(value alone "SELECT count(*) FROM conn")
		[ "$n" -gt 0 ]
		[ "$(kinds both)" = "packets, zeek=$n" ]
		[ "$(kinds back)" = "packets, zeek=$n" ]
	done
}

@test "killed while rows are made one, and run again" {
	month
	python3 "$ROOT/tests/case/zeek_logs.py" "$DWELL" packets zeek
	local n
	n=$(value packets "SELECT count(*) FROM conn")
	for delay in 0.02 0.05 0.08 0.12 0.16 0.2 0.3; do
		rm -rf m
		scan m zeek
		"$DWELL" scan --quiet -m m month.pcap >/dev/null 2>&1 &
		local pid=$!
		sleep "$delay"
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" || true
		[ "$(value m "SELECT count(*) FROM conn")" = "$n" ]
		scan m month.pcap
		[ "$(kinds m)" = "packets, zeek=$n" ]
		[ "$(numbers m)" = "$wanted" ]
	done
}
