#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The lab's own promise: nothing outlives a test, and the test that leaves something behind is found out."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab import demands, sandbox
from lab.proof import expect

HERE = str(Path(__file__).resolve())
PATIENCE_SECONDS = 10


def inside(mode: str, directory: Path) -> None:
    sandbox.enter()
    # A server that ignores the polite signal.
    subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600"])
    (directory / "inside").write_text(os.readlink("/proc/self/ns/net"), encoding="ascii")
    if mode == "hold":
        wait_for(lambda: (directory / "held").exists())
    elif mode == "hang":
        time.sleep(600)


def wait_for(condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("an awaited event did not happen")
        time.sleep(0.02)


def namespace(directory: Path) -> str:
    """The network namespace that the inside has reported."""
    file = directory / "inside"
    wait_for(lambda: file.exists() and file.read_text(encoding="ascii"))
    return file.read_text(encoding="ascii")


def processes_in(name: str) -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/ns/net") == name:
                found.append(pid)
        except OSError:
            pass
    return found


def start(mode: str, directory: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-B", HERE, mode, str(directory)], stdout=subprocess.PIPE, text=True)


def check_clean_end(directory: Path) -> None:
    runner = start("hold", directory)
    name = namespace(directory)
    with open(f"/proc/{processes_in(name)[0]}/ns/net", encoding="ascii"):  # no other gets its number meanwhile
        (directory / "held").touch()
        output = runner.communicate()[0]
        expect(f"exit code of a test that leaves a server running ({output})", runner.returncode, 0)
        expect("processes after it", processes_in(name), [])


def check_killed(directory: Path) -> None:
    runner = start("hang", directory)
    name = namespace(directory)
    inner = processes_in(name)
    expect("a process inside", bool(inner), True)
    with open(f"/proc/{inner[0]}/ns/net", encoding="ascii"):
        runner.kill()
        runner.wait()
        wait_for(lambda: not processes_in(name))


def check_numbers_stay_taken(directory: Path) -> None:
    """The kernel gives the number of a namespace that has ended to the next: to another test's, beside this one."""
    looked = []
    look = sandbox._leftovers

    def look_beside_another(own: set[str]) -> list[str]:
        another = sandbox._choose(needs_root=False) + ["readlink"] + [f"/proc/self/ns/{kind}" for kind in sandbox.KINDS]
        for _ in range(30):
            made = subprocess.run(another, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
            looked.append(own & set(made))
        return look(own)

    sandbox._leftovers = look_beside_another
    try:
        code = sandbox.run([HERE, "end", str(directory)], needs_root=False, seconds=PATIENCE_SECONDS * 3)
    finally:
        sandbox._leftovers = look
    expect("exit code", code, 0)
    expect("namespaces of the same number", [same for same in looked if same], [])
    expect("namespaces were made beside it", len(looked), 30)


def check_leftover_is_found(directory: Path) -> None:
    runner = start("hold", directory)
    inner = processes_in(namespace(directory))[0]
    user = [] if os.readlink(f"/proc/{inner}/ns/user") == os.readlink("/proc/self/ns/user") else ["--user", "--preserve-credentials"]
    holder = subprocess.Popen(["nsenter", f"--target={inner}", "--net", *user, "sleep", "600"])
    try:
        wait_for(lambda: str(holder.pid) in processes_in(namespace(directory)))
        (directory / "held").touch()
        output = runner.communicate()[0]
    finally:
        holder.kill()
        holder.wait()
    expect("exit code of a test that leaves a process behind", runner.returncode, 1)
    expect("the process is named", bool(re.search(rf"left behind: process {holder.pid}: sleep 600", output)), True)


def judge() -> int:
    if len(sys.argv) > 1:
        return sandbox.run(sys.argv, needs_root=False, seconds=PATIENCE_SECONDS * 3)
    for check in (check_clean_end, check_killed, check_leftover_is_found, check_numbers_stay_taken):
        with tempfile.TemporaryDirectory() as directory:
            check(Path(directory))
        print(f"ok: {check.__name__}")
    return 0


def main() -> int:
    if sandbox.is_inside():
        inside(sys.argv[1], Path(sys.argv[2]))
        return 0
    return demands.judged(judge)


if __name__ == "__main__":
    sys.exit(main())
