#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# TLS that is odd for its site, and protocols on the ports of others: captures of others whose
# truth is known, and logs that are written here.
load common

# facts DETECTOR: the keys of what is said, one finding a line
facts() {
	findings "$1" "array_to_string(list_transform(json_extract(facts, '\$[*]'), lambda x: x->>'key'), ' ')"
}

# ends DETECTOR CAPTURE: who and how sure, of a memory of its own
ends() {
	rm -rf m
	scan m "$CORPORA/$2"
	findings "$1" "confidence, host, peer, peer_port"
}

@test "tls_odd: each capture of odd TLS speaks by its own mark" {
	corpus tls-odd
	[ "$(ends tls_odd tls-odd/selfsigned.pcap)" = "low,127.0.0.1,localhost,3001" ]
	[[ $(facts tls_odd) == *cert_defaults*cert_expired*own_port*self_signed* ]]
	[ "$(ends tls_odd tls-odd/ssl-cert-name-mismatch.pcap)" = "low,192.168.2.222,wrong.host.badssl.com,443" ]
	[[ $(facts tls_odd) == other_name* ]]
	[ "$(ends tls_odd tls-odd/tls-expired-cert.pcap)" = "low,192.168.4.149,87.98.220.10,443" ]
	[[ $(facts tls_odd) == cert_expired* ]]
	[ "$(ends odd_service tls-odd/trickbot.pcap)" = "low,10.12.29.101,82.118.225.196,7080" ]
	[[ $(facts odd_service) == *bare_web* ]]
}

@test "tls_odd: a backdoor's own certificate, without a name, on a port of its own" {
	corpus c2/cd010953-5faf-4054-86be-58c020c3a532.pcap
	[ "$(ends tls_odd c2/cd010953-5faf-4054-86be-58c020c3a532.pcap)" = \
		"medium,192.168.100.124,carlosenriquezdomin.con-ip.com,4041" ]
	[ "$(value m "SELECT since FROM finding WHERE detector = 'tls_odd'")" = \
		"$(value m "SELECT min(ts) FROM conn WHERE dst_port = 4041")" ]
	id=$(value m "SELECT id FROM finding WHERE detector = 'tls_odd'")
	run -0 dwell show -m m "$id"
	[[ $output == *"names no host and no address"*"CN=AsyncRAT Server"* ]]
	[[ $output == *"did not say which server it wants"* && $output == *"port 4041"* ]]
	run -0 dwell show -m m --lang zh "$id"
	[[ $output == *"没有写明任何主机名或地址"*"自签名证书"* ]]
}

@test "tls_odd, odd_service: nothing of confidence in what people do, and in logs of busy networks" {
	corpus benign doh-benign dns-benign logs
	scan m "$CORPORA/benign" "$CORPORA/doh-benign" "$CORPORA/dns-benign"
	[ -z "$(findings tls_odd host)$(findings odd_service host)" ]
	rm -rf m
	scan m "$CORPORA/logs/security-datasets-for-testing" "$CORPORA/logs/rita/test_data/proxy"
	[ -z "$(findings tls_odd confidence | grep -v low)" ]
	[ -z "$(findings odd_service confidence | grep -v low)" ]
}

@test "odd_service: tunnels on the ports of mail, calls and the web" {
	corpus proto/nDPI
	[ "$(ends odd_service proto/nDPI/mullvad_wireguard.pcap)" = "medium,192.168.122.11,198.54.131.98,5060" ]
	[ "$(ends odd_service proto/nDPI/openvpn_obfuscated.pcapng | cut -d, -f1,4)" = "medium,465" ]
	[[ $(facts odd_service) == random_bytes* ]]
	[[ $(findings odd_service summary) == *"bytes of no known protocol on tcp/465"* ]]
}

# log: connections of 21 machines with ssl on 443, and one of 10.0.0.5 with ssh there
log() {
	for i in $(seq 1 21) 99; do
		printf '{"ts":%d.5,"uid":"C%d","id.orig_h":"10.0.0.%d","id.orig_p":40000,"id.resp_h":"198.51.100.%d","id.resp_p":443,"proto":"tcp","service":"%s","duration":2.0,"orig_bytes":9100,"resp_bytes":200,"conn_state":"SF","history":"ShADadFf","orig_pkts":5,"orig_ip_bytes":360,"resp_pkts":4,"resp_ip_bytes":400}\n' \
			$((1700000000 + i)) "$i" $((i == 99 ? 5 : i)) "$i" "$([ "$i" = 99 ] && echo ssh || echo ssl)"
	done
}

@test "odd_service: a shell on the port of the web, from logs alone; the same in any order" {
	log >conn.log
	scan m conn.log
	[ "$(findings odd_service "confidence, host, peer, peer_port, events")" = "medium,10.0.0.5,198.51.100.99,443,1" ]
	[[ $(facts odd_service) == *"spoken port_habit"* ]]
	before=$(findings odd_service "* EXCLUDE (id)")
	rm -rf m
	mkdir a b
	log | tail -n 5 >b/conn.log
	log | head -n 17 >a/conn.log
	scan m b
	scan m a
	[ "$(findings odd_service "* EXCLUDE (id)")" = "$before" ]
}

@test "tls_odd: heartbeats that read memory, in clear and encrypted" {
	corpus tls-odd proto/zeek/tls
	[ "$(ends tls_odd tls-odd/heartbleed-success.pcap)" = "medium,173.203.79.216,107.170.241.107,443" ]
	[[ $(facts tls_odd) == heart_answered*heart_claimed* ]]
	[ "$(value m "SELECT detail FROM anomaly WHERE kind = 'heartbeat'")" = \
		"claims=1 claimed=16365 carried=16368 answers=1 answered=16384 encrypted=0 side=0" ]
	[ "$(ends tls_odd proto/zeek/tls/heartbleed-encrypted-short.pcap)" = "low,192.168.4.149,162.219.2.166,4443" ]
	[[ $(facts tls_odd) == heart_longer* ]]
	[ -z "$(ends tls_odd proto/zeek/tls/heartbleed-encrypted.pcap)" ]
}
