#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Clockwork on captures of others: what is known to be there is told, and who only browses is not accused.
load common

# capture PATH: scan it into m; skipped where the corpora are not
capture() {
	corpus "$1"
	scan m "$CORPORA/$1"
}

@test "clockwork: a DNS tunnel's domain is asked for by the clock, and its rows are found again" {
	capture dnstunnel/dns_tunnel_c2_8c2ef973.pcap
	id=$(value m "SELECT id FROM finding WHERE detector = 'clockwork' AND peer = 'example.attack'")
	[ -n "$id" ]
	[ "$(value m "SELECT contains(facts, 'only_asked') FROM finding WHERE id = '$id'")" = true ]
	[ "$(value m "SELECT count(*) > 200 FROM dns WHERE src_ip = '192.168.0.30' AND ends_with(query, '.example.attack')")" = true ]
}

@test "clockwork: browsing, with and without DNS over HTTPS, has nothing of high confidence" {
	for path in benign/24may_benign.pcap doh-benign/26may_benign.pcap dns-benign/normal_00036_20230806110924.pcap; do
		rm -rf m
		capture "$path"
		[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'clockwork' AND confidence = 'high'")" = 0 ]
	done
}

@test "clockwork: one hour of check-ins in clear is told with its period" {
	make a.pcap --count 40 --gap 3600
	scan m a.pcap
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'clockwork' AND peer = 'updates.example'")" = 1 ]
}
