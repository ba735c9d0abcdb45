#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots one root with the initrds of mkpxerd, of an older mkpxerd and of other generators, in turn, on the same emulated
machine. Each table prints medians of interleaved boots as Markdown, all times by the guest's clock.

usage: bench/boot.py [--runs N] [--build DIRECTORY] [--baseline PROGRAM|DIRECTORY] [--peers DIRECTORY]
                     [--tables NAME...] [--only CONTENDER...] [--smp N...] [--probes SECONDS SECONDS SECONDS] [--report] (as root)

Network, servers and machine are those of tests/boot/lab: a namespace, no packet leaves it. The images are those of
bench/contenders.py, where mkpxerd is always one of them; the peers' are made in the roots of bench/make-peers.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import contenders as images
from contenders import EXPORT, SOURCE, Contender

from lab import demands, network, parts, sandbox, servers, slow_modules
from lab.guest import LACK, Guest

CONSOLE = "console=ttyS0 no_timer_check printk.time=1 panic=-1"
LONGEST_BOOT = 120  # seconds
MEMORY = 1024  # MiB, where it is not measured
LOWEST_MEMORY, HIGHEST_MEMORY = 64, 512  # MiB: no kernel boots in the former, all images boot in the latter
# What a machine says beside LACK when its kernel has not unpacked all of an image.
CUT_OFF = re.compile(r"Initramfs unpacking failed|Unable to mount root fs|No working init found")
KERNEL_LINE = re.compile(r"\[ *[0-9]+\.[0-9]+\]")
SLOW = ("slow_nic", "slow_nic2", "slow_disk")
SECONDS_OF_UNPACKING = (r"\[ *([0-9.]+)\] Trying to unpack rootfs image", r"\[ *([0-9.]+)\] Freeing initrd memory",
                        r"\[ *([0-9.]+)\] Run /init as init process")


class Machine:
    """Boots contenders, one at a time, with the servers that are there."""

    def __init__(self, directory: Path):
        self.directory, self.boots = directory, 0

    def start(self, contender: Contender, options: str, memory: int = MEMORY, processors: int = 1,
              devices: tuple[str, ...] = ()) -> Guest:
        self.boots += 1
        log = self.directory / f"{self.boots:03}-{contender.name}.log"
        return Guest(log, ["-global", "virtio-net-pci.romfile=", "-m", str(memory), "-smp", str(processors), "-kernel",
                           str(parts.kernel().image), "-initrd", contender.image, "-append", f"{CONSOLE} {options}", *devices])

    def arrival(self, contender: Contender, root: str, processors: int, more: str = "",
                devices: tuple[str, ...] = ()) -> tuple[float, float, list[str]]:
        """Seconds of the kernel's clock: "Run /init", and the first instruction of the new root; the console's lines."""
        guest = self.start(contender, f"loglevel=4 {contender.options[root]} {more}", processors=processors, devices=devices)
        try:
            arrived = guest.wait_for("arrival", r"ARRIVED init=([0-9.]+) now=([0-9.]+)", LONGEST_BOOT)
            guest.wait_end(LONGEST_BOOT)
        except AssertionError as error:
            raise AssertionError(f"{contender.name}, {root}: {error} (boot {self.boots})\n{guest.tail(20)}") from None
        finally:
            guest.stop()
        return float(arrived[1]), float(arrived[2]), guest.lines

    def unpacking(self, contender: Contender) -> tuple[float, float]:
        """Seconds that the kernel unpacked, and "Run /init". Usually the kernel unpacks beside its other work, and on one
        processor the lines of the log say nothing of how long: initramfs_async=0 makes it wait."""
        guest = self.start(contender, "loglevel=7 initramfs_async=0")
        try:
            begun, ended, init = (float(guest.wait_for(pattern, pattern, LONGEST_BOOT)[1]) for pattern in SECONDS_OF_UNPACKING)
        finally:
            guest.stop()
        return ended - begun, init

    def reaches(self, contender: Contender, root: str, memory: int) -> bool:
        """Whether a machine of so many MiB gets to the new root. Any end but a lack of memory is an error."""
        guest = self.start(contender, f"loglevel=4 mkpxerd.onfail=poweroff {contender.options[root]}", memory)
        try:
            guest.wait_for("arrival", "ARRIVED ", LONGEST_BOOT)
            return True
        except AssertionError as error:
            # A kernel without room for itself ends before it has a console.
            is_silent = "the guest ended" in str(error) and not any(KERNEL_LINE.search(line) for line in guest.lines)
            if is_silent or any(LACK.search(line) or CUT_OFF.search(line) for line in guest.lines):
                return False
            raise AssertionError(f"{contender.name} with {memory} MiB: {error}, and no word of memory (boot {self.boots})\n"
                                 f"{guest.tail(20)}") from None
        finally:
            guest.stop()


