#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of databases and message brokers held against tshark, and against Zeek's logs.

usage: db_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. What tshark and Zeek have of a connection is a list in the
order of time, and so are our rows of it; the lists are laid beside each other (longest common parts), and
each value of theirs must be found in ours. db_specs.py says which column is which field, and which
differences are known. Every difference must be of a known kind; exit 1 where one is not, or where a
field agrees, those aside, in less than 99 % of its values. Skips, and says so, without the corpora.
"""
import collections
import difflib
import ipaddress
import json
import os
import subprocess
import sys

import corpus
import db_specs

LEAST = 0.99
TABLES = ('db', 'login', 'mq')
ENDS = ['ip.src', 'ipv6.src', 'tcp.srcport', 'udp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport', 'udp.dstport']


def ends(a, ap, b, bp):
    return frozenset([(str(ipaddress.ip_address(a)), int(ap)), (str(ipaddress.ip_address(b)), int(bp))])


def our_rows(program, path):
    """{ends: rows in the order of time}"""
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        if line[10:line.find('"', 10)] in TABLES:
            r = json.loads(line)
            out[ends(r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port'])].append(r)
    for rows in out.values():
        rows.sort(key=lambda r: r['ts'])
    return out


def tshark(path, shown, fields, options):
    """{ends: {field: values in the order of time}}"""
    command = ['tshark', '-n', '-r', path, '-Y', shown, '-T', 'fields', '-E', 'occurrence=a', '-E',
               'aggregator=\x1f', '-E', 'separator=/t'] + options
    command += [a for f in ENDS + fields for a in ('-e', f)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) != len(ENDS) + len(fields):
            continue
        e = dict(zip(ENDS, (c.split('\x1f')[-1] for c in cells)))
        key = ends(e['ip.src'] or e['ipv6.src'], e['tcp.srcport'] or e['udp.srcport'],
                   e['ip.dst'] or e['ipv6.dst'], e['tcp.dstport'] or e['udp.dstport'])
        for f, cell in zip(fields, cells[len(ENDS):]):
            out[key][f] += [c for c in cell.split('\x1f') if c]
    return out


def compare(tally, name, who, field, theirs, ours, kind):
    """Lay two lists of values beside each other."""
    matcher = difflib.SequenceMatcher(None, [str(v) for v in theirs], [str(v) for v in ours], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        for i in range(a, b):
            mine = ours[c + i - a] if what == 'replace' and c + i - a < d else None
            why = None if what == 'equal' else kind and kind(name, field, theirs[i], mine)
            tally.count(who, field, what == 'equal', why, (name, theirs[i], mine))
        if what in ('insert', 'replace') and d - c > b - a:
            tally.kinds[who, field, 'only ours'] += (d - c) - (b - a)
            tally.shown += [(who, field, None, (name, 'only ours', ours[c + b - a:d]))]


def compare_tshark(tally, spec, name, path, rows):
    found = tshark(path, spec.shown, [c.field for c in spec.columns], spec.options)
    for key, values in found.items():
        for c in spec.columns:
            theirs = [v for v in (c.convert(v) for v in values[c.field]) if v is not None]
            ours = [v for v in (c.ours(r) for r in rows.get(key, []) if r['protocol'] == spec.name)
                    if v is not None]
            if c.lists:
                ours = [v for one in ours for v in one]
            compare(tally, name, 'tshark', f'{spec.name}.{c.name}', theirs, ours, c.kind)


def compare_zeek(tally, log, name, path, rows):
    flows = collections.defaultdict(list)
    for z in filter(log.keep, corpus.zeek_log(path)):
        flows[ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p'])].append(z)
    for key, found in flows.items():
        if 'X' not in found[0]['ts']:
            found.sort(key=lambda z: float(z['ts']))
        ours = [r for r in rows.get(key, []) if log.ours(r)]
        for c in log.columns:
            compare(tally, name, 'zeek', f'{log.name}.{c.name}', [c.theirs(z) for z in found],
                    [c.mine(r) for r in ours], c.kind)


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    rows = our_rows(program, path)
    protocols = {r['protocol'] for v in rows.values() for r in v}
    for spec in db_specs.TSHARK:
        if spec.name in protocols or spec.named(name):
            compare_tshark(tally, spec, name, path, rows)
    for log in db_specs.ZEEK:
        for truth in log.truths(corpora, name):
            if os.path.exists(truth):
                compare_zeek(tally, log, name, truth, rows)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, [z.name + '.log' for z in db_specs.ZEEK],
                         __doc__.split('\n')[2][7:], db_specs.named))
