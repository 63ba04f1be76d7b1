# SPDX-License-Identifier: Apache-2.0
"""Captures and logs cut off after a moment or a number of packets, for the delay of a detector.

pcap (either order of bytes, micro- and nanoseconds) and pcapng, plain or xz; of logs, those whose rows
begin with their moment (Zeek's) and folders of them.
"""
import lzma
import os
import struct


def load(path):
    """The bytes of a capture, unpacked."""
    opener = lzma.open if path.endswith('.xz') else open
    with opener(path, 'rb') as f:
        return f.read()


def pcap_packets(data):
    """[(seconds, end of the packet's record)] of a pcap file."""
    magic = data[:4]
    order = '<' if magic in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    unit = 1e-9 if magic in (b'\x4d\x3c\xb2\xa1', b'\xa1\xb2\x3c\x4d') else 1e-6
    at, packets = 24, []
    while at + 16 <= len(data):
        seconds, part, captured, _ = struct.unpack_from(order + 'IIII', data, at)
        at += 16 + captured
        if at > len(data):
            break
        packets.append((seconds + part * unit, at))
    return packets


def pcapng_packets(data):
    """The same of a pcapng file of one section; moments in the unit of the first interface."""
    order = '<' if data[8:12] == b'\x4d\x3c\x2b\x1a' else '>'
    at, unit, packets = 0, 1e-6, []
    while at + 12 <= len(data):
        kind, length = struct.unpack_from(order + 'II', data, at)
        if length < 12 or at + length > len(data):
            break
        if kind == 1:
            unit = interface_unit(data[at + 16:at + length - 4], order)
        elif kind == 6:
            high, low = struct.unpack_from(order + 'II', data, at + 12)
            packets.append(((high << 32 | low) * unit, at + length))
        at += length
    return packets


def interface_unit(options, order):
    """if_tsresol of the options of an interface, as seconds."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + 'HH', options, at)
        if code == 9 and length == 1:
            value = options[at + 4]
            return 2.0 ** -(value & 127) if value & 128 else 10.0 ** -value
        at += 4 + (length + 3) // 4 * 4
    return 1e-6


class Capture:
    """A capture that can be cut: moments of its packets, and the bytes of its first n."""

    def __init__(self, path):
        self.data = load(path)
        next_gen = self.data[:4] == b'\x0a\x0d\x0d\x0a'
        self.packets = (pcapng_packets if next_gen else pcap_packets)(self.data)
        self.name = 'cut.pcapng' if next_gen else 'cut.pcap'

    def write(self, folder, n):
        """Write its first n packets into folder; the path of what was written."""
        path = os.path.join(folder, self.name)
        with open(path, 'wb') as f:
            f.write(self.data[:self.packets[n - 1][1]])
        return path

    def moments(self):
        return [moment for moment, _ in self.packets]


class Logs:
    """A folder of Zeek's logs (tab separated), cut by the moments of its rows of conn."""

    def __init__(self, path):
        self.files, self.times = {}, []
        for root, _, names in os.walk(path):
            for name in sorted(names):
                self.read(os.path.join(root, name), name)
        self.times.sort()

    def read(self, path, name):
        with open(path, encoding='utf-8', errors='surrogateescape') as f:
            lines = f.read().splitlines()
        head = [line for line in lines if line.startswith('#')]
        if not any(line.startswith('#fields\tts\t') for line in head):
            return
        rows = [(float(line.split('\t', 1)[0]), line) for line in lines if not line.startswith('#')]
        self.files[name] = head, rows
        if 'conn' in name:
            self.times += [moment for moment, _ in rows]

    def write(self, folder, n):
        """The same of the rows up to the n-th connection."""
        until = self.times[n - 1]
        for name, (head, rows) in self.files.items():
            with open(os.path.join(folder, name), 'w', encoding='utf-8', errors='surrogateescape') as f:
                f.write('\n'.join(head + [line for moment, line in rows if moment <= until]) + '\n')
        return folder

    def moments(self):
        return self.times


def opened(path):
    """A thing to cut, or None where that is not possible."""
    if os.path.isdir(path):
        logs = Logs(path)
        return logs if logs.times else None
    name = path[:-3] if path.endswith('.xz') else path
    return Capture(path) if name.endswith(('.pcap', '.pcapng', '.cap')) else None
