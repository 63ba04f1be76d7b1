# SPDX-License-Identifier: Apache-2.0
"""The rows of Windows' protocols held against what tshark reads of the same capture, message by
message, for win_agree.py.

tshark's PDML is cut into messages; requests and answers are joined by their numbers here, by a reader
of its own. Of each connection a message of tshark is paired with that row of ours, not taken yet, that
has the most values in common."""
import codecs
import collections
import ipaddress
import os
import re
import subprocess
import xml.etree.ElementTree

LARGEST = 3 << 20  # bytes of a capture that is given to tshark
STATUS = {0: 'SUCCESS', 0x80000005: 'BUFFER_OVERFLOW', 0x80000006: 'NO_MORE_FILES',
          0xc0000022: 'ACCESS_DENIED', 0xc0000034: 'OBJECT_NAME_NOT_FOUND',
          0xc000006d: 'LOGON_FAILURE', 0xc00000cc: 'BAD_NETWORK_NAME',
          0xc0000225: 'NOT_FOUND', 0xc0000002: 'NOT_IMPLEMENTED', 0xc000003a: 'OBJECT_PATH_NOT_FOUND',
          0xc00000ba: 'FILE_IS_A_DIRECTORY', 0xc0000016: 'MORE_PROCESSING_REQUIRED'}
FILTER = 'smb2 || smb || dcerpc || ntlmssp || kerberos || ldap || cldap'
PROTOCOLS = {'smb2', 'dcerpc', 'ntlmssp', 'kerberos', 'ldap', 'cldap'}


class Clean:
    """A stream of XML without the characters that XML does not allow."""

    def __init__(self, stream):
        self.stream, self.decoder = stream, codecs.getincrementaldecoder('utf-8')('replace')

    def read(self, n):
        data = self.stream.read(n)
        text = self.decoder.decode(data, not data)
        return re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]', '?', text).encode()


