#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell mute: cases leave the lists and nothing else, and come back.
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

# ids [OPTION]...: of the cases listed
ids() {
	dwell cases -m m -q --all --format json "$@" |
		python3 -c 'import json, sys; [print(json.loads(l)["id"]) for l in sys.stdin]'
}

@test "mute ID: the case leaves the list, which says so; --muted shows it with reason, author and end" {
	sample
	all=$(ids | wc -l)
	dwell mute -m m -q $FIRST --reason "known telemetry" --author ada --until 2199-12-31
	[ "$(ids | wc -l)" = $((all - 1)) ]
	! ids | grep -q $FIRST
	run -0 dwell cases -m m
	[[ $output != *telemetry-sync* && $output == *"Muted cases: 1 (--muted shows them)"* ]]
	run -0 dwell cases -m m --muted
	output=$(tr -s ' \n' ' ' <<<"$output") # long lines are wrapped
	[[ $output == *telemetry-sync*"known telemetry (mute 1, by ada, "*", until 2199-12-31)"* ]]
	[[ $output != *"Muted cases"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"已静音的案件：1 个"* ]]
	dwell cases -m m --muted --format json | head -n 1 | python3 -c '
import json, sys
muted = json.load(sys.stdin)["muted"]
assert (muted["n"], muted["reason"], muted["author"], muted["until"]) == (1, "known telemetry", "ada", "2199-12-31"), muted'
	run -0 --separate-stderr dwell cases -m m --format csv
	[[ $output != *$FIRST* && $stderr == *"muted cases: 1"* ]]
	[ "${#lines[@]}" = "$all" ] # with the head
}

@test "mute: show and the page tell why; the tables keep everything; --remove takes it back" {
	sample
	before=$(dump m)
	dwell mute -m m -q --peer telemetry-sync.example --reason "known telemetry"
	run -0 dwell show -m m $FIRST
	[[ $output == *"known telemetry (mute 1"* ]]
	dwell report -m m -q -o page.html
	grep -q "Muted cases: 1" page.html && ! grep -q 'id="'$FIRST page.html
	dwell report -m m -q --muted -o page.html
	grep -q "known telemetry (mute 1" page.html && grep -q 'id="'$FIRST page.html
	[ "$(dump m)" = "$before" ]
	[ "$(value m "SELECT count(*) FROM cases WHERE id = '$FIRST'")" = 1 ]
	[ "$(value m "SELECT peer FROM mute WHERE in_force")" = telemetry-sync.example ]
	dwell mute -m m -q --remove 1 --author bob --reason "changed my mind"
	ids | grep -q $FIRST
	[ "$(value m "SELECT removed_by FROM mute")" = bob ]
	[ "$(wc -l <m/mute.jsonl)" = 2 ]
	python3 -c 'import json; [json.loads(l) for l in open("m/mute.jsonl")]'
}

@test "mute: the end of a mute, and a scan that finds the same again" {
	sample
	dwell mute -m m -q $FIRST --reason "until yesterday" --until "$(date -u -d yesterday +%F)"
	ids | grep -q $FIRST
	dwell mute -m m -q $FIRST --reason "today still" --until "$(date -u +%F)"
	! ids | grep -q $FIRST
	make more.pcap --count 3
	scan m more.pcap
	! ids | grep -q $FIRST
}

@test "mute: by host, detector and all at once; what is left of a case is what is not muted" {
	sample
	dwell mute -m m -q --host 10.20.0.0/24 --detector presence --reason "always on"
	dwell mute -m m -q --host 192.168.0.0/16 --reason "another network"
	[ "$(ids | wc -l)" -gt 1 ]
	dwell cases -m m -q --all --format json | python3 -c '
import json, sys
for line in sys.stdin:
    for finding in json.loads(line)["findings"]:
        assert finding["detector"] != "presence", finding'
	dwell mute -m m -q --host 10.20.0.10 --reason "the server"
	[ "$(dwell cases -m m -q --format json | grep -c '"host":"10.20.0.10"')" = 0 ]
	dwell mute -m m -q --host 0.0.0.0/0 --reason "all"
	[ -z "$(ids)" ]
	run -0 dwell cases -m m
	[[ $output == *"Muted cases: "* ]]
	dwell cases -m m -q --exit-code >/dev/null
}

@test "mute: --exit-code counts what is not muted" {
	sample
	run -1 dwell cases -m m -q --exit-code
	dwell mute -m m -q --host 0.0.0.0/0 --reason "all"
	run -0 dwell cases -m m -q --exit-code
	make more.pcap --count 3
	run -0 dwell scan -m m -q --exit-code more.pcap
	dwell mute -m m -q --remove 1
	make again.pcap --count 4
	run -1 dwell scan -m m -q --exit-code again.pcap
}

@test "mute --list: what, why, by whom, and whether it holds" {
	sample
	dwell mute -m m -q --peer a.example --reason "one, \"quoted\"" --author ada
	dwell mute -m m -q --detector clockwork --reason two --until 2001-02-03
	dwell mute -m m --list --format json >list
	python3 - <<-'PYTHON'
		import json
		one, two = map(json.loads, open("list"))
		assert (one["n"], one["peer"], one["reason"], one["author"], one["until"], one["in_force"]) == \
			(1, "a.example", 'one, "quoted"', "ada", None, True), one
		assert (two["n"], two["detector"], two["until"], two["in_force"]) == (2, "clockwork", "2001-02-03", False), two
	PYTHON
	run -0 dwell mute -m m --list
	[[ ${lines[0]} == *author*reason*in_force* && ${#lines[@]} = 4 ]]
}

@test "mute: works while a writer holds the memory" {
	sample
	mkfifo pipe
	dwell scan -m m -q - <pipe >/dev/null 3>&- &
	exec 9>pipe
	for _ in $(seq 100); do [ -e m/journal/lock ] && break; sleep 0.05; done
	sleep 0.3
	dwell mute -m m -q $FIRST --reason "while it scans"
	[ "$(wc -l <m/mute.jsonl)" = 1 ]
	exec 9>&-
	wait || true
}

@test "mute: lines that are not understood are said, and take no other with them" {
	sample
	dwell mute -m m -q $FIRST --reason "known"
	printf '{"action":"mute","n":2,"id":"%s' $FIRST >>m/mute.jsonl
	run -0 --separate-stderr dwell cases -m m
	[[ $stderr == *"lines that are not understood: 1"* ]]
	! ids 2>/dev/null | grep -q $FIRST
	dwell mute -m m -q --peer x.example --reason "after the cut"
	[ "$(value m "SELECT count(*) FROM mute")" = 2 ]
}

@test "mute: wrong usage is one line and exit 2" {
	sample
	fails 2 dwell mute -m m
	fails 2 dwell mute -m m $FIRST
	[[ $stderr == *"--reason"* ]]
	fails 2 dwell mute -m m nosuchid --reason x
	[[ $stderr == *"nosuchid"* ]]
	fails 2 dwell mute -m m --host 10.0.0.0/33 --reason x
	fails 2 dwell mute -m m $FIRST --reason x --until tomorrow
	fails 2 dwell mute -m m $FIRST --reason x --until 2023-02-29
	fails 2 dwell mute -m m --remove 1
	fails 2 dwell mute -m m --remove x
	fails 2 dwell mute -m m --list --remove 1
	fails 2 dwell mute -m m --list $FIRST
	fails 2 dwell mute -m m $FIRST $FIRST --reason x
	fails 2 dwell mute -m nowhere --list
	[ ! -s m/mute.jsonl ]
}
