#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What can be done from inside the processes of a watch that is at work, once one was taken over:
# tests/attack/attack.c stands in for poll, which each of them calls.
load common
load watching

ATTACK=$(dirname "$DWELL")/tests/attack/libattack_live.so

# taken_over PROCESS ATTACKS: a watch of its own, PROCESS being taken over after some seconds
taken_over() {
	ip netns exec "$NS" env LD_PRELOAD="$ATTACK" DWELL_ATTACK="$2" DWELL_ATTACK_IN="$1" \
		DWELL_ATTACK_PATH="$PWD/secret" ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" \
		"$DWELL" watch -m "$1" -i vb --threads 1 --once 6s --notify "file:$PWD/$1.json" 2>"$1.log" 3>&- &
}

# refused PROCESS ATTACK...: each was
refused() {
	local process=$1
	shift
	for attack in "$@"; do
		grep -Eq "^attack $attack: (Operation not permitted|Permission denied)$" "$process.log"
	done
}

@test "inside the reader, the writer, the desk and the supervisor of a watch: what each is refused, and killed for" {
	[ -f "$ATTACK" ] || skip "no $ATTACK: build with -Dtests=true"
	network
	echo secret >secret
	taken_over dwell-read-0 read,write,execve
	taken_over dwell-write read,write,remove,socket,kill,code,execve
	taken_over dwell-desk read,write,remove,connect,kill,code,execve
	taken_over dwell code,execve
	wait
	[ -z "$(grep -h worked ./*.log)" ]
	refused dwell-read-0 read write
	refused dwell-write read write remove socket kill code
	refused dwell-desk read write remove connect kill code
	refused dwell code
	# Who starts another program is killed: each by SIGSYS (31), and what others say of it.
	grep -q "reader 0 was ended by signal 31" dwell-read-0.log
	grep -q "the writer was ended by signal 31" dwell-write.log
	grep -q "the desk was ended by signal 31" dwell-desk.log
	[ -z "$(grep -h "attack execve" ./*.log)" ]
	[ "$(cat secret)" = secret ]
	# The readers and the writer of a supervisor that is gone end by themselves.
	for _ in $(seq 100); do
		pgrep -f "watch -m dwell -i vb" >/dev/null || break
		sleep 0.1
	done
	[ -z "$(pgrep -f "watch -m dwell -i vb")" ]
}
