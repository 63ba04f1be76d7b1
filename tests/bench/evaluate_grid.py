#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check-ins made up among real connections: what clockwork finds of them, and what RITA's score does.

usage: evaluate_grid.py [BUILD] [--corpora FOLDER] [--part NAME] [--runs N] [--write]

The background are days of real machines from logs of the corpora (what they opened, to whom, when), each
repeated under an address of its own: what belongs to one peer begins at another moment at which that machine
was busy, and a peer is left out on some days, else every repeat were clockwork itself. Into it go series of CHECK_INS check-ins, some to each host,
each to an address of its own: law x period x jitter x missed check-ins x gate x rotation. Everything
then goes through `dwell scan` as logs of Zeek. Seeds are printed; same seed, same logs.
"""
import argparse
import collections
import csv
import io
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import evaluate_tables  # noqa: E402
import rita_score  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SEED = 20261124
CHECK_INS = 40
DAY = 86400.0
TRIES = 100 * CHECK_INS
LATE = 45 * DAY        # of working hours' long periods: a host's peers are known by then
BEGIN = 1772409600.0  # 2026-03-02, a Monday
SIZES = 420, 1180     # bytes of a check-in, always the same: the best case for RITA
PERIODS = {'5 s': 5, '1 min': 60, '10 min': 600, '1 h': 3600, '6 h': 21600, '1 d': 86400, '3 d': 259200,
           '7 d': 604800}
LAWS = ('one-sided', 'symmetric', 'additive', 'cron')
# Who is a day of the background: log, its machine's address.
MACHINES = (('logs/security-datasets-for-testing/008-zeek-mixed/data', '147.32.81.167'),
            ('logs/security-datasets-for-testing/010-zeek-mixed/data', '147.32.83.234'),
            ('logs/StratosphereLinuxIPS/dataset/test2-malicious.binetflow', '10.8.0.69'),
            ('logs/StratosphereLinuxIPS/dataset/test6-malicious.suricata.json', '192.168.1.129'))
AWAY = 0.3            # chance that a peer is not there on a day
LONG = 20 * DAY       # longer backgrounds are thinned to THIN connections a day and machine
THIN = 250
FIELDS = ('ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes '
          'conn_state missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes').split()
TYPES = 'time string addr port addr port enum string interval count count string count string count count count count'

Cell = collections.namedtuple('Cell', 'law period jitter miss gate rotation')


def real_days(dwell, corpora):
    """[[(second of the day, peer, the rest of a row)]]: a day of each machine."""
    days = []
    for log, machine in MACHINES:
        folder = tempfile.mkdtemp(prefix='evaluate-')
        subprocess.run([dwell, 'scan', '-q', '-m', folder + '/m', os.path.join(corpora, log)], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = subprocess.run([dwell, 'query', '-m', folder + '/m', '--format', 'csv', f"""
            select epoch(ts) t, dst_ip, dst_port, proto, service, duration, src_bytes, dst_bytes, state from conn
            where src_ip = '{machine}' order by ts, dst_ip, src_port"""], check=True, capture_output=True,
                              text=True).stdout
        shutil.rmtree(folder)
        rows = list(csv.DictReader(io.StringIO(text)))
        first = float(rows[0]['t']) // DAY * DAY
        days.append([(float(r['t']) - first, r['dst_ip'], r) for r in rows if float(r['t']) < first + DAY * 1.3])
    return days


def line(t, host, peer, port, rest):
    """A row of conn.log."""
    proto, service, duration, sent, got, state = rest
    return (f'{t:.6f}\tC{zlib.crc32(f"{t}{host}{peer}".encode()):08x}{int(t * 1e6) % 997:03d}\t{host}\t'
            f'{40000 + int(t * 1e3) % 20000}\t{peer}\t{port}\t{proto}\t{service}\t{duration}\t{sent}\t{got}\t{state}'
            f'\t0\tShADadFf\t6\t{int(sent or 0) + 240}\t5\t{int(got or 0) + 200}')


def background(days, hosts, span, rnd):
    """Rows of all hosts from BEGIN on, for so many seconds."""
    rows = []
    for i in range(hosts):
        day_rows, host = days[i % len(days)], f'10.77.0.{10 + i}'
        peers = sorted({peer for _, peer, _ in day_rows})
        if span > LONG:
            share = min(1.0, THIN / len(day_rows))
            kept = {p for p in peers if rnd.random() < math.sqrt(share)}
            day_rows = [r for r in day_rows if r[1] in kept and rnd.random() < math.sqrt(share)]
        by_peer = collections.defaultdict(list)
        for t, peer, r in day_rows:
            by_peer[peer].append((t, r))
        for d in range(int(span / DAY) + 1):
            for peer in sorted(by_peer):
                if rnd.random() < AWAY:
                    continue
                shift = rnd.choice(day_rows)[0] + rnd.uniform(-900, 900) - by_peer[peer][0][0]
                moved = [(BEGIN + d * DAY + (t + shift) % DAY, r) for t, r in by_peer[peer]]
                rows += [(t, host, peer, r) for t, r in moved if t < BEGIN + span]
    return [(t, line(t, host, peer, r['dst_port'], (
        r['proto'], r['service'] or '-', r['duration'] or '-', r['src_bytes'] or 0, r['dst_bytes'] or 0,
        r['state'] or 'SF'))) for t, host, peer, r in rows]


def working(t):
    return (t // DAY + 3) % 7 < 5 and 8 <= t % DAY / 3600 < 18


def next_check_in(cell, start, t, rnd):
    period, j = PERIODS[cell.period], cell.jitter
    if cell.law == 'one-sided':
        return t + period * (1 - j * rnd.random())
    if cell.law == 'symmetric':
        return t + period * (1 + j * (2 * rnd.random() - 1))
    if cell.law == 'additive':
        return t + period * (1 + j * rnd.random())
    return start + (math.floor((t - start) / period + 0.5) + 1) * period + period * j * (rnd.random() - 0.5)


def check_ins(cell, rnd):
    """Moments of the check-ins of a series."""
    start = BEGIN + rnd.uniform(0.02, 0.98) * max(DAY / 2, min(PERIODS[cell.period], DAY))
    if cell.gate and PERIODS[cell.period] >= 21600:
        start += LATE
    while cell.gate and not working(start):
        start += 1800
    t, times = start, []
    for _ in range(TRIES):
        if len(times) == CHECK_INS:
            break
        if not (rnd.random() < cell.miss or (cell.gate and not working(t))):
            times.append(t)
        t = next_check_in(cell, start, t, rnd)
        while cell.gate and PERIODS[cell.period] < 3600 and not working(t):
            t += PERIODS[cell.period]
    return times


def rita_of(cell, times, to, rnd):
    """RITA's score of the best of its peers: of these check-ins, and where they take less than a day of a day of them."""
    longer, whom = list(times), list(to)
    while longer[-1] < times[0] + DAY and len(longer) < 90000 and not cell.gate:
        t = next_check_in(cell, times[0], longer[-1], rnd)
        longer.append(t)
        whom.append(to[len(longer) % len(to)])
    scores = []
    for some, peers in ((times, to), (longer, whom)):
        per_peer = collections.defaultdict(list)
        for t, p in zip(some, peers):
            per_peer[p].append(t)
        scores.append(max(rita_score.best(ts, [SIZES[0]] * len(ts), some[0]) for ts in per_peer.values()))
    return scores


