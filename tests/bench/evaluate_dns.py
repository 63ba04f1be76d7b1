#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Made-up domains and fluxing names among a real day of names: what dns_odd says of them.

usage: evaluate_dns.py [BUILD] [--corpora FOLDER] [--runs N] [--seed N] [--write]

The background is the corpora's day of look-ups of the most visited names (dns-benign), of one host behind one
resolver. Beside it a second host asks for names that do not exist, as families of malware were described to make them
up (only the shape: which letters, how long, below which ends; nobody's algorithm and nobody's names), or as honest
programs do; or for names whose addresses change. Synthetic, and labelled so in doc/evaluation.md.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import tempfile

import evaluate_tables

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DAY = 'dns-benign/normal_00036_20230806110924.pcap'
BEGIN = 1691291500           # within the day
HOST, RESOLVER = '192.168.68.70', '192.168.68.1'
COUNTS = (10, 20, 50, 200)   # names that do not exist, within 25 minutes
SPAN = 1500
LETTERS = 'abcdefghijklmnopqrstuvwxyz'
WORDS = ('able apple arm bake balance basket bird blank blue board book brain bread bridge bright brother build '
         'butter camp candle captain cart castle chair chance cloud coast copper cotton cross damage danger degree '
         'desire doubt dream drive early earth engine escape family father feather field finger flame flight forest '
         'garden gather glass golden ground guide hammer harbor heart honey hunter island journey kettle ladder '
         'leader letter liquid listen market matter meadow member middle mirror morning mother motion narrow needle '
         'notice number orange paper parcel pencil people picture planet pocket police powder prince promise quiet '
         'random reason record river rocket root sailor school season second shadow silver simple singer spring '
         'square station stone street summer table teacher ticket timber travel valley wagon water window winter').split()


def draw(rnd, alphabet, low, high):
    return ''.join(rnd.choice(alphabet) for _ in range(rnd.randint(low, high)))


def spoken(rnd, low, high):
    return ''.join(rnd.choice('bdfghklmnprstv') + rnd.choice('aeiou') for _ in range(rnd.randint(low, high)))


# name: (what it is like, how a name is drawn)
FAMILIES = {
    'letters, 8 to 11': lambda r: draw(r, LETTERS, 8, 11) + '.' + r.choice(('com', 'net', 'org', 'info', 'biz')),
    'letters, 12 to 24': lambda r: draw(r, LETTERS, 12, 24) + '.' + r.choice(('com', 'ru', 'net', 'biz')),
    'letters and digits, 20 to 28': lambda r: draw(r, LETTERS + '0123456789', 20, 28) + '.' + r.choice(('com', 'net')),
    'a digest, 32': lambda r: draw(r, '0123456789abcdef', 32, 32) + '.' + r.choice(('info', 'org', 'cc')),
    'consonants and vowels, 6 to 12': lambda r: spoken(r, 3, 6) + '.' + r.choice(('com', 'eu', 'info')),
    'two words': lambda r: r.choice(WORDS) + r.choice(WORDS) + '.' + r.choice(('net', 'com')),
    'four letters and a fixed tail': lambda r: draw(r, LETTERS, 4, 4) + 'stensbergline.com',
}
HONEST = {
    'mistyped names of that day': None,
    'random hosts below one domain': lambda r: draw(r, LETTERS, 10, 15) + '.corp-lab.com',
    'single labels, as browsers probe': lambda r: draw(r, LETTERS, 7, 15),
    'block lists': lambda r: '.'.join(str(r.randrange(256)) for _ in range(4)) + '.dnsbl-lab.org',
}
# name: (addresses, networks of 16 bits, time to live, addresses of an answer)
FLUX = {
    '10 addresses, 5 networks, 150 s': (10, 5, 150, 3),
    '20 addresses, 10 networks, 150 s': (20, 10, 150, 3),
    '60 addresses, 40 networks, 60 s': (60, 40, 60, 5),
}
STEADY = {
    '8 addresses, 1 network, 60 s': (8, 1, 60, 2),
    '20 addresses, 2 networks, 60 s': (20, 2, 60, 4),
    '20 addresses, 10 networks, 3600 s': (20, 10, 3600, 3),
    '6 addresses, 6 networks, 60 s': (6, 6, 60, 2),
}


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'>{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(src, sport, dst, dport, payload):
    udp = struct.pack('>HHHH', sport, dport, 8 + len(payload), 0) + payload
    ip = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    ip = ip[:10] + struct.pack('>H', checksum(ip + ends)) + ends
    return b'\2\0\0\0\0\1\2\0\0\0\0\2\x08\0' + ip + udp


