#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who moves inside the network: what is found in captures of others whose truth is known.
load common

CORPORA=${DWELL_CORPORA:-$ROOT/../shared/corpora}

# corpus PATH...: skip where the corpora are not here
corpus() {
	for path in "$@"; do
		[ -e "$CORPORA/$path" ] || skip "no corpora at $CORPORA"
	done
}

# finding DETECTOR COLUMNS: of the memory m, one line each
findings() {
	dwell query -m m --format csv "SELECT $2 FROM finding WHERE detector = '$1' ORDER BY ALL" | tail -n +2 | tr -d '\r'
}

@test "discovery: a scan of a thousand ports, and who it found there" {
	corpus scan/synscan.pcap
	scan m "$CORPORA/scan/synscan.pcap"
	[ "$(findings discovery "host, peer, confidence, since")" = "172.16.0.8,64.13.134.52,high,2010-07-04T20:24:16.274870Z" ]
	run -0 dwell cases -m m
	[[ $output == *"172.16.0.8 scans 64.13.134.52"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"172.16.0.8 扫描 64.13.134.52"* ]]
}

@test "discovery: a network that is pinged" {
	corpus scan/test12-icmp-portscan.pcap
	scan m "$CORPORA/scan/test12-icmp-portscan.pcap"
	[ "$(findings discovery "host, peer, proto, confidence")" = "192.168.1.109,192.168.1.0/24,icmp,medium" ]
}

@test "what people do on the web and in DNS is no movement inside" {
	corpus benign/24may_benign.pcap dns-benign doh-benign
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector IN ('discovery', 'relay', 'admin_path')")" = 0 ]
}