def peers_of(cell, n):
    count = {'1': 1, 'in turn 5': 5, 'random 3': 3, 'random 10': 10}[cell.rotation]
    return [f'{100 + i}.{20 + n % 200}.{n // 200}.{7 + i}' for i in range(count)]


def one_file(dwell, series, hosts, days, seed, folder):
    """Findings of one background with these series; what became of each."""
    rnd = random.Random(seed)
    made = []
    for n, cell in enumerate(series):
        times, peers = check_ins(cell, rnd), peers_of(cell, n)
        turns = cell.rotation.startswith('in turn')
        to = [peers[i % len(peers)] if turns else rnd.choice(peers) for i in range(len(times))]
        made.append((cell, f'10.77.0.{10 + n % hosts}', set(peers), times, to))
    end = max(m[3][-1] for m in made) + 60
    span = max(DAY, end - BEGIN)
    rows = background(days, hosts, span, rnd)
    rita_alone = rita_of_background(rows, span) if span <= 3 * DAY else None
    rows += [(t, line(t, host, p, 443, ('tcp', '-', '0.2', *SIZES, 'SF'))) for _, host, _, times, to in made
             for t, p in zip(times, to)]
    rows.sort()
    path = os.path.join(folder, 'conn.log')
    with open(path, 'w', encoding='ascii') as f:
        f.write('#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\t'
                + '\t'.join(FIELDS) + '\n#types\t' + TYPES.replace(' ', '\t') + '\n')
        f.writelines(text + '\n' for _, text in rows)
    memory = os.path.join(folder, 'm')
    subprocess.run([dwell, 'scan', '-q', '-m', memory, path], check=True, stdout=subprocess.DEVNULL)
    text = subprocess.run([dwell, 'cases', '-m', memory, '--all', '--format', 'json'], check=True,
                          capture_output=True, text=True).stdout
    shutil.rmtree(memory)
    cases = [json.loads(row) for row in text.splitlines() if row.startswith('{')]
    found = [dict(f, rank=c['rank']) for c in cases for f in c['findings']]
    return judged(made, found), len(rows), span, found, rita_alone


