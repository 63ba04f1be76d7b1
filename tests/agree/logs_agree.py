#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rows that dwell makes of logs, held against what the files hold.

usage: logs_agree.py PROGRAMS [CORPORA] [--show] [--only PART]

PROGRAMS is the folder tests/agree of a build, where the program dwell is two folders up. Reads the corpora's logs/ (Zeek's TSV and JSON, EVE, Argus's CSV) and Zeek's and
Suricata's logs under truth/ into a memory, and each line of them here, with other code: the row of a
line is found by its source and byte offset, and each column is compared with what the line says.
Lines of which dwell made no row, and rows of which there is no line, are differences too. Certificates
are found by their serial, subject and dates, drops by their sum. Every file of a folder must be accounted
for: compared, the same bytes as another, a log of a kind of which no table is kept, nfdump's (which
flow_agree.py compares), or no log at all.
Skips, and says so, when the corpora are not there.
"""
import collections
import csv
import decimal
import gzip
import ipaddress
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone

KINDS = ('conn', 'dns', 'ssl', 'http', 'ssh', 'weird', 'x509', 'stats', 'capture_loss')
TABLE = {'ssl': 'tls', 'weird': 'anomaly'}

# Zeek's logs of which dwell keeps no table; those of RITA's sensors that begin with open_ are of
# connections that were still open, which the later log has again.
NOT_KEPT = {'tunnel', 'smtp', 'files', 'notice', 'kerberos', 'smb_files', 'smb_mapping', 'dce_rpc', 'dpd',
            'pe', 'dhcp', 'known_hosts', 'known_services', 'packet_filter', 'software', 'loaded_scripts',
            'sip', 'open_conn', 'open_http', 'open_ssl'}
NO_LOG = ('README.md', 'labels.config')
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Tally:
    def __init__(self, show):
        self.rows, self.wrong, self.show = collections.Counter(), collections.Counter(), show

    def compare(self, what, field, theirs, ours, where):
        self.rows[what, field] += 1
        if theirs != ours:
            self.wrong[what, field] += 1
            if self.show or self.wrong[what, field] <= 5:
                print(f'{what} {field}: the file says {theirs!r}, the row {ours!r} ({where})')


# ---- what a value means ----

def clean(data):
    """Bytes as dwell holds a text: UTF-8 without control characters, other bytes as \\xNN."""
    out = []
    for piece in re.findall(rb'[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|.',
                            data, re.S):
        try:
            text = piece.decode()
            good = len(piece) > 1 and not 0x80 <= ord(text) < 0xa0 or 0x20 <= piece[0] < 0x7f and len(piece) == 1
        except UnicodeDecodeError:
            good = False
        out.append(text if good else ''.join(f'\\x{b:02x}' for b in piece))
    return ''.join(out)


def raw(cell):
    """A TSV cell's bytes, Zeek's escapes undone."""
    return re.sub(rb'\\(?:x([0-9a-fA-F]{2})|(\\))',
                  lambda m: bytes([int(m[1], 16)]) if m[1] else b'\\', cell)


def micro(text):
    """Microseconds since 1970 of seconds or ISO 8601."""
    if re.match(r'\d{4}-', text):
        text = re.sub(r'([+-]\d\d)(\d\d)$', r'\1:\2', text).replace('Z', '+00:00').replace('/', '-')
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
        delta = when - EPOCH
        return (delta.days * 86400 + delta.seconds) * 1000000 + delta.microseconds
    return int((decimal.Decimal(text) * 1000000).quantize(0, decimal.ROUND_HALF_UP))


def address(text):
    ip = ipaddress.ip_address(text)
    mapped = getattr(ip, 'ipv4_mapped', None)
    # The unspecified address is no address: absent.
    return str(mapped or ip) if ip.version == 4 or int(ip) else None


def our_time(text):
    return micro(text) if text else None


def lower(text):
    """As DNS has it: ASCII letters only."""
    return re.sub('[A-Z]+', lambda m: m[0].lower(), text)


class Line:
    """A line's values as text (None: not there), lists as lists."""

    def __init__(self, values, separator=None):
        self.v, self.tsv = values, separator is not None

    def text(self, name):
        v = self.v.get(name)
        if v is None or isinstance(v, (list, dict)):
            return None
        if isinstance(v, bytes):
            return clean(raw(v))
        return clean(str(v).encode('utf-8', 'surrogatepass')) if not isinstance(v, bool) else str(v).lower()

    def lower(self, name):
        t = self.text(name)
        return lower(t) if t is not None else None

    def number(self, name):
        t = self.text(name)
        return int(decimal.Decimal(t)) if t is not None else None

    def flag(self, name):
        t = self.text(name)
        return {'T': True, 'true': True, 'F': False, 'false': False}.get(t)

    def list(self, name):
        v = self.v.get(name)
        if v is None:
            return []
        if isinstance(v, list):
            return [clean(str(x).encode()) for x in v]
        return [clean(raw(x)) for x in v.split(b',')] if v else []


