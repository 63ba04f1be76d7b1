#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a watch takes packets from beside a network interface: all of them, those without a link header that
# is read, and pipes.

load common
load watching

sent() {
	python3 -c 'import json; print(json.load(open("sent"))["packets"])'
}

@test "-i any: all interfaces of the machine, two readers" {
	network
	command -v tcpdump >/dev/null || skip "no tcpdump"
	ip netns exec "$NS" tcpdump -q -i vb --time-stamp-precision=nano -w recorded.pcap 2>/dev/null &
	local recorder=$!
	watch live -i any --threads 2
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	kill -INT "$recorder"
	wait "$recorder" || true
	scan offline recorded.pcap
	# The sender goes past what va shows of itself, so each packet is seen once, at vb.
	[ "$(value live "SELECT sum(packets) FROM watch")" -eq "$(sent)" ]
	diff <(dwell query -m live "SELECT DISTINCT src_ip, src_port, dst_ip, dst_port, proto, service FROM conn ORDER BY ALL") \
		<(dwell query -m offline "SELECT DISTINCT src_ip, src_port, dst_ip, dst_port, proto, service FROM conn ORDER BY ALL")
	[ "$(value live "SELECT DISTINCT source FROM conn")" = live:any ]
}

@test "-i any --filter: what it says only" {
	network
	watch m -i any --filter "udp port 53 and net 10.0.0.0/8"
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	sleep 0.5
	stop
	[ "$(value m "SELECT count(*) FROM conn WHERE dst_port = 53")" -gt 0 ]
	[ "$(value m "SELECT count(*) FROM conn WHERE dst_port <> 53")" -eq 0 ]
	fails 2 inside "$DWELL" watch -m n -i any --filter "ether host 02:00:00:00:00:01"
}

@test "-i any: a tag that the interface takes off is put back" {
	network
	watch m -i any --threads 1
	inside python3 -c 'import socket, struct
ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 29, 1, 0, 64, 17, 0, bytes([10, 1, 1, 1]), bytes([10, 1, 1, 2]))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("va", 0))
s.send(b"\2" * 12 + b"\x81\0\0\7\x08\0" + ip + struct.pack(">HHHHB", 4000, 5000, 9, 0, 65))'
	sleep 0.5
	stop
	[ "$(value m "SELECT DISTINCT vlan FROM conn WHERE dst_port = 5000")" = 7 ]
}

@test "-i -: what tcpdump writes, as it comes; the watch ends when it does" {
	xz -dkc "$SAMPLE" >sample.pcap
	dwell watch -m live -i - 2>watch.log <sample.pcap
	grep -q "live:-: its end" watch.log
	scan offline sample.pcap
	for table in conn dns tls http; do
		diff <(comparable live $table) <(comparable offline $table)
	done
	network
	(inside timeout -s INT 6 tcpdump -q -U -i vb -w - 2>/dev/null | dwell watch -m m -i - --sensor tap 2>piped.log) 3>&- &
	local both=$!
	sleep 1
	inside "$SEND" -r 3000 va "$SAMPLE" >sent
	wait "$both"
	[ "$(value m "SELECT sum(packets) FROM watch WHERE sensor = 'tap'")" = "$(sent)" ]
}

@test "-i PIPE: writers come and go, a reader that falls goes on behind its batch" {
	make a.pcap
	make b.pcap --begin 1740787200
	mkfifo tap
	"$DWELL" watch -m m -i ./tap 2>watch.log 3>&- &
	watcher=$!
	for _ in $(seq 100); do
		! grep -q "^dwell: watching" watch.log || break
		sleep 0.05
	done
	cat a.pcap >tap
	sleep 0.5
	kill -KILL "$(pgrep -P "$watcher" -x dwell-read-0)"
	cat b.pcap >tap
	sleep 2.5
	stop
	scan n b.pcap
	[ "$(value m "SELECT count(*) FROM conn WHERE ts >= TIMESTAMP '2025-03-01'")" = \
		"$(value n "SELECT count(*) FROM conn")" ]
	[ "$(value m "SELECT sum(fell) FROM watch")" = 1 ]
}

@test "pipes with something else in them: said, and nothing more is read" {
	echo "no capture, but long enough for a header" | dwell watch -m m -i - 2>watch.log
	grep -q "live:-: it is not in the format of pcap" watch.log
	printf '\n\r\r\n%40s' ng | dwell watch -m m -i - 2>watch.log
	grep -q "pcapng is not read from a pipe" watch.log
	make a.pcap
	head -c 500 a.pcap | dwell watch -m m -i - 2>watch.log
	grep -q "it ends inside a packet" watch.log
	fails 2 dwell watch -m m -i ./a.pcap
	fails 2 dwell watch -m m -i ./nothing
	fails 2 dwell watch -m m -i - --filter udp </dev/null
}
