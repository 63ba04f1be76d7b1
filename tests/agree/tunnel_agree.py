#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packets and connections inside tunnels, held against tshark and Zeek.

usage: tunnel_agree.py PROGRAMS [CORPORA] [--show KIND]

PROGRAMS holds tests/agree/packets and records. With tshark: the innermost addresses of every frame
that one of us finds a packet inside a packet in; fragments are left closed by both. With Zeek: each
row of tunnel.log (but SOCKS and HTTP, which are no packets in packets) has a tunnel of ours of that
kind between the same addresses, and each connection with tunnel_parents one that names such a tunnel.
Captures are those whose stored readings or whose name speak of tunnels, and every N-th of the rest
(corpus.py). Every difference must be of a known kind; exit 1 where less than 99.5 % agree.
"""
import collections
import json
import os
import shutil
import subprocess
import sys

import corpus

from decode_agree import FRAGMENT
from input_agree import captures

LEAST = 0.995
WORDS = ('tunnel', 'gre', 'vxlan', 'geneve', 'teredo', '6in4', '4in6', 'gtp', 'l2tp', 'erspan',
         'nvgre', 'pptp', 'mpls', 'ipip', 'etherip', 'ayiya', 'tzsp', 'encap', 'nsh', 'capwap')
COLUMNS = ['frame.protocols', 'ip.src', 'ip.dst', 'ip.proto', 'ipv6.src', 'ipv6.dst', 'udp.port']
GUESSES = ['--enable-heuristic', 'teredo_udp', '-d', 'udp.port==8472,vxlan']
OPTIONS = ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'ip.check_checksum:FALSE']
QUOTES = ('icmp', 'icmpv6')  # what follows is a packet that failed, not one on its way
KINDS = {'erspan': 'gre', 'nvgre': 'gre', 'pptp': 'gre'}  # Zeek says GRE of all these
NO_PACKETS = ('Tunnel::SOCKS', 'Tunnel::HTTP')


def tshark_rows(path):
    """The (source, destination) of each IP header of every frame, the outermost first."""
    command = ['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=;']
    command += GUESSES
    for option in OPTIONS:
        command += ['-o', option]
    for column in COLUMNS:
        command += ['-e', column]
    out = subprocess.run(command, capture_output=True).stdout.decode('utf-8', 'replace')
    for line in out.splitlines():
        cells = line.split('\t')
        if len(cells) != len(COLUMNS):
            continue
        protocols = cells[0].split(':')
        values = {'ip': list(zip(cells[1].split(';'), cells[2].split(';'))),
                  'ipv6': list(zip(cells[4].split(';'), cells[5].split(';')))}
        chain = []
        for name in protocols:
            if name in QUOTES:
                break
            if name in values and values[name] and values[name][0][0]:
                chain.append(values[name].pop(0))
        yield chain, protocols


def our_packets(program, path):
    """The same of ours, with the outcome and the marks of the innermost packet."""
    out = subprocess.run([program, '--inner', path], capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        cells = line.split()
        if cells[0] != '0':
            yield [], 0
        else:
            yield list(zip(cells[2::2], cells[3::2])), int(cells[1])


def fragment(ours, marks, protocols):
    """a fragment: we join it before we look inside, tshark shows what the first piece holds"""
    return bool(marks & FRAGMENT)


def charging(ours, marks, protocols):
    """tshark looks into GTP', which carries records of charges, as if it were GTP-U"""
    return 'gtpprime' in protocols


EXPLAINED = [fragment, charging]


def mapped(address):
    return address[7:] if address.startswith('::ffff:') and '.' in address else address


class Sums:
    def __init__(self, show):
        self.equal, self.kinds, self.differ = (collections.Counter() for _ in range(3))
        self.show = show

    def add(self, what, verdict, *where):
        if verdict is True:
            self.equal[what] += 1
        elif verdict:
            self.kinds[what, verdict] += 1
        else:
            self.differ[what] += 1
            if self.show in (what, 'all'):
                print('#', what, *where)


