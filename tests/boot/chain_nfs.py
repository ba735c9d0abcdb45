#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""iPXE ROM to a root on NFS. Needs root: nfs-ganesha opens files by handle."""

from lab import network, parts
from lab.case import Lab, boot_case
from lab.proof import expect

EXPORT = "/srv/nfs/root"
OWN_NAMESERVER = "192.0.2.53"


def run(lab: Lab) -> None:
    lab.serve_http()
    lab.serve_nfs({EXPORT: lambda directory: parts.make_root(directory, lab.parts.proof, lab.kernel,
                                                          f"nameserver {OWN_NAMESERVER}\n")})
    lab.boot_chain(f"ip=dhcp root=nfs:${{next-server}}:{EXPORT} proof.module={parts.PROOF_MODULE}")
    proof = lab.until_proof()

    proof.check_system()
    proof.check_leased_address()
    root = proof.check_root("nfs4", f"{network.SERVER}:{EXPORT}")
    expect("root is mounted read-only", "ro" in root.options, True)
    proof.check_module(parts.PROOF_MODULE, "nfs")
    # The server's own configuration is left as it is.
    expect("nameserver", proof.resolv["nameserver"], OWN_NAMESERVER)


if __name__ == "__main__":
    boot_case(run, needs_root=True)
