#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our dns records held against Zeek's dns.log and against tshark, for every capture in the corpora.

usage: dns_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only PART_OF_NAME] [--json FILE]

PROGRAMS is the folder with the program records. With Zeek, rows are paired by connection, id, name and time; with
tshark, messages by connection, id, name and whether they answer. Where one of the two says
something else on purpose, the difference is of a kind in KINDS: it is counted there and not as
a disagreement. Exit 1 where a field agrees in less than 99.5 % of what was compared. --show prints
the rows that differ. Skips, and says so, when the corpora are not there.
"""
import collections
import concurrent.futures
import datetime
import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys

import corpus

LEAST = 0.995
SAME = 2e-6  # seconds: both print microseconds
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

KINDS = {
    'zeek: tunnel': 'Zeek unwraps GRE, GTP, Teredo … and logs what is inside; that is not read yet',
    'zeek: no question seen': 'only the answer was captured: we take name and type from the '
                              'question that it repeats, Zeek logs the name of its first record',
    'zeek: split': 'Zeek logs question and answer apart (its clock leapt in between, or its '
                   'session of ten seconds ended); we pair them',
    'zeek: mdns pairs': 'multicast DNS has no transactions (RFC 6762, 18.1): Zeek pairs whatever '
                        'follows in one flow; for us each message is a record',
    'zeek: one of several questions': 'Zeek logs the last question of a message, we each of them',
    'zeek: other question': 'Zeek pairs by id alone, we by id and question: these answers are to '
                            'something else (spoofed, malformed, or an id used again)',
    'zeek: update': 'Zeek writes the sections of a dynamic update out; for us it is a record',
    'zeek: junk': 'Zeek logs a row for a message of which no question and no answer can be read',
    'zeek: bad name': 'a name whose pointers run in a circle (types of 0xc0xx are what follows its '
                      'pointer): malformed for us, Zeek logs what it read till then',
    'zeek: clock': 'the clock of the capture goes back: Zeek then says the newest time it saw, and '
                   'its time-outs run early; times are not compared',
    'zeek: not read': 'a link type that is not read yet, or a capture without one packet of IP',
    'tshark: tunnel': 'messages inside a tunnel, or several in one packet, are not held together',
    'tshark: in http': 'DNS over HTTP (RFC 8484) is HTTP for us',
    'tshark: malformed': 'messages whose question tshark can not read either',
    'zeek: record not logged': 'types of which Zeek logs nothing (CAA, HTTPS, SVCB, WKS …)',
    'zeek: record not spelled out': 'types that Zeek does not write out (<unknown type=…>, LOC, '
                                    'BIND9 signing signals)',
}

TYPES = {'*': 'ANY'}
ZEEK_FIELDS = ['row', 'ts', 'query', 'qtype', 'rcode', 'answers', 'ttls', 'rtt', 'aa', 'tc', 'rd',
               'ra']
TSHARK_FIELDS = ['message', 'type', 'response code', 'a', 'aaaa', 'cname']
TSHARK = ['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'tcp.srcport',
          'tcp.dstport', 'dns.id', 'dns.flags.response', 'dns.flags.rcode', 'dns.count.queries',
          'dns.count.answers', 'dns.qry.name', 'dns.qry.type', 'dns.resp.type', 'dns.a', 'dns.aaaa',
          'dns.cname', 'frame.protocols']
# Types and response codes by number, from RFC 1035, 3596, 2782, 3403, 4034, 6891, 9460 and 8659.
TYPE_WORDS = {1: 'A', 2: 'NS', 5: 'CNAME', 6: 'SOA', 10: 'NULL', 12: 'PTR', 13: 'HINFO', 15: 'MX',
              16: 'TXT', 25: 'KEY', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR', 43: 'DS', 44: 'SSHFP',
              46: 'RRSIG', 47: 'NSEC', 48: 'DNSKEY', 51: 'NSEC3PARAM', 64: 'SVCB', 65: 'HTTPS',
              252: 'AXFR', 255: 'ANY', 257: 'CAA'}
RCODE_WORDS = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN',
               'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE']


def seconds(text):
    d = datetime.datetime.fromisoformat(text.replace('Z', '+00:00')) - EPOCH
    return d.days * 86400 + d.seconds + d.microseconds / 1e6


def raw(text):
    """The bytes behind a text in which unprintable bytes stand as \\xNN."""
    out = text.encode('utf-8', 'surrogateescape')
    return re.sub(rb'\\x([0-9a-f]{2})', lambda m: bytes([int(m[1], 16)]), out)


def zeek_raw(text):
    """The same of Zeek, who doubles a backslash."""
    out = text.encode('utf-8', 'surrogateescape')
    return re.sub(rb'\\(\\|x([0-9a-f]{2}))',
                  lambda m: m[1] if m[2] is None else bytes([int(m[2], 16)]), out)


def ends_key(a, b, proto, number):
    ends = frozenset([(ipaddress.ip_address(a[0]), a[1]), (ipaddress.ip_address(b[0]), b[1])])
    return ends, proto, number


class Row:
    """A question with its answer, as one of the two said it; absent fields are None."""

    def __init__(self, key, port, **v):
        self.key, self.port, self.v, self.used = key, port, v, False

    def __repr__(self):
        return ' '.join(f'{a}:{p}' for a, p in self.key[0]) + f' id={self.key[2]} {self.v}'


def zeek_tunnelled(folder):
    path, uids = os.path.join(folder, 'conn.log'), set()
    for z in corpus.zeek_log(path):
        if z.get('tunnel_parents', '-') not in ('-', '(empty)'):
            uids.add(z['uid'])
    return uids


def zeek_rows(folder, kinds):
    inside, rows = zeek_tunnelled(folder), []
    for z in corpus.zeek_log(os.path.join(folder, 'dns.log')):
        if z['uid'] in inside:
            kinds['zeek: tunnel'] += 1
            continue
        z = {k: None if v == '-' else v for k, v in z.items()}
        key = ends_key((z['id.orig_h'], int(z['id.orig_p'])), (z['id.resp_h'], int(z['id.resp_p'])),
                       z['proto'], int(z['trans_id']))
        qtype = z['qtype_name']
        if qtype is not None:
            qtype = TYPES.get(qtype, qtype).replace('query-', 'TYPE')
            if qtype == 'NIMLOC' and z['id.resp_p'] == '137':
                qtype = 'NB'
        query = z['query']
        rows.append(Row(
            key, int(z['id.resp_p']), ts=0.0 if z['ts'] == '1.000000' else float(z['ts']),
            query=None if query is None else zeek_raw(
                '' if query == '(empty)' else query).lower(),
            qtype=qtype, rcode=z['rcode_name'], rtt=None if z['rtt'] is None else float(z['rtt']),
            answers=[zeek_raw(a) for a in z['answers'].split(',')] if z['answers'] else [],
            ttls=[int(float(t)) for t in z['TTLs'].split(',')] if z['TTLs'] else [],
            aa=z['AA'] == 'T', tc=z['TC'] == 'T', rd=z['RD'] == 'T', ra=z['RA'] == 'T',
            opcode=z.get('opcode') or '0'))
    return rows


def our_rows(program, capture):
    out = subprocess.run([program, capture], capture_output=True).stdout
    rows, steps, read = [], 0, False
    for line in out.decode('utf-8', 'surrogateescape').splitlines():
        read = read or line.startswith('{"table":"conn"')
        if line.startswith('{"table":"watch"'):
            steps += json.loads(line)['clock_steps']
        if not line.startswith('{"table":"dns"'):
            continue
        r = json.loads(line)
        key = ends_key((r.get('src_ip', '::'), r['src_port']), (r.get('dst_ip', '::'), r['dst_port']),
                       r['proto'], r['id'])
        rows.append(Row(
            key, r['dst_port'], ts=seconds(r['ts']), kind=r['kind'], rtt=r.get('rtt'),
            query=raw(r['query']).lower() if 'query' in r else None, qtype=r.get('qtype'),
            rcode=r.get('rcode'), answers=[raw(a) for a in r['answers']], ttls=r['ttls'],
            aa=r.get('aa'), tc=r.get('tc'), rd=r.get('rd'), ra=r.get('ra'),
            asked=r['query_bytes'] > 0))
    return rows, steps > 0, read


def texts(answer, word):
    """The strings of Zeek's 'TXT 3 abc TXT 2 de', joined as ours."""
    strings, rest = [], answer
    while rest:
        m = re.match(word + rb' (\d+) ', rest)
        if m is None:
            return answer
        n = int(m[1])
        strings.append(rest[m.end():m.end() + n])
        rest = rest[m.end() + n:].removeprefix(b' ')
    return b' '.join(strings)


