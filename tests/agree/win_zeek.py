# SPDX-License-Identifier: Apache-2.0
"""The rows of Windows' protocols held against Zeek's logs of the same capture, for win_agree.py.

Of each connection a row of Zeek is paired with that of ours, not taken yet, that has the most values
in common; ours that are left are counted by kind."""
import datetime
import ipaddress
import os
import re

import corpus

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
ENDS = ('id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p')


def seconds(text):
    t = datetime.datetime.strptime(text, '%Y-%m-%dT%H:%M:%S.%fZ')
    return (t.replace(tzinfo=datetime.timezone.utc) - EPOCH).total_seconds()


def zeek_text(text):
    """A text of a log, without its escapes."""
    if text in (None, '-', '(empty)', ''):
        return None
    return re.sub(r'\\x([0-9a-fA-F]{2})|\\\\', lambda m: bytes.fromhex(m.group(1)).decode(
        'latin-1') if m.group(1) else '\\', text)


def plain(text):
    """A text of ours; nothing where it is empty."""
    return text or None


def key_of_zeek(z):
    return (ipaddress.ip_address(z[ENDS[0]]), int(z[ENDS[1]]), ipaddress.ip_address(z[ENDS[2]]),
            int(z[ENDS[3]]))


def key_of_ours(r):
    return (ipaddress.ip_address(r['src_ip']), r['src_port'], ipaddress.ip_address(r['dst_ip']),
            r['dst_port'])


def moment(r, name):
    return f'{seconds(r[name]):.6f}' if name in r else None


def flag(value):
    return None if value is None else 'T' if value else 'F'


def of_smb_files(r):
    actions = {'open': 'SMB::FILE_OPEN', 'rename': 'SMB::FILE_RENAME', 'delete': 'SMB::FILE_DELETE'}
    if r['table'] != 'smb' or r.get('command') not in actions or r.get('share_type') == 'PIPE' or (
            r.get('status') not in ('SUCCESS', None)):
        return None
    return {'action': actions[r['command']], 'path': plain(r.get('path')),
            'name': plain(r.get('name')) or '<share_root>', 'size': str(r.get('size', 0)),
            'prev_name': plain(r.get('prev_name')), 'times.modified': moment(r, 'modified'),
            'times.accessed': moment(r, 'accessed'), 'times.created': moment(r, 'created'),
            'times.changed': moment(r, 'changed')}


def of_smb_mapping(r):
    if r['table'] != 'smb' or r.get('command') != 'tree_connect' or r.get('status') != 'SUCCESS':
        return None
    return {'path': plain(r.get('path')), 'service': plain(r.get('service')),
            'native_file_system': plain(r.get('native_file_system')),
            'share_type': r.get('share_type')}


def of_dce_rpc(r):
    if r['table'] != 'dce_rpc':
        return None
    return {'ts': r['ts'], 'rtt': r.get('rtt'), 'named_pipe': plain(r.get('named_pipe')),
            'endpoint': r.get('endpoint') or 'unknown-' + r.get('uuid', ''),
            'operation': r.get('operation') or f'unknown-{r["opnum"]}'}


def of_ntlm(r):
    if r['table'] != 'ntlm':
        return None
    row = {name: plain(r.get(name)) for name in (
        'username', 'hostname', 'domainname', 'server_nb_computer_name', 'server_dns_computer_name',
        'server_tree_name')}
    return row | {'success': flag(r.get('success'))}


def of_kerberos(r):
    if r['table'] != 'kerberos':
        return None
    ap = r.get('request_type') == 'AP'
    row = {name: None if ap else plain(r.get(name)) for name in (
        'request_type', 'client', 'error_msg', 'cipher')}
    row['service'] = None if ap else plain(r.get('service_name'))
    return row | {'success': flag(r.get('success')), 'from': moment(r, 'valid_from'),
                  'till': moment(r, 'till'), 'forwardable': flag(r.get('forwardable')),
                  'renewable': flag(r.get('renewable'))}


def of_rdp(r):
    if r['table'] != 'rdp':
        return None
    row = {name: plain(r.get(name)) for name in (
        'cookie', 'result', 'security_protocol', 'keyboard_layout', 'client_build', 'client_name',
        'client_dig_product_id', 'requested_color_depth', 'cert_type', 'encryption_level',
        'encryption_method')}
    return row | {'client_channels': ','.join(r.get('client_channels') or []) or None,
                  'desktop_width': str(r['desktop_width']) if 'desktop_width' in r else None,
                  'desktop_height': str(r['desktop_height']) if 'desktop_height' in r else None,
                  'cert_count': str(r.get('cert_count', 0))}


LOGS = {'smb_files': of_smb_files, 'smb_mapping': of_smb_mapping, 'dce_rpc': of_dce_rpc,
        'ntlm': of_ntlm, 'kerberos': of_kerberos, 'rdp': of_rdp}


