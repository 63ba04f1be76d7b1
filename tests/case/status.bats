#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What dwell status says where nobody watches, and of answers that a watch gives (here from a script of the test).
load common

# answer LINE: be a watch that answers one question with that line
answer() {
	mkdir -p m
	python3 - "$1" <<-'E' 3>&- &
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind("m/control")
		s.listen(1)
		s.settimeout(20)
		c, _ = s.accept()
		asked = c.makefile("rb").readline()
		open("asked", "wb").write(asked)
		c.sendall(sys.argv[1].encode() + b"\n")
	E
	for _ in $(seq 100); do
		[ ! -S m/control ] || break
		sleep 0.1
	done
}

@test "nobody watches: exit 2 and one line" {
	fails 2 dwell status -m none
	mkdir m
	fails 2 dwell status -m m
	[[ $stderr == *"no dwell watch is at work there"* ]]
	fails 2 dwell status -m m stop
}

@test "status: as a table, JSON and CSV" {
	answer '{"packets":5,"last_commit":1735689600}'
	run -0 dwell status -m m
	[ "$(cat asked)" = '{"ask":"status"}' ]
	[[ ${lines[0]} =~ ^packets\ +5$ && ${lines[1]} =~ ^last_commit\ +2025-01-01 ]]
	rm m/control
	answer '{"packets":5,"drops":0}'
	run -0 dwell status -m m --format csv
	[ "${lines[0]%$'\r'}" = "packets,drops" ]
	[ "${lines[1]%$'\r'}" = "5,0" ]
	rm m/control
	answer '{"packets":5,"drops":0}'
	run -0 dwell status -m m --format json
	[ "$output" = '{"packets":5,"drops":0}' ]
}

@test "orders: passed on; what the watch refuses is said" {
	answer '{"done":"judge"}'
	run -0 dwell status -m m judge
	[ "$(cat asked)" = '{"ask":"judge"}' ]
	rm m/control
	answer '{"error":"nobody takes orders"}'
	fails 4 dwell status -m m reload
	[[ $stderr == *"nobody takes orders"* ]]
	rm m/control
	answer 'nonsense'
	fails 4 dwell status -m m
}