def spelled(answer):
    """Zeek's text of an answer as we would write it; None where Zeek does not write it out."""
    for word in (b'TXT', b'SPF'):
        if answer.startswith(word + b' '):
            return texts(answer, word)
    if answer.startswith((b'<unknown type=', b'LOC: ', b'BIND9 ')):
        return None
    if answer.startswith(b'NAPTR '):
        return answer[6:]
    if answer.startswith(b'SSHFP: '):
        return b'SSHFP ' + answer[7:]
    return answer


def is_equal(theirs, ours):
    if theirs == ours:
        return True
    # NAPTR: we quote strings, and an empty one is something.
    return re.sub(rb'\s+', b' ', ours.replace(b'"', b'')).strip() == theirs.strip()


def is_never_logged(ours):
    """Of types that Zeek does not log: HTTPS and SVCB, CAA, unknown ones, HINFO of multicast DNS."""
    return re.match(rb'\d+ (\S+|\.)( \S+=.*)?$|\d+ \w+ "|\\# \d+|[A-Z0-9_-]+ [A-Z]+$',
                    ours) is not None


def answers_equal(z, r, kinds):
    """Whether Zeek's answers are ours, in order, apart from what Zeek leaves out."""
    theirs, i = list(zip(z.v['answers'], z.v['ttls'])), 0
    found = set()
    for text, ttl in zip(r.v['answers'], r.v['ttls']):
        if i < len(theirs) and theirs[i][1] == ttl:
            want = spelled(theirs[i][0])
            if want is None or is_equal(want, text):
                if want is None:
                    found.add('zeek: record not spelled out')
                i += 1
                continue
        if not r.v['kind'].startswith('nbns') and not is_never_logged(text):
            return False
        found.add('zeek: record not logged')
    kinds.update(found)
    return i == len(theirs)


