#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is said of a memory does not depend on how it came to be: one scan of everything, a
# scan every few days, the same in another order, or with scans that were killed.

load common.bash

DAYS=5 # that a capture covers

setup_file() {
	load common.bash
	local sample=$ROOT/tests/lab/sample
	cd "$BATS_FILE_TMPDIR" || return
	python3 "$ROOT/tests/case/split_days.py" days $DAYS "$sample"/hq-2025-{09,10}.pcap.xz
	mkdir once
	scan once/m days
	said once >once.txt
}

# said FOLDER: all findings, all cases, and each of them explained, of its memory m
said() {
	(
		cd "$1" || return
		dwell query -m m --format json "SELECT * FROM finding ORDER BY ALL"
		dwell cases -m m --format json --all
		for id in $(ids finding) $(ids cases); do
			dwell show -m m "$id"
		done
	)
}

ids() {
	dwell query -m m --format csv "SELECT id FROM $1 ORDER BY id" | tail -n +2 | tr -d '\r'
}

# one_by_one FOLDER CAPTURE...: a scan each
one_by_one() {
	local folder=$1
	mkdir "$folder"
	shift
	for capture; do
		scan "$folder/m" "$capture"
	done
}

same_as_once() {
	said "$1" >"$1.txt"
	grep -q '"detector":"clockwork"' once.txt
	cmp once.txt "$1.txt"
}

@test "a scan every few days says what one scan of all says" {
	cd "$BATS_FILE_TMPDIR"
	one_by_one daily days/*
	same_as_once daily
	# Small segments that no roll-up counts were joined on the way.
	[ "$(find daily/m/ntp -name '*.parquet' | wc -l)" -lt "$(find days -name '*.pcap' | wc -l)" ]
}

@test "the days in another order say the same" {
	cd "$BATS_FILE_TMPDIR"
	# shellcheck disable=SC2046 # names without blanks
	one_by_one mixed $(find days -name '*.pcap' | sort | awk '{ print (NR * 7) % 23, $0 }' |
		sort -n | cut -d ' ' -f 2)
	same_as_once mixed
}

@test "scans that are killed and run again say the same" {
	cd "$BATS_FILE_TMPDIR"
	mkdir killed
	local n=0
	for capture in days/*; do
		n=$((n + 1))
		"$DWELL" scan --quiet -m killed/m "$capture" >/dev/null 2>&1 &
		local pid=$!
		sleep "0.$((n * 37 % 60 + 10))"
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		scan killed/m "$capture"
	done
	same_as_once killed
}
