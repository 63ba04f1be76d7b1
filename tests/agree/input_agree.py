#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frames and bytes of every capture in the corpora, held against Wireshark's programs.

usage: input_agree.py PROGRAMS [CORPORA]

capinfos counts frames and bytes on the wire. Where those are equal and every frame was captured
whole, so are the captured bytes. Where frames were cut by a snapshot length or the file is damaged,
tshark gives the captured length of each frame, up to the damage, which both must report.
Prints TAP. Skips, and says so, when the corpora or capinfos are not there.
"""
import os
import shutil
import subprocess
import sys

MAGIC = {b'\xd4\xc3\xb2\xa1', b'\xa1\xb2\xc3\xd4', b'\x4d\x3c\xb2\xa1', b'\xa1\xb2\x3c\x4d',
         b'\x34\xcd\xb2\xa1', b'\xa1\xb2\xcd\x34', b'\x0a\x0d\x0d\x0a'}
PACKED = {b'\x1f\x8b': ['gzip', '-dc'], b'\x28\xb5': ['zstd', '-dcq'], b'\xfd7': ['xz', '-dc']}
GROUP = 100
SUNATM = 123  # LINKTYPE_SUNATM


def is_capture(path):
    with open(path, 'rb') as f:
        head = f.read(4)
    if head[:2] in PACKED:
        with subprocess.Popen(PACKED[head[:2]] + [path], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as p:
            head = p.stdout.read(4)
            p.stdout.close()
    return head in MAGIC


def captures(root):
    found = []
    for folder, _, files in os.walk(root):
        found += [os.path.join(folder, f) for f in files]
    return sorted(p for p in found if not os.path.islink(p) and is_capture(p))


def ours(program, paths):
    rows = {}
    for i in range(0, len(paths), GROUP):
        out = subprocess.run([program] + paths[i:i + GROUP], check=True, capture_output=True,
                             text=True).stdout
        for line in out.splitlines():
            path, *numbers, text = line.split('\t')
            rows[path] = [int(x) for x in numbers] + [text]
    return rows


def theirs(paths):
    """path: (frames, bytes on the wire); damaged files are left out or cut."""
    rows = {}
    for i in range(0, len(paths), GROUP):
        out = subprocess.run(['capinfos', '-c', '-d', '-T', '-M', '-r'] + paths[i:i + GROUP],
                             capture_output=True, text=True).stdout
        for line in out.splitlines():
            cells = line.split('\t')
            if len(cells) >= 3 and cells[1].isdigit():
                rows[cells[0]] = (int(cells[1]), int(cells[2]))
    return rows


def by_tshark(path):
    """Frames and captured bytes as tshark reads them, and what it complained about."""
    run = subprocess.run(['tshark', '-n', '-r', path, '-T', 'fields', '-e', 'frame.cap_len'],
                         capture_output=True, text=True)
    lengths = [int(x) for x in run.stdout.split() if x.isdigit()]
    said = [x for x in run.stderr.splitlines() if x.startswith('tshark:')]
    return len(lengths), sum(lengths), ' '.join(said)


def count_by_tcpdump(path):
    """Frames as libpcap counts them; it knows link types that Wireshark refuses."""
    out = subprocess.run(['tcpdump', '-n', '--count', '-r', path], capture_output=True, text=True)
    first = out.stdout.split()
    return int(first[0]) if out.returncode == 0 and first and first[0].isdigit() else -1


def explained(path, frames, size, count, captured, said):
    """Why Wireshark counts otherwise, in words; None when there is no reason."""
    if "that TShark doesn't support" in said and count_by_tcpdump(path) == frames:
        return 'a link type that Wireshark does not read, libpcap counts as we do'
    with open(path, 'rb') as f:
        head = f.read(24)
    # Wireshark takes the 4 bytes in front of each SunATM frame for no part of it.
    if SUNATM in (head[20], head[23]) and count == frames and captured == size - 4 * frames:
        return 'SunATM pseudo-headers, which Wireshark does not count'
    return None


def main():
    program = os.path.join(sys.argv[1], 'frames')
    default = os.path.join(os.path.dirname(__file__), '..', '..', '..', 'shared', 'corpora')
    root = sys.argv[2] if len(sys.argv) > 2 else os.environ.get('DWELL_CORPORA', default)
    missing = [x for x in ('capinfos', 'tshark', 'tcpdump') if not shutil.which(x)]
    if missing or not os.path.isdir(root):
        print('1..0 # SKIP no %s' % ' '.join(missing or [root]))
        return 0
    paths = captures(root)
    mine = ours(program, paths)
    other = theirs(paths)
    equal, damaged, reasons, wrong = 0, 0, {}, []
    blank = (0, 0, 0, 1, 'no answer')
    for path in paths:
        frames, size, wire, issues, text = mine.get(path, blank)
        if other.get(path) == (frames, wire) and issues == 0 and size == wire:
            equal += 1
            continue
        count, captured, said = by_tshark(path)
        # A damaged file: the same frames before the damage, and both say that it is damaged.
        if (frames, size) == (count, captured) and bool(said) == bool(issues):
            damaged += bool(issues)
            equal += not issues
            continue
        reason = explained(path, frames, size, count, captured, said)
        if reason and not issues:
            reasons[reason] = reasons.get(reason, 0) + 1
            continue
        wrong.append('%s: %d frames, %d bytes, "%s"; tshark %d, %d, "%s"' % (
            os.path.relpath(path, root), frames, size, text, count, captured, said))
    print('1..2')
    print('%s 1 - %d captures: %d equal, %d damaged in the same place, %d explained, %d differ' % (
        'not ok' if wrong else 'ok', len(paths), equal, damaged, sum(reasons.values()),
        len(wrong)))
    for reason, n in sorted(reasons.items()):
        print('# %d: %s' % (n, reason))
    for line in wrong:
        print('# ' + line)
    print('%s 2 - captures were found' % ('ok' if paths else 'not ok'))
    return 1 if wrong or not paths else 0


if __name__ == '__main__':
    sys.exit(main())