def find(z, ours, test, clock):
    """Our row of that key that passes and is nearest in time; says the same, where times fail."""
    rows = [r for r in ours.get(z.key, ()) if test(r)]
    return min(rows, key=lambda r: (clock and z.v['answers'] != r.v['answers'],
                                    abs(r.v['ts'] - z.v['ts'])), default=None)


def halves(z):
    """What a row of Zeek says anything of: question, answer."""
    return {h for h, v in (('q', z.v['qtype']), ('a', z.v['rcode'])) if v is not None}


def has(r, half):
    return r.v['asked'] if half == 'q' else r.v['rcode'] is not None


def explain(z, ours):
    """The kind of a row of Zeek that has none of ours, or None."""
    same = ours.get(z.key, ())
    if z.v['opcode'] == '5' and z.port != 137:
        return 'zeek: update'
    if any(r.v['kind'] == 'mdns' and r.v['query'] == z.v['query'] for r in same):
        return 'zeek: mdns pairs'
    if z.v['query'] is None and not z.v['answers']:
        return 'zeek: junk'
    if z.v['qtype'] is not None and re.match(r'TYPE491\d\d$', z.v['qtype']):
        return 'zeek: bad name'
    for r in same:
        if r.v['query'] != z.v['query'] and abs(r.v['ts'] - z.v['ts']) < SAME:
            return 'zeek: other question'
    return None


def compare_row(z, r, kinds, clock):
    """[(field, equal)] of two rows that belong together, as far as Zeek's row says anything."""
    v, w, said = z.v, r.v, halves(z)
    out = [('row', True)]
    if v['query'] is not None:
        out.append(('query', v['query'] == w['query']))
    if 'q' in said:
        out += [('qtype', v['qtype'] == w['qtype']), ('rd', v['rd'] == w['rd'])]
        if w['rcode'] is None:
            out.append(('tc', v['tc'] == w['tc']))
        if not clock:
            out.append(('ts', abs(v['ts'] - w['ts']) < SAME))
    if 'a' in said:
        equal = answers_equal(z, r, kinds)
        out += [('rcode', v['rcode'] == w['rcode']), ('answers', equal), ('ttls', equal)]
        if v['answers']:
            out += [('aa', v['aa'] == w['aa']), ('ra', v['ra'] == w['ra'])]
        if v['rtt'] is not None and not clock:
            out.append(('rtt', w['rtt'] is not None and abs(v['rtt'] - w['rtt']) < SAME))
    return out


