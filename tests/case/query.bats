#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell query: what it prints, and that it only reads.
load common

# json FILE EXPRESSION: the Python value of the expression over rows, the objects of the file
json() {
	python3 -c '
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8", newline="\n")]
print(eval(sys.argv[2]))' "$1" "$2"
}

# csv FILE EXPRESSION: the same over the rows of a CSV file, the first one being the head
csv() {
	python3 -c '
import csv, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))
print(eval(sys.argv[2]))' "$1" "$2"
}

@test "every table is there, even in an empty memory, with the columns of record/tables.h" {
	mkdir in
	scan m in
	for table in $TABLES; do
		[ "$(value m "SELECT count(*) FROM $table")" = 0 ]
	done
	run -0 dwell query -m m --format csv "SHOW TABLES"
	for table in $TABLES; do
		[[ $output == *"$table"* ]]
	done
	dwell query -m m --format csv "DESCRIBE conn" >columns
	[ "$(csv columns '[r[0] for r in rows][1:8]')" = \
		"['ts', 'duration', 'src_ip', 'src_port', 'dst_ip', 'dst_port', 'proto']" ]
}

@test "--format json: one object a line, with types" {
	make a.pcap --count 3
	scan m a.pcap
	dwell query -m m --format json \
		"SELECT ts, src_port, CAST(0.5 AS DECIMAL(18,6)) AS half, vlan, ['a', 'b'] AS list, true AS yes, proto FROM conn ORDER BY ts" >out
	[ "$(json out 'len(rows)')" = 3 ]
	[ "$(json out 'rows[0]')" = "{'ts': '2025-01-01T00:00:00.000000Z', 'src_port': 32768, 'half': 0.5, 'vlan': None, 'list': ['a', 'b'], 'yes': True, 'proto': 'tcp'}" ]
}

@test "--format csv: a head, RFC 4180, NULL is empty and an empty text is not" {
	make a.pcap --count 1
	scan m a.pcap
	dwell query -m m --format csv "SELECT 'a,b' AS x, 'c\"d' AS \"y,z\", NULL AS n, '' AS e, e'f\ng' AS l" >out
	[ "$(csv out 'rows')" = "[['x', 'y,z', 'n', 'e', 'l'], ['a,b', 'c\"d', '', '', 'f\\ng']]" ]
	[ "$(tail -c +1 out | head -n 2 | tail -n 1)" = $'"a,b","c""d",,"","f' ]
	grep -c $'\r$' out
}

