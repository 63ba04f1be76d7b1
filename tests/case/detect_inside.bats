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

@test "admin_path: dozens of attempts to be a machine, and its password set" {
	corpus lateral
	scan m "$CORPORA/lateral/CVE-2020-1472_exploit_win2019.pcap"
	[ "$(findings admin_path "host, peer, confidence")" = "172.16.0.10,172.16.5.58,high" ]
	scan t "$CORPORA/lateral/CVE-2020-1472_test_win2019.pcap"
	[ "$(value t "SELECT confidence FROM finding WHERE detector = 'admin_path'")" = medium ]
}

@test "admin_path: a machine that is made to come to its caller" {
	corpus lateral
	scan m "$CORPORA/lateral/PatchedDCUnauthenticatedTry.pcapng"
	[ "$(findings admin_path "host, peer, confidence, attack[1]")" = "192.168.0.15,192.168.0.80,medium,T1187" ]
}

@test "admin_path: services, WMI and DCOM that others recorded, each with its technique" {
	base=proto/Security-Datasets/datasets/atomic/windows/lateral_movement/network
	corpus "$base"
	while read -r name confidence technique; do
		rm -rf m
		set -- "$CORPORA/$base/$name"*/*
		dwell scan --quiet -m m "$1" >/dev/null 2>&1 || [ $? -eq 3 ] # some were cut short
		[ "$(findings admin_path "confidence, attack[1]" | sort -u)" = "$confidence,$technique" ] || {
			echo "$name: $(findings admin_path "confidence, attack[1], summary")"
			return 1
		}
	done <<-EOT
		empire_smbexec high T1569.002
		empire_psexec_dcerpc high T1569.002
		covenant_sharpwmi_create medium T1047
		empire_dcom_shellwindows medium T1021.003
		covenant_sharpsc_create medium T1569.002
		empire_psremoting low T1021.006
	EOT
}

@test "what people do on the web and in DNS is no movement inside" {
	corpus benign/24may_benign.pcap dns-benign doh-benign
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector IN ('discovery', 'relay', 'admin_path')")" = 0 ]
}
