#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell export: files that hold what the tables hold, and pseudonyms that hide who was who.
load common

setup_file() {
	load common
	scan_sample
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
	export DWELL_MEMORY=$BATS_FILE_TMPDIR/m
}

@test "export: every table as a file, in each format, with all its rows" {
	for format in csv json parquet; do
		dwell export -q --format $format -o $format
		for table in $TABLES pair_day pair_month pair_year seen watch_hour; do
			[ -f $format/$table.$format ]
		done
		[ -z "$(find $format -name '.*.part')" ]
		[ "$(stat -c %a $format/conn.$format)" = 640 ]
	done
	python3 - "$(value "$DWELL_MEMORY" "SELECT count(*) FROM conn")" <<-'PYTHON'
		import csv, json, sys
		n = int(sys.argv[1])
		rows = list(csv.DictReader(open("csv/conn.csv", newline="")))
		objects = [json.loads(line) for line in open("json/conn.json")]
		assert len(rows) == len(objects) == n, (len(rows), len(objects), n)
		assert sum(int(r["src_bytes"]) for r in rows) == sum(o["src_bytes"] for o in objects)
		assert rows[0]["ts"].endswith("Z") and objects[0]["ts"].endswith("Z")
		assert "day" not in rows[0]
		lists = [json.loads(r["answers"]) for r in csv.DictReader(open("csv/dns.csv", newline=""))]
		assert lists == [json.loads(line)["answers"] for line in open("json/dns.json")]
	PYTHON
	[ "$(head -c 4 parquet/conn.parquet)" = PAR1 ]
}

@test "export: the rows are those that a query gives" {
	dwell export -q --format csv --table http -o out
	[ "$(ls out)" = http.csv ]
	dwell query --format csv "SELECT * EXCLUDE day FROM http" | tr -d '\r' | sort >queried
	sort out/http.csv >exported
	diff queried exported
}

@test "export --since --until: rows that touch the days" {
	dwell export -q --format csv --since 2025-09-14 --until 2025-09-15 -o out
	[ "$(tail -n +2 out/conn.csv | wc -l)" = \
		"$(value "$DWELL_MEMORY" "SELECT count(*) FROM conn WHERE day BETWEEN '2025-09-14' AND '2025-09-15'")" ]
	[ "$(tail -n +2 out/pair_day.csv | wc -l)" = \
		"$(value "$DWELL_MEMORY" "SELECT count(*) FROM pair_day WHERE last_seen >= '2025-09-14' AND first_seen < '2025-09-16'")" ]
}

@test "export --pseudonymise: no address, no name and no text of the memory is in any file" {
	dwell export -q --new-key key
	[ "$(stat -c %a key)" = 600 ]
	dwell export -q --format csv --pseudonymise key -o out
	dwell export -q --format json --pseudonymise key -o out
	# Everything that says who was who, but what names no machine and what everybody has.
	dwell query --format csv "
		SELECT DISTINCT src_ip AS word FROM conn UNION SELECT dst_ip FROM conn
		UNION SELECT server_name FROM conn UNION SELECT query FROM dns UNION SELECT unnest(answers) FROM dns
		UNION SELECT sni FROM tls UNION SELECT subject FROM tls UNION SELECT issuer FROM tls
		UNION SELECT cert_sha256 FROM tls UNION SELECT unnest(san) FROM tls UNION SELECT sha256 FROM cert
		UNION SELECT serial FROM cert UNION SELECT unnest(san_dns) FROM cert UNION SELECT subject FROM cert
		UNION SELECT host FROM http UNION SELECT uri FROM http WHERE length(uri) > 1 UNION SELECT user_agent FROM http
		UNION SELECT reason FROM http UNION SELECT content_type FROM http UNION SELECT unnest(proxied) FROM http
		UNION SELECT client FROM ssh UNION SELECT server FROM ssh UNION SELECT host_key FROM ssh
		UNION SELECT detail FROM anomaly UNION SELECT id FROM finding UNION SELECT peer FROM finding
		UNION SELECT summary FROM finding UNION SELECT id FROM cases UNION SELECT summary FROM cases
		UNION SELECT source FROM conn UNION SELECT registered_domain(query) FROM dns
		UNION SELECT reverse_labels(query) FROM dns
		UNION SELECT value FROM seen WHERE kind IN ('address', 'name', 'domain', 'user_agent', 'cert_sha256')" >words.csv
	python3 - <<-'PYTHON'
		import csv, pathlib, re
		words = {r[0] for r in list(csv.reader(open("words.csv", newline="")))[1:] if len(r) and r[0]}
		# A name of one octet becomes one of 256, often the name of another network that is there.
		octet = re.compile(r"\d{1,3}\.in-addr\.arpa|arpa\.in-addr\.\d{1,3}")
		words = {w for w in words if not octet.fullmatch(w)}
		assert len(words) > 40, len(words)
		files = list(pathlib.Path("out").iterdir())
		assert len(files) >= 30, files
		for file in files:
		    text = file.read_text()
		    # Whole words: 10.20.0.1 is not in 110.20.0.17.
		    for word in words:
		        at = re.search(r"(?<![\w.-])" + re.escape(word) + r"(?![\w-])", text)
		        assert at is None, (file, word, text[max(0, at.start() - 60):at.end() + 60])
		    # Nor a network in the clear, or the names' own labels.
		    for word in ("10.20.0", "telemetry", "hq.example", "hq-2025", "local,"):
		        assert word not in text or word == "local,", (file, word)
		    assert not re.search(r"(?<![\w])local(?![\w])", text), file # the sensor
	PYTHON
}

