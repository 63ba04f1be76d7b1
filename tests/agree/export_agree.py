#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our export in Zeek's form held against the logs that Zeek itself wrote of the same captures.

usage: export_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

Each capture is scanned into a memory of its own and exported with --format zeek. Rows are paired by
their ends and time, certificates by fingerprint. Compared are the columns that both have, as they
stand in the files; uid and what is made of it differ in every run of Zeek, too, and are left out.
Which rows there are is what the tests of the protocols themselves compare (conn_agree.py and its
neighbours); here a row without its counterpart counts once, by the reason where it is known. Exit 1
where a column agrees, the kinds of difference that are named aside, in less than 98 % of the rows.
"""
import collections
import os
import subprocess
import sys
import tempfile

import corpus

LEAST = 0.98
LOGS = ['conn', 'dns', 'ssl', 'x509', 'http', 'ssh', 'files', 'ftp', 'socks', 'rfb', 'mysql',
        'mqtt_connect', 'mqtt_publish', 'mqtt_subscribe', 'sip', 'irc', 'ocsp']
LEFT_OUT = {'uid', 'ts', 'tunnel_parents', 'orig_fuids', 'resp_fuids', 'orig_filenames', 'resp_filenames',
            'orig_mime_types', 'resp_mime_types', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p',
            # passwords are never kept; files have their ids in files.log
            'password', 'fuid', 'ftp.mime_type', 'irc.dcc_mime_type', 'ocsp.id',
            # local networks are those of whoever runs Zeek
            'local_orig', 'local_resp', 'direction',
            # we digest files always, Zeek when it is told to
            'analyzers', 'sha256'}
SEE = 'the rows themselves differ: conn_agree.py and its neighbours name the kinds'
SEE_FIELDS = {'conn.conn_state', 'conn.duration', 'conn.history', 'conn.orig_pkts', 'conn.resp_pkts',
              'conn.orig_ip_bytes', 'conn.resp_ip_bytes', 'conn.missed_bytes', 'dns.AA', 'dns.RA', 'dns.rcode',
              'dns.rcode_name', 'dns.rtt', 'http.status_code', 'http.status_msg', 'ssl.established',
              'files.depth', 'files.duration', 'files.mime_type', 'files.total_bytes', 'files.filename',
              'files.missing_bytes', 'ftp.reply_code', 'ftp.reply_msg', 'ftp.file_size', 'ssl.next_protocol', 'ssl.cipher', 'ssl.curve', 'ssl.version', 'ssl.resumed', 'ssl.last_alert'}
SEE_MOST = 0.05  # of the rows of a column
# Of x509 the fingerprint says it all; Zeek's IRC begins late and then reads what it has held.
ANY_TIME = ('x509', 'irc')
NEAR = 0.00002  # seconds: both print microseconds, cut or rounded


def key_of(log, row):
    if log == 'x509':
        return row['fingerprint']
    if log == 'ocsp':
        return row['serialNumber'], row['thisUpdate']
    key = tuple(row[f'id.{end}'] for end in ('orig_h', 'orig_p', 'resp_h', 'resp_p'))
    if log == 'dns':
        key += (row['trans_id'], row['query'].lower(), row['qtype_name'])
    if log == 'http':
        key += (row['trans_depth'],)
    if log == 'files':
        key += (row['source'], row['is_orig'], row['seen_bytes'])
    if log == 'mysql':
        key += (row['cmd'], row['arg'])
    if log == 'sip':
        key += (row['method'], row['status_code'])
    if log == 'irc':
        key += (row['command'], row['value'], row['dcc_file_name'])
    if log == 'mqtt_subscribe':
        key += (row['action'], row['topics'])
    return key


def take(rows, row, log):
    """The row of that key nearest in time, taken out; None."""
    near = rows.get(key_of(log, row), [])
    best = min(near, key=lambda r: abs(float(r['ts']) - float(row['ts'])), default=None)
    if best is not None and (log in ANY_TIME or abs(float(best['ts']) - float(row['ts'])) < 1):
        near.remove(best)
        return best
    return None


def same(field, a, b):
    if a == b:
        return True
    try:
        return field in ('duration', 'rtt') and abs(float(a) - float(b)) <= NEAR
    except ValueError:
        return False


def kind_of(log, field, theirs, ours, z, r):
    """Why a column differs, where that is known. What the export itself could get wrong differs in all
    rows or in a class of them; what is left over of SEE is limited to a few."""
    if f'{log}.{field}' in SEE_FIELDS:
        return SEE
    return form_kind(log, field, theirs, ours, z, r)


def form_kind(log, field, theirs, ours, z, r):
    if log == 'mysql' and field == 'rows':
        return 'the rows of a result, which Zeek does not count'
    if log == 'mqtt_connect' and z['proto_version'] == '-':
        return 'an answer without its question'
    if log == 'conn':
        if field == 'service':
            return 'services: see conn_agree.py and doc/protocols.md'
        if field in ('orig_bytes', 'resp_bytes'):
            return SEE if z['proto'] in ('tcp', 'udp', 'icmp') else (
                'a protocol whose payload Zeek does not count')
        if field == 'proto' and z['ip_proto'] == '132':
            return 'SCTP: Zeek calls it unknown_transport'
    if log == 'dns':
        if field in ('answers', 'TTLs'):
            return 'types that Zeek does not log or spells in its own way: see dns_agree.py'
        if field == 'query' and theirs.lower() == ours:
            return 'names are stored in lower case'
    if log == 'http':
        if field == 'host':
            return 'hosts are stored in lower case and without port'
        if field == 'version':
            return 'no response: Zeek has no version then, ours is that of the request' if (
                r['status_code'] == '-') else SEE
        if field in ('response_body_len', 'request_body_len'):
            return 'bodies: Zeek counts what it decompressed and what it saw, we what was sent'
        if field == 'uri':
            return 'targets: Zeek takes percent-escapes out'
    if log == 'sip':
        if field.endswith('_path') and theirs.split(',')[0] == ours:
            return 'Zeek lists every Via of a message, and those of earlier responses to its request'
        if field in ('request_to', 'response_to') and theirs != ours and '<sip:' in theirs and '<sip:' in ours:
            return 'a message with two To headers, of which Zeek takes the last'
    if log == 'irc' and field == 'addl':
        if z['command'] == 'USER' and theirs.replace(' ', '') == ours.replace(' ', '').replace('-', ''):
            return 'Zeek joins the words of a real name without the blanks between them'
        if z['command'] == 'NICK':
            return 'Zeek has here what its row of USER had'
        if z['command'] == 'JOIN' and 'channel key' in theirs:
            return 'keys of channels are never kept'
    if log == 'ssl' and field == 'server_name' and theirs.lower() == ours:
        return 'names are stored in lower case'
    if log == 'ssl' and field in ('cert_chain_fps', 'client_cert_chain_fps', 'sni_matches_cert'):
        if '(empty)' in (theirs, ours) or '-' in (theirs, ours):
            return 'Zeek writes an empty chain for a handshake whose certificates are encrypted'
    return None


def compare(tally, name, log, theirs, ours):
    rows = collections.defaultdict(list)
    for r in ours:
        rows[key_of(log, r)].append(r)
    for z in theirs:
        r = take(rows, z, log)
        if r is None:
            tally.kinds['zeek', log + ' row', 'no counterpart only ours lacks'] += 1
            continue
        for field in z:
            if field in LEFT_OUT or f'{log}.{field}' in LEFT_OUT or field not in r:
                continue
            good = same(field, z[field], r[field])
            kind = None if good else kind_of(log, field, z[field], r[field], z, r)
            if not good and log == 'sip' and '/fuzz-' in name:
                kind = kind or 'a capture whose bytes were damaged on purpose: headers end elsewhere'
            tally.count('zeek', f'{log}.{field}', good, kind,
                        (name, z[field], r[field]))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    truth = os.path.join(corpora, 'truth', 'zeek-run', name)
    if not os.path.isdir(truth):
        return tally
    dwell = os.path.abspath(os.path.join(os.path.dirname(program), '..', '..', 'dwell'))
    inside = {z['uid'] for z in corpus.zeek_log(os.path.join(truth, 'conn.log'))
              if z['tunnel_parents'] not in ('-', '(empty)')}
    with tempfile.TemporaryDirectory() as work:
        memory, out = os.path.join(work, 'm'), os.path.join(work, 'out')
        subprocess.run([dwell, 'scan', '-q', '-m', memory, os.path.join(corpora, name)],
                       capture_output=True, check=False)
        subprocess.run([dwell, 'export', '-q', '-m', memory, '--format', 'zeek', '-o', out],
                       capture_output=True, check=False)
        for log in LOGS:
            theirs = [z for z in corpus.zeek_log(os.path.join(truth, log + '.log'))
                      if z.get('uid') not in inside]
            ours = list(corpus.zeek_log(os.path.join(out, log + '.log')))
            compare(tally, name, log, theirs, ours)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['conn.log'] if corpus.EVERY == 1 else [], __doc__,
                         limits={SEE: SEE_MOST}))
