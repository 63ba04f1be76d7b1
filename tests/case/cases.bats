#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell cases, show and scan's report: what was found, for whom, in which form.
load common

# A memory m in which one host checks in about every hour, sixty times.
rhythm() {
	make rhythm.pcap --count 60 --jitter 0.2 "$@"
	scan m rhythm.pcap
}

json() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
print(eval(sys.argv[1]))' "$1"
}

@test "a rhythm is a case: its host, its peer, its dates" {
	rhythm
	dwell cases -m m --format json >out
	[ "$(json '(len(rows), rows[0]["rank"], rows[0]["host"])' <out)" = "(1, 1, '10.1.1.5')" ]
	[ "$(json 'rows[0]["since"]' <out)" = 2025-01-01T00:00:00.000000Z ]
	# It was there when the memory begins, so nobody can say when it began.
	[ "$(json 'rows[0]["since_kind"]' <out)" = before_memory ]
	[ "$(json '{(f["detector"], f["peer"], f["peer_port"]) for f in rows[0]["findings"]}' <out)" = \
		"{('clockwork', 'updates.example', 80)}" ]
	[ "$(json 'rows[0]["findings"][0]["events"]' <out)" = 60 ]
}

@test "no rhythm, no case, and the memory says how short it is" {
	make a.pcap --count 1
	run -0 dwell scan --quiet -m m a.pcap
	[[ $output == *"No cases"* ]]
	[ -z "$(dwell cases -m m --format json)" ]
	[ "$(dwell cases -m m --format csv | wc -l)" = 1 ]
}

@test "scan ends with what cases prints, in every format and language" {
	make rhythm.pcap --count 60 --jitter 0.2
	for options in "--format table" "--format json" "--format csv" "--lang zh"; do
		# shellcheck disable=SC2086 # words
		[ "$(dwell scan --quiet -m m $options rhythm.pcap)" = "$(dwell cases -m m $options)" ]
	done
}

@test "the CSV of cases is the table of cases" {
	rhythm
	dwell cases -m m --format csv >one
	dwell query -m m --format csv "SELECT * FROM cases ORDER BY rank" >two
	cmp one two
	[ "$(wc -l <one)" = 2 ]
}

@test "show: by the id of the case and of the finding; the same id in every form" {
	rhythm
	dwell cases -m m --format json >out
	id=$(json 'rows[0]["id"]' <out)
	finding=$(json 'rows[0]["findings"][0]["id"]' <out)
	[ "$(value m "SELECT id FROM cases")" = "$id" ]
	[ "$(value m "SELECT id FROM finding")" = "$finding" ]
	run -0 dwell cases -m m
	[[ $output == *"dwell show "*"$id"* ]]
	run -0 dwell show -m m "$id"
	[[ $output == *"$finding"* && $output == *"updates.example"* ]]
	run -0 dwell show -m m "$finding"
	[[ $output == *"updates.example"* ]]
	[ "$(dwell show -m m --format json "$id" | json 'rows[0]["id"]')" = "$id" ]
	[ "$(dwell show -m m --format json "$finding" | json 'rows[0]["id"]')" = "$finding" ]
}

@test "show: an id that is not there: exit 2 and where to look; csv: exit 2" {
	rhythm
	fails 2 dwell show -m m c0000000000000000
	[[ $stderr == *"c0000000000000000"*"dwell cases"* ]]
	fails 2 dwell show -m m --format csv c0000000000000000
	fails 2 dwell show -m m "' OR 1=1 --"
}

@test "the commands that cases and show print can be pasted, and give what they promise" {
	rhythm
	command=$(dwell cases -m m | grep -o 'dwell show .*')
	eval "$command" >out
	grep -q "updates.example" out
	command=$(sed -n 's/^ *\(dwell query .*\)/\1/p' out)
	[ "$(printf '%s\n' "$command" | wc -l)" = 1 ]
	[ "$(eval "$command --format csv" | tail -n +2 | wc -l)" = 60 ]
}