def compare_zeek(theirs, rows, kinds, clock):
    """[(field, equal, zeek, ours)]; clock: the capture's went back, so Zeek's times are others."""
    ours, out = collections.defaultdict(list), []
    for r in rows:
        r.used = set()
        ours[r.key].append(r)

    def take(z, test):
        r = find(z, ours, lambda r: not r.used & halves(z) and test(r) and
                 (z.v['query'] is None or r.v['query'] == z.v['query']) and
                 all(has(r, h) for h in halves(z)), clock)
        if r is None:
            return False
        r.used |= halves(z)
        out.extend((field, equal, z, r) for field, equal in compare_row(z, r, kinds, clock))
        if {h for h in 'qa' if has(r, h)} != halves(z):
            kinds['zeek: split'] += 1
        elif z.v['qtype'] is None:
            kinds['zeek: no question seen'] += 1
        return True

    left = [z for z in theirs if not take(z, lambda r: abs(r.v['ts'] - z.v['ts']) < SAME and
                                          {h for h in 'qa' if has(r, h)} == halves(z))]
    for z in left:
        if halves(z) and take(z, lambda r: True):
            continue
        kind = explain(z, ours)
        if kind is not None:
            kinds[kind] += 1
        else:
            out.append(('row', False, z, None))
    return out


def tshark_messages(capture):
    """Messages of DNS, multicast DNS and LLMNR outside of tunnels and ICMP, as dicts of lists."""
    command = ['tshark', '-n', '-r', capture, '-Y', '(dns or mdns or llmnr) and not icmp and not icmpv6',
               '-T', 'fields', '-E', 'aggregator=\x1f']
    for field in TSHARK:
        command += ['-e', field]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for line in out.decode('utf-8', 'surrogateescape').splitlines():
        m = {f: v.split('\x1f') if v else [] for f, v in zip(TSHARK, line.split('\t'))}
        yield m


def tshark_key(m):
    """The key of a message; None inside a tunnel, without ports, or of several in one packet."""
    src, dst = m['ip.src'] + m['ipv6.src'], m['ip.dst'] + m['ipv6.dst']
    proto = 'udp' if m['udp.srcport'] else 'tcp'
    ports = m[proto + '.srcport'], m[proto + '.dstport']
    if len(src) != 1 or len(ports[0]) != 1 or len(m['dns.id']) != 1:
        return None
    return ends_key((src[0], int(ports[0][0])), (dst[0], int(ports[1][0])), proto,
                    int(m['dns.id'][0], 16))


def section(m, field, number):
    """The values of an address or name field that belong to the answer section."""
    types = [int(t) for t in m['dns.resp.type']]
    n = int(m['dns.count.answers'][0]) if m['dns.count.answers'] else 0
    return m[field][:types[:n].count(number)]


def is_name(theirs, ours):
    """Whether tshark's text is our name: it writes U+FFFD for bytes that are no UTF-8."""
    if '\ufffd' not in theirs or ours is None:
        return raw(theirs).lower() == ours
    shown = ours.decode('utf-8', 'replace')
    return re.sub('\ufffd+', '\ufffd', shown) == re.sub('\ufffd+', '\ufffd', theirs.lower())