# ---- reading the files ----

def content(path):
    with open(path, 'rb') as f:
        data = f.read()
    return gzip.decompress(data) if data[:2] == b'\x1f\x8b' else data


def lines(data):
    at = 0
    while at < len(data):
        end = data.find(b'\n', at)
        end = len(data) if end < 0 else end
        line = data[at:end].rstrip(b'\r')
        if line:
            yield at, line
        at = end + 1


def zeek_tsv(data):
    """(kind, offset, Line) of each row."""
    kind, names = None, []
    for at, line in lines(data):
        cells = line.split(b'\t')
        if line[:1] == b'#':
            if cells[0] == b'#path':
                kind = cells[1].decode()
            elif cells[0] == b'#fields':
                names = [c.decode() for c in cells[1:]]
            continue
        v = {n: (None if c == b'-' else b'' if c == b'(empty)' else c) for n, c in zip(names, cells)}
        yield kind, at, Line(v, ',')


def flat(value, prefix=''):
    out = {}
    for k, v in value.items():
        if isinstance(v, dict):
            out.update(flat(v, prefix + k + '.'))
        elif v is not None:
            out[prefix + k] = v
    return out


DOTTED = [re.compile(p) for p in (r'^(id)_(orig_[hp]|resp_[hp])$', r'^(certificate)_(.*)$',
                                  r'^(san)_(.*)$', r'^(basic_constraints)_(.*)$')]


def zeek_json(data, path):
    for at, line in lines(data):
        v = flat(json.loads(line, parse_float=decimal.Decimal))
        for k in list(v):
            for p in DOTTED:
                m = p.match(k)
                if m:
                    v[m[1] + '.' + m[2]] = v.pop(k)
        kind = v.get('@stream') or v.get('_path') or next(
            (w for w in re.split(r'[._-]', os.path.basename(path)) if w in KINDS or w in NOT_KEPT), None)
        yield kind, at, Line(v)


# ---- what a row must be ----

def ends(l):
    return {'src_ip': address(l.text('id.orig_h')), 'dst_ip': address(l.text('id.resp_h')),
            'src_port': l.number('id.orig_p') or 0, 'dst_port': l.number('id.resp_p') or 0}


def service(text):
    words = [{'ssl': 'tls', 'http2': 'http', 'failed': ''}.get(w, w) for w in (text or '').lower().split(',')]
    return ','.join(w for w in words if w) or None


def strip_host(host):
    if not host:
        return host
    if host[0] == '[':
        return host[1:].split(']')[0]
    if host.count(':') == 1:
        host = host.split(':')[0]
    return host[:-1] if host.endswith('.') else host


def dns_answer(text):
    rest, out = text, []
    while rest:
        m = re.match(r'(?:TXT|SPF) (\d+) ', rest)
        if m is None or int(m[1]) > len(rest) - m.end():
            return text
        out.append(rest[m.end():m.end() + int(m[1])])
        rest = rest[m.end() + int(m[1]):]
        if rest and rest[0] != ' ':
            return text
        rest = rest[1:]
    return ' '.join(out) if text else text


