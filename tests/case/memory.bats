#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a memory survives: no permission, a full disk, damage, kill -9, two writers.
load common

@test "a memory that can not be made: exit 4 and where" {
	make a.pcap
	echo "a file" >file
	fails 4 dwell scan -m file/memory a.pcap
	[[ $stderr == *"file"*"Not a directory"* ]]
	fails 4 dwell scan -m /proc/memory a.pcap
	[[ $stderr == *"/proc/memory"* ]]
}

@test "a memory without permission: exit 4, its name, and its rows are as before" {
	make a.pcap
	make b.pcap --begin 1736000000
	scan m a.pcap
	before=$(dump m)
	if [ "$(id -u)" -eq 0 ]; then
		unshare -m true 2>/dev/null || skip "root, and no mount namespace: nothing can be forbidden"
		run -4 --separate-stderr unshare -m sh -c '
			mount --bind m m && mount -o remount,bind,ro m && exec "$@"' \
			sh "$DWELL" scan --quiet -m m b.pcap
	else
		chmod -R a-w m
		run -4 --separate-stderr dwell scan --quiet -m m b.pcap
		chmod -R u+w m
	fi
	[[ $stderr == *"m/"* ]]
	[ "$(dump m)" = "$before" ]
}

@test "a memory that can only be read is read" {
	make a.pcap
	scan m a.pcap
	if [ "$(id -u)" -eq 0 ]; then
		unshare -m true 2>/dev/null || skip "root, and no mount namespace: nothing can be forbidden"
		run -0 --separate-stderr unshare -m sh -c '
			mount --bind m m && mount -o remount,bind,ro m && exec "$@"' \
			sh "$DWELL" query -m m --format csv "SELECT count(*) FROM conn"
	else
		chmod -R a-w m
		run -0 --separate-stderr dwell query -m m --format csv "SELECT count(*) FROM conn"
		chmod -R u+w m
	fi
	[ "${lines[1]%$'\r'}" = 5 ]
}

@test "a folder that holds other things is no memory: exit 2, and it is left alone" {
	make a.pcap
	mkdir papers && echo "mine" >papers/thesis
	fails 2 dwell scan -m papers a.pcap
	[[ $stderr == *"papers"* ]]
	[ "$(ls -A papers)" = thesis ]
}

