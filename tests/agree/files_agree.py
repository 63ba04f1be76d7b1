#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of files held against Zeek's files.log, Suricata's fileinfo events, and the files that tshark saves.

usage: files_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. Rows of Zeek and Suricata are paired with ours by connection,
direction and protocol, first those of the same size, then in their order. Neither digests files by default, so
tshark saves what it takes for files (--export-objects), and the SHA-256 of each must be that of a row
of ours. Every difference must be of a known kind; exit 1 where one is not, or where a field agrees, those kinds
aside, in less than 99 % of the rows. Skips, and says so, when the corpora are not there.
"""
import collections
import hashlib
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import corpus

LEAST = 0.99
SOURCES = {'HTTP': 'http', 'SMTP': 'smtp', 'FTP_DATA': 'ftp-data', 'SMB': 'smb'}
OBJECTS = {'http': 'http', 'imf': None, 'smb': 'smb', 'tftp': 'tftp', 'ftp-data': 'ftp-data'}
FIELDS = {'mime_type': 'mime_type', 'filename': 'filename', 'seen_bytes': 'seen_bytes',
          'total_bytes': 'total_bytes', 'missing_bytes': 'missing_bytes', 'depth': 'depth'}


def end(address, port):
    a = ipaddress.ip_address(address)
    return getattr(a, 'ipv4_mapped', None) or a, int(port)


def our_key(r):
    src, dst = end(r['src_ip'], r['src_port']), end(r['dst_ip'], r['dst_port'])
    sender = src if r.get('is_orig') else dst
    return frozenset((src, dst)), sender, r['protocol']


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    files, conns = [], set()
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('{"table":"file"'):
            files.append(json.loads(line))
        elif line.startswith('{"table":"conn"'):
            c = json.loads(line)
            if 'src_ip' in c:
                conns.add(frozenset((end(c['src_ip'], c['src_port']),
                                     end(c['dst_ip'], c['dst_port']))))
    return files, conns


def zeek_key(z):
    src, dst = end(z['id.orig_h'], z['id.orig_p']), end(z['id.resp_h'], z['id.resp_p'])
    return frozenset((src, dst)), src if z['is_orig'] == 'T' else dst, SOURCES.get(z['source'])


def raw(text):
    data = text.encode('utf-8', 'surrogateescape')
    data = re.sub(rb'\\x([0-9a-fA-F]{2})', lambda m: bytes([int(m.group(1), 16)]), data)
    return data.replace(b'\\\\', b'\\')


def zeek_value(z, field):
    text = z[field]
    if text == '-':
        return None
    return int(text) if field.endswith('_bytes') or field == 'depth' else raw(text)


def our_value(r, field):
    v = r.get(field)
    return v.encode('utf-8', 'surrogateescape') if isinstance(v, str) else v


def pairs(theirs, their_key, their_size, ours):
    """(theirs, ours or None), and what is left of ours."""
    left = collections.defaultdict(list)
    for r in ours:
        left[our_key(r)].append(r)
    rest, out = [], []
    for z in theirs:
        found = next((r for r in left[their_key(z)] if r['seen_bytes'] == their_size(z)), None)
        if found is None:
            rest.append(z)
        else:
            left[their_key(z)].remove(found)
            out.append((z, found))
    for z in rest:
        mine = left[their_key(z)]
        out.append((z, mine.pop(0) if mine else None))
    return out, [r for rows in left.values() for r in rows]


EVADER = 'a response made so that every reader reads it otherwise (http-evader)'
AMBIGUOUS = 'a message made so that its length can be read in two ways'
NO_HTTP = 'Zeek takes it for HTTP; the protocol is another one'
RANGES = 'ranges of one file, which Zeek joins, are rows of their own here'
NOT_HTTP = ('irc', 'rtsp', 'shadowsocks', 'socks.pcap', 'ssl-to-http', 'http-data-after-09')
MADE = ('content-length-in-request-body', 'http-09-content-length', 'inner-transfer-encoding', 'smuggle',
        'interleaved-http-entity', 'putty-upload')
SEALED = 'encrypted parts (WinRM), of which Zeek counts the line ends between their boundaries'


def zeek_row_kind(z, name, conns):
    if zeek_key(z)[0] not in conns:
        return 'the connection lies in a tunnel that is not unwrapped here'
    if any(word in name for word in NOT_HTTP):
        return NO_HTTP
    if 'http-evader' in name:
        return EVADER
    if 'empire_psremoting' in name:
        return SEALED
    if z['source'] == 'SMTP' and z['seen_bytes'] == '2':
        return 'Zeek has a part of nothing but the line end before its boundary'
    return None


def mail_kind(field, a, b, r):
    if field == 'depth':
        return 'Zeek counts parts that hold parts, over all mails of the connection; we the files of a mail'
    if field == 'seen_bytes' and a == b + 2:
        return 'Zeek adds the line end before a boundary to what is quoted-printable'
    if r.get('complete') is False:
        return 'a line longer than the 16384 bytes that are kept'
    if field == 'filename' and len(b) == 1024 and a.startswith(b):
        return 'a name longer than the 1024 bytes that are kept'
    if field == 'mime_type' and a == b'text/x-diff':
        return 'a diff that begins with none of the words of one'
    return None


def zeek_kind(name, field, z, a, b, r):
    if 'http-evader' in name:
        return EVADER
    if z['source'] == 'SMTP':
        return mail_kind(field, a, b, r)
    total = r.get('total_bytes')
    if r['protocol'] == 'http':
        if total is not None and z['total_bytes'] == str(total) and r['seen_bytes'] < total:
            return RANGES
        joined = 'byteranges' in name or 'm57' in name
        if total is None and z['total_bytes'] != '-' and (joined or r.get('complete') is False):
            return RANGES
        if joined and total is None:
            return RANGES
        if any(word in name for word in MADE):
            return AMBIGUOUS
        if total is None and 0 < int(z['seen_bytes']) - r['seen_bytes'] <= 2:
            return 'Zeek adds a line end to content that the end of the connection ends'
    if z['source'] == 'SMB' and a is None:
        return 'Zeek did not learn it from the opening'
    if z['source'] == 'FTP_DATA' and field == 'filename':
        return 'Zeek does not name what FTP transfers'
    return None


def compare_zeek(tally, name, truth, files, conns):
    theirs = [z for z in corpus.zeek_log(truth) if z['source'] in SOURCES]
    both, left = pairs(theirs, zeek_key, lambda z: int(z['seen_bytes']), files)
    for z, r in both:
        what = f"{z['source']} row"
        tally.count('zeek', what, r is not None, None if r else zeek_row_kind(z, name, conns), (name, z))
        if r is None:
            continue
        for field, ours in FIELDS.items():
            a, b = zeek_value(z, field), our_value(r, ours)
            tally.count('zeek', field, a == b, None if a == b else zeek_kind(name, field, z, a, b, r),
                        (name, z['id.orig_p'], z['source'], a, b, z['seen_bytes'], r))
    tally.kinds['zeek', 'row', 'only ours'] += len(left)
    for r in left:
        tally.shown.append(('zeek', 'extra', None, (name, r)))


def compare_suricata(tally, name, path, files):
    """The sizes of Suricata's files, by connection and sender."""
    mine = collections.defaultdict(list)
    for r in files:
        mine[our_key(r)[:2]].append(r)
    with open(path, encoding='utf-8', errors='replace') as f:
        events = [json.loads(line) for line in f if '"event_type":"fileinfo"' in line]
    for e in events:
        key = frozenset((end(e['src_ip'], e['src_port']), end(e['dest_ip'], e['dest_port']))), end(
            e['src_ip'], e['src_port'])
        size = e['fileinfo']['size']
        found = next((r for r in mine[key] if r['seen_bytes'] == size), None)
        if found is not None:
            mine[key].remove(found)
        if size:
            tally.count('suricata', 'size', found is not None, None if found else suricata_kind(name, e, mine[key]),
                        (name, e['src_port'], e['dest_port'], e['app_proto'], e['fileinfo'],
                         [r['seen_bytes'] for r in mine[key]]))


