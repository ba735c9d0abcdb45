# SPDX-License-Identifier: MIT
"""What the guests boot. prepare() makes the modloop once; the rest is made by each test in its own directory."""

import dataclasses
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import demands, network

SOURCE = Path(__file__).resolve().parents[3]

# A module that no image has and that needs no other: what the new root loads to prove that modules are loadable.
PROOF_MODULE = "minix"
PROOF_MODULE_PATH = "kernel/fs/minix/minix.ko"


# no_timer_check: an emulated timer that a busy machine delays is no broken one, on which the kernel would panic.
CONSOLE = "console=ttyS0 loglevel=4 no_timer_check"

SMALL_FEATURES = "base network dhcp nfs squashfs virtio"

# QEMU's name of a network card -> what it announces itself as.
CARDS = {
    "virtio-net-pci": "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00\n"
                      "pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00\nvirtio:d00000001v00001AF4",
    "e1000": "pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00",
    "e1000e": "pci:v00008086d000010D3sv00008086sd00000000bc02sc00i00",
    "rtl8139": "pci:v000010ECd00008139sv00001AF4sd00001100bc02sc00i00",
}


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
    return kernel_in(Path(os.environ.get("MKPXERD_TEST_KERNEL", SOURCE / "build" / "kernel")))


def backports_kernel() -> Kernel:
    """A newer one for virtual machines, which decompresses modules itself."""
    return kernel_in(Path(os.environ.get("MKPXERD_BACKPORTS_KERNEL", SOURCE / "build" / "kernel-backports")),
                     " bookworm-backports")


def kernel_in(root: Path, suite: str = "") -> Kernel:
    versions = sorted(path.parent.name for path in root.glob("lib/modules/*/modules.dep"))
    if not versions:
        raise demands.Missing(f"no kernel in {root} (run: scripts/test-kernel {root}{suite})")
    return Kernel(root, versions[-1])


@dataclasses.dataclass(frozen=True)
class Parts:
    """Paths in the build tree. form: the options of a build whose images these tests boot instead of the usual ones, as
    usual and small image; formed: where that image is."""

    build: Path
    form: tuple[str, ...] = ()
    formed: Path | None = None

    @property
    def image(self) -> Path:
        """Written by the test cli.image."""
        return self.formed or self.build / "tests" / "image" / "pxerd"

    @property
    def small_image(self) -> Path:
        """Of one virtio card: what a machine reads in a third of the time."""
        return self.formed or self.directory / "small"

    @property
    def bundle(self) -> Path:
        """For the cards of CARDS, served by the lab's server."""
        return self.directory / "bundle"

    @property
    def directory(self) -> Path:
        return self.build / "tests" / "boot" / "parts"

    @property
    def modloop(self) -> Path:
        return self.directory / "modloop.squashfs"

    @property
    def proof(self) -> Path:
        return self.build / "tests" / "boot" / "proof"


def prepare(parts: Parts) -> None:
    """Makes the modloop that all tests serve."""
    of = kernel()
    shutil.rmtree(parts.directory, ignore_errors=True)
    parts.directory.mkdir(parents=True)
    make_modloop(parts.modloop, parts.directory / "modloop", of)
    build_image(parts, parts.small_image, "-F", SMALL_FEATURES)
    make_bundle(parts)


def make_bundle(parts: Parts) -> None:
    """By `mkpxerd bundle`, of a kernel with the modules of a few cards and the one of the proof: a modloop of all modules
    takes minutes to pack, and is not what these tests are about."""
    of = kernel()
    hardware = parts.directory / "cards.modalias"
    hardware.write_text("\n".join(CARDS.values()) + "\n", encoding="ascii")
    features = ("-F", "base network dhcp squashfs virtio", "--hardware", str(hardware))
    build_image(parts, parts.directory / "drivers", *features)
    small = Kernel(parts.directory / "kernel", of.version)
    run_program([str(parts.build / "bin" / "mkpxerd"), "extract", str(parts.directory / "drivers"), "-C", str(small.root),
                 "lib/modules"])
    copy_modules(of, small.modules)
    shutil.copyfile(of.modules / "modules.builtin.modinfo", small.modules / "modules.builtin.modinfo")
    small.image.parent.mkdir()
    shutil.copyfile(of.image, small.image)
    run_program([demands.tool("depmod", "kmod"), "-b", str(small.root), small.version])
    apkovl = parts.directory / "machine.apkovl.tar.gz"
    make_apkovl(apkovl, parts.proof)
    # Patterns of features match little in so small a tree.
    run_program([str(parts.build / "bin" / "mkpxerd"), "bundle", "-o", str(parts.bundle), "--server", network.SERVER,
                 "--apkovl", str(apkovl), "--cmdline", f"{CONSOLE} proof.module={PROOF_MODULE}",
                 "--kernel-root", str(small.root), "--lenient", "-C", "zstd", *features])


def run_program(command: list[str]) -> str:
    """Returns what it said; a failure is one of the test."""
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command[:2])} failed: {done.stdout}{done.stderr}")
    return done.stdout


def build_image(parts: Parts, image: Path, *arguments: str, of: Kernel | None = None) -> None:
    """By mkpxerd, for the one card, the disks and the console that the machines have."""
    card = image.with_suffix(".modalias")
    card.write_text("pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00\nvirtio:d00000001v00001AF4\n"
                    "virtio:d00000002v00001AF4\nvirtio:d00000003v00001AF4\n", encoding="ascii")
    command = [str(parts.build / "bin" / "mkpxerd"), "-q", "-o", str(image), "--kernel-root", str((of or kernel()).root),
               "--hardware", str(card), *parts.form, *arguments]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"mkpxerd failed: {done.stderr}")


def without_end(image: Path, copy: Path) -> Path:
    """The image as far as it gets when something stops it."""
    data = image.read_bytes()
    copy.write_bytes(data[:len(data) * 9 // 10])
    return copy


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
        for directory in ("etc", "sbin"):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        texts = {"etc/hostname": "lab\n", **(extra or {})}
        for path, data, mode in [(path, text.encode(), 0o644) for path, text in texts.items()] + [
                ("sbin/init", proof.read_bytes(), 0o755)]:
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))


def make_disk(file: Path, label: str, directory: Path, uuid: str = "clear") -> None:
    """An ext4 file system with what is in the directory."""
    run_program([demands.tool("mke2fs", "e2fsprogs"), "-q", "-t", "ext4", "-L", label, "-U", uuid, "-d", str(directory),
                 "-E", "root_owner=0:0", str(file), "24M"])


def make_root(directory: Path, proof: Path, of: Kernel, resolv_conf: str) -> None:
    """A root file system to export: the proof as /sbin/init, mount points, and the module of the proof."""
    for name in ("dev", "etc", "proc", "run", "sbin", "sys", "tmp"):
        (directory / name).mkdir(parents=True)
    shutil.copyfile(proof, directory / "sbin" / "init")
    (directory / "sbin" / "init").chmod(0o755)
    (directory / "etc" / "resolv.conf").write_text(resolv_conf, encoding="ascii")
    copy_modules(of, directory / "lib" / "modules" / of.version)
