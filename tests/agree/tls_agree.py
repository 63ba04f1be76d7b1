#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our TLS and certificate rows held against Zeek, tshark, the JA4 project and nDPI.

usage: tls_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only PART]

PROGRAMS is the folder with the program records. For every capture of the corpora:
  zeek.*    ssl.log and x509.log of truth/zeek-run, paired by endpoints and time, or by SHA-256
  tshark.*  hellos as tshark reads them, paired by endpoints; JA4 is computed from its fields
  ja4.*     truth/ja4: what the JA4 project's own programs printed
  ndpi.*    truth/ndpi: ndpiReader's rows
A difference of a kind that the *_kind functions know, and prove by a second witness, is listed by
kind and left out; all others count against the field. Exit 1 where one agrees in less than 99.5 %
of its rows. --show FIELD prints what differs (all: every field; known: what is explained).
--only takes the captures whose path has PART.
Skips, and says so, when the corpora are not there; needs tshark as the witness.
"""
import argparse
import collections
import concurrent.futures
import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import corpus

LEAST = 0.995
MOMENT_LAST = 2**63 / 1e9  # seconds: the end of our time
GREASE = {0x0a0a + 0x1010 * i for i in range(16)}
RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def seconds(text):
    t = datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) - EPOCH
    return t.days * 86400 + t.seconds + t.microseconds / 1e6


class Ours:
    """All rows of one capture."""

    def __init__(self, program, capture):
        out = subprocess.run([program, capture], capture_output=True).stdout
        self.tls = collections.defaultdict(list)
        self.cert = {}
        for line in out.decode('utf-8', 'replace').splitlines():
            if line.startswith('{"table":"tls"'):
                r = json.loads(line)
                self.tls[ends(r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port'])].append(r)
            elif line.startswith('{"table":"cert"'):
                r = json.loads(line)
                self.cert[r['sha256']] = r

    def find(self, key, when=None):
        rows = self.tls.get(key, [])
        if when is None:
            return rows[0] if rows else None
        return min(rows, key=lambda r: abs(seconds(r['ts']) - when), default=None)


def ends(a, ap, b, bp):
    return frozenset([(a.lower(), int(ap)), (b.lower(), int(bp))])


class Tally:
    def __init__(self, show):
        self.total, self.equal = collections.Counter(), collections.Counter()
        self.known = collections.Counter()
        self.show = show

    def add(self, field, theirs, ours, where, kind=None):
        """kind: what explains a difference, if anything does."""
        self.total[field] += 1
        if theirs == ours:
            self.equal[field] += 1
            return
        if kind:
            self.known[field, kind] += 1
        if self.show in (field, 'all') and not kind or self.show == 'known':
            print(field, where, f'theirs={theirs!r} ours={ours!r}', kind, sep=' | ')


# ---- Zeek

def zeek_unescape(text):
    """Zeek's log writes a backslash as two and other bytes as \\xNN."""
    out = re.sub(rb'\\(\\|x[0-9a-f]{2})',
                 lambda m: b'\\' if m[1] == b'\\' else bytes([int(m[1][1:], 16)]),
                 text.encode('utf-8', 'surrogateescape'))
    return out.decode('utf-8', 'surrogateescape')


def name_text(text):
    """OpenSSL escapes bytes above 127; RFC 4514 lets UTF-8 stand, and so do we."""
    out = re.sub(rb'\\([89A-F][0-9A-F])', lambda m: bytes([int(m[1], 16)]),
                 zeek_unescape(text).encode('utf-8', 'surrogateescape'))
    return out.decode('utf-8', 'surrogateescape')


def value(z, name):
    return None if z[name] in ('-', '') else z[name]


