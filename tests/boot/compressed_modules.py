#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compressed modules, and who decompresses them: the kernel if it can, or else the init.

The kernel of bookworm-backports has its modules in xz and decompresses that format; Debian 12's decompresses none.

usage: compressed_modules.py --build DIR CASE | --list
"""

import dataclasses
import re

from lab import network, parts
from lab.case import Lab, boot_case
from lab.parts import Kernel
from lab.proof import expect

MODULE = re.compile(r"mkpxerd: module (\S+).* \((\S+), decompressed by the (init|kernel)\)")
# Linux 6.12 allocates memory by cmpxchg16b, after which QEMU 7.2 leaves wrong flags: it panics without this.
CPU = ("-cpu", "qemu64,-cx16")
FEATURES = ("-F", "base network dhcp virtio", "--lenient")


@dataclasses.dataclass(frozen=True)
class Case:
    modules: str  # of --modules
    format: str
    by: str
    backports: bool = False
    plain_tree: bool = False  # has every module uncompressed


CASES = {
    "packed": Case("packed", "zstd", "init"),
    "packed_xz": Case("packed:xz", "xz", "init"),
    "backports": Case("packed", "xz", "kernel", backports=True),  # what is compressed stays as it is
    "backports_packed": Case("packed", "zstd", "init", backports=True, plain_tree=True),
    "backports_packed_xz": Case("packed:xz", "xz", "kernel", backports=True, plain_tree=True),
}


def plain_tree(lab: Lab, of: Kernel) -> Kernel:
    """The modules of a small image, uncompressed."""
    tree = Kernel(lab.directory / "plain", of.version)
    image = lab.directory / "plain.img"
    parts.build_image(lab.parts, image, *FEATURES, "--modules", "plain", of=of)
    parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "extract", str(image), "-C", str(tree.root), "lib/modules"])
    return tree


def run(lab: Lab, case: Case) -> None:
    if case.backports:
        lab.kernel = parts.backports_kernel()
    image = lab.directory / "pxerd"
    tree = plain_tree(lab, lab.kernel) if case.plain_tree else lab.kernel
    parts.build_image(lab.parts, image, *FEATURES, "--modules", case.modules, of=tree)
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    lab.serve_dhcp()
    lab.serve_http()
    lab.boot_direct(f"ip=dhcp apkovl=http://{network.SERVER}/node.apkovl.tar.gz debug_init=modules", image, CPU)
    lab.until_proof()
    loaded = {match[1]: (match[2], match[3]) for line in lab.guest.lines if (match := MODULE.search(line))}
    expect("driver among the modules", "virtio_net" in loaded, True)
    expect("format, and who decompressed it", set(loaded.values()), {(case.format, case.by)})


if __name__ == "__main__":
    boot_case(run, cases=CASES)
