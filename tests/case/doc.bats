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