def compare_frames(program, path, sums):
    rows = zip(our_packets(program, path), tshark_rows(path))
    for n, ((ours, marks), (theirs, protocols)) in enumerate(rows, 1):
        if len(ours) < 2 and len(theirs) < 2 or not ours:
            continue
        a = [(mapped(x), mapped(y)) for x, y in ours]
        b = [(mapped(x), mapped(y)) for x, y in theirs]
        verdict = a == b
        for reason in [] if verdict else EXPLAINED:
            if reason(ours, marks, protocols):
                verdict = ' '.join(reason.__doc__.split())
        sums.add('tshark: addresses', verdict, path, n, a, b, ':'.join(protocols))


def our_tunnels(program, path):
    """Our tunnels by name, and the names that connections have, by endpoints."""
    out = subprocess.run([program, path], capture_output=True).stdout.decode('utf-8', 'replace')
    tunnels, conns = {}, collections.defaultdict(set)
    for line in out.splitlines():
        if line.startswith('{"table":"tunnel"'):
            r = json.loads(line)
            kind = KINDS.get(r['kind'], r['kind'])
            tunnels[r['name']] = (kind, frozenset((r['src_ip'], r['dst_ip'])))
        elif line.startswith('{"table":"conn"'):
            r = json.loads(line)
            ends = frozenset(((r.get('src_ip'), r.get('src_port', 0)),
                              (r.get('dst_ip'), r.get('dst_port', 0))))
            conns[ends].add(r.get('tunnel'))
    return tunnels, conns


def compare_zeek(program, path, folder, sums):
    tunnels, conns = our_tunnels(program, path)
    by_uid = {}
    for z in corpus.zeek_log(os.path.join(folder, 'tunnel.log')):
        if z['tunnel_type'] in NO_PACKETS:
            continue
        kind = z['tunnel_type'].split('::')[1].lower()
        by_uid[z['uid']] = (kind, frozenset((z['id.orig_h'], z['id.resp_h'])))
    for uid, tunnel in by_uid.items():
        sums.add('Zeek: tunnel', tunnel in tunnels.values(), path, tunnel, sorted(tunnels.values()))
    for z in corpus.zeek_log(os.path.join(folder, 'conn.log')):
        parents = [by_uid[u] for u in z['tunnel_parents'].split(',') if u in by_uid]
        if not parents:
            continue
        ends = frozenset(((z['id.orig_h'], int(z['id.orig_p'])), (z['id.resp_h'], int(z['id.resp_p']))))
        names = conns.get(ends, set())
        sums.add('Zeek: connection in a tunnel', any(tunnels.get(n) in parents for n in names),
                 path, ends, parents, names)


def main():
    args = [a for a in sys.argv[1:] if not a.startswith('--')]
    show = sys.argv[sys.argv.index('--show') + 1] if '--show' in sys.argv else ''
    if show in args:
        args.remove(show)
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = args[1] if len(args) > 1 else os.environ.get(
        'DWELL_CORPORA', os.path.join(here, '..', '..', '..', 'shared', 'corpora'))
    if not shutil.which('tshark') or not os.path.isdir(corpora):
        print('1..0 # SKIP no tshark, or no ' + corpora)
        return 0
    sums, looked = Sums(show), 0
    for path in captures(corpora):
        name = os.path.relpath(path, corpora)
        folder = os.path.join(corpora, 'truth', 'zeek-run', name)
        known = os.path.exists(os.path.join(folder, 'tunnel.log'))
        if known:
            compare_zeek(os.path.join(args[0], 'records'), path, folder, sums)
        if known or any(w in name.lower() for w in WORDS) or corpus.chosen(name):
            looked += 1
            compare_frames(os.path.join(args[0], 'packets'), path, sums)
    fields = sorted(set(sums.equal) | set(sums.differ))
    failed = not fields
    print('1..%d' % len(fields))
    for i, field in enumerate(fields, 1):
        known = sum(n for (f, _), n in sums.kinds.items() if f == field)
        share = 1 - sums.differ[field] / (sums.equal[field] + known + sums.differ[field])
        failed |= share < LEAST
        print('%s %d - %s: %d equal, %d explained, %d differ' % (
            'ok' if share >= LEAST else 'not ok', i, field, sums.equal[field], known,
            sums.differ[field]))
        for (f, reason), n in sorted(sums.kinds.items()):
            if f == field:
                print('# %d: %s' % (n, reason))
    print('# %d captures with tshark' % looked)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
