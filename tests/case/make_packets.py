#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_packets.py OUT: write a capture of the packets that standard input tells, one a line:

    SECONDS tcp SRC:PORT DST:PORT FLAGS SEQ ACK [NAME=VALUE]...
    SECONDS udp SRC:PORT DST:PORT [NAME=VALUE]...
    SECONDS icmp SRC DST TYPE ID SEQ [NAME=VALUE]...
    SECONDS talk SRC:PORT DST:PORT [NAME=VALUE]...    a whole TCP connection with ask= and tell=; n= of them, every= so
        many seconds
    SECONDS modbus SRC:PORT DST:PORT [NAME=VALUE]...  requests over UDP with their answers: n= of them (or copy=FROM:TO,
        times= over, of those that seed= makes), every= so many seconds; function= 3 reads, 6 writes; values= of
        what: level (it wanders and scatters), steps (40 of each, 20 times 50), still

with ttl=, id= (of IP), payload= (Python's escapes), hex= (payload as hexadecimal digits),
stamp= (TSval), options= (TCP's, likewise); checksums are right. Lines that begin with # are left out."""
import socket
import struct
import sys

FLAGS = "FSRPAUEC"


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(proto, src, dst, body, o):
    """An Ethernet frame; body(checksum) gives the transport's bytes."""
    a, b = socket.inet_aton(src), socket.inet_aton(dst)
    n = len(body(0))
    body = body(checksum(a + b + struct.pack(">BBH", 0, proto, n) + body(0)))
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + n, int(o.get("id", 0)), 0x4000, int(o.get("ttl", 64)), proto, 0)
    ip = (ip + a + b)[:10] + struct.pack(">H", checksum(ip + a + b)) + a + b
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0" + ip + body


def content(o, name="payload"):
    if "hex" in o and name == "payload":
        return bytes.fromhex(o["hex"])
    return o.get(name, "").encode().decode("unicode_escape").encode("latin-1")


def tcp(src, dst, flags, seq, ack, o, payload=None):
    (a, sport), (b, dport) = (x.rsplit(":", 1) for x in (src, dst))
    bits = sum(1 << FLAGS.index(f) for f in flags)
    options = struct.pack(">BBBBII", 1, 1, 8, 10, int(o["stamp"]), 0) if "stamp" in o else b""
    options += bytes.fromhex(o.get("options", ""))
    payload = content(o) if payload is None else payload
    size = (20 + len(options)) // 4 << 4
    return packet(6, a, b, lambda sum: struct.pack(
        ">HHIIBBHHH", int(sport), int(dport), seq, ack, size, bits, 64240, sum, 0) + options + payload, o)


def udp(src, dst, o):
    (a, sport), (b, dport) = (x.rsplit(":", 1) for x in (src, dst))
    payload = content(o)
    return packet(17, a, b, lambda sum: struct.pack(
        ">HHHH", int(sport), int(dport), 8 + len(payload), sum) + payload, o)


def icmp(src, dst, words, o):
    kind, ident, seq = (int(w) for w in words)
    body = struct.pack(">BBHHH", kind, 0, 0, ident, seq) + content(o)
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    return packet(1, src, dst, lambda _: body, o)


def talk(src, dst, o):
    """Handshake, ask, tell, both FINs: with o's marks on all packets."""
    ask, tell = content(o, "ask"), content(o, "tell")
    a, b = 1001 + len(ask), 5001 + len(tell)
    yield tcp(src, dst, "S", 1000, 0, o, b"")
    yield tcp(dst, src, "SA", 5000, 1001, o, b"")
    yield tcp(src, dst, "PA", 1001, 5001, o, ask)
    yield tcp(dst, src, "PA", 5001, a, o, tell)
    yield tcp(src, dst, "FA", a, b, o, b"")
    yield tcp(dst, src, "FA", b, a + 1, o, b"")
    yield tcp(src, dst, "A", a + 1, b + 1, o, b"")


def modbus_values(o, n):
    """What a plant shows or is told: the same for the same seed."""
    state, level = int(o.get("seed", 1)), 30000
    for i in range(n):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        level += (state >> 33) % 41 - 20
        kind = o.get("values", "level")
        yield {"level": level + (state >> 41) % 30, "steps": i // 40 % 20 * 50, "still": 7}[kind]


def modbus(src, dst, o):
    first, last = map(int, o["copy"].split(":")) if "copy" in o else (0, int(o["n"]))
    values = list(modbus_values(o, last))[first:] * int(o.get("times", 1))
    every, function = float(o.get("every", 5)), int(o.get("function", 3))
    for i, v in enumerate(values):
        ask = struct.pack(">BBHH", 1, function, 100, 1 if function == 3 else v)
        tell = ask if function == 6 else struct.pack(">BBBH", 1, function, 2, v)
        for later, ends, body in ((0, (src, dst), ask), (0.01, (dst, src), tell)):
            head = struct.pack(">HHH", i % 65536, 0, len(body))
            yield i * every + later, udp(*ends, dict(o, hex=(head + body).hex()))


def frames(line):
    words = line.split()
    o = dict(w.split("=", 1) for w in words if "=" in w)
    words = [w for w in words if "=" not in w]
    when, kind, src, dst = float(words[0]), *words[1:4]
    if kind == "udp":
        return [(when, udp(src, dst, o))]
    if kind == "icmp":
        return [(when, icmp(src, dst, words[4:7], o))]
    if kind == "modbus":
        return [(when + later, f) for later, f in modbus(src, dst, o)]
    if kind == "talk":
        return [(when + k * float(o.get("every", 0)) + i / 1000, f) for k in range(int(o.get("n", 1)))
                for i, f in enumerate(talk(src, dst, o))]
    return [(when, tcp(src, dst, words[4].replace("-", ""), int(words[5]), int(words[6]), o))]


def main():
    found = [f for line in sys.stdin if line.strip() and line[0] != "#" for f in frames(line)]
    with open(sys.argv[1], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for when, frame in sorted(found):
            us = round((1735689600 + when) * 1e6)
            out.write(struct.pack("<IIII", us // 1000000, us % 1000000, len(frame), len(frame)) + frame)


main()