CLASSES = {1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY'}


def zeek_row(kind, l):
    """The columns that the line decides."""
    if kind == 'weird':
        return {'ts': micro(l.text('ts')), 'kind': 'weird'}
    r = ends(l)
    r['ts'] = micro(l.text('ts'))
    texts, lowers, numbers, flags = {}, {}, {}, {}
    if kind == 'conn':
        texts = {'state': 'conn_state', 'history': 'history'}
        lowers = {} if l.text('proto') == 'unknown_transport' else {'proto': 'proto'}
        numbers = {'src_bytes': 'orig_bytes', 'dst_bytes': 'resp_bytes', 'src_packets': 'orig_pkts',
                   'dst_packets': 'resp_pkts', 'src_ip_bytes': 'orig_ip_bytes',
                   'dst_ip_bytes': 'resp_ip_bytes', 'missed_bytes': 'missed_bytes'}
        r['service'] = service(l.text('service'))
        d = l.text('duration')
        r['duration'] = round(float(d), 6) if d is not None else None
    elif kind == 'dns':
        lowers = {'proto': 'proto'}
        flags = {'aa': 'AA', 'tc': 'TC', 'rd': 'RD', 'ra': 'RA'}
        q = l.lower('query')
        r['query'] = q[:-1] if q and q.endswith('.') else q
        r['id'] = l.number('trans_id')
        t = l.text('qtype_name')
        r['qtype'] = 'ANY' if t == '*' else re.sub(r'^query-', 'TYPE', t) if t else None
        r['qtype'] = {'TYPE65': 'HTTPS', 'TYPE64': 'SVCB', 'TYPE257': 'CAA'}.get(r['qtype'], r['qtype'])
        r['rcode'] = l.text('rcode_name')
        c = l.number('qclass')
        r['qclass'] = CLASSES.get(c, f'CLASS{c}') if c is not None else None
        r['answers'] = [dns_answer(a) for a in l.list('answers')]
        r['ttls'] = [int(decimal.Decimal(t)) for t in l.list('TTLs')]
        d = l.text('rtt')
        r['rtt'] = round(float(d), 6) if d is not None else None
    elif kind == 'ssl':
        texts = {'version': 'version', 'cipher': 'cipher', 'curve': 'curve', 'alpn': 'next_protocol',
                 'alert': 'last_alert'}
        lowers = {'ja3': 'ja3', 'ja3s': 'ja3s'}
        flags = {'resumed': 'resumed', 'established': 'established'}
        s = l.lower('server_name')
        r['sni'] = s[:-1] if s and s.endswith('.') else s
        chain = l.list('cert_chain_fps') if l.v.get('cert_chain_fps') is not None else l.list('cert_chain_fuids')
        r['cert_count'] = len(chain)
        if l.text('subject'):
            r['subject'] = l.text('subject')
    elif kind == 'http':
        texts = {'method': 'method', 'uri': 'uri', 'version': 'version', 'user_agent': 'user_agent',
                 'referrer': 'referrer', 'origin': 'origin', 'reason': 'status_msg', 'username': 'username'}
        numbers = {'depth': 'trans_depth', 'request_bytes': 'request_body_len',
                   'response_bytes': 'response_body_len'}
        r['host'] = strip_host(l.lower('host'))
        r['status'] = l.number('status_code')
        r['proxied'] = l.list('proxied')
    elif kind == 'ssh':
        texts = {'client': 'client', 'server': 'server', 'cipher': 'cipher_alg', 'mac': 'mac_alg',
                 'compression': 'compression_alg', 'kex': 'kex_alg', 'host_key_alg': 'host_key_alg'}
        r['version'] = l.number('version')
    r.update({o: l.text(t) for o, t in texts.items()})
    r.update({o: l.lower(t) for o, t in lowers.items()})
    r.update({o: l.number(t) or 0 for o, t in numbers.items()})
    r.update({o: l.flag(t) for o, t in flags.items()})
    return r


def ours(row, field):
    v = row.get(field)
    if field == 'ts':
        return our_time(v)
    if field in ('duration', 'rtt'):
        return round(v, 6) if v is not None else None
    return v


# ---- EVE ----

def eve_flow(o):
    f = o['flow']
    start, end = micro(f['start']), micro(f['end'])
    icmp = 'icmp_type' in o
    proto = o['proto'].lower()
    overhead = 14
    return {'ts': start, 'duration': round((end - start) / 1e6, 6) if end > start else None,
            'src_ip': address(o['src_ip']), 'dst_ip': address(o['dest_ip']),
            'src_port': o.get('icmp_type' if icmp else 'src_port', 0),
            'dst_port': o.get('icmp_code' if icmp else 'dest_port', 0),
            'proto': 'icmp' if proto == 'ipv6-icmp' else proto,
            'src_packets': f['pkts_toserver'], 'dst_packets': f['pkts_toclient'],
            'src_ip_bytes': max(0, f['bytes_toserver'] - overhead * f['pkts_toserver']),
            'dst_ip_bytes': max(0, f['bytes_toclient'] - overhead * f['pkts_toclient']),
            'service': service(o.get('app_proto'))}


def eve_http(o):
    h = o['http']
    return {'ts': micro(o['timestamp']), 'src_ip': address(o['src_ip']), 'dst_ip': address(o['dest_ip']),
            'method': clean(h['http_method'].encode()) if 'http_method' in h else None,
            'host': strip_host(clean(h['hostname'].encode()).lower()) if 'hostname' in h else None,
            'uri': clean(h['url'].encode('utf-8', 'surrogatepass')) if 'url' in h else None,
            'user_agent': clean(h['http_user_agent'].encode('utf-8', 'surrogatepass'))
            if 'http_user_agent' in h else None,
            'status': h.get('status'), 'response_bytes': h.get('length', 0)}


def eve_tls(o):
    t = o['tls']
    sni = clean(t['sni'].encode()).lower() if 'sni' in t else None
    return {'ts': micro(o['timestamp']), 'src_ip': address(o['src_ip']), 'dst_ip': address(o['dest_ip']),
            'dst_port': o['dest_port'], 'sni': sni[:-1] if sni and sni.endswith('.') else sni,
            'ja3': t.get('ja3', {}).get('hash'), 'ja3s': t.get('ja3s', {}).get('hash'),
            'not_before': micro(t['notbefore']) if 'notbefore' in t else None}


def eve_dns_pairs(events):
    """(offset of the row, columns) of questions with their answers."""
    waiting = {}
    for at, o in events:
        d = o['dns']
        name = lower(clean(d.get('rrname', '').encode('utf-8', 'surrogatepass')))
        name = name[:-1] if name.endswith('.') else name
        key = (o['flow_id'], d['id'], name, d.get('rrtype'))
        when = micro(o['timestamp'])
        if d['type'] == 'query':
            if key in waiting:
                yield waiting.pop(key)
            waiting[key] = (at, {'ts': when, 'query': name, 'rcode': None, 'answers': []})
            continue
        answers = [clean(a['rdata'].encode('utf-8', 'surrogatepass')) for a in d.get('answers', ())
                   if 'rdata' in a]
        if key in waiting:
            at, r = waiting.pop(key)
            if when >= r['ts']:
                r['rtt'] = round((when - r['ts']) / 1e6, 6)
        else:
            r = {'ts': when, 'query': name}
        r.update(rcode=d.get('rcode'), answers=answers)
        yield at, r
    yield from waiting.values()


# ---- the two against each other ----

class Memory:
    def __init__(self, dwell, paths):
        self.dwell = dwell
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, 'm')
        done = subprocess.run([dwell, 'scan', '-m', self.path, *paths], capture_output=True, check=False)
        self.notes = done.stderr.decode(errors='replace')
        if done.returncode not in (0, 3):
            sys.exit(f'dwell scan failed: {self.notes}')

    def rows(self, table):
        """Rows by source and offset."""
        done = subprocess.run([self.dwell, 'query', '-m', self.path, '--format', 'json',
                               f'SELECT * FROM {table} WHERE source IS NOT NULL'],
                              capture_output=True, check=True)
        out = collections.defaultdict(list)
        for line in done.stdout.splitlines():
            r = json.loads(line)
            out[r['source'], r['source_offset']].append(r)
        return out


