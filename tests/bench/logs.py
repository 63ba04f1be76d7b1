#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast logs are read: dwell beside DuckDB's own readers and awk, on the same files in one run.

usage: logs.py BUILD EVE [FOLDER]

BUILD is a build folder; EVE an eve.json, whose lines are repeated to 300 MB. A conn.log of 1 M lines
and the long EVE file are made in FOLDER (default: a temporary one). CPU seconds, kernel included, on
one CPU, the better of two.
"""
import os
import random
import resource
import subprocess
import sys
import tempfile

HEAD = ('#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n'
        '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes'
        '\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes'
        '\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n')
COLUMNS = ('ts DOUBLE,uid VARCHAR,a VARCHAR,ap INTEGER,b VARCHAR,bp INTEGER,proto VARCHAR,service VARCHAR,'
           'duration DOUBLE,ob BIGINT,rb BIGINT,st VARCHAR,lo VARCHAR,lr VARCHAR,mb BIGINT,h VARCHAR,'
           'op BIGINT,oi BIGINT,rp BIGINT,ri BIGINT,tp VARCHAR')
LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'


def conn_log(path, lines=1000000):
    r = random.Random(1)
    now = 1517336042.0
    with open(path, 'w', encoding='ascii') as f:
        f.write(HEAD)
        for _ in range(lines):
            now += r.random() * 0.1
            f.write(f"{now:.6f}\tC{''.join(r.choices(LETTERS, k=17))}\t10.55.{r.randrange(4)}.{r.randrange(250)}"
                    f'\t{r.randrange(1024, 65536)}\t203.0.{r.randrange(100)}.'
                    f"{r.randrange(256)}\t443\ttcp\t{r.choice(['ssl', '-', 'http'])}\t{r.random() * 10:.6f}"
                    f"\t{r.randrange(5000)}\t{r.randrange(50000)}\t{r.choice(['SF', 'S0', 'RSTO'])}\tT\tF\t0"
                    f'\tShADadfF\t{r.randrange(50)}\t{r.randrange(9000)}\t{r.randrange(50)}'
                    f'\t{r.randrange(90000)}\t(empty)\n')


def eve_log(path, source, size=300000000):
    with open(source, encoding='utf-8') as f:
        lines = f.readlines()
    written = turn = 0
    with open(path, 'w', encoding='utf-8') as f:
        while written < size:
            turn += 1
            for line in lines:
                written += f.write(line.replace('"flow_id":', f'"flow_id":{turn}', 1))


def cpu(command, **more):
    best = None
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(['taskset', '-c', '0', *command], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, **more)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = used if best is None else min(best, used)
    return best


def show(what, path, seconds):
    with open(path, 'rb') as f:
        lines = sum(1 for _ in f)
    size = os.path.getsize(path)
    print(f'{what:34} {seconds:6.2f} CPU s  {lines / seconds / 1e3:7.0f} k lines/s  {size / seconds / 1e6:6.0f} MB/s',
          flush=True)


def main():
    build, eve_source = os.path.abspath(sys.argv[1]), sys.argv[2]
    folder = sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp()
    conn, eve = os.path.join(folder, 'conn.log'), os.path.join(folder, 'eve.json')
    if not os.path.exists(conn):
        conn_log(conn)
    if not os.path.exists(eve):
        eve_log(eve, eve_source)
    with open(conn, encoding='ascii') as f:
        skip = next(i for i, line in enumerate(f) if not line.startswith('#'))
    columns = '{' + ','.join("'{}':'{}'".format(*c.split()) for c in COLUMNS.split(',')) + '}'
    logs, duck = os.path.join(build, 'tests/bench/logs'), os.path.join(build, 'tests/bench/logs_duckdb')
    show('conn.log to records', conn, cpu([logs, '-r', '1', conn]))
    show('conn.log, DuckDB read_csv', conn, cpu([duck, (
        f"CREATE TABLE t AS FROM read_csv('{conn}', delim='\\t', quote='', escape='', header=false, "
        f"skip={skip}, nullstr='-', auto_detect=false, columns={columns})")]))
    show('conn.log, awk, 7 columns', conn, cpu(
        ['awk', '-F\t', '!/^#/ {print $1, $3, $4, $5, $6, $10, $11}', conn]))
    show('eve.json to records', eve, cpu([logs, '-r', '1', eve]))
    show('eve.json, DuckDB read_json', eve, cpu([duck, (
        f"CREATE TABLE t AS SELECT * FROM read_json('{eve}', format='newline_delimited', columns={{"
        "timestamp:'VARCHAR', flow_id:'BIGINT', event_type:'VARCHAR', src_ip:'VARCHAR', src_port:'INTEGER', "
        "dest_ip:'VARCHAR', dest_port:'INTEGER', proto:'VARCHAR', app_proto:'VARCHAR', "
        "flow:'STRUCT(pkts_toserver BIGINT, pkts_toclient BIGINT, bytes_toserver BIGINT, "
        "bytes_toclient BIGINT, \"start\" VARCHAR, \"end\" VARCHAR)'})")]))
    for what, path in (('conn.log, whole scan', conn), ('eve.json, whole scan', eve)):
        with tempfile.TemporaryDirectory() as memory:
            show(what, path, cpu(['sh', '-c', f'm=$(mktemp -d {memory}/XXXXXX); exec "$0" scan -q -m "$m" "$1"',
                                  os.path.join(build, 'dwell'), path]))


if __name__ == '__main__':
    main()
