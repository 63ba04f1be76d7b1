#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our export as EVE events held against the events that Suricata itself wrote of the same captures.

usage: eve_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

Each capture is scanned into a memory of its own and exported with --format eve. Events are paired by
type, ends and what KEYS says of the type, the nearest in time first. Compared are the members that
MEMBERS names, present or absent: what doc/format/export.md says of each type. Which events there are is
what the tests of the protocols themselves compare; here an event without its counterpart counts once.
Exit 1 where a member agrees, the kinds of difference that are named aside, in less than 98 % of the
events. Skips, and says so, when the corpora are not there.
"""
import collections
import datetime
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

import corpus
import eve_kinds

LEAST = 0.98
WITHIN = 600  # seconds: Suricata stamps many events when it is done with them

# What, besides its ends, an event is paired by.
KEYS = {
    'rfb': [],
    'tftp': ['tftp.file'],
    'nfs': ['rpc.xid'],
    'bittorrent_dht': ['bittorrent_dht.transaction_id'],
    'flow': [],
    'dns': ['dns.type', 'dns.id', 'dns.rrname', 'dns.rrtype'],
    'tls': [],
    'http': ['http.http_method', 'http.url', 'tx_id'],
    'ssh': [],
    'smb': ['smb.command', 'smb.function'],
    'dcerpc': ['dcerpc.request', 'dcerpc.req.opnum'],
    'krb5': ['krb5.msg_type', 'krb5.sname'],
    'rdp': ['rdp.event_type'],
    'smtp': ['tx_id'],
    'sip': ['sip.method', 'sip.code'],
    'snmp': ['snmp.community', 'snmp.usm'],
    'dhcp': ['dhcp.id', 'dhcp.dhcp_type'],
    'quic': [],
    'ike': ['ike.init_spi'],
    'ftp': ['ftp.command', 'ftp.command_data'],
    'ftp_data': [],
    'mqtt': ['mqtt.connect.protocol_string', 'mqtt.publish.topic', 'mqtt.publish.message_id',
             'mqtt.subscribe.message_id', 'mqtt.unsubscribe.message_id', 'mqtt.disconnect.qos'],
}
MEMBERS = {
    'rfb': ['rfb.server_protocol_version.minor', 'rfb.client_protocol_version.minor',
            'rfb.authentication.security_type', 'rfb.authentication.security_result', 'rfb.screen_shared',
            'rfb.framebuffer.width', 'rfb.framebuffer.height', 'rfb.framebuffer.name'],
    'tftp': ['tftp.packet', 'tftp.mode'],
    'nfs': ['rpc.status', 'rpc.auth_type', 'rpc.creds.machine_name', 'rpc.creds.uid', 'rpc.creds.gid', 'nfs.version',
            'nfs.procedure', 'nfs.filename', 'nfs.type', 'nfs.status'],
    'bittorrent_dht': ['bittorrent_dht.request_type', 'bittorrent_dht.request.id',
                       'bittorrent_dht.request.target', 'bittorrent_dht.request.info_hash',
                       'bittorrent_dht.response.id'],
    'mqtt': ['mqtt.connect.protocol_version', 'mqtt.connect.client_id', 'mqtt.connect.will.topic',
             'mqtt.connack.return_code', 'mqtt.publish.qos', 'mqtt.publish.retain', 'mqtt.publish.dup',
             'mqtt.suback.qos_granted', 'mqtt.unsubscribe.topics', 'mqtt.unsuback.message_id',
             'mqtt.disconnect.reason_code'],
    'flow': ['app_proto', 'icmp_type', 'icmp_code', 'flow.pkts_toserver', 'flow.pkts_toclient',
             'flow.bytes_toserver', 'flow.bytes_toclient', 'flow.start', 'flow.end', 'flow.age', 'flow.state',
             'tcp.syn', 'tcp.fin', 'tcp.rst'],
    'dns': ['dns.rcode', 'dns.aa', 'dns.tc', 'dns.rd', 'dns.ra'],
    'tls': ['tls.subject', 'tls.issuerdn', 'tls.sni', 'tls.version', 'tls.notbefore', 'tls.notafter',
            'tls.session_resumed'],
    'http': ['http.hostname', 'http.http_user_agent', 'http.http_content_type', 'http.http_refer',
             'http.protocol', 'http.status', 'http.length'],
    'ssh': ['ssh.client.proto_version', 'ssh.client.software_version', 'ssh.server.proto_version',
            'ssh.server.software_version'],
    'smb': ['smb.dialect', 'smb.status', 'smb.named_pipe', 'smb.share', 'smb.share_type', 'smb.filename',
            'smb.created', 'smb.accessed', 'smb.modified', 'smb.changed', 'smb.size'],
    'dcerpc': ['dcerpc.response'],
    'krb5': ['krb5.failed_request', 'krb5.error_code', 'krb5.cname', 'krb5.realm', 'krb5.encryption',
             'krb5.weak_encryption', 'krb5.ticket_encryption', 'krb5.ticket_weak_encryption'],
    'rdp': ['rdp.cookie', 'rdp.protocol', 'rdp.reason', 'rdp.client.desktop_width',
            'rdp.client.desktop_height', 'rdp.client.color_depth', 'rdp.client.client_name', 'rdp.client.id',
            'rdp.channels'],
    'smtp': ['smtp.helo', 'smtp.mail_from', 'smtp.rcpt_to', 'email.status', 'email.from', 'email.to',
             'email.cc'],
    'sip': ['sip.uri', 'sip.version', 'sip.request_line', 'sip.reason', 'sip.response_line'],
    'snmp': ['snmp.version', 'snmp.vars'],
    'dhcp': ['dhcp.type', 'dhcp.client_mac', 'dhcp.assigned_ip', 'dhcp.hostname'],
    'quic': ['quic.version', 'quic.sni'],
    'ike': ['ike.version_major', 'ike.version_minor', 'ike.resp_spi', 'ike.exchange_type'],
    'ftp': ['ftp.completion_code', 'ftp.reply', 'ftp.dynamic_port', 'ftp.mode', 'ftp.reply_received'],
    'ftp_data': ['ftp_data.filename', 'ftp_data.command'],
}


def members(value, name=''):
    """(name with dots, value) of all that an event holds; lists are values."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from members(inner, f'{name}.{key}' if name else key)
    else:
        yield name, value


