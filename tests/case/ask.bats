#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell ask: its answers are those of a plain scan over the rows of conn, dns, tls, cert, http
# and ssh; what was watched comes with them; bad indicators and memories are told.
load common

# One memory of the bundled sample for all tests.
setup_file() {
	scan "$BATS_FILE_TMPDIR/m" "$ROOT/tests/lab/sample"
}

# ask [ARGUMENT]...: of that memory
ask() {
	dwell ask -m "$BATS_FILE_TMPDIR/m" "$@"
}

# answer NAME: the member of the one answer in the file out
answer() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in open("out", encoding="utf-8")]
one = [r for r in rows if r["type"] == "answer"]
print(eval(sys.argv[1], {"a": one[0], "all": one, "rows": rows}))' "$1"
}

# plain SQL: the one row of a plain scan, joined by '|'
plain() {
	dwell query -m "$BATS_FILE_TMPDIR/m" --format csv "$1" | tail -n 1 | tr -d '\r"'
}

SUMMARY="a['first_seen'][:-1] + 'Z,' + a['last_seen'] + ',' + str(a['days']) + ',' + str(a['connections']) + ',' + str(a['bytes_out']) + ',' + str(a['bytes_in']) + ',' + str(len(a['hosts']))"

@test "an address that was connected to: first, last, days, connections, bytes and hosts are those of conn" {
	for address in $(dwell query -m "$BATS_FILE_TMPDIR/m" --format csv \
		"SELECT DISTINCT dst_ip FROM conn WHERE NOT in_net(dst_ip, '10.0.0.0/8') ORDER BY 1" | tail -n +2 | tr -d '\r"'); do
		ask --format json "$address" >out
		[ "$(answer "$SUMMARY")" = "$(plain "SELECT least(min(ts), (SELECT coalesce(min(ts), now()::TIMESTAMP) FROM dns WHERE list_contains(answers, '$address'))), greatest(max(ts + to_microseconds((coalesce(duration, 0) * 1000000)::BIGINT)), (SELECT coalesce(max(ts), '1970-01-01'::TIMESTAMP) FROM dns WHERE list_contains(answers, '$address'))), (SELECT count(DISTINCT d) FROM (SELECT ts::DATE AS d FROM conn WHERE '$address' IN (src_ip, dst_ip) UNION SELECT (ts + to_microseconds((coalesce(duration, 0) * 1000000)::BIGINT))::DATE FROM conn WHERE '$address' IN (src_ip, dst_ip) UNION SELECT ts::DATE FROM dns WHERE list_contains(answers, '$address'))), count(*), sum(CASE WHEN dst_ip = '$address' THEN src_bytes ELSE dst_bytes END), sum(CASE WHEN dst_ip = '$address' THEN dst_bytes ELSE src_bytes END), count(DISTINCT CASE WHEN dst_ip = '$address' THEN src_ip ELSE dst_ip END) FROM conn WHERE '$address' IN (src_ip, dst_ip)")" ]
	done
}

@test "a name means all below it, and counts what conn counts under server_name" {
	for name in telemetry-sync.example relay.example hq.example updates.example example; do
		ask --format json "name:$name" >out
		[ "$(answer "a['connections']")" = "$(plain "SELECT count(*) FROM conn WHERE server_name = '$name' OR ends_with(server_name, '.$name')")" ]
		[ "$(answer "a['first_seen']")" = "$(plain "SELECT min(ts) FROM (SELECT ts FROM conn WHERE server_name = '$name' OR ends_with(server_name, '.$name') UNION ALL SELECT ts FROM dns WHERE query = '$name' OR ends_with(query, '.$name'))")" ]
	done
	# A name that only ends in the same letters is another.
	ask --format json sync.example >out
	[ "$(answer "a['state']")" = not_seen ]
}

