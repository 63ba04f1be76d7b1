#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell scan --threads N: what it writes and says is what one thread writes and says, byte for byte.
load common

# files MEMORY: the digest of every file of its tables and roll-ups; dwell.json has a secret of its own
files() {
	(cd "$1" && find . -name '*.parquet' -print0 | sort -z | xargs -0 sha256sum)
}

# same_with THREADS PATH...: scan with one thread and with so many
same_with() {
	local threads=$1
	shift
	rm -rf one many
	mkdir one many
	(cd one && "$DWELL" scan -m m --all "$@" >out 2>err)
	(cd many && "$DWELL" scan -m m --all --threads "$threads" "$@" >out 2>err)
	cmp one/out many/out && cmp one/err many/err || return
	[ "$(files one/m)" = "$(files many/m)" ]
	[ -n "$(files one/m)" ]
}

@test "the bundled sample: the same files, cases and notes with 2, 3 and 8 threads" {
	for threads in 2 3 8; do
		same_with "$threads" "$ROOT/tests/lab/sample"
	done
}

@test "a second scan into the same memory: the same rows, and known input adds nothing" {
	make a.pcap --count 50 --gap 3600
	make b.pcap --count 50 --gap 1800 --begin 1738400000
	for threads in 1 4; do
		scan "m$threads" --threads "$threads" a.pcap
		scan "m$threads" --threads "$threads" b.pcap
	done
	[ "$(files m1)" = "$(files m4)" ]
	before=$(files m4)
	run -0 --separate-stderr dwell scan -m m4 --threads 4 a.pcap b.pcap
	[[ $stderr == *"nothing added twice"* ]]
	[ "$(dump m4)" = "$(dump m1)" ]
}

@test "damaged input is said of with the same words and the same status" {
	make a.pcap --count 50
	head -c 3000 a.pcap >cut.pcap
	dwell scan -m one cut.pcap >one.out 2>one.err || one=$?
	dwell scan -m two --threads 4 cut.pcap >two.out 2>two.err || two=$?
	[ "$one" = 3 ] && [ "$two" = 3 ]
	cmp one.err two.err
	[ "$(files one)" = "$(files two)" ]
}

@test "real captures: the same files" {
	[ -d "$CORPORA" ] || skip "no captures at $CORPORA"
	local list
	mapfile -t list < <(find "$CORPORA" -size +200k -size -3000k -name '*.pcap*' | LC_ALL=C sort | awk 'NR % 5 == 1' | head -12)
	[ "${#list[@]}" -gt 4 ]
	same_with 4 "${list[@]}"
}

@test "threads keep to the limit of memory, and say when it is too little for them" {
	make a.pcap --count 50
	scan one --memory-limit 600M a.pcap
	scan two --memory-limit 600M --threads 4 a.pcap
	[ "$(files one)" = "$(files two)" ]
	least=
	for mib in 400 420 440 460 480 500; do
		dwell scan -q -m "m$mib" --memory-limit "${mib}M" a.pcap >/dev/null 2>&1 && least=$mib && break
	done
	[ -n "$least" ]
	fails 2 dwell scan -m m --memory-limit "${least}M" --threads 2 a.pcap
}

@test "a number of threads from 1 to 64" {
	make a.pcap
	for wrong in 0 65 -1 two ""; do
		fails 2 dwell scan -m m --threads "$wrong" a.pcap
	done
	scan m --threads 64 a.pcap
}
