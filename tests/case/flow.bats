#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Flow exports: files of them, and live ones.

load common

SEEDS=$ROOT/tests/fuzz/corpus

# send PORT FILE...: each file is a datagram
send() {
	python3 - "$@" <<'EOF'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for name in sys.argv[2:]:
    with open(name, 'rb') as f:
        s.sendto(f.read(), ('127.0.0.1', int(sys.argv[1])))
EOF
}

# free_port: a UDP port that nobody uses
free_port() {
	python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A watch that a failed test left would keep the run waiting for it.
teardown() {
	[ -z "${watcher:-}" ] || kill -KILL "$watcher" 2>/dev/null || true
}

# watch MEMORY PORT [OPTION]...: in the background, ready to receive; its process is $watcher
watch() {
	local memory=$1 port=$2
	shift 2
	"$DWELL" watch -m "$memory" --listen "udp:127.0.0.1:$port" "$@" 2>watch.log &
	watcher=$!
	for _ in $(seq 100); do
		grep -q listening watch.log && return
		sleep 0.05
	done
	return 1
}

@test "datagrams of NetFlow v5 in a file: both directions are one connection, sampling is made good" {
	scan m "$SEEDS/netflow/v5"
	# 40000 to 443: 5 packets unsampled and 5 of one in 100, each way
	[ "$(value m "SELECT src_packets || ' ' || dst_packets || ' ' || state FROM conn
	    WHERE src_ip = '10.0.0.1'")" = "505 505 SF" ]
	[ "$(value m "SELECT count(*) FROM conn WHERE dst_port = 443")" -eq 2 ]
	[ "$(value m "SELECT string_agg(DISTINCT kind, ' ') FROM watch")" = netflow ]
}

@test "the same bytes twice add nothing, compressed or not" {
	cp "$SEEDS/netflow/v9" one.dat
	gzip -k one.dat
	scan m one.dat
	local before
	before=$(rows m conn)
	scan m one.dat.gz one.dat
	[ "$(rows m conn)" = "$before" ]
}

@test "templates may stand in another file of the folder, also one that is read later" {
	mkdir both
	python3 - <<EOF
data = open('$SEEDS/netflow/late', 'rb').read()
size = 20 + 4 + 36 # the first datagram: data without its template
open('both/r_data.dat', 'wb').write(data[:size])
open('both/r_tpl.dat', 'wb').write(data[size:])
EOF
	run --separate-stderr -0 dwell scan --quiet -m m both
	[ -z "$stderr" ]
	[ "$(value m "SELECT count(DISTINCT source) FROM conn")" -ge 1 ]
	# Alone it says what is missing.
	fails_input() { run --separate-stderr -3 dwell scan --quiet -m m2 both/r_data.dat; }
	fails_input
	[[ $stderr == *"r_data.dat: byte 24: data of template 256"* ]]
	[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
}

@test "nfdump files of both layouts, in each compression" {
	for f in v1 v2 v2_lzo v2_lz4 v2_bzip2; do
		scan "m_$f" "$SEEDS/nfdump/$f"
		[ "$(value "m_$f" "SELECT count(*) FROM conn")" -ge 1 ]
		[ "$(value "m_$f" "SELECT string_agg(DISTINCT kind, ' ') FROM watch")" = nfdump ]
	done
	[ "$(rows m_v2_lzo conn)" = "$(rows m_v2_lz4 conn)" ]
	[ "$(rows m_v2_lzo conn)" = "$(rows m_v2_bzip2 conn)" ]
}

@test "an nfdump file of a new layout, and one that is cut: a line each" {
	{
		printf '\x0c\xa5\x03\x00'
		head -c 300 /dev/zero
	} >new
	run --separate-stderr -3 dwell scan --quiet -m m new
	[[ $stderr == *"newer than 2"* ]]
	head -c 200 "$SEEDS/nfdump/v2_lzo" >cut
	run --separate-stderr -3 dwell scan --quiet -m m cut
	[[ $stderr == *"cut: byte "*"it ends inside a block"* ]]
}

@test "watch --listen: exporters with templates, stopped by SIGTERM, all of it is committed" {
	local port
	port=$(free_port)
	watch m "$port"
	python3 - <<EOF
data = open('$SEEDS/netflow/late', 'rb').read()
open('first', 'wb').write(data[:60])
open('second', 'wb').write(data[60:160])
EOF
	send "$port" first second "$SEEDS/netflow/v5"
	sleep 0.5
	kill -TERM "$watcher"
	wait "$watcher"
	[ "$(value m "SELECT count(*) FROM conn WHERE source = 'udp:127.0.0.1'")" -ge 2 ]
	grep -q "received 3 datagrams of 1 exporters" watch.log
}

@test "watch --listen: a port below 1024 as another user; what comes while the receiver is down waits" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	local port=
	for port in $(seq 1023 -1 900); do
		python3 -c "import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).bind(('127.0.0.1', $port))" 2>/dev/null && break
	done
	there=$(mktemp -d -p /var/tmp) # a folder that the other user can reach
	chmod 755 "$there"
	watch "$there/m" "$port" --user nobody
	local receiver
	receiver=$(pgrep -P "$watcher" -x dwell-read-0)
	[ "$(ps -o user= -p "$receiver")" = nobody ]
	kill -STOP "$receiver"
	send "$port" "$SEEDS/netflow/v5"
	kill -KILL "$receiver"
	sleep 2.5
	kill -TERM "$watcher"
	wait "$watcher"
	mv "$there/m" m
	rmdir "$there"
	[ "$(value m "SELECT sum(fell) FROM watch")" = 1 ]
	[ "$(value m "SELECT count(*) FROM conn WHERE source = 'udp:127.0.0.1'")" -ge 2 ]
}

@test "watch --exporter takes exports of these networks only" {
	local port
	port=$(free_port)
	watch m "$port" --exporter 192.0.2.0/24
	send "$port" "$SEEDS/netflow/v5"
	sleep 0.5
	kill -INT "$watcher"
	wait "$watcher"
	[ "$(value m "SELECT count(*) FROM conn")" -eq 0 ]
	grep -q "1 datagrams of others" watch.log
}

@test "softflowd's exports, live, are what its capture holds" {
	command -v softflowd >/dev/null || skip "no softflowd"
	local port
	make twenty.pcap
	for version in 5 9 10; do
		port=$(free_port)
		watch "m$version" "$port"
		softflowd -r twenty.pcap -n "127.0.0.1:$port" -v "$version" -d >/dev/null 2>&1
		sleep 0.5
		kill -TERM "$watcher"
		wait "$watcher"
	done
	scan packets twenty.pcap
	local columns="count(*) || ' ' || sum(src_packets) || ' ' || sum(dst_packets) || ' ' ||
	    sum(src_ip_bytes) || ' ' || sum(dst_ip_bytes)"
	local wanted
	wanted=$(value packets "SELECT $columns FROM conn")
	for version in 5 9 10; do
		[ "$(value "m$version" "SELECT $columns FROM conn")" = "$wanted" ]
	done
}

@test "watch says what it needs" {
	fails 2 dwell watch
	[[ $stderr == *"--listen"* ]]
	fails 2 dwell watch --listen tcp:2055
	fails 2 dwell watch --listen udp:0
	fails 2 dwell watch --listen udp:2055 capture.pcap
	fails 4 dwell watch -m m --listen udp:192.0.2.1:2055
	[[ $stderr == *"can not listen at udp:192.0.2.1:2055"* ]]
}
