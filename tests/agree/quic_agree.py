#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of QUIC held against tshark, the JA4 project and the logs that Zeek's own tests keep.

usage: quic_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. Zeek's stored logs of quic are of its tests (truth/zeek),
since the version that made truth/zeek-run does not read QUIC. tshark opens Initial packets with its
own code; JA4 is computed from its fields as the specification says. Every difference must be of a
known kind; exit 1 where one is not, or where a field agrees, those aside, in less than 99 %.
"""
import collections
import ipaddress
import json
import os
import subprocess
import sys

import corpus
import tls_agree

LEAST = 0.99
# The tests of Zeek (scripts.base.protocols.quic.*) by the capture that they read.
BASELINES = {
    'c2/merlinc2_Zeek_example.pcapng': 'merlinc2',
    'proto/zeek/quic/quicv2-echo-443.pcap': 'quicv2-echo-443',
    'proto/zeek/quic/quicv2-http3-443.pcap': 'quicv2-http3-443',
    'proto/zeek/quic/quic-39264-rand.pcap': '39264-rand',
}
HELLO = ['tls.handshake.type', 'tls.handshake.version', 'tls.handshake.ciphersuite',
         'tls.handshake.extension.type', 'tls.handshake.extensions_server_name',
         'tls.handshake.extensions_alpn_str', 'tls.handshake.extensions.supported_version',
         'tls.handshake.sig_hash_alg', 'tls.handshake.sig_hash_alg_len']
FIELDS = ['frame.number', 'ip.src', 'ipv6.src', 'udp.srcport', 'ip.dst', 'ipv6.dst', 'udp.dstport',
          'quic.version', 'quic.long.packet_type', 'quic.long.packet_type_v2', 'quic.dcid', 'quic.scid', 'frame.protocols'] + HELLO


def key(a, ap, b, bp):
    return frozenset([(str(ipaddress.ip_address(a)), int(ap)), (str(ipaddress.ip_address(b)), int(bp))])


def our_rows(program, path):
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    quic, tls = collections.defaultdict(list), collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        for table, into in (('quic', quic), ('tls', tls)):
            if line.startswith('{"table":"%s"' % table):
                r = json.loads(line)
                into[key(r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port'])].append(r)
    return quic, tls


def tshark(path):
    command = ['tshark', '-n', '-r', path, '-Y', 'quic && udp', '-T', 'fields', '-E', 'occurrence=a',
               '-E', 'aggregator=;', '-E', 'separator=/t'] + [a for f in FIELDS for a in ('-e', f)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) == len(FIELDS):
            yield dict(zip(FIELDS, cells))


def version_name(number):
    if number == 1:
        return '1'
    if number == 0x6b3343cf:
        return 'quicv2'
    if number == 0x709a50c4:
        return 'quicv2-draft'
    if number >> 8 == 0xff0000:
        return f'draft-{number & 255}'
    if number >> 12 == 0xfaceb:
        return f'mvfst-{number & 255:x}'
    if number >> 24 in (0x51, 0x54):
        return number.to_bytes(4, 'big').decode('latin-1')
    return f'unknown-{number:x}'


class Connection:
    """What tshark says of one connection."""

    def __init__(self):
        self.versions, self.dcid, self.hello, self.server = [], None, None, None
        self.frames = 0


def connections(path):
    out = collections.defaultdict(Connection)
    for v in tshark(path):
        ip = [v[f].split(';')[-1] or v[g].split(';')[-1] for f, g in (('ip.src', 'ipv6.src'), ('ip.dst', 'ipv6.dst'))]
        if not ip[0] or v['frame.protocols'].count('ip') > 1 + v['frame.protocols'].count('ipv6') or ',' in ip[0]:
            continue
        c = out[key(ip[0], v['udp.srcport'].split(';')[-1], ip[1], v['udp.dstport'].split(';')[-1])]
        c.frames += 1
        for n in tls_agree.numbers(v['quic.version']):
            if n and n not in c.versions:
                c.versions.append(n)
        kinds = v['quic.long.packet_type'].split(';') + v['quic.long.packet_type_v2'].split(';')
        first = v['quic.long.packet_type'].split(';')[0] == '0' or v['quic.long.packet_type_v2'].split(';')[0] == '1'
        if c.dcid is None and first and kinds:
            c.dcid = v['quic.dcid'].split(';')[0].replace(':', '')
        types = v['tls.handshake.type'].split(';')
        if '1' in types and c.hello is None and types.count('1') == 1:
            c.hello = v
        elif '2' in types and c.server is None:
            c.server = v
    return out


def ja4(v):
    return 'q' + tls_agree.ja4(v)[1:]


def compare_tshark(tally, name, path, quic, tls):
    for k, c in connections(path).items():
        rows = quic.get(k)
        if c.dcid is not None or c.hello is not None:
            tally.count('tshark', 'row', rows is not None, None, (name, sorted(k)))
        if rows is None:
            continue
        r = rows[0]
        said = [version_name(n) for n in c.versions]
        tally.count('tshark', 'version', r['version'] in said, None, (name, said, r))
        if c.dcid is not None:
            tally.count('tshark', 'client_initial_dcid', r.get('client_initial_dcid') == c.dcid, None,
                        (name, c.dcid, r))
        if c.hello is None:
            continue
        sni = c.hello['tls.handshake.extensions_server_name'].split(';')[0].lower() or None
        alpn = c.hello['tls.handshake.extensions_alpn_str'].split(';')[0] or None
        for field, theirs in (('server_name', sni), ('client_protocol', alpn), ('ja4', ja4(c.hello))):
            ours = r.get(field)
            tally.count('tshark', field, ours == theirs, None, (name, theirs, r))
        if c.server is not None:
            cipher = tls_agree.CIPHERS.get(tls_agree.numbers(c.server['tls.handshake.ciphersuite'])[0])
            mine = tls.get(k, [{}])[0].get('cipher')
            tally.count('tshark', 'cipher', mine == cipher, None, (name, cipher, tls.get(k)))


def compare_zeek(tally, corpora, name, quic, tls):
    folder = os.path.join(corpora, 'truth', 'zeek', 'scripts.base.protocols.quic.' + BASELINES[name])
    for z in corpus.zeek_log(os.path.join(folder, 'quic.log')):
        r = quic.get(key(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p']), [{}])[0]
        for field in ('version', 'client_initial_dcid', 'client_scid', 'server_scid', 'server_name',
                      'client_protocol'):
            theirs = {'-': None, '(empty)': ''}.get(z[field], z[field])
            tally.count('zeek', field, r.get(field) == theirs, None, (name, z, r))
        ours = r.get('history', '')
        kind = 'ours ends where both sides send 1-RTT' if z['history'].startswith(ours) and ours else None
        tally.count('zeek', 'history', ours == z['history'], kind, (name, z['history'], ours))
    for z in corpus.zeek_log(os.path.join(folder, 'ssl.log')):
        r = tls.get(key(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p']), [{}])[0]
        names = (('version', 'version'), ('cipher', 'cipher'), ('curve', 'curve'), ('server_name', 'sni'))
        for field, our in names:
            theirs = None if z[field] == '-' else z[field]
            tally.count('zeek', 'ssl.' + field, r.get(our) == theirs, None, (name, z, r))
        tally.count('zeek', 'ssl.resumed', r.get('resumed') == (z['resumed'] == 'T'), None, (name, z, r))


def compare_ja4(tally, corpora, name, quic):
    """What the JA4 project's programs print; they name a connection by its endpoints."""
    path = os.path.join(corpora, 'truth', 'ja4', 'python', os.path.basename(name) + '.json')
    if not name.startswith('proto/ja4/') or not os.path.isfile(path):
        return
    with open(path, encoding='utf-8') as f:
        for row in json.load(f):
            theirs = row.get('JA4') or row.get('JA4.1')
            if not theirs or not theirs.startswith('q'):
                continue
            rows = quic.get(key(row['src'], row['srcport'], row['dst'], row['dstport']), [{}])
            tally.count('ja4', 'ja4', rows[0].get('ja4') == theirs, None, (name, theirs, rows))


def wanted(name):
    """Captures whose name says that they hold QUIC are always looked at."""
    return 'quic' in name.lower() or name in BASELINES or name.startswith('proto/ja4/')


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    quic, tls = our_rows(program, path)
    if not quic and not wanted(name):
        return tally
    if not tls_agree.CIPHERS:
        tls_agree.CIPHERS.update(tls_agree.tshark_ciphers())
    compare_tshark(tally, name, path, quic, tls)
    if name in BASELINES:
        compare_zeek(tally, corpora, name, quic, tls)
    compare_ja4(tally, corpora, name, quic)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, (), __doc__.split('\n')[2][7:], wanted))
