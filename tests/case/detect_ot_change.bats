#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell scan: what changes in a plant, on captures that others recorded.

load common

found() {
	value m "SELECT string_agg(confidence || ' ' || host || ' ' || peer || ' ' || peer_port, ', ' ORDER BY host, peer, peer_port)
		FROM finding WHERE detector = 'ot_change' AND confidence <> 'low'"
}

@test "ot_change: a device asks another one, which refuses" {
	corpus ot-attack
	scan m "$CORPORA/ot-attack/characterization_modbus_6RTU_with_operate.pcap"
	[ "$(found)" = "medium 192.168.1.101 192.168.1.104 502" ]
	dwell cases -m m --all | grep -q "a device itself, asks the device 192.168.1.104"
}

@test "ot_change: devices that move files between them" {
	corpus ot-attack
	scan m "$CORPORA/ot-attack/moving_two_files_modbus_6RTU.pcap"
	[ "$(found)" = '"medium 192.168.1.101 192.168.1.103 24295, medium 192.168.1.101 192.168.1.105 7145"' ]
}

@test "ot_change: polling alone is never told, and its clockwork is explained" {
	corpus ot-attack
	scan m "$CORPORA/ot-attack/characterization_modbus_6RTU_with_operate.pcap"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'ot_change' AND host = '192.168.1.100'")" = 0 ]
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'clockwork' AND peer_port = 502 AND confidence <> 'low'")" = 0 ]
	dwell query -m m "SELECT facts FROM finding WHERE detector = 'clockwork'" | grep -q usual_service
}

# Packets made here of a plant: what is true of them is known, and the table of values can be asked.
made() {
	python3 "$ROOT/tests/case/make_packets.py" "$1.pcap" <"$ROOT/tests/bench/synthetic/$1.txt"
	scan m "$1.pcap"
}

@test "ot_change: a view of the plant that is shown again" {
	made plant-view
	[ "$(found)" = "medium 10.9.1.1 10.9.2.1 502" ]
	dwell cases -m m --all | grep -q "comes again"
	dwell cases -m m --all --lang zh | grep -q "重复出现"
	[ "$(value m "SELECT count(*) FROM ot WHERE value IS NULL OR digest IS NULL")" = 0 ]
}

@test "ot_change: writes of a master that somebody else sends once more" {
	made plant-writes
	[ "$(found)" = "medium 10.9.1.66 10.9.2.1 502" ]
	dwell cases -m m --all | grep -q "10.9.1.66 repeats to the device 10.9.2.1 "
}

@test "ot_change: still values, programs of steps and schedules repeat by right" {
	made ok-plant
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'ot_change'")" = 0 ]
}

@test "ot_change: registers that carry data are told, a process is not" {
	corpus ot-covert ot-attack
	scan m "$CORPORA/ot-covert/channel_4d_12s.pcap"
	[ "$(found)" = "medium 192.168.43.148 192.168.43.149 502" ]
	[[ $(value m "SELECT summary FROM finding WHERE detector = 'ot_change'") == *"is data, not a process"* ]]
	rm -rf m
	scan m "$CORPORA/ot-attack"
	[ "$(value m "SELECT count(*) FROM anomaly WHERE kind = 'register_noise'")" = 0 ]
}