@test "--format table: one line a row, numbers to the right, columns under their names" {
	make a.pcap --count 2
	scan m a.pcap
	run -0 dwell query -m m "SELECT * FROM (VALUES ('a', 1), ('bbb', 22222)) AS t(word, n)"
	[ "${lines[0]}" = "word      n" ]
	[ "${lines[1]}" = "----  -----" ]
	[ "${lines[2]}" = "a         1" ]
	[ "${lines[3]}" = "bbb   22222" ]
	[ ${#lines[@]} -eq 4 ]
}

@test "a query that writes, loads or sets is refused: exit 2 and one line; nothing is written" {
	make a.pcap
	scan m a.pcap
	before=$(dump m)
	find . -type f ! -name 'files*' | sort >files
	for sql in "COPY conn TO 'out.csv'" "COPY (SELECT 1) TO '$PWD/m/out.parquet'" \
		"CREATE TABLE t (a INT)" "CREATE VIEW v AS SELECT 1" "CREATE OR REPLACE VIEW conn AS SELECT 1" \
		"DROP VIEW conn" "INSERT INTO conn SELECT * FROM conn" "DELETE FROM conn" \
		"UPDATE conn SET proto = 'x'" "SET threads = 1" "RESET threads" \
		"SET enable_external_access = true" "PRAGMA threads = 1" "INSTALL httpfs" \
		"LOAD httpfs" "ATTACH 'x.db'" "ATTACH '$PWD/m/x.db' AS x" "DETACH memory" \
		"EXPORT DATABASE 'out'" "IMPORT DATABASE 'out'" "CALL force_checkpoint()" "CHECKPOINT" \
		"VACUUM" "BEGIN" "COMMIT" "USE x" "PREPARE p AS SELECT 1" \
		"EXPLAIN ANALYZE COPY conn TO 'out.csv'" "WITH t AS (SELECT 1) INSERT INTO conn SELECT * FROM conn"; do
		fails 2 dwell query -m m "$sql" || { echo "not refused: $sql"; false; }
	done
	find . -type f ! -name 'files*' | sort >files.after
	diff files files.after
	[ "$(dump m)" = "$before" ]
}

@test "a query reads no file outside the memory, and not the environment" {
	make a.pcap
	scan m a.pcap
	echo "secret" >outside.csv
	for sql in "SELECT * FROM '$PWD/outside.csv'" "SELECT * FROM read_csv('$PWD/outside.csv')" \
		"SELECT * FROM read_text('$PWD/outside.csv')" "SELECT * FROM read_blob('m/../outside.csv')" \
		"SELECT * FROM read_text('$PWD/m/../outside.csv')" "SELECT * FROM glob('/etc/*')" \
		"SELECT * FROM read_parquet('/etc/passwd')" "SELECT * FROM read_csv('http://127.0.0.1:1/')" \
		"SELECT getenv('HOME')"; do
		run -2 --separate-stderr dwell query -m m "$sql"
		[[ $output$stderr != *secret* ]]
		[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
	done
}

@test "wrong SQL: exit 2 and one line with the reason" {
	make a.pcap
	scan m a.pcap
	fails 2 dwell query -m m "PICK 1"
	[[ $stderr == *'"PICK"'* ]]
	fails 2 dwell query -m m "SELECT nothing FROM conn"
	[[ $stderr == *"nothing"* ]]
	fails 2 dwell query -m m "SELECT * FROM nowhere"
	[[ $stderr == *"nowhere"* ]]
	fails 2 dwell query -m m "SELECT 1; SELECT 2"
	[[ $stderr == *"one SQL statement"* ]]
	fails 2 dwell query -m m ""
	fails 2 dwell query -m m "-- nothing"
}

@test "hostile names from the wire come out clean in every format" {
	make a.pcap --count 2 --host 'a"b<script>alert(1)</script>\x1b[31m\x9b2J' \
		--agent '\x1b]0;owned\x07,"\xff\xfe\x7f\x00\r\\'
	scan m a.pcap
	for format in table csv json; do
		dwell query -m m --format $format "SELECT host, user_agent FROM http" >out
		# No control character but the ends of lines, and all of it is UTF-8.
		python3 -c '
import sys
text = open("out", "rb").read().decode("utf-8").replace("\r\n", "\n")
assert all(c == "\n" or (ord(c) >= 32 and not 127 <= ord(c) < 160) for c in text), text'
		grep -q '<script>alert(1)</script>' out
	done
	[ "$(json out 'rows[0]["host"]')" = 'a"b<script>alert(1)</script>\x1b[31m\x9b2j' ]
	dwell query -m m --format csv "SELECT host FROM http" >out
	[ "$(csv out 'rows[1][0]')" = 'a"b<script>alert(1)</script>\x1b[31m\x9b2j' ]
}

@test "hostile names do not reach the terminal through SQL either: tables show them escaped" {
	make a.pcap --count 1
	scan m a.pcap
	run -0 dwell query -m m "SELECT chr(27) || '[31m' AS x, e'a\nb' AS y"
	[[ $output != *$'\033'* && $output == *'\x1b[31m'* ]]
	[ ${#lines[@]} -eq 3 ]
}

@test "the files of the memory are plain Parquet: the first and last bytes say so" {
	make a.pcap
	scan m a.pcap
	for segment in m/conn/*/*.parquet; do
		[ "$(head -c 4 "$segment")" = PAR1 ] && [ "$(tail -c 4 "$segment")" = PAR1 ]
	done
}
