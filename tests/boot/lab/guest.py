# SPDX-License-Identifier: MIT
"""A QEMU guest under TCG. Its serial console is a stream of lines with times; a test waits for the lines it expects."""

import dataclasses
import os
import re
import selectors
import subprocess
import time
from pathlib import Path

from . import demands, network
from .console import Console

GLANCE_SECONDS = 0.5  # how often a silent console is asked whether patience is over
MAC = "52:54:00:77:00:10"
CARD = "virtio-net-pci"  # the model that machines have
PANIC = re.compile(r"Kernel panic - not syncing: (.*)")
# What says that it was the memory: the kernel's words, and those of /init for a tree that was cut off or a full file system.
LACK = re.compile(r"deadlocked on memory|[Oo]ut of memory|Cannot allocate memory|failed MPX-(INIT-01|SYS-01)|"
                  r"No space left|invoked oom-killer")
FAILURE = re.compile(r"mkpxerd: failed (?P<code>\S+) (?P<stage>[^:]+): (?P<text>.*)")


@dataclasses.dataclass
class Milestone:
    name: str
    seconds: float  # since QEMU was started


class Guest:
    """One boot of one machine. Files of direct boots are given as arguments of QEMU. card: a model of QEMU, or none."""

    def __init__(self, log: Path, arguments: list[str], card: str = CARD):
        command = [
            demands.tool("qemu-system-x86_64", "qemu-system-x86"),
            "-accel", "tcg", "-cpu", "qemu64", "-m", "512", "-nographic", "-monitor", "none", "-serial", "stdio",
            "-no-reboot",
            "-netdev", f"tap,id=wire,ifname={network.TAP},script=no,downscript=no",
        ]
        if card:
            command += ["-device", f"{card},netdev=wire,mac={MAC},bootindex=1"]
        self.lines: list[str] = []
        self.milestones: list[Milestone] = []
        self.starved = 0.0  # seconds that its processor stood in the queue of a busy machine, at the last milestone
        self._times: list[float] = []
        self._next = 0  # the first line that no wait has passed yet
        self._console = Console()
        self._log = open(log, "w", encoding="utf-8")
        self._started = time.monotonic()
        self._process = subprocess.Popen(command + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    def wait_for(self, name: str, pattern: str, seconds: float, failure_expected: bool = False) -> re.Match:
        """The next line with the pattern; it becomes the milestone `name`.

        Fails at once when the guest panics, says that it failed, or ends; and after `seconds`.
        """
        wanted = re.compile(pattern)
        patience = Patience(self, seconds)
        while True:
            while self._next < len(self.lines):
                line, at = self.lines[self._next], self._times[self._next]
                self._next += 1
                if match := wanted.search(line):
                    self.milestones.append(Milestone(name, at))
                    self.starved = self.seconds_in_queue()
                    return match
                if panic := PANIC.search(line):
                    raise AssertionError(f"the kernel panicked before {name}: {panic[1]}")
                if not failure_expected and (failure := FAILURE.search(line)):
                    raise AssertionError(f"the init failed before {name}: {failure[0]}")
            if not self._read(patience):
                raise AssertionError(f"no {name} within {seconds:.0f} s" if patience.is_over()
                                     else f"the guest ended before {name}")

    def type(self, text: str) -> None:
        """On the serial console, as a person would."""
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def wait_end(self, seconds: float) -> None:
        """Until QEMU has ended by itself."""
        patience = Patience(self, seconds)
        while self._read(patience):
            pass
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the machine did not stop within {seconds:.0f} s") from None
        if code != 0:
            raise AssertionError(f"QEMU ended with {code}")

    def seconds_of(self, name: str) -> float:
        return next(m.seconds for m in self.milestones if m.name == name)

    def tail(self, lines: int) -> str:
        rest = self._console.rest()
        return "\n".join(self.lines[-lines:] + ([rest] if rest else []))

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._log.close()

    def seconds_in_queue(self) -> float:
        """Of the thread that waited longest: the emulated processor. /proc/PID/task/TID/schedstat: nanoseconds on a
        processor, nanoseconds in a run queue, time slices (kernel Documentation/scheduler/sched-stats.rst)."""
        longest = self.starved
        for file in Path("/proc", str(self._process.pid), "task").glob("*/schedstat"):
            try:
                longest = max(longest, int(file.read_text(encoding="ascii").split()[1]) / 1e9)
            except OSError:
                pass  # the thread has ended
        return longest

    def _read(self, patience: "Patience") -> bool:
        """Takes in what the console says next; false at its end or when patience is over."""
        while not self._selector.select(GLANCE_SECONDS):
            if patience.is_over():
                return False
        data = os.read(self._process.stdout.fileno(), 65536)
        if not data:
            return False
        now = time.monotonic() - self._started
        for line in self._console.feed(data):
            self.lines.append(line)
            self._times.append(now)
            self._log.write(f"{now:7.2f} {line}\n")
        self._log.flush()
        return True


class Patience:
    """Seconds in which the guest could have run: what it waits for a processor of a busy machine does not count."""

    def __init__(self, guest: Guest, seconds: float):
        self._guest, self._seconds = guest, seconds
        self._started, self._starved = time.monotonic(), guest.seconds_in_queue()

    def is_over(self) -> bool:
        starved = self._guest.seconds_in_queue() - self._starved
        return time.monotonic() - self._started - starved > self._seconds
