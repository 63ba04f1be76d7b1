#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our rows of mail held against Zeek's smtp.log.

usage: smtp_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

Rows are paired by connection and order. Recipients and addresses in headers are compared as sets,
texts without the folds of long lines. Every difference must be of a known kind; exit 1 where one is
not, or where a field agrees, those aside, in less than 99 % of the rows. Skips, and says so, when the
corpora are not there.
"""
import ipaddress
import json
import os
import re
import subprocess
import sys

import corpus

LEAST = 0.99
FIELDS = {'helo': 'helo', 'mailfrom': 'mailfrom', 'rcptto': 'rcptto', 'date': 'date',
          'from': 'header_from', 'to': 'header_to', 'cc': 'cc', 'reply_to': 'reply_to',
          'msg_id': 'msg_id', 'in_reply_to': 'in_reply_to', 'subject': 'subject',
          'last_reply': 'last_reply', 'user_agent': 'user_agent', 'tls': 'tls'}
SETS = ('rcptto', 'to', 'cc')


def end(address, port):
    return ipaddress.ip_address(address), int(port)


def plain(text):
    """Without folds and escapes."""
    text = re.sub(r'\\x([0-9a-fA-F]{2})', lambda m: chr(int(m.group(1), 16)), text)
    return re.sub(r'\s+', ' ', text).strip()


def theirs(field, cell):
    if cell in ('-', '(empty)'):
        return None
    if field == 'tls':
        return cell == 'T'
    if field in SETS:
        return {plain(x) for x in plain(cell).split(',') if x.strip()}
    return plain(cell)


def ours(field, value):
    if value in (None, [], ''):
        return None
    if field == 'rcptto':
        return {plain(x) for x in value}
    if field in SETS:
        return {plain(x) for x in plain(value).split(',') if x.strip()}
    return plain(value) if isinstance(value, str) else value


PIPELINED = 'a mail pipelined behind another: Zeek mixes the two'
KINDS = {  # what a capture shows, and which of us is right
    'pipelined-post-data-mail-from': PIPELINED,
    'ehlo-reset-after-rejected-data': 'after a refused DATA Zeek reads no header of the next mail',
    'smtp-decrypted': 'decrypted after it was captured: we go over to TLS as the dialogue says',
    'smtp-bdat-bad-tail': 'Zeek leaves out the last reply after one to a wrong BDAT',
    'nDPI/smtp.pcap': 'a header field longer than 4096 bytes is cut',
    'detect-email-received': 'the reply to QUIT in place of that to the mail',
}


def kind(name):
    return next((why for part, why in KINDS.items() if part in name), None)


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    truth = os.path.join(corpora, 'truth', 'zeek-run', name, 'smtp.log')
    if not os.path.exists(truth):
        return tally
    done = subprocess.run([program, os.path.join(corpora, name)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    left = [json.loads(x) for x in done.stdout.decode('utf-8', 'surrogateescape').split('\n')
            if x.startswith('{"table":"smtp"')]
    for z in corpus.zeek_log(truth):
        key = end(z['id.orig_h'], z['id.orig_p']), end(z['id.resp_h'], z['id.resp_p'])
        r = next((r for r in left if (end(r['src_ip'], r['src_port']),
                                      end(r['dst_ip'], r['dst_port'])) == key), None)
        tally.count('zeek', 'row', r is not None, None if r else kind(name), (name, z))
        if r is None:
            continue
        left.remove(r)
        for field, mine in FIELDS.items():
            a, b = theirs(field, z[field]), ours(field, r.get(mine))
            tally.count('zeek', field, a == b, None if a == b else kind(name), (name, a, b))
    tally.kinds['zeek', 'row', 'only ours'] += len(left)
    for r in left:
        tally.shown.append(('zeek', 'extra', None, (name, r)))
    return tally


if __name__ == '__main__':
    sys.exit(corpus.main(one_capture, LEAST, ['smtp.log'], __doc__))
