# SPDX-License-Identifier: Apache-2.0
"""The faults of tests/bench/soak, one at a time, at random; each is written down with its times."""
import os
import signal
import subprocess
import threading
import time

READING = threading.Lock()  # held while somebody asks the memory, or its file system goes away
RESTART_S = 120


def pid_of(soak, role):
    """A process of the watch whose name begins so; None: there is none now."""
    found = [pid for pid, name in soak.processes() if name.startswith(role)]
    return soak.random.choice(found) if found else None


def send(pid, number):
    try:
        os.kill(pid, number)
    except (OSError, TypeError):
        pass


def wait_ready(soak):
    return soak.ready.wait(RESTART_S)


def wait_ended(soak):
    end = time.time() + RESTART_S
    while soak.watch.poll() is None and time.time() < end:
        time.sleep(0.02)
    while soak.ready.is_set() and time.time() < end:
        time.sleep(0.02)


def reader_killed(soak):
    send(pid_of(soak, "dwell-read"), signal.SIGKILL)


def reader_stopped(soak):
    pid = pid_of(soak, "dwell-read")
    send(pid, signal.SIGSTOP)
    time.sleep(soak.random.uniform(2, 20))
    send(pid, signal.SIGCONT)


def desk_killed(soak):
    send(pid_of(soak, "dwell-desk"), signal.SIGKILL)


def writer_stopped(soak):
    pid = pid_of(soak, "dwell-write")
    send(pid, signal.SIGSTOP)
    time.sleep(soak.random.uniform(2, 15))
    send(pid, signal.SIGCONT)


def writer_killed(soak):
    pid = pid_of(soak, "dwell-write")
    before = soak.watch.pid
    send(pid, signal.SIGKILL)
    time.sleep(2)
    wait_ready(soak)
    return {"supervisor_stays": soak.watch.pid == before and soak.watch.poll() is None}


def all_killed(soak):
    pids = [pid for pid, _ in soak.processes()]
    soak.random.shuffle(pids)
    for pid in pids:
        send(pid, signal.SIGKILL)
    wait_ended(soak)
    wait_ready(soak)


def supervisor_killed(soak):
    """The others come to their end by themselves, before another watch can begin."""
    send(soak.watch.pid, signal.SIGKILL)
    wait_ended(soak)
    wait_ready(soak)


def started_anew(soak):
    soak.watch.send_signal(signal.SIGTERM)
    wait_ended(soak)
    wait_ready(soak)


def fill(soak):
    """Take all room there is."""
    f = os.open(f"{soak.disk}/filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    step = 16 << 20
    while step >= 4096:
        try:
            os.write(f, b"\0" * step)
        except OSError:
            step //= 4
    os.close(f)


def disk_full(soak):
    fill(soak)
    time.sleep(soak.random.uniform(5, 40))
    os.remove(f"{soak.disk}/filler")
    time.sleep(6)


def disk_full_and_killed(soak):
    """Nobody can start again while there is no room: it comes back when there is."""
    fill(soak)
    time.sleep(soak.random.uniform(2, 10))
    all_pids = [pid for pid, _ in soak.processes()]
    for pid in all_pids:
        send(pid, signal.SIGKILL)
    wait_ended(soak)
    time.sleep(5)
    os.remove(f"{soak.disk}/filler")
    wait_ready(soak)


def folders(soak, flag):
    names = [folder for folder, _, _ in os.walk(soak.memory)]
    subprocess.run(["chattr", flag, *names], check=False, stderr=subprocess.DEVNULL)


def disk_refuses(soak):
    """No file of the memory can be made, renamed or removed; files that are open go on."""
    folders(soak, "+i")
    time.sleep(soak.random.uniform(5, 30))
    folders(soak, "-i")
    time.sleep(6)


def file_system_fails(soak):
    """It turns read-only as after an error, and what was not synced is gone, as at a power cut;
    then it is repaired and mounted again, and the watch started anew."""
    subprocess.run(["mount", "-o", "remount,abort", soak.disk], check=False)
    time.sleep(soak.random.uniform(2, 15))
    alive = soak.watch.poll() is None
    with READING:
        soak.wanted.clear()
        for pid, _ in list(soak.processes()):
            send(pid, signal.SIGKILL)
        wait_ended(soak)
        for _ in range(100):
            if subprocess.run(["umount", soak.disk], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.1)
        mended = subprocess.run(["e2fsck", "-fy", f"{soak.folder}/disk.img"],
                                capture_output=True).returncode
        soak.mount()
        soak.wanted.set()
    wait_ready(soak)
    return {"stayed": alive, "e2fsck": mended}


def link(soak, name, state):
    subprocess.run(["ip", "-n", soak.namespace, "link", "set", name, state], check=True)


def interface_down(soak):
    link(soak, "vb", "down")
    time.sleep(soak.random.uniform(1, 20))
    link(soak, "vb", "up")


def link_out(soak):
    link(soak, "va", "down")
    time.sleep(soak.random.uniform(1, 100))
    link(soak, "va", "up")


def reload(soak):
    send(soak.watch.pid, soak.random.choice((signal.SIGHUP, signal.SIGUSR1)))


FAULTS = {  # name: weight
    reader_killed: 4, reader_stopped: 2, desk_killed: 1, writer_stopped: 3, writer_killed: 3,
    all_killed: 4, supervisor_killed: 2, started_anew: 2, disk_full: 3, disk_full_and_killed: 1,
    disk_refuses: 2, file_system_fails: 2, interface_down: 3, link_out: 2, reload: 3,
}


def inject(soak, end):
    """Faults until a little before the end, so that the last minute shows that all is well."""
    quiet = 30
    only = soak.args.faults.split(",") if soak.args.faults else None
    faults = {f: w for f, w in FAULTS.items() if only is None or f.__name__ in only}
    due = time.time() + 20
    while time.time() < end:
        if time.time() < due or time.time() > end - quiet:
            time.sleep(0.2)
            continue
        fault = soak.random.choices(list(faults), list(faults.values()))[0]
        soak.show()
        begin = time.time()
        more = fault(soak) or {}
        soak.write("fault", fault=fault.__name__, begin=round(begin, 3),
                   end=round(time.time(), 3), **more)
        due = time.time() + min(soak.random.expovariate(1 / soak.args.every), 4 * soak.args.every)