def theirs(log, z):
    row = {name: zeek_text(text) for name, text in z.items() if name not in ENDS and name != 'uid'}
    if log == 'dce_rpc':
        row['rtt'] = float(row['rtt']) if row['rtt'] else None
    if row.get('name') is None and log == 'smb_files':
        row['name'] = '<share_root>'
    return row


def same(field, a, b):
    if field == 'rtt' and a is not None and b is not None:
        return abs(a - b) < 1e-5
    if field.startswith('times.') and a is not None and b is not None:
        return abs(float(a) - float(b)) < 2e-6
    if field == 'ts':
        return abs(float(a) - seconds(b)) < 2e-6
    return a == b


def kind_of_rpc(field, a, b, r):
    if field in ('ts', 'rtt') and 'rtt' not in r:
        return 'a call without an answer: Zeek repeats the one before'
    if field == 'ts' and 0 < float(a) - seconds(b) < 1:
        return 'a call in pieces: ours when its head has come, of Zeek its last byte'
    if field == 'rtt' and abs(a - b) < 1:
        return 'a call or an answer in pieces, likewise'
    if field == 'operation' and 'rtt' not in r:
        return 'a call without an answer: Zeek repeats the one before'
    if field == 'operation' and a.startswith('unknown-'):
        return 'Zeek has no name for the operation'
    if field == 'operation' and r.get('endpoint') == 'IWbemServices' and r['opnum'] == 16:
        return 'Zeek calls operation 16 DeleteClass; MS-WMI, 3.1.4.3: DeleteInstance'
    if field == 'endpoint' and a == b + ' interface':
        return 'Zeek writes "interface" behind this one name'
    return None


def kind_of(log, field, a, b, r):
    """Why a value differs; None: it is not known."""
    if log == 'dce_rpc':
        return kind_of_rpc(field, a, b, r)
    if log == 'smb_files' and field == 'path' and a is None and r['version'] == 'SMB1':
        return 'Zeek does not say the tree of files of SMB1'
    if log == 'smb_files' and field.startswith('times.') and abs(float(a) - float(b)) < 5e-6:
        return 'Zeek loses microseconds of old times in its arithmetic'
    if log == 'ntlm' and field == 'success':
        if r['carrier'] == 'smb':
            return "Zeek takes SPNEGO's word alone; ours is the status of SMB"
        return 'over DCE/RPC the server answers the last token with nothing; Zeek takes that for a yes'
    if log == 'ntlm' and a is None and b is not None:
        return 'Zeek does not read an AUTHENTICATE without its last fields'
    if log == 'kerberos' and field == 'client' and a is not None and b is not None:
        return 'Zeek takes the realm of the answer, or of the request, as it comes'
    return None


def why_missing(log, z, row, keys, name):
    """Why a row of Zeek has none of ours; None: it is not known."""
    key = key_of_zeek(z)
    if key not in keys and key[2:] + key[:2] not in keys:
        return 'the connection lies in a tunnel that is not unwrapped here'
    if log == 'kerberos' and row['success'] is None and z['id.resp_p'] == '47808':
        return 'one of many probes by a scanner in one flow, which the first one gave its protocol'
    if log == 'ntlm' and not any(row.get(name) for name in of_ntlm({'table': 'ntlm'})):
        return 'a NEGOTIATE alone is no authentication'
    return None


def compare(tally, corpora, name, rows, conns):
    keys = {key_of_ours(c) for c in conns}
    for log, of in LOGS.items():
        path = os.path.join(corpora, 'truth', 'zeek-run', name, log + '.log')
        if not os.path.isdir(os.path.dirname(path)):
            continue
        left = {}
        for r in rows:
            row = of(r)
            if row is not None:
                left.setdefault(key_of_ours(r), []).append((row, r))
        for z in corpus.zeek_log(path):
            row = theirs(log, z)
            candidates = left.get(key_of_zeek(z), [])
            best = max(candidates, default=None, key=lambda c: sum(
                same(f, row.get(f), c[0][f]) for f in c[0]))
            kind = None if best else why_missing(log, z, row, keys, name)
            tally.count('zeek', log, best is not None, kind, (name, z))
            if best is None:
                continue
            candidates.remove(best)
            for field, b in best[0].items():
                a = row.get(field)
                equal = same(field, a, b)
                tally.count('zeek', f'{log}.{field}', equal, None if equal else kind_of(
                    log, field, a, b, best[1]), (name, z[ENDS[1]], a, b, best[1]))
        extra = sum(len(v) for v in left.values())
        if extra:
            tally.kinds['zeek', log, 'only ours'] += extra
            tally.shown += [('only', log, None, (name, r)) for v in left.values() for _, r in v]