@test "fingerprints, certificates and user agents: as often as their tables have them" {
	while IFS=, read -r kind value; do
		ask --format json "$kind:$value" >out
		case $kind in
		cert_sha256) count="(SELECT count(*) FROM cert WHERE sha256 = '$value') + (SELECT count(*) FROM tls WHERE cert_sha256 = '$value')" ;;
		ja*) count="(SELECT count(*) FROM tls WHERE $kind = '$value')" ;;
		hassh*) count="(SELECT count(*) FROM ssh WHERE $kind = '$value')" ;;
		user_agent) count="(SELECT count(*) FROM http WHERE user_agent = '$value')" ;;
		esac
		[ "$(answer "a['shown']")" = "$(plain "SELECT $count")" ]
		[ "$(answer "len(a['hosts'])")" -ge 1 ]
	done < <(dwell query -m "$BATS_FILE_TMPDIR/m" --format csv "
		SELECT DISTINCT 'ja3' AS kind, ja3 FROM tls WHERE ja3 IS NOT NULL UNION
		SELECT DISTINCT 'ja3s', ja3s FROM tls WHERE ja3s IS NOT NULL UNION
		SELECT DISTINCT 'ja4', ja4 FROM tls WHERE ja4 IS NOT NULL UNION
		SELECT DISTINCT 'hassh', hassh FROM ssh WHERE hassh IS NOT NULL UNION
		SELECT DISTINCT 'hassh_server', hassh_server FROM ssh WHERE hassh_server IS NOT NULL UNION
		SELECT DISTINCT 'cert_sha256', sha256 FROM cert UNION
		SELECT DISTINCT 'user_agent', user_agent FROM http WHERE user_agent IS NOT NULL" |
		tail -n +2 | tr -d '\r"')
}

@test "a network is its addresses together, by every length from 0 to 32" {
	for bits in 0 1 7 8 9 15 16 17 23 24 25 30 31 32; do
		net=$(python3 -c "import ipaddress; print(ipaddress.ip_network('203.0.113.9/$bits', strict=False))")
		ask --format json "network:$net" >out
		[ "$(answer "a['connections']")" = "$(plain "SELECT count(*) FROM conn WHERE in_net(src_ip, '$net') OR in_net(dst_ip, '$net')")" ]
	done
	ask --format json ::/0 >out
	[ "$(answer "a['state']")" = "$([ "$(plain "SELECT count(*) FROM conn WHERE contains(src_ip, ':')")" = 0 ] && echo not_seen || echo seen)" ]
}

@test "many at once give the same as one by one" {
	dwell query -m "$BATS_FILE_TMPDIR/m" --format csv "SELECT DISTINCT dst_ip FROM conn UNION SELECT DISTINCT query FROM dns ORDER BY 1" |
		tail -n +2 | tr -d '\r"' >words
	for i in $(seq 2000); do
		echo "host$i.absent.example"
		echo "100.64.$((i / 256)).$((i % 256))"
	done >absent
	cat words absent >feed.txt
	ask --quiet --format json -f feed.txt | grep '"type":"answer"' |
		python3 -c '
import json, sys
for line in sys.stdin:
    a = json.loads(line)
    print(json.dumps({k: v for k, v in a.items() if k not in ("where", "addresses", "services")}))' >together
	[ "$(wc -l <together)" = "$(wc -l <words)" ]
	while read -r word; do
		ask --format json "$word" | grep '"type":"answer"' |
			python3 -c '
import json, sys
a = json.loads(sys.stdin.read())
print(json.dumps({k: v for k, v in a.items() if k not in ("where", "addresses", "services")}))'
	done <words >apart
	cmp together apart
}

