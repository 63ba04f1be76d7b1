#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# How long detail is kept, and dwell plan.
load common

@test "--keep-conn: old rows go and are named, roll-ups stay, the policy is remembered" {
	run -0 --separate-stderr dwell scan -m m --keep-conn 90d "$ROOT/tests/lab/sample"
	[[ $stderr == *"rows of conn from 2025-01-01 to before 2026-07-17"*"--keep-conn 90d"* ]]
	[ "$(value m "SELECT min(ts) >= '2026-07-17' FROM conn")" = true ]
	[ "$(value m "SELECT min(ts) >= '2026-07-17' FROM http")" = true ]
	[ "$(value m "SELECT min(first_seen) < '2025-08-02' FROM pair_year")" = true ]
	[ "$(value m "SELECT sum(connections)::BIGINT FROM pair_year")" = 21403 ]
	gone=$(value m "SELECT sum(row_count)::BIGINT FROM decay WHERE table_name = 'conn'")
	[ $((gone + $(value m "SELECT count(*) FROM conn"))) = 21403 ]
	make late.pcap --count 3
	before=$(value m "SELECT count(*) FROM decay")
	scan m late.pcap
	run -0 dwell plan -m m
	[[ $output == *"Kept: *=90d."* ]]
}

@test "--keep NET,PROTO=SPAN: only rows of that network and protocol go" {
	scan m "$ROOT/tests/lab/sample"
	conn=$(value m "SELECT count(*) FROM conn WHERE service IS DISTINCT FROM 'dns'")
	run -0 --separate-stderr dwell plan -m m --keep '*,dns=7d'
	[ "$(value m "SELECT min(ts) >= '2026-10-08' FROM dns")" = true ]
	[ "$(value m "SELECT count(*) FROM conn WHERE service IS DISTINCT FROM 'dns'")" = "$conn" ]
	run -0 --separate-stderr dwell plan -m m --keep '*,dns=all'
	[[ $output == *"Everything is kept for good"* ]]
}

@test "the rows of plan add up, as table, json and csv, in both languages" {
	scan m "$ROOT/tests/lab/sample"
	dwell plan -m m --format json >rows
	python3 - rows m <<-'PY'
		import json, os, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		size = {}
		for table in ("conn", "dns", "watch"):
		    size[table] = sum(os.path.getsize(os.path.join(d, f))
		                      for d, _, files in os.walk(os.path.join(sys.argv[2], table)) for f in files)
		by = {r["table"]: r for r in rows}
		for table, n in size.items():
		    assert by[table]["bytes"] == n, (table, by[table], n)
		every = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(sys.argv[2]) for f in files)
		assert by["all"]["bytes"] == every
		# 440 days of record: what a day adds is what the whole record took, shared out.
		assert abs(by["conn"]["bytes_a_day"] * 440 / size["conn"] - 1) < 0.1
		assert by["all"]["lasts_days"] > 0
	PY
	run -0 dwell plan -m m --format csv
	[[ ${lines[0]} == "table,kept_days,files,bytes,bytes_a_day,lasts_days"* ]]
	run -0 dwell plan -m m --lang zh
	[[ $output == *"磁盘"* ]]
}

@test "a record too short tells nothing of the future" {
	make a.pcap --count 3
	scan m a.pcap
	run -0 dwell plan -m m
	[[ $output == *"too little to tell"* ]]
	[ "$(dwell plan -m m --format json | tail -n 1 | grep -c '"lasts_days":null')" = 1 ]
}

@test "wrong policies are refused, and nothing is changed" {
	make a.pcap --count 3
	scan m a.pcap
	cp m/dwell.json before
	fails 2 dwell plan -m m --keep-conn 90
	fails 2 dwell plan -m m --keep-conn 0d
	fails 2 dwell plan -m m --disk 5
	fails 2 dwell plan -m m --keep 10.0.0.0/40=9d
	fails 2 dwell plan -m m --keep '*,DNS=9d'
	fails 2 dwell plan -m m more
	fails 2 dwell plan -m none
	cmp before m/dwell.json
}
