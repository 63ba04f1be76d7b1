#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_pcap.py [OPTION]... OUT: write a small capture of HTTP check-ins, the same bytes for the
same options.

One connection a check-in: handshake, GET, response, both FINs; ten packets, with right checksums.
--split K writes OUT.0 ... OUT.K-1 instead, as a rotating capture would, with borders inside
connections wherever K does not divide the number of check-ins.
"""
import argparse
import pathlib
import random
import socket
import struct

PACKETS_A_CHECK_IN = 10


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(src, dst, ports, seq, ack, flags, payload=b""):
    """An Ethernet frame with one TCP segment (RFC 791, RFC 9293)."""
    a, b = socket.inet_aton(src), socket.inet_aton(dst)
    tcp = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 64240, 0, 0) + payload
    pseudo = a + b + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0) + a + b
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + tcp


def check_in(o, when, port):
    """[(microseconds, frame)] of one connection."""
    out, back = (port, 80), (80, port)
    host = o.host.encode().decode("unicode_escape").encode("latin-1")
    agent = o.agent.encode().decode("unicode_escape").encode("latin-1")
    ask = (b"GET /news HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: " + agent + b"\r\n\r\n")
    tell = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nnone"
    there, here = (o.src, o.dst, out), (o.dst, o.src, back)
    a, b = 1000, 5000
    after_ask, after_tell = a + 1 + len(ask), b + 1 + len(tell)
    parts = [(there, a, 0, 2, b""), (here, b, a + 1, 18, b""), (there, a + 1, b + 1, 16, b""),
             (there, a + 1, b + 1, 24, ask), (here, b + 1, after_ask, 16, b""),
             (here, b + 1, after_ask, 24, tell), (there, after_ask, after_tell, 16, b""),
             (there, after_ask, after_tell, 17, b""), (here, after_tell, after_ask + 1, 17, b""),
             (there, after_ask + 1, after_tell + 1, 16, b"")]
    return [(when + i * o.step, segment(*side, seq, ack, flags, payload))
            for i, (side, seq, ack, flags, payload) in enumerate(parts)]


def packets(o):
    rnd = random.Random(o.seed)
    when, found = int(o.begin * 1e6), []
    for i in range(o.count):
        found += check_in(o, when, 32768 + i % 28000)
        when += int(o.gap * 1e6 * (1 - o.jitter * rnd.random()))
    return sorted(found, key=lambda p: p[0])


def pcap(found):
    yield struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    for when, frame in found:
        yield struct.pack("<IIII", *divmod(when, 1000000), len(frame), len(frame)) + frame


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    n = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + n + body + n


def pcapng(found):
    yield block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    yield block(1, struct.pack("<HHI", 1, 0, 262144))
    for when, frame in found:
        head = struct.pack("<IIIII", 0, when >> 32, when & 0xFFFFFFFF, len(frame), len(frame))
        yield block(6, head + frame)


def main():
    p = argparse.ArgumentParser(description=__doc__.split(":")[0])
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("--count", type=int, default=5, help="check-ins")
    p.add_argument("--gap", type=float, default=3600, help="seconds between two")
    p.add_argument("--jitter", type=float, default=0.0, help="share of the gap that may be missing")
    p.add_argument("--begin", type=float, default=1735689600, help="Unix time of the first")
    p.add_argument("--step", type=int, default=2000, help="microseconds between two packets of one")
    p.add_argument("--src", default="10.1.1.5")
    p.add_argument("--dst", default="203.0.113.9")
    p.add_argument("--host", default="updates.example", help="Host header, with Python's escapes")
    p.add_argument("--agent", default="test/1.0", help="User-Agent header, likewise")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--pcapng", action="store_true")
    p.add_argument("--split", type=int, default=0, metavar="K", help="write K files: OUT.0 ...")
    o = p.parse_args()
    found, write = packets(o), pcapng if o.pcapng else pcap
    if not o.split:
        o.out.write_bytes(b"".join(write(found)))
        return
    for k in range(o.split):
        part = found[len(found) * k // o.split:len(found) * (k + 1) // o.split]
        o.out.with_name(f"{o.out.name}.{k}").write_bytes(b"".join(write(part)))


main()
