#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The headers of every frame in the corpora, field by field, held against tshark.

usage: decode_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT]

PROGRAMS holds tests/agree/packets. A field is compared where both have the frame as IP
and, for the transport's, where its header is whole. Every difference must be of a known kind
(EXPLAINED, below). Prints TAP. --every N takes every N-th capture, --only those whose path holds
TEXT, --show prints the frames that differ in a field. Skips, and says so, when the corpora or
tshark are not there.
"""
import argparse
import collections
import ipaddress
import os
import shutil
import subprocess
import sys

import corpus

from input_agree import captures

COLUMNS = ['frame.protocols', 'frame.len', 'frame.cap_len', 'ip.len', 'ip.hdr_len', 'ip.src',
           'ip.dst', 'ip.proto', 'ip.ttl', 'ip.id', 'ip.checksum.status', 'ipv6.src',
           'ipv6.dst', 'ipv6.hlim', 'ipv6.plen',
           'tcp.srcport', 'tcp.dstport', 'tcp.seq_raw', 'tcp.flags', 'tcp.len',
           'tcp.checksum', 'udp.checksum', 'tcp.checksum.status', 'udp.srcport', 'udp.dstport',
           'udp.length',
           'udp.checksum.status', 'icmp.type', 'icmp.code', 'icmp.checksum.status',
           'icmpv6.type', 'icmpv6.code', 'icmpv6.checksum.status', 'sctp.srcport',
           'sctp.dstport', 'sctp.checksum.status']
LISTS = ['ip.opt.type.number', 'ieee8021ad.id', 'vlan.id']  # all their values
OPTIONS = ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'ip.check_checksum:TRUE',
           'tcp.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'sctp.checksum:TRUE',
           'tcp.desegment_tcp_streams:FALSE', 'tcp.relative_sequence_numbers:FALSE']
OUTCOMES = ['ok', 'not-ip', 'truncated', 'malformed', 'unsupported', 'over-limit']
TRUNCATED, FRAGMENT, BAD_IP, BAD, UNTESTED, NO_PORTS = 1, 2, 4, 8, 16, 32
TRANSPORTS = {6: 'tcp', 17: 'udp', 1: 'icmp', 58: 'icmpv6', 132: 'sctp'}
GOOD, WRONG = '1', '0'  # tshark's checksum status


def theirs(path):
    """A dict for each frame: the first value of each field, all IP options and VLAN ids."""
    command = ['tshark', '-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E',
               'aggregator=;']
    for option in OPTIONS:
        command += ['-o', option]
    for column in COLUMNS + LISTS:
        command += ['-e', column]
    out = subprocess.run(command, capture_output=True).stdout.decode('utf-8', 'replace')
    rows = []
    for line in out.splitlines():
        cells = line.split('\t')
        if len(cells) == len(COLUMNS) + len(LISTS):
            row = {c: x.split(';')[0] for c, x in zip(COLUMNS, cells)}
            options, *vlans = [[int(x) for x in c.split(';') if x] for c in cells[-3:]]
            row['options'], row['vlans'] = options, vlans[0] + vlans[1]
            rows.append(row)
    return rows


def ours(program, path):
    out = subprocess.run([program, path], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in out.splitlines()]


def outer_ip(row):
    """'ip' or 'ipv6', whichever is the outermost; '' where there is none with addresses."""
    for name in row['frame.protocols'].split(':'):
        if name in ('ip', 'ipv6') and row[name + '.src'] and row[name + '.dst']:
            return name
    return ''


def number(text):
    return int(text, 0) if text else None


def network_fields(mine, row):
    """(field, ours, theirs) of the IP header."""
    v = outer_ip(row)
    yield 'src', mine[1], row[v + '.src']
    yield 'dst', mine[2], row[v + '.dst']
    yield 'ttl', int(mine[4]), number(row['ip.ttl' if v == 'ip' else 'ipv6.hlim'])
    yield 'vlan', [int(x) for x in mine[12:14] if x != '-1'], row['vlans'][:2]
    if v != 'ip':
        return
    if row['ip.proto'] != '51':
        yield 'proto', int(mine[3]), number(row['ip.proto'])
    yield 'id', int(mine[5]), number(row['ip.id'])
    if row['ip.checksum.status'] in (GOOD, WRONG):
        yield 'ip checksum', bool(int(mine[6]) & BAD_IP), row['ip.checksum.status'] == WRONG


def transport_fields(mine, row):
    name = TRANSPORTS.get(int(mine[3]), '')
    marks = int(mine[6])
    if not name or marks & (FRAGMENT | NO_PORTS):
        return
    ends = ('.type', '.code') if name.startswith('icmp') else ('.srcport', '.dstport')
    yield name + ' ports', [int(x) for x in mine[7:9]], [number(row[name + x]) for x in ends]
    if name == 'tcp':
        yield 'tcp seq', int(mine[9]), number(row['tcp.seq_raw'])
        yield 'tcp flags', int(mine[10]), (number(row['tcp.flags']) or 0) & 0xff
        yield 'tcp length', int(mine[11]), number(row['tcp.len'])
    if name == 'udp':
        yield 'udp length', int(mine[11]), (number(row['udp.length']) or 0) - 8
    status = row[name + '.checksum.status']
    if status in (GOOD, WRONG) and not marks & UNTESTED:
        yield name + ' checksum', bool(marks & BAD), status == WRONG


def same(field, a, b):
    if field in ('src', 'dst') and a and b:
        # An IPv4-mapped address in an IPv6 header is the IPv4 address, to us.
        a, b = ipaddress.ip_address(a), ipaddress.ip_address(b)
        return a == (b.ipv4_mapped or b if b.version == 6 else b)
    return a == b


def ip_length(row):
    """Bytes that the IP header says follow it; None where it is cut off or offloaded."""
    if outer_ip(row) == 'ipv6':
        return number(row['ipv6.plen'])
    total, header = number(row['ip.len']), number(row['ip.hdr_len'])
    return total - header if total else None


def source_route(mine, row):
    """tshark shows the last hop of a source route as the destination, we the header's."""
    return 3 in row['options'] or 9 in row['options']


