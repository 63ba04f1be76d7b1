#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Floods against limits (tests/bench/flood.c makes them): memory stays within --memory-limit, connections that
# were there before a flood are whole after it, what was closed early or left out is counted and said.

load common
load watching

FLOOD=$(dirname "$DWELL")/tests/bench/flood

# flood ARGUMENT...: to standard output; or the test is skipped
flood() {
	[ -x "$FLOOD" ] || skip "no $FLOOD: it is built with the tests"
	"$FLOOD" "$@"
}

# The sanitizers take memory of their own.
sanitized() {
	ldd "$DWELL" | grep -q libasan
}

# peak COMMAND...: run it; the most KiB that it held, which is in $peak
peak() {
	peak=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@")
}

@test "floods of each kind stay within --memory-limit, and end no connection that was there before" {
	local kind
	for kind in syn synack connect udp2 http odd; do
		flood -n 60000 "$kind" >$kind.pcap
		peak "$DWELL" scan -q -m $kind --memory-limit 456M $kind.pcap
		sanitized || [ "$peak" -le $((456 * 1024)) ]
		[ "$(value $kind "SELECT count(*) FROM conn WHERE dst_port = 9999 AND dst_ip = '192.0.2.80'
			AND state = 'SF' AND src_packets = 24 AND dst_packets = 12 AND src_bytes = 500
			AND dst_bytes = 700")" -eq 16 ]
		[ "$(value $kind "SELECT count(*) FROM conn WHERE dst_port = 9999 AND dst_ip = '192.0.2.80'")" -eq 16 ]
		[ "$kind" = http ] || [ "$kind" = odd ] || [ "$(value $kind "SELECT sum(evicted) FROM watch")" -gt 0 ]
	done
}

@test "fragments that never complete take their share and no more" {
	flood -n 60000 fragments >a.pcap
	peak "$DWELL" scan -q -m m --memory-limit 456M a.pcap
	sanitized || [ "$peak" -le $((456 * 1024)) ]
	[ "$(value m "SELECT count(*) FROM conn WHERE state = 'SF' AND src_packets = 24")" -eq 16 ]
}

@test "a limit that has no room: exit 2, and what is needed" {
	fails 2 dwell scan --memory-limit 100M a.pcap
	[[ $stderr == *"need"* ]]
	fails 2 dwell scan --memory-limit 5x a.pcap
	fails 2 dwell watch -i lo --memory-limit 400M
	[[ $stderr == *"need"* ]]
	fails 2 dwell watch -i lo --threads 64 --memory-limit 1G
}

@test "when packets come faster than they are read, content is left out and connections are whole" {
	network
	flood -n 7000 -w 0 elephant >a.pcap
	watch m -i vb --threads 1 --ring 16
	kill -STOP "$(reader 0)"
	inside "$SEND" va a.pcap >sent
	sleep 0.3
	kill -CONT "$(reader 0)"
	sleep 2
	for _ in $(seq 20); do
		dwell status -m m --format json >status 2>/dev/null && break
		sleep 0.5
	done
	stop
	[ "$(value m "SELECT sum(drops) FROM watch")" -eq 0 ]
	[ "$(value m "SELECT sum(shed) FROM watch")" -gt 1000 ]
	[ "$(value m "SELECT src_packets + dst_packets FROM conn WHERE src_ip = '10.9.9.9'")" -eq 7006 ]
	[ "$(value m "SELECT dst_bytes FROM conn WHERE src_ip = '10.9.9.9'")" -eq 7000000 ]
	[ "$(value m "SELECT state FROM conn WHERE src_ip = '10.9.9.9'")" = SF ]
	python3 -c 'import json; s = json.load(open("status")); assert s["shed"] > 1000, s
assert 0 < s["memory"] <= s["memory_most"] < s["memory_limit"] == 2**30, s'
}
