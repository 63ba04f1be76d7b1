#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of HTTP/2 in clear held against tshark's reading of the streams, and Suricata's events.

usage: http2_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. Captures are those that hold the preface of HTTP/2. A row is paired with
the stream of the same connection that has the same method, target and status, else the same method and target, else
that comes next. Every difference must be of a known kind; exit 1 where one is not, or where a field agrees, those kinds
aside, in less than 99 % of the rows. Skips, and says so, when the corpora are not there.
"""
import collections
import ipaddress
import json
import os
import shutil
import subprocess
import sys

import corpus

LEAST = 0.99
PREFACE = b'PRI * HTTP/2.0\r\n'
FIELDS = ['method', 'uri', 'host', 'status', 'user_agent', 'content_type', 'request_bytes', 'response_bytes']
NAMES = {':method': 'method', ':path': 'uri', ':authority': 'host', ':status': 'status', 'user-agent': 'user_agent'}


def end(address, port):
    return str(ipaddress.ip_address(address)), int(port)


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('{"table":"http"') and '"version":"2.0"' in line:
            r = json.loads(line)
            rows[frozenset((end(r['src_ip'], r['src_port']), end(r['dst_ip'], r['dst_port'])))].append(r)
    return rows


def every(value):
    return value if isinstance(value, list) else [value] if value is not None else []


def host(text):
    text = text.lower()
    text = text.rsplit('@', 1)[-1] if '@' in text else text
    return text.rsplit(':', 1)[0] if text.count(':') == 1 else text


def take_frame(stream, frame, from_client):
    """What a frame says of its stream: fields of the first header of each side, bytes of content."""
    if frame.get('http2.type') == '0':
        pad = int(frame.get('http2.pad_length', 0)) + 1 if frame.get('http2.flags_tree', {}).get(
            'http2.flags.padded') in ('1', True, 'True') else 0
        key = 'request_bytes' if from_client else 'response_bytes'
        stream[key] = stream.get(key, 0) + int(frame.get('http2.length', 0)) - pad
    headers = every(frame.get('http2.header'))
    names = [h.get('http2.header.name') for h in headers]
    if ':method' not in names and ':status' not in names:
        return
    for h in headers:
        name, value = h.get('http2.header.name'), h.get('http2.header.value', '')
        if name == 'content-type' and not from_client:
            stream.setdefault('content_type', value)
        elif name in NAMES:
            stream.setdefault(NAMES[name], int(value) if name == ':status' else
                              host(value) if name == ':authority' else value)


def tshark_streams(capture):
    done = subprocess.run(['tshark', '-r', capture, '-Y', 'http2', '-T', 'json', '--no-duplicate-keys', '-J',
                           'ip ipv6 tcp http2'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    streams = collections.defaultdict(dict)
    clients = {}
    for packet in json.loads(done.stdout.decode('utf-8', 'replace') or '[]'):
        layers = packet['_source']['layers']
        ip = every(layers.get('ip') or layers.get('ipv6'))[-1]
        tcp = every(layers['tcp'])[-1]
        src = ip.get('ip.src') or ip.get('ipv6.src'), tcp['tcp.srcport']
        dst = ip.get('ip.dst') or ip.get('ipv6.dst'), tcp['tcp.dstport']
        conn = frozenset((end(*src), end(*dst)))
        for layer in every(layers['http2']):
            for frame in every(layer.get('http2.stream')):
                if isinstance(frame, dict) and 'http2.magic' in frame or 'http2.streamid' not in frame:
                    clients.setdefault(conn, end(*src))
                    continue
                if frame.get('http2.type') in ('0', '1', '9'):
                    take_frame(streams[conn, int(frame['http2.streamid'])], frame,
                               clients.get(conn) == end(*src))
    return {key: s for key, s in streams.items() if 'method' in s or 'status' in s}


def pairs(theirs, ours):
    left, rest, out = sorted(ours, key=lambda r: r['depth']), list(theirs), []
    for keys in (('method', 'uri', 'status'), ('method', 'uri'), ()):
        again = []
        for s in rest:
            r = next((r for r in left if all(r.get(k) == s.get(k) for k in keys)), None)
            if r is None:
                again.append(s)
            else:
                left.remove(r)
                out.append((s, r))
        rest = again
    return out + [(s, None) for s in rest], left


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    with open(path, 'rb') as f:
        if PREFACE not in f.read() or not shutil.which('tshark'):
            return tally
    rows = our_rows(program, path)
    streams = collections.defaultdict(list)
    for (conn, _), s in sorted(tshark_streams(path).items(), key=lambda kv: kv[0][1]):
        streams[conn].append(s)
    for conn, theirs in streams.items():
        both, left = pairs(theirs, rows.pop(conn, []))
        for s, r in both:
            tally.count('tshark', 'row', r is not None, None, (name, s))
            for field in FIELDS if r else ():
                a, b = s.get(field, 0 if field.endswith('bytes') else None), r.get(field)
                tally.count('tshark', field, a == b, None, (name, a, b, s))
        tally.kinds['tshark', 'row', 'only ours'] += len(left)
        tally.shown += [('tshark', 'extra', None, (name, r)) for r in left]
    for conn, left in rows.items():
        tally.kinds['tshark', 'row', 'only ours'] += len(left)
        tally.shown += [('tshark', 'extra', None, (name, r)) for r in left]
    compare_suricata(tally, corpora, name, our_rows(program, path))
    return tally


def compare_suricata(tally, corpora, name, rows):
    """Suricata has an event for each stream that has a header; ours may have more."""
    path = os.path.join(corpora, 'truth', 'suricata-run', name, 'eve.json')
    if not os.path.exists(path):
        return
    mine = collections.Counter((r.get('method'), r.get('uri'), r.get('status')) for v in rows.values() for r in v)
    with open(path, encoding='utf-8', errors='replace') as f:
        events = [json.loads(line) for line in f if '"event_type":"http"' in line]
    for e in events:
        h = e['http']
        if h.get('version') != '2' or not h.get('http2', {}).get('stream_id'):
            continue
        asked = {x['name']: x.get('value') for x in h.get('request_headers', []) if 'name' in x}
        told = {x['name']: x.get('value') for x in h.get('response_headers', []) if 'name' in x}
        status = told.get(':status')
        key = asked.get(':method'), asked.get(':path'), int(status) if status else None
        if key == (None, None, None):
            continue
        kind = None
        if mine[key] < 1 and mine[None, None, key[2]] > 0:
            kind = 'asked in HTTP/1.1 before the upgrade: a row of its own here'
        tally.count('suricata', 'stream', mine[key] > 0, kind, (name, key))
        mine[key] -= 1


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['none.log'], __doc__, also=lambda name: True))