def suricata_kind(name, e, mine):
    if 'http-evader' in name:
        return EVADER
    size = e['fileinfo']['size']
    if e['app_proto'] == 'nfs':
        return 'files of NFS are not taken up here'
    if any(word in name for word in NOT_HTTP):
        return 'Suricata takes it for HTTP; the protocol is another one'
    if 'empire_psremoting' in name:
        return SEALED
    if e['fileinfo']['state'] == 'TRUNCATED' or e['fileinfo']['gaps']:
        return 'Suricata stops there: a limit of its own, or a gap'
    if any(word in name for word in MADE):
        return AMBIGUOUS
    if 'range' in name or 'm57' in name:
        return 'ranges of one file, which Suricata joins, are rows of their own here'
    if 'injection/' in name or 'overlap' in name or 'gap' in name or 'seq-issue' in name:
        return 'Suricata takes another one of the copies that overlap, or goes on behind a gap'
    if e['app_proto'] in ('smtp', 'http') and any(0 < abs(size - r['seen_bytes']) <= 4 for r in mine):
        return 'Suricata counts the line ends around a boundary otherwise'
    if e['app_proto'] == 'http' and not mine:
        return 'Suricata has it twice, or takes an answer without a status line for one'
    if any(r['seen_bytes'] > size for r in mine):
        return 'Suricata has less of it'
    return None


