#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ip=client::gateway:netmask::, the short form, on a wire without any DHCP server."""

from lab import network, parts
from lab.case import Lab, boot_case
from lab.proof import expect

CLIENT = "10.77.0.7"


def run(lab: Lab) -> None:
    parts.make_apkovl(lab.web_root / "machine.apkovl.tar.gz", lab.parts.proof)
    (lab.web_root / "modloop.squashfs").symlink_to(lab.parts.modloop)
    lab.serve_http()
    lab.boot_direct(f"ip={CLIENT}::{network.SERVER}:{network.NETMASK}:: "
                    f"apkovl=http://{network.SERVER}/machine.apkovl.tar.gz "
                    f"modloop=http://{network.SERVER}/modloop.squashfs proof.module={parts.PROOF_MODULE}")
    proof = lab.until_proof()

    proof.check_system()
    expect("address", proof.address["address"], f"{CLIENT}/{network.PREFIX}")
    expect("gateway", proof.address["gateway"], network.SERVER)
    proof.check_root("tmpfs")
    proof.check_module(parts.PROOF_MODULE, "squashfs")


if __name__ == "__main__":
    boot_case(run)
