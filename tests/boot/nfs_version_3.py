#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A root by NFS version 3, from a server that has both: what is loaded for version 4 stays out."""

from lab import network, parts
from lab.case import Lab, boot_case
from lab.proof import expect

EXPORT = "/srv/nfs/root"


def run(lab: Lab) -> None:
    lab.serve_nfs({EXPORT: lambda directory: parts.make_root(directory, lab.parts.proof, lab.kernel, "")}, versions="3, 4")
    lab.serve_dhcp()
    lab.boot_direct(f"ip=dhcp root=nfs:{network.SERVER}:{EXPORT} rootflags=vers=3 proof.files=/proc/modules")
    proof = lab.until_proof()

    proof.check_system()
    proof.check_leased_address()
    mount = proof.check_root("nfs", f"{network.SERVER}:{EXPORT}")
    expect("version 3", "vers=3" in mount.options, True)
    loaded = [line.split()[0] for line in proof.files["/proc/modules"].splitlines()]
    expect("modules of a version", [name for name in ("nfsv3", "nfsv4") if name in loaded], ["nfsv3"])


if __name__ == "__main__":
    boot_case(run, needs_root=True)
