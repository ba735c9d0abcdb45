#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots one NFS root with the initrds of mkpxerd and of other generators, in turn, on the same emulated machine, and
prints what lies between the kernel's "Run /init" and the first instruction of the new root, by the guest's clock.

usage: bench/boot.py [--runs N] [--build DIRECTORY] [--peers DIRECTORY] [--only NAME...] [--report] (as root)

Network, servers and machine are those of tests/boot/lab: a namespace, no packet leaves it. Each image has the same
modules; the peers' are made in the roots of bench/make-peers.
"""

import argparse
import dataclasses
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "boot"))

from lab import demands, network, parts, sandbox, servers  # noqa: E402
from lab.guest import Guest  # noqa: E402

FEATURES = "base network dhcp nfs virtio"
EXPORT = "/srv/nfs/root"
CONSOLE = "console=ttyS0 loglevel=4 no_timer_check printk.time=1"
LONGEST_BOOT = 120  # seconds


@dataclasses.dataclass
class Contender:
    name: str
    image: Path
    options: str
    seconds: list[float] = dataclasses.field(default_factory=list)


class Images:
    """The images, created once outside the namespace."""

    def __init__(self, arguments: argparse.Namespace, directory: Path):
        self.build, self.peers, self.directory = arguments.build, arguments.peers, directory
        self.kernel = parts.kernel()

    def mkpxerd(self) -> Contender:
        image = self.directory / "mkpxerd"
        parts.run_program([str(self.build / "bin" / "mkpxerd"), "-q", "--no-cache", "-o", str(image), "-F", FEATURES,
                           "--kernel-root", str(self.kernel.root), self.kernel.version])
        return Contender("mkpxerd", image, f"ip=dhcp root=nfs:{network.SERVER}:{EXPORT}")

    def mkpxerd_nfs3(self) -> Contender:
        """The same image with NFS version 3, for comparison with peers that only support that."""
        return Contender("mkpxerd-nfs3", self.directory / "mkpxerd", f"ip=dhcp root=nfs:{network.SERVER}:{EXPORT} rootflags=vers=3")

    def modules(self) -> list[str]:
        listed = parts.run_program([str(self.build / "bin" / "mkpxerd"), "ls", str(self.directory / "mkpxerd")])
        return [Path(line).stem for line in listed.splitlines() if line.endswith(".ko")]

    def initramfs_tools(self) -> Contender | None:
        if not (root := self.peer_root("initramfs-tools")):
            return None
        conf = root / "boot-bench"
        shutil.rmtree(conf, ignore_errors=True)
        shutil.copytree(root / "etc" / "initramfs-tools", conf)
        (conf / "initramfs.conf").write_text("MODULES=list\nBUSYBOX=auto\nCOMPRESS=gzip\nDEVICE=\nNFSROOT=auto\n"
                                             "BOOT=nfs\nRUNSIZE=10%\nFSTYPE=auto\n", encoding="ascii")
        # Not by its list of modules: every boot would load all of them.
        hook = conf / "hooks" / "modules"
        hook.write_text("#!/bin/sh\n[ \"$1\" = prereqs ] && exit\n. /usr/share/initramfs-tools/hook-functions\n"
                        f"manual_add_modules {' '.join(self.modules())}\n", encoding="ascii")
        hook.chmod(0o755)
        parts.run_program(["chroot", str(root), "mkinitramfs", "-d", "/boot-bench", "-o", "/boot-bench/out",
                           self.kernel.version])
        return Contender("initramfs-tools", conf / "out",
                         f"boot=nfs ip=dhcp root=/dev/nfs nfsroot={network.SERVER}:{EXPORT} ro")

    def dracut(self) -> Contender | None:
        if not (root := self.peer_root("dracut")):
            return None
        conf = root / "boot-bench"
        shutil.rmtree(conf, ignore_errors=True)
        (conf / "empty").mkdir(parents=True)
        (conf / "empty.conf").write_text("", encoding="ascii")
        parts.run_program(["chroot", str(root), "dracut", "--conf", "/boot-bench/empty.conf", "--confdir", "/boot-bench/empty",
                           "--quiet", "--force", "--no-hostonly", "--no-hostonly-cmdline", "--gzip", "-m",
                           "base kernel-modules rootfs-block udev-rules network network-legacy nfs", "--drivers",
                           " ".join(self.modules()), "--kver", self.kernel.version, "/boot-bench/out"])
        return Contender("dracut", conf / "out", f"root=nfs:{network.SERVER}:{EXPORT} ip=dhcp rd.neednet=1 rd.shell=0 ro")

    def peer_root(self, name: str) -> Path | None:
        root = self.peers / name
        return root.resolve() if (root / ".complete").exists() else None


def make_root(directory: Path, program: Path) -> None:
    """One program, and the files that each init needs to hand over to it."""
    for name in ("dev", "etc", "proc", "run", "sbin", "sys", "tmp", "usr", "var"):
        (directory / name).mkdir(parents=True)
    shutil.copyfile(program, directory / "sbin" / "init")
    (directory / "sbin" / "init").chmod(0o755)
    (directory / "etc" / "os-release").write_text("ID=bench\n", encoding="ascii")


def boot(contender: Contender, directory: Path, kernel: Path) -> list[str]:
    """One boot; returns the console's lines."""
    log = directory / f"{contender.name}-{len(contender.seconds)}.log"
    guest = Guest(log, ["-global", "virtio-net-pci.romfile=", "-m", "1024", "-kernel", str(kernel), "-initrd", str(contender.image),
                        "-append", f"{CONSOLE} {contender.options}"])
    try:
        arrived = guest.wait_for("arrival", r"ARRIVED init=([0-9.]+) now=([0-9.]+)", LONGEST_BOOT)
        guest.wait_end(LONGEST_BOOT)
    except AssertionError as error:
        raise AssertionError(f"{contender.name}: {error} (console: {log})\n{guest.tail(20)}") from None
    finally:
        guest.stop()
    contender.seconds.append(float(arrived[2]) - float(arrived[1]))
    return guest.lines