def compare(tally, what, expected, row, where):
    for field, value in expected.items():
        got = ours(row, field)
        if field in ('not_before',):
            got = our_time(got)
        tally.compare(what, field, value, got, where)


def file_lines(path):
    data = content(path)
    if data.startswith(b'#separator'):
        return 'zeek', list(zeek_tsv(data))
    if data.startswith(b'StartTime,'):
        return 'argus', list(lines(data))
    if data[:1] == b'{' and b'"event_type"' in data[:4096]:
        return 'eve', [(at, json.loads(x, parse_float=decimal.Decimal)) for at, x in lines(data)]
    if data[:1] == b'{':
        return 'zeek', list(zeek_json(data, path))
    return None, []


def zeek_file(tally, tables, seen, path, rows):
    for kind, at, line in rows:
        if kind not in KINDS or kind in ('x509', 'stats', 'capture_loss'):
            continue
        table = TABLE.get(kind, kind)
        got = tables[table].get((path, at), [])
        tally.compare(kind, 'a row', 1, len(got), f'{path} byte {at}')
        seen[table].add((path, at))
        if got:
            compare(tally, kind, zeek_row(kind, line), got[0], f'{path} byte {at}')


def zeek_names(tally, tables, folder_files):
    """server_name and fingerprints of connections, by uid within a folder."""
    for files in folder_files.values():
        names, prints = {}, {}
        for _, rows in files:
            for kind, _, l in rows:
                if kind == 'ssl' and l.text('uid') and l.lower('server_name'):
                    names.setdefault(l.text('uid'), l.lower('server_name').rstrip('.'))
                if kind == 'ssl' and l.text('uid') and l.text('ja3'):
                    prints.setdefault(l.text('uid'), l.text('ja3'))
        for path, rows in files:
            for kind, at, l in rows:
                got = tables['conn'].get((path, at))
                if kind != 'conn' or not got or not l.text('uid'):
                    continue
                if l.text('uid') in names:
                    tally.compare('conn', 'server_name', names[l.text('uid')], got[0]['server_name'], (path, at))
                tally.compare('conn', 'ja3', prints.get(l.text('uid')), got[0]['ja3'], (path, at))


