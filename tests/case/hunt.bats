#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell hunt: the past at once, then every segment that is new, whatever time it tells of.
load common

FIRST=cad29155973f80acd # the check-in of the bundled sample

# One memory of the bundled sample for all tests; each works on a copy.
setup_file() {
	load common
	scan_sample
}

sample() {
	cp -r "$BATS_FILE_TMPDIR/m" m
}

# log OUT TS SRC DST [NAME]: a Zeek log of connections with one entry, TS in seconds
log() {
	printf '{"ts":%s,"uid":"C%s","id.orig_h":"%s","id.orig_p":40000,"id.resp_h":"%s","id.resp_p":443,"proto":"tcp","duration":2.0,"orig_bytes":100,"resp_bytes":200,"conn_state":"SF","history":"ShADadFf","orig_pkts":5,"orig_ip_bytes":360,"resp_pkts":4,"resp_ip_bytes":400}\n' \
		"$2" "${2%.*}" "$3" "$4" >"$1"
}

# found: id, detector, host, peer, first_seen, events of what hunts found, one a line
found() {
	dwell query -m "${1:-m}" --format csv "SELECT host, peer, strftime(first_seen, '%Y-%m-%d'), strftime(last_seen, '%Y-%m-%d'), events, bytes_out FROM finding WHERE detector = 'indicator' ORDER BY ALL" |
		tail -n +2 | tr -d '\r'
}

@test "hunt add: asks the whole past at once, and what is met becomes a finding in its case" {
	sample
	printf 'telemetry-sync.example\n203.0.113.99\n' >feed.txt
	run -0 --separate-stderr dwell hunt add -m m feed.txt --note "alert 17"
	[[ $output == *"telemetry-sync.example (name): seen from 2025-09-14"* ]]
	[[ $output == *"203.0.113.99 (address): not seen"* ]]
	[[ $output == *"Watched from 2025-08-01"* ]]
	[[ $stderr == *"hunt h1: 2 indicators and 0 patterns, 1 of them seen"* ]]
	rm feed.txt # not needed again
	[ "$(found)" = "10.20.0.10,telemetry-sync.example,2025-09-14,2026-10-14,2113,2151034" ]
	[ "$(value m "SELECT list_contains(findings, (SELECT id FROM finding WHERE detector = 'indicator')) FROM cases WHERE id = '$FIRST'")" = true ]
	# The bytes of two findings of the same connections count once.
	[ "$(value m "SELECT bytes_out_low FROM cases WHERE id = '$FIRST'")" = 2151034 ]
	run -0 dwell show -m m $FIRST
	[[ $output == *"which hunt h1 looks for"*"hunt h1 (alert 17)"*"feed.txt:1"* ]]
	run -0 dwell show -m m --lang zh $FIRST
	[[ $output == *"狩猎 h1 查找的目标"* ]]
}

@test "hunt: a log of 2019 that is read today is looked at, and dates move back" {
	sample
	dwell hunt add -m m -q 203.0.113.99 telemetry-sync.example 198.51.100.25 --note late >/dev/null
	before=$(found)
	[[ $before == *10.20.0.10,relay.example,* || $before == *10.20.0.*,198.51.100.25,* ]]
	[[ $before != *203.0.113.99* ]]
	log conn.log 1555555555.5 10.20.0.60 203.0.113.99
	scan m conn.log
	[[ $(found) == *"10.20.0.60,203.0.113.99,2019-04-18,2019-04-18,1,100"* ]]
	[ "$(found | grep -v 203.0.113.99)" = "$before" ]
	# The same host and indicator, older: one finding still, its first date moves back.
	log conn.log 1455555555.5 10.20.0.60 203.0.113.99
	scan m conn.log
	[[ $(found) == *"10.20.0.60,203.0.113.99,2016-02-15,2019-04-18,2,200"* ]]
	[ "$(found | grep -c 203.0.113.99)" = 1 ]
	# A scan that brings nothing leaves all findings as they are.
	all=$(rows m finding)
	scan m conn.log
	[ "$(rows m finding)" = "$all" ]
}

