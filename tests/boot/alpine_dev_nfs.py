#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""alpine_dev=nfs:host:path: the medium is mounted read-only under /media/alpine and stays there after the handover."""

from lab import network, parts
from lab.case import Lab, boot_case
from lab.proof import expect

EXPORT = "/srv/nfs/depot"


def run(lab: Lab) -> None:
    parts.make_apkovl(lab.web_root / "machine.apkovl.tar.gz", lab.parts.proof)
    (lab.web_root / "modloop.squashfs").symlink_to(lab.parts.modloop)
    lab.serve_dhcp()
    lab.serve_http()
    lab.serve_nfs({EXPORT: lambda directory: (directory / "apks").mkdir()})
    lab.boot_direct(f"ip=dhcp alpine_dev=nfs:{network.SERVER}:{EXPORT} "
                    f"apkovl=http://{network.SERVER}/machine.apkovl.tar.gz "
                    f"modloop=http://{network.SERVER}/modloop.squashfs proof.module={parts.PROOF_MODULE}")
    proof = lab.until_proof()

    proof.check_system()
    proof.check_leased_address()
    proof.check_root("tmpfs")
    medium = proof.mounts["/media/alpine"]
    expect("file system on /media/alpine", medium.kind, "nfs4")
    expect("source of /media/alpine", medium.source, f"{network.SERVER}:{EXPORT}")
    expect("/media/alpine is mounted read-only", "ro" in medium.options, True)
    proof.check_module(parts.PROOF_MODULE, "squashfs")


if __name__ == "__main__":
    boot_case(run, needs_root=True)