@test "export --pseudonymise: the structure stays: rows, sums, pairs, networks, domains, joins" {
	dwell export -q --new-key key
	dwell export -q --format json --pseudonymise key -o out
	dwell export -q --format json -o plain
	python3 - <<-'PYTHON'
		import ipaddress, json
		from collections import Counter
		def load(folder, table):
		    return [json.loads(line) for line in open(f"{folder}/{table}.json")]
		for table in ("conn", "dns", "tls", "http", "ssh", "cert", "pair_day", "pair_year", "seen", "finding", "cases"):
		    a, b = load("plain", table), load("out", table)
		    assert len(a) == len(b), table
		a, b = load("plain", "conn"), load("out", "conn")
		def sizes(rows, *keys):
		    c = Counter()
		    for r in rows: c[tuple(r[k] for k in keys)] += r["src_bytes"]
		    return sorted(c.values())
		for keys in (("src_ip",), ("dst_ip",), ("src_ip", "dst_ip", "dst_port"), ("server_name",), ("src_ip", "server_name")):
		    assert sizes(a, *keys) == sizes(b, *keys), keys
		# The same connection, by its time and ports; addresses keep their shared prefixes.
		key = lambda r: (r["ts"], r["src_port"], r["dst_port"], r["src_bytes"])
		theirs = {key(r): r for r in b}
		mapped = {}
		for r in a:
		    for side in ("src_ip", "dst_ip"):
		        mapped.setdefault(r[side], set()).add(theirs[key(r)][side])
		assert all(len(v) == 1 for v in mapped.values()), mapped
		bits = lambda x: f"{int(ipaddress.ip_address(x)):032b}"
		def shared(x, y):
		    return next((i for i, (p, q) in enumerate(zip(bits(x), bits(y))) if p != q), 32)
		pairs = [(x, next(iter(v))) for x, v in mapped.items()]
		for x, x2 in pairs:
		    for y, y2 in pairs:
		        if shared(x, y) >= 8: assert shared(x, y) == shared(x2, y2), (x, y, x2, y2)
		# Joins: cases to findings, names of connections to names asked for.
		ids = {f["id"] for f in load("out", "finding")}
		assert all(f in ids for c in load("out", "cases") for f in c["findings"])
		assert {r["sni"] for r in load("out", "tls")} <= {r["value"] for r in load("out", "seen")} | {None}
		for r in load("out", "seen"):
		    if r["kind"] in ("name", "domain"):
		        assert r["sort"] == ".".join(reversed(r["value"].split("."))), r
		# The order of the rows says nothing of the addresses: by time first.
		for table in ("conn", "pair_day", "seen"):
		    times = [r["ts"] for r in load("out", table)]
		    assert times == sorted(times), table
	PYTHON
}

@test "export --pseudonymise: the same key gives the same, another key another" {
	dwell export -q --new-key one
	dwell export -q --new-key two
	dwell export -q --format csv --table conn --pseudonymise one -o a
	dwell export -q --format csv --table conn --pseudonymise one -o b
	dwell export -q --format csv --table conn --pseudonymise two -o c
	cmp a/conn.csv b/conn.csv
	! cmp -s a/conn.csv c/conn.csv
}

@test "export: an empty memory gives empty tables" {
	mkdir in
	scan m in
	dwell export -q -m m --format csv -o out
	[ "$(wc -l <out/conn.csv)" = 1 ]
}

@test "export: wrong usage, wrong keys: one line and exit 2; nothing is written" {
	fails 2 dwell export
	fails 2 dwell export -o out --table nosuch
	fails 2 dwell export -o out --format yaml
	fails 2 dwell export -o out conn
	fails 2 dwell export -m nowhere -o out
	dwell export -q --new-key key
	fails 2 dwell export --new-key key
	chmod 644 key
	fails 2 dwell export -o out --pseudonymise key
	[[ $stderr == *"chmod 600"* ]]
	chmod 600 key
	echo x >>key
	fails 2 dwell export -o out --pseudonymise key
	[[ $stderr != *"$(sed -n 2p key)"* ]]
	fails 4 dwell export -o out --pseudonymise nokey
	[ -z "$(ls out 2>/dev/null)" ]
}
