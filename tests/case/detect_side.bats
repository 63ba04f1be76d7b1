#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who speaks for others, and who is called: captures of others whose truth is known, and packets
# made here after what was published, which is synthetic truth.
load common

@test "injection: the races of three captures, all of them and nothing else" {
	corpus injection
	scan m "$CORPORA/injection"
	[ "$(findings injection "host, peer, peer_port, confidence, since, events")" = "\
10.0.1.4,jsonip.com,80,high,2015-04-22T11:22:43.145833Z,1
10.0.1.4,slashdot.org,80,high,2015-04-21T14:05:42.815877Z,1
172.20.6.1,id1.cn,80,high,2015-08-06T03:08:22.219415Z,1" ]
	run -0 dwell cases -m m
	[[ $output == *"10.0.1.4 got two contradicting answers from slashdot.org (tcp/80)"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"10.0.1.4 从 slashdot.org（tcp/80）收到两份相互矛盾的应答"* ]]
}

@test "injection: none in what people do on the web and in DNS" {
	corpus benign dns-benign doh-benign
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign"
	[ -z "$(findings injection host)" ]
}

# An answer of DNS: id, one question a.example A, one address (RFC 1035, 4.1).
answer() {
	echo "${1}818000010001000000000161076578616d706c650000010001c00c000100010000003c0004$2"
}

@test "injection: a forged answer of DNS comes first, the true one after it" {
	query=0007010000010000000000000161076578616d706c650000010001
	packets a.pcap <<-END
		0 udp 10.1.1.5:5353 192.0.2.53:53 hex=$query
		0.010 udp 192.0.2.53:53 10.1.1.5:5353 ttl=99 hex=$(answer 0007 cb007101)
		0.030 udp 192.0.2.53:53 10.1.1.5:5353 ttl=54 hex=$(answer 0007 c0000250)
		9 udp 10.1.1.6:5354 192.0.2.53:53 hex=$query
		9.010 udp 192.0.2.53:53 10.1.1.6:5354 ttl=54 hex=$(answer 0007 c0000250)
		9.030 udp 192.0.2.53:53 10.1.1.6:5354 ttl=54 hex=$(answer 0007 c0000250)
		20 udp 10.1.1.7:5355 192.0.2.53:53 hex=$query
		20.01 udp 10.1.1.7:5355 192.0.2.53:53 hex=$query
		20.02 udp 192.0.2.53:53 10.1.1.7:5355 ttl=54 hex=$(answer 0007 c0000250)
		20.03 udp 192.0.2.53:53 10.1.1.7:5355 ttl=54 hex=$(answer 0007 c0000251)
	END
	scan m a.pcap
	[ "$(value m "SELECT detail FROM anomaly WHERE kind = 'dns_conflict'")" = \
		"id=7 gap_us=20000 ttl=54 ttl_other=99 ip_id=0 ip_id_other=0 query=a.example answer=192.0.2.80 answer_other=203.0.113.1" ]
	[ "$(findings injection "host, peer, confidence")" = "10.1.1.5,192.0.2.53,high" ]
}

@test "injection: a forged RST, after which the server goes on" {
	packets a.pcap <<-END
		0.00 tcp 10.1.1.5:4000 192.0.2.9:80 S 1000 0
		0.01 tcp 192.0.2.9:80 10.1.1.5:4000 SA 5000 1001 ttl=54
		0.02 tcp 10.1.1.5:4000 192.0.2.9:80 PA 1001 5001 payload=GET
		0.03 tcp 192.0.2.9:80 10.1.1.5:4000 R 5001 0 ttl=99
		0.04 tcp 192.0.2.9:80 10.1.1.5:4000 PA 5001 1004 ttl=54 payload=answer
	END
	scan m a.pcap
	[ "$(findings injection "host, peer, confidence")" = "10.1.1.5,192.0.2.9,medium" ]
	run -0 dwell cases -m m
	[[ $output == *"Somebody else sent packets in the name of 192.0.2.9"* ]]
}

# A quiet server: clients come, and it opens to its mirror now and then.
quiet_day() {
	for hour in $(seq 0 23); do
		echo "$((hour * 3600)) talk 198.51.100.$((hour + 1)):4000 10.1.1.5:443 ask=hello tell=world"
	done
	echo "4000 talk 10.1.1.5:5000 192.0.2.10:80 ask=GET tell=OK"
}

@test "knock: a packet to a closed port, and the host calls back" {
	{
		quiet_day
		echo "50000 udp 203.0.113.9:31000 10.1.1.5:9999 payload=wake"
		echo "50040 talk 10.1.1.5:5001 203.0.113.9:8443 ask=ready tell=work"
	} | packets a.pcap
	scan m a.pcap
	[ "$(findings knock "host, peer, peer_port, proto, confidence, since")" = \
		"10.1.1.5,203.0.113.9,9999,udp,high,2025-01-01T13:53:20.000000Z" ]
	run -0 dwell cases -m m
	[[ $output == *"203.0.113.9 touched 10.1.1.5 (udp/9999), and 40 s later 10.1.1.5 opened its"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"203.0.113.9 触碰 10.1.1.5（udp/9999）之后"* ]]
}

@test "knock: a SYN with data to an open port is answered, and the host calls back elsewhere" {
	{
		quiet_day
		echo "50000 tcp 203.0.113.9:31000 10.1.1.5:8081 S 1000 0 payload=wake"
		echo "50060 talk 10.1.1.5:5001 203.0.113.9:443 ask=ready tell=work"
	} | packets a.pcap
	scan m a.pcap
	[ "$(findings knock "host, peer, peer_port, proto, confidence")" = "10.1.1.5,203.0.113.9,8081,tcp,high" ]
}

@test "knock: a host that had called there before, or is called back from, is not it" {
	{
		quiet_day
		echo "100 talk 10.1.1.5:5001 203.0.113.9:443 ask=a tell=b"
		echo "50000 udp 203.0.113.9:31000 10.1.1.5:9999 payload=wake"
		echo "50040 talk 10.1.1.5:5002 203.0.113.9:443 ask=ready tell=work"
		# the end of something older than the capture: the server's port is its own
		echo "60000 tcp 203.0.113.7:443 10.1.1.5:50123 PA 9000 1000 payload=rest"
		echo "60010 talk 10.1.1.5:50124 203.0.113.7:443 ask=again tell=ok"
	} | packets a.pcap
	scan m a.pcap
	[ -z "$(findings knock host)" ]
}

@test "knock: three closed ports open a fourth, to him alone" {
	{
		quiet_day
		echo "20000 tcp 198.51.100.77:600 10.1.1.5:2222 S 1 0"
		for day in 0 1; do
			at=$((30000 + day * 20000))
			for port in 7000 8000 9000; do
				echo "$at tcp 203.0.113.9:700 10.1.1.5:$port S 1 0"
				at=$((at + 1))
			done
			echo "$((at + 2)) talk 203.0.113.9:71$day 10.1.1.5:2222 ask=ls tell=files"
		done
	} | packets a.pcap
	scan m a.pcap
	[ "$(findings knock "host, peer, peer_port, proto, confidence, events")" = "10.1.1.5,203.0.113.9,2222,tcp,high,2" ]
	run -0 dwell cases -m m
	[[ $output == *"203.0.113.9 knocks on closed ports of 10.1.1.5"* ]]
}

@test "knock: servers that the whole world scans for days, as logs, call nobody back" {
	corpus logs/security-datasets-for-testing
	for day in 008-zeek-mixed:147.32.81.167 010-zeek-mixed:147.32.83.234; do
		rm -rf m
		dwell scan --quiet -m m --home "${day#*:}/32" "$CORPORA/logs/security-datasets-for-testing/${day%:*}" >/dev/null
		[ "$(value m "SELECT count(DISTINCT src_ip) > 1500 FROM conn WHERE dst_ip = '${day#*:}' AND dst_bytes = 0")" = true ]
		[ -z "$(findings knock host)" ]
	done
}

@test "knock: none in what people do on the web and in DNS" {
	corpus benign dns-benign doh-benign
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign"
	[ -z "$(findings knock host)" ]
}