@test "a full disk: exit 4, and the memory's rows are as before; with room again all is read" {
	unshare -m true 2>/dev/null || skip "no mount namespace: no small disk can be made"
	make a.pcap
	make large.pcap --count 20000 --gap 300 --begin 1736000000
	export DWELL TABLES
	export -f dwell scan value rows dump
	run -0 unshare -m bash -euc '
		mkdir disk && mount -t tmpfs -o size=64m tmpfs disk
		scan disk/m a.pcap
		used=$(df -k --output=used disk | tail -n 1)
		mount -o remount,size=$((used + 32))k disk
		dump disk/m >before
		status=0
		dwell scan --quiet -m disk/m large.pcap >out 2>errors || status=$?
		cat errors
		[ $status -eq 4 ]
		dump disk/m >after
		cmp before after
		mount -o remount,size=64m disk
		scan disk/m large.pcap
		[ "$(value disk/m "SELECT count(*) FROM conn")" = 20005 ]'
	[[ $output == *"No space left on device"* ]]
	[ ${#lines[@]} -eq 1 ]
}

@test "an output that can not be written: exit 4 and the reason" {
	[ -c /dev/full ] || skip "no /dev/full here"
	make a.pcap --count 60
	scan m a.pcap
	local status
	for format in table json csv; do
		status=0
		dwell query -m m --format $format "SELECT * FROM conn" >/dev/full 2>errors || status=$?
		[ $status -eq 4 ] && grep -q "No space left on device" errors
		status=0
		dwell cases -m m --format $format >/dev/full 2>errors || status=$?
		[ $status -eq 4 ] && [ -s errors ]
		status=0
		dwell scan --quiet -m m --format $format a.pcap >/dev/full 2>errors || status=$?
		[ $status -eq 4 ] && [ -s errors ]
	done
	fails 4 dwell report -m m -o "$PWD/nowhere/page.html"
	[[ $stderr == *"nowhere/page.html"* ]]
}

@test "a damaged segment: exit 4 and its name, never fewer rows; without it the rest is read" {
	make a.pcap
	make b.pcap --begin 1750000000
	scan m a.pcap
	scan m b.pcap
	for segment in m/conn/*/*.parquet; do
		cp "$segment" kept
		truncate -s $(($(stat -c %s kept) / 2)) "$segment"
		fails 4 dwell query -m m "SELECT count(*) FROM conn"
		[[ $stderr == *"$segment is damaged"* ]]
		make c.pcap --begin 1760000000
		run -4 --separate-stderr dwell scan --quiet -m m c.pcap
		[[ $stderr == *"$segment is damaged"* ]]
		cp kept "$segment"
	done
	[ "$(value m "SELECT count(*) FROM conn WHERE ts < '2025-08-01'")" = 10 ]
	rm "$segment"
	[ "$(value m "SELECT count(*) FROM conn WHERE ts < '2025-08-01'")" -lt 10 ]
}

@test "damage inside a segment: exit 4 and its name" {
	make a.pcap --count 200
	scan m a.pcap
	segment=$(echo m/conn/*/*.parquet)
	segment=${segment%% *}
	python3 - "$segment" <<-'PYTHON'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		for i in range(64, len(data) // 2):
		    data[i] ^= 0xFF
		open(sys.argv[1], "wb").write(data)
	PYTHON
	run -4 --separate-stderr dwell query -m m "SELECT * FROM conn"
	[[ $stderr == *"$segment is damaged"* ]]
}

@test "kill -9 at any moment, then the same scan again: the rows of an undisturbed run" {
	make a.pcap --count 50 --begin 1730000000
	make b.pcap --count 4000 --gap 1200
	scan undisturbed a.pcap
	cp -r undisturbed before
	start=$(date +%s%N)
	scan undisturbed b.pcap
	whole=$((($(date +%s%N) - start) / 1000000))
	dump undisturbed >wanted
	# Ten kills, from the start to the time that the scan took when nobody disturbed it.
	for i in $(seq 1 10); do
		rm -rf killed
		cp -r before killed
		"$DWELL" scan --quiet -m killed b.pcap >out 2>&1 &
		sleep "$(printf '%d.%03d' $((whole * i / 10000)) $((whole * i / 10 % 1000)))"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		# All of it or nothing, for whoever looks before it is run again.
		found=$(value killed "SELECT count(*) FROM conn")
		echo "killed at $((whole * i / 10)) ms of $whole ms: $found connections"
		[ "$found" -eq 50 ] || [ "$found" -eq 4050 ]
		scan killed b.pcap
		dump killed >got
		cmp wanted got
		[ -z "$(find killed/journal -name 'tx-*' -o -name 'commit-*')" ]
	done
}

@test "two writers at once: the second one says so, exit 4; the first one is not disturbed" {
	make a.pcap
	make b.pcap --begin 1736000000
	mkfifo pipe
	"$DWELL" scan --quiet -m m - <pipe >out 3>&- &
	first=$!
	exec 9>pipe
	head -c 200 a.pcap >&9
	until [ -e m/journal/lock ]; do sleep 0.05; done
	sleep 0.2
	fails 4 dwell scan --quiet -m m b.pcap
	[[ $stderr == *"another dwell writes"* ]]
	# Readers are not kept out.
	run -0 dwell query -m m "SELECT count(*) FROM conn"
	tail -c +201 a.pcap >&9
	exec 9>&-
	wait $first
	[ "$(value m "SELECT count(*) FROM conn")" = 5 ]
}

@test "a memory of a newer version is refused by name" {
	make a.pcap
	scan m a.pcap
	sed -i 's/"format": 2/"format": 999/' m/dwell.json
	fails 4 dwell query -m m "SELECT 1"
	[[ $stderr == *"dwell.json"*"newer"* ]]
}