@test "a span: connections are those that began in it, days those in it" {
	for span in "2025-09-14 2025-09-14" "2025-12-20 2026-01-10" "2025-10-01 2026-09-30" "2026-01-01 2026-12-31" "2024-01-01 2025-08-03"; do
		read -r since until <<<"$span"
		ask --format json --since "$since" --until "$until" 10.20.0.0/16 >out
		[ "$(answer "a['connections']")" = "$(plain "SELECT count(*) FROM conn WHERE ts >= '$since' AND ts < '$until'::DATE + 1 AND (in_net(src_ip, '10.20.0.0/16') OR in_net(dst_ip, '10.20.0.0/16'))")" ]
		[ "$(answer "a['days']")" = "$(plain "SELECT count(DISTINCT d) FROM (SELECT unnest(generate_series(ts::DATE, (ts + to_microseconds((coalesce(duration, 0) * 1000000)::BIGINT))::DATE, INTERVAL 1 DAY)) AS d FROM conn) WHERE d >= '$since' AND d <= '$until'")" ]
	done
}

@test "a span that nobody watched: no answer is possible, and it says so" {
	run -0 ask --since 2019-01-01 --until 2019-12-31 203.0.113.7
	[[ $output == *"Nothing was watched from 2019-01-01 00:00 to 2020-01-01 00:00"* ]]
	run -0 ask --since 2030-01-01 --lang zh 203.0.113.7
	[[ $output == *"自 2030-01-01 00:00 起没有任何观测"* ]]
}

@test "coverage: minutes, gaps and losses are those of watch" {
	ask --format json nobody.example >out
	[ "$(answer "rows[0]['minutes_watched']")" = "$(plain "SELECT count(DISTINCT ts) FROM watch")" ]
	[ "$(answer "rows[0]['drops']")" = "$(plain "SELECT sum(drops)::BIGINT FROM watch")" ]
	[ "$(answer "rows[0]['hours_watched']")" = "$(plain "SELECT count(DISTINCT date_trunc('hour', ts)) FROM watch")" ]
	[ "$(answer "rows[0]['gaps']")" = "$(plain "SELECT count(*) FROM (SELECT ts - lag(ts) OVER (ORDER BY ts) AS gap FROM (SELECT DISTINCT ts FROM watch)) WHERE gap >= INTERVAL 61 MINUTE")" ]
	[ "$(answer "rows[0]['minutes']")" = "$(plain "SELECT date_diff('minute', min(ts), max(ts)) + 1 FROM watch")" ]
}

@test "--exit-code: 1 when something was seen, else 0" {
	run -1 ask --exit-code telemetry-sync.example
	run -0 ask --exit-code nobody.example
}

@test "--format csv and table name what was seen; many are a table of those only" {
	ask --format csv telemetry-sync.example nobody.example >out.csv
	[ "$(python3 -c 'import csv; print([(r["indicator"], r["state"]) for r in csv.DictReader(open("out.csv", newline=""))])')" = "[('telemetry-sync.example', 'seen'), ('nobody.example', 'not_seen')]" ]
	{
		seq -f 'n%g.example' 100
		echo telemetry-sync.example
	} >feed
	run -0 --separate-stderr ask -q -f feed
	[[ $output == *"telemetry-sync.example"* && $output != *"n7.example"* ]]
	[[ $output == *"Asked for: 101; seen: 1; not seen: 100; without an answer: 0."* ]]
	run -0 --separate-stderr ask -q --all -f feed
	[[ $output == *"n7.example"* ]]
}

