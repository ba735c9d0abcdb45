#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The memory that a build prints is right: a machine with that much boots, and one with 12 MiB less does not.

usage: memory.py --build DIR CASE | --list
"""

import dataclasses
import re
from pathlib import Path

from lab import network, parts
from lab.case import STEP_SECONDS, Lab, boot_case
from lab.guest import LACK

EXPORT = "/srv/nfs/root"
ROOT = f"ip=dhcp root=nfs:{network.SERVER}:{EXPORT}"
TOO_MUCH = 12  # MiB: what may be printed beyond the least


@dataclasses.dataclass(frozen=True)
class Case:
    build: tuple[str, ...]
    profile: str = "network"
    baked: bool = False  # the options are in the image, and the kernel's command line has no root=


CASES = {
    "gzip": Case(("-C", "gzip")),
    "zstd": Case(("-C", "zstd")),
    "xz": Case(("-C", "xz")),
    "lz4": Case(("-C", "lz4")),
    "none": Case(("-C", "none")),
    "plain": Case(("--modules", "plain")),
    "plain_baked": Case(("--modules", "plain"), baked=True),
    "small": Case((), profile="minimal-virtio"),
}


def build(lab: Lab, case: Case, image: Path) -> int:
    """Returns the MiB that the build printed."""
    of = lab.kernel
    said = parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "--no-cache", "-o", str(image), "--profile", case.profile,
                              *case.build, *(("--cmdline", ROOT) if case.baked else ()), "--kernel-root", str(of.root),
                              of.version])
    told = re.search(r"^  memory   (\d+) MiB at least(?:, (\d+) MiB if the kernel's command line has no root=)?$", said, re.MULTILINE)
    if not told:
        raise AssertionError(f"no memory in the report: {said}")
    return int(told[2] or told[1]) if case.baked else int(told[1])


def lacks_memory(lab: Lab, case: Case, image: Path, memory: int) -> bool:
    """One boot. False: it reached the new root; an end of any other kind fails the test."""
    guest = lab.boot_direct("panic=-1" if case.baked else f"panic=-1 {ROOT}", image, ("-m", str(memory)))
    try:
        guest.wait_for(f"proof with {memory} MiB", "PROOF end", 3 * STEP_SECONDS)
        return False
    except AssertionError as error:
        if not any(LACK.search(line) for line in guest.lines):
            raise AssertionError(f"with {memory} MiB: {error}") from None
        print(f"with {memory} MiB: {error}")
        return True
    finally:
        guest.stop()


def run(lab: Lab, case: Case) -> None:
    lab.serve_dhcp()
    lab.serve_nfs({EXPORT: lambda directory: parts.make_root(directory, lab.parts.proof, lab.kernel, "")})
    image = lab.directory / "pxerd"
    told = build(lab, case, image)
    print(f"the build says {told} MiB, for an image of {image.stat().st_size} bytes")
    if lacks_memory(lab, case, image, told):
        raise AssertionError(f"{told} MiB are not enough")
    if not lacks_memory(lab, case, image, told - TOO_MUCH):
        raise AssertionError(f"{told - TOO_MUCH} MiB are enough")


if __name__ == "__main__":
    boot_case(run, needs_root=True, cases=CASES)
