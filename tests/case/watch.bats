#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Packets as they come: interfaces of a network namespace that each test makes for itself, in which
# nothing but the test's own few packets is sent.

load common
load watching

@test "live is what a scan makes of a recording of the same packets, with two readers" {
	network
	command -v tcpdump >/dev/null || skip "no tcpdump"
	ip netns exec "$NS" tcpdump -q -i vb --time-stamp-precision=nano -w recorded.pcap 2>tcpdump.log &
	local recorder=$!
	watch live -i vb --threads 2
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	kill -INT "$recorder"
	wait "$recorder" || true
	scan offline recorded.pcap
	[ "$(value live "SELECT count(*) FROM conn")" -gt 10 ]
	local table
	for table in $TABLES; do
		case $table in watch | finding | cases | decay) continue ;; esac
		diff <(comparable live "$table") <(comparable offline "$table")
	done
	[ "$(value live "SELECT sum(packets) FROM watch")" = "$(python3 -c \
		'import json; print(json.load(open("sent"))["packets"])')" ]
	[ "$(value live "SELECT sum(drops) + sum(shed) FROM watch")" -eq 0 ]
}

@test "what was seen can be asked for seconds later, while watching goes on" {
	network
	watch m -i vb
	inside "$SEND" -r 1000 va "$SAMPLE" >sent
	local begin=$SECONDS
	until [ "$(value m "SELECT count(*) FROM dns" 2>/dev/null)" -gt 0 ] 2>/dev/null; do
		[ $((SECONDS - begin)) -lt 5 ]
		sleep 0.2
	done
	kill -0 "$watcher"
	stop
}

@test "a reader that is killed is started again, and a row says what it held; watching goes on" {
	network
	watch m -i vb --threads 1
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	# Until the writer was told of all of them.
	local n
	n=$(python3 -c 'import json; print(json.load(open("sent"))["packets"])')
	for _ in $(seq 100); do
		dwell status -m m --format json | grep -q "\"packets\": *$n\b" && break
		sleep 0.1
	done
	kill -KILL "$(reader 0)"
	for _ in $(seq 100); do
		[ -n "$(reader 0)" ] && [ -n "$(grep "reader 0 was ended by signal 9" watch.log)" ] && break
		sleep 0.05
	done
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	grep -q "reader 0 was ended by signal 9" watch.log
	[ "$(value m "SELECT sum(fell) FROM watch")" = 1 ]
	run -0 dwell ask -m m 192.0.2.77 --format json
	[[ $output == *'"readers_fell":1'*"Readers of packets that fell: 1"* ]]
	local fell="FROM anomaly WHERE kind = 'reader_fell'" one
	one="CAST(regexp_extract(detail, 'NAME=([0-9]+)', 1) AS BIGINT)"
	[ "$(value m "SELECT count(*) $fell AND detail LIKE 'reader=0 signal=9 %'")" -eq 1 ]
	[ "$(value m "SELECT ${one/NAME/connections} $fell")" -gt 0 ]
	[ "$(value m "SELECT ${one/NAME/packets} $fell")" = "$(value m "SELECT sum(drops) FROM watch")" ]
	[ "$(value m "SELECT sum(packets) FROM watch")" = "$(python3 -c \
		'import json; print(2 * json.load(open("sent"))["packets"])')" ]
	# What is not in a row of conn is in what the row says, at most.
	[ "$(value m "SELECT (SELECT sum(packets) FROM watch) - (SELECT sum(src_packets + dst_packets)
		FROM conn) <= (SELECT sum(drops) FROM watch)")" = true ]
	# An answer about that time tells of it.
	dwell ask -m m 203.0.113.77 >answer
	grep -q "lost" answer
}

@test "a watch that is started anew says in its first minute for how long nobody watched" {
	network
	# Not across the end of a minute.
	[ "$(date +%-S)" -lt 45 ] || sleep 15
	watch m -i vb --threads 1
	local first
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	first=$(value m "SELECT sum(down) FROM watch")
	sleep 2.2
	watch m -i vb --threads 1
	stop
	[ "$(value m "SELECT sum(down) FROM watch")" -ge $((first + 3)) ]
	[ "$(value m "SELECT sum(down) FROM watch")" -le 59 ]
}

@test "an interface that goes down and comes up again: it is said, counted, and captured from" {
	network
	watch m -i vb --threads 1
	ip -n "$NS" link set vb down
	sleep 2.5
	ip -n "$NS" link set vb up
	sleep 1.5
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	grep -q "vb went down" watch.log
	grep -q "vb is up again" watch.log
	[ "$(value m "SELECT sum(down) FROM watch")" -ge 1 ]
	[ "$(value m "SELECT sum(packets) FROM watch")" -gt 10 ]
}

@test "--filter takes what it says only; --once stops by itself" {
	network
	ip netns exec "$NS" "$DWELL" watch -m m -i vb --filter "udp port 53" --once 3s 2>watch.log &
	watcher=$!
	sleep 1
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	wait "$watcher"
	watcher=
	[ "$(value m "SELECT count(*) FROM conn WHERE dst_port = 53")" -gt 0 ]
	[ "$(value m "SELECT count(*) FROM conn WHERE dst_port <> 53")" -eq 0 ]
}

@test "what can not be watched: one line, and the exit status of its kind" {
	fails 2 dwell watch -i no-such-interface
	fails 2 dwell watch -i no-such-interface-with-a-long-name
	fails 2 dwell watch -i lo -i lo
	fails 2 dwell watch -i lo --threads 0
	fails 2 dwell watch -i lo --once 5x
	fails 2 dwell watch -i lo --ring 1
	[ "$(id -u)" -eq 0 ] || skip "not root: the rest needs it"
	network
	fails 2 inside "$DWELL" watch -m m -i vb --filter "no filter"
	fails 4 inside setpriv --reuid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$DWELL" watch -m m -i vb
	[[ $stderr == *"setcap cap_net_raw"* ]]
}

@test "killed with all its processes, it keeps what was durable: the next command commits it" {
	network
	watch m -i vb --threads 1
	[ -f m/journal/rows ]
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 1.5
	# The writer first, so that it can not commit what the others leave.
	pkill -KILL -P "$watcher" -x dwell-write
	pkill -KILL -P "$watcher" || true
	kill -KILL "$watcher" 2>/dev/null || true
	wait "$watcher" || true
	watcher=
	[ -f m/journal/rows ]
	make a.pcap
	scan m a.pcap
	[ ! -e m/journal/rows ]
	[ "$(value m "SELECT count(*) FROM dns")" -gt 0 ]
	[ "$(value m "SELECT count(*) FROM (SELECT DISTINCT * FROM dns)")" = "$(value m "SELECT count(*) FROM dns")" ]
}

@test "a full disk: what is seen waits, and watching goes on when there is room again" {
	network
	mkdir disk
	mount -t tmpfs -o size=120m dwell disk || skip "no file system can be mounted here"
	watch disk/m -i vb --threads 1
	cat /dev/zero >disk/filler 2>/dev/null || true
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	for _ in $(seq 80); do
		grep -q "waits in the journal" watch.log && break
		sleep 0.1
	done
	rm disk/filler
	for _ in $(seq 100); do
		grep -q "written again" watch.log && break
		sleep 0.1
	done
	stop
	cp -r disk/m m
	umount disk
	grep -q "waits in the journal" watch.log
	grep -q "written again" watch.log
	[ "$(value m "SELECT sum(packets) FROM watch")" = "$(python3 -c \
		'import json; print(json.load(open("sent"))["packets"])')" ]
}
