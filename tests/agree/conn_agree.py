#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our connections held against Zeek's conn.log, for every capture in the corpora.

usage: conn_agree.py PROGRAMS [CORPORA] [--show FIELD] [--json FILE]

PROGRAMS is the folder with the program records. Rows are paired by protocol, both endpoints (either way round) and
time, connections inside tunnels among them. A field agrees where Zeek set it and both values are
equal. Left out are captures whose clock goes back by more than Zeek's
shortest time-out: Zeek holds each packet's own time against the newest one, so that every late
packet finds its connection timed out and becomes one of its own; we keep it in its connection.
Not compared: SCTP, where Zeek has no ports and joins all associations of two hosts; payload bytes of
protocols other than TCP, UDP and ICMP, which Zeek does not count; bytes of IP where the header says
0 (offloading), which Zeek takes as it stands while we count what was captured. Every difference must be of a known kind (KINDS, below);
exit 1 where a field agrees in less than 99.5 % of the rows. --show prints the rows that differ.
Skips, and says so, when the corpora are not there.
"""
import collections
import concurrent.futures
import datetime
import ipaddress
import json
import math
import os
import struct
import subprocess
import sys

import corpus

LEAST = 0.995
BACK = 5.0    # seconds: Zeek's shortest time-out
SAME = 2e-6  # seconds: Zeek's times are doubles printed to the microsecond

WORDS = {'tcp': 6, 'udp': 17, 'igmp': 2, 'ipip': 4, 'egp': 8, 'igp': 9, 'dccp': 33, 'ipv6': 41,
         'rsvp': 46, 'gre': 47, 'esp': 50, 'ah': 51, 'ipv6-nonxt': 59, 'eigrp': 88, 'ospf': 89,
         'etherip': 97, 'encap': 98, 'pim': 103, 'ipcomp': 108, 'vrrp': 112, 'pgm': 113,
         'l2tp': 115, 'isis': 124, 'sctp': 132, 'udplite': 136, 'mpls': 137}

FIELDS = ['row', 'direction', 'ts', 'src_packets', 'dst_packets', 'src_ip_bytes', 'dst_ip_bytes',
          'src_bytes', 'dst_bytes', 'duration', 'state', 'history', 'missed_bytes']

SCTP, AH = 132, 51
PAYLOAD_COUNTED = (1, 6, 17)  # Zeek counts no payload of any other protocol

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Row:
    """A connection, as one of the two said it."""

    def __init__(self, key, ends, values):
        self.key, self.ends, self.v = key, ends, values

    def turned(self):
        v = dict(self.v)
        for name in ('packets', 'ip_bytes', 'bytes'):
            v['src_' + name], v['dst_' + name] = self.v['dst_' + name], self.v['src_' + name]
        return Row(self.key, self.ends[::-1], v)


def make_row(number, src, dst, values):
    proto = 1 if number in (1, 58) else number
    ends = [(ipaddress.ip_address(src[0]), src[1]), (ipaddress.ip_address(dst[0]), dst[1])]
    return Row((proto, frozenset(ends)), ends, values)


def pcap_times(data):
    order = '<' if data[:1] in (b'\xd4', b'\x4d') else '>'
    unit = 1e-9 if b'\x3c' in data[:4] else 1e-6
    at = 24
    while at + 16 <= len(data):
        sec, part, captured = struct.unpack_from(order + 'III', data, at)
        at += 16 + captured
        if data[:4] in (b'\x34\xcd\xb2\xa1', b'\xa1\xb2\xcd\x34'):
            at += 8  # the modified format of Kuznetsov
        yield sec + part * unit


def pcapng_times(data):
    order, units, at = '<', [], 0
    while at + 12 <= len(data):
        if data[at:at + 4] == b'\x0a\x0d\x0d\x0a':
            order, units = ('<' if data[at + 8] == 0x4d else '>'), []
        kind, length = struct.unpack_from(order + 'II', data, at)
        body = data[at + 8:at + max(length, 12) - 4]
        if kind == 1:
            unit, option = 1e-6, 8
            while option + 4 <= len(body):
                code, size = struct.unpack_from(order + 'HH', body, option)
                if code == 9 and size == 1:
                    r = body[option + 4]
                    unit = 2.0 ** -(r & 127) if r & 128 else 10.0 ** -r
                option += 4 + (size + 3) // 4 * 4
            units.append(unit)
        elif kind == 6 and len(body) >= 12:
            where, high, low = struct.unpack_from(order + 'III', body, 0)
            if where < len(units):
                yield (high << 32 | low) * units[where]
        at += max(length, 12)


def leap_back(capture):
    """By how many seconds the clock of a capture goes back at most."""
    with open(capture, 'rb') as f:
        data = f.read()
    newest, most = -math.inf, 0.0
    for t in pcapng_times(data) if data[:4] == b'\x0a\x0d\x0d\x0a' else pcap_times(data):
        newest = max(newest, t)
        most = max(most, newest - t)
    return most


def zeek_rows(path):
    rows, inside = [], 0
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            cells = line.rstrip('\n').split('\t')
            if cells[0] == '#fields':
                names = cells[1:]
            if line.startswith('#'):
                continue
            z = dict(zip(names, cells))
            inside += z['tunnel_parents'] not in ('-', '(empty)')
            if int(z['ip_proto']) == SCTP:
                continue

            def number(name, kind):
                return None if z[name] == '-' else kind(z[name])
            values = {
                'ts': float(z['ts']), 'duration': number('duration', float),
                'src_packets': number('orig_pkts', int), 'dst_packets': number('resp_pkts', int),
                'src_ip_bytes': number('orig_ip_bytes', int),
                'dst_ip_bytes': number('resp_ip_bytes', int),
                'src_bytes': number('orig_bytes', int), 'dst_bytes': number('resp_bytes', int),
                'missed_bytes': number('missed_bytes', int), 'state': z['conn_state'],
                'history': '' if z['history'] == '-' else z['history'],
                'service': z['service'], 'proto': z['proto'],
                'parents': [] if z['tunnel_parents'] in ('-', '(empty)') else
                           z['tunnel_parents'].split(',')}
            rows.append(make_row(int(z['ip_proto']), (z['id.orig_h'], int(z['id.orig_p'])),
                                 (z['id.resp_h'], int(z['id.resp_p'])), values))
    return rows, inside


def seconds(text):
    if isinstance(text, (int, float)):
        return float(text)
    d = datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) - EPOCH
    return d.days * 86400 + d.seconds + d.microseconds / 1e6


def our_number(r):
    if 'ip_proto' in r:
        return r['ip_proto']
    proto = r['proto']
    if proto == 'icmp':
        return 1
    return WORDS[proto] if proto in WORDS else int(proto)


def our_rows(program, capture):
    out = subprocess.run([program, capture], capture_output=True).stdout
    rows = []
    for line in out.decode('utf-8', 'replace').splitlines():
        if not line.startswith('{"table":"conn"'):
            continue
        r = json.loads(line)
        if our_number(r) == SCTP:
            continue
        values = {name: r.get(name) for name in FIELDS[3:]}
        values['history'] = values['history'] or ''
        values['duration'] = values['duration'] or 0.0
        values['ts'] = seconds(r['ts'])
        rows.append(make_row(our_number(r), (r.get('src_ip', '::'), r.get('src_port', 0)),
                             (r.get('dst_ip', '::'), r.get('dst_port', 0)), values))
    return rows


def pair(theirs, ours):
    """[(zeek, our or None)]: same key; same time first, then the nearest."""
    pool = collections.defaultdict(list)
    for r in ours:
        pool[r.key].append(r)
    pairs, left = [], []
    by_time = collections.defaultdict(list)
    for r in ours:
        by_time[r.key, round(r.v['ts'] * 1e5)].append(r)
    used = set()

    def take(z, candidates, limit):
        best = None
        for r in candidates:
            if id(r) in used or abs(r.v['ts'] - z.v['ts']) > limit:
                continue
            near = (abs(r.v['ts'] - z.v['ts']) > SAME, r.ends != z.ends,
                    abs(r.v['ts'] - z.v['ts']))
            if best is None or near < best[0]:
                best = (near, r)
        if best is None:
            return None
        used.add(id(best[1]))
        return best[1]

    for z in theirs:
        slot = round(z.v['ts'] * 1e5)
        near = [r for s in (slot - 1, slot, slot + 1) for r in by_time[z.key, s]]
        r = take(z, near, SAME)
        if r is None:
            left.append(z)
        else:
            pairs.append((z, r))
    for z in left:
        pairs.append((z, take(z, pool[z.key], 3600.0)))
    return pairs, [r for r in ours if id(r) not in used]


def without_gaps(row):
    return row.v['history'].replace('g', '').replace('G', '')


def without_resent(row):
    return row.v['history'].replace('t', '').replace('T', '')


def offloaded(z, r):
    """Whether the packets are the same and only ours have more bytes: IP headers with length 0."""
    gain = [r.v[s + '_ip_bytes'] - z.v[s + '_ip_bytes'] for s in ('src', 'dst')]
    return min(gain) >= 0 and max(gain) > 0 and all(
        r.v[s + '_packets'] == z.v[s + '_packets'] for s in ('src', 'dst'))


def kind(field, bad, z, r):
    """Why a field differs; None: not known."""
    if r is None:
        if z.key[0] == AH:
            return 'AH: Zeek stops there, we read the protocol behind it'
        if z.v['src_packets'] + z.v['dst_packets'] == 0:
            return 'TCP header malformed: Zeek opens a connection but counts nothing'
        return 'frame read differently (see the decoder\'s comparison)'
    if 'X' in z.v['history'].upper():
        return 'X: Zeek notes that one of its analyzers gave up'
    if z.v['parents'] and 'dst_packets' in bad and r.v['dst_packets'] == 0:
        return 'network ids that differ by direction: two address spaces to us, one to Zeek'
    if z.v['history'].endswith('^'):
        return 'Zeek\'s DNS analyzer turns round what begins with an answer; its counts stay'
    if field in ('missed_bytes', 'history') and without_gaps(z) == without_gaps(r):
        return 'snap length: Zeek counts a segment that was cut as wholly missed'
    if field == 'history' and len(bad) == 1 and without_resent(z) == without_resent(r):
        return 'IP length larger than that of PPPoE: Zeek believes it and sees bytes sent again'
    if z.key[0] == 17 and set(bad) <= {'src_bytes', 'dst_bytes'}:
        return 'UDP length larger than the packet: Zeek believes it'
    if z.v['state'] == 'OTH' and r.v['state'] == 'S1' and z.v['history'][:2] == '^h':
        return 'SYN-ACK captured before its SYN: we take it for the handshake that it is'
    if z.key[0] == 17 and z.v['service'] == '-' and z.v['src_packets'] > r.v['src_packets']:
        return 'Zeek gave up reading it as DNS, so its minute of silence counts, not our 10 s'
    if any(r.v[s + '_packets'] > z.v[s + '_packets'] for s in ('src', 'dst')):
        return 'malformed or cut packet: Zeek drops it, we count it'
    return None


def differing(z, r):
    """Names of the fields that differ, with those that were compared."""
    if r is None:
        return ['row'], ['row']
    compared, bad = ['row', 'direction'], []
    if z.ends != r.ends:
        bad.append('direction')
        r = r.turned()
    for name in FIELDS[2:]:
        a, b = z.v[name], r.v[name]
        if a is None or name in ('src_bytes', 'dst_bytes') and \
                z.key[0] not in PAYLOAD_COUNTED:
            continue
        if name in ('src_ip_bytes', 'dst_ip_bytes') and offloaded(z, r):
            continue
        compared.append(name)
        if name in ('ts', 'duration'):
            if abs(a - b) > SAME:
                bad.append(name)
        elif a != b:
            bad.append(name)
    return bad, compared


def one_capture(args):
    program, truth, capture = args
    if leap_back(capture) >= BACK:
        return capture, None, 0, None
    theirs, inside = zeek_rows(truth)
    return capture, theirs, inside, our_rows(program, capture)


def captures(corpora):
    root = os.path.join(corpora, 'truth', 'zeek-run')
    for folder, _, files in sorted(os.walk(root)):
        capture = os.path.join(corpora, os.path.relpath(folder, root))
        if 'conn.log' in files and os.path.exists(capture):
            yield os.path.join(folder, 'conn.log'), capture


def main():
    args = [a for a in sys.argv[1:] if not a.startswith('--')]
    show = sys.argv[sys.argv.index('--show') + 1] if '--show' in sys.argv else None
    if show in args:
        args.remove(show)
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = args[1] if len(args) > 1 else os.environ.get(
        'DWELL_CORPORA', os.path.join(here, '..', '..', '..', 'shared', 'corpora'))
    work = [(os.path.join(args[0], 'records'), truth, capture) for truth, capture in captures(corpora)]
    if not work:
        print('1..0 # SKIP no corpora at ' + corpora)
        return 0
    total, equal, kinds = collections.Counter(), collections.Counter(), collections.Counter()
    inside = extra = back = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for capture, theirs, tunnelled, ours in pool.map(one_capture, work):
            if theirs is None:
                back += 1
                continue
            inside += tunnelled
            pairs, more = pair(theirs, ours)
            extra += len(more)
            name = os.path.relpath(capture, corpora)
            for z, r in pairs:
                bad, compared = differing(z, r)
                total.update(compared)
                equal.update(c for c in compared if c not in bad)
                for why in {kind(field, bad, z, r) for field in bad}:
                    kinds[why] += 1
                    if why is None:
                        print('?', name, ','.join(bad), *[f'{a}:{p}' for a, p in z.ends],
                              {f: z.v.get(f) for f in bad}, {f: r.v.get(f) for f in bad})
                if show and (show in bad or (show == 'all' and bad)):
                    print(name, ','.join(bad), z.key[0], *[f'{a}:{p}' for a, p in z.ends],
                          z.v, '--', r and r.v, sep=' | ')
            if show == 'extra':
                for r in more:
                    print(name, r.key[0], *[f'{a}:{p}' for a, p in r.ends], r.v, sep=' | ')
    print(f'{len(work)} captures; {back} left out, whose clock goes back by {BACK} s or more')
    print(f'{inside} rows inside tunnels, {extra} rows only ours')
    for why, n in kinds.most_common():
        print(f'{n:6} rows: {why or "of no known kind"}')
    failed = False
    for field in FIELDS:
        share = equal[field] / total[field] if total[field] else 1.0
        failed |= share < LEAST
        print(f'{field:14} {equal[field]:7} of {total[field]:7}  {100 * share:8.3f} %')
    if '--json' in sys.argv:
        tally = corpus.Tally()
        tally.rows.update({('zeek', f): total[f] for f in FIELDS})
        tally.equal.update({('zeek', f): equal[f] for f in FIELDS})
        tally.kinds.update({('zeek', 'row', why or 'UNEXPLAINED'): n for why, n in kinds.items()})
        corpus.put_json(sys.argv[sys.argv.index('--json') + 1], tally)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
