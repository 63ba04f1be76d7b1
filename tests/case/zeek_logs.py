#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write what a memory holds as Zeek would have logged it.

usage: zeek_logs.py DWELL MEMORY FOLDER

conn.log, ssl.log, http.log and dns.log, tab-separated, with the uids that join them.
"""
import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime, timezone

ENDS = ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p']
LOGS = {
    'conn': (['proto', 'service', 'duration', 'orig_bytes', 'resp_bytes', 'conn_state', 'missed_bytes',
              'history', 'orig_pkts', 'orig_ip_bytes', 'resp_pkts', 'resp_ip_bytes'],
             ['proto', 'service', 'duration', 'src_bytes', 'dst_bytes', 'state', 'missed_bytes', 'history',
              'src_packets', 'src_ip_bytes', 'dst_packets', 'dst_ip_bytes']),
    'ssl': (['version', 'server_name', 'ja3', 'ja4', 'subject', 'issuer'],
            ['version', 'sni', 'ja3', 'ja4', 'subject', 'issuer']),
    'http': (['trans_depth', 'method', 'host', 'uri', 'status_code'],
             ['depth', 'method', 'host', 'uri', 'status']),
    'dns': (['proto', 'trans_id', 'query', 'qtype_name', 'rcode_name', 'answers'],
            ['proto', 'id', 'query', 'qtype', 'rcode', 'answers']),
}


def query(dwell, memory, sql):
    done = subprocess.run([dwell, 'query', '-m', memory, '--format', 'json', sql],
                          capture_output=True, check=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def cell(value):
    if value is None:
        return '-'
    if isinstance(value, list):
        return ','.join(v.replace(',', '\\x2c') for v in value) or '(empty)'
    if isinstance(value, float):
        return f'{value:.6f}'
    return str(value).replace('\\', '\\\\').replace('\t', '\\x09') or '(empty)'


def main():
    dwell, memory, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for log, (names, columns) in LOGS.items():
        table = 'tls' if log == 'ssl' else log
        with open(os.path.join(folder, log + '.log'), 'w', encoding='utf-8') as f:
            f.write('#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n'
                    f'#path\t{log}\n')
            f.write('\t'.join(['#fields'] + ENDS + names) + '\n')
            for r in query(dwell, memory, f'SELECT * FROM {table} ORDER BY ts'):
                when = datetime.fromisoformat(r['ts'].replace('Z', '+00:00')).astimezone(timezone.utc)
                ends = [r['src_ip'], r['src_port'], r['dst_ip'], r['dst_port']]
                uid = 'C' + hashlib.sha256(repr(ends).encode()).hexdigest()[:17]
                ts = f'{int(when.timestamp())}.{when.microsecond:06d}'
                f.write('\t'.join([ts, uid] + [cell(x) for x in ends] + [cell(r[c]) for c in columns]) + '\n')
            f.write('#close\t2025-01-01-00-00-00\n')


if __name__ == '__main__':
    main()
