#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of protocols with a row for each message held against tshark, and Zeek where it has such a log.

usage: messages_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. A message is found again by its time and its two
endpoints; messages_specs.py says which column of ours is which field of theirs, and which
differences are known. Every difference must be of a known kind; exit 1 where one is not, or where a
field agrees, those aside, in less than 99 % of the messages.
"""
import collections
import datetime
import ipaddress
import json
import os
import subprocess
import sys

import corpus
import messages_specs

LEAST = 0.99
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
ENDS = ['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'tcp.srcport', 'ip.dst', 'ipv6.dst',
        'udp.dstport', 'tcp.dstport', 'frame.protocols']


def micros(text):
    t = datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) - EPOCH
    return (t.days * 86400 + t.seconds) * 1000000 + t.microseconds


def ends(a, ap, b, bp):
    return frozenset([(str(ipaddress.ip_address(a)), int(ap)), (str(ipaddress.ip_address(b)), int(bp))])


def our_rows(program, path, tables):
    """{table: {(time, ends): [rows]}}"""
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = {t: collections.defaultdict(list) for t in tables}
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        name = line[10:line.find('"', 10)]
        if name in out:
            r = json.loads(line)
            out[name][micros(r['ts']), ends(r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port'])].append(r)
    return out


def moment(text):
    seconds, _, part = text.partition('.')
    return int(seconds) * 1000000 + int((part + '000000')[:6])


def tshark(path, spec):
    fields = sorted({f for c in spec.columns for f in c.fields} | set(spec.extra))
    command = ['tshark', '-n', '-r', path, '-Y', spec.shown, '-T', 'fields', '-E', 'occurrence=a',
               '-E', 'aggregator=\x1f', '-E', 'separator=/t'] + spec.options
    command += [a for f in ENDS + fields for a in ('-e', f)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) != len(ENDS) + len(fields):
            continue
        e = dict(zip(ENDS, (c.split('\x1f')[-1] for c in cells)))
        layers = cells[len(ENDS) - 1].split('\x1f')[0].split(':')
        if 'icmp' in layers or 'icmpv6' in layers or not (e['ip.src'] or e['ipv6.src']):
            continue
        # Of two IP headers fields cannot say which came last: tunnels are compared elsewhere.
        if layers.count('ip') + layers.count('ipv6') != 1:
            continue
        key = ends(e['ip.src'] or e['ipv6.src'], e['udp.srcport'] or e['tcp.srcport'] or 0,
                   e['ip.dst'] or e['ipv6.dst'], e['udp.dstport'] or e['tcp.dstport'] or 0)
        values = {f: [x for x in c.split('\x1f') if x] for f, c in zip(fields, cells[len(ENDS):])}
        yield (moment(e['frame.time_epoch']), key), values


def compare_tshark(tally, spec, name, path, rows):
    found = collections.defaultdict(list)
    for key, values in tshark(path, spec):
        if spec.usable is None or spec.usable(values):
            found[key].append(values)
    for key, messages in found.items():
        ours = [r for r in rows.get(key, []) if spec.ours is None or spec.ours(r)]
        for i, values in enumerate(messages):
            row = ours[i] if i < len(ours) else None
            what = (name, key, values, row)
            kind = spec.kind(name, 'row', values, None) if row is None and spec.kind else None
            tally.count(spec.name, 'row', row is not None, kind, what)
            if row is None:
                continue
            for c in spec.columns:
                theirs = c.their(values)
                if theirs is messages_specs.SKIP:
                    continue
                mine = row.get(c.name)
                same = mine == theirs or (c.same is not None and c.same(mine, theirs))
                kind = None if same or not spec.kind else spec.kind(name, c.name, values, row)
                tally.count(spec.name, c.name, same, kind, (name, key, theirs, mine, row))
    extra = [k for k, v in rows.items() if k not in found and (spec.ours is None or any(map(spec.ours, v)))]
    if extra:
        tally.kinds[spec.name, 'row', 'only ours'] += len(extra)
        tally.shown += [(spec.name, 'extra', None, (name, k, rows[k])) for k in extra]


def compare_flows(tally, spec, name, path, rows):
    """Of a table with a row for each flow: a value of ours is one that some message of the flow has."""
    flows, mine = {}, collections.defaultdict(list)
    for (_, key), values in tshark(path, spec):
        if spec.usable is None or spec.usable(values):
            into = flows.setdefault(key, collections.defaultdict(list))
            for f, v in values.items():
                into[f] += v
    for (_, key), found in rows.items():
        mine[key] += [r for r in found if spec.ours is None or spec.ours(r)]
    for key, values in flows.items():
        kind = spec.kind(name, 'row', values, None) if not mine[key] and spec.kind else None
        tally.count(spec.name, 'row', bool(mine[key]), kind, (name, key, dict(values)))
        for c in spec.columns if mine[key] else ():
            theirs = {c.convert(x) for f in c.fields for x in values[f]} - {None}
            ours = {r[c.name] for r in mine[key] if c.name in r}
            good = bool(ours & theirs) or not (ours or theirs)
            kind = None if good or not spec.kind else spec.kind(name, c.name, values, mine[key][0])
            tally.count(spec.name, c.name, good, kind, (name, key, theirs, mine[key]))
    extra = [k for k, v in mine.items() if v and k not in flows]
    if extra:
        tally.kinds[spec.name, 'row', 'only ours'] += len(extra)
        tally.shown += [(spec.name, 'extra', None, (name, k, mine[k])) for k in extra]


def compare_zeek(tally, spec, name, corpora, rows):
    folder = os.path.join(corpora, 'truth', 'zeek-run', name)
    path = os.path.join(folder, spec.zeek_log)
    inside = {c['uid'] for c in corpus.zeek_log(os.path.join(folder, 'conn.log'))
              if c['tunnel_parents'] not in ('-', '(empty)')}
    for z in corpus.zeek_log(path):
        if z['uid'] in inside:
            continue  # decode_agree.py and conn_agree.py compare tunnels
        key = (moment(z['ts']), ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p']))
        ours = [r for r in rows.get(key, []) if spec.ours is None or spec.ours(r)]
        row = ours[0] if ours else None
        if row is None:
            kind = spec.zeek_kind and spec.zeek_kind(name, 'row', z, None)
            tally.count('zeek.' + spec.name, 'row', False, kind, (name, z))
            continue
        tally.count('zeek.' + spec.name, 'row', True, None, None)
        best = max(ours, key=lambda r: sum(same(z, r, *c) for c in spec.zeek))
        for column in spec.zeek:
            good = same(z, best, *column)
            kind = None if good else spec.zeek_kind and spec.zeek_kind(name, column[0], z, best)
            tally.count('zeek.' + spec.name, column[0], good, kind, (name, z[column[0]], best.get(column[1]), z))


def same(z, row, theirs, ours, convert=lambda v: v):
    value = corpus_value(z[theirs])
    return row.get(ours) == (None if value is None else convert(value))


def corpus_value(text):
    """A text of Zeek's log as it stands for: absent, empty, or with its escapes as ours."""
    return {'-': None, '(empty)': ''}.get(text, text)


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    rows = our_rows(program, path, {s.table for s in messages_specs.SPECS})
    for spec in messages_specs.SPECS:
        mine = {k: v for k, v in rows[spec.table].items() if spec.ours is None or any(map(spec.ours, v))}
        if spec.shown and (mine or spec.named(name)):
            (compare_flows if spec.flows else compare_tshark)(tally, spec, name, path, mine)
        if spec.zeek_log:
            compare_zeek(tally, spec, name, corpora, mine)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, [s.zeek_log for s in messages_specs.SPECS if s.zeek_log],
                         __doc__.split('\n')[2][7:], messages_specs.named))