def rita_of_background(rows, span):
    """Of the pairs of the background, and each of its days, how many RITA scores 0.7 or more."""
    pairs = collections.defaultdict(list)
    for t, text in rows:
        cells = text.split('\t')
        pairs[cells[2], cells[4]].append((t, int(cells[9])))
    n = 0
    for events in pairs.values():
        events.sort()
        times, sizes = [t for t, _ in events], [s for _, s in events]
        n += sum(rita_score.score(times, sizes, BEGIN + DAY * d) >= 0.7 for d in range(int(span / DAY)))
    return n


def judged(made, found):
    """[(cell, finding or None, real cases ranked before it, error of its date, RITA's score)]"""
    known = {(host, p) for _, host, peers, _, _ in made for p in peers}
    real = [f['rank'] for f in found if (f['host'], f.get('peer')) not in known and not rotating(f, made)]
    results = []
    for cell, host, peers, times, to in made:
        mine = [f for f in found if f['host'] == host and
                (f.get('peer') in peers or (cell.rotation != '1' and rotating(f, made)))]
        f = evaluate_tables.best(mine)
        before = late = None
        if f is not None:
            before = sum(r < f['rank'] for r in set(real))
            late = evaluate_tables.moment(f['since']) - times[0]
        results.append((cell, f, before, late, rita_of(cell, times, to, random.Random(SEED))))
    return results


def rotating(finding, made):
    """Whether a finding is of a rotating series: it names no single peer of the background. Only one series a
    host is put into such a file."""
    peer = finding.get('peer') or ''
    rotated = [m for m in made if m[0].rotation != '1' and m[1] == finding['host']]
    return any(peer in m[2] or not is_address(peer) for m in rotated)


def is_address(text):
    return text.count('.') == 3 and text.replace('.', '').isdigit()


PARTS = {
    'plain': [Cell(law, t, j, m, False, '1') for t in PERIODS for law in LAWS for j in (0, .1, .25, .5) for m in (0, .1)],
    'hard': [Cell(law, t, j, m, False, '1') for t in PERIODS for law in LAWS
             for j, m in ((.75, 0), (.99, 0), (.1, .3), (.5, .3))],
    'hours': [Cell('one-sided', t, j, 0, True, '1') for t in PERIODS for j in (0, .1, .25, .5)],
    'rotation': [Cell('one-sided', t, j, 0, False, r) for t in ('10 min', '1 h', '6 h')
                 for j in (0, .1, .25) for r in ('in turn 5', 'random 3', 'random 10')],
}


def run_part(dwell, name, days, runs):
    """The results of a part, and what the background itself gave."""
    results, alone = [], []
    for period in PERIODS:
        series = [c for c in PARTS[name] if c.period == period for _ in range(runs)]
        random.Random(SEED).shuffle(series)
        few = PERIODS[period] >= 43200
        hosts, size = (len(days), 6 * len(days)) if few else (12, 36)
        if name == 'rotation':
            hosts = size = 12
        for i in range(0, len(series), size):
            folder = tempfile.mkdtemp(prefix='evaluate-grid-')
            seed = SEED + 1000 * i + zlib.crc32(f'{name}{period}'.encode()) % 1000
            got, rows, span, found, rita = one_file(dwell, series[i:i + size], hosts, days, seed, folder)
            shutil.rmtree(folder)
            results += got
            peers = {p for c, n in zip(series[i:i + size], range(size)) for p in peers_of(c, n)}
            alone.append((period, seed, rows, hosts * span / DAY,
                          [(f['confidence'], (int(f['host'].rsplit('.')[-1]) - 10) % len(days), f.get('peer'))
                           for f in found if f.get('peer') not in peers and f['detector'] == 'clockwork'], rita))
            print(f'{name} {period}: seed {seed}, {rows} rows, {len(got)} series, '
                  f'{sum(g[1] is not None for g in got)} found', file=sys.stderr)
    return results, alone


