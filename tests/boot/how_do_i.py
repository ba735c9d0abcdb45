#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/how-do-i.md, word for word: its commands, taken from the document, run in a system of their own (this one below a
layer of memory), as root unless the document says otherwise. So do the RUN lines of its Dockerfile.

apt-get is played, as a namespace has no package manager. The system gets what the document takes for granted: firmware,
a root in /srv/root, and an initrd of another tool.

usage: how_do_i.py --build DIR
"""

import re
import subprocess

from lab import demands, parts
from lab.case import Lab, boot_case
from lab.system import System

DOCUMENT = parts.SOURCE / "docs" / "how-do-i.md"
ORDINARY_USER = "nobody"


def steps(document: str) -> list[tuple[str, str]]:
    """User and commands of each block."""
    found = re.findall(r"^(<!-- as nobody -->\n)?```(sh|dockerfile)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    blocks = []
    for user, kind, text in found:
        commands = text if kind == "sh" else "\n".join(re.findall(r"^RUN (.*)$", text, re.MULTILINE))
        blocks.append((ORDINARY_USER if user else "root", commands))
    titles = re.findall(r"^## (.*)$", document, re.MULTILINE)
    if len(titles) < 17 or len(blocks) < len(titles) or ORDINARY_USER not in dict(blocks):
        raise AssertionError(f"{len(blocks)} blocks of commands below {len(titles)} titles in {DOCUMENT}")
    anchors = set(re.findall(r"\]\(#([^)]*)\)", document))
    missing = anchors.symmetric_difference(re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles)
    if missing:
        raise AssertionError(f"the list at the top and the titles of {DOCUMENT} differ: {' '.join(sorted(missing))}")
    return blocks


def prepare(lab: Lab) -> System:
    for name, package in (("openssl", "openssl"), ("mksquashfs", "squashfs-tools"), ("busybox", "busybox-static"),
                          ("cpio", "cpio"), ("qemu-system-x86_64", "qemu-system-x86")):
        demands.tool(name, package)
    system = System(lab)
    system.play("apt-get", """[ "$*" != update ] || exit 0
[ "$1 $2" = "install -y" ] || exit 1
shift 2
for package; do # the kernel and mkpxerd itself are here already
    case $package in linux-image-*|/tmp/mkpxerd_*.deb) continue ;; esac
    grep -q "| $package " PACKAGES || { echo "$package is not in scripts/packages.txt"; exit 1; }
done""".replace("PACKAGES", str(parts.SOURCE / "scripts" / "packages.txt")))
    firmware = system.path("/usr/lib/firmware/rtl_nic")
    firmware.mkdir(parents=True, exist_ok=True)
    (firmware / "rtl8168h-2.fw").write_bytes(b"firmware")
    parts.make_root(system.path("/srv/root"), lab.parts.proof, lab.kernel, "")
    subprocess.run("find sbin etc | cpio -o -H newc --quiet | gzip > ../../boot/initrd.img", shell=True, check=True,
                   cwd=system.path("/srv/root"))
    system.run(f"mkdir -m 755 /tmp/{ORDINARY_USER} && chown {ORDINARY_USER} /tmp/{ORDINARY_USER}")
    return system


def run(lab: Lab) -> None:
    system = prepare(lab)
    for user, commands in steps(DOCUMENT.read_text(encoding="utf-8")):
        system.run(commands, user)
    print("every command of the document works")


if __name__ == "__main__":
    boot_case(run, needs_root=True)
