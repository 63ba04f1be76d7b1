#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The processes of dwell watch -i: what each may still do, what it says of itself, and what happens when somebody
# takes one over. On a pair of virtual interfaces in a network namespace of the test's own.
load common

setup() {
	there=$(mktemp -d /tmp/dwell-guard.XXXXXX) # where another user may go
	chmod 755 "$there" && cd "$there" || return 1
	space=dwell-guard-$$-$BATS_TEST_NUMBER
	[ "$(id -u)" = 0 ] && ip netns add "$space" 2>/dev/null || skip "no network namespace can be made here"
	ip -n "$space" link add va type veth peer name vb
	ip -n "$space" link set lo up
	ip -n "$space" link set va up
	ip -n "$space" link set vb up
	make a.pcap --count 20 --gap 1
}

teardown() {
	[ -z "${watch:-}" ] || kill "$watch" 2>/dev/null || true
	[ -z "${watch:-}" ] || wait "$watch" 2>/dev/null || true
	ip netns del "$space" 2>/dev/null || true
	cd / && rm -rf "$there"
}

# start [OPTION]...: a watch of vb into m, with what it says in said
start() {
	ip netns exec "$space" "$DWELL" watch -m m -i vb --threads 1 --once 300s "$@" 2>said 3>&- &
	watch=$!
	for _ in $(seq 200); do
		! dwell status -m m >/dev/null 2>&1 || break
		sleep 0.1
	done
	dwell status -m m >/dev/null
}

# play: the packets of a.pcap, sent from va
play() {
	ip netns exec "$space" python3 - a.pcap <<-'E'
		import socket, struct, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("va", 0))
		data, at = open(sys.argv[1], "rb").read(), 24
		while at < len(data):
		    size = struct.unpack_from("<I", data, at + 8)[0]
		    s.send(data[at + 16:at + 16 + size])
		    at += 16 + size
	E
}

# status_reaches NAME VALUE: the watch says so, or more, within ten seconds (a new interface has packets of its own)
status_reaches() {
	for _ in $(seq 100); do
		n=$(dwell status -m m --format csv 2>/dev/null | python3 -c "
import csv, sys
print(next(csv.DictReader(sys.stdin), {}).get('$1', 0))")
		[ "$n" -lt "$2" ] || return 0
		sleep 0.1
	done
	cat said
	return 1
}

# pid_of NAME: of the process of this watch
pid_of() {
	for p in "$watch" $(pgrep -P "$watch"); do
		[ "$(cat "/proc/$p/comm")" != "$1" ] || echo "$p"
	done
}

@test "every process has no capability; those that see strangers' bytes have filters" {
	start --user nobody
	for name in dwell-read-0 dwell-write dwell-desk; do
		p=$(pid_of "$name")
		grep -q '^CapEff:.0000000000000000$' "/proc/$p/status"
		grep -q '^CapPrm:.0000000000000000$' "/proc/$p/status"
		grep -q '^NoNewPrivs:.1$' "/proc/$p/status"
		grep -q '^Seccomp:.2$' "/proc/$p/status"
		grep -q "^Uid:.$(id -u nobody)" "/proc/$p/status"
	done
	# Captures are for the readers: neither desk nor writer has one open.
	for name in dwell-write dwell-desk; do
		for fd in /proc/"$(pid_of "$name")"/fd/*; do
			inode=$(readlink "$fd" | sed -n 's/^socket:\[\(.*\)\]$/\1/p')
			[ -z "$inode" ] || ! grep -q " $inode\$" "/proc/$watch/net/packet"
		done
	done
	play
	status_reaches packets 200
}

@test "status, metrics and what is found come out while it watches" {
	start --metrics 19400 --notify file:out.json --low
	play
	status_reaches packets 200
	ip netns exec "$space" python3 -c "
import urllib.request
text = urllib.request.urlopen('http://127.0.0.1:19400/metrics', timeout=5).read().decode()
assert [l for l in text.splitlines() if l.startswith('dwell_packets_total 2')], text"
	before=$(dwell status -m m --format json)
	dwell status -m m judge
	for _ in $(seq 100); do
		[[ "$(dwell status -m m --format json)" != *'"last_judged":0,'* ]] && break
		sleep 0.1
	done
	[[ $before == *'"last_judged":0,'* ]]
	[[ "$(dwell status -m m --format json)" != *'"last_judged":0,'* ]]
	kill -TERM "$watch"
	wait "$watch"
	watch=
	[ "$(wc -l <out.json)" = "$(value m "SELECT count(*) FROM finding")" ]
	[ ! -e m/control ]
	fails 2 dwell status -m m
}

@test "a reader and the desk that are killed are started again" {
	start
	old=$(pid_of dwell-read-0)
	desk=$(pid_of dwell-desk)
	kill -SYS "$old"
	status_reaches readers_fallen 1
	status_reaches readers 1
	[ "$(pid_of dwell-read-0)" != "$old" ]
	grep -q "reader 0 was ended by signal 31" said
	kill -9 "$desk"
	for _ in $(seq 100); do
		[ -z "$(pid_of dwell-desk)" ] || [ "$(pid_of dwell-desk)" = "$desk" ] || break
		sleep 0.1
	done
	play
	status_reaches packets 200
}