def least_memory(machine: Machine, contender: Contender, root: str) -> int:
    """Bisects -m of QEMU; its lowest 384 KiB below 1 MiB are no memory."""
    failed, booted = LOWEST_MEMORY, HIGHEST_MEMORY
    while booted - failed > 1:
        tried = (failed + booted) // 2
        if machine.reaches(contender, root, tried):
            booted = tried
        else:
            failed = tried
    return booted


def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    print(f"\n### {title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(f'{cell:.2f}' if isinstance(cell, float) else str(cell) for cell in row)} |")
    sys.stdout.flush()


class Bench:
    def __init__(self, arguments: argparse.Namespace, machine: Machine, directory: Path):
        self.arguments, self.machine, self.directory = arguments, machine, directory
        self.contenders = images.read(directory / "contenders")
        self.report: list[str] = []

    def bytes(self) -> None:
        own = self.contenders[0].bytes
        table("Bytes", ["", "bytes", "times mkpxerd's"], [[c.name, c.bytes, c.bytes / own] for c in self.contenders])

    def unpacking(self) -> None:
        measured = self.interleaved(self.contenders, self.machine.unpacking)
        table('The kernel\'s unpacking (initramfs_async=0)', ["", "unpacking s", "best", "worst", 'kernel start to "Run /init" s'],
              [[name, statistics.median(t[0] for t in times), min(t[0] for t in times), max(t[0] for t in times),
                statistics.median(t[1] for t in times)] for name, times in measured.items()])

    def boots(self, root: str, title: str) -> None:
        for processors in self.arguments.smp:
            measured = self.interleaved(self.able(root), lambda c, n=processors: self.machine.arrival(c, root, n))
            rows = []
            for name, times in measured.items():
                totals = [now for _, now, _ in times]
                rows.append([name, statistics.median(init for init, _, _ in times), statistics.median(totals), min(totals),
                             max(totals), statistics.median(now - init for init, now, _ in times)])
            for row in rows:
                row.append(row[2] / rows[0][2])
            table(f"{title}, -smp {processors}", ["", 'kernel start to "Run /init" s', "kernel start to /sbin/init s", "best", "worst",
                                                  '"Run /init" to /sbin/init s', "whole, times mkpxerd's"], rows)
            self.report = next(iter(measured.values()))[-1][2]

    def slow(self) -> None:
        """Boots with and without the devices of the drivers, so that the difference is what the probes cost."""
        seconds = dict(zip(SLOW, self.arguments.probes))
        words = " ".join(f"{name}.seconds={time}" for name, time in seconds.items())
        devices = slow_modules.devices(*SLOW)
        processors = self.arguments.smp[0]
        said = (f"probes of {', '.join(f'{time} s' for time in seconds.values())}: {sum(seconds.values())} s in all, the longest "
                f"{max(seconds.values())} s")
        for kind in images.SLOW_SETTINGS:
            contenders = images.read(self.directory / f"slow-{kind}")
            usual = self.interleaved(contenders, lambda c: self.machine.arrival(c, "http", processors)[1])
            slow = self.interleaved(contenders, lambda c: self.machine.arrival(c, "http", processors, words, devices)[1])
            rows = []
            for name, times in slow.items():
                without, median = statistics.median(usual[name]), statistics.median(times)
                rows.append([name, without, median, min(times), max(times), median - without])
            table(f"Two cards and a storage controller with slow probes, {kind}, -smp {processors} ({said})", ["", "kernel start to /sbin/init without the devices s", "with them s",
                                                           "best", "worst", "difference s"], rows)

    def memory(self) -> None:
        rows, problems = [], []
        for contender in self.able("nfs3"):
            try:
                rows.append([contender.name, least_memory(self.machine, contender, "nfs3")])
            except AssertionError as error:  # the others' figures hold
                rows.append([contender.name, "unknown"])
                problems.append(str(error))
        table("Least memory that reaches /sbin/init, NFS 3", ["", "MiB"], rows)
        if problems:
            raise AssertionError("\n".join(problems))

    def able(self, root: str) -> list[Contender]:
        return [contender for contender in self.contenders if root in contender.options]

    def interleaved(self, contenders: list[Contender], measure: Callable) -> dict[str, list]:
        measured: dict[str, list] = {contender.name: [] for contender in contenders}
        for _ in range(self.arguments.runs):
            for contender in contenders:
                measured[contender.name].append(measure(contender))
        return measured


