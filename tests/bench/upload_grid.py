#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much that leaves is found, and how much is told for nothing.

usage: upload_grid.py [--dwell PROGRAM] [--corpora FOLDER] [--runs N] [--seed N] [--habits]

Background: the conn logs of real hosts (corpora/truth/zeek-run and corpora/logs), day-shuffled: each of 30
hosts gets, for each of 100 days, the connections of a real host-day, of a random half of its peers (12 at most); four days
of five from the same real host-day, the others from any. Which peer gets which connections is drawn anew for
each day, so that days and pairs are exchangeable, and what is told of a host without an injection is a false
alarm. With --habits each peer keeps its own connections: then hosts have peers to which they always send
more, as people do, and some of what is told is true and harmless.
Into a third of the hosts one of the classes below is injected from day 60 on, two days apart. The logs go through dwell as any
others. What comes out, as a table: for each class how often a finding of upload names host and peer, with
which confidence, how often its rule is named, and the error of the date; and the false findings a host-year.
"""
import argparse
import collections
import datetime
import json
import os
import random
import subprocess
import sys
import tempfile

HOSTS, DAYS, TURN = 30, 100, 60
DAY = 86400
BEGIN = 1672617600  # Monday 2023-01-02
MEGA = 1000000
MOST = 12  # peers of a host and day: what a scan takes is bounded by it
FIELDS = ("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes "
	"conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts "
	"resp_ip_bytes tunnel_parents").split()
TYPES = ("time string addr port addr port enum string interval count count string bool bool count string "
	"count count count count set[string]").split()


def is_home(ip):
	return ip.startswith(("10.", "192.168.", "172.16.", "fe80", "147.32."))


def real_days(corpora):
	"""Connections of each real host and day: (seconds, peer, port, proto, out, in)."""
	days = collections.defaultdict(list)
	# Captures with an intruder in them are no background.
	for top in ("truth/zeek-run/benign", "truth/zeek-run/dns-benign", "logs"):
		for folder, _, files in os.walk(os.path.join(corpora, top)):
			for name in files:
				if "conn.log" in name and "malicious" not in folder and "apt29" not in folder:
					read_log(os.path.join(folder, name), days)
	return [v for v in days.values() if len({c[1] for c in v}) >= 6]


def read_log(path, days):
	columns = None
	with open(path, encoding="utf-8", errors="replace") as f:
		for line in f:
			if line.startswith("#fields"):
				columns = line.rstrip("\n").split("\t")[1:]
			if line.startswith("#") or (columns is None and not line.startswith("{")):
				continue
			if line.startswith("{"):
				row = json.loads(line)
			else:
				row = dict(zip(columns, line.rstrip("\n").split("\t")))
			try:
				ts, out = float(row["ts"]), int(row["orig_bytes"])
				src, dst, got = row["id.orig_h"], row["id.resp_h"], int(row["resp_bytes"])
			except (KeyError, ValueError, TypeError):
				continue
			if is_home(src) and not is_home(dst) and out > 0 and row["proto"] == "tcp":
				days[src, int(ts // DAY)].append(
					(ts % DAY, dst, int(row["id.resp_p"]), "tcp", out, got))


def background(rng, pool, habits):
	rows = []
	for host in range(HOSTS):
		own = rng.choice(pool)
		for day in range(DAYS):
			some = own if rng.random() < 0.8 else rng.choice(pool)
			peers = sorted({c[1] for c in some})
			goes = dict(zip(peers, peers if habits else rng.sample(peers, len(peers))))
			kept = set(rng.sample(peers, min((len(peers) + 1) // 2, MOST)))
			rows += [(day * DAY + c[0], f"10.0.1.{host + 1}", goes[c[1]]) + c[2:]
				for c in some if c[1] in kept]
	return rows


def elsewhere(host, k):
	"""The k-th address that nobody but this host uses."""
	return f"198.{int(host.split('.')[3])}.{k // 200}.{k % 200 + 1}"


def usual(rows, host):
	"""The upper quartile of what a pair of the host sends on a day."""
	sums = collections.Counter()
	for row in rows:
		if row[1] == host:
			sums[row[2], int(row[0] // DAY)] += row[5]
	return sorted(sums.values())[len(sums) * 3 // 4]


def turn(host):
	return TURN + 2 * (int(host.split(".")[3]) // 3)


def drip(rng, rows, host, factor, days, weekdays=False):
	peer, q = elsewhere(host, 0), usual(rows, host)
	for d in range(days):
		if not weekdays or (turn(host) + d) % 7 < 5:
			at = (turn(host) + d) * DAY + rng.random() * DAY
			yield at, host, peer, 443, "tcp", int(factor * q), 6000


def spread(host, total, peers, days):
	for k in range(peers):
		at = (turn(host) + k * days // peers) * DAY + 40000 + 60 * (k % 50)
		yield at, host, elsewhere(host, k), 443, "tcp", total // peers, 9000


def staging(host, total):
	for k in range(4):
		yield turn(host) * DAY + 30000 + k, host, f"10.0.2.{k + 1}", 445, "tcp", 20000, total // 4
	yield (turn(host) + 1) * DAY + 30000, host, elsewhere(host, 0), 443, "tcp", total // 2, 90000


CLASSES = {
	"burst, 500 MB": ("burst", lambda g, r, h: spread(h, 500 * MEGA, 1, 1)),
	"burst, 60 MB": ("burst", lambda g, r, h: spread(h, 60 * MEGA, 1, 1)),
	"producer, 10 MB": ("producer", lambda g, r, h: spread(h, 10 * MEGA, 1, 1)),
	"drip, 4 x q75, 12 days": ("drip", lambda g, r, h: drip(g, r, h, 4, 12)),
	"drip, 4 x q75, 20 days": ("drip", lambda g, r, h: drip(g, r, h, 4, 20)),
	"drip, 4 x q75, 28 days, weekdays": ("drip", lambda g, r, h: drip(g, r, h, 4, 28, True)),
	"drip, 2 x q75, 28 days": ("drip", lambda g, r, h: drip(g, r, h, 2, 28)),
	"split, 100 MB, 5 peers": ("split", lambda g, r, h: spread(h, 100 * MEGA, 5, 1)),
	"split, 100 MB, 20 peers": ("split", lambda g, r, h: spread(h, 100 * MEGA, 20, 1)),
	"split, 100 MB, 100 peers": ("split", lambda g, r, h: spread(h, 100 * MEGA, 100, 1)),
	"split, 300 MB, 20 peers, 7 days": ("split", lambda g, r, h: spread(h, 300 * MEGA, 20, 7)),
	"nightly, 50 MB, 14 nights": ("scheduled", lambda g, r, h: (
		((turn(h) + d) * DAY + 7200 + g.random() * 60, h, elsewhere(h, 0), 443, "tcp", 50 * MEGA, 90000)
		for d in range(14))),
	"staging, 200 MB, half of it out": ("staged", lambda g, r, h: staging(h, 200 * MEGA)),
}


def write_log(path, rows):
	with open(path, "w", encoding="utf-8") as f:
		f.write("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n")
		f.write("#fields\t" + "\t".join(FIELDS) + "\n#types\t" + "\t".join(TYPES) + "\n")
		for n, (at, src, dst, port, proto, out, got) in enumerate(sorted(rows)):
			f.write("\t".join(map(str, (f"{BEGIN + at:.6f}", f"C{n:x}", src, 40000 + n % 20000, dst, port,
				proto, "-", "5.0", out, got, "SF", "T", "F", 0, "ShADadFf", 10, out + 400, 10,
				got + 400, "-"))) + "\n")


def findings(dwell, rows):
	with tempfile.TemporaryDirectory() as here:
		log, memory = os.path.join(here, "conn.log"), os.path.join(here, "m")
		write_log(log, rows)
		subprocess.run([dwell, "scan", "--quiet", "-m", memory, log], check=True, stdout=subprocess.DEVNULL)
		out = subprocess.run([dwell, "query", "-m", memory, "--format", "json",
			"SELECT host, peer, confidence, since, facts FROM finding WHERE detector = 'upload'"],
			check=True, capture_output=True, text=True).stdout
	return [json.loads(line) for line in out.splitlines()]


def when(text):
	return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - BEGIN


class Score:
	def __init__(self):
		self.n = self.found = self.ruled = 0
		self.confidence = collections.Counter()
		self.errors = []

	def add(self, told, first, rule):
		self.n += 1
		if not told:
			return
		self.found += 1
		facts = [f["facts"] if isinstance(f["facts"], list) else json.loads(f["facts"]) for f in told]
		self.ruled += any(x["key"] == rule for v in facts for x in v)
		order = ["low", "medium", "high"]
		self.confidence[max((f["confidence"] for f in told), key=order.index)] += 1
		self.errors.append(min(abs(when(f["since"]) - first) for f in told) / 3600)


def run(o, rng, pool, scores, false):
	rows = background(rng, pool, o.habits)
	injected = {}
	names = list(CLASSES)
	rng.shuffle(names)
	for host, name in zip((f"10.0.1.{h + 1}" for h in range(0, HOSTS, 3)), names):
		mine = list(CLASSES[name][1](rng, rows, host))
		injected[host] = (name, min(r[0] for r in mine), {r[2] for r in mine})
		rows += mine
	told = findings(o.dwell, rows)
	for host, (name, first, peers) in injected.items():
		mine = [f for f in told if f["host"] == host and f["peer"] in peers]
		scores[name].add(mine, first, CLASSES[name][0])
	for f in told:
		name, first, peers = injected.get(f["host"], ("", 0, ()))
		if f["peer"] in peers:
			continue
		facts = f["facts"] if isinstance(f["facts"], list) else json.loads(f["facts"])
		false[f["confidence"]] += 1
		for fact in facts:
			if fact["key"] in ("burst", "split", "staged", "drip", "scheduled", "producer"):
				false[f["confidence"], fact["key"]] += 1


def main():
	root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
	p = argparse.ArgumentParser()
	p.add_argument("--dwell", default=os.path.join(root, "build/dwell"))
	p.add_argument("--corpora", default=os.environ.get("DWELL_CORPORA", os.path.join(root, "../shared/corpora")))
	p.add_argument("--runs", type=int, default=8)
	p.add_argument("--seed", type=int, default=1)
	p.add_argument("--habits", action="store_true")
	o = p.parse_args()
	if not os.path.isdir(o.corpora):
		sys.exit("SKIPPED: no corpora at " + o.corpora)
	rng, pool = random.Random(o.seed), real_days(o.corpora)
	print(f"seed {o.seed}, runs {o.runs}; real host-days drawn from: {len(pool)}, connections {sum(map(len, pool))}")
	scores, false = collections.defaultdict(Score), collections.Counter()
	for _ in range(o.runs):
		run(o, rng, pool, scores, false)
	print("| class | injected | found | its rule named | high, medium, low | median error of the date, h |\n|---|---|---|---|---|---|")
	for name in CLASSES:
		s = scores[name]
		c = ", ".join(str(s.confidence[k]) for k in ("high", "medium", "low"))
		error = f"{sorted(s.errors)[len(s.errors) // 2]:.1f}" if s.errors else "-"
		print(f"| {name} | {s.n} | {s.found} | {s.ruled} | {c} | {error} |")
	years = o.runs * HOSTS * DAYS / 365.25
	print(f"false findings in {years:.0f} host-years of {'habits' if o.habits else 'shuffled days'}:")
	for key, n in sorted(false.items(), key=str):
		print(f"  {key if isinstance(key, str) else ', '.join(key)}: {n}, {n / years:.2f} a host-year")


if __name__ == "__main__":
	main()