def zeek_ssl_kind(field, z, r, theirs, ours, view):
    key = zeek_key(z)
    if field == 'row':
        return other_first(view, key)
    if field in ('version', 'cipher', 'curve') and theirs is None:
        if r.get('ja3s') in view.hellos()[key]['ja3s']:
            return 'Zeek stopped at a gap before the server hello; tshark reads the same hello'
        if not view.hellos()[key]['ja3s']:
            return 'the capture ends inside the record of the server hello, after that message'
    if field == 'established' and ours is None:
        return 'bytes of a side are missing for us: absent, since not seen is not "no"'
    if field == 'established' and not theirs and view.changed(key) == 2:
        return 'both sides changed cipher; Zeek stopped at an ACK of bytes it had not seen'
    if field == 'resumed' and theirs and r.get('version', '').startswith('unknown'):
        return 'an experiment before TLS 1.3, which echoes the session id without resuming'
    return None


def zeek_key(z):
    return ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p'])


def compare_zeek_ssl(tally, capture, truth, ours, view):
    """Gives the fingerprints of the certificates that belong to the rows compared."""
    certs = set()
    tunnelled, transport = set(), {}
    for c in corpus.zeek_log(os.path.join(truth, 'conn.log')):
        transport[c['uid']] = c['proto']
        if c['tunnel_parents'] not in ('-', '(empty)'):
            tunnelled.add(c['uid'])
    for z in corpus.zeek_log(os.path.join(truth, 'ssl.log')):
        if transport.get(z['uid'], 'tcp') != 'tcp' or z['uid'] in tunnelled:
            continue
        r = ours.find(zeek_key(z), float(z['ts']))
        where = f"{capture} {z['id.orig_h']}:{z['id.orig_p']} {z['ssl_history']}"
        tally.add('zeek.row', True, r is not None, where,
                  r is None and zeek_ssl_kind('row', z, r, 1, 0, view))
        if r is None:
            continue
        for name in ('cert_chain_fps', 'client_cert_chain_fps'):
            certs.update(z[name].split(','))
        for name, mine in (('version', 'version'), ('cipher', 'cipher'), ('curve', 'curve'),
                           ('server_name', 'sni'), ('next_protocol', 'alpn'),
                           ('last_alert', 'alert')):
            a, b = value(z, name), r.get(mine)
            if name == 'next_protocol' and a is None:
                continue  # ours is then the client's offer
            if name == 'server_name' and a is not None:
                a = zeek_unescape(a).lower().rstrip('.')
            if name == 'cipher' and a is not None:
                a = a.replace('_ANON_', '_anon_')
            tally.add('zeek.' + name, a, b, where, a != b and zeek_ssl_kind(name, z, r, a, b, view))
        for name in ('resumed', 'established'):
            a, b = z[name] == 'T', r.get(name)
            tally.add('zeek.' + name, a, b, where, a != b and zeek_ssl_kind(name, z, r, a, b, view))
        a = [] if z['cert_chain_fps'] in ('-', '(empty)') else z['cert_chain_fps'].split(',')
        b = r.get('cert_sha256')
        first = a[0] if a else None
        tally.add('zeek.cert_sha256', first, b, where)
        if a:
            tally.add('zeek.cert_count', len(a), r['cert_count'], where)
    return certs


def compare_zeek_x509(tally, capture, truth, ours, certs):
    for z in corpus.zeek_log(os.path.join(truth, 'x509.log')):
        r = ours.cert.get(z['fingerprint'])
        where = f"{capture} {z['fingerprint'][:16]}"
        tally.add('x509.row', True, r is not None, where, r is None and x509_row_kind(z, certs))
        if r is None:
            continue
        fields = {
            'version': int(z['certificate.version']), 'serial': z['certificate.serial'],
            'subject': name_text(z['certificate.subject']),
            'issuer': name_text(z['certificate.issuer']),
            'key_alg': value(z, 'certificate.key_alg'),
            'sig_alg': value(z, 'certificate.sig_alg'),
            'key_type': value(z, 'certificate.key_type'),
            'key_bits': int(z['certificate.key_length']) if value(z, 'certificate.key_length')
            else None,
            'exponent': int(z['certificate.exponent']) if value(z, 'certificate.exponent')
            else None,
            'curve': value(z, 'certificate.curve'),
            'is_ca': {'T': True, 'F': False}.get(z['basic_constraints.ca']),
        }
        for name in ('subject', 'issuer'):
            if fields[name] in ('-', '(empty)'):
                fields[name] = ''
        for name, a in fields.items():
            b = r.get(name)
            tally.add('x509.' + name, a, b, where, a != b and x509_kind(name, a, b))
        for name, mine in (('not_valid_before', 'not_before'), ('not_valid_after', 'not_after')):
            a = float(z['certificate.' + name])
            b = seconds(r[mine]) if mine in r else None
            tally.add('x509.' + mine, a, b, where, a != b and x509_kind(mine, a, b))
        for name, mine in (('san.dns', 'san_dns'), ('san.ip', 'san_ip'), ('san.email', 'san_email'),
                           ('san.uri', 'san_uri')):
            a = [] if z[name] in ('-', '(empty)') else z[name].split(',')
            if mine == 'san_dns':
                a = [n.lower() for n in a]
            b = r[mine]
            tally.add('x509.' + mine, a, b, where, a != b and x509_kind(mine, a, b))


