#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our conn.service held against what nDPI names each flow of its own test captures.

usage: ndpi_agree.py PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE]

PROGRAMS is the folder with the program records. truth/ndpi/NAME.out has a line for each flow, with its
ends, the protocol ("TLS.Google": the protocol, then whose application it carries) and how nDPI came to
it. A flow agrees where one of our words for the connection of these ends is one that WORDS gives for
the protocol. Flows that nDPI guesses by port or address, without having read the protocol in the bytes,
are counted as the field 'guess' and need not agree. A difference counts by its reason; exit 1 where one
has none, or where fewer than 97 % of the flows agree or have a reason why ours is right (all but
ndpi_words.MISSED). Skips, and says
so, when the corpora are not there.
"""
import collections
import ipaddress
import json
import os
import re
import subprocess
import sys

import corpus
import ndpi_words

LEAST = 0.97
LINE = re.compile(r'^\t\d+\t(?P<proto>\w+) (?P<a>\S+) (?:<->|->) (?P<b>\S+) (?P<rest>\[.*)$')


def end(text):
    """(address, port) of "1.2.3.4:5", "[::1]:5", or of an address alone."""
    m = re.match(r'^\[(.*)\]:(\d+)$', text) or re.match(r'^([^:]*):(\d+)$', text)
    address, port = (m.group(1), int(m.group(2))) if m else (text.strip('[]'), 0)
    try:
        return ipaddress.ip_address(address), port
    except ValueError:
        return None


def field(rest, name):
    m = re.search(r'\[' + name + r': ([^\]]*)\]', rest)
    return m.group(1) if m else ''


def their_flows(path):
    """(transport, ends, protocol, confidence) of each flow of nDPI's output."""
    with open(path, encoding='utf-8', errors='replace') as f:
        for line in f:
            m = LINE.match(line.rstrip('\n'))
            a, b = (end(m.group('a')), end(m.group('b'))) if m else (None, None)
            if a is not None and b is not None:
                rest = m.group('rest')
                yield (m.group('proto').lower(), frozenset((a, b)),
                       field(rest, 'proto').split('/', 1)[-1], field(rest, 'Confidence'))


def our_conns(program, capture):
    """Our connections by transport and ends."""
    done = subprocess.run([program, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    conns = collections.defaultdict(list)
    for line in done.stdout.decode('utf-8', 'surrogateescape').split('\n'):
        if line.startswith('{"table":"conn"'):
            c = json.loads(line)
            ends = frozenset((ipaddress.ip_address(c[f'{side}_ip']), c[f'{side}_port'])
                             for side in ('src', 'dst') if f'{side}_ip' in c)
            conns[c['proto'], ends].append(c)
    return conns


def truth_of(corpora, name):
    """What nDPI says of the capture; of captures of the same name it means the one of its own tests."""
    path = os.path.join(corpora, 'truth', 'ndpi', os.path.basename(name) + '.out')
    own = os.path.isfile(os.path.join(corpora, 'proto', 'nDPI', os.path.basename(name)))
    return path if not own or name.startswith('proto/nDPI/') else ''


def compare(tally, name, flow, conns):
    transport, ends, theirs, confidence = flow
    if theirs == 'Unknown':
        return
    if transport not in ('tcp', 'udp'):
        return  # nDPI calls the IP protocol the service; conn.proto has it
    found = conns.get((transport, ends), [])
    ours = {w for c in found for w in c.get('service', '').split(',') if w}
    wanted = ndpi_words.words(theirs)
    good = bool(ours & wanted)
    if not confidence.startswith('DPI'):
        tally.count('nDPI', 'guess', good, f'by {confidence}', (name, flow))
        return
    kind = None if good else ndpi_words.reason(theirs, name, found, ours)
    tally.count('nDPI', 'service', good, kind, (name, theirs, transport, sorted(map(str, ends)), sorted(ours)))


def one_capture(args):
    program, corpora, name = args
    tally = corpus.Tally()
    truth = truth_of(corpora, name)
    if os.path.isfile(truth):
        conns = our_conns(program, os.path.join(corpora, name))
        for flow in their_flows(truth):
            compare(tally, name, flow, conns)
    return tally


if __name__ == '__main__':
    def of_ndpi(name):
        return name.startswith('proto/nDPI/')
    # Those that nDPI alone knows share what the 97 % leave.
    sys.exit(corpus.main(one_capture, LEAST, [], __doc__, also=of_ndpi,
                         limits={ndpi_words.MISSED: 1 - LEAST}))
