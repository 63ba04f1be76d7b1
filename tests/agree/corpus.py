"""What the agreement tests share: which captures they look at with tshark, and Zeek's logs.

All that another tool's stored reading (truth/) speaks of are compared each time. Running tshark over
every other capture as well takes half an hour, so of those only every N-th is taken, N from the
environment variable DWELL_AGREE_EVERY (1: all; what ./test sets: see tests/run.py). The choice
depends on the capture's name alone.
"""
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
            if not line.startswith('#'):
                yield dict(zip(names, cells))


def report(tally, least, show):
    """Print what a tally of rows, equal ones and kinds of difference by source and field has counted,
    and its examples of the field to show ('unexplained': those without a kind). Whether every field
    agrees, or differs as explained, in at least that share of its rows."""
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
    for who, field, kind, what in tally.shown:
        if field == show or (show == 'unexplained' and kind is None):
            print(who, field, kind, what)
    return good
