#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Traces of implants, echo that carries data, odd TCP packets: captures of others whose truth is
# known, and packets made here after published formats, which is synthetic truth.
load common

# told TEXT [OPTION]...: whether the cases of m say so, wherever their lines are broken
told() {
	local text=${1// /}
	shift
	[[ $(dwell cases -m m "$@" | tr -d ' \n') == *"$text"* ]]
}

@test "implant: every capture of one is found, the failed attempt is silent" {
	corpus implant
	for name in Pingback_ICMP:high doublepulsar-backdoor-connect-win7:high \
		eternalblue-success-unpatched-win7:high facefish_rootkit_generated:medium; do
		rm -rf m
		scan m "$CORPORA/implant/${name%:*}.pcap"
		[ "$(findings implant confidence)" = "${name#*:}" ]
	done
	rm -rf m
	scan m "$CORPORA/implant/eternalblue-failed-patched-win7.pcap"
	[ -z "$(findings implant host)" ]
}

@test "implant: SYNful Knock (synthetic): the knock alone, and the router that answers" {
	# sequence less acknowledgement number 0xc123d; the answer's the other way round, and one more
	packets a.pcap <<-END
		0 tcp 198.51.100.7:4000 10.1.1.1:80 S 900000 108899
		0.1 tcp 10.1.1.1:80 198.51.100.7:4000 SA 108899 900001 options=020405b40101040201030305
		0.2 tcp 198.51.100.7:4000 10.1.1.1:80 A 900001 108900
		9 tcp 198.51.100.7:4001 10.1.1.2:80 S 900000 108899
		9.1 tcp 10.1.1.2:80 198.51.100.7:4001 SA 5000 900001
		20 tcp 198.51.100.8:4002 10.1.1.3:80 S 900000 108898
		20.1 tcp 10.1.1.3:80 198.51.100.8:4002 SA 108890 900001
	END
	scan m a.pcap
	[ "$(findings implant "host, peer, peer_port, confidence")" = "\
10.1.1.1,198.51.100.7,80,high
10.1.1.2,198.51.100.7,80,medium" ]
	told "198.51.100.7 sent 10.1.1.1 (tcp/80) what a known implant listens for"
	told "198.51.100.7 向 10.1.1.1（tcp/80）发送了已知植入程序所监听的内容" --lang zh
}

@test "implant: BPFDoor (synthetic): two bytes tell nothing until the host calls back" {
	# magic, then an address and a port to call, and a word
	magic=7255000000000000c633640701bb6a757374666f72746573740000
	packets a.pcap <<-END
		0 udp 198.51.100.7:4000 10.1.1.1:5999 hex=$magic
		30 talk 10.1.1.1:5000 198.51.100.7:443 ask=hello tell=sh
		100 udp 198.51.100.8:4000 10.1.1.2:5999 hex=$magic
		200 udp 198.51.100.9:4000 10.1.1.3:5999 hex=$magic
		200.1 udp 10.1.1.3:5999 198.51.100.9:4000 payload=understood
		300 icmp 198.51.100.10 10.1.1.4 8 1 1 hex=$magic
		300.1 icmp 10.1.1.4 198.51.100.10 0 1 1 hex=$magic
		310 talk 10.1.1.4:5001 198.51.100.10:8443 ask=hello tell=sh
		400 talk 198.51.100.11:4000 10.1.1.5:22 ask=\\x52\\x93\\0\\0 tell=Protocol
		405 talk 10.1.1.5:5002 198.51.100.11:42391 ask=hello tell=sh
		500 tcp 198.51.100.12:4000 10.1.1.6:22 S 1 0 payload=$(printf 'x%.0s' {1..264})
		505 talk 10.1.1.6:5002 198.51.100.12:443 ask=hello tell=sh
		600 tcp 198.51.100.13:4000 10.1.1.7:22 S 1 0 payload=$(printf 'x%.0s' {1..264})
	END
	scan m a.pcap
	[ "$(findings implant "host, peer, proto, confidence")" = "\
10.1.1.1,198.51.100.7,udp,high
10.1.1.2,198.51.100.8,udp,low
10.1.1.4,198.51.100.10,icmp,high
10.1.1.5,198.51.100.11,tcp,high
10.1.1.6,198.51.100.12,tcp,high" ]
	told "and 30 s later 10.1.1.1 called back"
}

@test "traces: files add to them, of the command line and of the memory" {
	packets a.pcap <<-END
		0 udp 198.51.100.7:4000 10.1.1.1:5999 payload=open-sesame
		1 udp 198.51.100.7:4000 10.1.1.1:6000 payload={}
	END
	echo 'sesame where=udp bytes=0:6f70656e dport=5999 unanswered=medium source=our.example' >mine.txt
	scan m --traces mine.txt a.pcap
	[ "$(findings implant "host, confidence")" = "10.1.1.1,medium" ]
	told "sesame (our.example)"
	echo "0 talk 10.1.1.1:4000 198.51.100.7:80 ask=a tell=b" | packets b.pcap
	scan n b.pcap
	cp mine.txt n/traces.txt
	scan n a.pcap
	[ "$(value n "SELECT count(*) FROM finding WHERE detector = 'implant'")" = 1 ]
	echo 'sesame where=ip' >>mine.txt
	run -2 dwell scan -m o --traces mine.txt a.pcap
	[[ $output == *"mine.txt:2: the line has an unknown where="* ]]
	run -2 dwell scan -m o --traces nowhere.txt a.pcap
	[[ $output == *"nowhere.txt"* ]]
}

@test "covert_icmp: a tunnel in echo, data in options of IPv6" {
	corpus icmptunnel covert
	scan m "$CORPORA/icmptunnel/icmp-tunnel.pcap"
	[ "$(findings covert_icmp "host, peer, confidence, bytes_out > 60000, bytes_in > 60000")" = \
		"192.168.154.131,192.168.154.132,high,true,true" ]
	told "exchange data in echo requests and replies"
	rm -rf m
	scan m "$CORPORA/covert/covert_send6.pcap"
	[ "$(findings covert_icmp "host, peer, confidence")" = \
		"2001:db8:2:0:8e16:45ff:fee5:5ba2,2001:db8:1::1,medium" ]
}

@test "nothing covert, odd or implanted in what people do, nor in scans and pings" {
	corpus benign/24may_benign.pcap dns-benign doh-benign scan
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign" "$CORPORA/scan"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector IN ('covert_icmp', 'implant', 'odd_packet')")" = 0 ]
}

@test "odd_packet: a scan with odd flags is one finding; a knock that is followed by a talk is another" {
	{
		for i in {1..12}; do
			echo "$i tcp 203.0.113.9:4000 10.1.1.$i:80 FPU 7 0"
		done
		echo "100 tcp 198.51.100.7:4000 10.1.2.1:443 S 7 0 payload=abcdef"
		echo "130 talk 198.51.100.7:4001 10.1.2.1:443 ask=hello tell=there"
		echo "200 tcp 198.51.100.8:4000 10.1.2.2:443 S 7 0 payload=abcdef options=22020101"
		echo "230 talk 198.51.100.8:4001 10.1.2.2:443 ask=hello tell=there"
		echo "300 tcp 198.51.100.9:4000 10.1.2.3:443 S 7 77"
	} | packets a.pcap
	scan m a.pcap
	[ "$(findings odd_packet "host, peer, confidence, events")" = "\
10.1.1.1,203.0.113.9,low,12
10.1.2.1,198.51.100.7,high,1
10.1.2.3,198.51.100.9,low,1" ]
	told "a packet that no stack sends, and 30 s later they talked"
}

@test "odd_packet: text in header fields, synthetic and as hping3 sends it" {
	for name in id:10.9.0.8 seq:10.9.0.9; do
		rm -rf m
		packets a.pcap <"$ROOT/tests/bench/synthetic/covert-${name%:*}.txt"
		scan m a.pcap
		[ "$(findings odd_packet "host, peer, confidence")" = "${name#*:},203.0.113.66,medium" ]
		[[ $(findings odd_packet facts) == *Meet_me_at_the_old_bridg* ]]
		rm -rf m
		scan m "$ROOT/tests/lab/tools/covert-${name%:*}.pcap.xz"
		[ "$(findings odd_packet "host, peer, confidence")" = "10.30.0.10,203.0.113.66,medium" ]
	done
}
