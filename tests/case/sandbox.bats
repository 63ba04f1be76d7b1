#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What can be done from inside a process of dwell that reads bytes of strangers, once they took it over:
# tests/attack/attack.c stands in for a library that parsers call.
load common

ATTACK=$(dirname "$DWELL")/tests/attack/libattack.so

# attack NAME [PATH]: a scan of a compressed capture, with somebody inside who tries that
attack() {
	[ -f "$ATTACK" ] || skip "no $ATTACK: build with -Dtests=true"
	make a.pcap
	gzip -kf a.pcap
	run --separate-stderr env LD_PRELOAD="$ATTACK" \
		ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0:handle_segv=0" \
		DWELL_ATTACK="$1" DWELL_ATTACK_PATH="${2:-}" "$DWELL" scan -m m a.pcap.gz
}

refused() {
	[ "$status" = 77 ]
	[[ $stderr == *"attack $1: Permission denied"* || $stderr == *"attack $1: Operation not permitted"* ]]
}

@test "inside a scan: files that are no inputs can not be read" {
	echo secret >secret
	attack read "$PWD/secret"
	refused read
	attack read /etc/passwd
	refused read
}

@test "inside a scan: the input can be read, and not be written or removed" {
	attack read "$PWD/a.pcap.gz"
	[[ $status = 77 && $stderr == *"attack read: worked"* ]]
	attack write "$PWD/a.pcap.gz"
	refused write
	attack remove "$PWD/a.pcap.gz"
	refused remove
	[ -f a.pcap.gz ]
}

@test "inside a scan: nothing is written or removed outside of the memory" {
	echo keep >kept
	attack write "$PWD/new"
	refused write
	[ ! -e new ]
	attack remove "$PWD/kept"
	refused remove
	[ -f kept ]
	attack write "$PWD/m/new"
	[[ $status = 77 && $stderr == *"attack write: worked"* ]]
}

@test "inside a scan: there is no network, and no signal to others" {
	attack socket
	refused socket
	attack kill
	refused kill
}

@test "inside a scan: who starts another program is killed" {
	attack execve /bin/true
	[ "$status" = 159 ] # SIGSYS
	[[ $stderr != *worked* ]]
}

@test "inside a scan: who traces its parent is killed, or refused where leaks are looked for" {
	attack ptrace
	[[ $status = 159 || ($status = 77 && $stderr == *"attack ptrace: Operation not permitted"*) ]]
}

@test "an attack leaves the memory as it was" {
	make a.pcap
	scan m a.pcap
	before=$(dump m)
	make b.pcap --count 7
	mv b.pcap a.pcap
	attack execve /bin/true
	[ "$(dump m)" = "$before" ]
}

@test "inputs through links to files elsewhere are read" {
	mkdir in elsewhere
	make elsewhere/a.pcap
	ln -s ../elsewhere/a.pcap in/link.pcap
	ln -s "$PWD/elsewhere/a.pcap" direct.pcap
	scan one in
	scan two direct.pcap
	[ "$(value one "SELECT count(*) FROM conn")" = 5 ]
	[ "$(value two "SELECT count(*) FROM conn")" = 5 ]
	ln -s two three
	make b.pcap --count 3 --begin 1740787200
	scan three b.pcap # a memory through a link, too
	[ "$(value two "SELECT count(*) FROM conn")" = 8 ]
}

@test "inputs from pipes by name are read" {
	make a.pcap
	mkfifo p
	cat a.pcap >p &
	scan m p
	[ "$(value m "SELECT count(*) FROM conn")" = 5 ]
	scan n <(cat a.pcap)
	[ "$(value n "SELECT count(*) FROM conn")" = 5 ]
	scan o /dev/stdin <a.pcap
	[ "$(value o "SELECT count(*) FROM conn")" = 5 ]
}