def minus_zero(mine, row):
    """A checksum of ffff where 0000 would be computed: the same number in one's complement."""
    return 'ffff' in (row['tcp.checksum'][2:], row['udp.checksum'][2:])


def udp_longer(mine, row):
    """UDP says more bytes than IP holds; we take IP's word."""
    length = ip_length(row)
    return length is not None and (number(row['udp.length']) or 0) > length


def udp_zero(mine, row):
    """A UDP length of 0, as segmentation offload leaves it."""
    return row['udp.length'] == '0'


def cut_frame(mine, row):
    """IP says more bytes than the file says were on the wire, as in files whose payload was
    taken out afterwards: we take IP's word, tshark the file's."""
    return bool(int(mine[6]) & TRUNCATED) and row['frame.cap_len'] == row['frame.len']


def fabricpath(mine, row):
    """tshark takes the last four bytes of a FabricPath frame for a check sequence."""
    return ':cfp:' in row['frame.protocols']


def damaged_option(mine, row):
    """tshark ends at an IPv6 option that reaches past its header, we at the header's end."""
    return row['frame.protocols'].endswith(':ipv6.dstopts')


def inner_vlan(mine, row):
    """tshark's VLAN is that of a frame inside the packet."""
    before = row['frame.protocols'].split(outer_ip(row))[0]
    return ':vlan' not in before and ':ieee8021ad' not in before and mine[12] == '-1'


def other_link(mine, row):
    """A link type that dwell does not read."""
    return OUTCOMES[int(mine[0])] == 'unsupported' and int(mine[1]) not in LINKS


def not_looked_into(mine, row):
    """An encapsulation that is counted as unsupported."""
    return (OUTCOMES[int(mine[0])] == 'unsupported' and
            any(x in row['frame.protocols'].split(':') for x in ENCAPSULATIONS))


def control_word(mine, row):
    """A pseudowire with a control word, which tshark takes for part of the frame."""
    return OUTCOMES[int(mine[0])] == 'ok' and 'pwethheuristic' in row['frame.protocols'].split(':')


def many_headers(mine, row):
    """More nested headers than DECODE_DEPTH_MAX, which tshark names once or one by one."""
    names = row['frame.protocols'].split(':')
    return OUTCOMES[int(mine[0])] == 'over-limit' and (
        'mpls' in names or sum(x.startswith('ipv6.') or x in TAGS for x in names) > 16)


