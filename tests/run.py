#!/usr/bin/env python3
"""Run the parts of the test suite on build-test/ and build/, and count.

usage: run.py [PART...]    parts: layers unit fuzz case agree mangle (default: all)

Every part yields (name, outcome, detail) lines; outcome is ok, FAIL or SKIP. The last line of the
output is "N passed, N failed, N skipped".
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-test"
CORPORA = pathlib.Path(os.environ.get("DWELL_CORPORA", ROOT.parent / "shared" / "corpora"))
ENV = dict(os.environ, TZ="UTC", LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=1:abort_on_error=0",
           UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
ENV.setdefault("DWELL_AGREE_EVERY", "10")  # tests/agree/corpus.py


def run(command, seconds=1800, **more):
    began = time.monotonic()
    try:
        p = subprocess.run(command, cwd=ROOT, env=dict(ENV, **more), capture_output=True, text=True,
                           errors="replace", timeout=seconds)
        code, text = p.returncode, p.stdout + p.stderr
    except subprocess.TimeoutExpired as e:
        code, text = -1, f"no end after {seconds} s\n{e.stdout or ''}"
    return code, text, time.monotonic() - began


def layers():
    code, text, _ = run(["tools/check-layers"])
    yield "layers", "ok" if code == 0 else "FAIL", text


def meson_suite(suite):
    code, text, _ = run(["meson", "test", "-C", str(BUILD), "--no-rebuild", "--suite", suite,
                         "--print-errorlogs"])
    log = BUILD / "meson-logs" / "testlog.json"
    if "No tests defined" in text or "No suitable tests" in text:
        return
    if not log.exists():
        yield suite, "FAIL", text
        return
    for line in log.read_text().splitlines():
        one = json.loads(line)
        outcome = {"OK": "ok", "SKIP": "SKIP", "EXPECTEDFAIL": "ok"}.get(one["result"], "FAIL")
        yield one["name"], outcome, one.get("stdout", "") + one.get("stderr", "")


def unit():
    yield from meson_suite("unit")


def fuzz():
    yield from meson_suite("fuzz")


def case():
    for script in sorted((ROOT / "tests" / "case").glob("*.bats")):
        code, text, _ = run(["bats", "--tap", str(script)])
        seen = 0
        for line in text.splitlines():
            if line.startswith("ok ") or line.startswith("not ok "):
                seen += 1
                name = f"{script.stem}: " + line.split(" ", 2 if line[0] == "o" else 3)[-1]
                skipped = " # skip" in line
                good = line.startswith("ok ")
                yield name, "SKIP" if skipped else "ok" if good else "FAIL", "" if good else text
        if code != 0 and seen == 0:
            yield script.stem, "FAIL", text


def agree():
    for script in sorted((ROOT / "tests" / "agree").glob("*_agree.py")):
        name = f"agree/{script.stem}"
        if not CORPORA.is_dir():
            yield name, "SKIP", f"no corpora at {CORPORA}"
            continue
        # Looking for leaks at the end of thousands of short runs would double their time; mangle
        # looks for them over the same captures.
        code, text, seconds = run([sys.executable, str(script), str(BUILD / "tests" / "agree"),
                                   str(CORPORA)], ASAN_OPTIONS="detect_leaks=0")
        yield f"{name} ({seconds:.0f} s)", "ok" if code == 0 else "FAIL", text


def mangle():
    if not CORPORA.is_dir():
        yield "mangle", "SKIP", f"no corpora at {CORPORA}"
        return
    code, text, seconds = run([str(BUILD / "tests" / "mangle"), "--cuts", "2", "--flips", "2",
                               "--seed", "1", str(CORPORA)])
    yield f"mangle ({seconds:.0f} s)", "ok" if code == 0 else "FAIL", text


PARTS = {f.__name__: f for f in (layers, unit, fuzz, case, agree, mangle)}


def main():
    wanted = sys.argv[1:] or list(PARTS)
    count = {"ok": 0, "FAIL": 0, "SKIP": 0}
    for part in wanted:
        if part not in PARTS:
            sys.exit(f"run.py: there is no part '{part}': {' '.join(PARTS)}")
        for name, outcome, detail in PARTS[part]():
            count[outcome] += 1
            print(f"{outcome:4} {name}", flush=True)
            if outcome != "ok" and detail:
                print("     " + "\n     ".join(detail.strip().splitlines()[-60:]), flush=True)
    print(f"{count['ok']} passed, {count['FAIL']} failed, {count['SKIP']} skipped")
    sys.exit(1 if count["FAIL"] else 0)


main()
