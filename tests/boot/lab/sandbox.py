# SPDX-License-Identifier: MIT
"""Runs a command as PID 1 of its own network, PID and mount namespace, and checks that nothing is left of them.

Without root wherever possible: then a user namespace gives the rights inside. All processes inside end with PID 1,
and PID 1 ends with this process: it holds one end of a pipe (the lifeline) and exits when the other end closes.
"""

import os
import socket
import subprocess
import sys
import threading
import time

from . import demands

LIFELINE = "MKPXERD_LAB_LIFELINE"
DYING_SECONDS = 2
KINDS = ("net", "pid", "mnt", "user")


def _unshare(with_root: bool) -> list[str]:
    command = [demands.tool("unshare", "util-linux"), "--net", "--pid", "--mount", "--fork", "--kill-child",
               "--mount-proc"]
    return command if with_root else command + ["--user", "--map-root-user"]


def _works(with_root: bool) -> bool:
    return subprocess.run(_unshare(with_root) + ["true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def _choose(needs_root: bool) -> list[str]:
    if needs_root:
        if os.geteuid() != 0:
            raise demands.Missing("this test needs root (its NFS server opens files by handle)")
        if not _works(with_root=True):
            raise demands.Missing("root may not make namespaces here (CAP_SYS_ADMIN is missing)")
        return _unshare(with_root=True)
    if _works(with_root=False):
        return _unshare(with_root=False)
    if os.geteuid() == 0 and _works(with_root=True):
        return _unshare(with_root=True)
    raise demands.Missing("user namespaces are not allowed here (sysctl kernel.unprivileged_userns_clone, "
                          "user.max_user_namespaces)")


def _namespaces_of(pid: str) -> set[str]:
    found = set()
    for kind in KINDS:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
        except OSError:
            pass  # ended meanwhile, or not ours
    return found


def _leftovers(namespaces: set[str]) -> list[str]:
    """Processes inside, and mounts that pin one of the namespaces."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if _namespaces_of(pid) & namespaces:
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found.append(f"process {pid}: {file.read().replace(bytes(1), b' ').decode(errors='replace')}")
            except OSError:
                pass
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
        found += [f"mount {line.split()[4]}" for line in file if line.split()[3] in namespaces]
    return found


def run(arguments: list[str], needs_root: bool, seconds: float) -> int:
    """Runs this Python with the arguments inside; returns its exit code, or 1 when something outlived it.

    Raises Missing when the namespaces cannot be made.
    """
    unshare = _choose(needs_root)
    lifeline, held = os.pipe()
    told, tell = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = dict(os.environ, **{LIFELINE: f"{lifeline} {tell.fileno()}"})
    child = subprocess.Popen(unshare + [sys.executable, "-B"] + arguments, env=environment,
                             pass_fds=(lifeline, tell.fileno()), stdin=subprocess.DEVNULL)
    os.close(lifeline)
    tell.close()
    try:
        code = child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"FAILED: the test did not end within {seconds:.0f} s")
        child.kill()
        child.wait()
        code = 1
    # Held open until all is judged: the kernel gives the number of a namespace that has ended to the next one.
    with told:
        inside = socket.recv_fds(told, 1, len(KINDS))[1]
    os.close(held)
    try:
        # Those that a rootless sandbox shares with us are not its own. When unshare was killed, its child is dying still.
        own = {os.readlink(f"/proc/self/fd/{namespace}") for namespace in inside} - _namespaces_of("self")
        deadline = time.monotonic() + DYING_SECONDS
        while (left := _leftovers(own)) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        for namespace in inside:
            os.close(namespace)
    for line in left:
        print(f"FAILED: left behind: {line}")
    return 1 if left else code


def is_inside() -> bool:
    return LIFELINE in os.environ


def enter() -> None:
    """Called first inside: gives these namespaces to the outside, and ends when the outside ends."""
    lifeline, tell = map(int, os.environ.pop(LIFELINE).split())
    os.set_inheritable(lifeline, False)
    inside = [os.open(f"/proc/self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in KINDS]
    with socket.socket(fileno=tell) as outside:
        socket.send_fds(outside, [b" "], inside)
    for namespace in inside:
        os.close(namespace)

    def follow() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