def compare_tshark(capture, rows, kinds):
    """[(field, equal, tshark, ours)]"""
    ours, out = collections.defaultdict(list), []
    for r in rows:
        r.used = set()
        ours[r.key].append(r)
    for m in tshark_messages(capture):
        key = tshark_key(m)
        if key is None:
            kinds['tshark: tunnel'] += 1
            continue
        answers = m['dns.flags.response'] in (['1'], ['True'])
        half = 'a' if answers else 'q'
        query = m['dns.qry.name'][0].replace('<Root>', '') if m['dns.qry.name'] else None
        if ':http' in m['frame.protocols'][0]:
            kinds['tshark: in http'] += 1
            continue
        if query is None and m['dns.count.queries'] != ['0'] or query == '<Unknown extended label>':
            kinds['tshark: malformed'] += 1
            continue
        same = [r for r in ours[key] if half not in r.used and has(r, half) and
                (query is None or is_name(query, r.v['query']))]
        addresses = [raw(a) for a in section(m, 'dns.a', 1) + section(m, 'dns.aaaa', 28)]
        same.sort(key=lambda r: -sum(a in r.v['answers'] for a in addresses))
        if not same:
            out.append(('message', False, m, ours[key][:3]))
            continue
        r = same[0]
        r.used.add(half)
        out.append(('message', True, m, r))
        if m['dns.qry.type'] and r.v['qtype'] is not None:
            number = int(m['dns.qry.type'][0])
            if number in TYPE_WORDS:
                out.append(('type', TYPE_WORDS[number] == r.v['qtype'], m, r))
        if not answers:
            continue
        rcode = int(m['dns.flags.rcode'][0])
        if rcode < len(RCODE_WORDS):
            out.append(('response code', RCODE_WORDS[rcode] == r.v['rcode'], m, r))
        for field, number in (('a', 1), ('aaaa', 28), ('cname', 5)):
            want = [raw(v).lower() for v in section(m, 'dns.' + field, number)]
            if want:
                have = [v for v in r.v['answers'] if v.lower() in want]
                out.append((field, [h.lower() for h in have] == want, m, r))
    return out


def one_capture(args):
    program, corpora, capture = args
    folder = os.path.join(corpora, 'truth', 'zeek-run', capture)
    kinds = collections.Counter()
    rows, clock, read = our_rows(program, os.path.join(corpora, capture))
    theirs = zeek_rows(folder, kinds) if os.path.exists(folder + '/dns.log') else []
    if not read:
        kinds['zeek: not read'] += len(theirs)
        return capture, [], [], kinds
    zeek = compare_zeek(theirs, rows, kinds, clock)
    if clock:
        kinds['zeek: clock'] += len(theirs)
    tshark = []
    if shutil.which('tshark') and (theirs or rows):
        tshark = compare_tshark(os.path.join(corpora, capture), rows, kinds)
    return capture, zeek, tshark, kinds


def captures(corpora, only):
    """Every capture of which Zeek left logs, whether of DNS or not."""
    root = os.path.join(corpora, 'truth', 'zeek-run')
    for folder, _, files in sorted(os.walk(root)):
        capture = os.path.relpath(folder, root)
        if files and only in capture and os.path.isfile(os.path.join(corpora, capture)):
            yield capture


def option(name, default):
    if name not in sys.argv:
        return default
    i = sys.argv.index(name)
    value = sys.argv[i + 1]
    del sys.argv[i:i + 2]
    return value


def main():
    show, only, out = option('--show', None), option('--only', ''), option('--json', None)
    here = os.path.dirname(os.path.abspath(__file__))
    corpora = sys.argv[2] if len(sys.argv) > 2 else os.environ.get(
        'DWELL_CORPORA', os.path.join(here, '..', '..', '..', 'shared', 'corpora'))
    program = os.path.join(sys.argv[1], 'records')
    work = [(program, corpora, capture) for capture in captures(corpora, only)]
    if not work:
        print('1..0 # SKIP no corpora at ' + corpora)
        return 0
    total, equal, kinds = (collections.Counter() for _ in range(3))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for capture, zeek, tshark, explained in pool.map(one_capture, work):
            kinds.update(explained)
            for who, results in (('zeek', zeek), ('tshark', tshark)):
                for field, same, theirs, ours in results:
                    total[who, field] += 1
                    equal[who, field] += same
                    if not same and show in (field, who, 'all'):
                        print(capture, f'{who} {field}', theirs, ours, sep='\n   ')
    failed = False
    for who, fields in (('zeek', ZEEK_FIELDS), ('tshark', TSHARK_FIELDS)):
        for field in fields:
            n, all_of = equal[who, field], total[who, field]
            share = n / all_of if all_of else 1.0
            failed |= share < LEAST
            print(f'{who:7} {field:14} {n:7} of {all_of:7}  {100 * share:8.3f} %')
    for kind, n in sorted(kinds.items()):
        print(f'{n:7} {kind}: {KINDS[kind]}')
    if out:
        tally = corpus.Tally()
        tally.rows, tally.equal = total, equal
        tally.kinds.update({(*kind.split(': ')[:1], 'row', KINDS[kind]): n for kind, n in kinds.items()})
        corpus.put_json(out, tally)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