def eve_file(tally, tables, seen, path, events):
    makers = {'flow': ('conn', eve_flow), 'http': ('http', eve_http), 'tls': ('tls', eve_tls)}
    for at, o in events:
        if o['event_type'] not in makers:
            continue
        table, make = makers[o['event_type']]
        got = tables[table].get((path, at), [])
        tally.compare('eve ' + table, 'a row', 1, len(got), f'{path} byte {at}')
        seen[table].add((path, at))
        if got:
            compare(tally, 'eve ' + table, make(o), got[0], f'{path} byte {at}')
    dns = [(at, o) for at, o in events if o['event_type'] == 'dns']
    for at, expected in eve_dns_pairs(dns):
        got = tables['dns'].get((path, at), [])
        tally.compare('eve dns', 'a row', 1, len(got), f'{path} byte {at}')
        seen['dns'].add((path, at))
        if got:
            compare(tally, 'eve dns', expected, got[0], f'{path} byte {at}')
    for at, o in events:
        if o['event_type'] == 'ssh':
            seen['ssh'].add((path, at))


def argus_file(tally, tables, seen, path, rows):
    header = rows[0][1].decode().split(',')
    for at, line in rows[1:]:
        v = dict(zip(header, next(csv.reader([line.decode()]))))
        got = tables['conn'].get((path, at), [])
        tally.compare('argus', 'a row', 1, len(got), f'{path} byte {at}')
        seen['conn'].add((path, at))
        if not got:
            continue
        total, src = int(v['TotBytes']), int(v['SrcBytes'])
        port = {k: int(v[k]) if v[k].isdigit() else 0 for k in ('Sport', 'Dport')}
        compare(tally, 'argus', {
            'ts': micro(v['StartTime'].replace('/', '-')), 'duration': round(float(v['Dur']), 6),
            'proto': v['Proto'], 'src_ip': address(v['SrcAddr']), 'dst_ip': address(v['DstAddr']),
            'src_port': port['Sport'], 'dst_port': port['Dport'], 'src_ip_bytes': src,
            'dst_ip_bytes': total - src, 'src_packets': int(v.get('SrcPkts') or 0)}, got[0],
            f'{path} byte {at}')


def certificate(l):
    """What a certificate is known by."""
    number = l.number('certificate.key_length')
    return (l.text('certificate.serial'), l.text('certificate.subject'), l.text('certificate.issuer'),
            micro(l.text('certificate.not_valid_before')), number)


def certificates(tally, memory, folder_files):
    """x509.log: a row of each certificate that a handshake of the folder names, and no others."""
    certs = [(os.path.dirname(source), r) for (source, _), rows in memory.rows('cert').items() for r in rows]
    for folder, files in folder_files.items():
        named, told = set(), {}
        for _, rows in files:
            for kind, _, l in rows:
                if kind == 'ssl':
                    for field in ('cert_chain_fuids', 'client_cert_chain_fuids', 'cert_chain_fps',
                                  'client_cert_chain_fps'):
                        named.update(l.list(field))
                elif kind == 'x509':
                    told[l.text('id') or l.text('fingerprint')] = certificate(l)
        ours_ = {(r['serial'], r['subject'], r['issuer'], our_time(r['not_before']), r['key_bits'])
                 for where, r in certs if where == folder}
        for name, what in told.items():
            if name in named:
                tally.compare('x509', 'a row', True, what in ours_, f'{folder} {name}')
        for what in ours_ if told else ():
            tally.compare('x509', 'only in dwell', True, what in told.values(), f'{folder} {what}')


