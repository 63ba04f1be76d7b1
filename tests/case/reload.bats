#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a watch reads anew when it is told to, and that what is wrong there leaves it as it was.

load common
load watching

setup_file() {
	scan_sample
}

# status NAME: a number of the watch at m
status_of() {
	dwell status -m m --format json | python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

# until_is NAME VALUE: it becomes that within some seconds
until_is() {
	for _ in $(seq 100); do
		[ "$(status_of "$1" 2>/dev/null)" != "$2" ] || return 0
		sleep 0.1
	done
	echo "$1 is not $2: $(dwell status -m m)" >&2
	return 1
}

# open_it: a datagram that the trace sesame fits
open_it() {
	inside python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"open", ("127.0.0.1", 5999))'
}

# fits COUNT: so many rows of the trace sesame come within some seconds
fits() {
	for _ in $(seq 100); do
		[ "$(value m "SELECT count(*) FROM anomaly WHERE kind = 'trace' AND detail LIKE '%sesame%'")" != "$1" ] ||
			return 0
		sleep 0.1
	done
	return 1
}

@test "reload: traces, in readers that go on; a file that is wrong changes nothing" {
	network
	ip -n "$NS" link set lo up
	: >t.txt
	watch m -i lo --threads 2 --traces t.txt
	first=$(pgrep -P "$watcher" -x "dwell-read-0")
	open_it
	echo "sesame where=udp bytes=0:6f70656e dport=5999 alone=low source=our.example/7" >t.txt
	run -0 dwell status -m m reload
	until_is reloads 1
	sleep 1.5
	open_it
	fits 1
	echo "nonsense" >t.txt
	kill -HUP "$watcher"
	until_is reloads 2
	[ "$(status_of reload_errors)" = 1 ]
	grep -q "reload: traces: t.txt.*what was read before holds" watch.log
	sleep 1.5
	open_it
	fits 2
	[ "$(pgrep -P "$watcher" -x "dwell-read-0")" = "$first" ]
	stop
}

@test "reload: targets of findings; files are opened again; one that is wrong changes nothing" {
	network
	cp -r "$BATS_FILE_TMPDIR/m" m
	there=$(value m "SELECT count(*) FROM finding WHERE confidence <> 'low'")
	echo "file:one.json" >targets
	watch m -i vb --threads 1 --notify @targets
	dwell status -m m judge
	until_is messages_sent "$there"
	[ "$(wc -l <one.json)" = "$there" ]
	mv one.json old.json
	echo "file:two.json" >>targets
	kill -HUP "$watcher"
	until_is messages_sent $((2 * there))
	[ "$(wc -l <two.json)" = "$there" ]
	[ -f one.json ] && [ "$(wc -l <old.json)" = "$there" ]
	echo "gopher://nowhere" >>targets
	kill -HUP "$watcher"
	until_is reload_errors 1
	grep -q "reload: --notify: .*what was read before holds" watch.log
	rm targets
	kill -HUP "$watcher"
	until_is reload_errors 2
	kill -0 "$watcher"
	# A mute that came is in force with the next reload, and another target starts with it.
	id=$(value m "SELECT id FROM cases ORDER BY rank LIMIT 1")
	dwell mute -m m "$id" --reason known
	echo "file:three.json" >targets
	dwell status -m m reload
	for _ in $(seq 100); do
		[ ! -s three.json ] || break
		sleep 0.1
	done
	[ "$(wc -l <three.json)" -lt "$there" ]
	! grep -q "\"case\":\"$id\"" three.json
	stop
}

@test "a hunt that is damaged: detectors do not run, which is said, and watching goes on" {
	network
	cp -r "$BATS_FILE_TMPDIR/m" m
	dwell hunt add -m m 192.0.2.1 --note n >/dev/null 2>&1
	watch m -i vb --threads 1
	echo "{" >m/hunt/h1/manifest.json
	dwell status -m m reload
	until_is judge_errors 1
	grep -q "the detectors did not run to their end: .*hunt/h1/manifest.json" watch.log
	[ "$(value m "SELECT count(*) FROM finding")" -gt 0 ]
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	rm -r m/hunt/h1
	dwell status -m m judge
	for _ in $(seq 100); do
		[ "$(status_of last_judged)" = 0 ] || break
		sleep 0.1
	done
	stop
}
