#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""years_check.py DWELL MEMORY [N]: whether `dwell ask` gives what a plain scan gives.

N addresses (200) and as many names that nobody met are asked at once. Connections, first
and last moments and days of each address must equal those that a GROUP BY counts over all
files of pair-days, which ask does not read: it reads years, of which the days are masks.
"""
import csv
import io
import os
import subprocess
import sys
import tempfile


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def moment(text):
    """Times are written with T and Z, or without."""
    return text.replace("T", " ").rstrip("Z")


def equal(g, w):
    """An answer of DNS that led to the address is seen, too, and widens the span."""
    exact = ["connections"]
    if "dns_answer" not in g["how"]:
        exact += ["days", "first_seen", "last_seen"]
    return (all(moment(g[k]) == moment(w[k]) for k in exact)
            and int(g["days"]) >= int(w["days"])
            and moment(g["first_seen"]) <= moment(w["first_seen"])
            and moment(g["last_seen"]) >= moment(w["last_seen"]))


def main():
    dwell, memory = sys.argv[1:3]
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    real = os.path.realpath(memory)
    days = f"read_parquet('{real}/pair/day/by_src/*/*.parquet')"
    some = ("SELECT sort FROM (SELECT sort FROM "
            f"read_parquet('{real}/seen/*.parquet') WHERE kind='address' AND via='conn' "
            f"AND sort NOT LIKE '10.%') USING SAMPLE reservoir({n} ROWS) REPEATABLE (11)")
    plain = run(dwell, "query", "-m", memory, "--format", "csv",
                f"WITH p AS (SELECT src_ip,dst_ip,ts,first_seen,last_seen,connections FROM "
                f"{days}), q AS (SELECT dst_ip AS it,* FROM p UNION ALL SELECT src_ip,* "
                "FROM p) SELECT it,sum(connections)::BIGINT AS connections,"
                "count(DISTINCT ts) AS days,min(first_seen) AS first_seen,"
                "max(last_seen) AS last_seen "
                f"FROM q WHERE it IN ({some}) GROUP BY it ORDER BY it")
    want = {r["it"]: r for r in csv.DictReader(io.StringIO(plain))}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as feed:
        feed.write("\n".join(list(want) + [f"n{i}.absent.com" for i in range(n)]) + "\n")
        feed.flush()
        got = {}
        answers = run(dwell, "ask", "-m", memory, "--format", "csv", "-f", feed.name)
        for r in csv.DictReader(io.StringIO(answers)):
            got[r["indicator"]] = r
    wrong = 0
    for it, w in want.items():
        g = got.get(it)
        same = g is not None and equal(g, w)
        if not same:
            wrong += 1
            print("differs:", w, g)
    met = [i for i, r in got.items() if "absent" in i and r["state"] != "not_seen"]
    print(f"{len(want)} addresses: {wrong} differ; {n} names never met: {len(met)} said seen")
    return 1 if wrong or met or not want else 0


sys.exit(main())
