#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of FTP, POP3 and IMAP held against Zeek's ftp.log, Suricata's events and tshark.

usage: mail_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

FTP: the rows of ftp.log, paired by connection, command and order; commands and arguments one by one
against tshark's, replies against Suricata's events. POP3 and IMAP have rows for logons and folders,
not commands: what tshark and Suricata say command by command is added up by a reader of its own
here. Services (ftp, ftp-data, pop3, imap) are held against Zeek's conn.log. Every difference must be
of a known kind; exit 1 where one is not, or where a field agrees, those aside, in less than 99 % of
the rows. Skips, and says so, when the corpora are not there.
"""
import collections
import ipaddress
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys

import corpus

LEAST = 0.99
SERVICES = ('ftp', 'ftp-data', 'pop3', 'imap')
SECRET = {'PASS', 'ACCT', 'ADAT', 'MIC', 'CONF', 'ENC'}
DECRYPTED = 'decrypted after it was captured: we go over to TLS as the dialogue says'
KINDS = {  # what a capture shows, and which of us is right
    'ftp-start-tls': DECRYPTED,
    'ftp-invalid-reply-code': 'a reply without a code of three digits: Zeek shows the one before it',
    'fake-long-commands': 'a command of more than 12 letters, which we cut and Zeek gives another reply',
    'pop3': 'Suricata reads POP3 as FTP here',
    'fuzz-2006': 'fuzzed: a NUL in a name (tshark and Zeek stop there, or leave it out), a command that is none',
    'bigtransfer': 'Zeek takes a number of the reply to RETR; ours is the answer to SIZE',
}


def kind(name):
    return next((why for part, why in KINDS.items() if part in name), None)


def end(address, port):
    return ipaddress.ip_address(address), int(port)


def key_of(r):
    return end(r['src_ip'], r['src_port']), end(r['dst_ip'], r['dst_port'])


def plain(text):
    """Without escapes and the spaces at the ends; None for nothing."""
    if text in (None, '-', '(empty)'):
        return None
    text = re.sub(r'\\x([0-9a-fA-F]{2})', lambda m: chr(int(m.group(1), 16)), text)
    return text.strip() or None


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        m = re.match(r'\{"table":"(ftp|login|mailbox|conn)"', line)
        if m:
            rows[m.group(1)].append(json.loads(line))
    return rows


def tshark(capture, shown, fields):
    """The packets that match, each a dict of lists."""
    extra = [a for f in fields for a in ('-e', f)]
    done = subprocess.run(['tshark', '-r', capture, '-Y', shown, '-T', 'fields', '-E', 'separator=/t',
                           '-E', 'occurrence=a', '-E', 'aggregator=/s'] + extra,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) == len(fields):
            yield cells


ENDS = ['ip.src', 'ipv6.src', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'tcp.dstport']


def packet_ends(c):
    return end(c[0] or c[1], c[2]), end(c[3] or c[4], c[5])


# ---- Zeek ----

def zeek_path(r):
    """What Zeek writes for the argument of a command that names a file."""
    cwd, arg = r.get('cwd') or '.', r.get('arg') or ''
    if not cwd.startswith(('/', '.')):
        cwd = './' + cwd
    path = arg if arg.startswith('/') else cwd.rstrip('/') + '/' + arg
    host = r['dst_ip'] if ':' not in r['dst_ip'] else '[' + r['dst_ip'] + ']'
    path = posixpath.normpath(path) if path.startswith('/') else path
    return f'ftp://{host}' + (path if path.startswith('/') else '/' + path)


FILES = ('APPE', 'DELE', 'RETR', 'STOR', 'STOU')


def zeek_fields(z, r):
    """Name, theirs, ours."""
    yield 'user', plain(z['user'].replace('<unknown>', '-')), plain(r.get('user'))
    mine = zeek_path(r) if r['command'] in FILES else r.get('arg')
    yield 'arg', plain(z['arg']), plain(mine)
    yield 'reply_code', plain(z['reply_code']), str(r['reply_code']) if 'reply_code' in r else None
    yield 'reply_msg', plain(z['reply_msg']), plain(r.get('reply_msg'))
    if z['data_channel.resp_p'] != '-':
        yield 'data_channel.passive', z['data_channel.passive'] == 'T', r.get('data_passive')
        yield 'data_channel.orig_h', z['data_channel.orig_h'], r.get('data_src_ip')
        yield 'data_channel.resp_h', z['data_channel.resp_h'], r.get('data_dst_ip')
        yield 'data_channel.resp_p', int(z['data_channel.resp_p']), r.get('data_dst_port')
    if z['file_size'] != '-':
        yield 'file_size', int(z['file_size']), r.get('file_size')


def zeek_kind(name, field, theirs, ours):
    if field == 'file_size' and theirs is not None and ours is None:
        return 'the first number of the reply, which is not one of bytes (kbytes, or another number)'
    if field == 'reply_msg' and ours and theirs and theirs.startswith(ours) and len(ours) > 100:
        return 'a reply longer than 127 bytes is cut'
    return kind(name)


def compare_zeek(tally, name, truth, rows):
    left = [r for r in rows if r['protocol'] == 'ftp']
    for z in corpus.zeek_log(truth):
        key = end(z['id.orig_h'], z['id.orig_p']), end(z['id.resp_h'], z['id.resp_p'])
        r = next((r for r in left if key_of(r) == key and r['command'] == z['command']), None)
        tally.count('zeek', 'row', r is not None, None if r else kind(name), (name, z))
        if r is None:
            continue
        left.remove(r)
        for field, a, b in zeek_fields(z, r):
            tally.count('zeek', field, a == b, zeek_kind(name, field, a, b), (name, z['command'], a, b))


def compare_services(tally, name, truth, conns):
    ours = {}
    for c in conns:
        if c['proto'] == 'tcp':
            ours.setdefault(key_of(c), set()).update((c.get('service') or '').split(','))
    for z in corpus.zeek_log(truth):
        key = end(z['id.orig_h'], z['id.orig_p']), end(z['id.resp_h'], z['id.resp_p'])
        for service in set(z['service'].split(',')) & set(SERVICES):
            has = service in ours.get(key, ())
            tally.count('zeek', 'service ' + service, has, kind(name), (name, key, ours.get(key)))


# ---- tshark ----

def compare_commands(tally, name, path, rows):
    """FTP: each command with its argument, in order."""
    theirs = collections.defaultdict(list)
    for c in tshark(path, 'ftp.request.command', ENDS + ['ftp.request.command', 'ftp.request.arg']):
        theirs[packet_ends(c)].append((c[6].upper(), plain(c[7])))
    ours = collections.defaultdict(list)
    for r in rows:
        if r['protocol'] == 'ftp':
            ours[key_of(r)].append((r['command'], plain(r.get('arg'))))
    for key, commands in theirs.items():
        if key not in ours:
            tally.count('tshark', 'ftp connection', False, kind(name), (name, key, commands[:3]))
            continue
        tally.count('tshark', 'ftp connection', True, None, name)
        left = list(ours[key])
        for command, arg in commands:
            found = next((x for x in left if x[0] == command), None)
            tally.count('tshark', 'ftp command', found is not None, kind(name), (name, command, arg))
            if found is None:
                continue
            left.remove(found)
            if command not in SECRET:
                same = found[1] == arg
                tally.count('tshark', 'ftp argument', same, kind(name), (name, command, arg, found[1]))


def pop3_truth(path):
    """By connection: users, logons tried, commands of each kind, those that were answered well."""
    flows = collections.defaultdict(lambda: collections.defaultdict(list))
    fields = ['pop.request.command', 'pop.request.parameter', 'pop.response.indicator']
    for c in tshark(path, 'pop.request.command || pop.response.indicator', ENDS + fields):
        src, dst = packet_ends(c)
        if c[6]:
            flow = flows[src, dst]
            flow['asked'].append((c[6].split(' ')[0].upper(), c[7]))
        elif (dst, src) in flows:
            flow = flows[dst, src]
            if len(flow['answered']) < len(flow['asked']):
                flow['answered'].append(c[8].startswith('+OK'))
    return flows


def compare_pop3(tally, name, path, rows):
    for key, flow in pop3_truth(path).items():
        asked, answered = flow['asked'], flow['answered']
        box = [r for r in rows['mailbox'] if key_of(r) == key and r['protocol'] == 'pop3']
        logins = [r for r in rows['login'] if key_of(r) == key and r['protocol'] == 'pop3']
        done = collections.Counter(a[0] for a, good in zip(asked, answered) if good)
        users = [a[1].split(' ')[0] for a in asked if a[0] in ('USER', 'APOP') and a[1]]
        if users:
            mine = [r.get('user') for r in logins]
            tally.count('tshark', 'pop3 user', users[-1] in mine, kind(name), (name, users, mine))
        for field, words in (('fetched', ('RETR', 'TOP')), ('deleted', ('DELE',))):
            n = sum(done[w] for w in words)
            mine = sum(r[field] for r in box)
            if n or mine:
                tally.count('tshark', 'pop3 ' + field, n == mine, kind(name), (name, key, n, mine))


def imap_truth(path):
    flows = collections.defaultdict(lambda: collections.defaultdict(list))
    fields = ['imap.request.command', 'imap.request.username', 'imap.request.folder']
    for c in tshark(path, 'imap.request.command', ENDS + fields):
        flow = flows[packet_ends(c)]
        flow['commands'] += c[6].upper().split(' ')
        flow['users'] += [c[7].strip('"')] if c[7] else []
        flow['folders'] += [c[8].strip('"')] if c[8] and c[6].upper() in ('SELECT', 'EXAMINE') else []
    return flows


def compare_imap(tally, name, path, rows):
    for key, flow in imap_truth(path).items():
        box = [r for r in rows['mailbox'] if key_of(r) == key and r['protocol'] == 'imap']
        logins = [r for r in rows['login'] if key_of(r) == key and r['protocol'] == 'imap']
        for user in flow['users']:
            mine = [r.get('user') for r in logins]
            tally.count('tshark', 'imap user', user in mine, kind(name), (name, user, mine))
        if flow['folders']:
            mine = [r['folder'] for r in box if 'folder' in r]
            same = [f.lower() for f in flow['folders']] == [f.lower() for f in mine]
            tally.count('tshark', 'imap folders', same, kind(name), (name, flow['folders'], mine))


# ---- Suricata ----

def suricata_events(path, kinds):
    with open(path, encoding='utf-8') as f:
        for line in f:
            if any(f'"event_type":"{k}"' in line for k in kinds):
                yield json.loads(line)


def compare_suricata(tally, name, truth, rows):
    left = collections.defaultdict(list)
    for r in rows:
        left[key_of(r)].append(r)
    for e in suricata_events(truth, ('ftp',)):
        f = e['ftp']
        if 'command' not in f:
            continue
        key = end(e['src_ip'], e['src_port']), end(e['dest_ip'], e['dest_port'])
        r = next((r for r in left[key] if r['command'] == f['command']), None)
        tally.count('eve', 'ftp row', r is not None, kind(name), (name, f))
        if r is None:
            continue
        left[key].remove(r)
        if f['command'] not in SECRET:
            a, b = plain(f.get('command_data')), plain(r.get('arg'))
            tally.count('eve', 'ftp command_data', a == b, kind(name), (name, f['command'], a, b))
        codes = [int(c) for c in f.get('completion_code', []) if c.isdigit()]
        if codes:
            b = r.get('reply_code')
            why = kind(name) or ('a second reply to the same command' if b and b >= 200 and
                                 codes[-1] < 200 else None)
            tally.count('eve', 'ftp completion_code', codes[-1] == b, why,
                        (name, f['command'], codes, b))
        if 'dynamic_port' in f:
            b = r.get('data_dst_port')
            tally.count('eve', 'ftp dynamic_port', f['dynamic_port'] == b, kind(name), (name, f, b))


def compare_data(tally, name, truth, rows, conns):
    """The data connections: found, and with the name of their file."""
    services = {key_of(c): c.get('service') or '' for c in conns
                if 'src_ip' in c and 'dst_ip' in c}  # :: is absent
    names = {(r['command'], r.get('arg')) for r in rows}
    for e in suricata_events(truth, ('ftp_data',)):
        key = end(e['src_ip'], e['src_port']), end(e['dest_ip'], e['dest_port'])
        service = services.get(key, services.get(key[::-1], ''))
        tally.count('eve', 'ftp_data', 'ftp-data' in service, kind(name), (name, key, service))
        f = e['ftp_data']
        if 'filename' in f:
            tally.count('eve', 'ftp_data filename', (f['command'], f['filename']) in names, kind(name),
                        (name, f))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    rows = our_rows(program, path)
    zeek = os.path.join(corpora, 'truth', 'zeek-run', name)
    eve = os.path.join(corpora, 'truth', 'suricata-run', name, 'eve.json')
    compare_zeek(tally, name, os.path.join(zeek, 'ftp.log'), rows['ftp'])
    compare_services(tally, name, os.path.join(zeek, 'conn.log'), rows['conn'])
    if os.path.exists(eve):
        compare_suricata(tally, name, eve, rows['ftp'])
        compare_data(tally, name, eve, rows['ftp'], rows['conn'])
    services = {s for c in rows['conn'] for s in (c.get('service') or '').split(',')}
    ports = {c['dst_port'] for c in rows['conn'] if c['proto'] == 'tcp' and c['dst_bytes']}
    if shutil.which('tshark'):
        if 'ftp' in services or 21 in ports:
            compare_commands(tally, name, path, rows['ftp'])
        if 'pop3' in services or 110 in ports:
            compare_pop3(tally, name, path, rows)
        if 'imap' in services or 143 in ports:
            compare_imap(tally, name, path, rows)
    return tally


def also(name):
    return re.search('ftp|pop3|imap|mail|exfil', name) is not None


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['ftp.log'], __doc__, also))
