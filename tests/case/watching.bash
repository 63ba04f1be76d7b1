# SPDX-License-Identifier: Apache-2.0
# What tests of dwell watch share: a network namespace that each test makes for itself, in which
# nothing but the test's own few packets is sent.

SEND=$(dirname "$DWELL")/tests/bench/send
SAMPLE=$ROOT/tests/lab/sample/hq-2025-08.pcap.xz

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
	NS=dwell-$$-$BATS_TEST_NUMBER
}

teardown() {
	[ -z "${watcher:-}" ] || kill -TERM "$watcher" 2>/dev/null || true
	ip netns del "$NS" 2>/dev/null || true
}

# network: the namespace with a link from va to vb; or the test is skipped
network() {
	[ -x "$SEND" ] || skip "no $SEND: it is built with the tests"
	ip netns add "$NS" 2>/dev/null || skip "network namespaces can not be made here (no root)"
	ip -n "$NS" link add va type veth peer name vb
	local name
	for name in va vb; do
		ip netns exec "$NS" sysctl -qw "net.ipv6.conf.$name.disable_ipv6=1" || true
		ip -n "$NS" link set "$name" arp off up
	done
}

inside() {
	ip netns exec "$NS" "$@"
}

# watch MEMORY [OPTION]...: in the background, capturing; its process is $watcher
watch() {
	local memory=$1
	shift
	ip netns exec "$NS" "$DWELL" watch -m "$memory" "$@" 2>watch.log &
	watcher=$!
	for _ in $(seq 200); do
		grep -q "^dwell: watching" watch.log && return
		sleep 0.05
	done
	return 1
}

stop() {
	kill -TERM "$watcher"
	wait "$watcher"
	watcher=
}

# comparable MEMORY TABLE: its rows without what tells a recording from an interface
comparable() {
	dwell query -m "$1" --format csv \
		"SELECT * EXCLUDE (sensor, source, source_offset) FROM $2 ORDER BY ALL"
}

# reader N: the process that reads share N
reader() {
	pgrep -P "$watcher" -x "dwell-read-$1"
}