def share(results, test):
    return f'{sum(map(test, results)) / len(results):.2f}' if results else '–'


def table_of(name, results):
    """Recall by period and by jitter, ours and RITA's."""
    groups = collections.defaultdict(list)
    for r in results:
        c = r[0]
        groups[(c.period, f'{c.jitter:4.0%}' + (f', {c.miss:.0%} missed' if name == 'hard' else '') +
                (f', {c.rotation}' if name == 'rotation' else ''))].append(r)
    rows = []
    for (period, what), rs in groups.items():
        hits = [r for r in rs if r[1] is not None]
        rows.append((period, what, len(rs), share(rs, lambda r: r[1] is not None),
                     share(rs, lambda r: r[1] is not None and r[1]['confidence'] != 'low'),
                     evaluate_tables.middle([r[2] for r in hits]) if hits else '–',
                     evaluate_tables.span(evaluate_tables.middle([r[3] for r in hits])) if hits else '–',
                     share(rs, lambda r: r[4][0] >= 0.5), share(rs, lambda r: r[4][0] >= 0.7),
                     share(rs, lambda r: r[4][1] >= 0.7)))
    rows.sort(key=lambda row: (list(PERIODS).index(row[0]), row[1]))
    return evaluate_tables.table(('period', 'jitter', 'series', 'found', 'at medium or high', 'real cases ranked before',
                                  'date late by', 'RITA >= 0.5', '>= 0.7', 'a day of it: >= 0.7'), rows)


def summary(results):
    """How many are found in all, and whom the missed ones belong to."""
    cells = collections.defaultdict(list)
    for cell, finding, *_ in results:
        cells[cell].append(finding is not None)
    missed = collections.Counter(f'{c.law} {c.jitter:.0%}' + (f' with {c.miss:.0%} missed' if c.miss else '')
                                 for c, f, *_ in results if f is None)
    good = sum(sum(c) >= 0.95 * len(c) for c in cells.values())
    text = (f'Found: {sum(r[1] is not None for r in results)} of {len(results)}; in {good} of {len(cells)} cells (law, period, '
            'jitter, missed) at least 95 %.')
    return text + (f' Not found, by law and jitter: {evaluate_tables.listed(missed)}.' if missed else '')


def of_background(alone):
    said = [f for a in alone for f in a[4]]
    words = collections.Counter(f[0] for f in said)
    pairs = {word: len({f[1:] for f in said if f[0] == word}) for word in evaluate_tables.WORDS}
    short = [a for a in alone if a[5] is not None]
    rita = (f" In the memories of at most 3 days ({sum(a[3] for a in short):.0f} host-days) RITA's score is 0.7 or more for "
            f'{sum(a[5] for a in short)} pairs a day in all, where clockwork has {sum(len(a[4]) for a in short)} findings.'
            ) if short else ''
    return (f'Background: {sum(a[2] for a in alone):,} rows, {sum(a[3] for a in alone):.0f} host-days in {len(alone)} memories '
            f'(seeds from {SEED}). Findings of clockwork on it, of software that keeps a rhythm in the real logs: ' +
            ', '.join(f'{words[w]} {w} ({pairs[w]} different pairs)' for w in evaluate_tables.WORDS) + '.' + rita)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1][7:])
    parser.add_argument('build', nargs='?', default=str(ROOT / 'build'))
    parser.add_argument('--corpora', default=os.environ.get('DWELL_CORPORA') or str(ROOT.parent / 'shared' / 'corpora'))
    parser.add_argument('--part', choices=list(PARTS))
    parser.add_argument('--runs', type=int, default=6)
    parser.add_argument('--write', action='store_true')
    args = parser.parse_args()
    dwell = os.path.join(args.build, 'dwell')
    if not os.path.isdir(os.path.join(args.corpora, 'logs')):
        print('SKIP: no corpora at', args.corpora)
        return 77
    days = real_days(dwell, args.corpora)
    tables = {}
    for name in [args.part] if args.part else list(PARTS):
        results, alone = run_part(dwell, name, days, args.runs)
        tables['grid-' + name] = '\n\n'.join((table_of(name, results), summary(results), of_background(alone)))
    if args.write:
        evaluate_tables.write(ROOT / 'doc' / 'evaluation.md', tables)
    else:
        print('\n\n'.join(f'## {name}\n\n{text}' for name, text in tables.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
