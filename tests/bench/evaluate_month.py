# SPDX-License-Identifier: Apache-2.0
"""A month of honest use of the lab's network, and then an intruder's tool: tests/lab/tools in one capture.

The controls (ok-*.pcap.xz) are repeated for DAYS days: by night and day what machines do, in office hours
what people do; on day TOOL_DAY, in the afternoon, comes the take of the tool. Only timestamps change, by
whole seconds; the schedule is drawn from one seed. A take of seconds alone has no history against which anything
could be new; this is its history.
"""
import pathlib
import random
import struct

import evaluate_cut

SEED = 20261125
BEGIN = 1760918400           # 2025-10-20, a Monday
DAYS, TOOL_DAY = 33, 30      # the tool comes on a Wednesday
TOOL_TIME = 13 * 3600 + 37 * 60
DAY = 86400
OFFICE = {'ok-web': 6, 'ok-dns': 4, 'ok-smb': 3, 'ok-ssh': 1, 'ok-ping': 1}  # takes of a working day
POLLS = 8                    # takes of ok-modbus a day


def read_take(path):
    """[(seconds, microseconds, rest of the record)] of a pcap file as tcpdump writes it here."""
    data = evaluate_cut.load(str(path))
    assert data[:4] == b'\xd4\xc3\xb2\xa1', path
    packets, at = [], 24
    while at < len(data):
        seconds, micro, captured = struct.unpack_from('<III', data, at)
        packets.append((seconds, micro, data[at + 8:at + 16 + captured]))
        at += 16 + captured
    return data[:24], packets


def schedule(rnd):
    """(take, second at which it begins) of the honest month."""
    for day in range(DAYS):
        midnight = BEGIN + day * DAY
        for i in range(POLLS):
            yield 'ok-modbus', midnight + int((i + rnd.random()) * DAY / POLLS)
        if day % 7 < 5:
            for take, times in OFFICE.items():
                for _ in range(times):
                    yield take, midnight + int(rnd.uniform(8, 17.5) * 3600)


def write(tools, name, out):
    """Write the month with the tool NAME (None: without) into the file out; by how many seconds the tool's take was
    moved."""
    head, shift = None, 0
    takes, packets = {}, []
    plan = list(schedule(random.Random(SEED)))
    if name is not None:
        plan.append((name, BEGIN + TOOL_DAY * DAY + TOOL_TIME))
    for take, begin in plan:
        if take not in takes:
            head, takes[take] = read_take(pathlib.Path(tools) / f'{take}.pcap.xz')
        moved = begin - takes[take][0][0]
        if take == name:
            shift = moved
        packets += [(seconds + moved, micro, rest) for seconds, micro, rest in takes[take]]
    packets.sort(key=lambda p: p[:2])
    with open(out, 'wb') as f:
        f.write(head)
        f.writelines(struct.pack('<II', seconds, micro) + rest for seconds, micro, rest in packets)
    return shift
