#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell doctor: what was read of each input, what was not, and why.
load common

# capture FILE LINK FRAME...: a pcap of frames given as hexadecimal; KEPT: bytes kept of each
capture() {
	python3 - "$@" <<-'PYTHON'
		import os, struct, sys
		out, link, frames = sys.argv[1], int(sys.argv[2]), [bytes.fromhex(x) for x in sys.argv[3:]]
		kept = int(os.environ.get("KEPT", "65535"))
		with open(out, "wb") as f:
		    f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, kept, link))
		    for i, frame in enumerate(frames):
		        f.write(struct.pack("<IIII", 1700000000 + i, 0, min(kept, len(frame)), len(frame)))
		        f.write(frame[:kept])
	PYTHON
}

ETHERNET=ffffffffffff020000000001
ARP=${ETHERNET}08060001080006040001020000000001c0000201000000000000c0000202
LLDP=${ETHERNET}88cc020704020000000001

# note FILE: what is said of it
note() {
	dwell doctor --format json "$1" |
		python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["note"])'
}

@test "doctor: a good capture has nothing to be said, and its protocols are counted" {
	make a.pcap --count 5
	run -0 --separate-stderr dwell doctor --format csv a.pcap
	[ "${lines[1]}" = $'pcap,a.pcap,50,50,0,0,0,0,\r' ]
	[ "${lines[2]}" = $'protocol,http,5,5,0,0,0,0,\r' ]
	[ ! -e memory ]
}

@test "doctor: what is there in place of IP" {
	capture arp.pcap 1 $ARP $ARP $LLDP ${ETHERNET}88b50000
	[ "$(note arp.pcap)" = "not IP: ARP 2, LLDP 1, 0x88b5 1" ]
	# the same behind a VLAN tag
	capture tagged.pcap 1 ${ETHERNET}8100000508060001080006040001020000000001c0000201000000000000c0000202
	[ "$(note tagged.pcap)" = "not IP: ARP 1" ]
	# IEEE 802.3: a length, and LLC
	capture stp.pcap 1 ${ETHERNET}0026424203000000000000
	[ "$(note stp.pcap)" = "not IP: LLC 1" ]
}

@test "doctor: a link type that is not read, and 802.11 that nobody can read" {
	capture zigbee.pcap 195 6188
	[ "$(note zigbee.pcap)" = "link type 195 (unknown) is not read" ]
	local data=0841 beacon=8000
	local rest=0000ffffffffffff0200000000010200000000020000aabbccdd
	capture wifi.pcap 105 $data$rest $data$rest $beacon$rest
	[ "$(note wifi.pcap)" = "encrypted 802.11 frames: 2; 802.11 management and control frames: 1" ]
}

@test "doctor: cut by the snap length, one direction, no protocol, empty, damaged, doubled, missing" {
	make whole.pcap --count 2
	python3 - whole.pcap <<-'PYTHON'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		head, at, one, cut = data[:24], 24, data[:24], data[:24]
		while at < len(data):
		    s, us, n, wire = struct.unpack("<IIII", data[at:at + 16])
		    frame = data[at + 16:at + 16 + n]
		    at += 16 + n
		    cut += struct.pack("<IIII", s, us, min(n, 54), wire) + frame[:54]
		    if frame[34:36] != b"\0\x50":
		        one += struct.pack("<IIII", s, us, n, wire) + frame
		open("one.pcap", "wb").write(one)
		open("cut.pcap", "wb").write(cut)
		open("empty.pcap", "wb").write(head)
		open("damaged.pcap", "wb").write(data[:-5])
	PYTHON
	[[ $(note one.pcap) == "only one direction of every connection"* ]]
	[[ $(note cut.pcap) == "packets cut short by the capture: 4, at most 54 B kept of each; no protocol of those that are read" ]]
	[ "$(note empty.pcap)" = "nothing in it" ]
	run -3 --separate-stderr dwell doctor --format csv damaged.pcap
	[[ ${lines[1]} == "pcap,damaged.pcap,19,19,0,0,0,0,byte "*": "* ]]
	cp whole.pcap twin.pcap
	run -0 dwell doctor --format csv whole.pcap twin.pcap
	[[ $output == *"the same bytes are in another input: not read twice"* ]]
	run -3 --separate-stderr dwell doctor --format csv nowhere.pcap whole.pcap
	[[ $output == *"file,nowhere.pcap,0,0,0,0,0,0,No such file or directory"* ]]
	[[ $output == *"pcap,whole.pcap,20,20,"* ]]
}

@test "doctor: logs, in Chinese, and as a table" {
	printf '{"ts":1700000000.5,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":40000,"id.resp_h":"192.0.2.1","id.resp_p":443,"proto":"tcp","duration":2.0,"orig_bytes":100,"resp_bytes":200,"conn_state":"SF","history":"ShADadFf","orig_pkts":5,"orig_ip_bytes":360,"resp_pkts":4,"resp_ip_bytes":400}\n' >conn.log
	run -0 dwell doctor --format csv conn.log
	[[ ${lines[1]} == "zeek-json,conn.log,1,1,0,0,0,0,"* ]]
	capture arp.pcap 1 $ARP
	run -0 dwell doctor --lang zh arp.pcap
	[[ ${lines[0]} == "what "*"understood"*"note"* && ${lines[2]} == *"非 IP：ARP 1" ]]
}
