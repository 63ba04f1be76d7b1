#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Floods against dwell watch: memory of all its processes, and what was there before them.

    floods.py BUILD [--limit SIZE] [--packets N] [--rate N] [--threads N] [KIND]...

In a network namespace of its own a sender plays one flood after the other (tests/bench/flood.c) over
a veth to a dwell watch. Prints a line of JSON for each: the most memory that its processes had together
(PSS, with the rings), packets sent, seen, lost and left out, connections closed early, and how many of
the 16 witnesses, which were open before the flood, have one row with exactly what they sent. Needs root,
or it says so and does nothing. Exit status 1 where the limit was passed or a witness is not whole."""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NAMESPACE = f"dwell-flood-{os.getpid()}"
INSIDE = ["ip", "netns", "exec", NAMESPACE]
KINDS = ["syn", "synack", "connect", "udp", "udp2", "fragments", "overlaps", "dns", "domains", "http",
         "tls", "early", "odd"]
BEFORE_S = 30  # of witnesses, before a flood
WITNESSES = ("SELECT count(*) AS n, count(*) FILTER (state = 'SF' AND src_packets = 24 AND dst_packets = 12"
             " AND src_bytes = 500 AND dst_bytes = 700) AS whole FROM conn WHERE dst_port = 9999"
             " AND dst_ip = '192.0.2.80' AND src_ip LIKE '10.9.%'")
WATCH = ("SELECT sum(packets)::BIGINT AS seen, sum(drops)::BIGINT AS lost, sum(shed)::BIGINT AS shed,"
         " sum(evicted)::BIGINT AS evicted FROM watch")


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


def set_up():
    run("ip", "netns", "add", NAMESPACE)
    run("ip", "-n", NAMESPACE, "link", "add", "va", "type", "veth", "peer", "name", "vb")
    for name in ("va", "vb"):
        run(*INSIDE, "sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        run("ip", "-n", NAMESPACE, "link", "set", name, "arp", "off", "up")


def family(pid):
    """A process and all below it."""
    found = [pid]
    for child in run("pgrep", "-P", str(pid), check=False).split():
        found += family(int(child))
    return found


def pss(pid):
    """MiB that a process has, what it shares by parts."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except OSError:
        return 0


def rows(build, memory, sql):
    line = run(f"{build}/dwell", "query", "-m", memory, "--format", "json", sql)
    return json.loads(line.splitlines()[0])


def wait_for(path, text, seconds):
    end = time.time() + seconds
    while time.time() < end:
        with open(path, encoding="utf-8") as log:
            if text in log.read():
                return
        time.sleep(0.05)
    raise SystemExit(f"no '{text}' in {path}")


def flood(build, folder, kind, options):
    capture, memory, log = f"{folder}/{kind}.pcap", f"{folder}/{kind}", f"{folder}/{kind}.log"
    with open(capture, "wb") as out:
        subprocess.run([f"{build}/tests/bench/flood", "-n", str(options.packets), "-r", str(options.rate),
                        "-b", str(BEFORE_S), kind], stdout=out, check=True)
    with open(log, "w", encoding="utf-8") as errors:
        watch = subprocess.Popen(INSIDE + [f"{build}/dwell", "watch", "-m", memory, "-i", "vb", "--threads",
                                           str(options.threads), "--memory-limit", options.limit],
                                 stderr=errors)
    wait_for(log, "watching vb", 20)
    begin = time.time()
    sender = subprocess.Popen(INSIDE + [f"{build}/tests/bench/send", "-x", "1", "va", capture],
                              stdout=subprocess.PIPE, text=True)
    most, stopped, largest = 0, None, {}
    while watch.poll() is None:
        each = {p: pss(p) for p in family(watch.pid)}
        if sum(each.values()) > most:
            most, largest = sum(each.values()), sorted(each.values(), reverse=True)
        if stopped is None and sender.poll() is not None and time.time() - begin > 2:
            time.sleep(1)
            status = json.loads(run(f"{build}/dwell", "status", "-m", memory, "--format", "json"))
            watch.send_signal(signal.SIGTERM)
            stopped = time.time()
        time.sleep(0.1)
    sent = json.loads(sender.communicate()[0])
    os.remove(capture)
    result = {"flood": kind, "sent": sent["packets"],
              "rate": round(sent["packets"] / max(sent["seconds"] - BEFORE_S, 1)),
              **rows(build, memory, WATCH), "witnesses": rows(build, memory, WITNESSES),
              "mib": round(most), "mib_each": [round(n) for n in largest],
              "told_mib": round(status["memory_most"] / 2**20),
              **{n: status[n] for n in ("segments_dropped", "fragments_dropped", "unread", "names_forgotten",
                                        "waits")},
              "finish_s": round(time.time() - stopped, 1)}
    shutil.rmtree(memory)
    return result


def size(text):
    units = {"M": 1, "G": 1024}
    return int(text[:-1]) * units[text[-1]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("kinds", nargs="*")
    parser.add_argument("--limit", default="1G")
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--rate", type=int, default=50000)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_intermixed_args()
    if os.geteuid() != 0 or shutil.which("ip") is None:
        print("skipped: network namespaces need root and ip(8)")
        return 0
    build, bad = os.path.abspath(options.build), False
    set_up()
    try:
        for kind in options.kinds or KINDS:
            with tempfile.TemporaryDirectory() as folder:
                got = flood(build, folder, kind, options)
            print(json.dumps(got), flush=True)
            whole = got["witnesses"]["whole"] == 16 or got["lost"] > 0
            bad |= got["mib"] > size(options.limit) or not whole
    finally:
        run("ip", "netns", "del", NAMESPACE)
    return 1 if bad else 0


sys.exit(main())
