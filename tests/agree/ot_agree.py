#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of industrial protocols held against tshark, message by message and field by field, and
against the logs of Zeek (modbus, dnp3) and of ICSNPP.

usage: ot_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. A row of ours is taken apart into the request and
its answer; each, like each message of tshark, has a time and a direction, and of what they have in
common every value is counted (ot_specs.py says which field of ours is which of tshark's). Every
difference must be of a known kind; exit 1 where one is not, or where a field agrees, those aside, in
less than 99 % of the messages. Skips, and says so, when the corpora are not there.
"""
import collections
import datetime
import ipaddress
import json
import os
import shutil
import subprocess
import sys

import corpus
import ot_icsnpp
import ot_specs
import ot_zeek

LEAST = 0.99
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(text):
    t = datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ')
    t = t.replace(tzinfo=datetime.timezone.utc) - EPOCH
    return (t.days * 86400 + t.seconds) * 1000000 + t.microseconds


def end(address, port):
    return (str(ipaddress.ip_address(address)), int(port or 0)) if address else ('', 0)


class Message:
    """A message: when, from whom to whom, whether it asks, and the row it is from."""

    def __init__(self, when, ends, asks, row):
        self.when, self.ends, self.asks, self.row = when, ends, asks, row


def messages(row):
    """The messages of a row: request, answer."""
    when = micros(row['ts'])
    if 'src_mac' in row:
        ends = row['src_mac'], row['dst_mac']
    else:
        ends = end(row['src_ip'], row['src_port']), end(row['dst_ip'], row['dst_port'])
        if not row['from_src']:
            ends = ends[::-1]
    asked = row.get('request_bytes', 0) > 0
    if asked:
        yield Message(when, ends, True, row)
    if row.get('answer_bytes', 0) > 0:
        rtt = round(row.get('rtt', 0) * 1e6)
        yield Message(when + rtt if asked else when, ends[::-1], False, row)


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = [json.loads(line) for line in done.stdout.decode('utf-8', 'replace').split('\n')
            if line.startswith('{"table":"ot"')]
    rows.sort(key=lambda r: r['ts'])
    return rows


ENDS = ['frame.time_epoch', 'eth.src', 'eth.dst', 'ip.src', 'ipv6.src', 'tcp.srcport',
        'udp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport', 'udp.dstport']
FRESH = ('!icmp && !tcp.analysis.retransmission && !tcp.analysis.fast_retransmission && '
         '!tcp.analysis.spurious_retransmission')


def tshark(capture, shown, fields, extra):
    args = [a for f in ENDS + fields for a in ('-e', f)]
    done = subprocess.run(['tshark', '-r', capture, '-Y', f'({shown}) && {FRESH}', '-T', 'fields', '-E',
                           'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=|'] + extra + args,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = [c.split('|') if c else [] for c in line.split('\t')]
        if len(cells) != len(ENDS) + len(fields):
            continue
        c = [v[-1] if v else '' for v in cells[:len(ENDS)]]
        seconds, _, part = c[0].partition('.')
        when = int(seconds) * 1000000 + int((part + '000000')[:6])
        if c[3] or c[4]:
            ends = end(c[3] or c[4], c[5] or c[6]), end(c[7] or c[8], c[9] or c[10])
        else:
            ends = c[1], c[2]
        yield (when, ends), dict(zip(fields, cells[len(ENDS):]))


class Tally(corpus.Tally):
    def count_all(self, who, field, n, same, kind=None, what=None):
        """n values of which so many are the same; the others are of that kind."""
        self.rows[who, field] += n
        self.equal[who, field] += same
        if n > same:
            self.kinds[who, field, kind or 'UNEXPLAINED'] += n - same
            self.shown.append((who, field, kind, what))


def compare_tshark(tally, name, path, rows, spec):
    asked, told = collections.defaultdict(list), collections.defaultdict(list)
    for row in rows:
        if row['protocol'] in spec.protocols and spec.mine(row):
            for m in messages(row):
                (asked if m.asks else told)[m.when, m.ends].append(m)
    fields = sorted({f for c in spec.columns for f in c.theirs})
    seen = set()
    theirs_all = list(tshark(path, spec.shown, fields, spec.extra))
    if theirs_all and spec.usable is not None:
        theirs_all = [t for t in theirs_all if spec.usable(t[1])]
    grouped = {}
    for key, values in theirs_all:
        # A capture in nanoseconds: the time of an answer is the sum of two that are rounded.
        near = [k for k in ((key[0] + d, key[1]) for d in (0, -1, 1)) if k in asked or k in told]
        key = near[0] if near else key
        into = grouped.setdefault(key, collections.defaultdict(list))
        for f, v in values.items():
            into[f] += v
    for key, values in grouped.items():
        seen.add(key)
        for column in spec.columns:
            ours = []
            if column.of in ('request', 'both'):
                ours += [column.our(m.row) for m in asked.get(key, [])]
            if column.of in ('answer', 'both'):
                ours += [column.our(m.row) for m in told.get(key, [])]
            if column.of != 'both' and key not in (asked if column.of == 'request' else told):
                continue
            found = column.their(values)
            if found is None:
                continue
            theirs = collections.Counter(found)
            mine = collections.Counter(v for v in ours if v is not None)
            n = max(sum(theirs.values()), sum(mine.values()))
            if n == 0:
                continue
            same = sum((theirs & mine).values())
            kind = None
            if same < n:
                kind = spec.kind(name, column.name, theirs, mine, values)
            tally.count_all(spec.name, column.name, n, same, kind, (name, key, dict(theirs), dict(mine)))
    for key in set(asked) | set(told):
        if key not in seen:
            tally.kinds[spec.name, 'message', 'only ours'] += 1
            tally.shown.append((spec.name, 'extra', None, (name, key)))


def one_capture(args):
    program, corpora, name = args
    tally = Tally()
    path = os.path.join(corpora, name)
    rows = our_rows(program, path)
    ot_zeek.compare(tally, corpora, name, rows)
    ot_icsnpp.compare(tally, corpora, name, rows)
    if shutil.which('tshark'):
        for spec in ot_specs.SPECS:
            if any(r['protocol'] in spec.protocols for r in rows) or spec.named(name):
                compare_tshark(tally, name, path, rows, spec)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ('modbus.log', 'dnp3.log'), __doc__, ot_specs.named))