def x509_row_kind(z, certs):
    if z['fingerprint'] not in certs:
        return 'not of a TLS row that is compared: DTLS, Kerberos, after STARTTLS, in a tunnel'
    return None


def x509_kind(field, theirs, ours):
    if field in ('key_alg', 'sig_alg') and str(ours).startswith('ML-DSA'):
        return 'the OpenSSL that Zeek used has no name for ML-DSA yet'
    if field == 'not_after' and theirs > MOMENT_LAST and abs(ours - MOMENT_LAST) < 1:
        return 'later than a moment can say (April 2262)'
    return None


# ---- tshark

TSHARK = ['frame.protocols', 'ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst',
          'tcp.dstport', 'tls.handshake.type', 'tls.handshake.extensions_server_name',
          'tls.handshake.ja3', 'tls.handshake.ja3s', 'tls.handshake.ciphersuite',
          'tls.handshake.random', 'tls.handshake.version', 'tls.handshake.extension.type',
          'tls.handshake.extensions.supported_version', 'tls.handshake.sig_hash_alg',
          'tls.handshake.sig_hash_alg_len',
          'tls.handshake.extensions_alpn_str']
SHORT = {'sni': 'tls.handshake.extensions_server_name', 'ja3': 'tls.handshake.ja3',
         'ja3s': 'tls.handshake.ja3s'}


def tshark_fields(path, where, names):
    command = ['tshark', '-n', '-r', path, '-Y', where, '-T', 'fields', '-E', 'occurrence=a',
               '-E', 'aggregator=;']
    for name in names:
        command += ['-e', name]
    out = subprocess.run(command, capture_output=True).stdout.decode('utf-8', 'replace')
    for line in out.splitlines():
        yield dict(zip(names, line.split('\t')))


def numbers(text):
    return [int(x, 0) for x in text.split(';') if x]


