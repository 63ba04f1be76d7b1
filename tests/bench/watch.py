#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Capture beside others: packets lost and CPU time a packet.

    watch.py BUILD CAPTURE [RATE]...

In a network namespace of its own a sender (tests/bench/send.c) plays CAPTURE over a veth at each
RATE (packets a second; 0: as fast as it goes), while one tool at a time listens: dwell watch,
tcpdump -w, nfpcapd, softflowd. Prints a line of JSON for each. CPU time is that of all processes of
the tool, less what it takes when nothing comes. Needs root, or it says so and does nothing."""
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NAMESPACE = f"dwell-bench-{os.getpid()}"
INSIDE = ["ip", "netns", "exec", NAMESPACE]


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, text=True).stdout


def set_up():
    run("ip", "netns", "add", NAMESPACE)
    run("ip", "-n", NAMESPACE, "link", "add", "va", "mtu", "9000", "type", "veth",
        "peer", "name", "vb", "mtu", "9000")
    for name in ("va", "vb"):
        run(*INSIDE, "sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        run("ip", "-n", NAMESPACE, "link", "set", name, "arp", "off", "up")
    run(*INSIDE, "ethtool", "-K", "vb", "gro", "off", check=False)
    run("ip", "-n", NAMESPACE, "link", "set", "lo", "up")


def received():
    link = json.loads(run("ip", "-n", NAMESPACE, "-j", "-s", "link", "show", "vb"))[0]
    return link["stats64"]["rx"]["packets"]


def cpu():
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


def tools(build, folder):
    yield "dwell watch", [f"{build}/dwell", "watch", "-q", "-m", f"{folder}/m", "-i", "vb"]
    yield "dwell watch, 1 reader", [f"{build}/dwell", "watch", "-q", "-m", f"{folder}/m1",
                                    "-i", "vb", "--threads", "1"]
    yield "tcpdump -w", ["tcpdump", "-q", "-i", "vb", "-B", "65536", "-w", f"{folder}/t.pcap"]
    os.mkdir(f"{folder}/n")
    yield "nfpcapd", ["nfpcapd", "-i", "vb", "-w", f"{folder}/n"]
    yield "softflowd", ["softflowd", "-d", "-i", "vb", "-n", "127.0.0.1:9995",
                        "-p", f"{folder}/s.pid", "-c", f"{folder}/s.ctl", "-m", "1000000"]


def one(tool, build, capture, rate):
    """What listening costs while the sender plays (capture None: while nothing comes)."""
    begin, before = cpu(), received()
    listener = subprocess.Popen(INSIDE + tool, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                text=True)
    time.sleep(2)
    sent, sender = {}, 0
    if capture is not None:
        at = cpu()
        sent = json.loads(run(*INSIDE, f"{build}/tests/bench/send", "-r", str(rate), "va", capture))
        sender = cpu() - at
    time.sleep(2)
    listener.send_signal(signal.SIGINT)
    said = listener.communicate(timeout=120)[1]
    return {"cpu": cpu() - begin - sender, "came": received() - before, **sent, "said": said}


def kept(name, build, folder, said):
    """How many packets the tool has."""
    if name.startswith("dwell"):
        memory = "m1" if name.endswith("reader") else "m"
        rows = run(f"{build}/dwell", "query", "-m", f"{folder}/{memory}", "--format", "csv",
                   "SELECT sum(packets)::BIGINT, sum(drops)::BIGINT, sum(shed)::BIGINT FROM watch")
        packets, drops, shed = rows.split()[-1].split(",")
        return {"kept": int(packets), "drops": int(drops), "shed": int(shed)}
    for line in said.splitlines():
        if "dropped by kernel" in line:
            return {"drops": int(line.split()[0])}
    return {}


def main():
    if os.geteuid() != 0 or shutil.which("ip") is None:
        print("skipped: network namespaces need root and ip(8)")
        return
    build, capture, *rates = sys.argv[1:]
    set_up()
    try:
        for rate in [float(r) for r in rates] or [100000.0]:
            with tempfile.TemporaryDirectory() as folder:
                for name, command in tools(os.path.abspath(build), folder):
                    if shutil.which(command[0]) is None:
                        print(json.dumps({"tool": name, "skipped": "not installed"}))
                        continue
                    idle = one(command, build, None, 0)["cpu"]
                    if name.startswith("dwell"):
                        shutil.rmtree(command[4])
                    got = one(command, build, capture, rate)
                    print(json.dumps({
                        "tool": name, "rate": round(got["packets"] / got["seconds"]),
                        "sent": got["packets"], "came": got["came"],
                        **kept(name, build, folder, got["said"]),
                        "cpu_s": round(got["cpu"], 2), "idle_cpu_s": round(idle, 2),
                        "ns_a_packet": round((got["cpu"] - idle) / max(got["came"], 1) * 1e9)}),
                        flush=True)
    finally:
        run("ip", "netns", "del", NAMESPACE)


main()