def packets(capture):
    """(ends, stream, fields) of each packet: fields are (protocol, name, showname, show, value)."""
    with subprocess.Popen(['tshark', '-r', capture, '-Y', FILTER, '-T', 'pdml'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as done:
        for _, packet in xml.etree.ElementTree.iterparse(Clean(done.stdout)):
            if packet.tag != 'packet':
                continue
            ends, fields = {}, []
            for proto in packet.iter('proto'):
                name = proto.get('name')
                for f in proto.iter('field'):
                    if name in ('ip', 'ipv6', 'tcp', 'udp'):
                        ends[f.get('name')] = f.get('show')
                    elif name in PROTOCOLS:
                        fields.append((name, f.get('name'), f.get('showname') or '',
                                       f.get('show') or '', f.get('value') or ''))
            packet.clear()
            key = connection(ends)
            if key is not None:
                yield key, fields


def connection(ends):
    t = 'tcp' if 'tcp.srcport' in ends else 'udp'
    src, dst = (ends.get(f'ip.{s}') or ends.get(f'ipv6.{s}') for s in ('src', 'dst'))
    if src is None or f'{t}.srcport' not in ends:
        return None
    return frozenset([(ipaddress.ip_address(src), int(ends[f'{t}.srcport'])),
                      (ipaddress.ip_address(dst), int(ends[f'{t}.dstport']))])


def split(fields, proto, first):
    """The messages of a protocol in a packet: dicts of the lists of texts by field name."""
    messages = []
    for p, name, showname, show, _ in fields:
        if p != proto:
            continue
        if name == first:
            messages.append(collections.defaultdict(list))
        if messages:
            messages[-1][name].append(show)
            for text in (showname, show):
                if text.startswith('Filter: '):
                    messages[-1]['filter'].append(text[8:])
    return messages


class Reader:
    """What tshark says, as rows like ours, by connection and table."""

    def __init__(self):
        self.rows = collections.defaultdict(list)
        self.waiting = {}
        self.entries = collections.Counter()

    def smb2(self, key, m):
        command, number = int(m['smb2.cmd'][0]), m['smb2.msg_id'][0]
        answer = m['smb2.flags.response'][:1] in (['True'], ['1'])
        if not answer:
            self.waiting[key, 'smb2', number] = m
            return
        status = int(m['smb2.nt_status'][0], 0)
        q = self.waiting.get((key, 'smb2', number))
        if q is None or status == 0x103:
            return
        self.waiting.pop((key, 'smb2', number))
        row = {'status': STATUS.get(status)}
        if command == 5:
            row['name'] = q['smb2.filename'][0] if q['smb2.filename'] else ''
            if status == 0:
                row['size'] = int(m['smb2.eof'][0])
            self.rows[key, 'open'].append(row)
        elif command == 3:
            self.rows[key, 'tree_connect'].append(row | {'path': q['smb2.tree'][0]})
        elif command == 1 and status != 0xc0000016:
            self.rows[key, 'session_setup'].append(row)

    def dcerpc(self, key, m):
        kind, call = int(m['dcerpc.pkt_type'][0]), m['dcerpc.cn_call_id'][:1]
        flags = int(m['dcerpc.cn_flags'][0], 0) if m['dcerpc.cn_flags'] else 0
        if not call or not flags & 1:
            return
        if kind == 0 and m['dcerpc.opnum']:
            row = {'opnum': int(m['dcerpc.opnum'][0]), 'status': None}
            self.rows[key, 'dce_rpc'].append(row)
            self.waiting[key, 'dcerpc', call[0], m['smb2.fid'][0] if m['smb2.fid'] else 0] = row
        elif kind in (2, 3):
            row = self.waiting.pop((key, 'dcerpc', call[0], 0), None)
            if row is not None:
                row['status'] = 'ok' if kind == 2 else 'fault'

    def ntlmssp(self, key, m):
        if m['ntlmssp.messagetype'] != ['0x00000003']:
            return
        values = {ours: (m['ntlmssp.auth.' + theirs] or ['NULL'])[0] for ours, theirs in (
            ('username', 'username'), ('domainname', 'domain'), ('hostname', 'hostname'))}
        if set(values.values()) != {'NULL'}:  # else anonymous, which may have a row or none
            self.rows[key, 'ntlm'].append({k: None if v == 'NULL' else v
                                           for k, v in values.items()})

    def kerberos(self, key, m):
        kind = int(m['kerberos.msg_type'][0]) if m['kerberos.msg_type'] else 0
        if kind in (11, 13):
            self.rows[key, 'kerberos'].append({'success': True, 'error_code': None})
        elif kind == 30:
            self.rows[key, 'kerberos'].append({
                'success': False, 'error_code': int(m['kerberos.error_code'][0])})

    def ldap(self, key, m):
        op, number = m['ldap.protocolOp'][:1], m['ldap.messageID'][:1]
        if not op or not number:
            return
        op = int(op[0])
        where = key, 'ldap', number[0]
        if op == 4:
            self.entries[where] += 1
        elif op == 2:
            self.rows[key, 'ldap'].append({'message_id': int(number[0])})
        elif op in (0, 3, 6, 8, 10, 12, 14, 23):
            row = {'message_id': int(number[0])}
            if op == 3:
                row['base_object'] = m['ldap.baseObject'][0] or None
                row['scope'] = ['base', 'single', 'tree', 'subordinate'][int(m['ldap.scope'][0])]
                row['filter'] = m['filter'][0] if m['filter'] else None
            elif op == 0:
                row['object'] = m['ldap.name'][0] or None
                row['version'] = int(m['ldap.version'][0])
            self.waiting[where] = row
            self.rows[key, 'ldap'].append(row)
        elif where in self.waiting and m['ldap.resultCode']:
            row = self.waiting.pop(where)
            row['answered'] = True
            if 'scope' in row:
                row['result_count'] = self.entries.pop(where, 0)

    def packet(self, key, fields):
        for m in split(fields, 'smb2', 'smb2.protocol_id'):
            if m['smb2.cmd'] and m['smb2.flags.response']:
                self.smb2(key, m)
        for m in split(fields, 'dcerpc', 'dcerpc.ver'):
            if m['dcerpc.pkt_type']:
                self.dcerpc(key, m)
        for m in split(fields, 'ntlmssp', 'ntlmssp.identifier'):
            self.ntlmssp(key, m)
        for m in split(fields, 'kerberos', 'kerberos.pvno'):
            self.kerberos(key, m)
        for proto in ('ldap', 'cldap'):
            for m in split(fields, proto, 'ldap.messageID'):
                self.ldap(key, m)


def ours_of(r):
    """The kind of row that is compared, and its values."""
    table = r['table']
    if table == 'smb' and r['version'] == 'SMB2' and r.get('command') in (
            'open', 'tree_connect', 'session_setup'):
        return r['command'], r
    if table == 'dce_rpc':
        return table, r | {'status': (r.get('status') or '').split(' ')[0] or None}
    if table == 'ldap':
        return table, r | {'answered': 'result' in r}
    if table == 'kerberos' and (r.get('request_type') == 'AP' or 'success' not in r):
        return None, None
    if table == 'ntlm' and 'username' not in r and 'hostname' not in r:
        return None, None
    return (table, r) if table in ('ntlm', 'kerberos') else (None, None)


def plain(field, value):
    if field == 'path' and value is not None:
        return value.lstrip('\\')
    return value if value != '' else None


def compare(tally, path, name, rows):
    if os.path.getsize(path) > LARGEST:
        return
    reader = Reader()
    for key, fields in packets(path):
        reader.packet(key, fields)
    left = collections.defaultdict(list)
    for r in rows:
        kind, values = ours_of(r)
        if kind is not None:
            key = frozenset([(ipaddress.ip_address(r['src_ip']), r['src_port']),
                             (ipaddress.ip_address(r['dst_ip']), r['dst_port'])])
            left[key, kind].append(values)
    for (key, kind), theirs in reader.rows.items():
        for row in theirs:
            candidates = left[key, kind]
            best = max(candidates, default=None, key=lambda c: sum(
                plain(f, row[f]) == plain(f, c.get(f)) for f in row))
            tally.count('tshark', kind, best is not None, None if best else why_missing(
                kind, row, name), (name, row))
            if best is None:
                continue
            candidates.remove(best)
            for field, a in row.items():
                a, b = plain(field, a), plain(field, best.get(field))
                if field == 'status' and a is None and kind in ('open', 'tree_connect',
                                                                'session_setup'):
                    continue  # a status whose name is not in the list above
                tally.count('tshark', f'{kind}.{field}', a == b, None if a == b else kind_of(
                    kind, field, a, b, best, name), (name, a, b, best))
        if left[key, kind]:
            tally.kinds['tshark', kind, 'only ours'] += len(left[key, kind])


def why_missing(kind, row, name):
    """Why a message of tshark has no row of ours; None: it is not known."""
    if kind == 'ntlm' and name.endswith('ntlm_synthetic.pcap') and row['domainname'] in (
            'HTTPDOM', 'HTTP6DOM', 'TDSDOM'):
        return 'NTLM is not looked for in HTTP and TDS'
    return None


def kind_of(kind, field, a, b, r, name):
    """Why a value differs; None: it is not known."""
    if field == 'filter' and a is not None and re.search('\\\\[0-9a-f]{2}', b):
        return 'values that are no text: ours as RFC 4515 writes them'
    leaves = [sorted(re.findall(r'\([^()&|!][^()]*\)', f or '')) for f in (a, b)]
    if field == 'filter' and leaves[0] == leaves[1]:
        return 'tshark writes "and" and "or" of many as pairs'
    if field == 'filter' and a is not None and re.search('[0-9a-f]{2}:[0-9a-f]{2}', a):
        return 'tshark writes what is not ASCII as digits'
    if field == 'filter' and a is None:
        return 'tshark gives up on the filter'
    if field == 'filter' and a is not None and a.replace(':dn', '') == b:
        return 'tshark says dn where the filter does not'
    return None
