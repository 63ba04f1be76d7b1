#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flow records of the corpora, held against tshark's and nfdump's reading of the same bytes.

usage: flow_agree.py PROGRAMS [CORPORA]

PROGRAMS is the folder of the agreement tests' programs in the build; dwell lies two above.

flow/ holds datagrams of NetFlow and IPFIX, each device's templates and data in files of their own.
For each device they are put into UDP packets of a capture, templates first, which tshark decodes; the
same files go through dwell scan. Compared are, for each pair of ends, the packets and bytes of both
directions. Where dwell multiplied by a sampling interval, tshark's numbers are multiplied by what it
says the interval is. Then the whole folder is scanned at once, data before templates as the names
sort: the rows must be the same.

nfdump's files in logs/ are summed up by nfdump and by dwell.

Prints TAP. Skips, and says so, when the corpora, tshark or nfdump are not there.
"""
import collections
import csv
import io
import ipaddress
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

PORT = 2055
PROTO = {'icmp': (1, 58), 'tcp': (6,), 'udp': (17,), 'igmp': (2,), 'esp': (50,), 'gre': (47,)}

# Datagrams whose headers were overwritten at random (a count of 55,582 records, …): dwell takes them
# for no NetFlow and says so.
DAMAGED = {'netflow5_test_invalid01.dat', 'netflow5_test_invalid02.dat'}


# Their headers count fewer records than there are sets, and tshark reads no further.
COUNTED = {'netflow9_test_invalid01'}


def device(name):
    return re.sub(r'(_tpl|_data|_opttpl|_tpls).*', '', name[:-4])


def datagrams(data):
    """Cut a file into datagrams. Those of v9 do not say how long they are: one a file here."""
    while len(data) >= 4:
        version, second = struct.unpack('>HH', data[:4])
        size = {5: 24 + 48 * second, 10: second}.get(version, len(data))
        yield data[:size]
        data = data[max(size, 1):]


def write_capture(path, files):
    with open(path, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for name in files:
            with open(name, 'rb') as f:
                for payload in datagrams(f.read()):
                    udp = struct.pack('>HHHH', 40000, PORT, 8 + len(payload), 0) + payload
                    ip = struct.pack('>BBHHHBBH', 69, 0, 20 + len(udp), 1, 0, 64, 17, 0)
                    frame = bytes(12) + b'\x08\x00' + ip + b'\x0a\1\1\1\x0a\1\1\2' + udp
                    out.write(struct.pack('<IIII', 0, 0, len(frame), len(frame)) + frame)


def number(text):
    text = text.split()[0] if text else '0'
    return int(text, 0) if re.match(r'^(0x[0-9a-f]+|\d+)$', text) else 0


def count(fields, *names):
    """The number in the first of these fields that is there."""
    for name in names:
        if name in fields:
            return number(fields[name][0])
    return 0


def flows_of(element):
    """The fields of each flow record below an element of PDML."""
    for child in element:
        title = child.get('show') or child.get('showname') or ''
        if re.match(r'^(Flow|pdu) \d+', title):
            fields = collections.defaultdict(list)
            for f in child.iter('field'):
                if f.get('name'):
                    back = '(Reverse Type' in (f.get('showname') or '')
                    fields[f.get('name') + ' back' * back].append(f.get('show'))
            yield fields
        else:
            yield from flows_of(child)


def endpoint(address, port):
    return (str(ipaddress.ip_address(address)), port)


def tshark_rows(path):
    """{(protocol, ends): {end: [packets, bytes]}} the sampling intervals it saw, and whether it gave
    up in the middle of a datagram."""
    xml = subprocess.run(['tshark', '-n', '-r', path, '-d', 'udp.port==%d,cflow' % PORT, '-T', 'pdml'],
                         capture_output=True, check=True).stdout
    rows = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    intervals, gave_up = {1}, False
    for packet in ElementTree.fromstring(xml):
        for proto in packet:
            gave_up = gave_up or proto.get('name') == '_ws.malformed'
            if proto.get('name') != 'cflow':
                continue
            for f in proto.iter('field'):
                if f.get('name') in ('cflow.samplerate', 'cflow.sampling_interval'):
                    intervals.add(number(f.get('show')))
            for f in flows_of(proto):
                take, space = f.get('cflow.sampling_packet_interval'), f.get('cflow.sampling_packet_space')
                if take and space:
                    intervals.add((number(take[0]) + number(space[0])) // max(1, number(take[0])))
                four = (f.get('cflow.srcaddr', ['0.0.0.0'])[0], f.get('cflow.dstaddr', ['0.0.0.0'])[0])
                six = (f.get('cflow.srcaddrv6', [None])[0], f.get('cflow.dstaddrv6', [None])[0])
                if 'cflow.srcaddr' not in f and None in six:
                    continue
                src, dst = six if None not in six and four == ('0.0.0.0', '0.0.0.0') else four
                protocol = number(f.get('cflow.protocol', ['0'])[0])
                ports = [number(f.get(n, ['0'])[0]) for n in ('cflow.srcport', 'cflow.dstport')]
                if protocol in (1, 58):
                    ports = [0, 0]
                a, b = endpoint(src, ports[0]), endpoint(dst, ports[1])
                both = rows[protocol, frozenset((a, b))]
                for i, names in enumerate((('cflow.packets', 'cflow.permanent_packets'),
                                           ('cflow.octets', 'cflow.permanent_octets'))):
                    both[a][i] += count(f, *names)
                    both[b][i] += count(f, *(n + ' back' for n in names))
                # Firewalls count the payload of both sides, and no packets.
                if 'cflow.initiator_octets' in f:
                    both[a][1] += count(f, 'cflow.initiator_octets')
                    both[b][1] += count(f, 'cflow.responder_octets')
    return rows, intervals, gave_up


def query(dwell, memory, sql):
    out = subprocess.run([dwell, 'query', '-m', memory, '--format', 'csv', sql], check=True,
                         capture_output=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(out)))


def dwell_rows(dwell, memory, files):
    subprocess.run([dwell, 'scan', '-q', '-m', memory] + files, capture_output=True, check=False)
    rows = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for r in query(dwell, memory, 'SELECT * FROM conn'):
        protocol = PROTO.get(r['proto'], (int(r['proto']) if r['proto'].isdigit() else 0,))
        src = r['src_ip'] or '0.0.0.0'
        protocol = protocol[-1] if len(protocol) > 1 and ':' in src else protocol[0]
        ports = (int(r['src_port']), int(r['dst_port'])) if protocol not in (1, 58) else (0, 0)
        a, b = endpoint(src, ports[0]), endpoint(r['dst_ip'] or '0.0.0.0', ports[1])
        both = rows[protocol, frozenset((a, b))]
        for end, side in ((a, 'src'), (b, 'dst')):
            both[end][0] += int(r[side + '_packets'])
            both[end][1] += int(r[side + '_ip_bytes'])
    return rows


def same(ours, theirs, intervals):
    ends = set(ours) | set(theirs)
    return any(all(ours[e] == [x * k for x in theirs[e]] for e in ends) for k in intervals)


def compare(ours, theirs, intervals, gave_up):
    equal, alone, wrong = 0, 0, []
    for key in sorted(set(ours) | set(theirs), key=str):
        if key in ours and key in theirs and same(ours[key], theirs[key], intervals):
            equal += 1
        elif gave_up and key not in theirs:
            alone += 1
        else:
            wrong.append('%s: dwell %s, tshark %s' % (
                key, dict(ours.get(key, {})), dict(theirs.get(key, {}))))
    return equal, alone, wrong


def by_device(dwell, folder, work):
    groups = collections.defaultdict(list)
    for name in sorted(os.listdir(folder)):
        if name.endswith('.dat') and name not in DAMAGED:
            groups[device(name)].append(os.path.join(folder, name))
    equal, alone, wrong, all_rows = 0, 0, [], 0
    for name, files in sorted(groups.items()):
        # Templates first, as tshark wants them.
        files.sort(key=lambda f: ('tpl' not in os.path.basename(f), f))
        capture = os.path.join(work, name + '.pcap')
        write_capture(capture, files)
        theirs, intervals, gave_up = tshark_rows(capture)
        memory = os.path.join(work, name)
        ours = dwell_rows(dwell, memory, files)
        good, more, bad = compare(ours, theirs, intervals, gave_up or name in COUNTED)
        equal += good
        alone += more
        wrong += ['%s: %s' % (name, x) for x in bad]
        all_rows += int(query(dwell, memory, 'SELECT count(*) AS n FROM conn')[0]['n'])
    return len(groups), equal, alone, wrong, all_rows


def nfdump_sums(path):
    out = subprocess.run(['nfdump', '-r', path, '-o', 'csv'], capture_output=True, text=True,
                         check=True).stdout.splitlines()
    rows = dict(zip(*(line.split(',') for line in out[-2:])))
    return [int(rows[k]) for k in ('flows', 'packets', 'bytes')]


def is_nfdump(path):
    with open(path, 'rb') as f:
        return f.read(2) == b'\x0c\xa5'


def by_nfdump(dwell, root, work):
    seen, wrong = 0, []
    for folder, _, files in os.walk(os.path.join(root, 'logs')):
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not is_nfdump(path):
                continue
            memory = os.path.join(work, 'nf%d' % seen)
            seen += 1
            subprocess.run([dwell, 'scan', '-q', '-m', memory, path], capture_output=True, check=False)
            r = query(dwell, memory, 'SELECT sum(src_packets + dst_packets) AS p, '
                      'sum(src_ip_bytes + dst_ip_bytes) AS b FROM conn')[0]
            mine, theirs = [int(r['p']), int(r['b'])], nfdump_sums(path)[1:]
            if mine != theirs:
                wrong.append('%s: dwell %s, nfdump %s' % (name, mine, theirs))
    return seen, wrong


def main():
    dwell = os.path.abspath(os.path.join(sys.argv[1], '..', '..', 'dwell'))
    default = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'shared', 'corpora')
    root = sys.argv[2] if len(sys.argv) > 2 else os.environ.get('DWELL_CORPORA', default)
    folder = os.path.join(root, 'flow')
    missing = [x for x in ('tshark', 'nfdump') if not shutil.which(x)]
    if missing or not os.path.isdir(folder):
        print('1..0 # SKIP no %s' % ' '.join(missing or [folder]))
        return 0
    with tempfile.TemporaryDirectory() as work:
        devices, equal, alone, wrong, rows = by_device(dwell, folder, work)
        print('1..3')
        print('%s 1 - %d devices: %d pairs of ends equal to tshark, %d where it gave up '
              'before, %d differ' % ('not ok' if wrong else 'ok', devices, equal, alone, len(wrong)))
        for line in wrong:
            print('# ' + line)
        memory = os.path.join(work, 'whole')
        subprocess.run([dwell, 'scan', '-q', '-m', memory, folder], capture_output=True, check=False)
        whole = int(query(dwell, memory, 'SELECT count(*) AS n FROM conn')[0]['n'])
        print('%s 2 - the folder at once gives %d connections, by device %d' % (
            'ok' if whole == rows else 'not ok', whole, rows))
        seen, bad = by_nfdump(dwell, root, work)
        print('%s 3 - %d files of nfdump: sums as nfdump says' % ('not ok' if bad else 'ok', seen))
        for line in bad:
            print('# ' + line)
    return 1 if wrong or bad or whole != rows else 0


if __name__ == '__main__':
    sys.exit(main())
