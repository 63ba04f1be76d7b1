# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/soak holds a memory to.

    lost     a row of the scan of the recording that the memory lacks, though no fault explains it
    doubled  a row that is there more often than the scan has it, or parts of a connection that
             have more packets in sum than it has
    foreign  a row that is no part of a connection that a fault cut
    unsaid   a minute whose packets are not all in watch, though it tells of no gap
    shrunk   something that could be asked for, and later could not
    grown    memory of the processes, or files, of the last third above the second third

A fault explains a missing connection when it was open in a process that was killed: from its first
packet until its time-out after the last one, and SYNC_S more until its row is durable. It explains a
missing row of another table when the connection of that row is cut or missing. What is down or full
explains nothing: what the recorder saw has to be there."""
import collections
import json
import os
import statistics
import subprocess

TABLES = """conn tunnel dns tls quic cert http file smtp ssh ot dhcp smb dce_rpc ntlm kerberos ntp snmp sip
    stun radius syslog vpn ldap rdp login ftp mailbox db mq socks rpc bittorrent anomaly""".split()
SHOWN = "SELECT md5(c::VARCHAR) AS h FROM conn c"  # a name for each row
OWN = {"reader_fell"}  # kinds of anomaly that are about the watch
CUT_OPEN = {"reader_killed"}
CUT_ALL = {"writer_killed", "all_killed", "supervisor_killed", "started_anew", "disk_full_and_killed",
           "file_system_fails"}
SYNC_S = 4       # from a connection's end to its row on the disk, at most
LINGER = {"tcp": 310, None: 75}
LINGER_LONG = 3700  # of interactive services, and of tunnels
INTERACTIVE = {"ftp", "ssh", "telnet", "rlogin"}
GROWN = 1.15
GROWN_KIB = 8192


def rows(build, memory, sql):
    got = subprocess.run([f"{build}/dwell", "query", "-m", memory, "--format", "json", sql],
                         check=True, capture_output=True, text=True)
    return [json.loads(line) for line in got.stdout.splitlines()]


def table(build, memory, name):
    """Its rows without what tells a recording from an interface, with ts in seconds as at."""
    return rows(build, memory, "SELECT * EXCLUDE (sensor, source, source_offset), "
                f"epoch_us(ts) / 1e6 AS at FROM {name}")


def key(row):
    return json.dumps(row, sort_keys=True)


def pair(row):
    """Both ends, in one order."""
    return tuple(sorted(((row.get("src_ip") or "", row.get("src_port") or 0),
                         (row.get("dst_ip") or "", row.get("dst_port") or 0))))


def hosts(row):
    return tuple(sorted((row.get("src_ip") or "", row.get("dst_ip") or "")))


class Faults:
    """The moments at which something was cut: (begin, end)."""

    def __init__(self, log):
        self.cuts = []
        for entry in log:
            if entry["kind"] != "fault" or entry["fault"] not in CUT_OPEN | CUT_ALL:
                continue
            self.cuts.append((entry["begin"] - 0.5, entry["end"] + 1))

    def cut(self, begin, end):
        return any(b <= end + SYNC_S and e >= begin for b, e in self.cuts)

    def cut_conn(self, row):
        linger = LINGER.get(row["proto"], LINGER[None])
        if set((row.get("service") or "").split(",")) & INTERACTIVE:
            linger = LINGER_LONG
        return self.cut(row["at"], row["at"] + (row["duration"] or 0) + linger)


class Check:
    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.live = f"{folder}/memory"
        self.offline = f"{folder}/offline"
        with open(f"{folder}/log") as f:
            self.log = [json.loads(line) for line in f]
        self.faults = Faults(self.log)
        self.found = collections.Counter()
        self.said = open(f"{folder}/differences", "w")
        self.by_pair = collections.defaultdict(list)
        self.by_hosts = collections.defaultdict(list)

    def note(self, kind, name, row):
        self.found[kind] += 1
        self.said.write(json.dumps({"what": kind, "table": name, "row": row}) + "\n")

    # ---- rows ----

    def conns(self):
        """The connections, without server_name: it may come from a name that a cut process knew."""
        truth, live = self.table("conn")
        for row in truth:
            row["cut"] = self.faults.cut_conn(row)
            self.by_pair[pair(row)].append(row)
            self.by_hosts[hosts(row)].append(row)
        strip = [{k: v for k, v in row.items() if k not in ("cut", "server_name")}
                 for row in truth]
        have = collections.Counter(key({k: v for k, v in row.items() if k != "server_name"})
                                   for row in live)
        for row, bare in zip(truth, strip):
            have[key(bare)] -= 1
            if have[key(bare)] >= 0:
                row["whole"] = True
            elif not row["cut"]:
                self.note("lost", "conn", row)
            else:
                self.found["conn cut"] += 1
        self.parts(live, have, collections.Counter(key(r) for r in strip))

    def parts(self, live, have, truth):
        """What is there beyond the rows of the scan: parts of connections that were cut."""
        sums = collections.Counter()
        for row in live:
            bare = key({k: v for k, v in row.items() if k != "server_name"})
            if have[bare] <= 0:
                continue
            have[bare] -= 1
            whole = [c for c in self.by_pair[pair(row)] if c["cut"] and
                     c["at"] - 1e-5 <= row["at"] <= c["at"] + (c["duration"] or 0) + 1e-5]
            if truth[bare] > 0:
                self.note("doubled", "conn", row)
            elif not whole:
                self.note("foreign", "conn", row)
            else:
                self.found["conn parts"] += 1
                sums[id(whole[0])] += row["src_packets"] + row["dst_packets"]
        for conns in self.by_pair.values():
            for c in conns:
                most = c["src_packets"] + c["dst_packets"]
                if sums[id(c)] > (0 if c.get("whole") else most):
                    self.note("doubled", "conn", c)

    def table(self, name):
        return table(self.build, self.offline, name), table(self.build, self.live, name)

    def near_cut(self, name, row):
        """Whether a connection of the row's ends, at its time, was cut."""
        conns = self.by_pair[pair(row)] or self.by_hosts[hosts(row)]
        at = row["at"]
        if name == "tunnel":
            return self.faults.cut(at - LINGER_LONG, at + (row["duration"] or 0) + LINGER_LONG)
        if at is None or not conns:
            return True
        return any(c["cut"] and c["at"] - 1 <= at <= c["at"] + (c["duration"] or 0) + 75
                   for c in conns)

    def others(self, name):
        truth, live = self.table(name)
        live = [row for row in live if row.get("kind") not in OWN]
        a = collections.Counter(key(row) for row in truth)
        b = collections.Counter(key(row) for row in live)
        for text in (a - b).keys() | (b - a).keys():
            row = json.loads(text)
            if b[text] > a[text] > 0:
                self.note("doubled", name, row)
            elif self.near_cut(name, row):
                self.found["rows of cut connections"] += abs(a[text] - b[text])
            else:
                self.note("lost" if a[text] > b[text] else "foreign", name, row)
        self.found["rows"] += sum((a & b).values())

    # ---- watch ----

    def minutes(self):
        sql = ("SELECT epoch_us(ts)::BIGINT // 60000000 AS m, sum(packets)::BIGINT AS packets, "
               "sum(drops)::BIGINT AS drops, sum(down)::BIGINT AS down FROM watch GROUP BY ALL")
        truth = {r["m"]: r for r in rows(self.build, self.offline, sql)}
        live = {r["m"]: r for r in rows(self.build, self.live, sql)}
        for m, row in sorted(truth.items()):
            seen = live.get(m)
            if seen is not None and seen["packets"] == row["packets"]:
                self.found["minutes whole"] += 1
            elif seen is None or seen["down"] + seen["drops"] > 0:
                self.found["minutes said to have gaps"] += 1
            else:
                self.note("unsaid", "watch", [row, seen])
            if seen is not None and seen["packets"] > row["packets"]:
                self.note("doubled", "watch", [row, seen])
        kills = [e for e in self.log if e.get("fault") == "reader_killed"]
        said = rows(self.build, self.live, "SELECT epoch_us(ts) / 1e6 AS at FROM anomaly "
                    "WHERE kind = 'reader_fell'")
        for e in kills:
            if not any(e["begin"] - 1 <= s["at"] <= e["end"] + 5 for s in said):
                if not self.faults.cut(e["end"] + 2, e["end"] + 5):
                    self.note("unsaid", "anomaly", e)

    # ---- the processes ----

    def growth(self):
        samples = [e for e in self.log if e["kind"] == "sample"]
        third = len(samples) // 3
        middle, last = samples[third:2 * third], samples[2 * third:]
        for role in sorted({r for s in samples for r in s["kib"]}):
            before = [s["kib"][role] for s in middle if role in s["kib"]]
            after = [s["kib"][role] for s in last if role in s["kib"]]
            if not before or not after:
                continue
            a, b = statistics.median(before), statistics.median(after)
            print(f"{role}: PSS {a / 1024:.1f} MiB, then {b / 1024:.1f} MiB, "
                  f"at most {max(before + after) / 1024:.1f} MiB")
            if b > GROWN * a + GROWN_KIB:
                self.note("grown", role, [a, b])
        files = [s["files"] for s in samples]
        if files:
            print(f"files: at most {max(files)}, at the end {files[-1]}; "
                  f"CPU {samples[-1]['cpu']:.0f} s")

    def shown(self):
        """Rows that could be asked for just before a fault: all have to be there."""
        path = f"{self.folder}/shown"
        if not os.path.exists(path):
            return
        have = {r["h"] for r in rows(self.build, self.live, SHOWN)}
        with open(path) as f:
            shown = set(f.read().split())
        self.found["rows shown before faults"] = len(shown)
        for h in shown - have:
            self.note("lost", "conn", {"shown": h})

    def asked(self):
        before = [0, 0, 0]
        for e in self.log:
            if e["kind"] != "ask" or "rows" not in e:
                continue
            if any(now < then for now, then in zip(e["rows"], before)):
                self.note("shrunk", "ask", [before, e])
            before = e["rows"]

    def run(self):
        self.conns()
        for name in TABLES[1:]:
            self.others(name)
        self.minutes()
        self.shown()
        self.asked()
        self.growth()
        bad = sum(self.found[k] for k in ("lost", "doubled", "foreign", "unsaid", "shrunk",
                                          "grown"))
        faults = collections.Counter(e["fault"] for e in self.log if e["kind"] == "fault")
        print("faults:", ", ".join(f"{n} {name}" for name, n in sorted(faults.items())))
        print(", ".join(f"{name}: {n}" for name, n in sorted(self.found.items())))
        print("equal but for what the gaps explain" if bad == 0 else
              f"{bad} differences that nothing explains: see the file differences")
        return 1 if bad else 0


def check(build, folder):
    if not os.path.isdir(f"{folder}/offline"):
        subprocess.run([f"{build}/dwell", "scan", "-q", "-m", f"{folder}/offline",
                        f"{folder}/recorded.pcap"], stdout=subprocess.DEVNULL)
    with open(f"{folder}/tcpdump.log") as f:
        print("recorder:", "; ".join(line.strip() for line in f if "packets" in line))
    return Check(build, folder).run()
