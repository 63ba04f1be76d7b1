#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Industrial protocols: what is asked of a device becomes a row of table ot.

load common

# plant OUT: a master reads and writes registers of a controller every minute, and a relay of a
# substation tells its state in frames without IP
plant() {
	PYTHONPATH=$ROOT/tests/case python3 - "$1" <<'EOP'
import struct, sys
import make_pcap

MASTER, PLC = ('10.0.0.1', 40000), ('10.0.0.2', 502)
frames, seq = [], [1000, 5000]

def say(when, side, data, flags=0x18):
    ends = (MASTER, PLC) if side == 0 else (PLC, MASTER)
    frames.append((when, make_pcap.segment(ends[0][0], ends[1][0], (ends[0][1], ends[1][1]), seq[side],
                                           seq[1 - side] if flags != 2 else 0, flags, data)))
    seq[side] += len(data) + (flags & 3 != 0)

say(0, 0, b'', 0x02)
say(1000, 1, b'', 0x12)
say(2000, 0, b'', 0x10)
for i in range(10):
    at = (i + 1) * 60_000_000
    say(at, 0, struct.pack('>HHHBBHH', 2 * i, 0, 6, 1, 3, 100, 10))
    say(at + 5000, 1, struct.pack('>HHHBBB', 2 * i, 0, 23, 1, 3, 20) + bytes(20))
    say(at + 9000, 0, struct.pack('>HHHBBHH', 2 * i + 1, 0, 6, 1, 6, 7, i))
    say(at + 12000, 1, struct.pack('>HHHBBB', 2 * i + 1, 0, 3, 1, 0x86, 2))
block = b'\x80\x03GO1\x85\x01\x05\x86\x01\x02\x8a\x01\x01\xab\x03\x83\x01\x01'
pdu = bytes([0x61, len(block)]) + block
frames.append((700_000_000, bytes.fromhex('01 0c cd 01 00 01 02 00 00 00 00 09 81 00 80 05') + b'\x88\xb8' +
               struct.pack('>HHHH', 7, len(pdu) + 8, 0, 0) + pdu))
with open(sys.argv[1], 'wb') as f:
    f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for when, frame in frames:
        f.write(struct.pack('<IIII', 1_700_000_000 + when // 1_000_000, when % 1_000_000, len(frame),
                            len(frame)) + frame)
EOP
}

@test "requests and their answers are rows, whatever carries them" {
	plant one.pcap
	scan m one.pcap
	[ "$(value m "SELECT count(*) FROM ot WHERE protocol = 'modbus'")" -eq 20 ]
	[ "$(value m "SELECT count(*) || ' ' || any_value(object) || ' ' || any_value(address) || '+' ||
	    any_value(count) FROM ot WHERE operation = 'read' AND status = 'ok'")" = "10 holding_register 100+10" ]
	[ "$(value m "SELECT string_agg(value, ' ' ORDER BY ts) FROM ot WHERE operation = 'write' AND
	    status = 'illegal_data_address'")" = "0 1 2 3 4 5 6 7 8 9" ]
	[ "$(value m "SELECT service FROM conn WHERE dst_port = 502")" = modbus ]
	[ "$(value m "SELECT protocol || ' ' || src_mac || ' ' || unit || ' ' || detail FROM ot
	    WHERE src_ip IS NULL")" = "goose 02:00:00:00:00:09 7 GO1 state=5" ]
}

@test "the same capture again adds no rows" {
	plant one.pcap
	scan m one.pcap
	local before
	before=$(rows m ot)
	cp one.pcap two.pcap
	scan m two.pcap
	[ "$(rows m ot)" = "$before" ]
}
