#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of SMB, DCE/RPC, NTLM, Kerberos, LDAP and RDP held against Zeek's logs and tshark's reading.

usage: win_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. win_zeek.py compares with Zeek's logs, win_tshark.py
with what tshark reads of the same capture. Every difference must be of a known kind; exit 1 where one
is not, or where a field agrees, those aside, in less than 99 % of the rows. Skips, and says so, when
the corpora are not there.
"""
import json
import os
import shutil
import subprocess
import sys

import corpus
import win_tshark
import win_zeek

LEAST = 0.99
TABLES = {'smb', 'dce_rpc', 'ntlm', 'kerberos', 'ldap', 'rdp'}


def our_rows(program, capture):
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    rows, conns = [], []
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        table = line[10:line.find('"', 10)]
        if table in TABLES:
            rows.append(json.loads(line))
        elif table == 'conn' and '"src_ip"' in line:
            conns.append(json.loads(line))
    return rows, conns


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    path = os.path.join(corpora, name)
    rows, conns = our_rows(program, path)
    win_zeek.compare(tally, corpora, name, rows, conns)
    if rows and shutil.which('tshark'):
        win_tshark.compare(tally, path, name, rows)
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, [log + '.log' for log in win_zeek.LOGS], __doc__,
                         lambda name: 'ldap' in name))