def wrong_version(mine, row):
    """An IPv4 EtherType over another version, or the like: tshark believes the version."""
    return OUTCOMES[int(mine[0])] == 'malformed' and 'ip:ipv6' in row['frame.protocols']


def hdlc_in_loop(mine, row):
    """tshark takes four bytes that are no address family for other framing."""
    return OUTCOMES[int(mine[0])] == 'not-ip' and row['frame.protocols'].startswith('null:')


TAGS = ('vlan', 'ieee8021ad', 'ieee8021ah')
LINKS = {0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 228, 229, 276}
ENCAPSULATIONS = ['macsec', 'mp', 'comp_data', 'wlan_aggregate']
EXPLAINED = {
    'dst': [source_route],
    'vlan': [inner_vlan],
    'tcp length': [cut_frame, fabricpath],
    'tcp checksum': [minus_zero, fabricpath],
    'udp ports': [damaged_option],
    'udp length': [udp_longer, udp_zero, fabricpath, damaged_option],
    'udp checksum': [minus_zero],
    'sctp ports': [fabricpath],
    'outcome': [other_link, not_looked_into, control_word, many_headers, wrong_version, hdlc_in_loop,
                fabricpath],
}


def explained(field, mine, row):
    for reason in EXPLAINED.get(field, []):
        if reason(mine, row):
            return ' '.join(reason.__doc__.split())
    return None


def compare(path, program, sums):
    rows, lines = theirs(path), ours(program, path)
    if len(rows) != len(lines):
        sums.skipped.append('%s: %d frames, tshark %d' % (path, len(lines), len(rows)))
    for n, (mine, row) in enumerate(zip(lines, rows), 1):
        have, want = mine[0] == '0', bool(outer_ip(row))
        if not (have and want):
            sums.add('outcome', have == want or explained('outcome', mine, row), path, n,
                     OUTCOMES[int(mine[0])], row['frame.protocols'])
            continue
        for field, a, b in [*network_fields(mine, row), *transport_fields(mine, row)]:
            sums.add(field, same(field, a, b) or explained(field, mine, row), path, n, a, b)


class Sums:
    def __init__(self, show):
        self.equal = collections.Counter()
        self.reasons = collections.Counter()
        self.differ = collections.Counter()
        self.wrong, self.skipped, self.show = [], [], show

    def add(self, field, verdict, path, n, a, b):
        if verdict is True:
            self.equal[field] += 1
        elif verdict:
            self.reasons[field, verdict] += 1
        else:
            self.differ[field] += 1
            if self.show in (field, 'all'):
                print('# %s frame %d %s: ours %s, tshark %s' % (path, n, field, a, b))


def report(sums, count):
    fields = sorted(set(sums.equal) | set(sums.differ) | {f for f, _ in sums.reasons})
    print('1..%d' % len(fields))
    for i, field in enumerate(fields, 1):
        known = sum(n for (f, _), n in sums.reasons.items() if f == field)
        print('%s %d - %s: %d equal, %d explained, %d differ' % (
            'not ok' if sums.differ[field] else 'ok', i, field, sums.equal[field], known,
            sums.differ[field]))
        for (f, reason), n in sorted(sums.reasons.items()):
            if f == field:
                print('# %d: %s' % (n, reason))
    print('# %d captures' % count)
    for line in sums.skipped:
        print('# ' + line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('programs')
    default = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'shared', 'corpora')
    parser.add_argument('corpora', nargs='?', default=os.environ.get('DWELL_CORPORA', default))
    parser.add_argument('--only', default='')
    parser.add_argument('--show', default='')
    args = parser.parse_args()
    if not shutil.which('tshark') or not os.path.isdir(args.corpora):
        print('1..0 # SKIP no tshark, or no %s' % args.corpora)
        return 0
    paths = [p for p in captures(args.corpora) if args.only in p and
             corpus.chosen(os.path.relpath(p, args.corpora))]
    sums = Sums(args.show)
    for path in paths:
        compare(path, os.path.join(args.programs, 'packets'), sums)
    report(sums, len(paths))
    return 1 if sums.differ or not paths else 0


if __name__ == '__main__':
    sys.exit(main())
