#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our SSH rows held against Zeek's ssh.log, and HASSH and host keys against tshark's reading.

usage: ssh_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. Zeek's rows are paired with ours by connection and time. HASSH is
what tshark computes (ssh.kex.hassh, ssh.kex.hasshserver). The host key is taken out of the bytes
that tshark puts together, by a reader of its own here: its MD5 must be ours, and the beginning of
its SHA-256 must be what Zeek prints. Every difference must be of a known kind; exit 1 where one is
not, or where a field agrees, those aside, in less than 99.5 % of the rows. Skips, and says so, when
the corpora are not there.
"""
import base64
import collections
import datetime
import hashlib
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

import corpus

LEAST = 0.995
TWO_IDS = 'each direction in a tunnel of another network id: two connections for us (doc/decisions/tunnels.md)'
FIELDS = {'version': 'version', 'client': 'client', 'server': 'server', 'cipher_alg': 'cipher',
          'mac_alg': 'mac', 'compression_alg': 'compression', 'kex_alg': 'kex',
          'host_key_alg': 'host_key_alg'}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def seconds(text):
    t = datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ')
    return (t.replace(tzinfo=datetime.timezone.utc) - EPOCH).total_seconds()


def end(address, port):
    return ipaddress.ip_address(address), int(port)


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows, conns = [], []
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('{"table":"ssh"'):
            rows.append(json.loads(line))
        elif line.startswith('{"table":"conn"') and '"proto":"tcp"' in line:
            conns.append(json.loads(line))
    return rows, conns


def tshark(capture, shown, fields):
    extra = [a for f in fields for a in ('-e', f)]
    done = subprocess.run(['tshark', '-r', capture, '-Y', shown, '-T', 'fields', '-E',
                           'separator=/t', '-E', 'occurrence=f'] + extra,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) == len(fields):
            yield cells


ENDS = ['ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport']


def packet_ends(c):
    return end(c[0] or c[1], c[2]), end(c[3] or c[4], c[5])


def server_bytes(capture, port):
    """The bytes that each server sent, by sequence number, until a gap."""
    segments = collections.defaultdict(dict)
    for c in tshark(capture, f'tcp.srcport == {port} && tcp.len > 0',
                    ENDS + ['tcp.seq', 'tcp.payload']):
        src, dst = packet_ends(c)
        data = bytes.fromhex(c[7].replace(':', ''))
        segments[dst, src].setdefault(int(c[6]), data)
    streams = {}
    for key, pieces in segments.items():
        out, at = b'', min(pieces)
        for seq in sorted(pieces):
            if seq > at:
                break
            out += pieces[seq][at - seq:]
            at = max(at, seq + len(pieces[seq]))
        streams[key] = out
    return streams


def host_key(stream, group_exchange):
    """The host key blob in what a server sent; None: not there."""
    m = re.search(rb'(?:^|\n)SSH-[^\n]*\n', stream)
    if m is None:
        return None
    at = m.end()
    while at + 6 <= len(stream):
        length = int.from_bytes(stream[at:at + 4], 'big')
        kind = stream[at + 5]
        if length > 40000 or at + 4 + length > len(stream) or kind == 21:
            return None
        if kind == (33 if group_exchange else 31):
            n = int.from_bytes(stream[at + 6:at + 10], 'big')
            return stream[at + 10:at + 10 + n]
        at += 4 + length
    return None


def zeek_text(text):
    if text == '-':
        return None
    return re.sub(r'\\x([0-9a-fA-F]{2})', lambda m: chr(int(m.group(1), 16)), text)


def zeek_kind(field, theirs, ours, r):
    if field == 'version' and theirs is not None and ours is None:
        return 'one banner only: Zeek guesses, we do not'
    if theirs is not None and ours is not None and field in ('client', 'server') and len(
            theirs) > 255 and theirs.startswith(ours):
        return 'a banner longer than RFC 4253 allows is cut'
    return None


def compare_zeek(tally, name, truth, rows, conns):
    known = {(end(c['src_ip'], c['src_port']), end(c['dst_ip'], c['dst_port'])) for c in conns}
    seen = collections.Counter(our_key(c) for c in conns if 'tunnel' in c)
    halves = {key for key, n in seen.items() if n > 1}
    left = list(rows)
    for z in corpus.zeek_log(truth):
        key = end(z['id.orig_h'], z['id.orig_p']), end(z['id.resp_h'], z['id.resp_p'])
        r = next((r for r in left if our_key(r) == key), None)
        kind = None
        if r is None and key not in known and key[::-1] not in known:
            kind = 'the connection lies in a tunnel that is not unwrapped here'
        tally.count('zeek', 'row', r is not None, kind, (name, z))
        if r is None:
            continue
        left.remove(r)
        for field, ours_name in FIELDS.items():
            a, b = zeek_text(z[field]), r.get(ours_name)
            if isinstance(b, str):
                b = zeek_text(b)
            a = int(a) if field == 'version' and a else a
            kind = zeek_kind(field, a, b, r) or (TWO_IDS if key in halves and b is None else None)
            tally.count('zeek', field, a == b, None if a == b else kind, (name, z['id.orig_p'], a, b))
        r['zeek_print'] = z['host_key_fingerprint']
    tally.kinds['zeek', 'row', 'only ours'] += len(left)
    for r in left:
        tally.shown.append(('zeek', 'extra', None, (name, r)))


def our_key(r):
    return end(r['src_ip'], r['src_port']), end(r['dst_ip'], r['dst_port'])


def compare_tshark(tally, name, path, rows):
    by_key = {our_key(r): r for r in rows}
    for port in sorted({r['dst_port'] for r in rows}):
        hashes = collections.defaultdict(dict)
        for c in tshark(path, 'ssh.kex.hassh || ssh.kex.hasshserver',
                        ENDS + ['ssh.kex.hassh', 'ssh.kex.hasshserver']):
            src, dst = packet_ends(c)
            for field, text, key in (('hassh', c[6], (src, dst)), ('hassh_server', c[7],
                                                                   (dst, src))):
                if text:
                    hashes[key].setdefault(field, text)
        for key, values in hashes.items():
            if key[1][1] != port or key not in by_key:
                continue
            for field, text in values.items():
                ours = by_key[key].get(field)
                kind = None
                if ours is None and 'kex' not in by_key[key] and 'quadratic' in name:
                    kind = 'a KEXINIT longer than the 35000 bytes of RFC 4253, 6.1, on purpose'
                tally.count('tshark', field, ours == text, kind, (name, key, text, ours))
        for key, stream in server_bytes(path, port).items():
            r = by_key.get(key)
            if r is None or 'kex' not in r:
                continue
            blob = host_key(stream, 'group-exchange' in r['kex'])
            md5 = None
            if blob is not None:
                md5 = ':'.join(f'{b:02x}' for b in hashlib.md5(blob).digest())
                sha = base64.b64encode(hashlib.sha256(blob).digest()).decode()
                theirs = r.get('zeek_print', '-')
                if theirs != '-':
                    tally.count('zeek', 'host key (SHA-256)',
                                sha.startswith(theirs.removeprefix('SHA256:')), None,
                                (name, theirs, sha))
            tally.count('bytes', 'host_key', md5 == r.get('host_key'), None,
                        (name, key, md5, r.get('host_key')))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    rows, conns = our_rows(program, path)
    truth = os.path.join(corpora, 'truth', 'zeek-run', name, 'ssh.log')
    if os.path.exists(truth):
        compare_zeek(tally, name, truth, rows, conns)
    elif rows and os.path.isdir(os.path.dirname(truth)):
        tally.kinds['zeek', 'row', 'only ours'] += len(rows)
        for r in rows:
            tally.shown.append(('zeek', 'extra', None, (name, r)))
    if rows and shutil.which('tshark'):
        compare_tshark(tally, name, path, rows)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['ssh.log'], __doc__))