def read(path):
    """The events of a file by type."""
    events = collections.defaultdict(list)
    if not os.path.isfile(path):
        return events
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        for line in f:
            try:
                event = dict(members(json.loads(line)))
            except ValueError:
                continue
            if event.get('ftp.command') == 'PASS':
                event.pop('ftp.command_data', None)  # never kept
            if event.get('event_type') in KEYS:
                start = event.get('flow.start', event['timestamp'])
                event['when'] = datetime.datetime.strptime(start, '%Y-%m-%dT%H:%M:%S.%f%z').timestamp()
                events[event['event_type']].append(event)
    return events


def ends(event):
    """Both ends, in no order: which of them is the source differs by the kind of event."""
    return frozenset((ipaddress.ip_address(event.get(f'{side}_ip', '::')), event.get(f'{side}_port', 0))
                     for side in ('src', 'dest'))


def key_of(event):
    what = [event.get(name) for name in KEYS[event['event_type']]]
    return event.get('proto'), ends(event), tuple(w.lower() if isinstance(w, str) else w for w in what)


def pairs_of(kind, theirs, ours):
    """Each event of theirs with ours, None where there is none. Events that look alike are paired in
    their order where there are as many of them on both sides, else the nearest first."""
    rows, wanted = collections.defaultdict(list), collections.defaultdict(list)
    for event in ours:
        rows[key_of(event)].append(event)
    for event in theirs:
        wanted[key_of(event)].append(event)
    for key, events in wanted.items():
        near = rows[key]
        if len(near) == len(events):
            near.sort(key=lambda e: e['when'])
            events.sort(key=lambda e: e['when'])
            yield from zip(events, near)
            continue
        for s in events[:1] if kind in eve_kinds.ONE_FOR_ALL else events:
            r = min(near, key=lambda e: abs(e['when'] - s['when']), default=None)
            if r is not None and abs(r['when'] - s['when']) > WITHIN:
                r = None
            if r is not None:
                near.remove(r)
            yield s, r


def compare(tally, name, kind, theirs, ours):
    for s, r in pairs_of(kind, theirs, ours):
        if r is None:
            tally.kinds['suricata', kind + ' event', f'{eve_kinds.alone(kind, s)} only ours lacks'] += 1
            tally.shown.append(('suricata', kind + ' event', None, (name, s)))
            continue
        for member in MEMBERS[kind]:
            a, b = eve_kinds.alike(member, s.get(member)), eve_kinds.alike(member, r.get(member))
            if a is None and b is None:
                continue
            why = None if a == b else eve_kinds.reason(kind, member, a, b, s, r)
            tally.count('suricata', f'{kind}: {member}', a == b, why, (name, a, b))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    truth = read(os.path.join(corpora, 'truth', 'suricata-run', name, 'eve.json'))
    if not truth:
        return tally
    dwell = os.path.abspath(os.path.join(os.path.dirname(program), '..', '..', 'dwell'))
    with tempfile.TemporaryDirectory() as work:
        memory, out = os.path.join(work, 'm'), os.path.join(work, 'out')
        subprocess.run([dwell, 'scan', '-q', '-m', memory, os.path.join(corpora, name)],
                       capture_output=True, check=False)
        subprocess.run([dwell, 'export', '-q', '-m', memory, '--format', 'eve', '-o', out],
                       capture_output=True, check=False)
        ours = read(os.path.join(out, 'eve.json'))
    for kind in KEYS:
        compare(tally, name, kind, truth[kind], ours[kind])
    return tally


if __name__ == '__main__':
    def rare(name):
        """Captures with events that few have are looked at in any case."""
        return corpus.EVERY == 1 or any(part in name for part in eve_kinds.ALWAYS)
    sys.exit(corpus.main(one_capture, LEAST, [], __doc__, also=rare, limits=eve_kinds.LIMITS))
