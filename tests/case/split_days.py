#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""split_days.py OUT DAYS CAPTURE...: cut captures (pcap, also .xz) into files of DAYS days each, UTC,
as a tcpdump that rotates would have written them. A connection may go on in the next file.
"""
import lzma
import pathlib
import struct
import sys

DAY = 86400


def packets(path):
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rb") as f:
        data = f.read()
    magic, = struct.unpack_from("<I", data)
    assert magic in (0xA1B2C3D4, 0xA1B23C4D), f"{path}: not a little-endian pcap"
    at = 24
    while at < len(data):
        seconds, _, captured, _ = struct.unpack_from("<IIII", data, at)
        yield data[:24], seconds, data[at:at + 16 + captured]
        at += 16 + captured


def main():
    out, days = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    parts = {}
    for name in sys.argv[3:]:
        for head, seconds, packet in packets(pathlib.Path(name)):
            parts.setdefault(seconds // (DAY * days), [head]).append(packet)
    for number, part in parts.items():
        (out / f"{number:06d}.pcap").write_bytes(b"".join(part))


main()