def signature_algorithms(v):
    """Those of extension 13; tshark lists those of 34 and 50 with them, in order."""
    values = numbers(v['tls.handshake.sig_hash_alg'])
    lengths = numbers(v['tls.handshake.sig_hash_alg_len'])
    types = [x for x in numbers(v['tls.handshake.extension.type']) if x in (13, 34, 50)]
    for extension, length in zip(types, lengths):
        if extension == 13:
            return values[:length // 2]
        values = values[length // 2:]
    return []


def ja4(v):
    """JA4 by its specification, from what tshark read of one client hello."""
    def clean(values):
        return [x for x in values if x not in GREASE]

    def digest(text):
        return hashlib.sha256(text.encode()).hexdigest()[:12] if text else '0' * 12
    types = clean(numbers(v['tls.handshake.extension.type']))
    ciphers = clean(numbers(v['tls.handshake.ciphersuite']))
    versions = clean(numbers(v['tls.handshake.extensions.supported_version']))
    version = max(versions) if 43 in types else numbers(v['tls.handshake.version'])[0]
    word = {0x304: '13', 0x303: '12', 0x302: '11', 0x301: '10', 0x300: 's3'}.get(version, '00')
    first = v['tls.handshake.extensions_alpn_str'].split(';')[0]
    ends_of = first[0] + first[-1] if first else '00'
    listed = ','.join(f'{x:04x}' for x in sorted(x for x in types if x not in (0, 16)))
    signatures = ','.join(f'{x:04x}' for x in clean(signature_algorithms(v)))
    if listed and signatures:
        listed += '_' + signatures
    return (f"t{word}{'d' if 0 in types else 'i'}{min(len(ciphers), 99):02}"
            f"{min(len(types), 99):02}{ends_of}_"
            + digest(','.join(f'{x:04x}' for x in sorted(ciphers))) + '_' + digest(listed))


class View:
    """How tshark sees one capture; asked only where it is needed."""

    def __init__(self, path):
        self.path, self.known = path, None

    def hellos(self):
        """{ends: {field: [values in order]}} of the client's and server's hellos."""
        if self.known is not None:
            return self.known
        flows = self.known = collections.defaultdict(lambda: collections.defaultdict(list))
        for v in tshark_fields(self.path, 'tls.handshake.type in {1,2} && tcp', TSHARK):
            src, dst = v['ip.src'] or v['ipv6.src'], v['ip.dst'] or v['ipv6.dst']
            layers = v['frame.protocols'].split(':')
            if layers.count('ip') + layers.count('ipv6') != 1 or ';' in v['tcp.srcport']:
                continue  # inside a tunnel
            f = flows[ends(src, v['tcp.srcport'], dst, v['tcp.dstport'])]
            for short, name in SHORT.items():
                f[short] += [x for x in v[name].split(';') if x]
            types = v['tls.handshake.type'].split(';')
            if types.count('2') == 1 and '1' not in types:
                f['cipher'] += numbers(v['tls.handshake.ciphersuite'])
                f['server_version'] += numbers(v['tls.handshake.version'])
                if v['tls.handshake.random'].replace(':', '') == RETRY:
                    f['retry'] += [v['tls.handshake.ja3s']]
            if types == ['1'] and v['tls.handshake.ja3']:
                f['ja4'].append(ja4(v))
        return flows

    def filter(self, key):
        (a, ap), (b, bp) = sorted(key) if len(key) == 2 else 2 * sorted(key)
        v6 = 'ipv6' if ':' in a else 'ip'
        return f'{v6}.addr=={a} && {v6}.addr=={b} && tcp.port=={ap} && tcp.port=={bp}'

    def first_payloads(self, key):
        """The first bytes of each side, in hexadecimal."""
        first = {}
        names = ['tcp.srcport', 'tcp.payload']
        for v in tshark_fields(self.path, self.filter(key) + ' && tcp.len>0', names):
            first.setdefault(v['tcp.srcport'], v['tcp.payload'].split(';')[0])
        return list(first.values())

    def changed(self, key):
        """How many sides sent ChangeCipherSpec."""
        where = self.filter(key) + ' && tls.record.content_type==20'
        return len({v['tcp.srcport'] for v in tshark_fields(self.path, where, ['tcp.srcport'])})


def other_first(view, key):
    """Whether TLS began after something else: STARTTLS, a proxy, a database, OpenVPN, padding."""
    first = view.first_payloads(key)
    if not any(re.match(r'1[567]030[0-4]|[89a-f]...01', p) for p in first):
        return 'another protocol comes first on the connection'
    return None


def compare_tshark(tally, capture, view, ours):
    for key, f in view.hellos().items():
        rows = ours.tls.get(key)
        where = f'{capture} {sorted(key)}'
        tally.add('tshark.row', True, rows is not None, where,
                  rows is None and other_first(view, key))
        draft = None
        if 0x304 in f['server_version']:
            draft = 'tshark reads a session id in the server hello of a draft, which had none'
        for name in ('sni', 'ja3', 'ja3s', 'ja4'):
            theirs = [x.lower().rstrip('.') if name == 'sni' else x for x in f[name]]
            if not rows or not theirs:
                continue
            mine = rows[0].get(name)
            kind = draft if name == 'ja3s' else None
            if name == 'ja3s' and theirs == f['retry']:
                kind = 'tshark read only the hello retry request'
            tally.add('tshark.' + name, mine if mine in theirs else theirs[0], mine, where, kind)
        if rows and f['cipher']:
            theirs = [CIPHERS.get(c, f'unknown-{c}') for c in f['cipher']]
            mine = rows[0].get('cipher')
            tally.add('tshark.cipher', mine if mine in theirs else theirs[0], mine, where, draft)


def tshark_ciphers():
    out = subprocess.run(['tshark', '-G', 'values'], capture_output=True).stdout.decode()
    rows = (line.split('\t') for line in out.splitlines())
    return {int(r[2], 0): r[3] for r in rows
            if len(r) > 3 and r[0] == 'V' and r[1] == 'tls.handshake.ciphersuite'}


CIPHERS = {}


# ---- JA4 of its own project, and nDPI

def compare_ja4(tally, corpora, capture, ours, view):
    name = os.path.basename(capture)
    path = os.path.join(corpora, 'truth', 'ja4', 'python', name + '.json')
    if os.path.exists(path):
        with open(path, encoding='utf-8', errors='replace') as f:
            rows = json.load(f)
        for row in rows:
            theirs = row.get('JA4.1') or row.get('JA4')
            if not theirs or theirs[0] != 't':
                continue
            key = ends(row['src'], row['srcport'], row['dst'], row['dstport'])
            r = ours.find(key)
            tally.add('ja4.python', theirs, r and r.get('ja4'), f'{capture} {sorted(key)}',
                      r is None and other_first(view, key))
    path = os.path.join(corpora, 'truth', 'ja4', 'wireshark', name + '.json')
    if os.path.exists(path):
        mine = {r.get('ja4') for rows in ours.tls.values() for r in rows}
        with open(path, encoding='utf-8', errors='replace') as f:
            text = f.read()
        for theirs in re.findall(r'"ja4\.ja4": \[\s*"(t[^"]*)"', text):
            tally.add('ja4.wireshark', theirs, theirs if theirs in mine else None, capture)


NDPI = re.compile(r'TCP (\S+):(\d+) (?:<->|->|<-) (\S+):(\d+) ')


def ndpi_kind(name, theirs, row, key, view, server_seen, same_ja3):
    """JA4: tshark's reading of the same hello decides; where it takes the bytes for another
    protocol, the same JA3 and our own server name do."""
    if row is None:
        if key not in view.hellos():
            return 'inside a tunnel, or tshark sees no hello either'
        return other_first(view, key)
    mine = row.get(name)
    if name == 'ja3s' and theirs in view.hellos()[key]['retry']:
        return 'nDPI takes the hello retry request'
    if name == 'ja3s' and mine is None and not server_seen:
        return 'a second SYN-ACK begins another stream; Zeek does not see the server hello either'
    proven = mine in view.hellos()[key]['ja4']
    if same_ja3 and not view.hellos()[key]['ja4']:
        proven = (mine[3] == 'd') == ('sni' in row)
    if name == 'ja4' and proven:
        kinds = []
        if theirs[3] != mine[3]:
            kinds.append('"d" and "i" are not by the extension')
        if theirs[8:10] != mine[8:10]:
            kinds.append('ALPN is not its first and last character')
        if theirs[24:] != mine[24:]:
            kinds.append('no extensions are hashed instead of zeros')
        return 'nDPI, against the specification: ' + '; '.join(kinds)
    return None


def compare_ndpi(tally, corpora, capture, ours, view, truth):
    path = os.path.join(corpora, 'truth', 'ndpi', os.path.basename(capture) + '.out')
    if not os.path.exists(path):
        return
    servers = {zeek_key(z) for z in corpus.zeek_log(os.path.join(truth, 'ssl.log')) if z['cipher'] != '-'}
    with open(path, encoding='utf-8', errors='replace') as f:
        lines = f.read().splitlines()
    for line in lines:
        m = NDPI.search(line)
        if not m:
            continue
        key = ends(m[1].strip('[]'), m[2], m[3].strip('[]'), m[4])
        row = ours.find(key)
        same_ja3 = row is not None and f"[JA3C: {row.get('ja3')}]" in line
        for tag, name in (('JA3C', 'ja3'), ('JA3S', 'ja3s'), ('JA4', 'ja4')):
            v = re.search(r'\[' + tag + r': ([0-9a-z_]+)\]', line)
            if not v:
                continue
            mine = {r.get(name) for r in ours.tls.get(key, [])}
            same = v[1] in mine
            tally.add('ndpi.' + name, v[1], v[1] if same else row and row.get(name),
                      f'{capture} {sorted(key)}',
                      not same and ndpi_kind(name, v[1], row, key, view, key in servers,
                                             same_ja3))


# ---- all of it

def captures(corpora):
    for folder, dirs, files in sorted(os.walk(corpora)):
        if os.path.relpath(folder, corpora).split(os.sep)[0] in ('truth', 'logs', 'flow'):
            continue
        for name in sorted(files):
            if re.search(r'\.(pcap|pcapng|cap|trace)$', name):
                yield os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('programs')
    parser.add_argument('corpora', nargs='?')
    parser.add_argument('--show')
    parser.add_argument('--only', default='')
    parser.add_argument('--json')
    args = parser.parse_args()
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = args.corpora or os.environ.get(
        'DWELL_CORPORA', os.path.join(here, '..', '..', '..', 'shared', 'corpora'))
    if not os.path.isdir(os.path.join(corpora, 'truth')):
        print('1..0 # SKIP no corpora at ' + corpora)
        return 0
    tally = Tally(args.show)
    if shutil.which('tshark') is None:
        print('1..0 # SKIP no tshark')
        return 0
    CIPHERS.update(tshark_ciphers())

    def one(path):
        capture = os.path.relpath(path, corpora)
        ours = Ours(os.path.join(args.programs, 'records'), path)
        truth = os.path.join(corpora, 'truth', 'zeek-run', capture)
        view = View(path)
        certs = compare_zeek_ssl(tally, capture, truth, ours, view)
        compare_zeek_x509(tally, capture, truth, ours, certs)
        compare_tshark(tally, capture, view, ours)
        compare_ja4(tally, corpora, capture, ours, view)
        compare_ndpi(tally, corpora, capture, ours, view, truth)

    def looked_at(path):
        capture = os.path.relpath(path, corpora)
        return corpus.chosen(capture) or corpus.has_truth(corpora, capture, 'ssl.log', 'x509.log')

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(one, (c for c in captures(corpora) if args.only in c and looked_at(c))))
    failed = False
    for field in sorted(tally.total):
        explained = sum(n for (f, _), n in tally.known.items() if f == field)
        counted = tally.total[field] - explained
        share = tally.equal[field] / counted if counted else 1.0
        failed |= share < LEAST
        print(f'{field:18} {tally.equal[field]:6} of {counted:6}  {100 * share:8.3f} %'
              f'  {explained} explained')
    for (field, kind), n in sorted(tally.known.items()):
        print(f'  {field}: {n} x {kind}')
    if args.json:
        out = corpus.Tally()
        out.rows.update({named(f): n for f, n in tally.total.items()})
        out.equal.update({named(f): n for f, n in tally.equal.items()})
        out.kinds.update({(*named(f), kind): n for (f, kind), n in tally.known.items()})
        corpus.put_json(args.json, out)
    return 1 if failed else 0


def named(field):
    """Whose reading "zeek.sni" is held against, and the field."""
    who, name = field.split('.', 1)
    return {'x509': ('zeek', 'x509.' + name), 'ja4': ('foxio', 'ja4 ' + name),
            'ndpi': ('nDPI', name)}.get(who, (who, name))


if __name__ == '__main__':
    sys.exit(main())
