#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# DNS that carries data or hides something: what is found in captures and logs of others.
load common

# has FINDING KEY: whether one of its facts has the key
has() {
	[[ $(value m "SELECT facts FROM finding WHERE detector = '$1' AND confidence <> 'low'") == *"$2"* ]]
}

@test "dns_tunnel: every tunnel of the corpora, by host, domain and tool" {
	corpus dnstunnel
	while read -r name line tool; do
		rm -rf m
		scan m "$CORPORA/dnstunnel/$name.pcap"
		[ "$(findings dns_tunnel "confidence, host, peer" | grep -v ^low)" = "$line" ] || {
			echo "$name: $(findings dns_tunnel "confidence, host, peer, summary")"
			return 1
		}
		has dns_tunnel "$tool"
	done <<-EOT
		dns-tunnel-iodine high,10.0.2.30,pirate.sea iodine
		dns_exfiltration high,192.168.220.56,192.168.203.167 dnscat2
		dns_tunnel_c2_5b083e43 high,192.168.0.30,example.attack dns2tcp
		dns_tunnel_c2_8c2ef973 high,192.168.0.30,example.attack dnscat2
		dns_tunnel_c2_af88c701 high,192.168.0.30,example.attack dns2tcp
	EOT
}

@test "dns_tunnel: what a resolver passes on is told of its client" {
	corpus dnstunnel
	scan m "$CORPORA/dnstunnel/dns_tunnel_c2_8c2ef973.pcap"
	[ "$(findings dns_tunnel "host, confidence")" = "192.168.0.10,low
192.168.0.30,high" ]
	run -0 dwell cases -m m
	[[ $output == *"192.168.0.30 sends data to whoever answers for example.attack"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"192.168.0.30 借 DNS 查询的域名"* ]]
}

@test "dns_tunnel: tunnels inside HTTPS, where the resolver asks on" {
	corpus dohtunnel
	scan m "$CORPORA/dohtunnel/doh_tunnel_c2_c4ef1f0d.pcap"
	[ "$(findings dns_tunnel "confidence, host, peer")" = "high,192.168.0.10,example.attack" ]
	has dns_tunnel dnstt
	rm -rf m
	scan m "$CORPORA/dohtunnel/doh_tunnel_file_transfer_4c996739.pcap"
	[ "$(findings dns_tunnel "confidence, host, peer")" = "medium,192.168.0.10,example.attack" ]
}

@test "dns_odd: of a tunnel inside HTTPS to a public resolver, only that is seen" {
	corpus dohtunnel
	scan m "$CORPORA/dohtunnel/27may_malicious.pcap"
	[ "$(findings dns_odd "confidence, host, peer")" = "low,192.168.1.227,cloudflare-dns.com" ]
}

@test "dns_tunnel: a tunnel that idles, out of the logs of others" {
	corpus logs/rita/open_conns/open
	scan m "$CORPORA/logs/rita/open_conns/open"
	[ "$(findings dns_tunnel "confidence, host, peer")" = "medium,192.168.88.2,r-1x.com" ]
	has dns_tunnel dnscat2
}

@test "a day of names that people ask for: no tunnel, nothing with confidence" {
	corpus dns-benign doh-benign benign
	scan m "$CORPORA/dns-benign" "$CORPORA/doh-benign" "$CORPORA/benign"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'dns_tunnel'")" = 0 ]
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'dns_odd' AND confidence <> 'low'")" = 0 ]
}