def inside(arguments: argparse.Namespace, directory: Path) -> int:
    sandbox.enter()
    started: list[servers.Server] = []
    contenders = [Contender(*line.split("\t")) for line in (directory / "contenders").read_text(encoding="utf-8").splitlines()]
    for contender in contenders:
        contender.image = Path(contender.image)
    try:
        network.make()
        memory = directory / "export"
        memory.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(memory)], check=True)
        make_root(memory / "root", arguments.build / "bin" / "bench_arrival")
        started.append(servers.dhcp_tftp(directory))
        # initramfs-tools' client only supports version 3.
        versions = "3, 4" if any(c.name in ("initramfs-tools", "mkpxerd-nfs3") for c in contenders) else "4"
        started.append(servers.nfs(directory, {EXPORT: memory / "root"}, versions=versions))
        lines: list[str] = []
        for _ in range(arguments.runs):
            for contender in contenders:
                said = boot(contender, directory, parts.kernel().image)
                lines = said if contender.name == "mkpxerd" else lines
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
    finally:
        for server in started:
            server.stop()
    print_table(contenders)
    if arguments.report:
        print("\n".join(line.removeprefix("REPORT ") for line in lines if line.startswith("REPORT ")))
    return 0


def print_table(contenders: list[Contender]) -> None:
    own = contenders[0]
    print("| | best s | median | worst | image bytes | best, times mkpxerd's |\n|---|---|---|---|---|---|")
    for contender in contenders:
        print(f"| {contender.name} | {min(contender.seconds):.3f} | {statistics.median(contender.seconds):.3f} | "
              f"{max(contender.seconds):.3f} | {contender.image.stat().st_size} | "
              f"{min(contender.seconds) / min(own.seconds):.2f} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "release")
    parser.add_argument("--peers", type=Path, default=SOURCE / "build" / "bench", help="directory of bench/make-peers")
    parser.add_argument("--only", nargs="*", help="names of contenders")
    parser.add_argument("--report", action="store_true", help="print mkpxerd's report of its last boot")
    arguments = parser.parse_args()
    arguments.build = arguments.build.resolve()
    directory = arguments.build / "bench" / "boot"
    if sandbox.is_inside():
        return inside(arguments, directory)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)

    def wanted(name: str) -> bool:
        return name == "mkpxerd" or not arguments.only or name in arguments.only
    try:
        images = Images(arguments, directory)
        makers = [images.mkpxerd, images.mkpxerd_nfs3, images.initramfs_tools, images.dracut]
        contenders = [c for c in (make() for make in makers if wanted(make.__name__.replace("_", "-"))) if c]
        (directory / "contenders").write_text("".join(f"{c.name}\t{c.image}\t{c.options}\n" for c in contenders), encoding="utf-8")
        return sandbox.run(sys.argv, True, 60 + arguments.runs * len(contenders) * LONGEST_BOOT)
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
