# SPDX-License-Identifier: Apache-2.0
"""The tables of doc/evaluation.md, as text, from what tests/bench/evaluate has seen."""
import collections
import datetime
import re

WORDS = ('high', 'medium', 'low')


def table(head, rows):
    return '\n'.join(['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)] +
                     ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows])


def span(seconds):
    """A span of time in two digits and a unit."""
    if seconds is None:
        return '–'
    size = abs(seconds)
    if size < 0.01:
        return '0 s'
    for unit, length in (('d', 86400), ('h', 3600), ('min', 60), ('s', 1)):
        if size >= 2 * length:
            return f'{seconds / length:.1f} {unit}'
    return f'{seconds:.2f} s'


def moment(text):
    return datetime.datetime.fromisoformat(text.rstrip('Z')).replace(tzinfo=datetime.timezone.utc).timestamp()


def best(findings):
    """Of findings the one of the highest confidence, then of the best rank; None of none."""
    return min(findings, key=lambda f: (WORDS.index(f['confidence']), f['rank']), default=None)


def date_error(row, finding):
    """Seconds by which the date of a finding is late (or, negative, early)."""
    if row.since == '-' or not finding.get('since'):
        return None
    return moment(finding['since']) - moment(row.since)


def middle(values):
    values = sorted(v for v in values if v is not None)
    return values[len(values) // 2] if values else None


def short(capture):
    return re.sub(r'^logs/|/dataset|-for-testing|/test_data', '', capture)


def of_truth(results):
    """A line a case: who was to say it, who did, when."""
    rows = []
    for r in results:
        t = r['row']
        for detector, f in r['found'].items():
            said = 'none' if f is None else f"{f['confidence']}, rank {f['rank']}"
            late = r['delay'].get(detector)
            rows.append((short(t.capture), t.split, detector, said,
                         '–' if f is None else span(date_error(t, f)),
                         '–' if late is None else f'{span(late[0])} ({late[1]} of {late[2]})',
                         ', '.join(r['others'])))
        if not r['found']:
            f = r['any']
            said = 'none' if f is None else f"{f['confidence']}, rank {f['rank']}"
            rows.append((short(t.capture), t.split, '(nobody)', said, '–', '–', ', '.join(r['others'])))
    return table(('capture', 'split', 'who should say it', 'said', 'date late by',
                  'could be said after (packets or rows)', 'others that said something of it'), rows)


def of_detectors(results, controls, names):
    """A line a detector."""
    host_days = sum(c['host_days'] for c in controls)
    false = collections.Counter()
    for c in controls:
        false.update((f['detector'], f['confidence']) for f in c['findings'])
    rows = []
    for name in names:
        mine = [(r, r['found'][name]) for r in results if name in r['found']]
        hits = [(r, f) for r, f in mine if f is not None]
        words = collections.Counter(f['confidence'] for _, f in hits)
        by_split = [f"{sum(r['row'].split == s for r, _ in hits)}/{sum(r['row'].split == s for r, _ in mine)}"
                    for s in ('looked', 'held', 'month')]
        rate = [f'{1000 * false[name, w] / host_days:.0f}' if host_days else '–' for w in WORDS]
        rows.append((name, *by_split, ', '.join(f'{words[w]} {w}' for w in WORDS if words[w]) or '–',
                     span(middle([r['delay'][name][0] for r, _ in hits if r['delay'].get(name)])),
                     middle([f['rank'] for _, f in hits]) or '–',
                     span(middle([date_error(r['row'], f) for r, f in hits])), *rate))
    return table(('detector', 'found, looked at', 'found, held out', 'found, in a month', 'confidence of these', 'median delay',
                  'median rank', 'median error of the date', 'false/day/1,000 hosts: high', 'medium', 'low'), rows)


def of_misses(results):
    rows = []
    for r in results:
        for detector, f in r['found'].items():
            if f is None:
                t = r['row']
                rows.append(f'- **{short(t.capture)}**, `{detector}`: {t.what}.' +
                            (f' {t.why}' if t.why else '') +
                            (f" Said by {', '.join(r['others'])}." if r['others'] else ''))
    return '\n'.join(rows) or 'None.'


CONTROL_HEAD = 'control', 'captures', 'hosts', 'host-days', 'connections', 'high', 'medium', 'low', 'by detector'


def of_controls(controls):
    rows = []
    for c in controls:
        words = collections.Counter(f['confidence'] for f in c['findings'])
        who = collections.Counter(f['detector'] for f in c['findings'])
        counted = c['row'].capture != 'proto/'
        rows.append((short(c['row'].capture), c['captures'], *((c['hosts'], f"{c['host_days']:.2f}", c['conns'])
                                                               if counted else '–––'),
                     *(words[w] for w in WORDS), ', '.join(f'{k} {n}' for k, n in who.most_common()) or '–'))
    words = collections.Counter(f['confidence'] for c in controls for f in c['findings'])
    if len(controls) == 1:
        return table(CONTROL_HEAD, rows)
    rows.append(('all', sum(c['captures'] for c in controls), sum(c['hosts'] for c in controls),
                 f"{sum(c['host_days'] for c in controls):.2f}", sum(c['conns'] for c in controls),
                 *(words[w] for w in WORDS), ''))
    return table(CONTROL_HEAD, rows)


def of_false_high(controls):
    lines = [f"- {f['capture']}: `{f['detector']}`: {f['summary']}" for c in controls for f in c['findings']
             if f['confidence'] == 'high']
    return '\n'.join(lines) or 'None.'


def of_cost(scan, conns, lines):
    """The milliseconds that judge prints, by connection and as share of the scan that made the memory."""
    rows = [(' '.join(words[:words.index('ms') - 1]), words[words.index('ms') - 1]) for words in lines]
    return f'{conns:,} connections; the scan takes {scan:.2f} s of CPU (the least of five, as each row).\n\n' + table(
        ('detector', 'ms of CPU', 'ns a connection', 'of the scan'),
        [(name, ms, f'{1e6 * float(ms) / max(1, conns):.0f}', f'{float(ms) / 10 / scan:.1f} %') for name, ms in rows])


def listed(counter):
    return ', '.join(f'{name} {n}' for name, n in counter.most_common()) or 'nothing'


def of_others(results, said):
    """Beside each other: what dwell says of injections and tunnels in DNS, and what Zeek and Suricata do."""
    ours = collections.defaultdict(list)
    for r in results:
        ours[r['row'].capture] += [f"{d}: {f['confidence'] if f else 'none'}" for d, f in r['found'].items()]
    return table(('capture', 'dwell', 'Zeek 8.2.2, default scripts: weird and notice', 'Suricata 7.0.7, no rules: anomalies'),
                 [(c, ', '.join(ours[c]), listed(zeek), listed(suricata)) for c, zeek, suricata in said])


def of(results, controls, names):
    """All tables of what was looked at; those of proto/ apart, since they take so long."""
    expected = [d for r in results for d in r['found']]
    everybody = names + sorted(set(expected) - set(names))
    proto = [c for c in controls if c['row'].capture == 'proto/']
    rest = [c for c in controls if c not in proto]
    tables = {}
    if results or rest:
        tables = {'detectors': of_detectors(results, rest, everybody), 'cases': of_truth(results),
                  'misses': of_misses(results), 'controls': of_controls(rest), 'false-high': of_false_high(rest)}
    if proto:
        tables.update({'proto': of_controls(proto), 'proto-high': of_false_high(proto)})
    return tables


def write(path, tables):
    """Put each table between its marks."""
    text = path.read_text(encoding='utf-8')
    for name, body in tables.items():
        mark = re.compile(rf'(<!-- {name} -->\n).*?(<!-- end -->)', re.S)
        if not mark.search(text):
            raise SystemExit(f'{path}: no place for the table {name}')
        text = mark.sub(lambda m, b=body: m.group(1) + '\n' + b + '\n\n' + m.group(2), text)
    path.write_text(text, encoding='utf-8')