def question(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.')) + b'\0' + struct.pack('>HH', 1, 1)


def look_up(rnd, when, name, addresses, ttl):
    """The packets of a question and its answer; without addresses the name does not exist."""
    ident, port, body = rnd.randrange(65536), rnd.randrange(32768, 61000), question(name)
    ask = struct.pack('>HHHHHH', ident, 0x0100, 1, 0, 0, 0) + body
    flags = 0x8180 if addresses else 0x8183
    tell = struct.pack('>HHHHHH', ident, flags, 1, len(addresses), 0, 0) + body
    for address in addresses:
        tell += b'\xc0\x0c' + struct.pack('>HHIH', 1, 1, ttl, 4) + socket.inet_aton(address)
    return [(when, packet(HOST, port, RESOLVER, 53, ask)), (when + 0.02, packet(RESOLVER, 53, HOST, port, tell))]


def write(path, packets):
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for when, frame in sorted(packets):
            us = round(when * 1e6)
            f.write(struct.pack('<IIII', us // 1000000, us % 1000000, len(frame), len(frame)) + frame)


def typo(rnd, name):
    label, _, rest = name.partition('.')
    at = rnd.randrange(len(label) - 1)
    kind = rnd.randrange(3)
    if kind == 0:
        label = label[:at] + label[at + 1] + label[at] + label[at + 2:]
    elif kind == 1:
        label = label[:at] + label[at + 1:]
    else:
        label = label[:at] + label[at] + label[at:]
    return label + '.' + rest


class Bench:
    def __init__(self, build, corpora, runs, seed):
        self.dwell, self.day, self.runs, self.seed = f'{build}/dwell', os.path.join(corpora, DAY), runs, seed
        self.folder = tempfile.mkdtemp(prefix='evaluate-dns-')
        self.names = sorted({r['query'] for r in self.scan([], 'select query from dns where rcode = \'NOERROR\'')
                             if r['query'].count('.') == 1 and len(r['query'].split('.')[0]) > 4})

    def scan(self, packets, sql):
        memory, extra = os.path.join(self.folder, 'memory'), os.path.join(self.folder, 'extra.pcap')
        shutil.rmtree(memory, ignore_errors=True)
        write(extra, packets)
        subprocess.run([self.dwell, 'scan', '-q', '-m', memory, self.day] + ([extra] if packets else []), check=True,
                       stdout=subprocess.DEVNULL)
        out = subprocess.run([self.dwell, 'query', '-m', memory, '--format', 'json', sql], check=True,
                             capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    def findings(self, packets):
        return self.scan(packets, "select host, peer, confidence from finding where detector = 'dns_odd'")

    def missing(self, kind, count, run):
        """The packets of so many look-ups of names of that kind that do not exist."""
        rnd = random.Random(f'{self.seed} {kind} {count} {run}')
        make = {**FAMILIES, **HONEST}[kind] or (lambda r: typo(r, r.choice(self.names)))
        names = {make(rnd) for _ in range(count * 2)}
        return [p for name in sorted(names)[:count]
                for p in look_up(rnd, BEGIN + rnd.random() * SPAN, name, (), 0)]

    def flux(self, kind, run):
        rnd = random.Random(f'{self.seed} {kind} {run}')
        count, networks, ttl, each = {**FLUX, **STEADY}[kind]
        nets = rnd.sample([(a, b) for a in range(60, 120) for b in range(256)], networks)
        pool = [f'{nets[i % networks][0]}.{nets[i % networks][1]}.{rnd.randrange(256)}.{rnd.randrange(1, 255)}'
                for i in range(count)]
        name = spoken(rnd, 4, 5) + '.com'
        return [p for i in range(24) for p in look_up(rnd, BEGIN + i * 60 + rnd.random(), name,
                                                      [pool[(i * each + j) % count] for j in range(each)], ttl)]

    def close(self):
        shutil.rmtree(self.folder)


def said(findings):
    """How many had a finding of each confidence, as text."""
    count = collections.Counter(f for f in findings if f is not None)
    words = [f'{count[w]} {w}' for w in ('high', 'medium', 'low') if count[w]]
    return ', '.join(words) if words else 'none'


def of_bot(findings):
    order = ('high', 'medium', 'low')
    own = [f['confidence'] for f in findings if f['host'] == HOST]
    return min(own, key=order.index, default=None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('build', nargs='?', default=str(ROOT / 'build'))
    parser.add_argument('--corpora', default=os.environ.get('DWELL_CORPORA', str(ROOT.parent / 'shared' / 'corpora')))
    parser.add_argument('--runs', type=int, default=5)
    parser.add_argument('--seed', type=int, default=20261123)
    parser.add_argument('--write', action='store_true')
    args = parser.parse_args()
    bench = Bench(args.build, args.corpora, args.runs, args.seed)
    tables, others = {}, len(bench.findings([]))
    for name, kinds in (('dga', FAMILIES), ('dga-honest', HONEST)):
        rows = []
        for kind in kinds:
            cells = []
            for count in COUNTS:
                all_of = [bench.findings(bench.missing(kind, count, run)) for run in range(args.runs)]
                others += sum(f['host'] != HOST for findings in all_of for f in findings)
                cells.append(said(of_bot(findings) for findings in all_of))
            rows.append([kind] + cells)
        tables[name] = evaluate_tables.table(['names that do not exist'] + [f'{c} of them' for c in COUNTS], rows)
    rows = []
    for kinds, word in ((FLUX, 'flux'), (STEADY, 'honest')):
        for kind in kinds:
            all_of = [bench.findings(bench.flux(kind, run)) for run in range(args.runs)]
            rows.append([kind, word, said(of_bot(findings) for findings in all_of)])
    tables['flux'] = evaluate_tables.table(['addresses of one name', 'meant as', 'told'], rows)
    tables['dga-day'] = f'Seed {args.seed}, {args.runs} runs a cell. Findings of dns_odd on the day itself and on its host in ' \
                        f'all runs: {others}.'
    bench.close()
    for name, text in tables.items():
        print(f'{name}\n{text}\n')
    if args.write:
        evaluate_tables.write(ROOT / 'doc' / 'evaluation.md', tables)


if __name__ == '__main__':
    main()
