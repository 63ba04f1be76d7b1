#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of SOCKS, VNC, ONC RPC, TFTP and BitTorrent held against Zeek, Suricata and tshark.

usage: net_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

socks.log and rfb.log of Zeek's are compared row by row, Suricata's events tftp, nfs, bittorrent_dht
and rfb likewise; calls and replies of RPC with tshark's reading, call by call (the same ends, xid and
time). Every difference must be of a known kind; exit 1 where one is not, or where a field agrees, those
aside, in less than 99 % of the rows. Skips, and says so, when the corpora are not there.
"""
import collections
import datetime
import ipaddress
import json
import os
import re
import subprocess
import sys

import corpus

LEAST = 0.99
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
TABLES = ('socks', 'login', 'rpc', 'ftp', 'bittorrent')
NAMED = re.compile('nfs|rpc|mount|portmap|modbus-and|socks|vnc|rfb|tftp|torrent|bt-|telnet|rsh')


def seconds(text):
    return (datetime.datetime.fromisoformat(text.replace('Z', '+00:00').replace('+0000', '+00:00')) -
            EPOCH).total_seconds()


def ends(a, ap, b, bp):
    return frozenset([(ipaddress.ip_address(a), int(ap)), (ipaddress.ip_address(b), int(bp))])


def key_of(r):
    return ends(r.get('src_ip', '::'), r['src_port'], r.get('dst_ip', '::'), r['dst_port'])


def our_rows(program, path):
    done = subprocess.run([program, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows = {t: collections.defaultdict(list) for t in TABLES}
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        name = line[10:line.find('"', 10)]
        if name in rows:
            r = json.loads(line)
            rows[name][key_of(r)].append(r)
    return rows


def value(text):
    return None if text in ('-', '(empty)', None) else text


def compare(tally, who, name, fields, theirs, ours, kind=None):
    for field, a, b in fields:
        why = None if a == b or kind is None else kind(field, a, b, theirs, ours)
        tally.count(who, field, a == b, why, (name, a, b, theirs))


def nearest(rows, when):
    return min(rows, key=lambda r: abs(seconds(r['ts']) - when), default=None)


METHODS = {'none': 'None', 'vnc': 'VNC', 'ard': 'Apple Remote Desktop', 'tight': 'Tight'}


def zeek_socks(tally, name, folder, rows):
    for z in corpus.zeek_log(os.path.join(folder, 'socks.log')):
        key = ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p'])
        r = nearest(rows['socks'][key], float(z['ts']))
        tally.count('zeek', 'socks', r is not None, None, (name, z))
        if r is None:
            continue
        compare(tally, 'zeek', name, [
            ('socks.version', int(z['version']), r['version']), ('socks.user', value(z['user']), r.get('user')),
            ('socks.status', value(z['status']), r.get('status')),
            ('socks.request_ip', value(z['request.host']), r.get('request_ip')),
            ('socks.request_name', value(z['request.name']), r.get('request_name')),
            ('socks.request_port', int(z['request_p']), r['request_port']),
            ('socks.bound_ip', value(z['bound.host']), r.get('bound_ip')),
            ('socks.bound_port', int(z['bound_p']), r['bound_port'])], z, r)


def zeek_rfb(tally, name, folder, rows):
    for z in corpus.zeek_log(os.path.join(folder, 'rfb.log')):
        key = ends(z['id.orig_h'], z['id.orig_p'], z['id.resp_h'], z['id.resp_p'])
        r = nearest([r for r in rows['login'][key] if r['protocol'] == 'rfb'], float(z['ts']))
        tally.count('zeek', 'rfb', r is not None, None, (name, z))
        if r is None:
            continue
        auth = {'T': True, 'F': False}.get(z['auth'])
        size = re.search(r'(\d+)x(\d+)$', r.get('status', ''))
        compare(tally, 'zeek', name, [
            ('rfb.client', f"RFB {z['client_major_version']}.{z['client_minor_version']}", r.get('client')),
            ('rfb.server', f"RFB {z['server_major_version']}.{z['server_minor_version']}", r.get('server')),
            ('rfb.mechanism', value(z['authentication_method']), METHODS.get(r.get('mechanism'))),
            ('rfb.success', auth, r.get('success')), ('rfb.target', value(z['desktop_name']), r.get('target')),
            ('rfb.size', None if z['width'] == '-' else (z['width'], z['height']), size and size.groups())], z, r)


def events(path):
    if not os.path.exists(path):
        return
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            if any(f'"event_type":"{t}"' in line for t in ('tftp', 'nfs', 'bittorrent_dht')):
                yield json.loads(line)


def nfs_kind(field, theirs, ours, e, r):
    if field == 'nfs.procedure' and e['nfs']['version'] == 2:
        return "Suricata names procedures of NFS 2 by the numbers of NFS 3"
    if field in ('nfs.uid', 'nfs.gid') and len(r.get('machine', '')) % 4:
        return "Suricata does not pass over the padding of the machine's name"
    if field == 'nfs.file' and theirs == '' and ours:
        return "Suricata has no name for this procedure"
    if field == 'nfs.file' and ours == '' and theirs:
        return 'Suricata remembers the name that a handle was found by; ours is what the call says'
    if field == 'nfs.machine' and e['rpc']['auth_type'] == 'NULL' and r['auth'] == 'unix':
        return 'Suricata loses the credential of some calls; tshark has it'
    if field == 'nfs.result' and ours is None:
        return 'NULL has no status: Suricata prints OK'
    return None


def suricata(tally, name, corpora, rows):
    for e in events(os.path.join(corpora, 'truth', 'suricata-run', name, 'eve.json')):
        key, when = ends(e['src_ip'], e['src_port'], e['dest_ip'], e['dest_port']), seconds(e['timestamp'])
        kind = e['event_type']
        if kind == 'tftp':
            r = nearest([r for r in rows['ftp'][key] if r['protocol'] == 'tftp'], when)
            tally.count('suricata', 'tftp', r is not None, None, (name, e))
            if r:
                t = e['tftp']
                compare(tally, 'suricata', name, [
                    ('tftp.command', {'read': 'RRQ', 'write': 'WRQ'}[t['packet']], r['command']),
                    ('tftp.arg', t['file'], r['arg']), ('tftp.mode', t['mode'], r.get('mode'))], e, r)
        elif kind == 'bittorrent_dht':
            t = e['bittorrent_dht']
            r = nearest([r for r in rows['bittorrent'][key] if r.get('transaction') == t['transaction_id']], when)
            tally.count('suricata', 'dht', r is not None, None, (name, e))
            if r:
                q = t.get('request') or t.get('response') or {}
                compare(tally, 'suricata', name, [
                    ('dht.message', t.get('request_type', 'response'), r['message']),
                    ('dht.id', q.get('id'), r.get('peer_id')), ('dht.target', q.get('target'), r.get('target')),
                    ('dht.info_hash', q.get('info_hash'), r.get('info_hash'))], e, r)
        else:
            t, c = e['nfs'], e['rpc']
            r = next((r for r in rows['rpc'][key] if r['xid'] == c['xid']), None)
            tally.count('suricata', 'nfs', r is not None, None, (name, e))
            if r:
                creds = c.get('creds', {})
                result = t.get('status', '').removeprefix('ERR_') or None
                compare(tally, 'suricata', name, [
                    ('nfs.version', t['version'], r['version']),
                    ('nfs.procedure', t['procedure'].lower(), r['procedure']),
                    ('nfs.machine', creds.get('machine_name'), r.get('machine')),
                    ('nfs.uid', creds.get('uid'), r.get('uid')), ('nfs.gid', creds.get('gid'), r.get('gid')),
                    ('nfs.file', t['filename'], r.get('file', '')), ('nfs.result', result, r.get('result')),
                    ('nfs.status', c['status'].lower(), r.get('status'))], e, r, nfs_kind)


SHARK = ['frame.time_epoch', 'ip.src', 'ipv6.src', 'udp.srcport', 'tcp.srcport', 'ip.dst', 'ipv6.dst', 'udp.dstport',
         'tcp.dstport', 'rpc.xid', 'rpc.msgtyp', 'rpc.program', 'rpc.programversion', 'rpc.procedure',
         'rpc.auth.machinename', 'rpc.auth.uid', 'rpc.auth.gid', 'nfs.fh.hash', 'nfs.name', 'mount.path',
         'portmap.prog', 'portmap.port', 'rpc.replystat', 'rpc.state_accept', 'nfs.status', 'nfs.count3', 'rpc.time',
         'icmp.type']


def tshark_rpc(path):
    command = ['tshark', '-n', '-r', path, '-Y', 'rpc.msgtyp', '-T', 'fields', '-E', 'occurrence=a', '-E',
               'aggregator=\x1f', '-E', 'separator=/t'] + [a for f in SHARK for a in ('-e', f)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for line in done.stdout.decode('utf-8', 'replace').split('\n'):
        cells = line.split('\t')
        if len(cells) == len(SHARK):
            v = {f: c.split('\x1f') if c else [] for f, c in zip(SHARK, cells)}
            if len(v['rpc.xid']) == 1 and not v['icmp.type']:  # of several fields cannot say whose they are
                yield {f: c[0] if c else None for f, c in v.items()}


PROGRAMS = {'100000': 'portmap', '100003': 'nfs', '100005': 'mount'}
STATES = ['accepted', 'prog_unavail', 'prog_mismatch', 'proc_unavail', 'garbage_args', 'system_err']


def shark_kind(field, theirs, ours, v, r):
    if field == 'rpc.uid' and theirs is not None and theirs < 0:
        return 'tshark prints large ids as negative'
    return None


def tshark(tally, name, path, rows):
    calls = {}
    for v in tshark_rpc(path):
        key = ends(v['ip.src'] or v['ipv6.src'], v['udp.srcport'] or v['tcp.srcport'],
                   v['ip.dst'] or v['ipv6.dst'], v['udp.dstport'] or v['tcp.dstport'])
        xid = int(v['rpc.xid'], 0)
        rest = [r for r in rows['rpc'][key] if r['xid'] == xid]
        if v['rpc.msgtyp'] == '0':
            r = nearest(rest, float(v['frame.time_epoch']))
            tally.count('tshark', 'rpc call', r is not None, None, (name, v))
            if r is None:
                continue
            calls[key, xid] = v
            number = lambda f: int(v[f], 0) if v[f] else None
            fields = [('rpc.program', PROGRAMS.get(v['rpc.program'], r.get('program')), r.get('program')),
                      ('rpc.version', number('rpc.programversion'), r.get('version')),
                      ('rpc.machine', v['rpc.auth.machinename'], r.get('machine')),
                      ('rpc.uid', number('rpc.auth.uid'), r.get('uid')),
                      ('rpc.gid', number('rpc.auth.gid'), r.get('gid'))]
            if v['rpc.program'] == '100003':
                fields += [('nfs.handle', v['nfs.fh.hash'] and f"{int(v['nfs.fh.hash'], 16):08x}", r.get('handle')),
                           ('nfs.file', v['nfs.name'], r.get('file'))]
            if v['mount.path']:
                fields.append(('mount.file', v['mount.path'], r.get('file')))
            compare(tally, 'tshark', name, fields, v, r, shark_kind)
        elif rest:
            r = rest[0]
            state = STATES[int(v['rpc.state_accept'])] if v['rpc.state_accept'] else 'denied'
            fields = [('rpc.status', state, r.get('status'))]
            if v['rpc.program'] == '100003' and v['nfs.status']:
                fields.append(('nfs.result', v['nfs.status'] == '0', r.get('result') == 'OK'))
            if v['rpc.program'] == '100000' and v['portmap.port']:
                fields.append(('portmap.port', int(v['portmap.port']), r.get('mapped_port')))
            compare(tally, 'tshark', name, fields, v, r, shark_kind)
        else:
            tally.count('tshark', 'rpc reply', False, None, (name, v))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    folder = os.path.join(corpora, 'truth', 'zeek-run', name)
    rows = our_rows(program, path)
    zeek_socks(tally, name, folder, rows)
    zeek_rfb(tally, name, folder, rows)
    suricata(tally, name, corpora, rows)
    if rows['rpc'] or NAMED.search(name.lower()):
        tshark(tally, name, path, rows)
    return tally


def named(capture):
    return NAMED.search(capture.lower()) is not None or 'lru_ipv6' in capture


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['socks.log', 'rfb.log'], __doc__, named))
