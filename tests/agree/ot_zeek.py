"""Our rows of industrial protocols against the logs of Zeek and of ICSNPP."""
import collections
import os
import re

import corpus


def end(address, port):
    return address, int(port)


def counted(tally, who, field, name, theirs, mine, kind=None):
    """Count two multisets of values against each other."""
    n = max(sum(theirs.values()), sum(mine.values()))
    same = sum((theirs & mine).values())
    tally.count_all(who, field, n, same, kind, (name, dict(theirs - mine), dict(mine - theirs)))


def ends(row):
    return end(row['src_ip'], row['src_port']) + end(row['dst_ip'], row['dst_port'])


def zeek_ends(z):
    return end(z['id.orig_h'], z['id.orig_p']) + end(z['id.resp_h'], z['id.resp_p'])


def modbus(tally, name, path, rows):
    """A line a request or answer, in older versions a line a pair."""
    theirs, mine = collections.Counter(), collections.Counter()
    for z in corpus.zeek_log(path):
        function = z['func'].lower()
        if z['exception'] != '-' and function.endswith('_exception'):
            function = function[:-len('_exception')]
        theirs[zeek_ends(z) + (int(z['tid']), int(z['unit']), function, z['pdu_type'],
                               z['exception'].lower())] += 1
    for r in rows:
        if r['protocol'] != 'modbus':
            continue
        key = ends(r) + (r['id'], r['unit'], r['function'])
        status = r.get('status', 'ok')
        if r.get('request_bytes'):
            mine[key + ('REQ', '-')] += 1
        if r.get('answer_bytes'):
            mine[key + ('RESP', '-' if status in ('ok', 'umas_error') else status)] += 1
    counted(tally, 'zeek', 'modbus', name, theirs, mine)


def dnp3(tally, name, path, rows):
    """A line a request with its answer. Zeek pairs an answer with whatever was last asked, and forgets
    a request when the next one comes, so requests and answers are counted apart."""
    asked, told = (collections.Counter(), collections.Counter()), (collections.Counter(), collections.Counter())
    for z in corpus.zeek_log(path):
        if z['fc_request'] not in ('-', 'CONFIRM'):
            asked[0][zeek_ends(z) + (z['fc_request'].lower(),)] += 1
        if z['fc_reply'] != '-':
            told[0][zeek_ends(z) + (z['fc_reply'].lower(), int(z['iin']))] += 1
    for r in rows:
        if r['protocol'] != 'dnp3' or r.get('function_code', 0) == 0:
            continue
        if r['function_code'] < 129:
            asked[1][ends(r) + (r['function'],)] += 1
        m = re.search(r'iin=(\d+)', r.get('detail', ''))
        if m:
            reply = 'response' if r['function_code'] < 130 else r['function']
            told[1][ends(r) + (reply, int(m.group(1)))] += 1
    kind = None
    if not asked[0] - asked[1]:
        kind = 'Zeek forgets a request without an answer when the next one comes'
    counted(tally, 'zeek', 'dnp3 request', name, *asked, kind)
    kind = None if told[0] - told[1] else 'Zeek logs no answer here; tshark reads it as we do'
    counted(tally, 'zeek', 'dnp3 answer', name, *told, kind)


LOGS = {'dnp3.log': dnp3, 'modbus.log': modbus}


def compare(tally, corpora, name, rows):
    """Count our rows of a capture against the logs that there are of it."""
    folder = os.path.join(corpora, 'truth', 'zeek-run', name)
    for log, function in LOGS.items():
        if os.path.isfile(os.path.join(folder, log)):
            function(tally, name, os.path.join(folder, log), rows)
