#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Logs of other tools as inputs of a scan.
load common

connections() {
	value "$1" "SELECT count(*) FROM conn"
}

# conn_log FILE FIRST COUNT: a connection a minute, its time from FIRST on
conn_log() {
	printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n' >"$1"
	printf '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\n' >>"$1"
	for ((i = 0; i < $3; i++)); do
		printf '%d.%06d\tC%d\t10.1.1.5\t%d\t203.0.113.9\t443\ttcp\tssl\t1.5\t100\t200\tSF\n' \
			$(($2 + 60 * i)) $i $(($2 + i)) $((1024 + i % 60000)) >>"$1"
	done
}

eve_log() {
	printf '{"timestamp":"2025-01-01T00:00:00.5+0000","flow_id":1,"event_type":"flow","src_ip":"10.1.1.5","src_port":5,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP","app_proto":"tls","flow":{"pkts_toserver":2,"pkts_toclient":1,"bytes_toserver":200,"bytes_toclient":60,"start":"2025-01-01T00:00:00.25+0000","end":"2025-01-01T00:00:01.25+0000"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b"}}\n' >"$1"
}

@test "a beacon in Zeek's logs is the same findings as in the packets" {
	scan packets "$ROOT"/tests/lab/sample
	python3 "$ROOT/tests/case/zeek_logs.py" "$DWELL" packets zeek
	scan logs zeek
	[ "$(connections packets)" = "$(connections logs)" ]
	sql="SELECT detector, host, peer, peer_port, proto, since, since_kind, first_seen, last_seen, events
		FROM finding WHERE detector = 'clockwork' ORDER BY ALL"
	dwell query -m packets --format csv "$sql" >one
	dwell query -m logs --format csv "$sql" >two
	[ "$(wc -l <one)" -gt 1 ]
	diff one two
	sql="SELECT * EXCLUDE (service, vlan, sensor, source, source_offset) FROM conn ORDER BY ALL"
	dwell query -m packets --format csv "$sql" >one
	dwell query -m logs --format csv "$sql" >two
	diff <(cut -d, -f1-17 one) <(cut -d, -f1-17 two)
}

@test "captures and logs of three tools in one folder; the same again adds nothing" {
	mkdir -p all/zeek
	make all/a.pcap --count 5
	conn_log all/zeek/conn.log 1735689600 3
	eve_log all/eve.json
	printf 'StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n2018/09/27 22:40:52.362768,1.5,tcp,192.168.2.1,52893,  <?>,192.168.2.12,22,CON,16,16,35,3766,1224,\n' >all/flows.csv
	printf '#separator \\x09\n#path\tnotice\n#fields\tts\tnote\n1.0\tX\n' >all/zeek/notice.log
	echo "not a log" >all/README
	run -0 --separate-stderr dwell scan -m m all
	[[ $stderr == *"read 3 logs: 5 entries, 5 connections"* ]]
	[[ $stderr == *"1 log"*"passed over"* ]]
	[[ $stderr == *"read 1 capture: 50 packets, 5 connections"* ]]
	[ "$(connections m)" = 10 ]
	[ "$(value m "SELECT string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM watch")" = "csv eve packets zeek" ]
	[ "$(value m "SELECT state FROM conn WHERE source LIKE '%eve.json'")" = SF ]
	gzip all/zeek/conn.log
	mv all/eve.json all/renamed
	run -0 --separate-stderr dwell scan -m m all
	[[ $stderr == *"4 inputs are already in the memory"* ]]
	[ "$(connections m)" = 10 ]
	run -0 --separate-stderr dwell scan -m m - <all/renamed
	[ "$(connections m)" = 10 ]
	run -0 --separate-stderr dwell scan -m other - <all/renamed
	[ "$(connections other)" = 1 ]
}

@test "plain, gzip, zstd and xz tell the same" {
	conn_log conn.log 1735689600 500
	gzip -k conn.log && zstd -q conn.log && xz -k conn.log
	scan plain conn.log
	for packed in conn.log.gz conn.log.zst conn.log.xz; do
		scan "m-$packed" "$packed"
		[ "$(dump plain)" = "$(dump "m-$packed")" ]
	done
}

@test "bad lines: one line says how many and where the first is; the rest is read" {
	conn_log conn.log 1735689600 3
	printf 'broken\nbroken again\n' >>conn.log
	printf '1735689999.5\tC9\t10.1.1.5\t5\t203.0.1' >>conn.log
	run -3 --separate-stderr dwell scan -m m conn.log
	[ "$(grep -c 'fewer columns' <<<"$stderr")" = 2 ] # malformed, and cut
	[[ $stderr == *"(2 of 6 entries not read)"* ]]
	[ "$(connections m)" = 3 ]
	printf '#separator \\x09\n#path\tnotice\n#fields\tts\n1.0\n' >notice.log
	run -3 --separate-stderr dwell scan -m n notice.log
	[[ $stderr == *"a log of a kind of which dwell keeps no table"* ]]
}

@test "a map of columns: from the command line, from a file, and what is wrong with one" {
	printf 'A;B;when;p\n"10.0.0.1";10.0.0.2;2024-01-02 03:04:05.5;53\n' >a.csv
	scan one --csv-map 'ts=when,src_ip=A,dst_ip=B,dst_port=p,proto="TCP"' a.csv
	[ "$(value one "SELECT ts || ' ' || src_ip || ' ' || dst_ip || ' ' || dst_port || ' ' || proto FROM conn")" = "2024-01-02 03:04:05.5 10.0.0.1 10.0.0.2 53 tcp" ]
	printf '# ours\nkind=conn\nts=when\nsrc_ip=A\ndst_ip=B\ndst_port=p\nproto="TCP"\n' >map
	scan two --csv-map map a.csv
	[ "$(dump one)" = "$(dump two)" ]
	fails 2 dwell scan -m m --csv-map 'ts=when,nothing=A' a.csv
	[[ $stderr == *"no column 'nothing'"* ]]
	fails 2 dwell scan -m m --csv-map missing a.csv
	run -3 --separate-stderr dwell scan -m m a.csv
	[[ $stderr == *"nor a known log"* ]]
}

@test "kill -9 at any moment, then the same scan again: the rows of an undisturbed run" {
	for day in 1 2 3 4; do
		mkdir -p "logs/2025-01-0$day"
		conn_log "logs/2025-01-0$day/conn.log" $((1735689600 + 86400 * day)) 3000
	done
	began=$(date +%s%N)
	scan calm logs
	took=$((($(date +%s%N) - began) / 1000000))
	for ((i = 1; i <= 8; i++)); do
		rm -rf killed
		"$DWELL" scan -q -m killed logs >/dev/null 2>&1 &
		pid=$!
		sleep "$(printf '0.%03d' $((took * i / 9 % 1000)))"
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		scan killed logs
		[ "$(rows killed conn)" = "$(rows calm conn)" ]
		sql="SELECT ts, kind, sum(connections) FROM watch GROUP BY ALL ORDER BY ALL"
		[ "$(dwell query -m killed "$sql")" = "$(dwell query -m calm "$sql")" ]
	done
}