@test "--format stix: a valid bundle, the same each time, with sightings of the feed's indicators" {
	cat >bundle.json <<'JSON'
{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[
{"type":"indicator","spec_version":"2.1","id":"indicator--4c3aa5e2-0c5f-4a5e-9f6f-6b7c8d9e0f10",
"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z",
"pattern":"[domain-name:value = 'telemetry-sync.example']"},
{"type":"indicator","spec_version":"2.1","id":"indicator--4c3aa5e2-0c5f-4a5e-9f6f-6b7c8d9e0f11",
"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z",
"pattern":"[domain-name:value = 'nobody.example']"}]}
JSON
	ask -q --format stix -f bundle.json 203.0.113.7 >one.json
	ask -q --format stix -f bundle.json 203.0.113.7 >two.json
	cmp one.json two.json
	python3 - <<'PY'
import json, re
b = json.load(open("one.json"))
ids = [o["id"] for o in b["objects"]]
assert len(ids) == len(set(ids))
for o in b["objects"]:
    assert re.fullmatch(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", o["id"]), o["id"]
    for name in ("created", "modified", "first_seen", "last_seen", "first_observed", "last_observed"):
        if name in o:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", o[name])
    for name in ("object_refs", "observed_data_refs"):
        assert all(r in ids for r in o.get(name, []))
s = [o for o in b["objects"] if o["type"] == "sighting"]
assert {x["sighting_of_ref"] for x in s} >= {"indicator--4c3aa5e2-0c5f-4a5e-9f6f-6b7c8d9e0f10"}
assert "indicator--4c3aa5e2-0c5f-4a5e-9f6f-6b7c8d9e0f11" not in {x["sighting_of_ref"] for x in s}
assert len(s) == 2 and all(x["count"] > 0 and x["first_seen"] <= x["last_seen"] for x in s)
# The id of an observable is given by its value (STIX 2.1, 2.9).
import uuid
for o in b["objects"]:
    if o["type"] in ("ipv4-addr", "domain-name"):
        name = json.dumps({"value": o["value"]}, separators=(",", ":"))
        assert o["id"].endswith(str(uuid.uuid5(uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7"), name)))
PY
}

# pattern TEXT: the state and the reason of the pattern's answer
pattern() {
	python3 - "$1" <<'PY' >bundle.json
import json, sys
print(json.dumps({"type": "bundle", "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d", "objects": [{
    "type": "indicator", "spec_version": "2.1", "id": "indicator--4c3aa5e2-0c5f-4a5e-9f6f-6b7c8d9e0f10",
    "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z", "pattern_type": "stix",
    "valid_from": "2026-01-01T00:00:00Z", "pattern": sys.argv[1]}]}))
PY
	ask -q --format json -f bundle.json >out 2>err
	answer "a['state'] + ' ' + a.get('why', '')"
}

@test "patterns: parts of one connection are exact, others are of one host, and NOT is not guessed" {
	peer=192.0.2.77
	[ "$(pattern "[network-traffic:dst_ref.value = '$peer' AND network-traffic:dst_port = 443]")" = "seen " ]
	[ "$(answer "a['connections']")" = "$(plain "SELECT count(*) FROM conn WHERE dst_ip = '$peer' AND dst_port = 443")" ]
	[ "$(pattern "[network-traffic:dst_ref.value = '$peer' AND network-traffic:dst_port = 80]")" = "not_seen " ]
	[ "$(pattern "[network-traffic:src_ref.value = '10.20.0.10' AND network-traffic:dst_ref.value = '$peer' AND (network-traffic:dst_port = 80 OR network-traffic:dst_port = 443)]")" = "seen " ]
	[ "$(pattern "[network-traffic:src_ref.value = '10.20.0.60' AND network-traffic:dst_ref.value = '$peer']")" = "not_seen " ]
	[ "$(pattern "[network-traffic:dst_ref.value = '$peer' AND domain-name:value = 'updates.example']")" = "seen same_host" ]
	[ "$(pattern "[network-traffic:dst_ref.value = '$peer'] AND [domain-name:value = 'nobody.example']")" = "not_seen " ]
	[ "$(pattern "[network-traffic:dst_ref.value = '$peer' AND process:name = 'x.exe']")" = "unanswered part_unanswered" ]
	[ "$(pattern "([ipv4-addr:value = '$peer'] FOLLOWEDBY [domain-name:value = 'updates.example']) WITHIN 5 SECONDS")" = "seen times_unknown" ]
}

@test "an indicator of no kind: exit 2 and which; in a feed a line that names the file" {
	fails 2 ask "no indicator at all"
	[[ $stderr == *"'no indicator at all'"* ]]
	fails 2 ask
	[[ $stderr == *"-f"* ]]
	fails 2 ask --since 2025-02-30 a.example
	[[ $stderr == *"2025-02-30"* ]]
	fails 2 ask --since 2025-03-01 --until 2025-02-01 a.example
	printf 'telemetry-sync.example\n\x01\x02 \xff\n300.1.2.3/99\n' >feed
	run -3 --separate-stderr ask --format json -f feed
	[[ $stderr == *"feed"* && $output == *'"state":"seen"'* ]]
	fails 2 ask -f missing.txt
}

@test "an empty feed asks for nothing; a memory that is not there is named" {
	: >feed
	run --separate-stderr ask --format json -f feed
	[[ $output == *'"asked":0'* ]]
	fails 2 dwell ask -m nowhere a.example
	[[ $stderr == *"no memory at nowhere"* && ! -e nowhere ]]
}

@test "machines: by hardware address and by name, with who has them, in answers, feeds, plain rows and hunts" {
	corpus proto/tcpdump/dhcp-rfc3004.pcap proto/arkime/pcap/wireshark-smb-on-windows10.pcap
	scan m "$CORPORA/proto/tcpdump/dhcp-rfc3004.pcap" "$CORPORA/proto/arkime/pcap/wireshark-smb-on-windows10.pcap"
	dwell query -m m --format csv "SELECT DISTINCT kind || ':' || value FROM seen WHERE kind IN ('mac', 'host_name') ORDER BY 1" |
		tail -n +2 | tr -d '\r"' >words
	grep -q ^mac: words && grep -q ^host_name: words
	while read -r word; do
		kind=${word%%:*} value=${word#*:}
		dwell ask -m m --format json "$word" >out
		[ "$(answer "a['shown']")" = "$(dwell query -m m --format csv "SELECT sum(count)::BIGINT FROM seen WHERE kind = '$kind' AND value = '$value'" | tail -n 1 | tr -d '\r')" ]
		[ "$(answer "len(a['hosts'])")" = "$(dwell query -m m --format csv "SELECT count(DISTINCT host) FROM seen WHERE kind = '$kind' AND value = '$value'" | tail -n 1 | tr -d '\r')" ]
	done <words
	# The same from the tables: who logged on by NTLM is the machine of that name.
	dwell query -m m --format csv "SELECT host_name(hostname), src_ip FROM ntlm WHERE hostname IS NOT NULL LIMIT 1" | tail -n 1 | tr -d '\r"' >one
	dwell ask -m m --format json "name:$(cut -d, -f1 one)" >out
	[ "$(answer "'$(cut -d, -f2 one)' in [h['host'] for h in a['hosts']] and 'ntlm' in a['how']")" = True ]
	dwell ask -m m --quiet --format json -f words | tail -n +2 >rolled
	[ "$(grep -c '"state":"seen"' rolled)" = "$(wc -l <words)" ]
	dwell hunt add -m m -f words --note machines >/dev/null
	dwell hunt list -m m --format json | grep -q "\"met\":$(wc -l <words)"
	rm -rf m/pair m/seen m/watch_hour m/journal/rolled
	dwell ask -m m --quiet --format json -f words | tail -n +2 >plain
	cmp rolled plain
}

@test "file hashes and the like: no answer, and why" {
	run -0 --separate-stderr ask --format json file_sha1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
	[[ $output == *'"state":"unanswered","why":"not_kept"'* ]]
}

@test "a damaged file is named, exit 4" {
	cp -r "$BATS_FILE_TMPDIR/m" m
	run=$(find m/seen m/pair m/conn -name '*.parquet' 2>/dev/null | head -n 1)
	truncate -s -20 "$run"
	run -4 --separate-stderr dwell ask -m m telemetry-sync.example
	[[ $stderr == *"${run#m/}"* ]]
}

@test "a memory without roll-ups gives the same answers from its plain rows" {
	cp -r "$BATS_FILE_TMPDIR/m" m
	rm -rf m/pair m/seen m/watch_hour
	for word in telemetry-sync.example 10.20.0.10 192.0.2.77 hq.example 0.0.0.0/0; do
		ask --format json "$word" | tail -n +2 >rolled
		dwell ask -m m --format json "$word" | tail -n +2 >plain
		cmp rolled plain
	done
}
