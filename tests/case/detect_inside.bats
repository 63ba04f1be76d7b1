#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Who moves inside the network: what is found in captures of others whose truth is known.
load common

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

# pivot OUT: whoever is outside sends through 10.1.1.5 to 10.1.1.77, six times within three hours
pivot() {
	PYTHONPATH=$ROOT/tests/case python3 - "$1" <<'EOP'
import struct, sys
import make_pcap

frames = []

def talk(when, client, server, forth, back):
    """A TCP connection of 60 s that carries that many bytes each way."""
    seq = [1000, 5000]

    def say(after, side, data, flags=0x18):
        ends = (client, server) if side == 0 else (server, client)
        frames.append((when + after, make_pcap.segment(
            ends[0][0], ends[1][0], (ends[0][1], ends[1][1]), seq[side],
            seq[1 - side] if flags != 2 else 0, flags, data)))
        seq[side] += len(data) + (flags & 3 != 0)

    say(0, 0, b'', 0x02)
    say(1000, 1, b'', 0x12)
    say(2000, 0, b'', 0x10)
    for i in range(0, max(forth, back), 1200):
        for side, size in ((0, forth), (1, back)):
            if i < size:
                say(10000 + i * 400 + side * 100, side, b'\x81' * min(1200, size - i))
    say(60_000_000, 0, b'', 0x11)
    say(60_001_000, 1, b'', 0x11)

for i in range(6):
    at, forth, back = i * 1_700_000_000, 9000 + 1700 * i, 60000 + 9100 * i
    talk(at, ('203.0.113.9', 50000 + i), ('10.1.1.5', 4444), forth, back)
    talk(at + 200_000, ('10.1.1.5', 40000 + i), ('10.1.1.77', 3389), forth, back)
    talk(at + 700_000_000, ('10.1.1.6', 41000 + i), ('10.1.1.5', 80), 5000, 30000 - 900 * i)
frames.sort(key=lambda f: f[0])
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for when, frame in frames:
        f.write(struct.pack('<IIII', 1_700_000_000 + when // 1_000_000, when % 1_000_000,
                            len(frame), len(frame)) + frame)
EOP
}

@test "relay: what comes from outside goes on inside" {
	pivot a.pcap
	scan m a.pcap
	[ "$(findings relay "host, peer, peer_port, direction, confidence, events")" = "10.1.1.5,203.0.113.9,4444,inbound,medium,6" ]
	run -0 dwell cases -m m
	[[ $output == *"10.1.1.5 passes on what 203.0.113.9 sends from outside to a machine inside"* ]]
	run -0 dwell cases -m m --lang zh
	[[ $output == *"203.0.113.9"* ]]
}

@test "what the lab recorded: scans, a pushed program, a relay; and honest use of the same" {
	while read -r name detector host peer confidence; do
		rm -rf m
		scan m "$ROOT/tests/lab/tools/$name.pcap.xz"
		[ "$(findings "$detector" "host, peer, confidence")" = "$host,$peer,$confidence" ] || {
			echo "$name: $(findings "$detector" "host, peer, confidence, summary")"
			return 1
		}
	done <<-EOT
		nmap-sweep discovery 10.30.0.10 10.30.0.0/24 medium
		nmap-ports discovery 10.30.0.10 10.30.0.0/24 medium
		smb-push admin_path 10.30.0.10 10.30.0.20 medium
		relay relay 10.30.0.10 203.0.113.66 medium
		relay-copy relay 10.30.0.10 203.0.113.66 medium
		ssh-remote relay 10.30.0.10 203.0.113.66 low
		ssh-dynamic relay 10.30.0.10 203.0.113.66 low
		ssh-socks-back relay 10.30.0.10 203.0.113.66 low
	EOT
	for name in ok-ssh ok-smb ok-web ok-ping ok-dns; do
		rm -rf m
		scan m "$ROOT/tests/lab/tools/$name.pcap.xz"
		[ -z "$(findings discovery host)$(findings admin_path host)$(findings relay host)" ]
	done
}

@test "what people do on the web and in DNS is no movement inside" {
	corpus benign/24may_benign.pcap dns-benign doh-benign
	scan m "$CORPORA/benign" "$CORPORA/dns-benign" "$CORPORA/doh-benign"
	[ "$(value m "SELECT count(*) FROM finding WHERE detector IN ('discovery', 'relay', 'admin_path')")" = 0 ]
}
