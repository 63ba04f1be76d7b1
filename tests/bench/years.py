#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""years.py DWELL MEMORY [ROUNDS]: how long `dwell ask` takes over a memory of years.

Each question is a process of its own, on two cores, under a limit of 512 MiB of resident
memory that is watched (ru_maxrss), from a cold cache where that may be dropped (the line
says "warm" else). Prints wall and CPU seconds, the first byte and the peak; the median of
the rounds. The indicators are taken from the memory itself, by `dwell query`.
"""
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

MEGA = 1 << 20


def rows(dwell, memory, sql):
    out = subprocess.run([dwell, "query", "-m", memory, "--format", "json", sql],
                         check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def drop_caches():
    try:
        os.sync()
        with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
            f.write("3\n")
        return True
    except OSError:
        return False


def once(command):
    """Wall, CPU, first byte, peak MiB, exit status, lines of output."""
    cold = drop_caches()
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: os.sched_setaffinity(0, {0, 1})) as p:
        first = p.stdout.read(1)
        first_at = time.monotonic() - start
        rest = p.stdout.read()
        _, status, use = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    return (wall, use.ru_utime + use.ru_stime, first_at, use.ru_maxrss / 1024,
            p.returncode, len((first + rest).splitlines()), cold)


def report(what, command, rounds):
    runs = [once(command) for _ in range(rounds)]
    median = [statistics.median(r[i] for r in runs) for i in range(4)]
    print(f"{what:<34} wall {median[0]:7.3f}  CPU {median[1]:7.3f}  first byte "
          f"{median[2]:6.3f}  peak {max(r[3] for r in runs):4.0f} MiB  "
          f"exit {runs[0][4]}  {runs[0][5]} lines{'' if runs[0][6] else '  (warm)'}",
          flush=True)


def made_up(n, rng):
    """Indicators that the memory does not hold: addresses and names."""
    for i in range(n):
        if i % 2 == 0:
            yield f"{rng.randrange(130, 190)}.{rng.randrange(256)}." \
                  f"{rng.randrange(256)}.{rng.randrange(1, 255)}"
        else:
            yield f"x{rng.randrange(1 << 30):x}.absent{rng.randrange(1 << 20)}.com"


def feed(path, hits, n, share, rng):
    take = int(n * share)
    lines = [hits[i % len(hits)] for i in range(take)] if hits else []
    lines += made_up(n - len(lines), rng)
    rng.shuffle(lines)
    with open(path, "w", encoding="ascii") as f:
        f.write("\n".join(lines) + "\n")


def main():
    dwell, memory = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rng = random.Random(1)
    files = f"read_parquet('{os.path.realpath(memory)}/seen/*.parquet')"
    outside = f"{files} WHERE kind='address' AND via='conn' AND sort NOT LIKE '10.%'"
    seen = [r["sort"] for r in rows(dwell, memory,
            f"SELECT sort FROM (SELECT sort FROM {outside}) "
            "USING SAMPLE reservoir(30000 ROWS) REPEATABLE (7)")]
    names = [r["value"] for r in rows(dwell, memory,
             f"SELECT value FROM (SELECT value FROM {files} WHERE kind='name' AND "
             "via='server_name') USING SAMPLE reservoir(20000 ROWS) REPEATABLE (7)")]
    counts = rows(dwell, memory, f"SELECT sort, count FROM {outside} "
                  "ORDER BY count DESC LIMIT 1")
    ja4 = rows(dwell, memory, f"SELECT value FROM {files} WHERE kind='ja4' LIMIT 1")
    print(f"{len(seen)} addresses and {len(names)} names to ask for")
    many, few = counts[0]["sort"], seen[0]
    ask = [dwell, "ask", "-m", memory]
    report("one address, many hosts", ask + [many], rounds)
    report("one address, few hosts", ask + [few], rounds)
    report("one address, not seen", ask + ["189.1.2.3"], rounds)
    report("one name and all below", ask + [names[0].split(".", 1)[1]], rounds)
    report("one name, not seen", ask + ["absent.example.net"], rounds)
    report("a /24", ask + [".".join([p for p in seen if ":" not in p][0].split(".")[:3])
                           + ".0/24"], rounds)
    report("one JA4", ask + ["ja4:" + ja4[0]["value"]], rounds)
    with tempfile.TemporaryDirectory() as folder:
        for share in (0.0, 0.01, 0.2):
            path = os.path.join(folder, "feed.txt")
            pool = list(dict.fromkeys(seen + names))
            rng.shuffle(pool)
            feed(path, pool, 100000, share, rng)
            report(f"100,000 indicators, {share:.0%} seen", ask + ["-f", path],
                   1 if share > 0.1 else rounds)


main()
