#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds one module set with mkpxerd and with other generators, in turn, and prints medians and ratios as Markdown.

usage: bench/generators.py [--runs N] [--build DIRECTORY] [--baseline PROGRAM|DIRECTORY] [--peers DIRECTORY] [--mkinitfs SCRIPT]
                           [--booster PROGRAM] [--only WORD...]
       bench/generators.py --check: each of our own tables once and on a small set, and whether its images are right

The peers of --peers come from bench/make-peers and run in their roots (as root). Everything is warm in the page cache and
goes to one file system. What mkpxerd writes is on the disk when it ends; what the peers write may not be.
"""

import argparse
import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
KERNEL_ROOT = SOURCE / "build" / "kernel"
FEATURES = "base network dhcp nfs squashfs https virtio"
SMALL_FEATURES = "base dhcp nfs squashfs virtio"
SLOWEST = ("--modules=packed:xz", "-C", "xz")


def plain_name(path: str) -> str:
    """Of a module in the tree, for one that the image may hold compressed; empty: not a module."""
    name, ending, _ = path.partition(".ko")
    return name + ending if ending else ""


@dataclasses.dataclass
class Run:
    wall: float
    cpu: float
    memory: int  # bytes of the largest process
    size: int


def measure(command: list[str], output: Path | None, environment: dict[str, str] | None = None, keep: bool = False) -> Run:
    """keep: the output of the previous run stays in place, as in real use."""
    if output and not keep:
        output.unlink(missing_ok=True)
    started = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - started
    if status != 0 or (output and not output.exists()):
        sys.exit(f"{' '.join(command)[:300]} failed:\n{errors.decode(errors='replace')[-2000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, output.stat().st_size if output else 0)


@dataclasses.dataclass
class Contender:
    name: str
    command: list[str]
    output: Path | None
    before: Callable[[], None] = lambda: None  # not measured
    environment: dict[str, str] | None = None
    changes_input: bool = False
    keeps_output: bool = False
    runs: list[Run] = dataclasses.field(default_factory=list)

    def run(self) -> None:
        self.before()
        self.runs.append(measure(self.command, self.output, self.environment, self.keeps_output))

    def median(self, field: str) -> float:
        return statistics.median(getattr(run, field) for run in self.runs)


class Bench:
    def __init__(self, arguments: argparse.Namespace):
        self.arguments = arguments
        self.program = arguments.build.resolve() / "bin" / "mkpxerd"
        self.features = SMALL_FEATURES if arguments.check else FEATURES
        self.directory = arguments.build.resolve() / "bench" / "work"
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir(parents=True)
        self.version = sorted(path.parent.name for path in KERNEL_ROOT.glob("lib/modules/*/modules.dep"))[-1]
        self.modules = [entry.name.removesuffix(".ko") for entry in self.module_files(self.features)]
        print(f"{len(self.modules)} modules, {sum(file.stat().st_size for file in self.module_files(self.features))} bytes; "
              f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}\n")

    def module_files(self, features: str, *options: str) -> list[Path]:
        listed = subprocess.run([self.program, "-l", "-F", features, "--kernel-root", KERNEL_ROOT, *options, self.version],
                                check=True, text=True, capture_output=True).stdout.splitlines()
        return [KERNEL_ROOT / path for path in map(plain_name, listed) if path]

    # Contenders.
    def mkpxerd(self, name: str, *options: str, features: str = "", cache: Path | None = None,
                root: Path = KERNEL_ROOT, before: Callable[[], None] = lambda: None, program: Path | None = None) -> Contender:
        output = self.directory / "mkpxerd.img"
        command = [str(program or self.program), "-q", "-o", str(output), "-F", features or self.features, "--kernel-root", str(root), *options, self.version]
        environment = {"XDG_CACHE_HOME": str(cache)} if cache else None
        if not cache:
            command.insert(1, "--no-cache")
        return Contender(name, command, output, before, environment)

    def baseline(self, name: str, *options: str, cache: Path | None = None) -> Contender | None:
        """An older mkpxerd."""
        given = self.arguments.baseline
        if not given or self.arguments.check:
            return None
        return self.mkpxerd(name, *options, cache=cache, program=given / "bin" / "mkpxerd" if given.is_dir() else given)

    def initramfs_tools(self, compression: str) -> Contender | None:
        root = self.peer_root("initramfs-tools")
        if not root:
            return None
        conf = root / "bench"
        shutil.rmtree(conf, ignore_errors=True)
        shutil.copytree(root / "etc" / "initramfs-tools", conf)
        (conf / "initramfs.conf").write_text(
            f"MODULES=list\nBUSYBOX=auto\nCOMPRESS={compression}\nDEVICE=\nNFSROOT=auto\nRUNSIZE=10%\nFSTYPE=auto\n", encoding="ascii")
        (conf / "modules").write_text("\n".join(self.modules) + "\n", encoding="ascii")
        return Contender(f"initramfs-tools {compression}", ["chroot", str(root), "mkinitramfs", "-d", "/bench", "-o",
                                                             "/bench/out", self.version], conf / "out")

    def dracut(self, compression: str) -> Contender | None:
        root = self.peer_root("dracut")
        if not root:
            return None
        (root / "bench" / "empty").mkdir(parents=True, exist_ok=True)
        (root / "bench" / "empty.conf").write_text("", encoding="ascii")
        return Contender(f"dracut {compression}",
                         ["chroot", str(root), "dracut", "--conf", "/bench/empty.conf", "--confdir", "/bench/empty",
                          "--quiet", "--force", "--no-hostonly", "--no-hostonly-cmdline", f"--{compression}", "-m",
                          "base kernel-modules rootfs-block", "--drivers", " ".join(self.modules), "--kver", self.version,
                          "/bench/out"], root / "bench" / "out")

    def mkinitfs(self, compression: str) -> Contender | None:
        script = self.arguments.mkinitfs
        if not script:
            return None
        # Without it mkinitfs leaves programs out of its image, and succeeds.
        if subprocess.run(["lddtree", "-l", "/bin/sh"], stdout=subprocess.DEVNULL, check=False).returncode != 0:
            sys.exit("mkinitfs needs lddtree, and that python3-pyelftools for the python3 that comes first in PATH")
        output = self.directory / "mkinitfs.img"
        return Contender(f"mkinitfs {compression}",
                         ["sh", str(script), "-q", "-C", compression, "-F", self.features, "-o", str(output), self.version], output)

    def booster(self, compression: str, modules: list[str] | None = None) -> Contender | None:
        program = self.arguments.booster
        if not program:
            return None
        output = self.directory / "booster.img"
        config = self.directory / f"booster-{len(modules or self.modules)}.yaml"
        wanted = [name.replace("-", "_") for name in modules or self.modules]
        config.write_text("universal: true\nmodules: " + ",".join(["-*", *wanted]) + "\n", encoding="ascii")
        return Contender(f"booster {compression}",
                         [str(program), "build", "--config", str(config), "--compression", compression, "--init-binary",
                          str(self.arguments.booster_init), "--modules-dir", str(KERNEL_ROOT / "lib/modules" / self.version),
                          "--kernel-version", self.version, "-f", str(output)], output)

    @staticmethod
    def synced(contender: Contender | None) -> Contender | None:
        """With a sync, so that the output is on the disk at the end, as with mkpxerd."""
        if not contender:
            return None
        command = ["sh", "-c", 'out=$1; shift; "$@" && sync "$out"', "sh", str(contender.output), *contender.command]
        return dataclasses.replace(contender, name=f"{contender.name}, and sync", command=command, runs=[])

    def peer_root(self, name: str) -> Path | None:
        root = Path(self.arguments.peers) / name
        if self.arguments.check:
            return None
        return root.resolve() if (root / ".complete").exists() else None

    # Tables.
    def is_wanted(self, title: str) -> bool:
        return not self.arguments.only or any(word in title for word in self.arguments.only)

    def table(self, title: str, contenders: list[Contender | None], runs: int | None = None) -> None:
        there = [contender for contender in contenders if contender]
        if self.arguments.check:
            self.check(title, there)
            return
        if not self.is_wanted(title):
            return
        for _ in range(runs or self.arguments.runs):
            for contender in there:
                contender.run()
        own = there[0]
        print(f"### {title}\n\n| | wall s | min-max | CPU s | peak MB | bytes | wall, times {own.name} |\n|---|---|---|---|---|---|---|")
        for contender in there:
            walls = [run.wall for run in contender.runs]
            print(f"| {contender.name} | {contender.median('wall'):.3f} | {min(walls):.3f}-{max(walls):.3f} | "
                  f"{contender.median('cpu'):.3f} | {contender.median('memory') / 1e6:.0f} | {contender.median('size'):.0f} | "
                  f"{contender.median('wall') / own.median('wall'):.2f} |")
        print(flush=True)

    def check(self, title: str, contenders: list[Contender]) -> None:
        """Runs each once: mkpxerd can read the image, it has the requested modules, and the cache does not change it."""
        images: dict[tuple[str, ...], bytes] = {}
        for contender in contenders:
            contender.run()
            if contender.command[0] != str(self.program):
                continue
            listed = subprocess.run([self.program, "ls", contender.output], check=True, text=True, capture_output=True).stdout
            got = {Path(name).name for name in map(plain_name, listed.splitlines()) if name}
            if "--hardware" not in contender.command and not got >= {f"{name}.ko" for name in self.modules}:
                sys.exit(f"{title}: {contender.name} lacks {sorted({f'{n}.ko' for n in self.modules} - got)}")
            if contender.changes_input:
                continue
            wanted = tuple(word for word in contender.command if word != "--no-cache")
            image = contender.output.read_bytes()
            if images.setdefault(wanted, image) != image:
                sys.exit(f"{title}: {contender.name} has other bytes than without the cache")
        print(f"{title}: {len(contenders)} checked")

    def changed_tree(self) -> tuple[Path, Callable[[], None]]:
        """A copy of the kernel tree by links, for the contender with changed input, and a function that changes one module."""
        tree = self.directory / "tree"
        # Its real path: a link would be copied as a link, and the change would affect its target.
        subprocess.run(["cp", "-al", KERNEL_ROOT.resolve(), tree], check=True)
        victim = tree / self.module_files(self.features)[len(self.modules) // 2].relative_to(KERNEL_ROOT)
        original = victim.read_bytes()
        victim.unlink()
        victim.write_bytes(original)
        count = [0]

        def change() -> None:
            count[0] += 1
            victim.write_bytes(original + b"\0" * (512 * count[0]))
        return tree, change

    def forms_again(self, cache: Path) -> None:
        """Rebuilds in the default form and in the slowest, beside those of the baseline."""
        title = "Rebuilds, forms of modules"
        if not self.is_wanted(title):
            return
        contenders = [self.mkpxerd("default", cache=cache), self.baseline("baseline", cache=self.directory / "old-cache"),
                      self.mkpxerd(" ".join(SLOWEST), *SLOWEST, cache=cache)]
        for contender in filter(None, contenders):
            measure(contender.command, contender.output, contender.environment)
        self.table(title, contenders)

    def run(self) -> None:
        self.table("Cold, gzip", [self.mkpxerd("mkpxerd gzip", "-C", "gzip"), self.initramfs_tools("gzip"), self.dracut("gzip"),
                                  self.mkinitfs("gzip"), self.booster("gzip")])
        self.table("Cold, forms of modules", [
            self.mkpxerd("default"), self.baseline("baseline"), self.mkpxerd("--modules=plain", "--modules=plain"),
            self.mkpxerd(" ".join(SLOWEST), *SLOWEST), self.baseline("baseline -C xz", "-C", "xz")])
        self.table("Cold, zstd", [self.mkpxerd("mkpxerd zstd", "-C", "zstd"), self.initramfs_tools("zstd"),
                                  self.booster("zstd")])
        inputs = [str(file) for file in self.module_files(self.features)] + [str(self.program.parents[1] / "lib/mkpxerd/init")]
        copy = self.directory / "copy"
        self.table("Uncompressed", [Contender("cat", ["sh", "-c", 'out=$1; shift; cat "$@" >"$out"', "sh", str(copy), *inputs], copy),
                                    Contender("cat, and sync", ["sh", "-c", 'out=$1; shift; cat "$@" >"$out"; sync "$out"', "sh",
                                                                str(copy), *inputs], copy),
                                    self.mkpxerd("mkpxerd none", "-C", "none"), self.booster("none")])
        cache = self.directory / "cache"
        tree, change = self.changed_tree()
        warm = self.mkpxerd("warm, nothing changed", "-C", "gzip", cache=cache)
        measure(warm.command, warm.output, warm.environment)
        again = self.mkpxerd("warm, nothing changed, over the image of before", "-C", "gzip", cache=cache)
        again.output = self.directory / "again.img"
        again.command[again.command.index("-o") + 1] = str(again.output)
        again.keeps_output = True
        measure(again.command, again.output, again.environment)
        changed = self.mkpxerd("warm, one module changed", "-C", "gzip", root=tree, cache=cache, before=change)
        changed.changes_input = True
        ready = self.directory / "ready.img"
        shutil.copyfile(warm.output, ready)
        floor = Contender("the limit: read the inputs, write and sync the image", [
            "sh", "-c", 'out=$1 ready=$2; shift 2; cat "$@" >/dev/null; cat "$ready" >"$out"; sync "$out"', "sh", str(copy),
            str(ready), *inputs], copy)
        self.table("Rebuilds, gzip", [self.mkpxerd("cold", "-C", "gzip"), warm, again, changed, floor])
        self.forms_again(cache)
        if self.arguments.check:
            return
        slow = ("-C", "zstd", "--level", "19")
        again = self.mkpxerd("warm, nothing changed", *slow, cache=cache)
        measure(again.command, again.output, again.environment)
        self.table("Rebuilds, zstd level 19", [self.mkpxerd("cold", *slow), again], runs=2)
        everything = self.directory / "features"
        everything.mkdir()
        (everything / "everything.modules").write_text("kernel\n", encoding="ascii")
        options = ("-C", "none", "-P", str(everything), "--lenient")
        booster = self.booster("none", [file.stem for file in KERNEL_ROOT.glob("lib/modules/*/kernel/**/*.ko")])
        self.table("All modules of the kernel, uncompressed",
                   [self.mkpxerd("mkpxerd", *options, features="base everything"), booster, self.synced(booster)])
        card = self.directory / "card.modalias"
        card.write_text("pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00\nvirtio:d00000001v00001AF4\n", encoding="ascii")
        self.table("One virtio card (--hardware)",
                   [self.mkpxerd("mkpxerd gzip", "-C", "gzip", "--hardware", str(card), features="base network dhcp nfs virtio")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "release")
    parser.add_argument("--check", action="store_true", help="only check the images, without measurements")
    parser.add_argument("--peers", default=SOURCE / "build" / "bench", help="directory of bench/make-peers")
    parser.add_argument("--baseline", type=Path, help="an older mkpxerd, as a program or a build directory")
    parser.add_argument("--mkinitfs", type=Path, help="the script of Alpine's mkinitfs")
    parser.add_argument("--booster", type=Path)
    parser.add_argument("--booster-init", type=Path, default="/usr/lib/booster/init")
    parser.add_argument("--only", nargs="*", help="tables whose title contains one of these words")
    arguments = parser.parse_args()
    if not list(KERNEL_ROOT.glob("lib/modules/*/modules.dep")):
        print(f"SKIPPED: no kernel in {KERNEL_ROOT} (run: scripts/test-kernel {KERNEL_ROOT})")
        sys.exit(77)
    Bench(arguments).run()


if __name__ == "__main__":
    main()
