#!/usr/bin/env python3
"""What `dwell scan` says of the corpora's controls and of its command-and-control captures.

usage: cases_agree.py PROGRAMS [CORPORA]

PROGRAMS is the folder of this test's programs in a build; dwell itself is two folders above. Each
capture gets a memory of its own.
  controls  benign/, dns-benign/, doh-benign/, and the protocol captures: no case of high confidence
  found     c2/ captures with enough check-ins for their jitter (doc/detect/clockwork.md): the pair
            that TRUTH.md names, with its period
None of the thresholds was chosen on these captures.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import corpus

CONTROLS = ('benign', 'dns-benign', 'doh-benign', 'proto')
# TRUTH.md: 299 TLS handshakes in 665 s, SNI testing.com. The other c2 captures hold one connection,
# or (ragdoll) ten check-ins between 34 and 57 s apart, where that jitter needs fourteen.
FOUND = {'c2/test-cc-capture-1.pcap': ('147.32.80.37', 'testing.com', 665 / 299)}


def cases(dwell, path):
    with tempfile.TemporaryDirectory(prefix='cases-') as memory:
        run = subprocess.run([dwell, 'scan', '-q', '--format', 'json', '--all', '-m',
                              os.path.join(memory, 'm'), path], capture_output=True)
    if run.returncode not in (0, 3):
        return None, run.stderr.decode(errors='replace')
    return [json.loads(line) for line in run.stdout.splitlines()], ''


def control_paths(corpora):
    for folder in CONTROLS:
        for at, _, names in sorted(os.walk(os.path.join(corpora, folder))):
            for name in sorted(names):
                capture = os.path.relpath(os.path.join(at, name), corpora)
                if folder != 'proto' or corpus.chosen(capture):
                    yield capture


def is_found(found, capture):
    host, peer, period = FOUND[capture]
    for case in found or []:
        for f in case['findings']:
            rhythm = [x['values'] for x in f['facts'] if x['key'] == 'rhythm']
            if (f['host'], f['peer']) == (host, peer) and rhythm and \
               abs(rhythm[0][0] / period - 1) < 0.1:
                return True
    return False


def main():
    dwell = os.path.join(sys.argv[1], '..', '..', 'dwell')
    default = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'shared', 'corpora')
    corpora = sys.argv[2] if len(sys.argv) > 2 else os.environ.get('DWELL_CORPORA', default)
    if not os.path.isdir(corpora):
        print('1..0 # SKIP no corpora at ' + corpora)
        return 0
    bad, count = [], 0
    paths = list(control_paths(corpora))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for capture, (found, why) in zip(paths, pool.map(
                lambda c: cases(dwell, os.path.join(corpora, c)), paths)):
            count += 1
            if found is None:
                bad.append(f'{capture}: {why}')
            for case in found or []:
                if case['confidence'] == 'high':
                    bad.append(f'{capture}: {case["summary"]}')
    for capture in FOUND:
        found, why = cases(dwell, os.path.join(corpora, capture))
        if not is_found(found, capture):
            bad.append(f'{capture}: not found {why}')
    print(f'{count} controls, {len(FOUND)} to be found, {len(bad)} wrong')
    for line in bad:
        print('  ' + line)
    return 1 if bad or not count else 0


if __name__ == '__main__':
    sys.exit(main())
