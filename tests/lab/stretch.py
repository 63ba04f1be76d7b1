#!/usr/bin/env python3
"""stretch.py TAKES OUT: make the bundled sample, fourteen months of a headquarters server, out of the
takes that ./record made.

Only timestamps change, and takes repeat: no byte of a packet is made up. Every repeat is shifted by
whole seconds, so that the compressed sample stays small. One capture a month, as a rotating
tcpdump would write it. The schedule is drawn from one seed: same takes, same bytes.

What is in it (times UTC):
  web-*      visitors, more by day than by night            from the first day on
  mail-*     a few a day in office hours
  ssh-admin  an administrator, on most working days
  backup     every night at 02:30 and some seconds
  time       the server asks for the time about every two hours
  update     once a day, at a random time of the morning
  check-in   every five hours, each gap up to 20 % shorter, from ONSET on, day and night
"""
import datetime
import math
import pathlib
import random
import struct
import subprocess
import sys

SEED = 20250801
BEGIN = datetime.datetime(2025, 8, 1, tzinfo=datetime.timezone.utc).timestamp()
DAYS = 440
ONSET = datetime.datetime(2025, 9, 14, 1, 17, tzinfo=datetime.timezone.utc).timestamp()
HOUR, DAY = 3600.0, 86400.0


def read_take(path):
    """[(seconds since the first packet, microseconds, record header rest, bytes)], of a pcap file."""
    data = path.read_bytes()
    magic, = struct.unpack_from("<I", data)
    assert magic == 0xA1B2C3D4, f"{path}: not a little-endian microsecond pcap"
    packets, at, first = [], 24, None
    while at < len(data):
        seconds, micro, captured, wire = struct.unpack_from("<IIII", data, at)
        first = seconds if first is None else first
        packets.append((seconds - first, micro, struct.pack("<II", captured, wire),
                        data[at + 16:at + 16 + captured]))
        at += 16 + captured
    return packets


def working_day(day):
    return datetime.datetime.fromtimestamp(BEGIN + day * DAY, datetime.timezone.utc).weekday() < 5


def at_random(rnd, per_day, weight):
    """Moments of a Poisson process whose rate follows the hour of the day."""
    total = sum(weight(h) for h in range(24))
    for day in range(DAYS):
        for hour in range(24):
            rate = per_day * weight(hour) / total
            moment = rnd.expovariate(rate)
            while moment < 1.0:
                yield BEGIN + day * DAY + (hour + moment) * HOUR
                moment += rnd.expovariate(rate)


def schedule(rnd):
    """All (moment, scene) of the sample."""
    def diurnal(hour):
        return 1.2 + math.sin((hour - 8) / 24 * 2 * math.pi)

    def office(hour):
        return 1.0 if 8 <= hour < 17 else 0.02

    for scene in ("web-plain", "web-tls", "web-logo"):
        yield from ((t, scene) for t in at_random(rnd, 1.5, diurnal))
    for scene in ("mail-in", "mail-out"):
        yield from ((t, scene) for t in at_random(rnd, 1.0, office))
    moment = BEGIN + 600
    while moment < BEGIN + DAYS * DAY:
        yield moment, "time"
        moment += 7200 + rnd.uniform(-60, 60)
    for day in range(DAYS):
        yield BEGIN + day * DAY + 2.5 * HOUR + rnd.uniform(0, 40), "backup"
        yield BEGIN + day * DAY + 6 * HOUR + rnd.uniform(0, 3 * HOUR), "update"
        if working_day(day) and rnd.random() < 0.7:
            yield BEGIN + day * DAY + rnd.uniform(8, 17) * HOUR, "ssh-admin"
    moment = ONSET
    while moment < BEGIN + DAYS * DAY:
        yield moment, "check-in"
        moment += 5 * HOUR * rnd.uniform(0.8, 1.0)


def month_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m")


def main():
    takes_folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    takes = {}
    for path in sorted(takes_folder.glob("*.pcap")):
        takes.setdefault(path.stem.rpartition("-")[0], []).append(read_take(path))
    rnd, packets, busy = random.Random(SEED), [], {}
    for moment, scene in sorted(schedule(rnd)):
        choices = takes[scene]
        take = rnd.randrange(len(choices))
        shift = int(moment)
        # The same take again within ten minutes would be the same connection: leave it out.
        if shift - busy.get((scene, take), 0) < 600:
            continue
        busy[scene, take] = shift
        for order, (seconds, micro, rest, data) in enumerate(choices[take]):
            packets.append((shift + seconds, micro, len(packets), rest, data))
    packets.sort(key=lambda p: p[:3])
    months = {}
    for seconds, micro, _, rest, data in packets:
        months.setdefault(month_of(seconds), []).append(
            struct.pack("<II", seconds, micro) + rest + data)
    out.mkdir(parents=True, exist_ok=True)
    for month, records in months.items():
        head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
        path = out / f"hq-{month}.pcap"
        path.write_bytes(head + b"".join(records))
        subprocess.run(["xz", "--force", "-9e", str(path)], check=True)
    size = sum(p.stat().st_size for p in out.glob("*.xz"))
    print(f"{len(packets)} packets, {len(months)} captures, {size} bytes compressed")


main()