def drops(tally, memory, folder_files):
    """stats.log and capture_loss.log: what was dropped, in all."""
    theirs = 0
    for files in folder_files.values():
        for _, rows in files:
            for kind, _, l in rows:
                theirs += (l.number('pkts_dropped') or 0) if kind == 'stats' else 0
                theirs += (l.number('gaps') or 0) if kind == 'capture_loss' else 0
    done = subprocess.run([memory.dwell, 'query', '-m', memory.path, '--format', 'json',
                           "SELECT sum(drops)::BIGINT AS n FROM watch WHERE kind = 'zeek'"],
                          capture_output=True, check=True)
    ours_ = json.loads(done.stdout.splitlines()[0])['n'] or 0
    tally.compare('stats', 'drops', theirs, ours_, 'all of them')


def account(path, what, rows):
    """Why a file of which nothing was compared needs no comparison; None: it needs one."""
    name = os.path.basename(path)
    if what == 'zeek':
        kinds = {kind for kind, _, _ in rows}
        kinds |= {c[6:].decode() for _, c in lines(content(path)) if c.startswith(b'#path\t')}
        return 'no table is kept of it' if kinds and kinds <= NOT_KEPT else None
    if name in NO_LOG or name.endswith(('.md', '.yaml', '.txt')):
        return 'no log'
    with open(path, 'rb') as f:
        return 'of nfdump' if f.read(2) == b'\x0c\xa5' else None


def run(tally, dwell, root):
    memory = Memory(dwell, [root])
    for line in memory.notes.splitlines():
        print('  ', line)
    tables = {t: memory.rows(t) for t in ('conn', 'dns', 'tls', 'http', 'ssh', 'anomaly')}
    seen = collections.defaultdict(set)
    folders = collections.defaultdict(list)
    files = collections.Counter()
    ours_only = ('nfdump',)
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            what, rows = file_lines(path)
            why = account(path, what, rows)
            if what == 'zeek' and double(path, root) and \
                    not any(k[0] == path for t in tables.values() for k in t):
                why = 'the same bytes as another'
            elif what == 'zeek':
                zeek_file(tally, tables, seen, path, rows)
                folders[folder].append((path, rows))
            elif what == 'eve':
                eve_file(tally, tables, seen, path, rows)
            elif what == 'argus':
                argus_file(tally, tables, seen, path, rows)
            if why is None:
                why = 'compared' if what is not None else None
            if root.endswith('logs'):
                tally.compare('files', 'accounted for', True, why is not None, path)
            files[why] += 1
    for why, n in sorted(files.items(), key=str):
        print(f'   {n} files: {why}')
    zeek_names(tally, tables, folders)
    if root.endswith('logs'):
        certificates(tally, memory, folders)
        drops(tally, memory, folders)
    for table, rows in tables.items():
        for source, at in rows:
            if not source.endswith(ours_only) and (source, at) not in seen[table]:
                tally.compare(table, 'only in dwell', None, at, source)


DIGESTS = {}


def double(path, root):
    """Whether another file of the folder holds the same bytes: it is read once."""
    if root not in DIGESTS:
        count = collections.Counter()
        for folder, _, names in os.walk(root):
            for name in names:
                count[hash(content(os.path.join(folder, name)))] += 1
        DIGESTS[root] = count
    return DIGESTS[root][hash(content(path))] > 1


def main():
    args = [a for a in sys.argv[1:] if not a.startswith('--')]
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = args[1] if len(args) > 1 else os.environ.get(
        'DWELL_CORPORA', os.path.join(here, '..', '..', '..', 'shared', 'corpora'))
    corpora = os.path.realpath(corpora)
    if not os.path.isdir(os.path.join(corpora, 'logs')):
        print(f'SKIP: no corpora at {corpora}')
        sys.exit(77)
    tally = Tally('--show' in sys.argv)
    only = sys.argv[sys.argv.index('--only') + 1] if '--only' in sys.argv else None
    for part in (only,) if only else ('logs', 'truth/zeek-run', 'truth/suricata-run'):
        print(part)
        run(tally, os.path.join(os.path.abspath(args[0]), '..', '..', 'dwell'), os.path.join(corpora, part))
    print('log        column              values      equal')
    for (what, field), n in sorted(tally.rows.items()):
        print(f'{what:10} {field:18} {n:7} {100 - 100 * tally.wrong[what, field] / n:9.3f} %')
    sys.exit(1 if sum(tally.wrong.values()) else 0)


if __name__ == '__main__':
    main()
