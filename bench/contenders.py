# SPDX-License-Identifier: MIT
"""The images that bench/boot.py compares, all with the modules of one profile, each by its own generator and in the form
that a user of it gets. They are made outside the namespace of the boots."""

import argparse
import dataclasses
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "tests" / "boot"))

from lab import network, parts, slow_modules  # noqa: E402

PROFILE = "network"
EXPORT = "/srv/nfs/root"
SQUASHFS = f"http://{network.SERVER}/root.squashfs"
NFS_ROOT = f"ip=dhcp root=nfs:{network.SERVER}:{EXPORT}"
# kind of machine with slow drivers -> modprobe.d: the machine needs what the usual card's driver asks for first
SLOW_SETTINGS = {"needed": "softdep virtio_net pre: slow_nic slow_nic2 slow_disk\n", "unneeded": ""}
# The kinds of root, and how mkpxerd's init is asked for each.
OWN_OPTIONS = {"nfs3": f"{NFS_ROOT} rootflags=vers=3", "nfs4": NFS_ROOT, "http": f"ip=dhcp overlaytmpfs root={SQUASHFS}"}


@dataclasses.dataclass
class Contender:
    name: str
    image: str
    options: dict[str, str]  # kind of root -> what the kernel's command line has for it; the others it cannot boot

    @property
    def bytes(self) -> int:
        return Path(self.image).stat().st_size


class Images:
    """Makes each contender, or returns None where a peer's root is missing."""

    def __init__(self, arguments: argparse.Namespace, directory: Path):
        self.arguments, self.directory = arguments, directory
        self.kernel = parts.kernel()

    def own(self, name: str, program: Path, *options: str) -> Contender:
        image = self.directory / name
        parts.run_program([str(program), "-q", "--no-cache", "-o", str(image), "--profile", PROFILE, *options,
                           "--kernel-root", str(self.kernel.root), self.kernel.version])
        return Contender(name, str(image), OWN_OPTIONS)

    def mkpxerd(self) -> Contender:
        return self.own("mkpxerd", self.program)

    def mkpxerd_xz(self) -> Contender:
        return self.own("mkpxerd-xz", self.program, "--modules=packed:xz", "-C", "xz")

    def mkpxerd_plain(self) -> Contender:
        return self.own("mkpxerd-plain", self.program, "--modules=plain")

    def nothing(self) -> Contender:
        """No modules: it boots no root, and shows what the kernel needs for itself."""
        return dataclasses.replace(self.own("nothing", self.program, "--no-kernel"), options={})

    def baseline(self) -> Contender | None:
        return self.own("baseline", self.older) if self.older else None

    def baseline_xz(self) -> Contender | None:
        return self.own("baseline-xz", self.older, "-C", "xz") if self.older else None

    def with_slow_drivers(self) -> dict[str, list[Contender]]:
        """By mkpxerd and by the older one, with the drivers of lab/slow_modules.py, for each of SLOW_SETTINGS."""
        directory = self.directory / "slow"
        tree = slow_modules.tree(directory / "kernel")
        programs = {"mkpxerd": self.program}
        if self.older and "baseline" in self.arguments.only:
            programs["baseline"] = self.older
        return {kind: [Contender(name, str(slow_modules.image_by(program, tree, directory / f"{kind}-{name}", settings)), OWN_OPTIONS)
                       for name, program in programs.items()] for kind, settings in SLOW_SETTINGS.items()}

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
        # Its client only supports version 3, and nothing in it fetches a root by HTTP.
        return self.peer("initramfs-tools", conf / "out",
                         {"nfs3": f"boot=nfs ip=dhcp root=/dev/nfs nfsroot={network.SERVER}:{EXPORT} ro"})

    def dracut(self) -> Contender | None:
        return self.of_dracut("dracut", "")

    def dracut_squash(self) -> Contender | None:
        """Its module squash only works with systemd."""
        return self.of_dracut("dracut-squash", " systemd systemd-initrd dracut-systemd squash")

    def of_dracut(self, name: str, more: str) -> Contender | None:
        if not (root := self.peer_root("dracut")):
            return None
        conf = root / "boot-bench"
        shutil.rmtree(conf, ignore_errors=True)
        (conf / "empty").mkdir(parents=True)
        (conf / "empty.conf").write_text("", encoding="ascii")
        parts.run_program(["chroot", str(root), "dracut", "--conf", "/boot-bench/empty.conf", "--confdir", "/boot-bench/empty",
                           "--quiet", "--force", "--no-hostonly", "--no-hostonly-cmdline", "--gzip", "-m",
                           f"base kernel-modules rootfs-block udev-rules network network-legacy nfs livenet dmsquash-live{more}",
                           "--drivers", " ".join(self.modules()), "--kver", self.kernel.version, "/boot-bench/out"])
        both = "ip=dhcp rd.neednet=1 rd.shell=0 ro"
        return self.peer(name, conf / "out", {
            "nfs3": f"root=nfs:{network.SERVER}:{EXPORT}:vers=3,nolock {both}", "nfs4": f"root=nfs:{network.SERVER}:{EXPORT} {both}",
            "http": f"root=live:{SQUASHFS} rd.live.image rd.live.overlay.overlayfs=1 {both}"})

    def peer(self, name: str, image: Path, options: dict[str, str]) -> Contender:
        """In the directory of all, as the next image of the same peer takes the place of this one."""
        shutil.move(image, self.directory / name)
        return Contender(name, str(self.directory / name), options)

    @property
    def older(self) -> Path | None:
        given = self.arguments.baseline
        return given / "bin" / "mkpxerd" if given and given.is_dir() else given

    @property
    def program(self) -> Path:
        return self.arguments.build / "bin" / "mkpxerd"

    def modules(self) -> list[str]:
        listed = parts.run_program([str(self.program), "-l", "--profile", PROFILE, "--kernel-root", str(self.kernel.root),
                                    self.kernel.version])
        return [name[:name.index(".ko")] for name in map(lambda line: Path(line).name, listed.splitlines()) if ".ko" in name]

    def peer_root(self, name: str) -> Path | None:
        root = self.arguments.peers / name
        return root.resolve() if (root / ".complete").exists() else None


# In the order of the tables; the first is what the others are compared with.
MAKERS: dict[str, Callable[[Images], Contender | None]] = {
    "mkpxerd": Images.mkpxerd, "mkpxerd-xz": Images.mkpxerd_xz, "mkpxerd-plain": Images.mkpxerd_plain,
    "nothing": Images.nothing, "baseline": Images.baseline, "baseline-xz": Images.baseline_xz,
    "initramfs-tools": Images.initramfs_tools, "dracut": Images.dracut, "dracut-squash": Images.dracut_squash}


def write(file: Path, contenders: list[Contender]) -> None:
    file.write_text(json.dumps([dataclasses.asdict(contender) for contender in contenders]), encoding="utf-8")


def read(file: Path) -> list[Contender]:
    return [Contender(**fields) for fields in json.loads(file.read_text(encoding="utf-8"))]
