#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell export --format zeek, zeek-json, eve: what our own readers, and others', make of it.
load common

setup_file() {
	load common
	scan_sample
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
	export DWELL_MEMORY=$BATS_FILE_TMPDIR/m
}

# again FORMAT: export, and scan what came out into the memory again
again() {
	dwell export -q --format "$1" -o "$1"
	scan again "$1"
}

# equal TABLE COLUMNS: the same rows in both memories
equal() {
	local sql="SELECT $2 FROM $1 ORDER BY ALL"
	dwell query --format csv "$sql" >before
	dwell query -m again --format csv "$sql" >after
	[ "$(wc -l <before)" -gt 500 ]
	cmp before after
}

@test "zeek: read again, the rows are the same" {
	for format in zeek zeek-json; do
		rm -rf again
		again $format
		equal conn "ts, src_ip, src_port, dst_ip, dst_port, proto, src_bytes, dst_bytes, src_packets, dst_packets, src_ip_bytes, dst_ip_bytes, missed_bytes, state, history"
		equal dns "ts, src_ip, src_port, dst_ip, proto, id, query, qclass, qtype, rcode, aa, tc, rd, ra, answers, ttls"
		equal tls "ts, src_ip, src_port, dst_ip, version, cipher, curve, sni, resumed, established, cert_sha256"
		equal http "ts, src_ip, src_port, dst_ip, depth, method, host, uri, user_agent, status, reason, request_bytes, response_bytes"
		equal ssh "ts, src_ip, src_port, dst_ip, version, client, server, cipher, mac, kex, host_key_alg"
	done
}

@test "eve: read again, connections, questions and names are the same" {
	again eve
	equal conn "ts, src_ip, src_port, dst_ip, dst_port, proto, src_packets, dst_packets, src_ip_bytes, dst_ip_bytes"
	equal tls "ts, src_ip, src_port, dst_ip, sni, ja3, ja3s, ja4"
	equal http "ts, src_ip, src_port, dst_ip, method, host, uri, user_agent, status"
}

@test "zeek: a connection has one uid in every log, and all of them are known" {
	dwell export -q --format zeek-json -o out
	python3 - <<-'PYTHON'
		import json
		read = lambda log: [json.loads(line) for line in open(f"out/{log}.log", encoding="utf-8")]
		conn = {c["uid"]: c for c in read("conn")}
		assert len(conn) == len(read("conn"))
		for log in ("dns", "ssl", "http", "ssh"):
		    for r in read(log):
		        c = conn[r["uid"]]
		        assert all(c[f"id.{e}"] == r[f"id.{e}"] for e in ("orig_h", "orig_p", "resp_h", "resp_p"))
		        assert c["ts"] <= r["ts"] <= c["ts"] + c.get("duration", 0) + 0.001, (c, r)
	PYTHON
}

@test "eve: every line is an event, and its flow is there" {
	dwell export -q --format eve -o out
	python3 - <<-'PYTHON'
		import json
		events = [json.loads(line) for line in open("out/eve.json", encoding="utf-8")]
		flows = {e["flow_id"]: e for e in events if e["event_type"] == "flow"}
		assert {e["event_type"] for e in events} >= {"flow", "dns", "tls", "http", "ssh"}
		for e in events:
		    f = flows[e["flow_id"]]
		    # an answer, or a file that is fetched, has the server as its source
		    assert {e["src_ip"], e["dest_ip"]} == {f["src_ip"], f["dest_ip"]} and e["proto"] == f["proto"]
		    assert e["community_id"] == f["community_id"]
	PYTHON
}

@test "zeek: only some logs, only some days, modes, and what is wrong" {
	dwell export -q --format zeek --table dns --table conn --since 2025-09-01 --until 2025-09-02 -o some
	[ "$(ls some)" = "$(printf 'conn.log\ndns.log')" ]
	[ "$(stat -c %a some/conn.log)" = 640 ]
	local rows
	rows=$(value "$DWELL_MEMORY" "SELECT count(*) FROM conn WHERE ts >= '2025-09-01' AND ts < '2025-09-03'")
	[ "$(grep -vc '^#' some/conn.log)" -eq "$rows" ]
	fails 2 dwell export --format zeek --table no_such -o some
	[[ $stderr == *"'no_such'"* ]]
	fails 2 dwell export --format zeek --pseudonymise key -o some
	[[ $stderr == *"--pseudonymise"* ]]
	fails 2 dwell export --format eve
	[[ $stderr == *"-o FOLDER"* ]]
	if [ "$(id -u)" != 0 ]; then
		mkdir closed && chmod 500 closed
		fails 4 dwell export --format zeek -o closed
	fi
}
