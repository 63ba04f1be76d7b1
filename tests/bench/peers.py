#!/usr/bin/env python3
"""CPU and memory of a whole `dwell scan` beside other tools on the same capture, in one run.

usage: peers.py DWELL CAPTURE [ROUNDS]

Each tool reads the capture ROUNDS times (3), in turn, so that a machine whose speed drifts treats
all alike; printed are medians of CPU seconds (user and system), nanoseconds a packet, peak memory,
and CPU as a multiple of dwell's. Tools that are not installed are said and left out.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile


def measure(command):
    """(CPU seconds, peak MiB, exit status) of a command whose output is thrown away."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.execvp(command[0], command)
    _, status, use = os.wait4(pid, 0)
    return use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)


def packets_of(capture):
    text = subprocess.run(['capinfos', '-Mc', capture], capture_output=True, text=True).stdout
    return int(text.rsplit(None, 1)[1])


def main():
    dwell, capture = sys.argv[1], sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    packets = packets_of(capture)
    work = tempfile.mkdtemp(prefix='peers-')

    def commands(i):
        folder = os.path.join(work, str(i))
        os.makedirs(os.path.join(folder, 'nf'))
        return {
            'dwell scan': [dwell, 'scan', '-q', '-m', os.path.join(folder, 'memory'), capture],
            'nfpcapd (flows only)': ['nfpcapd', '-r', capture, '-w', os.path.join(folder, 'nf')],
            'ndpiReader': ['ndpiReader', '-q', '-i', capture],
            'tshark (fields of frames)': ['tshark', '-n', '-r', capture, '-T', 'fields',
                                          '-e', 'frame.number'],
        }

    seen = {}
    for i in range(rounds):
        for name, command in commands(i).items():
            if not shutil.which(command[0]):
                if i == 0:
                    print(f'{name}: not installed')
                continue
            seen.setdefault(name, []).append(measure(command))
    shutil.rmtree(work)
    base = statistics.median(cpu for cpu, _, _ in seen['dwell scan'])
    print(f'{capture}: {packets} packets, {rounds} rounds each')
    print(f'{"":27} {"CPU s":>8} {"ns/packet":>10} {"MiB":>6} {"x dwell":>8}  exit')
    for name, runs in seen.items():
        cpu = statistics.median(r[0] for r in runs)
        peak = max(r[1] for r in runs)
        print(f'{name:27} {cpu:8.2f} {cpu / packets * 1e9:10.0f} {peak:6.0f} {cpu / base:8.2f}  '
              f'{sorted(set(r[2] for r in runs))}')


main()
