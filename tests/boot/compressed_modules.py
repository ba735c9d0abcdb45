#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compressed modules, and who decompresses them: the kernel if it can, or else the init.

The kernel of bookworm-backports has its modules in xz and decompresses that format; Debian 12's decompresses none.

usage: compressed_modules.py --build DIR CASE | --list
"""

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

from lab import demands, network, parts
from lab.case import Lab, boot_case
from lab.parts import Kernel
from lab.proof import expect

TOOLS = {"zstd": ("zstd", ".zst", ("-q", "--rm")), "xz": ("xz-utils", ".xz", ("--check=crc32",))}
# Linux 6.12 allocates memory by cmpxchg16b, after which QEMU 7.2 leaves wrong flags: it panics without this.
CPU = ("-cpu", "qemu64,-cx16")
MODULE = re.compile(r"mkpxerd: module (\S+).* \((\S+), decompressed by the (init|kernel)\)")


@dataclasses.dataclass(frozen=True)
class Case:
    backports: bool
    form: str  # a name in TOOLS; empty: as the package has them
    by: str
    format: str


CASES = {
    "xz_by_kernel": Case(True, "", "kernel", "xz"),
    "zstd_by_init": Case(True, "zstd", "init", "zstd"),
    "zstd_on_debian": Case(False, "zstd", "init", "zstd"),
    "xz_on_debian": Case(False, "xz", "init", "xz"),
}


def recompressed(of: Kernel, root: Path, form: str, features: tuple[str, ...], lab: Lab) -> Kernel:
    """A tree with the modules of a small image in another form. It lacks the kernel's configuration, by which mkpxerd would
    know that the kernel alone could not load them."""
    plain = root.with_name("plain")
    parts.build_image(lab.parts, plain, *features, "--modules", "plain", of=of)
    parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "extract", str(plain), "-C", str(root), "lib/modules"])
    made = Kernel(root, of.version)
    package, suffix, arguments = TOOLS[form]
    tool = demands.tool(form, package)
    modules = [str(path) for path in made.modules.rglob("*.ko")]
    subprocess.run([tool, *arguments, *modules], check=True)
    expect("modules with the suffix", sorted(path.name for path in made.modules.rglob("*.ko*")),
           sorted(Path(path).name + suffix for path in modules))
    parts.run_program([demands.tool("depmod", "kmod"), "-b", str(root), made.version])
    made.image.parent.mkdir()
    shutil.copyfile(of.image, made.image)
    return made


def run(lab: Lab, case: Case) -> None:
    lab.kernel = parts.backports_kernel() if case.backports else lab.kernel
    features = ("-F", "base network dhcp virtio", "--lenient")
    if case.form:
        lab.kernel = recompressed(lab.kernel, lab.directory / "kernel", case.form, features, lab)
    image = lab.directory / "pxerd"
    parts.build_image(lab.parts, image, *features, "--modules", "keep", of=lab.kernel)
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
