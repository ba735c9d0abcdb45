# SPDX-License-Identifier: MIT
"""Kernel modules whose probes take seconds, and a kernel tree that has them: what a machine with slow drivers boots."""

import os
import re
import shutil
from pathlib import Path

from . import demands, parts
from .parts import Kernel, Parts

SOURCE = parts.SOURCE / "tests" / "boot" / "slow_module.c"

# name -> QEMU's device, which no other module of the tree drives, and its PCI ids
SLOW = {
    "slow_other": ("edu", 0x1234, 0x11E8),  # a class that no boot needs
    "slow_nic": ("pcnet", 0x1022, 0x2000),
    "slow_nic2": ("ne2k_pci", 0x10EC, 0x8029),
    "slow_disk": ("lsi53c895a", 0x1000, 0x0012),
}
# The same, whose driver probes beside the load of its module: the kernel returns at once from that, and from no other load
# until such probes have ended.
ASYNCHRONOUS = {"slow_async": ("am53c974", 0x1022, 0x2020)}
# What the tree has beside them: that of the usual card, and of its boots.
OTHERS = re.compile(r"/(virtio_net|net_failover|failover|virtio|virtio_ring|virtio_pci\w*|af_packet|nfs|nfsv3|nfsv4|lockd|"
                    r"grace|sunrpc|auth_rpcgss|fscache|netfs|dns_resolver|squashfs|loop|overlay)\.ko")


def headers() -> Path:
    """The kernel's headers that scripts/test-headers unpacked."""
    root = Path(os.environ.get("MKPXERD_TEST_HEADERS", parts.SOURCE / "build" / "kernel-headers"))
    directory = root / "usr" / "src" / f"linux-headers-{parts.kernel().version}"
    if not (directory / ".config").exists():
        raise demands.Missing(f"no headers of the test kernel in {root} (run: scripts/test-headers {root})")
    return directory


def build(directory: Path) -> list[Path]:
    """All modules of SLOW and ASYNCHRONOUS, each from the one source."""
    directory.mkdir(parents=True)
    all_of_them = SLOW | ASYNCHRONOUS
    lines = [f"obj-m := {' '.join(name + '.o' for name in all_of_them)}"]
    for name, (_, vendor, device) in all_of_them.items():
        shutil.copyfile(SOURCE, directory / f"{name}.c")
        more = " -DASYNCHRONOUS" if name in ASYNCHRONOUS else ""
        lines.append(f"CFLAGS_{name}.o := -DVENDOR={vendor:#x} -DDEVICE={device:#x}{more}")
    (directory / "Kbuild").write_text("\n".join(lines) + "\n", encoding="ascii")
    parts.run_program([demands.tool("make", "make"), "-C", str(headers()), f"M={directory}",
                       f"CC={demands.tool('gcc-12', 'gcc-12')}", "modules"])
    return [directory / f"{name}.ko" for name in all_of_them]


def tree(directory: Path) -> Kernel:
    """A kernel with these modules and those of OTHERS."""
    of = parts.kernel()
    slow = Kernel(directory, of.version)
    for line in (of.modules / "modules.dep").read_text(encoding="ascii").splitlines():
        path = line.split(":")[0]
        if OTHERS.search("/" + path):
            (slow.modules / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(of.modules / path, slow.modules / path)
    for module in build(directory / "build"):
        (slow.modules / "updates").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(module, slow.modules / "updates" / module.name)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copyfile(of.modules / name, slow.modules / name)
    parts.run_program([demands.tool("depmod", "kmod"), "-b", str(slow.root), slow.version])
    slow.image.parent.mkdir()
    slow.image.symlink_to(of.image)
    return slow


def image(of: Parts, directory: Path, modprobe_conf: str) -> Path:
    """An image with all modules of such a tree, and with these lines in its modprobe.d."""
    return image_by(of.build / "bin" / "mkpxerd", tree(directory / "slow-kernel"), directory, modprobe_conf)


def image_by(mkpxerd: Path, slow: Kernel, directory: Path, modprobe_conf: str) -> Path:
    """The same by this program, of a tree that was made before; in a directory of its own."""
    features = directory / "slow-features"
    features.mkdir(parents=True)
    (features / "slow.modules").write_text("kernel\nupdates\n", encoding="ascii")
    settings = directory / "settings" / "etc" / "modprobe.d"
    settings.mkdir(parents=True)
    (settings / "slow.conf").write_text(modprobe_conf, encoding="ascii")
    program, plain, overlay = str(mkpxerd), directory / "plain", directory / "overlay"
    parts.run_program([program, "-q", "-o", str(plain), "--kernel-root", str(slow.root), "-P", str(features),
                       "-P", str(parts.SOURCE / "features.d"), "-F", "base dhcp slow"])
    parts.run_program([program, "overlay", "-q", "-o", str(overlay), str(directory / "settings")])
    file = directory / "slow-image"
    file.write_bytes(plain.read_bytes() + overlay.read_bytes())
    return file


def devices(*names: str) -> tuple[str, ...]:
    """Arguments of QEMU for the devices of these modules."""
    return tuple(word for name in names for word in ("-device", (SLOW | ASYNCHRONOUS)[name][0] + (
        ",romfile=" if "nic" in name else "")))