@test "--home says who is host, and the memory keeps it" {
	make a.pcap --count 60 --jitter 0.2 --src 198.51.100.5
	dwell scan --quiet -m m --home 198.51.100.0/24 a.pcap >out
	[ "$(value m "SELECT DISTINCT host || ' ' || direction FROM finding")" = "198.51.100.5 outbound" ]
	dwell scan --quiet -m n --home 203.0.113.0/24 a.pcap >out
	[ "$(value n "SELECT DISTINCT host || ' ' || direction FROM finding")" = "203.0.113.9 inbound" ]
	# A later scan that does not name it.
	make b.pcap --count 1 --begin 1760000000 --src 198.51.100.5
	dwell scan -m n b.pcap >out 2>notes
	[ "$(value n "SELECT DISTINCT host FROM finding")" = 203.0.113.9 ]
	run ! grep -q "home" notes
	# And one that changes it.
	dwell scan --quiet -m n --home 198.51.100.0/25,fd00::/8 --home 192.0.2.0/24 b.pcap >out
	[ "$(value n "SELECT DISTINCT host FROM finding")" = 198.51.100.5 ]
}

@test "where nothing is at home whoever opens a connection is the host, and scan says so" {
	make a.pcap --count 60 --jitter 0.2 --src 198.51.100.5
	run -0 --separate-stderr dwell scan -m m a.pcap
	[[ $stderr == *"no address here is private"*"--home"* ]]
	[ "$(value m "SELECT DISTINCT host FROM finding")" = 198.51.100.5 ]
	# Private addresses need no such note.
	make b.pcap
	run -0 --separate-stderr dwell scan -m n b.pcap
	[[ $stderr != *"--home"* ]]
}

@test "colours: only on a terminal, and there not with NO_COLOR" {
	command -v script >/dev/null || skip "no script(1) to make a terminal"
	rhythm
	[[ $(dwell cases -m m) != *$'\033'* ]]
	on_terminal() { script -qec "$*" /dev/null </dev/null; }
	[[ $(on_terminal "'$DWELL' cases -m m") == *$'\033['* ]]
	[[ $(NO_COLOR=1 on_terminal "'$DWELL' cases -m m") != *$'\033['* ]]
	[[ $(NO_COLOR='' on_terminal "'$DWELL' cases -m m") == *$'\033['* ]]
}

@test "progress: only on a terminal" {
	command -v script >/dev/null || skip "no script(1) to make a terminal"
	make a.pcap --count 20000 --gap 60
	dwell scan -m m a.pcap >out 2>notes
	run ! grep -q $'\r' notes
	script -qec "'$DWELL' scan -m quiet --quiet a.pcap" /dev/null </dev/null >out
	run ! grep -q "MB/s" out
}

@test "Chinese: the same facts, no English sentence left" {
	rhythm
	dwell cases -m m --lang zh >zh
	grep -q "10.1.1.5" zh && grep -q "updates.example" zh && grep -q "2025-01-01" zh
	run ! grep -qE '\b(It|The|every|Since|Left|memory)\b' zh
	[ "$(dwell cases -m m --lang zh --format json | json 'rows[0]["since"]')" = \
		"$(dwell cases -m m --format json | json 'rows[0]["since"]')" ]
}