TABLES: dict[str, Callable[[Bench], None]] = {
    "bytes": Bench.bytes,
    "unpacking": Bench.unpacking,
    "nfs3": lambda bench: bench.boots("nfs3", "A root by NFS 3"),
    "nfs4": lambda bench: bench.boots("nfs4", "A root by NFS 4.2"),
    "http": lambda bench: bench.boots("http", "A squashfs by HTTP"),
    "slow": Bench.slow,
    "memory": Bench.memory,
}


def make_root(directory: Path, program: Path) -> None:
    """One program, and the files that each init needs to hand over to it."""
    for name in ("dev", "etc", "proc", "run", "sbin", "sys", "tmp", "usr", "var"):
        (directory / name).mkdir(parents=True)
    shutil.copyfile(program, directory / "sbin" / "init")
    (directory / "sbin" / "init").chmod(0o755)
    (directory / "etc" / "os-release").write_text("ID=bench\n", encoding="ascii")


def serve(directory: Path, arrival: Path) -> list[servers.Server]:
    memory = directory / "export"
    memory.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(memory)], check=True)
    make_root(memory / "root", arrival)
    web = directory / "www"
    web.mkdir()
    parts.run_program([demands.tool("mksquashfs", "squashfs-tools"), str(memory / "root"), str(web / "root.squashfs"), "-noappend",
                       "-all-root", "-no-progress", "-quiet"])
    return [servers.dhcp_tftp(directory), servers.http(directory, web),
            servers.nfs(directory, {EXPORT: memory / "root"}, versions="3, 4")]


def inside(arguments: argparse.Namespace, directory: Path) -> int:
    sandbox.enter()
    started: list[servers.Server] = []
    bench = Bench(arguments, Machine(directory), directory)
    try:
        network.make()
        started += serve(directory, arguments.build / "bin" / "bench_arrival")
        print(describe_machine())
        for name in arguments.tables:
            TABLES[name](bench)
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
    finally:
        for server in started:
            server.stop()
    if arguments.report:
        print("\n".join(line.removeprefix("REPORT ") for line in bench.report if line.startswith("REPORT ")))
    return 0


def describe_machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="ascii"))
    emulator = parts.run_program([demands.tool("qemu-system-x86_64", "qemu-system-x86"), "--version"]).splitlines()[0]
    return (f"{os.cpu_count()} processors ({model[1] if model else 'unknown'}), Linux {os.uname().release}, load "
            f"{os.getloadavg()[0]:.2f}; {emulator} without KVM; guest {parts.kernel().version}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "release")
    parser.add_argument("--baseline", type=Path, help="an older mkpxerd, as a program or a build directory")
    parser.add_argument("--peers", type=Path, default=SOURCE / "build" / "bench", help="directory of bench/make-peers")
    parser.add_argument("--tables", nargs="+", choices=list(TABLES), default=list(TABLES))
    parser.add_argument("--only", nargs="+", choices=list(images.MAKERS), default=list(images.MAKERS), help="contenders beside mkpxerd")
    parser.add_argument("--smp", nargs="+", type=int, default=[1, 2], help="processors of the machine")
    parser.add_argument("--probes", nargs=len(SLOW), type=int, default=[4, 6, 8], metavar="SECONDS",
                        help=f"how long {', '.join(SLOW)} probe")
    parser.add_argument("--report", action="store_true", help="print mkpxerd's report of its last boot")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    return arguments


def main() -> int:
    arguments = parse()
    directory = arguments.build / "bench" / "boot"
    if sandbox.is_inside():
        return inside(arguments, directory)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    try:
        maker = images.Images(arguments, directory)
        wanted = {"mkpxerd", *arguments.only}
        contenders = [made for name, make in images.MAKERS.items() if name in wanted and (made := make(maker))]
        images.write(directory / "contenders", contenders)
        if "slow" in arguments.tables:
            for kind, made in maker.with_slow_drivers().items():
                images.write(directory / f"slow-{kind}", made)
        boots = len(contenders) * len(arguments.tables) * len(arguments.smp) * max(arguments.runs, 10)
        return sandbox.run(sys.argv, True, 60 + boots * LONGEST_BOOT)
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
