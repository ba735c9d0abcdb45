#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The image of every profile, as the test cli.profiles built it, boots what the profile is for.

usage: profiles.py --build DIR PROFILE | --list
"""

import dataclasses
import tarfile
from collections.abc import Callable
from pathlib import Path

from lab import demands, network, parts
from lab.case import Lab, boot_case
from lab.proof import Proof

WEB = f"http://{network.SERVER}"
MODULE = f"proof.module={parts.PROOF_MODULE}"


@dataclasses.dataclass(frozen=True)
class Case:
    options: str  # beside those that the profile brings
    prepare: Callable[[Lab], None]
    check: Callable[[Proof], None]
    profile: str = ""  # when the case is not named after it
    needs_root: bool = False  # nfs-ganesha opens files by handle


def root_directory(lab: Lab) -> Path:
    directory = lab.directory / "root"
    parts.make_root(directory, lab.parts.proof, lab.kernel, "")
    return directory


def nfs_root(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_nfs({"/srv/root": lambda directory: parts.make_root(directory, lab.parts.proof, lab.kernel, "")})


def squashed_root(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    parts.run_program([demands.tool("mksquashfs", "squashfs-tools"), str(root_directory(lab)), str(lab.web_root / "root.squashfs"),
                       "-noappend", "-all-root", "-no-progress", "-quiet"])


def packed_root(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    with tarfile.open(lab.web_root / "root.tar.gz", "w:gz", compresslevel=1) as archive:
        archive.add(root_directory(lab), ".")


def apkovl_and_modloop(lab: Lab) -> None:
    lab.serve_dhcp()
    lab.serve_http()
    parts.make_apkovl(lab.web_root / "node.apkovl.tar.gz", lab.parts.proof)
    (lab.web_root / "modloop").symlink_to(lab.parts.modloop)


def on(kind: str, modules_from: str) -> Callable[[Proof], None]:
    def check(proof: Proof) -> None:
        proof.check_system()
        proof.check_leased_address()
        proof.check_root(kind)
        proof.check_module(parts.PROOF_MODULE, modules_from)
    return check


CASES = {
    "network": Case(f"ip=dhcp root={WEB}/root.tar.gz", packed_root, on("tmpfs", "tmpfs")),
    "nfs-root": Case(f"root=nfs:{network.SERVER}:/srv/root", nfs_root, on("nfs4", "nfs"), needs_root=True),
    # Its packages are tested where there is an apk (packages.py): without them, an apkovl can be a system of its own.
    "diskless-alpine": Case(f"mkpxerd.optional=packages apkovl={WEB}/node.apkovl.tar.gz modloop={WEB}/modloop", apkovl_and_modloop, on("tmpfs", "squashfs")),
    "live": Case(f"root={WEB}/root.squashfs", squashed_root, on("overlay", "overlay")),
    "minimal-virtio": Case(f"apkovl={WEB}/node.apkovl.tar.gz modloop={WEB}/modloop", apkovl_and_modloop,
                           on("tmpfs", "squashfs")),
    "minimal-virtio_nfs": Case(f"root=nfs:{network.SERVER}:/srv/root", nfs_root, on("nfs4", "nfs"), "minimal-virtio",
                               needs_root=True),
}


def run(lab: Lab, case: Case) -> None:
    case.prepare(lab)
    name = case.profile or next(name for name, entry in CASES.items() if entry is case)
    image = lab.parts.build / "tests" / "image" / "profiles" / f"{name}.img"
    if lab.parts.form:
        image = lab.directory / "pxerd"
        parts.build_image(lab.parts, image, "--profile", name)
    lab.boot_direct(f"{case.options} {MODULE}", image)
    case.check(lab.until_proof())


if __name__ == "__main__":
    boot_case(run, cases=CASES)