def exported(capture, what):
    """SHA-256, content and name of each file that tshark saves."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(['tshark', '-r', capture, '-Q', '--export-objects', f'{what},{folder}'],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for file in sorted(os.listdir(folder)):
            with open(os.path.join(folder, file), 'rb') as f:
                data = f.read()
            if data:
                yield hashlib.sha256(data).hexdigest(), data, file


def tshark_kind(name, what, data, file, files):
    if 'http-evader' in name:
        return EVADER
    if data.startswith(b'--') and b'content-' in data[:400].lower():
        return 'tshark saves a form as a whole, here its parts are files'
    if 'brotli' in name:
        return 'tshark decodes brotli, here its bytes are taken as they are sent'
    if what == 'smb' and file.startswith('%5c'):
        return 'what goes through a pipe is no file here'
    if 'ookla' in name or 'http_09' in name:
        return 'bytes of another protocol, which tshark takes for content'
    if any(r.get('complete') is False or 'total_bytes' not in r for r in files):
        return 'tshark saves pieces of content that it does not put together'
    if 'detect-pcre-02' in name or 'urgent' in name:
        return 'a connection that was joined in the middle, or bytes sent as urgent'
    if 'injection/' in name:
        return 'two answers to one request: tshark saves pieces of both'
    return None


def compare_tshark(tally, name, path, files):
    for what, protocol in OBJECTS.items():
        mine = [r for r in files if r['protocol'] == protocol]
        if not mine:
            continue
        known = {r['sha256'] for r in mine if 'sha256' in r}
        for digest, data, file in exported(path, what):
            same = digest in known
            tally.count('tshark', f'sha256 ({what})', same,
                        None if same else tshark_kind(name, what, data, file, mine),
                        (name, file, len(data), digest))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    files, conns = our_rows(program, path)
    run = os.path.join(corpora, 'truth', 'zeek-run', name)
    if os.path.isdir(run):
        compare_zeek(tally, name, os.path.join(run, 'files.log'), files, conns)
    eve = os.path.join(corpora, 'truth', 'suricata-run', name, 'eve.json')
    if os.path.exists(eve):
        compare_suricata(tally, name, eve, files)
    if files and shutil.which('tshark'):
        compare_tshark(tally, name, path, files)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['files.log'], __doc__))
