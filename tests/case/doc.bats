#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the documents say is what the program does.
load common

@test "doc/format/tables.md is what tools/tables-doc makes of the headers" {
	run -0 "$ROOT/tools/tables-doc" --check
}

@test "doc/format/tables.md: tables, columns and types are those of the program" {
	mkdir in
	scan m in
	for table in $TABLES; do
		dwell query -m m --format json "DESCRIBE $table" |
			python3 -c '
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row["column_name"] != "day":
        print(sys.argv[1], row["column_name"], row["column_type"])' "$table"
	done >of-program
	awk -F ' [|] |^[|] | [|]$' '/^## / { table = substr($0, 4) }
		/^[|] / && NF == 6 && $2 != "column" { print table, $2, $3 }' \
		"$ROOT/doc/format/tables.md" >of-document
	diff of-program of-document
	[ "$(wc -l <of-program)" -gt 150 ]
}

@test "README: every command line of the tour runs, on the memory of the bundled sample" {
	mkdir build && ln -s "$DWELL" build/dwell && ln -s "$ROOT/tests" tests
	# What ./run does before the tour.
	scan build/sample-memory tests/lab/sample
	unset -f dwell
	sed -n '/^```console$/,/^```$/s/^\$ //p' "$ROOT/README.md" >tour
	[ "$(wc -l <tour)" -ge 12 ]
	while read -r line; do
		echo "\$ $line"
		eval "$line" >out 2>errors </dev/null || { cat errors; false; }
		case $line in export*) ;; *) [ -s out ] || [ -s errors ] ;; esac
	done <tour
	[ -s report.html ] && [ -s report-zh.html ]
}

@test "README: the picture is the first case of the bundled sample" {
	scan m "$ROOT/tests/lab/sample"
	dwell cases -m m | sed '/^$/,$d; /^ *More: /d' >case
	[ "$(wc -l <case)" -gt 5 ]
	# The lines of the case stand in the README, in this order and one after the other.
	python3 - "$ROOT/README.md" <<-'PYTHON'
		import sys
		readme = open(sys.argv[1], encoding="utf-8").read()
		case = open("case", encoding="utf-8").read()
		assert case in readme, "README.md does not show the first case as dwell prints it now:\n" + case
	PYTHON
}

@test "the bundled sample: the check-in is the first case, dated to its first packet" {
	scan m "$ROOT/tests/lab/sample"
	dwell cases -m m --format json | head -n 1 | python3 -c '
import json, sys
case = json.load(sys.stdin)
finding = case["findings"][0]
assert case["rank"] == 1 and case["host"] == "10.20.0.10", case
assert finding["peer"] == "telemetry-sync.example" and finding["detector"] == "clockwork", finding
assert case["since"].startswith("2025-09-14T01:17:"), case["since"]
assert case["since_kind"] == "first_packet" and case["confidence"] == "high", case'
}

@test "every link between the documents leads to a file" {
	cd "$ROOT"
	for page in README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md doc/*/*.md; do
		for link in $(grep -o '](\([^):#]*\)' "$page" | sed 's/^](//'); do
			[ -e "$(dirname "$page")/$link" ] || { echo "$page: $link"; false; }
		done
	done
}

@test "every detector has its file, its page, its tests, and its row in the evaluation" {
	run -0 python3 - "$ROOT" <<-'PYTHON'
		import pathlib, re, sys
		root = pathlib.Path(sys.argv[1])
		read = lambda path: (root / path).read_text(encoding="utf-8")
		names = re.findall(r"^\tD\((\w+)\)", read("src/detect/detect_table.h"), re.M)
		assert len(names) >= 18, names
		tests = {path: path.read_text(encoding="utf-8") for folder, end in (("unit", "*/*.c"), ("case", "*.bats"))
		         for path in (root / "tests" / folder).glob(end)}
		table = read("doc/evaluation.md").split("<!-- detectors -->")[1].split("<!-- end -->")[0]
		truth = {d for line in read("tests/bench/evaluate_truth.tsv").splitlines() if line.startswith("truth")
		         for d in line.split("\t")[4].split(",")}
		bad = []
		for name in names:
		    files = list((root / "src/detect").glob(f"*/{name}.c"))
		    page = root / f"doc/detect/{name}.md"
		    text = page.read_text(encoding="utf-8") if page.exists() else ""
		    bad += [f"{name}: {what}" for what, holds in {
		        "one file": len(files) == 1 and f"detector_{name} =" in files[0].read_text(encoding="utf-8"),
		        "a page": text.startswith(f"# {name}\n"),
		        "what it misses": "## What it misses" in text,
		        "cost": re.search(r"^(## )?Cost", text, re.M) is not None,
		        "ATT&CK": "ATT&CK" in text,
		        "its source": f"src/detect/{files[0].parent.name}/" in text if files else False,
		        "a test": any(re.search(rf"\b{name}\b", t) for t in tests.values()),
		        "a row of the table": re.search(rf"^\| {name} \|", table, re.M) is not None,
		        "a case of the truth": name in truth or name == "indicator",
		    }.items() if not holds]
		# And no page of a detector that is not there.
		others = {"decay", "first_seen"}
		bad += [f"{p.name}: no detector" for p in (root / "doc/detect").glob("*.md")
		        if p.stem not in set(names) | others]
		assert not bad, "\n".join(bad)
	PYTHON
}