@test "a hostile name from the wire is clean in cases, show and the page" {
	make a.pcap --count 60 --jitter 0.2 --host 'x<script>alert(1)</script>"\x1b[31m\x9b'
	scan m a.pcap
	id=$(value m "SELECT id FROM cases")
	dwell cases -m m >out
	dwell show -m m "$id" >>out
	dwell cases -m m --format csv >>out
	dwell show -m m --format json "$id" >>out
	dwell report --quiet -m m -o page.html
	python3 - <<-'PYTHON'
		for name in "out", "page.html":
		    text = open(name, "rb").read().decode("utf-8")
		    assert all(c in "\n\r\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160) for c in text)
		    assert "alert(1)" in text
		assert "<script>alert" not in open("page.html", encoding="utf-8").read()
	PYTHON
}

@test "the same captures give the same cases, in whatever order they come to the memory" {
	make part --count 60 --jitter 0.2 --split 3
	scan one part.0 part.1 part.2
	scan two part.2 part.0 part.1
	[ "$(dwell cases -m one --format json)" = "$(dwell cases -m two --format json)" ]
}

@test "a budget shows as many cases as keep the false ones below it, and says so" {
	rhythm
	run -0 dwell cases -m m --budget 5/day
	[[ $output == *"the first 1 of 1 cases"* ]]
	[[ $output == *"asked for: 5)"* ]]
	run -0 dwell cases -m m --budget 1/year --format json
	run -0 dwell cases -m m --budget 5/week --lang zh
	[[ $output == *"前 1 个"* ]]
	for wrong in 0 -1 x 5/hour /day ""; do
		run -2 dwell cases -m m --budget "$wrong"
		[[ $output == *"--budget"* ]]
	done
	dwell report -q -m m --budget 5/day -o m.html
	grep -q "asked for: 5" m.html
	run -0 dwell scan -q -m n rhythm.pcap --budget 5/day
	[[ $output == *"asked for: 5"* ]]
}

@test "with a budget below the cost of a case, none is shown and none is lost" {
	rhythm --count 20
	all="$(dwell cases -m m --format csv | tail -n +2 | wc -l)"
	[ "$all" -gt 0 ]
	run -0 dwell cases -m m --budget 0.000001/year --format csv
	[ "${#lines[@]}" -le "$((all + 1))" ]
	run -0 dwell cases -m m --budget 0.000001/year --exit-code
	[[ $output == *"the first 0 of $all cases"* ]]
	run -1 dwell cases -m m --exit-code
}

@test "what speaks against it stands with every finding, of every detector, in both languages" {
	scan m "$ROOT/tests/lab/tools"
	[ "$(value m "SELECT count(DISTINCT detector) >= 8 FROM finding")" = true ]
	all=$(value m "SELECT count(*) FROM finding")
	for lang in en zh; do
		dwell report -q -m m --lang $lang -o $lang.html
		python3 - $lang.html "$all" <<-'PYTHON'
			import re, sys
			page = open(sys.argv[1], encoding="utf-8").read()
			against = [part.split("</div>")[0] for part in re.split(r"<h4>(?:What speaks against it|不支持这一判断的理由)</h4>", page)[1:]]
			assert len(against) == int(sys.argv[2]), (len(against), sys.argv[2])
			empty = [part for part in against if len(re.sub(r"<[^>]*>|\s", "", part)) < 4]
			assert not empty, empty[0]
		PYTHON
	done
	# And as text, of the first case.
	first=$(value m "SELECT findings[1] FROM cases ORDER BY rank LIMIT 1")
	run -0 dwell show -m m "$first"
	[[ $output == *"What speaks against it"* ]]
}

@test "a budget is kept where all that is found is false: at most so many cases a day" {
	data=$CORPORA/logs/security-datasets-for-testing/008-zeek-mixed/data
	[ -d "$data" ] || skip "SKIP: no $data"
	scan m "$data" --home 147.32.81.167/32
	days=$(value m "SELECT greatest(1, (epoch(max(ts)) - epoch(min(ts))) / 86400) FROM conn")
	[ "$(dwell cases -m m --format csv | wc -l)" -gt 20 ]
	for budget in 1 5 10; do
		shown=$(dwell cases -q -m m --budget $budget/day --format csv 2>/dev/null | tail -n +2 | wc -l)
		echo "$budget a day, $days days: $shown"
		awk -v n="$shown" -v b=$budget -v d="$days" 'BEGIN { exit !(n > 0 && n <= b * d) }'
		dwell cases -m m --budget $budget/day | tr '\n' ' ' | grep -Eq "asked for: $budget(\.0)?[)]"
	done
}
