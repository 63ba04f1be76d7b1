"""Our rows of industrial protocols against the logs of Zeek and of ICSNPP."""
import collections
import os

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


LOGS = {'modbus.log': modbus}


def compare(tally, corpora, name, rows):
    """Count our rows of a capture against the logs that there are of it."""
    folder = os.path.join(corpora, 'truth', 'zeek-run', name)
    for log, function in LOGS.items():
        if os.path.isfile(os.path.join(folder, log)):
            function(tally, name, os.path.join(folder, log), rows)
