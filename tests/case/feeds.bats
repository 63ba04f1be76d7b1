#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell ask -f: feeds of every format, about the bundled sample.
load common

setup_file() {
	"${DWELL:-$BATS_TEST_DIRNAME/../../build-test/dwell}" scan --quiet -m "$BATS_FILE_TMPDIR/memory" \
		"$BATS_TEST_DIRNAME/../lab/sample" >/dev/null
}

# seen FEED...: what was seen, as "indicator,id"
seen() {
	local options=()
	for feed in "$@"; do options+=(-f "$feed"); done
	dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" --format json "${options[@]}" |
		python3 -c '
import json, sys
for line in sys.stdin:
    a = json.loads(line)
    if a["type"] == "answer" and a["state"] == "seen":
        print(a["indicator"], a["id"] or "-", sep=",")'
}

address=192.0.2.77
name=telemetry-sync.example

@test "every format of the same address gives the same answer" {
	echo "$address" >list
	printf 'indicator,type\n%s,ip-dst\n203.0.113.250,ip-dst\n' "$address" >csv
	printf '#fields\tindicator\tindicator_type\tmeta.source\n%s\tIntel::ADDR\tx\n' "$address" >zeek
	printf '%s,90\n203.0.113.250,1\n' "$address" >dataset
	printf '{"ip": "%s"}\n{"ip": "203.0.113.250"}\n' "$address" >json
	cat >openioc <<-XML
		<ioc id="-"><definition><Indicator operator="OR"><IndicatorItem condition="is">
		<Context search="PortItem/remoteIP"/><Content>$address</Content></IndicatorItem></Indicator></definition></ioc>
	XML
	echo '{"Event":{"info":"x","Attribute":[{"type":"ip-dst","to_ids":true,"value":"'$address'"}]}}' >misp
	echo '[{"type":"indicator","id":"-","pattern":"[ipv4-addr:value = '"'$address'"']"}]' >stix
	gzip -k <list >list.gz
	for feed in list csv zeek dataset json openioc misp stix list.gz; do
		run seen "$feed"
		[ "$output" = "$address,-" ] || { echo "$feed: $output"; false; }
	done
	run dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" --exit-code -f - <list
	[ "$status" -eq 1 ]
}

@test "a name of a list means the names below it, one of STIX does not" {
	printf 'name:example\n' >list
	echo '[{"type":"indicator","id":"i","pattern":"[domain-name:value = '"'example'"']"}]' >stix
	[ "$(seen list)" = "example,-" ]
	[ -z "$(seen stix)" ]
	echo '[{"type":"indicator","id":"i","pattern":"[domain-name:value LIKE '"'telemetry%.example'"']"}]' >like
	[[ "$(seen like)" = *,i ]]
}

@test "patterns are combined, and what can not be evaluated is named" {
	cat >stix <<-JSON
		{"type":"bundle","id":"bundle--1","objects":[
		{"type":"indicator","id":"both","pattern":"[ipv4-addr:value = '$address'] AND [domain-name:value = '$name']"},
		{"type":"indicator","id":"one","pattern":"[ipv4-addr:value = '$address'] AND [domain-name:value = 'never.example']"},
		{"type":"indicator","id":"file","pattern":"[process:name = 'x.exe']"}]}
	JSON
	run --separate-stderr dwell ask -m "$BATS_FILE_TMPDIR/memory" --format json -f stix
	[ "$status" -eq 0 ]
	[[ "$output" = *'"both"'* ]]
	grep '"both"' <<<"$output" | grep -q '"state":"seen"'
	[[ "$stderr" = *"stix: stix, 0 indicators, 2 patterns; 1 of a kind that dwell keeps no record of (object 3: process:name = 'x.exe')"* ]]
	run grep -c '"one".*"state":"seen"' <<<"$output"
	[ "$output" = 0 ]
}

@test "one line a file says what was skipped, and the status is 3" {
	printf '%s\nword\n300.1.1.1\n0.0.0.0/0\n%s\n' "$address" "$address" >list
	run --separate-stderr dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" -f list
	[ "$status" -eq 3 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" = *"list: list, 2 indicators, 1 said twice, 1 that match nearly everything; 1 malformed (line 3: 300.1.1.1, "*"; 1 of no kind that dwell knows (line 2: word, "* ]]
}

@test "what is cut, empty, no feed or not there is said" {
	echo '{"type":"bundle","objects":[{"type":"indicator","id":"i","pattern":"[ipv4-addr:value = '"'$address'"']"},{"type"' >cut
	run --separate-stderr dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" -f cut
	[ "$status" -eq 3 ]
	[[ "$stderr" = *"cut: stix, 1 indicator; the JSON is cut or malformed here (offset "* ]]
	[[ "$output" = *"$address"* ]]
	: >empty
	run --separate-stderr dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" -f empty
	[ "$status" -eq 3 ]
	[[ "$stderr" = *"empty: it is empty"* ]]
	head -c 100 /dev/zero >zero
	run --separate-stderr dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" -f zero
	[[ "$stderr" = *"zero: of no format that dwell reads"* ]]
	run --separate-stderr dwell ask --quiet -m "$BATS_FILE_TMPDIR/memory" -f absent
	[ "$status" -eq 2 ]
}

@test "words that are no indicator are refused with the reason" {
	run --separate-stderr dwell ask -m "$BATS_FILE_TMPDIR/memory" 192.0.2.0/33
	[ "$status" -eq 2 ]
	[[ "$stderr" = *"a prefix longer than the address"* ]]
}