@test "hunt: the order in which hunt and records come does not matter" {
	scan a "$ROOT/tests/lab/sample"
	make other.pcap --count 40
	log conn.log 1555555555.5 10.20.0.60 203.0.113.99
	dwell hunt add -m a -q telemetry-sync.example 203.0.113.0/24 192.0.2.77 --note n >/dev/null
	scan a conn.log
	scan b conn.log
	scan b "$ROOT/tests/lab/sample"
	dwell hunt add -m b -q telemetry-sync.example 203.0.113.0/24 192.0.2.77 --note n >/dev/null
	[ -n "$(found a)" ]
	[ "$(found a)" = "$(found b)" ]
}

@test "hunt: names below, networks, fingerprints, certificates, user agents, URLs, expressions" {
	sample
	ja4=$(value m "SELECT ja4 FROM tls WHERE sni = 'telemetry-sync.example' LIMIT 1")
	cert=$(value m "SELECT sha256 FROM cert LIMIT 1")
	agent=$(value m "SELECT user_agent FROM http WHERE user_agent IS NOT NULL LIMIT 1")
	cat >stix.json <<-JSON
		{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
		{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000002","name":"GROUP X c2","pattern_type":"stix","pattern":"[domain-name:value LIKE '%sync.example']","valid_from":"2020-01-01T00:00:00Z"},
		{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000003","name":"both","pattern_type":"stix","pattern":"[ipv4-addr:value = '192.0.2.77'] AND [domain-name:value = 'telemetry-sync.example']","valid_from":"2020-01-01T00:00:00Z"}]}
	JSON
	log conn.log 1555555555.5 10.20.0.60 203.0.113.200
	scan n conn.log # the hunt first, all that it looks for later
	dwell hunt add -m n -q name:example 192.0.2.0/24 "ja4:$ja4" "cert_sha256:$cert" "user_agent:$agent" stix.json --note all >/dev/null
	[ -z "$(found n)" ]
	scan n "$ROOT/tests/lab/sample"
	run -0 found n
	[[ $output == *"ja4:$ja4"* && $output == *"cert_sha256:$cert"* && $output == *"user_agent:"* ]]
	[[ $output == *"192.0.2.0/24"* ]]
	[[ $output == *"indicator--00000000-0000-4000-8000-000000000003"* ]]
	[ "$(value n "SELECT count(*) FROM finding WHERE detector = 'indicator' AND facts LIKE '%GROUP X c2%'")" = 1 ]
	run -0 dwell cases -m n --all
	output=$(tr -s ' \n' ' ' <<<"$output")
	[[ $output != *"is GROUP X"* ]]
}

@test "hunt list, show, remove" {
	sample
	dwell hunt add -m m -q telemetry-sync.example --note "one, \"quoted\" 'note'" >/dev/null
	dwell hunt add -m m -q 203.0.113.1 --note two --until 2199-12-31 >/dev/null
	dwell hunt list -m m --format json >list
	python3 - <<-'PYTHON'
		import json
		one, two = map(json.loads, open("list"))
		assert (one["id"], one["state"], one["until"], one["indicators"], one["met"], one["note"], one["source"]) == \
			("h1", "active", None, 1, 1, "one, \"quoted\" 'note'", "command line"), one
		assert (two["id"], two["until"], two["met"]) == ("h2", "2199-12-31", 0), two
		assert len(one["digest"]) == 64 and one["digest"] != two["digest"]
	PYTHON
	run -0 dwell hunt show -m m h1
	[[ $output == *"telemetry-sync.example (name): seen"* ]]
	run -0 dwell hunt show -m m --all h2
	[[ $output == *"203.0.113.1 (address): not seen"* ]]
	[ -n "$(found)" ]
	dwell hunt remove -m m -q h1
	[ -z "$(found)" ] && [ ! -e m/hunt/h1 ]
	[ "$(dwell hunt list -m m --format csv | wc -l)" = 2 ]
	dwell cases -m m --all --format json | python3 -c 'import json, sys; [json.loads(l) for l in sys.stdin]'
}

@test "hunt: one that has ended is listed as such, keeps what it found, and tests nothing new" {
	sample
	run -0 --separate-stderr dwell hunt add -m m telemetry-sync.example 203.0.113.99 --note past --until 2026-01-31
	[[ $stderr == *"ends before today"* ]]
	[ "$(dwell hunt list -m m --format csv | grep -c expired)" = 1 ]
	[[ $(found) == 10.20.0.10,telemetry-sync.example,2025-09-14,2026-01-31,* ]]
	log conn.log 1555555555.5 10.20.0.60 203.0.113.99
	scan m conn.log
	[[ $(found) == 10.20.0.10,telemetry-sync.example,2025-09-14,2026-01-31,* && $(found | wc -l) = 1 ]]
}

@test "hunt: a feed in which much is of no use says so; what is good is looked for" {
	sample
	printf '%s\n' telemetry-sync.example 203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.999 "(())" >feed.txt
	run --separate-stderr dwell hunt add -m m feed.txt --note part
	[ "$status" = 3 ]
	[[ $stderr == *"feed.txt"* ]]
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'indicator'")" = 1 ]
	dwell hunt list -m m --format json | python3 -c 'import json, sys; h = json.load(sys.stdin); assert h["indicators"] == 4 and h["skipped"] >= 1, h'
}

@test "ask and hunts where detail has decayed: the same answers, and it is said what they rest on" {
	sample
	dwell hunt add -m m -q telemetry-sync.example --note x >/dev/null
	before=$(found)
	run -0 dwell ask -m m telemetry-sync.example
	[[ $output != *decayed* ]]
	dwell plan -m m -q --keep-conn 30d >/dev/null
	[ "$(value m "SELECT min(ts) >= TIMESTAMP '2026-09-14' FROM conn")" = true ]
	run -0 dwell ask -m m telemetry-sync.example
	[[ $output == *"Rows of connections before 2026-09-1"*"have decayed"*"seen from 2025-09-14"* ]]
	run -0 dwell ask -m m --lang zh telemetry-sync.example
	[[ $output == *"之前的连接记录已淘汰"* ]]
	run -0 dwell ask -m m --format json telemetry-sync.example
	[[ $output == *'"detail_from":"2026-09-1'* ]]
	run -0 dwell ask -m m --since 2026-09-30 telemetry-sync.example
	[[ $output != *decayed* ]]
	log conn.log 1555555555.5 10.20.0.60 203.0.113.99
	scan m conn.log # judged again
	[ "$(found)" = "$before" ]
	dwell hunt remove -m m -q h1
	[ -z "$(found)" ]
}

@test "hunt: wrong usage is one line and exit 2" {
	sample
	fails 2 dwell hunt -m m
	fails 2 dwell hunt add -m m
	fails 2 dwell hunt add -m m 192.0.2.1
	[[ $stderr == *"--note"* ]]
	fails 2 dwell hunt add -m m "???" --note x
	fails 2 dwell hunt show -m m h7
	[[ $stderr == *"no hunt 'h7'"* ]]
	fails 2 dwell hunt remove -m m h7
	fails 2 dwell hunt remove -m m ../..
	fails 2 dwell hunt add -m nowhere 192.0.2.1 --note x
	[ ! -e nowhere ]
	dwell hunt add -m m -q 192.0.2.1 --note x >/dev/null
	run -2 --separate-stderr dwell hunt add -m m 192.0.2.1 --note "the same"
	[[ $stderr == *"hunt h1 looks for the same"* ]]
}

@test "hunt: a damaged hunt is named, exit 4" {
	sample
	dwell hunt add -m m -q telemetry-sync.example --note x >/dev/null
	truncate -s -3 m/hunt/h1/met.tsv
	log conn.log 1555555555.5 10.20.0.60 203.0.113.99
	run -4 --separate-stderr dwell scan -m m conn.log
	[[ $stderr == *"hunt/h1/met.tsv"* ]]
}

@test "hunt: killed at any moment, a hunt is there in whole or not at all" {
	sample
	seq -f '198.51.%.0f.1' 0 255 >feed.txt
	for wait in 0.02 0.05 0.08 0.12 0.2 0.3; do
		# The program itself, not a shell around it, is what is killed.
		"$DWELL" hunt add -m m -q feed.txt --note x >/dev/null 2>&1 3>&- &
		pid=$!
		sleep $wait
		kill -9 $pid 2>/dev/null || true
		wait $pid 2>/dev/null || true
		n=$(dwell hunt list -m m --format csv | tail -n +2 | wc -l)
		[ "$n" = 0 ] || [ "$n" = 1 ]
		[ "$n" = 0 ] || dwell hunt remove -m m -q h1
		dwell hunt list -m m >/dev/null
	done
}
