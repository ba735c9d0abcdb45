# SPDX-License-Identifier: MIT
"""What the guests boot. prepare() makes the modloop once; the rest is made by each test in its own folder."""

import dataclasses
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import demands

SOURCE = Path(__file__).resolve().parents[3]

# A module that no image has and that needs no other: what the new root loads to prove that modules are loadable.
PROOF_MODULE = "minix"
PROOF_MODULE_PATH = "kernel/fs/minix/minix.ko"


@dataclasses.dataclass(frozen=True)
class Kernel:
    root: Path  # holds boot/ and lib/modules/
    version: str

    @property
    def image(self) -> Path:
        return self.root / "boot" / f"vmlinuz-{self.version}"

    @property
    def modules(self) -> Path:
        return self.root / "lib" / "modules" / self.version


def kernel() -> Kernel:
    """The kernel that scripts/test-kernel unpacked."""
    root = Path(os.environ.get("MKPXERD_TEST_KERNEL", SOURCE / "build" / "kernel"))
    versions = sorted(path.parent.name for path in root.glob("lib/modules/*/modules.dep"))
    if not versions:
        raise demands.Missing(f"no kernel in {root} (run: scripts/test-kernel {root})")
    return Kernel(root, versions[-1])


@dataclasses.dataclass(frozen=True)
class Parts:
    """Paths in the build tree."""

    build: Path

    @property
    def image(self) -> Path:
        """Written by the test cli.image."""
        return self.build / "tests" / "image" / "pxerd"

    @property
    def folder(self) -> Path:
        return self.build / "tests" / "boot" / "parts"

    @property
    def modloop(self) -> Path:
        return self.folder / "modloop.squashfs"

    @property
    def proof(self) -> Path:
        return self.build / "tests" / "boot" / "proof"


def prepare(parts: Parts) -> None:
    """Makes the modloop that all tests serve."""
    of = kernel()
    shutil.rmtree(parts.folder, ignore_errors=True)
    parts.folder.mkdir(parents=True)
    make_modloop(parts.modloop, parts.folder / "modloop", of)


def make_modloop(file: Path, staging: Path, of: Kernel) -> None:
    """A squashfs as Alpine's: modules/VERSION/... at its root."""
    copy_modules(of, staging / "modules" / of.version)
    command = [demands.tool("mksquashfs", "squashfs-tools"), str(staging), str(file), "-noappend", "-all-root",
               "-no-progress", "-quiet"]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"mksquashfs failed: {done.stdout}{done.stderr}")


def copy_modules(of: Kernel, destination: Path) -> None:
    """The module of the proof and the lists of the kernel."""
    target = destination / PROOF_MODULE_PATH
    target.parent.mkdir(parents=True)
    shutil.copyfile(of.modules / PROOF_MODULE_PATH, target)
    for name in ("modules.dep", "modules.alias", "modules.order", "modules.builtin"):
        shutil.copyfile(of.modules / name, destination / name)


def make_apkovl(file: Path, proof: Path, extra: dict[str, str] | None = None) -> None:
    """A gzip tar whose /sbin/init is the proof program; extra: path -> text."""
    with tarfile.open(file, "w:gz") as archive:
        for folder in ("etc", "sbin"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        texts = {"etc/hostname": "lab\n", **(extra or {})}
        for path, data, mode in [(path, text.encode(), 0o644) for path, text in texts.items()] + [
                ("sbin/init", proof.read_bytes(), 0o755)]:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))


def make_root(folder: Path, proof: Path, of: Kernel, resolv_conf: str) -> None:
    """A root file system to export: the proof as /sbin/init, mount points, and the module of the proof."""
    for name in ("dev", "etc", "proc", "run", "sbin", "sys", "tmp"):
        (folder / name).mkdir(parents=True)
    shutil.copyfile(proof, folder / "sbin" / "init")
    (folder / "sbin" / "init").chmod(0o755)
    (folder / "etc" / "resolv.conf").write_text(resolv_conf, encoding="ascii")
    copy_modules(of, folder / "lib" / "modules" / of.version)
