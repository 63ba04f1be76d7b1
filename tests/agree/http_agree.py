#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our HTTP rows held against Zeek's http.log and against tshark, for every capture in the corpora.

usage: http_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. Zeek's rows are paired with ours by connection, method and target,
then by order. tshark's requests and responses are paired with ours in the order of each connection.
A field agrees where both values are equal after both are brought to one form: Zeek decodes
percent-escapes in the target and keeps the port and the case of the host, we do not. Every other
difference must be of a known kind (see the functions that end in _kind); exit 1 where one is not,
or where a field agrees, those kinds aside, in less than 99.5 % of the rows. --show prints the rows that differ. Skips,
and says so, when the corpora are not there.
"""
import collections
import datetime
import difflib
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

import corpus

LEAST = 0.995

ZEEK_FIELDS = {'method': 'method', 'host': 'host', 'uri': 'uri', 'version': 'version',
               'user_agent': 'user_agent', 'referrer': 'referrer', 'origin': 'origin',
               'status_code': 'status', 'status_msg': 'reason', 'username': 'username',
               'proxied': 'proxied', 'trans_depth': 'depth',
               'request_body_len': 'request_bytes', 'response_body_len': 'response_bytes'}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def seconds(text):
    t = datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ')
    return (t.replace(tzinfo=datetime.timezone.utc) - EPOCH).total_seconds()


def raw(text):
    """Text as logged, to the bytes it stands for."""
    data = text.encode('utf-8', 'surrogateescape')
    data = re.sub(rb'\\x([0-9a-fA-F]{2})', lambda m: bytes([int(m.group(1), 16)]), data)
    return data.replace(b'\\\\', b'\\')


def target(data):
    """A target without its percent-escapes."""
    return re.sub(rb'%([0-9a-fA-F]{2})', lambda m: bytes([int(m.group(1), 16)]), data)


def host(data):
    """A host as we store it: lower case, without port, brackets and final dot."""
    text = data.strip().lower()
    m = re.match(rb'\[([^\]]*)\]', text)
    if m:
        return m.group(1)
    if text.count(b':') == 1:
        text = text.split(b':')[0]
    return text[:-1] if text.endswith(b'.') and len(text) > 1 else text


def zeek_value(z, field):
    text = z[field]
    if text == '-':
        return 0 if field.endswith('_len') else None
    if field in ('status_code', 'trans_depth', 'request_body_len', 'response_body_len'):
        return int(text)
    if field == 'proxied':
        return sorted(raw(t) for t in text.split(',')) if text != '(empty)' else []
    data = b'' if text == '(empty)' else raw(text)
    if field == 'host':
        return host(data)
    if field == 'uri':
        return target(data)
    return data


def our_value(r, name):
    v = r.get(name)
    if name == 'proxied':
        return sorted(raw(t) for t in v) if v else None
    if v is None or isinstance(v, int):
        return v
    data = raw(v)
    return target(data) if name == 'uri' else data


def run_records(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows, conns, wrong, overlaps = [], [], set(), set()
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('{"table":"http"') and '"version":"2.0"' not in line:
            rows.append(json.loads(line))
        elif line.startswith('{"table":"conn"'):
            conns.append(json.loads(line))
        elif 'protocol=http' in line:
            wrong.add(our_ends(json.loads(line)))
        elif '"kind":"tcp_overlap"' in line:
            overlaps.add(our_ends(json.loads(line)))
    return rows, conns, wrong, overlaps


def address(text):
    a = ipaddress.ip_address(text)
    return getattr(a, 'ipv4_mapped', None) or a


def ends(a, ap, b, bp):
    return frozenset([(address(a), int(ap)), (address(b), int(bp))])


def our_ends(r):
    return ends(r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port'])


def pair(theirs, ours):
    """Pairs (z, r) of one connection; r is None where we have no row. First those with the same
    request and answer, then the same request, then the same depth."""
    left, pairs = list(ours), []
    keys = [lambda v, g: (g(v, 'method'), g(v, 'uri'), g(v, 'status'), g(v, 'depth')),
            lambda v, g: (g(v, 'method'), g(v, 'uri')),
            lambda v, g: g(v, 'depth')]
    back = {v: k for k, v in ZEEK_FIELDS.items()}
    rest = list(theirs)
    for key in keys:
        again = []
        for z in rest:
            want = key(z, lambda v, n: zeek_value(v, back[n]))
            found = next((r for r in left if key(r, our_value) == want), None)
            if found is None:
                again.append(z)
            else:
                left.remove(found)
                pairs.append((z, found))
        rest = again
    return pairs + [(z, None) for z in rest], left


class Capture:
    """What is known of one capture besides the rows: to say why they differ."""

    def __init__(self, name, said, messages):
        self.name, self.messages = name, messages
        self.rows, conns, self.wrong, self.overlaps = said
        self.conns = {our_ends(c): c for c in conns if c['proto'] == 'tcp'}

    def heads(self, key, response):
        return [m for m in self.messages.get(key, []) if bool(m['code']) == response]

    def has(self, key, response, field, pattern):
        """Whether tshark saw such a header field in the messages of a connection."""
        return any(re.search(pattern, m[field]) for m in self.heads(key, response))


TUNNEL = 'the connection lies in a tunnel that is not unwrapped here'
OVERFLOW = 'behind a length that overflows: others take it for 0, we stop or skip'


def missing_kind(z, key, group, capture):
    if z['method'] == 'PRI':
        return 'the preface of HTTP/2: what it begins is read here (http2_agree.py)'
    conn = capture.conns.get(key)
    if conn is None:
        return TUNNEL
    if z['method'] not in ('-',) and z['version'] in ('0.9', '-') and \
            not re.match('/|https?://', z['uri']):
        return 'a line of another protocol (IRC, RTSP, NATS), for Zeek a request without version'
    if z['method'] == '-' and z['status_code'] == '-':
        return 'no message: bytes of a body or of another protocol, which Zeek counts by themselves'
    if z['method'] == '-' and z['status_code'] == '400':
        return 'the client speaks TLS; only an answer in clear'
    if key in capture.wrong or capture.has(key, False, 'length', r'^\d{19,}'):
        return OVERFLOW
    return None


def body_kind(z, key, response, theirs, ours, capture):
    if capture.has(key, response, 'encoding', r'(?i)gzip|deflate'):
        return 'compressed: Zeek counts what is inside'
    if capture.has(key, response, 'type', r'(?i)multipart|message/'):
        return 'MIME parts: Zeek counts the lines of the parts'
    if 'http-evader' in capture.name:
        return 'framed in a way on which recipients differ, on purpose'
    conn = capture.conns[key]
    if conn['missed_bytes'] > 0:
        return 'bytes are missing in the capture: we count them, Zeek stops'
    if capture.has(key, response, 'length', r'^\d{19,}'):
        return 'a length that overflows: Zeek takes it for 0'
    if response and abs(theirs - ours) < 20 and (
            not capture.heads(key, True) or
            any(not m['length'] and not m['coding'] for m in capture.heads(key, response))):
        return 'until close: Zeek counts lines, each with two bytes for its end'
    if capture.name.endswith('http-09-content-length-confusion.pcap'):
        return 'HTTP/1 and 0.9 mixed on purpose: recipients differ'
    if response and theirs > ours and len(capture.heads(key, True)) < sum(
            our_ends(r) == key and 'status' in r for r in capture.rows):
        return 'compressed: Zeek counts what is inside (tshark does not see this response)'
    if response and z['status_code'] == '-':
        return 'Zeek gives up before the response; tshark sees it too'
    if z['uri'] != '-' and not re.match('/|https?://', z['uri']):
        return 'a request line that is not HTTP; the response is'
    if not response and theirs == 0:
        return 'Zeek loses its place in the body and counts it as a row of its own'
    if not response and theirs == ours + 2:
        return 'the line end that old browsers send after a form: Zeek counts it as body'
    return None


def zeek_kind(field, z, r, key, theirs, ours, capture):
    if field == 'version':
        if theirs is None:
            return 'no response: Zeek has no version then, ours is that of the request'
        if theirs == b'0.0':
            return 'no version in the response: Zeek says 0.0, we that of the request'
    if theirs == 0 and ours is None and field == 'status_code':
        return 'no status, or not three digits: 0 for Zeek'
    if theirs == b'<empty>' and ours is None:
        return 'no reason phrase: "<empty>" for Zeek'
    if field == 'trans_depth' and capture.has(key, False, 'method', 'CONNECT'):
        return 'inside the tunnel of a CONNECT ours begin to count anew'
    if field.endswith('_body_len'):
        return body_kind(z, key, field.startswith('resp'), theirs, ours, capture)
    if 'http-evader' in capture.name:
        return 'framed in a way on which recipients differ, on purpose'
    if field == 'host' and theirs is None and r.get('uri') and (
            r['method'] == 'CONNECT' or '://' in r['uri']):
        return 'no Host header: ours is the host of the target'
    if theirs is None and capture.has(key, False, 'type', r'(?i)multipart'):
        return 'Zeek loses its place in a multipart request; tshark sees what we see'
    if theirs is None and field.startswith('status') and any(
            m['code'] == str(r['status']) for m in capture.heads(key, True)):
        return 'Zeek gives up before the response; tshark sees it too'
    if field == 'uri' and theirs is not None and ours is not None:
        if target(ours) == theirs:
            return 'escaped twice: Zeek decodes twice'
        if raw(ours.decode('latin-1').replace('\\x', '\\\\x')) or b'\\' in ours:
            return 'a backslash, which looks like the escape of a byte'
    if z['uri'] != '-' and not re.match('/|https?://', z['uri']):
        return 'a request line that is not HTTP; the response is'
    return None


def count_extra(tally, capture, rows):
    """Rows that only we have: not wrong, but counted by what is special in their connection."""
    for r in rows:
        conn = capture.conns[our_ends(r)]
        kind = 'only ours: in the middle of a connection, or one side, where Zeek does not read'
        if conn['history'].startswith('S') and 'h' in conn['history'].lower():
            kind = 'only ours: read on after a gap, or before the request'
        tally.kinds['zeek', 'row', kind] += 1
        tally.shown.append(('zeek', 'extra', kind, (capture.name, r)))


def compare_zeek(tally, capture, truth):
    name, rows = capture.name, capture.rows
    conn_log = os.path.join(os.path.dirname(truth), 'conn.log')
    services = {z['uid']: z['service'] for z in corpus.zeek_log(conn_log)}
    by_ends = collections.defaultdict(list)
    for r in rows:
        by_ends[our_ends(r)].append(r)
    theirs = collections.defaultdict(list)
    for z in corpus.zeek_log(truth):
        z['service'] = services.get(z['uid'], '-').split(',')[0]
        theirs[ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p'])].append(z)
    extra = []
    for key, group in theirs.items():
        pairs, left = pair(group, by_ends.pop(key, []))
        extra += left
        for z, r in pairs:
            kind = None
            if r is None:
                kind = missing_kind(z, key, group, capture)
            tally.count('zeek', 'row', r is not None, kind, (name, z))
            if r is None:
                continue
            for field, ours_name in ZEEK_FIELDS.items():
                a, b = zeek_value(z, field), our_value(r, ours_name)
                tally.count('zeek', field, a == b,
                            None if a == b else zeek_kind(field, z, r, key, a, b, capture),
                            (name, z['id.orig_p'], a, b))
    count_extra(tally, capture, extra + [r for group in by_ends.values() for r in group])


TSHARK = ['ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport',
          'http.request.method', 'http.request.uri', 'http.host', 'http.user_agent',
          'http.response.code', 'http.content_encoding', 'http.content_type',
          'http.transfer_encoding', 'http.content_length_header']


def tshark_messages(capture):
    """The HTTP messages of each connection, in order; empty without tshark."""
    if shutil.which('tshark') is None:
        return {}
    fields = [a for f in TSHARK for a in ('-e', f)]
    done = subprocess.run(
        ['tshark', '-r', capture, '-Y', 'http && tcp && !icmp && !icmpv6', '-T', 'fields', '-E',
         'separator=/t', '-E', 'occurrence=a', '-E', 'aggregator=\x01'] + fields,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    messages = collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        cells = line.split('\t')
        if len(cells) != len(TSHARK):
            continue
        c = [x.split('\x01') for x in cells]
        if len(c[2]) != 1:
            continue  # packets in a packet
        src, dst = c[0][-1] or c[1][-1], c[3][-1] or c[4][-1]
        if not src or not dst or not c[2][-1]:
            continue
        key = ends(src, c[2][-1], dst, c[5][-1])
        n = max(len([x for x in c[i] if x]) for i in (6, 10))
        for i in range(n):
            def at(k):
                return c[k][i] if i < len(c[k]) else ''
            messages[key].append({
                'from': src, 'method': at(6), 'uri': at(7), 'host': at(8), 'agent': at(9),
                'code': at(10), 'encoding': at(11), 'type': at(12), 'coding': at(13),
                'length': at(14), 'several': n > 1})
    return messages


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    said = run_records(program, path)
    rows = said[0]
    truth = os.path.join(corpora, 'truth', 'zeek-run', name, 'http.log')
    has = os.path.exists(truth)
    messages = tshark_messages(path) if rows or has else {}
    capture = Capture(name, said, messages)
    if has:
        compare_zeek(tally, capture, truth)
    elif rows and os.path.isdir(os.path.dirname(truth)):
        count_extra(tally, capture, rows)
    compare_tshark(tally, capture)
    return tally


def tshark_row_kind(m, key, capture):
    conn = capture.conns.get(key)
    if conn is None:
        return TUNNEL
    if key in capture.wrong or capture.has(key, False, 'length', r'^\d{19,}'):
        return OVERFLOW
    if key in capture.overlaps:
        return 'sent twice with other bytes: tshark reads both, we the first'
    if conn['missed_bytes'] > 0:
        return 'bytes are missing in the capture; tshark goes on at every packet'
    if 'http-evader' in capture.name:
        return 'framed in a way on which recipients differ, on purpose'
    if not conn['history'].startswith('S'):
        return 'the capture begins inside the connection; tshark goes on at every packet'
    return None


def tshark_kind(field, m, r, key, theirs, ours, capture):
    if field == 'host' and theirs == b'' and r['method'] == 'CONNECT':
        return 'no Host header: ours is the host of the target'
    if field == 'uri' and theirs == b'' and not m['host']:
        return 'more than one space before the target: tshark shows none'
    if field == 'uri' and b' ' in ours and ours.startswith(theirs):
        return 'spaces in the target: tshark ends it at the first'
    return None


def follow(theirs, ours):
    """Pairs of places in two sequences: equal stretches, and those that replace one another."""
    for op, a, b, c, d in difflib.SequenceMatcher(None, theirs, ours, False).get_opcodes():
        for i in range(a, b):
            yield i, c + i - a if op != 'delete' and c + i - a < d else None


def compare_tshark(tally, capture):
    by_ends = collections.defaultdict(list)
    for r in capture.rows:
        by_ends[our_ends(r)].append(r)
    for key, messages in capture.messages.items():
        rows = by_ends[key]
        asked = [m for m in messages if m['method']]
        ours = [r for r in rows if 'method' in r]
        places = follow([(m['method'], m['uri']) for m in asked],
                        [(r['method'], r.get('uri')) for r in ours])
        for i, j in places:
            m = asked[i]
            tally.count('tshark', 'request', j is not None,
                        None if j is not None else tshark_row_kind(m, key, capture),
                        (capture.name, m))
            if j is None or m['several']:
                continue
            r = ours[j]
            for field, name in (('method', 'method'), ('uri', 'uri'), ('host', 'host'),
                                ('agent', 'user_agent')):
                a, b = raw(m[field]), raw(r.get(name, ''))
                a = host(a) if field == 'host' else a
                tally.count('tshark', field, a == b, None if a == b else tshark_kind(
                    field, m, r, key, a, b, capture), (capture.name, m['uri'], a, b))
        codes = [m['code'] for m in messages if m['code'] and not m['code'].startswith('1')]
        for i, j in follow(codes, [str(r['status']) for r in rows if 'status' in r]):
            same = j is not None
            tally.count('tshark', 'code', same, None if same else tshark_row_kind(
                {'code': codes[i], 'method': ''}, key, capture), (capture.name, codes[i]))


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['http.log'], __doc__))
