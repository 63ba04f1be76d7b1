"""What the agreement tests share: which captures they look at with tshark, and Zeek's logs.

All that another tool's stored reading (truth/) speaks of are compared each time. Running tshark over
every other capture as well takes half an hour, so of those only every N-th is taken, N from the
environment variable DWELL_AGREE_EVERY (1: all; what ./test sets: see tests/run.py). The choice
depends on the capture's name alone.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import zlib

EVERY = max(1, int(os.environ.get('DWELL_AGREE_EVERY', '1')))


def chosen(capture):
    """Whether the capture (its path below the corpora) is one of every EVERY."""
    return zlib.crc32(capture.encode()) % EVERY == 0


def has_truth(corpora, capture, *logs):
    """Whether Zeek's logs of the capture hold one of these."""
    folder = os.path.join(corpora, 'truth', 'zeek-run', capture)
    return any(os.path.isfile(os.path.join(folder, log)) for log in logs)


def zeek_log(path):
    """The rows of a log of Zeek, each a dict of texts by column; none where there is no such log."""
    if not os.path.exists(path):
        return
    names = []
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        for line in f:
            cells = line.rstrip('\n').split('\t')
            if cells[0] == '#fields':
                names = cells[1:]
            elif not names and cells[0] == 'ts':  # a baseline without the head
                names = cells
            elif not line.startswith('#'):
                yield dict(zip(names, cells))


def captures(corpora):
    """The captures of the corpora, as paths below them; none where they are not there."""
    manifest = os.path.join(corpora, 'manifest.tsv')
    if not os.path.isfile(manifest):
        return
    with open(manifest, encoding='utf-8') as f:
        for line in f:
            cells = line.rstrip('\n').split('\t')
            if cells[3].isdigit() and os.path.isfile(os.path.join(corpora, cells[0])):
                yield cells[0]


class Tally:
    """Rows compared, equal ones, and kinds of difference, by source ('zeek', 'tshark' ...) and field."""

    def __init__(self):
        self.rows, self.equal = collections.Counter(), collections.Counter()
        self.kinds, self.shown = collections.Counter(), []

    def add(self, other):
        for name in ('rows', 'equal', 'kinds'):
            getattr(self, name).update(getattr(other, name))
        self.shown += other.shown

    def count(self, who, field, equal, kind, what):
        """A value of a field that both have; kind: why it differs, None where that is not known; what:
        any example to print."""
        self.rows[who, field] += 1
        self.equal[who, field] += bool(equal)
        if not equal:
            self.kinds[who, field, kind or 'UNEXPLAINED'] += 1
            self.shown.append((who, field, kind, what))


def put_json(path, tally):
    """Write the counts of a tally, for tools/protocols-doc."""
    with open(path, 'w', encoding='utf-8') as f:
        json.dump({name: [[*key, n] for key, n in sorted(getattr(tally, name).items())]
                   for name in ('rows', 'equal', 'kinds')}, f)


def main(one_capture, least, logs, usage, also=None, limits=None):
    """The command line of a test: PROGRAMS [CORPORA] [--show FIELD] [--only TEXT] [--json FILE].
    one_capture((program records, corpora, capture)) gives the Tally of one; logs are Zeek's logs whose
    truth makes a capture looked at in any case, as also(capture) does. FILE gets the counts, for doc/protocols.md. limits:
    see report. Returns the exit status: 77 where the corpora are not there."""
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument('programs')
    parser.add_argument('corpora', nargs='?', default=os.environ.get('DWELL_CORPORA') or os.path.join(
        os.path.dirname(__file__), '..', '..', '..', 'shared', 'corpora'))
    parser.add_argument('--show')
    parser.add_argument('--only', default='')
    parser.add_argument('--json')
    args = parser.parse_args()
    program = os.path.join(args.programs, 'records')
    work = [(program, args.corpora, name) for name in captures(args.corpora) if args.only in name and
            (chosen(name) or has_truth(args.corpora, name, *logs) or (also and also(name)))]
    if not work:
        print('SKIP: no corpora at', args.corpora)
        return 77
    tally = Tally()
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        for one in pool.map(one_capture, work, chunksize=8):
            tally.add(one)
    if args.json:
        put_json(args.json, tally)
    return 0 if report(tally, least, args.show, limits or {}) else 1


def report(tally, least, show, limits=None):
    """Print what a tally of rows, equal ones and kinds of difference by source and field has counted,
    and its examples of the field to show ('unexplained': those without a kind). Whether every field
    agrees, or differs as explained, in at least that share of its rows; limits are the shares of a field's
    rows that a kind, or several together, may explain at most."""
    good = True
    print('source  field                 rows   equal     with the kinds explained below')
    for who, field in sorted(tally.rows):
        n, same = tally.rows[who, field], tally.equal[who, field]
        known = sum(c for (w, f, kind), c in tally.kinds.items()
                    if (w, f) == (who, field) and kind != 'UNEXPLAINED' and 'only ours' not in kind)
        print(f'{who:7} {field:18} {n:7} {100 * same / n:8.3f} % {100 * (same + known) / n:9.3f} %')
        good = good and same + known >= least * n
    for (who, field, kind), n in sorted(tally.kinds.items()):
        if n:
            print(f'   {who:7} {field:18} {n:5}  {kind}')
        good = good and kind != 'UNEXPLAINED'
    for kinds, most in (limits or {}).items():
        for who, field in tally.rows:
            n = sum(tally.kinds[who, field, kind] for kind in ((kinds,) if isinstance(kinds, str) else kinds))
            good = good and n <= most * tally.rows[who, field]
    for who, field, kind, what in tally.shown:
        if field == show or (show == 'unexplained' and kind is None):
            print(who, field, kind, what)
    return good
